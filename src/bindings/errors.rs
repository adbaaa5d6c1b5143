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
    let message = error.to_string();
    // Sentences begin lower-case in the core; people read them at the start of a line.
    let mut letters = message.chars();
    let message = letters.next().map_or(String::new(), |c| c.to_uppercase().collect::<String>() + letters.as_str());
    let keywords = pyo3::types::PyDict::new(py);
    keywords.set_item("slug", error.slug())?;
    Ok(PyErr::from_value(class.call((message,), Some(&keywords))?))
}
