//! Profile likelihood.

use super::fit::Fit;
use super::run::interruptible;
use super::tables::Table;
use crate::inference::{self, ProfileOptions};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Intervals, traces, and the number of refits.
#[pyfunction]
pub(super) fn profile<'py>(
    py: Python<'py>,
    fit: &Fit,
    parameters: Option<Vec<String>>,
    level: f64,
    steps: usize,
    threads: Option<usize>,
) -> PyResult<(Bound<'py, PyDict>, Bound<'py, PyDict>, usize)> {
    let (model, sample) = (&fit.fit, fit.sample()?);
    let options = ProfileOptions { parameters, level, steps };
    let found = interruptible(py, threads, |stop| inference::profile(model, sample, &options, stop))?;
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

/// Contours of two parameters.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn profile_contour<'py>(
    py: Python<'py>,
    fit: &Fit,
    names: [String; 2],
    levels: Vec<f64>,
    rays: usize,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let (model, sample) = (&fit.fit, fit.sample()?);
    let run = |stop: &(dyn Fn() -> bool + Sync)| inference::contour(model, sample, &names, &levels, rays, stop);
    let points = interruptible(py, threads, run)?;
    Ok(Table::new(py, &points)
        .column("level", |p| p.level)?
        .column("angle", |p| p.angle)?
        .column("a", |p| p.a)?
        .column("b", |p| p.b)?
        .column("rise", |p| p.rise)?
        .column("boundary", |p| p.boundary)?
        .finish())
}
