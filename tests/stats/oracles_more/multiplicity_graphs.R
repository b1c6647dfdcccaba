# Makes multiplicity_graphs.json: graphical procedures and closed tests by graphicalMCP for other graphs,
# levels and correlations, with groups of hypotheses. Run in this folder: Rscript multiplicity_graphs.R
suppressPackageStartupMessages({ library(graphicalMCP); library(jsonlite) })
cases <- list()
add <- function(id, spec, expect, tol)
  cases[[length(cases) + 1]] <<- list(id = id, method = "graphical_procedure", data = NULL, spec = spec, expect = expect, tol_rel = tol)
rows <- function(m) unname(apply(m, 1, function(x) as.list(as.numeric(x)), simplify = FALSE))
outcome <- function(t) list(adjusted_p = as.numeric(t$outputs$adjusted_p), rejected = unname(t$outputs$rejected))
graph <- function(id, w, G, p, alpha) {
  g <- graph_create(w, G); s <- graph_test_shortcut(g, p, alpha)
  left <- s$outputs$graph
  add(id, list(weights = w, transitions = rows(G), p = p, alpha = alpha),
      list(shortcut = c(outcome(s), list(weights_left = as.numeric(left$hypotheses), transitions_left = rows(left$transitions))),
           closure_bonferroni = outcome(graph_test_closure(g, p, alpha, test_types = "bonferroni")),
           closure_simes = outcome(graph_test_closure(g, p, alpha, test_types = "simes")),
           intersection_weights = rows(graph_generate_weights(g))), 1e-9)
}
chain <- rbind(c(0, 1, 0, 0), c(0, 0, 1, 0), c(0, 0, 0, 1), c(0, 0, 0, 0))
graph("fixed_sequence", c(1, 0, 0, 0), chain, c(0.01, 0.02, 0.2, 0.001), 0.05)
graph("fallback_improved", c(0.4, 0.3, 0.2, 0.1), rbind(c(0, 1, 0, 0), c(0.5, 0, 0.5, 0), c(0.5, 0, 0, 0.5), c(0.4, 0.3, 0.3, 0)), c(0.018, 0.02, 0.004, 0.03), 0.025)
graph("two_doses_two_endpoints", c(0.5, 0.5, 0, 0), rbind(c(0, 0.5, 0.5, 0), c(0.5, 0, 0, 0.5), c(0, 1, 0, 0), c(1, 0, 0, 0)), c(0.02, 0.011, 0.013, 0.3), 0.025)
graph("weights_below_one", c(0.5, 0.2, 0.2), rbind(c(0, 0.4, 0.4), c(0.8, 0, 0.1), c(0, 0.5, 0)), c(0.03, 0.001, 0.01), 0.05)
graph("hochberg_like_ties", rep(0.25, 4), (1 - diag(4)) / 3, c(0.024, 0.024, 0.024, 0.024), 0.025)

parametric <- function(id, w, G, p, alpha, R, spec = list(correlation = rows(R))) {
  g <- graph_create(w, G)
  t <- graph_test_closure(g, p, alpha, test_types = "parametric", test_corr = list(R))
  add(id, c(list(weights = w, transitions = rows(G), p = p, alpha = alpha), spec), list(closure_parametric = outcome(t)), 1e-4)
}
holm3 <- (1 - diag(3)) / 2; half <- diag(3) / 2 + 0.5
parametric("parametric_unequal", c(0.6, 0.3, 0.1), holm3, c(0.02, 0.011, 0.03), 0.025, rbind(c(1, 0.3, 0.7), c(0.3, 1, 0.5), c(0.7, 0.5, 1)))
parametric("parametric_rho", rep(1, 3) / 3, holm3, c(0.02, 0.009, 0.012), 0.025, half, list(rho = 0.5))

# Groups: a closed test that is parametric or Simes's within groups, Bonferroni's between them
mixed <- function(id, w, G, p, alpha, type, groups, R = NULL) {
  g <- graph_create(w, G); n <- length(groups)
  t <- graph_test_closure(g, p, alpha, test_groups = groups, test_types = rep(type, n),
    test_corr = if (type == "parametric") lapply(groups, function(k) R[k, k, drop = FALSE]) else rep(list(NA), n))
  expect <- list(outcome(t)); names(expect) <- paste0("closure_", type)
  add(id, c(list(weights = w, transitions = rows(G), p = p, alpha = alpha, groups = lapply(groups, function(k) as.list(k))),
            if (type == "parametric") list(correlation = rows(R))), expect, if (type == "parametric") 1e-4 else 1e-9)
}
six <- rbind(c(0, 0.25, 0.25, 0.5, 0, 0), c(0.25, 0, 0.25, 0, 0.5, 0), c(0.25, 0.25, 0, 0, 0, 0.5), c(0, 0.5, 0.5, 0, 0, 0), c(0.5, 0, 0.5, 0, 0, 0), c(0.5, 0.5, 0, 0, 0, 0))
R6 <- diag(6) / 2 + 0.5
mixed("parametric_within_endpoints", c(rep(1, 3) / 3, 0, 0, 0), six, c(0.021, 0.006, 0.0105, 0.03, 0.0101, 0.0048), 0.025, "parametric", list(1:3, 4:6), R6)
mixed("simes_within_endpoints", c(rep(1, 3) / 3, 0, 0, 0), six, c(0.021, 0.006, 0.0105, 0.03, 0.0101, 0.0048), 0.025, "simes", list(1:3, 4:6))
write_json(list(topic = "multiplicity", created_with = list(R = as.character(getRversion()), graphicalMCP = as.character(packageVersion("graphicalMCP"))), cases = cases),
           "multiplicity_graphs.json", digits = NA, auto_unbox = TRUE, pretty = 1, null = "null")
