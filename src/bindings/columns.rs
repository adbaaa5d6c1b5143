//! Columns and options as they cross the boundary.

use super::contrast::Asked;
use crate::coding::{Column, Frame};
use crate::error::{Error, Kind};
use crate::model::FitOptions;
use crate::settings::{Penalty, Points, Policy, Settings};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;

/// A frame from `{name: float64 array | (int32 codes, levels, declared)}`.
pub(super) fn frame(columns: &Bound<'_, PyDict>, rows: usize) -> PyResult<Frame> {
    if rows >= u32::MAX as usize {
        let message = format!("the data have {rows} rows, above the four billion that row numbers can hold");
        return Err(Error::new(Kind::Size, "too-many-rows", message).into());
    }
    let mut frame = Frame::new(rows);
    for (name, column) in columns {
        frame.insert(name.extract::<&str>()?, read(&column)?)?;
    }
    Ok(frame)
}

fn read(column: &Bound<'_, PyAny>) -> PyResult<Column> {
    if let Ok(values) = column.extract::<PyReadonlyArray1<'_, f64>>() {
        return Ok(Column::Number(to_vec(&values)));
    }
    let (codes, levels, declared): (PyReadonlyArray1<'_, i32>, Vec<String>, bool) = column.extract()?;
    Ok(Column::Factor { codes: to_vec(&codes), levels, declared })
}

/// A copy, whatever the strides.
pub(super) fn to_vec<T: numpy::Element + Copy>(array: &PyReadonlyArray1<'_, T>) -> Vec<T> {
    array.as_slice().map_or_else(|_| array.as_array().iter().copied().collect(), <[T]>::to_vec)
}

/// Reads a keyword of the options dictionary; absent and `None` are the same.
pub(super) fn option<'py, T>(options: &Bound<'py, PyDict>, key: &str) -> PyResult<Option<T>>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    match options.get_item(key)? {
        Some(value) if !value.is_none() => Ok(Some(value.extract()?)),
        _ => Ok(None),
    }
}

pub(super) fn vector(options: &Bound<'_, PyDict>, key: &str) -> PyResult<Option<Vec<f64>>> {
    match options.get_item(key)? {
        Some(value) if !value.is_none() => Ok(Some(to_vec(&value.extract::<PyReadonlyArray1<'_, f64>>()?))),
        _ => Ok(None),
    }
}

/// `"auto"`, or how many.
fn points(options: &Bound<'_, PyDict>) -> PyResult<Option<Points>> {
    match options.get_item("points")? {
        Some(value) if value.extract::<&str>().is_ok_and(|word| word == "auto") => Ok(Some(Points::Auto)),
        _ => Ok(option(options, "points")?.map(Points::Fixed)),
    }
}

/// The checked options of a fit, and the number of threads.
pub(super) fn fit_options(options: &Bound<'_, PyDict>) -> PyResult<(FitOptions, Option<usize>)> {
    let mut out = FitOptions { event: option(options, "event")?, ..FitOptions::default() };
    for (column, asked) in option::<BTreeMap<String, Asked>>(options, "contrasts")?.unwrap_or_default() {
        let kind = asked.kind(&format!("contrasts of '{column}'"))?;
        out.coding.contrasts.insert(column, kind);
    }
    out.coding.references = option(options, "references")?.unwrap_or_default();
    out.weights = vector(options, "weights")?;
    out.offset = vector(options, "offset")?;
    let default = Settings::default();
    let policy = |key: &str| -> PyResult<Policy> {
        let name = option::<String>(options, key)?.unwrap_or_else(|| "drop".to_string());
        Ok(Policy::from_name(key, &name)?)
    };
    out.settings = Settings {
        points: points(options)?.unwrap_or(default.points),
        missing: policy("missing")?,
        aliased: policy("aliased")?,
        penalty: Penalty::from_name(option::<String>(options, "penalty")?.as_deref().unwrap_or("none"))?,
        tolerance: option(options, "tolerance")?.unwrap_or(default.tolerance),
        max_iterations: option(options, "max_iterations")?.unwrap_or(default.max_iterations),
    }
    .check()?;
    let threads: Option<usize> = option(options, "threads")?;
    if threads == Some(0) {
        return Err(Error::new(Kind::Option, "threads", "threads must be at least 1").into());
    }
    Ok((out, threads))
}
