//! What a fit remembers of how it was made.

use super::contrast::described;
use super::fit::Fit;
use super::tables::Table;
use crate::settings::Points;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

#[pymethods]
impl Fit {
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
}
