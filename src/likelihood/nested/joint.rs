//! The joint mode of all effects inside a branch, given the effects above it: where the nodes of its own unit are centred, and
//! how the value answers when that centre and its precision move.

use super::adjoint::Adjoint;
use super::branch::Branch;
use super::fronts::Fronts;
use crate::likelihood::logistic::probabilities;
use crate::likelihood::weights::Weights;

/// Newton is quadratic: a step that would gain less than this is the last one. The value of a rule is not stationary in the
/// place of its nodes, so they are wanted closer than where a mode is only maximised at.
pub(super) const LAST_GAIN: f64 = 1e-14;

/// Newton steps before giving up; convergence takes 2 to 8.
pub(super) const MOST_STEPS: usize = 100;

/// Halvings before a step is given up as not improvable in floating point.
pub(super) const MOST_HALVINGS: usize = 30;

/// Rounding of a sum of log-likelihoods, relative to it or to 1: it may be near zero as the difference of terms that are not.
pub(super) const ROUNDING: f64 = 1e-13;

/// The mode, and A there.
pub(super) struct Joint {
    /// û on the path of every unit, level by level.
    pub(super) path: Vec<Vec<f64>>,
    /// p per record.
    mu: Vec<f64>,
    pub(super) fronts: Fronts,
}

/// The records at some û.
struct Sweep {
    penalised: f64,
    mu: Vec<f64>,
    fronts: Fronts,
    rhs: Vec<Vec<f64>>,
}

impl Joint {
    /// Newton with step halving from `start`, paths in which each unit's own effects count; `base` is the linear predictor
    /// without the effects of the branch. `None` where the numbers are not finite.
    pub(super) fn find(branch: &Branch, base: &[f64], start: Vec<Vec<f64>>) -> Option<Self> {
        let mut path = start;
        spread(branch, &mut path);
        let mut at = sweep(branch, base, &path)?;
        for _ in 0..MOST_STEPS {
            let mut step = at.rhs.clone();
            let gain = at.fronts.solve(branch, &mut step);
            let (mut scale, mut halvings) = (1.0, 0);
            let moved = loop {
                let trial = path.iter().zip(&step).map(|(u, d)| u.iter().zip(d).map(|(u, d)| u + scale * d).collect());
                let trial = trial.collect::<Vec<Vec<f64>>>();
                let floor = at.penalised - ROUNDING * (1.0 + at.penalised.abs());
                match sweep(branch, base, &trial) {
                    Some(next) if next.penalised >= floor => break Some((trial, next)),
                    _ if halvings == MOST_HALVINGS => break None,
                    _ => (scale, halvings) = (scale / 2.0, halvings + 1),
                }
            };
            let stuck = moved.is_none();
            if let Some((trial, next)) = moved {
                (path, at) = (trial, next);
            }
            if stuck || gain < LAST_GAIN {
                return Some(Self { path, mu: at.mu, fronts: at.fronts });
            }
        }
        None
    }

    /// û of the branch's own unit.
    pub(super) fn centre(&self) -> &[f64] {
        &self.path[self.path.len() - 1]
    }

    /// Adds what log L gains through the centre and the precision of the nodes: to `slopes` per unit of a record's linear
    /// predictor, to `by_lambda` per element of Λ, level after level.
    ///
    /// With N how the branch follows its own unit, P = NBN' takes the place of A⁻¹ in the gradient of Laplace's method, and
    /// c = M'PM that of the leverage. With v = A⁻¹(M'(W₁∘c) − 2s̄) and r = W₁∘c − W∘(Mv),
    ///
    /// ```text
    /// −2 d log L = r'dη + tr[(Z'r û' + Z'g v' + 2Z'WMP) dΛ]
    /// ```
    pub(super) fn pull(&self, branch: &Branch, adjoint: &Adjoint, slopes: &mut [f64], by_lambda: &mut [f64]) {
        let (k, w) = (branch.own(branch.level), branch.width(0));
        let moves = self.fronts.moves(branch);
        let mut v = branch.room(|j| branch.width(j));
        let first = branch.records().start;
        let mut through = vec![0.0; slopes.len() * w];
        let mut leverage = vec![0.0; slopes.len()];
        for x in 0..branch.units[0].len() {
            let n = &moves[0][x * w * k..(x + 1) * w * k];
            let rhs = &mut v[0][x * w..(x + 1) * w];
            for i in branch.leaf(x) {
                let m = &branch.rows.m(i)[..w];
                let at = i - first;
                let pm = &mut through[at * w..(at + 1) * w];
                weigh(n, &adjoint.b, m, k, pm);
                leverage[at] = m.iter().zip(&*pm).map(|(m, p)| m * p).sum();
                let slope = self.weights(branch, i).w1 * leverage[at];
                rhs.iter_mut().zip(m).for_each(|(r, m)| *r += slope * m);
            }
        }
        v[branch.level].iter_mut().zip(adjoint.mean.iter()).for_each(|(v, s)| *v -= 2.0 * s);
        self.fronts.solve(branch, &mut v);
        for x in 0..branch.units[0].len() {
            let (u, v) = (&self.path[0][x * w..(x + 1) * w], &v[0][x * w..(x + 1) * w]);
            for i in branch.leaf(x) {
                let at = i - first;
                let Weights { w: weight, w1, g, .. } = self.weights(branch, i);
                let mv: f64 = branch.rows.m(i)[..w].iter().zip(v).map(|(m, v)| m * v).sum();
                let r = w1 * leverage[at] - weight * mv;
                slopes[at] -= 0.5 * r;
                let pm = &through[at * w..(at + 1) * w];
                add_lambda(branch, i, by_lambda, |b| -0.5 * (r * u[b] + g * v[b]) - weight * pm[b]);
            }
        }
    }

    #[inline]
    fn weights(&self, branch: &Branch, i: usize) -> Weights {
        Weights::new(self.mu[i - branch.records().start], branch.rows.y[i], branch.rows.trials[i])
    }
}

/// PM = N B N'M.
#[inline]
fn weigh(n: &[f64], b: &nalgebra::DMatrix<f64>, m: &[f64], k: usize, out: &mut [f64]) {
    out.fill(0.0);
    for d in 0..k {
        let share: f64 =
            (0..k).map(|c| b[(d, c)] * m.iter().enumerate().map(|(a, m)| n[a * k + c] * m).sum::<f64>()).sum();
        out.iter_mut().enumerate().for_each(|(a, o)| *o += n[a * k + d] * share);
    }
}

/// Adds z ⊗ share, level after level: `share(b)` belongs to effect b of the record's row of M.
#[inline]
pub(super) fn add_lambda(branch: &Branch, i: usize, by_lambda: &mut [f64], share: impl Fn(usize) -> f64) {
    let z = branch.rows.z(i);
    let mut first = 0;
    for j in 0..=branch.level {
        let (k, c) = (branch.own(j), branch.shared.tree.columns[j]);
        for a in 0..k {
            for b in 0..k {
                by_lambda[first + a * k + b] += z[c + a] * share(c + b);
            }
        }
        first += k * k;
    }
}

/// Copies each unit's own effects to the paths of the units inside it.
fn spread(branch: &Branch, path: &mut [Vec<f64>]) {
    for j in (0..branch.level).rev() {
        let (k, w) = (branch.own(j), branch.width(j));
        let above = w - k;
        let (below, done) = path.split_at_mut(j + 1);
        for (x, path) in below[j].chunks_exact_mut(w).enumerate() {
            let around = branch.parent(j, x);
            path[k..].copy_from_slice(&done[0][around * above..(around + 1) * above]);
        }
    }
}

fn sweep(branch: &Branch, base: &[f64], path: &[Vec<f64>]) -> Option<Sweep> {
    let (rows, w) = (branch.rows, branch.width(0));
    let records = branch.records();
    let mut mu = base.to_vec();
    for x in 0..branch.units[0].len() {
        let u = &path[0][x * w..(x + 1) * w];
        for i in branch.leaf(x) {
            mu[i - records.start] += rows.m(i)[..w].iter().zip(u).map(|(m, u)| m * u).sum::<f64>();
        }
    }
    let mut penalised = probabilities(&mut mu, &rows.y[records.clone()], &rows.trials[records.clone()]);
    let mut fronts = branch.room(|j| branch.width(j) * branch.width(j));
    let mut rhs = branch.room(|j| branch.width(j));
    for j in 0..=branch.level {
        let (k, w) = (branch.own(j), branch.width(j));
        for (x, u) in path[j].chunks_exact(w).enumerate() {
            for a in 0..k {
                penalised -= u[a] * u[a] / 2.0;
                rhs[j][x * w + a] = -u[a];
                fronts[j][x * w * w + a * w + a] = 1.0;
            }
        }
    }
    for x in 0..branch.units[0].len() {
        let (front, rhs) = (&mut fronts[0][x * w * w..(x + 1) * w * w], &mut rhs[0][x * w..(x + 1) * w]);
        for i in branch.leaf(x) {
            let p = mu[i - records.start];
            let expected = rows.trials[i] * p;
            let (weight, g) = (expected * (1.0 - p), rows.y[i] - expected);
            let m = &rows.m(i)[..w];
            for a in 0..w {
                rhs[a] += g * m[a];
                let wm = weight * m[a];
                front[a * w..(a + 1) * w].iter_mut().zip(m).for_each(|(f, m)| *f += wm * m);
            }
        }
    }
    let fronts = penalised.is_finite().then(|| Fronts::eliminate(branch, fronts)).flatten()?;
    Some(Sweep { penalised, mu, fronts, rhs })
}
