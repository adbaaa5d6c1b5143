//! A level's share of the Hessian in every direction at once: rows over the directions (β, θ), so that loops run along them.

use super::super::laplace::Gradient;
use super::super::mode::Mode;
use super::super::problem::Problem;
use super::super::traces::Outer;
use super::hessian::Level;
use super::through;
use crate::linalg::small;
use nalgebra::DMatrix;
use std::array::from_fn;

/// Adds level after level; K effects, M sums over the columns of x.
pub(super) struct Directions<'a, const K: usize, const M: usize> {
    problem: &'a Problem,
    mode: &'a Mode,
    gradient: &'a Gradient,
    /// Bₗ, K rows.
    b: Vec<f64>,
    /// Σ Cxz' + ½ (ΣCzz')B, K rows.
    half: Vec<f64>,
    /// Σ W₁η̇zz', a row per pair of effects.
    weight: Vec<f64>,
    /// L⁻¹ȦL⁻ᵀ, of one pair.
    change: Vec<f64>,
    /// What is added to H with its transpose.
    main: Outer,
    /// The bracket of sym[·], a row per θ.
    cross: Vec<f64>,
    /// 2 Σ W Ṁₖ'A⁻¹Ṁₗ over θ.
    variance: Vec<f64>,
}

/// What brings a level's sums over zz' to L⁻¹·L⁻ᵀ: L⁻¹, and ΛL⁻ᵀ.
struct Turn<const K: usize> {
    root: [[f64; K]; K],
    turned: [[f64; K]; K],
}

impl<const K: usize> Turn<K> {
    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn new(lambda: &[f64], chol: &[f64]) -> Self {
        let mut root: [[f64; K]; K] = from_fn(|x| from_fn(|y| f64::from(u8::from(x == y))));
        small::solve_lower(chol, K, root.as_flattened_mut(), K);
        let turned = from_fn(|a| from_fn(|y| (0..=a).map(|b| lambda[a * K + b] * root[y][b]).sum()));
        Self { root, turned }
    }

    /// What a symmetric matrix's entries (a, c) and (c, a) contribute to the entry (x, y) of the turned one.
    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn factor(&self, (a, c): (usize, usize), (x, y): (usize, usize)) -> f64 {
        let t = &self.turned;
        if a == c { t[a][x] * t[a][y] } else { t[a][x] * t[c][y] + t[c][x] * t[a][y] }
    }
}

/// The pairs (r, c), c ≤ r, in the order of the lower triangle.
#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
fn pairs<const K: usize>() -> impl Iterator<Item = (usize, (usize, usize))> {
    (0..K).flat_map(|r| (0..=r).map(move |c| (r, c))).enumerate()
}

/// The place of a pair in that order.
#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
fn pair(r: usize, c: usize) -> usize {
    let (high, low) = (r.max(c), r.min(c));
    high * (high + 1) / 2 + low
}

impl<'a, const K: usize, const M: usize> Directions<'a, K, M> {
    pub(super) fn new(problem: &'a Problem, mode: &'a Mode, gradient: &'a Gradient) -> Self {
        let (n, t) = (problem.parameters(), problem.theta.len());
        let rows = |count: usize| vec![0.0; count * n];
        Self {
            problem,
            mode,
            gradient,
            b: rows(K),
            half: rows(K),
            weight: rows(K * (K + 1) / 2),
            change: rows(1),
            main: Outer::new(n),
            cross: rows(t),
            variance: vec![0.0; t * t],
        }
    }

    /// Adds everything of level `j` but X'CX; `tangent` holds u̇ in K rows.
    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    pub(super) fn add(&mut self, j: usize, level: &Level<K, M>, tangent: &[f64]) {
        let n = self.problem.parameters();
        self.write_b(j, tangent);
        for r in 0..K {
            write_row(&mut self.half[r * n..(r + 1) * n], &level.by_column[K + r], 0.5, &level.sums.c[r], &self.b);
        }
        for (q, (r, c)) in pairs::<K>() {
            write_row(
                &mut self.weight[q * n..(q + 1) * n],
                &level.by_column[2 * K + q],
                1.0,
                &level.sums.w1[r][c],
                &self.b,
            );
        }
        for r in 0..K {
            let row = r * n..(r + 1) * n;
            self.main.push(1.0, &self.half[row.clone()], &self.b[row.clone()]);
            self.main.push(1.0, &tangent[row.clone()], &tangent[row]);
        }
        let turn = Turn::new(&self.mode.lambda.0[0], &self.mode.at.chol[j * K * K..(j + 1) * K * K]);
        for (_, (x, y)) in pairs::<K>() {
            self.write_change(&turn, level, (x, y));
            self.main.push(if x == y { -0.5 } else { -1.0 }, &self.change, &self.change);
        }
        self.add_cross(j, level, tangent);
    }

    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn write_b(&mut self, j: usize, tangent: &[f64]) {
        let (p, n) = (self.problem.coefficients(), self.problem.parameters());
        let lambda = &self.mode.lambda.0[0];
        self.b.fill(0.0);
        for r in 0..K {
            for s in 0..=r {
                add_row(&mut self.b[r * n..(r + 1) * n], lambda[r * K + s], &tangent[s * n..(s + 1) * n]);
            }
        }
        for (k, e) in self.problem.theta.entries.iter().enumerate() {
            self.b[e.row * n + p + k] += self.mode.u[j * K + e.column];
        }
    }

    /// One entry of L⁻¹ȦL⁻ᵀ, with Ȧ = Λ'(ΣW₁η̇zz')Λ, and what Λ̇ adds in the direction of θ.
    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn write_change(&mut self, turn: &Turn<K>, level: &Level<K, M>, (x, y): (usize, usize)) {
        let (p, n) = (self.problem.coefficients(), self.problem.parameters());
        self.change.fill(0.0);
        for (q, (a, c)) in pairs::<K>() {
            add_row(&mut self.change, turn.factor((a, c), (x, y)), &self.weight[q * n..(q + 1) * n]);
        }
        for (k, e) in self.problem.theta.entries.iter().enumerate() {
            let along = |y: usize| (0..K).map(|a| level.sums.w[e.row][a] * turn.turned[a][y]).sum::<f64>();
            self.change[p + k] += turn.root[x][e.column] * along(y) + along(x) * turn.root[y][e.column];
        }
    }

    /// The bracket of sym[·] for every θₖ, and 2 Σ W Ṁₖ'A⁻¹Ṁₗ.
    #[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
    #[inline(always)]
    fn add_cross(&mut self, j: usize, level: &Level<K, M>, tangent: &[f64]) {
        let n = self.problem.parameters();
        let lambda = &self.mode.lambda.0[0];
        let inverse = &self.gradient.inverse.lead[j * K * K..(j + 1) * K * K];
        let entries = &self.problem.theta.entries;
        for (k, e) in entries.iter().enumerate() {
            let v = self.gradient.v[j * K + e.column];
            let row = &mut self.cross[k * n..(k + 1) * n];
            // Column c of ΛA⁻¹.
            let column = through::<K>(lambda, &from_fn::<f64, K, _>(|b| inverse[b * K + e.column]));
            for a in 0..K {
                let q = pair(e.row, a);
                add_row(row, 2.0 * column[a], &self.weight[q * n..(q + 1) * n]);
                add_row(row, -v * level.sums.w[e.row][a], &self.b[a * n..(a + 1) * n]);
            }
            let columns = level.by_column[e.row].len();
            add_row(&mut row[..columns], -v, &level.by_column[e.row]);
            add_row(row, level.sums.omega[e.row], &tangent[e.column * n..(e.column + 1) * n]);
            for (l, f) in entries.iter().enumerate() {
                let x = level.sums.w[e.row][f.row] * inverse[e.column * K + f.column];
                self.variance[k * entries.len() + l] += 2.0 * x;
            }
        }
    }

    /// The sum, of which (H + H')/2 is meant.
    pub(super) fn finish(self) -> DMatrix<f64> {
        let (p, n, t) = (self.problem.coefficients(), self.problem.parameters(), self.problem.theta.len());
        let main = self.main.finish();
        let mut h = DMatrix::from_fn(n, n, |k, l| 2.0 * main[(k, l)]);
        for k in 0..t {
            (0..n).for_each(|l| h[(p + k, l)] += 2.0 * self.cross[k * n + l]);
            (0..t).for_each(|l| h[(p + k, p + l)] += self.variance[k * t + l]);
        }
        h
    }
}

/// Writes `start`, zero beyond its end, plus `factor` times the combination of the rows of `b`.
#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
fn write_row<const K: usize>(row: &mut [f64], start: &[f64], factor: f64, combination: &[f64; K], b: &[f64]) {
    let n = row.len();
    row[..start.len()].copy_from_slice(start);
    row[start.len()..].fill(0.0);
    for (a, x) in combination.iter().enumerate() {
        add_row(row, factor * x, &b[a * n..(a + 1) * n]);
    }
}

#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
fn add_row(row: &mut [f64], factor: f64, other: &[f64]) {
    row.iter_mut().zip(other).for_each(|(x, y)| *x += factor * y);
}
