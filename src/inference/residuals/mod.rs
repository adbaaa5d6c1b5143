//! Residuals of the kinds people ask for, and tests of the simulated ones.

mod checks;
mod classic;
mod kolmogorov;
mod quantile;

pub use checks::{ResidualTest, residual_tests};
pub use classic::{ResidualKind, Residuals, classic_residuals};
pub use kolmogorov::{kolmogorov_p, kolmogorov_statistic};
pub use quantile::{QuantileOptions, QuantileResiduals, quantile_residuals};
