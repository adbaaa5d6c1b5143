//! Separation against an oracle that lists every extreme direction, and the shapes it comes in.

use melogit::coding::{Column, Frame};
use melogit::likelihood::Problem;
use melogit::model::{Fit, FitOptions, fit, prepare};
use melogit::optimise::{Direction, Separation, find_separation, fit_plain};
use melogit::settings::{Penalty, Points};

fn frame(columns: &[(&str, Vec<f64>)]) -> Frame {
    let mut frame = Frame::new(columns[0].1.len());
    columns.iter().for_each(|(name, values)| frame.insert(name, Column::Number(values.clone())).unwrap());
    frame
}

fn problem(formula: &str, frame: &Frame) -> Problem {
    prepare(formula, frame, &FitOptions::default()).unwrap().problem
}

fn run(formula: &str, frame: &Frame) -> Fit {
    fit(formula, frame, &FitOptions::default(), &|| false).unwrap_or_else(|e| panic!("{formula}: {e}")).0
}

/// Numbers in [0, 1) of a linear congruential generator.
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn whole(&mut self, least: i32, most: i32) -> f64 {
        f64::from(least) + (self.next() * f64::from(most - least + 1)).floor()
    }
}

/// Whether it is complete, how many trials it sets apart, and which coefficients are infinite.
type Verdict = (bool, f64, Vec<(usize, Direction)>);

/// What the extreme rays of {d : s x'd ≥ 0} say, for rows (1, x, z) of whole numbers: kinds, and directions per coefficient.
fn oracle(rows: &[([f64; 3], f64)]) -> Option<Verdict> {
    let cross =
        |a: &[f64; 3], b: &[f64; 3]| [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    let along = |row: &([f64; 3], f64), d: &[f64; 3]| row.1 * (0..3).map(|c| row.0[c] * d[c]).sum::<f64>();
    let mut rays: Vec<[f64; 3]> = Vec::new();
    for a in rows {
        for b in rows {
            for sign in [1.0, -1.0] {
                let d = cross(&a.0, &b.0).map(|x| sign * x);
                if d.iter().any(|x| *x != 0.0) && rows.iter().all(|row| along(row, &d) >= 0.0) {
                    rays.push(d);
                }
            }
        }
    }
    if rays.is_empty() {
        return None;
    }
    let strict = rows.iter().filter(|row| rays.iter().any(|d| along(row, d) > 0.0)).count();
    let direction = |c: usize| {
        let (up, down) = (rays.iter().any(|d| d[c] > 0.0), rays.iter().any(|d| d[c] < 0.0));
        match (up, down) {
            (true, true) => Some((c, Direction::Either)),
            (true, false) => Some((c, Direction::Up)),
            (false, true) => Some((c, Direction::Down)),
            (false, false) => None,
        }
    };
    Some((strict == rows.len(), strict as f64, (0..3).filter_map(direction).collect()))
}

#[test]
fn random_data_are_judged_as_by_their_extreme_directions() {
    let mut draws = Draws(11);
    let (mut none, mut quasi, mut complete, mut proved) = (0, 0, 0, 0);
    for _ in 0..1_500 {
        let n = 6 + draws.whole(0, 10) as usize;
        let x = (0..n).map(|_| draws.whole(-2, 2)).collect::<Vec<_>>();
        let z = (0..n).map(|_| draws.whole(0, 2)).collect::<Vec<_>>();
        let noise = if draws.next() < 0.5 { 1.0 } else { 4.0 };
        let y = (0..n).map(|i| f64::from(u8::from(x[i] - z[i] + 0.5 + noise * (draws.next() - 0.5) > 0.0)));
        let y = y.collect::<Vec<_>>();
        let frame = frame(&[("y", y.clone()), ("x", x.clone()), ("z", z.clone())]);
        let Ok(prepared) = prepare("y ~ x + z", &frame, &FitOptions::default()) else { continue };
        let problem = prepared.problem;
        if problem.coefficients() < 3 {
            continue;
        }
        let rows = (0..n).map(|i| ([1.0, x[i], z[i]], 2.0 * y[i] - 1.0)).collect::<Vec<_>>();
        let expected = oracle(&rows);
        let found = find_separation(&problem).map(|s| (s.complete, s.trials, s.coefficients));
        assert_eq!(found, expected, "{rows:?}");
        // The cheap proof never claims what is not so, and is seldom at a loss.
        let overlap = fit_plain(&problem, &|| false).unwrap().overlap;
        assert!(!overlap || expected.is_none());
        match &expected {
            None => {
                none += 1;
                proved += usize::from(overlap);
            }
            Some((true, ..)) => complete += 1,
            Some(_) => quasi += 1,
        }
    }
    assert!(none > 200 && quasi > 200 && complete > 200, "{none} {quasi} {complete}");
    assert_eq!(proved, none);
}

#[test]
fn one_odd_record_at_the_end_of_a_line() {
    // Every line that is above zero up to 7 and below it at 8 falls.
    let mut y = vec![1.0; 9];
    y[8] = 0.0;
    let frame = frame(&[("y", y), ("x", (0..9).map(f64::from).collect())]);
    let found = find_separation(&problem("y ~ x", &frame)).unwrap();
    assert!(found.complete && (found.trials - 9.0).abs() < 1e-12);
    assert_eq!(found.coefficients, [(0, Direction::Up), (1, Direction::Down)]);
}

#[test]
fn counts_offsets_and_weights_change_nothing() {
    let y = vec![0.0, 0.0, 2.0, 1.0, 5.0, 5.0];
    let columns = [
        ("y", y),
        ("m", vec![5.0; 6]),
        ("low", vec![1.0, 1.0, 0.0, 0.0, 0.0, 0.0]),
        ("high", vec![0.0, 0.0, 0.0, 0.0, 1.0, 1.0]),
        ("o", vec![9.0, -3.0, 0.0, 4.0, 1.0, -30.0]),
    ];
    let frame = frame(&columns);
    for formula in ["y / m ~ low + high", "y / m ~ low + high + offset(o)"] {
        let problem = problem(formula, &frame);
        assert!(!fit_plain(&problem, &|| false).unwrap().overlap);
        let found = find_separation(&problem).unwrap();
        let expected =
            Separation { complete: false, trials: 20.0, coefficients: vec![(1, Direction::Down), (2, Direction::Up)] };
        assert_eq!(found, expected);
    }
    let options = FitOptions { weights: Some(vec![0.3, 2.0, 1.0, 1.0, 0.1, 7.0]), ..FitOptions::default() };
    let weighted = prepare("y / m ~ low + high", &frame, &options).unwrap().problem;
    assert_eq!(find_separation(&weighted).unwrap().coefficients.len(), 2);
}

#[test]
fn covariates_of_any_scale_are_judged_alike() {
    let x = (0..40).map(|i| f64::from(i * 17 % 40)).collect::<Vec<_>>();
    for (centre, unit) in [(0.0, 1.0), (2_010.0, 1.0), (0.0, 1e9), (-5.0, 1e-3), (1e6, 10.0)] {
        let far = x.iter().map(|x| centre + unit * x).collect::<Vec<_>>();
        let apart = x.iter().map(|x| f64::from(u8::from(*x > 22.5))).collect::<Vec<_>>();
        let data = frame(&[("y", apart.clone()), ("x", far.clone())]);
        let found = find_separation(&problem("y ~ x", &data)).unwrap();
        assert!(found.complete && found.coefficients.contains(&(1, Direction::Up)), "{centre} {unit} {found:?}");
        let mut mixed = apart;
        let two = x.iter().position(|x| (*x - 2.0).abs() < 0.5).unwrap();
        mixed[two] = 1.0;
        let data = frame(&[("y", mixed), ("x", far)]);
        assert_eq!(find_separation(&problem("y ~ x", &data)), None, "{centre} {unit}");
        assert!(fit_plain(&problem("y ~ x", &data), &|| false).unwrap().overlap, "{centre} {unit}");
    }
}

#[test]
fn many_columns_and_records() {
    let mut draws = Draws(5);
    let n = 4_000;
    let columns = (0..20).map(|_| (0..n).map(|_| draws.next() - 0.5).collect::<Vec<_>>()).collect::<Vec<_>>();
    let names = (0..20).map(|c| format!("x{c}")).collect::<Vec<_>>();
    let sum = |i: usize| columns.iter().enumerate().map(|(c, x)| (c as f64 - 9.5) * x[i]).sum::<f64>();
    let apart = (0..n).map(|i| f64::from(u8::from(sum(i) > 0.0))).collect::<Vec<_>>();
    let mut crossed = apart.clone();
    let furthest = (0..n).max_by(|&a, &b| sum(a).total_cmp(&sum(b))).unwrap();
    crossed[furthest] = 0.0;
    let formula = format!("y ~ {}", names.join(" + "));
    for (y, expected) in [(apart, Some(21)), (crossed, None)] {
        let mut data = frame(&[("y", y)]);
        for (name, x) in names.iter().zip(&columns) {
            data.insert(name, Column::Number(x.clone())).unwrap();
        }
        let found = find_separation(&problem(&formula, &data));
        assert_eq!(found.map(|s| s.coefficients.len()), expected);
    }
}

#[test]
fn a_fit_with_groups_says_which_coefficients_are_infinite() {
    // Two covariates, neither of which has an empty cell: only together do they separate.
    let n = 120;
    let a = (0..n).map(|i| f64::from(i % 2)).collect::<Vec<_>>();
    let b = (0..n).map(|i| f64::from(i / 2 % 2)).collect::<Vec<_>>();
    let y = (0..n as usize).map(|i| match (a[i] > 0.5, b[i] > 0.5) {
        (true, true) => 1.0,
        (false, false) => 0.0,
        _ => f64::from(u8::from((i * 7 + i / 9) % 5 < 2)),
    });
    let mut data = frame(&[("y", y.collect()), ("a", a.clone()), ("b", b.clone())]);
    data.insert("g", Column::from_text(&(0..n).map(|i| format!("g{}", i / 12)).collect::<Vec<_>>())).unwrap();
    let fit = run("y ~ a * b + (1 | g)", &data);
    let found = fit.separation.as_ref().unwrap();
    assert!(!found.complete);
    let directions = found.coefficients.iter().map(|(c, d)| (fit.design.names[*c].as_str(), *d)).collect::<Vec<_>>();
    // The cell a = b = 0 sets the intercept at −∞, so a and b alone go to +∞; the last cell then asks nothing of the sign of a:b.
    assert_eq!(
        directions,
        [("(Intercept)", Direction::Down), ("a", Direction::Up), ("b", Direction::Up), ("a:b", Direction::Either)]
    );
    assert_eq!(fit.diverging, [0, 1, 2, 3]);
    assert!(fit.one_sided_cells().is_empty() && fit.findings.iter().any(|f| f.slug == "separation"));
    // Without the product the three coefficients are bound together: their ratios are known, their size is not.
    let fit = run("y ~ a + b + (1 | g)", &data);
    let found = fit.separation.as_ref().unwrap();
    assert_eq!(found.coefficients, [(0, Direction::Down), (1, Direction::Up), (2, Direction::Up)]);
    assert_eq!(fit.diverging, [0, 1, 2]);
}

#[test]
fn groups_can_separate_what_covariates_do_not() {
    let n = 60;
    let y = (0..n).map(|i| f64::from(i / 10 % 2)).collect::<Vec<_>>();
    let mut data = frame(&[("y", y), ("x", (0..n).map(|i| f64::from(i % 10)).collect())]);
    data.insert("g", Column::from_text(&(0..n).map(|i| format!("g{}", i / 10)).collect::<Vec<_>>())).unwrap();
    let problem = problem("y ~ x + (1 | g)", &data);
    assert_eq!(find_separation(&problem), None);
    let mut options = FitOptions::default();
    options.settings.penalty = Penalty::Jeffreys;
    options.settings.points = Points::Fixed(1);
    let penalised = fit("y ~ x + (1 | g)", &data, &options, &|| false).unwrap().0;
    assert!(penalised.converged && penalised.theta[0] < 100.0 && penalised.separation.is_none());
}

#[test]
fn a_model_without_coefficients_has_nothing_to_separate() {
    let n = 40;
    let mut data = frame(&[("y", (0..n).map(|i| f64::from(u8::from((i * 7) % 10 < 4))).collect())]);
    data.insert("g", Column::from_text(&(0..n).map(|i| format!("g{}", i / 5)).collect::<Vec<_>>())).unwrap();
    assert_eq!(find_separation(&problem("y ~ 0 + (1 | g)", &data)), None);
    let mut options = FitOptions::default();
    options.settings.penalty = Penalty::Jeffreys;
    let penalised = fit("y ~ 0 + (1 | g)", &data, &options, &|| false).unwrap().0;
    let plain = run("y ~ 0 + (1 | g)", &data);
    assert!((penalised.log_likelihood - plain.log_likelihood).abs() < 1e-9);
}
