//! The Kolmogorov–Smirnov test of uniformity.

use nalgebra::DMatrix;
use std::f64::consts::PI;

/// Below this many observations the distribution is exact, above it is the limit (as R's ks.test does).
const EXACT: usize = 100;

/// The largest distance between the empirical distribution and that of U(0, 1).
pub fn kolmogorov_statistic(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let gap = |(i, x): (usize, &f64)| (x - i as f64 / n).max((i as f64 + 1.0) / n - x);
    sorted.iter().enumerate().map(gap).fold(0.0, f64::max)
}

/// P(D ≥ d) for `n` independent uniform observations.
pub fn kolmogorov_p(d: f64, n: usize) -> f64 {
    if d.is_nan() || n == 0 {
        return f64::NAN;
    }
    let below = if n < EXACT { exact(d, n) } else { limit(d * (n as f64).sqrt()) };
    (1.0 - below).clamp(0.0, 1.0)
}

/// P(D < d): n!/nⁿ times an entry of the n-th power of Durbin's matrix (Marsaglia, Tsang & Wang 2003, *J Stat Softw* 8:18). For
/// n below 100 no power leaves the range of a float.
fn exact(d: f64, n: usize) -> f64 {
    let k = (n as f64 * d).floor() as usize + 1;
    let m = 2 * k - 1;
    let h = k as f64 - n as f64 * d;
    let factorial = |j: usize| (1..=j).map(|i| i as f64).product::<f64>();
    let mut matrix = DMatrix::<f64>::from_fn(m, m, |i, j| if i + 1 >= j { 1.0 } else { 0.0 });
    for i in 0..m {
        matrix[(i, 0)] -= h.powi(i as i32 + 1);
        matrix[(m - 1, i)] -= h.powi((m - i) as i32);
    }
    if 2.0 * h > 1.0 {
        matrix[(m - 1, 0)] += (2.0 * h - 1.0).powi(m as i32);
    }
    for i in 0..m {
        for j in 0..=(i + 1).min(m - 1) {
            matrix[(i, j)] /= factorial(i + 1 - j);
        }
    }
    let mut power = DMatrix::<f64>::identity(m, m);
    // A factor i/n with each multiplication keeps the entries near one.
    for i in 1..=n {
        power = &power * &matrix * (i as f64 / n as f64);
    }
    power[(k - 1, k - 1)]
}

/// The limit of P(√n D < x), by the series that converges faster.
fn limit(x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x < 1.0 {
        let term = |k: i32| (-(2.0 * f64::from(k) - 1.0).powi(2) * PI * PI / (8.0 * x * x)).exp();
        return (1..=20).map(term).sum::<f64>() * (2.0 * PI).sqrt() / x;
    }
    let term = |k: i32| (if k % 2 == 1 { 2.0 } else { -2.0 }) * (-2.0 * f64::from(k * k) * x * x).exp();
    1.0 - (1..=20).map(term).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `ks` in tests/reference/inference/fit.json.
    #[test]
    fn the_test_is_that_of_r() {
        let powers = |n: u32, power: f64| (1..=n).map(|i| (f64::from(i) / f64::from(n + 1)).powf(power)).collect();
        // R breaks the series of the limit off at 1e-6; here it leaves out a second term of 7.1e-7.
        let cases: [(Vec<f64>, f64, f64, f64); 3] = [
            (vec![0.1, 0.2, 0.55], 0.466_666_666_666_7, 0.415_111_111_111_1, 1e-9),
            (powers(50, 1.3), 0.104_855_610_720_3, 0.604_281_953_267_2, 1e-9),
            (powers(150, 1.2), 0.069_703_076_926_89, 0.459_739_139_407_5, 1e-6),
        ];
        for (values, statistic, p, bound) in cases {
            let d = kolmogorov_statistic(&values);
            let found = kolmogorov_p(d, values.len());
            assert!((d - statistic).abs() < 1e-11 && (found - p).abs() < bound, "{d} {found}");
        }
    }

    #[test]
    fn one_and_two_observations_by_hand() {
        // n = 1: D < d means 1 − d < x < d.
        assert!((kolmogorov_p(0.7, 1) - 0.6).abs() < 1e-14);
        // n = 2, d = 1/2: sorted x₁ in (0, 1/2), x₂ in (1/2, 1), an area of 2 · 1/4.
        assert!((kolmogorov_p(0.5, 2) - 0.5).abs() < 1e-14);
    }

    #[test]
    fn exact_and_limit_meet() {
        for d in [0.08, 0.12, 0.16] {
            assert!((1.0 - exact(d, 99) - (1.0 - limit(d * 99f64.sqrt()))).abs() < 0.03, "{d}");
        }
        assert!((limit(1.0 - 1e-12) - limit(1.0)).abs() < 1e-10);
    }

    #[test]
    fn the_statistic_is_the_largest_gap() {
        assert!((kolmogorov_statistic(&[0.5, 0.1]) - 0.5).abs() < 1e-15);
        assert!((kolmogorov_statistic(&[0.25, 0.75]) - 0.25).abs() < 1e-15);
    }
}
