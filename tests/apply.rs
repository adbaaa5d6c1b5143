//! Applying a codebook against a plain reading of its rules, row by row.

mod plain;

use melogit::codebook::{
    Band, Cause, Coded, Condition, Form, Interval, Lookups, Pattern, Rare, Rule, Source, SourceBuilder, Step,
    StepOutcome, Target, Test, Uncovered, Values, Variable, apply,
};
use plain::{Outcome, Text, plain, plain_account};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};

fn source(texts: &[Text]) -> Source {
    let mut builder = SourceBuilder::new(texts.len());
    texts.iter().for_each(|text| builder.push_text(text.as_deref().map(str::as_bytes)));
    builder.finish()
}

fn applied(variable: &Variable, columns: &[Vec<Text>], month: &[Text], lookups: &Lookups) -> Coded {
    let sources = columns.iter().map(|column| source(column)).collect::<Vec<_>>();
    let month = source(month);
    apply(variable, &sources.iter().collect::<Vec<_>>(), Some(&month), lookups).unwrap()
}

/// The value of each row in words; what is missing is told apart only in the account.
fn values(coded: &Coded) -> Vec<Option<Outcome>> {
    let level = |at: i64| usize::try_from(at).ok().map(|at| Outcome::Level(coded.levels[at].clone()));
    match &coded.values {
        Values::I8(values) => values.iter().map(|at| level(i64::from(*at))).collect(),
        Values::I16(values) => values.iter().map(|at| level(i64::from(*at))).collect(),
        Values::I32(values) => values.iter().map(|at| level(i64::from(*at))).collect(),
        Values::Numbers(values) => values.iter().map(|x| (!x.is_nan()).then_some(Outcome::Number(*x))).collect(),
    }
}

fn summary(coded: &Coded) -> BTreeMap<[String; 3], u64> {
    let mut summary = BTreeMap::new();
    for entry in &coded.account {
        let cause = entry.cause.split(": ").next().unwrap_or_default().to_owned();
        *summary.entry([entry.coded.clone(), entry.level.clone(), cause]).or_default() += entry.rows;
    }
    summary
}

// Random variables and data.

/// Codes of which no two share a text, even in another case or with other zeros.
fn forms() -> Vec<Form> {
    let range = |prefix: &str, first, last, width| Form::Range { prefix: prefix.into(), first, last, width };
    let codes = ["1", "2", "003", "x", "Y y", "E.1", "é"].map(|code| Form::Code(code.into()));
    let others = [Form::Prefix("A".into()), Form::Prefix("b1".into()), range("C", 1, 3, 1), range("", 40, 44, 2)];
    codes.into_iter().chain(others).collect()
}

/// Texts that are codes, that can be mended into codes, that are numbers, and that are none of these.
const TEXTS: [&str; 34] = [
    "1", "2", "003", "x", "Y y", "E.1", "é", "A", "A7", "b1", "b1z", "C1", "C3", "C4", "40", "44", "45", "", " ",
    "1.0", "01", "3", " x", "X", "y Y", "É", "a7", "c2.", "44.00", "-5", "17.5", "1e3", "inf", "?",
];

fn text() -> impl Strategy<Value = Text> {
    prop::option::weighted(0.9, prop::sample::select(TEXTS.to_vec()).prop_map(str::to_owned))
}

fn month() -> impl Strategy<Value = Text> {
    prop::option::of(prop::sample::select(vec!["1457", "1458", "1459.0", " 1460", "x"]).prop_map(str::to_owned))
}

fn validity() -> impl Strategy<Value = (Option<u32>, Option<u32>)> {
    prop_oneof![
        4 => Just((None, None)),
        1 => Just((None, Some(1458))),
        1 => Just((Some(1459), None)),
        1 => Just((Some(1458), Some(1459)))
    ]
}

/// The codes dealt out among so many owners; some are dealt to none.
fn dealt(owners: usize) -> impl Strategy<Value = Vec<Vec<Pattern>>> {
    let deals = forms().into_iter().map(|form| {
        (0..owners + 2, validity())
            .prop_map(move |(owner, (from_month, to_month))| {
                (owner, Pattern { form: form.clone(), from_month, to_month })
            })
            .boxed()
    });
    deals.collect::<Vec<_>>().prop_map(move |deals| {
        let mut codes = vec![Vec::new(); owners];
        deals.into_iter().filter(|(owner, _)| *owner < owners).for_each(|(owner, code)| codes[owner].push(code));
        codes
    })
}

fn test() -> impl Strategy<Value = Test> {
    let codes = || dealt(1).prop_map(|mut codes| codes.remove(0));
    prop_oneof![
        4 => codes().prop_map(Test::Codes),
        1 => codes().prop_map(Test::Not),
        1 => Just(Test::Blank),
        2 => (-6i32..40, 1i32..30).prop_map(|(lower, length)| Test::Within(interval(lower, lower + length)))
    ]
}

fn interval(lower: i32, upper: i32) -> Interval {
    Interval { lower: f64::from(lower), upper: f64::from(upper), closed_lower: true, closed_upper: false }
}

const LEVELS: [&str; 4] = ["one", "two", "three", "four"];

fn map() -> impl Strategy<Value = (Rule, Vec<Cause>)> {
    dealt(6).prop_map(|codes| {
        let mut codes = codes.into_iter();
        let targets = LEVELS.iter().zip(codes.by_ref());
        let targets = targets.map(|(level, codes)| Target { level: (*level).into(), codes }).collect();
        let missing = ["Not stated", "Not known"].into_iter().zip(codes);
        let missing = missing.map(|(cause, codes)| Cause { cause: cause.into(), codes }).collect();
        (Rule::Map { from: "a".into(), lookup: None, targets }, missing)
    })
}

fn numeric() -> impl Strategy<Value = (Rule, Vec<Cause>)> {
    let missing = dealt(1).prop_map(|mut codes| vec![Cause { cause: "Not known".into(), codes: codes.remove(0) }]);
    let bands = (1i32..30, 1i32..30).prop_map(|(one, two)| {
        let intervals = [(-5, 0), (0, one), (one, one + two), (50, 60)];
        let bands = LEVELS.iter().zip(intervals);
        let bands = bands.map(|(level, (a, b))| Band { level: (*level).into(), interval: interval(a, b) }).collect();
        Rule::Bands { from: "a".into(), bands, gaps: true }
    });
    let bound = || prop::option::of((-9i32..50).prop_map(f64::from));
    let number = (bound(), bound()).prop_map(|(min, max)| Rule::Number { from: "a".into(), min, max });
    (prop_oneof![bands, number], missing)
}

fn precedence() -> impl Strategy<Value = (Rule, Vec<Cause>)> {
    let outcome = prop_oneof![
        4 => prop::sample::select(LEVELS.to_vec()).prop_map(|level| StepOutcome::Level(level.into())),
        1 => Just(StepOutcome::Missing("Not recorded".into())),
    ];
    let columns = prop::sample::subsequence(vec!["a", "b", "c"], 1..=3);
    let step = (outcome, columns, prop::collection::vec(test(), 3)).prop_map(|(outcome, columns, tests)| {
        let when = columns.into_iter().zip(tests);
        let when = when.map(|(column, test)| Condition { column: column.into(), test }).collect();
        Step { outcome, when }
    });
    (prop::collection::vec(step, 1..5), any::<bool>()).prop_map(|(mut steps, otherwise)| {
        if otherwise {
            steps.push(Step { outcome: StepOutcome::Level("four".into()), when: Vec::new() });
        }
        (Rule::Precedence { steps }, Vec::new())
    })
}

fn variable(clean: impl Strategy<Value = bool>) -> impl Strategy<Value = Variable> {
    let uncovered =
        prop_oneof![Just(Uncovered::Refuse), Just(Uncovered::Missing), Just(Uncovered::Level("three".into()))];
    let rare = (prop::option::of(1u64..20), prop::option::of(0.01..0.5f64), prop::sample::select(vec!["two", "rest"]));
    let rare = prop::option::of(rare.prop_map(|(below, share, into)| Rare {
        below: if share.is_none() { below.or(Some(5)) } else { below },
        share,
        into: into.into(),
        merged: None,
    }));
    (prop_oneof![map(), numeric(), precedence()], uncovered, rare, clean).prop_map(
        |((rule, missing), uncovered, rare, clean)| {
            let is_number = matches!(rule, Rule::Number { .. });
            let mut levels = LEVELS.map(String::from).to_vec();
            if rare.as_ref().is_some_and(|rare| rare.into == "rest") {
                levels.push("rest".into());
            }
            Variable {
                name: "v".into(),
                label: None,
                description: None,
                rule,
                levels: if is_number { Vec::new() } else { levels },
                reference: None,
                missing,
                uncovered: if is_number && matches!(uncovered, Uncovered::Level(_)) {
                    Uncovered::Missing
                } else {
                    uncovered
                },
                rare: if is_number { None } else { rare },
                contrast: None,
                clean,
            }
        },
    )
}

type Row = (Text, Text, Text, Text);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    prop::collection::vec((text(), text(), text(), month()), 0..120)
}

/// The columns that the variable reads, and the months.
fn columns(variable: &Variable, rows: &[Row]) -> (Vec<Vec<Text>>, Vec<Text>) {
    let column = |name: &str| match name {
        "a" => rows.iter().map(|row| row.0.clone()).collect(),
        "b" => rows.iter().map(|row| row.1.clone()).collect(),
        _ => rows.iter().map(|row| row.2.clone()).collect(),
    };
    (variable.sources().into_iter().map(column).collect(), rows.iter().map(|row| row.3.clone()).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn rows_and_account_are_those_of_the_plain_reading(variable in variable(Just(false)), rows in rows()) {
        let (columns, months) = columns(&variable, &rows);
        let coded = applied(&variable, &columns, &months, &Lookups::new());
        let row = |i: usize| columns.iter().map(|column| &column[i]).collect::<Vec<_>>();
        let outcomes = (0..rows.len()).map(|i| plain(&variable, &row(i), &months[i])).collect::<Vec<_>>();
        let (expected, account, merged) = plain_account(&variable, &outcomes);
        let expected = expected.into_iter().map(|outcome| match outcome {
            Outcome::Missing(_) | Outcome::Uncovered => None,
            value => Some(value),
        });
        prop_assert_eq!(values(&coded), expected.collect::<Vec<_>>());
        prop_assert_eq!(summary(&coded), account);
        prop_assert_eq!(&coded.merged, &merged);
        if let Rule::Map { .. } = variable.rule {
            // Line by line: the text, and what became of it.
            let mut lines = HashMap::<(String, bool), u64>::new();
            for (text, outcome) in columns[0].iter().zip(&outcomes) {
                let shown = match text {
                    None => "(no value)",
                    Some(text) if text.trim().is_empty() => "(blank)",
                    Some(text) => text,
                };
                *lines.entry((shown.into(), *outcome == Outcome::Uncovered)).or_default() += 1;
            }
            let mut found = HashMap::new();
            for entry in &coded.account {
                *found.entry((entry.source.clone(), entry.cause.starts_with("not covered"))).or_default() += entry.rows;
            }
            prop_assert_eq!(found, lines);
        }
    }

    #[test]
    fn no_row_is_lost_and_their_order_does_not_matter(variable in variable(any::<bool>()), rows in rows(), seed: u64) {
        let (whole, months) = columns(&variable, &rows);
        let coded = applied(&variable, &whole, &months, &Lookups::new());
        prop_assert_eq!(coded.account.iter().map(|entry| entry.rows).sum::<u64>(), rows.len() as u64);
        let not_covered = |entry: &&melogit::codebook::Entry| entry.cause.starts_with("not covered");
        prop_assert_eq!(coded.account.iter().filter(not_covered).cloned().collect::<Vec<_>>(), coded.uncovered.clone());
        prop_assert!(coded.account.iter().all(|entry| entry.cleaned.is_empty() == entry.read_as.is_empty()));
        let mut order = (0..rows.len()).collect::<Vec<_>>();
        order.sort_by_key(|i| (*i as u64 ^ seed).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let shuffled = order.iter().map(|&i| rows[i].clone()).collect::<Vec<_>>();
        let (columns, months) = columns(&variable, &shuffled);
        let again = applied(&variable, &columns, &months, &Lookups::new());
        prop_assert_eq!(&again.account, &coded.account);
        prop_assert_eq!(&again.levels, &coded.levels);
        let values_before = values(&coded);
        prop_assert_eq!(values(&again), order.iter().map(|&i| values_before[i].clone()).collect::<Vec<_>>());
    }

    #[test]
    fn settled_levels_stay_whatever_the_rows(variable in variable(any::<bool>()), rows in rows(), others in rows()) {
        let (before, months) = columns(&variable, &rows);
        let coded = applied(&variable, &before, &months, &Lookups::new());
        let rare = variable.rare.clone().map(|rare| Rare { merged: Some(coded.merged.clone()), ..rare });
        let settled = Variable { rare, ..variable.clone() };
        let replayed = applied(&settled, &before, &months, &Lookups::new());
        prop_assert_eq!((values(&replayed), &replayed.account), (values(&coded), &coded.account));
        let (after, months) = columns(&variable, &others);
        let again = applied(&settled, &after, &months, &Lookups::new());
        prop_assert_eq!((again.levels, again.merged), (coded.levels, coded.merged));
    }
}
