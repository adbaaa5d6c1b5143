//! Effects on the scale of risks.

use super::columns::{frame, option, to_vec, vector};
use super::fit::Fit;
use super::run::interruptible;
use super::tables::Table;
use crate::coding::Frame;
use crate::error::{Error, Kind, Result};
use crate::inference::{self, Comparison, EffectRow, Estimate, Method, Population, Request, Target};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A question about averages, as it came.
struct Asked {
    frame: Option<Frame>,
    offset: Option<Vec<f64>>,
    used: Option<Vec<bool>>,
    weights: Option<Vec<f64>>,
    over: Vec<String>,
    target: Target,
    interval: String,
    seed: u64,
    replicates: usize,
    level: f64,
    threads: Option<usize>,
}

impl Asked {
    fn read(fit: &Fit, options: &Bound<'_, PyDict>) -> PyResult<Self> {
        let columns = match options.get_item("columns")? {
            Some(columns) if !columns.is_none() => Some(columns.cast_into::<PyDict>()?),
            _ => None,
        };
        let frame = columns.map(|c| frame(&c, option(options, "nrows")?.unwrap_or(0))).transpose()?;
        let used = if frame.is_none() { Some(fit.sample()?.used()) } else { None };
        let weights = match option::<String>(options, "weights_column")? {
            Some(name) => Some(fit.data()?.frame.number(&name, "weights=")?.to_vec()),
            None => vector(options, "weights")?,
        };
        let needed = |key: &str| Error::new(Kind::Internal, "option", format!("the option {key} is missing"));
        Ok(Self {
            frame,
            offset: vector(options, "offset")?,
            used,
            weights,
            over: option(options, "over")?.unwrap_or_default(),
            target: Target::from_name(&option::<String>(options, "kind")?.ok_or_else(|| needed("kind"))?)?,
            interval: option(options, "interval")?.ok_or_else(|| needed("interval"))?,
            seed: option(options, "seed")?.ok_or_else(|| needed("seed"))?,
            replicates: option(options, "replicates")?.ok_or_else(|| needed("replicates"))?,
            level: option(options, "level")?.ok_or_else(|| needed("level"))?,
            threads: option(options, "threads")?,
        })
    }

    fn request<'a>(&'a self, fit: &'a Fit, interrupt: &'a (dyn Fn() -> bool + Sync)) -> Result<Request<'a>> {
        let (frame, offset) = match &self.frame {
            Some(frame) => (frame, self.offset.as_deref()),
            None => (&fit.data()?.frame, fit.data()?.offset.as_deref()),
        };
        let (seed, replicates) = (self.seed, self.replicates);
        let method = match self.interval.as_str() {
            "simulation" => Method::Simulation { seed, replicates },
            "bootstrap" => Method::Bootstrap { sample: fit.sample()?, seed, replicates },
            _ => Method::Delta,
        };
        let (used, weights) = (self.used.as_deref(), self.weights.as_deref());
        let population = Population { frame, offset, used, weights, over: &self.over };
        let sample = fit.sample_if_held();
        Ok(Request { population, target: self.target, method, level: self.level, sample, interrupt })
    }

    /// Runs `work` on the request.
    fn run<T: Send>(&self, py: Python<'_>, fit: &Fit, work: impl FnOnce(&Request) -> Result<T> + Send) -> PyResult<T> {
        interruptible(py, self.threads, |stop| work(&self.request(fit, stop)?))
    }
}

/// Puts one column per column of `over` at the front of the rows' own.
fn subgroups<'py, 'a, R>(
    mut table: Table<'py, 'a, R>,
    over: &[String],
    label: impl Fn(&'a R, usize) -> &'a String,
) -> PyResult<Table<'py, 'a, R>> {
    for (k, name) in over.iter().enumerate() {
        table = table.column(name, |r| label(r, k))?;
    }
    Ok(table)
}

/// Name, short name and place of each measure of a comparison.
type Measure = (&'static str, &'static str, fn(&EffectRow) -> Estimate);

const MEASURES: [Measure; 4] = [
    ("risk", "risk", |r| r.risk),
    ("risk_difference", "rd", |r| r.difference),
    ("risk_ratio", "rr", |r| r.ratio),
    ("odds_ratio", "or", |r| r.odds_ratio),
];

/// Compares average risks between values of a column.
#[pyfunction]
pub(super) fn effects<'py>(
    py: Python<'py>,
    fit: &Fit,
    column: &str,
    at: Option<PyReadonlyArray1<'py, f64>>,
    contrast: &str,
    pairs: Option<Vec<(String, String)>>,
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyDict>> {
    let asked = Asked::read(fit, options)?;
    let at = at.map(|at| to_vec(&at));
    let comparison = pairs.map_or_else(|| Comparison::from_name(contrast), |pairs| Ok(Comparison::Pairs(pairs)))?;
    let work = |request: &Request| inference::effects(fit.inner(), request, column, at.as_deref(), &comparison);
    let rows = asked.run(py, fit, work)?;
    let mut table = subgroups(Table::new(py, &rows), &asked.over, |r, k| &r.subgroup[k])?
        .column("term", |_| column)?
        .column("level", |r| &r.level)?
        .column("versus", |r| &r.versus)?
        .column("n", |r| r.n)?;
    for (name, short, part) in MEASURES {
        table = table
            .column(name, |r| part(r).value)?
            .column(&format!("{short}_std_error"), |r| part(r).std_error)?
            .column(&format!("{short}_lower"), |r| part(r).lower)?
            .column(&format!("{short}_upper"), |r| part(r).upper)?;
    }
    Ok(table.finish())
}

/// Average marginal effects of a number.
#[pyfunction]
pub(super) fn marginal_effects<'py>(
    py: Python<'py>,
    fit: &Fit,
    column: &str,
    step: Option<f64>,
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyDict>> {
    let asked = Asked::read(fit, options)?;
    let rows = asked.run(py, fit, |request| inference::marginal_effects(fit.inner(), request, column, step))?;
    Ok(subgroups(Table::new(py, &rows), &asked.over, |r, k| &r.subgroup[k])?
        .column("term", |_| column)?
        .column("n", |r| r.n)?
        .column("estimate", |r| r.effect.value)?
        .column("std_error", |r| r.effect.std_error)?
        .column("statistic", |r| r.statistic)?
        .column("p_value", |r| r.p_value)?
        .column("lower", |r| r.effect.lower)?
        .column("upper", |r| r.effect.upper)?
        .finish())
}

/// How two factors act together.
#[pyfunction]
pub(super) fn interaction<'py>(
    py: Python<'py>,
    fit: &Fit,
    first: &str,
    second: &str,
    options: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyDict>> {
    let asked = Asked::read(fit, options)?;
    let rows = asked.run(py, fit, |request| inference::interaction(fit.inner(), request, first, second))?;
    Ok(subgroups(Table::new(py, &rows), &asked.over, |r, k| &r.subgroup[k])?
        .column("level", |r| &r.level)?
        .column("versus", |r| &r.versus)?
        .column("by_level", |r| &r.by_level)?
        .column("by_versus", |r| &r.by_versus)?
        .column("scale", |r| r.scale)?
        .column("measure", |r| r.measure)?
        .column("estimate", |r| r.estimate.value)?
        .column("std_error", |r| r.estimate.std_error)?
        .column("lower", |r| r.estimate.lower)?
        .column("upper", |r| r.estimate.upper)?
        .finish())
}
