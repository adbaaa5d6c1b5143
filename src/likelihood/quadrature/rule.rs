//! The Gauss–Hermite rule for N(0, I).

use nalgebra::DMatrix;

/// Nodes and weights of a product rule; the first effect varies fastest.
#[derive(Debug, Clone)]
pub(in crate::likelihood) struct Rule {
    /// Points per effect.
    pub(in crate::likelihood) points: usize,
    /// Effects per group, κ.
    pub(in crate::likelihood) width: usize,
    /// z, effect after effect, a number per node.
    pub(in crate::likelihood) z: Vec<Vec<f64>>,
    /// log wₖ + ‖zₖ‖²/2: weights far out are below the smallest number, these are not.
    pub(in crate::likelihood) log_weights: Vec<f64>,
}

impl Rule {
    /// `points` points for each of `width` effects.
    pub(in crate::likelihood) fn new(points: usize, width: usize) -> Self {
        let line = roots(points);
        let log_weights = line.iter().map(|&x| log_weight(points, x)).collect::<Vec<_>>();
        let count = points.pow(width as u32);
        let digit = |k: usize, a: usize| k / points.pow(a as u32) % points;
        Self {
            points,
            width,
            z: (0..width).map(|a| (0..count).map(|k| line[digit(k, a)]).collect()).collect(),
            log_weights: (0..count).map(|k| (0..width).map(|a| log_weights[digit(k, a)]).sum()).collect(),
        }
    }

    /// Number of nodes, K.
    pub(in crate::likelihood) fn count(&self) -> usize {
        self.log_weights.len()
    }
}

/// Hermite functions ψ₀ … ψₙ at x: the orthonormal polynomials of N(0, 1) times exp(−x²/4), which keeps them near 1.
fn functions(n: usize, x: f64) -> Vec<f64> {
    let mut psi = vec![(-x * x / 4.0).exp()];
    for k in 0..n {
        let before = if k == 0 { 0.0 } else { (k as f64).sqrt() * psi[k - 1] };
        psi.push((x * psi[k] - before) / ((k + 1) as f64).sqrt());
    }
    psi
}

/// log w + x²/2 at a root x, by the Christoffel numbers 1/w = Σ h². A sum of squares: no digit of a small weight is lost.
fn log_weight(n: usize, x: f64) -> f64 {
    -functions(n - 1, x).iter().map(|psi| psi * psi).sum::<f64>().ln()
}

/// Newton steps from eigenvalues: they are near rounding already.
const POLISH: usize = 3;

/// Roots of the n-th polynomial, ascending and exactly symmetric: the eigenvalues of the Jacobi matrix (Golub & Welsch 1969,
/// *Math Comp* 23:221), polished.
fn roots(n: usize) -> Vec<f64> {
    let jacobi = DMatrix::from_fn(n, n, |i, j| if i.abs_diff(j) == 1 { (i.max(j) as f64).sqrt() } else { 0.0 });
    let mut x = jacobi.symmetric_eigenvalues().as_slice().to_vec();
    x.sort_by(f64::total_cmp);
    for root in &mut x {
        for _ in 0..POLISH {
            let psi = functions(n, *root);
            // hₙ' = √n hₙ₋₁
            *root -= psi[n] / ((n as f64).sqrt() * psi[n - 1]);
        }
    }
    (0..n).map(|i| (x[i] - x[n - 1 - i]) / 2.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_rules_are_the_known_ones() {
        let weight = |rule: &Rule, k: usize| (rule.log_weights[k] - rule.z[0][k] * rule.z[0][k] / 2.0).exp();
        let (one, two, three) = (Rule::new(1, 1), Rule::new(2, 1), Rule::new(3, 1));
        assert!(one.z[0][0].abs() < 1e-300 && (weight(&one, 0) - 1.0).abs() < 1e-15);
        assert!((two.z[0][1] - 1.0).abs() < 1e-15 && (weight(&two, 0) - 0.5).abs() < 1e-15);
        assert!((three.z[0][2] - 3f64.sqrt()).abs() < 1e-15 && three.z[0][1].abs() < 1e-300);
        assert!((weight(&three, 0) - 1.0 / 6.0).abs() < 1e-15 && (weight(&three, 1) - 2.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn polynomials_up_to_degree_2n_minus_1_are_integrated_exactly() {
        for n in [1, 2, 3, 4, 7, 12, 25, 50, 99, 100] {
            let x = roots(n);
            let psi = x.iter().map(|&x| functions(n - 1, x)).collect::<Vec<_>>();
            for a in 0..n {
                for b in 0..=a {
                    let sum: f64 = (0..n).map(|k| log_weight(n, x[k]).exp() * psi[k][a] * psi[k][b]).sum();
                    assert!(
                        (sum - f64::from(u8::from(a == b))).abs() < 1e-12,
                        "{n} points, degrees {a} and {b}: {sum}"
                    );
                }
            }
        }
    }

    #[test]
    fn products_integrate_products() {
        let rule = Rule::new(4, 3);
        assert_eq!(rule.count(), 64);
        let moment = |powers: [i32; 3]| -> f64 {
            let node = |k: usize| (0..3).map(|a| rule.z[a][k].powi(powers[a])).product::<f64>();
            let square = |k: usize| (0..3).map(|a| rule.z[a][k] * rule.z[a][k]).sum::<f64>();
            (0..64).map(|k| (rule.log_weights[k] - square(k) / 2.0).exp() * node(k)).sum()
        };
        assert!((moment([0, 0, 0]) - 1.0).abs() < 1e-14);
        assert!((moment([2, 4, 6]) - 45.0).abs() < 1e-11 && moment([1, 2, 4]).abs() < 1e-13);
    }
}
