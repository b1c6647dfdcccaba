# Makes mcpmod.json and data/five_doses.csv: MCP-Mod by DoseFinding, Dunnett by multcomp, Williams
# by mvtnorm, for doses, candidates, levels and group sizes other than those of ../oracles/mcpmod.json.
# Run in this folder: Rscript mcpmod.R
suppressPackageStartupMessages({
  library(DoseFinding); library(multcomp); library(mvtnorm); library(jsonlite)
})
set.seed(733)
fine <- mvtnorm.control(maxpts = 3e6, abseps = 1e-6)
doses <- c(0, 5, 12, 25, 60)
sizes <- c(38, 25, 27, 31, 42)
people <- data.frame(id = seq_len(sum(sizes)), group = rep(0:4, sizes))
people$mg <- doses[people$group + 1]
people$base <- round(rnorm(nrow(people), 30, 5), 1)
people$change <- round(-4 - 6 * people$mg / (people$mg + 10) - 0.2 * (people$base - 30) +
                         rnorm(nrow(people), sd = 6), 3)
people$better <- as.integer(runif(nrow(people)) < plogis(-1.1 + 1.5 * people$mg / (people$mg + 8)))
people$change[sample(nrow(people), 12)] <- NA
write.csv(people, "data/five_doses.csv", row.names = FALSE, quote = FALSE, na = "")

candidates <- list(linear = NULL, emax = c(4, 20), sigEmax = c(15, 2.5), quadratic = -0.011,
                   exponential = 40, betaMod = c(0.9, 0.6), logistic = c(14, 4))
as_list <- list(linear = NULL, emax = list(4, 20), sigEmax = list(15, 2.5), quadratic = list(-0.011),
                exponential = list(40), betaMod = list(0.9, 0.6), logistic = list(14, 4))
names_of <- c("linear", "emax1", "emax2", "sigEmax", "quadratic", "exponential", "betaMod", "logistic")
mods <- function(low = 0, gain = 1, which = candidates)
  do.call(Mods, c(which, list(doses = doses, placEff = low, maxEff = gain, addArgs = list(scal = 72))))
usual <- mods()
cases <- list()
add <- function(id, method, spec, expect, tol, data = NULL)
  cases[[length(cases) + 1]] <<- list(id = id, method = method, data = data, spec = spec,
                                      expect = expect, tol_rel = tol)
spec <- list(doses = doses, candidates = as_list)
means <- t(getResp(mods(-2, 5), doses = doses))
add("means_falling_and_shifted", "model_means", c(spec, list(placEff = -2, maxEff = 5)),
    list(models = names_of, means = unname(means)), 1e-10)
contr <- function(m = usual, ...) optContr(m, ...)
c_n <- contr(w = sizes)
add("contrasts_unequal", "optimal_contrasts", c(spec, list(w = sizes)),
    list(models = names_of, contrasts = unname(t(c_n$contMat)), correlation = unname(c_n$corMat)), 1e-8)
S <- diag(c(0.11, 0.2, 0.15, 0.13, 0.09)) + 0.02
c_s <- contr(S = S)
add("contrasts_covariance", "optimal_contrasts", c(spec, list(S = S)),
    list(models = names_of, contrasts = unname(t(c_s$contMat)), correlation = unname(c_s$corMat)), 1e-8)
crit <- function(R, df, alpha, tail) {
  df <- if (is.finite(df)) df else 0
  f <- function(q) { set.seed(1); p <- if (tail == "one") pmvt(upper = rep(q, nrow(R)), df = df, corr = R, algorithm = GenzBretz(1e6, 1e-6))
    else pmvt(rep(-q, nrow(R)), rep(q, nrow(R)), df = df, corr = R, algorithm = GenzBretz(1e6, 1e-6)); p - (1 - alpha) }
  uniroot(f, c(1, 4), tol = 1e-6)$root
}
crits <- list()
for (key in c("t70_one_sided_0.05", "z_one_sided_0.01", "t158_two_sided_0.1", "z_two_sided_0.02")) {
  part <- strsplit(key, "_")[[1]]
  df <- if (part[1] == "z") Inf else as.numeric(substring(part[1], 2))
  crits[[key]] <- crit(c_n$corMat, df, as.numeric(part[4]), part[2])
}
add("critical_values_unequal", "critical_values", c(spec, list(w = sizes)), crits, 1e-3)
many <- list()
for (key in c("k4_df60_one_0.05", "k4_dfInf_two_0.01", "k6_df200_two_0.1")) {
  part <- strsplit(key, "_")[[1]]
  k <- as.integer(substring(part[1], 2)); df <- as.numeric(substring(part[2], 3))
  R <- matrix(0.4, k, k); diag(R) <- 1
  many[[key]] <- crit(R, df, as.numeric(part[4]), part[3])
}
add("many_to_one_correlation_0.4", "dunnett_quantiles", list(rho = 0.4), many, 1e-4)

n <- as.integer(table(people$group)); x <- as.integer(tapply(people$better, people$group, sum))
mu <- qlogis(x / n); V <- diag(1 / x + 1 / (n - x))
set.seed(2)
b <- MCTtest(doses, mu, models = usual, S = V, type = "general", df = Inf, alternative = "one.sided",
             mvtcontrol = fine, alpha = 0.05)
add("mct_binary_five_doses", "mct_binary_logit",
    c(spec, list(response = "better", arm = "group", alpha = 0.05)),
    list(mu = mu, S_diag = diag(V), models = names_of, contrasts = unname(t(b$contMat)),
         correlation = unname(b$corMat), z = unname(as.numeric(b$tStat)),
         p_adjusted = as.numeric(attr(b$tStat, "pVal")), critical_value = as.numeric(b$critVal)), 1e-5,
    "data/five_doses.csv")
two <- MCTtest(doses, mu, models = usual, S = V, type = "general", df = Inf, alternative = "two.sided", mvtcontrol = fine)
add("mct_from_estimates_two_sided", "mct_binary_logit",
    c(spec, list(mu = mu, S = V, alternative = "two.sided")),
    list(z = unname(as.numeric(two$tStat)), p_adjusted = as.numeric(attr(two$tStat, "pVal"))), 1e-5)
seen <- subset(people, !is.na(change)); seen$y <- -seen$change
a <- MCTtest(mg, y, seen, usual, alternative = "one.sided", mvtcontrol = fine)
ac <- MCTtest(mg, y, seen, usual, addCovars = ~ base, alternative = "one.sided", mvtcontrol = fine)
add("mct_normal_five_doses", "mct_normal",
    c(spec, list(filter = "change present", response = "-change", arm = "group")),
    list(n = nrow(seen), df = nrow(seen) - 5, t = as.numeric(a$tStat), p_adjusted = as.numeric(attr(a$tStat, "pVal")),
         adjusted_for_base = list(df = nrow(seen) - 6, t = as.numeric(ac$tStat), p_adjusted = as.numeric(attr(ac$tStat, "pVal")))),
    1e-5, "data/five_doses.csv")

fits <- list()
for (shape in c("linear", "emax", "quadratic", "sigEmax", "exponential", "logistic", "betaMod", "linlog")) {
  box <- defBnds(60)[[shape]]
  f <- fitMod(doses, mu, S = V, model = shape, type = "general", bnds = box,
              addArgs = list(scal = 72, off = 0.6))
  left <- mu - as.numeric(predict(f, predType = "ls-means", doseSeq = doses))
  target <- tryCatch(as.numeric(TD(f, Delta = 0.7, TDtype = "continuous")), error = function(e) NA)
  fits[[shape]] <- list(coef = as.list(coef(f)), rss_general = sum(left * solve(V, left)), gaic = gAIC(f),
                        pred = as.numeric(predict(f, predType = "ls-means", doseSeq = doses)),
                        td_for_0.7 = if (is.finite(target)) target else NULL)
  if (is.null(fits[[shape]]$td_for_0.7)) fits[[shape]]$td_for_0.7 <- NULL
}
add("fits_five_doses", "fit_binary_logit", c(spec, list(response = "better", arm = "group")), fits, 2e-3, "data/five_doses.csv")

c_e <- contr(w = rep(1, 5))
power <- function(m, ...) { set.seed(4); as.list(powMCT(c_e, altModels = m, control = fine, ...)) }
powers <- setNames(power(mods(0, 4), alpha = 0.05, n = 24, sigma = 6), names_of)
add("power_five_doses", "power_mct", c(spec, list(n_per_arm = 24, sigma = 6, alpha = 0.05, maxEff = 4)),
    list(normal_by_true_model = powers,
         general_S_0.2 = setNames(power(mods(0, 4), alpha = 0.05, S = diag(0.2 * 16, 5), df = Inf), names_of)[c("linear", "emax2")]),
    1e-4)
cases[[length(cases)]]$expect$general_S_3.2 <- cases[[length(cases)]]$expect$general_S_0.2
cases[[length(cases)]]$expect$general_S_0.2 <- NULL
low <- qlogis(0.2); high <- qlogis(0.45)
four <- candidates[c("linear", "emax", "sigEmax")]
curves <- getResp(mods(low, high - low, four), doses = doses)
got <- sapply(1:4, function(j) { r <- plogis(curves[, j])
  set.seed(5); cm <- optContr(mods(which = four), w = rep(1, 5))
  v <- diag(1 / (50 * r * (1 - r))); d <- sqrt(diag(t(cm$contMat) %*% v %*% cm$contMat))
  R <- cov2cor(t(cm$contMat) %*% v %*% cm$contMat)
  q <- crit(R, Inf, 0.025, "one"); del <- as.numeric(t(cm$contMat) %*% curves[, j]) / d
  1 - pmvnorm(upper = q - del, corr = R, algorithm = GenzBretz(1e6, 1e-6)) })
add("power_binary", "power_mct", list(doses = doses, candidates = as_list[c("linear", "emax", "sigEmax")]),
    list(binary_20_to_45_percent_n50 = list(models = names_of[1:4], p = unname(t(plogis(curves))), power = got)), 1e-4)
od <- optDesign(mods(0, 1, list(linear = NULL, emax = 20, exponential = 40)), probs = c(0.2, 0.5, 0.3), doses = doses, designCrit = "Dopt", optimizer = "Nelder-Mead", control = list(maxit = 20000, reltol = 1e-14))
add("allocation_determinant", "optimal_design",
    list(doses = doses, candidates = list(linear = NULL, emax = list(20), exponential = list(40)), probs = c(0.2, 0.5, 0.3)),
    list(crit = od$crit), 1e-5)
ot <- optDesign(mods(0, 1, list(linear = NULL, emax = 20, exponential = 40)), probs = c(0.2, 0.5, 0.3), doses = doses, designCrit = "TD", Delta = 0.4, optimizer = "Nelder-Mead", control = list(maxit = 20000, reltol = 1e-14))
add("allocation_target_dose", "optimal_design",
    list(doses = doses, candidates = list(linear = NULL, emax = list(20), exponential = list(40)), probs = c(0.2, 0.5, 0.3), Delta = 0.4),
    list(crit = ot$crit), 1e-5)

seen$g <- factor(seen$group)
fit <- lm(y ~ g, seen)
run <- function(K, side, how = "single-step") { set.seed(7)
  summary(glht(fit, linfct = mcp(g = K), alternative = side), test = adjusted(how, maxpts = 2e5, abseps = 1e-6)) }
one <- run("Dunnett", "greater"); both <- run("Dunnett", "two.sided")
down <- run("Dunnett", "greater", "free"); wil <- run(contrMat(table(seen$g), "Williams"), "greater")
set.seed(8); ci <- confint(glht(fit, linfct = mcp(g = "Dunnett")), abseps = 1e-6, maxpts = 2e5)
add("dunnett_five_groups", "dunnett_williams", list(filter = "change present", response = "-change", arm = "group"),
    list(est = as.numeric(both$test$coefficients), se = as.numeric(both$test$sigma), t = as.numeric(both$test$tstat),
         df = both$df, p_one_sided_single_step = as.numeric(one$test$pvalues),
         p_two_sided_single_step = as.numeric(both$test$pvalues),
         p_one_sided_step_down_free = as.numeric(down$test$pvalues),
         williams_t = as.numeric(wil$test$tstat), williams_p = as.numeric(wil$test$pvalues),
         simultaneous_ci_two_sided = unname(ci$confint[, 1:3]), quantile = as.numeric(attr(ci$confint, "calpha"))),
    1e-5, "data/five_doses.csv")
add("dunnett_from_statistics", "dunnett_p_values",
    list(t = as.numeric(both$test$tstat), df = both$df, n = as.integer(table(seen$g))),
    list(one_sided_single_step = as.numeric(one$test$pvalues), two_sided_single_step = as.numeric(both$test$pvalues),
         one_sided_step_down = as.numeric(down$test$pvalues)), 2e-3)
versions <- sapply(c("DoseFinding", "multcomp", "mvtnorm"), function(p) as.character(packageVersion(p)))
write_json(list(topic = "mcpmod", created_with = c(list(R = as.character(getRversion())), as.list(versions)),
                cases = cases), "mcpmod.json", digits = 15, auto_unbox = TRUE, pretty = 1, null = "null", na = "null")
