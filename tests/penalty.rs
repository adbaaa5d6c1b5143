//! Jeffreys' penalty against a dense oracle and central differences, for every kernel that a problem can have.

use melogit::coding::{Column, Frame};
use melogit::likelihood::{Curvature, LAST_STEP_GAIN, Mode, Problem, Quadrature, find_mode, gradient, hessian};
use melogit::model::{FitOptions, prepare};
use melogit::settings::Penalty;
use nalgebra::{DMatrix, DVector};

/// 72 records in 9 groups crossed with 4 others, and 18 smaller ones inside the 9.
fn frame() -> Frame {
    let rows = 72;
    let mut frame = Frame::new(rows);
    let mut number = |name: &str, f: &dyn Fn(usize) -> f64| {
        frame.insert(name, Column::Number((0..rows).map(f).collect())).unwrap();
    };
    number("y", &|i| f64::from(u8::from((i * 7 + i / 5) % 10 < 3 + (i / 8) % 5)));
    number("m", &|i| 3.0 + (i % 3) as f64);
    number("k", &|i| ((i * 5 + i / 7) % 4) as f64);
    number("x", &|i| ((i * 5) % 11) as f64 / 5.0 - 1.0);
    number("z", &|i| ((i * 3) % 7) as f64 / 3.0 - 1.0);
    number("o", &|i| ((i * 2) % 5) as f64 / 10.0);
    let text = |f: &dyn Fn(usize) -> String| Column::from_text(&(0..rows).map(f).collect::<Vec<_>>());
    frame.insert("g", text(&|i| format!("g{}", i / 8))).unwrap();
    frame.insert("s", text(&|i| format!("s{}", i / 4))).unwrap();
    frame.insert("h", text(&|i| format!("h{}", (i * 3 + i / 8) % 4))).unwrap();
    frame
}

struct Case {
    formula: &'static str,
    beta: &'static [f64],
    theta: &'static [f64],
    points: usize,
}

const CASES: [Case; 8] = [
    Case { formula: "y ~ x + z", beta: &[-0.4, 0.8, -1.1], theta: &[], points: 1 },
    Case { formula: "y ~ x + z + offset(o) + (1 | g)", beta: &[-0.4, 0.8, -1.1], theta: &[0.7], points: 1 },
    Case { formula: "k / m ~ x + (1 + z | g)", beta: &[0.3, -0.5], theta: &[0.8, 0.2, 0.5], points: 1 },
    Case { formula: "y ~ x + (1 | g) + (1 | h)", beta: &[0.3, -0.5], theta: &[0.8, -0.6], points: 1 },
    Case { formula: "y ~ x + z + (1 | g)", beta: &[-0.4, 0.8, -1.1], theta: &[1.2], points: 7 },
    Case { formula: "y ~ x + (0 + x | g)", beta: &[0.1, 0.4], theta: &[0.9], points: 5 },
    Case { formula: "y ~ x + z + (1 | g) + (1 | s)", beta: &[-0.4, 0.8, -1.1], theta: &[0.6, 0.9], points: 5 },
    Case { formula: "k / m ~ x + (1 + z | g) + (1 | s)", beta: &[0.3, -0.5], theta: &[0.7, 0.8, 0.2, 0.5], points: 3 },
];

impl Case {
    fn problem(&self) -> Problem {
        let mut problem = prepare(self.formula, &frame(), &FitOptions::default()).unwrap().problem;
        problem.penalty = Penalty::Jeffreys;
        if self.points > 1 {
            problem.quadrature = Some(Quadrature::new(self.points, &problem).unwrap());
        }
        problem
    }
}

fn at(problem: &Problem, beta: &[f64], theta: &[f64]) -> Mode {
    find_mode(problem, beta, theta, &vec![0.0; problem.layout.effects()], LAST_STEP_GAIN, &|| false).unwrap()
}

/// log|X'(W⁻¹ + MM')⁻¹X| from dense matrices.
fn dense(problem: &Problem, mode: &Mode) -> f64 {
    let (n, p, q) = (problem.rows(), problem.coefficients(), problem.layout.effects());
    let mut x = DMatrix::zeros(n, p);
    let mut m = DMatrix::zeros(n, q);
    let mut row = vec![0.0; problem.row_width()];
    for j in 0..problem.layout.levels() {
        for i in problem.layout.starts[j]..problem.layout.starts[j + 1] {
            let mut columns = vec![0.0; p];
            problem.x.write_row(problem.x.pattern(i), &mut columns);
            columns.iter().enumerate().for_each(|(c, v)| x[(i, c)] = *v);
            problem.write_m(&mode.lambda, i, &mut row);
            for g in 0..problem.groupings.len() {
                for d in 0..problem.groupings[g].width {
                    m[(i, problem.effect(g, i, j) + d)] = row[problem.row_offsets[g] + d];
                }
            }
        }
    }
    let inverse_w = DVector::from_fn(n, |i, _| {
        let mu = mode.at.mu[i];
        1.0 / (problem.outcome.trials[i] * mu * (1.0 - mu))
    });
    let v = (DMatrix::from_diagonal(&inverse_w) + &m * m.transpose()).try_inverse().unwrap();
    (x.transpose() * v * x).determinant().ln()
}

#[test]
fn the_penalty_is_that_of_dense_matrices() {
    for case in CASES {
        let problem = case.problem();
        let mode = at(&problem, case.beta, case.theta);
        let (ours, oracle) = (mode.penalty.as_ref().unwrap().log_det, dense(&problem, &mode));
        assert!((ours - oracle).abs() < 1e-10, "{}: {ours} {oracle}", case.formula);
        // It is what the deviance lost.
        let mut plain = case.problem();
        plain.penalty = Penalty::None;
        let without = at(&plain, case.beta, case.theta);
        assert!((without.deviance - mode.deviance - ours).abs() < 1e-10);
        assert!((without.log_likelihood(&plain) - mode.log_likelihood(&problem)).abs() < 1e-10);
    }
}

#[test]
fn the_gradient_is_that_of_differences() {
    for case in CASES {
        let problem = case.problem();
        let found = gradient(&problem, &at(&problem, case.beta, case.theta)).value;
        for k in 0..found.len() {
            let side = |step: f64| {
                let (mut beta, mut theta) = (case.beta.to_vec(), case.theta.to_vec());
                if k < beta.len() {
                    beta[k] += step;
                } else {
                    theta[k - beta.len()] += step;
                }
                at(&problem, &beta, &theta).deviance
            };
            let (h, wide) = (1e-4, 2e-4);
            // Two differences, the error of the first order taken out.
            let (near, far) = ((side(h) - side(-h)) / (2.0 * h), (side(wide) - side(-wide)) / (2.0 * wide));
            let expected = near + (near - far) / 3.0;
            assert!(
                (found[k] - expected).abs() < 1e-7 * (1.0 + expected.abs()),
                "{} {k}: {} {expected}",
                case.formula,
                found[k]
            );
        }
    }
}

#[test]
fn the_hessian_bends_with_the_penalty_in_theta() {
    for case in CASES.iter().filter(|c| !c.theta.is_empty()) {
        let problem = case.problem();
        let mode = at(&problem, case.beta, case.theta);
        let found = hessian(&problem, &mode, &gradient(&problem, &mode), Curvature::Exact).hessian;
        let p = case.beta.len();
        for k in 0..case.theta.len() {
            let side = |step: f64| {
                let mut theta = case.theta.to_vec();
                theta[k] += step;
                gradient(&problem, &at(&problem, case.beta, &theta)).value
            };
            let (above, below) = (side(1e-4), side(-1e-4));
            for l in 0..found.nrows() {
                let expected = (above[l] - below[l]) / 2e-4;
                assert!(
                    (found[(l, p + k)] - expected).abs() < 1e-5 * (1.0 + expected.abs()),
                    "{} {k} {l}",
                    case.formula
                );
            }
        }
    }
}
