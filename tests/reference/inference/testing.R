# How testing.json was made: R 4.2.2 with car 3.1-1, emmeans 1.8.4-1, clubSandwich 0.5.8, sandwich 3.0-2, lme4 1.1-31 and
# jsonlite of Debian 12. From tests/reference: Rscript inference/testing.R > inference/testing.json
suppressMessages({library(car); library(emmeans); library(clubSandwich); library(sandwich); library(lme4); library(jsonlite)})
d <- read.csv("data/contraception.csv", stringsAsFactors = FALSE)
d$y <- as.integer(d$use == "Y" | d$use == "1")
d$livch <- factor(d$livch, levels = c("0", "1", "2", "3+"))
d$urban <- factor(d$urban, levels = c("N", "Y"))
d$district <- factor(d$district)
set.seed(1)
control <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-11, optCtrl = list(maxfun = 2e5, rhobeg = 0.02, rhoend = 1e-9))

anova_of <- function(a) { # one list per test: term -> statistic, df, p
  a <- a[!(rownames(a) %in% c("(Intercept)", "Residuals")), ]
  lapply(setNames(seq_len(nrow(a)), rownames(a)), function(i) list(statistic = a[i, grep("Chisq", names(a))[1]], df = a[i, "Df"], p = a[i, ncol(a)]))
}
pairs_of <- function(fit, formula, adjust, reverse = TRUE) {
  set.seed(7)
  e <- suppressMessages(emmeans(fit, formula))
  s <- as.data.frame(summary(pairs(e, reverse = reverse), infer = c(TRUE, TRUE), adjust = adjust))
  list(contrast = as.character(s$contrast), estimate = s$estimate, se = s$SE, lower = s$asymp.LCL, upper = s$asymp.UCL, p = s$p.value)
}
sums <- list(livch = "contr.sum", urban = "contr.sum")
glm2 <- glm(y ~ age + livch * urban, binomial, d, contrasts = sums, control = list(epsilon = 1e-14))
glm1 <- glm(y ~ age + livch + urban, binomial, d, control = list(epsilon = 1e-14))
glmx <- glm(y ~ age * livch + urban, binomial, d, contrasts = sums, control = list(epsilon = 1e-14))
out <- list()
for (name in c("glm2", "glmx")) {
  m <- get(name)
  out[[name]] <- list(formula = deparse(formula(m)),
    II_wald = anova_of(as.data.frame(Anova(m, type = 2, test.statistic = "Wald"))), II_lr = anova_of(as.data.frame(Anova(m, type = 2, test.statistic = "LR"))),
    III_wald = anova_of(as.data.frame(Anova(m, type = 3, test.statistic = "Wald"))), III_lr = anova_of(as.data.frame(Anova(m, type = 3, test.statistic = "LR"))))
}
adjusts <- c("none", "holm", "tukey", "bonferroni", "sidak", "mvt")
out$pairs_glm1 <- lapply(setNames(adjusts, adjusts), function(a) pairs_of(glm1, ~ livch, a))
out$pairs_glm2 <- lapply(setNames(adjusts, adjusts), function(a) pairs_of(glm2, ~ livch, a))
set.seed(7)
s <- as.data.frame(summary(contrast(emmeans(glm1, ~ livch), "trt.vs.ctrl"), infer = c(TRUE, TRUE), adjust = "mvt"))
out$dunnett_glm1 <- list(contrast = as.character(s$contrast), estimate = s$estimate, lower = s$asymp.LCL, upper = s$asymp.UCL, p = s$p.value)
h <- linearHypothesis(glm1, c("livch1 = livch2", "age + 0.5*urbanY = 0.3"), test = "Chisq")
out$hypothesis_glm1 <- list(statistic = h$Chisq[2], df = h$Df[2], p = h[["Pr(>Chisq)"]][2])

cr <- function(m, cluster) lapply(setNames(c("CR0", "CR1", "CR2"), c("CR0", "CR1", "CR2")), function(k) {
  v <- as.matrix(vcovCR(m, cluster = cluster, type = k)); list(names = rownames(v), vcov = unname(v)) })
out$cr_glm1 <- cr(glm1, d$district)
out$cr_sandwich <- list(HC0 = unname(vcovCL(glm1, cluster = d$district, type = "HC0", cadjust = FALSE)))
cb <- read.csv("data/cbpp.csv"); cb$period <- factor(cb$period); cb$herd <- factor(cb$herd)
cbm <- glm(cbind(incidence, size - incidence) ~ period, binomial, cb, control = list(epsilon = 1e-14))
out$cr_cbpp <- cr(cbm, cb$herd)

mixed2 <- glmer(y ~ age + livch * urban + (1 | district), d, binomial, control = control, contrasts = sums)
mixed1 <- glmer(y ~ age + livch + urban + (1 | district), d, binomial, control = control)
mixed0 <- glmer(y ~ age + urban + (1 | district), d, binomial, control = control)
slope <- glmer(y ~ age + livch + urban + (1 + urban | district), d, binomial, control = control)
out$mixed2 <- list(II_wald = anova_of(as.data.frame(Anova(mixed2, type = 2))), III_wald = anova_of(as.data.frame(Anova(mixed2, type = 3))))
out$pairs_mixed1 <- lapply(setNames(adjusts, adjusts), function(a) pairs_of(mixed1, ~ livch, a))
lr <- function(a, b) { t <- anova(a, b); list(statistic = t$Chisq[2], df = t$Df[2], p = t[["Pr(>Chisq)"]][2]) }
out$lr_livch <- lr(mixed0, mixed1)
out$lr_slope <- lr(mixed1, slope)
out$lr_district <- list(statistic = as.numeric(2 * (logLik(mixed1) - logLik(glm1))))
out$software <- paste(sapply(c("car", "emmeans", "clubSandwich", "sandwich", "lme4"), function(p) paste(p, packageVersion(p))), collapse = ", ")
cat(toJSON(out, auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
