//! The products with X, from codes and patterns, against a dense X written from the same coding.

use melogit::coding::{Column, Frame};
use melogit::design::{CodingOptions, Design, DesignSpec, Tally};
use melogit::formula::parse;
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

const FORMULAS: [&str; 14] = [
    "y ~ f",
    "y ~ 0 + f + g",
    "y ~ f * g",
    "y ~ x + f:x",
    "y ~ C(f, Sum) * C(g, Helmert)",
    "y ~ C(f, Poly) + g:x + x",
    "y ~ scale(x) + I(x^2)",
    "y ~ f:g",
    "y ~ C(f, Successive) + C(g, Simple) + C(f, Successive):x",
    "y ~ C(f, \"l0 - l1\") * x",
    "y ~ ns(x, df=2) * f",
    "y ~ g + bs(z, df=4) + f:bs(z, df=4):x",
    "y ~ poly(x, 2):ns(z, df=3) + f",
    "y ~ f + poly(z, 3):C(g, Forward)",
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
    frame.insert("z", Column::Number(rows.iter().map(|r| r.3).collect())).unwrap();
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
            // In one go, and record by record: over codes, and row by row.
            let mut tally = Tally::new(design);
            let weights = w.iter().map(|w| [*w]).collect::<Vec<_>>();
            let (mut whole, mut single) = ([vec![0.0; design.width]], [vec![0.0; design.width]]);
            tally.sum(0, &weights, &mut whole);
            (0..n).for_each(|i| tally.sum(i, &weights[i..=i], &mut single));
            for [sums] in [whole, single] {
                prop_assert!((DVector::from_vec(sums) - &expected.1).amax() < 1e-9);
            }
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
    assert_eq!(names("y ~ C(g, Backward)")[1..], ["g[l1 - l0]", "g[l2 - l1]"]);
    assert_eq!(names("y ~ C(g, \"top\"=\"l2 - l0\")")[1..], ["g[top]", "g[rest 1]"]);
    let curves = ["ns(x, df=2)[1]:g[l0]", "ns(x, df=2)[1]:g[l1]", "ns(x, df=2)[1]:g[l2]", "ns(x, df=2)[2]:g[l0]"];
    assert_eq!(names("y ~ ns(x, df=2):g")[1..5], curves);
}

/// Numbers with few distinct values become a look-up, others a column each: the design must be the same.
#[test]
fn curves_do_not_depend_on_how_they_are_held() {
    let (short, long) = (60, 400);
    let data = |rows: usize| {
        let row = |i: usize| (i % 4, i % 3, (i % 5) as i32 - 2, 0.3 + ((i * 7) % 30) as f64 / 11.0);
        frame(&(0..rows).map(row).collect::<Vec<_>>())
    };
    let (few, many) = (data(short), data(long));
    for formula in ["y ~ ns(z, df=4)", "y ~ f * bs(z, df=5)", "y ~ poly(z, 3):g:ns(x, df=2)"] {
        let parsed = parse(formula).unwrap();
        let all = (0..long as u32).collect::<Vec<_>>();
        let spec = DesignSpec::learn(true, &parsed.terms, &many, &all, &CodingOptions::default()).unwrap();
        let design = |frame: &Frame, rows: &[u32]| {
            let blocks = spec.blocks(&spec.factor_codes(frame, rows).unwrap(), frame, rows).unwrap();
            (blocks.len(), dense(&Design::plain(blocks, rows.len(), spec.width()), rows.len()))
        };
        let (looked_up, x) = design(&many, &all);
        let (split, part) = design(&few, &all[..short]);
        assert!(looked_up < split, "{formula}: one held as a look-up, one as columns");
        assert_eq!(x.rows(0, short), part);
    }
}

#[test]
fn what_cannot_be_a_curve_is_refused() {
    let data = (0..40).map(|i| (i % 4, i % 3, (i % 5) as i32 - 2, 1.0 + (i % 20) as f64)).collect::<Vec<_>>();
    let frame = frame(&data);
    let rows = (0..40).collect::<Vec<_>>();
    let slug = |text: &str| {
        let formula = parse(text).unwrap();
        let learned = DesignSpec::learn(true, &formula.terms, &frame, &rows, &CodingOptions::default());
        let blocks = learned.and_then(|s| s.blocks(&s.factor_codes(&frame, &rows)?, &frame, &rows));
        blocks.map(|_| ()).unwrap_err().slug().to_string()
    };
    assert_eq!(slug("y ~ ns(x, df=5)"), "too-few-values");
    assert_eq!(slug("y ~ poly(x, 5)"), "too-few-values");
    assert_eq!(slug("y ~ ns(z, knots=\"40\")"), "knots-outside");
    assert_eq!(slug("y ~ bs(z, df=4, bounds=\"3 10\")"), "outside-bounds");
    assert_eq!(slug("y ~ ns(f, df=3)"), "not-a-number");
    assert_eq!(slug("y ~ C(f, \"l0 - l9\")"), "unknown-level");
    assert_eq!(slug("y ~ C(f, Poly, scores=\"1 2 3\")"), "scores-count");
}
