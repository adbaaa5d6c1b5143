//! Imputations, pooled.

use super::fit::Fit;
use super::tables::Table;
use crate::inference::{self, JointMethod, PooledRow, VarianceRow};
use crate::model;
use pyo3::prelude::*;
use pyo3::types::PyDict;

fn models<'a>(fits: &'a [PyRef<'_, Fit>]) -> Vec<&'a model::Fit> {
    fits.iter().map(|f| &f.fit).collect()
}

/// Refuses fits that cannot be pooled.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn check_poolable(fits: Vec<PyRef<'_, Fit>>) -> PyResult<()> {
    Ok(inference::check_poolable(&models(&fits))?)
}

/// Coefficients.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn pooled_coefficients<'py>(
    py: Python<'py>,
    fits: Vec<PyRef<'py, Fit>>,
    complete_df: f64,
    level: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = inference::pooled_coefficients(&models(&fits), complete_df, level)?;
    Ok(Table::new(py, &rows)
        .column("name", |r| &r.name)?
        .column("estimate", |r| r.pooled.estimate)?
        .column("std_error", |r| r.pooled.std_error())?
        .column("statistic", |r| r.pooled.estimate / r.pooled.std_error())?
        .column("df", |r| r.pooled.df)?
        .column("p_value", |r| r.pooled.p_value())?
        .column("lower", |r| r.interval.0)?
        .column("upper", |r| r.interval.1)?
        .column("within", |r| r.pooled.within)?
        .column("between", |r| r.pooled.between)?
        .column("total", |r| r.pooled.total)?
        .column("relative_increase", |r| r.pooled.increase)?
        .column("missing_information", |r| r.pooled.missing_information)?
        .column("efficiency", |r| r.pooled.efficiency)?
        .column("note", |r| &r.note)?
        .finish())
}

/// Odds ratios with reference rows.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn pooled_odds_ratios<'py>(
    py: Python<'py>,
    fits: Vec<PyRef<'py, Fit>>,
    complete_df: f64,
    level: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = inference::pooled_odds_ratios(&models(&fits), complete_df, level)?;
    Ok(Table::new(py, &rows)
        .column("term", |r| &r.place.0)?
        .column("level", |r| &r.place.1)?
        .column("n", |r| r.counts.0)?
        .column("events", |r| r.counts.1)?
        .column("odds_ratio", |r| r.odds_ratio[0])?
        .column("lower", |r| r.odds_ratio[1])?
        .column("upper", |r| r.odds_ratio[2])?
        .column("p", |r| r.p_value)?
        .column("missing_information", |r| r.missing_information)?
        .column("reference", |r| r.reference)?
        .column("note", |r| &r.note)?
        .finish())
}

/// SDs and correlations.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn pooled_variances<'py>(
    py: Python<'py>,
    fits: Vec<PyRef<'py, Fit>>,
    complete_df: f64,
    level: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let rows: Vec<(VarianceRow, PooledRow)> = inference::pooled_variances(&models(&fits), complete_df, level)?;
    Ok(Table::new(py, &rows)
        .column("group", |(r, _)| &r.group)?
        .column("term", |(r, _)| &r.term)?
        .column("with_term", |(r, _)| r.with_term.as_deref())?
        .column("sd", |(r, _)| r.sd)?
        .column("variance", |(r, _)| r.variance)?
        .column("correlation", |(r, _)| r.correlation)?
        .column("std_error", |(r, _)| r.std_error)?
        .column("lower", |(r, _)| r.lower)?
        .column("upper", |(r, _)| r.upper)?
        .column("df", |(_, p)| p.pooled.df)?
        .column("missing_information", |(_, p)| p.pooled.missing_information)?
        .column("note", |(_, p)| &p.note)?
        .finish())
}

/// Joint tests per term.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn pooled_tests<'py>(
    py: Python<'py>,
    fits: Vec<PyRef<'py, Fit>>,
    method: &str,
    complete_df: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = inference::pooled_tests(&models(&fits), JointMethod::from_name(method)?, complete_df)?;
    Ok(Table::new(py, &rows)
        .column("term", |r| &r.term)?
        .column("statistic", |r| r.statistic)?
        .column("df1", |r| r.df1)?
        .column("df2", |r| r.df2)?
        .column("p_value", |r| r.p_value)?
        .column("relative_increase", |r| r.increase)?
        .finish())
}
