//! How strong an unmeasured confounder would have to be.

use super::fit::Fit;
use super::tables::Table;
use crate::error::Result;
use crate::inference::{self, Measure};
use pyo3::prelude::*;
use pyo3::types::PyDict;

fn measure(common_odds: bool) -> Measure {
    if common_odds { Measure::CommonOdds } else { Measure::Risk }
}

/// E-values of an estimate and of the nearer end of its interval.
#[pyfunction]
pub(super) fn e_value(ratio: f64, lower: f64, upper: f64, common_odds: bool) -> Result<(f64, f64)> {
    let e = inference::e_value(ratio, lower, upper, measure(common_odds))?;
    Ok((e.estimate, e.bound))
}

/// E-values of all odds ratios.
#[pyfunction]
pub(super) fn e_value_table<'py>(
    py: Python<'py>,
    fit: &Fit,
    level: f64,
    common_odds: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = inference::e_value_table(&fit.fit, level, measure(common_odds))?;
    Ok(Table::new(py, &rows)
        .column("term", |(r, _)| &r.term)?
        .column("level", |(r, _)| &r.level)?
        .column("odds_ratio", |(r, _)| r.odds_ratio)?
        .column("lower", |(r, _)| r.lower)?
        .column("upper", |(r, _)| r.upper)?
        .column("e_value", |(_, e)| e.estimate)?
        .column("e_value_bound", |(_, e)| e.bound)?
        .finish())
}

/// The confounders that would explain an odds ratio (estimate, lower, upper).
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "lists come out of Python as vectors")]
pub(super) fn tipping_points(
    py: Python<'_>,
    odds_ratio: (f64, f64, f64),
    risk: f64,
    confounders: Vec<f64>,
    prevalences: Vec<f64>,
) -> PyResult<Bound<'_, PyDict>> {
    let rows = inference::tipping_points(odds_ratio, risk, &confounders, &prevalences)?;
    Ok(Table::new(py, &rows)
        .column("confounder_odds_ratio", |r| r.confounder)?
        .column("prevalence_unexposed", |r| r.unexposed)?
        .column("prevalence_estimate", |r| r.estimate)?
        .column("prevalence_bound", |r| r.bound)?
        .finish())
}
