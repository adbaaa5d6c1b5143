//! Cones of directions: which d have Ad ≥ 0, for a few columns and any number of rows.

use nalgebra::{DMatrix, DVector};

/// aᵢ'ρ above minus this share of ‖b‖ counts as not negative: rows have length one, so it is an angle.
const ANGLE: f64 = 1e-10;

/// Rounds before the active set is taken as it is; each lowers ‖ρ‖, and there are rarely more than a few per column.
const MOST_ROUNDS: usize = 10_000;

/// Rows of length one, `width` numbers each.
#[derive(Debug, Clone)]
pub struct Rows {
    /// Numbers, row after row.
    pub values: Vec<f64>,
    /// Numbers per row.
    pub width: usize,
}

impl Rows {
    /// The rows, one slice each.
    pub fn iter(&self) -> impl Iterator<Item = &[f64]> {
        self.values.chunks_exact(self.width.max(1))
    }

    /// Their number.
    pub fn count(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// aᵢ'd for every row.
    pub fn times(&self, d: &DVector<f64>) -> Vec<f64> {
        self.iter().map(|row| dot(row, d.as_slice())).collect()
    }

    /// The rows at these places.
    #[must_use]
    pub fn pick(&self, places: &[usize]) -> Self {
        let row = |&i: &usize| self.values[i * self.width..(i + 1) * self.width].iter().copied();
        Self { values: places.iter().flat_map(row).collect(), width: self.width }
    }

    /// A'A.
    pub fn gram(&self) -> DMatrix<f64> {
        let mut gram = DMatrix::zeros(self.width, self.width);
        for row in self.iter() {
            for (a, x) in row.iter().enumerate() {
                (0..self.width).for_each(|b| gram[(a, b)] += x * row[b]);
            }
        }
        gram
    }
}

/// The point of the cone {d : Ad ≥ 0} nearest to `b`.
///
/// It is ρ = b + A'μ for the μ ≥ 0 that makes ‖ρ‖ smallest (Moreau's decomposition), found by the active-set method of Lawson &
/// Hanson (1974), *Solving Least Squares Problems*, ch. 23. The conditions of that minimum, Aρ ≥ 0 and μᵢ aᵢ'ρ = 0, say that ρ is
/// in the cone. ‖ρ‖ falls in every round, so equal corners cannot make it go in circles, as they can a simplex method.
pub fn nearest_in_cone(a: &Rows, b: &DVector<f64>) -> DVector<f64> {
    let mut active = Active { a, b, rows: Vec::new(), mu: Vec::new() };
    let mut rho = b.clone();
    let floor = -ANGLE * b.norm();
    for _ in 0..MOST_ROUNDS {
        let slopes = a.times(&rho);
        let worst =
            (0..slopes.len()).filter(|i| !active.rows.contains(i)).min_by(|&i, &j| slopes[i].total_cmp(&slopes[j]));
        match worst {
            Some(i) if slopes[i] < floor && active.rows.len() < a.width => active.enter(i),
            _ => break,
        }
        let next = active.residual();
        if next.norm() >= rho.norm() {
            break;
        }
        rho = next;
    }
    rho
}

struct Active<'a> {
    a: &'a Rows,
    b: &'a DVector<f64>,
    /// Rows with a positive μ.
    rows: Vec<usize>,
    mu: Vec<f64>,
}

impl Active<'_> {
    /// Adds a row, and drops those whose μ would turn negative on the way to the new least squares.
    fn enter(&mut self, row: usize) {
        self.rows.push(row);
        self.mu.push(0.0);
        while let Some(wanted) = self.least_squares() {
            let step =
                self.mu.iter().zip(&wanted).filter(|(_, w)| **w <= 0.0).map(|(m, w)| m / (m - w)).fold(1.0, f64::min);
            if step >= 1.0 && wanted.iter().all(|w| *w > 0.0) {
                self.mu = wanted;
                return;
            }
            self.mu.iter_mut().zip(&wanted).for_each(|(m, w)| *m += step * (w - *m));
            let keep = self.mu.iter().zip(&wanted).map(|(m, w)| *w > 0.0 || *m > 1e-14).collect::<Vec<_>>();
            if keep.iter().all(|k| *k) {
                return;
            }
            let mut kept = keep.iter();
            self.rows.retain(|_| kept.next().is_some_and(|k| *k));
            let mut kept = keep.iter();
            self.mu.retain(|_| kept.next().is_some_and(|k| *k));
            if self.rows.is_empty() {
                return;
            }
        }
        self.rows.pop();
        self.mu.pop();
    }

    /// The μ of the active rows, whatever its sign, that makes ‖b + A'μ‖ smallest; `None` if the rows depend on each other.
    fn least_squares(&self) -> Option<Vec<f64>> {
        let k = self.a.width;
        let columns = DMatrix::from_fn(k, self.rows.len(), |c, r| self.a.values[self.rows[r] * k + c]);
        let qr = columns.qr();
        let right = -(qr.q().transpose() * self.b);
        let r = qr.r();
        let smallest = r.diagonal().iter().fold(f64::INFINITY, |m, x| m.min(x.abs()));
        if smallest < 1e-13 {
            return None;
        }
        r.solve_upper_triangular(&right).map(|mu| mu.as_slice().to_vec())
    }

    fn residual(&self) -> DVector<f64> {
        let mut rho = self.b.clone();
        for (&row, mu) in self.rows.iter().zip(&self.mu) {
            let of = &self.a.values[row * self.a.width..(row + 1) * self.a.width];
            rho.iter_mut().zip(of).for_each(|(x, a)| *x += mu * a);
        }
        rho
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// An orthonormal basis of the directions that a positive semidefinite matrix sends to (nearly) zero, column by column.
pub fn null_space(matrix: &DMatrix<f64>, below: f64) -> DMatrix<f64> {
    if matrix.is_empty() {
        return matrix.clone();
    }
    let eigen = matrix.clone().symmetric_eigen();
    let kept = (0..matrix.nrows()).filter(|&k| eigen.eigenvalues[k] <= below).collect::<Vec<_>>();
    DMatrix::from_fn(matrix.nrows(), kept.len(), |i, c| eigen.eigenvectors[(i, kept[c])])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(values: &[[f64; 2]]) -> Rows {
        let unit = |r: &[f64; 2]| r.map(|x| x / (r[0] * r[0] + r[1] * r[1]).sqrt());
        Rows { values: values.iter().flat_map(unit).collect(), width: 2 }
    }

    #[test]
    fn a_point_inside_stays() {
        let b = DVector::from_column_slice(&[1.0, 2.0]);
        assert_eq!(nearest_in_cone(&rows(&[[1.0, 0.0], [0.0, 1.0]]), &b), b);
    }

    #[test]
    fn a_point_outside_goes_to_the_nearest_face() {
        let b = DVector::from_column_slice(&[1.0, -2.0]);
        let near = nearest_in_cone(&rows(&[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), &b);
        assert!((near - DVector::from_column_slice(&[1.0, 0.0])).norm() < 1e-15);
    }

    #[test]
    fn a_cone_of_nothing_but_zero() {
        let b = DVector::from_column_slice(&[0.3, 0.7]);
        assert!(nearest_in_cone(&rows(&[[1.0, 0.1], [-1.0, 0.2], [0.0, -1.0]]), &b).norm() < 1e-14);
    }

    #[test]
    fn the_nearest_point_is_in_the_cone_and_beats_others() {
        let mut state = 7u64;
        let mut draw = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1u64 << 53) as f64 - 0.5
        };
        for _ in 0..50 {
            let k = 4;
            let values = (0..9).flat_map(|_| {
                let row = (0..k).map(|_| draw()).collect::<Vec<_>>();
                let length = dot(&row, &row).sqrt();
                row.into_iter().map(move |x| x / length)
            });
            let a = Rows { values: values.collect(), width: k };
            let b = DVector::from_fn(k, |_, _| draw());
            let near = nearest_in_cone(&a, &b);
            assert!(a.times(&near).iter().all(|s| *s > -1e-9));
            // Moreau: what was taken off is at right angles to what is left.
            assert!((&b - &near).dot(&near).abs() < 1e-12);
            for _ in 0..200 {
                let other = DVector::from_fn(k, |c, _| near[c] + 0.3 * draw());
                let inside = a.times(&other).iter().all(|s| *s >= 0.0);
                assert!(!inside || (&b - &other).norm() >= (&b - &near).norm() - 1e-12);
            }
        }
    }
}
