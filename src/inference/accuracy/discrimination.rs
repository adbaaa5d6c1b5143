//! The area under the ROC curve: over all pairs, within locations, and between them.
//!
//! A pair is an event and a non-event; it is concordant if the event had the higher risk, half if the risks are equal. With cᵢ
//! what the other side contributes to record i (events of lower, or non-events of higher rank), for E events, N non-events,
//!
//! ```text
//! A = Σ eᵢcᵢ / EN,   DeLong: V = Σ eᵢ(cᵢ/N − A)² / E(E − 1) + Σ nᵢ(cᵢ/E − A)² / N(N − 1)
//! ```
//!
//! (DeLong, DeLong & Clarke-Pearson 1988, *Biometrics* 44:837). Records of one location are not independent; clustered errors
//! add up each location's terms first (Obuchowski 1997, *Biometrics* 53:567). Within and between locations: Van Oirbeek &
//! Lesaffre (2010), *Stat Med* 29:3160.

use crate::error::Result;
use crate::inference::forecasts::Forecasts;
use crate::inference::normal::two_sided;

/// An area with its interval.
#[derive(Debug, Clone, PartialEq)]
pub struct Auc {
    /// `overall`, `within` or `between`.
    pub scope: &'static str,
    /// `records` (DeLong) or `locations` (clustered).
    pub independent: &'static str,
    /// Pairs of an event and a non-event.
    pub pairs: f64,
    /// Share of them that is concordant.
    pub auc: f64,
    /// Standard error; NaN from fewer than two independent units.
    pub std_error: f64,
    /// Lower bound, at least 0.
    pub lower: f64,
    /// Upper bound, at most 1.
    pub upper: f64,
}

/// Records of one comparison, with what the other side contributes to each.
struct Ranked {
    events: f64,
    nonevents: f64,
    /// Per record: non-events ranked below it, as seen by its events.
    below: Vec<f64>,
    /// Per record: events ranked above it, as seen by its non-events.
    above: Vec<f64>,
}

impl Ranked {
    fn pairs(&self) -> f64 {
        self.events * self.nonevents
    }
}

/// The area over all pairs, by DeLong and with locations as units; then within and between locations. Without locations the
/// first alone.
pub fn discrimination(forecasts: &Forecasts, level: f64) -> Result<Vec<Auc>> {
    let z = two_sided(level)?;
    let all = (0..forecasts.len()).collect::<Vec<_>>();
    let whole = ranked(forecasts, &all);
    let mut rows = vec![delong(forecasts, &whole, z)];
    if !forecasts.place.is_empty() {
        let own = within(forecasts);
        rows.extend(clustered(forecasts, &whole, &own, z));
    }
    Ok(rows)
}

/// The overall area alone.
pub(super) fn area(forecasts: &Forecasts) -> f64 {
    let whole = ranked(forecasts, &(0..forecasts.len()).collect::<Vec<_>>());
    concordant(forecasts, &whole) / whole.pairs()
}

fn concordant(forecasts: &Forecasts, ranked: &Ranked) -> f64 {
    forecasts.events.iter().zip(&ranked.below).map(|(e, c)| e * c).sum()
}

fn nonevents(forecasts: &Forecasts, i: usize) -> f64 {
    forecasts.trials[i] - forecasts.events[i]
}

/// Ranks the records of `of` among themselves; the others have zeros.
fn ranked(forecasts: &Forecasts, of: &[usize]) -> Ranked {
    let risk = |i: usize| forecasts.logit[i];
    let mut order = of.to_vec();
    order.sort_unstable_by(|&a, &b| risk(a).total_cmp(&risk(b)));
    let events: f64 = of.iter().map(|&i| forecasts.events[i]).sum();
    let others: f64 = of.iter().map(|&i| nonevents(forecasts, i)).sum();
    let mut out =
        Ranked { events, nonevents: others, below: vec![0.0; forecasts.len()], above: vec![0.0; forecasts.len()] };
    fill(forecasts, &order, (events, others), &mut out.below, &mut out.above);
    out
}

/// Walks up the ranks, tie by tie.
fn fill(forecasts: &Forecasts, order: &[usize], totals: (f64, f64), below: &mut [f64], above: &mut [f64]) {
    let same = |a: usize, b: usize| forecasts.logit[a].total_cmp(&forecasts.logit[b]).is_eq();
    let (mut lower_events, mut lower_others) = (0.0, 0.0);
    for tie in order.chunk_by(|&a, &b| same(a, b)) {
        let events: f64 = tie.iter().map(|&i| forecasts.events[i]).sum();
        let others: f64 = tie.iter().map(|&i| nonevents(forecasts, i)).sum();
        for &i in tie {
            below[i] = lower_others + others / 2.0;
            above[i] = totals.0 - lower_events - events / 2.0;
        }
        lower_events += events;
        lower_others += others;
    }
}

fn delong(forecasts: &Forecasts, whole: &Ranked, z: f64) -> Auc {
    let (e, n) = (whole.events, whole.nonevents);
    let auc = concordant(forecasts, whole) / whole.pairs();
    let square = |x: f64| (x - auc) * (x - auc);
    let by_events: f64 = (0..forecasts.len()).map(|i| forecasts.events[i] * square(whole.below[i] / n)).sum();
    let by_others: f64 = (0..forecasts.len()).map(|i| nonevents(forecasts, i) * square(whole.above[i] / e)).sum();
    let variance = by_events / (e * (e - 1.0)) + by_others / (n * (n - 1.0));
    area_of("overall", "records", whole.pairs(), auc, variance, z)
}

fn area_of(scope: &'static str, independent: &'static str, pairs: f64, auc: f64, variance: f64, z: f64) -> Auc {
    let std_error = if variance.is_finite() { variance.sqrt() } else { f64::NAN };
    let (lower, upper) = ((auc - z * std_error).max(0.0), (auc + z * std_error).min(1.0));
    let bound = |x: f64| if std_error.is_nan() { f64::NAN } else { x };
    Auc { scope, independent, pairs, auc, std_error, lower: bound(lower), upper: bound(upper) }
}

/// One location's records ranked among themselves.
struct Place {
    events: f64,
    nonevents: f64,
    concordant: f64,
}

fn within(forecasts: &Forecasts) -> Vec<Place> {
    let mut members = vec![Vec::new(); forecasts.places()];
    forecasts.place.iter().enumerate().for_each(|(i, &g)| members[g as usize].push(i));
    let (mut below, mut above) = (vec![0.0; forecasts.len()], vec![0.0; forecasts.len()]);
    let place = |of: &mut Vec<usize>| {
        of.sort_unstable_by(|&a, &b| forecasts.logit[a].total_cmp(&forecasts.logit[b]));
        let events: f64 = of.iter().map(|&i| forecasts.events[i]).sum();
        let others: f64 = of.iter().map(|&i| nonevents(forecasts, i)).sum();
        fill(forecasts, of, (events, others), &mut below, &mut above);
        let concordant = of.iter().map(|&i| forecasts.events[i] * below[i]).sum();
        Place { events, nonevents: others, concordant }
    };
    members.iter_mut().map(place).collect()
}

/// Areas with locations as the independent units: the variance of a ratio of sums over them, to first order.
fn clustered(forecasts: &Forecasts, whole: &Ranked, places: &[Place], z: f64) -> [Auc; 3] {
    let mut seen = vec![0.0; places.len()];
    for (i, &g) in forecasts.place.iter().enumerate() {
        seen[g as usize] += forecasts.events[i] * whole.below[i] + nonevents(forecasts, i) * whole.above[i];
    }
    let pairs = whole.pairs();
    let total = concordant(forecasts, whole);
    let own_pairs: f64 = places.iter().map(|p| p.events * p.nonevents).sum();
    let own: f64 = places.iter().map(|p| p.concordant).sum();
    let count = places.iter().filter(|p| p.events + p.nonevents > 0.0).count() as f64;
    let spread = |terms: Vec<f64>, pairs: f64| {
        count / (count - 1.0) * terms.iter().map(|t| t * t).sum::<f64>() / (pairs * pairs)
    };
    // Pairs in which a location's events, or its non-events, take part; those within it count once for each.
    let met = |p: &Place| p.events * whole.nonevents + p.nonevents * whole.events;
    let auc = total / pairs;
    let overall = places.iter().zip(&seen).map(|(p, s)| s - auc * met(p)).collect();
    let inner = own / own_pairs;
    let inside = places.iter().map(|p| p.concordant - inner * p.events * p.nonevents).collect();
    let outer = (total - own) / (pairs - own_pairs);
    let across = places
        .iter()
        .zip(&seen)
        .map(|(p, s)| (s - 2.0 * p.concordant) - outer * (met(p) - 2.0 * p.events * p.nonevents));
    let across = across.collect();
    [
        area_of("overall", "locations", pairs, auc, spread(overall, pairs), z),
        area_of("within", "locations", own_pairs, inner, spread(inside, own_pairs), z),
        area_of("between", "locations", pairs - own_pairs, outer, spread(across, pairs - own_pairs), z),
    ]
}
