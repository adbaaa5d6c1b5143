//! One Python object as a codebook reads it.

use crate::error::{Error, Kind};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyString};
use std::borrow::Cow;

/// What an object reads as.
pub(super) enum Cell<'a> {
    /// None and the markers of pandas. NaN is a number.
    Nothing,
    /// Text, a truth value, or an integer with all its digits.
    Text(Cow<'a, str>),
    /// A number that may have a fraction.
    Number(f64),
    /// No code; the name of its type.
    Other(String),
}

/// Addresses remembered: a frame read from a file shares one object between many equal cells.
const REMEMBERED: usize = 256;

/// Numbers of the objects seen last, by their addresses.
pub(super) struct Remembered([(usize, Option<u32>); REMEMBERED]);

impl Remembered {
    pub(super) fn new() -> Self {
        Self([(0, None); REMEMBERED])
    }

    /// The number of an object, found by `find` unless it is remembered. The objects must stay alive meanwhile.
    pub(super) fn number<'py>(
        &mut self,
        object: &Bound<'py, PyAny>,
        find: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<Option<u32>>,
    ) -> PyResult<Option<u32>> {
        let address = object.as_ptr() as usize;
        // Objects are aligned to 16 bytes.
        let slot = &mut self.0[(address >> 4) % REMEMBERED];
        if slot.0 != address {
            *slot = (address, find(object)?);
        }
        Ok(slot.1)
    }
}

/// Reads an object leniently: a column of codes may hold text, numbers and gaps in any mixture.
pub(super) fn cell<'a>(object: &'a Bound<'_, PyAny>) -> PyResult<Cell<'a>> {
    if let Ok(text) = object.cast::<PyString>() {
        let text = text.to_str().map_err(|_| {
            let message = "a text is not valid Unicode; read the file with its right encoding";
            Error::new(Kind::Data, "not-unicode", message)
        })?;
        return Ok(Cell::Text(Cow::Borrowed(text)));
    }
    if object.is_none() {
        return Ok(Cell::Nothing);
    }
    if object.cast::<PyBool>().is_ok() {
        return truth(object);
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        return Ok(Cell::Number(number.extract()?));
    }
    if object.cast::<PyInt>().is_ok() {
        return Ok(Cell::Text(Cow::Owned(object.str()?.to_str()?.to_owned())));
    }
    foreign(object)
}

/// Scalars of numpy, decimals, and the markers of pandas, told apart without importing their packages.
fn foreign<'a>(object: &Bound<'_, PyAny>) -> PyResult<Cell<'a>> {
    let kind = object.get_type().name()?.to_string();
    match kind.as_str() {
        "NAType" | "NaTType" => return Ok(Cell::Nothing),
        "bool" | "bool_" => return truth(object),
        _ => {}
    }
    // Arrays of one cell have these methods too.
    let scalar = !object.hasattr("__len__")?;
    if scalar && object.hasattr("__index__")? {
        let digits = object.call_method0("__index__")?.str()?.to_str()?.to_owned();
        return Ok(Cell::Text(Cow::Owned(digits)));
    }
    if scalar && object.hasattr("__float__")? {
        return Ok(Cell::Number(object.call_method0("__float__")?.extract()?));
    }
    Ok(Cell::Other(kind))
}

fn truth<'a>(object: &Bound<'_, PyAny>) -> PyResult<Cell<'a>> {
    Ok(Cell::Text(Cow::Borrowed(if object.is_truthy()? { "True" } else { "False" })))
}
