//! Observed against predicted risk, in groups of like predictions.

use crate::error::{Error, Kind, Result};
use crate::inference::forecasts::Forecasts;
use crate::inference::normal::two_sided;

/// A group of records with like predicted risks.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// Trials.
    pub n: f64,
    /// Events.
    pub events: f64,
    /// Mean predicted risk.
    pub predicted: f64,
    /// Share of events.
    pub observed: f64,
    /// Lower bound of the share (Wilson 1927, *JASA* 22:209).
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
}

/// Groups of about equally many trials, lowest risks first. Equal risks stay together, so there can be fewer than `count`.
pub fn bins(forecasts: &Forecasts, count: usize, level: f64) -> Result<Vec<Bin>> {
    let z = two_sided(level)?;
    if count < 2 {
        let message = format!("{count} group is nothing to compare; ask for at least 2, usually 10");
        return Err(Error::new(Kind::Option, "too-few-bins", message));
    }
    let mut order = (0..forecasts.len()).collect::<Vec<_>>();
    order.sort_unstable_by(|&a, &b| forecasts.risk[a].total_cmp(&forecasts.risk[b]));
    let ends = quantiles(forecasts, &order, count);
    let mut sums = vec![(0.0, 0.0, 0.0); count];
    for &i in &order {
        let bin = ends.partition_point(|end| *end < forecasts.risk[i]).min(count - 1);
        let (n, y, p) = &mut sums[bin];
        *n += forecasts.trials[i];
        *y += forecasts.events[i];
        *p += forecasts.trials[i] * forecasts.risk[i];
    }
    let there = sums.into_iter().filter(|(n, _, _)| *n > 0.0);
    Ok(there.map(|(n, events, expected)| bin(n, events, expected, z)).collect())
}

fn bin(n: f64, events: f64, expected: f64, z: f64) -> Bin {
    let share = events / n;
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    Bin { n, events, predicted: expected / n, observed: share, lower: middle - half, upper: middle + half }
}

/// Upper ends of all groups but the last: quantiles k/count of the risks, each as often as it has trials, interpolated between
/// order statistics (the definition most programs share; Hyndman & Fan 1996, type 7).
fn quantiles(forecasts: &Forecasts, order: &[usize], count: usize) -> Vec<f64> {
    let total: f64 = forecasts.trials.iter().sum();
    let mut ends = Vec::with_capacity(count - 1);
    let (mut at, mut passed) = (0, forecasts.trials[order[0]]);
    for k in 1..count {
        let place = (total - 1.0) * k as f64 / count as f64;
        let whole = place.floor();
        while passed <= whole && at + 1 < order.len() {
            at += 1;
            passed += forecasts.trials[order[at]];
        }
        let low = forecasts.risk[order[at]];
        let next = if passed > whole + 1.0 { at } else { (at + 1).min(order.len() - 1) };
        let high = forecasts.risk[order[next]];
        ends.push(low + (place - whole) * (high - low));
    }
    ends
}
