//! The products with X, from codes and patterns, against a dense X written from the same coding.

use melogit::coding::{Column, Frame};
use melogit::design::{CodingOptions, Design, DesignSpec};
use melogit::formula::parse;
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

const FORMULAS: [&str; 8] = [
    "y ~ f",
    "y ~ 0 + f + g",
    "y ~ f * g",
    "y ~ x + f:x",
    "y ~ C(f, Sum) * C(g, Helmert)",
    "y ~ C(f, Poly) + g:x + x",
    "y ~ scale(x) + I(x^2)",
    "y ~ f:g",
];

/// Rows of two factors and a number with few distinct values, so that patterns repeat.
fn rows() -> impl Strategy<Value = Vec<(usize, usize, i32, f64)>> {
    prop::collection::vec((0usize..4, 0usize..3, -2i32..3, 0.1f64..3.0), 8..80)
}

fn frame(rows: &[(usize, usize, i32, f64)]) -> Frame {
    let mut frame = Frame::new(rows.len());
    let text = |pick: fn(&(usize, usize, i32, f64)) -> usize| {
        Column::from_text(&rows.iter().map(|r| format!("l{}", pick(r))).collect::<Vec<_>>())
    };
    frame.insert("f", text(|r| r.0)).unwrap();
    frame.insert("g", text(|r| r.1)).unwrap();
    frame.insert("x", Column::Number(rows.iter().map(|r| f64::from(r.2)).collect())).unwrap();
    frame
}

fn designs(formula: &str, frame: &Frame) -> Option<(Design, Design)> {
    let formula = parse(formula).unwrap();
    let rows = (0..frame.rows() as u32).collect::<Vec<_>>();
    // Data that happen to have one level, or a number that does not vary, are refused: another test's business.
    let spec = DesignSpec::learn(formula.intercept, &formula.terms, frame, &rows, &CodingOptions::default()).ok()?;
    let codes = spec.factor_codes(frame, &rows).unwrap();
    let blocks = spec.blocks(&codes, frame, &rows).unwrap();
    Some((Design::new(blocks.clone(), rows.len(), spec.width()), Design::plain(blocks, rows.len(), spec.width())))
}

fn dense(x: &Design, rows: usize) -> DMatrix<f64> {
    let mut row = vec![0.0; x.width];
    let mut all = Vec::new();
    for i in 0..rows {
        x.write_row(x.pattern(i), &mut row);
        all.extend_from_slice(&row);
    }
    DMatrix::from_row_slice(rows, x.width, &all)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn products_agree_with_a_dense_matrix(data in rows(), which in 0..FORMULAS.len()) {
        let frame = frame(&data);
        let n = frame.rows();
        let Some((packed, plain)) = designs(FORMULAS[which], &frame) else { return Ok(()) };
        let x = dense(&plain, n);
        prop_assert_eq!(&x, &dense(&packed, n));
        let w = data.iter().map(|r| r.3).collect::<Vec<_>>();
        let beta = (0..plain.width).map(|k| (k as f64).cos()).collect::<Vec<_>>();
        let expected = (&x * DVector::from_column_slice(&beta), x.transpose() * DVector::from_column_slice(&w),
            x.transpose() * DMatrix::from_diagonal(&DVector::from_column_slice(&w)) * &x);
        for design in [&packed, &plain] {
            let eta = design.times(&beta);
            let gap = (0..n).map(|i| (eta[design.pattern(i)] - expected.0[i]).abs()).fold(0.0, f64::max);
            prop_assert!(gap < 1e-11);
            let summed = design.by_pattern(&w);
            prop_assert!((design.transpose_times(&summed) - &expected.1).amax() < 1e-9);
            prop_assert!((design.gram(&summed) - &expected.2).amax() < 1e-8);
            let mut tally = vec![[0.0; 1]; design.tally_width()];
            design.tally(0, &w.iter().map(|w| [*w]).collect::<Vec<_>>(), &mut tally);
            let mut sums = [vec![0.0; design.width]];
            design.contract(&tally, &mut sums);
            prop_assert!((DVector::from_column_slice(&sums[0]) - &expected.1).amax() < 1e-9);
        }
    }

    #[test]
    fn dropping_columns_drops_them_everywhere(data in rows(), which in 0..FORMULAS.len(), seed in 0u32..64) {
        let frame = frame(&data);
        let Some((packed, plain)) = designs(FORMULAS[which], &frame) else { return Ok(()) };
        let keep = (0..plain.width).map(|c| seed >> (c % 6) & 1 == 0).collect::<Vec<_>>();
        let kept = (0..plain.width).filter(|c| keep[*c]).collect::<Vec<_>>();
        let expected = dense(&plain, frame.rows()).select_columns(&kept);
        prop_assert_eq!(dense(&packed.keep(&keep), frame.rows()), expected);
    }
}

#[test]
fn names_follow_the_coding() {
    let data = (0..24).map(|i| (i % 4, i % 3, (i % 5) as i32 - 2, 1.0)).collect::<Vec<_>>();
    let frame = frame(&data);
    let names = |text: &str| {
        let formula = parse(text).unwrap();
        let rows = (0..24).collect::<Vec<_>>();
        DesignSpec::learn(formula.intercept, &formula.terms, &frame, &rows, &CodingOptions::default()).unwrap().names
    };
    assert_eq!(names("y ~ C(f, ref=\"l2\")"), ["(Intercept)", "f[l0]", "f[l1]", "f[l3]"]);
    assert_eq!(names("y ~ 0 + g + x"), ["g[l0]", "g[l1]", "g[l2]", "x"]);
    assert_eq!(names("y ~ 0 + x + g"), ["x", "g[l0]", "g[l1]", "g[l2]"]);
    assert_eq!(names("y ~ g:x"), ["(Intercept)", "g[l0]:x", "g[l1]:x", "g[l2]:x"]);
    assert_eq!(names("y ~ C(g, Poly)"), ["(Intercept)", "g[.L]", "g[.Q]"]);
    assert_eq!(names("y ~ C(g, Sum) + log1p(x)")[1..], ["g[S.l0]", "g[S.l1]", "log1p(x)"]);
}
