//! The logistic function averaged over a normal: what integrating a random effect out amounts to.

use crate::likelihood::logistic::probability;
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// E σ(η + sZ), and its derivatives, for one SD s, Z ~ N(0, 1).
///
/// The trapezoidal rule on the whole line converges exponentially for functions analytic in a strip; here the strip has half
/// width π/s, and a step of h = ½ min(1, 1/s) leaves an error near exp(−2π²/(s h)) < 1e-17 (Trefethen & Weideman 2014, *SIAM
/// Review* 56:385, theorem 5.1). Gauss-Hermite rules are slow here: their error falls with the square root of the points.
///
/// For large s the two laws change places: with L logistic, σ(η + sZ) is the probability of L < η + sZ, so its average is
/// that of Φ((η + L)/s), whose number of nodes does not grow with s.
#[derive(Debug, Clone)]
pub struct LogisticNormal {
    shifts: Vec<f64>,
    weights: Vec<f64>,
    /// s where the sum runs over the logistic law; `None` where it runs over the normal law.
    over_logistic: Option<f64>,
}

/// Beyond 8.5 the normal density is below 1e-16 of its peak; beyond 40 the logistic one is below 1e-17.
const NORMAL_REACH: f64 = 8.5;
const LOGISTIC_REACH: f64 = 40.0;

/// From this s on, the sum runs over the logistic law.
const LARGE: f64 = 8.0;

/// Step over the logistic law, whose density is analytic within π: an error near exp(−2π²/h) < 1e-17.
const LOGISTIC_STEP: f64 = 0.4;

/// A probability and its derivatives in η and in s².
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marginal {
    /// E σ.
    pub probability: f64,
    /// E σ'.
    pub by_eta: f64,
    /// ½ E σ'', the derivative in s² (heat equation).
    pub by_variance: f64,
}

impl LogisticNormal {
    /// Nodes for SD `s`.
    pub fn new(s: f64) -> Self {
        if s <= 0.0 {
            return Self { shifts: vec![0.0], weights: vec![1.0], over_logistic: None };
        }
        if s > LARGE {
            let density = |x: f64| probability(x) * probability(-x);
            return Self::trapezoid(LOGISTIC_REACH, LOGISTIC_STEP, 1.0, density, Some(s));
        }
        Self::trapezoid(NORMAL_REACH, 0.5 * (1.0 / s).min(1.0), s, |x| (-x * x / 2.0).exp(), None)
    }

    /// Nodes from −reach to reach, weighted by a density and scaled.
    fn trapezoid(reach: f64, step: f64, scale: f64, density: impl Fn(f64) -> f64, over_logistic: Option<f64>) -> Self {
        let half = (reach / step).ceil() as i32;
        let nodes = (-half..=half).map(|k| f64::from(k) * step).collect::<Vec<_>>();
        let total: f64 = nodes.iter().map(|x| density(*x)).sum();
        Self {
            shifts: nodes.iter().map(|x| scale * x).collect(),
            weights: nodes.iter().map(|x| density(*x) / total).collect(),
            over_logistic,
        }
    }

    /// The average at `eta`.
    pub fn at(&self, eta: f64) -> Marginal {
        let mut sum = Marginal { probability: 0.0, by_eta: 0.0, by_variance: 0.0 };
        for (shift, weight) in self.shifts.iter().zip(&self.weights) {
            let term = match self.over_logistic {
                None => logistic_term(eta + shift),
                Some(s) => normal_term((eta + shift) / s, s),
            };
            sum.probability += weight * term.probability;
            sum.by_eta += weight * term.by_eta;
            sum.by_variance += weight * term.by_variance;
        }
        sum
    }
}

/// σ(x), σ'(x) and ½ σ''(x).
fn logistic_term(x: f64) -> Marginal {
    let p = probability(x);
    let slope = p * (1.0 - p);
    Marginal { probability: p, by_eta: slope, by_variance: slope * (0.5 - p) }
}

/// Φ(x) with x = (η + L)/s, and its derivatives in η and s².
fn normal_term(x: f64, s: f64) -> Marginal {
    let normal = Normal::standard();
    let density = normal.pdf(x);
    Marginal { probability: normal.cdf(x), by_eta: density / s, by_variance: -x * density / (2.0 * s * s) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Simpson's rule with a million points as the slow oracle.
    fn brute(eta: f64, s: f64) -> f64 {
        let n = 1_000_000;
        let h = 20.0 / f64::from(n);
        let term = |k: i32| {
            let x = -10.0 + f64::from(k) * h;
            let factor = if k == 0 || k == n { 1.0 } else { f64::from(2 + 2 * (k % 2)) };
            factor * probability(eta + s * x) * (-x * x / 2.0).exp()
        };
        (0..=n).map(term).sum::<f64>() * h / 3.0 / (2.0 * std::f64::consts::PI).sqrt()
    }

    #[test]
    fn agrees_with_brute_force() {
        for (eta, s) in [(0.3, 0.4), (-2.0, 1.0), (1.5, 4.0), (-4.0, 12.0)] {
            assert!((LogisticNormal::new(s).at(eta).probability - brute(eta, s)).abs() < 1e-12, "{eta} {s}");
        }
    }

    #[test]
    fn derivatives_agree_with_differences() {
        for s in [1.3f64, 9.0] {
            derivatives_at(0.7, s, 1e-5 * s);
        }
    }

    fn derivatives_at(eta: f64, s: f64, h: f64) {
        let at = LogisticNormal::new(s).at(eta);
        let by_eta = (LogisticNormal::new(s).at(eta + h).probability - LogisticNormal::new(s).at(eta - h).probability)
            / (2.0 * h);
        let value = |v: f64| LogisticNormal::new(v.sqrt()).at(eta).probability;
        let by_variance = (value(s * s + h) - value(s * s - h)) / (2.0 * h);
        assert!((at.by_eta - by_eta).abs() < 1e-9 && (at.by_variance - by_variance).abs() < 1e-9);
    }

    #[test]
    fn the_two_laws_meet_and_large_spreads_are_cheap() {
        for eta in [-3.0, 0.2, 5.0] {
            let (below, above) =
                (LogisticNormal::new(LARGE).at(eta), LogisticNormal::new(LARGE * (1.0 + 1e-13)).at(eta));
            assert!((below.probability - above.probability).abs() < 1e-10);
            assert!((below.by_variance - above.by_variance).abs() < 1e-11);
        }
        let far = LogisticNormal::new(1e9);
        assert!(far.shifts.len() < 300 && (far.at(1e9).probability - 0.841_344_746).abs() < 1e-8);
    }

    #[test]
    fn no_spread_is_the_plain_logistic() {
        assert!((LogisticNormal::new(0.0).at(0.4).probability - probability(0.4)).abs() < 1e-16);
    }
}
