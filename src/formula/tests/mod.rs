//! What a formula means, and what is said when it means nothing. Also meant to be read as documentation.

mod carets;
mod errors_calls;
mod errors_coding;
mod errors_model;
mod errors_syntax;
mod errors_text;
mod grammar;
mod names;
mod slugs;

use super::{Formula, parse};

/// The parsed formula; a test that uses it knows that there is one.
fn read(text: &str) -> Formula {
    parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Asserts the canonical text of a formula, and that it reads back as the same formula.
fn means(text: &str, canonical: &str) {
    let formula = read(text);
    assert_eq!(formula.to_string(), canonical, "{text}");
    assert_eq!(read(canonical), formula, "{text}");
}

/// Asserts the slug of the error and all of its text, which starts after the first line break.
fn shows(text: &str, slug: &str, rendered: &str) {
    let error = parse(text).expect_err(text);
    assert_eq!(format!("\n{error}"), rendered);
    assert_eq!(error.slug, slug);
    assert_eq!(error.source, text);
}

/// The slug of the error.
fn slug(text: &str) -> &'static str {
    parse(text).expect_err(text).slug
}
