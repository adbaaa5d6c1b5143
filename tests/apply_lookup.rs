//! Look-ups: what is mended, what is counted, and when the table is taken for the wrong one.

use melogit::codebook::{
    Cause, Form, Lookup, Lookups, Pattern, Rule, Source, SourceBuilder, Target, Uncovered, Values, Variable, apply,
};

type Text = Option<String>;

fn source(texts: &[Text]) -> Source {
    let mut builder = SourceBuilder::new(texts.len());
    texts.iter().for_each(|text| builder.push_text(text.as_deref().map(str::as_bytes)));
    builder.finish()
}

#[test]
fn a_look_up_of_the_wrong_vintage_is_refused() {
    let variable = |unmatched| Variable {
        name: "imd".into(),
        label: None,
        description: None,
        rule: Rule::Map {
            from: "LSOA".into(),
            lookup: Some(Lookup { table: "imd2019".into(), unmatched }),
            targets: vec![Target { level: "low".into(), codes: vec![Pattern::from(Form::Code("1".into()))] }],
        },
        levels: vec!["low".into()],
        reference: None,
        missing: vec![Cause { cause: "Homeless".into(), codes: vec![Pattern::from(Form::Prefix("ZZ99".into()))] }],
        uncovered: Uncovered::Refuse,
        rare: None,
        contrast: None,
        clean: true,
    };
    let entries = [("E01000001", "1"), ("E01000002", "1.0"), ("E01000003", ""), ("E01000004", "7")];
    let entries = entries.map(|(key, found)| (key.to_owned(), found.to_owned())).into_iter().collect();
    let lookups = Lookups::from([("imd2019".to_owned(), entries)]);
    let texts =
        ["E01000001", "e01000001 ", "E01000002", "E01000003", "E01000004", "W01000001", "zz99 3vz", "E01900001"];
    let column = texts.map(|text| Some(text.to_owned())).to_vec();
    let coded = apply(&variable(0.5), &[&source(&column)], None, &lookups).unwrap();
    assert_eq!(coded.values, Values::I8(vec![0, 0, 0, -1, -1, -1, -1, -1]));
    let unmatched = coded.unmatched.unwrap();
    assert_eq!((unmatched.rows, unmatched.elsewhere, unmatched.matched), (1, 1, 5));
    let lines = coded.account.iter().map(|e| [&e.source, &e.cleaned, &e.read_as, &e.cause].map(String::as_str));
    let expected = [
        ["imd2019: 1", "", "", ""],
        ["imd2019: 1", "blanks, case", "1", ""],
        ["imd2019: 1.0", "decimal", "1", ""],
        ["zz99 3vz", "case", "ZZ99 3vz", "Homeless"],
        ["E01900001", "", "", "not in look-up 'imd2019'"],
        ["W01000001", "", "", "area outside look-up 'imd2019'"],
        ["E01000003", "", "", "no value in look-up 'imd2019'"],
        ["imd2019: 7", "", "", "not covered"],
    ];
    assert_eq!(lines.collect::<Vec<_>>(), expected);

    let refused = |texts: Vec<Text>, unmatched| {
        let sources = [source(&texts)];
        apply(&variable(unmatched), &[&sources[0]], None, &lookups).unwrap_err()
    };
    let error = refused(column, 0.1);
    assert_eq!(error.slug(), "lookup-unmatched");
    let text = error.to_string();
    assert!(text.contains("1 of 6 values of LSOA (16.7 per cent)") && text.contains("'E01900001' (1 row)"), "{text}");
    // Areas outside England do not count, but a table in which nothing is found is never the right one.
    let welsh = refused(vec![Some("W01000001".to_owned()); 3], 0.1);
    assert_eq!(welsh.slug(), "lookup-unmatched");
}
