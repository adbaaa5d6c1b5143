//! Problems for quadrature: outcomes drawn from a hash of the record, a rule cut so that seams are tested, parameters off the
//! optimum.

use melogit::coding::{Column, Frame};
use melogit::likelihood::{Mode, Problem, Quadrature, find_mode};
use melogit::model::{FitOptions, prepare};
use nalgebra::DVector;

/// Uniform on [0, 1), from a record and a stream.
pub(crate) fn noise(i: usize, k: usize) -> f64 {
    (((i * 7_919 + k * 104_729) % 10_007) as f64 * 0.618_034).fract()
}

/// Adds numbers x and t, an outcome y, counts e out of n, and weights w; `effect` is added to the log odds.
pub(crate) fn insert_numbers(frame: &mut Frame, effect: impl Fn(usize) -> f64) {
    let x = |i: usize| 2.0 * noise(i, 4) - 1.0;
    let n = |i: usize| 1.0 + (noise(i, 5) * 5.0).floor();
    let p = |i: usize| 1.0 / (1.0 + (-0.4 * x(i) - effect(i)).exp());
    let numbers: [(&str, &dyn Fn(usize) -> f64); 6] = [
        ("x", &x),
        ("t", &|i| 0.5 * noise(i, 6)),
        ("n", &n),
        ("y", &|i| f64::from(u8::from(noise(i, 7) < p(i)))),
        ("e", &|i| (0..n(i) as usize).map(|k| f64::from(u8::from(noise(i, 10 + k) < p(i)))).sum()),
        ("w", &|i| 0.5 + 2.0 * noise(i, 8)),
    ];
    for (name, of) in numbers {
        frame.insert(name, Column::Number((0..frame.rows()).map(of).collect())).unwrap();
    }
}

/// The problem of a formula, weighted by w or not, with a rule of so many points, cut into pieces of `piece` records.
pub(crate) fn problem(frame: &Frame, (formula, weighted): (&str, bool), points: usize, piece: usize) -> Problem {
    let Column::Number(w) = frame.get("w").unwrap().clone() else { unreachable!() };
    let options = FitOptions { weights: weighted.then_some(w), ..FitOptions::default() };
    let mut problem = prepare(formula, frame, &options).unwrap_or_else(|e| panic!("{formula}: {e}")).problem;
    let rule = Quadrature::new(points, &problem).unwrap_or_else(|| panic!("{formula}"));
    problem.quadrature = Some(rule.with_pieces(&problem, piece));
    problem
}

/// Parameters off the optimum, where nothing cancels; `size` is the standard deviation of the first effect.
pub(crate) fn parameters(problem: &Problem, size: f64) -> (Vec<f64>, Vec<f64>) {
    let beta = (0..problem.coefficients()).map(|k| 0.3 * (k as f64 + 1.0).sin()).collect();
    let element = |(k, e): (usize, &melogit::random::ThetaEntry)| {
        let k = k as f64;
        size * if e.row == e.column { 1.0 - 0.1 * k } else { 0.07 * k - 0.3 }
    };
    (beta, problem.theta.entries.iter().enumerate().map(element).collect())
}

/// The mode there, found to the last digit.
pub(crate) fn at(problem: &Problem, beta: &[f64], theta: &[f64]) -> Mode {
    find_mode(problem, beta, theta, &vec![0.0; problem.layout.effects()], 1e-20, &|| false).unwrap()
}

/// Every tuple of `k` items, with the sum of their logs.
pub(crate) fn product(line: &[(f64, f64)], k: usize) -> Vec<(DVector<f64>, f64)> {
    let item = |n: usize, a: usize| line[n / line.len().pow(a as u32) % line.len()];
    let tuple = |n: usize| (DVector::from_fn(k, |a, _| item(n, a).0), (0..k).map(|a| item(n, a).1).sum());
    (0..line.len().pow(k as u32)).map(tuple).collect()
}
