//! Whole fits by quadrature: refusals, invariances, corners, and what is recorded.

use melogit::coding::{Column, Frame};
use melogit::likelihood::Quadrature;
use melogit::model::{Fit, FitOptions, fit, prepare};
use melogit::optimise::{Start, maximise};
use melogit::settings::{Points, Settings};

/// Records of `groups` patients with `size` visits each; patients differ by `spread` on the scale of the log odds.
struct Cohort {
    y: Vec<f64>,
    x: Vec<f64>,
    patient: Vec<usize>,
}

impl Cohort {
    fn new(groups: usize, size: usize, spread: f64) -> Self {
        let noise = |i: usize, k: usize| (((i * 7_919 + k * 104_729) % 10_007) as f64 * 0.618_034).fract();
        let rows = groups * size;
        let patient = (0..rows).map(|i| i / size).collect::<Vec<_>>();
        let x = (0..rows).map(|i| 2.0 * noise(i, 1) - 1.0).collect::<Vec<_>>();
        let eta = |i: usize| 0.8 * x[i] + spread * (2.0 * noise(patient[i], 2) - 1.0) - 0.3;
        let y = (0..rows).map(|i| f64::from(u8::from(noise(i, 3) < 1.0 / (1.0 + (-eta(i)).exp())))).collect();
        Self { y, x, patient }
    }

    /// The frame with rows in this order and patients by these names.
    fn frame(&self, order: &[usize], name: impl Fn(usize) -> String) -> Frame {
        let mut frame = Frame::new(order.len());
        let pick = |v: &[f64]| Column::Number(order.iter().map(|&i| v[i]).collect());
        frame.insert("y", pick(&self.y)).unwrap();
        frame.insert("n", pick(&self.y.iter().map(|y| 1.0 - y).collect::<Vec<_>>())).unwrap();
        frame.insert("x", pick(&self.x)).unwrap();
        let names = order.iter().map(|&i| name(self.patient[i])).collect::<Vec<_>>();
        frame.insert("patient", Column::from_text(&names)).unwrap();
        let ward = order.iter().map(|&i| format!("w{}", i % 7)).collect::<Vec<_>>();
        frame.insert("ward", Column::from_text(&ward)).unwrap();
        frame
    }

    fn plain(&self) -> Frame {
        self.frame(&(0..self.y.len()).collect::<Vec<_>>(), |j| format!("p{j:03}"))
    }
}

fn options(points: usize) -> FitOptions {
    let mut options = FitOptions::default();
    options.settings.points = Points::Fixed(points);
    options
}

fn run(formula: &str, frame: &Frame, points: usize) -> Fit {
    fit(formula, frame, &options(points), &|| false).unwrap_or_else(|e| panic!("{formula}: {e}")).0
}

fn near(a: &[f64], b: &[f64], bound: f64) {
    assert!(a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < bound), "{a:?} {b:?}");
}

#[test]
fn what_cannot_be_integrated_is_refused_in_words() {
    let frame = Cohort::new(40, 6, 1.0).plain();
    let refusal = |formula: &str, points: usize| fit(formula, &frame, &options(points), &|| false).unwrap_err();
    for (formula, points, slug, said) in [
        ("y ~ x", 7, "points-without-groups", "no random effect"),
        ("y ~ x + (1 | patient) + (1 | ward)", 7, "points-crossed-groups", "'patient', 'ward'"),
        ("y ~ x + (1 + x + I(x^2) + I(x^3) | ward)", 3, "points-many-effects", "has 4"),
        ("y ~ x + (1 + x + I(x^2) | ward)", 22, "points-many-nodes", "use at most 21"),
        ("y ~ x + (1 | ward)", 101, "points", "from 1"),
    ] {
        let error = refusal(formula, points);
        assert_eq!(error.slug(), slug, "{formula}");
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn order_and_names_change_nothing() {
    let cohort = Cohort::new(60, 4, 4.0);
    let n = cohort.y.len();
    let shuffled = (0..n).map(|i| (i * 77 + 5) % n).collect::<Vec<_>>();
    for (formula, points) in [("y ~ x + (1 | patient)", 11), ("y ~ x + (1 + x | patient)", 5)] {
        let first = run(formula, &cohort.plain(), points);
        let second = run(formula, &cohort.frame(&shuffled, |j| format!("q{}", (j * 37) % 60)), points);
        assert!(first.converged && second.converged);
        assert!((first.log_likelihood - second.log_likelihood).abs() < 1e-8);
        near(&first.beta, &second.beta, 1e-5);
        near(&first.theta, &second.theta, 1e-5);
    }
}

#[test]
fn exchanging_events_and_nonevents_changes_signs() {
    let frame = Cohort::new(60, 4, 4.0).plain();
    for (random, points) in [("(1 | patient)", 11), ("(x || patient)", 5)] {
        let (yes, no) =
            (run(&format!("y ~ x + {random}"), &frame, points), run(&format!("n ~ x + {random}"), &frame, points));
        assert!((yes.log_likelihood - no.log_likelihood).abs() < 1e-8);
        near(&yes.beta, &no.beta.iter().map(|b| -b).collect::<Vec<_>>(), 1e-5);
        near(&yes.theta, &no.theta, 1e-5);
        near(&yes.modes[0].modes, &no.modes[0].modes.iter().map(|b| -b).collect::<Vec<_>>(), 1e-4);
    }
}

#[test]
fn counting_changes_nothing_but_the_constant() {
    // Patients whose two kinds of visits are counted, and the same visits one by one.
    let (mut events, mut trials, mut x, mut patient) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut y, mut one_x, mut one_patient) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..80 {
        let (n, e) = (1 + (i * 7) % 4, (i * 5 + i / 9) % 5);
        let e = e.min(n);
        events.push(f64::from(e));
        trials.push(f64::from(n));
        x.push(f64::from(i % 2));
        patient.push(format!("p{:02}", i / 2));
        for k in 0..n {
            y.push(f64::from(u8::from(k < e)));
            one_x.push(f64::from(i % 2));
            one_patient.push(format!("p{:02}", i / 2));
        }
    }
    let (mut counted, mut single) = (Frame::new(80), Frame::new(y.len()));
    for (name, values) in [("e", events), ("m", trials), ("x", x)] {
        counted.insert(name, Column::Number(values)).unwrap();
    }
    for (name, values) in [("y", y), ("x", one_x)] {
        single.insert(name, Column::Number(values)).unwrap();
    }
    counted.insert("patient", Column::from_text(&patient)).unwrap();
    single.insert("patient", Column::from_text(&one_patient)).unwrap();
    let (a, b) = (run("e / m ~ x + (1 + x | patient)", &counted, 7), run("y ~ x + (1 + x | patient)", &single, 7));
    near(&a.beta, &b.beta, 1e-5);
    near(&a.theta, &b.theta, 1e-5);
    assert!(a.log_likelihood > b.log_likelihood);
}

#[test]
fn every_start_ends_at_the_same_optimum() {
    // Four visits of patients who differ widely: Laplace's optimum is far from that of the quadrature.
    for (spread, formula, points) in [(9.0, "y ~ x + (1 | patient)", 25), (6.0, "y ~ x + (x || patient)", 9)] {
        let frame = Cohort::new(80, 4, spread).plain();
        let best = run(formula, &frame, points);
        assert!(best.converged, "{formula}");
        let mut problem = prepare(formula, &frame, &options(points)).unwrap().problem;
        problem.quadrature = Quadrature::new(points, &problem);
        let u = vec![0.0; problem.layout.effects()];
        for size in [0.3, 1.0, 8.0] {
            let theta = problem.theta.entries.iter().map(|_| size).collect::<Vec<_>>();
            let start = Start { beta: &[0.5, -0.5], theta: &theta, u: &u, held: &[], nearby: None };
            let settings = Settings::default();
            let found = maximise(&problem, &start, settings.tolerance, settings.max_iterations, &|| false).unwrap();
            assert!(found.converged, "{formula} from {size}");
            assert!((found.mode.log_likelihood(&problem) - best.log_likelihood).abs() < 1e-7, "{formula} from {size}");
        }
    }
}

#[test]
fn a_variance_of_zero_stays_zero() {
    // Every patient has one event in four visits.
    let cohort = Cohort { y: (0..160).map(|i| f64::from(u8::from(i % 4 == 0))).collect(), ..Cohort::new(40, 4, 0.0) };
    let fit = run("y ~ 1 + (1 | patient)", &cohort.plain(), 9);
    assert!(fit.converged && fit.theta[0] == 0.0 && !fit.free[1]);
    assert!((fit.log_likelihood - fit.null_log_likelihood.unwrap()).abs() < 1e-9);
}

#[test]
fn the_fit_says_how_it_was_integrated() {
    let frame = Cohort::new(60, 4, 6.0).plain();
    let (laplace, better) = (run("y ~ x + (1 | patient)", &frame, 1), run("y ~ x + (1 | patient)", &frame, 25));
    let warning = laplace.findings.iter().find(|f| f.slug == "integration-moves").unwrap();
    assert!(warning.message.contains("points=\"auto\""));
    assert!(better.findings.iter().all(|f| f.slug != "integration-moves"));
    assert!(laplace.trace.iter().all(|e| e.nodes == 1));
    let nodes = better.trace.iter().map(|e| e.nodes).collect::<Vec<_>>();
    assert!(nodes.is_sorted() && nodes[0] == 1 && nodes[nodes.len() - 1] == 25);
    let read = Fit::from_json(&better.to_json().unwrap()).unwrap();
    assert!(read == better && read.settings.points == Points::Fixed(25));
    let crossed = run("y ~ x + (1 | patient) + (1 | ward)", &frame, 1);
    let warning = crossed.findings.iter().find(|f| f.slug == "integration-moves").unwrap();
    assert!(!warning.message.contains("points=") && warning.message.contains("Monte Carlo"));
    let look = crossed.next_rule().unwrap();
    assert!(look.next.is_none() && look.error > 0.0 && look.moves.len() == crossed.parameters());
}

#[test]
fn the_look_ahead_is_what_another_fit_finds() {
    let frame = Cohort::new(80, 4, 6.0).plain();
    for (formula, points) in [("y ~ x + (1 | patient)", 5), ("y ~ x + (x || patient)", 9), ("y ~ x + (1 | patient)", 9)]
    {
        let fit = run(formula, &frame, points);
        let look = fit.next_rule().unwrap();
        let next = run(formula, &frame, look.next.unwrap());
        let change = next.log_likelihood - fit.log_likelihood;
        assert!((look.log_likelihood - change).abs() < 0.1 * change.abs() + 1e-6, "{formula}: {look:?} {change}");
        let n = fit.parameters();
        let (before, after) = ([&fit.beta[..], &fit.theta].concat(), [&next.beta[..], &next.theta].concat());
        let moved = (0..n).map(|k| (after[k] - before[k]) / fit.covariance[k * n + k].sqrt()).collect::<Vec<_>>();
        let most = moved.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        near(&look.moves, &moved, 0.2 * most + 1e-5);
    }
}

#[test]
fn where_laplace_is_good_enough_the_default_stays_with_it() {
    let frame = Cohort::new(12, 400, 1.0).plain();
    let auto = fit("y ~ x + (1 | patient)", &frame, &FitOptions::default(), &|| false).unwrap().0;
    let one = run("y ~ x + (1 | patient)", &frame, 1);
    assert!(auto.points() == 1 && auto.beta == one.beta && auto.theta == one.theta);
    assert!(auto.trace.len() == one.trace.len() && auto.integration == one.integration);
    assert!(
        auto.integration_words()
            .starts_with("The Laplace approximation is good enough here: its second-order terms would")
    );
    // The second-order terms foretell what the integral would say.
    let (look, nine) = (one.next_rule().unwrap(), run("y ~ x + (1 | patient)", &frame, 9));
    let change = nine.log_likelihood - one.log_likelihood;
    assert!(look.next.is_none() && look.error == 0.0 && (look.log_likelihood - change).abs() < 0.02 * change.abs());
    let sd_moves = (nine.theta[0] - one.theta[0]) / one.covariance.last().unwrap().sqrt();
    // A search ends within the tolerance of its certificate, 1e-4 standard errors.
    assert!((look.moves.last().unwrap() - sd_moves).abs() < 0.05 * sd_moves.abs() + 1e-4, "{look:?} {sd_moves}");
    let plain = fit("y ~ x", &frame, &FitOptions::default(), &|| false).unwrap().0;
    assert!(plain.integration.shifts.is_empty() && plain.integration_words().is_empty());
}

#[test]
fn the_default_holds_still_where_laplace_does_not() {
    for formula in ["y ~ x + (1 | patient)", "y ~ x + (x || patient)"] {
        let frame = Cohort::new(80, 4, 6.0).plain();
        let auto = fit(formula, &frame, &FitOptions::default(), &|| false).unwrap().0;
        assert!(auto.converged && auto.points() > 1 && auto.settings.points == Points::Auto);
        assert!(auto.next_rule().unwrap().is_still(80), "{:?}", auto.integration);
        let most = run(formula, &frame, if formula.contains("||") { 41 } else { 99 });
        assert!((auto.log_likelihood - most.log_likelihood).abs() < 0.02, "{formula}");
        assert_eq!(Fit::from_json(&auto.to_json().unwrap()).unwrap(), auto);
    }
}

#[test]
fn a_fit_saved_before_looks_were_recorded_is_read() {
    let text = run("y ~ x + (1 | patient)", &Cohort::new(60, 4, 6.0).plain(), 1).to_json().unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value.as_object_mut().unwrap().remove("integration").unwrap();
    let read = Fit::from_json(&value.to_string()).unwrap();
    assert!(read.points() == 1 && read.next_rule().is_none());
}

#[test]
fn crossed_effects_get_the_look_that_one_factor_gets() {
    // Wards do not differ: with their variance at zero the second-order terms are those of patients alone, which a rule of
    // many points knows too.
    let cohort = Cohort::new(120, 8, 2.0);
    let order = (0..cohort.y.len()).collect::<Vec<_>>();
    let frame = cohort.frame(&order, |j| format!("p{j:03}"));
    let crossed = run("y ~ x + (1 | patient) + (1 | ward)", &frame, 1);
    assert!(crossed.theta[1] == 0.0, "{:?}", crossed.theta);
    let (one, many) = (run("y ~ x + (1 | patient)", &frame, 1), run("y ~ x + (1 | patient)", &frame, 25));
    let look = crossed.next_rule().unwrap();
    let change = many.log_likelihood - one.log_likelihood;
    assert!((look.log_likelihood - change).abs() < 0.3 * change.abs() + 3.0 * look.error, "{look:?} {change}");
    let n = one.parameters();
    let moved = (many.theta[0] - one.theta[0]) / one.covariance[n * n - 1].sqrt();
    assert!((look.moves[2] - moved).abs() < 0.4 * moved.abs() && look.moves[3] == 0.0, "{look:?} {moved}");
}

#[test]
fn steps_are_limited_over_the_whole_way() {
    let mut options = options(25);
    options.settings.max_iterations = 2;
    let frame = Cohort::new(60, 4, 9.0).plain();
    let fit = fit("y ~ x + (1 | patient)", &frame, &options, &|| false).unwrap().0;
    assert!(!fit.converged && fit.trace.len() < 8);
}
