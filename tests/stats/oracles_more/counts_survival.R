# Makes counts_survival.json and its data: counts with other covariates and offsets, times with many
# ties, heavy censoring, arms that are words, missing covariates, two strata, three causes, and
# recurrent infections. Run in this folder: Rscript counts_survival.R
suppressPackageStartupMessages({library(survival); library(cmprsk); library(MASS); library(glmmTMB); library(sandwich); library(jsonlite)})
set.seed(20)
n <- 96
d <- data.frame(participant = sprintf("P%03d", 1:n), trt = rep(c("high", "low", "placebo"), c(40, 32, 24)),
                site = sample(c("Basel", "Graz", "Lund"), n, TRUE), female = rbinom(n, 1, 0.8),
                age = round(runif(n, 19, 64)), days = round(runif(n, 20, 180)))
d$n_events <- rnbinom(n, mu = d$days / 100 * exp(0.5 * (d$trt == "placebo") + 0.4 * d$female), size = 1.1)
d$weeks <- pmax(1, ceiling(rexp(n, 0.05 * exp(0.6 * (d$trt == "placebo") - 0.02 * (d$age - 40)))))
d$cause <- ifelse(d$weeks > 14, 0, sample(0:3, n, TRUE, c(0.25, 0.4, 0.2, 0.15)))
d$weeks <- pmin(d$weeks, 14)
d$baseline <- round(rnorm(n, 8, 3), 1)
d$baseline[c(4, 33, 71)] <- NA
write.csv(d, "data/infections.csv", row.names = FALSE, quote = FALSE, na = "")
rows <- do.call(rbind, lapply(1:n, function(i) {
  k <- d$n_events[i]
  at <- if (k) sort(sample(seq_len(d$days[i] - 1), min(k, d$days[i] - 1))) else numeric()
  data.frame(id = d$participant[i], trt = d$trt[i], site = d$site[i], female = d$female[i], age = d$age[i],
             tstart = c(0, at), tstop = c(at, d$days[i]), event = c(rep(1, length(at)), 0))
}))
write.csv(rows, "data/infections_recurrent.csv", row.names = FALSE, quote = FALSE)
digits <- function(x) signif(as.numeric(x), 15)
cases <- list()
add <- function(id, what, method, spec, expect, tol = 1e-6, data = "data/infections.csv")
  cases[[length(cases) + 1]] <<- list(id = id, what = what, data = data, spec = spec, expect = expect, tol_rel = tol, method = method)

# Counts
counts <- list(covariates = n_events ~ relevel(factor(trt), "placebo") + female + age + offset(log(days)),
               interaction = n_events ~ relevel(factor(trt), "placebo") * female + offset(log(days / 365.25)),
               square_no_offset = n_events ~ factor(site) + age + I(age^2))
spelled <- function(x) sub('relevel\\(factor\\(trt\\), "placebo"\\)', "trt", sub("factor\\(site\\)", "site", x))
written <- c(covariates = "n_events ~ trt + female + age + offset(log(days))",
             interaction = "n_events ~ trt * female + offset(log(days/365.25))",
             square_no_offset = "n_events ~ site + age + I(age^2)")
for (name in names(counts)) {
  p <- glm(counts[[name]], poisson, d, control = list(epsilon = 1e-14, maxit = 100))
  s <- summary(p)$coefficients
  add(paste0("poisson_", name), "Poisson regression", "poisson", list(formula = written[[name]]),
      list(coef = data.frame(term = spelled(rownames(s)), est = digits(s[, 1]), se = digits(s[, 2]), p = digits(s[, 4]),
                             se_hc0 = digits(sqrt(diag(vcovHC(p, "HC0"))))),
           pearson_dispersion = digits(sum(residuals(p, "pearson")^2) / p$df.residual), log_lik = digits(logLik(p))))
  m <- glm.nb(counts[[name]], d, control = glm.control(epsilon = 1e-14, maxit = 200))
  s <- summary(m)$coefficients
  expect <- list(glm_nb = data.frame(term = spelled(rownames(s)), est = digits(s[, 1]), se_theta_fixed = digits(s[, 2]), p = digits(s[, 4])),
                 theta = digits(m$theta), se_theta = digits(m$SE.theta), log_lik = digits(logLik(m)))
  if (name != "square_no_offset") expect$lr_female <- digits(2 * (logLik(m) - logLik(glm.nb(
    if (name == "covariates") n_events ~ trt + age + offset(log(days)) else n_events ~ trt + offset(log(days)), d,
    control = glm.control(epsilon = 1e-14, maxit = 200)))))
  add(paste0("negative_binomial_", name), "negative binomial regression", "negative_binomial", list(formula = written[[name]]), expect)
}
# R's poisson.test: the two-sided p-value adds all splits that are no likelier.
for (k in list(list(c(0, 7), c(3.5, 4)), list(c(12, 0), c(10, 9)), list(c(3, 21), c(1.5, 22.25)), list(c(150, 90), c(80, 71)))) for (level in c(0.95, 0.9)) {
  t <- poisson.test(k[[1]], k[[2]], conf.level = level)
  expect <- list(rr = digits(t$estimate), lo = digits(t$conf.int[1]), hi = digits(t$conf.int[2]), p = digits(t$p.value))
  expect <- lapply(expect, function(x) if (is.finite(x)) x else "Inf")
  add(sprintf("rate_ratio_%d_%d_%d", k[[1]][1], k[[1]][2], 100 * level), "exact Poisson rate ratio", "exact_rate_ratio",
      list(events = k[[1]], py = k[[2]], level = level), expect, 1e-7, data = NULL)
}
for (k in c(0, 1, 17, 240)) for (level in c(0.95, 0.99)) {
  t <- poisson.test(k, 11.5, conf.level = level)
  add(sprintf("rate_%d_%d", k, 100 * level), "exact Poisson rate", "exact_rate", list(events = k, py = 11.5, level = level),
      list(rate = digits(t$estimate), lo = digits(t$conf.int[1]), hi = digits(t$conf.int[2])), 1e-8, data = NULL)
}

# Kaplan-Meier
km <- function(id, formula, event, right, times, level, spec) {
  f <- lapply(c("log-log", "log", "plain"), function(type) survfit(formula, d, conf.type = type, conf.int = level))
  s <- lapply(f, summary, times = times, extend = TRUE)
  at <- data.frame(arm = sub(".*=", "", as.character(s[[1]]$strata)), time = s[[1]]$time, n_risk = s[[1]]$n.risk,
                   surv = digits(s[[1]]$surv), se = digits(s[[1]]$std.err))
  for (k in 1:3) { label <- c("loglog", "log", "plain")[k]
    at[[paste0("lo_", label)]] <- digits(s[[k]]$lower); at[[paste0("hi_", label)]] <- digits(s[[k]]$upper) }
  q <- quantile(f[[1]], c(0.25, 0.5))
  m <- summary(f[[1]], rmean = 9)$table
  add(id, "Kaplan-Meier", "kaplan_meier", c(list(formula = sprintf("Surv(weeks, %s) ~ %s", event, right)), spec),
      list(at = at, q25 = digits(q$quantile[, 1]), q25_lo = digits(q$lower[, 1]), q25_hi = digits(q$upper[, 1]),
           q50 = digits(q$quantile[, 2]), q50_lo = digits(q$lower[, 2]), q50_hi = digits(q$upper[, 2]),
           rmst9 = digits(m[, grep("^r?mean", colnames(m))[1]]), rmst9_se = digits(m[, grep("se\\(r", colnames(m))[1]])), 1e-8)
}
km("km_arms_that_are_words", Surv(weeks, cause == 1) ~ trt, "cause == 1", "trt", c(2, 5.5, 12), 0.95, list())
km("km_second_cause_by_site", Surv(weeks, cause == 2) ~ site, "cause == 2", "site", c(1, 7), 0.95, list())
km("km_any_cause_90", Surv(weeks, cause > 0) ~ trt, "cause > 0", "trt", c(3, 6, 13), 0.9, list(level = 0.9))
km("km_heavy_censoring", Surv(weeks, cause == 3) ~ female, "cause == 3", "female", c(4, 10), 0.95, list())

# Log-rank
log_rank <- function(id, event, right, strata) {
  call <- function(side, rho = 0, rows = TRUE) survdiff(as.formula(sprintf("Surv(weeks, %s) ~ %s", event, side)), d[rows, ], rho = rho)
  w <- call(right); s <- call(sprintf("%s + strata(%s)", right, strata)); r <- call(right, 1)
  df <- length(w$n) - 1
  p <- function(x) digits(pchisq(x$chisq, df, lower.tail = FALSE))
  labels <- sort(unique(d[[right]]))
  pairs <- lapply(labels[-1], function(l) { x <- call(right, 0, d[[right]] %in% c(labels[1], l))
    list(arm = l, chisq = digits(x$chisq), obs = digits(x$obs), exp = digits(x$exp), var = digits(x$var[1, 1])) })
  add(id, "log-rank", "log_rank", list(formula = sprintf("Surv(weeks, %s) ~ %s", event, right), strata = strata),
      list(chisq = digits(w$chisq), df = df, p = p(w), observed = digits(w$obs), expected = digits(w$exp), stratified_chisq = digits(s$chisq),
           stratified_p = p(s), peto_chisq = digits(r$chisq), peto_p = p(r), pairwise = pairs), 1e-8)
}
log_rank("log_rank_words", "cause == 1", "trt", "site")
log_rank("log_rank_any", "cause != 0", "site", "female")
log_rank("log_rank_of_a_rare_cause", "cause == 3", "female", "trt")

# Cox
tight <- coxph.control(eps = 1e-13, iter.max = 100)
cox <- function(id, formula, written, ties, ..., data = d, tol = 1e-6) {
  f <- coxph(formula, data, ties = ties, control = tight, ...)
  s <- summary(f)$coefficients; z <- confint(f)
  add(id, paste("Cox regression,", ties), "cox", list(formula = written, ties = ties),
      list(coef = data.frame(term = rownames(s), est = digits(s[, 1]), se = digits(s[, "se(coef)"]), p = digits(s[, ncol(s)]), lo = digits(z[, 1]), hi = digits(z[, 2])),
           log_lik = digits(f$loglik), score_test = digits(f$score), lr_test = digits(2 * diff(f$loglik))), tol)
}
for (ties in c("efron", "breslow", "exact")) {
  cox(paste0("cox_words_", ties), Surv(weeks, cause == 1) ~ trt + age, "Surv(weeks, cause == 1) ~ trt + age", ties)
  cox(paste0("cox_missing_covariate_", ties), Surv(weeks, cause == 1) ~ trt + baseline, "Surv(weeks, cause == 1) ~ trt + baseline", ties)
  cox(paste0("cox_strata_", ties), Surv(weeks, cause > 0) ~ female + age + strata(site), "Surv(weeks, cause > 0) ~ female + age + strata(site)", ties)
}
cox("cox_interaction", Surv(weeks, cause == 2) ~ trt * age, "Surv(weeks, cause == 2) ~ trt * age", "efron")
cox("cox_two_strata", Surv(weeks, cause == 1) ~ trt + strata(site) + strata(female), "Surv(weeks, cause == 1) ~ trt + strata(site) + strata(female)", "efron")
cox("cox_strata_of_two_columns", Surv(weeks, cause == 1) ~ trt + strata(site, female), "Surv(weeks, cause == 1) ~ trt + strata(site, female)", "efron")
d$robust <- seq_len(n)
strat <- function(id, formula, plain, written) {
  f <- coxph(formula, d, control = tight); g <- coxph(plain, d, robust = TRUE, id = robust, control = tight)
  add(id, "stratified Cox, proportionality, robust variance", "cox_stratified", list(formula = written),
      list(est = digits(coef(f)), se = digits(sqrt(diag(vcov(f)))), robust_est = digits(coef(g)), robust_se = digits(sqrt(diag(vcov(g)))),
           zph_unstratified = unname(lapply(split(digits(t(cox.zph(coxph(plain, d, control = tight))$table)), rep(seq_len(nrow(cox.zph(coxph(plain, d))$table)), each = 3)), identity))))
}
strat("cox_stratified_by_sex", Surv(weeks, cause == 1) ~ trt + strata(female), Surv(weeks, cause == 1) ~ trt + female, "Surv(weeks, cause == 1) ~ trt + strata(female)")
strat("cox_stratified_by_site", Surv(weeks, cause == 2) ~ age + female + strata(site), Surv(weeks, cause == 2) ~ age + female + site, "Surv(weeks, cause == 2) ~ age + female + strata(site)")

# Competing risks
competing <- function(id, group, covariates, at, failcode = 1) {
  ci <- cuminc(d$weeks, d$cause, d[[group]]); g <- ci$Tests
  tp <- timepoints(ci, at)
  complete <- d[complete.cases(d[all.vars(covariates)]), ]
  x <- model.matrix(covariates, complete)[, -1, drop = FALSE]
  fg <- crr(complete$weeks, complete$cause, x, failcode = failcode, gtol = 1e-12, maxiter = 100)
  expect <- list(gray = lapply(seq_len(nrow(g)), function(k) list(cause = as.integer(rownames(g)[k]), chisq = digits(g[k, "stat"]), p = digits(g[k, "pv"]), df = g[k, "df"])),
                 cuminc_rows = rownames(tp$est), at = unname(apply(tp$est, 1, digits, simplify = FALSE)),
                 cuminc_var = unname(apply(tp$var, 1, digits, simplify = FALSE)),
                 fine_gray_crr = list(est = digits(fg$coef), robust_se = digits(sqrt(diag(fg$var))), log_lik = digits(fg$loglik)))
  names(expect)[3] <- paste0("cuminc_at_", paste(at, collapse = "_"))
  complete$f <- factor(complete$cause, 0:3)
  w <- finegray(as.formula(paste("Surv(weeks, f) ~", paste(all.vars(covariates), collapse = "+"))), complete, etype = failcode)
  for (ties in c("efron", "breslow")) expect[[paste0("fine_gray_via_weights_", ties)]] <- digits(coef(coxph(
    update(covariates, Surv(fgstart, fgstop, fgstatus) ~ .), w, weights = fgwt, ties = ties, control = tight)))
  aj <- survfit(as.formula(paste("Surv(weeks, factor(cause, 0:3)) ~", group)), d)
  s <- summary(aj, times = at, extend = TRUE)
  expect$aalen_johansen_se_cause1 <- digits(s$std.err[, 2])
  add(id, "competing risks", "competing_risks", list(formula = paste0("Surv(weeks, cause) ~ ", paste(deparse(covariates[[2]]), collapse = "")), arm = group),
      expect, 1e-6)
}
competing("competing_three_causes", "trt", ~ trt + female, c(2, 5, 9, 13))
competing("competing_missing_covariate", "site", ~ site + baseline + age, c(3, 12))

# Recurrent
recurrent <- function(id, formula, written, cap) {
  r <- rows; r$who <- as.integer(factor(r$id)); r$number <- ave(r$tstart, r$id, FUN = function(x) rank(x))
  r$capped <- pmin(r$number, cap)
  fit <- function(left, right) coxph(as.formula(paste(left, "~", right)), r, cluster = who, control = tight)
  right <- paste(deparse(formula[[2]]), collapse = "")
  ag <- fit("Surv(tstart, tstop, event)", right)
  pt <- fit("Surv(tstart, tstop, event)", paste(right, "+ strata(capped)"))
  pg <- fit("Surv(tstop - tstart, event)", paste(right, "+ strata(capped)"))
  fr <- coxph(as.formula(paste("Surv(tstart, tstop, event) ~", right, "+ frailty(id, distribution = 'gamma', eps = 1e-9)")), r,
              control = coxph.control(eps = 1e-12, iter.max = 100, outer.max = 100))
  se <- function(f) digits(sqrt(diag(vcov(f))))
  add(id, "recurrent events", "recurrent_events", list(formula = written, most_strata = cap),
      list(andersen_gill = list(est = digits(coef(ag)), robust_se = se(ag), naive_se = digits(sqrt(diag(ag$naive.var)))),
           pwp_total_time = list(est = digits(coef(pt)), robust_se = se(pt)), pwp_gap_time = list(est = digits(coef(pg)), robust_se = se(pg)),
           shared_gamma_frailty = list(est = digits(coef(fr)), theta = digits(fr$history[[1]]$theta))),
      data = "data/infections_recurrent.csv")
}
recurrent("recurrent_words", ~ trt + female, "~ trt + female", 3)
recurrent("recurrent_site_and_age", ~ site + age, "Surv(tstart, tstop, event) ~ site + age", 2)
programs <- lapply(list(R = "base", MASS = "MASS", survival = "survival", cmprsk = "cmprsk", sandwich = "sandwich"), function(p) as.character(packageVersion(p)))
write_json(list(topic = "counts_and_time_to_event_more", created_with = programs, notes = list("Events by cause: 0 none, 1 infection, 2 and 3 other causes."), cases = cases),
           "counts_survival.json", auto_unbox = TRUE, digits = NA, pretty = 1, null = "null", na = "null")
