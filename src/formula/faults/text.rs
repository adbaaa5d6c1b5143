//! Mistakes seen before any grammar: characters, quotes, brackets, tildes.

use super::clip;
use crate::formula::ast::Span;
use crate::formula::error::Fault;
use crate::formula::layout::MAX_DEPTH;
use crate::formula::width;

/// Characters that word processors put in the place of those a formula uses.
const LOOKALIKES: [(char, &str); 16] = [
    ('“', "\""),
    ('”', "\""),
    ('„', "\""),
    ('‘', "'"),
    ('’', "'"),
    ('´', "`"),
    ('–', "-"),
    ('—', "-"),
    ('−', "-"),
    ('×', "*"),
    ('∗', "*"),
    ('∼', "~"),
    ('˜', "~"),
    ('～', "~"),
    ('｜', "|"),
    ('：', ":"),
];

pub(in crate::formula) fn unexpected_character(character: char, at: usize) -> Fault {
    let span = Span { start: at, end: at + character.len_utf8() };
    let unseen = character.is_control() || width::is_invisible(character) || width::is_mark(character);
    let name = if unseen || width::shown(character) != character {
        format!("U+{:04X}", u32::from(character))
    } else {
        format!("`{character}`")
    };
    let known = LOOKALIKES.iter().find(|(lookalike, _)| *lookalike == character);
    let help = match (known, character) {
        (Some((_, plain)), _) => format!(
            "It looks like {plain} but is another character, as word processors write it. Type {plain} instead."
        ),
        _ if unseen => "It cannot be seen on the screen, and often comes with copied text. Delete it.".to_owned(),
        (None, '%') => "The only operator between percent signs is %in%.".to_owned(),
        (None, '$' | '[' | ']' | '{' | '}' | '@') => {
            "A formula names columns of the data; it does not look inside objects. Write just the column name, \
             in backticks if the name itself has this character."
                .to_owned()
        }
        (None, '<' | '>' | '!' | '&') => {
            "A formula does not compare. Make a column that holds the result, and name that column.".to_owned()
        }
        _ => "If it belongs to a column name, put the whole name in backticks: `like this`.".to_owned(),
    };
    Fault::new(span, "unexpected-character", format!("the character {name} has no meaning in a formula"), help)
}

pub(in crate::formula) fn dot_unsupported(span: Span) -> Fault {
    Fault::new(
        span,
        "dot-unsupported",
        "`.` for \"all other columns\" is not supported",
        "Name the columns one by one, so that the model does not change when a column is added to the data.",
    )
}

pub(in crate::formula) fn bad_name(text: &str, span: Span) -> Fault {
    let text = clip(text);
    Fault::new(
        span,
        "bad-name",
        format!("`{text}` begins with a digit, so it is neither a number nor a name"),
        format!(
            "If it is a column, put the name in backticks: `{text}`. If two things were meant, put an operator between them."
        ),
    )
}

pub(in crate::formula) fn unclosed_quote(quote: char, span: Span) -> Fault {
    let what = if quote == '`' { "backtick" } else { "quote" };
    Fault::new(
        span,
        "unclosed-quote",
        format!("a {what} is opened here and never closed"),
        format!("Add the closing {quote} after the name. A {quote} inside the name is written \\{quote}."),
    )
}

pub(in crate::formula) fn empty_name(span: Span) -> Fault {
    Fault::new(span, "empty-name", "the quotes hold no name", "Write the name of a column between them.")
}

pub(in crate::formula) fn empty_formula() -> Fault {
    Fault::new(
        Span::default(),
        "empty-formula",
        "the formula is empty",
        "Write the outcome, `~`, and what explains it, such as y ~ age + (1 | clinic).",
    )
}

pub(in crate::formula) fn missing_tilde(span: Span) -> Fault {
    Fault::new(
        span,
        "missing-tilde",
        "the formula has no `~`",
        "Write the outcome, `~`, and what explains it, such as y ~ age + (1 | clinic).",
    )
}

pub(in crate::formula) fn two_tildes(span: Span) -> Fault {
    Fault::new(
        span,
        "two-tildes",
        "this is a second `~`",
        "A formula has one `~`, between the outcome and what explains it. Join terms with `+`.",
    )
}

pub(in crate::formula) fn tilde_in_parentheses(span: Span) -> Fault {
    Fault::new(
        span,
        "tilde-in-parentheses",
        "the `~` stands inside parentheses",
        "The `~` divides the whole formula. Take away the parentheses around it.",
    )
}

pub(in crate::formula) fn extra_close(span: Span) -> Fault {
    Fault::new(
        span,
        "unbalanced-parentheses",
        "this `)` closes nothing",
        "Remove it, or add the `(` that it should close.",
    )
}

pub(in crate::formula) fn unclosed_parenthesis(span: Span) -> Fault {
    Fault::new(
        span,
        "unbalanced-parentheses",
        "this `(` is never closed",
        "Add the `)` where the group ends, or remove the `(`.",
    )
}

pub(in crate::formula) fn too_deep(span: Span) -> Fault {
    Fault::new(
        span,
        "too-deep",
        format!("more than {MAX_DEPTH} parentheses are open here"),
        "No model needs that many. If a program wrote the formula, let it write a plain sum of terms.",
    )
}
