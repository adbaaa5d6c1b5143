//! The second-order terms of Laplace's method, against their definition and against the integral.

use melogit::coding::{Column, Frame};
use melogit::likelihood::{Mode, Problem, Quadrature, Series, expand, expand_exactly, find_mode, gradient};
use melogit::model::{FitOptions, prepare};
use nalgebra::DMatrix;

/// 160 records, groups a (20) crossed with b (3).
fn problem(formula: &str) -> Problem {
    let rows = 160;
    let noise = |i: usize, k: usize| (((i * 7_919 + k * 104_729) % 10_007) as f64 * 0.618_034).fract();
    let mut frame = Frame::new(rows);
    let text = |of: &dyn Fn(usize) -> usize| {
        Column::from_text(&(0..rows).map(|i| format!("{:02}", of(i))).collect::<Vec<_>>())
    };
    frame.insert("a", text(&|i| i % 20)).unwrap();
    frame.insert("b", text(&|i| (noise(i, 3) * 3.0) as usize)).unwrap();
    let x = |i: usize| 2.0 * noise(i, 4) - 1.0;
    let p = |i: usize| 1.0 / (1.0 + (1.2 - 0.4 * x(i) - 1.6 * (noise(i % 20, 9) - 0.5)).exp());
    frame.insert("x", Column::Number((0..rows).map(x).collect())).unwrap();
    let y = |i: usize| f64::from(u8::from(noise(i, 7) < p(i)));
    frame.insert("y", Column::Number((0..rows).map(y).collect())).unwrap();
    let n = |i: usize| 1.0 + (noise(i, 5) * 4.0).floor();
    frame.insert("n", Column::Number((0..rows).map(n).collect())).unwrap();
    frame.insert("e", Column::Number((0..rows).map(|i| (n(i) * noise(i, 8)).floor()).collect())).unwrap();
    prepare(formula, &frame, &FitOptions::default()).unwrap().problem
}

fn at(problem: &Problem, theta: &[f64]) -> Mode {
    find_mode(problem, &[-1.0, 0.3], theta, &vec![0.0; problem.layout.effects()], 1e-20, &|| false).unwrap()
}

/// M, record by record.
fn dense(problem: &Problem, mode: &Mode) -> DMatrix<f64> {
    let mut m = DMatrix::zeros(problem.rows(), problem.layout.effects());
    let mut row = vec![0.0; problem.row_width()];
    for j in 0..problem.layout.levels() {
        for i in problem.layout.starts[j]..problem.layout.starts[j + 1] {
            problem.write_m(&mode.lambda, i, &mut row);
            for g in 0..problem.groupings.len() {
                for d in 0..problem.groupings[g].width {
                    m[(i, problem.effect(g, i, j) + d)] = row[problem.row_offsets[g] + d];
                }
            }
        }
    }
    m
}

/// All pairs of records.
fn by_definition(problem: &Problem, mode: &Mode) -> f64 {
    let m = dense(problem, mode);
    let n = problem.rows();
    let w = |i: usize| problem.outcome.trials[i] * mode.at.mu[i] * (1.0 - mode.at.mu[i]);
    let w1 = |i: usize| w(i) * (1.0 - 2.0 * mode.at.mu[i]);
    let w2 = |i: usize| w(i) * (1.0 - 6.0 * mode.at.mu[i] * (1.0 - mode.at.mu[i]));
    let weights = DMatrix::from_diagonal(&nalgebra::DVector::from_fn(n, |i, _| w(i)));
    let a = m.transpose() * weights * &m + DMatrix::identity(m.ncols(), m.ncols());
    let c = &m * a.try_inverse().unwrap() * m.transpose();
    let mut sum = 0.0;
    for i in 0..n {
        sum -= w2(i) * c[(i, i)].powi(2) / 8.0;
        for j in 0..n {
            sum += w1(i) * w1(j) * (c[(i, i)] * c[(i, j)] * c[(j, j)] / 8.0 + c[(i, j)].powi(3) / 12.0);
        }
    }
    sum
}

const MODELS: [(&str, &[f64]); 3] = [
    ("y ~ x + (1 | a)", &[0.8]),
    ("y ~ x + (1 | a) + (1 | b)", &[0.8, 0.5]),
    ("y ~ x + (1 + x | a) + (1 | b)", &[0.8, -0.2, 0.4, 0.5]),
];

#[test]
fn draws_come_near_the_sum_over_all_pairs() {
    for (formula, theta) in MODELS {
        let problem = problem(formula);
        let mode = at(&problem, theta);
        let exact = by_definition(&problem, &mode);
        let of = |draws| expand(&problem, &mode, &gradient(&problem, &mode), draws);
        let (few, many) = (of(100), of(40_000));
        assert!((many.value - exact).abs() < 4.0 * many.error, "{formula}: {many:?} {exact}");
        assert!(many.error < 0.02 * exact.abs() && (few.value - exact).abs() < 4.0 * few.error, "{formula}: {few:?}");
    }
}

/// log L of the crossed model with the effects of b on a grid, and those of a on one of their own given these.
fn integral(problem: &Problem, mode: &Mode) -> f64 {
    let (a, b) = (&problem.groupings[0], &problem.groupings[1]);
    let (own, other) = (mode.lambda.0[0][0], mode.lambda.0[1][0]);
    let fixed = problem.x.times(&mode.beta);
    let line = |step: f64| (-(7.0 / step) as i32..=(7.0 / step) as i32).map(move |k| f64::from(k) * step);
    let density = |u: f64, step: f64| -u * u / 2.0 + step.ln() - std::f64::consts::TAU.ln() / 2.0;
    let mut outer = Vec::new();
    for u in line(0.6) {
        for v in line(0.6) {
            for w in line(0.6) {
                let shift = [u, v, w].map(|x| other * x);
                let mut sum = density(u, 0.6) + density(v, 0.6) + density(w, 0.6);
                for level in 0..a.levels {
                    let records = problem.layout.starts[level]..problem.layout.starts[level + 1];
                    let height = |z: f64| {
                        let term = |i: usize| {
                            let eta = fixed[problem.x.pattern(i)] + shift[b.codes[i] as usize] + own * z;
                            problem.outcome.successes[i] * eta - (1.0 + eta.exp()).ln()
                        };
                        records.clone().map(term).sum::<f64>() + density(z, 0.6)
                    };
                    sum += line(0.6).map(|z| height(z).exp()).sum::<f64>().ln();
                }
                outer.push(sum);
            }
        }
    }
    let top = outer.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    top + outer.iter().map(|h| (h - top).exp()).sum::<f64>().ln()
}

#[test]
fn they_are_most_of_what_laplace_leaves_out_of_a_crossed_model() {
    let (formula, theta) = MODELS[1];
    let problem = problem(formula);
    let mode = at(&problem, theta);
    let left_out = integral(&problem, &mode) + mode.deviance / 2.0;
    let terms = expand(&problem, &mode, &gradient(&problem, &mode), 10_000);
    assert!((terms.value - left_out).abs() < 0.25 * left_out.abs() + 3.0 * terms.error, "{terms:?} {left_out}");
}

/// One factor with one to four effects a group, also without an intercept, with counts, with columns of Λ apart.
const ONE_FACTOR: [(&str, &[f64]); 6] = [
    ("y ~ x + (1 | a)", &[0.8]),
    ("e / n ~ x + (1 | a)", &[-0.6]),
    ("y ~ x + (0 + x | a)", &[0.7]),
    ("y ~ x + (1 + x | a)", &[0.8, -0.2, 0.4]),
    ("e / n ~ x + (x + n || a)", &[0.5, 0.3, 0.2]),
    ("y ~ x + (1 + x + n + e | a)", &[0.5, 0.1, -0.1, 0.05, 0.4, 0.1, 0.02, 0.2, -0.03, 0.1]),
];

fn series(problem: &Problem, beta: &[f64], theta: &[f64]) -> Series {
    let start = vec![0.0; problem.layout.effects()];
    let mode = find_mode(problem, beta, theta, &start, 1e-20, &|| false).unwrap();
    expand_exactly(problem, &mode, &gradient(problem, &mode)).unwrap()
}

#[test]
fn with_one_factor_they_are_the_sum_over_all_pairs() {
    for (formula, theta) in ONE_FACTOR {
        let problem = problem(formula);
        let exact = by_definition(&problem, &at(&problem, theta));
        let found = series(&problem, &[-1.0, 0.3], theta).value;
        assert!((found - exact).abs() < 1e-10 * exact.abs(), "{formula}: {found} {exact}");
    }
}

#[test]
fn with_one_factor_their_gradient_is_that_of_central_differences() {
    for (formula, theta) in ONE_FACTOR {
        let problem = problem(formula);
        let found = series(&problem, &[-1.0, 0.3], theta).gradient;
        for k in 0..problem.parameters() {
            let at = |by: f64| {
                let (mut beta, mut theta) = (vec![-1.0, 0.3], theta.to_vec());
                if k < 2 {
                    beta[k] += by;
                } else {
                    theta[k - 2] += by;
                }
                series(&problem, &beta, &theta).value
            };
            let h = 1e-3;
            let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
            assert!((found[k] - slope).abs() < 1e-7 * slope.abs().max(1.0), "{formula} {k}: {} {slope}", found[k]);
        }
    }
}

#[test]
fn they_are_trusted_where_they_are_near_the_integral() {
    for (formula, theta) in &ONE_FACTOR[..5] {
        let mut problem = problem(formula);
        for size in [0.25, 0.5, 1.0, 3.0, 10.0] {
            let theta = theta.iter().map(|t| size * t).collect::<Vec<_>>();
            problem.quadrature = None;
            let mut mode = at(&problem, &theta);
            let found = expand_exactly(&problem, &mode, &gradient(&problem, &mode)).unwrap();
            let laplace = mode.deviance;
            problem.quadrature = Quadrature::new(15, &problem);
            mode.measure_again(&problem);
            let off = (laplace - mode.deviance) / 2.0 - found.value;
            // A tenth of the terms, which may cancel between groups: of their size, then.
            let bound = 0.1 * found.value.abs() + 0.002;
            assert!(!found.is_trusted() || off.abs() < bound, "{formula} {size}: {off} {found:?}");
            assert!(size > 1.0 || found.is_trusted(), "{formula} {size}: {found:?}");
            // Counts tell more of their group, so that the terms stay small for them.
            assert!(size < 10.0 || formula.starts_with('e') || !found.is_trusted(), "{formula} {size}: {found:?}");
        }
    }
}

#[test]
fn without_variation_nothing_is_left_out() {
    let problem = problem("y ~ x + (1 + x | a)");
    let found = series(&problem, &[-1.0, 0.3], &[0.0; 3]);
    assert!(found.is_trusted() && found.value.abs() < 1e-300 && found.gradient.iter().all(|g| g.abs() < 1e-300));
}
