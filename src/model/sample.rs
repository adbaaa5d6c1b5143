//! The data of a fit while they are at hand: what refits of the same model start from. Never saved.

use super::prepare::Prepared;
use crate::coding::ResponseSpec;
use crate::likelihood::{Curved, Problem};
use crate::optimise::{Optimum, Start};
use crate::simulate::{outcome, stream};
use rayon::prelude::*;
use std::fmt;

/// Tangents of the modes are kept for warm starts while they are this few numbers.
const MOST_TANGENTS: usize = 8_000_000;

/// Coded data in kernel order, and the optimum that was found on them.
///
/// θ and u are as the search left them: a column of Λ may have the other sign than in [`super::Fit`], where diagonals are made
/// positive. Σ and everything that follows from it are the same.
pub struct Sample {
    /// The formula's model on the analysed rows, with the method of integration of the fit.
    pub problem: Problem,
    /// Analysed rows of the frame, in kernel order.
    pub rows: Vec<u32>,
    /// Rows of the frame.
    pub frame_rows: usize,
    /// What an event is.
    pub response: ResponseSpec,
    /// β.
    pub beta: Vec<f64>,
    /// θ.
    pub theta: Vec<f64>,
    /// u at the mode.
    pub u: Vec<f64>,
    /// D.
    pub deviance: f64,
    /// H there, with the tangents of the mode unless they are too many.
    pub curved: Curved,
}

impl fmt::Debug for Sample {
    /// Its size alone: the rows are people's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sample").field("rows", &self.rows.len()).finish_non_exhaustive()
    }
}

impl Sample {
    /// Keeps what refits need.
    pub(super) fn new(prepared: Prepared, optimum: Optimum, frame_rows: usize) -> Self {
        let Optimum { mode, mut curved, .. } = optimum;
        if curved.moves.len() > MOST_TANGENTS {
            curved.moves = Vec::new();
        }
        Self {
            problem: prepared.problem,
            rows: prepared.rows,
            frame_rows,
            response: prepared.response,
            beta: mode.beta,
            theta: mode.theta,
            u: mode.u,
            deviance: mode.deviance,
            curved,
        }
    }

    /// A refit starts at the optimum, with what is known there; `held` are positions in (β, θ) that stay.
    pub fn start<'a>(&'a self, held: &'a [usize]) -> Start<'a> {
        Start { beta: &self.beta, theta: &self.theta, u: &self.u, held, nearby: Some(&self.curved) }
    }

    /// Events drawn from the fitted model, new effects for every group, in the order of the analysed rows of the frame: one
    /// vector per replicate of `seed`.
    pub fn draw(&self, seed: u64, replicates: usize) -> Vec<Vec<f64>> {
        let lambda = self.problem.theta.lambda(&self.theta);
        let order = self.frame_order();
        let one = |replicate: usize| {
            let mut rng = stream(seed, replicate as u64);
            let y = outcome(&self.problem, &self.beta, &lambda, &mut rng);
            order.iter().map(|&k| y[k]).collect()
        };
        (0..replicates).into_par_iter().map(one).collect()
    }

    /// Kernel positions of the analysed rows, in the order of the frame.
    pub fn frame_order(&self) -> Vec<usize> {
        let mut order = (0..self.rows.len()).collect::<Vec<_>>();
        order.sort_unstable_by_key(|&k| self.rows[k]);
        order
    }

    /// Which rows of the frame were analysed.
    pub fn used(&self) -> Vec<bool> {
        let mut used = vec![false; self.frame_rows];
        self.rows.iter().for_each(|&i| used[i as usize] = true);
        used
    }
}
