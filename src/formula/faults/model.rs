//! Mistakes of meaning: a text that parses, but not to a model.

use super::clip;
use crate::formula::ast::{RandomTerm, Span};
use crate::formula::error::Fault;
use crate::formula::expand::{MAX_DEGREE, MAX_TERMS};

pub(in crate::formula) fn nothing_to_estimate(span: Span) -> Fault {
    Fault::new(
        span,
        "empty-right-side",
        "the model has no intercept and no terms",
        "Nothing is left to estimate. For a model with only an intercept, write 1.",
    )
}

pub(in crate::formula) fn number_in_interaction(span: Span) -> Fault {
    Fault::new(
        span,
        "number-in-interaction",
        "0 and 1 cannot be part of an interaction",
        "They say whether the model has an intercept, and programs disagree on what they mean in a product. \
         Put them in the sum: y ~ 0 + a:b.",
    )
}

pub(in crate::formula) fn offset_in_interaction(span: Span) -> Fault {
    Fault::new(
        span,
        "offset-in-interaction",
        "an offset cannot be part of an interaction",
        "An offset has no coefficient that could vary. Add it to the sum: + offset(x).",
    )
}

pub(in crate::formula) fn random_in_interaction(span: Span) -> Fault {
    Fault::new(
        span,
        "random-in-interaction",
        "a random term cannot be part of an interaction",
        "Add it to the sum. For an effect of x that varies between groups write (1 + x | group).",
    )
}

pub(in crate::formula) fn offset_in_random_term(span: Span) -> Fault {
    Fault::new(
        span,
        "offset-in-random-term",
        "an offset cannot be part of a random term",
        "An offset has no coefficient that could vary. Add it to the sum, outside the parentheses.",
    )
}

pub(in crate::formula) fn cannot_subtract(what: &str, span: Span) -> Fault {
    Fault::new(span, "cannot-subtract", format!("{what} cannot be subtracted"), "Leave it out of the formula instead.")
}

pub(in crate::formula) fn nothing_to_remove(span: Span) -> Fault {
    Fault::new(
        span,
        "nothing-to-remove",
        "there is no such term before the `-` to remove",
        "`-` takes a term out of the sum. If it is a hyphen in a column name, put the whole name in backticks: `age-band`.",
    )
}

pub(in crate::formula) fn too_many_terms(span: Span) -> Fault {
    Fault::new(
        span,
        "too-many-terms",
        format!("the formula expands to more than {MAX_TERMS} terms"),
        "`*` and `^` multiply out to every combination. Name the interactions you need with `:`.",
    )
}

/// For texts that multiply much and keep little, such as a power of a power of a power.
pub(in crate::formula) fn too_much_work(span: Span) -> Fault {
    Fault::new(
        span,
        "too-many-terms",
        "the products and powers of the formula take too long to multiply out",
        "They repeat the same terms many times over. Name the interactions you need with `:`.",
    )
}

pub(in crate::formula) fn interaction_too_large(span: Span) -> Fault {
    Fault::new(
        span,
        "interaction-too-large",
        format!("an interaction here has more than {MAX_DEGREE} columns"),
        "It could not be estimated. Use fewer columns, or limit the interactions: (a + b + c)^2 has pairs only.",
    )
}

pub(in crate::formula) fn nothing_varies(span: Span) -> Fault {
    Fault::new(
        span,
        "empty-random-term",
        "this random term has no intercept and no terms",
        "Write what varies between the groups: 1 for the intercept, or a column, as in (0 + age | clinic).",
    )
}

pub(in crate::formula) fn contradictory_random_terms(what: &str, random: &RandomTerm) -> Fault {
    let group = clip(&random.group_name());
    Fault::new(
        random.span,
        "contradictory-random-terms",
        format!("{} varies between groups of `{group}` in two random terms", clip(what)),
        "The data cannot tell the two apart. Use one term, (1 + x | group), where effects may be correlated; \
         or (1 | group) + (0 + x | group), where they are not.",
    )
}

pub(in crate::formula) fn conflicting_coding(column: &str, span: Span) -> Fault {
    Fault::new(
        span,
        "conflicting-coding",
        format!("the column `{}` is used with two different codings", clip(column)),
        "Write it the same way everywhere, C(...) included. To have it both as a number and in categories, \
         make a second column with another name.",
    )
}

pub(in crate::formula) fn response_on_right(column: &str, span: Span) -> Fault {
    Fault::new(
        span,
        "response-on-right",
        format!("the outcome `{}` is also right of the `~`", clip(column)),
        "An outcome cannot explain itself. Remove it there, or check the name.",
    )
}
