//! Refits from a fit's own sample: held parameters stay, and the short climb ends where the certified search ends.

use melogit::coding::{Column, Frame};
use melogit::model::{FitOptions, Sample, fit};
use melogit::optimise::{climb, maximise};
use melogit::simulate::{outcome, stream};

const TOLERANCE: f64 = 1e-8;
const STEPS: usize = 200;

fn sample() -> Sample {
    let n = 400;
    let x = (0..n).map(|i| f64::from(i * 7 % 11) / 5.0 - 1.0).collect::<Vec<_>>();
    let place = (0..n).map(|i| format!("p{}", i % 20)).collect::<Vec<_>>();
    let noise = |i: i32| f64::from((i * 7919 + 13) % 101) / 101.0;
    let y = (0..n).map(|i| {
        let eta = x[i as usize] + f64::from(i % 20 - 10) / 8.0;
        f64::from(u8::from(noise(i) < 1.0 / (1.0 + (-eta).exp())))
    });
    let mut frame = Frame::new(n as usize);
    frame.insert("y", Column::Number(y.collect())).unwrap();
    frame.insert("x", Column::Number(x.clone())).unwrap();
    frame.insert("place", Column::from_text(&place.iter().map(String::as_str).collect::<Vec<_>>())).unwrap();
    fit("y ~ x + (1 | place)", &frame, &FitOptions::default(), &|| false).unwrap().1
}

#[test]
fn nothing_held_stays_at_the_optimum() {
    let sample = sample();
    let again = climb(&sample.problem, &sample.start(&[]), TOLERANCE, STEPS, &|| false).unwrap();
    assert!(again.converged && (again.deviance - sample.deviance).abs() < 1e-9);
    // The start, and the mode there found closely.
    assert!(again.evaluations <= 2, "{}", again.evaluations);
}

#[test]
fn a_held_parameter_stays_and_the_rest_follows() {
    let sample = sample();
    for held in 0..3 {
        let mut start = sample.start(std::slice::from_ref(&held));
        let (mut beta, mut theta) = (sample.beta.clone(), sample.theta.clone());
        let moved = if held < 2 { &mut beta[held] } else { &mut theta[0] };
        *moved += 0.3;
        let value = *moved;
        (start.beta, start.theta) = (&beta, &theta);
        let short = climb(&sample.problem, &start, TOLERANCE, STEPS, &|| false).unwrap();
        let long = maximise(&sample.problem, &start, TOLERANCE, STEPS, &|| false).unwrap();
        let psi = short.beta.iter().chain(&short.theta).copied().collect::<Vec<_>>();
        assert!(short.converged && long.converged && !long.free[held]);
        assert_eq!(psi[held].to_bits(), value.to_bits());
        assert!((short.deviance - long.mode.deviance).abs() < 1e-7);
        assert!(short.deviance > sample.deviance + 0.01);
    }
}

#[test]
fn a_drawn_outcome_is_fitted_from_the_old_optimum() {
    let sample = sample();
    let lambda = sample.problem.theta.lambda(&sample.theta);
    for replicate in 0..5 {
        let y = outcome(&sample.problem, &sample.beta, &lambda, &mut stream(1, replicate));
        let drawn = sample.problem.with_successes(y);
        let short = climb(&drawn, &sample.start(&[]), TOLERANCE, STEPS, &|| false).unwrap();
        let long = maximise(&drawn, &sample.start(&[]), TOLERANCE, STEPS, &|| false).unwrap();
        assert!(short.converged && (short.deviance - long.mode.deviance).abs() < 1e-7);
    }
}
