//! The Python boundary: extract → detach → core call → wrap. Nothing here computes.

mod columns;
mod encode;
mod errors;
mod fit;
mod run;
mod tables;

use pyo3::prelude::*;

/// The compiled core.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::encode::{encode_objects, encode_utf8};
    #[pymodule_export]
    use super::fit::{Fit, canonical_formula, fit, formula_columns};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("debug_build", cfg!(debug_assertions))
    }
}
