# Measures of interaction and standard errors of predictions, by lme4, car and emmeans: the values of effects.json.
#
#   Rscript effects.R     # in this folder; r-cran-lme4 r-cran-car r-cran-emmeans r-cran-jsonlite
#
# car::deltaMethod differentiates the formulas of Hosmer & Lemeshow (1992) symbolically.
suppressMessages({library(lme4); library(car); library(emmeans); library(jsonlite)})

data <- read.csv("../data/contraception.csv")
data$children <- ifelse(data$livch == "0", "none", "some")
data$urban <- factor(data$urban)
data$children <- factor(data$children)
control <- glmerControl(optimizer = "bobyqa", optCtrl = list(rhobeg = 1e-3, rhoend = 1e-8, maxfun = 1e5))
fit <- glmer(use ~ urban * children + age + (1 | district), data, family = binomial, control = control)

b <- setNames(fixef(fit), c("b0", "b1", "b2", "b3", "b4"))
stopifnot(names(fixef(fit))[5] == "urbanY:childrensome")
V <- as.matrix(vcov(fit)); dimnames(V) <- list(names(b), names(b))
# b1: urban, b2: children, b3: age, b4: both.
measure <- function(g) unlist(deltaMethod(b, g, vcov. = V)[1:2])
both <- "exp(b1 + b2 + b4)"
reri <- sprintf("%s - exp(b1) - exp(b2) + 1", both)
measures <- list(
  odds_ratio_both = measure(both),
  reri = measure(reri),
  attributable_proportion = measure(sprintf("(%s) / %s", reri, both)),
  log_synergy = measure(sprintf("log((%s - 1) / (exp(b1) + exp(b2) - 2))", both)),
  log_ratio_of_ratios = measure("b4"))

grid <- expand.grid(urban = levels(data$urban), children = levels(data$children), age = c(-10, 0.5))
at <- summary(emmeans(fit, ~ urban + children + age, at = list(age = c(-10, 0.5)), type = "response"), level = 0.95)
at <- at[order(at$age, at$children, at$urban), ]
write_json(list(
  made_with = list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                   car = as.character(packageVersion("car")), emmeans = as.character(packageVersion("emmeans"))),
  formula = "use ~ urban * children + age + (1 | district)",
  measures = lapply(measures, as.list),
  typical = data.frame(urban = as.character(at$urban), children = as.character(at$children), age = at$age,
                       prob = at$prob, se = at$SE, lower = at$asymp.LCL, upper = at$asymp.UCL)),
  "effects.json", digits = 12, auto_unbox = TRUE, pretty = TRUE)
