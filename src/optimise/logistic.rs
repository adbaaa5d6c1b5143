//! The plain logistic regression of the same rows: the start of the search, and the whole fit without random effects.
//!
//! With Jeffreys' penalty the score becomes X'(g + h∘(½ − p)), hᵢ = Wᵢ xᵢ'(X'WX)⁻¹xᵢ (Firth 1993; Heinze & Schemper 2002), and the
//! value gains ½ log|X'WX|.

use crate::error::{Error, Kind, Result};
use crate::likelihood::{Problem, logistic::probabilities};
use crate::settings::Penalty;
use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

/// Fit without random effects.
#[derive(Debug, Clone)]
pub struct PlainFit {
    /// β.
    pub beta: Vec<f64>,
    /// log-likelihood, constants included; plus the penalty, if there is one.
    pub log_likelihood: f64,
    /// Whether the fit proves that nothing is separated: see `Cells::overlap`.
    pub overlap: bool,
}

/// Outcomes summed over records with the same linear predictor.
struct Cells {
    y: Vec<f64>,
    m: Vec<f64>,
    offset: Option<Vec<f64>>,
    by_pattern: bool,
    penalised: bool,
}

/// Separated coefficients move by about one per step and are harmless beyond thirty.
const MOST_STEPS: usize = 60;

/// Newton is quadratic: when the next step would gain less than this, what is left after it is near the square.
const LAST_STEP_GAIN: f64 = 1e-6;

/// With a penalty the metric is not quite the Hessian and convergence is linear: what is left is of the order of the last step.
const LAST_PENALISED_GAIN: f64 = 1e-13;

/// Residuals below this may be rounding, and prove nothing.
const ROUNDING: f64 = 1e-10;

/// Newton's method with step halving.
pub fn fit_plain(problem: &Problem, interrupt: &(dyn Fn() -> bool + Sync)) -> Result<PlainFit> {
    let cells = Cells::new(problem);
    let mut beta = vec![0.0; problem.coefficients()];
    let last_gain = if cells.penalised { LAST_PENALISED_GAIN } else { LAST_STEP_GAIN };
    let (mut value, mut mu) = cells.value(problem, &beta);
    let mut last = false;
    let mut overlap = false;
    let mut steps = 0;
    while !last && steps < MOST_STEPS {
        if interrupt() {
            return Err(Error::new(Kind::Interrupted, "interrupted", "the fit was interrupted"));
        }
        let Some((step, gain)) = cells.newton_step(problem, &mu) else { break };
        last = gain < last_gain;
        overlap = last && !cells.penalised && cells.overlap(&mu, gain);
        let mut scale = 1.0;
        loop {
            let trial = beta.iter().zip(step.iter()).map(|(b, d)| b + scale * d).collect::<Vec<_>>();
            let (next, next_mu) = cells.value(problem, &trial);
            if next >= value - 1e-13 * value.abs() {
                (beta, value, mu) = (trial, next, next_mu);
                break;
            }
            scale /= 2.0;
            if scale < 1e-8 {
                last = true;
                break;
            }
        }
        steps += 1;
    }
    Ok(PlainFit { beta, log_likelihood: value + problem.outcome.constant, overlap })
}

/// The Cholesky factor of a matrix scaled to unit diagonal, so that a covariate's unit does not matter.
struct Factor {
    scale: DVector<f64>,
    cholesky: Cholesky<f64, Dyn>,
}

impl Factor {
    fn new(matrix: &DMatrix<f64>) -> Option<Self> {
        let scale = matrix.diagonal().map(|d| 1.0 / d.sqrt());
        let scaled = DMatrix::from_fn(scale.len(), scale.len(), |i, j| matrix[(i, j)] * scale[i] * scale[j]);
        Some(Self { scale, cholesky: scaled.cholesky()? })
    }

    fn solve(&self, b: &DVector<f64>) -> DVector<f64> {
        self.cholesky.solve(&b.component_mul(&self.scale)).component_mul(&self.scale)
    }

    fn log_det(&self) -> f64 {
        let diagonal = self.cholesky.l_dirty().diagonal();
        2.0 * (diagonal.iter().map(|x| x.ln()).sum::<f64>() - self.scale.iter().map(|x| x.ln()).sum::<f64>())
    }
}

fn solve(information: &DMatrix<f64>, score: &DVector<f64>) -> Option<DVector<f64>> {
    let step = Factor::new(information)?.solve(score);
    step.iter().all(|x| x.is_finite()).then_some(step)
}

/// x'(X'WX)⁻¹x of every pattern.
fn quadratic_forms(problem: &Problem, information: &DMatrix<f64>) -> Option<Vec<f64>> {
    let factor = Factor::new(information)?;
    let mut row = DVector::zeros(problem.coefficients());
    let form = |pattern| {
        problem.x.write_row(pattern, row.as_mut_slice());
        row.dot(&factor.solve(&row))
    };
    Some((0..problem.x.patterns).map(form).collect())
}

impl Cells {
    fn new(problem: &Problem) -> Self {
        let outcome = &problem.outcome;
        let penalised = problem.penalty != Penalty::None;
        match &problem.offset {
            // Without an offset a pattern has one linear predictor, so its records can be summed.
            None => Self {
                y: problem.x.by_pattern(&outcome.successes),
                m: problem.x.by_pattern(&outcome.trials),
                offset: None,
                by_pattern: true,
                penalised,
            },
            Some(offset) => Self {
                y: outcome.successes.clone(),
                m: outcome.trials.clone(),
                offset: Some(offset.clone()),
                by_pattern: false,
                penalised,
            },
        }
    }

    /// The Newton step at fitted probabilities `mu`, and what a quadratic log-likelihood would gain by it.
    fn newton_step(&self, problem: &Problem, mu: &[f64]) -> Option<(DVector<f64>, f64)> {
        let w = mu.iter().zip(&self.m).map(|(p, m)| m * p * (1.0 - p)).collect::<Vec<_>>();
        let mut g = mu.iter().zip(&self.y).zip(&self.m).map(|((p, y), m)| y - m * p).collect::<Vec<_>>();
        let information = problem.x.gram(&self.sum(problem, &w));
        if self.penalised {
            let q = quadratic_forms(problem, &information)?;
            let of = |k: usize| q[if self.by_pattern { k } else { problem.x.pattern(k) }];
            (0..g.len()).for_each(|k| g[k] += w[k] * of(k) * (0.5 - mu[k]));
        }
        let score = problem.x.transpose_times(&self.sum(problem, &g));
        let step = solve(&information, &score)?;
        let gain = score.dot(&step) / 2.0;
        Some((step, gain))
    }

    /// Whether fitted probabilities and what the next Newton step would gain prove that no direction separates.
    ///
    /// Along a direction d of separation, with t = |x'd|, cells with events and non-events have t = 0, and in every other cell
    /// the residual r = |y − mp| pulls the same way: d'(score) = Σ rt. There W ≤ r, so by Cauchy and Schwarz, with
    /// λ² = score' (X'WX)⁻¹ score = 2 gain,
    ///
    /// ```text
    /// Σ rt = d'(score) ≤ λ √(Σ Wt²) ≤ λ √(max t · Σ rt),   so   min r · max t ≤ Σ rt ≤ λ² max t
    /// ```
    ///
    /// and a smallest residual above λ² leaves no such d. Near a finite maximum λ² is as good as zero; the check costs one look
    /// at each cell. It settles nearly every fit, and the others are for [`super::find_separation`].
    fn overlap(&self, mu: &[f64], gain: f64) -> bool {
        let one_sided = (0..mu.len()).filter(|&k| self.y[k] <= 0.0 || self.y[k] >= self.m[k]);
        let smallest = one_sided.map(|k| (self.y[k] - self.m[k] * mu[k]).abs()).fold(f64::INFINITY, f64::min);
        smallest > (4.0 * gain).max(ROUNDING)
    }

    /// What is maximised, without constant, and p per cell.
    fn value(&self, problem: &Problem, beta: &[f64]) -> (f64, Vec<f64>) {
        let fixed = problem.x.times(beta);
        let mut eta = match &self.offset {
            None => fixed,
            Some(offset) => offset.iter().enumerate().map(|(i, o)| fixed[problem.x.pattern(i)] + o).collect(),
        };
        let mut value = probabilities(&mut eta, &self.y, &self.m);
        if self.penalised {
            let w = eta.iter().zip(&self.m).map(|(p, m)| m * p * (1.0 - p)).collect::<Vec<_>>();
            let factor = Factor::new(&problem.x.gram(&self.sum(problem, &w)));
            value += factor.map_or(f64::NEG_INFINITY, |f| f.log_det() / 2.0);
        }
        (value, eta)
    }

    fn sum(&self, problem: &Problem, per_cell: &[f64]) -> Vec<f64> {
        if self.by_pattern { per_cell.to_vec() } else { problem.x.by_pattern(per_cell) }
    }
}
