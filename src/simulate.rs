//! Outcomes drawn from a model; the random generator is passed in.
//!
//! A draw is y ~ B(m, σ(η)), η = Xβ + offset + ZΛu, u ~ N(0, I). Replicate r of a seed has a stream of its own ([`stream`]), so
//! that draws do not depend on the machine, the order of work, or the number of threads.

use crate::likelihood::{Problem, logistic::probability};
use crate::random::Lambda;
use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng, SeedableRng};
use statrs::distribution::{ContinuousCDF, Normal};

/// The generator of replicate `replicate` under `seed`.
pub fn stream(seed: u64, replicate: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(replicate);
    rng
}

/// Uniform on (0, 1), never an end: 53 bits and a half.
pub fn uniform(rng: &mut impl Rng) -> f64 {
    const SCALE: f64 = 1.0 / (1u64 << 53) as f64;
    ((rng.next_u64() >> 11) as f64 + 0.5) * SCALE
}

/// N(0, 1), by inversion: one uniform number each, so that streams stay in step.
pub fn normal(rng: &mut impl Rng) -> f64 {
    Normal::standard().inverse_cdf(uniform(rng))
}

/// q spherical effects u ~ N(0, I).
pub fn effects(problem: &Problem, rng: &mut impl Rng) -> Vec<f64> {
    (0..problem.layout.effects()).map(|_| normal(rng)).collect()
}

/// η of every record at β, Λ and u.
pub fn linear_predictor(problem: &Problem, beta: &[f64], lambda: &Lambda, u: &[f64]) -> Vec<f64> {
    let fixed = problem.x.times(beta);
    let mut eta = (0..problem.rows()).map(|i| fixed[problem.x.pattern(i)]).collect::<Vec<_>>();
    if let Some(offset) = &problem.offset {
        eta.iter_mut().zip(offset).for_each(|(e, o)| *e += o);
    }
    if problem.layout.lead == 0 {
        return eta;
    }
    let mut m = vec![0.0; problem.row_width()];
    for j in 0..problem.layout.levels() {
        for i in problem.layout.starts[j]..problem.layout.starts[j + 1] {
            problem.write_m(lambda, i, &mut m);
            eta[i] += problem.m_times(&m, i, j, u);
        }
    }
    eta
}

/// Events of every record, given η: each of its trials by a uniform number. Trials that are not whole numbers (weights) are
/// drawn for the nearest whole number and scaled back.
pub fn events(problem: &Problem, eta: &[f64], rng: &mut impl Rng) -> Vec<f64> {
    let draw = |(m, eta): (&f64, &f64)| {
        let p = probability(*eta);
        let whole = m.round().max(1.0);
        let drawn = (0..whole as u64).filter(|_| uniform(rng) < p).count() as f64;
        drawn * m / whole
    };
    problem.outcome.trials.iter().zip(eta).map(draw).collect()
}

/// A whole outcome: new effects, then events.
pub fn outcome(problem: &Problem, beta: &[f64], lambda: &Lambda, rng: &mut impl Rng) -> Vec<f64> {
    let u = effects(problem, rng);
    events(problem, &linear_predictor(problem, beta, lambda, &u), rng)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_their_own_and_the_same_again() {
        let draw = |seed, replicate| stream(seed, replicate).next_u64();
        assert_eq!(draw(1, 0), draw(1, 0));
        assert_ne!(draw(1, 0), draw(1, 1));
        assert_ne!(draw(1, 0), draw(2, 0));
    }

    #[test]
    fn normals_have_their_moments() {
        let mut rng = stream(3, 0);
        let x = (0..40_000).map(|_| normal(&mut rng)).collect::<Vec<_>>();
        let mean = x.iter().sum::<f64>() / 40_000.0;
        let square = x.iter().map(|x| x * x).sum::<f64>() / 40_000.0;
        // Three standard errors: 3/200 and 3√2/200.
        assert!(mean.abs() < 0.015 && (square - 1.0).abs() < 0.0213, "{mean} {square}");
    }
}
