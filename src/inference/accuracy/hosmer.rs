//! The Hosmer–Lemeshow test (Hosmer & Lemeshow 1980, *Commun Stat A* 9:1043), because reviewers ask for it.

use super::bins::bins;
use crate::error::{Error, Kind, Result};
use crate::inference::forecasts::Forecasts;
use crate::inference::normal::chi_squared_p;

/// The test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HosmerLemeshow {
    /// Σ (O − E)²/E over groups and both outcomes.
    pub statistic: f64,
    /// Groups less two on the records of the fit; groups on new ones.
    pub df: usize,
    /// Upper tail of χ².
    pub p_value: f64,
    /// Groups that could be formed.
    pub groups: usize,
}

/// Compares observed and expected events in groups of like risks.
pub fn hosmer_lemeshow(forecasts: &Forecasts, groups: usize) -> Result<HosmerLemeshow> {
    let formed = bins(forecasts, groups, 0.95)?;
    let spent = if forecasts.own { 2 } else { 0 };
    if formed.len() <= spent {
        let message = format!(
            "only {} groups of different predicted risk can be formed, and the test needs at least {}; the predictions hardly differ",
            formed.len(),
            spent + 1
        );
        return Err(Error::new(Kind::Option, "too-few-bins", message));
    }
    let term = |b: &super::Bin| {
        let expected = b.n * b.predicted;
        let gap = b.events - expected;
        gap * gap / expected + gap * gap / (b.n - expected)
    };
    let statistic = formed.iter().map(term).sum();
    let df = formed.len() - spent;
    Ok(HosmerLemeshow { statistic, df, p_value: chi_squared_p(statistic, df), groups: formed.len() })
}
