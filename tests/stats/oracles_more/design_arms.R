# Makes design_arms.json: multi-arm combination tests, interim analyses, two-sided bounds and simulated
# trials by rpact, with other arms, looks, sizes, levels and tests than ../oracles/design.json.
# Run in this folder: Rscript design_arms.R
suppressPackageStartupMessages({ library(rpact); library(jsonlite) })
cases <- list()
add <- function(id, method, spec, expect, tol)
  cases[[length(cases) + 1]] <<- list(id = id, method = method, data = NULL, spec = spec, expect = expect, tol_rel = tol)
rows <- function(m) unname(apply(as.matrix(m), 1, function(x) as.list(as.numeric(x)), simplify = FALSE))
shown <- function(m, k) rows(as.matrix(m)[, seq_len(k), drop = FALSE])

arms <- function(id, design, spec, active, control, n, n_control = n, tests = c("Dunnett", "Bonferroni", "Simes")) {
  looks <- ncol(active); g <- nrow(active)
  size <- rep_len(n, looks); n <- matrix(size, g, looks, byrow = TRUE); n[is.na(active)] <- NA
  call <- list()
  for (a in seq_len(g)) { call[[paste0("events", a)]] <- active[a, ]; call[[paste0("n", a)]] <- n[a, ] }
  call[[paste0("events", g + 1)]] <- control; call[[paste0("n", g + 1)]] <- rep_len(n_control, looks)
  data <- do.call(getDataset, call)
  for (test in tests) {
    r <- getAnalysisResults(design, data, intersectionTest = test, directionUpper = TRUE, normalApproximation = TRUE)
    s <- r$.stageResults
    expect <- list(repeated_p = shown(r$repeatedPValues, looks), repeated_ci_lo = shown(r$repeatedConfidenceIntervalLowerBounds, looks),
      repeated_ci_hi = shown(r$repeatedConfidenceIntervalUpperBounds, looks), overall_stage_z = shown(s$testStatistics, looks),
      stage_p = shown(s$separatePValues, looks), conditional_rejection = shown(r$conditionalRejectionProbabilities, looks),
      rejected = unname(apply(unname(getClosedCombinationTestResults(s)$rejected)[, seq_len(looks), drop = FALSE], 1, as.list, simplify = FALSE)))
    add(paste0(id, "_", tolower(test)), "multi_arm_analysis",
        c(spec, list(active_events = rows(active), n = size, control_events = control,
                     n_control = rep_len(n_control, looks), intersection_test = test)), expect, 1e-4)
  }
}
asOF2 <- getDesignInverseNormal(kMax = 2, typeOfDesign = "asOF", alpha = 0.025)
arms("four_arms", asOF2, list(type = "asOF"), rbind(c(14, 11), c(10, 13), c(16, NA)), c(8, 6), c(30, 30))
three <- getDesignInverseNormal(informationRates = c(0.4, 0.7, 1), typeOfDesign = "asP", alpha = 0.05)
arms("three_looks", three, list(type = "asP", informationRates = c(0.4, 0.7, 1), alpha = 0.05), rbind(c(9, 8, 10), c(12, NA, NA)), c(6, 4, 5), c(24, 18, 18), c(24, 18, 18), "Dunnett")
arms("first_look_only", asOF2, list(type = "asOF", k = 2), rbind(14, 21), 9, 35, 35, c("Dunnett", "Bonferroni"))
kd <- getDesignInverseNormal(kMax = 2, typeOfDesign = "asKD", gammaA = 2, alpha = 0.025)
arms("control_twice_as_large", kd, list(type = "asKD", gammaA = 2, k = 2), rbind(c(12, 13), c(8, NA)), c(11, 10), c(25, 25), c(50, 50), "Dunnett")
pocock <- getDesignInverseNormal(kMax = 2, typeOfDesign = "P", alpha = 0.01)
arms("four_active", pocock, list(type = "P", alpha = 0.01), rbind(c(8, NA), c(9, 12), c(13, 14), c(11, NA)), c(6, 7), c(28, 28), c(28, 28), c("Dunnett", "Simes"))

# Two arms
two <- function(id, design, spec, active, control, n) {
  data <- getDataset(events1 = active, events2 = control, n1 = n, n2 = n)
  r <- getAnalysisResults(design, data, directionUpper = TRUE, normalApproximation = TRUE)
  k <- seq_along(active)
  add(id, "analysis_two_arm_two_look", c(spec, list(n = n, active = active, control = control)),
      list(repeated_p = r$repeatedPValues[k], final_p = r$finalPValues[k], final_lo = r$finalConfidenceIntervalLowerBounds[k],
           final_hi = r$finalConfidenceIntervalUpperBounds[k], median_unbiased = r$medianUnbiasedEstimates[k],
           repeated_lo = r$repeatedConfidenceIntervalLowerBounds[k], repeated_hi = r$repeatedConfidenceIntervalUpperBounds[k]), 1e-4)
}
two("two_arm_three_looks", getDesignGroupSequential(kMax = 3, typeOfDesign = "asOF", alpha = 0.025), list(type = "asOF", k = 3), c(9, 11, 12), c(6, 7, 5), c(20, 20, 20))
two("two_arm_stops_at_the_second", getDesignGroupSequential(kMax = 3, typeOfDesign = "asP", alpha = 0.025), list(type = "asP", k = 3), c(11, 16), c(7, 5), c(24, 24))
two("two_arm_stops_at_once", getDesignGroupSequential(kMax = 2, typeOfDesign = "P", alpha = 0.05), list(type = "P", k = 2, alpha = 0.05), 18, 6, 25)
two("two_arm_worse", getDesignGroupSequential(kMax = 2, typeOfDesign = "asOF", alpha = 0.025), list(type = "asOF", k = 2), c(5, 6), c(9, 8), c(22, 22))

# Two-sided bounds: alpha is that of both sides
for (s in list(list(type = "asOF", kMax = 3, alpha = 0.05, sided = 2, beta = 0.2), list(type = "P", kMax = 4, alpha = 0.05, sided = 2, beta = 0.1),
               list(type = "asHSD", informationRates = c(0.3, 0.6, 1), gammaA = -3, alpha = 0.02, sided = 2, beta = 0.2))) {
  call <- c(list(typeOfDesign = s$type), s[setdiff(names(s), "type")])
  d <- do.call(getDesignGroupSequential, call); ch <- getDesignCharacteristics(d)
  expect <- list(z = d$criticalValues, stage_p = 1 - pnorm(d$criticalValues), ch$inflationFactor, average_sample_number_H1 = ch$averageSampleNumber1, average_H0 = ch$averageSampleNumber0)
  names(expect)[3] <- paste0("inflation_power_", 1 - s$beta)
  add(paste0("two_sided_", s$type), "group_sequential_bounds", s, expect, 5e-6)
}

# Rates that should fall, one-sided from above
for (s in list(list(p0 = 0.6, p1 = 0.35, alpha = 0.01, power = 0.85), list(p0 = 0.3, p1 = 0.1, alpha = 0.025, power = 0.9))) {
  fixed <- getDesignGroupSequential(kMax = 1, alpha = s$alpha, beta = 1 - s$power, sided = 1)
  looks <- getDesignGroupSequential(kMax = 2, typeOfDesign = "asOF", alpha = s$alpha, beta = 1 - s$power)
  run <- function(d, r = 1) getSampleSizeRates(d, groups = 2, pi1 = s$p1, pi2 = s$p0, allocationRatioPlanned = r)
  add(paste0("rates_fall_", s$p0), "sample_size_rates", s,
      list(total_pooled_variance = run(fixed)$nFixed, per_arm_power_prop_test = power.prop.test(p1 = s$p0, p2 = s$p1, sig.level = 2 * s$alpha, power = s$power, tol = 1e-12)$n,
           total_ratio_2_to_1 = run(fixed, 2)$nFixed, total_ratio_0.5_to_1 = run(fixed, 0.5)$nFixed, two_look_asOF_max = run(looks)$maxNumberOfSubjects,
           two_look_expected_H1 = run(looks)$expectedNumberOfSubjectsH1), 2e-6)
}

# Simulated trials: four standard errors
for (s in list(list(rates = c(0.3, 0.3, 0.3), n_per_arm = 50, seed = 11, iterations = c(2000, 2000)),
               list(rates = c(0.2, 0.45, 0.3, 0.25, 0.2), n_per_arm = 40, seed = 12, iterations = c(1000, 1000)))) {
  g <- length(s$rates) - 1
  one <- getSimulationMultiArmRates(getDesignInverseNormal(kMax = 1, alpha = 0.025), activeArms = g, effectMatrix = matrix(s$rates[-1], 1), piControl = s$rates[1], typeOfShape = "userDefined",
    intersectionTest = "Dunnett", plannedSubjects = s$n_per_arm, maxNumberOfIterations = s$iterations[1], seed = s$seed, successCriterion = "all")
  two <- getSimulationMultiArmRates(asOF2, activeArms = g, effectMatrix = matrix(s$rates[-1], 1), piControl = s$rates[1], typeOfShape = "userDefined", intersectionTest = "Dunnett",
    plannedSubjects = c(s$n_per_arm / 2, s$n_per_arm), typeOfSelection = "best", maxNumberOfIterations = s$iterations[2], seed = s$seed, successCriterion = "all")
  add(paste0("simulated_", g), "simulate_multi_arm_rates", s,
      list(one_look_reject_at_least_one = one$rejectAtLeastOne, one_look_per_arm = as.numeric(one$rejectedArmsPerStage),
           two_look_reject_at_least_one = two$rejectAtLeastOne, two_look_expected_n = two$expectedNumberOfSubjects,
           two_look_selected_stage2 = as.numeric(two$selectedArms[2, 1, ]), two_look_rejected_per_stage_by_arm = unname(lapply(1:2, function(k) as.numeric(two$rejectedArmsPerStage[k, 1, ])))), 1e-6)
}
programs <- lapply(list(R = "base", rpact = "rpact"), function(p) as.character(packageVersion(p)))
write_json(list(topic = "design", created_with = programs, cases = cases), "design_arms.json", digits = NA, auto_unbox = TRUE, pretty = 1, null = "null", na = "null")
