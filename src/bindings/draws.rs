//! Draws from a fitted model.

use super::fit::Fit;
use super::run::detached;
use numpy::{IntoPyArray, PyArray2, PyArrayMethods};
use pyo3::prelude::*;

/// Events drawn from a fit, a row per replicate.
#[pyfunction]
pub(super) fn simulate<'py>(
    py: Python<'py>,
    fit: &Fit,
    replicates: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let sample = fit.sample()?;
    let drawn = detached(py, || Ok(sample.draw(seed, replicates)))?;
    drawn.concat().into_pyarray(py).reshape([replicates, sample.rows.len()])
}
