//! Whole fits: special cases that must collapse, invariances, and the findings that go with them.

use melogit::coding::{Column, Frame};
use melogit::inference::{
    Interval, NewLevels, PredictionKind, PredictionOptions, heterogeneity, odds_ratio_table, predict, standardise,
    variance_table,
};
use melogit::model::{Fit, FitOptions, fit};

/// `groups` groups of `size` records; the share of events in group j is `share(j)`, spread evenly; x alternates.
fn grouped(groups: usize, size: usize, share: impl Fn(usize) -> f64) -> Frame {
    let rows = groups * size;
    let mut frame = Frame::new(rows);
    let event = |i: usize| {
        let (j, k) = (i / size, i % size);
        f64::from(u8::from(((k * 7) % size) as f64 + 0.5 < share(j) * size as f64))
    };
    frame.insert("y", Column::Number((0..rows).map(event).collect())).unwrap();
    frame.insert("x", Column::Number((0..rows).map(|i| ((i * 5) % 11) as f64 / 10.0).collect())).unwrap();
    let name = |i: usize| format!("g{:03}", i / size);
    frame.insert("g", Column::from_text(&(0..rows).map(name).collect::<Vec<_>>())).unwrap();
    let level = |i: usize| ["low", "middle", "high"][(i * 3 + i / size) % 3];
    frame.insert("f", Column::from_text(&(0..rows).map(level).collect::<Vec<_>>())).unwrap();
    frame
}

fn run(formula: &str, frame: &Frame) -> Fit {
    fit(formula, frame, &FitOptions::default(), &|| false).unwrap_or_else(|e| panic!("{formula}: {e}")).0
}

fn slugs(fit: &Fit) -> Vec<&str> {
    fit.findings.iter().map(|f| f.slug.as_str()).collect()
}

fn options(kind: PredictionKind) -> PredictionOptions<'static> {
    let (new_levels, interval) = (NewLevels::Error, Interval::Confidence);
    PredictionOptions { kind, level: 0.95, new_levels, interval, sample: None }
}

#[test]
fn equal_groups_have_no_variance() {
    // Every group has the same share: less variation than chance would bring, so the estimate is zero.
    let fit = run("y ~ 1 + (1 | g)", &grouped(20, 40, |_| 0.4));
    assert!(fit.converged && fit.theta[0] == 0.0 && !fit.free[1]);
    assert!(slugs(&fit).contains(&"boundary"));
    assert!((fit.log_likelihood - fit.null_log_likelihood.unwrap()).abs() < 1e-9);
    let row = &heterogeneity(&fit, 0.95).unwrap()[0];
    assert!((row.mor[0] - 1.0).abs() < 1e-15 && row.icc[0] == 0.0 && row.mor[1].is_nan());
    assert!(variance_table(&fit, 0.95).unwrap()[0].std_error.is_nan());
    assert!((fit.beta[0] - (0.4f64 / 0.6).ln()).abs() < 1e-6);
}

#[test]
fn unequal_groups_do_not_stay_at_zero() {
    let fit = run("y ~ 1 + (1 | g)", &grouped(20, 40, |j| 0.2 + 0.03 * j as f64));
    assert!(fit.converged && fit.theta[0] > 0.5 && fit.free[1]);
    assert!(fit.log_likelihood > fit.null_log_likelihood.unwrap() + 10.0);
}

#[test]
fn a_level_without_events_is_named_and_the_rest_stands() {
    let frame = grouped(12, 30, |j| 0.3 + 0.03 * j as f64);
    let Column::Number(y) = frame.get("y").unwrap().clone() else { unreachable!() };
    let Column::Factor { codes, levels, .. } = frame.get("f").unwrap().clone() else { unreachable!() };
    let high = levels.iter().position(|l| l == "high").unwrap() as i32;
    let mut changed = frame.clone();
    let without = y.iter().zip(&codes).map(|(y, c)| if *c == high { 0.0 } else { *y }).collect();
    changed.insert("y", Column::Number(without)).unwrap();
    // 'high' sorts first: it must not be the reference here.
    let separated = run("y ~ C(f, ref=\"low\") + x + (1 | g)", &changed);
    assert!(separated.converged && slugs(&separated).contains(&"separation"));
    let rows = odds_ratio_table(&separated, 0.95).unwrap();
    let row = rows.iter().find(|r| r.level == "high").unwrap();
    assert!(row.odds_ratio == 0.0 && row.lower.is_nan() && !row.note.is_empty());
    // Perfectly predicted records say nothing about the rest: leaving them out changes nothing else.
    let kept = (0..y.len()).filter(|&i| codes[i] != high).collect::<Vec<_>>();
    let mut rest = Frame::new(kept.len());
    for name in ["y", "x"] {
        let Column::Number(v) = changed.get(name).unwrap() else { unreachable!() };
        rest.insert(name, Column::Number(kept.iter().map(|&i| v[i]).collect())).unwrap();
    }
    for name in ["g", "f"] {
        let Column::Factor { codes, levels, declared } = changed.get(name).unwrap().clone() else { unreachable!() };
        let codes = kept.iter().map(|&i| codes[i]).collect();
        rest.insert(name, Column::Factor { codes, levels, declared }).unwrap();
    }
    let without = run("y ~ C(f, ref=\"low\") + x + (1 | g)", &rest);
    assert!((separated.log_likelihood - without.log_likelihood).abs() < 1e-6);
    assert!((separated.theta[0] - without.theta[0]).abs() < 1e-4);
}

#[test]
fn redundant_columns_are_named_with_what_they_repeat() {
    let mut frame = grouped(12, 30, |j| 0.3 + 0.03 * j as f64);
    let Column::Number(x) = frame.get("x").unwrap().clone() else { unreachable!() };
    frame.insert("twice", Column::Number(x.iter().map(|x| 2.0 * x + 1.0).collect())).unwrap();
    let fit = run("y ~ x + twice + (1 | g)", &frame);
    let finding = fit.findings.iter().find(|f| f.slug == "aliased").unwrap();
    assert!(finding.subject == "twice" && finding.message.contains("(Intercept), x"));
    assert_eq!(fit.estimated, [0, 1]);
    let plain = run("y ~ x + (1 | g)", &frame);
    assert!((fit.log_likelihood - plain.log_likelihood).abs() < 1e-9);
}

#[test]
fn a_saved_fit_is_the_fit() {
    let frame = grouped(15, 30, |j| 0.2 + 0.03 * j as f64);
    for formula in ["y ~ f * x + (1 + x | g)", "y ~ C(f, Poly) + scale(x) + (1 | g)", "y ~ f"] {
        let fit = run(formula, &frame);
        let text = fit.to_json().unwrap();
        let read = Fit::from_json(&text).unwrap();
        assert_eq!(fit, read);
        let at = |fit: &Fit| predict(fit, &frame, &options(PredictionKind::Conditional), None).unwrap();
        assert_eq!(at(&fit).estimate, at(&read).estimate);
    }
}

#[test]
fn damaged_json_is_refused() {
    let text = run("y ~ x + (1 | g)", &grouped(10, 20, |j| 0.2 + 0.05 * j as f64)).to_json().unwrap();
    let slug = |text: &str| Fit::from_json(text).unwrap_err().slug().to_string();
    assert_eq!(slug("{"), "not-a-fit");
    assert_eq!(slug("{}"), "not-a-fit");
    assert_eq!(slug(&text.replace("\"format\":1", "\"format\":99")), "format");
    assert_eq!(slug(&text.replacen("\"theta\":[", "\"theta\":[1.0,", 1)), "not-a-fit");
    let with_factor = run("y ~ f + x + (1 | g)", &grouped(10, 20, |j| 0.2 + 0.05 * j as f64)).to_json().unwrap();
    for (good, bad) in [
        ("\"reference\":0", "\"reference\":7"),
        ("\"index\":0", "\"index\":7"),
        ("\"start\":1", "\"start\":99"),
        ("\"width\":2", "\"width\":9"),
        ("\"intercept\":true", "\"intercept\":false"),
        ("\"estimated\":[0,1", "\"estimated\":[1,0"),
        ("\"full\":false", "\"full\":true"),
    ] {
        assert!(with_factor.contains(good), "{good}");
        assert_eq!(slug(&with_factor.replacen(good, bad, 1)), "not-a-fit", "{bad}");
    }
}

#[test]
fn predictions_agree_with_each_other() {
    let frame = grouped(15, 30, |j| 0.2 + 0.04 * j as f64);
    let fit = run("y ~ f + x + (1 | g)", &frame);
    let of = |kind| predict(&fit, &frame, &options(kind), None).unwrap();
    let (typical, marginal, conditional) =
        (of(PredictionKind::Typical), of(PredictionKind::Marginal), of(PredictionKind::Conditional));
    for i in 0..frame.rows() {
        // Averaging over groups draws probabilities towards one half, never across it.
        assert!((marginal.estimate[i] - 0.5).abs() <= (typical.estimate[i] - 0.5).abs() + 1e-12);
        for p in [&typical, &marginal, &conditional] {
            assert!(p.lower[i] < p.estimate[i] && p.estimate[i] < p.upper[i]);
        }
    }
    // The score equation of the intercept: fitted and observed events agree up to the Laplace correction.
    let fitted: f64 = conditional.estimate.iter().sum();
    assert!((fitted - fit.events).abs() < 0.01 * fit.events);
}

#[test]
fn standardised_risks_average_the_marginal_predictions() {
    let frame = grouped(15, 30, |j| 0.2 + 0.04 * j as f64);
    let fit = run("y ~ f + x + (1 | g)", &frame);
    let risks = standardise(&fit, &frame, "f", 0.95, None).unwrap();
    let Column::Factor { levels, .. } = frame.get("f").unwrap().clone() else { unreachable!() };
    for (k, level) in levels.iter().enumerate() {
        let mut changed = frame.clone();
        let codes = vec![k as i32; frame.rows()];
        changed.insert("f", Column::Factor { codes, levels: levels.clone(), declared: false }).unwrap();
        let p = predict(&fit, &changed, &options(PredictionKind::Marginal), None).unwrap();
        let mean = p.estimate.iter().sum::<f64>() / frame.rows() as f64;
        let row = risks.iter().find(|r| r.level == *level).unwrap();
        assert!((row.risk[0] - mean).abs() < 1e-12);
        let reference = risks.iter().find(|r| r.ratio[1].is_nan()).unwrap();
        assert!((row.ratio[0] - row.risk[0] / reference.risk[0]).abs() < 1e-12);
        assert!((row.difference[0] - (row.risk[0] - reference.risk[0])).abs() < 1e-12);
    }
}

#[test]
fn an_interrupt_is_heard() {
    let frame = grouped(15, 30, |j| 0.2 + 0.04 * j as f64);
    let error = fit("y ~ x + (1 | g)", &frame, &FitOptions::default(), &|| true).unwrap_err();
    assert_eq!(error.slug(), "interrupted");
}
