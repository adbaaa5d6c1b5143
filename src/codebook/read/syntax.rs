//! Text that is not TOML: the parser's finding in an analyst's words, with the likely cure.

use crate::declared::Fault;
use crate::declared::nearest;
use std::ops::Range;

const QUOTE: &str = "text stands in quotes, such as \"Male\" or \"01\"; only numbers, true and false do without";
const QUOTE_NAME: &str = "a name with blanks or other signs stands in quotes: \"Not stated\" = \"Z\"";

/// What the parser says (its beginning), what a message says, and what to do.
const REWORDED: [(&str, &str, &str); 14] = [
    ("string values must be quoted", "a value is missing or has no quotes", QUOTE),
    ("unexpected leading zero", "a number cannot begin with 0", "if it is a code, put it in quotes: \"01\""),
    ("invalid basic string", "the text has no closing quote", "end it with \""),
    ("invalid literal string", "the text has no closing quote", "end it with '"),
    ("missing escaped value", "a backslash in double quotes needs another sign after it", "write \\\\ for a backslash"),
    ("unclosed inline table", "a table opened with { is not closed", "end it with }, or give it a section in brackets"),
    ("unclosed array table", "the heading is not closed", "end it with ]]"),
    ("unclosed array", "an array opened with [ is not closed", "end it with ]"),
    ("unclosed table", "the heading is not closed", "end it with ]"),
    (
        "missing comma",
        "a comma is missing before this",
        "separate entries by commas; check that the bracket before is closed",
    ),
    ("invalid unquoted key", "a name here needs quotes", QUOTE_NAME),
    ("invalid boolean", "this is neither true nor false", "true and false are written small and without quotes"),
    ("missing table open", "a bracket is closed that was not opened", "take it out, or open it"),
    (
        "unexpected key or value",
        "the line goes on after its value",
        "one entry a line; several codes stand in an array: [\"1\", \"2\"]",
    ),
];

/// The parser's error as a complaint.
pub(in crate::codebook) fn fault(error: &toml::de::Error, text: &str) -> Fault {
    let span = seen(error.span().unwrap_or(0..0), text);
    let found = error.message();
    let word = text.get(span.clone()).unwrap_or_default();
    if found.starts_with("duplicate key") {
        return duplicate(span, word, text);
    }
    let (message, cure) = if found.starts_with("key with no value") || found.starts_with("missing assignment") {
        no_equals(&span, text)
    } else if word.starts_with(['“', '”', '‘', '’', '„']) {
        ("these are not the quotes of a plain text file".to_owned(), "write straight quotes: \"...\"".to_owned())
    } else if let Some(meant) = nearest(word, ["true", "false"]).filter(|_| found.starts_with("string values")) {
        (format!("'{word}' has no quotes; did you mean {meant}?"), QUOTE.to_owned())
    } else if let Some((_, message, cure)) = REWORDED.iter().find(|(beginning, ..)| found.starts_with(beginning)) {
        ((*message).to_owned(), (*cure).to_owned())
    } else {
        (format!("this is not TOML: {found}"), String::new())
    };
    Fault::new(span, "codebook-syntax", message, cure)
}

/// The place, or if that is behind the last line, the end of what is written.
fn seen(span: Range<usize>, text: &str) -> Range<usize> {
    let end = text.trim_end().len();
    if span.start > end { end..end } else { span }
}

/// A name and no `=` after it.
fn no_equals(span: &Range<usize>, text: &str) -> (String, String) {
    let before = text.get(..span.start).unwrap_or_default();
    let rest = text.get(span.start..).unwrap_or_default().lines().next().unwrap_or_default();
    let cure = if before.trim_end().ends_with(':') || rest.trim_start().starts_with(':') {
        "write = between a name and its value, not a colon"
    } else if rest.contains('=') {
        QUOTE_NAME
    } else {
        "write = between a name and its value"
    };
    ("a name has no = after it".to_owned(), cure.to_owned())
}

/// The same name a second time.
fn duplicate(span: Range<usize>, word: &str, text: &str) -> Fault {
    let name = word.trim_matches(['"', '\'']);
    let line = text[..span.start].rsplit('\n').next().unwrap_or_default();
    let (message, cure) = match line.trim_start() {
        heading if heading.starts_with('[') && heading.ends_with("variables.") => {
            (format!("variable '{name}' is declared a second time"), "give one of the two another name")
        }
        heading if heading.starts_with('[') => {
            (format!("'{name}' is written a second time for the same variable"), "keep one of the two")
        }
        _ => (
            format!("'{name}' is written a second time in the same table"),
            "keep one of the two; several codes of one level stand in an array: \"Male\" = [\"1\", \"M\"]",
        ),
    };
    Fault::new(span, "codebook-duplicate", message, cure)
}
