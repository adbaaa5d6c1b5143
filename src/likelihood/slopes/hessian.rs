//! The Hessian where one factor has several effects: the general kernel's sums over records, taken over z and x before any
//! direction comes in.
//!
//! With Bₗ = Λu̇ₗ (plus eᵣu_c in the direction of θ at row r and column c), κₗ = z'Bₗ and η̇ = x + κ. A record adds to five tallies,
//!
//! ```text
//! Σ Cxz'   Σ Wxz'   Σ W₁x⊗zz'   Σ Czz', Σ Wzz'   Σ W₁z⊗zz'
//! ```
//!
//! and a level has from them Σ W₁η̇zz' = Σ W₁xzz' + Σ W₁zzz'B, Σ Wη̇z and (Σ Cxz' + ½B'ΣCzz')B in all directions. Cost per record: the
//! blocks of x times 2k + k(k + 1)/2, whatever the number of directions.

use super::super::hessian::Curved;
use super::super::laplace::Gradient;
use super::super::mode::Mode;
use super::super::problem::Problem;
use super::super::weights::Weights;
use super::directions::Directions;
use super::{add, add_square, mirror, rows, through};
use crate::design::Tally;
use crate::linalg::small;
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::array::from_fn;
use std::ops::Range;

/// Calls a kernel with k, and a number of weights, at least the 2k + k(k + 1)/2 that a row of x is multiplied by: whole vectors of
/// four. Those beyond are zero.
macro_rules! by_width {
    ($width:expr, $kernel:ident($($argument:expr),*)) => {
        match $width {
            1 => $kernel::<1, 4>($($argument),*),
            2 => $kernel::<2, 8>($($argument),*),
            3 => $kernel::<3, 12>($($argument),*),
            _ => $kernel::<4, 20>($($argument),*),
        }
    };
}

/// Sums over the records of a level; the memory is used again for the next.
pub(super) struct Level<const K: usize, const M: usize> {
    /// Per record, what its row of x is multiplied by.
    weights: Vec<[f64; M]>,
    /// Σ Wxz', then Σ Cxz', then the lower triangle of Σ W₁x⊗zz': over the columns of x.
    pub(super) by_column: [Vec<f64>; M],
    /// What there is without x.
    pub(super) sums: Sums<K>,
}

/// Sums over z alone.
#[derive(Clone, Copy)]
pub(super) struct Sums<const K: usize> {
    /// Σ Wzz', Σ Czz'.
    pub(super) w: [[f64; K]; K],
    pub(super) c: [[f64; K]; K],
    /// Σ W₁z⊗zz', the first two indices in the lower triangle.
    pub(super) w1: [[[f64; K]; K]; K],
    /// Σ gz, and Σ (W₁a − W Mv − 2g)z.
    pub(super) g: [f64; K],
    pub(super) omega: [f64; K],
}

impl<const K: usize> Sums<K> {
    const ZERO: Self =
        Self { w: [[0.0; K]; K], c: [[0.0; K]; K], w1: [[[0.0; K]; K]; K], g: [0.0; K], omega: [0.0; K] };
}

/// H over (β, θ).
pub(in super::super) fn hessian(problem: &Problem, mode: &Mode, gradient: &Gradient) -> Curved {
    let n = problem.parameters();
    let mut c = vec![0.0; problem.rows()];
    let cut = problem.layout.cut_rows(&mut c);
    let work = problem.layout.pieces.iter().cloned().zip(cut).collect::<Vec<_>>();
    let run = |(levels, c)| by_width!(problem.layout.lead, run(problem, mode, gradient, levels, c));
    let parts = work.into_par_iter().map(run).collect::<Vec<_>>();
    let mut h = DMatrix::zeros(n, n);
    let main = problem.x.gram(&problem.x.by_pattern(&c));
    h.view_mut((0, 0), main.shape()).copy_from(&main);
    let mut moves = Vec::with_capacity(problem.layout.effects() * n);
    for (part, tangents) in &parts {
        h += part;
        moves.extend_from_slice(tangents);
    }
    Curved { hessian: (&h + h.transpose()) * 0.5, moves }
}

/// The levels of one piece, worked through by the vector instructions of the machine, not of the oldest one that runs this.
struct Piece<'a, const K: usize, const M: usize> {
    problem: &'a Problem,
    mode: &'a Mode,
    gradient: &'a Gradient,
    levels: Range<usize>,
    c: &'a mut [f64],
}

fn run<const K: usize, const M: usize>(
    problem: &Problem,
    mode: &Mode,
    gradient: &Gradient,
    levels: Range<usize>,
    c: &mut [f64],
) -> (DMatrix<f64>, Vec<f64>) {
    pulp::Arch::new().dispatch(Piece::<K, M> { problem, mode, gradient, levels, c })
}

impl<const K: usize, const M: usize> pulp::WithSimd for Piece<'_, K, M> {
    /// The levels' share of H, and their tangents; C of their records is filled.
    type Output = (DMatrix<f64>, Vec<f64>);

    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _simd: S) -> Self::Output {
        let Self { problem, mode, gradient, levels, c } = self;
        let n = problem.parameters();
        let starts = &problem.layout.starts;
        let begin = starts[levels.start];
        let mut moves = vec![0.0; levels.len() * K * n];
        let mut tally = Tally::new(&problem.x);
        let mut level = Level::<K, M>::empty(problem.coefficients());
        let mut directions = Directions::new(problem, mode, gradient);
        for (tangent, j) in moves.chunks_exact_mut(K * n).zip(levels) {
            let own = &mut c[starts[j] - begin..starts[j + 1] - begin];
            level.read(problem, mode, gradient, j, own, &mut tally);
            write_tangent(problem, mode, j, &level, tangent);
            directions.add(j, &level, tangent);
        }
        (directions.finish(), moves)
    }
}

impl<const K: usize, const M: usize> Level<K, M> {
    fn empty(p: usize) -> Self {
        Self { weights: Vec::new(), by_column: from_fn(|_| vec![0.0; p]), sums: Sums::ZERO }
    }

    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn read(
        &mut self,
        problem: &Problem,
        mode: &Mode,
        gradient: &Gradient,
        j: usize,
        c: &mut [f64],
        tally: &mut Tally<M>,
    ) {
        let records = problem.layout.starts[j]..problem.layout.starts[j + 1];
        let along = through::<K>(&mode.lambda.0[0], &gradient.v[j * K..(j + 1) * K]);
        // Sums of its own, which stay in registers: memory behind a reference would be written at every record.
        let mut sums = Sums::<K>::ZERO;
        self.weights.clear();
        for ((z, i), c) in rows::<K>(problem, records.clone()).iter().zip(records.clone()).zip(c) {
            let Weights { w, w1, w2, g, .. } = Weights::at(problem, mode, i);
            let (a, mv) = (gradient.leverage[i], super::dot(z, &along));
            *c = 2.0 * w + w2 * a - w1 * mv;
            add_square(&mut sums.w, w, z);
            add_square(&mut sums.c, *c, z);
            add(&mut sums.g, g, z);
            add(&mut sums.omega, w1 * a - w * mv - 2.0 * g, z);
            let mut own = [0.0; M];
            let mut at = 2 * K;
            for r in 0..K {
                (own[r], own[K + r]) = (w * z[r], *c * z[r]);
                for b in 0..=r {
                    let square = w1 * z[r] * z[b];
                    own[at] = square;
                    add(&mut sums.w1[r][b], square, z);
                    at += 1;
                }
            }
            self.weights.push(own);
        }
        mirror(&mut sums.w);
        mirror(&mut sums.c);
        self.sums = sums;
        self.by_column.iter_mut().for_each(|sum| sum.fill(0.0));
        tally.sum(records.start, &self.weights, &mut self.by_column);
    }
}

/// u̇ⱼ in every direction, K x n: A u̇ = Λ̇'Σgz − Λ'ΣWζz.
#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
fn write_tangent<const K: usize, const M: usize>(
    problem: &Problem,
    mode: &Mode,
    j: usize,
    level: &Level<K, M>,
    out: &mut [f64],
) {
    let (p, n) = (problem.coefficients(), problem.parameters());
    let lambda = &mode.lambda.0[0];
    for b in 0..K {
        let row = &mut out[b * n..(b + 1) * n];
        for a in b..K {
            let factor = lambda[a * K + b];
            row.iter_mut().zip(&level.by_column[a]).for_each(|(x, w)| *x -= factor * w);
            for (k, e) in problem.theta.entries.iter().enumerate() {
                row[p + k] -= factor * level.sums.w[a][e.row] * mode.u[j * K + e.column];
            }
        }
        for (k, e) in problem.theta.entries.iter().enumerate().filter(|(_, e)| e.column == b) {
            row[p + k] += level.sums.g[e.row];
        }
    }
    let chol = &mode.at.chol[j * K * K..(j + 1) * K * K];
    small::solve_lower(chol, K, out, n);
    small::solve_upper(chol, K, out, n);
}
