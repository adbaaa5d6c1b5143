//! Every start ends at the best known maximum: random starts on the small reference data sets.

use melogit::coding::{Column, Frame};
use melogit::likelihood::{Problem, Quadrature};
use melogit::model::{FitOptions, fit, prepare};
use melogit::optimise::{Optimum, Start, maximise};
use melogit::settings::Points;
use std::path::Path;

/// A formula, the rows of a data set that it takes, quadrature points, and how many starts.
struct Case {
    data: &'static str,
    formula: &'static str,
    points: usize,
    most_rows: usize,
    starts: usize,
}

const fn case(data: &'static str, formula: &'static str, points: usize, most_rows: usize, starts: usize) -> Case {
    Case { data, formula, points, most_rows, starts }
}

const CASES: [Case; 14] = [
    case("cbpp", "incidence / size ~ period + (1 | herd)", 1, usize::MAX, 60),
    case("cbpp", "incidence / size ~ period + (1 | herd)", 9, usize::MAX, 30),
    case("cbpp", "incidence / size ~ 1 + (1 + size | herd)", 1, usize::MAX, 60),
    case("contraception", "use ~ age + I(age^2) + urban + livch + (1 | district)", 1, usize::MAX, 20),
    case("contraception", "use ~ age + I(age^2) + urban + livch + (1 + urban | district)", 1, usize::MAX, 30),
    case("contraception", "use ~ age + I(age^2) + urban + livch + (age || district)", 1, usize::MAX, 20),
    case("contraception", "use ~ age + urban + (1 + age + urban | district)", 1, 900, 20),
    case("toenail", "y ~ treatment * time + (1 | patientID)", 1, usize::MAX, 20),
    case("toenail", "y ~ treatment * time + (1 | patientID)", 9, usize::MAX, 8),
    case("toenail", "y ~ treatment * time + (1 + time | patientID)", 1, 900, 20),
    case("bacteria", "yy ~ trt + late + (1 | ID)", 1, usize::MAX, 60),
    case("bacteria", "yy ~ trt + late + (1 + late | ID)", 1, usize::MAX, 40),
    case("verbagg", "y ~ Gender + btype + (1 | id) + (1 | item)", 1, 1_200, 8),
    case("guimmun", "y ~ kid2p + rural + (1 | comm / mom)", 1, 700, 20),
];

/// The first rows of a stored data set: a column of numbers is numbers, any other text.
fn read(data: &str, most_rows: usize) -> Frame {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/reference/data/{data}.csv"));
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines = text.lines();
    let names = lines.next().unwrap().split(',').collect::<Vec<_>>();
    let rows = lines.take(most_rows).map(|line| line.split(',').collect::<Vec<_>>()).collect::<Vec<_>>();
    let mut frame = Frame::new(rows.len());
    for (c, name) in names.iter().enumerate() {
        let cells = rows.iter().map(|row| row[c]).collect::<Vec<_>>();
        let numbers = cells.iter().map(|cell| cell.parse::<f64>()).collect::<Result<Vec<_>, _>>();
        frame.insert(name, numbers.map_or_else(|_| Column::from_text(&cells), Column::Number)).unwrap();
    }
    frame
}

/// Numbers of a linear congruential generator.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Nearly normal: the sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

impl Case {
    fn problem(&self) -> Problem {
        let frame = read(self.data, self.most_rows);
        let mut problem = prepare(self.formula, &frame, &FitOptions::default()).unwrap().problem;
        if self.points > 1 {
            problem.quadrature = Quadrature::new(self.points, &problem);
        }
        problem
    }
}

/// A search from coefficients of a few units and random effects with SDs from 0.02 to 5; the first starts with none at all.
fn search(problem: &Problem, draws: &mut Draws, first: bool) -> Optimum {
    let row = (0..problem.x.patterns).step_by(1 + problem.x.patterns / 50).collect::<Vec<_>>();
    let mut x = vec![0.0; problem.coefficients()];
    let mut largest = vec![1e-300f64; x.len()];
    for pattern in row {
        problem.x.write_row(pattern, &mut x);
        largest.iter_mut().zip(&x).for_each(|(l, x)| *l = l.max(x.abs()));
    }
    let beta = largest.iter().map(|l| 1.5 * draws.normal() / l).collect::<Vec<_>>();
    let size = if first { 0.0 } else { 0.02 * 250.0f64.powf(draws.uniform()) };
    let theta = problem.theta.entries.iter();
    let theta = theta.map(|e| size * draws.normal() / problem.unit(e.grouping, e.row)).collect::<Vec<_>>();
    let u = vec![0.0; problem.layout.effects()];
    let start = Start { beta: &beta, theta: &theta, u: &u, held: &[], nearby: None };
    maximise(problem, &start, 1e-8, 200, &|| false).unwrap()
}

#[test]
fn every_start_ends_at_the_same_maximum() {
    let mut wrong = Vec::new();
    for case in &CASES {
        let problem = case.problem();
        let mut draws = Draws(17);
        let ends = (0..case.starts).map(|s| search(&problem, &mut draws, s == 0)).collect::<Vec<_>>();
        let value = |end: &Optimum| end.mode.log_likelihood(&problem);
        let best = ends.iter().map(value).fold(f64::NEG_INFINITY, f64::max);
        for (start, end) in ends.iter().enumerate() {
            if value(end) < best - 1e-6 || !end.converged {
                wrong.push(format!(
                    "{} {} points {}: start {start} ended {:.2e} below {best:.6}, converged {}, certificate {:.1e}, flat {:?}, {} evaluations, beta {:.3?}, theta {:.4?}",
                    case.data,
                    case.formula,
                    case.points,
                    best - value(end),
                    end.converged,
                    end.certificate,
                    end.flat,
                    end.trace.len(),
                    end.mode.beta,
                    end.mode.theta
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} starts went wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// `groups` groups of `size` records, with a slope, crossed with `others` more groups.
fn draw_frame(draws: &mut Draws, groups: usize, size: usize, others: usize) -> Frame {
    let n = groups * size;
    let (sd, slope) = (3.0 * draws.uniform() * draws.uniform(), 2.0 * draws.uniform() * draws.uniform());
    let effects = (0..groups).map(|_| (sd * draws.normal(), slope * draws.normal())).collect::<Vec<_>>();
    let crossed = (0..others).map(|_| sd * draws.normal()).collect::<Vec<_>>();
    let x = (0..n).map(|_| draws.normal()).collect::<Vec<_>>();
    let h = (0..n).map(|_| (draws.uniform() * others as f64) as usize).collect::<Vec<_>>();
    let y = (0..n).map(|i| {
        let (level, tilt) = effects[i / size];
        let eta = -0.3 + 0.6 * x[i] + level + tilt * x[i] + crossed[h[i]];
        f64::from(u8::from(draws.uniform() < 1.0 / (1.0 + (-eta).exp())))
    });
    let y = y.collect::<Vec<_>>();
    let mut frame = Frame::new(n);
    frame.insert("y", Column::Number(y)).unwrap();
    frame.insert("x", Column::Number(x)).unwrap();
    frame.insert("g", Column::Number((0..n).map(|i| (i / size) as f64).collect())).unwrap();
    frame.insert("h", Column::Number(h.iter().map(|h| *h as f64).collect())).unwrap();
    frame
}

/// Arbitrary starts may end in a maximum of their own, if rarely: of 16,000 on 2,000 data sets drawn like these, one did. The
/// start of a fit must not be beaten by any.
#[test]
fn the_usual_start_finds_the_best_maximum_of_random_data() {
    const FORMULAS: [&str; 4] =
        ["y ~ x + (1 + x | g)", "y ~ x + (1 | g) + (1 | h)", "y ~ x + (x || g)", "y ~ x + (1 | g)"];
    let mut wrong = Vec::new();
    let mut draws = Draws(3);
    let mut tried = 0;
    let mut laplace = FitOptions::default();
    laplace.settings.points = Points::Fixed(1);
    for seed in 0..400 {
        let formula = FORMULAS[seed % 4];
        let frame = draw_frame(&mut draws, 5 + seed % 9, 4 + seed % 13, 4);
        let Ok((usual, sample)) = fit(formula, &frame, &laplace, &|| false) else { continue };
        if !usual.diverging.is_empty() {
            continue;
        }
        tried += 1;
        for start in 0..8 {
            let end = search(&sample.problem, &mut draws, start == 0);
            let gain = end.mode.log_likelihood(&sample.problem) - usual.log_likelihood;
            if gain > 1e-6 || end.converged != usual.converged {
                wrong.push(format!(
                    "data {seed} {formula}: start {start} gains {gain:.2e} over {:.6}, converged {}; theta {:.4?} against {:.4?}",
                    usual.log_likelihood, end.converged, end.mode.theta, usual.theta
                ));
            }
        }
    }
    assert!(tried > 300 && wrong.is_empty(), "{} of {tried} went wrong:\n{}", wrong.len(), wrong.join("\n"));
}
