//! A plain reading of the rules: texts as they stand, one row at a time.

use melogit::codebook::{Pattern, Rule, Step, StepOutcome, Test, Uncovered, Variable};
use std::collections::BTreeMap;

/// A cell.
pub(crate) type Text = Option<String>;

/// What a row becomes, in words.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Outcome {
    Level(String),
    Number(f64),
    Missing(String),
    Uncovered,
}

fn month_of(text: &Text) -> Option<u32> {
    text.as_ref().and_then(|text| text.trim().parse::<f64>().ok()).map(|month| month as u32)
}

fn counts(pattern: &Pattern, text: &str, month: Option<u32>) -> bool {
    let always = pattern.from_month.is_none() && pattern.to_month.is_none();
    pattern.matches(text) && (always || month.is_some_and(|month| pattern.valid(Some(month))))
}

fn blank(text: &Text) -> bool {
    text.as_ref().is_none_or(|text| text.trim().is_empty())
}

fn plain_number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// What a row becomes before rare levels are merged.
pub(crate) fn plain(variable: &Variable, row: &[&Text], month: &Text) -> Outcome {
    let month = month_of(month);
    if let Rule::Precedence { steps } = &variable.rule {
        return plain_steps(variable, steps, row, month);
    }
    let Some(text) = row[0].as_ref().filter(|text| !text.trim().is_empty()) else {
        return Outcome::Missing("no value".into());
    };
    for cause in &variable.missing {
        if cause.codes.iter().any(|pattern| counts(pattern, text, month)) {
            return Outcome::Missing(cause.cause.clone());
        }
    }
    match &variable.rule {
        Rule::Map { targets, .. } => targets
            .iter()
            .find(|target| target.codes.iter().any(|pattern| counts(pattern, text, month)))
            .map_or(Outcome::Uncovered, |target| Outcome::Level(target.level.clone())),
        Rule::Bands { bands, .. } => plain_number(text)
            .and_then(|number| bands.iter().find(|band| band.interval.holds(number)))
            .map_or(Outcome::Uncovered, |band| Outcome::Level(band.level.clone())),
        Rule::Number { min, max, .. } => plain_number(text)
            .filter(|number| min.is_none_or(|min| min <= *number) && max.is_none_or(|max| *number <= max))
            .map_or(Outcome::Uncovered, Outcome::Number),
        Rule::List { .. } | Rule::Precedence { .. } => unreachable!("not drawn here"),
    }
}

fn plain_steps(variable: &Variable, steps: &[Step], row: &[&Text], month: Option<u32>) -> Outcome {
    let names = variable.sources();
    for step in steps {
        let holds = step.when.iter().all(|condition| {
            let text = row[names.iter().position(|name| *name == condition.column).unwrap()];
            match &condition.test {
                Test::Blank => blank(text),
                _ if blank(text) => false,
                Test::Codes(codes) => codes.iter().any(|code| counts(code, text.as_ref().unwrap(), month)),
                Test::Not(codes) => !codes.iter().any(|code| counts(code, text.as_ref().unwrap(), month)),
                Test::Within(interval) => {
                    plain_number(text.as_ref().unwrap()).is_some_and(|number| interval.holds(number))
                }
            }
        });
        if holds {
            return match &step.outcome {
                StepOutcome::Level(level) => Outcome::Level(level.clone()),
                StepOutcome::Missing(cause) => Outcome::Missing(cause.clone()),
            };
        }
    }
    if row.iter().all(|text| blank(text)) { Outcome::Missing("no value".into()) } else { Outcome::Uncovered }
}

/// What each row becomes in the end, the rows by coded level, level and cause, and the levels merged.
pub(crate) fn plain_account(
    variable: &Variable,
    outcomes: &[Outcome],
) -> (Vec<Outcome>, BTreeMap<[String; 3], u64>, Vec<String>) {
    let coded = outcomes.iter().map(|outcome| match (outcome, &variable.uncovered) {
        (Outcome::Level(level), _) | (Outcome::Uncovered, Uncovered::Level(level)) => Some(level.clone()),
        _ => None,
    });
    let coded = coded.collect::<Vec<_>>();
    let with_level = coded.iter().flatten().count() as f64;
    let mut merged = Vec::new();
    if let Some(rare) = &variable.rare {
        for level in variable.levels.iter().filter(|level| **level != rare.into) {
            let rows = coded.iter().flatten().filter(|coded| *coded == level).count();
            let few = rare.below.is_some_and(|below| (rows as u64) < below)
                || rare.share.is_some_and(|share| (rows as f64) < share * with_level);
            if rows > 0 && few {
                merged.push(level.clone());
            }
        }
    }
    let last = |level: &String| {
        if merged.contains(level) { variable.rare.as_ref().unwrap().into.clone() } else { level.clone() }
    };
    let mut account = BTreeMap::new();
    let mut values = Vec::new();
    for (outcome, coded) in outcomes.iter().zip(&coded) {
        let level = coded.as_ref().map(last);
        let (words, cause) = match outcome {
            Outcome::Number(_) => ("number".to_owned(), ""),
            Outcome::Missing(cause) => (String::new(), cause.as_str()),
            Outcome::Uncovered => (coded.clone().unwrap_or_default(), "not covered"),
            Outcome::Level(level) => (level.clone(), ""),
        };
        let end = level.clone().unwrap_or_else(|| words.clone());
        *account.entry([words, end, cause.to_owned()]).or_default() += 1;
        values.push(level.map_or(outcome.clone(), Outcome::Level));
    }
    (values, account, merged)
}
