//! The fitted model as Python sees it.

use super::columns::{fit_options, frame};
use super::progress::reporter;
use super::run::watched;
use crate::coding::Frame;
use crate::error::{Error, Kind, Result};
use crate::model::{self, Sample};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::sync::Arc;

/// A fitted model.
#[pyclass(frozen, module = "melogit._core")]
pub(super) struct Fit {
    pub(super) fit: model::Fit,
    data: Option<Arc<Data>>,
}

/// What a fit was made from: the columns as they came, rows that were not analysed included, and the analysed rows.
pub(super) struct Data {
    pub(super) frame: Frame,
    pub(super) offset: Option<Vec<f64>>,
    pub(super) sample: Sample,
}

/// Fits a model.
#[pyfunction]
pub(super) fn fit(
    py: Python<'_>,
    formula: &str,
    columns: &Bound<'_, PyDict>,
    nrows: usize,
    options: &Bound<'_, PyDict>,
) -> PyResult<Fit> {
    let frame = frame(columns, nrows)?;
    let near = near(options)?;
    let near = near.as_ref().map(|n| &n.get().fit);
    let (asked, threads) = fit_options(options)?;
    let tick = reporter(options, &asked.board)?;
    let (fit, sample) = watched(py, threads, tick, |stop| model::fit_near(formula, &frame, &asked, near, stop))?;
    Ok(Fit { fit, data: Some(Arc::new(Data { frame, offset: asked.offset, sample })) })
}

/// The fit whose estimates the search starts at.
fn near(options: &Bound<'_, PyDict>) -> PyResult<Option<Py<Fit>>> {
    match options.get_item("start")? {
        Some(fit) if !fit.is_none() => Ok(Some(fit.cast::<Fit>()?.clone().unbind())),
        _ => Ok(None),
    }
}

impl Fit {
    /// The fit itself.
    pub(super) fn inner(&self) -> &model::Fit {
        &self.fit
    }

    /// The analysed rows, for what needs a refit.
    pub(super) fn sample(&self) -> Result<&Sample> {
        Ok(&self.data()?.sample)
    }

    /// The analysed rows, where they are at hand.
    pub(super) fn sample_if_held(&self) -> Option<&Sample> {
        self.data.as_ref().map(|data| &data.sample)
    }

    /// What the fit was made from.
    pub(super) fn data(&self) -> Result<&Data> {
        self.data.as_deref().ok_or_else(|| {
            let message = "this needs the rows that the model was fitted to, and a model that was loaded, copied or unpickled does not hold them; fit it again in this session";
            Error::new(Kind::Option, "no-data", message)
        })
    }

    /// The same fit with something else said about it, of the same rows.
    pub(super) fn with(&self, fit: model::Fit) -> Self {
        Self { fit, data: self.data.clone() }
    }
}

#[pymethods]
impl Fit {
    #[getter]
    fn formula(&self) -> &str {
        &self.fit.formula
    }

    #[getter]
    fn response(&self) -> &str {
        &self.fit.response.text
    }

    #[getter]
    fn event(&self) -> &str {
        &self.fit.response.event
    }

    #[getter]
    fn grouped(&self) -> bool {
        self.fit.response.grouped
    }

    #[getter]
    fn nobs(&self) -> usize {
        self.fit.records
    }

    #[getter]
    fn n_events(&self) -> f64 {
        self.fit.events
    }

    #[getter]
    fn n_trials(&self) -> f64 {
        self.fit.trials
    }

    #[getter]
    fn loglik(&self) -> f64 {
        self.fit.log_likelihood
    }

    #[getter]
    fn null_loglik(&self) -> Option<f64> {
        self.fit.null_log_likelihood
    }

    #[getter]
    fn df(&self) -> usize {
        self.fit.parameters()
    }

    #[getter]
    fn converged(&self) -> bool {
        self.fit.converged
    }

    #[getter]
    fn points(&self) -> usize {
        self.fit.points()
    }

    #[getter]
    fn certificate(&self) -> f64 {
        self.fit.certificate
    }

    #[getter]
    fn names(&self) -> Vec<String> {
        self.fit.design.names.clone()
    }

    #[getter]
    fn used_rows<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        self.sample_if_held().map(Sample::used).unwrap_or_default().into_pyarray(py)
    }

    #[getter]
    fn penalised_loglik(&self) -> Option<f64> {
        self.fit.penalised_log_likelihood
    }

    fn to_json(&self) -> Result<String> {
        self.fit.to_json()
    }

    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        Ok(Self { fit: model::Fit::from_json(text)?, data: None })
    }
}
