//! The logistic function averaged over a normal: what integrating a random effect out amounts to.

use crate::likelihood::logistic::probability;

/// E σ(η + sZ), and its derivatives, for one SD s, Z ~ N(0, 1).
///
/// The trapezoidal rule on the whole line converges exponentially for functions analytic in a strip; here the strip has half
/// width π/s, and a step of h = ½ min(1, 1/s) leaves an error near exp(−2π²/(s h)) < 1e-17 (Trefethen & Weideman 2014, *SIAM
/// Review* 56:385, theorem 5.1). Gauss-Hermite rules are slow here: their error falls with the square root of the points.
#[derive(Debug, Clone)]
pub struct LogisticNormal {
    shifts: Vec<f64>,
    weights: Vec<f64>,
}

/// Beyond 8.5 the normal density is below 1e-16 of its peak.
const REACH: f64 = 8.5;

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
            return Self { shifts: vec![0.0], weights: vec![1.0] };
        }
        let step = 0.5 * (1.0 / s).min(1.0);
        let half = (REACH / step).ceil() as i32;
        let nodes = (-half..=half).map(|k| f64::from(k) * step);
        let mut weights = nodes.clone().map(|x| (-x * x / 2.0).exp()).collect::<Vec<_>>();
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= total);
        Self { shifts: nodes.map(|x| s * x).collect(), weights }
    }

    /// The average at `eta`.
    pub fn at(&self, eta: f64) -> Marginal {
        let mut sum = Marginal { probability: 0.0, by_eta: 0.0, by_variance: 0.0 };
        for (shift, weight) in self.shifts.iter().zip(&self.weights) {
            let p = probability(eta + shift);
            let slope = p * (1.0 - p);
            sum.probability += weight * p;
            sum.by_eta += weight * slope;
            sum.by_variance += weight * slope * (0.5 - p);
        }
        sum
    }
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
        let (eta, s, h) = (0.7, 1.3f64, 1e-5);
        let at = LogisticNormal::new(s).at(eta);
        let by_eta = (LogisticNormal::new(s).at(eta + h).probability - LogisticNormal::new(s).at(eta - h).probability)
            / (2.0 * h);
        let value = |v: f64| LogisticNormal::new(v.sqrt()).at(eta).probability;
        let by_variance = (value(s * s + h) - value(s * s - h)) / (2.0 * h);
        assert!((at.by_eta - by_eta).abs() < 1e-9 && (at.by_variance - by_variance).abs() < 1e-9);
    }

    #[test]
    fn no_spread_is_the_plain_logistic() {
        assert!((LogisticNormal::new(0.0).at(0.4).probability - probability(0.4)).abs() < 1e-16);
    }
}
