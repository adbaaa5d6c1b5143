//! A = M'WM + I of a branch, eliminated from the finest level up.
//!
//! A unit is coupled with the units around it and with nothing else. So each has one small symmetric matrix over its own effects
//! and those on the path above it (a front), which is complete when the units inside it have been eliminated:
//!
//! ```text
//! front = ( F_oo  F_oa )      L L' = F_oo,   Y = L⁻¹F_oa,   F_aa − Y'Y goes to the front of the unit around
//!         ( F_ao  F_aa )
//! ```
//!
//! What is left at the branch's own unit is the Schur complement S, and its L is that of S.

use super::branch::Branch;
use crate::linalg::small;

/// L and Y of every unit, level by level.
pub(super) struct Fronts {
    chol: Vec<Vec<f64>>,
    y: Vec<Vec<f64>>,
}

impl Fronts {
    /// Eliminates; `fronts` holds what the records and I give, full matrices. `None` if one is not positive definite.
    pub(super) fn eliminate(branch: &Branch, mut fronts: Vec<Vec<f64>>) -> Option<Self> {
        let mut chol = branch.room(|j| branch.own(j) * branch.own(j));
        let mut y = branch.room(|j| branch.own(j) * (branch.width(j) - branch.own(j)));
        for j in 0..=branch.level {
            let (k, w) = (branch.own(j), branch.width(j));
            let above = w - k;
            let (done, rest) = fronts.split_at_mut(j + 1);
            for (x, front) in done[j].chunks_exact(w * w).enumerate() {
                let l = &mut chol[j][x * k * k..(x + 1) * k * k];
                let y = &mut y[j][x * k * above..(x + 1) * k * above];
                for a in 0..k {
                    l[a * k..=a * k + a].copy_from_slice(&front[a * w..=a * w + a]);
                    y[a * above..(a + 1) * above].copy_from_slice(&front[a * w + k..(a + 1) * w]);
                }
                if !small::cholesky(l, k) {
                    return None;
                }
                if above == 0 {
                    continue;
                }
                small::solve_lower(l, k, y, above);
                let around = branch.parent(j, x);
                let out = &mut rest[0][around * above * above..(around + 1) * above * above];
                for a in 0..above {
                    for b in 0..above {
                        let taken: f64 = (0..k).map(|c| y[c * above + a] * y[c * above + b]).sum();
                        out[a * above + b] += front[(k + a) * w + k + b] - taken;
                    }
                }
            }
        }
        Some(Self { chol, y })
    }

    /// L of S, κ x κ.
    pub(super) fn root(&self) -> &[f64] {
        &self.chol[self.chol.len() - 1]
    }

    /// Solves A x = b. A unit's part of `b` is a path: its own effects and, for what its records give to them, those above. On
    /// return a unit's path holds x for itself and everything above. Gives b'A⁻¹b.
    pub(super) fn solve(&self, branch: &Branch, b: &mut [Vec<f64>]) -> f64 {
        let mut square = 0.0;
        for j in 0..=branch.level {
            let (k, w) = (branch.own(j), branch.width(j));
            let above = w - k;
            let (done, rest) = b.split_at_mut(j + 1);
            for (x, path) in done[j].chunks_exact_mut(w).enumerate() {
                let (own, passed) = path.split_at_mut(k);
                small::solve_lower(&self.chol[j][x * k * k..(x + 1) * k * k], k, own, 1);
                square += own.iter().map(|o| o * o).sum::<f64>();
                if above == 0 {
                    continue;
                }
                let y = &self.y[j][x * k * above..(x + 1) * k * above];
                let around = branch.parent(j, x);
                let out = &mut rest[0][around * above..(around + 1) * above];
                for a in 0..above {
                    out[a] += passed[a] - (0..k).map(|c| y[c * above + a] * own[c]).sum::<f64>();
                }
            }
        }
        self.descend(branch, b, 1);
        square
    }

    /// How every path moves with the effects of the branch's own unit, the others following: −A_ii⁻¹A_ir, and I at the top.
    /// Per unit, its path by the κ effects.
    pub(super) fn moves(&self, branch: &Branch) -> Vec<Vec<f64>> {
        let k = branch.own(branch.level);
        let mut moves = branch.room(|j| branch.width(j) * k);
        let top = &mut moves[branch.level];
        // `descend` begins with L⁻ᵀ: L' gives I.
        let l = self.root();
        for a in 0..k {
            for b in 0..=a {
                top[b * k + a] = l[a * k + b];
            }
        }
        self.descend(branch, &mut moves, k);
        moves
    }

    /// From the branch's own unit down: x = L⁻ᵀ(x − Y x_above), for `n` right-hand sides.
    fn descend(&self, branch: &Branch, b: &mut [Vec<f64>], n: usize) {
        for j in (0..=branch.level).rev() {
            let (k, w) = (branch.own(j), branch.width(j));
            let above = w - k;
            let (below, done) = b.split_at_mut(j + 1);
            for (x, path) in below[j].chunks_exact_mut(w * n).enumerate() {
                let (own, passed) = path.split_at_mut(k * n);
                if above > 0 {
                    let around = branch.parent(j, x);
                    passed.copy_from_slice(&done[0][around * above * n..(around + 1) * above * n]);
                    let y = &self.y[j][x * k * above..(x + 1) * k * above];
                    for c in 0..k {
                        for (a, of) in passed.chunks_exact(n).enumerate() {
                            let factor = y[c * above + a];
                            own[c * n..(c + 1) * n].iter_mut().zip(of).for_each(|(o, p)| *o -= factor * p);
                        }
                    }
                }
                small::solve_upper(&self.chol[j][x * k * k..(x + 1) * k * k], k, own, n);
            }
        }
    }
}
