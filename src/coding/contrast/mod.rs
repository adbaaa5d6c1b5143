//! Contrasts: levels (rows) to columns, as in R's `contr.*`, and what each column's coefficient then compares.
//!
//! A contrast matrix C (levels x columns) says how levels become columns; its hypothesis matrix, the inverse of [1 | C],
//! says of which levels each coefficient is the difference (Schad, Vasishth, Hohenstein & Kliegl 2020, *Journal of Memory and
//! Language* 110, <https://doi.org/10.1016/j.jml.2019.104038>). Every contrast spans the same columns, so none changes the
//! likelihood.

mod comparison;
mod custom;
mod inverse;
mod named;
mod polynomial;
mod words;

#[cfg(test)]
mod tests;

use crate::error::{Error, Kind, Result};
use crate::formula::{ContrastKind, Real};
use custom::Custom;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// How the levels of a factor become columns.
///
/// Source: Venables & Ripley, *Modern Applied Statistics with S*, 4th ed., section 6.2; R's `contr.treatment`, `contr.sum`,
/// `contr.helmert`, `contr.poly`, and `contr.sdif` of MASS.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contrast {
    /// One indicator per level other than the reference.
    Treatment,
    /// Deviations from the mean of the levels; the last level is minus the sum of the others.
    Sum,
    /// Each level against the mean of the levels before it.
    Helmert,
    /// Orthonormal polynomials over equally spaced levels.
    Polynomial,
    /// Orthonormal polynomials over levels at these scores.
    Scored(Vec<f64>),
    /// Each level against the one before it.
    Successive,
    /// Each level against the one after it.
    Forward,
    /// Each level against the reference, with the intercept at the mean of the levels.
    Simple,
    /// Comparisons written out.
    Custom(Custom),
    /// One indicator per level: used where no lower-order term carries the mean (R's rule of marginality).
    Indicator,
}

impl Contrast {
    /// The contrast that was asked for, over these levels; `what` names it in messages, such as `contrast of 'source'`.
    ///
    /// ```
    /// use melogit::coding::Contrast;
    /// use melogit::formula::{ContrastKind, Hypothesis};
    /// let levels = ["None", "Past", "CPP", "Other"].map(String::from);
    /// let kind = ContrastKind::Custom(vec![Hypothesis::new("(CPP + Other)/2 - None")]);
    /// let contrast = Contrast::of(&kind, "contrast", &levels)?;
    /// assert_eq!(contrast.labels(&levels, 0), ["(CPP + Other)/2 - None", "rest 1", "rest 2"]);
    /// let hypotheses = contrast.hypotheses(4, 0);
    /// assert!((hypotheses[(1, 0)] + 1.0).abs() < 1e-12 && (hypotheses[(1, 2)] - 0.5).abs() < 1e-12);
    /// # Ok::<(), melogit::error::Error>(())
    /// ```
    pub fn of(kind: &ContrastKind, what: &str, levels: &[String]) -> Result<Self> {
        Ok(match kind {
            ContrastKind::Treatment => Self::Treatment,
            ContrastKind::Sum => Self::Sum,
            ContrastKind::Helmert => Self::Helmert,
            ContrastKind::Polynomial(None) => Self::Polynomial,
            ContrastKind::Polynomial(Some(scores)) => Self::Scored(checked_scores(scores, what, levels)?),
            ContrastKind::Successive => Self::Successive,
            ContrastKind::Forward => Self::Forward,
            ContrastKind::Simple => Self::Simple,
            ContrastKind::Custom(hypotheses) => Self::Custom(Custom::of(hypotheses, what, levels)?),
        })
    }

    /// The contrast over levels that come from no data, and the position of the reference level, by default the first.
    pub fn over(kind: &ContrastKind, levels: &[String], reference: Option<&str>) -> Result<(Self, usize)> {
        let refuse = |slug, message: String| Err(Error::new(Kind::Level, slug, message));
        if levels.len() < 2 {
            return refuse("one-level", "a contrast compares levels, so it needs at least two".to_string());
        }
        if let Some(twice) = (1..levels.len()).find(|&l| levels[..l].contains(&levels[l])) {
            return refuse("repeated-level", format!("the level '{}' is given twice; name each once", levels[twice]));
        }
        let position = |wanted: &str| levels.iter().position(|l| l == wanted);
        let Some(at) = reference.map_or(Some(0), position) else {
            let wanted = reference.unwrap_or_default();
            let known = super::factor::list(levels);
            return refuse("unknown-reference", format!("the reference '{wanted}' is none of the levels {known}"));
        };
        Ok((Self::of(kind, "contrast", levels)?, at))
    }

    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Treatment => "treatment",
            Self::Sum => "sum",
            Self::Helmert => "helmert",
            Self::Polynomial | Self::Scored(_) => "polynomial",
            Self::Successive => "successive",
            Self::Forward => "forward",
            Self::Simple => "simple",
            Self::Custom(_) => "custom",
            Self::Indicator => "indicator",
        }
    }

    /// Whether its columns stand for levels against a reference level.
    pub fn has_reference(&self) -> bool {
        matches!(self, Self::Treatment | Self::Simple)
    }

    /// Whether it can code a factor of so many levels: a contrast read from a file is data, not code.
    pub fn fits(&self, levels: usize) -> bool {
        match self {
            Self::Scored(scores) => scores.len() == levels && polynomial::are_scores(scores),
            Self::Custom(custom) => custom.fits(levels),
            _ => true,
        }
    }

    /// The contrast matrix, levels x columns. `reference` matters where [`Contrast::has_reference`].
    pub fn matrix(&self, levels: usize, reference: usize) -> DMatrix<f64> {
        match self {
            Self::Indicator => DMatrix::identity(levels, levels),
            Self::Treatment => named::treatment(levels, reference),
            Self::Sum => named::sum(levels),
            Self::Helmert => named::helmert(levels),
            Self::Polynomial => polynomial::orthonormal(&(0..levels).map(|l| l as f64).collect::<Vec<_>>()),
            Self::Scored(scores) => polynomial::orthonormal(scores),
            Self::Successive => named::successive(levels),
            Self::Forward => -named::successive(levels),
            Self::Simple => named::simple(levels, reference),
            Self::Custom(custom) => custom.matrix(),
        }
    }

    /// The hypothesis matrix, coefficients x levels: row 0 is the intercept's, row 1 + c that of column c. Indicators have no
    /// intercept beside them: there it is the identity.
    pub fn hypotheses(&self, levels: usize, reference: usize) -> DMatrix<f64> {
        let contrast = self.matrix(levels, reference);
        if *self == Self::Indicator { contrast } else { inverse::hypotheses(&contrast) }
    }

    /// The text in brackets behind the term's name, one per column.
    pub fn labels(&self, levels: &[String], reference: usize) -> Vec<String> {
        match self {
            Self::Indicator => levels.to_vec(),
            Self::Treatment | Self::Simple => {
                levels.iter().enumerate().filter(|(l, _)| *l != reference).map(|(_, name)| name.clone()).collect()
            }
            Self::Sum => levels[..levels.len() - 1].iter().map(|l| format!("S.{l}")).collect(),
            Self::Helmert => levels[1..].iter().map(|l| format!("H.{l}")).collect(),
            Self::Polynomial | Self::Scored(_) => polynomial::labels(levels.len()),
            Self::Successive => levels.windows(2).map(|pair| format!("{} - {}", pair[1], pair[0])).collect(),
            Self::Forward => levels.windows(2).map(|pair| format!("{} - {}", pair[0], pair[1])).collect(),
            Self::Custom(custom) => custom.labels.clone(),
        }
    }

    /// Each row of the hypothesis matrix in words that read as a comparison, such as `(CPP + Other)/2 - None`.
    pub fn words(&self, levels: &[String], reference: usize) -> Vec<String> {
        let hypotheses = self.hypotheses(levels.len(), reference);
        hypotheses.row_iter().map(|row| words::of(&row.iter().copied().collect::<Vec<_>>(), levels)).collect()
    }
}

/// One score per level, far enough apart to be told apart.
fn checked_scores(scores: &[Real], what: &str, levels: &[String]) -> Result<Vec<f64>> {
    let scores = scores.iter().map(|s| s.value()).collect::<Vec<_>>();
    if scores.len() != levels.len() {
        let message = format!(
            "{what}: {} scores for the {} levels that have rows, {}; give one score per level, in the order of the levels",
            scores.len(),
            levels.len(),
            super::factor::list(levels)
        );
        return Err(Error::new(Kind::Option, "scores-count", message));
    }
    if !polynomial::are_scores(&scores) {
        let message = format!(
            "{what}: the scores {scores:?} do not increase from level to level by at least a millionth of their range; give each level a score larger than the one before"
        );
        return Err(Error::new(Kind::Option, "scores-order", message));
    }
    Ok(scores)
}
