//! Orthogonal polynomials over the levels of a factor, R's `contr.poly`.

use nalgebra::DMatrix;

/// Scores nearer to each other than this share of their range are a slip, and would leave nothing but rounding in the columns.
const NEAREST: f64 = 1e-6;

/// Whether the scores are finite and increase.
pub(super) fn are_scores(scores: &[f64]) -> bool {
    let range = scores.last().zip(scores.first()).map_or(0.0, |(last, first)| last - first);
    range.is_finite() && scores.windows(2).all(|pair| pair[1] - pair[0] > NEAREST * range)
}

/// `.L`, `.Q`, `.C`, `^4` and so on.
pub(super) fn labels(levels: usize) -> Vec<String> {
    let label = |degree| match degree {
        1 => ".L".to_string(),
        2 => ".Q".to_string(),
        3 => ".C".to_string(),
        _ => format!("^{degree}"),
    };
    (1..levels).map(label).collect()
}

/// Orthonormal polynomials of degree 1.. over the scores, by modified Gram-Schmidt done twice.
///
/// The second pass matters: with twenty levels the first leaves 1e-6 of non-orthogonality in the high degrees.
pub(super) fn orthonormal(scores: &[f64]) -> DMatrix<f64> {
    let levels = scores.len();
    let mean = scores.iter().sum::<f64>() / levels as f64;
    let widest = scores.iter().fold(0.0f64, |w, s| w.max((s - mean).abs()));
    let mut columns: Vec<Vec<f64>> = vec![vec![1.0 / (levels as f64).sqrt(); levels]];
    for _ in 1..levels {
        // Multiplying the previous polynomial by the score keeps the recursion well conditioned (raw powers do not).
        let previous = &columns[columns.len() - 1];
        let mut next = (0..levels).map(|l| previous[l] * (scores[l] - mean) / widest).collect::<Vec<_>>();
        for _ in 0..2 {
            for q in &columns {
                let dot: f64 = q.iter().zip(&next).map(|(a, b)| a * b).sum();
                next.iter_mut().zip(q).for_each(|(x, a)| *x -= dot * a);
            }
        }
        let norm = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        next.iter_mut().for_each(|x| *x /= norm);
        columns.push(next);
    }
    DMatrix::from_fn(levels, levels - 1, |l, c| columns[c + 1][l])
}

#[cfg(test)]
mod tests {
    use super::{are_scores, orthonormal};

    /// R: `contr.poly(4)` printed to seven digits.
    #[test]
    fn equally_spaced_polynomials_are_those_of_r() {
        let poly = orthonormal(&[0.0, 1.0, 2.0, 3.0]);
        let r = [
            [-0.670_820_4, 0.5, -0.223_606_8],
            [-0.223_606_8, -0.5, 0.670_820_4],
            [0.223_606_8, -0.5, -0.670_820_4],
            [0.670_820_4, 0.5, 0.223_606_8],
        ];
        for (l, row) in r.iter().enumerate() {
            for (c, x) in row.iter().enumerate() {
                assert!((poly[(l, c)] - x).abs() < 1e-7);
            }
        }
    }

    #[test]
    fn polynomials_of_many_levels_stay_orthonormal() {
        for scores in [(0..30).map(f64::from).collect::<Vec<_>>(), (0..30).map(|l| f64::from(l * l)).collect()] {
            let c = orthonormal(&scores);
            let gram = c.transpose() * &c;
            assert!((gram - nalgebra::DMatrix::identity(29, 29)).amax() < 1e-12);
            assert!(c.row_sum().amax() < 1e-12);
        }
    }

    #[test]
    fn scores_increase_and_are_finite() {
        assert!(are_scores(&[0.0, 5.0, 10.0, 16.0]));
        assert!(!are_scores(&[0.0, 0.0]) && !are_scores(&[0.0, f64::NAN, 1.0]) && !are_scores(&[0.0, f64::INFINITY]));
    }
}
