//! Text columns to codes and sorted levels.

use super::run::default_threads;
use crate::coding::{Dictionary, MISSING};
use crate::error::{Error, Kind};
use numpy::{IntoPyArray, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyString};

/// Codes, and sorted levels.
type Encoded<'py> = (Bound<'py, PyArray1<i32>>, Vec<String>);

/// Addresses remembered: a frame read from a file shares one object between many equal cells.
const REMEMBERED: usize = 256;

/// Codes and sorted levels of an array of str, None and NaN.
#[pyfunction]
pub(super) fn encode_objects<'py>(py: Python<'py>, values: &Bound<'py, PyAny>) -> PyResult<Encoded<'py>> {
    let values: PyReadonlyArray1<'py, Py<PyAny>> = values.cast::<PyArray1<Py<PyAny>>>()?.readonly();
    let objects = values.as_slice()?;
    let mut dictionary = Dictionary::new(objects.len());
    let mut seen = [(0usize, 0i32); REMEMBERED];
    for (row, object) in objects.iter().enumerate() {
        let address = object.as_ptr() as usize;
        // Objects are aligned to 16 bytes.
        let slot = &mut seen[(address >> 4) % REMEMBERED];
        if slot.0 != address {
            *slot = (address, number(object.bind(py), row, &mut dictionary)?);
        }
        dictionary.push(slot.1);
    }
    let (codes, levels) = dictionary.finish();
    Ok((codes.into_pyarray(py), levels))
}

/// The dictionary's number for the text of a cell; missing for None, NaN and pandas' own markers.
fn number(object: &Bound<'_, PyAny>, row: usize, dictionary: &mut Dictionary) -> PyResult<i32> {
    if let Ok(text) = object.cast::<PyString>() {
        let text = text.to_str().map_err(|_| {
            let message = format!(
                "row {row} (counted from 0) holds text that is not valid Unicode; read the file with its right encoding"
            );
            Error::new(Kind::Data, "not-unicode", message)
        })?;
        return Ok(dictionary.number(text.as_bytes()));
    }
    let missing = object.is_none() || object.cast::<PyFloat>().is_ok_and(|x| x.extract::<f64>().is_ok_and(f64::is_nan));
    let kind = object.get_type().name()?.to_string();
    if missing || kind == "NAType" || kind == "NaTType" {
        return Ok(MISSING);
    }
    let message =
        format!("row {row} (counted from 0) holds a value of type {kind} among text; convert the column to one type");
    Err(Error::new(Kind::Data, "mixed-types", message).into())
}

/// Ends of the strings of an Arrow array, in either width.
#[derive(FromPyObject)]
pub(super) enum Offsets<'py> {
    /// Arrow `utf8`.
    Narrow(PyReadonlyArray1<'py, i32>),
    /// Arrow `large_utf8`.
    Wide(PyReadonlyArray1<'py, i64>),
}

/// Codes and sorted levels of an Arrow string array, from its buffers: `length` strings from position `offset`; `validity` is
/// its bitmap, if any string is missing.
#[pyfunction]
#[pyo3(signature = (offsets, data, validity, offset, length))]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn encode_utf8<'py>(
    py: Python<'py>,
    offsets: Offsets<'py>,
    data: PyReadonlyArray1<'py, u8>,
    validity: Option<PyReadonlyArray1<'py, u8>>,
    offset: usize,
    length: usize,
) -> PyResult<Encoded<'py>> {
    default_threads()?;
    let data = data.as_slice()?;
    let validity = validity.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
    let encoded = match &offsets {
        Offsets::Narrow(ends) => {
            let ends = ends.as_slice()?;
            py.detach(|| {
                Dictionary::of_strings(|i| usize::try_from(*ends.get(i)?).ok(), data, validity, offset, length)
            })
        }
        Offsets::Wide(ends) => {
            let ends = ends.as_slice()?;
            py.detach(|| {
                Dictionary::of_strings(|i| usize::try_from(*ends.get(i)?).ok(), data, validity, offset, length)
            })
        }
    };
    let (codes, levels) = encoded?;
    Ok((codes.into_pyarray(py), levels))
}
