//! The Python boundary: extract → detach → core call → wrap. Nothing here computes.

mod accuracy;
mod bias;
mod bootstrap;
mod cell;
mod codebook;
mod columns;
mod contrast;
mod declared;
mod draws;
mod effects;
mod encode;
mod errors;
mod estimates;
mod fit;
mod formula;
mod influence;
mod notes;
mod pool;
mod power;
mod prediction;
mod profile;
mod progress;
mod record;
mod residuals;
mod run;
mod source;
mod tables;
mod testing;
mod variation;

use pyo3::prelude::*;

/// The compiled core.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::accuracy::{Compared, new_forecasts, own_forecasts};
    #[pymodule_export]
    use super::bias::{e_value, e_value_table, tipping_points};
    #[pymodule_export]
    use super::bootstrap::{bootstrap, bootstrap_intervals};
    #[pymodule_export]
    use super::codebook::{Codebook, CodedVariable, code_lists};
    #[pymodule_export]
    use super::contrast::contrast;
    #[pymodule_export]
    use super::draws::simulate;
    #[pymodule_export]
    use super::effects::{effects, interaction, marginal_effects};
    #[pymodule_export]
    use super::encode::{encode_objects, encode_utf8};
    #[pymodule_export]
    use super::fit::{Fit, fit};
    #[pymodule_export]
    use super::formula::{canonical_formula, formula_categories, formula_columns};
    #[pymodule_export]
    use super::influence::{collinearity, influence};
    #[pymodule_export]
    use super::notes::{Lexicon, cohen_kappa, compare_codings, fleiss_kappa};
    #[pymodule_export]
    use super::pool::{check_poolable, pooled_coefficients, pooled_odds_ratios, pooled_tests, pooled_variances};
    #[pymodule_export]
    use super::power::{design_power, draw_design, fit_power};
    #[pymodule_export]
    use super::profile::{profile, profile_contour};
    #[pymodule_export]
    use super::residuals::{Simulated, classic_residuals, quantile_residuals};
    #[pymodule_export]
    use super::source::{Source, SourceBuilder, code_texts, source_builder};
    #[pymodule_export]
    use super::testing::{anova, compare, pairwise, robust, test_hypotheses, variance_test};
    #[pymodule_export]
    use super::variation::{funnel, heterogeneity_at, interval_odds_ratios, ranking, slope_columns, variance_change};
    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("debug_build", cfg!(debug_assertions))
    }
}
