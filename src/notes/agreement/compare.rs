//! A lexicon against a human coding of the same notes, theme by theme.

use super::cohen::{Weights, cohen_kappa};
use super::{Agreement, normal_quantile};
use crate::error::Result;

/// A share with Wilson's interval; all NaN if there is nothing to share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// The share.
    pub estimate: f64,
    /// Lower end of the interval.
    pub lower: f64,
    /// Upper end of the interval.
    pub upper: f64,
}

/// How a coding by lexicon (or by anybody) compares with a human's.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Notes with the theme by both.
    pub both: u64,
    /// Notes with the theme by the lexicon alone.
    pub lexicon_only: u64,
    /// Notes with the theme by the human alone.
    pub human_only: u64,
    /// Notes with the theme by neither.
    pub neither: u64,
    /// Cohen's kappa.
    pub kappa: Agreement,
    /// Of all yes of either, doubled where both said it: the share said by both.
    pub positive: f64,
    /// The same for no.
    pub negative: f64,
    /// Of the human's yes, those that the lexicon found.
    pub sensitivity: Share,
    /// Of the human's no, those without a finding.
    pub specificity: Share,
    /// Of the lexicon's yes, those that the human shares.
    pub predictive: Share,
}

/// Compares yes (1) and no (0) of a lexicon with a human's; negative is missing, and leaves the note out.
///
/// ```
/// let theme = melogit::notes::compare(&[1, 1, 0, 0, -1], &[1, 0, 0, 1, 1], 0.95)?;
/// assert_eq!((theme.both, theme.lexicon_only, theme.human_only, theme.neither), (1, 1, 1, 1));
/// assert_eq!((theme.sensitivity.estimate, theme.predictive.estimate, theme.kappa.estimate), (0.5, 0.5, 0.0));
/// # Ok::<(), melogit::error::Error>(())
/// ```
///
/// # Errors
///
/// If the codings differ in length, or a code is neither.
pub fn compare(lexicon: &[i32], human: &[i32], level: f64) -> Result<Comparison> {
    let kappa = cohen_kappa(lexicon, human, 2, Weights::Plain, level)?;
    let count = |pair: (i32, i32)| lexicon.iter().zip(human).filter(|(a, b)| (**a, **b) == pair).count() as u64;
    let (both, lexicon_only, human_only, neither) = (count((1, 1)), count((1, 0)), count((0, 1)), count((0, 0)));
    let split = lexicon_only + human_only;
    Ok(Comparison {
        both,
        lexicon_only,
        human_only,
        neither,
        kappa,
        positive: 2.0 * both as f64 / (2 * both + split) as f64,
        negative: 2.0 * neither as f64 / (2 * neither + split) as f64,
        sensitivity: wilson(both, both + human_only, level),
        specificity: wilson(neither, neither + lexicon_only, level),
        predictive: wilson(both, both + lexicon_only, level),
    })
}

/// A share with Wilson's interval, which stays within 0 and 1 and has a width at both ends.
fn wilson(part: u64, whole: u64, level: f64) -> Share {
    if whole == 0 {
        return Share { estimate: f64::NAN, lower: f64::NAN, upper: f64::NAN };
    }
    let (n, p, z) = (whole as f64, part as f64 / whole as f64, normal_quantile(level));
    let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
    // At the ends one side is exact, whatever rounding says.
    let lower = if part == 0 { 0.0 } else { centre - half };
    let upper = if part == whole { 1.0 } else { centre + half };
    Share { estimate: p, lower, upper }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilsons_interval_is_the_published_one() {
        // Newcombe (Statistics in Medicine 17, 1998, 857–872), table I: 81 of 263 and 0 of 20.
        let share = wilson(81, 263, 0.95);
        assert!((share.lower - 0.2553).abs() < 5e-5 && (share.upper - 0.3662).abs() < 5e-5, "{share:?}");
        let none = wilson(0, 20, 0.95);
        assert!(none.lower == 0.0 && (none.upper - 0.1611).abs() < 5e-5, "{none:?}");
    }

    #[test]
    fn nothing_to_share_is_no_number() {
        let theme = compare(&[0, 0], &[0, 0], 0.95).unwrap();
        assert!(theme.sensitivity.estimate.is_nan() && theme.sensitivity.upper.is_nan() && theme.positive.is_nan());
        assert_eq!((theme.negative, theme.kappa.estimate.is_nan(), theme.neither), (1.0, true, 2));
    }
}
