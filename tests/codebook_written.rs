//! What is written reads back: random codebooks with every kind of rule, setting and label.

use melogit::codebook::{
    Band, Cause, Codebook, Condition, Contrast, Form, Interval, Lookup, Pattern, Rare, Rule, Step, StepOutcome, Target,
    Test, Uncovered, Variable,
};
use proptest::prelude::*;

fn code(text: &str) -> Pattern {
    Pattern::from(Form::Code(text.to_owned()))
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_.'\"\\\\ \n\t#=\\[\\]{}äλ病é\u{7f}\u{1}-]{0,8}[a-zA-Z0-9.\"'病]"
}

/// Distinct names.
fn some_names(least: usize, most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::hash_set(name(), least..=most).prop_map(|names| names.into_iter().collect())
}

/// Codes that no two calls with different numbers share.
fn pattern(number: usize, months: bool) -> impl Strategy<Value = Pattern> {
    let begin = format!("k{number}");
    let (code_begin, range_begin) = (begin.clone(), begin.clone());
    let forms = prop_oneof![
        "[a-z*.\"' é]{0,4}".prop_map(move |rest| Form::Code(format!("{code_begin}x{rest}"))),
        Just(Form::Prefix(format!("{begin}-"))),
        (0u64..2000, 0u64..2000, any::<bool>()).prop_map(move |(a, b, padded)| {
            let (first, last) = (a.min(b), a.max(b));
            let digits = |value: u64| value.to_string().len();
            let width = if padded || digits(first) == digits(last) { digits(last) } else { 0 };
            Form::Range { prefix: format!("{range_begin}/"), first, last, width }
        }),
    ];
    let from = prop::option::of(1390u32..1500);
    (forms, from, prop::option::of(0u32..50)).prop_map(move |(form, from, length)| {
        let to = length.map(|length| from.unwrap_or(1400) + length);
        if months { Pattern { form, from_month: from, to_month: to } } else { Pattern::from(form) }
    })
}

fn patterns(number: usize, months: bool) -> impl Strategy<Value = Vec<Pattern>> {
    prop::collection::vec(pattern(number, months), 1..4)
}

/// A list of codes for each name.
fn coded(names: Vec<String>, begin: usize, months: bool) -> impl Strategy<Value = Vec<(String, Vec<Pattern>)>> {
    let codes = (0..names.len()).map(|at| patterns(begin + at, months).boxed()).collect::<Vec<_>>();
    (Just(names), codes).prop_map(|(names, codes)| names.into_iter().zip(codes).collect())
}

fn lookup() -> impl Strategy<Value = Option<Lookup>> {
    prop::option::of((name(), 0.0..1.0f64).prop_map(|(table, unmatched)| Lookup { table, unmatched }))
}

fn map(months: bool) -> impl Strategy<Value = Rule> {
    let targets = some_names(1, 5).prop_flat_map(move |names| coded(names, 0, months));
    (name(), lookup(), targets).prop_map(|(from, lookup, targets)| {
        let targets = targets.into_iter().map(|(level, codes)| Target { level, codes }).collect();
        Rule::Map { from, lookup, targets }
    })
}

fn list() -> impl Strategy<Value = Rule> {
    let lists = prop::sample::select(melogit::codebook::lists().to_vec());
    (name(), lookup(), lists, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(from, lookup, list, at, prefix)| {
            let groups = list.groupings.iter().cloned().map(Some).chain([None]).collect::<Vec<_>>();
            Rule::List { from, lookup, list: list.name, group: at.get(&groups).clone(), prefix }
        },
    )
}

fn bands() -> impl Strategy<Value = Rule> {
    let bounds = prop::collection::vec((0.001..9.0f64, any::<bool>()), 2..7);
    (name(), bounds, some_names(6, 6), any::<bool>(), any::<bool>()).prop_map(
        |(from, steps, names, own_names, ends)| {
            let mut at = -10.0;
            let bounds = steps.iter().map(|(step, closed)| {
                at += step;
                ((at * 4.0f64).round() / 4.0 + step / 1e3, *closed)
            });
            let mut bounds = bounds.collect::<Vec<_>>();
            bounds.sort_by(|one, other| one.0.total_cmp(&other.0));
            bounds.dedup_by(|one, other| one.0 <= other.0);
            if ends {
                bounds.push((f64::INFINITY, false));
            }
            let bands = bounds.windows(2).zip(names).map(|(pair, name)| {
                let ((lower, closed_lower), (upper, closed)) = (pair[0], pair[1]);
                let interval = Interval { lower, upper, closed_lower, closed_upper: !closed && upper.is_finite() };
                Band { level: if own_names { name } else { interval.to_string() }, interval }
            });
            let mut bands = bands.collect::<Vec<_>>();
            if bands.is_empty() {
                let interval = Interval { lower: 0.0, upper: 1.0, closed_lower: true, closed_upper: false };
                bands.push(Band { level: interval.to_string(), interval });
            }
            Rule::Bands { from, bands, gaps: own_names && !ends }
        },
    )
}

fn number() -> impl Strategy<Value = Rule> {
    let bound = || prop::option::of(prop_oneof![(-99i32..99).prop_map(f64::from), -1e30..1e30f64, -1e-9..1e-9f64]);
    (name(), bound(), bound()).prop_map(|(from, a, b)| {
        let (min, max) = match (a, b) {
            (Some(a), Some(b)) => (Some(a.min(b)), Some(a.max(b))),
            bounds => bounds,
        };
        Rule::Number { from, min, max }
    })
}

fn precedence(months: bool) -> impl Strategy<Value = Rule> {
    let outcome = || {
        (any::<bool>(), name())
            .prop_map(|(level, name)| if level { StepOutcome::Level(name) } else { StepOutcome::Missing(name) })
    };
    // Each step asks for a code of its own in the column "step", so that none is foreseen.
    let step = move |at: usize| {
        let test = prop_oneof![
            patterns(at, months).prop_map(Test::Codes),
            patterns(at, months).prop_map(Test::Not),
            Just(Test::Blank),
            (0i32..9, 1i32..9).prop_map(|(lower, length)| Test::Within(Interval {
                lower: f64::from(lower),
                upper: f64::from(lower + length),
                closed_lower: true,
                closed_upper: false,
            })),
        ];
        let tests = prop::collection::vec(test, 3);
        (outcome(), some_names(1, 3), tests).prop_map(move |(outcome, columns, tests)| {
            let own = Condition { column: "step".into(), test: Test::Codes(vec![code(&format!("s{at}"))]) };
            let more = columns.into_iter().filter(|column| column != "step").zip(tests);
            let more = more.map(|(column, test)| Condition { column, test });
            Step { outcome, when: [own].into_iter().chain(more).collect() }
        })
    };
    (1usize..5, prop::option::of(name()))
        .prop_flat_map(move |(count, last)| ((0..count).map(step).collect::<Vec<_>>(), Just(last)))
        .prop_map(|(mut steps, last)| {
            // A variable that is always missing is refused.
            steps[0].outcome = StepOutcome::Level("in care".to_owned());
            steps.extend(last.map(|level| Step { outcome: StepOutcome::Level(level), when: Vec::new() }));
            Rule::Precedence { steps }
        })
}

/// What a variable has besides its rule.
#[derive(Debug, Clone)]
struct Extras {
    label: Option<String>,
    description: Option<String>,
    missing: Vec<Cause>,
    choice: [prop::sample::Index; 4],
    reversed: bool,
    rare: Option<(Option<u64>, f64, String, bool)>,
    labels: Vec<String>,
    clean: bool,
}

fn extras(months: bool) -> impl Strategy<Value = Extras> {
    let missing = some_names(0, 4).prop_flat_map(move |names| coded(names, 100, months));
    let missing =
        missing.prop_map(|causes| causes.into_iter().map(|(cause, codes)| Cause { cause, codes }).collect::<Vec<_>>());
    let rare = prop::option::of((prop::option::of(1u64..99), 0.001..1.0f64, name(), any::<bool>()));
    let texts = (prop::option::of(".{0,12}"), prop::option::of("(?s).{0,12}"));
    (texts, missing, any::<[prop::sample::Index; 4]>(), any::<bool>(), rare, some_names(1, 3), any::<bool>()).prop_map(
        |((label, description), missing, choice, reversed, rare, labels, clean)| Extras {
            label,
            description,
            missing,
            choice,
            reversed,
            rare,
            labels,
            clean,
        },
    )
}

/// The levels a rule gives, in order.
fn levels(rule: &Rule) -> Vec<String> {
    let all = match rule {
        Rule::Map { targets, .. } => targets.iter().map(|target| target.level.clone()).collect(),
        Rule::Bands { bands, .. } => bands.iter().map(|band| band.level.clone()).collect(),
        Rule::Precedence { steps } => {
            let level = |step: &Step| match &step.outcome {
                StepOutcome::Level(level) => Some(level.clone()),
                StepOutcome::Missing(_) => None,
            };
            steps.iter().filter_map(level).collect()
        }
        Rule::List { list, group, prefix, .. } => {
            let list = melogit::codebook::list(list).unwrap();
            list.targets(group.as_deref(), *prefix, &[]).into_iter().map(|target| target.level).collect::<Vec<_>>()
        }
        Rule::Number { .. } => Vec::new(),
    };
    let mut distinct = Vec::new();
    all.into_iter().for_each(|level| {
        if !distinct.contains(&level) {
            distinct.push(level);
        }
    });
    distinct
}

/// The first level against the second, the names between backticks.
fn comparison(levels: &[String], labels: &[String]) -> Option<Contrast> {
    let [one, two] = levels.get(..2)? else { return None };
    let quoted = |name: &str| format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"));
    let text = format!("{} - {}", quoted(one), quoted(two));
    let label = labels.first().unwrap_or(&text).clone();
    Some(Contrast::Hypotheses(vec![(label, text)]))
}

fn assembled(name: String, rule: Rule, extras: Extras) -> Variable {
    let Extras { label, description, missing, choice, reversed, rare, labels, clean } = extras;
    let mut levels = levels(&rule);
    let missing = if matches!(rule, Rule::Precedence { .. }) { Vec::new() } else { missing };
    let mut variable = Variable {
        name,
        label,
        description,
        rule,
        levels: Vec::new(),
        reference: None,
        missing,
        uncovered: if reversed { Uncovered::Missing } else { Uncovered::Refuse },
        rare: None,
        contrast: None,
        clean,
    };
    if levels.is_empty() {
        return variable;
    }
    let pick = |at: usize| choice[at].get(&levels).clone();
    variable.reference = (choice[0].index(2) == 0).then(|| pick(1));
    let scores = (0..levels.len()).map(|at| at as f64 * 2.5 - 1.0).collect();
    variable.contrast = match choice[2].index(4) {
        0 => Some(Contrast::Named("helmert".to_owned())),
        1 if rare.is_none() => Some(Contrast::Polynomial(scores)),
        _ => None,
    };
    variable.rare = rare.map(|(below, share, into, settled)| {
        let merged = settled.then(|| vec![pick(3)]);
        Rare { below, share: (below.is_none() || reversed).then_some(share), into, merged }
    });
    if choice[3].index(3) == 0 {
        variable.uncovered = Uncovered::Level(pick(0));
    }
    if reversed {
        levels.reverse();
    }
    // A new level may stand anywhere, but only if it is not the last does the order say so.
    if let Some(rare) = &variable.rare
        && !levels.contains(&rare.into)
    {
        let at = if reversed { choice[1].index(levels.len() + 1) } else { levels.len() };
        levels.insert(at, rare.into.clone());
    }
    if variable.contrast.is_none() && choice[2].index(2) == 0 {
        variable.contrast = comparison(&levels, &labels);
    }
    variable.levels = levels;
    variable
}

fn variable(name: String, months: bool) -> impl Strategy<Value = Variable> {
    let rule = prop_oneof![map(months), list(), bands(), number(), precedence(months)];
    (Just(name), rule, extras(months)).prop_map(|(name, rule, extras)| assembled(name, rule, extras))
}

fn codebook() -> impl Strategy<Value = Codebook> {
    let head = (prop::option::of("(?s).{0,12}"), prop::option::of("(?s).{0,12}"), prop::option::of(name()));
    (head, some_names(1, 4)).prop_flat_map(|((title, description, month), names)| {
        let months = month.is_some();
        let variables = names.into_iter().map(|name| variable(name, months).boxed()).collect::<Vec<_>>();
        (Just((title, description, month)), variables).prop_map(|((title, description, month), variables)| Codebook {
            title,
            description,
            month,
            variables,
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(book in codebook()) {
        let text = book.to_toml();
        let again = Codebook::parse(&text, "written.toml").map_err(|e| TestCaseError::fail(format!("{e}\n{text}")))?;
        prop_assert_eq!(&again, &book, "{}", text);
        let json = serde_json::to_string(&toml::from_str::<toml::Table>(&text).unwrap()).unwrap();
        prop_assert_eq!(Codebook::from_json(&json).unwrap(), book);
    }
}
