//! Rows of the core to columns of Python: `{name: list}`.

use pyo3::prelude::*;
use pyo3::types::PyDict;

/// One table: columns in order, filled from `rows` by a function each.
pub(super) struct Table<'py, 'a, R> {
    dict: Bound<'py, PyDict>,
    rows: &'a [R],
}

impl<'py, 'a, R> Table<'py, 'a, R> {
    /// A table over rows.
    pub(super) fn new(py: Python<'py>, rows: &'a [R]) -> Self {
        Self { dict: PyDict::new(py), rows }
    }

    /// Adds a column.
    pub(super) fn column<T>(self, name: &str, value: impl Fn(&'a R) -> T) -> PyResult<Self>
    where
        T: IntoPyObject<'py>,
    {
        self.dict.set_item(name, self.rows.iter().map(value).collect::<Vec<T>>())?;
        Ok(self)
    }

    /// The dictionary.
    pub(super) fn finish(self) -> Bound<'py, PyDict> {
        self.dict
    }
}
