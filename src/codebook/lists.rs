//! The code lists that come with the package.

use super::{Cause, Form, Pattern, Target};
use serde::Deserialize;
use std::sync::LazyLock;

/// A list of codes of one data element, with labels, groupings and where they come from.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Its name in a codebook.
    pub name: String,
    /// What it lists.
    pub title: String,
    /// The data element it belongs to.
    pub field: String,
    /// Where codes, labels and months were taken from.
    pub source: String,
    /// A page about the data element.
    pub url: Option<String>,
    /// Which edition of the source.
    pub version: String,
    /// What to know before relying on it.
    pub note: Option<String>,
    /// The month at which the source begins. It says nothing about earlier months, so no code is refused for them.
    pub since: Option<u32>,
    /// The groupings its codes can be read by.
    #[serde(default)]
    pub groupings: Vec<String>,
    /// The codes, in printed order.
    pub codes: Vec<ListCode>,
    /// The codes that stand for a missing value.
    #[serde(default)]
    pub missing: Vec<ListMissing>,
}

/// A code of a list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListCode {
    /// The code.
    pub code: String,
    /// What it means.
    pub label: String,
    /// Its group in each grouping that has a place for it.
    #[serde(default)]
    pub groups: std::collections::BTreeMap<String, String>,
    /// First month in which it counts, if later than the beginning of the source.
    pub from_month: Option<u32>,
    /// Last month in which it counts.
    pub to_month: Option<u32>,
}

/// A code of a list that stands for a missing value.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListMissing {
    /// The code.
    pub code: String,
    /// Why the value is missing.
    pub cause: String,
}

impl ListCode {
    /// The level it gives: its group, or its label. `None` if the grouping has no place for it.
    pub fn level(&self, group: Option<&str>) -> Option<&str> {
        group.map_or(Some(&self.label), |group| self.groups.get(group)).map(String::as_str)
    }
}

impl List {
    /// The levels in the order of the list and their codes, without the codes that `except` declares missing.
    pub fn targets(&self, group: Option<&str>, prefix: bool, except: &[Cause]) -> Vec<Target> {
        let mut targets: Vec<Target> = Vec::new();
        for code in self.codes.iter().filter(|code| !names(except, &code.code)) {
            let Some(level) = code.level(group) else { continue };
            let pattern = Pattern { from_month: code.from_month, to_month: code.to_month, ..read(&code.code, prefix) };
            match targets.iter_mut().find(|target| target.level == level) {
                Some(target) => target.codes.push(pattern),
                None => targets.push(Target { level: level.to_owned(), codes: vec![pattern] }),
            }
        }
        targets
    }

    /// The causes of the list and their codes, one by one, without the codes that `except` declares missing.
    pub fn missing(&self, prefix: bool, except: &[Cause]) -> Vec<(&str, Pattern)> {
        let missing = self.missing.iter().filter(|missing| !names(except, &missing.code));
        missing.map(|missing| (missing.cause.as_str(), read(&missing.code, prefix))).collect()
    }
}

/// Whether one of the causes names the code.
fn names(causes: &[Cause], code: &str) -> bool {
    causes.iter().flat_map(|cause| &cause.codes).any(|pattern| pattern.matches(code))
}

fn read(code: &str, prefix: bool) -> Pattern {
    let form = if prefix { Form::Prefix } else { Form::Code };
    Pattern::from(form(code.to_owned()))
}

/// The texts of the lists.
const TEXTS: [&str; 10] = [
    include_str!("lists/child_protection_plan.toml"),
    include_str!("lists/ethnic_category.toml"),
    include_str!("lists/gender.toml"),
    include_str!("lists/gender_identity.toml"),
    include_str!("lists/imd_decile.toml"),
    include_str!("lists/looked_after.toml"),
    include_str!("lists/referral_reason.toml"),
    include_str!("lists/rejection_reason.toml"),
    include_str!("lists/source_of_referral.toml"),
    include_str!("lists/team_type.toml"),
];

/// Every list, in alphabetical order of the names.
///
/// ```
/// for list in melogit::codebook::lists() {
///     assert!(!list.codes.is_empty() && !list.source.is_empty());
/// }
/// ```
pub fn lists() -> &'static [List] {
    static LISTS: LazyLock<Vec<List>> =
        LazyLock::new(|| TEXTS.iter().map(|text| toml::from_str(text).expect("a shipped list reads")).collect());
    &LISTS
}

/// The list of that name.
///
/// ```
/// let list = melogit::codebook::list("ethnic_category").unwrap();
/// assert_eq!(list.groupings[0], "five_groups");
/// let levels = list.targets(Some("five_groups"), false, &[]);
/// let names = levels.iter().map(|target| target.level.as_str()).collect::<Vec<_>>();
/// assert_eq!(names, ["White", "Mixed", "Asian", "Black", "Other"]);
/// ```
pub fn list(name: &str) -> Option<&'static List> {
    lists().iter().find(|list| list.name == name)
}
