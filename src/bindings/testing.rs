//! Tests of a fit, and its covariance robust to clusters.

use super::columns::frame;
use super::fit::Fit;
use super::run::{detached, interruptible};
use super::tables::Table;
use crate::error::Result;
use crate::inference::{self, Adjust, AnovaType, Clusters, Fitted};
use crate::model::SandwichKind;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

/// Likelihood-ratio tests between nested fits.
#[pyfunction]
pub(super) fn compare<'py>(py: Python<'py>, fits: &Bound<'py, PyList>) -> PyResult<Bound<'py, PyDict>> {
    let fits = fits.extract::<Vec<PyRef<'py, Fit>>>()?;
    let fits = fits.iter().map(|f| Ok(Fitted { fit: &f.fit, sample: f.sample()? })).collect::<Result<Vec<_>>>()?;
    let rows = interruptible(py, None, |stop| inference::compare(&fits, stop))?;
    let gain = |r: &inference::ComparisonRow, of: fn(&inference::Gain) -> f64| r.test.as_ref().map_or(f64::NAN, of);
    Ok(Table::new(py, &rows)
        .column("model", |r| &r.model)?
        .column("df", |r| r.df)?
        .column("llf", |r| r.log_likelihood)?
        .column("deviance", |r| r.deviance)?
        .column("aic", |r| r.aic)?
        .column("bic", |r| r.bic)?
        .column("statistic", |r| gain(r, |t| t.statistic))?
        .column("df_diff", |r| gain(r, |t| t.df as f64))?
        .column("p_value", |r| gain(r, |t| t.p_value))?
        .column("reference", |r| r.test.map_or(String::new(), |t| t.reference.name()))?
        .column("note", |r| &r.note)?
        .finish())
}

/// One test per term.
#[pyfunction]
pub(super) fn anova<'py>(
    py: Python<'py>,
    fit: &Fit,
    kind: &str,
    likelihood: bool,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let kind = AnovaType::from_name(kind)?;
    let rows = if likelihood {
        let sample = fit.sample()?;
        interruptible(py, threads, |stop| inference::anova_likelihood(&fit.fit, sample, kind, stop))?
    } else {
        inference::anova_wald(&fit.fit, kind)?
    };
    Ok(Table::new(py, &rows)
        .column("term", |r| &r.term)?
        .column("statistic", |r| r.test.statistic)?
        .column("df", |r| r.test.df)?
        .column("p_value", |r| r.test.p_value)?
        .column("note", |r| &r.note)?
        .finish())
}

/// Likelihood-ratio tests of variances.
#[pyfunction]
pub(super) fn variance_test<'py>(
    py: Python<'py>,
    fit: &Fit,
    group: Option<&str>,
    threads: Option<usize>,
) -> PyResult<Bound<'py, PyDict>> {
    let sample = fit.sample()?;
    let rows = interruptible(py, threads, |stop| inference::variance_tests(&fit.fit, sample, group, stop))?;
    Ok(Table::new(py, &rows)
        .column("group", |r| &r.group)?
        .column("term", |r| &r.term)?
        .column("statistic", |r| r.statistic)?
        .column("df", |r| r.df)?
        .column("p_value", |r| r.p_value)?
        .column("reference", |r| r.reference.name())?
        .finish())
}

/// Hypotheses as text: the table of each, and the joint statistic, degrees of freedom and p-value.
#[pyfunction]
pub(super) fn test_hypotheses<'py>(
    py: Python<'py>,
    fit: &Fit,
    texts: &Bound<'py, PyList>,
    level: f64,
) -> PyResult<(Bound<'py, PyDict>, (f64, usize, f64))> {
    let texts = texts.extract::<Vec<String>>()?;
    let texts = texts.iter().map(String::as_str).collect::<Vec<_>>();
    let found = inference::test_hypotheses(&fit.fit, &texts, level)?;
    let table = Table::new(py, &found.rows)
        .column("hypothesis", |r| &r.hypothesis)?
        .column("estimate", |r| r.estimate)?
        .column("std_error", |r| r.std_error)?
        .column("lower", |r| r.lower)?
        .column("upper", |r| r.upper)?
        .column("value", |r| r.value)?
        .column("statistic", |r| r.statistic)?
        .column("p_value", |r| r.p_value)?
        .finish();
    Ok((table, (found.joint.statistic, found.joint.df, found.joint.p_value)))
}

/// Levels of a factor against each other.
#[pyfunction]
pub(super) fn pairwise<'py>(
    py: Python<'py>,
    fit: &Fit,
    column: &str,
    reference: Option<&str>,
    adjust: &str,
    level: f64,
) -> PyResult<Bound<'py, PyDict>> {
    let method = Adjust::from_name(adjust)?;
    let rows = detached(py, || inference::pairwise(&fit.fit, column, reference, method, level))?;
    Ok(Table::new(py, &rows)
        .column("level", |r| &r.level)?
        .column("reference", |r| &r.reference)?
        .column("odds_ratio", |r| r.odds_ratio)?
        .column("lower", |r| r.lower)?
        .column("upper", |r| r.upper)?
        .column("estimate", |r| r.estimate)?
        .column("std_error", |r| r.std_error)?
        .column("statistic", |r| r.statistic)?
        .column("p_value", |r| r.p_value)?
        .column("p_unadjusted", |r| r.p_unadjusted)?
        .column("p_error", |r| r.p_error)?
        .finish())
}

/// The fit with a covariance robust to clusters: a grouping factor by name, or a column `cluster` of values.
#[pyfunction]
pub(super) fn robust(
    py: Python<'_>,
    fit: &Fit,
    group: Option<String>,
    cluster: Option<(Bound<'_, PyDict>, usize)>,
    kind: &str,
    threads: Option<usize>,
) -> PyResult<Fit> {
    let kind = SandwichKind::from_name(kind)?;
    let clusters = match (group, cluster) {
        (Some(name), _) => Clusters::Group(name),
        (None, Some((columns, rows))) => Clusters::Column(frame(&columns, rows)?.get("cluster")?.clone()),
        (None, None) => Clusters::Outermost,
    };
    let sample = fit.sample()?;
    let found = interruptible(py, threads, |stop| inference::robust(&fit.fit, sample, &clusters, kind, stop))?;
    Ok(fit.with(found))
}
