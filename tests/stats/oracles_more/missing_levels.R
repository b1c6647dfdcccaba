# Makes missing_levels.json and data/mi_words.csv: pooling by mice and mitools with other levels, arms in
# words, mice's own column of sets, and the joint test; delta adjustment at another level.
# Run in this folder: Rscript missing_levels.R
suppressPackageStartupMessages({ library(mice); library(mitools); library(jsonlite) })
digits <- function(x) signif(as.numeric(x), 15)
cases <- list()
add <- function(id, what, method, spec, expect, data = NULL)
  cases[[length(cases) + 1]] <<- list(id = id, what = what, data = data, spec = spec, expect = expect, tol_rel = 1e-8, method = method)
d <- subset(read.csv("../oracles/data/mi_week12.csv"), imputation <= 6 & arm > 0)
d$.imp <- d$imputation; d$imputation <- NULL
d$trt <- c("IL-2 0.2", "IL-2 0.5", "standard")[d$arm]; d$arm <- NULL
names(d)[names(d) == "chg12_missing"] <- "was_missing"
write.csv(d, "data/mi_words.csv", row.names = FALSE, quote = FALSE)
d$trt <- relevel(factor(d$trt), "standard")
fits <- function(data, formula) as.mira(lapply(split(data, data$.imp), function(part) lm(formula, part)))
pooled <- function(f, level) { p <- pool(f)$pooled; s <- summary(pool(f))
  lapply(seq_len(nrow(s)), function(k) { q <- qt((1 + level) / 2, s$df[k]) * s$std.error[k]
    list(term = as.character(s$term[k]), est = digits(s$estimate[k]), se = digits(s$std.error[k]), df = digits(s$df[k]), t = digits(s$statistic[k]), p = digits(s$p.value[k]),
         lo = digits(s$estimate[k] - q), hi = digits(s$estimate[k] + q), within = digits(p$ubar[k]), between = digits(p$b[k]), total = digits(p$t[k]), fmi = digits(p$fmi[k])) }) }
file <- "data/mi_words.csv"
for (level in c(0.9, 0.99)) add(paste0("rubin_words_", 100 * level), "mice::pool", "rubin", list(formula = "chg12 ~ trt + sledai0", level = level),
    list(pooled = pooled(fits(d, chg12 ~ trt + sledai0), level)), file)
add("rubin_crossed", "mice::pool, arm by steroid", "rubin_ancova", list(formula = "chg12 ~ trt * ocs_hi + sledai0"), list(pooled = pooled(fits(d, chg12 ~ trt * ocs_hi + sledai0), 0.95)), file)
one <- subset(d, trt != "IL-2 0.5"); one$trt <- droplevels(one$trt)
add("rubin_stated_arms", "mice::pool, two arms", "rubin", list(formula = "chg12 ~ trt + sledai0", arms = c("standard", "IL-2 0.2"), conf.level = 80), list(pooled = pooled(fits(one, chg12 ~ trt + sledai0), 0.8)), file)
# scalars: mitools has no small-sample correction
est <- c(2.1, 1.4, 1.9, 2.6); se <- c(0.7, 0.66, 0.81, 0.72)
m <- MIcombine(as.list(est), as.list(se^2)); q <- qt(0.95, m$df) * sqrt(vcov(m)[1, 1])
add("scalar_mitools_90", "mitools::MIcombine", "rubin", list(est = est, se = se, level = 0.9),
    list(est = digits(coef(m)), se = digits(sqrt(vcov(m)[1, 1])), df = digits(m$df), lo = digits(coef(m) - q), hi = digits(coef(m) + q), riv = digits(m$missinfo * 0 + (1 + 1 / 4) * var(est) / mean(se^2))))
shift <- function(delta, level) { x <- one; x$chg12 <- x$chg12 + delta * x$was_missing * (x$trt == "IL-2 0.2")
  c(list(delta = delta), Filter(function(r) r$term == "trtIL-2 0.2", pooled(fits(x, chg12 ~ trt + sledai0), level))[[1]][c("est", "se", "df", "p", "lo", "hi")]) }
add("delta_words_90", "delta adjustment", "delta_adjustment", list(formula = "chg12 ~ trt + sledai0", arms = c("standard", "IL-2 0.2"), arm = "IL-2 0.2", reference = "standard", missing = "was_missing", level = 0.9),
    list(grid = lapply(c(0, 1.5, 4), shift, 0.9)), file)
programs <- lapply(list(R = "base", mice = "mice", mitools = "mitools"), function(p) as.character(packageVersion(p)))
write_json(list(topic = "missing_data", created_with = programs, cases = cases), "missing_levels.json", auto_unbox = TRUE, digits = NA, pretty = 1, null = "null")
