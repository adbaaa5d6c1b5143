//! What the estimates say: covariance, tests, odds ratios, heterogeneity, predictions, standardised risks.

mod accuracy;
mod anova;
mod average;
mod bias;
mod bootstrap;
mod coefficients;
mod cohort;
mod collinearity;
mod compare;
mod covariance;
mod crew;
mod delta;
mod draws;
mod effects;
mod estimate;
mod forecasts;
mod funnel;
mod heterogeneity;
mod hypothesis;
mod influence;
mod interaction;
mod logistic_normal;
mod modes;
mod multiplicity;
mod new_data;
mod normal;
mod opposed;
mod pairwise;
mod penalised;
mod pool;
mod power;
mod predict;
mod profile;
mod quantities;
mod quantity;
mod ranking;
mod reference;
mod residuals;
mod robust;
mod slopes;
mod standardise;
mod terms;
mod variance;
mod variance_change;
mod variance_test;
mod wald;

pub use accuracy::{
    Auc, Bin, CalibrationCurve, Explained, Goodness, HosmerLemeshow, Recalibration, bins, calibration_curve,
    discrimination, explained, goodness, hosmer_lemeshow, recalibrate,
};
pub use anova::{AnovaRow, AnovaType, anova_likelihood, anova_wald};
pub use average::{Request, Target};
pub use bias::{EValue, Measure, TippingPoint, e_value, e_value_table, tipping_points};
pub use bootstrap::{Bootstrap, BootstrapRow, Failure, IntervalKind, bootstrap, bootstrap_intervals};
pub use coefficients::{CoefficientRow, OddsRatioRow, TermTest, coefficient_table, odds_ratio_table, term_tests};
pub use cohort::Population;
pub use collinearity::{Collinearity, collinearity};
pub use compare::{ComparisonRow, Fitted, Gain, compare};
pub use draws::{Method, Parameters};
pub use effects::{Comparison, EffectRow, effects};
pub use estimate::Estimate;
pub use forecasts::Forecasts;
pub use funnel::{FunnelRow, funnel};
pub use heterogeneity::{ClusteringTest, Heterogeneity, clustering_test, heterogeneity, heterogeneity_at};
pub use hypothesis::{HypothesisRow, HypothesisTest, test_hypotheses};
pub use influence::{Influence, influence};
pub use interaction::{InteractionRow, interaction};
pub use logistic_normal::{LogisticNormal, Marginal};
pub use multiplicity::Adjust;
pub use opposed::{OpposedRow, interval_odds_ratios};
pub use pairwise::{PairwiseRow, pairwise};
pub use penalised::{PenalisedRow, penalised_profile};
pub use pool::{
    JointMethod, PooledOddsRatio, PooledRow, PooledTest, Rubin, check_poolable, pooled_coefficients,
    pooled_odds_ratios, pooled_tests, pooled_variances,
};
pub use power::{Drawn, Exposure, Power, PowerOptions, PowerRow, Scenario, power, power_of_fit};
pub use predict::{Interval, Kind as PredictionKind, NewLevels, Prediction, PredictionOptions, predict};
pub use profile::{ContourPoint, Profile, ProfileOptions, ProfileRow, TracePoint, contour, profile};
pub use ranking::{RankRow, ranking};
pub use reference::Reference;
pub use residuals::{
    QuantileOptions, QuantileResiduals, ResidualKind, ResidualTest, Residuals, classic_residuals, kolmogorov_p,
    kolmogorov_statistic, quantile_residuals, residual_tests,
};
pub use robust::{Clusters, robust};
pub use slopes::{SlopeRow, marginal_effects};
pub use standardise::{StandardisedRisk, standardise};
pub use variance::{VarianceRow, variance_table};
pub use variance_change::{Side, VarianceChange, variance_change};
pub use variance_test::{VarianceTest, variance_tests};
pub use wald::JointTest;
