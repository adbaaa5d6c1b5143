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
use super::{add, add_square, mirror, product, rows, through};
use crate::design::Tally;
use crate::linalg::small;
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::array::from_fn;
use std::ops::Range;

/// Calls a kernel with k, and the number of weights 2k + k(k + 1)/2 that a row of x is multiplied by, as constants.
macro_rules! by_width {
    ($width:expr, $kernel:ident($($argument:expr),*)) => {
        match $width {
            1 => $kernel::<1, 3>($($argument),*),
            2 => $kernel::<2, 7>($($argument),*),
            3 => $kernel::<3, 12>($($argument),*),
            _ => $kernel::<4, 18>($($argument),*),
        }
    };
}

/// Sums over the records of a level; the memory is used again for the next.
struct Level<const K: usize, const M: usize> {
    /// Per record, what its row of x is multiplied by.
    weights: Vec<[f64; M]>,
    /// Σ Wxz', then Σ Cxz', then the lower triangle of Σ W₁x⊗zz': over the columns of x.
    by_column: [Vec<f64>; M],
    /// Σ Wzz', Σ Czz'.
    w: [[f64; K]; K],
    c: [[f64; K]; K],
    /// Σ W₁z⊗zz', the first two indices in the lower triangle.
    w1: [[[f64; K]; K]; K],
    /// Σ gz, and Σ (W₁a − W Mv − 2g)z.
    g: [f64; K],
    omega: [f64; K],
}

/// What the directions of a level come to; the memory is used again for the next.
#[derive(Default)]
struct Work<const K: usize> {
    /// Bₗ.
    b: Vec<[f64; K]>,
    /// Σ Cxz' + ½ (ΣCzz')B.
    half: Vec<[f64; K]>,
    /// Σ W₁η̇zz'.
    weight: Vec<[[f64; K]; K]>,
    /// L⁻¹ȦL⁻ᵀ.
    change: Vec<[[f64; K]; K]>,
}

/// H over (β, θ).
pub(in super::super) fn hessian(problem: &Problem, mode: &Mode, gradient: &Gradient) -> Curved {
    let n = problem.parameters();
    let mut c = vec![0.0; problem.rows()];
    let cut = problem.layout.cut_rows(&mut c);
    let work = problem.layout.pieces.iter().cloned().zip(cut).collect::<Vec<_>>();
    let run = |(levels, c)| by_width!(problem.layout.lead, piece(problem, mode, gradient, levels, c));
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

/// The levels of one piece: their share of H and their tangents; fills C of its records.
fn piece<const K: usize, const M: usize>(
    problem: &Problem,
    mode: &Mode,
    gradient: &Gradient,
    levels: Range<usize>,
    c: &mut [f64],
) -> (DMatrix<f64>, Vec<f64>) {
    let n = problem.parameters();
    let starts = &problem.layout.starts;
    let begin = starts[levels.start];
    let mut h = DMatrix::zeros(n, n);
    let mut moves = vec![0.0; levels.len() * K * n];
    let mut tally = Tally::new(&problem.x);
    let mut level = Level::<K, M>::empty(problem.coefficients());
    let mut work = Work::default();
    for (tangent, j) in moves.chunks_exact_mut(K * n).zip(levels) {
        let own = &mut c[starts[j] - begin..starts[j + 1] - begin];
        level.read(problem, mode, gradient, j, own, &mut tally);
        write_tangent(problem, mode, j, &level, tangent);
        let turn = Turn::new(&mode.lambda.0[0], &mode.at.chol[j * K * K..(j + 1) * K * K]);
        let directions = Directions { problem, mode, gradient, j, level: &level, tangent, turn };
        directions.add(&mut work, &mut h);
    }
    (h, moves)
}

impl<const K: usize, const M: usize> Level<K, M> {
    fn empty(p: usize) -> Self {
        Self {
            weights: Vec::new(),
            by_column: from_fn(|_| vec![0.0; p]),
            w: [[0.0; K]; K],
            c: [[0.0; K]; K],
            w1: [[[0.0; K]; K]; K],
            g: [0.0; K],
            omega: [0.0; K],
        }
    }

    fn clear(&mut self) {
        self.weights.clear();
        self.by_column.iter_mut().for_each(|sum| sum.fill(0.0));
        (self.w, self.c, self.w1) = ([[0.0; K]; K], [[0.0; K]; K], [[[0.0; K]; K]; K]);
        (self.g, self.omega) = ([0.0; K], [0.0; K]);
    }

    fn read(
        &mut self,
        problem: &Problem,
        mode: &Mode,
        gradient: &Gradient,
        j: usize,
        c: &mut [f64],
        tally: &mut Tally<M>,
    ) {
        self.clear();
        let records = problem.layout.starts[j]..problem.layout.starts[j + 1];
        let along = through::<K>(&mode.lambda.0[0], &gradient.v[j * K..(j + 1) * K]);
        for ((z, i), c) in rows::<K>(problem, records.clone()).iter().zip(records.clone()).zip(c) {
            let mu = mode.at.mu[i];
            let expected = problem.outcome.trials[i] * mu;
            let (w, g) = (expected * (1.0 - mu), problem.outcome.successes[i] - expected);
            let (w1, w2) = (w * (1.0 - 2.0 * mu), w * (1.0 - 6.0 * mu * (1.0 - mu)));
            let (a, mv) = (gradient.leverage[i], super::dot(z, &along));
            *c = 2.0 * w + w2 * a - w1 * mv;
            add_square(&mut self.w, w, z);
            add_square(&mut self.c, *c, z);
            add(&mut self.g, g, z);
            add(&mut self.omega, w1 * a - w * mv - 2.0 * g, z);
            let mut own = [0.0; M];
            let mut at = 2 * K;
            for r in 0..K {
                (own[r], own[K + r]) = (w * z[r], *c * z[r]);
                for b in 0..=r {
                    let square = w1 * z[r] * z[b];
                    own[at] = square;
                    add(&mut self.w1[r][b], square, z);
                    at += 1;
                }
            }
            self.weights.push(own);
        }
        mirror(&mut self.w);
        mirror(&mut self.c);
        tally.sum(records.start, &self.weights, &mut self.by_column);
    }
}

/// u̇ⱼ in every direction, K x n: A u̇ = Λ̇'Σgz − Λ'ΣWζz.
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
                row[p + k] -= factor * level.w[a][e.row] * mode.u[j * K + e.column];
            }
        }
        for (k, e) in problem.theta.entries.iter().enumerate().filter(|(_, e)| e.column == b) {
            row[p + k] += level.g[e.row];
        }
    }
    let chol = &mode.at.chol[j * K * K..(j + 1) * K * K];
    small::solve_lower(chol, K, out, n);
    small::solve_upper(chol, K, out, n);
}

/// One level in every direction.
struct Directions<'a, const K: usize, const M: usize> {
    problem: &'a Problem,
    mode: &'a Mode,
    gradient: &'a Gradient,
    j: usize,
    level: &'a Level<K, M>,
    tangent: &'a [f64],
    turn: Turn<K>,
}

/// What brings a level's sums over zz' to L⁻¹·L⁻ᵀ: L⁻¹, and ΛL⁻ᵀ.
struct Turn<const K: usize> {
    root: [[f64; K]; K],
    turned: [[f64; K]; K],
}

impl<const K: usize> Turn<K> {
    fn new(lambda: &[f64], chol: &[f64]) -> Self {
        let mut root: [[f64; K]; K] = from_fn(|x| from_fn(|y| f64::from(u8::from(x == y))));
        small::solve_lower(chol, K, root.as_flattened_mut(), K);
        let turned = from_fn(|a| from_fn(|y| (0..=a).map(|b| lambda[a * K + b] * root[y][b]).sum()));
        Self { root, turned }
    }
}

impl<const K: usize, const M: usize> Directions<'_, K, M> {
    /// Adds everything of the level but X'CX to `h`, of which (H + H')/2 is taken in the end: what is symmetric goes to the upper
    /// triangle, twice.
    fn add(&self, work: &mut Work<K>, h: &mut DMatrix<f64>) {
        let n = self.problem.parameters();
        let Work { b, half, weight, change } = work;
        refill(b, (0..n).map(|l| self.b(l)));
        refill(half, (0..n).map(|l| self.half(l, &b[l])));
        refill(weight, (0..n).map(|l| self.along_w1(l, &b[l])));
        refill(change, (0..n).map(|l| self.change(l, &weight[l])));
        let tangent = |r: usize, l: usize| self.tangent[r * n + l];
        for l in 0..n {
            for k in 0..=l {
                let mut sum = 0.0;
                for r in 0..K {
                    sum += half[k][r] * b[l][r] + half[l][r] * b[k][r] + 2.0 * tangent(r, k) * tangent(r, l);
                    sum -= super::dot(&change[k][r], &change[l][r]);
                }
                h[(k, l)] += if k == l { sum } else { 2.0 * sum };
            }
        }
        self.add_cross(b, weight, h);
    }

    fn column(&self, sum: usize, l: usize) -> f64 {
        self.level.by_column[sum].get(l).copied().unwrap_or(0.0)
    }

    /// Bₗ.
    fn b(&self, l: usize) -> [f64; K] {
        let (p, n) = (self.problem.coefficients(), self.problem.parameters());
        let tangent: [f64; K] = from_fn(|r| self.tangent[r * n + l]);
        let mut b = through::<K>(&self.mode.lambda.0[0], &tangent);
        if l >= p {
            let e = &self.problem.theta.entries[l - p];
            b[e.row] += self.mode.u[self.j * K + e.column];
        }
        b
    }

    /// Σ Cxz' + ½ (ΣCzz')B.
    fn half(&self, l: usize, b: &[f64; K]) -> [f64; K] {
        from_fn(|r| self.column(K + r, l) + 0.5 * super::dot(&self.level.c[r], b))
    }

    /// Σ W₁η̇zz'.
    fn along_w1(&self, l: usize, b: &[f64; K]) -> [[f64; K]; K] {
        let mut out = [[0.0; K]; K];
        let mut at = 2 * K;
        for r in 0..K {
            for c in 0..=r {
                out[r][c] = self.column(at, l) + super::dot(&self.level.w1[r][c], b);
                at += 1;
            }
        }
        mirror(&mut out);
        out
    }

    /// L⁻¹ȦL⁻ᵀ, with Ȧ = Λ'(ΣW₁η̇zz')Λ, and what Λ̇ adds in the direction of θ.
    fn change(&self, l: usize, weight: &[[f64; K]; K]) -> [[f64; K]; K] {
        let Turn { root, turned } = &self.turn;
        let right = product(weight, turned);
        let mut change: [[f64; K]; K] =
            from_fn(|x| from_fn(|y| (0..K).map(|a| turned[a][x] * right[a][y]).sum::<f64>()));
        if let Some(k) = l.checked_sub(self.problem.coefficients()) {
            let e = &self.problem.theta.entries[k];
            let row: [f64; K] = from_fn(|y| (0..K).map(|a| self.level.w[e.row][a] * turned[a][y]).sum());
            for x in 0..K {
                for y in 0..K {
                    change[x][y] += root[x][e.column] * row[y] + row[x] * root[y][e.column];
                }
            }
        }
        change
    }

    /// The bracket of sym[·] for every θₖ, and 2 Σ W Ṁₖ'A⁻¹Ṁₗ.
    fn add_cross(&self, b: &[[f64; K]], weight: &[[[f64; K]; K]], h: &mut DMatrix<f64>) {
        let (p, n) = (self.problem.coefficients(), self.problem.parameters());
        let lambda = &self.mode.lambda.0[0];
        let inverse = &self.gradient.inverse.lead[self.j * K * K..(self.j + 1) * K * K];
        let entries = &self.problem.theta.entries;
        for (k, e) in entries.iter().enumerate() {
            // Column c of ΛA⁻¹.
            let column: [f64; K] = from_fn(|a| (0..=a).map(|b| lambda[a * K + b] * inverse[b * K + e.column]).sum());
            let v = self.gradient.v[self.j * K + e.column];
            for l in 0..n {
                let along_w = self.column(e.row, l) + super::dot(&self.level.w[e.row], &b[l]);
                let bracket = 2.0 * super::dot(&column, &weight[l][e.row]) - v * along_w
                    + self.level.omega[e.row] * self.tangent[e.column * n + l];
                h[(p + k, l)] += bracket;
                h[(l, p + k)] += bracket;
            }
            for (l, f) in entries.iter().enumerate() {
                h[(p + k, p + l)] += 2.0 * self.level.w[e.row][f.row] * inverse[e.column * K + f.column];
            }
        }
    }
}

fn refill<T>(memory: &mut Vec<T>, items: impl Iterator<Item = T>) {
    memory.clear();
    memory.extend(items);
}
