//! What extracts really hold: every dirty text is read and counted, or named.

use melogit::codebook::{Codebook, Coded, Lookups, Source, SourceBuilder, Values, apply};

fn texts(texts: &[&str]) -> Source {
    let mut builder = SourceBuilder::new(texts.len());
    texts.iter().for_each(|text| builder.push_text((*text != "NULL").then_some(text.as_bytes())));
    builder.finish()
}

fn floats(values: &[f64]) -> Source {
    let mut builder = SourceBuilder::new(values.len());
    builder.push_floats(values);
    builder.finish()
}

fn coded(text: &str, sources: &[Source], month: Option<&Source>) -> Coded {
    let book = Codebook::parse(&format!("month = \"Month\"\n[variables.v]\n{text}"), "book.toml").unwrap();
    apply(&book.variables[0], &sources.iter().collect::<Vec<_>>(), month, &Lookups::new()).unwrap()
}

/// Source, mends, reading, level or cause, and rows of each line of the account.
fn lines(coded: &Coded) -> Vec<String> {
    let line = |e: &melogit::codebook::Entry| {
        let end = if e.cause.is_empty() { &e.level } else { &e.cause };
        format!("{} | {} | {} | {end} | {}", e.source, e.cleaned, e.read_as, e.rows)
    };
    coded.account.iter().map(line).collect()
}

const GENDER: &str =
    "from = \"Gender\"\nlevels = { Male = \"01\", Female = [\"02\", \"F\"] }\nmissing = { \"Not known\" = \"X\" }\n";

#[test]
fn codes_from_spreadsheets_are_mended_and_counted() {
    let rows = ["01", "1", "1.0", " 01", "f", "F.", "x\u{a0}", "NULL", "", " \t", "3", "02"];
    let coded = coded(GENDER, &[texts(&rows)], None);
    assert_eq!(coded.values, Values::I8(vec![0, 0, 0, 0, 1, 1, -1, -1, -1, -1, -1, 1]));
    let expected = [
        " 01 | blanks | 01 | Male | 1",
        "01 |  |  | Male | 1",
        "1 | zeros | 01 | Male | 1",
        "1.0 | decimal, zeros | 01 | Male | 1",
        "02 |  |  | Female | 1",
        "F. | dots | F | Female | 1",
        "f | case | F | Female | 1",
        "x\u{a0} | blanks, case | X | Not known | 1",
        "(blank) |  |  | no value | 2",
        "(no value) |  |  | no value | 1",
        "3 |  |  | not covered | 1",
    ];
    assert_eq!(lines(&coded), expected);
    let uncovered = coded.uncovered.iter().map(|entry| (entry.source.as_str(), entry.rows));
    assert_eq!(uncovered.collect::<Vec<_>>(), [("3", 1)]);
}

#[test]
fn without_cleaning_only_exact_text_counts() {
    let coded = coded(&format!("{GENDER}clean = false\n"), &[texts(&["01", "1", " 01", "x", " "])], None);
    assert_eq!(coded.values, Values::I8(vec![0, -1, -1, -1, -1]));
    assert_eq!(coded.uncovered.len(), 3);
    assert!(coded.account.iter().all(|entry| entry.cleaned.is_empty()));
}

#[test]
fn a_column_of_numbers_is_not_a_mended_one() {
    let text = "from = \"V\"\nlevels = { A = \"1\", B = \"02\" }\n";
    let coded = coded(text, &[floats(&[1.0, 2.0, f64::NAN, 1.0])], None);
    assert_eq!(lines(&coded), ["1 |  |  | A | 2", "2 | zeros | 02 | B | 1", "(no value) |  |  | no value | 1"]);
}

#[test]
fn a_level_for_the_rest_takes_what_is_not_covered() {
    let text = "from = \"V\"\nlevels = { A = \"1\", Other = \"9\" }\nuncovered = { level = \"Other\" }\n";
    let coded = coded(text, &[texts(&["1", "9", "7", ""])], None);
    assert_eq!(coded.values, Values::I8(vec![0, 1, 1, -1]));
    assert_eq!(lines(&coded)[3], "7 |  |  | not covered | 1");
    assert_eq!((coded.uncovered[0].coded.as_str(), coded.uncovered[0].level.as_str()), ("Other", "Other"));
}

const AGE: &str = "from = \"Age\"\nbands = { young = \"[0, 5)\", old = [\"[5, 10)\", \"[10, 120]\"] }\nmissing = { \"Not recorded\" = \"999\" }\n";

#[test]
fn bands_count_by_interval_and_name_what_is_outside() {
    let rows = ["4", "4.5", "0", " 7", "12.0", "10", "999", "999.0", "-1", "12 yrs", "inf", "NULL"];
    let coded = coded(AGE, &[texts(&rows)], None);
    assert_eq!(coded.values, Values::I8(vec![0, 0, 0, 1, 1, 1, -1, -1, -1, -1, -1, -1]));
    let expected = [
        "[0, 5) |  |  | young | 3",
        "[10, 120] |  |  | old | 2",
        " 7 | blanks | 7 | old | 1",
        "999 |  |  | Not recorded | 1",
        "999.0 | decimal | 999 | Not recorded | 1",
        "(no value) |  |  | no value | 1",
        "-1 |  |  | not covered: in no band | 1",
        "12 yrs |  |  | not covered: not a number | 1",
        "inf |  |  | not covered: not a number | 1",
    ];
    assert_eq!(lines(&coded), expected);
}

#[test]
fn numbers_stay_numbers() {
    let text = "from = \"Age\"\nnumber = { min = 0, max = 120 }\nmissing = { \"Not recorded\" = \"999\" }\n";
    let coded = coded(text, &[floats(&[3.5, 120.0, 121.0, f64::INFINITY, f64::NAN, 999.0])], None);
    let Values::Numbers(values) = &coded.values else { panic!("not numbers") };
    assert_eq!(values[..2], [3.5, 120.0]);
    assert!(values[2..].iter().all(|value| value.is_nan()) && coded.levels.is_empty());
    let expected = [
        "[0, 120] |  |  | number | 2",
        "999 |  |  | Not recorded | 1",
        "(no value) |  |  | no value | 1",
        "121 |  |  | not covered: outside [0, 120] | 1",
        "inf |  |  | not covered: not a number | 1",
    ];
    assert_eq!(lines(&coded), expected);
}

#[test]
fn a_code_counts_in_its_months() {
    let text = "from = \"V\"\nlevels = { Old = { code = \"A\", to_month = 1458 }, New = { code = \"A\", from_month = 1459 }, \
                Late = { code = \"B\", from_month = 1459, to_month = 1460 }, Ever = \"C\" }\n";
    let rows = ["A", "A", "A", "B", "B", "C", "a", "B"];
    let month = texts(&["1458", "1459.0", "NULL", "1458", " 1460", "?", "1458", "x"]);
    let coded = coded(text, &[texts(&rows)], Some(&month));
    assert_eq!(coded.values, Values::I8(vec![0, 1, -1, -1, 2, 3, 0, -1]));
    let expected = [
        "A |  |  | not covered: valid only to month 1458, and the month is missing or not a number | 1",
        "B |  |  | not covered: valid only in months 1459 to 1460 | 1",
        "B |  |  | not covered: valid only in months 1459 to 1460, and the month is missing or not a number | 1",
    ];
    assert_eq!(lines(&coded)[5..], expected);
}

const SOCIAL: &str = r#"order = ["None", "CPP", "In care"]
[[variables.v.precedence]]
level = "In care"
when = { LAC = "Y" }
[[variables.v.precedence]]
level = "CPP"
when = { CPP = "3", Age = { within = "[0, 18)" } }
[[variables.v.precedence]]
missing = "Not recorded"
when = { LAC = { blank = true }, CPP = { blank = true } }
[[variables.v.precedence]]
level = "None"
when = { CPP = { not = ["3"] } }
"#;

#[test]
fn the_first_step_that_holds_decides() {
    let lac = texts(&["Y", "y", "N", "N", "NULL", "N", "N"]);
    let cpp = texts(&["3", "1", "3.0", "3", "", "1", "NULL"]);
    let age = texts(&["7", "40", " 9", "19", "4", "NULL", "12"]);
    let coded = coded(SOCIAL, &[lac, cpp, age], None);
    assert_eq!(coded.levels, ["None", "CPP", "In care"]);
    assert_eq!(coded.values, Values::I8(vec![2, 2, 1, -1, -1, 0, -1]));
    let expected = [
        "LAC=N; CPP=1; Age=(no value) |  |  | None | 1",
        "LAC=N; CPP=3.0; Age= 9 | blanks, decimal | LAC=N; CPP=3; Age=9 | CPP | 1",
        "LAC=Y; CPP=3; Age=[0, 18) |  |  | In care | 1",
        "LAC=y; CPP=1; Age=outside [0, 18) | case | LAC=Y; CPP=1; Age=outside [0, 18) | In care | 1",
        "LAC=(no value); CPP=(blank); Age=[0, 18) |  |  | Not recorded | 1",
        "LAC=N; CPP=(no value); Age=[0, 18) |  |  | not covered: no step holds | 1",
        "LAC=N; CPP=3; Age=outside [0, 18) |  |  | not covered: no step holds | 1",
    ];
    assert_eq!(lines(&coded), expected);
}

#[test]
fn a_list_by_the_beginning_of_the_text() {
    let text = "from = \"E\"\nlist = \"ethnic_category\"\ngroup = \"five_groups\"\nprefix = true\n";
    let month = texts(&["1500"; 5]);
    let coded = coded(text, &[texts(&["A1", "a", "Zx", "99", "T"])], Some(&month));
    assert_eq!(coded.values, Values::I8(vec![0, 0, -1, -1, -1]));
    assert_eq!(lines(&coded)[4], "T |  |  | not covered: valid only to month 1390 | 1");
}

/// A shipped list has months of its own; an extract without a column of months is read all the same.
#[test]
fn without_a_column_of_months_every_code_of_a_list_counts() {
    let text = "from = \"E\"\nlist = \"ethnic_category\"\ngroup = \"five_groups\"\n";
    let coded = coded(text, &[texts(&["A", "T"])], None);
    assert_eq!(coded.values, Values::I8(vec![0, 0]));
}

#[test]
fn misuse_is_refused() {
    let book = Codebook::parse(&format!("[variables.v]\n{GENDER}"), "book.toml").unwrap();
    let slug =
        |sources: &[&Source]| apply(&book.variables[0], sources, None, &Lookups::new()).unwrap_err().slug().to_owned();
    assert_eq!(slug(&[]), "codebook-sources");
    let dated = "month = \"M\"\n[variables.v]\nfrom = \"V\"\nlevels = { A = { code = \"A\", to_month = 1458 } }\n";
    let dated = Codebook::parse(dated, "book.toml").unwrap();
    let one = texts(&["A"]);
    let error = |month| apply(&dated.variables[0], &[&one], month, &Lookups::new()).unwrap_err();
    assert_eq!(error(None).slug(), "codebook-month-missing");
    assert_eq!(error(Some(&texts(&["1458", "1459"]))).slug(), "length");
}
