# Makes growth.yaml: the dental growth of Potthoff and Roy (Biometrika 1964;51:313) by nlme, lme4
# (with lmerTest and pbkrtest), glmmTMB and clubSandwich. Run in this folder: Rscript growth.R
suppressPackageStartupMessages({
  library(nlme); library(lmerTest); library(pbkrtest); library(glmmTMB); library(clubSandwich)
})
d <- as.data.frame(nlme::Orthodont)
d$id <- factor(as.character(d$Subject)); d$visit <- as.integer(factor(d$age))
d$girl <- as.numeric(d$Sex == "Female"); d$year <- factor(d$age)
number <- as.integer(d$id)
# Every third child missed the second visit, every fourth the last.
missed <- (d$visit == 2 & number %% 3 == 0) | (d$visit == 4 & number %% 4 == 1)
d$weight <- 1 + (number + d$visit) %% 3 / 2
d <- d[order(number, d$visit), ]; missed <- missed[order(number, d$visit)]
incomplete <- d[!missed, ]
digits <- function(x) signif(as.numeric(x), 12)
cases <- list()
add <- function(...) cases[[length(cases) + 1]] <<- list(...)
control <- glsControl(msTol = 1e-15, tolerance = 1e-14, maxIter = 1000, msMaxIter = 1000, opt = "nlminb")
model <- distance ~ girl * year
each <- varIdent(form = ~ 1 | year)
symm <- function() corSymm(form = ~ visit | id)
# gls divides a sum of squares of a fit by ML by n - p in its covariance, which no other program does
fit <- function(cor, var = NULL, reml = TRUE, data = incomplete)
  gls(model, data, correlation = cor, weights = var, method = if (reml) "REML" else "ML", control = control)
errors <- function(f) sqrt(diag(vcov(f) * (if (f$method == "ML") 1 - length(coef(f)) / f$dims$N else 1)))
structures <- list(
  us = list(symm(), each), cs = list(corCompSymm(form = ~ visit | id), NULL),
  csh = list(corCompSymm(form = ~ visit | id), each), ar1 = list(corAR1(form = ~ visit | id), NULL),
  ar1h = list(corAR1(form = ~ visit | id), each),
  sp_exp = list(corExp(6, form = ~ age | id), NULL), sp_gau = list(corGaus(3, form = ~ age | id), NULL))
for (name in names(structures)) for (reml in c(TRUE, FALSE)) {
  f <- fit(structures[[name]][[1]], structures[[name]][[2]], reml)
  add(program = "nlme::gls", covariance = name, restricted = reml, log_likelihood = digits(logLik(f)),
      estimates = digits(coef(f)), errors = digits(errors(f)))
}
incomplete$inverse <- 1 / incomplete$weight
for (name in c("us", "csh", "ar1")) {
  var <- varFixed(~ inverse)
  if (!is.null(structures[[name]][[2]])) var <- varComb(each, var)
  f <- fit(structures[[name]][[1]], var)
  add(program = "nlme::gls", covariance = name, restricted = TRUE, weighted = TRUE,
      log_likelihood = digits(logLik(f)), estimates = digits(coef(f)), errors = digits(errors(f)))
}
# boys and girls share no coefficient, so with a covariance each they are two fits
for (name in c("us", "cs", "ar1h")) {
  two <- lapply(split(incomplete, incomplete$girl), function(part)
    gls(distance ~ year, part, correlation = structures[[name]][[1]], weights = structures[[name]][[2]], control = control))
  add(program = "nlme::gls", covariance = name, restricted = TRUE, grouped = TRUE,
      log_likelihood = digits(sum(sapply(two, logLik))),
      estimates = digits(c(coef(two[[1]])[1], coef(two[[2]])[1] - coef(two[[1]])[1])),
      errors = digits(c(sqrt(vcov(two[[1]])[1, 1]), sqrt(vcov(two[[1]])[1, 1] + vcov(two[[2]])[1, 1]))))
}
# glmmTMB names heterogeneous structures cs and toep; its errors are of another kind, from one
# curvature of coefficients and covariance together
incomplete$time <- numFactor(incomplete$age)
theirs <- c(us = "us(year + 0 | id)", csh = "cs(year + 0 | id)", toeph = "toep(year + 0 | id)",
            ar1 = "ar1(year + 0 | id)", sp_exp = "exp(time + 0 | id)", sp_gau = "gau(time + 0 | id)")
for (name in names(theirs)) for (reml in c(TRUE, FALSE)) {
  f <- glmmTMB(as.formula(paste("distance ~ girl * year +", theirs[name])), incomplete, dispformula = ~ 0, REML = reml,
               control = glmmTMBControl(optCtrl = list(iter.max = 1e4, eval.max = 1e4, rel.tol = 1e-15, x.tol = 0)))
  add(program = "glmmTMB", covariance = name, restricted = reml, log_likelihood = digits(logLik(f)),
      estimates = digits(fixef(f)$cond))
}
# compound symmetry is a random intercept: Satterthwaite by lmerTest, Kenward and Roger by pbkrtest,
# which takes the expected information: that is the observed one only if nobody missed a visit
for (kind in c("complete", "incomplete")) {
  data <- if (kind == "complete") d else incomplete
  f <- lmer(distance ~ girl * year + (1 | id), data,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-13, maxfun = 1e6)))
  for (ddf in if (kind == "complete") c("Satterthwaite", "Kenward-Roger") else "Satterthwaite") {
    s <- coef(summary(f, ddf = ddf)); a <- anova(f, type = 3, ddf = ddf)
    add(program = if (ddf == "Satterthwaite") "lmerTest" else "pbkrtest", covariance = "cs", restricted = TRUE,
        data = kind, method = tolower(ddf), estimates = digits(s[, 1]), errors = digits(s[, 2]), freedom = digits(s[, 3]),
        p_values = digits(s[, 5]))
  }
}
# clubSandwich on gls: CR0 and CR3 are what mmrm calls empirical and jackknife
for (name in c("us", "csh", "ar1")) {
  f <- fit(structures[[name]][[1]], structures[[name]][[2]])
  for (kind in c("CR0", "CR3"))
    add(program = "clubSandwich", covariance = name, restricted = TRUE, sandwich = c(CR0 = "empirical", CR3 = "jackknife")[[kind]],
        errors = digits(sqrt(diag(vcovCR(f, cluster = incomplete$id, type = kind)))))
}
line <- function(x) if (length(x) > 1) paste0("[", paste(x, collapse = ", "), "]") else if (is.logical(x)) tolower(x) else as.character(x)
version <- function(p) paste(p, packageVersion(p))
out <- c("# Written by growth.R", paste0("made_by: [R ", getRversion(), ", ", paste(sapply(
  c("nlme", "lme4", "lmerTest", "pbkrtest", "glmmTMB", "clubSandwich"), version), collapse = ", "), "]"),
  "data: # child, girl, age, distance, weight, attended in the incomplete data",
  sprintf("  - [%s, %d, %d, %.1f, %.1f, %s]", d$id, d$girl, d$age, d$distance, d$weight, tolower(!missed)), "cases:")
for (case in cases) {
  case <- case[!sapply(case, is.null)]
  out <- c(out, paste0(c("  - ", rep("    ", length(case) - 1)), names(case), ": ", sapply(case, line)))
}
writeLines(out, "growth.yaml")
