# Makes counts_survival_words.json and data/flares.csv: arms in words with spaces, a stated reference,
# logical columns, gaps written as '.', late entry, other intervals and other powers of the log-rank
# test. Run in this folder: Rscript counts_survival_words.R
suppressPackageStartupMessages({library(survival); library(cmprsk); library(MASS); library(sandwich); library(jsonlite)})
set.seed(31)
n <- 90
d <- data.frame(usubjid = sprintf("S%02d", 1:n), trt = rep(c("IL-2 0.2 MIU", "IL-2 1 MIU", "placebo"), 30),
                steroid = rbinom(n, 1, 0.45) == 1, region = sample(c("east", "west"), n, TRUE), age = round(runif(n, 18, 65)))
d$years <- round(runif(n, 0.2, 1.5), 3)
d$flares <- rnbinom(n, mu = d$years * exp(0.9 * (d$trt == "placebo") + 0.5 * d$steroid), size = 1.4)
d$entry <- sample(0:5, n, TRUE)
d$week <- d$entry + ceiling(rexp(n, 0.06 * exp(0.5 * (d$trt == "placebo") + 0.4 * d$steroid)))
d$status <- ifelse(d$week > 30, 0, sample(c(0, 1, 2), n, TRUE, c(0.15, 0.6, 0.25)))
d$week <- pmin(d$week, 30 + d$entry)
d$flared <- d$status == 1
d$years[c(7, 50)] <- NA; d$age[c(3, 21)] <- NA
write.csv(d, "data/flares.csv", row.names = FALSE, quote = FALSE, na = ".")
d$arm <- relevel(factor(d$trt), "placebo")
digits <- function(x) signif(as.numeric(x), 15)
cases <- list()
add <- function(id, what, method, spec, expect, tol = 1e-6)
  cases[[length(cases) + 1]] <<- list(id = id, what = what, data = "data/flares.csv", spec = spec, expect = expect, tol_rel = tol, method = method)
spelled <- function(x) sub("^arm", "trt", gsub(":arm", ":trt", x))
control <- glm.control(epsilon = 1e-14, maxit = 200)

# Counts, with the placebo arm as reference because no term names it
for (name in c("plain", "crossed")) {
  right <- c(plain = "arm + steroid + age", crossed = "arm * steroid")[[name]]
  full <- as.formula(paste("flares ~", right, "+ offset(log(years))"))
  written <- paste0("flares ~ ", sub("arm", "trt", right), " + offset(log(years))")
  p <- glm(full, poisson, d, control = control); s <- summary(p)$coefficients
  add(paste0("poisson_", name), "Poisson regression", "poisson", list(formula = written),
      list(coef = data.frame(term = spelled(rownames(s)), est = digits(s[, 1]), se = digits(s[, 2]), p = digits(s[, 4]), se_hc0 = digits(sqrt(diag(vcovHC(p, "HC0"))))),
           log_lik = digits(logLik(p)), aic = digits(AIC(p)), pearson_dispersion = digits(sum(residuals(p, "pearson")^2) / p$df.residual)))
  m <- glm.nb(full, d, control = control); s <- summary(m)$coefficients
  # the factor goes with its interactions
  without <- glm.nb(as.formula(paste("flares ~", c(plain = "steroid + age", crossed = "steroid")[[name]], "+ offset(log(years))")), d, control = control)
  add(paste0("negative_binomial_", name), "negative binomial regression", "negative_binomial", list(formula = written),
      list(glm_nb = data.frame(term = spelled(rownames(s)), est = digits(s[, 1]), se_theta_fixed = digits(s[, 2]), p = digits(s[, 4])),
           theta = digits(m$theta), se_theta = digits(m$SE.theta), log_lik = digits(logLik(m)), aic = digits(AIC(m)), lr_trt = digits(2 * (logLik(m) - logLik(without)))))
}

# Times, the event a logical column
km <- function(id, formula, written, times, spec = list(), level = 0.95, probs = c(0.1, 0.75), until = 20) {
  f <- lapply(c("log-log", "log", "plain"), function(type) survfit(formula, d, conf.type = type, conf.int = level))
  s <- lapply(f, summary, times = times, extend = TRUE)
  at <- data.frame(time = s[[1]]$time, n_risk = s[[1]]$n.risk, surv = digits(s[[1]]$surv), se = digits(s[[1]]$std.err))
  if (!is.null(s[[1]]$strata)) at <- cbind(arm = sub(".*=", "", as.character(s[[1]]$strata)), at)
  for (k in 1:3) { label <- c("loglog", "log", "plain")[k]; at[[paste0("lo_", label)]] <- digits(s[[k]]$lower); at[[paste0("hi_", label)]] <- digits(s[[k]]$upper) }
  q <- quantile(f[[1]], probs); m <- summary(f[[1]], rmean = until)$table; m <- if (is.matrix(m)) m else t(m)
  part <- function(x) apply(rbind(x), 2, function(v) I(digits(v)), simplify = FALSE)
  expect <- list(at = at)
  for (k in 1:2) for (e in c("", "_lo", "_hi")) expect[[paste0("q", 100 * probs[k], e)]] <- part(q[[c("quantile", "lower", "upper")[match(e, c("", "_lo", "_hi"))]]])[[k]]
  expect[[paste0("rmst", until)]] <- I(digits(m[, grep("^r?mean", colnames(m))[1]])); expect[[paste0("rmst", until, "_se")]] <- I(digits(m[, grep("se\\(r", colnames(m))[1]]))
  add(id, "Kaplan-Meier", "kaplan_meier", c(list(formula = written), spec), expect, 1e-8)
}
km("km_logical_event", Surv(week, flared) ~ trt, "Surv(week, flared) ~ trt", c(4, 10, 26))
km("km_logical_groups_90", Surv(week, status == 2) ~ steroid, "Surv(week, status == 2) ~ steroid", c(6, 20), list(conf.int = 0.9), 0.9, c(0.1, 0.2))
km("km_all_80", Surv(week, status > 0) ~ 1, "Surv(week, status > 0) ~ 1", c(2, 9, 33), list(conf_level = 0.8), 0.8, c(0.3, 0.6), 12)

for (rho in c(0.5, 1)) { w <- survdiff(Surv(week, flared) ~ trt, d, rho = rho); s <- survdiff(Surv(week, flared) ~ trt + strata(region, steroid), d, rho = rho)
  p <- function(x) digits(pchisq(x$chisq, length(w$n) - 1, lower.tail = FALSE))
  add(paste0("log_rank_rho_", rho), "log-rank with weights S^rho", "log_rank", list(formula = "Surv(week, flared) ~ trt", rho = rho),
      list(chisq = digits(w$chisq), df = 2, p = p(w), observed = digits(w$obs), expected = digits(w$exp)), 1e-8)
  if (rho == 1) next
  add("log_rank_rho_in_two_strata", "log-rank with weights S^rho in strata", "log_rank", list(formula = "Surv(week, flared) ~ trt + strata(region, steroid)", rho = rho),
      list(chisq = digits(s$chisq), df = 2, p = p(s)), 1e-8) }

tight <- coxph.control(eps = 1e-13, iter.max = 100)
cox <- function(id, formula, written, spec = list(), terms = TRUE, level = 0.95, ties = "efron", ...) {
  f <- coxph(formula, d, control = tight, ties = ties, ...); s <- summary(f)$coefficients; z <- confint(f, level = level)
  rows <- data.frame(term = spelled(rownames(s)), est = digits(s[, 1]), hr = digits(s[, 2]), se = digits(s[, if ("robust se" %in% colnames(s)) "robust se" else "se(coef)"]),
                     z = digits(s[, "z"]), p = digits(s[, ncol(s)]), lo = digits(z[, 1]), hi = digits(z[, 2]), hr_lo = digits(exp(z[, 1])), hr_hi = digits(exp(z[, 2])))
  add(id, "Cox regression", "cox", c(list(formula = written), spec),
      c(if (terms) list(coef = rows) else list(est = digits(coef(f)), se = digits(sqrt(diag(vcov(f))))),
        list(log_lik = digits(f$loglik), score_test = digits(f$score), lr_test = digits(2 * diff(f$loglik)), wald_test = digits(f$wald.test), n = f$n, n_events = f$nevent)))
}
cox("cox_words", Surv(week, flared) ~ arm + steroid, "Surv(week, flared) ~ trt + steroid")
cox("cox_stated_reference", Surv(week, flared) ~ arm + steroid + age, "Surv(week, flared) ~ trt + steroid + age", list(reference = "placebo"), terms = FALSE)
cox("cox_late_entry_90", Surv(entry, week, status == 1) ~ arm + log(age), "Surv(entry, week, status == 1) ~ trt + log(age)", list(level = 0.9), level = 0.9)
cox("cox_breslow_late_entry", Surv(entry, week, status == 1) ~ arm + I(age^2) + strata(region), "Surv(entry, week, status == 1) ~ trt + I(age^2) + strata(region)", list(ties = "breslow"), ties = "breslow")
cox("cox_crossed", Surv(week, status > 0) ~ arm * steroid, "Surv(week, status > 0) ~ trt * steroid")
strat <- coxph(Surv(week, flared) ~ arm + strata(region), d, control = tight); z <- cox.zph(strat)$table
add("cox_stratified_words", "stratified Cox and its proportionality", "cox_stratified", list(formula = "Surv(week, flared) ~ trt + strata(region)", reference = "placebo"),
    list(est = digits(coef(strat)), se = digits(sqrt(diag(vcov(strat)))), zph_stratified = unname(lapply(seq_len(nrow(z)), function(k) digits(z[k, ])))))

# Competing risks, the second cause
ci <- cuminc(d$week, d$status, d$trt); at <- c(5, 12.5); tp <- timepoints(ci, at); g <- ci$Tests
x <- model.matrix(~ arm + steroid, d)[, -1]; fg <- crr(d$week, d$status, x, failcode = 2, gtol = 1e-12, maxiter = 100)
add("competing_words_second_cause", "cumulative incidence, Gray test, Fine-Gray", "competing_risks",
    list(formula = "Surv(week, status) ~ trt + steroid", arm = "trt", failcode = 2, reference = "placebo"),
    list(gray = lapply(1:2, function(k) list(cause = k, chisq = digits(g[k, "stat"]), p = digits(g[k, "pv"]), df = g[k, "df"])), cuminc_rows = rownames(tp$est),
         cuminc_at_5_12.5 = unname(apply(tp$est, 1, digits, simplify = FALSE)), cuminc_var = unname(apply(tp$var, 1, digits, simplify = FALSE)),
         fine_gray_crr = list(est = digits(fg$coef), robust_se = digits(sqrt(diag(fg$var))), log_lik = digits(fg$loglik))))
programs <- lapply(list(R = "base", MASS = "MASS", survival = "survival", cmprsk = "cmprsk", sandwich = "sandwich"), function(p) as.character(packageVersion(p)))
write_json(list(topic = "counts_and_time_to_event", created_with = programs, cases = cases), "counts_survival_words.json", auto_unbox = TRUE, digits = NA, pretty = 1, null = "null", na = "null")
