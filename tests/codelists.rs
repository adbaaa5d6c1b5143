//! The shipped lists against the reference data they were taken from, code by code and both ways.
//!
//! `reference/codes` holds the tables of NHSDigital/mental-health-monthly-statistics (commit 7b4d7421, MIT licence)
//! and, for the groups of the sources of referral, of the published measure MHS32.

use melogit::codebook::{List, list};
use std::collections::BTreeMap;

/// A row of a reference table by column.
type Row = BTreeMap<String, String>;

fn table(text: &str) -> Vec<Row> {
    let mut lines = text.lines();
    let names = cells(lines.next().unwrap());
    let rows = lines.filter(|line| !line.is_empty()).map(|line| {
        let cells = cells(line);
        assert_eq!(cells.len(), names.len(), "{line}");
        names.iter().cloned().zip(cells).collect()
    });
    rows.collect()
}

/// The cells of a line; a comma in quotes belongs to its cell.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            character => cells.last_mut().unwrap().push(character),
        }
    }
    cells
}

fn month(cell: &str) -> Option<u32> {
    (!cell.is_empty() && cell != "null").then(|| cell.parse().unwrap())
}

/// What a list says of a code: label, first and last month, groups by grouping.
type Said = (String, Option<u32>, Option<u32>, BTreeMap<String, String>);

/// A list as a table. Where a code has no first month of its own, it is that of the source.
fn said(list: &List) -> BTreeMap<String, Said> {
    let said = |code: &melogit::codebook::ListCode| {
        (code.label.clone(), code.from_month.or(list.since), code.to_month, code.groups.clone())
    };
    let table = list.codes.iter().map(|code| (code.code.clone(), said(code))).collect::<BTreeMap<_, _>>();
    assert_eq!(table.len(), list.codes.len(), "a code stands twice in {}", list.name);
    table
}

/// The reference table as a list should have it; `UNKNOWN` is a row of the reports, not a code of the data.
fn expected(
    rows: &[Row],
    code: &str,
    take: impl Fn(&Row) -> bool,
    label: impl Fn(&Row) -> String,
    groups: impl Fn(&Row) -> Vec<(&'static str, String)>,
) -> BTreeMap<String, Said> {
    let rows = rows.iter().filter(|row| row[code] != "UNKNOWN" && take(row));
    let said = |row: &Row| {
        let groups = groups(row).into_iter().map(|(name, group)| (name.to_owned(), group)).collect();
        (label(row), month(&row["first_month"]), month(&row["last_month"]), groups)
    };
    rows.map(|row| (row[code].clone(), said(row))).collect()
}

fn labelled(row: &Row) -> String {
    row["label"].clone()
}

fn missing(name: &str) -> Vec<(&'static str, &'static str)> {
    list(name).unwrap().missing.iter().map(|missing| (missing.code.as_str(), missing.cause.as_str())).collect()
}

#[test]
fn ethnic_categories_are_those_of_the_source() {
    let rows = table(include_str!("reference/codes/ethnicity_desc.csv"));
    let short = |row: &Row| match row["upper_group"].as_str() {
        "White or White British" => "White",
        "Mixed" => "Mixed",
        "Asian or Asian British" => "Asian",
        "Black or Black British" => "Black",
        "Other Ethnic Groups" => "Other",
        other => panic!("{other}"),
    };
    // The source has no grouping by sixteen: the group and the label, as the data dictionary writes them. It has no
    // place for codes T, U and V. The small letters are the dictionary's.
    let sixteen = |row: &Row| {
        let group = row["upper_group"].replace("White or White British", "White");
        let label = match row["label"].as_str() {
            "Any Other White background" => "Any other White background",
            "Any Other mixed background" => "Any other mixed background",
            "Any Other Asian background" => "Any other Asian background",
            "Any Other Black background" => "Any other Black background",
            "Any Other Ethnic Group" => "Any other ethnic group",
            label => label,
        };
        (!["T", "U", "V"].contains(&row["code"].as_str())).then(|| format!("{group} - {label}"))
    };
    let groups = |row: &Row| {
        let white = if short(row) == "White" { "White" } else { "Other than White" };
        // "Non-white British" in the source holds everybody who is not both White and British.
        let british = row["white_nonwhite"].replace("Non-white British", "Other than White British");
        let mut groups =
            vec![("five_groups", short(row).to_owned()), ("white_other", white.to_owned()), ("white_british", british)];
        groups.extend(sixteen(row).map(|group| ("sixteen", group)));
        groups
    };
    // Z and 99 are causes of missing values, not levels.
    let is_level = |row: &Row| !["Z", "99"].contains(&row["code"].as_str());
    assert_eq!(said(list("ethnic_category").unwrap()), expected(&rows, "code", is_level, labelled, groups));
    assert_eq!(missing("ethnic_category"), [("Z", "Not stated"), ("99", "Not known")]);
    let absent = rows.iter().filter(|row| row["upper_group"] == row["label"] && row["code"] != "UNKNOWN");
    assert_eq!(absent.map(|row| row["code"].as_str()).collect::<Vec<_>>(), ["Z", "99"]);
    let of_one_month = list("ethnic_category").unwrap().codes.iter().filter(|code| code.to_month == Some(1390));
    assert_eq!(of_one_month.map(|code| code.code.as_str()).collect::<Vec<_>>(), ["T", "U", "V"]);
}

#[test]
fn the_two_gender_lists_share_the_table_of_the_source() {
    let rows = table(include_str!("reference/codes/gender_desc.csv"));
    // The source has one table for the gender identity code (1 to 4) and the older gender code (1, 2, 9).
    let of = |codes: &'static [&str]| {
        expected(&rows, "code", move |row| codes.contains(&row["code"].as_str()), labelled, |_| Vec::new())
    };
    let (identity, gender) = (of(&["1", "2", "3", "4"]), of(&["1", "2", "9"]));
    assert_eq!(said(list("gender_identity").unwrap()), identity);
    assert_eq!(said(list("gender").unwrap()), gender);
    let all = expected(&rows, "code", |_| true, labelled, |_| Vec::new());
    assert_eq!(identity.into_iter().chain(gender).collect::<BTreeMap<_, _>>(), all);
    // The source reports missing values as UNKNOWN; the codes are those of the data dictionary.
    assert_eq!(missing("gender_identity"), [("Z", "Not stated"), ("X", "Not known")]);
    assert_eq!(missing("gender"), [("X", "Not known")]);
}

#[test]
fn sources_of_referral_are_those_of_the_source() {
    let rows = table(include_str!("reference/codes/source_of_referral.csv"));
    assert_eq!(rows.len(), 40);
    // The source has a code Q2 without a label.
    let label = |row: &Row| match row["code"].as_str() {
        "Q2" => "Drop-in service (Q2; no label in the source)".to_owned(),
        _ => row["label"].clone(),
    };
    let groups = |row: &Row| vec![("published", row["mhs32_group"].clone())];
    assert_eq!(said(list("source_of_referral").unwrap()), expected(&rows, "code", |_| true, label, groups));
    assert!(missing("source_of_referral").is_empty());
}

#[test]
fn reasons_for_referral_and_team_types_are_those_of_the_source() {
    let reasons = table(include_str!("reference/codes/ref_reason_desc.csv"));
    let teams = table(include_str!("reference/codes/serv_team_type_ref_to_desc.csv"));
    for (name, rows) in [("referral_reason", reasons), ("team_type", teams)] {
        let expected = expected(&rows, "code", |_| true, labelled, |_| Vec::new());
        assert_eq!(said(list(name).unwrap()), expected);
        assert!(missing(name).is_empty());
    }
}

#[test]
fn deciles_are_those_of_the_source() {
    let rows = table(include_str!("reference/codes/imd_desc.csv"));
    // "01 Most deprived" becomes "1 most deprived"; of the labels in between only the number is kept.
    let short = |text: &str| {
        let (number, words) = text.split_once(' ').unwrap_or((text, ""));
        let number = number.trim_start_matches('0');
        match words {
            "Most deprived" | "Least deprived" => format!("{number} {}", words.to_lowercase()),
            "More deprived" | "Less deprived" | "" => number.to_owned(),
            other => panic!("{other}"),
        }
    };
    let label = |row: &Row| short(&row["imd_decile"]);
    let groups = |row: &Row| vec![("quintile", short(&row["imd_quintile"])), ("core20", row["core20"].clone())];
    assert_eq!(said(list("imd_decile").unwrap()), expected(&rows, "imd_decile_number", |_| true, label, groups));
    assert!(missing("imd_decile").is_empty());
}

#[test]
fn lists_of_the_data_dictionary_have_its_codes() {
    let codes = |name: &str| list(name).unwrap().codes.iter().map(|code| code.code.as_str()).collect::<Vec<_>>();
    assert_eq!(codes("rejection_reason"), ["01", "02", "03"]);
    assert_eq!(codes("child_protection_plan"), ["1", "2", "3"]);
    assert_eq!(missing("child_protection_plan"), [("X", "Not known")]);
    assert_eq!(codes("looked_after"), ["N", "Y"]);
}

#[test]
fn lists_are_complete_in_themselves() {
    let lists = melogit::codebook::lists();
    let names = lists.iter().map(|list| list.name.as_str()).collect::<Vec<_>>();
    assert!(names.is_sorted() && lists.len() == 10);
    for list in lists {
        for code in &list.codes {
            assert!(code.groups.keys().all(|group| list.groupings.contains(group)), "{} {}", list.name, code.code);
            assert!(list.missing.iter().all(|missing| missing.code != code.code), "{} {}", list.name, code.code);
        }
        for grouping in &list.groupings {
            assert!(list.codes.iter().any(|code| code.groups.contains_key(grouping)), "{} {grouping}", list.name);
        }
    }
}
