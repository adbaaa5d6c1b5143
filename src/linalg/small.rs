//! Cholesky factors of blocks of one to a few rows, stored row after row in slices.
//!
//! Inlined wherever they are called: with k a constant there, the loops unroll and the bounds are known.

/// Factors the k x k matrix in `a` (lower triangle read) in place into L, zeroing nothing above; `false` if not positive.
#[expect(clippy::inline_always, reason = "a block of two rows is less work than a call")]
#[inline(always)]
pub fn cholesky(a: &mut [f64], k: usize) -> bool {
    for i in 0..k {
        for j in 0..=i {
            let mut x = a[i * k + j];
            for c in 0..j {
                x -= a[i * k + c] * a[j * k + c];
            }
            if i == j {
                if x.is_nan() || x <= 0.0 {
                    return false;
                }
                a[i * k + i] = x.sqrt();
            } else {
                a[i * k + j] = x / a[j * k + j];
            }
        }
    }
    true
}

/// Solves L x = b in place for `n` right-hand sides: `b` is k x n, row after row.
#[expect(clippy::inline_always, reason = "a block of two rows is less work than a call")]
#[inline(always)]
pub fn solve_lower(l: &[f64], k: usize, b: &mut [f64], n: usize) {
    for i in 0..k {
        let (before, rest) = b.split_at_mut(i * n);
        let row = &mut rest[..n];
        for c in 0..i {
            let factor = l[i * k + c];
            row.iter_mut().zip(&before[c * n..(c + 1) * n]).for_each(|(x, y)| *x -= factor * y);
        }
        let inverse = 1.0 / l[i * k + i];
        row.iter_mut().for_each(|x| *x *= inverse);
    }
}

/// Solves L' x = b in place for `n` right-hand sides: `b` is k x n, row after row.
#[expect(clippy::inline_always, reason = "a block of two rows is less work than a call")]
#[inline(always)]
pub fn solve_upper(l: &[f64], k: usize, b: &mut [f64], n: usize) {
    for i in (0..k).rev() {
        let (before, after) = b.split_at_mut((i + 1) * n);
        let row = &mut before[i * n..];
        for c in i + 1..k {
            let factor = l[c * k + i];
            row.iter_mut().zip(&after[(c - i - 1) * n..(c - i) * n]).for_each(|(x, y)| *x -= factor * y);
        }
        let inverse = 1.0 / l[i * k + i];
        row.iter_mut().for_each(|x| *x *= inverse);
    }
}

/// Writes (LL')⁻¹ into `out`, k x k.
#[expect(clippy::inline_always, reason = "a block of two rows is less work than a call")]
#[inline(always)]
pub fn inverse(l: &[f64], k: usize, out: &mut [f64]) {
    out.fill(0.0);
    (0..k).for_each(|i| out[i * k + i] = 1.0);
    solve_lower(l, k, out, k);
    solve_upper(l, k, out, k);
}

/// log|LL'|.
#[expect(clippy::inline_always, reason = "a block of two rows is less work than a call")]
#[inline(always)]
pub fn log_det(l: &[f64], k: usize) -> f64 {
    (0..k).map(|i| 2.0 * l[i * k + i].ln()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn factor_solve_and_invert() {
        let a = [4.0, 2.0, 0.6, 2.0, 5.0, 1.5, 0.6, 1.5, 3.8];
        let mut l = a;
        assert!(cholesky(&mut l, 3));
        let mut inverse_a = [0.0; 9];
        inverse(&l, 3, &mut inverse_a);
        for i in 0..3 {
            for j in 0..3 {
                let product: f64 = (0..3).map(|c| a[i * 3 + c] * inverse_a[c * 3 + j]).sum();
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-14);
            }
        }
        let det = 4.0 * (5.0 * 3.8 - 1.5 * 1.5) - 2.0 * (2.0 * 3.8 - 1.5 * 0.6) + 0.6 * (2.0 * 1.5 - 5.0 * 0.6);
        assert!((log_det(&l, 3) - f64::ln(det)).abs() < 1e-14);
    }

    #[test]
    fn an_indefinite_matrix_is_refused() {
        assert!(!cholesky(&mut [1.0, 2.0, 2.0, 1.0], 2));
        assert!(!cholesky(&mut [f64::NAN], 1));
    }
}
