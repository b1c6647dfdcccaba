# Makes mmrm.json and data/lung_long.csv: mixed models for repeated measures by nlme and lme4
# (with lmerTest and pbkrtest), other programs than the one that ../oracles/mmrm.json is from.
# Run in this folder: Rscript mmrm.R
suppressPackageStartupMessages({
  library(nlme); library(lmerTest); library(pbkrtest); library(emmeans); library(jsonlite)
})
set.seed(411)
n <- 132; m <- 4
who <- data.frame(USUBJID = sprintf("PT%03d", 1:n), ARMCD = rep(c("PBO", "TRT", "TRT2"), length.out = n),
                  RACE = sample(c("Asian", "Black or African American", "White"), n, TRUE),
                  SEX = sample(c("F", "M"), n, TRUE), BASE = round(rnorm(n, 40, 8), 1))
root <- t(chol(outer(c(5, 6, 8, 9), c(5, 6, 8, 9)) * 0.65^abs(outer(1:m, 1:m, "-"))))
noise <- t(root %*% matrix(rnorm(n * m), m))
long <- merge(who, data.frame(AVISIT = paste0("VIS", 1:m), VISITN = c(1, 2, 4, 8)), by = NULL)
long <- long[order(long$USUBJID, long$VISITN), ]
long$AVAL <- round(20 + 0.4 * long$BASE + 2 * (long$ARMCD == "TRT") + 3 * (long$ARMCD == "TRT2") * (long$VISITN > 1) +
                     c(t(noise)), 3)
complete <- long
long$AVAL[runif(nrow(long)) < c(0.05, 0.15, 0.25, 0.3)[rep(1:m, n)]] <- NA
long$WEIGHT <- round(runif(nrow(long), 0.3, 1.5), 2)
write.csv(long, "data/lung_long.csv", row.names = FALSE, quote = FALSE, na = "")
write.csv(complete, "data/lung_complete.csv", row.names = FALSE, quote = FALSE)
long$id <- factor(long$USUBJID); long$visit <- as.integer(factor(long$AVISIT))
d <- subset(long, !is.na(AVAL))
complete$id <- factor(complete$USUBJID)

right <- "BASE + RACE + SEX + ARMCD * AVISIT"
model <- as.formula(paste("AVAL ~", right))
digits <- function(x) signif(as.numeric(x), 15)
table_of <- function(b, se, df) {
  t <- b / se; p <- 2 * pt(-abs(t), df)
  lapply(seq_along(b), function(k) list(term = names(b)[k], est = digits(b[k]), se = digits(se[k]),
                                        df = digits(df), t = digits(t[k]), p = digits(p[k])))
}
rows_of <- function(grid, keys) {
  s <- as.data.frame(summary(grid, infer = c(TRUE, TRUE), adjust = "none"))
  value <- intersect(c("emmean", "estimate"), names(s))
  low <- intersect(c("lower.CL", "asymp.LCL"), names(s)); high <- intersect(c("upper.CL", "asymp.UCL"), names(s))
  lapply(seq_len(nrow(s)), function(k) c(
    setNames(lapply(keys, function(x) as.character(s[[x]][k])), keys),
    list(est = digits(s[[value]][k]), se = digits(s$SE[k]), df = digits(s$df[k]),
         lo = digits(s[[low]][k]), hi = digits(s[[high]][k]))))
}
# nlme inflates the covariance of a fit by ML by n / (n - p), which no other program does
covariance_of <- function(f) vcov(f) * (if (f$method == "ML") 1 - length(coef(f)) / f$dims$N else 1)
of_gls <- function(f, df, sigma = NULL) {
  b <- coef(f); se <- sqrt(diag(covariance_of(f)))
  list(log_lik = digits(logLik(f)), n_obs = f$dims$N, coef = table_of(b, se, df), sigma = sigma)
}
sigma_of <- function(f, visits = m) {
  # among visits, from the fitted correlation and variance functions
  ratio <- rep(1, visits); names(ratio) <- paste0("VIS", 1:visits)
  vs <- f$modelStruct$varStruct
  if (!is.null(vs)) { w <- coef(vs, unconstrained = FALSE, allCoef = TRUE); ratio[names(w)] <- w }
  whole <- names(which(table(d$id) == visits))[1]
  r <- corMatrix(f$modelStruct$corStruct)[[whole]]
  s <- f$sigma * ratio
  lapply(1:visits, function(i) digits((outer(s, s) * r)[i, ]))
}
control <- glsControl(msTol = 1e-14, tolerance = 1e-13, maxIter = 500, msMaxIter = 500, opt = "nlminb")
fit_gls <- function(cor, var = NULL, reml = TRUE, data = d, formula = model)
  gls(formula, data, correlation = cor, weights = var, method = if (reml) "REML" else "ML", control = control)
each_visit <- varIdent(form = ~ 1 | AVISIT)
cases <- list()
add <- function(id, what, spec, expect, tol, by, data = "data/lung_long.csv")
  cases[[length(cases) + 1]] <<- list(id = id, what = what, data = data, spec = spec,
                                     expect = expect[!sapply(expect, is.null)], tol_rel = tol, made_by = by, method = "mmrm")
means <- function(f, df) {
  grid <- emmeans(qdrg(model, d, coef = coef(f), vcov = covariance_of(f), df = df), ~ ARMCD | AVISIT)
  list(lsmeans = rows_of(grid, c("ARMCD", "AVISIT")),
       contrasts_vs_placebo = rows_of(contrast(grid, "trt.vs.ctrl"), c("contrast", "AVISIT")))
}
free <- nrow(d) - length(coef(fit_gls(corCompSymm(form = ~ 1 | id))))

gls_case <- function(name, cor, var, reml, extra = list(), tol = 1e-5, formula = right) {
  f <- fit_gls(cor, var, reml, formula = as.formula(paste("AVAL ~", formula)))
  expect <- of_gls(f, nrow(d) - length(coef(f)), if (length(extra) == 0) sigma_of(f))
  if (formula == right) expect <- c(expect, means(f, free))
  add(paste(name, if (reml) "reml" else "ml", sep = "_"), paste("nlme::gls", name, if (reml) "REML" else "ML"),
      c(list(formula = paste("AVAL ~", formula), covariance = sub("_.*", "", name), method = "Residual", reml = reml), extra),
      expect, tol, "nlme::gls, emmeans")
}
symm <- function() corSymm(form = ~ visit | id)
for (reml in c(TRUE, FALSE)) {
  gls_case("us", symm(), each_visit, reml, tol = 1e-3)
  gls_case("cs", corCompSymm(form = ~ visit | id), NULL, reml)
  gls_case("csh", corCompSymm(form = ~ visit | id), each_visit, reml, tol = 1e-3)
  gls_case("ar1", corAR1(form = ~ visit | id), NULL, reml)
  gls_case("ar1h", corAR1(form = ~ visit | id), each_visit, reml, tol = 1e-3)
}
gls_case("us_nested", symm(), each_visit, TRUE, list(vcov = "Asymptotic"), 1e-4, "BASE * AVISIT + SEX + SEX:ARMCD + RACE")

# spatial: the range of corExp is 1 / decay; distances are those of VISITN
for (kind in c("sp_exp", "sp_gau")) {
  cor <- if (kind == "sp_exp") corExp(6, form = ~ VISITN | id) else corGaus(3, form = ~ VISITN | id)
  f <- fit_gls(cor)
  add(paste0(kind, "_reml"), paste("nlme::gls", kind, "over VISITN"),
      list(formula = paste0("AVAL ~ ", right, " + ", kind, "(VISITN | USUBJID)"), method = "Residual"),
      of_gls(f, free), 1e-5, "nlme::gls")
}
# weights: the variance of a record is divided by its weight
d$inverse <- 1 / d$WEIGHT
f <- fit_gls(symm(), varComb(each_visit, varFixed(~ inverse)))
add("us_weighted", "nlme::gls, unstructured, weights a column",
    list(formula = paste("AVAL ~", right), covariance = "us", weights = "WEIGHT", method = "Residual"),
    of_gls(f, free), 1e-4, "nlme::gls")

# own covariance in each arm: arms share no coefficient, so each is fitted alone
by_arm <- lapply(split(d, d$ARMCD), function(part)
  gls(AVAL ~ BASE + AVISIT, part, correlation = symm(), weights = each_visit, control = control))
add("us_by_arm", "nlme::gls in each arm alone: the log likelihood is their sum",
    list(formula = "AVAL ~ ARMCD * BASE + ARMCD * AVISIT", covariance = "us", group = "ARMCD"),
    list(log_lik = digits(sum(sapply(by_arm, logLik))), n_obs = nrow(d),
         coef = table_of(coef(by_arm$PBO), sqrt(diag(vcov(by_arm$PBO))), NA) |>
           lapply(function(r) r[c("term", "est", "se")]) |> identity()), 5e-4, "nlme::gls")

# compound symmetry as a random intercept: lmerTest has Satterthwaite degrees of freedom
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-12, maxfun = 1e5))
lmer_case <- function(id, data, file, ddf, spec, tol) {
  f <- lmer(update(model, . ~ . + (1 | id)), data, control = tight)
  s <- coef(summary(f, ddf = ddf))
  coefs <- lapply(rownames(s), function(t) list(term = t, est = digits(s[t, 1]), se = digits(s[t, 2]),
                  df = digits(s[t, 3]), t = digits(s[t, 4]), p = digits(s[t, 5])))
  mode <- if (ddf == "Satterthwaite") "satterthwaite" else "kenward-roger"
  grid <- emmeans(f, ~ ARMCD | AVISIT, lmer.df = mode)
  a <- anova(f, type = 3, ddf = ddf)
  joint <- list(ARMCD_by_AVISIT = a["ARMCD:AVISIT", ], RACE = a["RACE", ])
  joint <- lapply(joint, function(r) list(num_df = digits(r$NumDF), denom_df = digits(r$DenDF),
                                          F = digits(r[["F value"]]), p = digits(r[["Pr(>F)"]])))
  add(id, paste("lmerTest, random intercept,", ddf), spec,
      list(n_obs = nrow(data), n_subjects = nlevels(droplevels(data$id)), coef = coefs, lsmeans = rows_of(grid, c("ARMCD", "AVISIT")),
           contrasts_vs_placebo = rows_of(contrast(grid, "trt.vs.ctrl"), c("contrast", "AVISIT")), joint = joint), tol,
      "lmerTest, emmeans, pbkrtest", file)
}
whole <- paste("AVAL ~", right)
lmer_case("cs_satterthwaite", d, "data/lung_long.csv", "Satterthwaite",
          list(formula = whole, covariance = "cs", method = "Satterthwaite"), 1e-4)
lmer_case("cs_kenward_roger_complete", complete, "data/lung_complete.csv", "Kenward-Roger",
          list(formula = whole, covariance = "cs", method = "Kenward-Roger-Linear"), 1e-5)

# An autoregression of order 3 can have any correlations at the three lags of four visits: Toeplitz.
for (reml in c(TRUE, FALSE)) {
  gls_case("toep", corARMA(c(0.3, 0.1, 0.1), form = ~ visit | id, p = 3), NULL, reml, tol = 1e-3)
  gls_case("toeph", corARMA(c(0.3, 0.1, 0.1), form = ~ visit | id, p = 3), each_visit, reml, tol = 1e-3)
}

writeLines(toJSON(list(topic = "mmrm", created_with = list(
  R = as.character(getRversion()), nlme = as.character(packageVersion("nlme")), lmerTest = as.character(packageVersion("lmerTest")),
  pbkrtest = as.character(packageVersion("pbkrtest")),
  emmeans = as.character(packageVersion("emmeans"))),
  notes = c("gls stops its search earlier than its figures' digits suggest; tolerances say where.",
            "Degrees of freedom of gls and its emmeans are residual ones."),
  cases = cases), auto_unbox = TRUE, digits = NA, null = "null", na = "null"), "mmrm.json")
