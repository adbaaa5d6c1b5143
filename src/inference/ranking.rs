//! Groups in order of their effects, and how little the order may say.

use super::normal::{normal_cdf, two_sided};
use crate::error::{Error, Kind, Result};
use crate::model::Fit;
use crate::simulate::{normal, stream};
use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rayon::prelude::*;

/// Ranks of every group in every draw are kept: beyond this many groups they fill the memory.
const MOST_GROUPS: usize = 20_000;

/// Groups, evenly spaced in the order of their errors, from which the width of comparison intervals is found.
const COMPARED: usize = 400;

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub struct RankRow {
    /// Group.
    pub level: String,
    /// Its mode, log odds.
    pub effect: f64,
    /// Its standard error: conditional variance, and what comes through the estimates.
    pub std_error: f64,
    /// Rank of the mode; 1 is the lowest.
    pub rank: usize,
    /// Expected rank given the data, 1 + Σ P(another group is lower).
    pub expected_rank: f64,
    /// Percentiles of the rank.
    pub rank_bounds: [f64; 2],
    /// Interval made for comparing two groups by whether theirs overlap.
    pub comparison: [f64; 2],
}

/// Effects with what is known about their errors.
struct Effects {
    modes: Vec<f64>,
    /// Conditional variances.
    own: Vec<f64>,
    /// Tangents times a root of V, group after group: what the errors of the estimates do to each effect.
    shared: DMatrix<f64>,
}

/// Ranks the effects `term` of a grouping factor.
///
/// Expected ranks are those of Laird & Louis (1989, *J Educ Stat* 14:29) in closed form; the percentiles of the rank are over
/// `replicates` draws of all effects from their normal law. Comparison intervals are as wide as makes two of them fail to
/// overlap, on average over pairs, in 1 − level of the cases in which the groups are equal (Goldstein & Healy 1995, *J R Stat
/// Soc A* 158:175). With several grouping factors, the covariance between two groups' effects given the estimates is left out.
pub fn ranking(
    fit: &Fit,
    grouping: &str,
    term: Option<&str>,
    level: f64,
    seed: u64,
    replicates: usize,
) -> Result<Vec<RankRow>> {
    two_sided(level)?;
    let effects = Effects::of(fit, grouping, term)?;
    let count = effects.modes.len();
    let errors = (0..count).map(|j| effects.variance(j).sqrt()).collect::<Vec<_>>();
    let order = ranks(&effects.modes);
    let bounds = effects.rank_bounds(level, seed, replicates);
    let width = comparison_width(&errors, 1.0 - level);
    let levels = &fit.groupings[fit.grouping(grouping)?].levels;
    let row = |j: usize| RankRow {
        level: levels[j].clone(),
        effect: effects.modes[j],
        std_error: errors[j],
        rank: order[j] as usize,
        expected_rank: effects.expected_rank(j),
        rank_bounds: bounds[j],
        comparison: [effects.modes[j] - width * errors[j], effects.modes[j] + width * errors[j]],
    };
    Ok((0..count).into_par_iter().map(row).collect())
}

impl Effects {
    fn of(fit: &Fit, grouping: &str, term: Option<&str>) -> Result<Self> {
        let g = fit.grouping(grouping)?;
        let (spec, all) = (&fit.groupings[g], &fit.modes[g]);
        let names = spec.effects();
        let a = match term {
            None => 0,
            Some(term) => names.iter().position(|n| *n == term).ok_or_else(|| {
                let message =
                    format!("'{term}' is not a random effect of '{grouping}'; they are: {}", names.join(", "));
                Error::new(Kind::Option, "unknown-term", message)
            })?,
        };
        let (k, n, count) = (spec.width(), fit.parameters(), spec.levels.len());
        if count > MOST_GROUPS {
            let message = format!("'{grouping}' has {count} groups, above the {MOST_GROUPS} that can be ranked");
            return Err(Error::new(Kind::Size, "too-many-groups", message));
        }
        let own = (0..count).map(|j| all.covariances[(j * k + a) * k + a].max(0.0)).collect::<Vec<_>>();
        if own.iter().all(|v| *v == 0.0) {
            let message =
                format!("the estimated variance between the groups of '{grouping}' is zero, so they have no order");
            return Err(Error::new(Kind::Option, "no-variance", message));
        }
        let tangents = (0..count * n).map(|at| all.tangents.get(((at / n) * k + a) * n + at % n).copied());
        // Tangents that were too many to keep leave the conditional variances alone.
        let shared = match tangents.collect::<Option<Vec<_>>>() {
            None => DMatrix::zeros(count, 0),
            Some(tangents) => {
                let eigen = SymmetricEigen::new(DMatrix::from_row_slice(n, n, &fit.covariance));
                let roots = DMatrix::from_diagonal(&eigen.eigenvalues.map(|v| v.max(0.0).sqrt()));
                DMatrix::from_row_slice(count, n, &tangents) * (&eigen.eigenvectors * roots)
            }
        };
        Ok(Self { modes: (0..count).map(|j| all.modes[j * k + a]).collect(), own, shared })
    }

    fn variance(&self, j: usize) -> f64 {
        self.own[j] + self.shared.row(j).norm_squared()
    }

    fn expected_rank(&self, j: usize) -> f64 {
        let lower = |k: usize| {
            let variance = self.own[j] + self.own[k] + (self.shared.row(j) - self.shared.row(k)).norm_squared();
            normal_cdf((self.modes[j] - self.modes[k]) / variance.sqrt())
        };
        1.0 + (0..self.modes.len()).filter(|k| *k != j).map(lower).sum::<f64>()
    }

    fn rank_bounds(&self, level: f64, seed: u64, replicates: usize) -> Vec<[f64; 2]> {
        let count = self.modes.len();
        let draw = |replicate: usize| {
            let mut rng = stream(seed, replicate as u64);
            let z = DVector::from_iterator(self.shared.ncols(), (0..self.shared.ncols()).map(|_| normal(&mut rng)));
            let moved = &self.shared * z;
            let effect = |j: usize, e: f64| self.modes[j] + moved[j] + self.own[j].sqrt() * e;
            let drawn = (0..count).map(|j| effect(j, normal(&mut rng))).collect::<Vec<_>>();
            ranks(&drawn)
        };
        let drawn = (0..replicates).into_par_iter().map(draw).collect::<Vec<_>>();
        let bounds = |j: usize| {
            let mut own = drawn.iter().map(|ranks| f64::from(ranks[j])).collect::<Vec<_>>();
            own.sort_unstable_by(f64::total_cmp);
            // Whole ranks: the smallest interval of order statistics that leaves no more than half of the rest on each side.
            let tail = ((1.0 - level) / 2.0 * own.len() as f64).floor() as usize;
            [own[tail], own[own.len() - 1 - tail]]
        };
        (0..count).into_par_iter().map(bounds).collect()
    }
}

/// Rank of each number, from 1.
fn ranks(values: &[f64]) -> Vec<u32> {
    let mut order = (0..values.len() as u32).collect::<Vec<_>>();
    order.sort_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
    let mut ranks = vec![0; values.len()];
    order.iter().zip(1..).for_each(|(j, rank)| ranks[*j as usize] = rank);
    ranks
}

/// The multiple of their errors at which intervals of equal groups fail to overlap with the average probability `alpha`.
fn comparison_width(errors: &[f64], alpha: f64) -> f64 {
    let mut sorted = errors.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let shown = sorted.len().min(COMPARED);
    let picked = (0..shown).map(|k| sorted[k * sorted.len() / shown]).collect::<Vec<_>>();
    let ratio = |j: usize, k: usize| (picked[j] + picked[k]) / picked[j].hypot(picked[k]);
    let ratios = (0..shown).flat_map(|j| (0..j).map(move |k| (j, k))).map(|(j, k)| ratio(j, k)).collect::<Vec<_>>();
    let missed = |width: f64| ratios.iter().map(|r| 2.0 * normal_cdf(-width * r)).sum::<f64>() / ratios.len() as f64;
    let (mut low, mut high) = (0.0, 10.0);
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if missed(middle) > alpha { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_errors_are_compared_at_the_known_width() {
        // Goldstein & Healy: 1.39 standard errors at 5 %, which is 1.96/√2.
        assert!((comparison_width(&[0.3; 12], 0.05) - 1.959_963_985 / 2f64.sqrt()).abs() < 1e-8);
    }

    #[test]
    fn ranks_start_at_one() {
        assert_eq!(ranks(&[0.3, -1.0, 2.0]), [2, 1, 3]);
    }
}
