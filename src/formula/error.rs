//! The error a formula can raise, and how it shows the place.

use super::ast::Span;
use super::caret;

/// Why a text is not a formula this package can fit.
///
/// `Display` gives the message, the formula with carets under the place, and what to do:
///
/// ```
/// let error = melogit::formula::parse("y ~ age + (1 | )").unwrap_err();
/// assert_eq!(error.slug, "missing-group");
/// assert_eq!(error.to_string(), "\
/// a random term has no grouping column after its `|`
///     y ~ age + (1 | )
///                    ^
/// Write the column that says which group a row belongs to, such as (1 | clinic).");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}\n{}{help}", caret::render(.r#source, *.span))]
pub struct FormulaError {
    /// The whole formula text. (Raw, or `thiserror` would take it for the underlying error.)
    pub r#source: String,
    /// The place in it.
    pub span: Span,
    /// A stable name of the kind of mistake, one of [`SLUGS`].
    pub slug: &'static str,
    /// What is wrong, in one line.
    pub message: String,
    /// The likely cause and what to do about it.
    pub help: String,
}

/// Every slug a [`FormulaError`] can carry. They never change their meaning.
pub const SLUGS: [&str; 49] = [
    "arithmetic-in-function",
    "bad-name",
    "bar-outside-parentheses",
    "cannot-subtract",
    "conflicting-coding",
    "contradictory-random-terms",
    "dot-unsupported",
    "empty-formula",
    "empty-name",
    "empty-random-term",
    "empty-right-side",
    "function-arguments",
    "interaction-too-large",
    "invalid-df",
    "invalid-group",
    "invalid-number",
    "invalid-numbers",
    "invalid-power",
    "invalid-response",
    "misplaced-cbind",
    "missing-group",
    "missing-operator",
    "missing-response",
    "missing-term",
    "missing-tilde",
    "nested-bar",
    "nested-function",
    "nothing-to-remove",
    "number-in-interaction",
    "offset-in-interaction",
    "offset-in-random-term",
    "power-too-large",
    "random-in-interaction",
    "reference-not-quoted",
    "reference-not-used",
    "response-on-right",
    "scores-not-used",
    "text-as-term",
    "tilde-in-parentheses",
    "too-deep",
    "too-many-terms",
    "two-tildes",
    "unbalanced-parentheses",
    "unclosed-quote",
    "unexpected-character",
    "unexpected-symbol",
    "unknown-argument",
    "unknown-contrast",
    "unknown-function",
];

/// A mistake found by one of the stages, which do not carry the whole text around.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) span: Span,
    pub(super) slug: &'static str,
    pub(super) message: String,
    pub(super) help: String,
}

impl Fault {
    pub(super) fn new(span: Span, slug: &'static str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { span, slug, message: message.into(), help: help.into() }
    }

    pub(super) fn in_text(self, text: &str) -> FormulaError {
        let Self { span, slug, message, help } = self;
        FormulaError { r#source: text.to_owned(), span, slug, message, help }
    }
}
