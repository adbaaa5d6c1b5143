//! Mistakes in what is written `name(...)`.

use super::clip;
use crate::formula::ast::{ContrastKind, Function, Span};
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
        "poly" => "For a square write x + I(x^2). ",
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
            "{hint}The functions are {}, I(x^2), C(x), Q(\"name\") and offset(x). The text of a formula is never evaluated: \
             for anything else, make a column.",
            known.join(", ")
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
        "C" => "C(x), C(x, Sum), C(x, ref=\"GP\") or C(x, Treatment, ref=\"GP\")".to_owned(),
        "Q" => "Q(\"column name\")".to_owned(),
        "I" => "I(x^2)".to_owned(),
        other => format!("{other}(x), with one column and nothing else"),
    };
    Fault::new(span, "function-arguments", format!("this is not what {function}(...) takes"), format!("Write {form}."))
}

pub(in crate::formula) fn unknown_contrast(name: &str, span: Span) -> Fault {
    Fault::new(
        span,
        "unknown-contrast",
        format!("there is no contrast `{}`", clip(name)),
        "The contrasts are Treatment, Sum, Helmert and Poly. For a reference level write ref=\"level\".",
    )
}

pub(in crate::formula) fn unknown_argument(span: Span) -> Fault {
    Fault::new(
        span,
        "unknown-argument",
        "C(...) has no argument of this name",
        "The only named argument is the reference level: C(x, ref=\"GP\").",
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

pub(in crate::formula) fn reference_not_used(contrast: ContrastKind, span: Span) -> Fault {
    Fault::new(
        span,
        "reference-not-used",
        format!("the contrast {} has no reference level", contrast.name()),
        "Leave out ref=, or use the contrast Treatment or Sum.",
    )
}
