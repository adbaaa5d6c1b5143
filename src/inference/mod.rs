//! What the estimates say: covariance, tests, odds ratios, heterogeneity, predictions, standardised risks.

mod coefficients;
mod covariance;
mod delta;
mod heterogeneity;
mod logistic_normal;
mod new_data;
mod normal;
mod penalised;
mod predict;
mod standardise;
mod variance;

pub use coefficients::{CoefficientRow, OddsRatioRow, TermTest, coefficient_table, odds_ratio_table, term_tests};
pub use heterogeneity::{ClusteringTest, Heterogeneity, clustering_test, heterogeneity};
pub use logistic_normal::{LogisticNormal, Marginal};
pub use penalised::{PenalisedRow, penalised_profile};
pub use predict::{Kind as PredictionKind, NewLevels, Prediction, predict};
pub use standardise::{StandardisedRisk, standardise};
pub use variance::{VarianceRow, variance_table};
