//! Random steps and random texts: what is refused deserves it, and nothing panics.

use melogit::codebook::Codebook;
use proptest::prelude::*;

/// Whether a condition holds on a cell: blank, or a digit.
type Holds = fn(Option<u8>) -> bool;

/// Conditions as TOML.
const TESTS: [(&str, Holds); 7] = [
    ("\"1\"", |cell| cell == Some(1)),
    ("[\"1\", \"2\"]", |cell| matches!(cell, Some(1 | 2))),
    ("\"2..3\"", |cell| matches!(cell, Some(2 | 3))),
    ("{ not = \"1\" }", |cell| cell.is_some_and(|cell| cell != 1)),
    ("{ not = [\"2\", \"3\"] }", |cell| cell.is_some_and(|cell| cell != 2 && cell != 3)),
    ("{ blank = true }", |cell| cell.is_none()),
    ("{ within = \"[1, 2]\" }", |cell| matches!(cell, Some(1 | 2))),
];

proptest! {
    /// What is refused as never reached is never reached: tried out on every record of two columns.
    #[test]
    fn steps_refused_as_unreachable_are(steps in prop::collection::vec((prop::option::of(0..7usize), 0..7usize), 1..6)) {
        let text = steps.iter().map(|(a, b)| {
            let a = a.map(|a| format!("a = {}, ", TESTS[a].0)).unwrap_or_default();
            format!("[[variables.v.precedence]]\nlevel = \"x\"\nwhen = {{ {a}b = {} }}\n", TESTS[*b].0)
        });
        let cells = || (0..5u8).map(|cell| (cell > 0).then_some(cell));
        let records = cells().flat_map(|a| cells().map(move |b| (a, b)));
        let first = |(a, b)| steps.iter().position(|(on_a, on_b)| on_a.is_none_or(|t| TESTS[t].1(a)) && TESTS[*on_b].1(b));
        let reached = records.filter_map(first).collect::<std::collections::HashSet<_>>();
        if let Err(error) = Codebook::parse(&text.collect::<String>(), "steps.toml") {
            let message = error.to_string();
            let number = message.split("step ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap();
            prop_assert!(!reached.contains(&(number.parse::<usize>().unwrap() - 1)), "{}", message);
        }
    }
}

/// A text to be cut and changed anywhere.
const BOOK: &str = r#"month = "m"
[variables.gender]
from = "GenderIDCode"
rare = { below = 10, into = "Other" }
contrast = { "a" = "Male - Female" }
[variables.gender.levels]
"Male" = ["1", "A*"]
"Female" = { code = "01..16", to_month = 1458 }
[variables.band]
from = "Age"
bands = { "0 bis 4" = "[0, 5)", "ältere" = "[5, 10)" }
[[variables.work.precedence]]
level = "In care"
when = { LACStatus = "Y", CPP = { blank = true } }
"#;

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(?s).{0,80}",
        at in 0usize..400,
        with in "[\\[\\]{}\"'=,.*\n a-z0-9é]{0,3}",
    ) {
        let _ = Codebook::parse(&text, "random.toml");
        let at = (0..=at.min(BOOK.len())).rev().find(|&at| BOOK.is_char_boundary(at)).unwrap_or(0);
        let _ = Codebook::parse(&format!("{}{with}{}", &BOOK[..at], BOOK.get(at + 1..).unwrap_or("")), "random.toml");
        let _ = Codebook::parse(&BOOK[..at], "cut.toml");
    }
}
