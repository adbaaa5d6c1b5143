//! One way from the core's errors to Python's.

use crate::error::{Error, Kind};
use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        let class = match error.kind() {
            Kind::Interrupted => return PyKeyboardInterrupt::new_err(()),
            Kind::Formula => "FormulaError",
            Kind::ColumnNotFound => "ColumnNotFoundError",
            Kind::Data => "DataError",
            Kind::Outcome => "OutcomeError",
            Kind::Count => "CountError",
            Kind::Grouping => "GroupingError",
            Kind::Level => "LevelError",
            Kind::Size => "SizeError",
            Kind::Aliased => "AliasedError",
            Kind::Codebook => "CodebookError",
            Kind::Lexicon => "LexiconError",
            Kind::Option => "OptionError",
            Kind::Fit => "FitError",
            Kind::Load => "LoadError",
            Kind::Internal => "InternalError",
        };
        Python::attach(|py| raise(py, class, &error).unwrap_or_else(|_| PyRuntimeError::new_err(error.to_string())))
    }
}

fn raise(py: Python<'_>, class: &str, error: &Error) -> PyResult<PyErr> {
    let class = py.import("melogit.errors")?.getattr(class)?;
    let message = sentence(&error.to_string());
    let keywords = pyo3::types::PyDict::new(py);
    keywords.set_item("slug", error.slug())?;
    Ok(PyErr::from_value(class.call((message,), Some(&keywords))?))
}

/// The core's messages begin lower-case and end bare; people read them as sentences. A first word with other signs in it is
/// code (`log(x)`, `points=3`) and stays as it is.
fn sentence(message: &str) -> String {
    let first = message.split(' ').next().unwrap_or_default();
    let mut letters = message.chars();
    let begin = if first.chars().all(char::is_alphabetic) {
        letters.next().map_or(String::new(), |c| c.to_uppercase().collect())
    } else {
        String::new()
    };
    let end = if message.ends_with(['.', '!', '?', ')', '\n']) || message.contains('\n') { "" } else { "." };
    format!("{begin}{}{end}", letters.as_str())
}
