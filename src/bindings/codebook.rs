//! A codebook as Python sees it, and a variable that it coded.

use super::declared;
use super::run::Workers;
use super::source::Source;
use super::tables::Table;
use crate::codebook::{self, Values};
use crate::error::{Error, Kind, Result};
use numpy::IntoPyArray;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::{BTreeMap, HashMap};

/// A codebook, and the text it was read from, in which messages show their places.
#[pyclass(frozen, module = "melogit._core")]
pub(super) struct Codebook {
    book: codebook::Codebook,
    text: String,
    name: String,
}

#[pymethods]
impl Codebook {
    #[staticmethod]
    fn parse(text: &str, name: &str) -> Result<Self> {
        Ok(Self { book: codebook::Codebook::parse(text, name)?, text: text.to_owned(), name: name.to_owned() })
    }

    #[staticmethod]
    fn from_json(text: &str) -> Result<Self> {
        Ok(Self::written_out(codebook::Codebook::from_json(text)?))
    }

    fn to_toml(&self) -> String {
        self.book.to_toml()
    }

    fn same(&self, other: &Self) -> bool {
        self.book == other.book
    }

    #[getter]
    fn title(&self) -> Option<&str> {
        self.book.title.as_deref()
    }

    #[getter]
    fn description(&self) -> Option<&str> {
        self.book.description.as_deref()
    }

    fn variables<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        self.book.variables.iter().map(|variable| declared::variable(py, &self.book, variable)).collect()
    }

    fn columns(&self) -> Vec<String> {
        self.book.columns().into_iter().map(|(column, _)| column).collect()
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
    fn check_columns(&self, names: Vec<String>) -> Result<()> {
        let names = names.iter().map(String::as_str).collect::<Vec<_>>();
        self.book.check_columns(&names, &self.text, &self.name)
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
    fn code(
        &self,
        py: Python<'_>,
        variable: &str,
        sources: HashMap<String, Bound<'_, Source>>,
        lookups: BTreeMap<String, HashMap<String, String>>,
        threads: Option<usize>,
    ) -> PyResult<CodedVariable> {
        let declared = self.book.variable(variable)?;
        let source = |name: &str| {
            let message = format!("column '{name}' of the variable '{variable}' was not handed over");
            sources.get(name).map(|s| &s.get().source).ok_or(Error::new(Kind::Internal, "no-source", message))
        };
        let columns = declared.sources().into_iter().map(source).collect::<Result<Vec<_>>>()?;
        let month = self.book.month.as_deref().filter(|_| declared.has_validity()).map(source).transpose()?;
        let workers = Workers::new(threads)?;
        let coded = workers.detached(py, || codebook::apply(declared, &columns, month, &lookups))?;
        Ok(CodedVariable { name: variable.to_owned(), coded })
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
    fn refuse_uncovered(&self, coded: Vec<PyRef<'_, CodedVariable>>) -> Result<()> {
        let pairs = coded.iter().map(|c| Ok((self.book.variable(&c.name)?, &c.coded)));
        codebook::refusal(&pairs.collect::<Result<Vec<_>>>()?)
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 extracts arguments by value")]
    fn settled(&self, merged: BTreeMap<String, Vec<String>>) -> Self {
        let merged = merged.iter().map(|(name, levels)| (name.as_str(), levels.as_slice())).collect::<Vec<_>>();
        Self::written_out(self.book.settled(&merged))
    }
}

impl Codebook {
    /// A codebook that was not read from a text: its places are those of the text it would be written as.
    fn written_out(book: codebook::Codebook) -> Self {
        Self { text: book.to_toml(), name: "the codebook written out as TOML".to_owned(), book }
    }
}

/// A variable as coded.
#[pyclass(module = "melogit._core")]
pub(super) struct CodedVariable {
    name: String,
    coded: codebook::Coded,
}

#[pymethods]
impl CodedVariable {
    fn take_values<'py>(&mut self, py: Python<'py>) -> Bound<'py, PyAny> {
        match std::mem::replace(&mut self.coded.values, Values::I8(Vec::new())) {
            Values::I8(codes) => codes.into_pyarray(py).into_any(),
            Values::I16(codes) => codes.into_pyarray(py).into_any(),
            Values::I32(codes) => codes.into_pyarray(py).into_any(),
            Values::Numbers(numbers) => numbers.into_pyarray(py).into_any(),
        }
    }

    #[getter]
    fn levels(&self) -> Vec<String> {
        self.coded.levels.clone()
    }

    #[getter]
    fn merged(&self) -> Vec<String> {
        self.coded.merged.clone()
    }

    #[getter]
    fn unmatched(&self) -> Option<(u64, u64, u64)> {
        self.coded.unmatched.as_ref().map(|looked| (looked.rows, looked.matched, looked.elsewhere))
    }

    fn account<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        // What is not covered stands last.
        let covered = self.coded.account.len() - self.coded.uncovered.len();
        let account = self.coded.account.iter().enumerate().collect::<Vec<_>>();
        Ok(Table::new(py, &account)
            .column("source", |(_, entry)| &entry.source)?
            .column("cleaned", |(_, entry)| &entry.cleaned)?
            .column("read_as", |(_, entry)| &entry.read_as)?
            .column("coded", |(_, entry)| &entry.coded)?
            .column("level", |(_, entry)| &entry.level)?
            .column("cause", |(_, entry)| &entry.cause)?
            .column("rows", |(_, entry)| entry.rows)?
            .column("covered", |(at, _)| *at < covered)?
            .finish())
    }
}

/// The code lists that come with the package.
#[pyfunction]
pub(super) fn code_lists(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    codebook::lists().iter().map(|list| declared::code_list(py, list)).collect()
}
