//! The exact Hessian of the Laplace deviance.
//!
//! With u̇ₗ the tangent of the mode and η̇ₗ = ζₗ + Mu̇ₗ, differentiating the gradient once more along direction l and using the
//! mode equation for ü gives, for directions k and l (β or θ; terms with Λₖ or Λₗ only for θ),
//!
//! ```text
//! H_kl = Σᵢ (2W + W₂a − W₁Mv) η̇ₖη̇ₗ + 2u̇ₖ'u̇ₗ − tr(A⁻¹ȦₖA⁻¹Ȧₗ) + 2 Σᵢ W Ṁₖ'A⁻¹Ṁₗ
//!        + sym[ Σᵢ (2W₁eₖ − W ZΛₖv) η̇ₗ + Σᵢ (W₁a − W Mv − 2g) ZΛₖu̇ₗ ],        eₖ = Ṁₖ'A⁻¹M,  Ṁₖ = ZΛₖ
//! ```
//!
//! where sym[·] adds the same with k and l exchanged. Cost: one sweep of n (p + t) multiplications, one matrix product, and
//! the traces. Derived for this crate; checked against central differences of the gradient in `tests/likelihood.rs`.

use super::laplace::Gradient;
use super::mode::Mode;
use super::penalty::bend;
use super::problem::Problem;
use super::scalar;
use super::tangents::{tangents, write_eta_dot};
use super::traces::{Outer, Traces, total};
use nalgebra::DMatrix;
use ndarray::Array2;
use rayon::prelude::*;
use std::ops::Range;

/// How much of the Hessian is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curvature {
    /// All of it: for the covariance and the certificate.
    Exact,
    /// Without the trace term of coefficients: a metric for the search, free of products of large matrices.
    Metric,
}

/// H, and the tangents that went into it.
pub struct Curved {
    /// H over (β, θ).
    pub hessian: DMatrix<f64>,
    /// u̇ in every direction: q x (p + t), effect after effect.
    pub moves: Vec<f64>,
}

/// H over (β, θ), by the method of the problem and the kernel that suits its structure; of a penalised problem, with the
/// curvature of the penalty in θ.
pub fn hessian(problem: &Problem, mode: &Mode, gradient: &Gradient, curvature: Curvature) -> Curved {
    let mut curved = of_likelihood(problem, mode, gradient, curvature);
    if mode.penalty.is_some() {
        bend(problem, mode, &mut curved.hessian);
    }
    curved
}

fn of_likelihood(problem: &Problem, mode: &Mode, gradient: &Gradient, curvature: Curvature) -> Curved {
    if problem.groupings.is_empty() {
        let w = mode.at.mu.iter().zip(&problem.outcome.trials).map(|(p, m)| m * p * (1.0 - p)).collect::<Vec<_>>();
        return Curved { hessian: problem.x.gram(&problem.x.by_pattern(&w)) * 2.0, moves: Vec::new() };
    }
    if let Some(rule) = &problem.quadrature {
        return rule.hessian(problem, mode, gradient, curvature);
    }
    laplace_hessian(problem, mode, gradient, curvature)
}

/// The Hessian of Laplace's deviance, whatever the method of the problem.
pub(super) fn laplace_hessian(problem: &Problem, mode: &Mode, gradient: &Gradient, curvature: Curvature) -> Curved {
    if problem.is_scalar() {
        return scalar::hessian(problem, mode, gradient);
    }
    general(problem, mode, gradient, curvature)
}

/// Any structure.
fn general(problem: &Problem, mode: &Mode, gradient: &Gradient, curvature: Curvature) -> Curved {
    let parameters = problem.parameters();
    let p = problem.coefficients();
    let from = if curvature == Curvature::Exact { 0 } else { p };
    let moves = tangents(problem, mode);
    let sweep = Sweep { problem, mode, gradient, moves: &moves, from };
    let parts = problem.layout.pieces.clone().into_par_iter().map(|levels| sweep.piece(levels)).collect::<Vec<_>>();
    let mut h = Array2::<f64>::zeros((parameters, parameters));
    let mut cross = Array2::<f64>::zeros((problem.theta.len(), parameters));
    let mut variance = Array2::<f64>::zeros((problem.theta.len(), problem.theta.len()));
    let mut traces = Vec::with_capacity(parts.len());
    for part in parts {
        h += &part.main;
        cross += &part.cross;
        variance += &part.variance;
        traces.push(part.traces);
    }
    for ((k, l), x) in total(problem, mode, &gradient.inverse, &traces, from).indexed_iter() {
        h[(from + k, from + l)] -= x;
    }
    for ((k, l), x) in cross.indexed_iter() {
        h[(p + k, l)] += x;
        h[(l, p + k)] += x;
    }
    for ((k, l), x) in variance.indexed_iter() {
        h[(p + k, p + l)] += 2.0 * x;
    }
    let mut spherical = Outer::new(parameters);
    moves.chunks_exact(parameters).for_each(|row| spherical.push(2.0, row, row));
    h += &spherical.finish();
    let hessian = DMatrix::from_fn(parameters, parameters, |i, j| f64::midpoint(h[(i, j)], h[(j, i)]));
    Curved { hessian, moves }
}

struct Sweep<'a> {
    problem: &'a Problem,
    mode: &'a Mode,
    gradient: &'a Gradient,
    moves: &'a [f64],
    from: usize,
}

struct PieceSums {
    /// Σ (2W + W₂a − W₁Mv) η̇η̇'.
    main: Array2<f64>,
    /// The bracket of sym[·], t x (p + t).
    cross: Array2<f64>,
    /// Σ W Ṁₖ'A⁻¹Ṁₗ, t x t.
    variance: Array2<f64>,
    traces: (Array2<f64>, Vec<f64>),
}

/// One record's numbers.
struct Record {
    i: usize,
    j: usize,
    w: f64,
    w1: f64,
    g: f64,
    a: f64,
    mv: f64,
}

impl Sweep<'_> {
    fn piece(&self, levels: Range<usize>) -> PieceSums {
        let problem = self.problem;
        let layout = &problem.layout;
        let (parameters, width, t) = (problem.parameters(), problem.row_width(), problem.theta.len());
        let mut main = Outer::new(parameters);
        let mut cross = Array2::zeros((t, parameters));
        let mut variance = Array2::zeros((t, t));
        let mut traces = Traces::new(problem, self.mode, &self.gradient.inverse, self.from);
        let (mut m, mut pm) = (vec![0.0; width], vec![0.0; width]);
        let mut eta_dot = vec![0.0; parameters];
        for j in levels {
            traces.begin_level(j);
            for i in layout.starts[j]..layout.starts[j + 1] {
                problem.write_m(&self.mode.lambda, i, &mut m);
                let record = self.record(i, j, &m);
                write_eta_dot(problem, self.mode, self.moves, (i, j), &m, &mut eta_dot);
                let mu = self.mode.at.mu[i];
                let w2 = record.w * (1.0 - 6.0 * mu * (1.0 - mu));
                main.push(2.0 * record.w + w2 * record.a - record.w1 * record.mv, &eta_dot, &eta_dot);
                self.gradient.inverse.times_row(problem, i, j, &m, &mut pm);
                self.add_cross(&record, &pm, &eta_dot, &mut cross);
                self.add_variance(&record, &mut variance);
                traces.add_row(i, j, &m, record.w, record.w1, &eta_dot);
            }
            traces.end_level(j);
        }
        PieceSums { main: main.finish(), cross, variance, traces: traces.finish() }
    }

    #[inline]
    fn record(&self, i: usize, j: usize, m: &[f64]) -> Record {
        let p = self.mode.at.mu[i];
        let expected = self.problem.outcome.trials[i] * p;
        let w = expected * (1.0 - p);
        Record {
            i,
            j,
            w,
            w1: w * (1.0 - 2.0 * p),
            g: self.problem.outcome.successes[i] - expected,
            a: self.gradient.leverage[i],
            mv: self.problem.m_times(m, i, j, &self.gradient.v),
        }
    }

    /// (2W₁eₖ − W ZΛₖv) η̇ + (W₁a − W Mv − 2g) ZΛₖu̇, for every θₖ.
    fn add_cross(&self, record: &Record, pm: &[f64], eta_dot: &[f64], cross: &mut Array2<f64>) {
        let problem = self.problem;
        let n = eta_dot.len();
        let omega = record.w1 * record.a - record.w * record.mv - 2.0 * record.g;
        for (k, e) in problem.theta.entries.iter().enumerate() {
            let z = problem.z(e.grouping, record.i, e.row);
            let at = problem.effect(e.grouping, record.i, record.j) + e.column;
            let own = problem.row_offsets[e.grouping] + e.column;
            let along_eta = z * (2.0 * record.w1 * pm[own] - record.w * self.gradient.v[at]);
            let along_u = z * omega;
            let moves = &self.moves[at * n..(at + 1) * n];
            if let Some(row) = cross.row_mut(k).as_slice_mut() {
                for ((x, eta), u) in row.iter_mut().zip(eta_dot).zip(moves) {
                    *x += along_eta * eta + along_u * u;
                }
            }
        }
    }

    /// W Ṁₖ'A⁻¹Ṁₗ for every pair of θ.
    fn add_variance(&self, record: &Record, variance: &mut Array2<f64>) {
        let problem = self.problem;
        let entries = &problem.theta.entries;
        let own = |k: usize| problem.row_offsets[entries[k].grouping] + entries[k].column;
        for k in 0..entries.len() {
            let zk = record.w * problem.z(entries[k].grouping, record.i, entries[k].row);
            for l in 0..entries.len() {
                let zl = problem.z(entries[l].grouping, record.i, entries[l].row);
                let p = self.gradient.inverse.entry(problem, record.i, record.j, own(k), own(l));
                variance[(k, l)] += zk * zl * p;
            }
        }
    }
}
