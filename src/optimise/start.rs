//! A start for θ and u from the plain logistic fit.

use crate::likelihood::Problem;

/// Never start at zero: the gradient vanishes there. Never start far out: the first step would be wasted.
const SD_RANGE: (f64, f64) = (0.2, 1.5);

/// θ and u to start from.
///
/// For each variance on its own one Fisher-scoring step from zero: with s = z'g and t = z'Wz per level at the plain fit, the
/// score of σ² is Σ(s² − t)/2 and its information Σt²/2. Where the only effect is an intercept, Newton's first step for u from
/// zero, λs/(1 + λ²t), comes with it and saves a sweep; else u starts at zero. `mu` holds the fitted probabilities of the plain
/// fit per record.
pub fn start(problem: &Problem, mu: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let mut u = vec![0.0; problem.layout.effects()];
    let mut sd = |g: usize, a: usize| -> f64 {
        let grouping = &problem.groupings[g];
        let (mut s, mut t) = (vec![0.0; grouping.levels], vec![0.0; grouping.levels]);
        for i in 0..problem.rows() {
            let (z, level, p) = (problem.z(g, i, a), grouping.codes[i] as usize, mu[i]);
            let expected = problem.outcome.trials[i] * p;
            s[level] += z * (problem.outcome.successes[i] - expected);
            t[level] += z * z * expected * (1.0 - p);
        }
        let score: f64 = s.iter().zip(&t).map(|(s, t)| s * s - t).sum();
        let information: f64 = t.iter().map(|t| t * t).sum();
        // Bounds on the effect's share of the linear predictor, so that the unit of a slope's covariate does not matter.
        let unit = problem.unit(g, a);
        let sd = (score / information).max(0.0).sqrt().clamp(SD_RANGE.0 / unit, SD_RANGE.1 / unit);
        if problem.is_scalar() {
            u.iter_mut().zip(s.iter().zip(&t)).for_each(|(u, (s, t))| *u = sd * s / (1.0 + sd * sd * t));
        }
        sd
    };
    let mut entry = |e: &crate::random::ThetaEntry| if e.row == e.column { sd(e.grouping, e.row) } else { 0.0 };
    let theta = problem.theta.entries.iter().map(&mut entry).collect();
    (theta, u)
}
