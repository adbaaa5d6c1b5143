//! One refit with parameters held, started from where the path points.

use super::tied::{Tie, climb_tied};
use super::turned::Turned;
use crate::error::{Error, Kind, Result};
use crate::inference::quantities::Quantity;
use crate::likelihood::{Curved, Problem};
use crate::model::{Fit, Sample};
use crate::optimise::{Metric, Start, climb};
use nalgebra::{DMatrix, DVector};

/// As closely as the deviance of a refit needs to be known: √ of it is far below what a bound shows.
const TOLERANCE: f64 = 1e-8;
const STEPS: usize = 200;

/// Where the search starts an SD that the fit put at zero, as an effect on the linear predictor: at zero nothing pulls.
const LIFTED: f64 = 0.1;

/// No coefficient moves the log odds by more than this and still meets data: beyond it the bound is infinite.
const FARTHEST: f64 = 60.0;

/// A first step without a standard error to go by, on the linear predictor.
const FIRST: f64 = 2.0;

/// tanh(8) differs from 1 by 2e-7: a correlation there is at its end.
const LAST_FISHER: f64 = 8.0;

/// Where a refit ended.
#[derive(Debug, Clone)]
pub(in crate::inference) struct Reached {
    /// (β, θ).
    pub(in crate::inference) psi: Vec<f64>,
    /// The mode.
    pub(in crate::inference) u: Vec<f64>,
    /// D.
    pub(in crate::inference) deviance: f64,
    /// Whether the search met its tolerance.
    pub(in crate::inference) converged: bool,
}

/// How a quantity is held.
#[derive(Clone, Copy)]
enum Hold {
    /// A position in ψ, and the sign its values take there.
    At(usize, f64),
    /// A correlation, between positions in ψ.
    Tied(usize, usize),
}

/// The problem to refit, in the order of effects that its quantities need.
pub(in crate::inference) struct Refit<'a> {
    fit: &'a Fit,
    sample: &'a Sample,
    quantities: Vec<Quantity>,
    holds: Vec<Hold>,
    turned: Option<Turned>,
    /// H⁻¹ over the free parameters at the optimum.
    inverse: DMatrix<f64>,
}

impl<'a> Refit<'a> {
    /// Refits that hold these quantities.
    pub(in crate::inference) fn new(
        fit: &'a Fit,
        sample: &'a Sample,
        quantities: &[Quantity],
        interrupt: &(dyn Fn() -> bool + Sync),
    ) -> Result<Self> {
        let p = fit.beta.len();
        let (mut holds, mut turned) = (Vec::new(), None);
        for &q in quantities {
            let (g, first) = match q {
                Quantity::Coefficient(k) => {
                    holds.push(Hold::At(k, 1.0));
                    continue;
                }
                Quantity::Deviation(g, a) => (g, vec![a]),
                Quantity::Correlation(g, a, b) => (g, vec![b, a]),
                Quantity::Icc(..) | Quantity::Mor(..) => return Err(not_held()),
            };
            let part = part_of(fit, g, first[0]);
            let element = |row: usize, column: usize| {
                let entries = &sample.problem.theta.entries;
                let at = |e: &crate::random::ThetaEntry| e.grouping == g && e.row == row && e.column == column;
                entries.iter().position(at).map(|k| p + k).ok_or_else(not_held)
            };
            let diagonal = element(part.start, part.start)?;
            if first.len() == 1 && first[0] == part.start {
                let sign = if sample.theta[diagonal - p] < 0.0 { -1.0 } else { 1.0 };
                holds.push(Hold::At(diagonal, sign));
                continue;
            }
            if turned.is_some() || quantities.len() > 1 && shares_term(fit, quantities, g, &part) {
                return Err(not_held());
            }
            turned = Some(Turned::new(sample, g, part.clone(), &first, interrupt)?);
            holds.push(match first.len() {
                1 => Hold::At(diagonal, 1.0),
                _ => Hold::Tied(element(part.start + 1, part.start)?, element(part.start + 1, part.start + 1)?),
            });
        }
        let mut refit =
            Self { fit, sample, quantities: quantities.to_vec(), holds, turned, inverse: DMatrix::zeros(0, 0) };
        let psi = refit.psi();
        let vanished = refit.vanished(&psi);
        let free = (0..psi.len()).map(|i| !vanished.contains(&i)).collect::<Vec<_>>();
        refit.inverse = Metric::new(&refit.curved().hessian, &free).matrix().clone();
        Ok(refit)
    }

    fn problem(&self) -> &Problem {
        self.turned.as_ref().map_or(&self.sample.problem, |t| &t.problem)
    }

    fn curved(&self) -> &Curved {
        self.turned.as_ref().map_or(&self.sample.curved, |t| &t.curved)
    }

    fn u(&self) -> &[f64] {
        self.turned.as_ref().map_or(&self.sample.u, |t| &t.u)
    }

    /// (β, θ) at the optimum.
    fn psi(&self) -> Vec<f64> {
        let (beta, theta) =
            self.turned.as_ref().map_or((&self.sample.beta, &self.sample.theta), |t| (&t.beta, &t.theta));
        beta.iter().chain(theta).copied().collect()
    }

    /// The optimum as a place where paths start.
    pub(in crate::inference) fn origin(&self) -> Reached {
        Reached { psi: self.psi(), u: self.u().to_vec(), deviance: self.sample.deviance, converged: true }
    }

    /// Columns of Λ that the fit put at zero, as positions of their diagonals in ψ.
    fn vanished(&self, psi: &[f64]) -> Vec<usize> {
        let (entries, p) = (&self.problem().theta.entries, self.fit.beta.len());
        let zero = |k: &usize| {
            let column =
                |e: &&crate::random::ThetaEntry| e.grouping == entries[*k].grouping && e.column == entries[*k].column;
            entries[*k].row == entries[*k].column
                && entries.iter().zip(&psi[p..]).filter(|(e, _)| column(e)).all(|(_, t)| *t == 0.0)
        };
        (0..entries.len()).filter(zero).map(|k| p + k).collect()
    }

    /// The smallest deviance with the quantities at these values, from `from`.
    pub(in crate::inference) fn at(
        &self,
        values: &[f64],
        from: &Reached,
        interrupt: &(dyn Fn() -> bool + Sync),
    ) -> Result<Reached> {
        let (problem, p) = (self.problem(), self.fit.beta.len());
        let mut psi = from.psi.clone();
        let mut held = Vec::new();
        for (hold, &x) in self.holds.iter().zip(values) {
            match *hold {
                Hold::At(k, sign) => {
                    psi[k] = sign * x;
                    held.push(k);
                }
                Hold::Tied(i, j) => {
                    return climb_tied(problem, &psi, &from.u, Tie { i, j, rho: x.tanh() }, TOLERANCE, interrupt);
                }
            }
        }
        let lifted = self.vanished(&psi).into_iter().filter(|k| !held.contains(k)).collect::<Vec<_>>();
        for &k in &lifted {
            let e = &problem.theta.entries[k - p];
            psi[k] = LIFTED / problem.unit(e.grouping, e.row);
        }
        let nearby = if lifted.is_empty() { Some(self.curved()) } else { None };
        let start = Start { beta: &psi[..p], theta: &psi[p..], u: &from.u, held: &held, nearby };
        let found = climb(problem, &start, TOLERANCE, STEPS, interrupt)?;
        let psi = found.beta.iter().chain(&found.theta).copied().collect();
        Ok(Reached { psi, u: found.u, deviance: found.deviance, converged: found.converged })
    }

    /// The `which`-th quantity as something to walk along.
    pub(super) fn target(&self, which: usize) -> Result<Target<'_>> {
        Target::new(self, which)
    }

    /// Where the others go, to first order, when the quantities leave the optimum for these values: with K the held positions,
    /// Δψ = H⁻¹ₐₖ(H⁻¹ₖₖ)⁻¹Δψₖ. The optimum itself where H says nothing.
    pub(super) fn predicted(&self, values: &[f64]) -> Reached {
        let mut from = self.origin();
        let mut held = Vec::new();
        for (hold, x) in self.holds.iter().zip(values) {
            match *hold {
                Hold::At(k, sign) => held.push((k, sign * x - from.psi[k])),
                Hold::Tied(..) => return from,
            }
        }
        let n = held.len();
        let block = DMatrix::from_fn(n, n, |a, b| self.inverse[(held[a].0, held[b].0)]);
        let by = DVector::from_fn(n, |a, _| held[a].1);
        let Some(by) = block.cholesky().map(|c| c.solve(&by)) else { return from };
        let change = |i: usize| held.iter().zip(by.iter()).map(|(h, x)| self.inverse[(i, h.0)] * x).sum::<f64>();
        let change = (0..from.psi.len()).map(change).collect::<Vec<_>>();
        let rows = self.curved().moves.chunks_exact(change.len());
        from.u.iter_mut().zip(rows).for_each(|(u, row)| *u += row.iter().zip(&change).map(|(m, d)| m * d).sum::<f64>());
        from.psi.iter_mut().zip(&change).for_each(|(x, d)| *x += d);
        from
    }

    /// Correlation of the first two quantities under the likelihood's curvature.
    pub(super) fn correlation(&self) -> f64 {
        match self.holds[..] {
            [Hold::At(i, a), Hold::At(j, b), ..] => {
                let v = &self.inverse;
                a * b * v[(i, j)] / (v[(i, i)] * v[(j, j)]).sqrt()
            }
            _ => 0.0,
        }
    }
}

fn not_held() -> Error {
    let message = "these parameters cannot be held together: two SDs of one random term, or a correlation with another parameter, have no two-dimensional profile here";
    Error::new(Kind::Option, "contour-parameters", message)
}

/// Effects of the term of grouping `g` that effect `a` belongs to.
fn part_of(fit: &Fit, g: usize, a: usize) -> std::ops::Range<usize> {
    let mut start = 0;
    for part in &fit.groupings[g].parts {
        if a < start + part.width() {
            return start..start + part.width();
        }
        start += part.width();
    }
    start..start
}

/// Whether two of the quantities belong to the same random term.
fn shares_term(fit: &Fit, quantities: &[Quantity], g: usize, part: &std::ops::Range<usize>) -> bool {
    let of = |q: &&Quantity| match **q {
        Quantity::Deviation(h, a) | Quantity::Correlation(h, a, _) => h == g && part_of(fit, h, a) == *part,
        _ => false,
    };
    quantities.iter().filter(of).count() > 1
}

/// One quantity on the scale it is walked on: log odds, SD, or Fisher's z of a correlation.
pub(in crate::inference) struct Target<'a> {
    pub(super) refit: &'a Refit<'a>,
    /// Estimate on that scale.
    pub(super) estimate: f64,
    /// Standard error there; NaN where there is none to go by.
    pub(super) error: f64,
    /// Where it ends, below and above.
    pub(super) limits: [f64; 2],
    /// What a bound at either end is called.
    pub(super) ends: [f64; 2],
    /// A first step without a standard error.
    pub(super) first: f64,
    correlation: bool,
}

impl<'a> Target<'a> {
    fn new(refit: &'a Refit<'a>, which: usize) -> Result<Self> {
        let (fit, problem) = (refit.fit, refit.problem());
        let estimate = refit.quantities[which].value(fit, &fit.beta, &fit.theta);
        // Cov = 2H⁻¹; zero for what the fit put at zero.
        let own_error = match refit.holds[which] {
            Hold::At(k, _) => (2.0 * refit.inverse[(k, k)]).sqrt(),
            Hold::Tied(..) => f64::NAN,
        };
        Ok(match refit.quantities[which] {
            Quantity::Coefficient(k) => {
                let largest = largest_entry(problem, k);
                let error = if fit.diverging.contains(&k) { f64::NAN } else { own_error };
                let reach = estimate.abs().max(FARTHEST / largest);
                Self {
                    refit,
                    estimate,
                    error: positive(error),
                    limits: [estimate.min(0.0) - reach, estimate.max(0.0) + reach],
                    ends: [f64::NEG_INFINITY, f64::INFINITY],
                    first: FIRST / largest,
                    correlation: false,
                }
            }
            Quantity::Deviation(g, a) => {
                let unit = refit.sample.problem.unit(g, a);
                Self {
                    refit,
                    estimate,
                    error: positive(own_error),
                    limits: [0.0, FARTHEST / unit],
                    ends: [0.0, f64::INFINITY],
                    first: LIFTED * 2.0 / unit,
                    correlation: false,
                }
            }
            Quantity::Correlation(..) => {
                if estimate.is_nan() {
                    let message = "the correlation of an effect whose SD is zero has no value, so it has no profile; leave it out of parameters=";
                    return Err(Error::new(Kind::Option, "no-correlation", message));
                }
                Self {
                    refit,
                    estimate: estimate.atanh().clamp(-LAST_FISHER, LAST_FISHER),
                    error: f64::NAN,
                    limits: [-LAST_FISHER, LAST_FISHER],
                    ends: [-1.0, 1.0],
                    first: 0.25,
                    correlation: true,
                }
            }
            Quantity::Icc(..) | Quantity::Mor(..) => return Err(not_held()),
        })
    }

    /// A value as a reader knows it.
    pub(super) fn shown(&self, x: f64) -> f64 {
        if self.correlation { x.tanh() } else { x }
    }
}

fn positive(x: f64) -> f64 {
    if x > 0.0 && x.is_finite() { x } else { f64::NAN }
}

/// Largest absolute value of a column of X.
pub(in crate::inference) fn largest_entry(problem: &Problem, column: usize) -> f64 {
    let mut row = vec![0.0; problem.x.width];
    let mut largest = 0.0f64;
    for pattern in 0..problem.x.patterns {
        problem.x.write_row(pattern, &mut row);
        largest = largest.max(row[column].abs());
    }
    if largest > 0.0 { largest } else { 1.0 }
}
