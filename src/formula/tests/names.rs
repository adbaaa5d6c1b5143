//! Names of terms, columns needed, and positions.

use super::read;
use crate::formula::{Formula, Span};

fn names(text: &str) -> Vec<String> {
    read(text).terms.iter().map(crate::formula::Term::name).collect()
}

fn columns(text: &str) -> Vec<String> {
    read(text).columns().into_iter().map(|column| column.name).collect()
}

#[test]
fn terms_are_named_for_tables() {
    assert_eq!(names("y ~ age * gender"), ["age", "gender", "age:gender"]);
    assert_eq!(names("y ~ log(age):I(x^2)"), ["log(age):I(x^2)"]);
    assert_eq!(names("y ~ offset(e) + scale(`age band`)"), ["scale(age band)"]);
}

#[test]
fn the_coding_is_no_part_of_the_name() {
    assert_eq!(names("y ~ C(source, Sum) * x"), ["source", "x", "source:x"]);
    assert_eq!(names("y ~ C(source, ref=\"GP\")"), ["source"]);
    assert_eq!(names("y ~ C(source, \"a - b\")"), ["source"]);
}

#[test]
fn a_curve_is_named_as_it_is_written() {
    assert_eq!(names("y ~ ns(age, 4) + poly(`a:b`, 2)"), ["ns(age, df=4)", "poly(`a:b`, 2)"]);
}

#[test]
fn a_name_is_quoted_only_where_it_could_mislead() {
    assert_eq!(names("y ~ `age band` + `a:b` + a:b"), ["age band", "`a:b`", "a:b"]);
    assert_eq!(names("y ~ `log(x)` + log(x) + `(Intercept)`"), ["`log(x)`", "log(x)", "`(Intercept)`"]);
}

#[test]
fn groups_are_named_for_tables() {
    let formula = read("y ~ (1 | `NHS trust`/team)");
    let names: Vec<String> = formula.random.iter().map(crate::formula::RandomTerm::group_name).collect();
    assert_eq!(names, ["NHS trust", "NHS trust:team"]);
}

#[test]
fn columns_come_in_order_of_first_mention() {
    assert_eq!(columns("y ~ (x | g) + b:a + log(x) + offset(e)"), ["y", "x", "g", "b", "a", "e"]);
    assert_eq!(columns("cbind(n1, n0) ~ C(a) + (1 | b/a)"), ["n1", "n0", "a", "b"]);
}

#[test]
fn columns_that_were_removed_are_not_needed() {
    assert_eq!(columns("y ~ a * b - b - a:b"), ["y", "a"]);
}

#[test]
fn the_model_without_random_terms() {
    let formula = read("y ~ a + offset(e) + (a | g)");
    assert_eq!(formula.random_free(), read("y ~ a + offset(e)"));
}

#[test]
fn positions_lead_back_to_the_text() {
    let text = "größe ~ a * log(b) + (0 + a | `g h`/i)";
    let formula = read(text);
    let at = |span: Span| &text[span.start..span.end];
    assert_eq!(at(formula.response.columns()[0].span), "größe");
    let terms: Vec<&str> = formula.terms.iter().map(|term| at(term.span)).collect();
    assert_eq!(terms, ["a", "log(b)", "a * log(b)"]);
    assert_eq!(at(formula.terms[2].atoms[1].span), "log(b)");
    assert_eq!(at(formula.random[1].span), "(0 + a | `g h`/i)");
    assert_eq!(at(formula.random[1].group[0].span), "`g h`");
}

#[test]
fn a_formula_is_read_with_parse_too() {
    assert_eq!("y ~ x".parse::<Formula>().ok(), Some(read("y ~ x")));
}
