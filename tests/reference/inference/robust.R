# How robust.json was made: R 4.2.2 with lme4 1.1-31, numDeriv 2016.8-1.1 and jsonlite of Debian 12. CR2 of a mixed model by its
# definition: score and Hessian of each herd's Laplace log-likelihood by Richardson's differences of lme4's deviance.
# From tests/reference: Rscript inference/robust.R > inference/robust.json
suppressMessages({library(lme4); library(numDeriv); library(jsonlite)})
d <- read.csv("data/cbpp.csv")
for (k in 2:4) d[[paste0("p", k)]] <- as.numeric(d$period == k)
d$herd <- factor(d$herd)
formula <- cbind(incidence, size - incidence) ~ p2 + p3 + p4 + (1 | herd)
control <- glmerControl(optimizer = "bobyqa", tolPwrss = 1e-13, optCtrl = list(maxfun = 2e5, rhobeg = 0.02, rhoend = 1e-10))
fit <- glmer(formula, d, binomial, control = control)
psi <- c(fixef(fit), getME(fit, "theta"))
p <- length(psi)
loglik_of <- function(rows) {
  parts <- glFormula(formula, rows, binomial, control = control)
  first <- do.call(mkGlmerDevfun, c(parts, list(control = control)))
  deviance <- updateGlmerDevfun(first, parts$reTrms)
  function(psi) -deviance(c(psi[p], psi[-p])) / 2
}
whole <- loglik_of(d)
h <- -hessian(whole, psi)
slope <- grad(whole, psi)
# A herd alone does not have every period, which lme4 refuses: all herds less all the others.
herds <- lapply(levels(d$herd), function(g) {
  rest <- loglik_of(droplevels(d[d$herd != g, ])); list(s = slope - grad(rest, psi), h = h + hessian(rest, psi)) })
v <- solve(h)
power <- function(m, a) { e <- eigen((m + t(m)) / 2, TRUE); e$vectors %*% diag(ifelse(e$values > 1e-6, abs(e$values)^a, 0), nrow(m)) %*% t(e$vectors) }
adjusted <- function(g) { # coefficients and theta apart
  s <- numeric(p)
  for (own in list(1:(p - 1), p)) {
    whole <- h[own, own, drop = FALSE]; root <- power(whole, -0.5)
    share <- root %*% g$h[own, own, drop = FALSE] %*% root
    s[own] <- power(whole, 0.5) %*% power(diag(length(own)) - share, -0.5) %*% root %*% g$s[own]
  }
  s
}
cr <- function(f) { m <- Reduce(`+`, lapply(herds, function(g) tcrossprod(f(g)))); v %*% m %*% v }
out <- list(names = c(names(fixef(fit)), "theta"), estimates = unname(psi), model = v,
  CR0 = cr(function(g) g$s),
  CR2 = cr(adjusted))
cat(toJSON(out, auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
