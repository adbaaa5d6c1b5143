//! Comparisons written out: what they mean, and what is said when they mean nothing.

use crate::coding::Contrast;
use crate::coding::contrast::{comparison, words};
use crate::error::Result;
use crate::formula::{ContrastKind, Hypothesis};
use proptest::prelude::*;
use proptest::sample::select;

const SOCIAL: [&str; 5] =
    ["No involvement", "Past involvement", "Child protection plan", "Other current involvement", "In care"];

fn levels(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn custom(texts: &[&str], names: &[&str]) -> Result<Contrast> {
    let kind = ContrastKind::Custom(texts.iter().map(|text| Hypothesis::new(text)).collect());
    Contrast::of(&kind, "contrast of 'x'", &levels(names))
}

/// The weights of one comparison.
fn weights(text: &str, names: &[&str]) -> Vec<f64> {
    let contrast = custom(&[text], names).unwrap_or_else(|error| panic!("{error}"));
    contrast.hypotheses(names.len(), 0).row(1).iter().map(|w| (w * 1e12).round() / 1e12 + 0.0).collect()
}

fn refused(text: &str, names: &[&str]) -> String {
    custom(&[text], names).unwrap_err().slug().to_string()
}

#[test]
fn names_with_blanks_need_no_quotes() {
    let w = weights("(Child protection plan + Other current involvement)/2 - No involvement", &SOCIAL);
    assert_eq!(w, [-1.0, 0.0, 0.5, 0.5, 0.0]);
    assert_eq!(weights("In care-Past involvement", &SOCIAL), [0.0, -1.0, 0.0, 0.0, 1.0]);
    assert_eq!(weights("1 most deprived - 5 least", &["1 most deprived", "2", "5 least"]), [1.0, 0.0, -1.0]);
}

#[test]
fn weights_are_read_as_in_arithmetic() {
    let abc = ["A", "B", "C"];
    for text in ["0.5*A + 0.5*B - C", "A*0.5 + B/2 - C", "(A + B)/2 - C", "-C + 1/2*(A + B)", "(A - C + B - C)/2"] {
        assert_eq!(weights(text, &abc), [0.5, 0.5, -1.0], "{text}");
    }
    assert_eq!(weights("2*A - B - C", &abc), [2.0, -1.0, -1.0]);
    assert_eq!(weights("A - -B - 2*C", &abc), [1.0, 1.0, -2.0]);
    assert_eq!(weights("(A + B + C)/3 - A", &abc), [-0.666_666_666_667, 0.333_333_333_333, 0.333_333_333_333]);
}

#[test]
fn the_longest_name_is_meant_and_ends_where_a_word_does() {
    assert_eq!(weights("CPP past - CPP", &["CPP", "CPP past", "No"]), [-1.0, 1.0, 0.0]);
    assert_eq!(weights("A - B", &["A", "B", "AB"]), [1.0, -1.0, 0.0]);
    assert_eq!(weights("AB - A", &["A", "B", "AB"]), [-1.0, 0.0, 1.0]);
    assert_eq!(weights("Non-binary - Other", &["Non-binary", "Other", "Non"]), [1.0, -1.0, 0.0]);
    assert_eq!(weights("(5, 10] - [0, 5]", &["[0, 5]", "(5, 10]"]), [-1.0, 1.0]);
    // A level whose name is the whole text wins, unless backticks say otherwise.
    assert_eq!(refused("a - b", &["a", "b", "a - b"]), "comparison-sum");
    assert_eq!(weights("`a` - b", &["a", "b", "a - b"]), [1.0, -1.0, 0.0]);
}

#[test]
fn numbers_are_levels_unless_they_weigh() {
    let digits = ["1", "2", "3"];
    assert_eq!(weights("2 - 1", &digits), [-1.0, 1.0, 0.0]);
    assert_eq!(weights("(1 + 2)/2 - 3", &digits), [0.5, 0.5, -1.0]);
    assert_eq!(weights("2*1 - 2*3", &digits), [2.0, 0.0, -2.0]);
    assert_eq!(weights("0.5*1 + 0.5*2 - 3", &digits), [0.5, 0.5, -1.0]);
    assert_eq!(weights("`2` - `1`", &digits), [-1.0, 1.0, 0.0]);
    assert_eq!(weights("-1 - 1", &["-1", "1"]), [1.0, -1.0]);
}

#[test]
fn backticks_take_any_name() {
    assert_eq!(weights(r"`a\`b` - ` c`", &["a`b", " c"]), [1.0, -1.0]);
}

#[test]
fn an_unknown_level_is_marked_and_the_nearest_named() {
    let error = custom(&["Child protection plan - In  care"], &SOCIAL).unwrap_err();
    assert_eq!(
        format!("\n{error}"),
        "
contrast of 'x': this is not a level
    Child protection plan - In  care
                            ^^^^^^^^
Did you mean 'In care'? The levels that have rows are: 'No involvement', 'Past involvement', 'Child protection plan', 'Other current involvement', 'In care'."
    );
    assert_eq!((error.kind(), error.slug()), (crate::error::Kind::Level, "unknown-level"));
}

#[test]
fn weights_that_do_not_sum_to_zero_are_shown() {
    let error = custom(&["A + B - C"], &["A", "B", "C"]).unwrap_err();
    assert_eq!(
        format!("\n{error}"),
        "
contrast of 'x': the weights do not sum to zero
    A + B - C
    ^^^^^^^^^
A comparison takes away as much as it adds, such as a - b or (a + b)/2 - c; here the weights sum to 1."
    );
    assert_eq!(error.slug(), "comparison-sum");
}

#[test]
fn every_slip_has_its_name() {
    let abc = ["A", "B", "C"];
    for (text, slug) in [
        ("", "comparison-syntax"),
        ("A -", "comparison-syntax"),
        ("A - (B", "comparison-syntax"),
        ("A - B)", "comparison-syntax"),
        ("A B - C", "comparison-syntax"),
        ("A*B - C", "comparison-syntax"),
        ("A/B - C", "comparison-syntax"),
        ("2/A - B", "comparison-syntax"),
        ("A/0 - B", "comparison-syntax"),
        ("A - B + 1", "comparison-syntax"),
        ("A - B = 0", "comparison-syntax"),
        ("`A - B", "comparison-syntax"),
        ("A - `b`", "unknown-level"),
        ("A - 5x", "unknown-level"),
        ("A - A", "comparison-empty"),
        ("1 - 1", "comparison-empty"),
        ("0.333*A + 0.333*B + 0.333*C - A", "comparison-sum"),
    ] {
        assert_eq!(refused(text, &abc), slug, "{text}");
    }
    assert_eq!(refused(&format!("{}A{} - B", "(".repeat(40), ")".repeat(40)), &abc), "comparison-syntax");
    let several = |texts: &[&str]| custom(texts, &abc).unwrap_err().slug().to_string();
    assert_eq!(several(&["A - B", "B - A"]), "redundant-comparison");
    assert_eq!(several(&["A - B", "B - C", "A - C"]), "too-many-comparisons");
    assert_eq!(several(&["A - B", "A - B"]), "repeated-label");
    let many = (0..501).map(|l| format!("l{l}")).collect::<Vec<_>>();
    let kind = ContrastKind::Custom(vec![Hypothesis::new("l0 - l1")]);
    assert_eq!(Contrast::of(&kind, "contrast", &many).unwrap_err().slug(), "too-many-levels");
}

#[test]
fn a_division_by_a_level_is_named_as_such() {
    let error = custom(&["A*B - C"], &["A", "B", "C"]).unwrap_err().to_string();
    assert!(error.contains("multiplied or divided by a level") && error.contains("\n    ^^^\n"), "{error}");
}

#[test]
fn the_rest_is_orthogonal_and_reads_as_a_comparison() {
    let names = ["A", "B", "C", "D"];
    let contrast = custom(&["A - B"], &names).unwrap();
    assert_eq!(contrast.labels(&levels(&names), 0), ["A - B", "rest 1", "rest 2"]);
    let words = contrast.words(&levels(&names), 0);
    assert_eq!(words, ["(A + B + C + D)/4", "A - B", "(A + B)/2 - (C + D)/2", "C - D"]);
    let kind = ContrastKind::Custom(vec![Hypothesis { label: "rest 1".to_string(), text: "A - B".to_string() }]);
    let taken = Contrast::of(&kind, "contrast", &levels(&names)).unwrap();
    assert_eq!(taken.labels(&levels(&names), 0), ["rest 1", "rest 2", "rest 3"]);
}

#[test]
fn full_custom_contrasts_are_the_generalised_inverse() {
    let contrast = custom(&["A - B", "(A + B)/2 - C"], &["A", "B", "C"]).unwrap();
    let expected = [[0.5, 1.0 / 3.0], [-0.5, 1.0 / 3.0], [0.0, -2.0 / 3.0]];
    let matrix = contrast.matrix(3, 0);
    for (l, row) in expected.iter().enumerate() {
        for (c, x) in row.iter().enumerate() {
            assert!((matrix[(l, c)] - x).abs() < 1e-15);
        }
    }
}

#[test]
fn what_a_file_says_is_checked() {
    let contrast = custom(&["A - B"], &["A", "B", "C"]).unwrap();
    let text = serde_json::to_string(&contrast).unwrap();
    let read = |text: &str| serde_json::from_str::<Contrast>(text).unwrap();
    assert_eq!(read(&text), contrast);
    assert!(contrast.fits(3) && !contrast.fits(4));
    assert!(!read(&text.replace("-1.0", "1.0")).fits(3), "{text}");
    assert!(!read(r#"{"custom":{"labels":["a","b"],"weights":[[1,-1,0],[2,-2,0]]}}"#).fits(3));
    assert!(!read(r#"{"scored":[1,1,2]}"#).fits(3));
}

/// Names of levels that make reading hard.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[A-C]{1,2}", "[AB12 +*/()`.\\\\-]{1,5}", "[0-9]{1,2}", any::<String>()]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn any_text_gives_weights_or_an_error(
        names in proptest::collection::hash_set(name(), 2..5),
        text in prop_oneof![any::<String>(), "[ABC12 +*/()`.\\\\-]{0,20}"],
    ) {
        let names = names.into_iter().collect::<Vec<_>>();
        let kind = ContrastKind::Custom(vec![Hypothesis::new(&text)]);
        match Contrast::of(&kind, "contrast", &names) {
            Ok(contrast) => prop_assert!(contrast.fits(names.len())),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }

    #[test]
    fn words_read_back_as_the_same_comparison(
        names in proptest::collection::hash_set(name(), 3..6),
        numbers in proptest::collection::vec((-6i32..7, select(vec![1, 2, 3, 4, 7])), 5),
    ) {
        let names = names.into_iter().collect::<Vec<_>>();
        let mut wanted = numbers[..names.len()].iter().map(|(a, b)| f64::from(*a) / f64::from(*b)).collect::<Vec<_>>();
        let mean = wanted.iter().sum::<f64>() / wanted.len() as f64;
        wanted.iter_mut().for_each(|w| *w -= mean);
        prop_assume!(wanted.iter().any(|w| w.abs() > 1e-9));
        let text = words::of(&wanted, &names);
        let read = comparison::weights(&text, "contrast", &names)
            .map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        for (a, b) in read.iter().zip(&wanted) {
            prop_assert!((a - b).abs() < 1e-6, "{text}: {read:?} {wanted:?}");
        }
    }
}
