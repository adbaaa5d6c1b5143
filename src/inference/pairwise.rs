//! All pairs of levels of a factor as odds ratios, with p-values and intervals that allow for their number.

use super::delta::bilinear;
use super::multiplicity::{Adjust, adjust};
use super::normal::{two_sided, two_sided_p};
use super::terms::by_level;
use super::wald::{error, estimate, over_estimates, require_converged};
use crate::declared::did_you_mean;
use crate::error::{Error, Kind, Result};
use crate::model::Fit;
use nalgebra::DMatrix;

/// One level against another; NaN where there is no finite estimate.
#[derive(Debug, Clone, PartialEq)]
pub struct PairwiseRow {
    /// Level.
    pub level: String,
    /// The level it is compared with.
    pub reference: String,
    /// Difference in log odds.
    pub estimate: f64,
    /// Its standard error.
    pub std_error: f64,
    /// Odds ratio.
    pub odds_ratio: f64,
    /// Lower bound of the odds ratio, simultaneous with the other rows.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// estimate / standard error.
    pub statistic: f64,
    /// Adjusted.
    pub p_value: f64,
    /// As if it were the only comparison.
    pub p_unadjusted: f64,
    /// Standard error of the integral behind `p_value`; zero where there is none.
    pub p_error: f64,
}

/// Compares all pairs, or every level with one. Where the factor interacts with others, their levels are averaged over, each
/// with the same weight.
pub fn pairwise(
    fit: &Fit,
    column: &str,
    reference: Option<&str>,
    method: Adjust,
    level: f64,
) -> Result<Vec<PairwiseRow>> {
    require_converged(fit, "pairwise()")?;
    two_sided(level)?;
    let factor = factor_of(fit, column)?;
    let levels = &fit.design.factors[factor].levels;
    let pairs = pairs(levels, column, reference)?;
    if method == Adjust::Tukey && pairs.len() < levels.len() * (levels.len() - 1) / 2 {
        let message = "adjust='tukey' allows for all pairs of levels, and with reference= fewer are compared; use 'mvt' (for one reference that is Dunnett's test), 'holm' or 'bonferroni'";
        return Err(Error::new(Kind::Option, "tukey-reference", message));
    }
    let predictors = by_level(&fit.design, factor).map_err(|number| {
        let message = format!(
            "'{column}' interacts with '{number}', so how its levels differ depends on '{number}'; compare them at a value of it with test(), such as {column}[...] + 5*{column}[...]:{number} = 0"
        );
        Error::new(Kind::Option, "depends-on-number", message)
    })?;
    let weights = |&(a, b): &(usize, usize)| {
        let difference = predictors[a].iter().zip(&predictors[b]).map(|(x, y)| x - y).collect::<Vec<_>>();
        over_estimates(fit, &difference).ok()
    };
    let weights = pairs.iter().map(weights).collect::<Vec<_>>();
    let mut rows = pairs.iter().zip(&weights).map(|(p, w)| plain_row(fit, levels, *p, w.as_ref())).collect::<Vec<_>>();
    adjust_rows(fit, &mut rows, &weights, levels.len(), method, level)?;
    Ok(rows)
}

fn factor_of(fit: &Fit, column: &str) -> Result<usize> {
    let factors = &fit.design.factors;
    if let Some(at) = factors.iter().position(|f| f.column == column) {
        return Ok(at);
    }
    let names = factors.iter().map(|f| f.column.as_str());
    let known = if factors.is_empty() {
        "; the model has no categorical column in its fixed part".to_string()
    } else {
        let list = names.clone().map(|n| format!("'{n}'")).collect::<Vec<_>>().join(", ");
        format!("; the categorical columns are: {list}")
    };
    let meant = did_you_mean(column, names);
    let message = format!("'{column}' is no categorical column of the fixed part{meant}{known}");
    Err(Error::new(Kind::Option, "unknown-factor", message))
}

/// Pairs (level, reference): the earlier level is the reference.
fn pairs(levels: &[String], column: &str, reference: Option<&str>) -> Result<Vec<(usize, usize)>> {
    let k = levels.len();
    let Some(name) = reference else {
        return Ok((0..k).flat_map(|b| (b + 1..k).map(move |a| (a, b))).collect());
    };
    let Some(b) = levels.iter().position(|l| l == name) else {
        let meant = did_you_mean(name, levels.iter().map(String::as_str));
        let known = levels.iter().map(|l| format!("'{l}'")).collect::<Vec<_>>().join(", ");
        let message = format!("reference='{name}' is no level of '{column}' that has rows{meant}; they are: {known}");
        return Err(Error::new(Kind::Level, "unknown-level", message));
    };
    Ok((0..k).filter(|a| *a != b).map(|a| (a, b)).collect())
}

fn plain_row(fit: &Fit, levels: &[String], (a, b): (usize, usize), weights: Option<&Vec<f64>>) -> PairwiseRow {
    let (estimate, std_error) = weights.map_or((f64::NAN, f64::NAN), |w| (estimate(fit, w), error(fit, w)));
    let statistic = estimate / std_error;
    let p = if statistic.is_nan() { f64::NAN } else { two_sided_p(statistic) };
    PairwiseRow {
        level: levels[a].clone(),
        reference: levels[b].clone(),
        estimate,
        std_error,
        odds_ratio: estimate.exp(),
        lower: f64::NAN,
        upper: f64::NAN,
        statistic,
        p_value: f64::NAN,
        p_unadjusted: p,
        p_error: f64::NAN,
    }
}

/// Fills in what depends on the other rows; rows without an estimate take no part.
fn adjust_rows(
    fit: &Fit,
    rows: &mut [PairwiseRow],
    weights: &[Option<Vec<f64>>],
    levels: usize,
    method: Adjust,
    level: f64,
) -> Result<()> {
    let known = (0..rows.len()).filter(|&k| rows[k].statistic.is_finite()).collect::<Vec<_>>();
    let vectors = known.iter().filter_map(|&k| weights[k].as_ref()).collect::<Vec<_>>();
    if known.is_empty() {
        return Ok(());
    }
    let correlation = DMatrix::from_fn(known.len(), known.len(), |i, j| {
        bilinear(fit, vectors[i], vectors[j]) / (rows[known[i]].std_error * rows[known[j]].std_error)
    });
    let z = known.iter().map(|&k| rows[k].statistic).collect::<Vec<_>>();
    let adjusted = adjust(method, &z, levels, &correlation, level)?;
    for (i, &k) in known.iter().enumerate() {
        let row = &mut rows[k];
        row.p_value = adjusted.p_values[i];
        row.p_error = adjusted.errors[i];
        row.lower = (row.estimate - adjusted.z * row.std_error).exp();
        row.upper = (row.estimate + adjusted.z * row.std_error).exp();
    }
    Ok(())
}
