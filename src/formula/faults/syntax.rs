//! Mistakes of grammar: what may follow what.

use super::clip;
use crate::formula::ast::Span;
use crate::formula::error::Fault;
use crate::formula::expand::MAX_DEGREE;
use crate::formula::lex::Kind;
use crate::formula::parse::MAX_POWER;

pub(in crate::formula) fn missing_response(span: Span) -> Fault {
    Fault::new(
        span,
        "missing-response",
        "there is nothing left of the `~`",
        "Write the outcome there: a column, events / trials, or cbind(events, nonevents).",
    )
}

pub(in crate::formula) fn invalid_response(span: Span) -> Fault {
    Fault::new(
        span,
        "invalid-response",
        "the left of the `~` is not an outcome",
        "It can be one column, events / trials, or cbind(events, nonevents) with two different columns. \
         For anything computed, make a column first.",
    )
}

pub(in crate::formula) fn empty_right_side(span: Span) -> Fault {
    Fault::new(
        span,
        "empty-right-side",
        "there is nothing right of the `~`",
        "Write what explains the outcome. For a model with only an intercept, write 1.",
    )
}

pub(in crate::formula) fn missing_term(symbol: &Kind, span: Span, place: &str) -> Fault {
    Fault::new(
        span,
        "missing-term",
        format!("a term is missing {place} {}", describe(symbol)),
        "Write the name of a column there, or remove what is left over.",
    )
}

pub(in crate::formula) fn empty_parentheses(span: Span) -> Fault {
    Fault::new(span, "missing-term", "there is nothing in these parentheses", "Write a term in them, or remove them.")
}

pub(in crate::formula) fn missing_operator(before: Span, after: Span) -> Fault {
    Fault::new(
        before.cover(after),
        "missing-operator",
        "an operator is missing between these two",
        "Put `+` between two terms. If it is one column with a space in its name, put the name in backticks: `like this`.",
    )
}

pub(in crate::formula) fn unexpected_symbol(symbol: &Kind, span: Span) -> Fault {
    let help = match symbol {
        Kind::Equals => {
            "A formula does not compare or assign. Make a column that holds the result, and name that column."
        }
        Kind::Comma => "Commas stand only inside C(...) and cbind(...). Join terms with `+`.",
        _ => "Remove it, or write the term that should stand before it.",
    };
    Fault::new(span, "unexpected-symbol", format!("{} cannot stand here", describe(symbol)), help)
}

pub(in crate::formula) fn invalid_number(digits: &str, span: Span) -> Fault {
    Fault::new(
        span,
        "invalid-number",
        format!("the number {} is not a term", clip(digits)),
        "The only numbers in a sum are 1 (an intercept) and 0 (none). A column with this name goes in backticks.",
    )
}

pub(in crate::formula) fn text_as_term(text: &str, span: Span) -> Fault {
    let text = clip(text);
    Fault::new(
        span,
        "text-as-term",
        "text in quotes is not a term",
        format!("If it is a column, write its name without quotes, or in backticks if it has spaces: `{text}`."),
    )
}

pub(in crate::formula) fn bar_outside_parentheses(span: Span) -> Fault {
    Fault::new(
        span,
        "bar-outside-parentheses",
        "this bar is outside parentheses",
        "A random term needs them, because the bar would otherwise divide the whole formula: write (1 | clinic), not 1 | clinic.",
    )
}

pub(in crate::formula) fn nested_bar(span: Span) -> Fault {
    Fault::new(
        span,
        "nested-bar",
        "a random term cannot hold another bar",
        "It has one: (effects | group). For groups within groups write (1 | a/b); for two groupings, two random terms.",
    )
}

pub(in crate::formula) fn missing_group(span: Span) -> Fault {
    Fault::new(
        span,
        "missing-group",
        "a random term has no grouping column after its `|`",
        "Write the column that says which group a row belongs to, such as (1 | clinic).",
    )
}

pub(in crate::formula) fn invalid_group(span: Span) -> Fault {
    Fault::new(
        span,
        "invalid-group",
        "this is not a grouping",
        "Right of the bar stand columns, joined by `:` (combinations) or `/` (b within a). Their values are always \
         taken as categories, without any function. For two separate groupings write (1 | a) + (1 | b).",
    )
}

pub(in crate::formula) fn group_too_large(span: Span) -> Fault {
    Fault::new(
        span,
        "interaction-too-large",
        format!("the grouping after this bar combines more than {MAX_DEGREE} columns"),
        "Make one column that holds the combination, or use fewer levels of nesting.",
    )
}

pub(in crate::formula) fn no_effects(span: Span) -> Fault {
    Fault::new(
        span,
        "empty-random-term",
        "there is nothing before the bar of this random term",
        "Write what varies between the groups: 1 for the intercept, as in (1 | clinic).",
    )
}

pub(in crate::formula) fn invalid_power(span: Span) -> Fault {
    Fault::new(
        span,
        "invalid-power",
        "the power is not a whole number from 1 on",
        "After `^` write such a number: (a + b)^2 for all pairs of terms, I(x^2) for a square.",
    )
}

pub(in crate::formula) fn repeated_power(span: Span) -> Fault {
    Fault::new(
        span,
        "invalid-power",
        "this is a second power",
        "Write one power only: (a + b)^2 for all pairs of terms, I(x^2) for a square.",
    )
}

pub(in crate::formula) fn power_too_large(span: Span) -> Fault {
    Fault::new(
        span,
        "power-too-large",
        format!("the power is larger than {MAX_POWER}"),
        "Interactions of so many columns, and powers so high, cannot be estimated. Most models need 2, some 3.",
    )
}

/// A token in a sentence.
fn describe(kind: &Kind) -> String {
    let symbol = match kind {
        Kind::Name(text) | Kind::Backtick(text) | Kind::Text(text) | Kind::Number(text) => {
            return format!("`{}`", clip(text));
        }
        Kind::End => return "the end of the formula".to_owned(),
        Kind::Tilde => "~",
        Kind::Plus => "+",
        Kind::Minus => "-",
        Kind::Colon => ":",
        Kind::Star => "*",
        Kind::Slash => "/",
        Kind::Caret => "^",
        Kind::In => "%in%",
        Kind::Bar => "|",
        Kind::DoubleBar => "||",
        Kind::Open => "(",
        Kind::Close => ")",
        Kind::Comma => ",",
        Kind::Equals => "=",
    };
    format!("`{symbol}`")
}
