# Makes binary.json and data/small_binary.csv: proportions, strata, trends and regressions of a binary outcome for other
# arms, levels, strata, formulas, links of records and columns than the public cases, zero cells and unequal arms included.
# Run in this folder: Rscript binary.R
options(warn = -1)
suppressPackageStartupMessages({ library(geepack); library(sandwich); library(lme4); library(brglm2); library(coin); library(jsonlite) })
digits <- function(x) signif(as.numeric(x), 15)
cases <- list()
add <- function(id, what, method, spec, expect, tol = 1e-7, data = NULL)
  cases[[length(cases) + 1]] <<- list(id = id, what = what, data = data, spec = spec, expect = expect, tol_rel = tol, method = method)
limits <- function(est, lo, hi) list(est = digits(est), lo = digits(lo), hi = digits(hi))
public <- "../oracles/data/t1_sri4.csv"; public_long <- "../oracles/data/t1_sri4_long.csv"
trial <- read.csv(public); long <- read.csv(public_long); trial$arm <- factor(trial$arm); long$arm <- factor(long$arm)
trial$st <- paste0("S", trial$sledai_hi, "O", trial$ocs_hi)

set.seed(11)
n <- 90
small <- data.frame(pid = sprintf("P%03d", 1:n), TRTP = rep(c("Placebo", "Low", "High"), c(20, 32, 38)), sex = sample(c("F", "M"), n, TRUE, c(.85, .15)),
                    country = sample(c("CN", "DE", "UK"), n, TRUE), weight = round(rnorm(n, 62, 9), 1), days = round(runif(n, 20, 84)))
small$responder <- rbinom(n, 1, plogis(-1 + 0.9 * (small$TRTP == "High") - 0.03 * (small$weight - 62)))
small$responder[small$country == "UK" & small$TRTP == "Placebo"] <- 0
small$weight[c(5, 50)] <- NA
dir.create("data", showWarnings = FALSE)
write.csv(small, "data/small_binary.csv", row.names = FALSE, quote = FALSE, na = "")
small$TRTP <- factor(small$TRTP, c("Placebo", "Low", "High"))

# One proportion, other levels and the edges
for (k in list(c(0, 7, .95), c(7, 7, .95), c(1, 12, .9), c(33, 61, .99), c(1, 1, .95))) {
  x <- k[1]; m <- k[2]; level <- k[3]; z <- qnorm(1 - (1 - level) / 2); p <- x / m
  w <- prop.test(x, m, conf.level = level, correct = FALSE)$conf.int; wc <- prop.test(x, m, conf.level = level, correct = TRUE)$conf.int
  cp <- binom.test(x, m, conf.level = level)$conf.int; q <- (x + z^2 / 2) / (m + z^2); half <- z * sqrt(q * (1 - q) / (m + z^2)); a <- (1 - level) / 2
  add(sprintf("one_proportion_%g_of_%g_level_%g", x, m, level), "other counts, other levels", "one_proportion", list(x = x, n = m, conf_level = level),
      list(wald = limits(p, max(0, p - z * sqrt(p * (1 - p) / m)), min(1, p + z * sqrt(p * (1 - p) / m))), wilson = limits(p, w[1], w[2]),
           `agresti-coull` = limits(p, max(0, q - half), min(1, q + half)), `clopper-pearson` = limits(p, cp[1], cp[2]),
           jeffreys = limits(p, if (x == 0) 0 else qbeta(a, x + .5, m - x + .5), if (x == m) 1 else qbeta(1 - a, x + .5, m - x + .5))))
}

# Two proportions: the Miettinen-Nurminen and Mee limits by maximizing the binomial likelihood at each difference
restricted <- function(x1, n1, x0, n0, d) {
  f <- function(p0) { p1 <- p0 + d; s <- function(x, p) if (x == 0) 0 else x * log(p); s(x1, p1) + s(n1 - x1, 1 - p1) + s(x0, p0) + s(n0 - x0, 1 - p0) }
  lo <- max(0, -d); hi <- min(1, 1 - d); p0 <- optimize(f, c(lo, hi), maximum = TRUE, tol = 1e-14)$maximum
  for (e in c(lo + 1e-15, hi - 1e-15)) if (is.finite(f(e)) && f(e) > f(p0)) p0 <- e
  c(p0 + d, p0)
}
score <- function(x1, n1, x0, n0, d, correct) {
  p <- restricted(x1, n1, x0, n0, d); v <- p[1] * (1 - p[1]) / n1 + p[2] * (1 - p[2]) / n0
  (x1 / n1 - x0 / n0 - d) / sqrt(v * if (correct) (n1 + n0) / (n1 + n0 - 1) else 1)
}
score_limits <- function(t, level, correct) {
  z <- qnorm(1 - (1 - level) / 2); e <- t[1] / t[2] - t[3] / t[4]; f <- function(d, s) score(t[1], t[2], t[3], t[4], d, correct) - s
  c(uniroot(f, c(-1 + 1e-9, e - 1e-9), s = z, tol = 1e-13)$root, uniroot(f, c(e + 1e-9, 1 - 1e-9), s = -z, tol = 1e-13)$root)
}
for (k in list(list(c(22, 40, 10, 40), .9), list(c(5, 17, 2, 31), .95), list(c(0, 12, 4, 15), .95), list(c(9, 9, 5, 11), .99))) {
  t <- k[[1]]; level <- k[[2]]; z <- qnorm(1 - (1 - level) / 2); p1 <- t[1] / t[2]; p0 <- t[3] / t[4]; d <- p1 - p0
  w <- prop.test(t[c(1, 3)], t[c(2, 4)], conf.level = level, correct = FALSE)$conf.int
  wc <- prop.test(t[c(1, 3)], t[c(2, 4)], conf.level = level, correct = TRUE)$conf.int
  g <- function(x, m, correct) prop.test(x, m, conf.level = level, correct = correct)$conf.int
  new <- function(correct) { a <- g(t[1], t[2], correct); b <- g(t[3], t[4], correct)
    c(d - sqrt((p1 - a[1])^2 + (b[2] - p0)^2), d + sqrt((a[2] - p1)^2 + (p0 - b[1])^2)) }
  a1 <- (t[1] + 1) / (t[2] + 2); a0 <- (t[3] + 1) / (t[4] + 2); ac <- a1 - a0 + c(-1, 1) * z * sqrt(a1 * (1 - a1) / (t[2] + 2) + a0 * (1 - a0) / (t[4] + 2))
  mn <- score_limits(t, level, TRUE); mee <- score_limits(t, level, FALSE); nw <- new(FALSE)
  out <- list(wald = limits(d, w[1], w[2]), newcombe = limits(d, nw[1], nw[2]), agresti_caffo = list(lo = digits(ac[1]), hi = digits(ac[2])),
              miettinen_nurminen = limits(d, mn[1], mn[2]), mee = limits(d, mee[1], mee[2]))
  if (all(t[c(1, 3)] > 0) && all(t[c(1, 3)] < t[c(2, 4)])) {
    se <- sqrt(1 / t[1] + 1 / t[3] - 1 / t[2] - 1 / t[4]); so <- sqrt(sum(1 / c(t[1], t[2] - t[1], t[3], t[4] - t[3]))); o <- p1 / (1 - p1) / (p0 / (1 - p0))
    out$risk_ratio_katz <- limits(p1 / p0, p1 / p0 * exp(-z * se), p1 / p0 * exp(z * se))
    out$odds_ratio_woolf <- limits(o, o * exp(-z * so), o * exp(z * so))
  }
  add(sprintf("two_proportions_%d_%d_v_%d_%d", t[1], t[2], t[3], t[4]), "other tables and levels, zero cells", "two_proportions",
      list(x1 = t[1], n1 = t[2], x0 = t[3], n0 = t[4], conf_level = level), out, tol = 1e-6)
}

for (t in list(c(0, 9, 5, 8), c(22, 40, 10, 40), c(3, 31, 9, 17), c(6, 6, 0, 5))) {
  m <- matrix(c(t[1], t[2] - t[1], t[3], t[4] - t[3]), 2, byrow = TRUE)
  a <- suppressWarnings(chisq.test(m, correct = FALSE)); y <- suppressWarnings(chisq.test(m)); s <- a$statistic * (sum(m) - 1) / sum(m)
  f <- function(side) digits(fisher.test(m, alternative = side)$p.value)
  add(sprintf("tests_%d_%d_v_%d_%d", t[1], t[2], t[3], t[4]), "tests of other tables", "two_by_two_tests", list(x1 = t[1], n1 = t[2], x0 = t[3], n0 = t[4]),
      list(chisq = list(stat = digits(a$statistic), p = digits(a$p.value)), chisq_yates = list(stat = digits(y$statistic), p = digits(y$p.value)),
           chisq_n_minus_1 = list(stat = digits(s), p = digits(pchisq(s, 1, lower.tail = FALSE))),
           fisher = list(p_two_sided = f("two.sided"), p_greater = f("greater"), p_less = f("less"))))
}

# Strata: any pair of arms, of any columns
strata <- function(data, arm, active, control, response, stratum, level = .95) {
  data <- data[data[[arm]] %in% c(active, control), ]; keep <- interaction(data[stratum], drop = TRUE, sep = " ", lex.order = TRUE)
  tab <- table(factor(data[[arm]], c(active, control)), factor(data[[response]], c(1, 0)), keep)
  full <- tab[, , apply(tab, 3, sum) > 1, drop = FALSE]
  c0 <- mantelhaen.test(full, correct = FALSE, conf.level = level); c1 <- mantelhaen.test(full, correct = TRUE, conf.level = level)
  x1 <- full[1, 1, ]; n1 <- x1 + full[1, 2, ]; x0 <- full[2, 1, ]; n0 <- x0 + full[2, 2, ]; N <- n1 + n0; z <- qnorm(1 - (1 - level) / 2)
  use <- n1 > 0 & n0 > 0; x1 <- x1[use]; n1 <- n1[use]; x0 <- x0[use]; n0 <- n0[use]; N <- N[use]
  w <- n1 * n0 / N; rd <- sum(w * (x1 / n1 - x0 / n0)) / sum(w)
  P <- (n1^2 * x0 - n0^2 * x1 + n1 * n0 * (n0 - n1) / 2) / N^2; Q <- (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * N)
  sato <- sqrt((rd * sum(P) + sum(Q)) / sum(w)^2)
  binomial <- sqrt(sum(w^2 * (x1 * (n1 - x1) / n1^3 + x0 * (n0 - x0) / n0^3)) / sum(w)^2)
  rr <- sum(x1 * n0 / N) / sum(x0 * n1 / N)
  sr <- sqrt(sum((n1 * n0 * (x1 + x0) - x1 * x0 * N) / N^2) / (sum(x1 * n0 / N) * sum(x0 * n1 / N)))
  f <- function(d) { q <- mapply(function(a, b, c, e) restricted(a, b, c, e, d), x1, n1, x0, n0)
    (rd - d) / sqrt(sum(w^2 * (q[1, ] * (1 - q[1, ]) / n1 + q[2, ] * (1 - q[2, ]) / n0) * N / (N - 1)) / sum(w)^2) }
  lo <- uniroot(function(d) f(d) - z, c(-1 + 1e-7, rd - 1e-9), tol = 1e-13)$root; hi <- uniroot(function(d) f(d) + z, c(rd + 1e-9, 1 - 1e-7), tol = 1e-13)$root
  list(cmh_no_cc = list(chisq = digits(c0$statistic), p = digits(c0$p.value)), cmh_cc = list(chisq = digits(c1$statistic), p = digits(c1$p.value)),
       cmh_exact_conditional = list(p = digits(mantelhaen.test(full, exact = TRUE)$p.value)),
       common_or_mh_rbg = limits(c0$estimate, c0$conf.int[1], c0$conf.int[2]),
       common_rr_mh_gr = c(limits(rr, rr * exp(-z * sr), rr * exp(z * sr)), list(se_log = digits(sr))),
       rd_mh_sato = c(limits(rd, rd - z * sato, rd + z * sato), list(se = digits(sato))),
       rd_mh_standard = c(limits(rd, rd - z * binomial, rd + z * binomial), list(se = digits(binomial))),
       rd_stratified_miettinen_nurminen_mh = limits(rd, lo, hi), weights_mh = digits(w / sum(w)))
}
add("stratified_arm2_vs_placebo", "arm 2 in the cells", "stratified_two_proportions", list(strata = "st"), strata(trial, "arm", 2, 0, "sri4_nri", "st"), 1e-6, public)
add("stratified_arm3_vs_arm1", "two active arms", "stratified_two_proportions", list(strata = "region"), strata(trial, "arm", 3, 1, "sri4_nri", "region"), 1e-6, public)
add("stratified_arms_of_spec", "arms and two columns of strata named in the spec", "stratified_two_proportions",
    list(arms = c(2, 1), strata = c("region", "ocs_hi"), conf_level = .9), strata(trial, "arm", 2, 1, "sri4_nri", c("region", "ocs_hi"), .9), 1e-6, public)
add("stratified_by_site", "many small strata, some without one arm", "stratified_two_proportions", list(active = 3, control = 0, strata = "site", response = "sri4_obs"),
    { d <- trial[!is.na(trial$sri4_obs), ]; strata(d, "arm", 3, 0, "sri4_obs", "site") }, 1e-6, public)
add("stratified_text", "arms in words, another column, a stratum without responders on placebo", "stratified_two_proportions",
    list(arm = "High", reference = "Placebo", strata = "country", response = "responder"), strata(small, "TRTP", "High", "Placebo", "responder", "country"), 1e-6, "data/small_binary.csv")

association <- function(data, arm, response, stratum, scores) {
  tab <- table(data[[arm]], data[[response]]); cells <- table(data[[arm]], data[[response]], data[[stratum]]); k <- nrow(tab)
  c2 <- suppressWarnings(chisq.test(tab, correct = FALSE)); g <- mantelhaen.test(cells)
  data$y <- factor(data[[response]]); data$a <- factor(data[[arm]]); data$b <- factor(data[[stratum]])
  t <- cmh_test(y ~ a | b, data, scores = list(a = scores)); e <- cmh_test(y ~ a | b, data, scores = list(a = seq_len(k) - 1))
  pt <- prop.trend.test(tab[, "1"], rowSums(tab), scores); pe <- prop.trend.test(tab[, "1"], rowSums(tab))
  out <- list(list(stat = digits(c2$statistic), p = digits(c2$p.value)), digits(fisher.test(tab)$p.value))
  names(out) <- c(sprintf("chisq_df%d", k - 1), sprintf("fisher_%dx2", k))
  c(out, list(cochran_armitage_dose_scores = list(chisq = digits(pt$statistic), p = digits(pt$p.value)),
              cochran_armitage_equal_scores = list(chisq = digits(pe$statistic), p = digits(pe$p.value)),
              cmh_general_association = list(M2 = digits(g$statistic), df = digits(g$parameter), p = digits(g$p.value)),
              cmh_trend_dose_scores = list(chisq = digits(statistic(t)^2), p = digits(pvalue(t))),
              cmh_trend_equal_scores = list(chisq = digits(statistic(e)^2), p = digits(pvalue(e)))))
}
add("association_regions", "strata by region", "four_arm_association", list(strata = "region"), association(trial, "arm", "sri4_nri", "region", c(0, .2, .5, 1)), 1e-7, public)
add("association_three_arms_text", "three arms in words, doses as scores", "four_arm_association",
    list(arm = "TRTP", levels = c("Placebo", "Low", "High"), response = "responder", strata = "country", scores = c(0, 1, 5)),
    association(small, "TRTP", "responder", "country", c(0, 1, 5)), 1e-7, "data/small_binary.csv")

# Regressions
rows <- function(s, names) lapply(seq_len(nrow(s)), function(i) c(list(term = rownames(s)[i]), setNames(as.list(digits(s[i, ])), names)))
logistic <- function(id, formula, data, file, drop = NULL, written = deparse1(formula)) {
  m <- glm(formula, binomial, data, control = glm.control(1e-14, 100)); s <- summary(m)$coefficients
  out <- list(coef = rows(s, c("est", "se", "z", "p")), deviance = digits(m$deviance), null_deviance = digits(m$null.deviance), log_lik = digits(logLik(m)), aic = digits(AIC(m)))
  if (!is.null(drop)) { l <- drop1(m, reformulate(drop), test = "LRT"); out[[paste0("lrt_", drop)]] <- list(chisq = digits(l$LRT[2]), df = digits(l$Df[2]), p = digits(l$`Pr(>Chi)`[2])) }
  add(id, "other formula", "logistic", list(formula = written), out, 1e-6, file)
}
logistic("logistic_interaction", sri4_nri ~ arm * ocs_hi + age, trial, public, "arm:ocs_hi")
logistic("logistic_text_factors", responder ~ TRTP + country + weight, small, "data/small_binary.csv", "country")
logistic("logistic_transformed", sri4_nri ~ arm + log(treg0) + I(age / 10) + I(sledai0^2), trial, public)
logistic("logistic_offset", responder ~ TRTP + sex + offset(log(days / 84)), small, "data/small_binary.csv", "sex")
logistic("logistic_two_way", sri4_nri ~ region * sledai0 + factor(sledai_hi), trial, public, "region:sledai0")

firth <- function(id, formula, data, file) {
  m <- glm(formula, binomial, data, method = "brglmFit", type = "AS_mean", epsilon = 1e-12, maxit = 500)
  add(id, "Firth by brglm2, standard errors by the information", "firth_logistic", list(formula = deparse1(formula)),
      list(coef = rows(summary(m)$coefficients[, 1:2], c("est", "se_information"))), 1e-6, file)
}
firth("firth_text", responder ~ TRTP + country + weight, small, "data/small_binary.csv")
firth("firth_separated", responder ~ TRTP * country, small, "data/small_binary.csv")
firth("firth_public", sri4_nri ~ arm + region + rescue, trial, public)

standardized <- function(id, formula, arm, data, file, type) {
  data <- model.frame(formula, data); m <- glm(formula, binomial, data, control = glm.control(1e-14, 100))
  V <- if (type == "model") vcov(m) else vcovHC(m, type = type); level <- levels(data[[arm]])
  J <- t(sapply(level, function(l) { d <- data; d[[arm]] <- factor(l, level); X <- model.matrix(delete.response(terms(m)), d); p <- plogis(X %*% coef(m)); colMeans(X * as.vector(p * (1 - p))) }))
  r <- sapply(level, function(l) { d <- data; d[[arm]] <- factor(l, level); mean(predict(m, d, type = "response")) }); C <- J %*% V %*% t(J)
  contrast <- function(h, g) { e <- sapply(seq_along(r)[-1], function(i) h(r[i]) - h(r[1]))
    s <- sapply(seq_along(r)[-1], function(i) { D <- numeric(length(r)); D[i] <- g(r[i]); D[1] <- -g(r[1]); sqrt(D %*% C %*% D) }); list(digits(e), digits(s)) }
  a <- contrast(identity, function(p) 1); b <- contrast(log, function(p) 1 / p); o <- contrast(qlogis, function(p) 1 / (p * (1 - p)))
  add(id, "standardized risks by the delta method, sandwich of package sandwich", "marginal_standardization", list(formula = deparse1(formula), vcov = type, levels = type.convert(level, as.is = TRUE)),
      list(risk = digits(r), risk_se = digits(sqrt(diag(C))), rd = a[[1]], rd_se = a[[2]], log_rr = b[[1]], log_rr_se = b[[2]], log_or = o[[1]], log_or_se = o[[2]]), 1e-6, file)
}
standardized("standardization_HC3", sri4_nri ~ arm + sledai0 + ocs_hi, "arm", trial, public, "HC3")
standardized("standardization_interaction_HC0", sri4_nri ~ arm * sledai0 + region, "arm", trial, public, "HC0")
standardized("standardization_text_model", responder ~ TRTP + weight, "TRTP", small, "data/small_binary.csv", "model")
standardized("standardization_text_covariate_first_HC3", responder ~ country + TRTP, "TRTP", small, "data/small_binary.csv", "HC3")

risk_model <- function(id, formula, data, file) {
  m <- glm(formula, poisson, data, control = glm.control(1e-14, 100)); V <- vcovHC(m, type = "HC0"); s <- cbind(coef(m), sqrt(diag(V)))
  add(id, "modified Poisson", "modified_poisson", list(formula = deparse1(formula)), list(coef = rows(s, c("est", "se"))), 1e-6, file)
}
risk_model("modified_poisson_text", responder ~ TRTP + sex + weight, small, "data/small_binary.csv")
risk_model("modified_poisson_region", sri4_nri ~ arm + region, trial, public)

gee <- function(id, formula, structure, data, file, spec = list(), key) {
  data$cluster <- as.integer(factor(data[[key]])); data <- data[order(data$cluster, data$week), ]; data$wave <- as.integer(factor(data$week))
  m <- geeglm(formula, binomial, data, id = cluster, waves = wave, corstr = structure, control = geese.control(epsilon = 1e-12, maxit = 200)); s <- summary(m)
  add(id, "other structures, formulas and names", "gee_logistic", c(list(formula = deparse1(formula), corstr = structure), spec),
      list(coef = rows(as.matrix(s$coefficients), c("est", "robust_se", "wald", "p")), alpha = digits(s$corr[, 1]), phi = digits(s$dispersion[1, 1])), 1e-5, file)
}
long$week_number <- long$week; other <- long; other$week <- factor(other$week)
gee("gee_ar1", resp ~ arm + ocs_hi, "ar1", long, public_long, key = "usubjid")
gee("gee_exchangeable_plain", resp ~ arm * ocs_hi + sledai_hi, "exchangeable", long, public_long, key = "usubjid")
gee("gee_week_number", resp ~ dose + I(week / 4), "exchangeable", long, public_long, key = "usubjid")
gee("gee_unstructured_plain", resp ~ factor(week) + dose, "unstructured", long, public_long, key = "usubjid")

mixed <- function(id, formula, nodes, data, written = deparse1(formula)) {
  m <- glmer(formula, data, binomial, nAGQ = nodes, control = glmerControl("bobyqa", optCtrl = list(rhobeg = 2e-3, rhoend = 1e-11, maxfun = 1e5), tolPwrss = 1e-12)); s <- summary(m)$coefficients
  add(id, "random intercept", "random_intercept_logistic", list(formula = written, nAGQ = nodes),
      list(coef = rows(s[, 1:2], c("est", "se")), sd_intercept = digits(sqrt(VarCorr(m)[[1]][1])), log_lik = digits(logLik(m))), 1e-4, public_long)
}
mixed("glmm_nagq15", resp ~ arm + week + ocs_hi + (1 | usubjid), 15, other)
mixed("glmm_dose", resp ~ dose * ocs_hi + (1 | usubjid), 1, other)

with <- setNames(lapply(c("geepack", "sandwich", "lme4", "brglm2", "coin"), function(p) as.character(packageVersion(p))), c("geepack", "sandwich", "lme4", "brglm2", "coin"))
write(toJSON(list(topic = "binary", created_with = c(list(R = paste(R.version$major, R.version$minor, sep = ".")), with), cases = cases), auto_unbox = TRUE, digits = NA, pretty = 1, null = "null"), "binary.json")
