//! Texts that parse, but not to a model.

use super::shows;

#[test]
fn a_model_of_nothing() {
    shows(
        "y ~ 0",
        "empty-right-side",
        "
the model has no intercept and no terms
    y ~ 0
        ^
Nothing is left to estimate. For a model with only an intercept, write 1.",
    );
}

#[test]
fn a_number_in_an_interaction() {
    shows(
        "y ~ (a + 0) * b",
        "number-in-interaction",
        "
0 and 1 cannot be part of an interaction
    y ~ (a + 0) * b
             ^
They say whether the model has an intercept, and programs disagree on what they mean in a product. Put them in the sum: y ~ 0 + a:b.",
    );
}

#[test]
fn an_offset_in_an_interaction() {
    shows(
        "y ~ a:offset(x)",
        "offset-in-interaction",
        "
an offset cannot be part of an interaction
    y ~ a:offset(x)
          ^^^^^^^^^
An offset has no coefficient that could vary. Add it to the sum: + offset(x).",
    );
}

#[test]
fn a_random_term_in_an_interaction() {
    shows(
        "y ~ a * (1 | g)",
        "random-in-interaction",
        "
a random term cannot be part of an interaction
    y ~ a * (1 | g)
            ^^^^^^^
Add it to the sum. For an effect of x that varies between groups write (1 + x | group).",
    );
}

#[test]
fn an_offset_in_a_random_term() {
    shows(
        "y ~ (offset(x) | g)",
        "offset-in-random-term",
        "
an offset cannot be part of a random term
    y ~ (offset(x) | g)
         ^^^^^^^^^
An offset has no coefficient that could vary. Add it to the sum, outside the parentheses.",
    );
}

#[test]
fn a_random_term_in_a_random_term() {
    shows(
        "y ~ ((1 | g) | h)",
        "nested-bar",
        "
a random term cannot hold another bar
    y ~ ((1 | g) | h)
         ^^^^^^^
It has one: (effects | group). For groups within groups write (1 | a/b); for two groupings, two random terms.",
    );
}

#[test]
fn a_random_term_subtracted() {
    shows(
        "y ~ a - (1 | g)",
        "cannot-subtract",
        "
a random term cannot be subtracted
    y ~ a - (1 | g)
            ^^^^^^^
Leave it out of the formula instead.",
    );
}

#[test]
fn an_offset_subtracted() {
    shows(
        "y ~ a - offset(x)",
        "cannot-subtract",
        "
an offset cannot be subtracted
    y ~ a - offset(x)
            ^^^^^^^^^
Leave it out of the formula instead.",
    );
}

#[test]
fn a_hyphen_in_a_name() {
    shows(
        "y ~ age-band",
        "nothing-to-remove",
        "
there is no such term before the `-` to remove
    y ~ age-band
            ^^^^
`-` takes a term out of the sum. If it is a hyphen in a column name, put the whole name in backticks: `age-band`.",
    );
}

#[test]
fn too_many_terms_from_a_power() {
    shows(
        "y ~ (a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t)^9",
        "too-many-terms",
        "
the formula expands to more than 1000 terms
    y ~ (a+b+c+d+e+f+g+h+i+j+k+l+m+n+o+p+q+r+s+t)^9
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
`*` and `^` multiply out to every combination. Name the interactions you need with `:`.",
    );
}

#[test]
fn an_interaction_of_too_many_columns() {
    shows(
        "y ~ a:b:c:d:e:f:g:h:i:j:k",
        "interaction-too-large",
        "
an interaction here has more than 10 columns
    y ~ a:b:c:d:e:f:g:h:i:j:k
        ^^^^^^^^^^^^^^^^^^^^^
It could not be estimated. Use fewer columns, or limit the interactions: (a + b + c)^2 has pairs only.",
    );
}

#[test]
fn a_grouping_of_too_many_columns() {
    shows(
        "y ~ (1 | a/b/c/d/e/f/g/h/i/j/k)",
        "interaction-too-large",
        "
the grouping after this bar combines more than 10 columns
    y ~ (1 | a/b/c/d/e/f/g/h/i/j/k)
           ^
Make one column that holds the combination, or use fewer levels of nesting.",
    );
}

#[test]
fn a_random_term_without_effects() {
    shows(
        "y ~ (0 | g)",
        "empty-random-term",
        "
this random term has no intercept and no terms
    y ~ (0 | g)
        ^^^^^^^
Write what varies between the groups: 1 for the intercept, or a column, as in (0 + age | clinic).",
    );
}

#[test]
fn an_intercept_that_varies_twice() {
    shows(
        "y ~ (1 | g) + (x | g)",
        "contradictory-random-terms",
        "
the intercept varies between groups of `g` in two random terms
    y ~ (1 | g) + (x | g)
                  ^^^^^^^
The data cannot tell the two apart. Use one term, (1 + x | group), where effects may be correlated; or (1 | group) + (0 + x | group), where they are not.",
    );
}

#[test]
fn a_slope_that_varies_twice() {
    shows(
        "y ~ (0 + x | a:b) + (0 + x + z | b:a)",
        "contradictory-random-terms",
        "
`x` varies between groups of `b:a` in two random terms
    y ~ (0 + x | a:b) + (0 + x + z | b:a)
                        ^^^^^^^^^^^^^^^^^
The data cannot tell the two apart. Use one term, (1 + x | group), where effects may be correlated; or (1 | group) + (0 + x | group), where they are not.",
    );
}

#[test]
fn a_column_in_two_codings() {
    shows(
        "y ~ x + C(x, Sum)",
        "conflicting-coding",
        "
the column `x` is used with two different codings
    y ~ x + C(x, Sum)
            ^^^^^^^^^
Write it the same way everywhere, C(...) included. To have it both as a number and in categories, make a second column with another name.",
    );
}

#[test]
fn the_outcome_on_the_right() {
    shows(
        "y ~ x + log(y)",
        "response-on-right",
        "
the outcome `y` is also right of the `~`
    y ~ x + log(y)
            ^^^^^^
An outcome cannot explain itself. Remove it there, or check the name.",
    );
}

#[test]
fn the_outcome_as_group() {
    shows(
        "cbind(a, b) ~ x + (1 | b)",
        "response-on-right",
        "
the outcome `b` is also right of the `~`
    cbind(a, b) ~ x + (1 | b)
                           ^
An outcome cannot explain itself. Remove it there, or check the name.",
    );
}
