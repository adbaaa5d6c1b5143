# Penalised logistic regression by logistf (Heinze, Ploner, Jiricka; coefficients and standard errors by brglm2, Kosmidis), on two data sets with (nearly) separated outcomes:
#   endometrial  79 women, grade of the endometrium (HG); Heinze & Schemper (2002), from R package brglm2
#   sex2         239 women, urinary tract infection; Foxman et al. (1997), from R package logistf
#
# cd tests/reference && Rscript penalised.R        writes data/endometrial.csv, data/sex2.csv and penalised.json
library(logistf)
library(brglm2)
data(endometrial, package = "brglm2")
data(sex2, package = "logistf")
write.csv(endometrial, "data/endometrial.csv", row.names = FALSE, quote = FALSE)
write.csv(sex2, "data/sex2.csv", row.names = FALSE, quote = FALSE)

# Tolerances that no iteration meets, so that each runs until its numbers stand still: logistf then warns that it reached the
# most iterations. 1,000 and 10,000 give the same twelve digits, but for coefficients, taken from brglm2, which logistf leaves at seven.
control <- logistf.control(maxit = 1000, maxhs = 50, maxstep = 1, lconv = 1e-13, gconv = 1e-11, xconv = 1e-11)
profile <- logistpl.control(maxit = 1000, maxhs = 50, maxstep = 1, lconv = 1e-13, xconv = 1e-11)

numbers <- function(x) paste0("[", paste(formatC(unname(x), digits = 17, format = "g", width = 1), collapse = ", "), "]")
one <- function(name, formula, data, levels) {
  fits <- lapply(levels, function(level)
    logistf(formula, data, alpha = 1 - level, control = control, plcontrol = profile))
  fit <- fits[[1]]
  # logistf takes its own standard errors from data augmented by the penalty; brglm2 from the information at the estimate.
  plain <- glm(formula, binomial, data, method = "brglm_fit", type = "MPL_Jeffreys", epsilon = 1e-12, maxit = 10000)
  intervals <- mapply(function(f, level) sprintf('      "%s": {"lower": %s, "upper": %s}', level, numbers(f$ci.lower),
                                                 numbers(f$ci.upper)), fits, levels)
  paste0('  "', name, '": {\n',
         '    "formula": "', deparse(formula), '",\n',
         '    "names": ["', paste(names(coef(fit)), collapse = '", "'), '"],\n',
         '    "estimate": ', numbers(coef(plain)), ',\n',
         '    "std_error": ', numbers(sqrt(diag(vcov(plain)))), ',\n',
         '    "p_value": ', numbers(fit$prob), ',\n',
         '    "penalised_loglik": ', numbers(fit$loglik["full"]), ',\n',
         '    "intervals": {\n', paste(intervals, collapse = ",\n"), '\n    }\n  }')
}
levels <- c(0.95, 0.8)
out <- c(one("endometrial", HG ~ NV + PI + EH, endometrial, levels),
         one("sex2", case ~ age + oc + vic + vicl + vis + dia, sex2, levels))
writeLines(c("{", paste0('  "software": "logistf ', packageVersion("logistf"), ", brglm2 ", packageVersion("brglm2"), ", R ", getRversion(), '",'),
             paste(out, collapse = ",\n"), "}"), "penalised.json")
