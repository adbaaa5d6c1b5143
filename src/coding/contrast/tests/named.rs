//! Contrasts that have a name.

use crate::coding::Contrast;
use crate::formula::{ContrastKind, Hypothesis, Real};
use nalgebra::DMatrix;

fn levels(n: usize) -> Vec<String> {
    (0..n).map(|l| format!("l{l}")).collect()
}

fn every(n: usize) -> Vec<Contrast> {
    let scores = (0..n).map(|l| Real::new((l * l) as f64 + 1.0)).collect::<Option<Vec<_>>>();
    let custom = vec![Hypothesis::new("(l0 + l2)/2 - l1"), Hypothesis::new("l0 - l2")];
    let kinds = [
        ContrastKind::Treatment,
        ContrastKind::Sum,
        ContrastKind::Helmert,
        ContrastKind::Polynomial(None),
        ContrastKind::Polynomial(scores),
        ContrastKind::Successive,
        ContrastKind::Forward,
        ContrastKind::Simple,
        ContrastKind::Custom(custom),
    ];
    kinds.iter().map(|kind| Contrast::of(kind, "contrast", &levels(n)).unwrap()).collect()
}

#[test]
fn contrast_and_hypothesis_matrices_are_inverses() {
    for n in [3, 5, 9] {
        for contrast in every(n) {
            let c = contrast.matrix(n, 1);
            let with_mean = c.clone().insert_column(0, 1.0);
            let product = contrast.hypotheses(n, 1) * with_mean;
            assert!((product - DMatrix::identity(n, n)).amax() < 1e-11, "{contrast:?}");
            assert_eq!(contrast.labels(&levels(n), 1).len(), n - 1);
            assert!(contrast.fits(n));
        }
    }
}

#[test]
fn each_hypothesis_is_the_one_it_is_named_for() {
    let words = |name: &str| {
        let kind = ContrastKind::from_name(name).unwrap();
        Contrast::of(&kind, "contrast", &levels(3)).unwrap().words(&levels(3), 1)
    };
    assert_eq!(words("treatment"), ["l1", "l0 - l1", "l2 - l1"]);
    assert_eq!(words("simple"), ["(l0 + l1 + l2)/3", "l0 - l1", "l2 - l1"]);
    assert_eq!(words("sum"), ["(l0 + l1 + l2)/3", "2*l0/3 - l1/3 - l2/3", "-l0/3 + 2*l1/3 - l2/3"]);
    assert_eq!(words("backward"), ["(l0 + l1 + l2)/3", "l1 - l0", "l2 - l1"]);
    assert_eq!(words("forward"), ["(l0 + l1 + l2)/3", "l0 - l1", "l1 - l2"]);
    assert_eq!(words("helmert"), ["(l0 + l1 + l2)/3", "-l0/2 + l1/2", "-l0/6 - l1/6 + l2/3"]);
}

#[test]
fn columns_are_labelled_by_what_they_compare() {
    let labels = |name: &str| {
        let kind = ContrastKind::from_name(name).unwrap();
        Contrast::of(&kind, "contrast", &levels(3)).unwrap().labels(&levels(3), 1)
    };
    assert_eq!(labels("treatment"), ["l0", "l2"]);
    assert_eq!(labels("simple"), ["l0", "l2"]);
    assert_eq!(labels("sum"), ["S.l0", "S.l1"]);
    assert_eq!(labels("helmert"), ["H.l1", "H.l2"]);
    assert_eq!(labels("successive"), ["l1 - l0", "l2 - l1"]);
    assert_eq!(labels("forward"), ["l0 - l1", "l1 - l2"]);
    assert_eq!(labels("poly"), [".L", ".Q"]);
}

#[test]
fn scores_are_one_per_level_and_increase() {
    let slug = |scores: &[f64]| {
        let scores = scores.iter().map(|s| Real::new(*s)).collect::<Option<Vec<_>>>();
        Contrast::of(&ContrastKind::Polynomial(scores), "contrast", &levels(3)).unwrap_err().slug().to_string()
    };
    assert_eq!(slug(&[1.0, 2.0]), "scores-count");
    assert_eq!(slug(&[1.0, 2.0, 2.0]), "scores-order");
    assert_eq!(slug(&[0.0, 1e-9, 1.0]), "scores-order");
}
