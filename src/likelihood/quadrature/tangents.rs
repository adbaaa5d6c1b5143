//! How the nodes of a group move with every parameter.
//!
//! For direction l, with ζ = X or ZΛ̇û and all at the mode,
//!
//! ```text
//! A û̇ = Λ̇'Z'g − Λ'Z'Wζ,   ḃ = Λ̇û + Λû̇,   Q̇ = Z'(W₁∘η̇)Z,   Ȧ = Λ̇'QΛ + Λ'QΛ̇ + Λ'Q̇Λ,   Ṙ = −RΦ(R'ȦR)'
//! ```

use super::nodes::{Nodes, Shared};
use super::records::Record;
use crate::random::ThetaEntry;
use nalgebra::{SMatrix, SVector};

/// One number per direction, for every effect.
pub(super) type Vectors<const W: usize> = [Vec<f64>; W];

/// One number per direction, for every pair of effects.
pub(super) type Squares<const W: usize> = [[Vec<f64>; W]; W];

/// Zeros for `n` directions.
pub(super) fn vectors<const W: usize>(n: usize) -> Vectors<W> {
    std::array::from_fn(|_| vec![0.0; n])
}

/// Zeros for `n` directions.
pub(super) fn squares<const W: usize>(n: usize) -> Squares<W> {
    std::array::from_fn(|_| vectors(n))
}

/// Tangents of one group in every direction.
pub(super) struct Tangents<const W: usize> {
    /// û̇.
    pub(super) u: Vectors<W>,
    /// ḃ at the mode.
    pub(super) b: Vectors<W>,
    /// Φ(R'ȦR), lower triangular.
    pub(super) phi: Squares<W>,
    /// Ṙ.
    pub(super) r: Squares<W>,
    /// Q̇.
    pub(super) q: Squares<W>,
    /// Z'Wη̇.
    pub(super) pull: Vectors<W>,
}

/// Sums over the records of a group that tangents are made of.
pub(super) struct Pulls<const W: usize> {
    /// Z'g.
    gamma: SVector<f64, W>,
    /// Z'WZ.
    pub(super) q: SMatrix<f64, W, W>,
    /// Z'(W₁∘zₐ)Z for every effect a.
    third: [SMatrix<f64, W, W>; W],
    /// Z'WX.
    first: Vec<SVector<f64, W>>,
    /// Z'(W₁∘x)Z for every column x.
    second: Vec<SMatrix<f64, W, W>>,
}

impl<const W: usize> Pulls<W> {
    /// For `p` columns.
    pub(super) fn new(p: usize) -> Self {
        Self {
            gamma: SVector::zeros(),
            q: SMatrix::zeros(),
            third: [SMatrix::zeros(); W],
            first: vec![SVector::zeros(); p],
            second: vec![SMatrix::zeros(); p],
        }
    }

    /// Adds a record with row `x` of X.
    pub(super) fn add(&mut self, record: &Record<W>, x: &[f64]) {
        let outer = record.z * record.z.transpose();
        self.gamma += record.z * record.g;
        self.q += outer * record.w;
        (0..W).for_each(|a| self.third[a] += outer * (record.w1 * record.z[a]));
        for (c, &x) in x.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            self.first[c] += record.z * (record.w * x);
            self.second[c] += outer * (record.w1 * x);
        }
    }
}

/// Lower triangle, with half the diagonal.
fn lower_half<const W: usize>(e: &SMatrix<f64, W, W>) -> SMatrix<f64, W, W> {
    SMatrix::from_fn(|a, b| match a.cmp(&b) {
        std::cmp::Ordering::Greater => e[(a, b)],
        std::cmp::Ordering::Equal => e[(a, b)] / 2.0,
        std::cmp::Ordering::Less => 0.0,
    })
}

/// Λ̇ of one element of θ.
fn unit<const W: usize>(entry: &ThetaEntry) -> SMatrix<f64, W, W> {
    SMatrix::from_fn(|a, b| f64::from(u8::from((a, b) == (entry.row, entry.column))))
}

impl<const W: usize> Tangents<W> {
    /// Tangents of the group whose records are in `pulls`.
    pub(super) fn new(shared: &Shared<W>, nodes: &Nodes<W>, pulls: &Pulls<W>) -> Self {
        let n = shared.problem.parameters();
        let mut tangents =
            Self { u: vectors(n), b: vectors(n), phi: squares(n), r: squares(n), q: squares(n), pull: vectors(n) };
        let p = pulls.first.len();
        for l in 0..n {
            if l < p {
                tangents.fill(l, shared, nodes, pulls, SMatrix::zeros(), pulls.first[l], pulls.second[l]);
            } else {
                let lambda = unit(&shared.problem.theta.entries[l - p]);
                tangents.fill(l, shared, nodes, pulls, lambda, SVector::zeros(), SMatrix::zeros());
            }
        }
        tangents
    }

    /// Direction `l`, with Λ̇ and with what a column of X brings: Z'Wx and Z'(W₁∘x)Z.
    #[expect(clippy::too_many_arguments, reason = "one direction: where it goes, the group, and what the direction is")]
    fn fill(
        &mut self,
        l: usize,
        shared: &Shared<W>,
        nodes: &Nodes<W>,
        pulls: &Pulls<W>,
        lambda_dot: SMatrix<f64, W, W>,
        first: SVector<f64, W>,
        second: SMatrix<f64, W, W>,
    ) {
        let (lambda, r) = (&shared.lambda, &nodes.r);
        let from_lambda = lambda_dot * nodes.mode;
        let zeta = first + pulls.q * from_lambda;
        let u = r * (r.transpose() * (lambda_dot.transpose() * pulls.gamma - lambda.transpose() * zeta));
        let b = from_lambda + lambda * u;
        let q = second + (0..W).map(|a| pulls.third[a] * b[a]).sum::<SMatrix<f64, W, W>>();
        let half = lambda_dot.transpose() * pulls.q * lambda;
        let a = half + half.transpose() + lambda.transpose() * q * lambda;
        let phi = lower_half(&(r.transpose() * a * r));
        let r = -(r * phi.transpose());
        let pull = first + pulls.q * b;
        for a in 0..W {
            (self.u[a][l], self.b[a][l], self.pull[a][l]) = (u[a], b[a], pull[a]);
            for c in 0..W {
                (self.phi[a][c][l], self.r[a][c][l], self.q[a][c][l]) = (phi[(a, c)], r[(a, c)], q[(a, c)]);
            }
        }
    }
}
