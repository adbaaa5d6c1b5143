# How profile.json was made: lme4's profile-likelihood intervals and a summary of its parametric bootstrap.
# Run in this folder: Rscript profile.R
suppressMessages({library(lme4); library(jsonlite)})
read <- function(name) read.csv(paste0('../data/', name, '.csv'), stringsAsFactors = FALSE)
control <- glmerControl(optimizer = 'bobyqa', tolPwrss = 1e-11, check.conv.grad = 'ignore',
                        optCtrl = list(maxfun = 200000, rhobeg = 0.02, rhoend = 1e-9))
cbpp <- read('cbpp'); cbpp$period <- factor(cbpp$period)
cases <- list()
profiled <- function(id, model, levels = c(0.5, 0.95, 0.99), ...) {
  started <- Sys.time()
  p <- profile(model, signames = FALSE, ...)
  bounds <- lapply(levels, function(level) {
    x <- confint(p, level = level)
    list(level = level, names = rownames(x), lower = unname(x[, 1]), upper = unname(x[, 2]))
  })
  cases[[id]] <<- list(software = paste('lme4', packageVersion('lme4')), formula = deparse1(formula(model)), bounds = bounds)
  cat(id, format(Sys.time() - started), '\n')
  write_json(list(profiles = cases, bootstrap = boots), 'profile.json', auto_unbox = TRUE, digits = NA, pretty = TRUE, null = 'null')
}
boots <- list()
m <- glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial, control = control)
set.seed(20)
b <- bootMer(m, function(f) c(fixef(f), sd = unname(getME(f, 'theta'))), nsim = 2000)
boots$cbpp <- list(software = paste('lme4', packageVersion('lme4')), nsim = 2000, names = names(b$t0), estimate = unname(b$t0),
  mean = unname(colMeans(b$t, na.rm = TRUE)), sd = unname(apply(b$t, 2, sd, na.rm = TRUE)),
  quantiles = apply(b$t, 2, quantile, c(0.025, 0.25, 0.5, 0.75, 0.975), na.rm = TRUE, type = 6))
profiled('cbpp', m)
m9 <- glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), cbpp, binomial, control = control, nAGQ = 9)
profiled('cbpp_agq9', m9)
use <- read('contraception')
use$livch <- factor(use$livch, c('0', '1', '2', '3+')); use$urban <- factor(use$urban, c('N', 'Y')); use$district <- factor(use$district)
profiled('contraception', glmer(use ~ age + livch + urban + (1 | district), use, binomial, control = control))
profiled('contraception_slope', glmer(use ~ age + urban + (1 + urban | district), use, binomial, control = control), levels = c(0.5, 0.95))
