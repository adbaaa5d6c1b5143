//! The caret stands under the mistake, whatever the text.

use super::shows;
use crate::formula::caret::render;
use crate::formula::{Span, parse};

/// The formula as an error shows it, without message and help.
fn place(text: &str) -> String {
    let error = parse(text).expect_err(text);
    format!("\n{}", render(text, error.span))
}

#[test]
fn in_a_formula_of_several_lines() {
    shows(
        "rejected ~\n    age + gender\n  + (1 | )\n  + x",
        "missing-group",
        "
a random term has no grouping column after its `|`
    rejected ~
        age + gender
      + (1 | )
             ^
      + x
Write the column that says which group a row belongs to, such as (1 | clinic).",
    );
}

#[test]
fn over_several_lines() {
    assert_eq!(place("y ~ a\n    b"), "\n    y ~ a\n        ^\n        b\n        ^\n");
    assert_eq!(place("y\r\n  + a\r\n"), "\n    y\n    ^\n      + a\n      ^^^\n");
}

#[test]
fn after_wide_characters() {
    assert_eq!(place("y ~ 年齢 + 2"), "\n    y ~ 年齢 + 2\n               ^\n");
    assert_eq!(place("y ~ `🙂` 年齢"), "\n    y ~ `🙂` 年齢\n        ^^^^^^^^^\n");
}

#[test]
fn after_marks_that_take_no_room() {
    assert_eq!(place("y ~ cafe\u{301} + 2"), "\n    y ~ cafe\u{301} + 2\n               ^\n");
}

#[test]
fn after_tabs_and_control_characters() {
    assert_eq!(place("y\t~\t2"), "\n    y ~ 2\n        ^\n");
    assert_eq!(place("y ~ `\u{1b}[31m` + 2"), "\n    y ~ `\u{fffd}[31m` + 2\n                  ^\n");
    assert_eq!(place("y ~ `\u{202e}` + 2"), "\n    y ~ `\u{fffd}` + 2\n              ^\n");
}

#[test]
fn at_the_end_but_not_after_trailing_blanks() {
    assert_eq!(place("y ~ (1 |  "), "\n    y ~ (1 |\n        ^\n");
    assert_eq!(place(""), "\n\n    ^\n");
}

#[test]
fn in_a_line_too_long_for_a_screen() {
    let text = format!("y ~ {}2{}", "x + ".repeat(50), " + x".repeat(50));
    let shown = place(&text);
    let lines: Vec<&str> = shown.lines().skip(1).collect();
    assert!(lines[0].starts_with("    …") && lines[0].ends_with('…'));
    assert!(lines[0].chars().count() < 110);
    assert_eq!(lines[0].chars().position(|character| character == '2'), lines[1].find('^'));
}

#[test]
fn in_a_formula_of_many_lines() {
    let text = format!("y ~{}\n2{}", "\nx +".repeat(20), "\n+ x".repeat(20));
    let expected = "\n    …\n    x +\n    x +\n    x +\n    2\n    ^\n    + x\n    + x\n    + x\n    …\n";
    assert_eq!(place(&text), expected);
}

#[test]
fn any_span_can_be_shown() {
    let text = "y ~ é\n年";
    for start in 0..text.len() + 3 {
        for end in 0..text.len() + 3 {
            assert!(render(text, Span { start, end }).contains('^'), "{start} {end}");
        }
    }
}
