//! Fronts against dense matrices, on a band, a tree, an arrow and a full matrix, with blocks of one to three columns.

use super::{Factor, Fronts, Graph, traces};
use nalgebra::DMatrix;

/// A repeatable number between −1 and 1.
fn draw(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

struct Case {
    fronts: Fronts,
    /// Pairs of columns that the graph connects.
    connected: Vec<(usize, usize)>,
}

fn case(widths: &[usize], edges: &[(usize, usize)]) -> Case {
    let n = widths.len();
    let mut starts = vec![0];
    let mut neighbours = Vec::new();
    for a in 0..n {
        let linked = |b: &usize| edges.contains(&(a, *b)) || edges.contains(&(*b, a));
        neighbours.extend((0..n).filter(|b| *b != a).filter(linked));
        starts.push(neighbours.len());
    }
    let (fronts, first) = Graph { widths, starts: &starts, neighbours: &neighbours }.fronts().unwrap();
    let columns = |b: usize| first[b] as usize..first[b] as usize + widths[b];
    let mut connected = Vec::new();
    for a in 0..n {
        for b in neighbours[starts[a]..starts[a + 1]].iter().copied().chain([a]) {
            connected.extend(columns(a).flat_map(|i| columns(b).map(move |j| (i, j))));
        }
    }
    Case { fronts, connected }
}

impl Case {
    /// A symmetric matrix on the pattern, dense and in fronts; the diagonal is `diagonal` larger.
    fn matrix(&self, seed: &mut u64, diagonal: f64) -> (DMatrix<f64>, Vec<f64>) {
        let n = self.fronts.columns();
        let mut dense = DMatrix::zeros(n, n);
        let mut values = vec![0.0; self.fronts.len()];
        for &(i, j) in self.connected.iter().filter(|(i, j)| i >= j) {
            let x = draw(seed) + if i == j { diagonal } else { 0.0 };
            (dense[(i, j)], dense[(j, i)]) = (x, x);
            values[self.fronts.at(i, j)] = x;
        }
        (dense, values)
    }
}

fn cases() -> Vec<Case> {
    let band = (0..39).map(|k| (k, k + 1)).collect::<Vec<_>>();
    let tree = (1..60).map(|k| (k, (k - 1) / 3)).collect::<Vec<_>>();
    let mut arrow = (1..50).map(|k| (0, k)).collect::<Vec<_>>();
    arrow.extend((1..12).flat_map(|a| (1..a).map(move |b| (a, b))));
    let full = (0..9).flat_map(|a| (0..a).map(move |b| (a, b))).collect::<Vec<_>>();
    // Two dense blobs that share a few columns: fronts wide enough for matrix products.
    let mut blobs = (0..26).flat_map(|a| (0..a).map(move |b| (a, b))).collect::<Vec<_>>();
    blobs.extend((20..46).flat_map(|a| (20..a).map(move |b| (a, b))));
    blobs.extend((46..70).map(|k| (k, k % 46)));
    let widths = |n: usize, of: fn(usize) -> usize| (0..n).map(of).collect::<Vec<_>>();
    vec![
        case(&widths(40, |_| 1), &band),
        case(&widths(60, |k| 1 + k % 3), &tree),
        case(&widths(50, |_| 1), &arrow),
        case(&widths(9, |_| 2), &full),
        case(&widths(70, |_| 1), &blobs),
        case(&widths(3, |_| 1), &[]),
    ]
}

#[test]
fn factor_solve_and_inverse_are_those_of_dense_matrices() {
    let mut seed = 5;
    for case in cases() {
        let n = case.fronts.columns();
        let (dense, values) = case.matrix(&mut seed, 30.0);
        let factor = Factor::new(&case.fronts, values).unwrap();
        let inverse = dense.clone().try_inverse().unwrap();
        assert!((factor.log_det() - dense.clone().cholesky().unwrap().ln_determinant()).abs() < 1e-10);
        let b = DMatrix::from_fn(n, 3, |_, _| draw(&mut seed));
        let mut x = (0..n * 3).map(|k| b[(k / 3, k % 3)]).collect::<Vec<_>>();
        factor.solve_rows(&case.fronts, &mut x, 3);
        let expected = &inverse * b;
        assert!((0..n * 3).all(|k| (x[k] - expected[(k / 3, k % 3)]).abs() < 1e-12));
        let mut root = (0..n * n).map(|k| f64::from(u8::from(k / n == k % n))).collect::<Vec<_>>();
        factor.solve_transposed(&case.fronts, &mut root, n);
        let root = DMatrix::from_row_slice(n, n, &root);
        assert!((&root * root.transpose() - &inverse).amax() < 1e-12);
        let z = factor.inverse(&case.fronts);
        assert!(case.connected.iter().all(|&(i, j)| (z[case.fronts.at(i, j)] - inverse[(i, j)]).abs() < 1e-12));
    }
}

#[test]
fn traces_are_those_of_dense_products() {
    let mut seed = 7;
    for case in cases() {
        let (dense, values) = case.matrix(&mut seed, 30.0);
        let factor = Factor::new(&case.fronts, values).unwrap();
        let (moves, mut changes): (Vec<_>, Vec<_>) = (0..3).map(|_| case.matrix(&mut seed, 0.0)).unzip();
        let z = factor.inverse(&case.fronts);
        let found = traces(&case.fronts, &factor, &z, &mut changes);
        let inverse = dense.try_inverse().unwrap();
        for k in 0..3 {
            for l in 0..=k {
                let expected = (&inverse * &moves[k] * &inverse * &moves[l]).trace();
                assert!((found[k][l] - expected).abs() < 1e-10, "{} {expected}", found[k][l]);
            }
        }
    }
}

#[test]
fn what_is_sparse_stays_sparse() {
    let sizes = cases().iter().map(|c| (c.fronts.columns(), c.fronts.len())).collect::<Vec<_>>();
    assert!(sizes[0].1 < 16 * sizes[0].0, "a band: {:?}", sizes[0]);
    assert!(sizes[5].1 == 3 || sizes[5].1 == 9, "apart: {:?}", sizes[5]);
    assert!(cases()[3].fronts.is_dense());
}

#[test]
fn an_indefinite_matrix_is_refused() {
    for case in cases() {
        let (_, mut values) = case.matrix(&mut 3, 30.0);
        values[case.fronts.at(1, 1)] = -1.0;
        assert!(Factor::new(&case.fronts, values).is_none());
    }
    assert!(Factor::new(&Fronts::dense(0), Vec::new()).is_some_and(|f| f.log_det() == 0.0));
}
