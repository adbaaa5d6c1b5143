//! The fitted model as Python sees it.

use super::columns::{fit_options, frame, to_vec};
use super::contrast::described;
use super::progress::reporter;
use super::run::{detached, interruptible, watched};
use super::tables::Table;
use crate::coding::Frame;
use crate::error::{Error, Kind, Result};
use crate::formula::parse;
use crate::inference::{self, Interval, NewLevels, PredictionKind, PredictionOptions};
use crate::model::{self, Sample};
use crate::settings::Points;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};
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

/// Columns that a formula needs.
#[pyfunction]
pub(super) fn formula_columns(formula: &str) -> Result<Vec<String>> {
    Ok(parse(formula)?.columns().into_iter().map(|v| v.name.clone()).collect())
}

/// Columns that a term of the formula uses as they are, or as categories.
#[pyfunction]
pub(super) fn formula_categories(formula: &str) -> Result<Vec<String>> {
    Ok(parse(formula)?.categories().into_iter().map(ToString::to_string).collect())
}

/// The formula in its one canonical spelling.
#[pyfunction]
pub(super) fn canonical_formula(formula: &str) -> Result<String> {
    Ok(parse(formula)?.to_string())
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
    fn params<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        let value = |c| self.fit.position(c).map_or(f64::NAN, |at| self.fit.beta[at]);
        (0..self.fit.design.width()).map(value).collect::<Vec<_>>().into_pyarray(py)
    }

    #[getter]
    fn joint_names(&self) -> Vec<String> {
        let mut names = self.fit.design.names.clone();
        names.extend(self.fit.theta_names());
        names
    }

    #[getter]
    fn joint_cov<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let (values, n) = self.fit.joint_covariance_labelled();
        values.into_pyarray(py).reshape([n, n])
    }

    #[getter]
    fn used_rows<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<bool>> {
        self.sample_if_held().map(Sample::used).unwrap_or_default().into_pyarray(py)
    }

    fn coefficient_table<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyDict>> {
        let rows = inference::coefficient_table(&self.fit, level)?;
        Ok(Table::new(py, &rows)
            .column("name", |r| &r.name)?
            .column("term", |r| &r.term)?
            .column("level", |r| &r.level)?
            .column("estimate", |r| r.estimate)?
            .column("std_error", |r| r.std_error)?
            .column("statistic", |r| r.statistic)?
            .column("p_value", |r| r.p_value)?
            .column("lower", |r| r.lower)?
            .column("upper", |r| r.upper)?
            .finish())
    }

    fn odds_ratio_table<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyDict>> {
        let rows = inference::odds_ratio_table(&self.fit, level)?;
        Ok(Table::new(py, &rows)
            .column("term", |r| &r.term)?
            .column("level", |r| &r.level)?
            .column("reference", |r| r.reference)?
            .column("n", |r| r.n)?
            .column("events", |r| r.events)?
            .column("odds_ratio", |r| r.odds_ratio)?
            .column("lower", |r| r.lower)?
            .column("upper", |r| r.upper)?
            .column("p", |r| r.p)?
            .column("note", |r| &r.note)?
            .finish())
    }

    #[getter]
    fn penalised_loglik(&self) -> Option<f64> {
        self.fit.penalised_log_likelihood
    }

    fn penalised_profile<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyDict>> {
        let sample = self.sample()?;
        let rows = interruptible(py, None, |stop| inference::penalised_profile(&self.fit, sample, level, stop))?;
        Ok(Table::new(py, &rows)
            .column("name", |r| &r.name)?
            .column("estimate", |r| r.estimate)?
            .column("lower", |r| r.lower)?
            .column("upper", |r| r.upper)?
            .column("statistic", |r| r.statistic)?
            .column("p_value", |r| r.p_value)?
            .finish())
    }

    fn separation<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(found) = &self.fit.separation else { return Ok(None) };
        let name = |c: usize| &self.fit.design.names[self.fit.estimated[c]];
        let coefficients = Table::new(py, &found.coefficients)
            .column("name", |(c, _)| name(*c))?
            .column("estimate", |(_, direction)| direction.as_str())?
            .finish();
        let dict = PyDict::new(py);
        dict.set_item("complete", found.complete)?;
        dict.set_item("trials", found.trials)?;
        dict.set_item("coefficients", coefficients)?;
        Ok(Some(dict))
    }

    fn one_sided_cells<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let cells = self.fit.one_sided_cells();
        Ok(Table::new(py, &cells)
            .column("term", |c| c.term.clone())?
            .column("level", |c| c.level.clone())?
            .column("n", |c| c.n)?
            .column("events", |c| c.events)?
            .finish())
    }

    fn term_tests<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows = inference::term_tests(&self.fit);
        Ok(Table::new(py, &rows)
            .column("term", |r| &r.term)?
            .column("statistic", |r| r.statistic)?
            .column("df", |r| r.df)?
            .column("p_value", |r| r.p_value)?
            .finish())
    }

    fn variance_table<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyDict>> {
        let rows = inference::variance_table(&self.fit, level)?;
        Ok(Table::new(py, &rows)
            .column("group", |r| &r.group)?
            .column("term", |r| &r.term)?
            .column("with_term", |r| r.with_term.as_deref())?
            .column("sd", |r| r.sd)?
            .column("variance", |r| r.variance)?
            .column("correlation", |r| r.correlation)?
            .column("std_error", |r| r.std_error)?
            .column("lower", |r| r.lower)?
            .column("upper", |r| r.upper)?
            .finish())
    }

    fn groups<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows = self.fit.groupings.iter().zip(&self.fit.sizes).collect::<Vec<_>>();
        Ok(Table::new(py, &rows)
            .column("group", |(g, _)| &g.name)?
            .column("levels", |(g, _)| g.levels.len())?
            .column("min", |(_, s)| s.min)?
            .column("median", |(_, s)| s.median)?
            .column("max", |(_, s)| s.max)?
            .column("nested_in", |(_, s)| s.nested_in.as_deref())?
            .finish())
    }

    fn heterogeneity<'py>(&self, py: Python<'py>, level: f64) -> PyResult<Bound<'py, PyDict>> {
        let rows = inference::heterogeneity(&self.fit, level)?;
        Ok(Table::new(py, &rows)
            .column("group", |r| &r.group)?
            .column("sd", |r| r.sd)?
            .column("icc", |r| r.icc[0])?
            .column("icc_lower", |r| r.icc[1])?
            .column("icc_upper", |r| r.icc[2])?
            .column("mor", |r| r.mor[0])?
            .column("mor_lower", |r| r.mor[1])?
            .column("mor_upper", |r| r.mor[2])?
            .finish())
    }

    fn clustering_test<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(test) = inference::clustering_test(&self.fit) else { return Ok(None) };
        let dict = PyDict::new(py);
        dict.set_item("statistic", test.statistic)?;
        dict.set_item("df", test.df)?;
        dict.set_item("p_value", test.p_value)?;
        dict.set_item("mixture", test.mixture)?;
        Ok(Some(dict))
    }

    fn random_effects<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let groups = PyDict::new(py);
        for (spec, modes) in self.fit.groupings.iter().zip(&self.fit.modes) {
            let (k, effects) = (spec.width(), spec.effects());
            // Effect by effect, each over all levels: the order in which they are read and plotted.
            let at = (0..k).flat_map(|a| (0..spec.levels.len()).map(move |j| (j, a))).collect::<Vec<_>>();
            let table = Table::new(py, &at)
                .column("level", |&(j, _)| &spec.levels[j])?
                .column("term", |&(_, a)| effects[a])?
                .column("mode", |&(j, a)| modes.modes[j * k + a])?
                .column("sd", |&(j, a)| modes.covariances[(j * k + a) * k + a].max(0.0).sqrt())?;
            groups.set_item(&spec.name, table.finish())?;
        }
        Ok(groups)
    }

    fn diagnostics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for finding in &self.fit.findings {
            let dict = PyDict::new(py);
            dict.set_item("slug", &finding.slug)?;
            dict.set_item("severity", finding.severity.as_str())?;
            dict.set_item("subject", &finding.subject)?;
            dict.set_item("message", &finding.message)?;
            list.append(dict)?;
        }
        Ok(list)
    }

    fn missing<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("rows_read", self.fit.missing.rows_read)?;
        dict.set_item("rows_dropped", self.fit.missing.rows_dropped)?;
        dict.set_item("columns", &self.fit.missing.columns)?;
        Ok(dict)
    }

    fn coding<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for factor in &self.fit.design.factors {
            let dict = PyDict::new(py);
            dict.set_item("column", &factor.column)?;
            dict.set_item("levels", &factor.levels)?;
            dict.set_item("reference", &factor.levels[factor.reference])?;
            dict.set_item("contrast", factor.contrast.name())?;
            dict.set_item("declared", factor.declared)?;
            list.append(dict)?;
        }
        Ok(list)
    }

    fn contrasts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for (index, factor) in self.fit.design.factors.iter().enumerate() {
            let contrast = self.fit.design.contrast_in_use(index);
            dict.set_item(&factor.column, described(py, contrast, &factor.levels, factor.reference)?)?;
        }
        Ok(dict)
    }

    fn settings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let settings = &self.fit.settings;
        let dict = PyDict::new(py);
        match settings.points {
            Points::Auto => dict.set_item("points", "auto")?,
            Points::Fixed(points) => dict.set_item("points", points)?,
        }
        dict.set_item("missing", settings.missing.name())?;
        dict.set_item("aliased", settings.aliased.name())?;
        dict.set_item("penalty", settings.penalty.name())?;
        dict.set_item("tolerance", settings.tolerance)?;
        dict.set_item("max_iterations", settings.max_iterations)?;
        dict.set_item("version", &self.fit.version)?;
        Ok(dict)
    }

    fn trace<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(py);
        for evaluation in &self.fit.trace {
            let dict = PyDict::new(py);
            dict.set_item("deviance", evaluation.deviance)?;
            dict.set_item("nodes", evaluation.nodes)?;
            dict.set_item("promised", evaluation.promised.unwrap_or(f64::NAN))?;
            dict.set_item("sweeps", evaluation.sweeps)?;
            list.append(dict)?;
        }
        Ok(list)
    }

    fn integration<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let rows = &self.fit.integration.shifts;
        let largest = |s: &crate::optimise::Shift| s.largest();
        Ok(Table::new(py, rows)
            .column("points", |s| s.points)?
            .column("next_points", |s| s.next)?
            .column("llf_change", |s| s.log_likelihood)?
            .column("llf_error", |s| s.error)?
            .column("largest_change", |s| largest(s).map(|(_, by)| by))?
            .column("parameter", |s| largest(s).map(|(k, _)| self.fit.parameter_name(k)))?
            .finish())
    }

    fn integration_words(&self) -> String {
        self.fit.integration_words()
    }

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

    fn to_json(&self) -> Result<String> {
        self.fit.to_json()
    }

    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        Ok(Self { fit: model::Fit::from_json(text)?, data: None })
    }
}
