# Makes mcpmod_settings.json: DoseFinding and multcomp on arms in words, on covariates of several kinds, with covariances that
# are given, two-sided, for sizes of each dose and for R's own way to write a filter. Install DoseFinding 1.4-1.9000 from its
# repository. Run in this folder: Rscript mcpmod_settings.R
suppressPackageStartupMessages({ library(DoseFinding); library(multcomp); library(jsonlite) })
fine <- mvtnorm.control(maxpts = 1e6, abseps = 1e-6)
long <- read.csv("../oracles/data/t1_sledai_long.csv", na.strings = c("NA", "")); wide <- read.csv("../oracles/data/t1_sri4.csv", na.strings = c("NA", ""))
long_file <- "../oracles/data/t1_sledai_long.csv"; wide_file <- "../oracles/data/t1_sri4.csv"
doses <- c(0, .2, .5, 1)
cases <- list()
add <- function(id, method, spec, expect, tol = 1e-6, data = NULL)
  cases[[length(cases) + 1]] <<- list(id = id, method = method, data = data, spec = spec, expect = expect, tol_rel = tol)
three <- Mods(linear = NULL, emax = .2, exponential = .4, doses = doses, maxEff = 1); given <- list(linear = NULL, emax = .2, exponential = .4)

at <- function(weeks, keep = TRUE) subset(long, week %in% weeks & !is.na(chg) & keep)
step <- function(id, data, filter, response = "-chg", models = three, spec = list(candidates = given), covariates = NULL, alternative = "one.sided") {
  data$y <- if (startsWith(response, "-")) -data[[substring(response, 2)]] else data[[response]]
  plain <- MCTtest(dose, y, data, models, alternative = alternative, mvtcontrol = fine)
  expect <- list(n = nrow(data), df = nrow(data) - length(unique(data$dose)), t = as.numeric(plain$tStat), p_adjusted = as.numeric(attr(plain$tStat, "pVal")))
  for (key in names(covariates)) { f <- MCTtest(dose, y, data, models, addCovars = covariates[[key]], alternative = alternative, mvtcontrol = fine)
    more <- ncol(model.matrix(covariates[[key]], data)) - 1
    expect[[paste0("adjusted_for_", key)]] <- list(df = nrow(data) - length(unique(data$dose)) - more, t = as.numeric(f$tStat), p_adjusted = as.numeric(attr(f$tStat, "pVal"))) }
  add(id, "mct_normal", c(spec, list(filter = filter, response = response, alternative = alternative)), expect, 1e-6, long_file)
}
step("covariates", at(12), "week == 12 & !is.na(chg)", covariates = list(sledai0 = ~ sledai0, region = ~ region, sledai0_and_region = ~ sledai0 + region, ocs_hi_and_sledai0 = ~ ocs_hi + sledai0))
step("europe_week8_two_sided", subset(at(8), region == "EUR"), "week = 8 and region = EUR and chg present", "chg", alternative = "two.sided")
step("baseline_above_eight", subset(at(12), sledai0 > 8), "week == 12 & sledai0 > 8 & !is.na(chg)", covariates = list(sledai0 = ~ sledai0))

# Logits of a model with covariates: their covariance is given with them
m <- glm(sri4_nri ~ factor(dose) + sledai0 + ocs_hi - 1, binomial, wide, control = glm.control(1e-14, 100)); mu <- coef(m)[1:4]; S <- vcov(m)[1:4, 1:4]
full <- function(x) unname(lapply(seq_len(nrow(x)), function(i) as.numeric(x[i, ])))
for (side in c("one.sided", "two.sided")) { g <- MCTtest(doses, mu, S = S, models = three, type = "general", df = Inf, alternative = side, mvtcontrol = fine, alpha = .05)
  add(paste0("adjusted_logits_", sub(".sided", "", side)), "mct_binary_logit", list(candidates = given, mu = as.numeric(mu), S = full(S), alternative = side, alpha = .05),
      list(z = as.numeric(g$tStat), p_adjusted = as.numeric(attr(g$tStat, "pVal")), contrasts = unname(t(g$contMat)), correlation = unname(g$corMat)), 1e-6) }
x <- tapply(wide$rescue, wide$dose, sum); n <- as.numeric(table(wide$dose)); l <- qlogis(x / n); v <- 1 / x + 1 / (n - x)
g <- MCTtest(doses, as.numeric(l), S = diag(as.numeric(v)), models = Mods(quadratic = -.6, betaMod = c(.8, 1.1), doses = doses), type = "general", df = Inf, mvtcontrol = fine)
add("rescue", "mct_binary_logit", list(candidates = list(quadratic = -.6, betaMod = c(.8, 1.1)), response = "rescue"),
    list(mu = as.numeric(l), S_diag = as.numeric(v), models = c("quadratic", "betaMod"), z = as.numeric(g$tStat), p_adjusted = as.numeric(attr(g$tStat, "pVal"))), 1e-6, wide_file)

fits <- list()
for (shape in c("linear", "quadratic", "emax", "exponential")) { f <- fitMod(doses, mu, S = S, model = shape, type = "general", bnds = defBnds(1)[[shape]])
  left <- mu - predict(f, predType = "ls-means", doseSeq = doses)
  fits[[shape]] <- list(coef = as.list(coef(f)), rss_general = sum(left * solve(S, left)), gaic = gAIC(f), pred = as.numeric(predict(f, predType = "ls-means", doseSeq = doses))) }
add("fits_of_adjusted_logits", "fit_binary_logit", list(mu = as.numeric(mu), S = full(S)), fits, 2e-3)

sizes <- c(60, 30, 30, 45)
for (side in c("equal", "unequal")) { w <- if (side == "equal") rep(1, 4) else sizes; c_w <- optContr(three, w = w); set.seed(3)
  p <- powMCT(c_w, alpha = .05, altModels = Mods(linear = NULL, emax = .2, exponential = .4, doses = doses, maxEff = 1.5), n = sizes, sigma = 3, control = fine)
  add(paste0("power_", side, "_contrasts"), "power_mct", c(list(candidates = given, n_per_arm = sizes, sigma = 3, alpha = .05, maxEff = 1.5), if (side == "unequal") list(w = sizes)),
      list(normal_by_true_model = setNames(as.list(as.numeric(p)), c("linear", "emax", "exponential"))), 1e-4) }
two <- Mods(linear = NULL, sigEmax = rbind(c(.3, 2), c(.6, 4)), doses = doses)
add("two_of_a_shape", "optimal_contrasts", list(candidates = list(linear = NULL, sigEmax = list(c(.3, 2), c(.6, 4))), w = 1),
    { o <- optContr(two, w = 1); list(models = c("linear", "sigEmax1", "sigEmax2"), contrasts = unname(t(o$contMat)), correlation = unname(o$corMat)) }, 1e-8)
add("six_doses", "model_means", list(doses = c(0, 1, 2, 4, 8, 16), candidates = list(linlog = NULL, betaMod = c(1, 2), emax = 3), placEff = 10, maxEff = -4),
    { k <- Mods(linlog = NULL, betaMod = c(1, 2), emax = 3, doses = c(0, 1, 2, 4, 8, 16), placEff = 10, maxEff = -4, addArgs = list(scal = 19.2, off = .16)); list(models = c("linlog", "betaMod", "emax"), means = unname(t(getResp(k)))) }, 1e-9)

seen <- at(8); seen$g <- factor(seen$arm); f <- lm(-chg ~ g, seen)
run <- function(K, side, how = "single-step") { set.seed(7); summary(glht(f, linfct = mcp(g = K), alternative = side), test = adjusted(how, maxpts = 2e5, abseps = 1e-6)) }
one <- run("Dunnett", "greater"); both <- run("Dunnett", "two.sided"); down <- run("Dunnett", "greater", "free"); wil <- run(contrMat(table(seen$g), "Williams"), "greater")
add("dunnett_week8", "dunnett_williams", list(week = 8),
    list(est = as.numeric(both$test$coefficients), se = as.numeric(both$test$sigma), t = as.numeric(both$test$tstat), df = both$df, p_one_sided_single_step = as.numeric(one$test$pvalues),
         p_two_sided_single_step = as.numeric(both$test$pvalues), p_one_sided_step_down_free = as.numeric(down$test$pvalues), williams_t = as.numeric(wil$test$tstat), williams_p = as.numeric(wil$test$pvalues)), 1e-6, long_file)

versions <- sapply(c("DoseFinding", "multcomp", "mvtnorm"), function(p) as.character(packageVersion(p)))
write_json(list(topic = "mcpmod", created_with = c(list(R = as.character(getRversion())), as.list(versions)), cases = cases),
           "mcpmod_settings.json", digits = 15, auto_unbox = TRUE, pretty = 1, null = "null", na = "null")
