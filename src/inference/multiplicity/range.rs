//! The range of k independent standard normal variables: the studentised range with infinite degrees of freedom.
//!
//! ```text
//! P(range > q) = 1 − k ∫ φ(x) [Φ(x) − Φ(x − q)]^(k−1) dx
//!              = k ∫ φ(x) { Φ(x)^(k−1) − [Φ(x) − Φ(x − q)]^(k−1) } dx
//! ```
//!
//! The second form keeps its digits in the tail: the integrand is a difference of powers, (a − b) Σ aⁱbʲ, with
//! a − b = Φ(x − q). Source: Tukey (1953); Hochberg & Tamhane (1987), *Multiple Comparison Procedures*, appendix 2.

use super::quantile_of;
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// Half-width of the integral, beyond which φ is below 1e-40.
const EDGE: f64 = 13.5;

/// Steps of the trapezoidal rule, which is exponentially accurate for a smooth integrand that vanishes at both ends.
const STEPS: usize = 540;

/// P(range of k > q).
pub(super) fn upper_tail(q: f64, k: usize) -> f64 {
    if q.is_nan() || k < 2 {
        return f64::NAN;
    }
    let normal = Normal::standard();
    let power = k - 1;
    let step = 2.0 * EDGE / STEPS as f64;
    let integrand = |i: usize| {
        let x = -EDGE + i as f64 * step;
        let (a, gap) = (normal.cdf(x), normal.cdf(x - q));
        let b = a - gap;
        let sum: f64 = (0..power).map(|j| a.powi(j as i32) * b.powi((power - 1 - j) as i32)).sum();
        normal.pdf(x) * gap * sum
    };
    (k as f64 * step * (0..=STEPS).map(integrand).sum::<f64>()).clamp(0.0, 1.0)
}

/// The q with P(range ≤ q) = level.
pub(super) fn quantile(level: f64, k: usize) -> f64 {
    quantile_of(level, |q| upper_tail(q, k))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inference::normal::two_sided_p;

    #[test]
    fn as_in_r() {
        // R 4.2.2: ptukey(q, k, Inf, lower.tail = FALSE) and qtukey(0.95, k, Inf).
        for (q, k, p) in
            [(3.0, 3, 0.085_542_571_654_957), (4.0, 5, 0.037_696_068_220_099), (6.0, 10, 0.000_921_515_303_877)]
        {
            let found = upper_tail(q, k);
            assert!((found - p).abs() < 1e-9, "{q} {k} {found}");
        }
        assert!((quantile(0.95, 3) - 3.314_493_157_553).abs() < 1e-8, "{}", quantile(0.95, 3));
    }

    #[test]
    fn two_levels_are_one_comparison_also_far_out() {
        for z in [0.1, 1.0, 3.0, 6.0, 9.0] {
            let (found, expected) = (upper_tail(z * 2f64.sqrt(), 2), two_sided_p(z));
            assert!((found / expected - 1.0).abs() < 1e-9, "{z} {found} {expected}");
        }
    }
}
