//! Residuals of a fit.

use super::fit::Fit;
use super::run::{detached, interruptible};
use super::tables::Table;
use crate::inference::{self, Forecasts, PredictionKind, QuantileOptions, QuantileResiduals, ResidualKind};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Response, Pearson or deviance residuals.
#[pyfunction]
pub(super) fn classic_residuals<'py>(py: Python<'py>, fit: &Fit, kind: &str) -> PyResult<Bound<'py, PyDict>> {
    let (sample, kind) = (fit.sample()?, ResidualKind::from_name(kind)?);
    let found = detached(py, || {
        let own = Forecasts::of_sample(&fit.fit, sample, PredictionKind::Conditional, None);
        Ok(inference::classic_residuals(&own, kind, &sample.rows, &sample.frame_order()))
    })?;
    let dict = PyDict::new(py);
    dict.set_item("row", found.row)?;
    dict.set_item("trials", found.trials)?;
    dict.set_item("observed", found.observed)?;
    dict.set_item("expected", found.expected)?;
    dict.set_item("residual", found.residual)?;
    Ok(dict)
}

/// Simulated quantile residuals, of rows or of the levels of a grouping factor.
#[pyclass(frozen, module = "melogit._core", name = "QuantileResiduals")]
pub(super) struct Simulated {
    found: QuantileResiduals,
    /// Row of the data, or level.
    rows: Vec<u32>,
    levels: Vec<String>,
    order: Vec<usize>,
}

/// Draws outcomes from a fit and places the data among them.
#[pyfunction]
pub(super) fn quantile_residuals(
    py: Python<'_>,
    fit: &Fit,
    replicates: usize,
    seed: u64,
    conditional: bool,
    group: Option<&str>,
    threads: Option<usize>,
) -> PyResult<Simulated> {
    let sample = fit.sample()?;
    let group = group.map(|name| fit.fit.grouping(name)).transpose()?;
    let options = QuantileOptions { replicates, seed, conditional, group };
    let found = interruptible(py, threads, |stop| inference::quantile_residuals(sample, &options, stop))?;
    Ok(match group {
        None => Simulated { found, rows: sample.rows.clone(), levels: Vec::new(), order: sample.frame_order() },
        Some(g) => {
            let levels = fit.fit.groupings[g].levels.clone();
            Simulated { found, rows: Vec::new(), order: (0..levels.len()).collect(), levels }
        }
    })
}

#[pymethods]
impl Simulated {
    /// One row per row of the data, or per level.
    fn table<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let table = Table::new(py, &self.order);
        let table = if self.levels.is_empty() {
            table.column("row", |&k| self.rows[k])?
        } else {
            table.column("level", |&k| &self.levels[k])?
        };
        Ok(table
            .column("trials", |&k| self.found.trials[k])?
            .column("observed", |&k| self.found.observed[k])?
            .column("expected", |&k| self.found.expected[k])?
            .column("residual", |&k| self.found.residual[k])?
            .finish())
    }

    /// Uniformity, dispersion, outliers.
    fn tests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows = inference::residual_tests(&self.found);
        Ok(Table::new(py, &rows)
            .column("test", |r| r.test)?
            .column("statistic", |r| r.statistic)?
            .column("expected", |r| r.expected)?
            .column("p_value", |r| r.p_value)?
            .finish())
    }
}
