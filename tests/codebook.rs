//! The declaration half of the codebook: what is read, what is refused and where, and that what is written reads back.

use melogit::codebook::{
    Codebook, Condition, Contrast, Form, Lookup, Pattern, Rare, Rule, StepOutcome, Target, Test, Uncovered,
};
use melogit::error::Kind;

/// A codebook with every kind of rule and setting.
const FULL: &str = r#"
title = "Referrals of one trust, 2019 to 2024"
month = "UniqMonthID"

[variables.gender]
label = "Gender"
from = "GenderIDCode"
reference = "Male"
contrast = "treatment"
uncovered = { level = "Other" }
rare = { below = 10, into = "Other" }
[variables.gender.levels]
"Male" = "1"
"Female" = 2
"Non-binary or other" = ["3", "4"]
[variables.gender.missing]
"Not stated" = "Z"
"Not known" = ["X", "9"]

[variables.source]
from = "SourceOfReferralMH"
levels = { "Primary care" = "A*", "Social services" = "C1", "Education" = { code = "C2", to_month = 1458 }, "Star" = { exactly = "Q*" } }
clean = false

[variables.ethnicity]
from = "EthnicCategory"
list = "ethnic_category"
group = "five_groups"
prefix = true
contrast = ["Asian - White"]

[variables.age_band]
from = "AgeServReferRecDate"
bands = { "0 to 4" = "[0, 5)", "5 to 9" = "[5, 10)" }
missing = { "Not recorded" = "999" }
contrast = { polynomial = [0, 5] }

[variables.age_array]
from = "AgeServReferRecDate"
bands = ["[0,5)", "[6, inf)"]
gaps = "allow"

[variables.age]
from = "AgeServReferRecDate"
number = { min = 0, max = 120 }
uncovered = "missing"

[variables.imd_quintile]
from = "LSOA2011"
lookup = { table = "imd2019" }
levels = { "1 most deprived" = "1..2", "2" = ["3", "4"], "rest" = "5..10" }
contrast = { "most v rest" = "1 most deprived - rest" }

[variables.social_work]
order = ["No involvement", "Child protection plan", "In care"]
[[variables.social_work.precedence]]
level = "In care"
when = { LACStatus = "Y" }
[[variables.social_work.precedence]]
level = "Child protection plan"
when = { CPP = "3", age = { within = "[0, 18)" }, LACStatus = { not = ["Y", "U"] } }
[[variables.social_work.precedence]]
missing = "Not recorded"
when = { CPP = { blank = true }, LACStatus = { blank = true } }
[[variables.social_work.precedence]]
level = "No involvement"
otherwise = true
"#;

fn code(text: &str) -> Pattern {
    Pattern::from(Form::Code(text.to_owned()))
}

#[test]
fn every_rule_and_setting_is_read() {
    let book = Codebook::parse(FULL, "book.toml").unwrap();
    assert_eq!(book.title.as_deref(), Some("Referrals of one trust, 2019 to 2024"));
    let names = book.variables.iter().map(|variable| variable.name.as_str()).collect::<Vec<_>>();
    let expected = ["gender", "source", "ethnicity", "age_band", "age_array", "age", "imd_quintile", "social_work"];
    assert_eq!(names, expected);

    let gender = book.variable("gender").unwrap();
    assert_eq!(gender.levels, ["Male", "Female", "Non-binary or other", "Other"]);
    assert_eq!(gender.reference.as_deref(), Some("Male"));
    assert_eq!(gender.uncovered, Uncovered::Level("Other".to_owned()));
    assert_eq!(gender.rare, Some(Rare { below: Some(10), share: None, into: "Other".to_owned(), merged: None }));
    assert_eq!(gender.targets()[1], Target { level: "Female".to_owned(), codes: vec![code("2")] });
    assert_eq!(gender.causes()[1].codes, [code("X"), code("9")]);
    assert!(gender.clean && !gender.has_validity());

    let source = book.variable("source").unwrap();
    let codes = source.targets().into_iter().map(|target| target.codes[0].clone()).collect::<Vec<_>>();
    assert_eq!(codes[0].form, Form::Prefix("A".to_owned()));
    assert_eq!(codes[2], Pattern { to_month: Some(1458), ..code("C2") });
    assert_eq!(codes[3], code("Q*"));
    assert!(source.has_validity() && !source.clean);

    let ethnicity = book.variable("ethnicity").unwrap();
    assert_eq!(ethnicity.levels, ["White", "Mixed", "Asian", "Black", "Other"]);
    assert_eq!(
        ethnicity.causes().iter().map(|cause| cause.cause.as_str()).collect::<Vec<_>>(),
        ["Not stated", "Not known"]
    );
    assert_eq!(ethnicity.targets()[0].codes[0].form, Form::Prefix("A".to_owned()));

    assert_eq!(book.variable("age_band").unwrap().contrast, Some(Contrast::Polynomial(vec![0.0, 5.0])));
    assert_eq!(book.variable("age_array").unwrap().levels, ["[0, 5)", "[6, inf)"]);
    let age = Rule::Number { from: "AgeServReferRecDate".to_owned(), min: Some(0.0), max: Some(120.0) };
    assert_eq!(book.variable("age").unwrap().rule, age);
    let Rule::Map { lookup, .. } = &book.variable("imd_quintile").unwrap().rule else { panic!("a map") };
    assert_eq!(*lookup, Some(Lookup { table: "imd2019".to_owned(), unmatched: 0.01 }));

    let social_work = book.variable("social_work").unwrap();
    assert_eq!(social_work.levels, ["No involvement", "Child protection plan", "In care"]);
    assert_eq!(social_work.sources(), ["LACStatus", "CPP", "age"]);
    let Rule::Precedence { steps } = &social_work.rule else { panic!("a precedence") };
    assert_eq!(steps[2].outcome, StepOutcome::Missing("Not recorded".to_owned()));
    assert_eq!(steps[2].when[1], Condition { column: "LACStatus".to_owned(), test: Test::Blank });
    assert!(steps[3].when.is_empty());
}

#[test]
fn columns_are_listed_with_the_variables_that_read_them() {
    let book = Codebook::parse(FULL, "book.toml").unwrap();
    let columns = book.columns();
    let of = |column: &str| columns.iter().find(|(name, _)| name == column).map(|(_, variables)| variables.clone());
    assert_eq!(of("AgeServReferRecDate").unwrap(), ["age_band", "age_array", "age"]);
    assert_eq!(of("CPP").unwrap(), ["social_work"]);
    assert_eq!(columns.last().unwrap(), &("UniqMonthID".to_owned(), vec!["source".to_owned(), "ethnicity".to_owned()]));
    let error = book.variable("gendre").unwrap_err();
    assert_eq!(error.slug(), "codebook-unknown-variable");
    assert!(error.to_string().contains("'gender'"), "{error}");
}

/// A variable `v` with these lines, after the lines of the codebook itself.
fn with(head: &str, lines: &str) -> String {
    format!("{head}\n[variables.v]\n{lines}\n")
}

#[test]
fn what_looks_like_a_mistake_and_is_none_is_read() {
    for lines in [
        // The same code before and after its meaning changed.
        "from = \"c\"\nlevels = { A = { code = 1, to_month = 1458 }, B = { code = 1, from_month = 1459 } }",
        "from = \"c\"\nlevels = { A = \"1..9\", B = \"01..09\" }\nclean = false",
        "from = \"c\"\nbands = { A = [\"[0, 1)\", \"[2, 3)\"], B = \"[1, 2)\" }",
        "from = \"c\"\nbands = { A = \"[0, 18)\", B = \"[18, inf)\" }\nmissing = { N = \"999\" }",
        "from = \"c\"\nlevels = { A = 1 }\nuncovered = { level = \"Rest\" }\norder = [\"Rest\", \"A\"]",
        "from = \"c\"\nlevels = { A = 1, B = 2 }\nrare = { share = 0.1, into = \"Rest\" }\norder = [\"B\", \"A\"]",
        "from = \"c\"\nlist = \"gender\"\nmissing = { Indeterminate = \"9\" }",
    ] {
        let book = Codebook::parse(&with("month = \"m\"", lines), "book.toml").unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(Codebook::parse(&book.to_toml(), "again").unwrap(), book);
    }
    let book =
        Codebook::parse(&with("", "from = \"c\"\nlist = \"gender\"\nmissing = { Unclear = \"9\" }"), "b").unwrap();
    assert_eq!(book.variables[0].levels, ["Male", "Female"]);
    assert_eq!(book.variables[0].causes().len(), 2);
}

#[test]
fn the_tree_as_json_is_the_same_book() {
    let json = r#"{"title": "t", "month": "m", "variables": {
        "z": {"from": "c", "levels": {"B": "1", "A": {"code": "2", "to_month": 1458}, "1": ["3", 4]}, "clean": false},
        "a b": {"from": "d", "bands": ["[0, 5)", "[5, 10)"], "contrast": {"polynomial": [0, 2.5]}},
        "p": {"precedence": [{"level": "x", "when": {"c": {"blank": true}}}, {"level": "y", "otherwise": true}]}}}"#;
    let book = Codebook::from_json(json).unwrap();
    assert_eq!(book.variables[0].levels, ["B", "A", "1"]);
    assert_eq!(book.variables[1].name, "a b");
    assert_eq!(book.variables[2].levels, ["x", "y"]);
    for (json, slug) in [
        ("{", "codebook-json"),
        (r#"{"variables": {"v": null}}"#, "codebook-json"),
        (r#"{"variables": {"v": 1}}"#, "codebook-type"),
        (r#"{"variables": {}}"#, "codebook-empty"),
        (r#"{"variables": {"v": {"from": "c", "levels": {"A": 1.0}}}}"#, "codebook-type"),
        (r#"{"variables": {"v": {"precedence": []}}}"#, "codebook-empty"),
        (r#"{"variables": {"v": {"precedence": [1]}}}"#, "codebook-type"),
    ] {
        let error = Codebook::from_json(json).unwrap_err();
        assert_eq!((error.kind(), error.slug()), (Kind::Codebook, slug), "{error}");
    }
}

#[test]
fn the_written_form_is_pretty() {
    let book = Codebook::parse(FULL, "book.toml").unwrap();
    let text = book.to_toml();
    assert!(text.starts_with(
        "title = \"Referrals of one trust, 2019 to 2024\"\nmonth = \"UniqMonthID\"\n\n[variables.gender]\n"
    ));
    assert!(text.contains("\n[variables.gender.levels]\n\"Male\" = \"1\"\n\"Female\" = \"2\"\n"), "{text}");
    assert!(text.contains("missing = { \"Not stated\" = \"Z\", \"Not known\" = [\"X\", \"9\"] }\n"), "{text}");
    assert!(text.contains("bands = { \"0 to 4\" = \"[0, 5)\", \"5 to 9\" = \"[5, 10)\" }\n"), "{text}");
    assert!(
        text.contains("\n[[variables.social_work.precedence]]\nlevel = \"In care\"\nwhen = { LACStatus = \"Y\" }\n")
    );
    assert_eq!(Codebook::parse(&text, "again").unwrap(), book);
    assert_eq!(Codebook::parse(&text, "again").unwrap().to_toml(), text);
}

#[test]
fn every_list_can_be_read_by_each_of_its_groupings() {
    for list in melogit::codebook::lists() {
        let groups = list.groupings.iter().map(|group| format!("\ngroup = \"{group}\"")).chain([String::new()]);
        for group in groups {
            let book =
                Codebook::parse(&with("", &format!("from = \"c\"\nlist = \"{}\"{group}", list.name)), "b").unwrap();
            assert!(book.variables[0].levels.len() > 1, "{}{group}", list.name);
            assert_eq!(Codebook::parse(&book.to_toml(), "again").unwrap(), book);
        }
    }
}
