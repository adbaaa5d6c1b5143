//! Characters, quotes, brackets and tildes.

use super::shows;

#[test]
fn an_empty_formula() {
    shows(
        "",
        "empty-formula",
        "
the formula is empty

    ^
Write the outcome, `~`, and what explains it, such as y ~ age + (1 | clinic).",
    );
}

#[test]
fn a_formula_of_blanks() {
    shows(
        "  \n ",
        "empty-formula",
        "
the formula is empty

    ^
Write the outcome, `~`, and what explains it, such as y ~ age + (1 | clinic).",
    );
}

#[test]
fn no_tilde() {
    shows(
        "y + x",
        "missing-tilde",
        "
the formula has no `~`
    y + x
    ^^^^^
Write the outcome, `~`, and what explains it, such as y ~ age + (1 | clinic).",
    );
}

#[test]
fn two_tildes() {
    shows(
        "y ~ a ~ b",
        "two-tildes",
        "
this is a second `~`
    y ~ a ~ b
          ^
A formula has one `~`, between the outcome and what explains it. Join terms with `+`.",
    );
}

#[test]
fn a_tilde_in_parentheses() {
    shows(
        "y + (z ~ x)",
        "tilde-in-parentheses",
        "
the `~` stands inside parentheses
    y + (z ~ x)
           ^
The `~` divides the whole formula. Take away the parentheses around it.",
    );
}

#[test]
fn a_parenthesis_never_closed() {
    shows(
        "y ~ (a + b",
        "unbalanced-parentheses",
        "
this `(` is never closed
    y ~ (a + b
        ^
Add the `)` where the group ends, or remove the `(`.",
    );
}

#[test]
fn a_parenthesis_that_closes_nothing() {
    shows(
        "y ~ a + b)",
        "unbalanced-parentheses",
        "
this `)` closes nothing
    y ~ a + b)
             ^
Remove it, or add the `(` that it should close.",
    );
}

#[test]
fn too_many_open_parentheses() {
    shows(
        &format!("y ~ {}a{}", "(".repeat(33), ")".repeat(33)),
        "too-deep",
        "
more than 32 parentheses are open here
    y ~ (((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))))))
                                        ^
No model needs that many. If a program wrote the formula, let it write a plain sum of terms.",
    );
}

#[test]
fn a_dot() {
    shows(
        "y ~ .",
        "dot-unsupported",
        r#"
`.` for "all other columns" is not supported
    y ~ .
        ^
Name the columns one by one, so that the model does not change when a column is added to the data."#,
    );
}

#[test]
fn a_name_that_begins_with_a_digit() {
    shows(
        "y ~ a + 2019_count",
        "bad-name",
        "
`2019_count` begins with a digit, so it is neither a number nor a name
    y ~ a + 2019_count
            ^^^^^^^^^^
If it is a column, put the name in backticks: `2019_count`. If two things were meant, put an operator between them.",
    );
}

#[test]
fn an_open_backtick() {
    shows(
        "y ~ `age band + x",
        "unclosed-quote",
        r"
a backtick is opened here and never closed
    y ~ `age band + x
        ^^^^^^^^^^^^^
Add the closing ` after the name. A ` inside the name is written \`.",
    );
}

#[test]
fn an_open_quote() {
    shows(
        r#"y ~ C(x, ref="GP)"#,
        "unclosed-quote",
        r#"
a quote is opened here and never closed
    y ~ C(x, ref="GP)
                 ^^^^
Add the closing " after the name. A " inside the name is written \"."#,
    );
}

#[test]
fn empty_backticks() {
    shows(
        "y ~ ``",
        "empty-name",
        "
the quotes hold no name
    y ~ ``
        ^^
Write the name of a column between them.",
    );
}

#[test]
fn an_empty_quoted_name() {
    shows(
        r#"y ~ Q("")"#,
        "empty-name",
        r#"
the quotes hold no name
    y ~ Q("")
          ^^
Write the name of a column between them."#,
    );
}

#[test]
fn a_dash_from_a_word_processor() {
    shows(
        "y ~ x – z",
        "unexpected-character",
        "
the character `–` has no meaning in a formula
    y ~ x – z
          ^
It looks like - but is another character, as word processors write it. Type - instead.",
    );
}

#[test]
fn an_invisible_character() {
    shows(
        "y ~ x +\u{200b} z",
        "unexpected-character",
        "
the character U+200B has no meaning in a formula
    y ~ x +\u{200b} z
           ^
It cannot be seen on the screen, and often comes with copied text. Delete it.",
    );
}

#[test]
fn a_dollar() {
    shows(
        "y ~ d$x",
        "unexpected-character",
        "
the character `$` has no meaning in a formula
    y ~ d$x
         ^
A formula names columns of the data; it does not look inside objects. Write just the column name, in backticks if the name itself has this character.",
    );
}

#[test]
fn an_unknown_percent_operator() {
    shows(
        "y ~ a %o% b",
        "unexpected-character",
        "
the character `%` has no meaning in a formula
    y ~ a %o% b
          ^
The only operator between percent signs is %in%.",
    );
}

#[test]
fn a_comparison() {
    shows(
        "y ~ a > 3",
        "unexpected-character",
        "
the character `>` has no meaning in a formula
    y ~ a > 3
          ^
A formula does not compare. Make a column that holds the result, and name that column.",
    );
}

#[test]
fn an_emoji() {
    shows(
        "y ~ 🙂",
        "unexpected-character",
        "
the character `🙂` has no meaning in a formula
    y ~ 🙂
        ^^
If it belongs to a column name, put the whole name in backticks: `like this`.",
    );
}
