//! The conditional covariance of the modes, for what is said about the groups that were observed.

use crate::error::{Error, Kind, Result};
use crate::likelihood::{LAST_STEP_GAIN, Mode, Problem, find_mode};
use crate::linalg::small;
use crate::model::{Fit, Sample};

/// Cov(b | y, ψ̂) = ΛA⁻¹Λ'. With one grouping factor it is a block per group, which the fit keeps; with several the blocks
/// between factors are needed, and A is put together again from the rows.
pub(super) struct ModesCovariance<'a> {
    fit: &'a Fit,
    joint: Option<Joint<'a>>,
}

struct Joint<'a> {
    problem: &'a Problem,
    mode: Mode,
    /// S⁻¹, the trailing block of A⁻¹, while it is small.
    trailing: Option<Vec<f64>>,
}

/// Columns up to which S⁻¹ is formed, 32 MB; beyond, every row of new data takes a solve.
const MOST_COLUMNS: usize = 2_000;

impl<'a> ModesCovariance<'a> {
    /// Needs the rows where the model has several grouping factors.
    pub(super) fn new(fit: &'a Fit, sample: Option<&'a Sample>) -> Result<Self> {
        if fit.groupings.len() < 2 {
            return Ok(Self { fit, joint: None });
        }
        let sample = sample.ok_or_else(|| {
            let message = "the covariance between the effects of several grouping factors needs the rows that the model was fitted to, and a model that was loaded, copied or unpickled does not hold them; fit it again in this session, or ask for kind='typical' or kind='marginal'";
            Error::new(Kind::Option, "interval-groups", message)
        })?;
        let problem = &sample.problem;
        let mode = find_mode(problem, &sample.beta, &sample.theta, &sample.u, LAST_STEP_GAIN, &|| false)?;
        let q2 = problem.layout.trailing;
        let inverse = || {
            let mut identity = (0..q2 * q2).map(|at| f64::from(u8::from(at / q2 == at % q2))).collect::<Vec<_>>();
            mode.at.schur.solve_rows(&problem.layout.fronts, &mut identity, q2);
            identity
        };
        let trailing = (q2 <= MOST_COLUMNS).then(inverse);
        Ok(Self { fit, joint: Some(Joint { problem, mode, trailing }) })
    }

    /// c' Cov(b) c over all effects, grouping after grouping, level after level.
    pub(super) fn quadratic(&self, c: &[f64]) -> f64 {
        match &self.joint {
            Some(joint) => joint.quadratic(c),
            None => self.fit.groupings.first().map_or(0.0, |spec| {
                let k = spec.width();
                let blocks = self.fit.modes[0].covariances.chunks_exact(k * k).zip(c.chunks_exact(k));
                blocks.map(|(block, c)| form(block, c)).sum()
            }),
        }
    }

    /// z' Cov(b) z for one record: its level of each grouping (`None` for one that was not in the fit) and its row of Z.
    pub(super) fn row(&self, levels: &[Option<usize>], z: &[Vec<f64>]) -> f64 {
        match &self.joint {
            Some(joint) => joint.row(levels, z),
            None => levels.first().copied().flatten().map_or(0.0, |level| {
                let k = z[0].len();
                form(&self.fit.modes[0].covariances[level * k * k..(level + 1) * k * k], &z[0])
            }),
        }
    }
}

/// c'Bc.
fn form(block: &[f64], c: &[f64]) -> f64 {
    let k = c.len();
    (0..k * k).map(|ab| c[ab / k] * block[ab] * c[ab % k]).sum()
}

impl Joint<'_> {
    fn quadratic(&self, c: &[f64]) -> f64 {
        let mut m = vec![0.0; c.len()];
        let mut rest = c;
        for (g, grouping) in self.problem.groupings.iter().enumerate() {
            let (own, others) = rest.split_at(grouping.levels * grouping.width);
            for (level, z) in own.chunks_exact(grouping.width).enumerate() {
                let at = self.problem.layout.first_effect(g, level);
                m[at..at + grouping.width].copy_from_slice(&self.times_lambda(g, z));
            }
            rest = others;
        }
        let mut solved = m.clone();
        self.mode.solve(self.problem, &mut solved, 1);
        m.iter().zip(&solved).map(|(x, y)| x * y).sum()
    }

    /// A⁻¹ = E + N S⁻¹N' with E = diag(A_jj⁻¹), N = (−G; I) and G = A_jj⁻¹A_jt, so that m'A⁻¹m = m₀'A_jj⁻¹m₀ + w'S⁻¹w with
    /// w = m_t − G_j'm₀. The combination of levels need not occur in the data.
    fn row(&self, levels: &[Option<usize>], z: &[Vec<f64>]) -> f64 {
        let layout = &self.problem.layout;
        let k0 = layout.lead;
        let mut w: Vec<(usize, f64)> = Vec::new();
        for (g, level) in levels.iter().enumerate().skip(1) {
            if let Some(level) = level {
                let first = layout.first_columns[g - 1][*level] as usize;
                w.extend(self.times_lambda(g, &z[g]).into_iter().enumerate().map(|(d, x)| (first + d, x)));
            }
        }
        let mut own = 0.0;
        if let Some(j) = levels[0] {
            let mut m = self.times_lambda(0, &z[0]);
            let (l, columns) = (&self.mode.at.chol[j * k0 * k0..(j + 1) * k0 * k0], layout.level_columns(j));
            small::solve_lower(l, k0, &mut m, 1);
            own = m.iter().map(|x| x * x).sum();
            let n = columns.len();
            let y = &self.mode.at.y[layout.column_starts[j] * k0..layout.column_starts[j + 1] * k0];
            let through = |s: usize| -> f64 { (0..k0).map(|b| y[b * n + s] * m[b]).sum() };
            w.extend(columns.iter().enumerate().map(|(s, c)| (*c as usize, -through(s))));
        }
        own + self.trailing_form(&w)
    }

    /// w'S⁻¹w for a w given by its columns, some perhaps twice.
    fn trailing_form(&self, w: &[(usize, f64)]) -> f64 {
        let q2 = self.problem.layout.trailing;
        if let Some(inverse) = &self.trailing {
            let cross = |&(a, x): &(usize, f64)| w.iter().map(|&(b, y)| x * inverse[a * q2 + b] * y).sum::<f64>();
            return w.iter().map(cross).sum();
        }
        let mut solved = vec![0.0; q2];
        w.iter().for_each(|(a, x)| solved[*a] += x);
        self.mode.at.schur.solve_rows(&self.problem.layout.fronts, &mut solved, 1);
        w.iter().map(|(a, x)| x * solved[*a]).sum()
    }

    /// Λ'z of one level.
    fn times_lambda(&self, g: usize, z: &[f64]) -> Vec<f64> {
        let (k, l) = (z.len(), &self.mode.lambda.0[g]);
        (0..k).map(|b| (b..k).map(|a| z[a] * l[a * k + b]).sum()).collect()
    }
}
