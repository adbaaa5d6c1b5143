//! Redundant columns: found in order, named with the columns they repeat.

use nalgebra::DMatrix;

/// A column that earlier columns already contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The redundant column.
    pub column: usize,
    /// Earlier columns it is a combination of.
    pub of: Vec<usize>,
}

/// A column is redundant when less than this share of its length is left after earlier columns are taken out.
///
/// X'X carries rounding of about 1e-16 times the number of additions' square root; 1e-10 leaves four digits of room above it
/// and still passes a calendar year without centring (share about 1e-6).
const SHARE_LEFT: f64 = 1e-10;

/// Goes through the columns of X in order, by a Cholesky factorisation of X'X that skips what is redundant, so that the
/// columns named first in the formula stay (as R's `lm` does).
pub fn find_aliased(gram: &DMatrix<f64>) -> Vec<Alias> {
    let p = gram.nrows();
    let mut aliased = Vec::new();
    let mut kept: Vec<usize> = Vec::new();
    // Rows of L for the kept columns, in order: l[r] has r + 1 entries.
    let mut l: Vec<Vec<f64>> = Vec::new();
    for j in 0..p {
        let mut row = Vec::with_capacity(kept.len() + 1);
        for (r, &k) in kept.iter().enumerate() {
            let dot: f64 = l[r][..r].iter().zip(&row).map(|(a, b): (&f64, &f64)| a * b).sum();
            row.push((gram[(j, k)] - dot) / l[r][r]);
        }
        let left = gram[(j, j)] - row.iter().map(|x| x * x).sum::<f64>();
        if left > SHARE_LEFT * gram[(j, j)] {
            row.push(left.sqrt());
            l.push(row);
            kept.push(j);
        } else {
            aliased.push(Alias { column: j, of: combination(&l, &kept, row) });
        }
    }
    aliased
}

/// The kept columns that take part in the combination: solves L'c = row and keeps what is not rounding.
fn combination(l: &[Vec<f64>], kept: &[usize], row: Vec<f64>) -> Vec<usize> {
    let mut c = row;
    for r in (0..kept.len()).rev() {
        c[r] /= l[r][r];
        for s in 0..r {
            c[s] -= l[r][s] * c[r];
        }
    }
    let top = c.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    kept.iter().zip(&c).filter(|(_, x)| x.abs() > 1e-6 * top).map(|(k, _)| *k).collect()
}

#[cfg(test)]
mod tests {
    use super::{Alias, find_aliased};
    use nalgebra::DMatrix;

    #[test]
    fn the_later_column_is_the_redundant_one() {
        let x = DMatrix::from_row_slice(
            4,
            4,
            &[1.0, 1.0, 0.0, 3.0, 1.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 2.0, 1.0, 0.0, 1.0, 5.0],
        );
        let found = find_aliased(&(x.transpose() * &x));
        assert_eq!(found, [Alias { column: 2, of: vec![0, 1] }]);
    }

    #[test]
    fn an_empty_column_is_redundant() {
        let x = DMatrix::from_row_slice(3, 2, &[1.0, 0.0, 1.0, 0.0, 1.0, 0.0]);
        assert_eq!(find_aliased(&(x.transpose() * &x)), [Alias { column: 1, of: vec![] }]);
    }

    #[test]
    fn a_calendar_year_is_not() {
        let x = DMatrix::from_fn(50, 2, |i, j| if j == 0 { 1.0 } else { 2010.0 + (i % 10) as f64 });
        assert_eq!(find_aliased(&(x.transpose() * &x)), []);
    }
}
