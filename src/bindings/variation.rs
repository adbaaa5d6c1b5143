//! Variation between groups.

use super::columns::frame;
use super::fit::Fit;
use super::run::{detached, interruptible};
use super::tables::Table;
use crate::inference::{self, Side};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Columns that random slopes are of.
#[pyfunction]
pub(super) fn slope_columns(fit: &Fit) -> Vec<String> {
    fit.inner().slope_columns()
}

/// Shares of the variance and median odds ratios; at the rows of `columns` if given.
#[pyfunction]
pub(super) fn heterogeneity_at<'py>(
    py: Python<'py>,
    fit: &Fit,
    columns: Option<&Bound<'py, PyDict>>,
    nrows: usize,
    level: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = match columns {
        None => inference::heterogeneity(fit.inner(), level)?,
        Some(columns) => inference::heterogeneity_at(fit.inner(), &frame(columns, nrows)?, level)?,
    };
    Ok(Table::new(py, &rows)
        .column("group", |r| &r.group)?
        .column("variance", |r| r.variance)?
        .column("sd", |r| r.sd)?
        .column("icc", |r| r.icc[0])?
        .column("icc_lower", |r| r.icc[1])?
        .column("icc_upper", |r| r.icc[2])?
        .column("cumulative", |r| r.cumulative[0])?
        .column("cumulative_lower", |r| r.cumulative[1])?
        .column("cumulative_upper", |r| r.cumulative[2])?
        .column("mor", |r| r.mor[0])?
        .column("mor_lower", |r| r.mor[1])?
        .column("mor_upper", |r| r.mor[2])?
        .finish())
}

/// Interval odds ratios and shares of opposed ones.
#[pyfunction]
pub(super) fn interval_odds_ratios<'py>(
    py: Python<'py>,
    fit: &Fit,
    group: &str,
    share: f64,
    level: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = inference::interval_odds_ratios(fit.inner(), group, share, level)?;
    Ok(Table::new(py, &rows)
        .column("name", |r| &r.name)?
        .column("odds_ratio", |r| r.odds_ratio)?
        .column("ior_lower", |r| r.lower_end.value)?
        .column("ior_upper", |r| r.upper_end.value)?
        .column("ior_lower_lower", |r| r.lower_end.lower)?
        .column("ior_lower_upper", |r| r.lower_end.upper)?
        .column("ior_upper_lower", |r| r.upper_end.lower)?
        .column("ior_upper_upper", |r| r.upper_end.upper)?
        .column("opposed", |r| r.opposed.value)?
        .column("opposed_lower", |r| r.opposed.lower)?
        .column("opposed_upper", |r| r.opposed.upper)?
        .finish())
}

/// Groups in order, with intervals of their ranks.
#[pyfunction]
pub(super) fn ranking<'py>(
    py: Python<'py>,
    fit: &Fit,
    group: &str,
    term: Option<&str>,
    level: f64,
    seed: u64,
    replicates: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = detached(py, || inference::ranking(fit.inner(), group, term, level, seed, replicates))?;
    Ok(Table::new(py, &rows)
        .column("level", |r| &r.level)?
        .column("effect", |r| r.effect)?
        .column("std_error", |r| r.std_error)?
        .column("rank", |r| r.rank)?
        .column("expected_rank", |r| r.expected_rank)?
        .column("rank_lower", |r| r.rank_bounds[0])?
        .column("rank_upper", |r| r.rank_bounds[1])?
        .column("comparison_lower", |r| r.comparison[0])?
        .column("comparison_upper", |r| r.comparison[1])?
        .finish())
}

/// Observed against expected events by group, and by how much limits were widened.
#[pyfunction]
pub(super) fn funnel<'py>(
    py: Python<'py>,
    fit: &Fit,
    group: &str,
    levels: (f64, f64),
    overdispersed: bool,
) -> PyResult<(Bound<'py, PyDict>, f64)> {
    let (sample, levels) = (fit.sample()?, [levels.0, levels.1]);
    let (rows, dispersion) = detached(py, || inference::funnel(fit.inner(), sample, group, levels, overdispersed))?;
    let table = Table::new(py, &rows)
        .column("level", |r| &r.level)?
        .column("n", |r| r.n)?
        .column("observed", |r| r.observed)?
        .column("expected", |r| r.expected)?
        .column("ratio", |r| r.ratio)?
        .column("precision", |r| r.precision)?
        .column("z", |r| r.z)?
        .column("lower", |r| r.limits[0])?
        .column("upper", |r| r.limits[1])?
        .column("outer_lower", |r| r.limits[2])?
        .column("outer_upper", |r| r.limits[3])?;
    Ok((table.finish(), dispersion))
}

fn fitted(fit: &Fit) -> Side<'_> {
    Side { fit: fit.inner(), sample: fit.sample_if_held() }
}

/// The proportional change in variance from one fit to another.
#[pyfunction]
pub(super) fn variance_change<'py>(
    py: Python<'py>,
    before: &Fit,
    after: &Fit,
    level: f64,
    seed: u64,
    replicates: usize,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = interruptible(py, threads, |stop| {
        inference::variance_change(fitted(before), fitted(after), level, seed, replicates, stop)
    })?;
    Ok(Table::new(py, &rows)
        .column("group", |r| &r.group)?
        .column("variance_before", |r| r.before)?
        .column("variance_after", |r| r.after)?
        .column("change", |r| r.change.value)?
        .column("lower", |r| r.change.lower)?
        .column("upper", |r| r.change.upper)?
        .finish())
}
