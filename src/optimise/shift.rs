//! How far the next rule would move a result: one look at the optimum, without another search.

use super::ladder;
use super::metric::Metric;
use super::search::Optimum;
use crate::error::Result;
use crate::likelihood::{
    Expansion, LAST_STEP_GAIN, Mode, Problem, Quadrature, Series, expand, expand_exactly, find_mode, gradient,
};
use crate::settings::{LARGE_MOVE, STILL_LOG_LIKELIHOOD, STILL_MOVE};
use serde::{Deserialize, Serialize};

/// What the next rule would do to a result, to first order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shift {
    /// Points that the result was computed with.
    pub points: usize,
    /// Points of the next rule; absent where the comparison is with the second-order terms of Laplace's method.
    pub next: Option<usize>,
    /// Change of the maximised log-likelihood.
    pub log_likelihood: f64,
    /// Its Monte Carlo standard error; zero where nothing was drawn.
    pub error: f64,
    /// Change of each parameter, in standard errors; zero for one pinned at zero. Empty where it was too costly to find.
    pub moves: Vec<f64>,
}

impl Shift {
    /// The parameter that would move most, and by how many standard errors.
    pub fn largest(&self) -> Option<(usize, f64)> {
        self.moves.iter().copied().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()))
    }

    /// Whether nothing moves more than `points="auto"` allows, with so many independent groups.
    pub fn is_still(&self, groups: usize) -> bool {
        self.log_likelihood.abs() <= STILL_LOG_LIKELIHOOD * groups as f64
            && self.largest().is_none_or(|(_, by)| by.abs() <= STILL_MOVE)
    }

    /// Whether some parameter moves so far that a reader should know.
    pub fn is_large(&self) -> bool {
        self.largest().is_some_and(|(_, by)| by.abs() > LARGE_MOVE)
    }
}

/// D and its gradient at an optimum, by some rule.
pub(super) struct Look {
    deviance: f64,
    gradient: Vec<f64>,
}

impl Look {
    /// By the rule that the optimum was found with.
    pub(super) fn own(optimum: &Optimum) -> Self {
        Self { deviance: optimum.mode.deviance, gradient: optimum.gradient.value.clone() }
    }

    /// By another rule at the same parameters; `None` where its value is not finite. Problem and optimum keep their own.
    pub(super) fn with(problem: &mut Problem, rule: &Quadrature, optimum: &mut Optimum) -> Option<Self> {
        let own = problem.quadrature.replace(rule.clone());
        let mode = &mut optimum.mode;
        let (deviance, weights, slopes) =
            (mode.deviance, std::mem::take(&mut mode.weights), std::mem::take(&mut mode.slopes));
        mode.measure_again(problem);
        let look = mode
            .deviance
            .is_finite()
            .then(|| Self { deviance: mode.deviance, gradient: gradient(problem, mode).value });
        (mode.deviance, mode.weights, mode.slopes) = (deviance, weights, slopes);
        problem.quadrature = own;
        look
    }

    /// With the second-order terms of Laplace's method, at an optimum by it; `None` where they are not known without draws, or
    /// too large to be near the integral.
    fn with_series(problem: &Problem, optimum: &Optimum) -> Option<Self> {
        let series = expand_exactly(problem, &optimum.mode, &optimum.gradient).filter(Series::is_trusted)?;
        let own = Self::own(optimum);
        let gradient = own.gradient.iter().zip(&series.gradient).map(|(d, e)| d - 2.0 * e).collect();
        Some(Self { deviance: own.deviance - 2.0 * series.value, gradient })
    }

    /// What changes from this rule to `next`: a Newton step for the difference of the gradients, and the drop of D that it
    /// brings on top of the difference of the values.
    pub(super) fn shift(&self, next: &Self, optimum: &Optimum, points: usize, to: Option<usize>) -> Shift {
        let metric = Metric::new(&optimum.curved.hessian, &optimum.free);
        let slope = next.gradient.iter().zip(&self.gradient).map(|(a, b)| a - b).collect::<Vec<_>>();
        let by = metric.promised_drop(&slope);
        Shift {
            points,
            next: to,
            log_likelihood: f64::midpoint(self.deviance - next.deviance, by),
            error: 0.0,
            moves: in_errors(&metric, &metric.times(&slope)),
        }
    }
}

/// A step −x in standard errors, √(2H⁻¹).
fn in_errors(metric: &Metric, x: &[f64]) -> Vec<f64> {
    let error = |k: usize| (2.0 * metric.matrix()[(k, k)]).sqrt();
    let of = |(k, x): (usize, &f64)| if error(k) > 0.0 { -x / error(k) } else { 0.0 };
    x.iter().enumerate().map(of).collect()
}

/// Looks beyond a rule; `None` where there is nothing to look at.
///
/// From Laplace's method, at its second-order terms where they are cheap and small: they cost a gradient, a rule costs its nodes
/// times that. Else at the next rule; where there are no rules, at the second-order terms by draws.
pub(super) fn look_ahead(
    problem: &mut Problem,
    optimum: &mut Optimum,
    points: usize,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Shift>> {
    if problem.theta.is_empty() || !optimum.converged {
        return Ok(None);
    }
    if points == 1
        && let Some(next) = Look::with_series(problem, optimum)
    {
        return Ok(Some(Look::own(optimum).shift(&next, optimum, points, None)));
    }
    if let Some((to, rule)) = ladder::next(problem, points) {
        let next = Look::with(problem, &rule, optimum);
        return Ok(next.map(|next| Look::own(optimum).shift(&next, optimum, points, Some(to))));
    }
    if points > 1 {
        return Ok(None);
    }
    beyond_laplace(problem, optimum, interrupt).map(Some)
}

/// Numbers touched by all draws together: about a hundredth of a second.
const DRAWN_NUMBERS: usize = 2_000_000;

/// Draws, at least and at most, whatever the size.
const DRAWS: (usize, usize) = (16, 512);

/// Draws that show how many are wanted.
const FIRST_DRAWS: usize = 8;

/// Monte Carlo error that is wanted, as a share of the terms: what is reported is how far Laplace's method is off.
const WANTED_ERROR: f64 = 0.02;

/// Moves of parameters take a few modes more; they are found up to these numbers of records and of trailing effects.
const MOST_RECORDS: usize = 20_000;
const MOST_TRAILING: usize = 200;

/// Half the distance over which the second-order terms are differenced, in standard errors.
const DISTANCE: f64 = 0.1;

/// The second-order terms of Laplace's method. Their slope is taken along each θ with β following, so δ = −H⁻¹(0; slope): what
/// the coefficients move by is what they owe to the variances.
fn beyond_laplace(problem: &Problem, optimum: &Optimum, interrupt: &(dyn Fn() -> bool + Sync)) -> Result<Shift> {
    let trailing = problem.layout.trailing;
    let size = problem.layout.cell_count() + problem.layout.effects() + problem.layout.fronts.len();
    let most = (DRAWN_NUMBERS / size).clamp(DRAWS.0, DRAWS.1);
    let expand_by = |draws: usize| expand(problem, &optimum.mode, &optimum.gradient, draws);
    let first = expand_by(FIRST_DRAWS);
    let draws = wanted(&first).clamp(FIRST_DRAWS, most);
    let here = if draws > FIRST_DRAWS { expand_by(draws) } else { first };
    let mut shift = Shift { points: 1, next: None, log_likelihood: here.value, error: here.error, moves: Vec::new() };
    if problem.rows() > MOST_RECORDS || trailing > MOST_TRAILING {
        return Ok(shift);
    }
    let metric = Metric::new(&optimum.curved.hessian, &optimum.free);
    let p = problem.coefficients();
    let mut slope = vec![0.0; problem.parameters()];
    for k in p..problem.parameters() {
        if !optimum.free[k] {
            continue;
        }
        let step = DISTANCE * (2.0 * metric.matrix()[(k, k)]).sqrt();
        let at = |by: f64| -> Result<f64> {
            let mode = shifted(problem, optimum, &metric, k, by, interrupt)?;
            Ok(expand(problem, &mode, &gradient(problem, &mode), draws).value)
        };
        slope[k] = -(at(step)? - at(-step)?) / step;
    }
    shift.moves = in_errors(&metric, &metric.times(&slope));
    shift.log_likelihood += metric.promised_drop(&slope) / 2.0;
    Ok(shift)
}

/// Draws after which the error is as small as wanted. What is squared is a sum over all records, so nearly normal, and its
/// square has a standard deviation of √2 times its mean.
fn wanted(first: &Expansion) -> usize {
    let draws = 2.0 * (first.drawn / (WANTED_ERROR * first.value)).powi(2);
    if draws.is_finite() { draws.ceil() as usize } else { usize::MAX }
}

/// The mode where θ_k is changed, the other θ are not, and β follows.
fn shifted(
    problem: &Problem,
    optimum: &Optimum,
    metric: &Metric,
    k: usize,
    by: f64,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Mode> {
    let p = problem.coefficients();
    let free = (p..problem.parameters()).filter(|&l| optimum.free[l]).collect::<Vec<_>>();
    let variance = nalgebra::DMatrix::from_fn(free.len(), free.len(), |a, b| metric.matrix()[(free[a], free[b])]);
    let unit = nalgebra::DVector::from_fn(free.len(), |a, _| f64::from(u8::from(free[a] == k)));
    let along = variance.lu().solve(&unit).unwrap_or(unit);
    let follow = |c: usize| free.iter().zip(along.iter()).map(|(&l, x)| metric.matrix()[(c, l)] * x).sum::<f64>();
    let beta = optimum.mode.beta.iter().enumerate().map(|(c, b)| b + by * follow(c)).collect::<Vec<_>>();
    let mut theta = optimum.mode.theta.clone();
    theta[k - p] += by;
    find_mode(problem, &beta, &theta, &optimum.mode.u, LAST_STEP_GAIN, interrupt)
}
