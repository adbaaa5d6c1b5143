//! Observed against expected events by group, with the limits within which chance alone would keep them.

use super::draws::Parameters;
use super::estimate::{check_converged, quantile};
use super::logistic_normal::LogisticNormal;
use super::normal::two_sided;
use crate::error::Result;
use crate::model::{Fit, Sample};

/// One group.
#[derive(Debug, Clone, PartialEq)]
pub struct FunnelRow {
    /// Group.
    pub level: String,
    /// Records, or trials.
    pub n: f64,
    /// Events.
    pub observed: f64,
    /// Events expected of its people in the average over groups.
    pub expected: f64,
    /// Observed over expected.
    pub ratio: f64,
    /// E²/V, the inverse variance of the ratio if the group were like the average.
    pub precision: f64,
    /// (O − E)/√V, divided by √φ where limits are widened.
    pub z: f64,
    /// Limits of the ratio at the two levels: lower and upper of the first, then of the second.
    pub limits: [f64; 4],
}

/// Rows of a funnel plot (Spiegelhalter 2005, *Stat Med* 24:1185): E = Σ m p with p the risk with the random effects
/// integrated out, V = Σ m p(1 − p), limits 1 ± z√V/E at two levels. `overdispersed` widens them by √φ, φ the mean of z²
/// after the outer tenths of z were brought in to their edges (at least 1), for many groups that differ a little.
pub fn funnel(
    fit: &Fit,
    sample: &Sample,
    grouping: &str,
    levels: [f64; 2],
    overdispersed: bool,
) -> Result<(Vec<FunnelRow>, f64)> {
    check_converged(fit)?;
    let g = fit.grouping(grouping)?;
    let normal = [two_sided(levels[0])?, two_sided(levels[1])?];
    let (risk, problem) = (risks(fit, sample), &sample.problem);
    let count = fit.groupings[g].levels.len();
    let mut sums = vec![[0.0; 4]; count];
    for (i, p) in risk.iter().enumerate() {
        let (m, y) = (problem.outcome.trials[i], problem.outcome.successes[i]);
        let cell = &mut sums[problem.groupings[g].codes[i] as usize];
        [m, y, m * p, m * p * (1.0 - p)].iter().zip(cell).for_each(|(x, sum)| *sum += x);
    }
    let scores = sums.iter().map(|[_, y, e, v]| (y - e) / v.sqrt()).collect::<Vec<_>>();
    let dispersion = if overdispersed { dispersion(&scores) } else { 1.0 };
    let row = |(j, [n, observed, expected, variance]): (usize, &[f64; 4])| {
        let spread = (variance * dispersion).sqrt() / expected;
        let limit = |z: f64| [(1.0 - z * spread).max(0.0), 1.0 + z * spread];
        let ([a, b], [c, d]) = (limit(normal[0]), limit(normal[1]));
        FunnelRow {
            level: fit.groupings[g].levels[j].clone(),
            n: *n,
            observed: *observed,
            expected: *expected,
            ratio: observed / expected,
            precision: expected * expected / variance,
            z: scores[j] / dispersion.sqrt(),
            limits: [a, b, c, d],
        }
    };
    Ok((sums.iter().enumerate().map(row).collect(), dispersion))
}

/// The risk of every record of the sample, random effects integrated out.
fn risks(fit: &Fit, sample: &Sample) -> Vec<f64> {
    let problem = &sample.problem;
    let (fixed, lambda) = (problem.x.times(&fit.beta), Parameters::of(fit).lambda(fit));
    let mut m = vec![0.0; problem.row_width()];
    let mut last: Option<(f64, LogisticNormal)> = None;
    let risk = |i: usize| {
        problem.write_m(&lambda, i, &mut m);
        let variance = m.iter().map(|x| x * x).sum::<f64>();
        if last.as_ref().is_none_or(|(v, _)| v.to_bits() != variance.to_bits()) {
            last = Some((variance, LogisticNormal::new(variance.sqrt())));
        }
        let eta = fixed[problem.x.pattern(i)] + problem.offset.as_ref().map_or(0.0, |o| o[i]);
        last.as_ref().map_or(f64::NAN, |(_, rule)| rule.at(eta).probability)
    };
    (0..problem.rows()).map(risk).collect()
}

fn dispersion(scores: &[f64]) -> f64 {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let (low, high) = (quantile(&sorted, 0.1), quantile(&sorted, 0.9));
    let square: f64 = scores.iter().map(|z| z.clamp(low, high).powi(2)).sum();
    (square / scores.len() as f64).max(1.0)
}
