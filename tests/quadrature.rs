//! Value, gradient and Hessian by quadrature against slow oracles, on every structure it is defined for.

mod drawn;

use drawn::{at, insert_numbers, noise, parameters, product};
use melogit::coding::{Column, Frame};
use melogit::likelihood::{Curvature, Mode, Problem, Quadrature, gradient, hessian};
use melogit::model::{FitOptions, prepare};
use nalgebra::{DMatrix, DVector};

/// 180 records: numbers x and t, factor h, groups a (15 of about 12) and s (90 of one to five), counts e out of n, weights w.
fn frame() -> Frame {
    let rows = 180;
    let mut frame = Frame::new(rows);
    let text = |of: &dyn Fn(usize) -> usize| {
        Column::from_text(&(0..rows).map(|i| format!("{:02}", of(i))).collect::<Vec<_>>())
    };
    let a = |i: usize| (noise(i, 1) * 15.0) as usize;
    frame.insert("a", text(&a)).unwrap();
    frame.insert("s", text(&|i| (noise(i, 2) * 90.0) as usize)).unwrap();
    frame.insert("h", text(&|i| (noise(i, 3) * 3.0) as usize)).unwrap();
    insert_numbers(&mut frame, |i| 0.8 * ((a(i) * 7 % 5) as f64 - 2.0));
    frame
}

/// Formulas, and whether the records are weighted.
const MODELS: [(&str, bool); 10] = [
    ("y ~ x + h + (1 | a)", false),
    ("e / n ~ x * h + offset(t) + (1 | a)", false),
    ("y ~ x + (1 | a)", true),
    ("y ~ x + (1 | s)", false),
    ("y ~ x + (0 + x | a)", false),
    ("y ~ x + (1 + x | a)", false),
    ("e / n ~ h + (1 | s) + (0 + x | s)", false),
    ("y ~ 0 + offset(t) + (1 + x | s)", false),
    ("y ~ x + (1 + h | a)", true),
    ("e / n ~ x + (1 + x + t || a)", false),
];

fn problem(model: (&str, bool), points: usize) -> Problem {
    drawn::problem(&frame(), model, points, 40)
}

/// One group as the definition has it: dense M = ZΛ, Xβ + offset, y and m.
struct Group {
    m: DMatrix<f64>,
    fixed: DVector<f64>,
    y: Vec<f64>,
    trials: Vec<f64>,
}

impl Group {
    /// log of the integrand at u, without the constant of the normal density.
    fn log_integrand(&self, u: &DVector<f64>) -> f64 {
        let eta = &self.fixed + &self.m * u;
        let terms = (0..eta.len())
            .map(|i| self.y[i] * eta[i] - self.trials[i] * (eta[i].max(0.0) + (-eta[i].abs()).exp().ln_1p()));
        terms.sum::<f64>() - u.norm_squared() / 2.0
    }

    /// Its mode and A there.
    fn mode(&self) -> (DVector<f64>, DMatrix<f64>) {
        let k = self.m.ncols();
        let a = |u: &DVector<f64>| {
            let p = (&self.fixed + &self.m * u).map(|eta| 1.0 / (1.0 + (-eta).exp()));
            let g = DVector::from_fn(p.len(), |i, _| self.y[i] - self.trials[i] * p[i]);
            let w = DVector::from_fn(p.len(), |i, _| self.trials[i] * p[i] * (1.0 - p[i]));
            let a = self.m.transpose() * DMatrix::from_diagonal(&w) * &self.m + DMatrix::identity(k, k);
            (self.m.transpose() * g - u, a)
        };
        let mut u = DVector::zeros(k);
        for _ in 0..200 {
            let (slope, a) = a(&u);
            let step = a.cholesky().unwrap().solve(&slope);
            let mut scale = 1.0;
            while self.log_integrand(&(&u + &step * scale)) < self.log_integrand(&u) - 1e-12 {
                scale /= 2.0;
            }
            u += step * scale;
        }
        let curvature = a(&u).1;
        (u, curvature)
    }

    /// log of the sum over nodes u with these log weights.
    fn log_sum(&self, nodes: impl Iterator<Item = (DVector<f64>, f64)>) -> f64 {
        let heights = nodes.map(|(u, w)| self.log_integrand(&u) + w).collect::<Vec<_>>();
        let top = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        top + heights.iter().map(|h| (h - top).exp()).sum::<f64>().ln()
    }
}

fn groups(problem: &Problem, beta: &[f64], theta: &[f64]) -> Vec<Group> {
    let lambda = problem.theta.lambda(theta);
    let (grouping, k) = (&problem.groupings[0], problem.groupings[0].width);
    let mut row = vec![0.0; problem.coefficients()];
    let mut group = |j: usize| {
        let of = (0..problem.rows()).filter(|&i| grouping.codes[i] as usize == j).collect::<Vec<_>>();
        let z = DMatrix::from_fn(of.len(), k, |i, a| problem.z(0, of[i], a));
        let fixed = DVector::from_fn(of.len(), |i, _| {
            problem.x.write_row(problem.x.pattern(of[i]), &mut row);
            row.iter().zip(beta).map(|(x, b)| x * b).sum::<f64>() + problem.offset.as_ref().map_or(0.0, |o| o[of[i]])
        });
        let pick = |v: &[f64]| of.iter().map(|&i| v[i]).collect();
        let m = z * DMatrix::from_row_slice(k, k, &lambda.0[0]);
        Group { m, fixed, y: pick(&problem.outcome.successes), trials: pick(&problem.outcome.trials) }
    };
    (0..grouping.levels).map(&mut group).collect()
}

/// D by the definition, with nodes and weights from the eigenvectors of the Jacobi matrix.
fn plain_deviance(problem: &Problem, beta: &[f64], theta: &[f64], points: usize) -> f64 {
    let jacobi =
        DMatrix::from_fn(points, points, |i, j| if i.abs_diff(j) == 1 { (i.max(j) as f64).sqrt() } else { 0.0 });
    let eigen = jacobi.symmetric_eigen();
    let weight = |k: usize| eigen.eigenvectors[(0, k)].powi(2).ln() + eigen.eigenvalues[k].powi(2) / 2.0;
    let line = (0..points).map(|k| (eigen.eigenvalues[k], weight(k))).collect::<Vec<_>>();
    let rule = product(&line, problem.groupings[0].width);
    let of = |group: &Group| {
        let (mode, a) = group.mode();
        let l = a.cholesky().unwrap().l();
        let r = l.clone().try_inverse().unwrap().transpose();
        let nodes = rule.iter().map(|(z, w)| (&mode + &r * z, *w));
        2.0 * l.diagonal().map(f64::ln).sum() - 2.0 * group.log_sum(nodes)
    };
    groups(problem, beta, theta).iter().map(of).sum()
}

/// D by the trapezoidal rule on a fixed grid, which knows neither mode nor scale.
fn grid_deviance(problem: &Problem, beta: &[f64], theta: &[f64], step: f64) -> f64 {
    let k = problem.groupings[0].width;
    let half = (8.5 / step) as i32;
    let line = (-half..=half).map(|n| (f64::from(n) * step, step.ln())).collect::<Vec<_>>();
    let rule = product(&line, k);
    let constant = k as f64 / 2.0 * (2.0 * std::f64::consts::PI).ln();
    let of = |group: &Group| -2.0 * (group.log_sum(rule.iter().cloned()) - constant);
    groups(problem, beta, theta).iter().map(of).sum()
}

#[test]
fn the_value_is_that_of_the_definition() {
    for model in MODELS {
        for (points, size) in [(2, 0.8), (5, 0.8), (9, 6.0), (4, 1e-3)] {
            let problem = problem(model, points);
            let (beta, theta) = parameters(&problem, size);
            let (fast, slow) = (at(&problem, &beta, &theta).deviance, plain_deviance(&problem, &beta, &theta, points));
            assert!((fast - slow).abs() < 1e-9, "{model:?}, {points} points, size {size}: {fast} {slow}");
        }
    }
}

#[test]
fn the_value_comes_near_the_integral_as_points_grow() {
    for model in MODELS {
        let width = problem(model, 1).groupings[0].width;
        let (step, size) = ([0.1, 0.15, 0.25][width - 1], [1.5, 1.0, 0.7][width - 1]);
        let (beta, theta) = parameters(&problem(model, 1), size);
        let exact = grid_deviance(&problem(model, 1), &beta, &theta, step);
        let gap = |points| (at(&problem(model, points), &beta, &theta).deviance - exact).abs();
        let gaps = [1, 3, 9, 19].map(gap);
        assert!(gaps.windows(2).all(|pair| pair[1] < pair[0]), "{model:?}: {gaps:?}");
        assert!(gaps[3] < 1e-5, "{model:?}: {gaps:?}");
    }
}

#[test]
fn a_large_variance_and_tiny_groups_need_many_points_and_get_there() {
    let model = ("y ~ x + (1 | s)", false);
    let (beta, _) = parameters(&problem(model, 1), 1.0);
    let exact = grid_deviance(&problem(model, 1), &beta, &[6.0], 0.02);
    let gaps = [7, 25, 100].map(|points| (at(&problem(model, points), &beta, &[6.0]).deviance - exact).abs());
    assert!(gaps[0] > 0.1 && gaps[2] < 1e-3 && gaps[1] < gaps[0], "{gaps:?}");
}

#[test]
fn one_point_is_laplace() {
    for model in MODELS {
        let quadrature = problem(model, 1);
        let mut laplace = quadrature.clone();
        laplace.quadrature = None;
        let (beta, theta) = parameters(&laplace, 0.8);
        let (one, exact) = (at(&quadrature, &beta, &theta), at(&laplace, &beta, &theta));
        assert!((one.deviance - exact.deviance).abs() < 1e-12 * exact.deviance, "{model:?}");
        let (one_gradient, exact_gradient) = (gradient(&quadrature, &one), gradient(&laplace, &exact));
        near(&one_gradient.value, &exact_gradient.value, 1e-11, &format!("{model:?}, gradient"));
        near(&one_gradient.v, &exact_gradient.v, 1e-11, &format!("{model:?}, v"));
        near(&one_gradient.inverse.lead, &exact_gradient.inverse.lead, 1e-13, &format!("{model:?}, inverse"));
        let of = |p: &Problem, m: &Mode, g| hessian(p, m, g, Curvature::Exact);
        let (one, exact) = (of(&quadrature, &one, &one_gradient), of(&laplace, &exact, &exact_gradient));
        near(one.hessian.as_slice(), exact.hessian.as_slice(), 1e-10, &format!("{model:?}, Hessian"));
        near(&one.moves, &exact.moves, 1e-11, &format!("{model:?}, moves"));
    }
}

fn near(a: &[f64], b: &[f64], bound: f64, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    for (k, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= bound * (1.0 + b.abs()), "{what}, {k}: {a} {b}");
    }
}

/// Central difference of fourth order of a function of (β, θ) along parameter `k`.
fn central(beta: &[f64], theta: &[f64], k: usize, f: impl Fn(&[f64], &[f64]) -> Vec<f64>) -> Vec<f64> {
    let h = 1e-3;
    let shifted = |by: f64| {
        let mut point = [beta, theta].concat();
        point[k] += by;
        f(&point[..beta.len()], &point[beta.len()..])
    };
    let [near, far] = [h, 2.0 * h].map(|h| {
        let (up, down) = (shifted(h), shifted(-h));
        up.iter().zip(&down).map(|(u, d)| u - d).collect::<Vec<_>>()
    });
    near.iter().zip(&far).map(|(near, far)| (8.0 * near - far) / (12.0 * h)).collect()
}

/// Points, and the size of the effects: usual, hardly any, none, large.
const CASES: [(usize, f64); 6] = [(2, 0.8), (3, 0.8), (7, 0.8), (5, 1e-3), (3, 0.0), (5, 6.0)];

#[test]
fn the_gradient_is_that_of_central_differences() {
    for model in MODELS {
        for (points, size) in CASES {
            let problem = problem(model, points);
            let (beta, theta) = parameters(&problem, size);
            let exact = gradient(&problem, &at(&problem, &beta, &theta)).value;
            let difference = |k| central(&beta, &theta, k, |b, t| vec![at(&problem, b, t).deviance])[0];
            let differences = (0..problem.parameters()).map(difference).collect::<Vec<_>>();
            near(&exact, &differences, 1e-7, &format!("{model:?}, {points} points, size {size}"));
        }
    }
}

#[test]
fn the_hessian_is_that_of_central_differences() {
    for model in MODELS {
        for (points, size) in CASES {
            let problem = problem(model, points);
            let (beta, theta) = parameters(&problem, size);
            let mode = at(&problem, &beta, &theta);
            let exact = hessian(&problem, &mode, &gradient(&problem, &mode), Curvature::Exact);
            let what = format!("{model:?}, {points} points, size {size}");
            for k in 0..problem.parameters() {
                let column = central(&beta, &theta, k, |b, t| gradient(&problem, &at(&problem, b, t)).value);
                near(exact.hessian.column(k).as_slice(), &column, 1e-7, &format!("{what}, column {k}"));
                let moves = central(&beta, &theta, k, |b, t| at(&problem, b, t).u);
                let own = exact.moves.iter().skip(k).step_by(problem.parameters()).copied().collect::<Vec<_>>();
                near(&own, &moves, 1e-7, &format!("{what}, moves along {k}"));
            }
        }
    }
}

#[test]
fn the_value_is_even_in_every_column_of_lambda() {
    for model in MODELS {
        let problem = problem(model, 3);
        let (beta, theta) = parameters(&problem, 0.8);
        for column in 0..problem.groupings[0].width {
            let mut flipped = theta.clone();
            let entries = problem.theta.entries.iter().zip(&mut flipped);
            entries.filter(|(e, _)| e.column == column).for_each(|(_, t)| *t = -*t);
            let gap = at(&problem, &beta, &flipped).deviance - at(&problem, &beta, &theta).deviance;
            assert!(gap.abs() < 1e-10, "{model:?}, column {column}: {gap}");
        }
    }
}

#[test]
fn where_it_is_not_defined_there_is_no_rule() {
    let of = |formula: &str| prepare(formula, &frame(), &FitOptions::default()).unwrap().problem;
    for formula in ["y ~ x", "y ~ x + (1 | a) + (1 | s)", "y ~ x + (1 + x + h | a)"] {
        assert!(Quadrature::new(3, &of(formula)).is_none(), "{formula}");
    }
    let (one, two, three) = (of("y ~ (1 | a)"), of("y ~ (1 + x | a)"), of("y ~ (1 + h | a)"));
    let defined = |problem: &Problem, points: usize| Quadrature::new(points, problem).is_some();
    assert!(!defined(&one, 0) && defined(&one, 100) && !defined(&one, 101));
    assert!(defined(&two, 100) && !defined(&two, 101) && defined(&three, 21) && !defined(&three, 22));
}
