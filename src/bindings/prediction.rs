//! Predictions and standardised risks.

use super::columns::{frame, to_vec};
use super::fit::Fit;
use super::run::detached;
use super::tables::Table;
use crate::inference::{self, Interval, NewLevels, PredictionKind, PredictionOptions};
use numpy::{IntoPyArray, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

#[pymethods]
impl Fit {
    #[expect(clippy::too_many_arguments, reason = "one keyword of the Python call each")]
    fn predict<'py>(
        &self,
        py: Python<'py>,
        columns: &Bound<'py, PyDict>,
        nrows: usize,
        kind: &str,
        level: f64,
        new_levels: &str,
        offset: Option<PyReadonlyArray1<'py, f64>>,
        interval: &str,
    ) -> PyResult<Bound<'py, PyDict>> {
        let frame = frame(columns, nrows)?;
        let options = PredictionOptions {
            kind: PredictionKind::from_name(kind)?,
            level,
            new_levels: NewLevels::from_name(new_levels)?,
            interval: Interval::from_name(interval)?,
            sample: self.sample_if_held(),
        };
        let offset = offset.map(|o| to_vec(&o));
        let run = || inference::predict(&self.fit, &frame, &options, offset.as_deref());
        let prediction = detached(py, run)?;
        let dict = PyDict::new(py);
        dict.set_item("estimate", prediction.estimate.into_pyarray(py))?;
        dict.set_item("std_error", prediction.std_error.into_pyarray(py))?;
        dict.set_item("linear", prediction.linear.into_pyarray(py))?;
        dict.set_item("lower", prediction.lower.into_pyarray(py))?;
        dict.set_item("upper", prediction.upper.into_pyarray(py))?;
        Ok(dict)
    }

    fn standardise<'py>(
        &self,
        py: Python<'py>,
        columns: &Bound<'py, PyDict>,
        nrows: usize,
        column: &str,
        level: f64,
        offset: Option<PyReadonlyArray1<'py, f64>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let frame = frame(columns, nrows)?;
        let offset = offset.map(|o| to_vec(&o));
        let rows = detached(py, || inference::standardise(&self.fit, &frame, column, level, offset.as_deref()))?;
        Ok(Table::new(py, &rows)
            .column("level", |r| &r.level)?
            .column("risk", |r| r.risk[0])?
            .column("risk_lower", |r| r.risk[1])?
            .column("risk_upper", |r| r.risk[2])?
            .column("risk_ratio", |r| r.ratio[0])?
            .column("rr_lower", |r| r.ratio[1])?
            .column("rr_upper", |r| r.ratio[2])?
            .column("risk_difference", |r| r.difference[0])?
            .column("rd_lower", |r| r.difference[1])?
            .column("rd_upper", |r| r.difference[2])?
            .finish())
    }
}
