//! W of a record, its derivatives by η, and g: what every derivative of the likelihood is made of.

use super::mode::Mode;
use super::problem::Problem;

/// With p the probability, m the trials and y the events of a record.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights {
    /// W = mp(1 − p).
    pub(super) w: f64,
    /// dW/dη.
    pub(super) w1: f64,
    /// d²W/dη².
    pub(super) w2: f64,
    /// d³W/dη³.
    pub(super) w3: f64,
    /// y − mp.
    pub(super) g: f64,
}

impl Weights {
    /// Of a record with probability `p`. What the caller does not read is not computed: this is always inlined.
    #[expect(clippy::inline_always, reason = "a few multiplications, of which each caller needs some")]
    #[inline(always)]
    pub(super) fn new(p: f64, events: f64, trials: f64) -> Self {
        let expected = trials * p;
        let (w, spread) = (expected * (1.0 - p), p * (1.0 - p));
        let w1 = w * (1.0 - 2.0 * p);
        Self { w, w1, w2: w * (1.0 - 6.0 * spread), w3: w1 * (1.0 - 12.0 * spread), g: events - expected }
    }

    /// Of record `i` at a mode.
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    pub(super) fn at(problem: &Problem, mode: &Mode, i: usize) -> Self {
        Self::new(mode.at.mu[i], problem.outcome.successes[i], problem.outcome.trials[i])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_the_slope_of_the_one_before() {
        let at = |eta: f64| Weights::new(1.0 / (1.0 + (-eta).exp()), 2.0, 5.0);
        for eta in [-3.0, -0.4, 0.0, 1.7] {
            let h = 1e-4;
            let (low, here, high) = (at(eta - h), at(eta), at(eta + h));
            let near = |slope: f64, a: f64, b: f64| assert!((slope - (b - a) / (2.0 * h)).abs() < 1e-7, "{eta}");
            near(-here.w, low.g, high.g);
            near(here.w1, low.w, high.w);
            near(here.w2, low.w1, high.w1);
            near(here.w3, low.w2, high.w2);
        }
    }
}
