//! Parametric bootstrap.

use super::columns::to_vec;
use super::fit::Fit;
use super::progress::counted;
use super::tables::Table;
use crate::inference::{self, IntervalKind};
use numpy::{IntoPyArray, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Names, estimates, draws (replicates x names), and failures.
type Drawn<'py> = (Vec<String>, Vec<f64>, Bound<'py, PyArray2<f64>>, Bound<'py, PyDict>);

/// Refits to drawn outcomes. `progress` is called with seconds, refits, those that are over, and those that failed.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn bootstrap<'py>(
    py: Python<'py>,
    fit: &Fit,
    replicates: usize,
    seed: u64,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Drawn<'py>> {
    let (model, sample) = (&fit.fit, fit.sample()?);
    let found = counted(py, threads, progress.as_ref(), |tally, stop| {
        inference::bootstrap(model, sample, seed, replicates, tally, stop)
    })?;
    let failures = Table::new(py, &found.failures)
        .column("replicate", |f| f.replicate)?
        .column("slug", |f| &f.slug)?
        .column("message", |f| &f.message)?
        .finish();
    let draws = found.draws.into_pyarray(py).reshape([replicates, found.names.len()])?;
    Ok((found.names, found.estimates, draws, failures))
}

/// Intervals from draws, flattened row after row.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn bootstrap_intervals<'py>(
    py: Python<'py>,
    draws: PyReadonlyArray1<'py, f64>,
    estimates: Vec<f64>,
    level: f64,
    kind: &str,
) -> PyResult<Bound<'py, PyDict>> {
    let rows = inference::bootstrap_intervals(&to_vec(&draws), &estimates, level, IntervalKind::from_name(kind)?)?;
    Ok(Table::new(py, &rows)
        .column("bias", |r| r.bias)?
        .column("std_error", |r| r.std_error)?
        .column("lower", |r| r.lower)?
        .column("upper", |r| r.upper)?
        .column("draws", |r| r.draws)?
        .finish())
}
