//! Formulas from outside the crate: no text makes the parser panic, and every formula survives being
//! written out and read back.

use melogit::formula::{
    Atom, BasisKind, ContrastKind, Formula, FormulaError, Function, Hypothesis, InnerKnots, Knots, RandomTerm, Real,
    Response, SLUGS, Span, Term, Transform, Variable, parse,
};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

#[test]
fn the_model_of_the_study() -> Result<(), FormulaError> {
    let formula = parse(
        "rejected ~ social_work + ethnicity + C(source, ref=\"GP\") * gender
           + offset(log(days)) + (1 + age || location/team)",
    )?;
    assert!(matches!(&formula.response, Response::Single(outcome) if outcome.name == "rejected"));
    assert!(formula.intercept);
    let names: Vec<String> = formula.terms.iter().map(Term::name).collect();
    assert_eq!(names, ["social_work", "ethnicity", "source", "gender", "source:gender"]);
    let groups: Vec<String> = formula.random.iter().map(RandomTerm::group_name).collect();
    assert_eq!(groups, ["location", "location:team", "location", "location:team"]);
    assert_eq!(
        formula.random_free().to_string(),
        "rejected ~ social_work + ethnicity + C(source, ref=\"GP\") + gender \
         + C(source, ref=\"GP\"):gender + offset(log(days))"
    );
    Ok(())
}

#[test]
fn an_error_is_an_error_of_the_standard_library() {
    let error: Box<dyn std::error::Error> = Box::from(parse("y ~ (1 | )").unwrap_err());
    assert!(error.to_string().contains("(1 | )\n"));
    assert!(error.source().is_none(), "the field `source` is the text, not another error");
}

#[test]
fn deep_and_long_texts_end_in_an_answer() {
    let long = 100_000;
    assert_eq!(slug(&format!("y ~ {}", "(".repeat(long))), Some("too-deep"));
    assert_eq!(slug(&format!("y ~ {}a{}", "log(".repeat(40), ")".repeat(40))), Some("too-deep"));
    assert_eq!(slug(&format!("y ~ {}", "-".repeat(long))), Some("missing-term"));
    assert_eq!(slug(&format!("y ~ a{}", "*a".repeat(long))), None);
    assert_eq!(slug(&format!("y ~ a{}", ":a".repeat(long))), None);
    assert_eq!(slug(&format!("y ~ a{}", " %in% a".repeat(long))), None);
    assert_eq!(slug(&format!("y ~ a{}", "+a-a".repeat(long))), None);
    assert_eq!(slug(&format!("y ~ (1 | a{})", "/a".repeat(long))), None);
    assert_eq!(slug(&format!("y ~ {}", "(1|g)+".repeat(long) + "1")), None);
    let mut powers = "(a+b+c+d+e+f+g+h)^10".to_owned();
    assert_eq!(slug(&format!("y ~ {powers}")), None);
    for _ in 0..20 {
        powers = format!("({powers})^10");
    }
    assert_eq!(slug(&format!("y ~ {powers}")), Some("too-many-terms"));
}

#[test]
fn the_number_of_terms_is_capped_everywhere() {
    let names = |prefix: &str, count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("{prefix}{number}")).collect();
        names.join(" + ")
    };
    assert_eq!(slug(&format!("y ~ {}", names("x", 1000))), None);
    assert_eq!(slug(&format!("y ~ {}", names("x", 1001))), Some("too-many-terms"));
    assert_eq!(slug(&format!("y ~ ({} | g)", names("x", 1001))), Some("too-many-terms"));
    assert_eq!(slug(&format!("y ~ ({} || a/b)", names("x", 500))), Some("too-many-terms"));
    let offsets = names("x", 1001).replace(" + ", ") + offset(");
    assert_eq!(slug(&format!("y ~ offset({offsets})")), Some("too-many-terms"));
}

fn slug(text: &str) -> Option<&'static str> {
    parse(text).err().map(|error| error.slug)
}

/// What must hold for any text at all.
fn check_any_text(text: &str) -> Result<(), TestCaseError> {
    match parse(text) {
        Ok(formula) => {
            let canonical = formula.to_string();
            let again = parse(&canonical).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(&again, &formula, "{} -> {}", text, &canonical);
            prop_assert_eq!(again.to_string(), canonical);
            prop_assert!(formula.columns().iter().all(|column| !column.name.is_empty()));
        }
        Err(error) => {
            let Span { start, end } = error.span;
            prop_assert!(text.get(start..end).is_some(), "{error:?}");
            prop_assert!(SLUGS.contains(&error.slug), "{}", error.slug);
            let shown = error.to_string();
            prop_assert!(shown.contains('^'), "{shown}");
            prop_assert!(shown.starts_with(&error.message) && shown.ends_with(&error.help));
        }
    }
    Ok(())
}

/// Texts that look like formulas, so that the fuzzing reaches beyond the lexer.
fn token() -> impl Strategy<Value = &'static str> {
    select(vec![
        "y",
        "a",
        "b",
        "x",
        "g",
        "y ~",
        "~",
        "+",
        "+",
        "+",
        "-",
        "*",
        "/",
        ":",
        "^",
        "**",
        "2",
        "0",
        "1",
        "%in%",
        "|",
        "||",
        "(",
        "(",
        ")",
        ")",
        "(1 | g)",
        "(x || g/h)",
        "(a + b)",
        "(a * b | g)",
        ",",
        "=",
        "C(",
        "C(x, Sum)",
        "C(x, ref='a')",
        "log(",
        "log(a)",
        "I(x^2)",
        "I(",
        "Q('a b')",
        "offset(",
        "offset(e)",
        "cbind(",
        "cbind(a, b)",
        "`a b`",
        "`",
        "'",
        "\"",
        "\\",
        ".",
        "3.5",
        "年齢",
        "🙂",
        "\n",
        "\t",
        " ",
        "-1",
        "ref",
        "contr.sum",
        "ns(",
        "bs(",
        "poly(",
        "ns(x, df=4)",
        "df=",
        "knots=",
        "degree",
        "'8 12'",
        "scores=",
        "'a - b'",
    ])
}

/// Names of columns: mostly plain, some that need quotes in every way.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9_.]{0,5}",
        "[a-zé年._0-9 `\\\\\"':~+()|\n-]{1,6}",
        any::<String>().prop_filter("a column has a name", |name| !name.is_empty()),
    ]
}

/// Numbers in increasing order.
fn numbers(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Real>> {
    proptest::collection::vec(-1e6..1e6, count).prop_map(|mut numbers: Vec<f64>| {
        numbers.sort_unstable_by(f64::total_cmp);
        numbers.dedup();
        numbers.into_iter().filter_map(Real::new).collect()
    })
}

fn hypothesis() -> impl Strategy<Value = Hypothesis> {
    let text = any::<(String, String)>().prop_map(|(a, b)| format!("{a} - {b}"));
    let label = proptest::option::of(any::<String>().prop_filter("a label says something", |l| !l.trim().is_empty()));
    (label, text).prop_map(|(label, text)| Hypothesis { label: label.unwrap_or_else(|| text.clone()), text })
}

fn contrast() -> impl Strategy<Value = ContrastKind> {
    prop_oneof![
        select(vec![
            ContrastKind::Treatment,
            ContrastKind::Sum,
            ContrastKind::Helmert,
            ContrastKind::Polynomial(None),
            ContrastKind::Successive,
            ContrastKind::Forward,
            ContrastKind::Simple,
        ]),
        numbers(1..6).prop_map(|scores| ContrastKind::Polynomial(Some(scores))),
        proptest::collection::vec(hypothesis(), 1..4).prop_map(ContrastKind::Custom),
    ]
}

fn basis() -> impl Strategy<Value = BasisKind> {
    let inner = prop_oneof![(10..=100u32).prop_map(InnerKnots::Columns), numbers(1..6).prop_map(InnerKnots::At)];
    let bounds = numbers(2..3).prop_map(|n| <[Real; 2]>::try_from(n).ok());
    let knots = (inner, bounds).prop_map(|(inner, bounds)| Knots { inner, bounds });
    (knots, 1..=10u32, 0..3).prop_map(|(knots, degree, which)| match which {
        0 => BasisKind::Natural(knots),
        1 => BasisKind::Spline(knots, degree),
        _ => BasisKind::Polynomial(degree),
    })
}

fn transform() -> impl Strategy<Value = Transform> {
    let category =
        (proptest::option::of(contrast()), proptest::option::of(any::<String>())).prop_map(|(contrast, reference)| {
            let used = contrast.as_ref().is_none_or(ContrastKind::takes_reference);
            Transform::Category { contrast, reference: reference.filter(|_| used) }
        });
    let named = Function::NAMED.map(|(_, function)| Transform::Function(function));
    let power = (1..=10_u32).prop_map(|power| Transform::Function(Function::Power(power)));
    let curve = basis().prop_map(Transform::Basis);
    prop_oneof![Just(Transform::Identity), category, select(named.to_vec()), power, curve]
}

fn variable(name: &str) -> Variable {
    Variable { name: name.to_owned(), span: Span::default() }
}

/// Lists of terms in canonical order, over some of the atoms.
fn terms(atoms: Vec<Atom>) -> impl Strategy<Value = Vec<Term>> {
    let positions: Vec<usize> = (0..atoms.len()).collect();
    let subset = subsequence(positions, 1..=atoms.len().min(4)).prop_shuffle();
    proptest::collection::vec(subset, 0..6).prop_map(move |mut chosen| {
        chosen.sort_by_key(Vec::len);
        let mains: Vec<usize> = chosen.iter().filter(|term| term.len() == 1).flatten().copied().collect();
        let rank = |position: &usize| mains.iter().position(|main| main == position).unwrap_or(usize::MAX);
        let mut terms: Vec<Term> = Vec::new();
        let mut seen = Vec::new();
        for mut positions in chosen {
            let mut key = positions.clone();
            key.sort_unstable();
            if seen.contains(&key) {
                continue;
            }
            seen.push(key);
            positions.sort_by_key(rank);
            let atoms = positions.into_iter().map(|position| atoms[position].clone()).collect();
            terms.push(Term { atoms, span: Span::default() });
        }
        terms
    })
}

fn response(names: &[String]) -> impl Strategy<Value = Response> + use<> {
    let (first, second) = (variable(&names[0]), variable(&names[1]));
    select(vec![
        Response::Single(first.clone()),
        Response::Grouped { events: first.clone(), trials: second.clone() },
        Response::Counts { events: first, nonevents: second },
    ])
}

/// Formulas as the parser would build them, over distinct columns.
fn formula() -> impl Strategy<Value = Formula> {
    let names = proptest::collection::hash_set(name(), 10).prop_map(|set| set.into_iter().collect());
    let transforms = proptest::collection::vec(transform(), 4);
    (names, transforms).prop_flat_map(|(names, transforms): (Vec<String>, Vec<Transform>)| {
        let atom = |(column, transform): (&String, Transform)| Atom {
            column: column.clone(),
            transform,
            span: Span::default(),
        };
        let atoms: Vec<Atom> = names[2..6].iter().zip(transforms).map(atom).collect();
        let offset = atom((&names[6], Transform::Function(Function::Log)));
        let groups = [&names[7..8], &names[8..9], &names[7..10]]
            .map(|group| group.iter().map(|name| variable(name)).collect::<Vec<_>>());
        let random = (any::<bool>(), terms(atoms.clone()));
        let random = proptest::collection::vec(random, 0..=groups.len());
        (response(&names), any::<bool>(), terms(atoms), any::<bool>(), random).prop_map(
            move |(response, intercept, terms, has_offset, random)| {
                let random = random.into_iter().zip(&groups).map(|((intercept, terms), group)| {
                    let intercept = intercept || terms.is_empty();
                    RandomTerm { intercept, terms, group: group.clone(), span: Span::default() }
                });
                let random: Vec<RandomTerm> = random.collect();
                let intercept = intercept || (terms.is_empty() && random.is_empty());
                let offsets = if has_offset { vec![offset.clone()] } else { Vec::new() };
                Formula { response, intercept, terms, offsets, random }
            },
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn any_text_gives_a_formula_or_an_error_that_can_be_shown(text in any::<String>()) {
        check_any_text(&text)?;
    }

    #[test]
    fn so_does_any_text_of_the_characters_of_formulas(text in "[ab~+*/:^|()`'\",=CIQ0-2.\\\\ \n年\u{301}-]{0,40}") {
        check_any_text(&text)?;
    }

    #[test]
    fn so_does_any_text_of_the_tokens_of_formulas(
        tokens in proptest::collection::vec(token(), 0..30),
        left in select(vec!["", "y ~ ", "a / b ~ x + "]),
    ) {
        check_any_text(&(left.to_owned() + &tokens.join(" ")))?;
        check_any_text(&(left.to_owned() + &tokens.concat()))?;
    }

    #[test]
    fn so_does_any_sum_of_valid_pieces(
        pieces in proptest::collection::vec(select(vec![
            "a", "b", "c", "(a + b)", "a:b", "b:a", "a/b", "a*b*c", "(a + b + c)^2", "c %in% a", "log(a)",
            "(b:a | g)", "(1 | g/h)", "(a || k)", "offset(e)", "0", "1", "I(c^2):b", "C(d)",
        ]), 1..8),
        operators in proptest::collection::vec(select(vec![" + ", " + ", " - ", " * ", ":", "/"]), 8),
    ) {
        let mut text = "y ~ ".to_owned();
        for (piece, operator) in pieces.iter().zip(operators) {
            text.push_str(piece);
            text.push_str(operator);
        }
        check_any_text(&(text + "z"))?;
    }

    #[test]
    fn a_formula_survives_being_written_out_and_read_back(formula in formula()) {
        let text = formula.to_string();
        let again = parse(&text).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(&again, &formula, "{}", &text);
        let mut columns = formula.columns();
        let mut again = again.columns();
        columns.sort_by(|left, right| left.name.cmp(&right.name));
        again.sort_by(|left, right| left.name.cmp(&right.name));
        prop_assert_eq!(columns, again);
    }
}
