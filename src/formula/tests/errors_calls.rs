//! What may stand in a function.

use super::shows;

#[test]
fn counts_on_the_right() {
    shows(
        "y ~ cbind(a, b)",
        "misplaced-cbind",
        "
cbind(...) stands right of the `~`
    y ~ cbind(a, b)
        ^^^^^
It gives an outcome in counts, cbind(events, nonevents), and belongs left of the `~`.",
    );
}

#[test]
fn an_unknown_function() {
    shows(
        "y ~ spline(x)",
        "unknown-function",
        r#"
there is no function `spline`
    y ~ spline(x)
        ^^^^^^
For a smooth curve write ns(x, df=4). The functions are log, log2, log10, log1p, exp, sqrt, abs, center, scale, ns, bs, poly, I(x^2), C(x), Q("name") and offset(x). The text of a formula is never evaluated: for anything else, make a column."#,
    );
}

#[test]
fn a_function_with_another_name_here() {
    shows(
        "y ~ factor(x)",
        "unknown-function",
        r#"
there is no function `factor`
    y ~ factor(x)
        ^^^^^^
For categories write C(x). The functions are log, log2, log10, log1p, exp, sqrt, abs, center, scale, ns, bs, poly, I(x^2), C(x), Q("name") and offset(x). The text of a formula is never evaluated: for anything else, make a column."#,
    );
}

#[test]
fn a_function_of_a_python_module() {
    shows(
        "y ~ np.log(x)",
        "unknown-function",
        r#"
there is no function `np.log`
    y ~ np.log(x)
        ^^^^^^
Did you mean log(x)? The functions are log, log2, log10, log1p, exp, sqrt, abs, center, scale, ns, bs, poly, I(x^2), C(x), Q("name") and offset(x). The text of a formula is never evaluated: for anything else, make a column."#,
    );
}

#[test]
fn arithmetic_in_a_function() {
    shows(
        "y ~ log(x + 1)",
        "arithmetic-in-function",
        "
log(...) holds a calculation
    y ~ log(x + 1)
            ^^^^^
It takes one column. Make a column that holds the result of the calculation, and name that column.",
    );
}

#[test]
fn arithmetic_in_i() {
    shows(
        "y ~ I(x + z)",
        "arithmetic-in-function",
        "
I(...) holds a calculation
    y ~ I(x + z)
          ^^^^^
It takes one column. Make a column that holds the result of the calculation, and name that column. Only a power of one column, I(x^2), is understood.",
    );
}

#[test]
fn a_function_in_a_function() {
    shows(
        "y ~ log(abs(x))",
        "nested-function",
        "
log(...) holds another function
    y ~ log(abs(x))
            ^^^^^^
Functions cannot be combined here. Make a column that holds the inner result, and name that column.",
    );
}

#[test]
fn two_arguments() {
    shows(
        "y ~ log(x, 2)",
        "function-arguments",
        "
this is not what log(...) takes
    y ~ log(x, 2)
            ^^^^
Write log(x), with one column and nothing else.",
    );
}

#[test]
fn contrasts_as_other_programs_write_them() {
    shows(
        r#"y ~ C(x, Treatment("GP"))"#,
        "function-arguments",
        r#"
this is not what C(...) takes
    y ~ C(x, Treatment("GP"))
          ^^^^^^^^^^^^^^^^^^
Write C(x), C(x, Sum), C(x, ref="GP"), C(x, Treatment, ref="GP") or C(x, "CPP - Other")."#,
    );
}

#[test]
fn a_quoted_name_without_quotes() {
    shows(
        "y ~ Q(x)",
        "function-arguments",
        r#"
this is not what Q(...) takes
    y ~ Q(x)
          ^
Write Q("column name")."#,
    );
}

#[test]
fn an_unknown_contrast() {
    shows(
        "y ~ C(x, Treat)",
        "unknown-contrast",
        r#"
there is no contrast `Treat`
    y ~ C(x, Treat)
             ^^^^^
The contrasts are Treatment, Sum, Helmert, Poly, Successive, Backward, Forward and Simple; a comparison of levels is written in quotes, "CPP - Other". For a reference level write ref="level"."#,
    );
}

#[test]
fn an_unknown_argument() {
    shows(
        r#"y ~ C(x, base="GP")"#,
        "unknown-argument",
        r#"
C(...) has no argument of this name
    y ~ C(x, base="GP")
             ^^^^
The named arguments are the reference level, C(x, ref="GP"), and the scores of Poly."#,
    );
}

#[test]
fn a_reference_without_quotes() {
    shows(
        "y ~ C(x, ref=GP)",
        "reference-not-quoted",
        r#"
the reference level is not text in quotes or a number
    y ~ C(x, ref=GP)
                 ^^
Write the level as it stands in the data, in quotes: C(x, ref="GP")."#,
    );
}

#[test]
fn a_reference_that_is_not_used() {
    shows(
        r#"y ~ C(x, Poly, ref="a")"#,
        "reference-not-used",
        r#"
the contrast Poly has no reference level
    y ~ C(x, Poly, ref="a")
        ^^^^^^^^^^^^^^^^^^^
Leave out ref=, or use the contrast Treatment, Simple or Sum."#,
    );
}
