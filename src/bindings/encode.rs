//! Text columns of Python objects to codes and sorted levels.

use crate::coding::MISSING;
use crate::design::densify;
use crate::error::{Error, Kind};
use numpy::{IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString};
use std::collections::HashMap;

/// What `encode_objects` returns: codes, sorted levels.
type Encoded<'py> = (Bound<'py, PyArray1<i32>>, Vec<String>);

/// Codes and sorted levels of an array of str, None and NaN.
///
/// A frame read from a file shares one object between equal cells, so objects are first told apart by address and the text is
/// read once per object.
#[pyfunction]
pub(super) fn encode_objects<'py>(py: Python<'py>, values: &Bound<'py, PyAny>) -> PyResult<Encoded<'py>> {
    let values: PyReadonlyArray1<'py, Py<PyAny>> = values.cast::<PyArray1<Py<PyAny>>>()?.readonly();
    let objects = values.as_slice()?;
    let addresses = objects.iter().map(|o| o.as_ptr() as usize as u64);
    let Some((ids, first)) = densify(addresses, usize::MAX) else {
        return Err(Error::new(Kind::Internal, "densify", "an unlimited renumbering was refused").into());
    };
    let mut index: HashMap<&str, usize> = HashMap::new();
    let mut levels: Vec<&str> = Vec::new();
    let mut level_of = Vec::with_capacity(first.len());
    for &row in &first {
        let object = objects[row as usize].bind(py);
        level_of.push(match text(object, row)? {
            None => None,
            Some(text) => Some(*index.entry(text).or_insert_with(|| {
                levels.push(text);
                levels.len() - 1
            })),
        });
    }
    let mut order = (0..levels.len()).collect::<Vec<_>>();
    order.sort_unstable_by_key(|&k| levels[k]);
    let mut rank = vec![0i32; levels.len()];
    order.iter().enumerate().for_each(|(r, &k)| rank[k] = r as i32);
    let code = level_of.iter().map(|l| l.map_or(MISSING, |k| rank[k])).collect::<Vec<_>>();
    let codes = ids.iter().map(|&id| code[id as usize]).collect::<Vec<_>>();
    Ok((codes.into_pyarray(py), order.iter().map(|&k| levels[k].to_string()).collect()))
}

/// The text of a cell; `None` for None, NaN and pandas' own missing markers.
fn text<'a>(object: &'a Bound<'_, PyAny>, row: u32) -> PyResult<Option<&'a str>> {
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Some(text.to_str()?));
    }
    let missing = object.is_none() || object.cast::<PyFloat>().is_ok_and(|x| x.extract::<f64>().is_ok_and(f64::is_nan));
    let kind = object.get_type().name()?.to_string();
    if missing || kind == "NAType" || kind == "NaTType" {
        return Ok(None);
    }
    let message = format!("row {row} (counted from 0) holds a value of type {kind} among text; convert the column to one type");
    Err(Error::new(Kind::Data, "mixed-types", message).into())
}
