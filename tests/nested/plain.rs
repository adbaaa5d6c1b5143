//! The nested integral by its definition, slowly.

use crate::drawn::product;
use melogit::likelihood::Problem;
use nalgebra::{DMatrix, DVector};

/// The definition, record by record: a dense M, and no structure but which record belongs to which unit.
pub(crate) struct Plain<'a> {
    problem: &'a Problem,
    /// Groupings, finest first.
    chain: Vec<usize>,
    eta: Vec<f64>,
    theta: &'a [f64],
    line: Vec<(f64, f64)>,
}

impl<'a> Plain<'a> {
    /// With nodes and log weights (plus half the square of the node) of one effect.
    pub(crate) fn new(problem: &'a Problem, beta: &[f64], theta: &'a [f64], line: Vec<(f64, f64)>) -> Self {
        let mut chain = (0..problem.groupings.len()).collect::<Vec<_>>();
        chain.sort_by_key(|&g| std::cmp::Reverse(problem.groupings[g].levels));
        let mut row = vec![0.0; problem.coefficients()];
        let eta = |i: usize| {
            problem.x.write_row(problem.x.pattern(i), &mut row);
            row.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>() + problem.offset.as_ref().map_or(0.0, |o| o[i])
        };
        let eta = (0..problem.rows()).map(eta).collect();
        Self { problem, chain, eta, theta, line }
    }

    fn m(&self, g: usize, i: usize) -> Vec<f64> {
        let (k, lambda) = (self.problem.groupings[g].width, &self.problem.theta.lambda(self.theta).0[g]);
        (0..k).map(|b| (0..k).map(|a| self.problem.z(g, i, a) * lambda[a * k + b]).sum()).collect()
    }

    fn log_likelihood(&self, i: usize, eta: f64) -> f64 {
        let (y, m) = (self.problem.outcome.successes[i], self.problem.outcome.trials[i]);
        y * eta - m * (eta.max(0.0) + (-eta.abs()).exp().ln_1p())
    }

    fn split(&self, records: &[usize], level: usize) -> Vec<Vec<usize>> {
        let grouping = &self.problem.groupings[self.chain[level]];
        let of = |code: usize| records.iter().copied().filter(|&i| grouping.codes[i] as usize == code).collect();
        (0..grouping.levels).map(of).filter(|unit: &Vec<usize>| !unit.is_empty()).collect()
    }

    pub(crate) fn deviance(&self) -> f64 {
        let all = (0..self.problem.rows()).collect::<Vec<_>>();
        let top = self.chain.len() - 1;
        -2.0 * self.split(&all, top).iter().map(|unit| self.integral(unit, top, &self.eta)).sum::<f64>()
    }

    /// log L of one unit, whose records have this linear predictor without it.
    fn integral(&self, unit: &[usize], level: usize, eta: &[f64]) -> f64 {
        let g = self.chain[level];
        let k = self.problem.groupings[g].width;
        let (mode, s) = self.joint(unit, level, eta);
        let r = s.clone().cholesky().unwrap().l().try_inverse().unwrap().transpose();
        let mut heights = Vec::new();
        for (z, weight) in product(&self.line, k) {
            let u = &mode + &r * z;
            let mut inner = eta.to_vec();
            unit.iter().for_each(|&i| inner[i] += self.m(g, i).iter().zip(u.iter()).map(|(m, u)| m * u).sum::<f64>());
            let below: f64 = match level {
                0 => unit.iter().map(|&i| self.log_likelihood(i, inner[i])).sum(),
                _ => self.split(unit, level - 1).iter().map(|child| self.integral(child, level - 1, &inner)).sum(),
            };
            heights.push(weight - u.norm_squared() / 2.0 + below);
        }
        log_sum(&heights) - s.determinant().ln() / 2.0
    }

    /// The unit's part of the joint mode of everything inside it, and its Schur complement.
    fn joint(&self, unit: &[usize], level: usize, eta: &[f64]) -> (DVector<f64>, DMatrix<f64>) {
        let own = self.problem.groupings[self.chain[level]].width;
        let mut columns: Vec<(usize, u32, usize)> = (0..own).map(|b| (self.chain[level], u32::MAX, b)).collect();
        for &g in &self.chain[..level] {
            for &i in unit {
                let code = self.problem.groupings[g].codes[i];
                let new = (0..self.problem.groupings[g].width).map(|b| (g, code, b)).collect::<Vec<_>>();
                if !columns.contains(&new[0]) {
                    columns.extend(new);
                }
            }
        }
        let entry = |r: usize, c: usize| {
            let (g, code, b) = columns[c];
            let inside = code == u32::MAX || self.problem.groupings[g].codes[unit[r]] == code;
            if inside { self.m(g, unit[r])[b] } else { 0.0 }
        };
        let m = DMatrix::from_fn(unit.len(), columns.len(), entry);
        let base = DVector::from_fn(unit.len(), |r, _| eta[unit[r]]);
        let height = |u: &DVector<f64>| {
            let eta = &base + &m * u;
            (0..unit.len()).map(|r| self.log_likelihood(unit[r], eta[r])).sum::<f64>() - u.norm_squared() / 2.0
        };
        let curve = |u: &DVector<f64>| {
            let p = (&base + &m * u).map(|eta| 1.0 / (1.0 + (-eta).exp()));
            let trials = |r: usize| self.problem.outcome.trials[unit[r]];
            let g = DVector::from_fn(p.len(), |r, _| self.problem.outcome.successes[unit[r]] - trials(r) * p[r]);
            let w = DVector::from_fn(p.len(), |r, _| trials(r) * p[r] * (1.0 - p[r]));
            let a = m.transpose() * DMatrix::from_diagonal(&w) * &m + DMatrix::identity(m.ncols(), m.ncols());
            (m.transpose() * g - u, a)
        };
        let mut u = DVector::zeros(columns.len());
        for _ in 0..40 {
            let (slope, a) = curve(&u);
            let step = a.cholesky().unwrap().solve(&slope);
            let mut scale = 1.0;
            while height(&(&u + &step * scale)) < height(&u) - 1e-12 {
                scale /= 2.0;
            }
            u += step * scale;
        }
        let inverse = curve(&u).1.try_inverse().unwrap();
        let s = inverse.view((0, 0), (own, own)).into_owned().try_inverse().unwrap();
        (u.rows(0, own).into_owned(), s)
    }

    /// D by the trapezoidal rule on a fixed grid at every level, which knows neither modes nor scales.
    pub(crate) fn grid_deviance(&self, step: f64) -> f64 {
        let half = (7.5 / step) as i32;
        let line = (-half..=half).map(|n| (f64::from(n) * step, step.ln() - (2.0 * std::f64::consts::PI).ln() / 2.0));
        let line = line.collect::<Vec<_>>();
        let all = (0..self.problem.rows()).collect::<Vec<_>>();
        let top = self.chain.len() - 1;
        -2.0 * self.split(&all, top).iter().map(|unit| self.grid(unit, top, &self.eta, &line)).sum::<f64>()
    }

    fn grid(&self, unit: &[usize], level: usize, eta: &[f64], line: &[(f64, f64)]) -> f64 {
        let g = self.chain[level];
        let mut inner = eta.to_vec();
        let children = if level > 0 { self.split(unit, level - 1) } else { Vec::new() };
        let height = |(u, weight): (DVector<f64>, f64)| {
            for &i in unit {
                inner[i] = eta[i] + self.m(g, i).iter().zip(u.iter()).map(|(m, u)| m * u).sum::<f64>();
            }
            let below: f64 = match level {
                0 => unit.iter().map(|&i| self.log_likelihood(i, inner[i])).sum(),
                _ => children.iter().map(|child| self.grid(child, level - 1, &inner, line)).sum(),
            };
            weight - u.norm_squared() / 2.0 + below
        };
        log_sum(&product(line, self.problem.groupings[g].width).into_iter().map(height).collect::<Vec<_>>())
    }
}

fn log_sum(heights: &[f64]) -> f64 {
    let top = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + heights.iter().map(|h| (h - top).exp()).sum::<f64>().ln()
}

/// Nodes and weights from the eigenvectors of the Jacobi matrix.
pub(crate) fn hermite(points: usize) -> Vec<(f64, f64)> {
    let jacobi =
        DMatrix::from_fn(points, points, |i, j| if i.abs_diff(j) == 1 { (i.max(j) as f64).sqrt() } else { 0.0 });
    let eigen = jacobi.symmetric_eigen();
    let weight = |k: usize| eigen.eigenvectors[(0, k)].powi(2).ln() + eigen.eigenvalues[k].powi(2) / 2.0;
    (0..points).map(|k| (eigen.eigenvalues[k], weight(k))).collect()
}
