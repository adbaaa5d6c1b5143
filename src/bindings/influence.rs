//! What each group does to the estimates, and what the terms know of each other.

use super::fit::Fit;
use super::progress::counted;
use super::tables::Table;
use crate::error::{Error, Kind};
use crate::inference;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Leaves out one group after the other: one row per group; then one per group and coefficient. `progress` is
/// called with seconds, groups, those that are over, and those that failed.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn influence<'py>(
    py: Python<'py>,
    fit: &Fit,
    group: Option<&str>,
    exact: bool,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let (sample, model) = (fit.sample()?, &fit.fit);
    let Some(g) = model.grouping_or_first(group)? else {
        let message = "this model has no groups to leave out; influence needs a random effect such as (1 | location)";
        return Err(Error::new(Kind::Option, "no-groups", message).into());
    };
    let rows = counted(py, threads, progress.as_ref(), |tally, stop| {
        inference::influence(model, sample, g, exact, tally, stop)
    })?;
    let names = model.estimated.iter().map(|&c| model.design.names[c].as_str()).collect::<Vec<_>>();
    let groups = Table::new(py, &rows)
        .column("level", |r| &model.groupings[g].levels[r.level])?
        .column("n", |r| r.n)?
        .column("events", |r| r.events)?
        .column("cooks_distance", |r| r.cook)?
        .column("largest", |r| names.get(r.largest).copied())?
        .column("largest_dfbetas", |r| r.dfbetas.get(r.largest).copied())?
        .column("log_sd_change", |r| r.log_sd)?
        .column("converged", |r| r.converged)?
        .finish();
    let cells = rows.iter().flat_map(|r| (0..names.len()).map(move |c| (r, c))).collect::<Vec<_>>();
    let coefficients = Table::new(py, &cells)
        .column("level", |(r, _)| &model.groupings[g].levels[r.level])?
        .column("name", |&(_, c)| names[c])?
        .column("estimate", |&(_, c)| model.beta[c])?
        .column("without", |&(r, c)| r.beta[c])?
        .column("dfbetas", |&(r, c)| r.dfbetas[c])?
        .column("odds_ratio", |&(_, c)| model.beta[c].exp())?
        .column("odds_ratio_without", |&(r, c)| r.beta[c].exp())?
        .finish();
    PyTuple::new(py, [groups, coefficients])
}

/// Generalised variance inflation factors.
#[pyfunction]
pub(super) fn collinearity<'py>(py: Python<'py>, fit: &Fit) -> PyResult<Bound<'py, PyDict>> {
    let rows = inference::collinearity(&fit.fit);
    Ok(Table::new(py, &rows)
        .column("term", |r| &r.term)?
        .column("df", |r| r.df)?
        .column("gvif", |r| r.gvif)?
        .column("gvif_scaled", |r| r.scaled)?
        .finish())
}
