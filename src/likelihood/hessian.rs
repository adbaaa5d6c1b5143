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
//! where sym[·] adds the same with k and l exchanged. Records of a cell share κ = η̇ − x, so that with C = 2W + W₂a − W₁Mv
//!
//! ```text
//! Σᵢ C η̇η̇' = X'CX + Σ_cells sym[(Σ C x + ½ Σ C κ) κ'],      Σ W₁ η̇ = Σ W₁ x + Σ W₁ κ
//! ```
//!
//! Cost: X'CX by cross-tabulation, (p + t)² multiplications per cell, and the traces. Derived for this crate; checked against
//! central differences of the gradient in `tests/likelihood.rs`.

use super::cell::{Cell, Reader};
use super::change::Change;
use super::laplace::Gradient;
use super::mode::Mode;
use super::penalty::bend;
use super::problem::Problem;
use super::scalar;
use super::slopes;
use super::tangents::tangents;
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
    problem.board.curved();
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
    if slopes::fit(problem) {
        return slopes::hessian(problem, mode, gradient);
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
    let mut c = vec![0.0; problem.rows()];
    let work = problem.layout.pieces.iter().cloned().zip(problem.layout.cut_rows(&mut c)).collect::<Vec<_>>();
    // Loops over directions are most of the work: as vector instructions of the machine, not of the oldest one that runs this.
    let run = |(levels, c)| pulp::Arch::new().dispatch(|| sweep.piece(levels, c));
    let parts = work.into_par_iter().map(run).collect::<Vec<_>>();
    let mut h = Array2::<f64>::zeros((parameters, parameters));
    let mut cross = Array2::<f64>::zeros((problem.theta.len(), parameters));
    let mut variance = Array2::<f64>::zeros((problem.theta.len(), problem.theta.len()));
    let mut traces = Vec::with_capacity(parts.len());
    for part in parts {
        h += &part.main;
        h += &part.main.t();
        cross += &part.cross;
        variance += &part.variance;
        traces.push(part.traces);
    }
    let gram = problem.x.gram(&problem.x.by_pattern(&c));
    (0..p).for_each(|k| (0..p).for_each(|l| h[(k, l)] += gram[(k, l)]));
    for ((k, l), x) in total(problem, mode, &gradient.inverse, traces, from).indexed_iter() {
        h[(from + k, from + l)] -= x;
    }
    for ((k, l), x) in cross.indexed_iter() {
        h[(p + k, l)] += x;
        h[(l, p + k)] += x;
    }
    for ((k, l), x) in variance.indexed_iter() {
        h[(p + k, p + l)] += 2.0 * x;
    }
    spherical(&moves, parameters).iter().for_each(|part| h += part);
    let hessian = DMatrix::from_fn(parameters, parameters, |i, j| f64::midpoint(h[(i, j)], h[(j, i)]));
    Curved { hessian, moves }
}

/// Effects per part of [`spherical`].
const PART: usize = 8_192;

/// Σ 2u̇ₖ'u̇ₗ, part by part.
fn spherical(moves: &[f64], parameters: usize) -> Vec<Array2<f64>> {
    let part = |rows: &[f64]| {
        let mut sum = Outer::new(parameters);
        rows.chunks_exact(parameters).for_each(|row| sum.push(2.0, row, row));
        sum.finish()
    };
    moves.par_chunks(PART * parameters).map(part).collect()
}

struct Sweep<'a> {
    problem: &'a Problem,
    mode: &'a Mode,
    gradient: &'a Gradient,
    moves: &'a [f64],
    from: usize,
}

struct PieceSums {
    /// Σ (Σ C x + ½ Σ C κ) κ' over cells.
    main: Array2<f64>,
    /// The bracket of sym[·], t x (p + t).
    cross: Array2<f64>,
    /// Σ W Ṁₖ'A⁻¹Ṁₗ, t x t.
    variance: Array2<f64>,
    traces: (Array2<f64>, Change),
}

/// What is computed of one cell, in memory used again for the next.
struct Scratch {
    /// Row of M, and A⁻¹ times it on the cell's own effects.
    m: Vec<f64>,
    pm: Vec<f64>,
    /// κ, then Σ C x + ½ Σ C κ, Σ W η̇ and Σ W₁ η̇, in every direction.
    kappa: Vec<f64>,
    half: Vec<f64>,
    along_w: Vec<f64>,
    along_w1: Vec<f64>,
}

/// a and Mv of a cell, with its leading level.
struct Place {
    j: usize,
    a: f64,
    mv: f64,
}

impl Sweep<'_> {
    /// The cells of one piece; C of every record goes to `c`.
    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn piece(&self, levels: Range<usize>, c: &mut [f64]) -> PieceSums {
        let problem = self.problem;
        let layout = &problem.layout;
        let begin = layout.starts[levels.start];
        let (parameters, width, t) = (problem.parameters(), problem.row_width(), problem.theta.len());
        let mut main = Outer::new(parameters);
        let mut cross = Array2::zeros((t, parameters));
        let mut variance = Array2::zeros((t, t));
        let mut traces = Traces::new(problem, self.mode, &self.gradient.inverse, self.from, &levels);
        let mut reader = Reader::new(problem);
        let [m, pm] = std::array::from_fn(|_| vec![0.0; width]);
        let [kappa, half, along_w, along_w1] = std::array::from_fn(|_| vec![0.0; parameters]);
        let mut scratch = Scratch { m, pm, kappa, half, along_w, along_w1 };
        for j in levels {
            traces.begin_level(j);
            for records in layout.cells(j) {
                let own = &mut c[records.start - begin..records.end - begin];
                let cell = reader.read(problem, self.mode, records);
                problem.write_m(&self.mode.lambda, cell.first, &mut scratch.m);
                let mv = problem.m_times(&scratch.m, cell.first, j, &self.gradient.v);
                let place = Place { j, a: self.gradient.leverage[cell.first], mv };
                own.iter_mut().zip(&cell.weights).for_each(|(c, w)| *c = 2.0 * w[0] + w[2] * place.a - w[1] * mv);
                self.write_tangents(cell, &place, &mut scratch);
                main.push(1.0, &scratch.half, &scratch.kappa);
                self.gradient.inverse.times_row(problem, cell.first, j, &scratch.m, &mut scratch.pm);
                self.add_cross(cell, &place, &scratch, &mut cross);
                self.add_variance(cell, j, &mut variance);
                traces.add_cell(cell, j, &scratch.m, &scratch.along_w1);
            }
            traces.end_level(j);
        }
        PieceSums { main: main.finish(), cross, variance, traces: traces.finish() }
    }

    /// κ of a cell and the sums over its records that go with it.
    #[inline]
    fn write_tangents(&self, cell: &Cell, place: &Place, scratch: &mut Scratch) {
        let problem = self.problem;
        let Scratch { m, kappa, half, along_w, along_w1, .. } = scratch;
        let (n, p) = (kappa.len(), problem.coefficients());
        kappa[..p].fill(0.0);
        for (out, e) in kappa[p..].iter_mut().zip(&problem.theta.entries) {
            let u = self.mode.u[problem.effect(e.grouping, cell.first, place.j) + e.column];
            *out = problem.z(e.grouping, cell.first, e.row) * u;
        }
        for g in 0..problem.groupings.len() {
            let first = problem.effect(g, cell.first, place.j);
            for (d, factor) in m[problem.row_offsets[g]..problem.row_offsets[g + 1]].iter().enumerate() {
                let of = &self.moves[(first + d) * n..(first + d + 1) * n];
                kappa.iter_mut().zip(of).for_each(|(e, u)| *e += factor * u);
            }
        }
        let sum_c = 2.0 * cell.w + cell.w2 * place.a - cell.w1 * place.mv;
        for (l, kappa) in kappa.iter().enumerate() {
            (half[l], along_w[l], along_w1[l]) = (0.5 * sum_c * kappa, cell.w * kappa, cell.w1 * kappa);
        }
        let [w, w1, w2] = &cell.by_column;
        for l in 0..p {
            half[l] += 2.0 * w[l] + w2[l] * place.a - w1[l] * place.mv;
            along_w[l] += w[l];
            along_w1[l] += w1[l];
        }
    }

    /// Σ (2W₁eₖ − W ZΛₖv) η̇ + Σ (W₁a − W Mv − 2g) ZΛₖu̇, for every θₖ.
    #[inline]
    fn add_cross(&self, cell: &Cell, place: &Place, scratch: &Scratch, cross: &mut Array2<f64>) {
        let problem = self.problem;
        let n = scratch.kappa.len();
        let omega = cell.w1 * place.a - cell.w * place.mv - 2.0 * cell.g;
        for (k, e) in problem.theta.entries.iter().enumerate() {
            let z = problem.z(e.grouping, cell.first, e.row);
            let at = problem.effect(e.grouping, cell.first, place.j) + e.column;
            let own = problem.row_offsets[e.grouping] + e.column;
            let (by_w1, by_w, by_u) = (2.0 * z * scratch.pm[own], z * self.gradient.v[at], z * omega);
            let moves = &self.moves[at * n..(at + 1) * n];
            if let Some(row) = cross.row_mut(k).as_slice_mut() {
                for (l, x) in row.iter_mut().enumerate() {
                    *x += by_w1 * scratch.along_w1[l] - by_w * scratch.along_w[l] + by_u * moves[l];
                }
            }
        }
    }

    /// Σ W Ṁₖ'A⁻¹Ṁₗ for every pair of θ.
    #[inline]
    fn add_variance(&self, cell: &Cell, j: usize, variance: &mut Array2<f64>) {
        let problem = self.problem;
        let entries = &problem.theta.entries;
        let own = |k: usize| problem.row_offsets[entries[k].grouping] + entries[k].column;
        for k in 0..entries.len() {
            let zk = cell.w * problem.z(entries[k].grouping, cell.first, entries[k].row);
            for l in 0..entries.len() {
                let zl = problem.z(entries[l].grouping, cell.first, entries[l].row);
                let p = self.gradient.inverse.entry(problem, cell.first, j, own(k), own(l));
                variance[(k, l)] += zk * zl * p;
            }
        }
    }
}
