//! Kappas against those of other programs, stored with the script that made them in `tests/reference/agreement`.

use melogit::notes::{Weights, cohen_kappa, fleiss_kappa};
use serde_json::Value;

fn values() -> Value {
    serde_json::from_str(include_str!("reference/agreement/values.json")).unwrap()
}

fn codes(value: &Value) -> Vec<i32> {
    value.as_array().unwrap().iter().map(|code| code.as_i64().unwrap() as i32).collect()
}

fn close(found: f64, stored: &Value, what: &str) {
    let stored = stored.as_f64().unwrap();
    assert!((found - stored).abs() < 1e-10, "{what}: {found} is not {stored}");
}

#[test]
fn two_raters_as_statsmodels() {
    for case in values()["two"].as_array().unwrap() {
        let (first, second) = (codes(&case["first"]), codes(&case["second"]));
        let categories = case["categories"].as_u64().unwrap() as usize;
        for (name, weights) in
            [("plain", Weights::Plain), ("linear", Weights::Linear), ("quadratic", Weights::Quadratic)]
        {
            let kappa = cohen_kappa(&first, &second, categories, weights, 0.95).unwrap();
            close(kappa.estimate, &case[name]["estimate"], name);
            close(kappa.se, &case[name]["se"], name);
            close(kappa.se_null, &case[name]["se_null"], name);
        }
    }
}

#[test]
fn many_raters_as_irrcac_and_statsmodels() {
    for case in values()["many"].as_array().unwrap() {
        let number = |key: &str| case[key].as_u64().unwrap() as usize;
        let kappa = fleiss_kappa(&codes(&case["codes"]), number("raters"), number("categories"), 0.95).unwrap().overall;
        close(kappa.estimate, &case["estimate"], "estimate");
        close(kappa.se, &case["se"], "standard error");
        close(kappa.observed, &case["observed"], "observed");
        close(kappa.expected, &case["expected"], "expected");
        close(kappa.lower, &case["interval"][0], "lower");
        close(kappa.upper, &case["interval"][1], "upper");
        if let Some(stored) = case.get("statsmodels") {
            close(kappa.estimate, stored, "statsmodels");
        }
    }
}

#[test]
fn raters_and_names_of_categories_may_change_places() {
    let first = [0, 1, 2, 2, 1, 0, 0, 2, 1, 1, 0, 2];
    let second = [0, 1, 1, 2, 1, 0, 2, 2, 1, 0, 0, 2];
    let kappa = |a: &[i32], b: &[i32], weights| cohen_kappa(a, b, 3, weights, 0.95).unwrap();
    for weights in [Weights::Plain, Weights::Linear, Weights::Quadratic] {
        let (one, other) = (kappa(&first, &second, weights), kappa(&second, &first, weights));
        assert!((one.estimate - other.estimate).abs() < 1e-14 && (one.se - other.se).abs() < 1e-14);
    }
    let renamed = |codes: &[i32]| codes.iter().map(|code| (code + 1) % 3).collect::<Vec<_>>();
    let (one, other) =
        (kappa(&first, &second, Weights::Plain), kappa(&renamed(&first), &renamed(&second), Weights::Plain));
    assert!((one.estimate - other.estimate).abs() < 1e-14 && (one.se - other.se).abs() < 1e-14);
    let linear = kappa(&first, &second, Weights::Linear).estimate;
    let turned = |codes: &[i32]| codes.iter().map(|code| 2 - code).collect::<Vec<_>>();
    assert!((kappa(&turned(&first), &turned(&second), Weights::Linear).estimate - linear).abs() < 1e-14);
}
