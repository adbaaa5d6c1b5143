//! What becomes of a combination of texts.

use crate::codebook::decide::clean::Mends;

/// What becomes of the rows with the same texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::codebook) struct Verdict {
    pub(in crate::codebook) fate: Fate,
    /// What was mended in the texts.
    pub(in crate::codebook) mends: Mends,
    pub(in crate::codebook) shown: Shown,
}

/// Where rows go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::codebook) enum Fate {
    /// To a level, by its place among the variable's levels.
    Level(usize),
    /// They keep their number.
    Number,
    /// They are missing, for one of the plan's causes.
    Missing(usize),
    /// No rule covers them.
    Uncovered(Reason),
}

/// Why no rule covers a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in crate::codebook) enum Reason {
    /// The text is no code.
    NoCode,
    /// The code does not count in this month.
    NotThen { from: Option<u32>, to: Option<u32>, month_known: bool },
    /// The text is not a finite number.
    NotANumber,
    /// The number is in no band.
    NoBand,
    /// The number is below the least or above the largest.
    Outside,
    /// No step of a precedence holds.
    NoStep { month_known: bool },
}

/// As what the account shows the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::codebook) enum Shown {
    /// The texts themselves.
    Texts,
    /// The interval that holds the number.
    Interval(usize),
    /// The text found in the look-up.
    Looked,
}
