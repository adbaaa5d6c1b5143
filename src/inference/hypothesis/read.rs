//! The text of hypotheses.
//!
//! ```text
//! hypotheses = [ hypothesis { ( "," | ";" | line break ) hypothesis } ]
//! hypothesis = sum [ "=" sum { "=" sum } ]        (without "=": is zero)
//! ```
//!
//! Sums are linear combinations of parameter names and numbers as [`crate::declared`] reads them. `a = b = c` says two things.

use crate::declared::{Combination, Reader, Vocabulary, Wording};
use crate::error::{Kind, Result};
use crate::formula::Span;
use crate::model::Fit;

const COEFFICIENTS: Wording = Wording {
    one: "coefficient",
    many: "coefficients",
    syntax: "hypothesis-syntax",
    unknown: ("unknown-coefficient", Kind::Option),
    built: true,
};

/// Names shown where one is not known.
const MOST_SHOWN: usize = 15;

/// weights'β = value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stated {
    /// As written.
    pub(super) text: String,
    /// Over the columns of the design.
    pub(super) weights: Vec<f64>,
    /// The value.
    pub(super) value: f64,
}

/// Reads every hypothesis of a text.
pub(super) fn read(fit: &Fit, text: &str) -> Result<Vec<Stated>> {
    let hint = |word: &str| hint(fit, word);
    let vocabulary = Vocabulary { names: &fit.design.names, what: "hypothesis", wording: &COEFFICIENTS, hint: &hint };
    let mut out = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut reader = Reader::new(line, &vocabulary);
        loop {
            read_one(line, &mut reader, &mut out)?;
            if reader.eat(&[',', ';']).is_some() {
                // A separator may end the line.
                if reader.place() == line.len() {
                    break;
                }
                continue;
            }
            if reader.place() == line.len() {
                break;
            }
            let help = "Join coefficients by signs, a - b; put = between two sides, and commas between hypotheses";
            return Err(reader.syntax(reader.next_span(), "an operator is missing here", help));
        }
    }
    Ok(out)
}

/// One hypothesis, or a chain of them.
fn read_one(line: &str, reader: &mut Reader, out: &mut Vec<Stated>) -> Result<()> {
    let mut start = reader.place();
    let mut left = reader.sum()?;
    let mut sides = 1;
    while reader.eat(&['=']).is_some() {
        reader.eat(&['=']);
        let middle = reader.place();
        let right = reader.sum()?;
        let span = Span { start, end: reader.place() };
        out.push(stated(line, span, &left, &right, reader)?);
        (start, left, sides) = (middle, right, sides + 1);
    }
    if sides == 1 {
        let zero = Combination { weights: vec![0.0; left.weights.len()], constant: 0.0, named: false };
        let span = Span { start, end: reader.place() };
        out.push(stated(line, span, &left, &zero, reader)?);
    }
    Ok(())
}

fn stated(line: &str, span: Span, left: &Combination, right: &Combination, reader: &Reader) -> Result<Stated> {
    let weights = left.weights.iter().zip(&right.weights).map(|(a, b)| a - b).collect::<Vec<_>>();
    let value = right.constant - left.constant;
    let text = line[span.start..span.end].trim().to_string();
    let span = Span { start: span.start, end: span.start + text.len() };
    if weights.iter().all(|w| *w == 0.0) {
        let help = "Name a coefficient on one side, such as age = 0; both sides of an = must not be the same";
        return Err(reader.syntax(span, "this says nothing about a coefficient", help));
    }
    if !value.is_finite() || weights.iter().any(|w| !w.is_finite()) {
        return Err(reader.syntax(span, "the weights are not finite", "Use weights such as 1/2 or 0.25"));
    }
    Ok(Stated { text, weights, value })
}

/// What to say about a name that is not known.
fn hint(fit: &Fit, word: &str) -> String {
    for (index, factor) in fit.design.factors.iter().enumerate() {
        let reference = &factor.levels[factor.reference];
        if fit.design.contrast_in_use(index).has_reference() && word == format!("{}[{reference}]", factor.column) {
            return format!(
                "'{reference}' is the reference level of {}: the others are compared with it, so write 0 in its place",
                factor.column
            );
        }
    }
    let names = &fit.design.names;
    let shown = names.iter().take(MOST_SHOWN).map(|n| format!("'{n}'")).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(MOST_SHOWN);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    format!("{}The coefficients are: {shown}{more}", Vocabulary::did_you_mean(word, names))
}
