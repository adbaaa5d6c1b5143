//! The exact Hessian of D, nodes moving with the parameters.
//!
//! log L of a group is log|R| + log Σ wₖ exp(fₖ + ‖zₖ‖²/2). In directions l and m, with u̇ₖ = û̇ + Ṙzₖ, ḃₖ = Λ̇uₖ + Λu̇ₖ,
//! η̇ₖ = x + Zḃₖ and hₖ = ḟₖ = g'x + γₖ'ḃₖ − uₖ'u̇ₖ at the nodes, ḃ, η̇, Q̇ at the mode, and φ = Φ(R'ȦR), the second derivative of
//! −2 log L is the sum of four parts.
//!
//! 1. The nodes as they move:
//!
//! ```text
//!    Σₖ πₖ [2 Σᵢ W η̇ₖη̇ₖ + 2 u̇ₖ'u̇ₖ − 2 hₖhₖ] + 2 h̄h̄,   h̄ = Σ πₖhₖ;     sym −2 Σₖ πₖγₖ'Λ̇u̇ₖ
//! ```
//!
//! 2. The curvature of R as a function of A, from R̈ = R{φ'φ' + φ'φ' + Φ(φφ' + φφ')'} − RΦ(R'ÄR)' (each product in both orders of
//!    l and m):
//!
//! ```text
//!    2 Σₐ φₐₐφₐₐ − 2 tr(Kφφ) − 2 tr(Kφφ) − 2 tr(Kφφ')
//! ```
//!
//! 3. The curvature of A, in tr(BÄ), but for ü:
//!
//! ```text
//!    Σᵢ W₂c η̇η̇ + 2 tr(BΛ̇'QΛ̇) + sym [2 tr(BΛ'Q̇Λ̇) + t'Λ̇û̇]
//! ```
//!
//! 4. The curvature of the mode, v'Aü:
//!
//! ```text
//!    −Σᵢ W₁(z'bᵥ) η̇η̇ − sym [(Λ̇v)'Z'Wη̇ + (Qbᵥ)'Λ̇û̇]
//! ```
//!
//! sym[·] adds the same with l and m exchanged; its Λ̇ is that of one direction, so those terms are rows of θ alone. With
//! η̇ = x + Zḃ every sum over pairs of columns is one X'diag(·)X for all groups and products of short vectors per group. Checked
//! against central differences of the gradient in `tests/quadrature.rs`.

use super::OneFactor;
use super::adjoint::Adjoint;
use super::nodes::{Nodes, Shared};
use super::records::{Record, Sums};
use super::tangents::{Pulls, Squares, Tangents, Vectors, squares, vectors};
use crate::likelihood::hessian::Curved;
use crate::likelihood::laplace::Gradient;
use crate::likelihood::logistic::sigmoid;
use crate::likelihood::mode::Mode;
use crate::likelihood::problem::Problem;
use crate::likelihood::traces::Outer;
use nalgebra::{DMatrix, SMatrix, SVector};
use ndarray::Array2;
use rayon::prelude::*;
use std::ops::Range;

/// H over (β, θ).
pub(super) fn curve<const W: usize>(
    quadrature: &OneFactor,
    problem: &Problem,
    mode: &Mode,
    gradient: &Gradient,
) -> Curved {
    let fixed = problem.x.times(&mode.beta);
    let shared = Shared::<W>::new(problem, &quadrature.rule, &mode.lambda, &fixed, &mode.u, &mode.at.chol);
    let run = |groups: &Range<usize>| {
        let mut piece = Piece::new(&shared, mode, gradient);
        groups.clone().for_each(|j| piece.add_group(j));
        piece.finish()
    };
    let parts = quadrature.pieces.par_iter().map(run).collect::<Vec<_>>();
    let (n, p) = (problem.parameters(), problem.coefficients());
    let mut half = Array2::<f64>::zeros((n, n));
    let mut weights = Vec::with_capacity(problem.rows());
    let mut moves = Vec::with_capacity(problem.layout.effects() * n);
    for part in parts {
        half += &part.half;
        weights.extend(part.weights);
        moves.extend(part.moves);
    }
    let mut hessian = DMatrix::from_fn(n, n, |l, m| half[(l, m)] + half[(m, l)]);
    let mut main = hessian.view_mut((0, 0), (p, p));
    main += problem.x.gram(&problem.x.by_pattern(&weights));
    Curved { hessian, moves }
}

/// What one piece gives.
struct Share {
    /// The piece's part of H, but for X'diag(·)X, is this matrix plus its transpose.
    half: Array2<f64>,
    /// The diagonal of X'diag(·)X, per record.
    weights: Vec<f64>,
    /// û̇ per effect and direction.
    moves: Vec<f64>,
}

/// One piece at work.
struct Piece<'a, const W: usize> {
    shared: &'a Shared<'a, W>,
    mode: &'a Mode,
    gradient: &'a Gradient,
    outer: Outer,
    /// The brackets of sym[·] for Λ̇ with its one at (row, column).
    by_lambda: Squares<W>,
    /// Pairs of θ.
    variance: Array2<f64>,
    weights: Vec<f64>,
    moves: Vec<f64>,
    nodes: Nodes<W>,
    scratch: Vec<f64>,
    row: Vec<f64>,
}

/// Sums over a group's records at every node, a number per node.
struct AtNodes<const W: usize> {
    /// X'g, column after column.
    score: Vec<f64>,
    /// X'WZ, column after column, effect after effect.
    cross: Vec<f64>,
    /// Z'g.
    gamma: [Vec<f64>; W],
    /// Z'WZ.
    q: [[Vec<f64>; W]; W],
}

impl<'a, const W: usize> Piece<'a, W> {
    fn new(shared: &'a Shared<'a, W>, mode: &'a Mode, gradient: &'a Gradient) -> Self {
        let (n, t) = (shared.problem.parameters(), shared.problem.theta.len());
        Self {
            shared,
            mode,
            gradient,
            outer: Outer::new(n),
            by_lambda: squares(n),
            variance: Array2::zeros((t, t)),
            weights: Vec::new(),
            moves: Vec::new(),
            nodes: Nodes::new(shared.rule),
            scratch: Vec::new(),
            row: vec![0.0; shared.problem.coefficients()],
        }
    }

    fn add_group(&mut self, j: usize) {
        let (shared, mode, count) = (self.shared, self.mode, self.shared.rule.count());
        self.nodes.place(shared, j);
        let weights = &mode.weights[j * count..(j + 1) * count];
        let at = self.read_nodes(j, weights);
        let adjoint = Adjoint::new(shared, &self.nodes, weights, &at.gamma);
        let (pulls, pinch) = self.read_mode(j);
        let tangents = Tangents::new(shared, &self.nodes, &pulls);
        self.add_nodes(weights, &at, &tangents);
        self.add_scale(&adjoint, &tangents);
        self.add_mode(j, &adjoint, &pulls, &pinch, &tangents);
        for u in &tangents.u {
            self.moves.extend_from_slice(u);
        }
    }

    /// Sums at the nodes; appends the nodes' share of the diagonal, 2 Σ πₖW.
    fn read_nodes(&mut self, j: usize, weights: &[f64]) -> AtNodes<W> {
        let Self { shared, nodes, scratch, row, weights: diagonal, .. } = self;
        let (problem, count) = (shared.problem, weights.len());
        let (y, m) = (&problem.outcome.successes, &problem.outcome.trials);
        let zeros = || vec![0.0; count];
        let mut at = AtNodes::<W> {
            score: vec![0.0; row.len() * count],
            cross: vec![0.0; row.len() * W * count],
            gamma: std::array::from_fn(|_| zeros()),
            q: std::array::from_fn(|_| std::array::from_fn(|_| zeros())),
        };
        let mut w = zeros();
        shared.for_each_block(j, nodes, scratch, |block, eta| {
            sigmoid(eta);
            for (i, g) in block.zip(eta.chunks_exact_mut(count)) {
                for (g, w) in g.iter_mut().zip(&mut w) {
                    let expected = m[i] * *g;
                    *w = expected * (1.0 - *g);
                    *g = y[i] - expected;
                }
                diagonal.push(2.0 * weights.iter().zip(&w).map(|(pi, w)| pi * w).sum::<f64>());
                let z = shared.z(i);
                for a in 0..W {
                    add(&mut at.gamma[a], z[a], g);
                    (0..W).for_each(|b| add(&mut at.q[a][b], z[a] * z[b], &w));
                }
                problem.x.write_row(problem.x.pattern(i), row);
                for (c, &x) in row.iter().enumerate().filter(|(_, x)| **x != 0.0) {
                    add(&mut at.score[c * count..(c + 1) * count], x, g);
                    for a in 0..W {
                        let cell = c * W + a;
                        add(&mut at.cross[cell * count..(cell + 1) * count], x * z[a], &w);
                    }
                }
            }
        });
        at
    }

    /// Sums at the mode; adds the mode's share of the diagonal, e = W₂c − W₁z'bᵥ. Also gives X'eZ and Z'eZ.
    fn read_mode(&mut self, j: usize) -> (Pulls<W>, (Vec<SVector<f64, W>>, SMatrix<f64, W, W>)) {
        let (shared, p) = (self.shared, self.row.len());
        let b_v = self.b_v(j);
        let mut pulls = Pulls::new(p);
        let (mut cross, mut square) = (vec![SVector::zeros(); p], SMatrix::zeros());
        let records = shared.records(j);
        let first = self.weights.len() - records.len();
        for (at, i) in records.enumerate() {
            let record = Record::new(shared, self.mode, i);
            shared.problem.x.write_row(shared.problem.x.pattern(i), &mut self.row);
            pulls.add(&record, &self.row);
            let e = record.w2 * self.gradient.leverage[i] - record.w1 * record.z.dot(&b_v);
            self.weights[first + at] += e;
            square += record.z * record.z.transpose() * e;
            for (sum, x) in cross.iter_mut().zip(&self.row).filter(|(_, x)| **x != 0.0) {
                *sum += record.z * (e * x);
            }
        }
        (pulls, (cross, square))
    }

    /// v of group `j`.
    fn v(&self, j: usize) -> SVector<f64, W> {
        SVector::from_column_slice(&self.gradient.v[j * W..(j + 1) * W])
    }

    /// bᵥ = Λv of group `j`.
    fn b_v(&self, j: usize) -> SVector<f64, W> {
        self.shared.lambda * self.v(j)
    }

    /// Part 1.
    fn add_nodes(&mut self, weights: &[f64], at: &AtNodes<W>, tangents: &Tangents<W>) {
        let (n, p, count) = (self.shared.problem.parameters(), self.row.len(), weights.len());
        let (mut u_dot, mut b_dot, mut left) = (vectors::<W>(n), vectors::<W>(n), vec![0.0; n]);
        let (mut h, mut mean) = (vec![0.0; n], vec![0.0; n]);
        for (k, &weight) in weights.iter().enumerate() {
            let (z, u) = (self.nodes.z[k], self.nodes.u[k]);
            self.move_node(z, u, tangents, &mut u_dot, &mut b_dot);
            h[p..].fill(0.0);
            (0..p).for_each(|c| h[c] = at.score[c * count + k]);
            for a in 0..W {
                add(&mut h, at.gamma[a][k], &b_dot[a]);
                add(&mut h, -u[a], &u_dot[a]);
            }
            add(&mut mean, weight, &h);
            self.outer.push(-weight, &h, &h);
            for a in 0..W {
                // Σ W (x + z'ḃ)(x + z'ḃ) without Σ W xx is Σₐ (X'Wzₐ + ½ Σ_b Q_ab ḃ_b) ḃₐ plus its transpose.
                left[p..].fill(0.0);
                (0..p).for_each(|c| left[c] = at.cross[(c * W + a) * count + k]);
                (0..W).for_each(|b| add(&mut left, at.q[a][b][k] / 2.0, &b_dot[b]));
                self.outer.push(2.0 * weight, &left, &b_dot[a]);
                self.outer.push(weight, &u_dot[a], &u_dot[a]);
                (0..W).for_each(|r| add(&mut self.by_lambda[r][a], -2.0 * weight * at.gamma[r][k], &u_dot[a]));
            }
        }
        self.outer.push(1.0, &mean, &mean);
    }

    /// u̇ₖ and ḃₖ of one node in every direction.
    fn move_node(
        &self,
        z: SVector<f64, W>,
        u: SVector<f64, W>,
        tangents: &Tangents<W>,
        u_dot: &mut Vectors<W>,
        b_dot: &mut Vectors<W>,
    ) {
        let p = self.row.len();
        for a in 0..W {
            u_dot[a].copy_from_slice(&tangents.u[a]);
            (a..W).for_each(|c| add(&mut u_dot[a], z[c], &tangents.r[a][c]));
        }
        for a in 0..W {
            b_dot[a].fill(0.0);
            (0..=a).for_each(|c| add(&mut b_dot[a], self.shared.lambda[(a, c)], &u_dot[c]));
        }
        for (l, e) in self.shared.problem.theta.entries.iter().enumerate() {
            b_dot[e.row][p + l] += u[e.column];
        }
    }

    /// Part 2; φ is lower triangular.
    fn add_scale(&mut self, adjoint: &Adjoint<W>, tangents: &Tangents<W>) {
        let phi = &tangents.phi;
        for a in 0..W {
            self.outer.push(1.0, &phi[a][a], &phi[a][a]);
            for b in 0..W {
                let k = adjoint.k[(a, b)];
                (b..=a).for_each(|c| self.outer.push(-2.0 * k, &phi[a][c], &phi[c][b]));
                (0..=a.min(b)).for_each(|c| self.outer.push(-k, &phi[a][c], &phi[b][c]));
            }
        }
    }

    /// Parts 3 and 4.
    fn add_mode(
        &mut self,
        j: usize,
        adjoint: &Adjoint<W>,
        pulls: &Pulls<W>,
        (cross, square): &(Vec<SVector<f64, W>>, SMatrix<f64, W, W>),
        tangents: &Tangents<W>,
    ) {
        let (shared, v, p) = (self.shared, self.v(j), self.row.len());
        let sums = Sums::read(shared, self.mode, j, |z| z.dot(&(adjoint.c * z)));
        let mut left = vec![0.0; shared.problem.parameters()];
        for a in 0..W {
            left[p..].fill(0.0);
            (0..p).for_each(|c| left[c] = cross[c][a]);
            (0..W).for_each(|b| add(&mut left, square[(a, b)] / 2.0, &tangents.b[b]));
            self.outer.push(1.0, &left, &tangents.b[a]);
        }
        let along_q = adjoint.b * shared.lambda.transpose() * 2.0;
        let along_u = sums.t - pulls.q * self.b_v(j);
        for r in 0..W {
            for c in 0..W {
                let row = &mut self.by_lambda[r][c];
                (0..W).for_each(|d| add(row, along_q[(c, d)], &tangents.q[d][r]));
                add(row, along_u[r], &tangents.u[c]);
                add(row, -v[c], &tangents.pull[r]);
            }
        }
        let entries = &shared.problem.theta.entries;
        for (l, e) in entries.iter().enumerate() {
            for (m, f) in entries.iter().enumerate() {
                self.variance[(l, m)] += adjoint.b[(e.column, f.column)] * pulls.q[(e.row, f.row)];
            }
        }
    }

    fn finish(self) -> Share {
        let p = self.row.len();
        let mut half = self.outer.finish();
        for (l, e) in self.shared.problem.theta.entries.iter().enumerate() {
            half.row_mut(p + l).iter_mut().zip(&self.by_lambda[e.row][e.column]).for_each(|(h, x)| *h += x);
            (0..self.variance.nrows()).for_each(|m| half[(p + l, p + m)] += self.variance[(l, m)]);
        }
        Share { half, weights: self.weights, moves: self.moves }
    }
}

#[inline]
fn add(out: &mut [f64], factor: f64, x: &[f64]) {
    out.iter_mut().zip(x).for_each(|(o, x)| *o += factor * x);
}
