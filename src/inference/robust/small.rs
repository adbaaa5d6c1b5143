//! Scores adjusted for small samples (CR2), for the logistic model without random effects.
//!
//! On the scale of the response, with D = diag(p(1 − p)) X, Θ = diag(p(1 − p)/m), residuals e = y/m − p, V = (D'Θ⁻¹D)⁻¹ and the
//! rows of cluster g,
//!
//! ```text
//! s_g = D_g'Θ_g⁻¹ A_g e_g,   A_g = Θ_g^½ B_g^−½ Θ_g^½,   B_g = Θ_g^½ (Θ_g − D_g V D_g') Θ_g^½
//! ```
//!
//! and then E s_g s_g' is what it would be without estimation, to first order. B^−½ is of the Moore–Penrose kind: a cluster that some
//! coefficient fits exactly has eigenvalues of zero. Rows of one pattern and weight are taken together: between them B_g is
//! Θ_g² and their residuals cancel in s_g, so only their sums count. Sources: Bell & McCaffrey (2002), *Survey Methodology*
//! 28:169; Pustejovsky & Tipton (2018), *J Bus Econ Stat* 36:672, equations 7 to 9, for generalised linear models as in their R
//! package clubSandwich. Its choice of root is on the scale of B; `leverage` takes the root on the scale W^½, of a matrix whose size
//! is that of the parameters, where a cluster has too many distinct rows for this.

use crate::error::{Error, Kind, Result};
use crate::likelihood::logistic::probability;
use crate::linalg::inverse_root;
use crate::model::{Fit, Sample};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;
use std::collections::HashMap;

/// Distinct rows in a cluster at most: the root of a matrix of that size takes seconds.
pub(super) const MOST_CELLS: usize = 1_500;

/// Distinct rows of one cluster.
struct Cell {
    pattern: usize,
    /// p(1 − p), and m of one record.
    slope: f64,
    trials: f64,
    /// How many there are.
    count: f64,
    /// Sum of y − m p.
    residual: f64,
}

/// Adjusted scores per cluster, over β; `None` if a cluster has more than [`MOST_CELLS`] distinct rows.
pub(super) fn adjusted_scores(
    fit: &Fit,
    sample: &Sample,
    members: &[Vec<u32>],
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<Option<Vec<Vec<f64>>>> {
    let p = fit.beta.len();
    let v = DMatrix::from_row_slice(p, p, &fit.covariance);
    let fixed = sample.problem.x.times(&fit.beta);
    let clusters = members.par_iter().map(|records| cells(sample, &fixed, records)).collect::<Vec<_>>();
    if clusters.iter().any(|cells| cells.len() > MOST_CELLS) {
        return Ok(None);
    }
    let one = |cells: &Vec<Cell>| {
        if interrupt() {
            return Err(Error::new(Kind::Interrupted, "interrupted", "the call was interrupted"));
        }
        adjusted(sample, &v, cells)
    };
    clusters.par_iter().map(one).collect::<Result<Vec<_>>>().map(Some)
}

fn cells(sample: &Sample, fixed: &[f64], records: &[u32]) -> Vec<Cell> {
    let problem = &sample.problem;
    let mut at: HashMap<(usize, u64, u64), usize> = HashMap::new();
    let mut cells: Vec<Cell> = Vec::new();
    for &i in records {
        let i = i as usize;
        let (pattern, trials) = (problem.x.pattern(i), problem.outcome.trials[i]);
        let offset = problem.offset.as_ref().map_or(0.0, |o| o[i]);
        let mu = probability(fixed[pattern] + offset);
        let cell = *at.entry((pattern, trials.to_bits(), offset.to_bits())).or_insert_with(|| {
            cells.push(Cell { pattern, slope: mu * (1.0 - mu), trials, count: 0.0, residual: 0.0 });
            cells.len() - 1
        });
        cells[cell].count += 1.0;
        cells[cell].residual += problem.outcome.successes[i] - trials * mu;
    }
    cells
}

/// On the unit vectors 1/√c of each cell of c rows, B is Θ² less the part of D, and the score is what the root of B makes of
/// the cells' residuals.
fn adjusted(sample: &Sample, v: &DMatrix<f64>, cells: &[Cell]) -> Result<Vec<f64>> {
    let (n, p) = (cells.len(), v.nrows());
    let mut d = DMatrix::zeros(n, p);
    let mut row = vec![0.0; p];
    for (k, cell) in cells.iter().enumerate() {
        sample.problem.x.write_row(cell.pattern, &mut row);
        (0..p).for_each(|c| d[(k, c)] = row[c] * cell.slope * cell.count.sqrt());
    }
    let dvd = &d * v * d.transpose();
    let theta = |k: usize| cells[k].slope / cells[k].trials;
    let b = DMatrix::from_fn(n, n, |i, j| {
        let own = if i == j { theta(i) } else { 0.0 };
        (own - dvd[(i, j)]) * (theta(i) * theta(j)).sqrt()
    });
    let Some(root) = inverse_root(b.as_slice(), n) else {
        let message = "the adjustment of a cluster's residuals (CR2) could not be computed; use kind='CR1'";
        return Err(Error::new(Kind::Fit, "cr2-root", message));
    };
    let root = DMatrix::from_vec(n, n, root);
    // Θ^½ e, summed over the rows of a cell, on its unit vector.
    let residual = |k: usize| cells[k].residual / (cells[k].trials * cells[k].count.sqrt());
    let e = DVector::from_fn(n, |k, _| theta(k).sqrt() * residual(k));
    let adjusted = root * e;
    let weighted = DVector::from_fn(n, |k, _| adjusted[k] / theta(k).sqrt());
    Ok((d.transpose() * weighted).as_slice().to_vec())
}
