//! How two factors act together: on the scale of odds ratios and on that of risks.
//!
//! With 0 and 1 for the reference level and another of each factor, and OR or RR relative to neither:
//!
//! ```text
//! RERI = R₁₁ − R₁₀ − R₀₁ + 1,   AP = RERI / R₁₁,   S = (R₁₁ − 1) / (R₁₀ − 1 + R₀₁ − 1)
//! ```
//!
//! Rothman (1986), *Modern Epidemiology*; intervals by the delta method as in Hosmer & Lemeshow (1992), *Epidemiology* 3:452,
//! that of S on the log scale. Presentation: Knol & VanderWeele (2012), *Int J Epidemiol* 41:514.

use super::average::{Analysis, Request, Scenario, Target};
use super::effects::Values;
use super::estimate::{Estimate, Measured, Scale};
use super::quantity::Quantity;
use crate::error::{Error, Kind, Result};
use crate::model::Fit;

/// One measure for one pair of levels.
#[derive(Debug, Clone, PartialEq)]
pub struct InteractionRow {
    /// Level of each column of `over`.
    pub subgroup: Vec<String>,
    /// Level of the first factor, and its reference level.
    pub level: String,
    /// Reference level of the first factor.
    pub versus: String,
    /// Level of the second factor.
    pub by_level: String,
    /// Reference level of the second factor.
    pub by_versus: String,
    /// `odds` or `risk`.
    pub scale: &'static str,
    /// Which measure.
    pub measure: &'static str,
    /// The number.
    pub estimate: Estimate,
}

/// A scale, the name of a measure, and the measure.
type Named = (&'static str, &'static str, Measured);

/// Every level of `first` but its reference with every level of `second` but its own, in every subgroup. Odds ratios are those of the model
/// (in a given group), averaged over people on the log scale where other terms make them differ; risks are standardised.
pub fn interaction(fit: &Fit, request: &Request, first: &str, second: &str) -> Result<Vec<InteractionRow>> {
    let (a, b) = (factor(fit, first)?, factor(fit, second)?);
    if first == second {
        let message = format!("an interaction is between two columns, and both are '{first}'");
        return Err(Error::new(Kind::Option, "same-column", message));
    }
    let cohort = Analysis::cohort(fit, request)?;
    let (rows, columns) = (a.labels.len(), b.labels.len());
    let scenario = |k: usize| {
        let cell = k % (rows * columns);
        let changes = [a.change(first, cell / columns), b.change(second, cell % columns)];
        let target = if k < rows * columns { Target::Linear } else { request.target };
        Scenario::new(fit, &cohort, &changes, target, None)
    };
    let scenarios = (0..2 * rows * columns).map(scenario).collect::<Result<Vec<_>>>()?;
    let others = |n: usize, reference: usize| (0..n).filter(move |k| *k != reference);
    let pairs =
        others(rows, a.reference).flat_map(|i| others(columns, b.reference).map(move |j| (i, j))).collect::<Vec<_>>();
    let cells = (0..cohort.labels.len()).flat_map(|s| pairs.iter().map(move |&(i, j)| (s, i, j))).collect::<Vec<_>>();
    let measures = |means: &[Vec<Quantity>], (s, i, j): (usize, usize, usize)| -> Vec<Named> {
        let at = |i: usize, j: usize| (&means[i * columns + j][s], &means[rows * columns + i * columns + j][s]);
        let four = [at(a.reference, b.reference), at(i, b.reference), at(a.reference, j), at(i, j)];
        [odds(four.map(|c| c.0)), risks(four.map(|c| c.1))].concat()
    };
    let all = |means: &[Vec<Quantity>]| cells.iter().flat_map(|&c| measures(means, c)).collect::<Vec<_>>();
    let analysis = Analysis::new(fit, request, scenarios);
    let estimates = analysis.estimate(|means| all(means).into_iter().map(|m| m.2).collect())?;
    let zero = vec![vec![Quantity::constant(0.5); cohort.labels.len()]; 2 * rows * columns];
    let names = all(&zero).into_iter().map(|m| (m.0, m.1)).collect::<Vec<_>>();
    let per_cell = names.len() / cells.len().max(1);
    let row = |(k, estimate): (usize, Estimate)| {
        let (s, i, j) = cells[k / per_cell];
        InteractionRow {
            subgroup: cohort.labels[s].clone(),
            level: a.labels[i].clone(),
            versus: a.labels[a.reference].clone(),
            by_level: b.labels[j].clone(),
            by_versus: b.labels[b.reference].clone(),
            scale: names[k].0,
            measure: names[k].1,
            estimate,
        }
    };
    Ok(estimates.into_iter().enumerate().map(row).collect())
}

fn factor(fit: &Fit, column: &str) -> Result<Values> {
    if fit.design.factors.iter().any(|f| f.column == column) {
        return Values::of(fit, column, None);
    }
    let known = fit.design.factors.iter().map(|f| f.column.as_str()).collect::<Vec<_>>().join(", ");
    let message = format!("'{column}' is not a categorical term of this model; its categorical terms are: {known}");
    Err(Error::new(Kind::Option, "not-a-factor", message))
}

/// From linear predictors of neither, the first, the second, both.
fn odds(eta: [&Quantity; 4]) -> Vec<Named> {
    let log = |k: usize| eta[k].minus(eta[0]);
    let ratios = [log(1), log(2), log(3)].map(|l| l.exp());
    let mut out = vec![
        ("odds", "odds_ratio_first", Measured::new(ratios[0].clone(), Scale::Log)),
        ("odds", "odds_ratio_second", Measured::new(ratios[1].clone(), Scale::Log)),
        ("odds", "odds_ratio_both", Measured::new(ratios[2].clone(), Scale::Log)),
        ("odds", "odds_ratio_first_within", Measured::new(eta[3].minus(eta[2]).exp(), Scale::Log)),
        ("odds", "odds_ratio_second_within", Measured::new(eta[3].minus(eta[1]).exp(), Scale::Log)),
        ("odds", "ratio_of_ratios", Measured::new(log(3).minus(&log(1)).minus(&log(2)).exp(), Scale::Log)),
    ];
    out.extend(additive("odds", &ratios));
    out
}

/// From risks of neither, the first, the second, both.
fn risks(risk: [&Quantity; 4]) -> Vec<Named> {
    let ratios = [1, 2, 3].map(|k| risk[k].over(risk[0]));
    let contrast = risk[3].minus(risk[1]).minus(risk[2]).plus(risk[0]);
    let mut out = vec![
        ("risk", "risk_neither", Measured::new(risk[0].clone(), Scale::Logit)),
        ("risk", "risk_first", Measured::new(risk[1].clone(), Scale::Logit)),
        ("risk", "risk_second", Measured::new(risk[2].clone(), Scale::Logit)),
        ("risk", "risk_both", Measured::new(risk[3].clone(), Scale::Logit)),
        ("risk", "interaction_contrast", Measured::new(contrast, Scale::Plain)),
        ("risk", "ratio_of_ratios", Measured::new(ratios[2].over(&ratios[0]).over(&ratios[1]), Scale::Log)),
    ];
    out.extend(additive("risk", &ratios));
    out
}

/// RERI, AP and S from the ratios of the first, the second, both.
fn additive(scale: &'static str, ratios: &[Quantity; 3]) -> [Named; 3] {
    let [first, second, both] = ratios;
    let reri = both.minus(first).minus(second).shifted(1.0);
    let synergy = both.shifted(-1.0).over(&first.plus(second).shifted(-2.0));
    [
        (scale, "reri", Measured::new(reri.clone(), Scale::Plain)),
        (scale, "attributable_proportion", Measured::new(reri.over(both), Scale::Plain)),
        (scale, "synergy_index", Measured::new(synergy, Scale::Log)),
    ]
}
