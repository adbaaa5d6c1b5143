# What R says about how well a model fits, which group it leans on, and how its terms know each other.
# cd tests/reference/inference && Rscript fit.R > fit.json
# R 4.2.2 with lme4 1.1-31, pROC, car, jsonlite. Hosmer-Lemeshow is written out from its definition.
suppressMessages({library(lme4); library(pROC); library(car); library(jsonlite)})

d <- read.csv("../data/contraception.csv")
d$livch <- factor(d$livch, levels = c("0", "1", "2", "3+"))
control <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-11, optCtrl = list(maxfun = 1e5, rhoend = 1e-9),
                        check.conv.grad = "ignore")
fit <- function(data, random) {
  glmer(update(use ~ age + livch + urban, as.formula(paste("~ . +", random))), data, family = binomial, control = control)
}
nakagawa <- function(m) {
  x <- model.matrix(m); f <- var(as.vector(x %*% fixef(m)))
  z <- if ("urbanY" %in% colnames(VarCorr(m)[[1]])) cbind(1, d$urban == "Y") else matrix(1, nrow(d), 1)
  s <- VarCorr(m)[[1]][, , drop = FALSE]
  r <- mean(rowSums((z %*% s) * z))
  p <- mean(d$use); q <- 1 / (p * (1 - p)); l <- pi^2 / 3
  list(marginal = f / (f + r + l), conditional = (f + r) / (f + r + l),
       marginal_delta = f / (f + r + q), conditional_delta = (f + r) / (f + r + q))
}
hosmer <- function(y, p, g) {
  cell <- cut(p, quantile(p, seq(0, 1, 1 / g)), include.lowest = TRUE)
  o <- tapply(y, cell, sum); n <- tapply(y, cell, length); e <- tapply(p, cell, sum)
  x <- sum((o - e)^2 / e + (o - e)^2 / (n - e))
  c(x, g - 2, pchisq(x, g - 2, lower.tail = FALSE))
}
one <- fit(d, "(1 | district)")
slope <- fit(d, "(1 + urban | district)")
p <- fitted(one); l <- qlogis(p); y <- d$use
area <- roc(y, p, quiet = TRUE, direction = "<")
plain <- glm(use ~ age + livch + urban, binomial, d)
cox0 <- glm(y ~ offset(l), family = binomial); cox1 <- glm(y ~ l, family = binomial)
smooth <- loess(y ~ p, surface = "direct")
left <- lapply(c(1, 14, 52), function(k) {
  m <- fit(d[d$district != k, ], "(1 | district)")
  list(district = k, beta = as.vector(fixef(m)), sd = sqrt(VarCorr(m)[[1]][1]))
})
out <- list(
  nakagawa = nakagawa(one), nakagawa_slope = nakagawa(slope),
  auc = c(area$auc, sqrt(var(area)), ci(area)[c(1, 3)]),
  brier = mean((y - p)^2), log_score = mean(log(ifelse(y == 1, p, 1 - p))),
  tjur = mean(p[y == 1]) - mean(p[y == 0]),
  in_the_large = summary(cox0)$coefficients[1, 1:2], slope = summary(cox1)$coefficients[2, 1:2],
  loess = list(at = 1:10 * 190, value = smooth$fitted[order(p)][1:10 * 190], predicted = sort(p)[1:10 * 190]),
  ici = mean(abs(smooth$fitted - p)), eci = 100 * mean((smooth$fitted - p)^2),
  hosmer = hosmer(y, p, 10), hosmer_plain = hosmer(y, fitted(plain), 10),
  pearson = as.vector(residuals(one, "pearson"))[1:6], deviance = as.vector(residuals(one, "deviance"))[1:6],
  response = as.vector(residuals(one, "response"))[1:6],
  vif_plain = as.data.frame(vif(plain)), vif_mixed = as.data.frame(vif(one)),
  ks = lapply(list(c(.1, .2, .55), (1:50 / 51)^1.3, (1:150 / 151)^1.2), function(x) {
    k <- ks.test(x, "punif"); c(k$statistic, k$p.value)
  }),
  binom = c(binom.test(20, 1934, 2 / 251)$p.value, binom.test(3, 1934, 2 / 251)$p.value),
  left_out = left
)
cat(toJSON(out, digits = 12, auto_unbox = TRUE, pretty = TRUE), "\n")
