//! Nested quadrature against slow oracles: value, gradient and Hessian on two and three levels of groups.

#[path = "../drawn/mod.rs"]
mod drawn;
mod plain;

use drawn::{at, insert_numbers, noise, parameters};
use melogit::coding::{Column, Frame};
use melogit::likelihood::{Curvature, Mode, Problem, Quadrature, gradient, hessian};
use melogit::model::{FitOptions, Prepared, fit, prepare};
use melogit::settings::Points;
use plain::{Plain, hermite};

/// 90 records of one to four visits of patients (s) in wards (m) in hospitals (c), with numbers x and t, counts e out of n,
/// weights w. The records are in no order, and patients are named without their ward.
fn frame() -> Frame {
    let mut units = Vec::new();
    for c in 0..5 {
        for m in 0..2 + c % 3 {
            for s in 0..2 + (c + m) % 3 {
                let size = 1 + (c + 2 * m + 3 * s) % 4;
                units.extend((0..size).map(|_| (c, 10 * c + m, 100 * c + 10 * m + s)));
            }
        }
    }
    let rows = units.len();
    let unit = |i: usize| units[(i * 37 + 11) % rows];
    let mut frame = Frame::new(rows);
    let text = |of: &dyn Fn(usize) -> usize| {
        Column::from_text(&(0..rows).map(|i| format!("u{:03}", (of(i) * 7) % 1_000)).collect::<Vec<_>>())
    };
    frame.insert("c", text(&|i| unit(i).0)).unwrap();
    frame.insert("m", text(&|i| unit(i).1)).unwrap();
    frame.insert("s", text(&|i| unit(i).2)).unwrap();
    insert_numbers(&mut frame, |i| {
        let (c, m, s) = unit(i);
        1.5 * (noise(c, 20) + noise(m, 21) + 2.0 * noise(s, 22) - 2.0)
    });
    frame
}

/// Formulas, and whether the records are weighted.
const MODELS: [(&str, bool); 8] = [
    ("y ~ x + (1 | m) + (1 | s)", false),
    ("e / n ~ x + offset(t) + (1 | c/m)", false),
    ("y ~ x + (1 + x | c) + (1 | s)", true),
    ("e / n ~ 1 + (1 | c) + (1 + x | m)", false),
    ("y ~ 0 + offset(t) + (x || c) + (0 + x | m)", false),
    ("y ~ x + (1 | c/m/s)", false),
    ("e / n ~ x + (1 + x | c) + (1 | m) + (0 + x | s)", false),
    ("y ~ 1 + (1 | c) + (1 + x + t || s)", false),
];

fn problem(model: (&str, bool), points: usize) -> Problem {
    drawn::problem(&frame(), model, points, 20)
}

#[test]
fn the_value_is_that_of_the_definition() {
    for model in MODELS {
        for (points, size) in [(2, 0.8), (3, 6.0), (2, 1e-3)] {
            let problem = problem(model, points);
            let (beta, theta) = parameters(&problem, size);
            let fast = at(&problem, &beta, &theta).deviance;
            let slow = Plain::new(&problem, &beta, &theta, hermite(points)).deviance();
            assert!((fast - slow).abs() < 1e-8, "{model:?}, {points} points, size {size}: {fast} {slow}");
        }
    }
}

#[test]
fn the_value_comes_near_the_integral_as_points_grow() {
    for model in [MODELS[0], MODELS[1]] {
        let (beta, theta) = parameters(&problem(model, 1), 1.5);
        let exact = Plain::new(&problem(model, 1), &beta, &theta, Vec::new()).grid_deviance(0.1);
        let gaps = [1, 5, 15, 40].map(|points| (at(&problem(model, points), &beta, &theta).deviance - exact).abs());
        assert!(gaps.windows(2).all(|pair| pair[1] < pair[0]), "{model:?}: {gaps:?}");
        assert!(gaps[3] < 1e-5, "{model:?}: {gaps:?}");
    }
}

fn near(a: &[f64], b: &[f64], bound: f64, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (k, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= bound * (1.0 + b.abs()), "{what}, {k}: {a} {b}");
    }
}

#[test]
fn one_point_is_laplace() {
    for model in MODELS {
        let quadrature = problem(model, 1);
        let mut laplace = quadrature.clone();
        laplace.quadrature = None;
        let (beta, theta) = parameters(&laplace, 0.8);
        let (one, exact) = (at(&quadrature, &beta, &theta), at(&laplace, &beta, &theta));
        assert!((one.deviance - exact.deviance).abs() < 1e-10, "{model:?}");
        let (one_gradient, exact_gradient) = (gradient(&quadrature, &one), gradient(&laplace, &exact));
        near(&one_gradient.value, &exact_gradient.value, 1e-9, &format!("{model:?}, gradient"));
        let of = |p: &Problem, m: &Mode, g| hessian(p, m, g, Curvature::Exact);
        let (one, exact) = (of(&quadrature, &one, &one_gradient), of(&laplace, &exact, &exact_gradient));
        for k in 0..quadrature.parameters() {
            for l in 0..quadrature.parameters() {
                let scale = (exact.hessian[(k, k)] * exact.hessian[(l, l)]).abs().sqrt();
                let gap = (one.hessian[(k, l)] - exact.hessian[(k, l)]).abs();
                assert!(gap < 1e-4 * scale, "{model:?}, {k} {l}: {gap} of {scale}");
            }
        }
    }
}

/// Central difference of fourth order of D along parameter `k`.
fn central(problem: &Problem, beta: &[f64], theta: &[f64], k: usize) -> f64 {
    let h = 1e-3;
    let d = |by: f64| {
        let mut point = [beta, theta].concat();
        point[k] += by;
        at(problem, &point[..beta.len()], &point[beta.len()..]).deviance
    };
    (8.0 * (d(h) - d(-h)) - (d(2.0 * h) - d(-2.0 * h))) / (12.0 * h)
}

#[test]
fn the_gradient_is_that_of_central_differences() {
    for model in MODELS {
        for (points, size) in [(2, 0.8), (3, 0.8), (4, 0.0), (3, 1e-3), (4, 6.0)] {
            let problem = problem(model, points);
            let (beta, theta) = parameters(&problem, size);
            let exact = gradient(&problem, &at(&problem, &beta, &theta)).value;
            let differences =
                (0..problem.parameters()).map(|k| central(&problem, &beta, &theta, k)).collect::<Vec<_>>();
            near(&exact, &differences, 1e-7, &format!("{model:?}, {points} points, size {size}"));
        }
    }
}

fn prepared(formula: &str, frame: &Frame) -> Prepared {
    prepare(formula, frame, &FitOptions::default()).unwrap_or_else(|e| panic!("{formula}: {e}"))
}

fn deviance(formula: &str, frame: &Frame, points: usize, beta: &[f64], theta: &[f64]) -> f64 {
    let mut problem = prepared(formula, frame).problem;
    problem.quadrature = Quadrature::new(points, &problem);
    assert!(problem.quadrature.is_some(), "{formula}");
    at(&problem, beta, theta).deviance
}

#[test]
fn without_variance_at_one_level_the_other_is_alone() {
    let frame = frame();
    for points in [3, 7] {
        let one = deviance("y ~ x + (1 | s)", &frame, points, &[0.3, -0.2], &[1.4]);
        let two = deviance("y ~ x + (1 | m) + (1 | s)", &frame, points, &[0.3, -0.2], &[1.4, 0.0]);
        assert!((one - two).abs() < 1e-10, "{points}: {one} {two}");
        let one = deviance("y ~ x + (1 | m)", &frame, points, &[0.3, -0.2], &[1.4]);
        let two = deviance("y ~ x + (1 | m) + (1 | s)", &frame, points, &[0.3, -0.2], &[0.0, 1.4]);
        assert!((one - two).abs() < 1e-10, "{points}: {one} {two}");
    }
}

#[test]
fn one_child_per_parent_adds_variances() {
    let mut frame = frame();
    let Column::Factor { codes, levels, .. } = frame.get("s").unwrap().clone() else { unreachable!() };
    let twin = codes.iter().map(|&c| format!("t{}", levels[c as usize])).collect::<Vec<_>>();
    frame.insert("twin", Column::from_text(&twin)).unwrap();
    let one = deviance("y ~ x + (1 | s)", &frame, 40, &[0.3, -0.2], &[1.3]);
    let two = deviance("y ~ x + (1 | s) + (1 | twin)", &frame, 40, &[0.3, -0.2], &[1.2, 0.5]);
    assert!((one - two).abs() < 1e-7, "{one} {two}");
}

#[test]
fn order_and_names_change_nothing_and_outcomes_only_signs() {
    let plain = frame();
    let rows = plain.rows();
    let order = (0..rows).map(|i| (i * 53 + 7) % rows).collect::<Vec<_>>();
    let mut shuffled = Frame::new(rows);
    for name in ["c", "m", "s"] {
        let Column::Factor { codes, levels, .. } = plain.get(name).unwrap().clone() else { unreachable!() };
        // Read backwards, so that the order of the levels changes too.
        let named = order.iter().map(|&i| levels[codes[i] as usize].chars().rev().collect::<String>());
        shuffled.insert(name, Column::from_text(&named.collect::<Vec<_>>())).unwrap();
    }
    for name in ["x", "t", "n", "e"] {
        let Column::Number(v) = plain.get(name).unwrap().clone() else { unreachable!() };
        shuffled.insert(name, Column::Number(order.iter().map(|&i| v[i]).collect())).unwrap();
    }
    let (Column::Number(e), Column::Number(n)) = (plain.get("e").unwrap().clone(), plain.get("n").unwrap().clone())
    else {
        unreachable!()
    };
    let mut flipped = plain.clone();
    flipped.insert("e", Column::Number(n.iter().zip(&e).map(|(n, e)| n - e).collect())).unwrap();
    for (formula, theta) in [
        ("e / n ~ x + (1 | c/m/s)", vec![1.5, 0.7, 0.4]),
        ("e / n ~ x + (1 + x | c) + (1 | s)", vec![1.5, 0.7, 0.2, 0.4]),
    ] {
        let first = deviance(formula, &plain, 3, &[0.3, -0.2], &theta);
        let second = deviance(formula, &shuffled, 3, &[0.3, -0.2], &theta);
        let third = deviance(formula, &flipped, 3, &[-0.3, 0.2], &theta);
        assert!((first - second).abs() < 1e-9, "{formula}: {first} {second}");
        assert!((first - third).abs() < 1e-9, "{formula}: {first} {third}");
    }
}

#[test]
fn the_value_is_even_in_every_column_of_lambda() {
    for model in MODELS {
        let problem = problem(model, 2);
        let (beta, theta) = parameters(&problem, 0.8);
        let straight = at(&problem, &beta, &theta).deviance;
        for d in &problem.theta.entries {
            let mut flipped = theta.clone();
            let same = |e: &melogit::random::ThetaEntry| e.grouping == d.grouping && e.column == d.column;
            problem.theta.entries.iter().zip(&mut flipped).filter(|(e, _)| same(e)).for_each(|(_, t)| *t = -*t);
            let gap = at(&problem, &beta, &flipped).deviance - straight;
            assert!(gap.abs() < 1e-9, "{model:?}, {d:?}: {gap}");
        }
    }
}

#[test]
fn threads_do_not_change_a_bit() {
    let bits = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let problem = problem(MODELS[2], 4);
            let (beta, theta) = parameters(&problem, 0.8);
            let mode = at(&problem, &beta, &theta);
            let gradient = gradient(&problem, &mode);
            let curved = hessian(&problem, &mode, &gradient, Curvature::Exact);
            let numbers = [&[mode.deviance], gradient.value.as_slice(), curved.hessian.as_slice()].concat();
            numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>()
        })
    };
    assert!(bits(1) == bits(2) && bits(1) == bits(3));
}

/// Pairs of visits, and single ones, of patients in 30 wards; patients differ so much that most answer alike.
fn extreme() -> Frame {
    let mut units = Vec::new();
    for ward in 0..30 {
        for patient in 0..8 {
            units.extend((0..=(ward + patient) % 2).map(|_| (ward, 100 * ward + patient)));
        }
    }
    let rows = units.len();
    let mut frame = Frame::new(rows);
    let text = |of: &dyn Fn(usize) -> usize| {
        Column::from_text(&(0..rows).map(|i| format!("u{:04}", of(i))).collect::<Vec<_>>())
    };
    frame.insert("ward", text(&|i| units[i].0)).unwrap();
    frame.insert("patient", text(&|i| units[i].1)).unwrap();
    let x = |i: usize| 2.0 * noise(i, 4) - 1.0;
    let eta = |i: usize| 1.5 * x(i) + 12.0 * (2.0 * noise(units[i].1, 21) - 1.0) + 4.0 * (noise(units[i].0, 20) - 0.5);
    let y = |i: usize| f64::from(u8::from(noise(i, 7) < 1.0 / (1.0 + (-eta(i)).exp())));
    frame.insert("x", Column::Number((0..rows).map(x).collect())).unwrap();
    frame.insert("y", Column::Number((0..rows).map(y).collect())).unwrap();
    frame
}

#[test]
fn large_variances_and_tiny_groups_survive() {
    let frame = extreme();
    let mut problem = prepared("y ~ x + (1 | ward) + (1 | patient)", &frame).problem;
    // Variances of 36, 900 and 10,000. Rules approach the integral over a step ever more slowly, but none fails.
    for (size, points, bound) in [(6.0, [25, 100], 0.1), (30.0, [60, 100], 1.0), (100.0, [60, 100], 10.0)] {
        let ends = points.map(|points| {
            problem.quadrature = Quadrature::new(points, &problem);
            let mode = at(&problem, &[0.2, 1.0], &[size, 1.0]);
            assert!(gradient(&problem, &mode).value.iter().all(|g| g.is_finite()), "{size}, {points} points");
            mode.deviance
        });
        assert!((ends[0] - ends[1]).abs() < bound, "{size}: {ends:?}");
    }
    for points in [Points::Fixed(12), Points::Auto] {
        let mut options = FitOptions::default();
        options.settings.points = points;
        let fit = fit("y ~ x + (1 | ward) + (1 | patient)", &frame, &options, &|| false).unwrap().0;
        assert!(fit.converged, "{points:?}: {:?}", fit.findings);
        assert!(fit.theta[0] > 3.0, "{points:?}: {:?}", fit.theta);
    }
}

#[test]
fn what_is_no_chain_has_no_rule() {
    let frame = frame();
    let defined = |formula: &str, points: usize| Quadrature::new(points, &prepared(formula, &frame).problem).is_some();
    let mut crossed = frame.clone();
    let other = (0..frame.rows()).map(|i| format!("o{}", i % 4)).collect::<Vec<_>>();
    crossed.insert("o", Column::from_text(&other)).unwrap();
    assert!(Quadrature::new(3, &prepared("y ~ x + (1 | s) + (1 | o)", &crossed).problem).is_none());
    assert!(Quadrature::new(3, &prepared("y ~ x + (1 | c/m) + (1 | o)", &crossed).problem).is_none());
    assert!(defined("y ~ x + (1 | m) + (1 | s)", 100) && !defined("y ~ x + (1 | m) + (1 | s)", 101));
    assert!(defined("y ~ x + (1 | c/m/s)", 21) && !defined("y ~ x + (1 | c/m/s)", 22));
    assert!(!defined("y ~ x + (1 + x + t + n | c) + (1 | s)", 2));
}
