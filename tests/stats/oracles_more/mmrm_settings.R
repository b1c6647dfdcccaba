# Makes mmrm_settings.json: what mmrm 0.3.18 gives under settings that ../oracles/mmrm.json does not hold: other
# covariances, degrees of freedom, errors, likelihoods, weights, groups, formulas, references, factors and contrasts.
# mmrm is not in Debian: install it from its repository at version 0.3.18. Run in this folder, after mmrm.R: Rscript mmrm_settings.R
suppressPackageStartupMessages({ library(mmrm); library(emmeans); library(jsonlite) })
digits <- function(x) signif(as.numeric(x), 15)
lung <- read.csv("data/lung_long.csv", na.strings = "", colClasses = c(USUBJID = "character"))
public <- read.csv("../oracles/data/t1_sledai_long.csv", na.strings = c("NA", ""))
lung <- subset(lung, !is.na(AVAL)); public <- subset(public, !is.na(chg)) # else emmeans takes all rows where a formula has a function
lung_file <- "data/lung_long.csv"; public_file <- "../oracles/data/t1_sledai_long.csv"
for (v in c("USUBJID", "ARMCD", "AVISIT", "RACE", "SEX")) lung[[v]] <- factor(lung[[v]])
public$usubjid <- factor(public$usubjid); public$arm <- factor(public$arm); public$visit_number <- public$week
public$week <- factor(public$week); public$site <- factor(public$site)
public$region <- factor(public$region, c("ASIA", "EUR", "AME"))
control <- function(vcov, method) mmrm_control(method = method, vcov = vcov, optimizer = "nlminb",
  optimizer_control = list(rel.tol = 1e-14, x.tol = 1e-9, sing.tol = 0, eval.max = 2000, iter.max = 2000))
cases <- list()
table_of <- function(f) { s <- coef(summary(f))
  lapply(rownames(s), function(t) list(term = t, est = digits(s[t, 1]), se = digits(s[t, 2]), df = digits(s[t, 3]), t = digits(s[t, 4]), p = digits(s[t, 5]))) }
rows_of <- function(grid, keep = NULL) {
  s <- as.data.frame(summary(grid, infer = c(TRUE, TRUE), adjust = "none"))
  s <- s[if (is.null(keep)) seq_len(nrow(s)) else keep, ]
  value <- intersect(c("emmean", "estimate"), names(s)); keys <- setdiff(names(s), c(value, "SE", "df", "lower.CL", "upper.CL", "t.ratio", "p.value"))
  lapply(seq_len(nrow(s)), function(k) c(setNames(lapply(keys, function(x) as.character(s[[x]][k])), keys),
    list(est = digits(s[[value]][k]), se = digits(s$SE[k]), df = digits(s$df[k]), t = digits(s$t.ratio[k]), p = digits(s$p.value[k]), lo = digits(s$lower.CL[k]), hi = digits(s$upper.CL[k]))))
}
test_of <- function(x) list(num_df = digits(x$num_df), denom_df = digits(x$denom_df), F = digits(x$f_stat), p = digits(x$p_val))
square <- function(v) lapply(seq_len(nrow(v)), function(i) digits(v[i, ]))
run <- function(id, data, file, formula, cov, spec, vcov = NULL, method = "Satterthwaite", reml = TRUE, weights = NULL, more = function(f) list(), tol = 1e-6) {
  full <- as.formula(paste(formula, "+", cov)); v <- if (is.null(vcov)) if (grepl("^Kenward", method)) "Kenward-Roger" else "Asymptotic" else vcov
  f <- if (is.null(weights)) mmrm(full, data, reml = reml, control = control(v, method)) else mmrm(full, data, weights = data[[weights]], reml = reml, control = control(v, method))
  expect <- c(list(log_lik = digits(logLik(f)), deviance = digits(deviance(f)), aic = digits(AIC(f)), bic = digits(BIC(f)), n_obs = component(f, "n_obs"),
                   n_theta = component(f, "n_theta"), coef = table_of(f)), more(f))
  cases[[length(cases) + 1]] <<- list(id = id, data = file, spec = c(spec, list(method = method), if (!is.null(vcov)) list(vcov = vcov), if (!reml) list(reml = FALSE)),
                                     expect = expect, tol_rel = tol, method = "mmrm")
}
sigma <- function(f) { v <- component(f, "varcor"); list(sigma = if (is.list(v)) lapply(v, square) else square(v)) }
pairs_of <- function(over, keep = NULL, ...) function(f) list(contrasts_pairwise = rows_of(pairs(emmeans(f, as.formula(over), ...)), keep))
means_of <- function(over, keep = NULL, name = "lsmeans", ...) function(f) setNames(list(rows_of(emmeans(f, as.formula(over), ...), keep)), name)
versus <- function(over, keep = NULL, ref = 1, name = "contrasts_vs_placebo", ...) function(f) setNames(list(rows_of(contrast(emmeans(f, as.formula(over), ...), "trt.vs.ctrl", ref = ref), keep)), name)
all_of <- function(...) { parts <- list(...); function(f) do.call(c, lapply(parts, function(g) g(f))) }

right <- "AVAL ~ BASE + RACE + SEX + ARMCD * AVISIT"
at <- function(structure) sprintf("%s(AVISIT | USUBJID)", structure)
plain <- function(structure) list(formula = right, covariance = structure)
last <- versus("~ ARMCD | AVISIT", 7:8)
for (s in c("adh", "toeph", "ar1h", "csh")) run(paste0(s, "_satterthwaite"), lung, lung_file, right, at(s), plain(s), more = all_of(sigma, last))
for (s in c("ad", "toep", "ar1")) run(paste0(s, "_kenward_roger"), lung, lung_file, right, at(s), plain(s), method = "Kenward-Roger", more = all_of(last, means_of("~ ARMCD", name = "lsmeans_arm")))
for (s in c("us", "adh", "cs", "csh", "toeph")) run(paste0(s, "_kenward_roger_linear"), lung, lung_file, right, at(s), plain(s), vcov = "Kenward-Roger-Linear", method = "Kenward-Roger", more = last)
run("ar1h_ml_satterthwaite", lung, lung_file, right, at("ar1h"), plain("ar1h"), reml = FALSE, more = all_of(sigma, last))
run("ad_ml_between_within", lung, lung_file, right, at("ad"), plain("ad"), method = "Between-Within", reml = FALSE, more = all_of(sigma, last))
run("us_residual", lung, lung_file, right, at("us"), plain("us"), method = "Residual", more = last)
run("csh_empirical_residual", lung, lung_file, right, at("csh"), plain("csh"), vcov = "Empirical", method = "Residual", more = last)
run("toep_empirical_between_within", lung, lung_file, right, at("toep"), plain("toep"), vcov = "Empirical", method = "Between-Within", more = last)
run("us_bias_reduced_satterthwaite", lung, lung_file, right, at("us"), plain("us"), vcov = "Empirical-Bias-Reduced", more = last)
run("ar1_jackknife_satterthwaite", lung, lung_file, right, at("ar1"), plain("ar1"), vcov = "Empirical-Jackknife", more = last)
run("cs_weighted_empirical", lung, lung_file, right, at("cs"), c(plain("cs"), list(weights = "WEIGHT")), weights = "WEIGHT", vcov = "Empirical", more = last)
run("us_weighted_kenward_roger", lung, lung_file, right, at("us"), c(plain("us"), list(weights = "WEIGHT")), weights = "WEIGHT", method = "Kenward-Roger", more = all_of(sigma, last))
run("us_by_sex", lung, lung_file, right, "us(AVISIT | SEX / USUBJID)", c(plain("us"), list(group = "SEX")), more = all_of(sigma, last))
run("toeph_by_arm_in_the_formula", lung, lung_file, right, "toeph(AVISIT | ARMCD / USUBJID)", list(formula = paste(right, "+ toeph(AVISIT | ARMCD / USUBJID)")), more = all_of(sigma, last))
run("ar1_by_sex_kenward_roger", lung, lung_file, right, "ar1(AVISIT | SEX / USUBJID)", c(plain("ar1"), list(group = "SEX")), method = "Kenward-Roger", more = last)
run("sp_exp_kenward_roger", lung, lung_file, right, "sp_exp(VISITN | USUBJID)", list(formula = paste(right, "+ sp_exp(VISITN | USUBJID)")), method = "Kenward-Roger", more = last)
run("sp_exp_by_arm", lung, lung_file, right, "sp_exp(VISITN | ARMCD / USUBJID)", list(formula = paste(right, "+ sp_exp(VISITN | ARMCD / USUBJID)")), more = last)

# Formulas: covariates by visit, no intercept, a visit that is a number, powers, three factors crossed
run("covariate_by_visit", lung, lung_file, "AVAL ~ BASE * AVISIT + ARMCD * AVISIT", at("us"), list(formula = "AVAL ~ BASE*AVISIT + ARMCD*AVISIT + us(AVISIT | USUBJID)"),
    more = all_of(means_of("~ ARMCD | AVISIT", c(1, 12)), pairs_of("~ ARMCD | AVISIT", 10:12)))
run("no_intercept", lung, lung_file, "AVAL ~ 0 + ARMCD:AVISIT + BASE", at("toeph"), list(formula = "AVAL ~ 0 + ARMCD:AVISIT + BASE + toeph(AVISIT | USUBJID)"))
run("visit_as_a_number", lung, lung_file, "AVAL ~ BASE + ARMCD * VISITN + I(VISITN^2)", at("us"), list(formula = "AVAL ~ BASE + ARMCD*VISITN + I(VISITN^2)", visit = "AVISIT", covariance = "us"), method = "Kenward-Roger")
run("three_factors_crossed", lung, lung_file, "AVAL ~ (ARMCD + AVISIT + SEX)^3", at("cs"), list(formula = "AVAL ~ (ARMCD + AVISIT + SEX)^3 + cs(AVISIT | USUBJID)"),
    more = all_of(means_of("~ ARMCD * SEX | AVISIT", c(1, 24)), versus("~ ARMCD | AVISIT * SEX", c(1, 16), name = "contrasts_by_sex")))
run("transformed_response", lung, lung_file, "log(AVAL) ~ log(BASE) + ARMCD * AVISIT", at("us"), list(formula = "log(AVAL) ~ log(BASE) + ARMCD*AVISIT + us(AVISIT | USUBJID)"),
    more = function(f) list(lsmeans = rows_of(emmeans(f, ~ ARMCD | AVISIT, tran = NULL), c(1, 12))))
run("averaged_over_visits", lung, lung_file, right, at("us"), plain("us"),
    more = all_of(means_of("~ ARMCD", name = "lsmeans_proportional", weights = "proportional"), means_of("~ AVISIT", name = "lsmeans_by_visit"), means_of("~ RACE", name = "lsmeans_race"),
                  versus("~ ARMCD", name = "contrasts_overall"), pairs_of("~ AVISIT | ARMCD", c(3, 9, 18)),
                  function(f) { em <- emmeans(f, ~ ARMCD | AVISIT); L <- em@linfct; w <- which(em@grid$AVISIT == "VIS3")
                    apart <- function(L) L[-1, , drop = FALSE] - L[rep(1, nrow(L) - 1), , drop = FALSE]; main <- function(over) test_of(df_md(f, apart(emmeans(f, over)@linfct)))
                    crossed <- do.call(rbind, lapply(2:4, function(v) apart(L[em@grid$AVISIT == paste0("VIS", v), ]) - apart(L[em@grid$AVISIT == "VIS1", ])))
                    list(joint = list(ARMCD_at_VIS3 = test_of(df_md(f, apart(L[w, ]))), ARMCD_by_AVISIT = test_of(df_md(f, crossed)), RACE = main(~ RACE), SEX = main(~ SEX), ARMCD = main(~ ARMCD), AVISIT = main(~ AVISIT))) }))
# References: another arm first, another visit first
other <- lung; other$ARMCD <- relevel(other$ARMCD, "TRT2"); other$AVISIT <- factor(other$AVISIT)
run("another_reference", other, lung_file, right, at("us"), plain("us"), more = all_of(means_of("~ ARMCD | AVISIT", c(1, 5)), versus("~ ARMCD | AVISIT", 1:2)))
# The public data: fewer visits, two arms, a site as a factor, other covariates
few <- droplevels(subset(public, week %in% c("4", "8", "12") & !is.na(chg)))
run("three_weeks", few, public_file, "chg ~ sledai0 * week + region + arm * week", "us(week | usubjid)", list(formula = "chg ~ sledai0*week + region + arm*week", weeks = c(4, 8, 12)),
    more = all_of(sigma, versus("~ arm | week"), means_of("~ arm | week", 9:12, "lsmeans_proportional", weights = "proportional")))
two <- droplevels(subset(public, arm %in% c("0", "2") & !is.na(chg)))
run("two_arms", two, public_file, "chg ~ sledai0 + sledai_hi + arm * week", "toeph(week | usubjid)", list(formula = "chg ~ sledai0 + sledai_hi + arm*week", covariance = "toeph", arms = c(0, 2)),
    method = "Kenward-Roger", more = all_of(versus("~ arm | week", 6:7), means_of("~ arm", name = "lsmeans_arm")))
run("covariate_of_two_values_by_arm", two, public_file, "chg ~ sledai0 + sledai_hi * arm + arm * week", "us(week | usubjid)", list(formula = "chg ~ sledai0 + sledai_hi*arm + arm*week", covariance = "us", arms = c(0, 2)),
    more = all_of(versus("~ arm | week", 7), versus("~ arm | week", 7, name = "contrasts_proportional", weights = "proportional"), means_of("~ arm | week", 13:14), means_of("~ arm | week", 13:14, "lsmeans_proportional", weights = "proportional")))
run("sites", public, public_file, "chg ~ sledai0 + site + arm + week", "ar1h(week | usubjid)", list(formula = "chg ~ sledai0 + site + arm + week", covariance = "ar1h"),
    more = all_of(versus("~ arm", name = "contrasts"), means_of("~ arm")))
run("dose_as_a_number", public, public_file, "chg ~ sledai0 + dose * week", "us(week | usubjid)", list(formula = "chg ~ sledai0 + dose*week", covariance = "us"), vcov = "Empirical-Bias-Reduced", more = means_of("~ week"))

made <- sapply(c("mmrm", "TMB", "emmeans"), function(p) as.character(packageVersion(p)), simplify = FALSE)
writeLines(toJSON(list(topic = "mmrm", created_with = c(list(R = as.character(getRversion())), made), cases = cases), auto_unbox = TRUE, digits = NA, null = "null", na = "null"), "mmrm_settings.json")
