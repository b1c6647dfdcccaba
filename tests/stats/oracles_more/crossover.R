# Makes crossover.json and data/two_periods.csv: a crossover trial with other names, a treatment in
# words, unequal sequences, ties, a missing period and a missing baseline, and other outcomes.
# Run in this folder: Rscript crossover.R
suppressPackageStartupMessages({library(lme4); library(lmerTest); library(pbkrtest); library(nlme); library(survival); library(coin); library(jsonlite)})
set.seed(11)
n <- 34
d <- data.frame(subjid = rep(1:n, each = 2), seq = rep(rep(c("TP", "PT"), c(20, 14)), each = 2), aperiod = rep(c(1, 2), n))
d$trt <- ifelse((d$seq == "TP") == (d$aperiod == 1), "verum", "placebo")
d$on <- as.integer(d$trt == "verum")
u <- rep(rnorm(n, 0, 1.2), each = 2); g <- rep(rgamma(n, 2, 2), each = 2)
d$base <- round(8 + u + rnorm(2 * n, 0, 1), 1)
d$score <- round(9 + u - 1.4 * d$on + 0.6 * d$aperiod + rnorm(2 * n, 0, 1.3))
d$smooth <- round(9 + u - 1.1 * d$on + 0.5 * d$aperiod + rnorm(2 * n, 0, 1.3), 4)
d$flare <- rbinom(2 * n, 1, plogis(0.8 * u - 0.8 * d$on + 0.4))
d$relapses <- rpois(2 * n, 2.2 * g * exp(-0.7 * d$on + 0.2 * (d$aperiod == 2)))
d$days <- rep(c(70, 84), n) - sample(0:9, 2 * n, TRUE)
load <- round(10^(2.4 + 0.3 * u - 0.4 * d$on + rnorm(2 * n, 0, 0.6)))
d$below_limit <- as.integer(load < 120); d$load <- pmax(load, 120)
d <- d[-c(6, 41), ]
d$base[c(10, 30)] <- NA
write.csv(d, "data/two_periods.csv", row.names = FALSE, quote = FALSE, na = "")
digits <- function(x) signif(as.numeric(x), 15)
cases <- list()
add <- function(id, what, method, spec, expect, tol = 1e-6, data = "data/two_periods.csv")
  cases[[length(cases) + 1]] <<- list(id = id, what = what, data = data, spec = spec, expect = expect, tol_rel = tol, method = method)
figures <- function(t, est) list(est = digits(est), se = digits(est / t$statistic), df = digits(t$parameter), t = digits(t$statistic), p = digits(t$p.value))

# The classical analysis; x began with the active arm, y with the control.
grizzle <- function(id, data, response, spec, who, began, names, level = 0.95, exact = TRUE) {
  w <- reshape(data[c(who, "first", "period", response)], idvar = who, timevar = "period", v.names = response, direction = "wide")
  one <- w[[paste0(response, ".1")]]; two <- w[[paste0(response, ".2")]]
  keep <- !is.na(one) & !is.na(two); x <- w$first[keep]; one <- one[keep]; two <- two[keep]
  half <- function(a, b) { t <- t.test(a / 2, b / 2, var.equal = TRUE, conf.level = level)
    c(figures(t, mean(a) / 2 - mean(b) / 2), list(lo = digits(t$conf.int[1]), hi = digits(t$conf.int[2]))) }
  whole <- function(a, b) half(2 * a, 2 * b)
  dif <- one - two; sum <- one + two
  rank <- function(a, b, scale) { r <- suppressWarnings(wilcox.test(a, b, exact = FALSE))
    f <- data.frame(y = c(a, b), g = factor(rep(1:2, c(length(a), length(b)))))
    c(list(W = digits(r$statistic), p_exact = digits(pvalue(coin::wilcox_test(y ~ g, f, distribution = "exact"))), p_normal_cc = digits(r$p.value)),
      if (!any(duplicated(f$y))) { e <- wilcox.test(a * scale, b * scale, exact = TRUE, conf.int = TRUE, conf.level = level)
        list(hl = digits(e$estimate), lo = digits(e$conf.int[1]), hi = digits(e$conf.int[2])) }) }
  m <- function(v, f) digits(mean(v[x == f]))
  expect <- list(n = sum(x), n = sum(!x), means = setNames(list(m(one, TRUE), m(two, TRUE), m(one, FALSE), m(two, FALSE)), paste0(rep(tolower(names), each = 2), 1:2)),
    treatment = half(dif[x], dif[!x]), period_2_minus_1 = half(-dif[x], dif[!x]), carry = whole(sum[x], sum[!x]),
    first_period_only = whole(one[x], one[!x]), wilcoxon_treatment_on_differences = rank(dif[x], dif[!x], 1),
    wilcoxon_period = rank(dif[x], -dif[!x], 1), wilcoxon_carry_over = rank(sum[x], sum[!x], 1))
  expect$wilcoxon_period <- rank(dif[x], -dif[!x], 1)
  t <- t.test(ifelse(x, dif, -dif)); expect$paired_t_ignoring_period <- list(t = digits(t$statistic), df = digits(t$parameter), p = digits(t$p.value), est = digits(t$estimate))
  names(expect)[c(1, 2, 6)] <- c(paste0("n_", tolower(names)), paste0("carry_over_sum_", tolower(names[1]), "_minus_", tolower(names[2])))
  add(id, "classical crossover analysis", "crossover_grizzle", c(list(response = response), spec), expect, 1e-7, data = spec$data %||% attr(data, "file"))
}
`%||%` <- function(a, b) if (is.null(a)) b else a
e <- d; e$first <- e$seq == "TP"; e$period <- e$aperiod; attr(e, "file") <- "data/two_periods.csv"
own <- list(treatment = "trt", active = "verum")
grizzle("grizzle_ties", e, "score", own, "subjid", NULL, c("TP", "PT"))
grizzle("grizzle_continuous_90", e, "smooth", c(own, level = 0.9), "subjid", NULL, c("TP", "PT"), level = 0.9)
p <- read.csv("../oracles/data/t2_crossover.csv"); p$first <- p$sequence == "AB"; attr(p, "file") <- "../oracles/data/t2_crossover.csv"
for (y in c("treg10", "titre", "n_inf", "sledai0")) grizzle(paste0("grizzle_", y), p, y, list(), "usubjid", NULL, c("AB", "BA"))

mixed <- function(id, formula, random, written, data, spec, who, file) {
  f <- lmerTest::lmer(update(formula, paste(". ~ . + (1 |", who, ")")), data, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
  s <- coef(summary(f)); k <- coef(summary(f, ddf = "Kenward-Roger"))
  v <- as.data.frame(VarCorr(f))$vcov
  # the fixed estimates and errors to full precision, at the maximum that nlme finds
  l <- lme(formula, random = as.formula(paste("~ 1 |", who)), data, na.action = na.omit, control = lmeControl(msTol = 1e-14, tolerance = 1e-12, returnObject = TRUE, msMaxIter = 500))
  t <- summary(l)$tTable
  add(id, "random intercept", "crossover_mixed", c(list(formula = written), spec),
      list(coef = data.frame(term = rownames(s), est = digits(s[, 1]), se_model = digits(s[, 2]), df_satterthwaite = digits(s[, 3]), p_satterthwaite = digits(s[, 5]),
                             se_kr = digits(k[, 2]), df_kr = digits(k[, 3]), p_kr = digits(k[, 5])),
           var_patient = digits(v[1]), var_residual = digits(v[2]), reml_log_lik = digits(logLik(f)),
           lme = list(est = digits(t[, 1]), se = digits(t[, 2]), df = digits(t[, 3]), p = digits(t[, 5])), n = nobs(f)), 1e-5, file)
}
d$trt <- factor(d$trt, c("placebo", "verum")); d$aperiod <- factor(d$aperiod); d$seq <- factor(d$seq, c("TP", "PT"))
file <- "data/two_periods.csv"
mixed("mixed_score", score ~ trt + aperiod + seq, NULL, "score ~ trt + aperiod + seq + (1|subjid)", d, list(), "subjid", file)
mixed("mixed_covariate", smooth ~ trt + aperiod + base, NULL, "smooth ~ trt + aperiod + base + (1|subjid)", d, list(), "subjid", file)
mixed("mixed_interaction", smooth ~ trt * aperiod, NULL, "smooth ~ trt * aperiod + (1|subjid)", d, list(), "subjid", file)
q <- p; names(q)[c(1, 2, 3, 4)] <- c("id", "seq", "per", "trt"); q$per <- factor(q$per); q$trt <- factor(q$trt, c("B", "A"))
mixed("mixed_treg10", treg10 ~ trt + per + seq + treg0, NULL, "treg10 ~ trt + per + seq + treg0 + (1|id)", q, list(), "id", "../oracles/data/t2_crossover.csv")
mixed("mixed_log_titre", log10(titre) ~ trt + per, NULL, "log10(titre) ~ trt + per + (1|id)", q, list(), "id", "../oracles/data/t2_crossover.csv")

fixed <- function(id, y, data, who, trt, per, active, written, spec, file, more = NULL) {
  both <- ave(!is.na(data[[y]]), data[[who]], FUN = sum) == 2
  x <- data[both, ]; x$w <- factor(x[[who]]); x$a <- as.integer(x[[trt]] == active); x$p <- as.integer(as.character(x[[per]]) == "2")
  f <- lm(as.formula(paste(y, "~ w + p + a", more)), x); s <- coef(summary(f))
  row <- function(n) list(est = digits(s[n, 1]), se = digits(s[n, 2]), t = digits(s[n, 3]), p = digits(s[n, 4]))
  expect <- list(trt = row("a"), per = row("p"), df = f$df.residual, mse = digits(summary(f)$sigma^2))
  names(expect)[1:2] <- c(spec$names %||% c("trt", "per")); spec$names <- NULL
  add(id, "fixed participants", "fixed_patient_anova", c(list(formula = written), spec), expect, 1e-7, file)
}
fixed("fixed_score", "score", d, "subjid", "trt", "aperiod", "verum", "score ~ subjid + aperiod + trt", c(list(names = c("trt", "aperiod")), own), file)
fixed("fixed_treg10", "treg10", q, "id", "trt", "per", "A", "treg10 ~ patient + per + trt", list(), "../oracles/data/t2_crossover.csv")
fixed("fixed_sledai10_covariate", "sledai10", q, "id", "trt", "per", "A", "sledai10 ~ patient + per + trt + sledai0", list(), "../oracles/data/t2_crossover.csv", "+ sledai0")

binary <- function(id, y, data, who, first, spec, file, active_name) {
  w <- reshape(data.frame(id = data[[who]], f = first, p = as.integer(as.character(data[[spec$period %||% "aperiod"]])), y = data[[y]]), idvar = "id", timevar = "p", v.names = "y", direction = "wide")
  w <- w[complete.cases(w[c("y.1", "y.2")]), ]
  u <- w[w$y.1 != w$y.2, ]
  tab <- table(factor(u$f, c(TRUE, FALSE)), factor(u$y.1, 0:1))
  z <- ifelse(w$f, w$y.1, w$y.2); zc <- ifelse(w$f, w$y.2, w$y.1); b <- sum(z & !zc); k <- sum(!z & zc)
  s <- w$y.1 - w$y.2; N <- length(s); pt <- prop.trend.test(table(factor(w$f), factor(s, -1:1))[1, ], table(factor(s, -1:1)), score = -1:1)
  long <- data.frame(id = rep(w$id, 2), y = c(w$y.1, w$y.2), on = c(w$f, !w$f), two = rep(0:1, each = nrow(w)))
  cl <- clogit(y ~ on + two + strata(id), long, control = coxph.control(eps = 1e-12, iter.max = 50))
  m <- suppressWarnings(mcnemar.test(table(factor(z, 0:1), factor(zc, 0:1)), correct = FALSE))
  s <- coef(summary(cl))
  spec$period <- NULL
  add(id, "binary crossover", "crossover_binary", c(list(response = y), spec),
      list(mainland_gart_table_rows_AB_BA_cols_y1_0_1 = unname(apply(unclass(tab), 1, identity, simplify = FALSE)), mainland_gart_fisher_p = digits(fisher.test(tab)$p.value),
           prescott_trend = list(chisq = digits(pt$statistic), p = digits(pt$p.value)),
           mcnemar = list(chisq = digits(m$statistic), p = digits(m$p.value), p_exact = digits(binom.test(b, b + k)$p.value)),
           conditional_logistic = setNames(list(digits(s[1, 1]), digits(s[1, 3]), digits(s[2, 1]), digits(cl$loglik[2])), c(paste0("log_or_", active_name), "se", "log_or_period2", "log_lik"))), 1e-6, file)
}
binary("binary_flare", "flare", d, "subjid", d$seq == "TP", own, file, "verum")
q$titre_positive <- 1 - q$titre_below_loq
binary("binary_below_limit", "titre_below_loq", q, "id", q$seq == "AB", list(period = "per"), "../oracles/data/t2_crossover.csv", "il2")

counts <- function(id, written, formula, y, data, who, off, on, cond_name, spec, file) {
  f <- glmer(formula, data, poisson, control = glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9), tolPwrss = 1e-12))
  s <- coef(summary(f)); h <- f@optinfo$derivs$Hessian
  x <- data[complete.cases(data[c(y, on)]), ]; x$w <- factor(x[[who]]); x$o <- log(x[[off]] / 365.25)
  x <- x[ave(x[[y]], x$w, FUN = length) == 2 & ave(x[[y]], x$w, FUN = sum) > 0, ]
  g <- glm(as.formula(paste(y, "~ droplevels(w) +", on, "+", names(data)[grep("per", names(data))[1]], "+ offset(o)")), poisson, x, control = list(epsilon = 1e-14, maxit = 200))
  k <- coef(summary(g)); r <- grep(paste0("^", on), rownames(k))
  expect <- list(random_intercept = list(term = rownames(s), est = digits(s[, 1]), se = digits(s[, 2]), sd = digits(sqrt(unlist(VarCorr(f)))), log_lik = digits(logLik(f))),
                 a = digits(k[r, 1]), conditional_se = digits(k[r, 2]))
  names(expect)[2] <- paste0("conditional_log_rate_ratio_", cond_name)
  add(id, "counts", "crossover_counts", c(list(formula = written), spec), expect, 1e-6, file)
}
counts("counts_relapses", "relapses ~ on + aperiod + (1|subjid), offset log(days/365.25)", relapses ~ on + aperiod + (1 | subjid) + offset(log(days / 365.25)), "relapses", d, "subjid", "days", "on", "on", list(), file)
counts("counts_relapses_words", "relapses ~ trt + aperiod + (1|subjid) + offset(log(days/365.25))", relapses ~ trt + aperiod + (1 | subjid) + offset(log(days / 365.25)), "relapses", d, "subjid", "days", "trt", "trt", own, file)

tobit <- function(id, y, low, formula, clusterformula, one, both, data, who, per, spec, file) {
  data$ev <- 1 - data[[low]]; data$y <- log10(data[[y]])
  s <- function(x) survreg(as.formula(paste("Surv(y, ev, type = 'left') ~", x)), if (x == one) data[as.character(data[[per]]) == "1", ] else data, dist = "gaussian", control = survreg.control(rel.tolerance = 1e-14, maxiter = 200))
  a <- s(one)
  data$who <- as.integer(factor(data[[who]]))
  b <- survreg(as.formula(paste("Surv(y, ev, type = 'left') ~", both)), data, dist = "gaussian", cluster = who, control = survreg.control(rel.tolerance = 1e-14, maxiter = 200))
  k <- length(coef(b)); se <- function(v, k) digits(sqrt(diag(v))[1:k])
  add(id, "left-censored", "tobit", c(list(period1 = sprintf("log10(%s) ~ %s", y, one), both = sprintf("log10(%s) ~ %s, variance clustered on patient", y, both)), spec),
      list(period1 = list(coef = digits(coef(a)), se = se(vcov(a), length(coef(a))), scale = digits(a$scale), log_lik = digits(a$loglik[2])),
           both = list(coef = digits(coef(b)), robust_se = se(b$var, k), naive_se = se(b$naive.var, k), scale = digits(b$scale), log_lik = digits(b$loglik[2]))), 1e-6, file)
}
tobit("tobit_load", "load", "below_limit", NULL, NULL, "on + base", "on + aperiod", d, "subjid", "aperiod", list(), file)
tobit("tobit_load_words", "load", "below_limit", NULL, NULL, "trt", "trt + aperiod", d, "subjid", "aperiod", list(), file)
programs <- lapply(list(R = "base", lme4 = "lme4", lmerTest = "lmerTest", pbkrtest = "pbkrtest", nlme = "nlme", survival = "survival", coin = "coin"), function(p) as.character(packageVersion(p)))
write_json(list(topic = "crossover_more", created_with = programs, notes = list("Treatment effect: active minus control. Period effect: period 2 minus period 1."), cases = cases),
           "crossover.json", auto_unbox = TRUE, digits = NA, pretty = 1, null = "null", na = "null")
