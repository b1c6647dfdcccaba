# Makes design_two_bounds.json: bounds, two-bound designs and conditional power by gsDesign for other
# spending functions, looks, levels and times of looks. gsDesign is built from its repository's
# computing files. Run in this folder: Rscript design_two_bounds.R
suppressPackageStartupMessages({ library(gsDesign); library(jsonlite) })
cases <- list()
add <- function(id, method, spec, expect, tol, what = NULL)
  cases[[length(cases) + 1]] <<- c(list(id = id), if (!is.null(what)) list(what = what),
    list(method = method, data = NULL, spec = spec, expect = expect, tol_rel = tol))
functions <- list(sfLDOF = sfLDOF, sfLDPocock = sfLDPocock, sfHSD = sfHSD, sfPower = sfPower)
made <- function(s, ...) {
  call <- list(k = s$k, test.type = s$test_type, alpha = s$alpha, beta = s$beta, r = 80, ...)
  if (!is.null(s$timing)) { call$timing <- s$timing; call$k <- length(s$timing) }
  call$sfu <- if (s$sfu %in% names(functions)) functions[[s$sfu]] else s$sfu
  if (!is.null(s$sfupar)) call$sfupar <- s$sfupar
  if (!is.null(s$sfl)) call$sfl <- functions[[s$sfl]]
  if (!is.null(s$sflpar)) call$sflpar <- s$sflpar
  for (tol in c(1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)) { # the finest at which its search ends
    d <- tryCatch(do.call(gsDesign, c(call, tol = tol)), error = function(e) NULL)
    if (!is.null(d)) return(d)
  }
  stop("no design")
}
rows <- function(m) unname(apply(m, 1, identity, simplify = FALSE))

# One-sided efficacy bounds in gsDesign's words
for (s in list(list(id = "OF", sfu = "OF", k = 4), list(id = "Pocock", sfu = "Pocock", k = 5), list(id = "WT", sfu = "WT", sfupar = 0.3, k = 3),
               list(id = "sfHSD", sfu = "sfHSD", sfupar = 2, k = 4), list(id = "sfPower", sfu = "sfPower", sfupar = 2.5, timing = c(0.3, 0.6, 1)),
               list(id = "sfLDPocock", sfu = "sfLDPocock", timing = c(0.5, 0.8, 1)), list(id = "sfLDOF", sfu = "sfLDOF", k = 6))) {
  id <- s$id; s$id <- NULL; s <- c(s, list(test_type = 1, alpha = 0.025, beta = 0.1))
  d <- made(s)
  add(paste0("bounds_", id), "group_sequential_bounds", s,
      list(z = d$upper$bound, alpha_spent = cumsum(d$upper$prob[, 1]), inflation_power_0.9 = max(d$n.I),
           average_H0 = unname(d$en[1]), average_sample_number_H1 = unname(d$en[2])), 2e-6)
}

two <- function(id, s, what = NULL, hide = character(), tol = 5e-6) {

  d <- made(s)
  p <- gsProbability(k = d$k, theta = c(0, 0.5, 1) * d$delta, n.I = d$n.I, a = d$lower$bound, b = d$upper$bound, r = 80)
  add(id, "two_bound_design", s[setdiff(names(s), hide)],
      list(upper_z = d$upper$bound, lower_z = d$lower$bound, inflation = max(d$n.I), upper_cross = rows(p$upper$prob),
           lower_cross = rows(p$lower$prob), expected_n_over_fixed = as.numeric(p$en)), tol, what)
}
two("LDOF_HSD_k4", list(k = 4, test_type = 4, alpha = 0.025, beta = 0.1, sfu = "sfLDOF", sfl = "sfHSD", sflpar = -2))
two("HSD_HSD_uneven", list(timing = c(0.4, 0.75, 1), test_type = 4, alpha = 0.025, beta = 0.15, sfu = "sfHSD", sfupar = -4, sfl = "sfHSD", sflpar = 1))
two("LDPocock_LDOF", list(k = 3, test_type = 4, alpha = 0.05, beta = 0.2, sfu = "sfLDPocock", sfl = "sfLDOF"))
two("Power_Power", list(k = 3, test_type = 4, alpha = 0.01, beta = 0.1, sfu = "sfPower", sfupar = 3, sfl = "sfPower", sflpar = 1.5))
two("LDOF_LDPocock_two_looks", list(timing = c(0.6, 1), test_type = 4, alpha = 0.025, beta = 0.2, sfu = "sfLDOF", sfl = "sfLDPocock"))
two("HSD_Power_five", list(k = 5, test_type = 4, alpha = 0.025, beta = 0.2, sfu = "sfHSD", sfupar = 1, sfl = "sfPower", sflpar = 2))
two("binding_LDOF_HSD", list(k = 3, test_type = 3, alpha = 0.025, beta = 0.2, sfu = "sfLDOF", sfl = "sfHSD", sflpar = -2))
two("binding_HSD_LDOF_uneven", list(timing = c(0.25, 0.5, 1), test_type = 3, alpha = 0.05, beta = 0.1, sfu = "sfHSD", sfupar = -2, sfl = "sfLDOF"))
two("binding_LDPocock_Power", list(k = 4, test_type = 3, alpha = 0.025, beta = 0.1, sfu = "sfLDPocock", sfl = "sfPower", sflpar = 3),
    tol = 3e-5) # gsDesign's search leaves a level of 0.02500009 here
two("words_binding", list(k = 4, test_type = 3, alpha = 0.025, beta = 0.2, sfu = "sfLDPocock", sfl = "sfHSD", sflpar = -3),
    "asymmetric two-bound design, binding (gsDesign type 3), four looks, LDPocock upper and HSD(-3) lower", c("k", "test_type", "alpha", "sfu", "sfl", "sflpar"))
two("words_not_binding", list(k = 2, test_type = 4, alpha = 0.025, beta = 0.1, sfu = "sfHSD", sfupar = -4, sfl = "sfLDOF"),
    "asymmetric two-bound design, non-binding (gsDesign type 4), two looks, HSD(-4) upper and LDOF lower", c("k", "test_type", "alpha", "sfu", "sfupar", "sfl"))

# Two-sided symmetric bounds
for (s in list(list(id = "OF_k3", sfu = "OF", k = 3), list(id = "HSD_uneven", sfu = "sfHSD", sfupar = -4, timing = c(0.3, 0.7, 1)))) {
  id <- s$id; s$id <- NULL; s <- c(s, list(test_type = 2, alpha = 0.025, beta = 0.1))
  d <- made(s)
  add(paste0("symmetric_", id), "two_bound_design", s, list(upper_z = d$upper$bound, lower_z = d$lower$bound, inflation = max(d$n.I)), 5e-6)
}

power_at <- function(id, s, look, z, n_fix, what = NULL, hide = character()) {
  d <- made(s, n.fix = n_fix); p <- gsCP(d, i = look, zi = z, r = 80)
  add(id, "conditional_power", c(list(z = z), if (is.null(what)) list(look = look, n_fix = n_fix), s[setdiff(names(s), hide)]),
      list(n_I = d$n.I, theta = as.numeric(p$theta), upper_cross = if (nrow(p$upper$prob) == 1) as.numeric(p$upper$prob) else rows(p$upper$prob)), 1e-5, what)
}
power_at("power_LDOF_k3_first", list(k = 3, test_type = 1, alpha = 0.025, beta = 0.1, sfu = "sfLDOF"), 1, 0.8, 150)
power_at("power_LDOF_k3_second", list(k = 3, test_type = 1, alpha = 0.025, beta = 0.1, sfu = "sfLDOF"), 2, 1.9, 150)
power_at("power_HSD_uneven", list(timing = c(0.3, 0.6, 1), test_type = 1, alpha = 0.05, beta = 0.2, sfu = "sfHSD", sfupar = -4), 1, -0.3, 320)
power_at("power_futility", list(k = 3, test_type = 4, alpha = 0.025, beta = 0.2, sfu = "sfLDOF", sfl = "sfHSD", sflpar = -2), 1, 1.1, 260)
power_at("power_binding", list(k = 4, test_type = 3, alpha = 0.025, beta = 0.1, sfu = "sfLDPocock", sfl = "sfLDOF"), 2, 1.4, 90)
power_at("power_words", list(k = 2, test_type = 1, alpha = 0.025, beta = 0.2, sfu = "sfLDOF"), 1, 0.4, 340,
         "conditional power at interim z = 0.4, two looks, fixed n 340", c("k", "test_type", "alpha", "sfu", "beta"))
programs <- lapply(list(R = "base", gsDesign = "gsDesign"), function(p) as.character(packageVersion(p)))
write_json(list(topic = "design", created_with = programs, cases = cases), "design_two_bounds.json", digits = NA, auto_unbox = TRUE, pretty = 1, null = "null")
