//! What the estimates say: covariance, tests, odds ratios, heterogeneity, predictions, standardised risks.

mod anova;
mod bootstrap;
mod coefficients;
mod compare;
mod covariance;
mod crew;
mod delta;
mod heterogeneity;
mod hypothesis;
mod logistic_normal;
mod multiplicity;
mod new_data;
mod normal;
mod pairwise;
mod penalised;
mod pool;
mod power;
mod predict;
mod profile;
mod quantities;
mod reference;
mod robust;
mod standardise;
mod terms;
mod variance;
mod variance_test;
mod wald;

pub use anova::{AnovaRow, AnovaType, anova_likelihood, anova_wald};
pub use bootstrap::{Bootstrap, BootstrapRow, Failure, IntervalKind, bootstrap, bootstrap_intervals};
pub use coefficients::{CoefficientRow, OddsRatioRow, TermTest, coefficient_table, odds_ratio_table, term_tests};
pub use compare::{ComparisonRow, Fitted, Gain, compare};
pub use heterogeneity::{ClusteringTest, Heterogeneity, clustering_test, heterogeneity};
pub use hypothesis::{HypothesisRow, HypothesisTest, test_hypotheses};
pub use logistic_normal::{LogisticNormal, Marginal};
pub use multiplicity::Adjust;
pub use pairwise::{PairwiseRow, pairwise};
pub use penalised::{PenalisedRow, penalised_profile};
pub use pool::{
    JointMethod, PooledOddsRatio, PooledRow, PooledTest, Rubin, check_poolable, pooled_coefficients,
    pooled_odds_ratios, pooled_tests, pooled_variances,
};
pub use power::{Drawn, Exposure, Power, PowerOptions, PowerRow, Scenario, power, power_of_fit};
pub use predict::{Kind as PredictionKind, NewLevels, Prediction, predict};
pub use profile::{ContourPoint, Profile, ProfileOptions, ProfileRow, TracePoint, contour, profile};
pub use reference::Reference;
pub use robust::{Clusters, robust};
pub use standardise::{StandardisedRisk, standardise};
pub use variance::{VarianceRow, variance_table};
pub use variance_test::{VarianceTest, variance_tests};
pub use wald::JointTest;
