//! The second-order terms for any structure, the sum over pairs of records by draws.
//!
//! 6cᵢⱼ³ is the covariance of H(xᵢ) and H(xⱼ), H(x) = x³ − 3ax, for x = M(u − û) under Laplace's method, so the sum is
//! ¹⁄₇₂ E (Σᵢ W₁H(xᵢ))², a mean over draws that come with their own error.

use crate::likelihood::laplace::Gradient;
use crate::likelihood::mode::Mode;
use crate::likelihood::problem::Problem;
use crate::likelihood::weights::Weights;
use rayon::prelude::*;

/// What was left out.
#[derive(Debug, Clone, Copy)]
pub struct Expansion {
    /// The sum of the terms.
    pub value: f64,
    /// The last of them, the mean over draws.
    pub drawn: f64,
    /// Its Monte Carlo standard error.
    pub error: f64,
}

/// What the terms need of a cell, whose records share a and x: Σ W₁, Σ W₂, and a.
struct Sums {
    w1: f64,
    w2: f64,
    a: f64,
}

/// The terms at a mode; `gradient` is that of Laplace's method there. The draws are the same for the same number of them.
pub fn expand(problem: &Problem, mode: &Mode, gradient: &Gradient, draws: usize) -> Expansion {
    let cells = sums(problem, mode, gradient);
    let mv = times_m(problem, mode, &gradient.v);
    let terms = cells.iter().zip(&mv).map(|(cell, mv)| (cell.w1 * cell.a * mv - cell.w2 * cell.a * cell.a) / 8.0);
    let exact: f64 = terms.sum();
    let square = |draw: usize| {
        let mut generator = Generator::new(draw as u64);
        let mut u = (0..problem.layout.effects()).map(|_| generator.normal()).collect::<Vec<_>>();
        mode.colour(problem, &mut u);
        let x = times_m(problem, mode, &u);
        let sum: f64 = x.iter().zip(&cells).map(|(x, cell)| cell.w1 * x * (x * x - 3.0 * cell.a)).sum();
        sum * sum / 72.0
    };
    let squares = (0..draws).into_par_iter().map(square).collect::<Vec<_>>();
    let n = draws as f64;
    let mean = squares.iter().sum::<f64>() / n;
    let variance = squares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    Expansion { value: exact + mean, drawn: mean, error: (variance / n).sqrt() }
}

/// The sums of each cell, in order.
fn sums(problem: &Problem, mode: &Mode, gradient: &Gradient) -> Vec<Sums> {
    let cells = (0..problem.layout.levels()).flat_map(|j| problem.layout.cells(j));
    let sums = cells.map(|records| {
        let mut sums = Sums { w1: 0.0, w2: 0.0, a: gradient.leverage[records.start] };
        for i in records {
            let record = Weights::at(problem, mode, i);
            sums.w1 += record.w1;
            sums.w2 += record.w2;
        }
        sums
    });
    sums.collect()
}

/// M times a vector over effects, per cell.
fn times_m(problem: &Problem, mode: &Mode, u: &[f64]) -> Vec<f64> {
    let mut m = vec![0.0; problem.row_width()];
    let mut out = Vec::with_capacity(problem.layout.cell_count());
    for j in 0..problem.layout.levels() {
        for cell in problem.layout.cells(j) {
            problem.write_m(&mode.lambda, cell.start, &mut m);
            out.push(problem.m_times(&m, cell.start, j, u));
        }
    }
    out
}

/// Independent numbers from a seed: splitmix64 (Steele et al. 2014, *OOPSLA*).
struct Generator {
    state: u64,
    spare: Option<f64>,
}

impl Generator {
    fn new(seed: u64) -> Self {
        Self { state: seed.wrapping_mul(0xD134_2543_DE82_EF95), spare: None }
    }

    /// Uniform above 0, up to 1.
    fn uniform(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.state;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (((x ^ (x >> 31)) >> 11) as f64 + 1.0) / 9_007_199_254_740_992.0
    }

    /// Standard normal, two at a time (Box & Muller 1958).
    fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let radius = (-2.0 * self.uniform().ln()).sqrt();
        let (sine, cosine) = (std::f64::consts::TAU * self.uniform()).sin_cos();
        self.spare = Some(radius * sine);
        radius * cosine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_draws_are_standard_normal() {
        let draws = (0..200).flat_map(|seed| {
            let mut generator = Generator::new(seed);
            (0..500).map(move |_| generator.normal())
        });
        let draws = draws.collect::<Vec<f64>>();
        let moment = |k: i32| draws.iter().map(|x| x.powi(k)).sum::<f64>() / draws.len() as f64;
        assert!(moment(1).abs() < 0.01 && (moment(2) - 1.0).abs() < 0.02);
        assert!(moment(3).abs() < 0.05 && (moment(4) - 3.0).abs() < 0.1);
    }
}
