//! The estimates of a fit, as tables.

use super::fit::Fit;
use super::run::interruptible;
use super::tables::Table;
use crate::inference;
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

#[pymethods]
impl Fit {
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
}
