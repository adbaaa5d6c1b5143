//! The plain logistic regression of the same rows: the start of the search, and the whole fit without random effects.

use crate::error::{Error, Kind, Result};
use crate::likelihood::{Problem, logistic::probabilities};
use nalgebra::{DMatrix, DVector};

/// Maximum-likelihood fit without random effects.
#[derive(Debug, Clone)]
pub struct PlainFit {
    /// β.
    pub beta: Vec<f64>,
    /// log-likelihood, constants included.
    pub log_likelihood: f64,
}

/// Outcomes summed over records with the same linear predictor.
struct Cells {
    y: Vec<f64>,
    m: Vec<f64>,
    offset: Option<Vec<f64>>,
    by_pattern: bool,
}

/// Separated coefficients move by about one per step and are harmless beyond thirty.
const MOST_STEPS: usize = 60;

/// Newton is quadratic: when the next step would gain less than this, what is left after it is near the square.
const LAST_STEP_GAIN: f64 = 1e-6;

/// Newton's method with step halving.
pub fn fit_plain(problem: &Problem, interrupt: &(dyn Fn() -> bool + Sync)) -> Result<PlainFit> {
    let cells = Cells::new(problem);
    let mut beta = vec![0.0; problem.coefficients()];
    let (mut value, mut mu) = cells.value(problem, &beta);
    let mut last = false;
    let mut steps = 0;
    while !last && steps < MOST_STEPS {
        if interrupt() {
            return Err(Error::new(Kind::Interrupted, "interrupted", "the fit was interrupted"));
        }
        let Some((step, gain)) = cells.newton_step(problem, &mu) else { break };
        last = gain < LAST_STEP_GAIN;
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
    Ok(PlainFit { beta, log_likelihood: value + problem.outcome.constant })
}

/// Solves by Cholesky on the matrix scaled to unit diagonal, so that a covariate's unit does not matter.
fn solve(information: &DMatrix<f64>, score: &DVector<f64>) -> Option<DVector<f64>> {
    let scale = information.diagonal().map(|d| 1.0 / d.sqrt());
    let scaled = DMatrix::from_fn(score.len(), score.len(), |i, j| information[(i, j)] * scale[i] * scale[j]);
    let step = scaled.cholesky()?.solve(&score.component_mul(&scale)).component_mul(&scale);
    step.iter().all(|x| x.is_finite()).then_some(step)
}

impl Cells {
    fn new(problem: &Problem) -> Self {
        let outcome = &problem.outcome;
        match &problem.offset {
            // Without an offset a pattern has one linear predictor, so its records can be summed.
            None => Self {
                y: problem.x.by_pattern(&outcome.successes),
                m: problem.x.by_pattern(&outcome.trials),
                offset: None,
                by_pattern: true,
            },
            Some(offset) => Self {
                y: outcome.successes.clone(),
                m: outcome.trials.clone(),
                offset: Some(offset.clone()),
                by_pattern: false,
            },
        }
    }

    /// The Newton step at fitted probabilities `mu`, and what a quadratic log-likelihood would gain by it.
    fn newton_step(&self, problem: &Problem, mu: &[f64]) -> Option<(DVector<f64>, f64)> {
        let w = mu.iter().zip(&self.m).map(|(p, m)| m * p * (1.0 - p)).collect::<Vec<_>>();
        let g = mu.iter().zip(&self.y).zip(&self.m).map(|((p, y), m)| y - m * p).collect::<Vec<_>>();
        let score = problem.x.transpose_times(&self.sum(problem, &g));
        let step = solve(&problem.x.gram(&self.sum(problem, &w)), &score)?;
        let gain = score.dot(&step) / 2.0;
        Some((step, gain))
    }

    /// Log-likelihood without constant, and p per cell.
    fn value(&self, problem: &Problem, beta: &[f64]) -> (f64, Vec<f64>) {
        let fixed = problem.x.times(beta);
        let mut eta = match &self.offset {
            None => fixed,
            Some(offset) => offset.iter().enumerate().map(|(i, o)| fixed[problem.x.pattern(i)] + o).collect(),
        };
        let value = probabilities(&mut eta, &self.y, &self.m);
        (value, eta)
    }

    fn sum(&self, problem: &Problem, per_cell: &[f64]) -> Vec<f64> {
        if self.by_pattern { per_cell.to_vec() } else { problem.x.by_pattern(per_cell) }
    }
}
