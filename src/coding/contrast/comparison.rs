//! The text of a comparison to its weights, one per level: a linear combination of levels, as
//! [`crate::declared`] reads it, whose weights sum to zero. `(1 + 2)/2 - 3` compares levels called 1, 2 and 3.

use crate::declared::{Combination, Reader, Vocabulary, Wording};
use crate::error::{Kind, Result};
use crate::formula::Span;

/// What a comparison may miss zero by, as a share of its weights' sizes: the rounding of sums such as 1/3 + 1/3 + 1/3.
const ROUNDING: f64 = 1e-9;

const LEVELS: Wording = Wording {
    one: "level",
    many: "levels",
    syntax: "comparison-syntax",
    unknown: ("unknown-level", Kind::Level),
    built: false,
};

/// Reads the weights, which sum to zero; `what` names the contrast in messages.
pub(super) fn weights(text: &str, what: &str, levels: &[String]) -> Result<Vec<f64>> {
    let hint = |word: &str| hint(word, levels);
    let vocabulary = Vocabulary { names: levels, what, wording: &LEVELS, hint: &hint };
    let weights = combination(text, what, levels)?;
    let reader = Reader::new(text, &vocabulary);
    let whole = Span { start: 0, end: text.len() };
    let size: f64 = weights.iter().map(|w| w.abs()).sum();
    let sum: f64 = weights.iter().sum();
    if sum.abs() > ROUNDING * size {
        let help = format!(
            "A comparison takes away as much as it adds, such as a - b or (a + b)/2 - c; here the weights sum to {sum}"
        );
        return Err(reader.fault("comparison-sum", Kind::Option, whole, "the weights do not sum to zero", &help));
    }
    if weights.iter().all(|w| w.abs() <= ROUNDING * size) {
        let help = "Every level is taken away as often as it is added, so nothing is compared";
        return Err(reader.fault("comparison-empty", Kind::Option, whole, "the weights cancel out", help));
    }
    Ok(weights)
}

/// Reads the weights, whatever their sum.
pub(super) fn combination(text: &str, what: &str, levels: &[String]) -> Result<Vec<f64>> {
    let hint = |word: &str| hint(word, levels);
    let vocabulary = Vocabulary { names: levels, what, wording: &LEVELS, hint: &hint };
    let mut reader = Reader::new(text, &vocabulary);
    let Combination { weights, constant, .. } = reader.sum()?;
    if reader.place() < text.len() {
        return Err(reader.syntax(reader.next_span(), "an operator is missing here", "Join levels by signs, a - b"));
    }
    let whole = Span { start: 0, end: text.len() };
    if constant != 0.0 {
        let help = "Numbers only multiply and divide levels. If one is the name of a level, check the name";
        return Err(reader.syntax(whole, "a number stands by itself", help));
    }
    if weights.iter().any(|w| !w.is_finite()) {
        return Err(reader.syntax(whole, "the weights are not finite", "Use weights such as 1/2 or 0.25"));
    }
    Ok(weights)
}

fn hint(word: &str, levels: &[String]) -> String {
    let meant = Vocabulary::did_you_mean(word, levels);
    format!("{meant}The levels that have rows are: {}", crate::coding::factor::list(levels))
}
