//! One test for each rule of the grammar.

use super::{means, read};
use crate::formula::{ContrastKind, Formula, Response, Transform};

#[test]
fn outcomes() {
    means("y~x", "y ~ x");
    means("events / trials ~ x", "events / trials ~ x");
    means("cbind(events, nonevents) ~ x", "cbind(events, nonevents) ~ x");
    means("`was rejected` ~ x", "`was rejected` ~ x");
    means("Q(\"was rejected\") ~ x", "`was rejected` ~ x");
    means("cbind ~ C + I + offset + Q + log", "cbind ~ C + I + offset + Q + log");
    assert!(matches!(read("a / b ~ 1").response, Response::Grouped { .. }));
}

#[test]
fn the_number_of_trials_may_be_a_predictor() {
    means("events / trials ~ log(trials)", "events / trials ~ log(trials)");
}

#[test]
fn sums_and_the_intercept() {
    means("y ~ 1", "y ~ 1");
    means("y ~ a + b", "y ~ a + b");
    means("y ~ 1 + a", "y ~ a");
    means("y ~ 0 + a", "y ~ 0 + a");
    means("y ~ a - 1", "y ~ 0 + a");
    means("y ~ a + -1", "y ~ 0 + a");
    means("y ~ -1 + a", "y ~ 0 + a");
    means("y ~ a + (b - 1)", "y ~ 0 + a + b");
}

#[test]
fn the_last_word_on_the_intercept_counts() {
    means("y ~ 0 + a + 1", "y ~ a");
    means("y ~ a - 1 - 0", "y ~ a");
    means("y ~ a + b - (1 + a)", "y ~ 0 + b");
}

#[test]
fn repeats_are_dropped() {
    means("y ~ a + a + b:a + a:b + a:a", "y ~ a + a:b");
    means("y ~ + + a", "y ~ a");
    means("y ~ offset(e) + offset(e)", "y ~ offset(e)");
}

#[test]
fn terms_are_ordered_by_degree_and_otherwise_as_written() {
    means("y ~ a:b:c + z + b:c + d + a:b", "y ~ z + d + b:c + a:b + a:b:c");
}

#[test]
fn a_term_names_its_columns_in_the_order_of_the_main_effects() {
    means("y ~ a + b + b:a", "y ~ a + b + a:b");
    means("y ~ b:a + a + b", "y ~ a + b + a:b");
    means("y ~ b:a + a", "y ~ a + a:b");
    means("y ~ c + a:c + b:a", "y ~ c + c:a + b:a");
    means("y ~ a + b + (b:a | g)", "y ~ a + b + (1 + b:a | g)");
}

#[test]
fn interaction() {
    means("y ~ a:b:c", "y ~ a:b:c");
    means("y ~ (a + b):c", "y ~ a:c + b:c");
    means("y ~ (a + b):(c + d)", "y ~ a:c + a:d + b:c + b:d");
}

#[test]
fn crossing() {
    means("y ~ a * b", "y ~ a + b + a:b");
    means("y ~ a * b * c", "y ~ a + b + c + a:b + a:c + b:c + a:b:c");
    means("y ~ (a + b) * c", "y ~ a + b + c + a:c + b:c");
    means("y ~ a + b * c:d", "y ~ a + b + c:d + b:c:d");
}

#[test]
fn nesting() {
    means("y ~ a / b", "y ~ a + a:b");
    means("y ~ a / b / c", "y ~ a + a:b + a:b:c");
    means("y ~ (a + b) / c", "y ~ a + b + a:b:c");
    means("y ~ a / (b + c)", "y ~ a + a:b + a:c");
    means("y ~ b %in% a", "y ~ b:a");
    means("y ~ a + b %in% a", "y ~ a + a:b");
    means("y ~ a %in% (b + c)", "y ~ a:b:c");
}

#[test]
fn powers() {
    means("y ~ (a + b + c)^2", "y ~ a + b + c + a:b + a:c + b:c");
    means("y ~ (a + b + c)**2", "y ~ a + b + c + a:b + a:c + b:c");
    means("y ~ (a + b)^1", "y ~ a + b");
    means("y ~ (a + b)^10", "y ~ a + b + a:b");
    means("y ~ (a + b * c)^2", "y ~ a + b + c + a:b + a:c + b:c + a:b:c");
    means("y ~ a + b - (a)^1", "y ~ b");
    means("y ~ a^2", "y ~ a");
    means("y ~ a:b^2", "y ~ a:b");
}

#[test]
fn removal() {
    means("y ~ a * b - b", "y ~ a + a:b");
    means("y ~ a * b - a", "y ~ b + b:a");
    means("y ~ a * b - b:a", "y ~ a + b");
    means("y ~ (a + b + c)^2 - (a:b + a:c)", "y ~ a + b + c + b:c");
    means("y ~ a - a + b", "y ~ b");
    means("y ~ a - a", "y ~ 1");
    means("y ~ a - a + a", "y ~ a");
}

#[test]
fn operators_bind_as_in_r() {
    means("y ~ a + b * c / d", "y ~ a + b + c + b:c + b:c:d");
    means("y ~ a * b:c", "y ~ a + b:c + a:b:c");
    means("y ~ a / b:c", "y ~ a + a:b:c");
    means("y ~ a * b %in% c", "y ~ a + b:c + a:b:c");
}

#[test]
fn categories() {
    means("y ~ C(x)", "y ~ C(x)");
    means("y ~ C(x, Sum)", "y ~ C(x, Sum)");
    means("y ~ C(x, contr.helmert)", "y ~ C(x, Helmert)");
    means("y ~ C(x, polynomial)", "y ~ C(x, Poly)");
    means("y ~ C(x, 'contr.poly')", "y ~ C(x, Poly)");
    means("y ~ C(x, ref='GP')", "y ~ C(x, ref=\"GP\")");
    means("y ~ C(x, reference = \"GP\", Treatment)", "y ~ C(x, Treatment, ref=\"GP\")");
    means("y ~ C(year, ref=2019)", "y ~ C(year, ref=\"2019\")");
    means("y ~ C(score, ref=-1.5)", "y ~ C(score, ref=\"-1.5\")");
    means("y ~ C(`age band`, ref=\"say \\\"0\\\"\")", "y ~ C(`age band`, ref=\"say \\\"0\\\"\")");
    means("y ~ C(x, ref='')", "y ~ C(x, ref=\"\")");
    let formula = read("y ~ C(x, contr.sum, ref='GP')");
    let coding = Transform::Category { contrast: Some(ContrastKind::Sum), reference: Some("GP".to_owned()) };
    assert_eq!(formula.terms[0].atoms[0].transform, coding);
}

#[test]
fn every_contrast_has_a_canonical_name() {
    means("y ~ C(x, contr.sdif)", "y ~ C(x, Successive)");
    means("y ~ C(x, Backward)", "y ~ C(x, Successive)");
    means("y ~ C(x, forward)", "y ~ C(x, Forward)");
    means("y ~ C(x, simple, ref='GP')", "y ~ C(x, Simple, ref=\"GP\")");
    means("y ~ C(x, scores='0, 5;10 13.50', Poly)", "y ~ C(x, Poly, scores=\"0 5 10 13.5\")");
    means("y ~ C(x, Poly, scores='-1e1 -0')", "y ~ C(x, Poly, scores=\"-10 0\")");
}

#[test]
fn comparisons_written_out() {
    means("y ~ C(x, 'CPP - Other')", "y ~ C(x, \"CPP - Other\")");
    means("y ~ C(x, 'a - b', 'b - c')", "y ~ C(x, \"a - b\", \"b - c\")");
    means("y ~ C(x, 'CPP v other' = 'CPP - Other')", "y ~ C(x, \"CPP v other\"=\"CPP - Other\")");
    means("y ~ C(x, 'a - b'='a - b')", "y ~ C(x, \"a - b\")");
    means(r#"y ~ C(x, "`say \"0\"` - b")"#, r#"y ~ C(x, "`say \"0\"` - b")"#);
    // A label may be anything, also the name of a contrast.
    means("y ~ C(x, 'Sum'='a - b')", "y ~ C(x, \"Sum\"=\"a - b\")");
}

#[test]
fn curves() {
    means("y ~ ns(age, df = 4)", "y ~ ns(age, df=4)");
    means("y ~ ns(age, 4)", "y ~ ns(age, df=4)");
    means("y ~ ns(age, knots='8, 12 15', bounds='0 18')", "y ~ ns(age, knots=\"8 12 15\", bounds=\"0 18\")");
    means("y ~ ns(age, knots=12, Boundary.knots='-1 18')", "y ~ ns(age, knots=\"12\", bounds=\"-1 18\")");
    means("y ~ bs(age, df=5, degree=3)", "y ~ bs(age, df=5)");
    means("y ~ bs(age, degree=2, df=5)", "y ~ bs(age, df=5, degree=2)");
    means("y ~ poly(age, degree=3)", "y ~ poly(age, 3)");
    means("y ~ ns(`age now`, df=3) * sex", "y ~ ns(`age now`, df=3) + sex + ns(`age now`, df=3):sex");
    // Functions of one column may stand beside each other; these are not two codings of one variable.
    means("y ~ age + ns(age, df=3) + poly(age, 2)", "y ~ age + ns(age, df=3) + poly(age, 2)");
}

#[test]
fn functions() {
    for name in ["log", "log2", "log10", "log1p", "exp", "sqrt", "abs", "center", "scale"] {
        means(&format!("y ~ {name} ( x )"), &format!("y ~ {name}(x)"));
    }
    means("y ~ x + I(x^2) + I(x**3)", "y ~ x + I(x^2) + I(x^3)");
    means("y ~ I(x)", "y ~ x");
    means("y ~ log(Q('a b')):center(`c d`)", "y ~ log(`a b`):center(`c d`)");
}

#[test]
fn offsets() {
    means("y ~ offset(e)", "y ~ offset(e)");
    means("y ~ a + offset(log(e)) + b", "y ~ a + b + offset(log(e))");
    means("y ~ 0 + a + offset(I(e^2))", "y ~ 0 + a + offset(I(e^2))");
    means("y ~ offset(offset) + (1 | g)", "y ~ offset(offset) + (1 | g)");
}

#[test]
fn random_terms() {
    means("y ~ (1 | g)", "y ~ 1 + (1 | g)");
    means("y ~ x + (x | g)", "y ~ x + (1 + x | g)");
    means("y ~ x + (1 + x | g)", "y ~ x + (1 + x | g)");
    means("y ~ x + (0 + x | g)", "y ~ x + (0 + x | g)");
    means("y ~ x + (x - 1 | g)", "y ~ x + (0 + x | g)");
    means("y ~ (x * z | g)", "y ~ 1 + (1 + x + z + x:z | g)");
    means("y ~ (log(x) + C(z, Sum) | g)", "y ~ 1 + (1 + log(x) + C(z, Sum) | g)");
    means("y ~ 0 + (1 | g)", "y ~ 0 + (1 | g)");
    means("y ~ (1 | g) + x", "y ~ x + (1 | g)");
    means("y ~ ((1 | g) + x)", "y ~ x + (1 | g)");
}

#[test]
fn uncorrelated_random_terms() {
    means("y ~ (x || g)", "y ~ 1 + (1 | g) + (0 + x | g)");
    means("y ~ (x + z || g)", "y ~ 1 + (1 | g) + (0 + x | g) + (0 + z | g)");
    means("y ~ (0 + x || g)", "y ~ 1 + (0 + x | g)");
    means("y ~ (1 || g)", "y ~ 1 + (1 | g)");
}

#[test]
fn groups() {
    means("y ~ (1 | a:b)", "y ~ 1 + (1 | a:b)");
    means("y ~ (1 | a/b)", "y ~ 1 + (1 | a) + (1 | a:b)");
    means("y ~ (1 | a/b/c)", "y ~ 1 + (1 | a) + (1 | a:b) + (1 | a:b:c)");
    means("y ~ (1 | a:b/c)", "y ~ 1 + (1 | a:b) + (1 | a:b:c)");
    means("y ~ (1 | a/(b:c))", "y ~ 1 + (1 | a) + (1 | a:b:c)");
    means("y ~ (1 | (a/b)/c)", "y ~ 1 + (1 | a) + (1 | a:b) + (1 | a:b:c)");
    means("y ~ (1 | `a b`/Q('c'))", "y ~ 1 + (1 | `a b`) + (1 | `a b`:c)");
    means("y ~ (x || a/b)", "y ~ 1 + (1 | a) + (1 | a:b) + (0 + x | a) + (0 + x | a:b)");
}

#[test]
fn several_random_terms() {
    means("y ~ (1 | a) + (1 | b)", "y ~ 1 + (1 | a) + (1 | b)");
    means("y ~ (1 | a) + (1 | a)", "y ~ 1 + (1 | a)");
    means("y ~ (1 | a/b) + (1 | b:a)", "y ~ 1 + (1 | a) + (1 | a:b)");
    means("y ~ (1 | a) + (0 + x | a)", "y ~ 1 + (1 | a) + (0 + x | a)");
    means("y ~ (x | a) + (x | b)", "y ~ 1 + (1 + x | a) + (1 + x | b)");
}

#[test]
fn names() {
    means("y ~ age.band + _x + .hidden", "y ~ age.band + _x + .hidden");
    means("y ~ größe + 年齢 + возраст", "y ~ größe + 年齢 + возраст");
    means("y ~ cafe\u{301} + हिन्दी", "y ~ cafe\u{301} + हिन्दी");
    means("y ~ `plain`", "y ~ plain");
    means("y ~ `age band` + `2019` + `.` + `a-b`", "y ~ `age band` + `2019` + `.` + `a-b`");
    means("y ~ `tick \\` slash \\\\ n \\n`", "y ~ `tick \\` slash \\\\ n \\\\n`");
    means("y ~ `~ (1 | g)`", "y ~ `~ (1 | g)`");
}

#[test]
fn white_space_only_separates() {
    means("\n y\t~\r\n  a\u{a0}+\n  (1|g)\n", "y ~ a + (1 | g)");
}

#[test]
fn equality_ignores_the_spelling() {
    let spellings = ["y~a*b+(a||g)", "y ~ a + b + b:a + (1 | g) + (0 + a | g)"];
    let formulas: Vec<Formula> = spellings.into_iter().map(read).collect();
    assert_eq!(formulas[0], formulas[1]);
    assert_ne!(formulas[0], read("y ~ a + b"));
}
