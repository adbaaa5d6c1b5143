//! The search over ψ = (β, θ) for the smallest deviance D, by the method of the problem.
//!
//! 1. Mode, gradient and a metric B ≈ H⁻¹ at the start.
//! 2. Step −Bg with backtracking; BFGS update of B; until ½ g'Bg is below the tolerance.
//! 3. Exact Hessian. Columns of Λ that have shrunk to nothing are pinned at zero where D agrees, and freed again where the
//!    second derivative there is negative (the escape test).
//! 4. Certificate: ½ g'H⁻¹g over the free parameters, the drop in D that is still to be had. Above the tolerance, go on with
//!    B = H⁻¹.
//!
//! Source: Nocedal & Wright, *Numerical Optimization*, 2nd ed., algorithms 3.1 and 6.1.

use super::metric::Metric;
use crate::error::{Kind, Result};
use crate::likelihood::{
    Curvature, Curved, Gradient, LAST_STEP_GAIN, Mode, Problem, Quadrature, find_mode, gradient, hessian,
};
use crate::settings::Penalty;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// One evaluation of the deviance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// D.
    pub deviance: f64,
    /// Nodes per group that D was computed with; 1 is Laplace's method.
    #[serde(default = "one")]
    pub nodes: usize,
    /// The drop that the metric still promised there, ½ g'Bg; absent where no gradient was taken.
    pub promised: Option<f64>,
    /// Sweeps over the records spent on the mode.
    pub sweeps: usize,
}

fn one() -> usize {
    1
}

/// Where a search starts, and what it takes as given.
#[derive(Clone, Copy)]
pub struct Start<'a> {
    /// β.
    pub beta: &'a [f64],
    /// θ.
    pub theta: &'a [f64],
    /// Where to look for the mode first.
    pub u: &'a [f64],
    /// Positions in (β, θ) that stay where they start: a profile, a hypothesis.
    pub held: &'a [usize],
    /// H, and the tangents of the mode, at a maximum nearby: they spare the search its own at the start.
    pub nearby: Option<&'a Curved>,
}

/// Where the search ended.
pub struct Optimum {
    /// Mode at the final parameters.
    pub mode: Mode,
    /// Gradient there.
    pub gradient: Gradient,
    /// Exact Hessian there, with the tangents of the mode.
    pub curved: Curved,
    /// Which parameters are free (neither held nor pinned at zero).
    pub free: Vec<bool>,
    /// ½ g'H⁻¹g.
    pub certificate: f64,
    /// Whether the certificate is below the tolerance and H is positive definite.
    pub converged: bool,
    /// Parameters that the likelihood does not tell apart: it is flat along a combination of them. Empty if there are none.
    pub flat: Vec<usize>,
    /// Every evaluation.
    pub trace: Vec<Evaluation>,
    /// Steps that were still allowed.
    pub steps_left: usize,
}

impl Optimum {
    /// Cov(β, θ) = 2H⁻¹ over the free parameters, row after row; zero for parameters pinned at the boundary.
    pub fn covariance(&self) -> Vec<f64> {
        let inverse = Metric::new(&self.curved.hessian, &self.free);
        let n = self.free.len();
        (0..n * n).map(|k| 2.0 * inverse.matrix()[(k / n, k % n)]).collect()
    }
}

/// Sufficient decrease (Armijo); the usual small constant.
const DECREASE: f64 = 1e-4;

/// On the way, the mode is found to within this share of the drop that the step promised: D is then off by its square.
const MODE_SHARE: f64 = 1e-3;

/// The loosest mode, for the start and for steps that promise much.
const LOOSE_GAIN: f64 = 1e-4;

/// A mode found this closely can carry a result: its error is near the square, 1e-16.
const SETTLED_GAIN: f64 = 1e-8;

/// After a step that promised more than this, the metric is computed anew: where it was taken, θ was too far from its end for
/// updates to mend it cheaply.
const FAR: f64 = 0.5;

/// The same with several factors, where a metric costs as much as three evaluations, not one.
const FAR_WITH_SEVERAL: f64 = 4.0;

/// Halvings before a direction is given up.
const MOST_HALVINGS: usize = 25;

pub(super) struct Search<'a> {
    pub(super) problem: &'a Problem,
    interrupt: &'a (dyn Fn() -> bool + Sync),
    pub(super) mode: Mode,
    pub(super) gradient: Gradient,
    pub(super) free: Vec<bool>,
    pub(super) held: &'a [usize],
    trace: Vec<Evaluation>,
    pub(super) steps_left: usize,
    /// Tangents of the mode where the metric was last computed: they say where the next mode will be.
    moves: Vec<f64>,
    /// How closely the current mode was found.
    mode_gain: f64,
}

/// Runs the search, to the certificate.
pub fn maximise(
    problem: &Problem,
    start: &Start,
    tolerance: f64,
    max_iterations: usize,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Optimum> {
    Search::begin(problem, start, max_iterations, interrupt)?.run(start.nearby, tolerance)
}

/// Where a search without a certificate ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Climbed {
    /// β.
    pub beta: Vec<f64>,
    /// θ.
    pub theta: Vec<f64>,
    /// The mode.
    pub u: Vec<f64>,
    /// D.
    pub deviance: f64,
    /// Which parameters are free (neither held nor pinned at zero).
    pub free: Vec<bool>,
    /// Whether the drop still promised is below the tolerance.
    pub converged: bool,
    /// Evaluations of D.
    pub evaluations: usize,
}

/// Runs the search without exact Hessians at its end: for the many refits of a bootstrap or a profile, whose covariance nobody
/// reads. Columns of Λ that vanish are pinned as in [`maximise`]; one that should leave zero again is not looked for.
pub fn climb(
    problem: &Problem,
    start: &Start,
    tolerance: f64,
    max_iterations: usize,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Climbed> {
    Search::begin(problem, start, max_iterations, interrupt)?.climb(start.nearby, tolerance)
}

impl<'a> Search<'a> {
    fn begin(
        problem: &'a Problem,
        start: &Start<'a>,
        max_iterations: usize,
        interrupt: &'a (dyn Fn() -> bool + Sync),
    ) -> Result<Self> {
        let gain = loosest(problem);
        let mode = find_mode(problem, start.beta, start.theta, start.u, gain, interrupt)?;
        let first = gradient(problem, &mode);
        let trace = vec![evaluation(problem, &mode)];
        let mut free = vec![true; problem.parameters()];
        start.held.iter().for_each(|&k| free[k] = false);
        Ok(Self {
            problem,
            interrupt,
            mode,
            gradient: first,
            free,
            held: start.held,
            trace,
            steps_left: max_iterations,
            moves: Vec::new(),
            mode_gain: gain,
        })
    }
}

impl Search<'_> {
    fn run(mut self, nearby: Option<&Curved>, tolerance: f64) -> Result<Optimum> {
        let mut metric = self.first_metric(nearby);
        loop {
            let moved = self.descend(&mut metric, tolerance)?;
            let pinned = self.pin_vanished()?;
            self.settle_mode()?;
            let curved = hessian(self.problem, &self.mode, &self.gradient, Curvature::Exact);
            let escaped = self.escape(&curved.hessian)?;
            // After an escape H belongs to the point that was left; it still serves as a metric for the way from there.
            metric = Metric::new(&curved.hessian, &self.free);
            let certificate = metric.promised_drop(&self.gradient.value);
            let settled = certificate < tolerance && metric.was_positive;
            let stuck = self.steps_left == 0 || (!moved && !pinned);
            if !escaped && (settled || stuck) {
                return Ok(Optimum {
                    mode: self.mode,
                    gradient: self.gradient,
                    curved,
                    free: self.free,
                    certificate,
                    converged: settled,
                    flat: metric.flat,
                    trace: self.trace,
                    steps_left: self.steps_left,
                });
            }
        }
    }

    /// Descends, pins what vanished, and descends again while that moved anything.
    fn climb(mut self, nearby: Option<&Curved>, tolerance: f64) -> Result<Climbed> {
        let mut metric = self.first_metric(nearby);
        loop {
            let moved = self.descend(&mut metric, tolerance)?;
            let pinned = self.pin_vanished()?;
            let promised = metric.promised_drop(&self.gradient.value);
            if self.steps_left == 0 || !pinned {
                let converged = promised < tolerance;
                if !converged && moved && self.steps_left > 0 {
                    metric = self.fresh_metric();
                    continue;
                }
                self.settle_mode()?;
                let Mode { beta, theta, u, deviance, .. } = self.mode;
                let evaluations = self.trace.len();
                return Ok(Climbed { beta, theta, u, deviance, free: self.free, converged, evaluations });
            }
            metric = self.fresh_metric();
        }
    }

    fn first_metric(&mut self, nearby: Option<&Curved>) -> Metric {
        let Some(curved) = nearby else { return self.fresh_metric() };
        self.moves.clone_from(&curved.moves);
        Metric::new(&curved.hessian, &self.free)
    }

    fn fresh_metric(&mut self) -> Metric {
        let curved = hessian(self.problem, &self.mode, &self.gradient, Curvature::Metric);
        self.moves = curved.moves;
        Metric::new(&curved.hessian, &self.free)
    }

    /// The mode to expect after a change of parameters, to first order.
    fn expected_mode(&self, beta: &[f64], theta: &[f64]) -> Vec<f64> {
        if self.moves.is_empty() {
            return self.mode.u.clone();
        }
        let change = |new: &[f64], old: &[f64]| new.iter().zip(old).map(|(a, b)| a - b).collect::<Vec<_>>();
        let mut by = change(beta, &self.mode.beta);
        by.extend(change(theta, &self.mode.theta));
        let moved = |(u, row): (&f64, &[f64])| u + row.iter().zip(&by).map(|(m, d)| m * d).sum::<f64>();
        let rows = self.moves.par_chunks_exact(by.len());
        self.mode.u.par_iter().zip(rows).with_min_len(4_096).map(moved).collect()
    }

    /// Finds the current mode as closely as a result needs it, if it was not.
    fn settle_mode(&mut self) -> Result<()> {
        if self.mode_gain > SETTLED_GAIN {
            let (beta, theta) = (self.mode.beta.clone(), self.mode.theta.clone());
            if let Some(mode) = self.evaluate(&beta, &theta, 0.0)? {
                self.accept(mode, LAST_STEP_GAIN);
            }
        }
        Ok(())
    }

    /// The mode at new parameters; `promised` is the drop that the step there promises.
    pub(super) fn evaluate(&mut self, beta: &[f64], theta: &[f64], promised: f64) -> Result<Option<Mode>> {
        let start = self.expected_mode(beta, theta);
        match find_mode(self.problem, beta, theta, &start, self.gain_after(promised), self.interrupt) {
            Ok(mode) => {
                self.problem.board.evaluated(mode.deviance);
                self.trace.push(evaluation(self.problem, &mode));
                Ok(Some(mode))
            }
            // A step into overflow is a step too long.
            Err(e) if e.kind() == Kind::Fit => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// How closely to find the mode after a step that promised this drop.
    fn gain_after(&self, promised: f64) -> f64 {
        (promised * MODE_SHARE).clamp(LAST_STEP_GAIN, loosest(self.problem))
    }

    pub(super) fn accept(&mut self, mode: Mode, mode_gain: f64) {
        self.gradient = gradient(self.problem, &mode);
        self.mode = mode;
        self.mode_gain = mode_gain;
    }

    /// Quasi-Newton steps until the promised drop is below the tolerance; whether anything moved.
    fn descend(&mut self, metric: &mut Metric, tolerance: f64) -> Result<bool> {
        let mut moved = false;
        let several = self.problem.groupings.len() > 1 && self.problem.quadrature.is_none();
        let far = if several { FAR_WITH_SEVERAL } else { FAR };
        loop {
            let promised = metric.promised_drop(&self.gradient.value);
            self.problem.board.promised(promised);
            if let Some(last) = self.trace.last_mut() {
                last.promised = Some(promised);
            }
            // A tenth of the tolerance: the metric is only near the inverse Hessian that signs the certificate.
            if promised < tolerance / 10.0 || self.steps_left == 0 || !self.step(metric, promised)? {
                return Ok(moved);
            }
            moved = true;
            if promised > far {
                *metric = self.fresh_metric();
            }
        }
    }

    /// One step with backtracking; `false` when no step along the direction lowers D.
    fn step(&mut self, metric: &mut Metric, promised: f64) -> Result<bool> {
        self.steps_left -= 1;
        let p = self.problem.coefficients();
        let direction = metric.times(&self.gradient.value);
        let before = (self.mode.beta.clone(), self.mode.theta.clone(), self.mode.deviance, self.gradient.value.clone());
        let rounding = 1e-13 * before.2.abs();
        let mut scale = self.longest_step(&direction);
        for _ in 0..MOST_HALVINGS {
            let beta = shifted(&before.0, &direction[..p], scale);
            let theta = shifted(&before.1, &direction[p..], scale);
            if let Some(mode) = self.evaluate(&beta, &theta, promised)? {
                if mode.deviance <= before.2 - DECREASE * scale * 2.0 * promised + rounding {
                    self.accept(mode, self.gain_after(promised));
                    let s = direction.iter().map(|d| -scale * d).collect::<Vec<_>>();
                    let y = self.gradient.value.iter().zip(&before.3).map(|(a, b)| a - b).collect::<Vec<_>>();
                    metric.update(&s, &y);
                    return Ok(true);
                }
                // Minimum of the parabola through D, its slope and the trial, kept within a tenth and a half.
                let slope = -2.0 * promised * scale;
                let fitted = -slope / (2.0 * (mode.deviance - before.2 - slope));
                scale *= if fitted.is_finite() { fitted.clamp(0.1, 0.5) } else { 0.5 };
            } else {
                scale *= 0.25;
            }
        }
        Ok(false)
    }

    /// At most one, and such that no effect's SD on the linear predictor changes by more than one and a half: the quadratic
    /// model of D in θ is poor beyond that.
    fn longest_step(&self, direction: &[f64]) -> f64 {
        let p = self.problem.coefficients();
        let entries = self.problem.theta.entries.iter().zip(&direction[p..]);
        let change = entries.map(|(e, d)| (d * self.problem.unit(e.grouping, e.row)).abs()).fold(0.0f64, f64::max);
        if change > 1.5 { 1.5 / change } else { 1.0 }
    }
}

fn evaluation(problem: &Problem, mode: &Mode) -> Evaluation {
    let nodes = problem.quadrature.as_ref().map_or(1, Quadrature::nodes);
    Evaluation { deviance: mode.deviance, nodes, promised: None, sweeps: mode.sweeps }
}

/// The loosest mode of a problem. D is at its smallest in u and forgives a mode that is only near; a penalty is not.
fn loosest(problem: &Problem) -> f64 {
    if problem.theta.is_empty() || problem.penalty != Penalty::None { LAST_STEP_GAIN } else { LOOSE_GAIN }
}

fn shifted(x: &[f64], direction: &[f64], scale: f64) -> Vec<f64> {
    x.iter().zip(direction).map(|(x, d)| x - scale * d).collect()
}
