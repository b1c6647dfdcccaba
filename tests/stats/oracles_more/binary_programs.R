# Makes binary_programs.json: what the programs of the public binary.json, which are not in Debian, give for other tables,
# arms, strata, formulas and schemes. Install DescTools 0.99.59, Exact 3.3, logistf 1.26.1, ratesci, beeca 0.2.0 and
# RobinCar2 0.2.3.9000 from their repositories. Run in this folder, after binary.R: Rscript binary_programs.R
options(warn = -1)
suppressPackageStartupMessages({ library(DescTools); library(Exact); library(logistf); library(ratesci); library(beeca); library(RobinCar2); library(metafor); library(jsonlite) })
digits <- function(x) signif(as.numeric(x), 15)
cases <- list()
add <- function(id, method, spec, expect, tol = 1e-6, data = NULL)
  cases[[length(cases) + 1]] <<- list(id = id, data = data, spec = spec, expect = expect, tol_rel = tol, method = method)
limits <- function(est, lo, hi) list(est = digits(est), lo = digits(lo), hi = digits(hi))
public <- "../oracles/data/t1_sri4.csv"; small_file <- "data/small_binary.csv"
trial <- read.csv(public); small <- read.csv(small_file, na.strings = "")
trial$armf <- factor(trial$arm); trial$st <- paste0("S", trial$sledai_hi, "O", trial$ocs_hi)
small$TRTP <- factor(small$TRTP, c("Placebo", "Low", "High"))

for (k in list(c(3, 25, .95), c(30, 31, .9), c(61, 200, .99))) {
  ways <- c("wald", "waldcc", "wilson", "wilsoncc", "agresti-coull", "jeffreys", "clopper-pearson", "arcsine", "logit")
  b <- BinomCI(k[1], k[2], conf.level = k[3], method = ways)
  add(sprintf("one_proportion_%g_of_%g", k[1], k[2]), "one_proportion", list(x = k[1], n = k[2], conf_level = k[3]),
      setNames(lapply(seq_along(ways), function(i) limits(b[i, 1], b[i, 2], b[i, 3])), ways))
}
for (k in list(list(c(9, 30, 21, 44), .95), list(c(2, 19, 5, 23), .9), list(c(0, 14, 3, 12), .95), list(c(11, 11, 7, 13), .99), list(c(0, 8, 0, 9), .95))) {
  t <- k[[1]]; level <- k[[2]]; ways <- c(wald = "wald", waldcc = "waldcc", agresti_caffo = "ac", newcombe = "score", newcombe_cc = "scorecc", ha = "ha", jp = "jp", hal = "hal")
  b <- BinomDiffCI(t[1], t[2], t[3], t[4], conf.level = level, method = unname(ways))
  out <- setNames(lapply(seq_along(ways), function(i) list(lo = digits(b[i, 2]), hi = digits(b[i, 3]))), names(ways))
  run <- function(contrast, ...) scoreci(t[1], t[2], t[3], t[4], contrast = contrast, level = level, precis = 12, ...)$estimates
  mn <- run("RD", skew = FALSE); mee <- run("RD", skew = FALSE, bcf = FALSE); sc <- run("RD", skew = TRUE)
  out$miettinen_nurminen <- list(lo = digits(mn[1, 1]), hi = digits(mn[1, 3])); out$mee <- list(lo = digits(mee[1, 1]), hi = digits(mee[1, 3]))
  out$skewness_corrected_score <- limits(sc[1, 2], sc[1, 1], sc[1, 3])
  if (t[1] + t[3] > 0) { rr <- run("RR", skew = FALSE); ko <- run("RR", skew = FALSE, bcf = FALSE); or <- run("OR", skew = FALSE, ORbias = FALSE)
    out$risk_ratio_mn <- list(lo = digits(rr[1, 1]), hi = digits(rr[1, 3])); out$risk_ratio_koopman <- list(lo = digits(ko[1, 1]), hi = digits(ko[1, 3])); out$odds_ratio_mn <- list(lo = digits(or[1, 1]), hi = digits(or[1, 3])) }
  out <- lapply(out, function(x) lapply(x, function(v) if (is.infinite(v)) if (v > 0) "Inf" else "-Inf" else v))
  add(sprintf("two_proportions_%d_of_%d_v_%d_of_%d", t[1], t[2], t[3], t[4]), "two_proportions", list(x1 = t[1], n1 = t[2], x0 = t[3], n0 = t[4], conf_level = level), out, 1e-6)
}
for (t in list(c(7, 12, 2, 14), c(1, 9, 6, 8), c(0, 6, 4, 7), c(12, 20, 5, 20))) {
  m <- rbind(c(t[1], t[2] - t[1]), c(t[3], t[4] - t[3]))
  ex <- function(method) exact.test(t(m), method = method, model = "Binomial", cond.row = FALSE, to.plot = FALSE, npNumbers = 1000, ref.pvalue = TRUE, useStoredCSM = FALSE)
  p <- ex("z-pooled"); u <- ex("z-unpooled"); b <- ex("boschloo"); csm <- ex("csm")
  add(sprintf("exact_%d_of_%d_v_%d_of_%d", t[1], t[2], t[3], t[4]), "two_by_two_tests", list(x1 = t[1], n1 = t[2], x0 = t[3], n0 = t[4]),
      list(z_pooled_unconditional = list(z = digits(p$statistic), p = digits(p$p.value)), z_unpooled_unconditional = list(z = digits(u$statistic), p = digits(u$p.value)),
           boschloo = digits(b$p.value), barnard_csm = digits(csm$p.value)), 1e-4)
}

strata <- function(data, arm, active, control, response, stratum, level = .95) {
  data <- data[data[[arm]] %in% c(active, control) & !is.na(data[[response]]), ]; cell <- interaction(data[stratum], drop = TRUE, sep = " ", lex.order = TRUE)
  tab <- base::table(factor(data[[arm]], c(active, control)), factor(data[[response]], c(1, 0)), cell)
  x1 <- tab[1, 1, ]; n1 <- x1 + tab[1, 2, ]; x0 <- tab[2, 1, ]; n0 <- x0 + tab[2, 2, ]
  mh <- scoreci(x1, n1, x0, n0, contrast = "RD", stratified = TRUE, weighting = "MH", skew = FALSE, level = level, precis = 12)$estimates
  mn <- scoreci(x1, n1, x0, n0, contrast = "RD", stratified = TRUE, weighting = "MN", skew = FALSE, level = level, precis = 12)$estimates
  rd <- rma.mh(ai = x1, n1i = n1, ci = x0, n2i = n0, measure = "RD", level = 100 * level, correct = FALSE)
  or <- rma.mh(ai = x1, n1i = n1, ci = x0, n2i = n0, measure = "OR", level = 100 * level, correct = FALSE)
  rr <- rma.mh(ai = x1, n1i = n1, ci = x0, n2i = n0, measure = "RR", level = 100 * level)
  out <- list(rd_stratified_miettinen_nurminen_mh = list(lo = digits(mh[1, 1]), hi = digits(mh[1, 3]), ratesci_mh = digits(mh[1, c(1, 3)])),
       rd_stratified_miettinen_nurminen_mn_weights_ratesci = limits(mn[1, 2], mn[1, 1], mn[1, 3]),
       rd_mh_sato = c(limits(rd$beta, rd$ci.lb, rd$ci.ub), list(se = digits(rd$se))),
       common_or_mh_rbg = c(limits(exp(or$beta), exp(or$ci.lb), exp(or$ci.ub)), list(se_log = digits(or$se))),
       common_rr_mh_gr = c(limits(exp(rr$beta), exp(rr$ci.lb), exp(rr$ci.ub)), list(se_log = digits(rr$se))),
       weights_mh = digits((n1 * n0 / (n1 + n0)) / sum(n1 * n0 / (n1 + n0))))
  if (all(tab > 0)) { bd <- BreslowDayTest(tab); bt <- BreslowDayTest(tab, correct = TRUE)
    out$breslow_day <- list(chisq = digits(bd$statistic), df = digits(bd$parameter), p = digits(bd$p.value))
    out$breslow_day_tarone <- list(chisq = digits(bt$statistic), p = digits(bt$p.value))
    w <- WoolfTest(tab); out$woolf <- list(chisq = digits(w$statistic), df = digits(w$parameter), p = digits(w$p.value))
    iv <- rma.uni(ai = x1, n1i = n1, ci = x0, n2i = n0, measure = "RD", method = "EE", level = 100 * level); out$rd_inverse_variance <- c(limits(iv$beta, iv$ci.lb, iv$ci.ub), list(se = digits(iv$se))) }
  out
}
add("stratified_arm2_vs_placebo", "stratified_two_proportions", list(strata = "st"), strata(trial, "arm", 2, 0, "sri4_nri", "st"), 1e-6, public)
add("stratified_arm3_vs_arm1_ninety", "stratified_two_proportions", list(strata = "region", conf_level = .9), strata(trial, "arm", 3, 1, "sri4_nri", "region", .9), 1e-6, public)
add("stratified_observed", "stratified_two_proportions", list(arm = "arm2", reference = "placebo", response = "sri4_obs", strata = c("sledai_hi", "rescue")), strata(trial, "arm", 2, 0, "sri4_obs", c("sledai_hi", "rescue")), 1e-6, public)
add("stratified_words", "stratified_two_proportions", list(arms = c("low", "placebo"), response = "responder", strata = "country"), strata(small, "TRTP", "Low", "Placebo", "responder", "country"), 1e-6, small_file)

firth <- function(id, formula, data, file, level = .95, written = deparse1(formula)) {
  f <- logistf(formula, data, alpha = 1 - level, pl = TRUE, control = logistf.control(maxit = 1000, xconv = 1e-12, gconv = 1e-10, lconv = 1e-12), plcontrol = logistpl.control(maxit = 1000, xconv = 1e-12, lconv = 1e-12))
  rows <- lapply(seq_along(coef(f)), function(i) list(term = names(coef(f))[i], est = digits(coef(f)[i]), se = digits(sqrt(diag(vcov(f)))[i]), profile_lo = digits(f$ci.lower[i]), profile_hi = digits(f$ci.upper[i]), p_penalised_lr = digits(f$prob[i])))
  add(id, "firth_logistic", list(formula = written, level = level), list(coef = rows, log_lik = digits(f$loglik[c("full", "null")])), 1e-5, file)
}
firth("firth_words", responder ~ TRTP + country + weight, small, small_file)
firth("firth_separated_ninety", responder ~ TRTP * country, small, small_file, .9)
firth("firth_rescue", sri4_nri ~ armf + rescue + region, trial, public, written = "sri4_nri ~ arm + rescue + region")

schemes <- c(simple = "sp", permuted_block = "pb", pocock_simon = "ps")
standardized <- function(id, formula, data, arm, file, by, spec = list(), written = deparse1(formula)) {
  data <- data[complete.cases(data[all.vars(formula)]), ]
  names(data)[names(data) == arm] <- "TRT"; f <- as.formula(gsub(paste0("\\b", arm, "\\b"), "TRT", deparse1(formula)))
  m <- glm(f, binomial, data, control = glm.control(1e-14, 100))
  out <- list()
  if (!grepl("*", deparse1(f), fixed = TRUE)) { # beeca has no models with an interaction of the arm
    y <- get_marginal_effect(m, trt = "TRT", method = "Ye", contrast = "diff", reference = levels(data$TRT)[1])
    out <- list(beeca_ye_est = digits(y$marginal_est), beeca_ye_se = digits(y$marginal_se)) }
  for (s in names(schemes)) for (b in if (s == "simple") "" else by) {
    d <- data; if (b != "") for (v in strsplit(b, "+", fixed = TRUE)[[1]]) d[[v]] <- factor(d[[v]])
    treatment <- as.formula(sprintf("TRT ~ %s(%s)", schemes[[s]], if (b == "") "1" else b))
    r <- robin_glm(f, data = d, treatment = treatment, family = binomial(), contrast = "difference", vcov = "vcovG")
    key <- paste0("robincar2_", s, if (b != "") paste0("_by_", b))
    k <- seq_len(nlevels(data$TRT) - 1)
    out[[key]] <- list(est = digits(r$contrast$estimate[k]), se = digits(sqrt(diag(r$contrast$variance))[k]), mean = digits(r$marginal_mean$estimate), mean_se = digits(sqrt(diag(r$marginal_mean$variance))))
  }
  add(id, "marginal_standardization", c(list(formula = written), spec), out, 1e-6, file)
}
standardized("standardisation_region", sri4_nri ~ armf + region + age, trial, "armf", public, c("region", "ocs_hi"), written = "sri4_nri ~ arm + region + age")
standardized("standardisation_interaction", sri4_nri ~ armf * sledai0, trial, "armf", public, c("sledai_hi", "site"), written = "sri4_nri ~ arm * sledai0")
standardized("standardisation_words", responder ~ TRTP + country + weight, small, "TRTP", small_file, c("country", "sex"), list(levels = c("Placebo", "Low", "High")))

versions <- sapply(c("DescTools", "Exact", "logistf", "ratesci", "beeca", "RobinCar2", "metafor"), function(p) as.character(packageVersion(p)), simplify = FALSE)
write(toJSON(list(topic = "binary", created_with = c(list(R = paste(R.version$major, R.version$minor, sep = ".")), versions), cases = cases), auto_unbox = TRUE, digits = NA, pretty = 1, null = "null", na = "null"), "binary_programs.json")
