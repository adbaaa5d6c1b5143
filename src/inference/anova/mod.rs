//! One test per term, of type II or III, by Wald's method or by likelihood ratio.
//!
//! | type | the term is tested in the model |
//! |---|---|
//! | II | of all terms but those that contain it: `a` after `b`, and `a:b` after both (marginality) |
//! | III | of all terms; its effect is averaged over the levels of the factors it interacts with, each with the same weight |
//!
//! Neither depends on the contrasts of the fit. Wald tests of type II come from the covariance of the whole model: the statistic
//! of "term and those that contain it are zero" less that of "those that contain it are zero", as in R's package car (Fox &
//! Weisberg 2019, *An R Companion to Applied Regression*, 3rd ed., section 5.3).

mod refits;

use super::terms::{contains, effect, stands_alone};
use super::wald::{
    JointTest, Unknown, joint_test, over_estimates, require_converged, require_likelihood, require_model_covariance,
};
use crate::design::TermSpec;
use crate::error::{Error, Kind, Result};
use crate::model::{Fit, Sample};

/// Which hypotheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnovaType {
    /// After every term that does not contain it.
    Two,
    /// After every other term.
    Three,
}

impl AnovaType {
    /// Reads `"II"` or `"III"`.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "II" => Ok(Self::Two),
            "III" => Ok(Self::Three),
            _ => {
                let message = format!("type='{name}' is not known; choose 'II' or 'III'");
                Err(Error::new(Kind::Option, "anova-type", message))
            }
        }
    }
}

/// The test of one term.
#[derive(Debug, Clone, PartialEq)]
pub struct AnovaRow {
    /// Term.
    pub term: String,
    /// Statistic, degrees of freedom, p-value.
    pub test: JointTest,
    /// Empty, or why there is no test.
    pub note: String,
}

/// A hypothesis about a term: rows over (β, θ) that are zero in the model that holds, and in the smaller one.
struct Hypothesis {
    /// Zero in both models.
    given: Vec<Vec<f64>>,
    /// Zero in the smaller one besides.
    tested: Vec<Vec<f64>>,
}

const REDUNDANT: &str = "not estimable: some cells have no rows";
const SEPARATED: &str = "separation: no finite estimate";

/// Wald tests of every term.
pub fn anova_wald(fit: &Fit, kind: AnovaType) -> Result<Vec<AnovaRow>> {
    require_converged(fit, "anova()")?;
    let test = |term: &TermSpec| match hypothesis(fit, term, kind) {
        Err(note) => row(term, JointTest::undefined(term.width), note),
        Ok(hypothesis) => wald(fit, term, &hypothesis),
    };
    Ok(fit.design.terms.iter().map(test).collect())
}

fn wald(fit: &Fit, term: &TermSpec, hypothesis: &Hypothesis) -> AnovaRow {
    let zero = |rows: &[Vec<f64>]| joint_test(fit, rows, &vec![0.0; rows.len()]);
    let both = hypothesis.given.iter().chain(&hypothesis.tested).cloned().collect::<Vec<_>>();
    let larger = zero(&both);
    if hypothesis.given.is_empty() {
        return row(term, larger, "");
    }
    let given = zero(&hypothesis.given);
    let statistic = (larger.statistic - given.statistic).max(0.0);
    let statistic = if larger.statistic.is_nan() || given.statistic.is_nan() { f64::NAN } else { statistic };
    row(term, JointTest::of(statistic, larger.df - given.df), "")
}

/// Likelihood-ratio tests of every term, by refits. `interrupt` is asked during them.
pub fn anova_likelihood(
    fit: &Fit,
    sample: &Sample,
    kind: AnovaType,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<AnovaRow>> {
    require_converged(fit, "anova()")?;
    require_model_covariance(fit, "anova(test='lr')")?;
    require_likelihood(fit, "anova(test='lr')")?;
    let test = |term: &TermSpec| match hypothesis(fit, term, kind) {
        // The likelihood ratio of a separated term is finite: only an effect that cannot be told is not tested.
        Err(note) if note == REDUNDANT => Ok(row(term, JointTest::undefined(term.width), note)),
        Err(_) => refits::of_columns(fit, sample, term, kind, interrupt).map(|test| row(term, test, "")),
        Ok(hypothesis) => refits::likelihood_ratio(fit, sample, &hypothesis, interrupt).map(|test| row(term, test, "")),
    };
    fit.design.terms.iter().map(test).collect()
}

fn row(term: &TermSpec, test: JointTest, note: &str) -> AnovaRow {
    let note = if note.is_empty() && test.df == 0 { REDUNDANT } else { note };
    AnovaRow { term: term.name.clone(), test, note: note.to_string() }
}

/// Estimated columns of a term as unit rows.
fn columns(fit: &Fit, term: &TermSpec) -> std::result::Result<Vec<Vec<f64>>, &'static str> {
    let mut rows = Vec::new();
    for column in (term.start..term.start + term.width).filter(|c| fit.position(*c).is_some()) {
        let mut row = vec![0.0; fit.design.width()];
        row[column] = 1.0;
        rows.push(estimable(fit, &row)?);
    }
    Ok(rows)
}

fn estimable(fit: &Fit, row: &[f64]) -> std::result::Result<Vec<f64>, &'static str> {
    over_estimates(fit, row).map_err(|unknown| match unknown {
        Unknown::Redundant(_) => REDUNDANT,
        Unknown::Diverging(_) => SEPARATED,
    })
}

fn hypothesis(fit: &Fit, term: &TermSpec, kind: AnovaType) -> std::result::Result<Hypothesis, &'static str> {
    match kind {
        AnovaType::Three if stands_alone(&fit.design, term) => {
            Ok(Hypothesis { given: Vec::new(), tested: columns(fit, term)? })
        }
        AnovaType::Three => {
            let rows = effect(&fit.design, term);
            let tested = rows.iter().map(|row| estimable(fit, row)).collect::<std::result::Result<Vec<_>, _>>()?;
            Ok(Hypothesis { given: Vec::new(), tested })
        }
        AnovaType::Two => {
            let mut given = Vec::new();
            for relative in relatives(fit, term) {
                given.extend(columns(fit, relative)?);
            }
            Ok(Hypothesis { given, tested: columns(fit, term)? })
        }
    }
}

/// Terms that contain a term and are not it.
fn relatives<'a>(fit: &'a Fit, term: &'a TermSpec) -> impl Iterator<Item = &'a TermSpec> {
    let others = fit.design.terms.iter().filter(|t| t.start != term.start);
    others.filter(|t| contains(&fit.design, t, term))
}
