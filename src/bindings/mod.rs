//! The Python boundary: extract → detach → core call → wrap. Nothing here computes.

mod accuracy;
mod bias;
mod cell;
mod codebook;
mod columns;
mod contrast;
mod declared;
mod draws;
mod encode;
mod errors;
mod fit;
mod influence;
mod notes;
mod residuals;
mod run;
mod source;
mod tables;

use pyo3::prelude::*;

/// The compiled core.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::accuracy::{Compared, new_forecasts, own_forecasts};
    #[pymodule_export]
    use super::bias::{e_value, e_value_table, tipping_points};
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
    use super::influence::{collinearity, influence};
    #[pymodule_export]
    use super::notes::{Lexicon, cohen_kappa, compare_codings, fleiss_kappa};
    #[pymodule_export]
    use super::residuals::{Simulated, classic_residuals, quantile_residuals};
    #[pymodule_export]
    use super::source::{Source, SourceBuilder, code_texts, source_builder};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("debug_build", cfg!(debug_assertions))
    }
}
