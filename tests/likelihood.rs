//! Value, gradient and Hessian of the Laplace deviance against slow oracles, on every structure the kernels know.

use melogit::coding::{Column, Frame};
use melogit::likelihood::{Curvature, LAST_STEP_GAIN, Mode, Problem, find_mode, gradient, hessian};
use melogit::model::{FitOptions, Prepared, prepare};
use nalgebra::{DMatrix, DVector};

/// A small generator, so that tests need no crate and never change: splitmix64 (Steele et al. 2014).
struct Draws(u64);

impl Draws {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() * n as f64) as usize
    }
}

/// 240 records: factors f and h, numbers x and t, groups a (20), b (7), c within b, k (30) and l crossed along a chain, counts e
/// out of n.
fn frame() -> Frame {
    let mut draws = Draws(11);
    let rows = 240;
    let mut frame = Frame::new(rows);
    let group = |draws: &mut Draws, n: usize| (0..rows).map(|_| draws.below(n)).collect::<Vec<_>>();
    let (a, b, f, h) = (group(&mut draws, 20), group(&mut draws, 7), group(&mut draws, 4), group(&mut draws, 3));
    let c = (0..rows).map(|i| b[i] * 4 + draws.below(4)).collect::<Vec<_>>();
    let text = |codes: &[usize]| Column::from_text(&codes.iter().map(|k| format!("{k:02}")).collect::<Vec<_>>());
    for (name, codes) in [("a", &a), ("b", &b), ("c", &c), ("f", &f), ("h", &h)] {
        frame.insert(name, text(codes)).unwrap();
    }
    let x = (0..rows).map(|_| draws.next() * 2.0 - 1.0).collect::<Vec<_>>();
    let n = (0..rows).map(|_| 1.0 + draws.below(5) as f64).collect::<Vec<_>>();
    let eta = |i: usize| {
        0.4 * x[i] + 0.3 * f[i] as f64 - 0.5 + 0.8 * ((a[i] * 7 % 5) as f64 - 2.0) / 2.0 + 0.2 * b[i] as f64 - 0.6
    };
    let event = |draws: &mut Draws, i: usize| f64::from(u8::from(draws.next() < 1.0 / (1.0 + (-eta(i)).exp())));
    let y = (0..rows).map(|i| event(&mut draws, i)).collect::<Vec<_>>();
    let e = (0..rows).map(|i| (0..n[i] as usize).map(|_| event(&mut draws, i)).sum()).collect::<Vec<f64>>();
    let t = x.iter().map(|x| x * 0.3).collect();
    // Level i of k meets levels i and i + 1 of l: a band, whose factor is sparse.
    let k = (0..rows).map(|i| i / 8).collect::<Vec<_>>();
    let l = k.iter().map(|k| (k + draws.below(2)).min(29)).collect::<Vec<_>>();
    frame.insert("k", text(&k)).unwrap();
    frame.insert("l", text(&l)).unwrap();
    for (name, values) in [("x", x), ("t", t), ("n", n), ("y", y), ("e", e)] {
        frame.insert(name, Column::Number(values)).unwrap();
    }
    frame
}

const FORMULAS: [&str; 14] = [
    "y ~ x + f + (1 | a)",
    "e / n ~ x * f + (1 | a)",
    "y ~ x + f + offset(t) + (1 | a)",
    "y ~ x + (1 + x | a)",
    "y ~ f + (0 + f | a)",
    "y ~ x + (1 | a) + (0 + x | a)",
    "y ~ f + h + (1 | a) + (1 | b)",
    "e / n ~ x + (1 | b/c)",
    "y ~ x + (1 + x | a) + (1 + h | b)",
    "y ~ x + (1 + x || a) + (1 | b) + (1 | c)",
    "y ~ 0 + (1 + x | a)",
    "y ~ x + (1 | k) + (1 | l)",
    "e / n ~ x + (1 | b/c) + (1 + x | l) + (1 | k)",
    "y ~ x + (1 + x | k) + (1 + x | l)",
];

/// Prepared, then cut into pieces of 40 records, so that the seams between pieces are tested too.
fn prepared(formula: &str) -> Prepared {
    let mut prepared = prepare(formula, &frame(), &FitOptions::default()).unwrap_or_else(|e| panic!("{formula}: {e}"));
    let p = &prepared.problem;
    prepared.problem =
        Problem::new(p.outcome.clone(), p.offset.clone(), p.x.clone(), p.groupings.clone(), p.theta.clone(), 40)
            .unwrap();
    assert!(prepared.problem.layout.pieces.len() > 1);
    prepared
}

/// Parameters off the optimum, where nothing cancels.
fn parameters(problem: &Problem) -> (Vec<f64>, Vec<f64>) {
    let beta = (0..problem.coefficients()).map(|k| 0.3 * (k as f64 + 1.0).sin()).collect();
    let entries = problem.theta.entries.iter().enumerate();
    let theta =
        entries.map(|(k, e)| if e.row == e.column { 0.7 + 0.1 * k as f64 } else { -0.3 + 0.05 * k as f64 }).collect();
    (beta, theta)
}

fn at(problem: &Problem, beta: &[f64], theta: &[f64]) -> Mode {
    find_mode(problem, beta, theta, &vec![0.0; problem.layout.effects()], LAST_STEP_GAIN, &|| false).unwrap()
}

/// D(β, θ) by dense matrices, written straight from the definition.
fn dense_deviance(problem: &Problem, beta: &[f64], theta: &[f64]) -> f64 {
    let n = problem.rows();
    let lambda = problem.theta.lambda(theta);
    let starts = problem.groupings.iter().scan(0, |next, g| {
        let start = *next;
        *next += g.levels * g.width;
        Some(start)
    });
    let starts = starts.collect::<Vec<_>>();
    let q: usize = problem.groupings.iter().map(|g| g.levels * g.width).sum();
    let mut m = DMatrix::<f64>::zeros(n, q);
    for (g, grouping) in problem.groupings.iter().enumerate() {
        for i in 0..n {
            for b in 0..grouping.width {
                let column = starts[g] + grouping.codes[i] as usize * grouping.width + b;
                m[(i, column)] =
                    (0..grouping.width).map(|a| problem.z(g, i, a) * lambda.0[g][a * grouping.width + b]).sum();
            }
        }
    }
    let mut row = vec![0.0; problem.coefficients()];
    let fixed = DVector::from_fn(n, |i, _| {
        problem.x.write_row(problem.x.pattern(i), &mut row);
        row.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>() + problem.offset.as_ref().map_or(0.0, |o| o[i])
    });
    let (y, trials) = (&problem.outcome.successes, &problem.outcome.trials);
    let mut u = DVector::<f64>::zeros(q);
    for _ in 0..60 {
        let p = (&fixed + &m * &u).map(|eta| 1.0 / (1.0 + (-eta).exp()));
        let g = DVector::from_fn(n, |i, _| y[i] - trials[i] * p[i]);
        let w = DVector::from_fn(n, |i, _| trials[i] * p[i] * (1.0 - p[i]));
        let a = m.transpose() * DMatrix::from_diagonal(&w) * &m + DMatrix::identity(q, q);
        u += a.cholesky().unwrap().solve(&(m.transpose() * g - &u));
    }
    let eta = &fixed + &m * &u;
    let w = DVector::from_fn(n, |i, _| {
        let p = 1.0 / (1.0 + (-eta[i]).exp());
        trials[i] * p * (1.0 - p)
    });
    let a = m.transpose() * DMatrix::from_diagonal(&w) * &m + DMatrix::identity(q, q);
    let log_det = 2.0 * a.cholesky().unwrap().l().diagonal().map(f64::ln).sum();
    let log_likelihood: f64 = (0..n).map(|i| y[i] * eta[i] - trials[i] * (1.0 + eta[i].exp()).ln()).sum();
    -2.0 * log_likelihood + u.norm_squared() + log_det
}

#[test]
fn the_value_is_that_of_dense_matrices() {
    for formula in FORMULAS {
        let problem = prepared(formula).problem;
        let (beta, theta) = parameters(&problem);
        let (fast, slow) = (at(&problem, &beta, &theta).deviance, dense_deviance(&problem, &beta, &theta));
        assert!((fast - slow).abs() < 1e-9, "{formula}: {fast} {slow}");
    }
}

#[test]
fn the_gradient_is_that_of_central_differences() {
    for formula in FORMULAS {
        let problem = prepared(formula).problem;
        let (beta, theta) = parameters(&problem);
        let exact = gradient(&problem, &at(&problem, &beta, &theta)).value;
        for k in 0..problem.parameters() {
            let difference = central(&beta, &theta, k, |b, t| vec![at(&problem, b, t).deviance])[0];
            assert!((exact[k] - difference).abs() < 2e-6, "{formula}, parameter {k}: {} {difference}", exact[k]);
        }
    }
}

#[test]
fn the_hessian_is_that_of_central_differences() {
    for formula in FORMULAS {
        check_hessian(formula, &prepared(formula).problem);
    }
}

/// 600 levels by 500 by 9, crossed at random: a Schur complement beyond the size that is kept in rows of directions.
#[test]
fn the_hessian_of_a_large_complement_is_that_of_central_differences() {
    let mut draws = Draws(5);
    let rows = 2_400;
    let mut frame = Frame::new(rows);
    for (name, levels) in [("g", 600), ("h", 500), ("k", 9)] {
        let codes = (0..rows).map(|_| format!("{:03}", draws.below(levels))).collect::<Vec<_>>();
        frame.insert(name, Column::from_text(&codes)).unwrap();
    }
    let x = (0..rows).map(|_| draws.next() * 2.0 - 1.0).collect::<Vec<_>>();
    frame
        .insert("y", Column::Number(x.iter().map(|x| f64::from(u8::from(draws.next() < 0.5 + 0.3 * x))).collect()))
        .unwrap();
    frame.insert("x", Column::Number(x)).unwrap();
    let formula = "y ~ x + (1 + x | g) + (1 | h) + (1 | k)";
    let problem = prepare(formula, &frame, &FitOptions::default()).unwrap().problem;
    let (places, notes) = (problem.layout.fronts.len(), 4 * problem.layout.columns.len() + problem.layout.cell_count());
    assert!(
        places > 65_536 && notes < places,
        "{places} places, {notes} notes: the test no longer reaches the large case"
    );
    check_hessian(formula, &problem);
}

fn check_hessian(formula: &str, problem: &Problem) {
    let (beta, theta) = parameters(problem);
    let mode = at(problem, &beta, &theta);
    let exact = hessian(problem, &mode, &gradient(problem, &mode), Curvature::Exact).hessian;
    for k in 0..problem.parameters() {
        let column = central(&beta, &theta, k, |b, t| gradient(problem, &at(problem, b, t)).value);
        for (l, difference) in column.iter().enumerate() {
            let gap = (exact[(k, l)] - difference).abs();
            assert!(gap < 1e-6 * (1.0 + difference.abs()), "{formula}, ({k}, {l}): {} {difference}", exact[(k, l)]);
        }
    }
}

/// Central difference of a function of (β, θ) along parameter `k`.
fn central(beta: &[f64], theta: &[f64], k: usize, f: impl Fn(&[f64], &[f64]) -> Vec<f64>) -> Vec<f64> {
    let h = 1e-5;
    let shifted = |by: f64| {
        let (mut b, mut t) = (beta.to_vec(), theta.to_vec());
        if k < b.len() {
            b[k] += by;
        } else {
            t[k - beta.len()] += by;
        }
        f(&b, &t)
    };
    let (up, down) = (shifted(h), shifted(-h));
    up.iter().zip(&down).map(|(u, d)| (u - d) / (2.0 * h)).collect()
}

#[test]
fn the_kernel_for_one_intercept_agrees_with_the_general_one() {
    for formula in &FORMULAS[..3] {
        let scalar = prepared(formula).problem;
        let mut general = scalar.clone();
        general.groupings[0].z = Some(vec![1.0; general.rows()]);
        assert!(scalar.is_scalar() && !general.is_scalar());
        let (beta, theta) = parameters(&scalar);
        let (fast, slow) = (at(&scalar, &beta, &theta), at(&general, &beta, &theta));
        let (fast_gradient, slow_gradient) = (gradient(&scalar, &fast), gradient(&general, &slow));
        assert!((fast.deviance - slow.deviance).abs() < 1e-10);
        let gap = fast_gradient.value.iter().zip(&slow_gradient.value).map(|(a, b)| (a - b).abs());
        assert!(gap.fold(0.0, f64::max) < 1e-10);
        let fast = hessian(&scalar, &fast, &fast_gradient, Curvature::Exact);
        let slow = hessian(&general, &slow, &slow_gradient, Curvature::Exact);
        assert!((fast.hessian - slow.hessian).amax() < 1e-9);
        let gap = fast.moves.iter().zip(&slow.moves).map(|(a, b)| (a - b).abs());
        assert!(gap.fold(0.0, f64::max) < 1e-11);
    }
}

#[test]
fn a_variance_of_zero_is_the_plain_logistic_likelihood() {
    let problem = prepared("y ~ x + f + (1 | a) + (1 | b)").problem;
    let (beta, _) = parameters(&problem);
    let mode = at(&problem, &beta, &[0.0, 0.0]);
    let plain = prepared("y ~ x + f").problem;
    let alone = at(&plain, &beta, &[]);
    assert!((mode.deviance - alone.deviance).abs() < 1e-10);
    let slope = gradient(&problem, &mode).value;
    assert!(slope[problem.coefficients()..].iter().all(|g| g.abs() < 1e-12), "D is even in θ");
}

#[test]
fn the_metric_differs_from_the_hessian_in_the_trace_of_coefficients_only() {
    let problem = prepared("y ~ f + h + (1 | a) + (1 | b)").problem;
    let (beta, theta) = parameters(&problem);
    let mode = at(&problem, &beta, &theta);
    let slope = gradient(&problem, &mode);
    let exact = hessian(&problem, &mode, &slope, Curvature::Exact).hessian;
    let metric = hessian(&problem, &mode, &slope, Curvature::Metric).hessian;
    let p = problem.coefficients();
    let corner = |h: &DMatrix<f64>| h.view((p, p), (2, 2)).into_owned();
    assert!((corner(&exact) - corner(&metric)).amax() < 1e-10);
    assert!((&exact - &metric).amax() > 1e-6);
}

#[test]
fn a_nested_chain_needs_no_dense_matrix() {
    let rows = 12_000;
    let name = |k: usize| format!("{k:05}");
    let column = |size: usize| Column::from_text(&(0..rows).map(|i| name(i / size)).collect::<Vec<_>>());
    let mut frame = Frame::new(rows);
    for (name, size) in [("patient", 2), ("practice", 4), ("region", 400)] {
        frame.insert(name, column(size)).unwrap();
    }
    frame.insert("y", Column::Number((0..rows).map(|i| ((i * i) % 3 % 2) as f64).collect())).unwrap();
    let formula = "y ~ 1 + (1 | patient) + (1 | practice) + (1 | region)";
    let layout = prepare(formula, &frame, &FitOptions::default()).unwrap().problem.layout;
    assert_eq!(layout.trailing, 3_030);
    assert!(layout.fronts.len() < 10 * layout.trailing, "{} numbers", layout.fronts.len());
}
