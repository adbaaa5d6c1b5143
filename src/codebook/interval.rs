//! An interval of numbers, with either end in or out.

use std::fmt;
use std::str::FromStr;

/// The numbers between two bounds.
///
/// ```
/// use melogit::codebook::Interval;
///
/// let interval = Interval { lower: 0.0, upper: 5.0, closed_lower: true, closed_upper: false };
/// assert_eq!(interval.to_string(), "[0, 5)");
/// assert!(interval.holds(0.0) && !interval.holds(5.0));
/// assert_eq!("[0,5)".parse(), Ok(interval));
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Where it begins; minus infinity if nowhere.
    pub lower: f64,
    /// Where it ends; infinity if nowhere.
    pub upper: f64,
    /// Whether `lower` itself belongs to it.
    pub closed_lower: bool,
    /// Whether `upper` itself belongs to it.
    pub closed_upper: bool,
}

impl Interval {
    /// Whether the number lies in the interval; NaN lies in none.
    pub fn holds(&self, x: f64) -> bool {
        let above = if self.closed_lower { self.lower <= x } else { self.lower < x };
        let below = if self.closed_upper { x <= self.upper } else { x < self.upper };
        above && below
    }

    /// Whether no number lies in it.
    pub(super) fn is_empty(&self) -> bool {
        !(self.lower < self.upper || (same(self.lower, self.upper) && self.closed_lower && self.closed_upper))
    }

    /// Whether some number lies in both.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        !self.ends_before(other) && !other.ends_before(self)
    }

    /// Whether every number of the other lies in this one.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let lower =
            self.lower < other.lower || (same(self.lower, other.lower) && (self.closed_lower || !other.closed_lower));
        let upper =
            self.upper > other.upper || (same(self.upper, other.upper) && (self.closed_upper || !other.closed_upper));
        lower && upper
    }

    /// Whether numbers between the two, this one first, lie in neither.
    pub(super) fn leaves_gap(&self, next: &Self) -> bool {
        self.upper < next.lower || (same(self.upper, next.lower) && !self.closed_upper && !next.closed_lower)
    }

    fn ends_before(&self, other: &Self) -> bool {
        self.upper < other.lower || (same(self.upper, other.lower) && !(self.closed_upper && other.closed_lower))
    }
}

#[expect(clippy::float_cmp, reason = "bounds are compared as written")]
fn same(one: f64, other: f64) -> bool {
    one == other
}

impl FromStr for Interval {
    type Err = String;

    /// Reads "[0, 5)", or says what is wrong with the text and how to write it.
    fn from_str(text: &str) -> Result<Self, String> {
        let shape = || format!("'{text}' is not an interval such as \"[0, 5)\" (from 0 up to, not including, 5)");
        let trimmed = text.trim();
        let (Some(open), Some(close)) = (trimmed.chars().next(), trimmed.chars().next_back()) else {
            return Err(shape());
        };
        if !matches!(open, '[' | '(') || !matches!(close, ']' | ')') {
            return Err(shape());
        }
        let (lower, upper) = trimmed[1..trimmed.len() - 1].split_once(',').ok_or_else(shape)?;
        let bound = |text: &str| text.trim().parse::<f64>().ok().filter(|bound| !bound.is_nan()).ok_or_else(shape);
        let interval =
            Self { lower: bound(lower)?, upper: bound(upper)?, closed_lower: open == '[', closed_upper: close == ']' };
        if interval.is_empty() { Err(format!("no number lies in the interval {interval}")) } else { Ok(interval) }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (open, close) = (if self.closed_lower { '[' } else { '(' }, if self.closed_upper { ']' } else { ')' });
        write!(f, "{open}{}, {}{close}", self.lower, self.upper)
    }
}
