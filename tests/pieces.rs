//! A problem cut into pieces that share no random effect: their deviances, gradients and Hessians add up to those of the whole.

use melogit::coding::{Column, Frame};
use melogit::likelihood::{Curvature, LAST_STEP_GAIN, Problem, find_mode, gradient, hessian};
use melogit::model::{FitOptions, Sample, fit};
use melogit::settings::Settings;
use nalgebra::DMatrix;

const CLUSTERS: usize = 6;

fn frame() -> Frame {
    let n = 480;
    let noise = |i: usize, by: usize| (i * by + 13) % 101;
    let text = |of: &dyn Fn(usize) -> String| Column::from_text(&(0..n).map(of).collect::<Vec<_>>());
    let mut frame = Frame::new(n);
    let y = (0..n).map(|i| f64::from(u8::from(noise(i, 7919) + 5 * (i % 24) < 95)));
    frame.insert("y", Column::Number(y.collect())).unwrap();
    frame.insert("x", Column::Number((0..n).map(|i| noise(i, 31) as f64 / 50.0 - 1.0).collect())).unwrap();
    frame.insert("sex", text(&|i| format!("s{}", noise(i, 17) % 2))).unwrap();
    // Places and teams are crossed within trusts, and neither reaches over one.
    frame.insert("trust", text(&|i| format!("t{}", i % CLUSTERS))).unwrap();
    frame.insert("place", text(&|i| format!("p{}", i % 24))).unwrap();
    frame.insert("team", text(&|i| format!("m{}-{}", i % CLUSTERS, noise(i, 53) % 3))).unwrap();
    frame
}

fn fitted(formula: &str, points: usize) -> Sample {
    let mut settings = Settings::default();
    settings.points = melogit::settings::Points::Fixed(points);
    let options = FitOptions { settings, ..FitOptions::default() };
    fit(formula, &frame(), &options, &|| false).unwrap().1
}

fn deviance_and_gradient(problem: &Problem, sample: &Sample) -> (f64, Vec<f64>) {
    // Away from the optimum, so that no gradient is zero.
    let beta = sample.beta.iter().map(|b| b + 0.2).collect::<Vec<_>>();
    let theta = sample.theta.iter().map(|t| t + 0.3).collect::<Vec<_>>();
    let start = vec![0.0; problem.layout.effects()];
    let mode = find_mode(problem, &beta, &theta, &start, LAST_STEP_GAIN, &|| false).unwrap();
    (mode.deviance, gradient(problem, &mode).value)
}

#[test]
fn pieces_add_up() {
    for (formula, points) in [
        ("y ~ x + sex", 1),
        ("y ~ x + sex + (1 | place)", 1),
        ("y ~ x * sex + (1 + x | place)", 1),
        ("y ~ x + sex + (1 | place)", 7),
        ("y ~ x + (1 + x | place)", 5),
        ("y ~ x + sex + (1 | place) + (1 | team)", 1),
        ("y ~ x + (1 | trust) + (0 + x | place) + (1 | team)", 1),
    ] {
        let sample = fitted(formula, points);
        let (whole, slope) = deviance_and_gradient(&sample.problem, &sample);
        let mut sum = (0.0, vec![0.0; slope.len()]);
        for trust in 0..CLUSTERS {
            let own = (0..sample.rows.len() as u32).filter(|&k| sample.rows[k as usize] as usize % CLUSTERS == trust);
            let piece = sample.problem.piece(&own.collect::<Vec<_>>()).unwrap();
            let (deviance, gradient) = deviance_and_gradient(&piece, &sample);
            sum.0 += deviance;
            sum.1.iter_mut().zip(&gradient).for_each(|(s, g)| *s += g);
        }
        assert!((sum.0 / whole - 1.0).abs() < 1e-11, "{formula}: {} {whole}", sum.0);
        for (s, g) in sum.1.iter().zip(&slope) {
            assert!((s - g).abs() < 1e-7 * g.abs().max(1.0), "{formula}: {s} {g}");
        }
        assert!(slope.iter().any(|g| g.abs() > 1.0));
    }
}

fn curvature(problem: &Problem, sample: &Sample) -> DMatrix<f64> {
    let start = vec![0.0; problem.layout.effects()];
    let mode = find_mode(problem, &sample.beta, &sample.theta, &start, LAST_STEP_GAIN, &|| false).unwrap();
    hessian(problem, &mode, &gradient(problem, &mode), Curvature::Exact).hessian
}

#[test]
fn curvatures_add_up() {
    // By nested quadrature they are differences of exact gradients.
    for (formula, points, near) in [
        ("y ~ x + sex", 1, 1e-12),
        ("y ~ x + sex + (1 | place)", 1, 1e-10),
        ("y ~ x * sex + (1 + x | place)", 1, 1e-10),
        ("y ~ x + sex + (1 | place)", 7, 1e-10),
        ("y ~ x + (1 + x | place)", 5, 1e-10),
        ("y ~ x + sex + (1 | place) + (1 | team)", 1, 1e-10),
        ("y ~ x + (1 | trust/place)", 1, 1e-10),
        ("y ~ x + (1 | trust/place)", 5, 1e-6),
    ] {
        let sample = fitted(formula, points);
        let whole = curvature(&sample.problem, &sample);
        let mut sum = DMatrix::zeros(whole.nrows(), whole.ncols());
        for trust in 0..CLUSTERS {
            let own = (0..sample.rows.len() as u32).filter(|&k| sample.rows[k as usize] as usize % CLUSTERS == trust);
            sum += curvature(&sample.problem.piece(&own.collect::<Vec<_>>()).unwrap(), &sample);
        }
        for (i, j) in (0..whole.nrows()).flat_map(|i| (0..=i).map(move |j| (i, j))) {
            let size = (whole[(i, i)] * whole[(j, j)]).abs().sqrt();
            let off = (sum[(i, j)] - whole[(i, j)]).abs() / size;
            assert!(off < near, "{formula}, {points} points: entry {i}, {j} is off by {off}");
        }
    }
}
