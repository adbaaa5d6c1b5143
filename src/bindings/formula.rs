//! What a formula says of columns, before any data.

use crate::error::Result;
use crate::formula::parse;
use pyo3::prelude::*;

/// Columns that a formula needs.
#[pyfunction]
pub(super) fn formula_columns(formula: &str) -> Result<Vec<String>> {
    Ok(parse(formula)?.columns().into_iter().map(|v| v.name.clone()).collect())
}

/// Columns that a term of the formula uses as they are, or as categories.
#[pyfunction]
pub(super) fn formula_categories(formula: &str) -> Result<Vec<String>> {
    Ok(parse(formula)?.categories().into_iter().map(ToString::to_string).collect())
}

/// The formula in its one canonical spelling.
#[pyfunction]
pub(super) fn canonical_formula(formula: &str) -> Result<String> {
    Ok(parse(formula)?.to_string())
}
