//! Mistakes in the steps of a precedence.

use crate::all_refused;

/// The lines of each step under its heading.
fn steps(steps: &[&str]) -> String {
    steps.iter().map(|step| format!("[[variables.v.precedence]]\n{step}\n")).collect::<Vec<_>>().concat()
}

#[test]
fn mistakes_in_steps_of_a_precedence_are_refused() {
    all_refused(&[
        (
            steps(&[
                "level = \"A\"\nwhen = { a = 1 }",
                "level = \"B\"\notherwise = true",
                "level = \"C\"\nwhen = { a = 2 }",
            ]),
            "codebook-unreachable",
            "[[variables.v.precedence]]",
            "step 3 comes after the step with 'otherwise'",
        ),
        (
            steps(&["level = \"A\"\nwhen = { a = 1 }", "level = \"B\"\nwhen = { a = 1, b = 2 }"]),
            "codebook-unreachable",
            "[[variables.v.precedence]]",
            "step 2 is never reached: step 1",
        ),
        (
            steps(&[
                "level = \"A\"\nwhen = { a = 1 }",
                "level = \"B\"\nwhen = { a = 2 }",
                "level = \"C\"\nwhen = { a = [1, 2] }",
            ]),
            "codebook-unreachable",
            "[[variables.v.precedence]]",
            "step 3 is never reached: one or another",
        ),
        (
            steps(&["level = \"A\"\nwhen = { a = { not = 1 } }", "level = \"B\"\nwhen = { a = 2 }"]),
            "codebook-unreachable",
            "[[variables.v.precedence]]",
            "step 2",
        ),
        (
            steps(&[
                "level = \"A\"\nwhen = { a = { within = \"[0, 9)\" } }",
                "level = \"B\"\nwhen = { a = { within = \"[1, 8]\" } }",
            ]),
            "codebook-unreachable",
            "[[variables.v.precedence]]",
            "step 2",
        ),
        (
            steps(&["missing = \"N\"\nwhen = { a = 1 }"]),
            "codebook-empty",
            "[[variables.v.precedence]]",
            "every step gives a missing value",
        ),
        (steps(&["level = \"A\"\nwhen = {}"]), "codebook-empty", "{}", "asks for nothing"),
        (steps(&["level = \"A\""]), "codebook-missing-key", "[[variables.v.precedence]]", "does not say when"),
        (
            steps(&["when = { a = 1 }"]),
            "codebook-missing-key",
            "[[variables.v.precedence]]",
            "neither 'level' nor 'missing'",
        ),
        (
            steps(&["level = \"A\"\nwhen = { a = 1 }\notherwise = true"]),
            "codebook-two-rules",
            "{ a = 1 }",
            "both 'when' and",
        ),
        (
            steps(&["level = \"A\"\nwhen = { a = { blank = false } }"]),
            "codebook-type",
            "false",
            "'blank' can only be true",
        ),
        (steps(&["level = \"A\"\nwhen = { a = { nto = 1 } }"]), "codebook-unknown-key", "nto", "did you mean 'not'?"),
        (
            steps(&["level = \"A\"\nwhen = { a = { not = 1, blank = true } }"]),
            "codebook-two-rules",
            "blank",
            "two things",
        ),
        (
            format!("missing = {{ N = 1 }}\n{}", steps(&["level = \"A\"\notherwise = true"])),
            "codebook-misplaced-key",
            "missing",
            "write a step with missing =",
        ),
    ]);
}
