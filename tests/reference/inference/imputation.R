# How imputation.json was made: five imputations by mice, and what mice pools from plain logistic fits to them.
# Run in this folder: Rscript imputation.R
suppressMessages({library(mice); library(mitml); library(jsonlite)})
d <- read.csv('../data/contraception.csv', stringsAsFactors = FALSE)[1:600, c('use', 'age', 'livch', 'urban')]
d$livch <- factor(d$livch, c('0', '1', '2', '3+')); d$urban <- factor(d$urban, c('N', 'Y'))
set.seed(11)
d$age[sample(600, 90)] <- NA; d$livch[sample(600, 120)] <- NA
made <- mice(d, m = 5, maxit = 3, printFlag = FALSE, seed = 4)
full <- with(made, glm(use ~ age + livch + urban, binomial, epsilon = 1e-14))
less <- with(made, glm(use ~ age + urban, binomial, epsilon = 1e-14))
pooled <- pool(full, dfcom = Inf)$pooled
small <- pool(full, dfcom = 594)$pooled
lrr <- function(method) as.list(as.data.frame(testModels(as.mitml.result(full$analyses), as.mitml.result(less$analyses), method = method)$test))
joint <- function(x) as.list(as.data.frame(x$result))
write_json(list(
  software = paste('mice', packageVersion('mice')), rows = 600, m = 5,
  age = list(row = as.integer(rownames(made$imp$age)) - 1L, values = as.list(made$imp$age)),
  livch = list(row = as.integer(rownames(made$imp$livch)) - 1L, values = lapply(as.list(made$imp$livch), as.character)),
  pooled = as.list(pooled), pooled_594 = as.list(small),
  D1 = lrr('D1'), D1_594 = joint(D1(full, less, dfcom = 594)), D2 = joint(D2(full, less, use = 'wald'))),
  'imputation.json', auto_unbox = TRUE, digits = NA, pretty = FALSE, null = 'null')
