# Makes ranks_ancova.json and data/small_trial.csv: t and rank tests, analysis of covariance and
# proportional odds on data with ties, unequal arms, text arms and an ordered outcome.
# Run in this folder, after mmrm.R (whose data one case uses): Rscript ranks_ancova.R
suppressPackageStartupMessages({
  library(coin); library(emmeans); library(sandwich); library(MASS); library(ordinal); library(jsonlite)
})
set.seed(7)
n <- 66
d <- data.frame(id = 1:n, TRT01P = rep(c("Placebo", "Low", "High"), c(16, 24, 26)),
                sex = sample(c("F", "M"), n, TRUE), country = sample(c("CN", "DE", "UK"), n, TRUE),
                biologic = rbinom(n, 1, 0.4), age = round(runif(n, 20, 65)), pga = round(runif(n, 0.5, 2.8), 1))
d$change <- round(-2 - 1.5 * (d$TRT01P == "High") + 0.03 * d$age - 0.8 * d$pga + rnorm(n, 0, 2.4))
d$grade <- cut(d$change + rnorm(n), c(-Inf, -4, -2, 0, Inf), labels = FALSE)
d$change[c(3, 20, 41)] <- NA
write.csv(d, "data/small_trial.csv", row.names = FALSE, quote = FALSE, na = "")
d$TRT01P <- factor(d$TRT01P, c("Placebo", "Low", "High"))
digits <- function(x) signif(as.numeric(x), 15)
cases <- list()
add <- function(id, what, method, spec, expect, tol = 1e-7, data = "data/small_trial.csv")
  cases[[length(cases) + 1]] <<- list(id = id, what = what, data = data, spec = spec, expect = expect, tol_rel = tol, method = method)

two <- function(data, response, arm, active, control, stratum) {
  x <- na.omit(data[data[[arm]] == active, response]); y <- na.omit(data[data[[arm]] == control, response])
  w <- t.test(x, y); s <- t.test(x, y, var.equal = TRUE)
  ties <- length(unique(c(x, y))) < length(x) + length(y)
  pair <- data[data[[arm]] %in% c(active, control) & !is.na(data[[response]]), ]
  pair$a <- factor(pair[[arm]], c(control, active)); pair$b <- factor(pair[[stratum]]); pair$y <- pair[[response]]
  st <- wilcox_test(y ~ a | b, pair)
  out <- list(welch = list(est = digits(mean(x) - mean(y)), t = digits(w$statistic), df = digits(w$parameter), p = digits(w$p.value),
                           lo = digits(w$conf.int[1]), hi = digits(w$conf.int[2])),
              student = list(t = digits(s$statistic), df = digits(s$parameter), p = digits(s$p.value), lo = digits(s$conf.int[1])),
              W = digits(wilcox.test(x, y, exact = FALSE)$statistic),
              p_normal_cc = digits(wilcox.test(x, y, exact = FALSE)$p.value),
              p_normal = digits(wilcox.test(x, y, exact = FALSE, correct = FALSE)$p.value),
              stratified_z = digits(statistic(st)), stratified_p = digits(pvalue(st)), n = c(length(x), length(y)))
  if (!ties) { e <- wilcox.test(x, y, exact = TRUE, conf.int = TRUE)
    out <- c(out, list(p_exact = digits(e$p.value), hodges_lehmann = digits(e$estimate), hl_exact_lo = digits(e$conf.int[1]), hl_exact_hi = digits(e$conf.int[2]))) }
  else out <- c(out, list(p_exact = digits(pvalue(wilcox_test(y ~ a, pair, distribution = "exact")))))
  out
}
long <- read.csv("../oracles/data/t1_sledai_long.csv", na.strings = c("NA", ""))
at <- function(week) long[long$week == week, ]
add("two_groups_arm3", "arm 3 against placebo at week 12", "two_groups_arm3", NULL, two(at(12), "chg", "arm", 3, 0, "ocs_hi"), data = "../oracles/data/t1_sledai_long.csv")
add("two_groups_week8", "arm 3 against arm 1 at week 8, strata region", "two_groups", list(arm = 3, reference = 1, week = 8, strata = "region"),
    two(at(8), "chg", "arm", 3, 1, "region"), data = "../oracles/data/t1_sledai_long.csv")
add("two_groups_text", "ties, text arms in capitals", "two_groups", list(arm = "High", reference = "Placebo", response = "change", strata = "country"),
    two(d, "change", "TRT01P", "High", "Placebo", "country"))

trend <- function(data, response, arm) {
  g <- split(data[[response]], data[[arm]]); g <- lapply(g, na.omit); k <- kruskal.test(g)
  j <- 0; for (a in seq_along(g)) for (b in seq_len(a - 1)) j <- j + sum(outer(g[[a]], g[[b]], ">") + outer(g[[a]], g[[b]], "==") / 2)
  all <- unlist(g); N <- length(all); ni <- lengths(g); ti <- table(all)
  v <- (N * (N - 1) * (2 * N + 5) - sum(ni * (ni - 1) * (2 * ni + 5)) - sum(ti * (ti - 1) * (2 * ti + 5))) / 72 +
    sum(ni * (ni - 1) * (ni - 2)) * sum(ti * (ti - 1) * (ti - 2)) / (36 * N * (N - 1) * (N - 2)) + sum(ni * (ni - 1)) * sum(ti * (ti - 1)) / (8 * N * (N - 1))
  mu <- (N^2 - sum(ni^2)) / 4
  list(kruskal = list(H = digits(k$statistic), df = digits(k$parameter), p = digits(k$p.value)),
       jonckheere = list(J = digits(j), mean = digits(mu), var = digits(v), z = digits((j - mu) / sqrt(v)), p = digits(2 * pnorm(-abs((j - mu) / sqrt(v))))))
}
# van Elteren: Wilcoxon in each stratum, weights 1 / (size + 1); sign of the treated
elteren <- function(data, response, arm, active, control, stratum) {
  p <- data[data[[arm]] %in% c(active, control) & !is.na(data[[response]]), ]
  up <- 0; v <- 0
  for (s in split(p, p[[stratum]])) { m <- sum(s[[arm]] == active); N <- nrow(s); if (m %in% c(0, N)) next
    r <- rank(s[[response]]); w <- 1 / (N + 1); up <- up + w * (sum(r[s[[arm]] == active]) - m * (N + 1) / 2); v <- v + w^2 * m * (N - m) / N * var(r) }
  list(van_elteren_z = digits(up / sqrt(v)), van_elteren_p = digits(2 * pnorm(-abs(up / sqrt(v)))))
}
add("elteren_arm1_region", "van Elteren arm 1, strata region; Kruskal-Wallis and trend at week 4", "van_elteren_kw_jt", list(arm = 1, strata = "region", week = 4),
    c(elteren(at(4), "chg", "arm", 1, 0, "region"), trend(at(4), "chg", "arm")), data = "../oracles/data/t1_sledai_long.csv")
add("elteren_ties", "ties; text arms in the order that the settings give", "van_elteren_kw_jt",
    list(arm = "High", reference = "Placebo", arms = c("Placebo", "Low", "High"), response = "change", strata = "sex"),
    c(elteren(d, "change", "TRT01P", "High", "Placebo", "sex"), trend(d, "change", "TRT01P")))
add("kruskal_wallis", "two of the arms", "kruskal_wallis", list(arms = c("Low", "High"), response = "change"),
    list(kruskal = trend(droplevels(d[d$TRT01P != "Placebo", ]), "change", "TRT01P")$kruskal))
add("jonckheere_terpstra", "arms in the order Placebo, Low, High", "jonckheere_terpstra", list(arms = c("Placebo", "Low", "High"), response = "change"),
    trend(d, "change", "TRT01P")["jonckheere"])

covariance <- function(id, what, data, formula, arm, spec = list(), file = "data/small_trial.csv") {
  f <- lm(as.formula(formula), data); s <- coef(summary(f)); df <- f$df.residual
  ci <- confint(f)
  em <- function(weights) as.data.frame(summary(emmeans(f, arm, weights = weights)))
  dif <- function(weights = "equal") as.data.frame(summary(contrast(emmeans(f, arm, weights = weights), "trt.vs.ctrl"), infer = c(TRUE, TRUE), adjust = "none"))
  cols <- function(x, value) list(est = digits(x[[value]]), se = digits(x$SE), df = digits(x$df[1]), lo = digits(x$lower.CL), hi = digits(x$upper.CL))
  fct <- names(Filter(function(x) is.factor(x) || is.character(x), model.frame(f)[-1]))
  sum_to_zero <- setNames(rep(list("contr.sum"), length(fct)), fct)
  a <- drop1(lm(as.formula(formula), data, contrasts = sum_to_zero), . ~ ., test = "F")[-1, ]
  add(id, what, "ancova", c(list(formula = sub("factor\\(arm\\)", "arm", formula)), spec), list(
    coef = lapply(rownames(s), function(t) list(term = t, est = digits(s[t, 1]), se = digits(s[t, 2]), t = digits(s[t, 3]), p = digits(s[t, 4]), lo = digits(ci[t, 1]), hi = digits(ci[t, 2]))),
    robust_se = lapply(setNames(nm = c("HC0", "HC1", "HC2", "HC3")), function(k) digits(sqrt(diag(vcovHC(f, k))))),
    sigma = digits(sigma(f)), r2 = digits(summary(f)$r.squared), n = nobs(f), df = df,
    lsmeans_equal = cols(em("equal"), "emmean"), lsmeans_proportional = cols(em("proportional"), "emmean"),
    contrasts = c(cols(dif(), "estimate"), list(t = digits(dif()$t.ratio), p = digits(dif()$p.value))),
    type3_F = list(term = rownames(a), F = digits(a[["F value"]]), p = digits(a[["Pr(>F)"]]))), 1e-7, file)
}
covariance("ancova_text", "text arms, text covariates, a covariate of two values", d, "change ~ TRT01P + age + sex + country + biologic", "TRT01P")
covariance("ancova_interaction", "arm by covariate, type III", d, "change ~ TRT01P * age + sex * country", "TRT01P")
covariance("ancova_transformed", "functions of a covariate", d, "change ~ TRT01P + log(age) + I(pga^2) + pga", "TRT01P")
long$armf <- factor(long$arm)
at8 <- long[long$week == 8, ]; at8$armf <- factor(at8$arm)
covariance("ancova_week8", "week 8, region and site", at8, "chg ~ armf + sledai0 + region", "armf", list(formula = "chg ~ arm + sledai0 + region", week = 8), "../oracles/data/t1_sledai_long.csv")

odds <- function(id, what, data, formula, spec = list(), file = "data/small_trial.csv") {
  f <- clm(as.formula(formula), data = data, control = clm.control(gradTol = 1e-10)); b <- c(f$beta, f$alpha); v <- vcov(f)[names(b), names(b)]
  add(id, what, "proportional_odds", c(list(formula = sub("factor\\((\\w+)\\)", "\\1", formula)), spec),
      list(counts = as.vector(table(model.response(model.frame(f)))), term = names(b), est = digits(b), se = digits(sqrt(diag(v))), log_lik = digits(logLik(f))), 1e-6, file)
}
d$gradef <- factor(d$grade)
odds("odds_text", "ordinal::clm, a column of grades", d, "factor(grade) ~ TRT01P + age + sex")
odds("odds_country", "ordinal::clm, interaction", d, "factor(grade) ~ TRT01P * biologic + country")
base <- read.csv("../oracles/data/t1_sri4.csv")
base$category <- factor(cut(base$sledai0 - 10 * base$sri4_nri, c(-Inf, 0, 7, Inf), labels = FALSE)); base$armf <- factor(base$arm)
odds("odds_other_cuts", "two cuts, other covariates", base, "category ~ armf + sledai_hi + region",
     list(formula = "category ~ arm + sledai_hi + region", cut = "right-closed at 0, 7"), "../oracles/data/t1_sri4.csv")

for (k in seq_along(cases)) { s <- cases[[k]]$spec; if (!is.null(s)) cases[[k]]$spec <- s[!duplicated(names(s), fromLast = TRUE)] }
versions <- function(...) sapply(c(...), function(p) as.character(packageVersion(p)), simplify = FALSE)
writeLines(toJSON(list(topic = "rank_and_ancova", created_with = c(list(R = as.character(getRversion())), versions("coin", "emmeans", "sandwich", "ordinal")),
  notes = c("Jonckheere-Terpstra and van Elteren are written out in the script, no package has them with ties here.", "emmeans averages over a numeric covariate of two values as over a factor."),
  cases = cases), auto_unbox = TRUE, digits = NA, null = "null", na = "null"), "ranks_ancova.json")
