//! The numbers that a refit is read for, with their names: coefficients, SDs, correlations, ICCs, median odds ratios.

use super::heterogeneity::{LATENT, median_odds_ratio};
use crate::model::Fit;

/// One number of a fitted model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// A coefficient, by its position among the estimated ones.
    Coefficient(usize),
    /// SD of an effect of a grouping factor.
    Deviation(usize, usize),
    /// Correlation between a later and an earlier effect of one term of a grouping factor.
    Correlation(usize, usize, usize),
    /// Share of the latent variance of a grouping factor with a random intercept (its effect).
    Icc(usize, usize),
    /// Median odds ratio of the same.
    Mor(usize, usize),
}

/// Parameters: estimated coefficients, then SDs and correlations in the order of [`super::variance_table`].
pub(super) fn parameters(fit: &Fit) -> Vec<Quantity> {
    let mut all = (0..fit.beta.len()).map(Quantity::Coefficient).collect::<Vec<_>>();
    for (g, spec) in fit.groupings.iter().enumerate() {
        all.extend((0..spec.width()).map(|a| Quantity::Deviation(g, a)));
        let mut start = 0;
        for part in &spec.parts {
            let end = start + part.width();
            all.extend((start..end).flat_map(|a| (start..a).map(move |b| Quantity::Correlation(g, a, b))));
            start = end;
        }
    }
    all
}

/// The parameters, then ICC and median odds ratio of every random intercept.
pub(super) fn reported(fit: &Fit) -> Vec<Quantity> {
    let mut all = parameters(fit);
    let intercepts = intercepts(fit);
    all.extend(intercepts.iter().map(|&(g, a)| Quantity::Icc(g, a)));
    all.extend(intercepts.iter().map(|&(g, a)| Quantity::Mor(g, a)));
    all
}

/// Grouping factors with a random intercept, and which effect it is.
fn intercepts(fit: &Fit) -> Vec<(usize, usize)> {
    let place = |(g, spec): (usize, &crate::random::GroupingSpec)| {
        Some((g, spec.effects().iter().position(|name| *name == "(Intercept)")?))
    };
    fit.groupings.iter().enumerate().filter_map(place).collect()
}

impl Quantity {
    /// Its name: as in the table of coefficients, or `sd[group,effect]`, `cor[group,effect.effect]`, `icc[group]`, `mor[group]`.
    pub(super) fn name(self, fit: &Fit) -> String {
        let group = |g: usize| &fit.groupings[g].name;
        let effect = |g: usize, a: usize| fit.groupings[g].effects()[a].to_string();
        match self {
            Self::Coefficient(k) => fit.design.names[fit.estimated[k]].clone(),
            Self::Deviation(g, a) => format!("sd[{},{}]", group(g), effect(g, a)),
            Self::Correlation(g, a, b) => format!("cor[{},{}.{}]", group(g), effect(g, a), effect(g, b)),
            Self::Icc(g, _) => format!("icc[{}]", group(g)),
            Self::Mor(g, _) => format!("mor[{}]", group(g)),
        }
    }

    /// Its value at (β, θ).
    pub(super) fn value(self, fit: &Fit, beta: &[f64], theta: &[f64]) -> f64 {
        let map = fit.theta_map();
        let sigma = |g: usize, a: usize, b: usize| map.covariance(theta, g)[a * map.widths[g] + b];
        match self {
            Self::Coefficient(k) => beta[k],
            Self::Deviation(g, a) => sigma(g, a, a).sqrt(),
            Self::Correlation(g, a, b) => sigma(g, a, b) / (sigma(g, a, a) * sigma(g, b, b)).sqrt(),
            Self::Icc(g, a) => {
                let total: f64 = intercepts(fit).iter().map(|&(h, b)| sigma(h, b, b)).sum();
                sigma(g, a, a) / (total + LATENT)
            }
            Self::Mor(g, a) => median_odds_ratio(sigma(g, a, a).sqrt()),
        }
    }
}
