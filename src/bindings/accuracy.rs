//! Measures of fit, on the rows of a fit or on new ones.

use super::columns::{frame, to_vec};
use super::fit::Fit;
use super::run::detached;
use super::tables::Table;
use crate::error::Result;
use crate::inference::{self, Forecasts, PredictionKind};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Predicted risks beside what happened.
#[pyclass(frozen, module = "melogit._core", name = "Forecasts")]
pub(super) struct Compared(Forecasts);

/// The rows that a model was fitted to, with their risks.
#[pyfunction]
pub(super) fn own_forecasts(py: Python<'_>, fit: &Fit, kind: &str, group: Option<&str>) -> PyResult<Compared> {
    let (sample, kind) = (fit.sample()?, PredictionKind::from_name(kind)?);
    let group = fit.fit.grouping_or_first(group)?;
    Ok(Compared(detached(py, || Ok(Forecasts::of_sample(&fit.fit, sample, kind, group)))?))
}

/// New rows, with their risks.
#[pyfunction]
pub(super) fn new_forecasts(
    py: Python<'_>,
    fit: &Fit,
    columns: &Bound<'_, PyDict>,
    nrows: usize,
    kind: &str,
    group: Option<&str>,
    offset: Option<PyReadonlyArray1<'_, f64>>,
) -> PyResult<Compared> {
    let (frame, kind) = (frame(columns, nrows)?, PredictionKind::from_name(kind)?);
    let (group, offset) = (fit.fit.grouping_or_first(group)?, offset.map(|o| to_vec(&o)));
    let run = || Forecasts::of_frame(&fit.fit, &frame, kind, group, offset.as_deref());
    Ok(Compared(detached(py, run)?))
}

#[pymethods]
impl Compared {
    /// One row of measures.
    fn goodness<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows = [detached(py, || inference::goodness(&self.0))?];
        Ok(Table::new(py, &rows)
            .column("n", |r| r.n)?
            .column("events", |r| r.events)?
            .column("r2_marginal", |r| r.explained.marginal)?
            .column("r2_conditional", |r| r.explained.conditional)?
            .column("r2_marginal_delta", |r| r.explained.marginal_delta)?
            .column("r2_conditional_delta", |r| r.explained.conditional_delta)?
            .column("r2_tjur", |r| r.explained.tjur)?
            .column("auc", |r| r.auc[0])?
            .column("auc_fixed", |r| r.auc[1])?
            .column("auc_within", |r| r.auc[2])?
            .column("auc_between", |r| r.auc[3])?
            .column("brier", |r| r.brier)?
            .column("brier_scaled", |r| r.brier_scaled)?
            .column("log_score", |r| r.log_score)?
            .column("calibration_intercept", |r| r.recalibration.intercept)?
            .column("calibration_intercept_se", |r| r.recalibration.intercept_error)?
            .column("calibration_slope", |r| r.recalibration.slope)?
            .column("calibration_slope_se", |r| r.recalibration.slope_error)?
            .column("ici", |r| r.ici)?
            .column("eci", |r| r.eci)?
            .finish())
    }

    /// Areas under the ROC curve.
    fn auc<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyDict>> {
        let rows = detached(py, || inference::discrimination(&self.0, level))?;
        Ok(Table::new(py, &rows)
            .column("scope", |r| r.scope)?
            .column("independent", |r| r.independent)?
            .column("pairs", |r| r.pairs)?
            .column("auc", |r| r.auc)?
            .column("std_error", |r| r.std_error)?
            .column("lower", |r| r.lower)?
            .column("upper", |r| r.upper)?
            .finish())
    }

    /// Observed and predicted risks in groups.
    fn bins<'py>(&self, py: Python<'py>, count: usize, level: f64) -> PyResult<Bound<'py, PyDict>> {
        let rows = detached(py, || inference::bins(&self.0, count, level))?;
        Ok(Table::new(py, &rows)
            .column("n", |r| r.n)?
            .column("events", |r| r.events)?
            .column("predicted", |r| r.predicted)?
            .column("observed", |r| r.observed)?
            .column("lower", |r| r.lower)?
            .column("upper", |r| r.upper)?
            .finish())
    }

    /// The smooth calibration curve.
    fn curve<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let curve = detached(py, || Ok(inference::calibration_curve(&self.0)))?;
        let dict = PyDict::new(py);
        dict.set_item("predicted", curve.predicted)?;
        dict.set_item("observed", curve.observed)?;
        Ok(dict)
    }

    /// The Hosmer-Lemeshow test.
    fn hosmer_lemeshow(&self, groups: usize) -> Result<(f64, usize, f64, usize)> {
        let test = inference::hosmer_lemeshow(&self.0, groups)?;
        Ok((test.statistic, test.df, test.p_value, test.groups))
    }
}
