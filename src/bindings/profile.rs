//! Profile likelihood.

use super::fit::Fit;
use super::progress::counted;
use super::tables::Table;
use crate::inference::{self, ProfileOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Intervals, traces, and the number of refits. `progress` is called with seconds, bounds, those that are over, and those not
/// found.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn profile<'py>(
    py: Python<'py>,
    fit: &Fit,
    parameters: Option<Vec<String>>,
    level: f64,
    steps: usize,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>, usize)> {
    let (model, sample) = (&fit.fit, fit.sample()?);
    let options = ProfileOptions { parameters, level, steps };
    let found = counted(py, threads, progress.as_ref(), |tally, stop| {
        inference::profile(model, sample, &options, tally, stop)
    })?;
    let rows = Table::new(py, &found.rows)
        .column("parameter", |r| &r.parameter)?
        .column("estimate", |r| r.estimate)?
        .column("lower", |r| r.lower)?
        .column("upper", |r| r.upper)?
        .column("note", |r| &r.note)?
        .finish();
    let trace = Table::new(py, &found.trace)
        .column("parameter", |r| &r.parameter)?
        .column("value", |r| r.value)?
        .column("zeta", |r| r.zeta)?
        .finish();
    Ok((rows, trace, found.refits))
}

/// Contours of two parameters. `progress` is called with seconds, rays, those that are over, and those not found.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn profile_contour<'py>(
    py: Python<'py>,
    fit: &Fit,
    names: [String; 2],
    levels: Vec<f64>,
    rays: usize,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let (model, sample) = (&fit.fit, fit.sample()?);
    let points = counted(py, threads, progress.as_ref(), |tally, stop| {
        inference::contour(model, sample, &names, &levels, rays, tally, stop)
    })?;
    Ok(Table::new(py, &points)
        .column("level", |p| p.level)?
        .column("angle", |p| p.angle)?
        .column("a", |p| p.a)?
        .column("b", |p| p.b)?
        .column("rise", |p| p.rise)?
        .column("boundary", |p| p.boundary)?
        .finish())
}
