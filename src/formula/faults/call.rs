//! Mistakes in what is written `name(...)`.

use super::clip;
use crate::formula::ast::{Function, Span};
use crate::formula::basis::BasisKind;
use crate::formula::contrast::ContrastKind;
use crate::formula::error::Fault;

pub(in crate::formula) fn misplaced_cbind(span: Span) -> Fault {
    Fault::new(
        span,
        "misplaced-cbind",
        "cbind(...) stands right of the `~`",
        "It gives an outcome in counts, cbind(events, nonevents), and belongs left of the `~`.",
    )
}

pub(in crate::formula) fn unknown_function(name: &str, span: Span) -> Fault {
    let bare = name.rsplit('.').next().unwrap_or(name);
    let hint = match bare {
        "factor" | "ordered" | "category" => "For categories write C(x). ",
        "rcs" | "cr" | "spline" | "s" => "For a smooth curve write ns(x, df=4). ",
        "ln" => "For the natural logarithm write log(x). ",
        "centre" => "It is spelt center(x). ",
        _ => "",
    };
    let hint = match Function::from_name(&bare.to_ascii_lowercase()) {
        Some(function) => format!("Did you mean {}(x)? ", function.name()),
        None => hint.to_owned(),
    };
    let known: Vec<&str> = Function::NAMED.iter().map(|(known, _)| *known).collect();
    Fault::new(
        span,
        "unknown-function",
        format!("there is no function `{}`", clip(name)),
        format!(
            "{hint}The functions are {}, {}, I(x^2), C(x), Q(\"name\") and offset(x). The text of a formula is never evaluated: \
             for anything else, make a column.",
            known.join(", "),
            BasisKind::NAMES.join(", ")
        ),
    )
}

pub(in crate::formula) fn arithmetic_in_function(function: &str, span: Span) -> Fault {
    let exception = if function == "I" { " Only a power of one column, I(x^2), is understood." } else { "" };
    Fault::new(
        span,
        "arithmetic-in-function",
        format!("{function}(...) holds a calculation"),
        format!(
            "It takes one column. Make a column that holds the result of the calculation, and name that column.{exception}"
        ),
    )
}

pub(in crate::formula) fn nested_function(function: &str, span: Span) -> Fault {
    Fault::new(
        span,
        "nested-function",
        format!("{function}(...) holds another function"),
        "Functions cannot be combined here. Make a column that holds the inner result, and name that column.",
    )
}

pub(in crate::formula) fn bad_arguments(function: &str, span: Span) -> Fault {
    let form = match function {
        "C" => "C(x), C(x, Sum), C(x, ref=\"GP\"), C(x, Treatment, ref=\"GP\") or C(x, \"CPP - Other\")".to_owned(),
        "ns" => {
            "ns(x, df=4) or ns(x, knots=\"8 12 15\"), with bounds=\"0 18\" if the range of the data should not decide"
                .to_owned()
        }
        "bs" => {
            "bs(x, df=5) or bs(x, knots=\"8 12 15\"), with bounds=\"0 18\" if the range of the data should not decide"
                .to_owned()
        }
        "poly" => "poly(x, 3)".to_owned(),
        "Q" => "Q(\"column name\")".to_owned(),
        "I" => "I(x^2)".to_owned(),
        other => format!("{other}(x), with one column and nothing else"),
    };
    Fault::new(span, "function-arguments", format!("this is not what {function}(...) takes"), format!("Write {form}."))
}

pub(in crate::formula) fn unknown_contrast(name: &str, span: Span) -> Fault {
    let names = ContrastKind::NAMES;
    let (last, others) = names.split_last().unwrap_or((&"", &[]));
    Fault::new(
        span,
        "unknown-contrast",
        format!("there is no contrast `{}`", clip(name)),
        format!(
            "The contrasts are {} and {last}; a comparison of levels is written in quotes, \"CPP - Other\". \
             For a reference level write ref=\"level\".",
            others.join(", ")
        ),
    )
}

pub(in crate::formula) fn unknown_argument(function: &str, span: Span) -> Fault {
    let known = match function {
        "C" => "The named arguments are the reference level, C(x, ref=\"GP\"), and the scores of Poly.",
        "ns" => "The named arguments are df, knots and bounds: ns(x, df=4).",
        "bs" => "The named arguments are df, knots, bounds and degree: bs(x, df=5).",
        _ => "Its only argument is the degree: poly(x, 3).",
    };
    Fault::new(span, "unknown-argument", format!("{function}(...) has no argument of this name"), known)
}

pub(in crate::formula) fn invalid_df(argument: &str, largest: u32, span: Span) -> Fault {
    let what = if argument == "df" { "the number of columns, df," } else { "the degree" };
    Fault::new(
        span,
        "invalid-df",
        format!("{what} is not a whole number from 1 to {largest}"),
        "Splines of 3 to 6 columns, and polynomials of degree 2 or 3, follow most curves: ns(x, df=4), poly(x, 2).",
    )
}

pub(in crate::formula) fn df_below_degree(degree: u32, span: Span) -> Fault {
    Fault::new(
        span,
        "invalid-df",
        format!("a spline of degree {degree} has at least {degree} columns"),
        format!("Write df={degree} or more, or a smaller degree."),
    )
}

pub(in crate::formula) fn invalid_numbers(argument: &str, span: Span) -> Fault {
    let form = match argument {
        "scores" => "one number per level in quotes, scores=\"0 5 10\"",
        "bounds" => "two numbers in quotes, bounds=\"0 18\"",
        _ => "numbers in quotes, knots=\"8 12 15\"",
    };
    Fault::new(
        span,
        "invalid-numbers",
        format!("{argument} is not a list of numbers, each larger than the one before"),
        format!("Write {form}."),
    )
}

pub(in crate::formula) fn scores_not_used(span: Span) -> Fault {
    Fault::new(
        span,
        "scores-not-used",
        "only the contrast Poly has scores",
        "Write C(x, Poly, scores=\"0 5 10\"), or leave the scores out.",
    )
}

pub(in crate::formula) fn reference_not_quoted(span: Span) -> Fault {
    Fault::new(
        span,
        "reference-not-quoted",
        "the reference level is not text in quotes or a number",
        "Write the level as it stands in the data, in quotes: C(x, ref=\"GP\").",
    )
}

pub(in crate::formula) fn reference_not_used(contrast: &ContrastKind, span: Span) -> Fault {
    Fault::new(
        span,
        "reference-not-used",
        match contrast {
            ContrastKind::Custom(_) => "comparisons that are written out have no reference level".to_owned(),
            named => format!("the contrast {} has no reference level", named.name()),
        },
        "Leave out ref=, or use the contrast Treatment, Simple or Sum.",
    )
}
