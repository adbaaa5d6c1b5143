//! Columns of Λ at the boundary, where they are zero: which elements of θ they are, and in which order they stand.

use crate::likelihood::Problem;

/// Elements of θ of each column of Λ, diagonal first.
pub(super) fn columns(problem: &Problem) -> Vec<Vec<usize>> {
    let entries = &problem.theta.entries;
    let diagonal = (0..entries.len()).filter(|&k| entries[k].row == entries[k].column);
    let same = |d: usize| {
        let of =
            move |k: &usize| entries[*k].grouping == entries[d].grouping && entries[*k].column == entries[d].column;
        (0..entries.len()).filter(of).collect::<Vec<_>>()
    };
    diagonal.map(same).collect()
}

/// θ with the same Σ and the later column in the place of the earlier one, which is zero; `None` if it does not fit there.
///
/// Columns of Λ may be exchanged, since Σ = ΛΛ' is what counts. With a zero column first, a covariance between its effect and a
/// later one is a product of two elements that are both zero: D has no slope along it, however much it would gain. With the zero
/// column last the covariance is a single element, and the gradient sees it.
pub(super) fn exchanged(problem: &Problem, theta: &[f64], earlier: &[usize], later: &[usize]) -> Option<Vec<f64>> {
    let entries = &problem.theta.entries;
    let mut out = theta.to_vec();
    for &k in later {
        let place = earlier.iter().find(|&&e| entries[e].row == entries[k].row)?;
        out[*place] = theta[k];
        out[k] = 0.0;
    }
    (entries[earlier[0]].grouping == entries[later[0]].grouping).then_some(out)
}

/// A start on the other side: SDs four times as large, at least two on the linear predictor, and no correlations. Where two
/// maxima were met, the second was at twice the SD, and twice was too near to reach it.
pub(super) fn far_side(problem: &Problem, theta: &[f64]) -> Vec<f64> {
    let entries = &problem.theta.entries;
    let sd = |grouping: usize, row: usize| -> f64 {
        let of_row = |k: &usize| entries[*k].grouping == grouping && entries[*k].row == row;
        (0..theta.len()).filter(of_row).map(|k| theta[k] * theta[k]).sum::<f64>().sqrt()
    };
    let far = |e: &crate::random::ThetaEntry| {
        if e.row != e.column {
            return 0.0;
        }
        (4.0 * sd(e.grouping, e.row)).max(2.0 / problem.unit(e.grouping, e.row))
    };
    entries.iter().map(far).collect()
}
