//! Numbers that a formula gives as arguments, and lists of them in quotes.

use std::hash::{Hash, Hasher};

/// A finite number written in a formula. Two are equal when they are the same double, so that formulas compare and hash.
#[derive(Debug, Clone, Copy)]
pub struct Real(f64);

impl Real {
    /// The number, if it is finite; −0 becomes 0.
    #[must_use]
    pub fn new(value: f64) -> Option<Self> {
        value.is_finite().then_some(Self(value + 0.0))
    }

    /// Its value.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }
}

impl PartialEq for Real {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for Real {}

impl Hash for Real {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

/// The shortest text that reads back as the same number.
impl std::fmt::Display for Real {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.0)
    }
}

/// Numbers between blanks, commas or semicolons, each larger than the one before; `None` where there is anything else.
pub(super) fn increasing(text: &str) -> Option<Vec<Real>> {
    let words = text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty());
    let numbers = words.map(|word| Real::new(word.parse().ok()?)).collect::<Option<Vec<_>>>()?;
    let ordered = numbers.windows(2).all(|pair| pair[0].0 < pair[1].0);
    (ordered && !numbers.is_empty()).then_some(numbers)
}

/// As [`increasing`] reads it.
pub(super) fn listed(numbers: &[Real]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
