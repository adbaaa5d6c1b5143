//! Contrast matrices and curves against stored values of R (tests/reference/coding.R).

use melogit::coding::{Basis, Column, Contrast, Frame};
use melogit::formula::{ContrastKind, Real, Transform, parse};
use serde_json::Value;

const TOLERANCE: f64 = 1e-10;

fn stored() -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/coding.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

/// Rows one after the other.
fn flat(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().flat_map(numbers).collect()
}

fn assert_near(ours: &[f64], theirs: &[f64], what: &str) {
    assert_eq!(ours.len(), theirs.len(), "{what}");
    let gap = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f64::max);
    assert!(gap < TOLERANCE, "{what}: {gap:e}");
}

fn learned(formula: &str, column: &str, values: &[f64]) -> (Basis, Frame) {
    let mut frame = Frame::new(values.len());
    frame.insert(column, Column::Number(values.to_vec())).unwrap();
    let formula = parse(&format!("y ~ {formula}")).unwrap();
    let atom = &formula.terms[0].atoms[0];
    let Transform::Basis(kind) = &atom.transform else { unreachable!("{formula} has a curve") };
    let rows = (0..values.len() as u32).collect::<Vec<_>>();
    (Basis::learn(&frame, &rows, column, atom.name(), kind).unwrap(), frame)
}

fn values(basis: &Basis, column: &str, x: &[f64]) -> Vec<f64> {
    let mut frame = Frame::new(x.len());
    frame.insert(column, Column::Number(x.to_vec())).unwrap();
    basis.values(&basis.source(&frame, &(0..x.len() as u32).collect::<Vec<_>>()).unwrap())
}

#[test]
fn contrast_matrices_are_those_of_r() {
    let stored = stored();
    let levels = ["a", "b", "c", "d", "e"].map(String::from);
    let scores = [0.0, 5.0, 10.0, 13.0, 16.0].map(|s| Real::new(s).unwrap());
    for (name, matrix) in stored["contrasts"].as_object().unwrap() {
        let kind = match name.as_str() {
            "scores" => ContrastKind::Polynomial(Some(scores.to_vec())),
            name => ContrastKind::from_name(name).unwrap(),
        };
        let contrast = Contrast::of(&kind, "contrast", &levels).unwrap();
        let ours = contrast.matrix(5, 0).transpose();
        assert_near(ours.as_slice(), &flat(matrix), name);
    }
}

#[test]
fn curves_are_those_of_r_at_the_fit_and_on_new_data() {
    let stored = stored();
    for case in stored["bases"].as_array().unwrap() {
        let (formula, column) = (case["formula"].as_str().unwrap(), case["variable"].as_str().unwrap());
        let x = numbers(&stored[column]);
        let (basis, _) = learned(formula, column, &x);
        assert_near(&values(&basis, column, &x), &flat(&case["fit"]), formula);
        let again: Basis = serde_json::from_str(&serde_json::to_string(&basis).unwrap()).unwrap();
        assert!(again.is_consistent());
        assert_eq!(again, basis);
        assert_near(&values(&again, column, &numbers(&case["at"])), &flat(&case["new"]), formula);
    }
}

#[test]
fn polynomial_splines_end_at_their_boundary_knots() {
    let x = (0..40).map(f64::from).collect::<Vec<_>>();
    let (basis, _) = learned("bs(age, df=5)", "age", &x);
    let mut new = Frame::new(3);
    new.insert("age", Column::Number(vec![0.0, 39.0, 39.5])).unwrap();
    let error = basis.source(&new, &[0, 1, 2]).unwrap_err();
    assert_eq!(error.slug(), "outside-bounds");
    assert!(error.to_string().contains("row 2 (counted from 0), holds 39.5"), "{error}");
    assert!(basis.source(&new, &[0, 1]).is_ok());
}

#[test]
fn a_damaged_curve_is_recognised() {
    let x = (0..40).map(f64::from).collect::<Vec<_>>();
    let damaged = |formula: &str, from: &str, to: &str| {
        let text = serde_json::to_string(&learned(formula, "age", &x).0).unwrap();
        assert!(text.contains(from), "{text}");
        !serde_json::from_str::<Basis>(&text.replace(from, to)).unwrap().is_consistent()
    };
    assert!(damaged("ns(age, df=3)", "[13.0,26.0]", "[26.0,13.0]"));
    assert!(damaged("ns(age, df=3)", "[0.0,39.0]", "[39.0,0.0]"));
    assert!(damaged("bs(age, df=5)", "\"degree\":3", "\"degree\":0"));
    assert!(damaged("poly(age, 2)", "\"norm2\":[1.0,40.0", "\"norm2\":[1.0,-40.0"));
    assert!(damaged("poly(age, 2)", "\"norm2\":[1.0,", "\"norm2\":["));
}
