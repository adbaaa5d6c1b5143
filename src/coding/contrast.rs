//! Contrast matrices: levels (rows) to columns, as in R's `contr.*`.

use crate::formula::ContrastKind;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

/// How the levels of a factor become columns.
///
/// Source: Venables & Ripley, *Modern Applied Statistics with S*, 4th ed., section 6.2; R's `contr.treatment`, `contr.sum`,
/// `contr.helmert`, `contr.poly`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contrast {
    /// One indicator per level other than the reference.
    Treatment,
    /// Deviations from the mean of the levels; the last level is minus the sum of the others.
    Sum,
    /// Each level against the mean of the levels before it.
    Helmert,
    /// Orthonormal polynomials over equally spaced levels.
    Polynomial,
    /// One indicator per level: used where no lower-order term carries the mean (R's rule of marginality).
    Indicator,
}

impl From<ContrastKind> for Contrast {
    fn from(kind: ContrastKind) -> Self {
        match kind {
            ContrastKind::Treatment => Self::Treatment,
            ContrastKind::Sum => Self::Sum,
            ContrastKind::Helmert => Self::Helmert,
            ContrastKind::Polynomial => Self::Polynomial,
        }
    }
}

impl Contrast {
    /// The contrast of that name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "treatment" => Some(Self::Treatment),
            "sum" => Some(Self::Sum),
            "helmert" => Some(Self::Helmert),
            "polynomial" | "poly" => Some(Self::Polynomial),
            _ => None,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Treatment => "treatment",
            Self::Sum => "sum",
            Self::Helmert => "helmert",
            Self::Polynomial => "polynomial",
            Self::Indicator => "indicator",
        }
    }

    /// The matrix, levels x columns. `reference` only matters for treatment contrasts.
    pub fn matrix(self, levels: usize, reference: usize) -> DMatrix<f64> {
        match self {
            Self::Indicator => DMatrix::identity(levels, levels),
            Self::Treatment => {
                let shown = (0..levels).filter(|&l| l != reference).collect::<Vec<_>>();
                DMatrix::from_fn(levels, levels - 1, |l, c| f64::from(u8::from(shown[c] == l)))
            }
            Self::Sum => {
                DMatrix::from_fn(
                    levels,
                    levels - 1,
                    |l, c| {
                        if l == levels - 1 { -1.0 } else { f64::from(u8::from(l == c)) }
                    },
                )
            }
            Self::Helmert => DMatrix::from_fn(levels, levels - 1, |l, c| match l.cmp(&(c + 1)) {
                std::cmp::Ordering::Less => -1.0,
                std::cmp::Ordering::Equal => (c + 1) as f64,
                std::cmp::Ordering::Greater => 0.0,
            }),
            Self::Polynomial => polynomial(levels),
        }
    }

    /// The text in brackets behind the term's name, one per column.
    pub fn labels(self, levels: &[String], reference: usize) -> Vec<String> {
        match self {
            Self::Indicator => levels.to_vec(),
            Self::Treatment => {
                levels.iter().enumerate().filter(|(l, _)| *l != reference).map(|(_, name)| name.clone()).collect()
            }
            Self::Sum => levels[..levels.len() - 1].iter().map(|l| format!("S.{l}")).collect(),
            Self::Helmert => levels[1..].iter().map(|l| format!("H.{l}")).collect(),
            Self::Polynomial => (1..levels.len())
                .map(|d| match d {
                    1 => ".L".to_string(),
                    2 => ".Q".to_string(),
                    3 => ".C".to_string(),
                    _ => format!("^{d}"),
                })
                .collect(),
        }
    }
}

/// Orthonormal polynomials of degree 1.. over the scores 1..levels, by modified Gram-Schmidt done twice.
///
/// The second pass matters: with twenty levels the first leaves 1e-6 of non-orthogonality in the high degrees.
fn polynomial(levels: usize) -> DMatrix<f64> {
    let mean = (levels as f64 - 1.0) / 2.0;
    let score = |l: usize| (l as f64 - mean) / mean.max(1.0);
    let mut columns: Vec<Vec<f64>> = vec![vec![1.0 / (levels as f64).sqrt(); levels]];
    for _ in 1..levels {
        // Multiplying the previous polynomial by the score keeps the recursion well conditioned (raw powers do not).
        let previous = &columns[columns.len() - 1];
        let mut next = (0..levels).map(|l| previous[l] * score(l)).collect::<Vec<_>>();
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
    use super::Contrast;

    /// R: `contr.poly(4)`, `contr.helmert(3)`, `contr.sum(3)` printed to seven digits.
    #[test]
    fn matrices_are_those_of_r() {
        let poly = Contrast::Polynomial.matrix(4, 0);
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
        let helmert = Contrast::Helmert.matrix(3, 0);
        assert_eq!(helmert.as_slice(), [-1.0, 1.0, 0.0, -1.0, -1.0, 2.0]);
        let sum = Contrast::Sum.matrix(3, 0);
        assert_eq!(sum.as_slice(), [1.0, 0.0, -1.0, 0.0, 1.0, -1.0]);
    }

    #[test]
    fn polynomials_of_many_levels_stay_orthonormal() {
        let c = Contrast::Polynomial.matrix(30, 0);
        let gram = c.transpose() * &c;
        assert!((gram - nalgebra::DMatrix::identity(29, 29)).amax() < 1e-12);
        assert!(c.row_sum().amax() < 1e-12);
    }

    #[test]
    fn every_contrast_has_a_label_per_column() {
        let levels = ["a", "b", "c", "d", "e"].map(String::from);
        for contrast in
            [Contrast::Treatment, Contrast::Sum, Contrast::Helmert, Contrast::Polynomial, Contrast::Indicator]
        {
            assert_eq!(contrast.labels(&levels, 1).len(), contrast.matrix(5, 1).ncols());
        }
        assert_eq!(Contrast::Treatment.labels(&levels, 1), ["a", "c", "d", "e"]);
    }
}
