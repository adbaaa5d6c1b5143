//! What may follow what.

use super::shows;

#[test]
fn nothing_on_the_left() {
    shows(
        "~ x",
        "missing-response",
        "
there is nothing left of the `~`
    ~ x
    ^
Write the outcome there: a column, events / trials, or cbind(events, nonevents).",
    );
}

#[test]
fn a_computed_outcome() {
    shows(
        "log(y) ~ x",
        "invalid-response",
        "
the left of the `~` is not an outcome
    log(y) ~ x
    ^^^^^^
It can be one column, events / trials, or cbind(events, nonevents) with two different columns. For anything computed, make a column first.",
    );
}

#[test]
fn one_column_as_events_and_trials() {
    shows(
        "y / y ~ x",
        "invalid-response",
        "
the left of the `~` is not an outcome
    y / y ~ x
    ^^^^^
It can be one column, events / trials, or cbind(events, nonevents) with two different columns. For anything computed, make a column first.",
    );
}

#[test]
fn nothing_on_the_right() {
    shows(
        "y ~",
        "empty-right-side",
        "
there is nothing right of the `~`
    y ~
      ^
Write what explains the outcome. For a model with only an intercept, write 1.",
    );
}

#[test]
fn a_term_missing_at_the_end() {
    shows(
        "y ~ a +",
        "missing-term",
        "
a term is missing after `+`
    y ~ a +
          ^
Write the name of a column there, or remove what is left over.",
    );
}

#[test]
fn a_term_missing_before_a_parenthesis_closes() {
    shows(
        "y ~ a + (b * ) + c",
        "missing-term",
        "
a term is missing after `*`
    y ~ a + (b * ) + c
               ^
Write the name of a column there, or remove what is left over.",
    );
}

#[test]
fn a_term_missing_between_operators() {
    shows(
        "y ~ a::b",
        "missing-term",
        "
a term is missing before `:`
    y ~ a::b
          ^
Write the name of a column there, or remove what is left over.",
    );
}

#[test]
fn empty_parentheses() {
    shows(
        "y ~ ()",
        "missing-term",
        "
there is nothing in these parentheses
    y ~ ()
        ^^
Write a term in them, or remove them.",
    );
}

#[test]
fn a_name_with_a_space() {
    shows(
        "y ~ age band",
        "missing-operator",
        "
an operator is missing between these two
    y ~ age band
        ^^^^^^^^
Put `+` between two terms. If it is one column with a space in its name, put the name in backticks: `like this`.",
    );
}

#[test]
fn a_plus_missing_before_a_random_term() {
    shows(
        "y ~ a (1 | g)",
        "missing-operator",
        "
an operator is missing between these two
    y ~ a (1 | g)
        ^^^
Put `+` between two terms. If it is one column with a space in its name, put the name in backticks: `like this`.",
    );
}

#[test]
fn a_comma() {
    shows(
        "y ~ a, b",
        "unexpected-symbol",
        "
`,` cannot stand here
    y ~ a, b
         ^
Commas stand only inside C(...) and cbind(...). Join terms with `+`.",
    );
}

#[test]
fn an_equals_sign() {
    shows(
        "y ~ a == b",
        "unexpected-symbol",
        "
`=` cannot stand here
    y ~ a == b
          ^
A formula does not compare or assign. Make a column that holds the result, and name that column.",
    );
}

#[test]
fn a_number() {
    shows(
        "y ~ 2",
        "invalid-number",
        "
the number 2 is not a term
    y ~ 2
        ^
The only numbers in a sum are 1 (an intercept) and 0 (none). A column with this name goes in backticks.",
    );
}

#[test]
fn a_name_in_quotes() {
    shows(
        r#"y ~ "age band""#,
        "text-as-term",
        r#"
text in quotes is not a term
    y ~ "age band"
        ^^^^^^^^^^
If it is a column, write its name without quotes, or in backticks if it has spaces: `age band`."#,
    );
}

#[test]
fn a_bar_outside_parentheses() {
    shows(
        "y ~ a + 1 | g",
        "bar-outside-parentheses",
        "
this bar is outside parentheses
    y ~ a + 1 | g
              ^
A random term needs them, because the bar would otherwise divide the whole formula: write (1 | clinic), not 1 | clinic.",
    );
}

#[test]
fn a_second_bar() {
    shows(
        "y ~ (1 | g | h)",
        "nested-bar",
        "
a random term cannot hold another bar
    y ~ (1 | g | h)
               ^
It has one: (effects | group). For groups within groups write (1 | a/b); for two groupings, two random terms.",
    );
}

#[test]
fn a_random_term_as_group() {
    shows(
        "y ~ (1 | (1 | g))",
        "nested-bar",
        "
a random term cannot hold another bar
    y ~ (1 | (1 | g))
                ^
It has one: (effects | group). For groups within groups write (1 | a/b); for two groupings, two random terms.",
    );
}

#[test]
fn no_group() {
    shows(
        "y ~ (1 | )",
        "missing-group",
        "
a random term has no grouping column after its `|`
    y ~ (1 | )
             ^
Write the column that says which group a row belongs to, such as (1 | clinic).",
    );
}

#[test]
fn no_group_after_a_slash() {
    shows(
        "y ~ (1 | a/)",
        "missing-group",
        "
a random term has no grouping column after its `|`
    y ~ (1 | a/)
               ^
Write the column that says which group a row belongs to, such as (1 | clinic).",
    );
}

#[test]
fn a_sum_of_groups() {
    shows(
        "y ~ (1 | a + b)",
        "invalid-group",
        "
this is not a grouping
    y ~ (1 | a + b)
             ^^^
Right of the bar stand columns, joined by `:` (combinations) or `/` (b within a). Their values are always taken as categories, without any function. For two separate groupings write (1 | a) + (1 | b).",
    );
}

#[test]
fn a_function_of_a_group() {
    shows(
        "y ~ (1 | C(g))",
        "invalid-group",
        "
this is not a grouping
    y ~ (1 | C(g))
             ^
Right of the bar stand columns, joined by `:` (combinations) or `/` (b within a). Their values are always taken as categories, without any function. For two separate groupings write (1 | a) + (1 | b).",
    );
}

#[test]
fn nothing_before_the_bar() {
    shows(
        "y ~ ( | g)",
        "empty-random-term",
        "
there is nothing before the bar of this random term
    y ~ ( | g)
          ^
Write what varies between the groups: 1 for the intercept, as in (1 | clinic).",
    );
}

#[test]
fn a_power_of_zero() {
    shows(
        "y ~ (a + b)^0",
        "invalid-power",
        "
the power is not a whole number from 1 on
    y ~ (a + b)^0
                ^
After `^` write such a number: (a + b)^2 for all pairs of terms, I(x^2) for a square.",
    );
}

#[test]
fn a_power_that_is_no_number() {
    shows(
        "y ~ (a + b)^x",
        "invalid-power",
        "
the power is not a whole number from 1 on
    y ~ (a + b)^x
                ^
After `^` write such a number: (a + b)^2 for all pairs of terms, I(x^2) for a square.",
    );
}

#[test]
fn a_power_of_a_power() {
    shows(
        "y ~ (a + b)^2^2",
        "invalid-power",
        "
this is a second power
    y ~ (a + b)^2^2
                 ^
Write one power only: (a + b)^2 for all pairs of terms, I(x^2) for a square.",
    );
}

#[test]
fn an_absurd_power() {
    shows(
        "y ~ (a + b)^99999999999999999999",
        "power-too-large",
        "
the power is larger than 10
    y ~ (a + b)^99999999999999999999
                ^^^^^^^^^^^^^^^^^^^^
Interactions of so many columns, and powers so high, cannot be estimated. Most models need 2, some 3.",
    );
}
