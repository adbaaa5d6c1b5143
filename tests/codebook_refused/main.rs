//! Every mistake in a codebook is refused in its place, with a cure.

mod steps;

use melogit::codebook::Codebook;
use melogit::error::Kind;

fn refused(text: &str) -> (String, String) {
    let error = Codebook::parse(text, "book.toml").expect_err(text);
    assert_eq!(error.kind(), Kind::Codebook);
    (error.slug().to_owned(), error.to_string())
}

/// The text over the first row of carets.
fn marked(message: &str) -> String {
    let lines = message.lines().collect::<Vec<_>>();
    let at = lines.iter().position(|line| line.trim_start().starts_with("| ") && line.ends_with('^')).expect(message);
    let (begin, end) = (lines[at].find('^').unwrap(), lines[at].len());
    lines[at - 1].chars().skip(begin).take(end - begin).collect()
}

/// A variable `v` with these lines, after the lines of the codebook itself.
fn with(head: &str, lines: &str) -> String {
    format!("{head}\n[variables.v]\n{lines}\n")
}

/// What is written below the heading of a variable, the slug, what is marked and what is said.
type Case<'c> = (String, &'c str, &'c str, &'c str);

fn all_refused(cases: &[Case<'_>]) {
    for (lines, slug, place, said) in cases {
        let (found, message) = refused(&with("month = \"m\"", lines));
        assert_eq!(found, *slug, "{lines}\n{message}");
        assert_eq!(marked(&message), *place, "{message}");
        assert!(message.contains(said), "{said}\n{message}");
        assert!(message.starts_with("book.toml, line "), "{message}");
    }
}

/// A map of three levels, with more lines.
fn map(more: &str) -> String {
    format!("from = \"c\"\nlevels = {{ \"A\" = \"1\", \"B\" = \"2\", \"C\" = \"3\" }}\n{more}")
}

#[test]
fn mistakes_in_keys_and_types_are_refused() {
    all_refused(&[
        (map("refrence = \"A\""), "codebook-unknown-key", "refrence", "did you mean 'reference'?"),
        (map("colour = \"A\""), "codebook-unknown-key", "colour", "the keys of variable 'v' are label"),
        (map("clean = \"no\""), "codebook-type", "\"no\"", "'clean' should be true or false"),
        (map("label = 3"), "codebook-type", "3", "'label' should be text in quotes, and is a whole number"),
        (map("missing = [\"Z\"]"), "codebook-type", "[\"Z\"]", "'missing' should be a table"),
        (
            map("missing = \"X\""),
            "codebook-type",
            "\"X\"",
            "write the cause before the code: missing = { \"Not known\" = \"X\" }",
        ),
        (map("lookup = \"imd\""), "codebook-type", "\"imd\"", "write lookup = { table = \"imd\" }"),
        (map("lookup = 2019"), "codebook-type", "2019", "write lookup = { table = \"the name of the table\" }"),
        (map("rare = 10"), "codebook-type", "10", "write rare = { below = 10, into = \"Other\" }"),
        ("from = 1\nlevels = { A = 1 }".into(), "codebook-type", "1", "'from' should be text"),
        ("from = \"c\"\nlevels = { A = 1.5 }".into(), "codebook-type", "1.5", "a code of the level 'A'"),
        ("levels = { A = 1 }".into(), "codebook-missing-key", "v", "has no 'from'"),
        ("from = \"c\"".into(), "codebook-no-rule", "v", "'levels', 'list', 'bands', 'number' or 'precedence'"),
        (map("list = \"gender\""), "codebook-two-rules", "list", "two rules, 'levels' and 'list'"),
        (map("gaps = \"allow\""), "codebook-misplaced-key", "gaps", "it belongs to 'bands'"),
        (map("group = \"x\""), "codebook-misplaced-key", "group", "'group' has no meaning"),
        (
            "from = \"c\"\nnumber = {}\nreference = \"A\"".into(),
            "codebook-misplaced-key",
            "reference",
            "read by 'number'",
        ),
    ]);
}

#[test]
fn mistakes_in_codes_are_refused() {
    all_refused(&[
        (
            "from = \"c\"\nlevels = { A = \"1\", B = \"01\" }".into(),
            "codebook-zeros",
            "\"01\"",
            "'01' for the level 'B' and '1' for the level 'A' differ only in zeros",
        ),
        (
            "from = \"c\"\nlevels = { A = \"01..05\" }\nmissing = { N = [\"9\", \"3\"] }".into(),
            "codebook-zeros",
            "\"3\"",
            "or write clean = false",
        ),
        ("from = \"c\"\nlevels = {}".into(), "codebook-empty", "{}", "names no level"),
        ("from = \"c\"\nlevels = { A = [] }".into(), "codebook-empty", "[]", "the level 'A' has no codes"),
        ("from = \"c\"\nlevels = { A = \" \" }".into(), "codebook-empty", "\" \"", "missing of itself"),
        ("from = \"c\"\nlevels = { \"\" = \"1\" }".into(), "codebook-empty", "\"\"", "the name of a level is empty"),
        ("from = \"c\"\nlevels = { A = \" 1\" }".into(), "codebook-pattern", "\" 1\"", "begins or ends with a blank"),
        ("from = \"c\"\nlevels = { A = \"A*1\" }".into(), "codebook-pattern", "\"A*1\"", "{ exactly = \"A*1\" }"),
        ("from = \"c\"\nlevels = { A = \"*\" }".into(), "codebook-pattern", "\"*\"", "uncovered = { level"),
        ("from = \"c\"\nlevels = { A = \"A4..A1\" }".into(), "codebook-pattern", "\"A4..A1\"", "A1 comes before A4"),
        ("from = \"c\"\nlevels = { A = \"A1..B4\" }".into(), "codebook-pattern", "\"A1..B4\"", "the other with 'B'"),
        ("from = \"c\"\nlevels = { A = \"01..100\" }".into(), "codebook-pattern", "\"01..100\"", "as many digits"),
        ("from = \"c\"\nlevels = { A = \"a..b\" }".into(), "codebook-pattern", "\"a..b\"", "must end in a number"),
        ("from = \"c\"\nlevels = { A = { cod = 1 } }".into(), "codebook-unknown-key", "cod", "did you mean 'code'?"),
        (
            "from = \"c\"\nlevels = { A = { to_month = 1459 } }".into(),
            "codebook-missing-key",
            "{ to_month = 1459 }",
            "neither",
        ),
        (map("missing = { N = \"2\" }"), "codebook-overlap", "\"2\"", "the level 'B' and for the missing cause 'N'"),
        (
            "from = \"c\"\nlevels = { A = \"A*\", B = [\"B1\", \"A1\"] }".into(),
            "codebook-overlap",
            "\"A1\"",
            "overlaps 'A*'",
        ),
        (
            "from = \"c\"\nlevels = { A = \"01..16\", B = \"16..20\" }".into(),
            "codebook-overlap",
            "\"16..20\"",
            "'01..16'",
        ),
        (
            "from = \"c\"\nnumber = {}\nmissing = { N = \"9\", M = 9 }".into(),
            "codebook-overlap",
            "9",
            "the missing cause 'N'",
        ),
    ]);
}

#[test]
fn mistakes_in_lists_are_refused() {
    all_refused(&[
        ("from = \"c\"\nlist = \"gendre\"".into(), "codebook-unknown-list", "\"gendre\"", "did you mean 'gender'?"),
        ("from = \"c\"\nlist = \"gender\"\ngroup = \"x\"".into(), "codebook-unknown-group", "\"x\"", "no groupings"),
        (
            "from = \"c\"\nlist = \"imd_decile\"\ngroup = \"quintiles\"".into(),
            "codebook-unknown-group",
            "\"quintiles\"",
            "'quintile'?",
        ),
        (
            "from = \"c\"\nlist = \"looked_after\"\nmissing = { N = [\"Y\", \"N\"] }".into(),
            "codebook-empty",
            "{ N = [\"Y\", \"N\"] }",
            "no level",
        ),
    ]);
}

#[test]
fn mistakes_in_bands_and_numbers_are_refused() {
    all_refused(&[
        ("from = \"c\"\nbands = [\"0-4\"]".into(), "codebook-interval", "\"0-4\"", "\"[0, 5)\""),
        ("from = \"c\"\nbands = [\"[5, 5)\"]".into(), "codebook-interval", "\"[5, 5)\"", "no number lies in"),
        ("from = \"c\"\nbands = [\"[0, 5]\", \"[5, 9]\"]".into(), "codebook-overlap", "\"[5, 9]\"", "overlap"),
        (
            "from = \"c\"\nbands = { A = \"[0, 4]\", B = \"[5, 9]\" }".into(),
            "codebook-gap",
            "\"[5, 9]\"",
            "write [0, 5) to close it",
        ),
        (
            "from = \"c\"\nbands = { A = [\"[0, 4)\", \"[5, 9]\"], B = \"[4, 5)\", C = \"(9, 10)\", D = \"(10, 11)\" }"
                .into(),
            "codebook-gap",
            "\"(10, 11)\"",
            "(9, 10]",
        ),
        (
            "from = \"c\"\nbands = [\"[0, 5)\"]\ngaps = \"alow\"".into(),
            "codebook-gap",
            "\"alow\"",
            "did you mean 'allow'?",
        ),
        ("from = \"c\"\nbands = []".into(), "codebook-empty", "[]", "names no band"),
        ("from = \"c\"\nnumber = { min = 5, max = 1 }".into(), "codebook-interval", "1", "no number lies between"),
    ]);
}

#[test]
fn mistakes_in_levels_that_settings_name_are_refused() {
    all_refused(&[
        (map("reference = \"a\""), "codebook-unknown-reference", "\"a\"", "the levels are 'A', 'B' or 'C'"),
        (map("order = [\"A\", \"B\", \"D\"]"), "codebook-order", "\"D\"", "no rule gives the level 'D'"),
        (map("order = [\"A\", \"B\"]"), "codebook-order", "[\"A\", \"B\"]", "leaves out the level 'C'"),
        (map("order = [\"A\", \"B\", \"B\"]"), "codebook-duplicate", "\"B\"", "stands twice in 'order'"),
        (map("uncovered = { level = \"Other\" }"), "codebook-unknown-level", "\"Other\"", "must be named in 'order'"),
        (map("uncovered = \"mising\""), "codebook-uncovered", "\"mising\"", "did you mean 'missing'?"),
        (
            "from = \"c\"\nnumber = {}\nuncovered = { level = \"A\" }".into(),
            "codebook-unknown-level",
            "\"A\"",
            "no levels",
        ),
        (map("rare = { into = \"Other\" }"), "codebook-rare", "{ into = \"Other\" }", "write below = 10"),
        (map("rare = { below = 0, into = \"Other\" }"), "codebook-rare", "0", "at least 1"),
        (map("rare = { share = 10, into = \"Other\" }"), "codebook-share", "10", "between 0 and 1"),
        (map("rare = { below = 10 }"), "codebook-missing-key", "{ below = 10 }", "'rare' has no 'into'"),
        (
            map("rare = { below = 9, into = \"A\", merged = [\"D\"] }"),
            "codebook-unknown-level",
            "\"D\"",
            "a merged level 'D'",
        ),
        (map("lookup = { table = \"t\", unmatched = 5 }"), "codebook-share", "5", "'unmatched'"),
    ]);
}

#[test]
fn mistakes_in_contrasts_are_refused() {
    all_refused(&[
        (map("contrast = \"tratment\""), "codebook-unknown-contrast", "\"tratment\"", "did you mean 'treatment'?"),
        (map("contrast = [\"A - D\"]"), "codebook-contrast", "[\"A - D\"]", "this is not a level"),
        (map("contrast = { \"A v B\" = \"2*A - B\" }"), "codebook-contrast", "{ \"A v B\" = \"2*A - B\" }", "sum"),
        (map("contrast = []"), "codebook-empty", "[]", "names no comparison"),
        (map("contrast = { polynomial = [0, 1] }"), "codebook-scores", "[0, 1]", "2 scores for 3 levels"),
        (map("contrast = { polynomial = [0, 2, 2] }"), "codebook-scores", "2", "not above the one before it"),
        (
            map("contrast = { polynomial = [0, 1, 2] }\nrare = { below = 9, into = \"A\" }"),
            "codebook-scores",
            "[0, 1, 2]",
            "cannot be merged",
        ),
    ]);
}

#[test]
fn text_that_is_not_toml_is_refused() {
    all_refused(&[
        ("from = c".into(), "codebook-syntax", "c", "text stands in quotes"),
        ("levels = { Not stated = \"Z\" }".into(), "codebook-syntax", "s", "a name with blanks"),
        (map("from = \"d\""), "codebook-duplicate", "from", "'from' is written a second time"),
        (map("[variables.v]"), "codebook-duplicate", "v", "variable 'v' is declared a second time"),
    ]);
}

#[test]
fn mistakes_outside_the_variables_are_refused() {
    let variable = "from = \"c\"\nlevels = { A = { code = \"1\", to_month = 1458 } }";
    for (text, slug, place, said) in [
        (with("titel = \"x\"", variable), "codebook-unknown-key", "titel", "did you mean 'title'?"),
        ("title = \"x\"".to_owned(), "codebook-missing-key", "title = \"x\"", "write [variables.NAME]"),
        ("variables = {}".to_owned(), "codebook-empty", "{}", "declares no variable"),
        (with("", variable), "codebook-no-month", "{ code = \"1\", to_month = 1458 }", "month = \"UniqMonthID\""),
        (
            with("month = \"m\"", "from = \"c\"\nlevels = { A = { code = 1, from_month = 1459, to_month = 1458 } }"),
            "codebook-month",
            "1458",
            "earlier",
        ),
        (
            with("month = \"m\"", "from = \"c\"\nlevels = { A = { code = 1, from_month = 2021 } }"),
            "codebook-month",
            "2021",
            "April 2021 is 1453;",
        ),
        (
            with("month = \"m\"", "from = \"c\"\nlevels = { A = { code = 1, from_month = 202110 } }"),
            "codebook-month",
            "202110",
            "202110 is 1459;",
        ),
    ] {
        let (found, message) = refused(&text);
        assert_eq!((found.as_str(), marked(&message).as_str()), (slug, place), "{message}");
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn several_mistakes_are_shown_together_and_in_order() {
    let wrong = |name: &str| format!("[variables.{name}]\nfrom = \"c\"\nlist = \"{name}\"\n");
    let text = ["a", "b", "c", "d", "e", "f", "g"].map(wrong).concat();
    let (slug, message) = refused(&text);
    assert_eq!(slug, "codebook-unknown-list");
    assert_eq!(message.matches("is not a list").count(), 5);
    assert!(message.starts_with("book.toml, line 3:") && message.ends_with("and 2 more complaints"), "{message}");
}

#[test]
fn long_lines_are_cut_around_the_place() {
    let long = "x".repeat(300);
    let text = with("", &format!("from = \"c\"\nlevels = {{ \"{long}\" = \"1\", \"ü\" = [\"2\", \"1\"] }}"));
    let (_, message) = refused(&text);
    assert_eq!(marked(&message), "\"1\"");
    assert!(message.lines().skip(1).take(2).all(|line| line.chars().count() < 120), "{message}");
}
