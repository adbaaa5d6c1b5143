# How coding.json was made: R 4.2.2 with base packages only. Contrast matrices, and spline and polynomial bases at the fit
# and at new values. contr.sdif is the formula of MASS 7.3, written out. Run in tests/reference: Rscript coding.R > coding.json
library(splines)
number <- function(x) paste0("[", paste(sprintf("%.17g", x), collapse = ","), "]")
rows <- function(m) paste0("[", paste(apply(unname(m), 1, number), collapse = ","), "]")
field <- function(name, value) paste0('"', name, '":', value)
object <- function(...) paste0("{", paste(c(...), collapse = ","), "}")
text <- function(x) paste0('"', gsub('"', '\\\\"', x), '"')

sdif <- function(n) {
  contr <- col(matrix(nrow = n, ncol = n - 1))
  upper <- !lower.tri(contr)
  contr[upper] <- contr[upper] - n
  contr / n
}
scores <- c(0, 5, 10, 13, 16)
contrasts <- c(
  field("treatment", rows(contr.treatment(5))),
  field("sum", rows(contr.sum(5))),
  field("helmert", rows(contr.helmert(5))),
  field("polynomial", rows(contr.poly(5))),
  field("scores", rows(contr.poly(5, scores = scores))),
  field("successive", rows(sdif(5)))
)

# Ages as whole years, with ties, and a number without ties; both without R's random numbers.
age <- (seq_len(150) * 37) %% 19 + (seq_len(150) %% 3 == 0) * ((seq_len(150) * 11) %% 7)
deprivation <- ((seq_len(150) * 7919) %% 1009) / 100
new <- c(-2, 0, 0.5, 3, 7.25, 11, 15.5, 17.9, 21)
inside <- function(x) new[new >= min(x) & new <= max(x)]
basis <- function(formula, variable, x, b, at) {
  object(
    field("formula", text(formula)), field("variable", text(variable)),
    field("fit", rows(unclass(b))), field("at", number(at)), field("new", rows(unclass(predict(b, at))))
  )
}
cases <- c(
  basis("ns(age, df=1)", "age", age, ns(age, df = 1), new),
  basis("ns(age, df=4)", "age", age, ns(age, df = 4), new),
  basis("ns(deprivation, df=5)", "deprivation", deprivation, ns(deprivation, df = 5), new),
  basis('ns(age, knots="5 9 13")', "age", age, ns(age, knots = c(5, 9, 13)), new),
  basis('ns(age, knots="5 9 13", bounds="2 16")', "age", age,
        ns(age, knots = c(5, 9, 13), Boundary.knots = c(2, 16)), new),
  basis('ns(age, df=3, bounds="2 16")', "age", age, ns(age, df = 3, Boundary.knots = c(2, 16)), new),
  basis("bs(age, df=3)", "age", age, bs(age, df = 3), inside(age)),
  basis("bs(age, df=6)", "age", age, bs(age, df = 6), inside(age)),
  basis("bs(deprivation, df=5, degree=2)", "deprivation", deprivation,
        bs(deprivation, df = 5, degree = 2), inside(deprivation)),
  basis("bs(deprivation, df=4, degree=1)", "deprivation", deprivation,
        bs(deprivation, df = 4, degree = 1), inside(deprivation)),
  basis('bs(age, knots="5 9 13", bounds="-5 30")', "age", age,
        bs(age, knots = c(5, 9, 13), Boundary.knots = c(-5, 30)), new),
  basis("poly(age, 1)", "age", age, poly(age, 1), new),
  basis("poly(age, 3)", "age", age, poly(age, 3), new),
  basis("poly(deprivation, 5)", "deprivation", deprivation, poly(deprivation, 5), new)
)
cat(object(
  field("software", text(paste("R", getRversion()))),
  field("contrasts", object(contrasts)),
  field("age", number(age)), field("deprivation", number(deprivation)),
  field("bases", paste0("[", paste(cases, collapse = ",\n"), "]"))
), "\n")
