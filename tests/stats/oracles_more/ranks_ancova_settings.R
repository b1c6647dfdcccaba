# Makes ranks_ancova_settings.json: t and rank tests at other levels, for arms that only a name or the spec tells, and models
# whose reference, levels, strata and covariates of two values the spec tells.
# Run in this folder, after ranks_ancova.R: Rscript ranks_ancova_settings.R
suppressPackageStartupMessages({ library(coin); library(emmeans); library(sandwich); library(MASS); library(jsonlite) })
digits <- function(x) signif(as.numeric(x), 15)
small <- read.csv("data/small_trial.csv", na.strings = ""); long <- read.csv("../oracles/data/t1_sledai_long.csv", na.strings = c("NA", ""))
wide <- read.csv("../oracles/data/t1_sri4.csv", na.strings = c("NA", ""))
small_file <- "data/small_trial.csv"; long_file <- "../oracles/data/t1_sledai_long.csv"; wide_file <- "../oracles/data/t1_sri4.csv"
cases <- list()
add <- function(id, method, spec, expect, tol = 1e-8, data = long_file)
  cases[[length(cases) + 1]] <<- list(id = id, data = data, spec = if (length(spec)) spec, expect = expect, tol_rel = tol, method = method)
at <- function(week) long[long$week == week & !is.na(long$chg), ]

two <- function(data, response, arm, active, control, stratum, level = .95) {
  x <- na.omit(data[data[[arm]] == active, response]); y <- na.omit(data[data[[arm]] == control, response])
  w <- t.test(x, y, conf.level = level); s <- t.test(x, y, var.equal = TRUE, conf.level = level)
  pair <- data[data[[arm]] %in% c(active, control) & !is.na(data[[response]]), ]; pair$a <- factor(pair[[arm]], c(control, active)); pair$b <- interaction(pair[stratum], drop = TRUE); pair$y <- pair[[response]]
  st <- wilcox_test(y ~ a | b, pair)
  one <- function(t) list(est = digits(mean(x) - mean(y)), se = digits(t$stderr), t = digits(t$statistic), df = digits(t$parameter), p = digits(t$p.value), lo = digits(t$conf.int[1]), hi = digits(t$conf.int[2]))
  out <- list(welch = one(w), student = one(s), W = digits(wilcox.test(x, y, exact = FALSE)$statistic), p_normal_cc = digits(wilcox.test(x, y, exact = FALSE)$p.value),
              stratified_z = digits(statistic(st)), stratified_p = digits(pvalue(st)), n = c(length(x), length(y)))
  if (!any(duplicated(c(x, y)))) { e <- wilcox.test(x, y, exact = TRUE, conf.int = TRUE, conf.level = level)
    out <- c(out, list(hodges_lehmann = digits(e$estimate), hl_exact_lo = digits(e$conf.int[1]), hl_exact_hi = digits(e$conf.int[2]))) }
  out
}
add("arm2_v_arm1_week4", "two_groups", list(strata = "region"), two(at(4), "chg", "arm", 2, 1, "region"))
add("two_groups_arm1_week6", "two_groups", list(conf_level = .8, strata = c("sledai_hi", "ocs_hi")), two(at(6), "chg", "arm", 1, 0, c("sledai_hi", "ocs_hi"), .8))
add("two_groups_week10", "two_groups_arm3_vs_arm2", list(conf.level = .99, strata = "region"), two(at(10), "chg", "arm", 3, 2, "region", .99))
add("words_with_the_control_first", "two_groups", list(arm = "low", response = "change", strata = "sex"), two(small, "change", "TRT01P", "Low", "Placebo", "sex"), data = small_file)
add("welch", "welch", list(active = "High", control = "Low", response = "pga", level = 90), { x <- two(small, "pga", "TRT01P", "High", "Low", "sex", .9); x$welch[c("est", "t", "df", "p", "lo", "hi")] }, data = small_file)
add("student_week2", "student", list(arms = c(0, 3), week = 2), two(at(2), "chg", "arm", 3, 0, "ocs_hi")$student)
k <- kruskal.test(chg ~ arm, at(1)); add("kruskal_wallis", "kruskal_wallis_week1", list(), list(H = digits(k$statistic), df = digits(k$parameter), p = digits(k$p.value)))
trend <- function(g) { j <- 0; for (a in seq_along(g)) for (b in seq_len(a - 1)) j <- j + sum(outer(g[[a]], g[[b]], ">") + outer(g[[a]], g[[b]], "==") / 2); list(J = digits(j), mean = digits((sum(lengths(g))^2 - sum(lengths(g)^2)) / 4)) }
add("jonckheere_levels", "jonckheere", list(levels = c("Placebo", "Low", "High"), response = "age"), trend(split(small$age, factor(small$TRT01P, c("Placebo", "Low", "High")))), data = small_file)

covariance <- function(id, data, formula, arm, spec, file, level = .95, method = "ancova", coefficients = TRUE) {
  f <- lm(as.formula(formula), data); s <- coef(summary(f)); ci <- confint(f, level = level)
  em <- function(weights) as.data.frame(summary(emmeans(f, arm, weights = weights), level = level))
  dif <- as.data.frame(summary(contrast(emmeans(f, arm), "trt.vs.ctrl"), infer = c(TRUE, TRUE), adjust = "none", level = level))
  cols <- function(x, value) list(est = digits(x[[value]]), se = digits(x$SE), df = digits(x$df[1]), lo = digits(x$lower.CL), hi = digits(x$upper.CL))
  out <- list(sigma = digits(sigma(f)), r2 = digits(summary(f)$r.squared), n = nobs(f), lsmeans_equal = cols(em("equal"), "emmean"), contrasts = c(cols(dif, "estimate"), list(t = digits(dif$t.ratio), p = digits(dif$p.value))))
  if (coefficients) out <- c(list(coef = lapply(rownames(s), function(t) list(term = t, est = digits(s[t, 1]), se = digits(s[t, 2]), lo = digits(ci[t, 1]), hi = digits(ci[t, 2]))), robust_se = lapply(setNames(nm = c("HC0", "HC3")), function(k) digits(sqrt(diag(vcovHC(f, k)))))), out)
  add(id, method, c(list(formula = gsub("factor\\((\\w+)\\)", "\\1", formula)), spec), out, 1e-8, file)
}
placebo <- small; placebo$TRT01P <- factor(placebo$TRT01P, c("Placebo", "Low", "High"))
covariance("covariate_of_two_values_by_arm", placebo, "change ~ TRT01P * biologic + age", "TRT01P", list(), small_file)
covariance("levels_of_the_spec", placebo, "change ~ TRT01P + age + sex", "TRT01P", list(levels = c("Placebo", "Low", "High"), conf_level = .9), small_file, .9, coefficients = FALSE)
low <- small; low$TRT01P <- relevel(factor(low$TRT01P), "Low")
covariance("reference_of_the_spec", low, "change ~ TRT01P + pga", "TRT01P", list(reference = "low"), small_file, coefficients = FALSE)
d4 <- at(4); d4$arm <- factor(d4$arm)
covariance("ancova_by_visit_in_the_name", d4, "chg ~ arm + sledai0 + region + ocs_hi", "arm", list(), long_file, method = "ancova_week4")
covariance("ancova_three_factors", d4, "chg ~ arm + region * ocs_hi + I(sledai0 / 10)", "arm", list(week = 4), long_file, .95)
pair <- droplevels(d4[d4$arm %in% c("0", "3"), ])
covariance("ancova_two_arms", pair, "chg ~ arm * sledai0 + region", "arm", list(visit = 4, arms = c(0, 3)), long_file)

odds <- function(id, data, formula, spec, file) { f <- polr(as.formula(formula), data, Hess = TRUE, control = list(reltol = 1e-16, maxit = 2000)); s <- coef(summary(f))
  add(id, "proportional_odds", c(list(formula = gsub("factor\\((\\w+)\\)", "\\1", formula)), spec), list(counts = as.vector(table(model.response(model.frame(f)))), term = rownames(s), est = digits(s[, 1]), se = digits(s[, 2]), log_lik = digits(logLik(f))), 1e-4, file) }
odds("polr_words", placebo, "factor(grade) ~ TRT01P + sex", list(), small_file)
wide$category <- factor(cut(wide$sledai0, c(-Inf, 8, 11, Inf), right = FALSE, labels = FALSE)); wide$arm <- factor(wide$arm)
odds("polr_left_closed", wide, "category ~ arm + region", list(cut = "left-closed at 8, 11", score = "sledai0"), wide_file)

versions <- function(...) sapply(c(...), function(p) as.character(packageVersion(p)), simplify = FALSE)
writeLines(toJSON(list(topic = "rank_and_ancova", created_with = c(list(R = as.character(getRversion())), versions("coin", "emmeans", "sandwich", "MASS")), cases = cases), auto_unbox = TRUE, digits = NA, null = "null", na = "null"), "ranks_ancova_settings.json")
