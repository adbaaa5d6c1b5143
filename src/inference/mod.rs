//! What the estimates say: covariance, tests, odds ratios, heterogeneity, predictions, standardised risks.

mod bootstrap;
mod coefficients;
mod covariance;
mod crew;
mod delta;
mod heterogeneity;
mod logistic_normal;
mod new_data;
mod normal;
mod penalised;
mod pool;
mod power;
mod predict;
mod profile;
mod quantities;
mod standardise;
mod variance;

pub use bootstrap::{Bootstrap, BootstrapRow, Failure, IntervalKind, bootstrap, bootstrap_intervals};
pub use coefficients::{CoefficientRow, OddsRatioRow, TermTest, coefficient_table, odds_ratio_table, term_tests};
pub use heterogeneity::{ClusteringTest, Heterogeneity, clustering_test, heterogeneity};
pub use logistic_normal::{LogisticNormal, Marginal};
pub use penalised::{PenalisedRow, penalised_profile};
pub use pool::{
    JointTest, PooledOddsRatio, PooledRow, PooledTest, Rubin, check_poolable, pooled_coefficients, pooled_odds_ratios,
    pooled_tests, pooled_variances,
};
pub use power::{Drawn, Exposure, Power, PowerOptions, PowerRow, Scenario, power, power_of_fit};
pub use predict::{Kind as PredictionKind, NewLevels, Prediction, predict};
pub use profile::{ContourPoint, Profile, ProfileOptions, ProfileRow, TracePoint, contour, profile};
pub use standardise::{StandardisedRisk, standardise};
pub use variance::{VarianceRow, variance_table};
