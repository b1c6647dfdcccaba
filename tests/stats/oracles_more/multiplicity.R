# Makes multiplicity.json: adjusted p-values by stats::p.adjust, and a graph tested by closing every
# intersection in plain R (Bretz et al., Biom J 2011;53:894), with mvtnorm for correlated statistics.
# Run in this folder: Rscript multiplicity.R
suppressPackageStartupMessages({ library(mvtnorm); library(jsonlite) })
cases <- list()
add <- function(id, method, spec, expect, tol)
  cases[[length(cases) + 1]] <<- list(id = id, method = method, data = NULL, spec = spec, expect = expect, tol_rel = tol)
families <- list(five_mixed = c(0.3, 0.004, 0.04, 0.011, 0.04), all_ones = c(1, 1, 1), extreme = c(1e-300, 1e-17, 0.5, 0),
                 alone = 0.03, ten = c(0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216))
for (name in names(families)) {
  p <- families[[name]]; m <- length(p); o <- order(p); r <- order(o)
  expect <- lapply(c(bonferroni = "bonferroni", holm = "holm", hochberg = "hochberg", hommel = "hommel", BH = "BH", BY = "BY"),
                   function(how) I(p.adjust(p, how)))
  at_least <- function(p, k) -expm1(k * log1p(-p))
  expect$sidak <- I(at_least(p, m))
  expect$holm_sidak <- I(cummax(at_least(p[o], m:1))[r])
  expect$fixed_sequence_in_given_order <- I(cummax(p))
  add(paste0("adjust_", name), "adjust_p", list(p = I(p)), expect, 1e-12)
}
drop_one <- function(w, G, j) { # Bretz, Maurer, Brannath, Posch, Stat Med 2009;28:586, algorithm 1
  m <- length(w); keep <- setdiff(which(!is.na(w)), j); W <- w; H <- G
  for (l in keep) { W[l] <- w[l] + w[j] * G[j, l]
    for (k in keep) if (l != k) { d <- 1 - G[l, j] * G[j, l]
      H[l, k] <- if (d > 1e-12) (G[l, k] + G[l, j] * G[j, k]) / d else 0 } }
  W[j] <- NA; list(w = W, G = H)
}
close_graph <- function(w, G, p, test, R = NULL) {
  m <- length(w); adjusted <- rep(0, m)
  for (code in 1:(2^m - 1)) {
    members <- which(bitwAnd(code, 2^(0:(m - 1))) > 0); s <- list(w = w, G = G)
    for (j in setdiff(1:m, members)) s <- drop_one(s$w, s$G, j)
    share <- s$w[members]; q <- p[members]
    used <- share > 0
    value <- if (!any(used)) 1 else if (test == "bonferroni") min(q[used] / share[used])
      else if (test == "simes") min(sapply(which(used), function(i) q[i] / sum(share[used & q <= q[i]])))
      else { least <- min(q[used] / share[used]); a <- pmin(least * share[used], 1); set.seed(1)
        inside <- if (sum(used) == 1) 1 - a else
          pmvnorm(upper = -qnorm(a), corr = R[members[used], members[used]], algorithm = GenzBretz(3e6, 1e-8))
        (1 - inside) / sum(share[used]) }
    adjusted[members] <- pmax(adjusted[members], min(value, 1))
  }
  adjusted
}
graphs <- list(
  parallel_gatekeeper = list(w = c(0.5, 0.5, 0, 0), G = rbind(c(0, 0, 1, 0), c(0, 0, 0, 1), c(0, 1, 0, 0), c(1, 0, 0, 0)),
                             p = c(0.004, 0.03, 0.012, 0.006), alpha = 0.05),
  unspent = list(w = c(0.4, 0.3, 0.2), G = rbind(c(0, 0.3, 0.3), c(0.5, 0, 0.2), c(0.9, 0.1, 0)), p = c(0.012, 0.012, 0.7), alpha = 0.025),
  five_ties = list(w = c(0.2, 0.2, 0.2, 0.2, 0.2), G = (1 - diag(5)) / 4, p = c(0.01, 0.01, 0.01, 0.2, 0), alpha = 0.1))
graphs$unspent$R <- rbind(c(1, 0.5, 0.3), c(0.5, 1, 0.6), c(0.3, 0.6, 1))
graphs$five_ties$R <- 0.7^abs(outer(1:5, 1:5, "-"))
graphs$parallel_gatekeeper$R <- diag(4) * 0.5 + 0.5
for (name in names(graphs)) { g <- graphs[[name]]
  shown <- function(a) list(adjusted_p = a, rejected = a <= g$alpha)
  b <- close_graph(g$w, g$G, g$p, "bonferroni")
  add(paste0("graph_", name), "graphical_procedure", list(weights = g$w, transitions = g$G, p = g$p, alpha = g$alpha),
      list(shortcut = shown(b), closure_bonferroni = shown(b), closure_simes = shown(close_graph(g$w, g$G, g$p, "simes"))), 1e-10)
  j <- close_graph(g$w, g$G, g$p, "parametric", g$R)
  add(paste0("graph_", name, "_parametric"), "graphical_procedure",
      list(weights = g$w, transitions = g$G, p = g$p, alpha = g$alpha, correlation = g$R), list(adjusted_p = j, rejected = j <= g$alpha), 1e-4)
}
R <- matrix(0.3, 4, 4); diag(R) <- 1; p <- c(0.02, 0.011, 0.4, 0.013)
j <- close_graph(rep(0.25, 4), (1 - diag(4)) / 3, p, "parametric", R)
add("graph_holm4_parametric", "graphical_procedure", list(p = p, rho = 0.3, alpha = 0.05), list(adjusted_p = j, rejected = j <= 0.05), 1e-4)
write_json(list(topic = "multiplicity", created_with = list(R = as.character(getRversion()), mvtnorm = as.character(packageVersion("mvtnorm"))),
                cases = cases), "multiplicity.json", digits = NA, auto_unbox = TRUE, pretty = 1, null = "null")
