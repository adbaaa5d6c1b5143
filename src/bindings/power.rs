//! Designs: draws from them, and their power.

use super::fit::Fit;
use super::progress::counted;
use super::run::detached;
use super::tables::Table;
use crate::inference::{self, Exposure, Power, PowerOptions, Scenario};
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Share, log odds ratio, and whether it is a group's.
type Covariate = (f64, f64, bool);

/// Records per group, log odds of the unexposed, covariates, SD.
type Design = (Vec<usize>, f64, Vec<Covariate>, f64);

fn scenario((sizes, intercept, exposures, sd): Design) -> Scenario {
    let exposure = |(share, log_odds, by_group)| Exposure { share, log_odds, by_group };
    Scenario { sizes, intercept, exposures: exposures.into_iter().map(exposure).collect(), sd }
}

type Columns<'py> = (Bound<'py, PyArray1<u32>>, Vec<Bound<'py, PyArray1<f64>>>, Bound<'py, PyArray1<f64>>);

/// One outcome of a design: groups, exposures, events.
#[pyfunction]
pub(super) fn draw_design(py: Python<'_>, design: Design, seed: u64) -> PyResult<Columns<'_>> {
    let scenario = scenario(design);
    let drawn = detached(py, || {
        scenario.check()?;
        Ok(scenario.draw(seed, 0))
    })?;
    let exposures = drawn.exposures.into_iter().map(|x| x.into_pyarray(py)).collect();
    Ok((drawn.groups.into_pyarray(py), exposures, drawn.outcome.into_pyarray(py)))
}

/// Replicates, seed, level, profile, points.
type Options = (usize, u64, f64, bool, usize);

fn options((replicates, seed, level, profile, points): Options) -> PowerOptions {
    PowerOptions { replicates, seed, level, profile, points }
}

/// A table, and replicates that failed by cause.
type Found<'py> = (Bound<'py, PyDict>, Vec<(String, usize)>);

/// Power of a design. `progress` is called with seconds, studies, those that are over, and those that failed.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn design_power(
    py: Python<'_>,
    design: Design,
    names: Vec<String>,
    how: Options,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Found<'_>> {
    let (scenario, how) = (scenario(design), options(how));
    let found =
        counted(py, threads, progress.as_ref(), |tally, stop| inference::power(&scenario, &names, &how, tally, stop))?;
    table(py, &found)
}

/// Power of the study that was fitted, were these log odds ratios the truth; `progress` as of a design.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn fit_power<'py>(
    py: Python<'py>,
    fit: &Fit,
    truths: Vec<(String, f64)>,
    how: Options,
    threads: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<Found<'py>> {
    let (model, sample, how) = (&fit.fit, fit.sample()?, options(how));
    let found = counted(py, threads, progress.as_ref(), |tally, stop| {
        inference::power_of_fit(model, sample, &truths, &how, tally, stop)
    })?;
    table(py, &found)
}

fn table<'py>(py: Python<'py>, found: &Power) -> PyResult<Found<'py>> {
    let rows = Table::new(py, &found.rows)
        .column("parameter", |r| &r.name)?
        .column("truth", |r| r.truth)?
        .column("power", |r| r.power)?
        .column("power_error", |r| r.power_error)?
        .column("estimates", |r| r.estimates)?
        .column("mean", |r| r.mean)?
        .column("std_dev", |r| r.std_dev)?
        .column("mean_std_error", |r| r.mean_error)?
        .column("coverage", |r| r.coverage)?
        .column("coverage_profile", |r| r.profile_coverage)?
        .finish();
    Ok((rows, found.failures.clone()))
}
