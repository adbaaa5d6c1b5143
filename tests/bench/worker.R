# The same worker in R: Rscript worker.R PEER SPEC.json, where PEER is lme4 or glmmTMB. JSON lines on standard output.
arguments <- commandArgs(trailingOnly = TRUE)
peer <- arguments[1]
say <- function(message) cat(jsonlite::toJSON(message, auto_unbox = TRUE, digits = NA, na = "null", null = "null"), "\n", sep = "")
status <- function(field) {
  lines <- tryCatch(readLines("/proc/self/status"), error = function(e) character(), warning = function(w) character())
  hit <- grep(paste0("^", field, ":"), lines, value = TRUE)
  if (length(hit) == 0) NA else as.numeric(gsub("[^0-9]", "", hit))
}
reset_peak <- function() tryCatch({ cat("5", file = "/proc/self/clear_refs"); TRUE }, error = function(e) FALSE, warning = function(w) FALSE)

spec <- jsonlite::fromJSON(arguments[2])
suppressMessages(suppressWarnings(library(peer, character.only = TRUE)))
rows <- read.csv(spec$rows, colClasses = "character", na.strings = character())
numeric <- c(spec$response, spec$trials, spec$numbers)
for (name in numeric) rows[[name]] <- as.numeric(rows[[name]])
counted <- !is.null(spec$trials)
left <- if (counted) paste0("cbind(", spec$response, ", ", spec$trials, " - ", spec$response, ")") else spec$response
formula <- as.formula(paste(left, "~", spec$right))
fit_once <- function() {
  if (peer == "lme4") {
    model <- suppressMessages(suppressWarnings(glmer(formula, rows, family = binomial, nAGQ = spec$points)))
    # Above one point lme4's log-likelihood of counts leaves out a constant; the models timed so are yes/no records.
    list(loglik = as.numeric(logLik(model)), errors = sqrt(diag(as.matrix(vcov(model)))), evaluations = model@optinfo$feval)
  } else {
    if (spec$points > 1) stop("quadrature is not timed with glmmTMB")
    model <- glmmTMB(formula, data = rows, family = binomial)
    list(loglik = as.numeric(logLik(model)), errors = sqrt(diag(vcov(model)$cond)), evaluations = unname(model$fit$evaluations[1]))
  }
}
say(list(ready = TRUE, version = paste(peer, packageVersion(peer), "on R", getRversion())))
input <- file("stdin", open = "r")
while (length(line <- readLines(input, n = 1)) == 1 && grepl("^fit [0-9]+$", line)) {
  calls <- as.integer(sub("fit ", "", line))
  gc(verbose = FALSE)
  can_reset <- reset_peak()
  before <- status("VmRSS")
  answer <- tryCatch({
    seconds <- system.time(for (call in seq_len(calls)) result <- fit_once())[["elapsed"]] / calls
    list(loglik = result$loglik, has_se = all(is.finite(result$errors)), evaluations = result$evaluations, seconds = seconds,
         memory_kb = if (can_reset) max(0, status("VmHWM") - before) else NA)
  }, error = function(e) list(error = conditionMessage(e)))
  say(answer)
}
