# Makes formulas.yaml: terms and model matrices by R's own parser. Run here: Rscript formulas.R
d <- data.frame(arm = factor(c("a", "b", "c", "a", "b", "c", "a", "b", "c", "b")),
                sex = factor(c("f", "f", "m", "m", "f", "m", "f", "m", "f", "m")),
                site = factor(c("n", "s", "s", "n", "n", "n", "s", "s", "n", "s")),
                x = c(1, 2, 4, 3, 5, 2, 6, 1, 3, 4), z = c(2, 1, 1, 3, 2, 4, 1, 3, 2, 5))
texts <- c("1", "arm", "x", "arm + x", "arm * sex", "arm:sex", "arm + arm:sex", "sex + arm:sex", "arm:x", "arm + arm:x",
           "x + arm:x", "arm * x", "x * arm", "x:z", "x * z", "x * arm * z", "arm * sex * site", "(arm + sex + site)^2",
           "(arm + sex + x)^3 - arm:sex:x", "arm * sex - arm", "arm * sex - sex", "arm - 1", "0 + arm + sex", "sex - 1 + arm:sex",
           "x - 1 + arm", "arm:sex - 1", "arm:x - 1", "I(x^2) + x", "log(x) * arm", "I(x + z):sex", "sqrt(x) + exp(z / 10)",
           "x + I(x^2) + I(x^3)", "arm * (sex + x)", "(arm + sex):(site + x)", "arm + sex:site:arm", "log2(x) + log10(z) + abs(x - z)")
line <- function(x) paste0("[", paste(x, collapse = ", "), "]")
out <- c("# Written by formulas.R", paste("made_by: R", getRversion()), "data:",
         paste0("  ", names(d), ": ", sapply(d, function(v) line(as.character(v)))), "cases:")
for (text in texts) {
  f <- as.formula(paste("~", text)); m <- model.matrix(f, d)
  labels <- attr(terms(f), "term.labels")
  out <- c(out, paste0("  - formula: '", text, "'"),
           paste("    terms:", line(c(if (attr(terms(f), "intercept")) "'1'", paste0("'", labels, "'", recycle0 = TRUE)))),
           "    columns:")
  out <- c(out, paste0("      '", colnames(m), "': ", apply(m, 2, function(v) line(signif(v, 10)))))
}
writeLines(out, "formulas.yaml")
