# Makes design.json: bounds, sizes and analyses by rpact and stats for looks, levels, ratios and
# counts other than those of ../oracles/design.json. Run in this folder: Rscript design.R
suppressPackageStartupMessages({ library(rpact); library(jsonlite) })
cases <- list()
add <- function(id, method, spec, expect, tol)
  cases[[length(cases) + 1]] <<- list(id = id, method = method, data = NULL, spec = spec, expect = expect, tol_rel = tol)
settings <- list(
  OF_k5 = list(type = "OF", k = 5, alpha = 0.01), P_k2 = list(type = "P", k = 2, alpha = 0.05),
  asOF_uneven = list(type = "asOF", informationRates = c(0.3, 0.55, 1), alpha = 0.05),
  asP_uneven = list(type = "asP", informationRates = c(0.2, 0.45, 0.8, 1), alpha = 0.025),
  asHSD_k4 = list(type = "asHSD", k = 4, gammaA = 1.5, alpha = 0.01),
  asKD_uneven = list(type = "asKD", informationRates = c(0.4, 0.7, 1), gammaA = 2.5, alpha = 0.025),
  WT_k4 = list(type = "WT", k = 4, deltaWT = 0.1, alpha = 0.025),
  HP_uneven = list(type = "HP", informationRates = c(0.5, 0.75, 1), constantBoundsHP = 2.8, alpha = 0.05),
  single = list(type = "asOF", k = 1, alpha = 0.025))
for (name in names(settings)) { s <- settings[[name]]
  call <- list(typeOfDesign = s$type, alpha = s$alpha, sided = 1, beta = 0.1)
  if (is.null(s$informationRates)) call$kMax <- s$k else call$informationRates <- s$informationRates
  for (extra in c("gammaA", "deltaWT", "constantBoundsHP")) if (!is.null(s[[extra]])) call[[extra]] <- s[[extra]]
  d <- do.call(getDesignGroupSequential, call); ch <- getDesignCharacteristics(d)
  add(paste0("bounds_", name), "group_sequential_bounds", c(s, list(beta = 0.1)),
      list(z = I(d$criticalValues), stage_p = I(d$stageLevels), alpha_spent = I(d$alphaSpent), inflation_power_0.9 = ch$inflationFactor,
           average_sample_number_H1 = ch$averageSampleNumber1, average_H0 = ch$averageSampleNumber0), 2e-6) }
fb <- getDesignGroupSequential(typeOfDesign = "asP", informationRates = c(0.4, 0.7, 1), alpha = 0.05, futilityBounds = c(-0.5, 0.3), bindingFutility = TRUE)
add("bounds_binding", "group_sequential_bounds", list(type = "asP", informationRates = c(0.4, 0.7, 1), alpha = 0.05, futility = c(-0.5, 0.3), binding = TRUE),
    list(z = fb$criticalValues), 2e-6)
nb <- getDesignGroupSequential(typeOfDesign = "P", kMax = 3, alpha = 0.025, futilityBounds = c(0, 0.5), bindingFutility = FALSE, beta = 0.1)
nc <- getDesignCharacteristics(nb)
add("bounds_not_binding", "group_sequential_bounds", list(type = "P", k = 3, futility = c(0, 0.5), binding = FALSE, beta = 0.1),
    list(z = nb$criticalValues, inflation_power_0.9 = nc$inflationFactor, average_sample_number_H1 = nc$averageSampleNumber1, average_H0 = nc$averageSampleNumber0), 2e-6)
for (s in list(list(type = "asHSD", k = 4, gammaA = -2, alpha = 0.025, beta = 0.1, typeBetaSpending = "bsHSD", gammaB = -3, binding = FALSE),
               list(type = "asP", informationRates = c(0.3, 0.6, 1), alpha = 0.05, beta = 0.2, typeBetaSpending = "bsKD", gammaB = 2, binding = TRUE),
               list(type = "asOF", informationRates = c(0.3, 0.6, 1), alpha = 0.05, beta = 0.2, typeBetaSpending = "bsP", binding = FALSE))) {
  call <- c(list(typeOfDesign = s$type, bindingFutility = s$binding),
            s[intersect(names(s), c("informationRates", "alpha", "beta", "gammaA", "typeBetaSpending", "gammaB"))])
  if (!is.null(s$k)) call$kMax <- s$k
  b <- do.call(getDesignGroupSequential, call)
  add(paste0("beta_spent_", s$typeBetaSpending), "group_sequential_bounds", s,
      list(beta_spending_efficacy_z = b$criticalValues, beta_spending_futility_z = b$futilityBounds), 1e-5) }
fixed <- function(a, b) getDesignGroupSequential(kMax = 1, alpha = a, beta = b, sided = 1)
for (s in list(list(p0 = 0.15, p1 = 0.4, alpha = 0.05, power = 0.9), list(p0 = 0.6, p1 = 0.35, alpha = 0.01, power = 0.85))) {
  two <- getDesignGroupSequential(kMax = 2, typeOfDesign = "asOF", alpha = s$alpha, beta = 1 - s$power)
  run <- function(d, r = 1) getSampleSizeRates(d, groups = 2, pi1 = s$p1, pi2 = s$p0, allocationRatioPlanned = r)
  if (s$p1 < s$p0) next
  add(paste0("rates_", s$p0, "_", s$p1), "sample_size_rates", s,
      list(total_pooled_variance = run(fixed(s$alpha, 1 - s$power))$nFixed,
           per_arm_power_prop_test = power.prop.test(p1 = s$p0, p2 = s$p1, sig.level = 2 * s$alpha, power = s$power, tol = 1e-12)$n,
           total_ratio_2_to_1 = run(fixed(s$alpha, 1 - s$power), 2)$nFixed,
           total_ratio_1.5_to_1 = run(fixed(s$alpha, 1 - s$power), 1.5)$nFixed,
           two_look_asOF_max = run(two)$maxNumberOfSubjects, two_look_expected_H1 = run(two)$expectedNumberOfSubjectsH1), 2e-6) }
for (s in list(list(delta = 1.5, sd = 5, hr = 0.7, alpha = 0.05, power = 0.9), list(delta = 3, sd = 4, hr = 0.5, alpha = 0.01, power = 0.8, ratio = 2, median = 9, accrual = 18, follow_up = 6))) {
  d <- fixed(s$alpha, 1 - s$power); r <- if (is.null(s$ratio)) 1 else s$ratio
  get <- function(x, other) if (is.null(s[[x]])) other else s[[x]]
  m <- function(norm) getSampleSizeMeans(d, groups = 2, alternative = s$delta, stDev = s$sd, allocationRatioPlanned = r, normalApproximation = norm)$nFixed
  v <- function(kind) getSampleSizeSurvival(d, hazardRatio = s$hr, median2 = get("median", 12), accrualTime = c(0, get("accrual", 12)), followUpTime = get("follow_up", 12), allocationRatioPlanned = r, typeOfComputation = kind)
  sv <- v("Schoenfeld")
  add(paste0("means_survival_", s$hr), "sample_size_means_survival", s,
      list(total_t = m(FALSE), total_normal = m(TRUE), events_schoenfeld = sv$eventsFixed, events_freedman = v("Freedman")$eventsFixed,
           subjects = sv$nFixed, analysis_time = list(I(as.numeric(sv$analysisTime)))), 2e-6) }
chances <- function(n, a, b) outer(dbinom(0:n, n, a), dbinom(0:n, n, b))
for (s in list(list(n_per_arm = 12, p0 = 0.2, p1 = 0.7, alpha_one_sided = 0.05), list(n_per_arm = 33, p0 = 0.4, p1 = 0.62, alpha_one_sided = 0.01))) {
  n <- s$n_per_arm; x1 <- matrix(0:n, n + 1, n + 1); x0 <- t(x1); m <- (x1 + x0) / (2 * n)
  z <- (x1 - x0) / n / sqrt(m * (1 - m) * 2 / n); zu <- (x1 - x0) / n / sqrt((x1 / n * (1 - x1 / n) + x0 / n * (1 - x0 / n)) / n)
  f <- phyper(x1 - 1, x1 + x0, 2 * n - x1 - x0, n, lower.tail = FALSE)
  zu[is.nan(zu)] <- 0; z[is.nan(z)] <- 0; q <- qnorm(1 - s$alpha_one_sided)
  sums <- function(reject, a) sum(chances(n, a, s$p0)[reject])
  add(paste0("exact_power_n", n), "exact_power", s, list(
    fisher_power = sums(f <= s$alpha_one_sided + 1e-12, s$p1), fisher_size = sums(f <= s$alpha_one_sided + 1e-12, s$p0),
    z_pooled_power = sums(z >= q, s$p1), z_pooled_size = sums(z >= q, s$p0),
    z_unpooled_power = sums(zu >= q, s$p1), z_unpooled_size = sums(zu >= q, s$p0)), 1e-10) }
d3 <- getDesignInverseNormal(informationRates = c(0.4, 0.7, 1), typeOfDesign = "asP", alpha = 0.025)
versions <- list(R = as.character(getRversion()), rpact = as.character(packageVersion("rpact")))
for (s in list(list(delta = 1, sd_within = 1.5, alpha = 0.05), list(delta = 4, sd_within = 3, alpha = 0.025))) {
  power <- function(n) pt(qt(1 - s$alpha, n - 2), n - 2, ncp = s$delta / (s$sd_within * sqrt(2 / n)), lower.tail = FALSE)
  need <- function(p) uniroot(function(n) power(n) - p, c(3, 500), tol = 1e-12)$root
  add(paste0("crossover_", s$delta), "crossover_sample_size", s, list(n_power_0.85 = need(0.85), n_power_0.95 = need(0.95), power_at_14 = power(14)), 1e-8) }
# Three arms (two active), two looks, by rpact's combination test
for (test in c("Bonferroni", "Simes")) for (type in c("asOF", "P")) {
  d <- getDesignInverseNormal(kMax = 2, typeOfDesign = type, alpha = 0.025)
  ds <- getDataset(events1 = c(12, 14), events2 = c(9, 13), events3 = c(6, 7), n1 = c(25, 25), n2 = c(25, 25), n3 = c(25, 25))
  r <- getAnalysisResults(d, ds, intersectionTest = test, directionUpper = TRUE, normalApproximation = TRUE)
  sr <- r$.stageResults; ctp <- getClosedCombinationTestResults(sr)
  add(paste0("multi_arm_", type, "_", tolower(test)), "multi_arm_analysis",
      list(type = type, active_events = rbind(c(12, 14), c(9, 13)), n = 25, control_events = c(6, 7), intersection_test = test),
      list(repeated_p = unname(r$repeatedPValues[, 1:2]), repeated_ci_lo = unname(r$repeatedConfidenceIntervalLowerBounds[, 1:2]),
           repeated_ci_hi = unname(r$repeatedConfidenceIntervalUpperBounds[, 1:2]), stage_p = unname(sr$separatePValues[, 1:2]),
           rejected = unname(ctp$rejected[, 1:2])), 1e-4) }
d <- getDesignGroupSequential(informationRates = c(0.4, 1), typeOfDesign = "asP", alpha = 0.025)
ds <- getDataset(events1 = c(8, 15), events2 = c(5, 6), n1 = c(20, 30), n2 = c(20, 30))
r <- getAnalysisResults(d, ds, directionUpper = TRUE)
add("two_arm_uneven", "analysis_two_arm_two_look", list(type = "asP", informationRates = c(0.4, 1), n = c(20, 30), active = c(8, 15), control = c(5, 6)),
    list(repeated_p = r$repeatedPValues, final_p = r$finalPValues, final_lo = r$finalConfidenceIntervalLowerBounds,
         final_hi = r$finalConfidenceIntervalUpperBounds, median_unbiased = r$medianUnbiasedEstimates,
         repeated_lo = r$repeatedConfidenceIntervalLowerBounds, repeated_hi = r$repeatedConfidenceIntervalUpperBounds), 1e-4)
write_json(list(topic = "design", created_with = versions, cases = cases), "design.json", digits = NA, auto_unbox = TRUE, pretty = 1, null = "null", na = "null")
