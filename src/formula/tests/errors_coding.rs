//! What may stand in `C(...)`, `ns(...)`, `bs(...)` and `poly(...)`.

use super::{shows, slug};

#[test]
fn quoted_text_that_compares_nothing() {
    shows(
        r#"y ~ C(x, "CPP")"#,
        "unknown-contrast",
        r#"
there is no contrast `CPP`
    y ~ C(x, "CPP")
             ^^^^^
The contrasts are Treatment, Sum, Helmert, Poly, Successive, Backward, Forward and Simple; a comparison of levels is written in quotes, "CPP - Other". For a reference level write ref="level"."#,
    );
}

#[test]
fn comparisons_have_no_reference() {
    shows(
        r#"y ~ C(x, "a - b", ref="a")"#,
        "reference-not-used",
        r#"
comparisons that are written out have no reference level
    y ~ C(x, "a - b", ref="a")
        ^^^^^^^^^^^^^^^^^^^^^^
Leave out ref=, or use the contrast Treatment, Simple or Sum."#,
    );
}

#[test]
fn scores_of_another_contrast() {
    shows(
        r#"y ~ C(x, Sum, scores="0 5 10")"#,
        "scores-not-used",
        r#"
only the contrast Poly has scores
    y ~ C(x, Sum, scores="0 5 10")
        ^^^^^^^^^^^^^^^^^^^^^^^^^^
Write C(x, Poly, scores="0 5 10"), or leave the scores out."#,
    );
}

#[test]
fn scores_that_do_not_increase() {
    shows(
        r#"y ~ C(x, Poly, scores="0 5 5")"#,
        "invalid-numbers",
        r#"
scores is not a list of numbers, each larger than the one before
    y ~ C(x, Poly, scores="0 5 5")
                          ^^^^^^^
Write one number per level in quotes, scores="0 5 10"."#,
    );
}

#[test]
fn a_spline_of_no_columns() {
    shows(
        "y ~ ns(x, df=0)",
        "invalid-df",
        "
the number of columns, df, is not a whole number from 1 to 100
    y ~ ns(x, df=0)
                 ^
Splines of 3 to 6 columns, and polynomials of degree 2 or 3, follow most curves: ns(x, df=4), poly(x, 2).",
    );
}

#[test]
fn fewer_columns_than_a_spline_of_the_degree_has() {
    shows(
        "y ~ bs(x, df=2)",
        "invalid-df",
        "
a spline of degree 3 has at least 3 columns
    y ~ bs(x, df=2)
                 ^
Write df=3 or more, or a smaller degree.",
    );
}

#[test]
fn a_spline_without_knots() {
    shows(
        "y ~ ns(x)",
        "function-arguments",
        r#"
this is not what ns(...) takes
    y ~ ns(x)
           ^
Write ns(x, df=4) or ns(x, knots="8 12 15"), with bounds="0 18" if the range of the data should not decide."#,
    );
}

#[test]
fn an_argument_of_another_spline() {
    shows(
        "y ~ ns(x, df=4, degree=2)",
        "unknown-argument",
        "
ns(...) has no argument of this name
    y ~ ns(x, df=4, degree=2)
                    ^^^^^^
The named arguments are df, knots and bounds: ns(x, df=4).",
    );
}

#[test]
fn every_other_slip_is_refused_too() {
    for (text, expected) in [
        (r#"y ~ C(x, "a - b", Sum)"#, "function-arguments"),
        (r#"y ~ C(x, Sum, "a - b")"#, "function-arguments"),
        (r#"y ~ C(x, ""="a - b")"#, "empty-name"),
        (r#"y ~ C(x, "l"="a")"#, "unknown-contrast"),
        (r#"y ~ C(x, "l"=a - b)"#, "function-arguments"),
        (r#"y ~ C(x, scores="0 1")"#, "scores-not-used"),
        (r#"y ~ C(x, Poly, scores="0 1", scores="0 1")"#, "function-arguments"),
        (r#"y ~ C(x, Poly, scores="a b")"#, "invalid-numbers"),
        (r#"y ~ C(x, Poly, scores="")"#, "invalid-numbers"),
        (r#"y ~ C(x, Poly, scores="0 inf")"#, "invalid-numbers"),
        ("y ~ C(x, Poly, scores=x)", "invalid-numbers"),
        (r#"y ~ ns(x, df=4, knots="1")"#, "function-arguments"),
        ("y ~ ns(x, df=4, df=4)", "function-arguments"),
        ("y ~ ns(x, 4, df=4)", "function-arguments"),
        ("y ~ ns(x, df=2.5)", "invalid-df"),
        ("y ~ ns(x, df=101)", "invalid-df"),
        ("y ~ ns(x, df=-1)", "invalid-df"),
        (r#"y ~ ns(x, knots="8 8")"#, "invalid-numbers"),
        (r#"y ~ ns(x, knots="nan")"#, "invalid-numbers"),
        (r#"y ~ ns(x, df=3, bounds="0")"#, "invalid-numbers"),
        (r#"y ~ ns(x, df=3, bounds="0 1 2")"#, "invalid-numbers"),
        (r#"y ~ ns(x, df=3, bounds="2 1")"#, "invalid-numbers"),
        ("y ~ ns(x + z, df=3)", "arithmetic-in-function"),
        ("y ~ ns(log(x), df=3)", "nested-function"),
        ("y ~ log(ns(x, df=3))", "nested-function"),
        ("y ~ offset(ns(x, df=3))", "nested-function"),
        ("y ~ bs(x, df=5, degree=11)", "invalid-df"),
        ("y ~ bs(x, df=5, degree=0)", "invalid-df"),
        ("y ~ poly(x)", "function-arguments"),
        ("y ~ poly(x, 0)", "invalid-df"),
        ("y ~ poly(x, 11)", "invalid-df"),
        ("y ~ poly(x, df=2)", "unknown-argument"),
        ("y ~ poly(x, 2, 3)", "function-arguments"),
    ] {
        assert_eq!(slug(text), expected, "{text}");
    }
}
