//! Every mistake a formula can contain, with its slug and its words.
//!
//! One function per mistake, so that the wording can be read and revised in one place: what is wrong
//! (the message), then the likely cause and what to do (the help).

mod call;
mod model;
mod syntax;
mod text;

pub(super) use call::*;
pub(super) use model::*;
pub(super) use syntax::*;
pub(super) use text::*;

use super::width;

/// A piece of the formula as it can stand in a sentence: short and without characters that break lines.
fn clip(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut shown: String = text.chars().take(LONGEST).map(width::shown).collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    shown
}
