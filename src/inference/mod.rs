//! What the estimates say: covariance, tests, odds ratios, heterogeneity, predictions, standardised risks.

mod accuracy;
mod bias;
mod coefficients;
mod collinearity;
mod covariance;
mod delta;
mod forecasts;
mod heterogeneity;
mod influence;
mod logistic_normal;
mod new_data;
mod normal;
mod penalised;
mod predict;
mod residuals;
mod standardise;
mod variance;

pub use accuracy::{
    Auc, Bin, CalibrationCurve, Explained, Goodness, HosmerLemeshow, Recalibration, bins, calibration_curve,
    discrimination, explained, goodness, hosmer_lemeshow, recalibrate,
};
pub use bias::{EValue, Measure, TippingPoint, e_value, e_value_table, tipping_points};
pub use coefficients::{CoefficientRow, OddsRatioRow, TermTest, coefficient_table, odds_ratio_table, term_tests};
pub use collinearity::{Collinearity, collinearity};
pub use forecasts::Forecasts;
pub use heterogeneity::{ClusteringTest, Heterogeneity, clustering_test, heterogeneity};
pub use influence::{Influence, influence};
pub use logistic_normal::{LogisticNormal, Marginal};
pub use penalised::{PenalisedRow, penalised_profile};
pub use predict::{Kind as PredictionKind, NewLevels, Prediction, predict};
pub use residuals::{
    QuantileOptions, QuantileResiduals, ResidualKind, ResidualTest, Residuals, classic_residuals, kolmogorov_p,
    kolmogorov_statistic, quantile_residuals, residual_tests,
};
pub use standardise::{StandardisedRisk, standardise};
pub use variance::{VarianceRow, variance_table};
