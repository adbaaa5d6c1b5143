//! Columns as they come in for a codebook: pieces of any kind, read into distinct texts.

use super::cell::{Cell, Remembered, cell};
use super::encode::Offsets;
use super::run::Workers;
use crate::codebook;
use crate::error::{Error, Kind};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::prelude::*;

/// A column as read.
#[pyclass(frozen, module = "melogit._core")]
pub(super) struct Source {
    pub(super) source: codebook::Source,
}

#[pymethods]
impl Source {
    #[getter]
    fn rows(&self) -> usize {
        self.source.len()
    }
}

/// A column being read.
#[pyclass(module = "melogit._core")]
pub(super) struct SourceBuilder {
    name: String,
    builder: codebook::SourceBuilder,
    /// Rows pushed so far.
    rows: usize,
    workers: Workers,
}

/// Codes of a categorical column, in the widths that frames have.
#[derive(FromPyObject)]
enum Codes<'py> {
    Narrow(PyReadonlyArray1<'py, i8>),
    Middle(PyReadonlyArray1<'py, i16>),
    Wide(PyReadonlyArray1<'py, i32>),
}

/// What reads a column of about so many rows.
#[pyfunction]
pub(super) fn source_builder(name: String, rows: usize, threads: Option<usize>) -> PyResult<SourceBuilder> {
    Ok(SourceBuilder { name, builder: codebook::SourceBuilder::new(rows), rows: 0, workers: Workers::new(threads)? })
}

/// The texts of values, as a codebook reads them.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
pub(super) fn code_texts(values: Vec<Bound<'_, PyAny>>) -> PyResult<Vec<Option<String>>> {
    values.iter().map(|value| text("a table", value)).collect()
}

#[pymethods]
#[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
impl SourceBuilder {
    fn push_strings(
        &mut self,
        py: Python<'_>,
        offsets: Offsets<'_>,
        data: PyReadonlyArray1<'_, u8>,
        validity: Option<PyReadonlyArray1<'_, u8>>,
        offset: usize,
        length: usize,
    ) -> PyResult<()> {
        let data = data.as_slice()?;
        let validity = validity.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
        let builder = &mut self.builder;
        self.rows += length;
        match &offsets {
            Offsets::Narrow(ends) => {
                let ends = ends.as_slice()?;
                let end = |i: usize| usize::try_from(*ends.get(i)?).ok();
                self.workers.detached(py, || builder.push_strings(end, data, validity, offset, length))
            }
            Offsets::Wide(ends) => {
                let ends = ends.as_slice()?;
                let end = |i: usize| usize::try_from(*ends.get(i)?).ok();
                self.workers.detached(py, || builder.push_strings(end, data, validity, offset, length))
            }
        }
    }

    fn push_views(
        &mut self,
        py: Python<'_>,
        views: PyReadonlyArray1<'_, u8>,
        data: Vec<PyReadonlyArray1<'_, u8>>,
        validity: Option<PyReadonlyArray1<'_, u8>>,
        offset: usize,
        length: usize,
    ) -> PyResult<()> {
        let views = views.as_slice()?;
        let data = data.iter().map(PyReadonlyArray1::as_slice).collect::<Result<Vec<_>, _>>()?;
        let validity = validity.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
        let builder = &mut self.builder;
        self.rows += length;
        self.workers.detached(py, || builder.push_views(views, &data, validity, offset, length))
    }

    fn push_objects(&mut self, py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<()> {
        let values: PyReadonlyArray1<'_, Py<PyAny>> = values.cast::<PyArray1<Py<PyAny>>>()?.readonly();
        let mut seen = Remembered::new();
        for object in values.as_slice()? {
            let number = seen.number(object.bind(py), |object| self.number(object))?;
            self.builder.push_number(number);
            self.rows += 1;
        }
        Ok(())
    }

    fn push_floats(&mut self, py: Python<'_>, values: PyReadonlyArray1<'_, f64>) -> PyResult<()> {
        let values = values.as_slice()?;
        let builder = &mut self.builder;
        self.rows += values.len();
        self.workers.detached(py, || {
            builder.push_floats(values);
            Ok(())
        })
    }

    fn push_integers(
        &mut self,
        py: Python<'_>,
        values: PyReadonlyArray1<'_, i64>,
        validity: Option<PyReadonlyArray1<'_, u8>>,
    ) -> PyResult<()> {
        let values = values.as_slice()?;
        let validity = validity.as_ref().map(PyReadonlyArray1::as_slice).transpose()?;
        let builder = &mut self.builder;
        self.rows += values.len();
        self.workers.detached(py, || {
            builder.push_integers(values, validity, 0);
            Ok(())
        })
    }

    fn push_codes(&mut self, py: Python<'_>, codes: Codes<'_>, levels: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        let what = format!("column '{}'", self.name);
        let levels = levels.iter().map(|value| text(&what, value)).collect::<PyResult<Vec<_>>>()?;
        match &codes {
            Codes::Narrow(codes) => self.push_labelled(py, codes.as_slice()?, &levels),
            Codes::Middle(codes) => self.push_labelled(py, codes.as_slice()?, &levels),
            Codes::Wide(codes) => self.push_labelled(py, codes.as_slice()?, &levels),
        }
    }

    fn finish(&mut self) -> Source {
        Source { source: std::mem::replace(&mut self.builder, codebook::SourceBuilder::new(0)).finish() }
    }
}

impl SourceBuilder {
    fn push_labelled<C: Copy + Sync + Into<i32>>(
        &mut self,
        py: Python<'_>,
        codes: &[C],
        levels: &[Option<String>],
    ) -> PyResult<()> {
        let builder = &mut self.builder;
        self.rows += codes.len();
        self.workers.detached(py, || builder.push_codes(codes, levels))
    }

    /// The builder's number for an object; `None` where it has no value.
    fn number(&mut self, object: &Bound<'_, PyAny>) -> PyResult<Option<u32>> {
        Ok(match cell(object)? {
            Cell::Nothing => None,
            Cell::Text(text) => Some(self.builder.number(text.as_bytes())),
            Cell::Number(number) => number_text(number).map(|text| self.builder.number(text.as_bytes())),
            Cell::Other(kind) => {
                let what = format!("column '{}', row {} (counted from 0),", self.name, self.rows);
                return Err(refused(&what, &kind).into());
            }
        })
    }
}

/// The text of a category or of an entry in a table.
fn text(what: &str, value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    Ok(match cell(value)? {
        Cell::Nothing => None,
        Cell::Text(text) => Some(text.into_owned()),
        Cell::Number(number) => number_text(number),
        Cell::Other(kind) => return Err(refused(what, &kind).into()),
    })
}

/// The text that a column of numbers has for this one: the shortest, and no minus before zero.
fn number_text(number: f64) -> Option<String> {
    (!number.is_nan()).then(|| (number + 0.0).to_string())
}

fn refused(what: &str, kind: &str) -> Error {
    let message = format!("{what} holds a value of type {kind}, which is no code; turn it into text or numbers first");
    Error::new(Kind::Data, "code-type", message)
}
