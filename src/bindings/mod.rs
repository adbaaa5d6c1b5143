//! The Python boundary: extract → detach → core call → wrap. Nothing here computes.

mod cell;
mod codebook;
mod columns;
mod contrast;
mod declared;
mod draws;
mod encode;
mod errors;
mod fit;
mod notes;
mod progress;
mod run;
mod source;
mod tables;
mod testing;

use pyo3::prelude::*;

/// The compiled core.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::codebook::{Codebook, CodedVariable, code_lists};
    #[pymodule_export]
    use super::contrast::contrast;
    #[pymodule_export]
    use super::draws::simulate;
    #[pymodule_export]
    use super::encode::{encode_objects, encode_utf8};
    #[pymodule_export]
    use super::fit::{Fit, canonical_formula, fit, formula_categories, formula_columns};
    #[pymodule_export]
    use super::notes::{Lexicon, cohen_kappa, compare_codings, fleiss_kappa};
    #[pymodule_export]
    use super::source::{Source, SourceBuilder, code_texts, source_builder};
    #[pymodule_export]
    use super::testing::{anova, compare, pairwise, robust, test_hypotheses, variance_test};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("debug_build", cfg!(debug_assertions))
    }
}
