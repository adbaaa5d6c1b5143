//! A start from the plain logistic fit.

use crate::likelihood::Problem;
use crate::random::ThetaEntry;

/// Never start at zero: the gradient vanishes there. Never start far out: the first step would be wasted.
const SD_RANGE: (f64, f64) = (0.2, 1.5);

/// (16√3 / 15π)²: the logistic function is nearly the normal distribution function at 16√3 / 15π times its argument.
const ATTENUATION: f64 = 0.345_87;

/// Where the search starts.
pub struct Guess {
    /// β.
    pub beta: Vec<f64>,
    /// θ.
    pub theta: Vec<f64>,
    /// u.
    pub u: Vec<f64>,
}

/// A guess from the coefficients of the plain fit and its probabilities `mu` per record.
///
/// For each variance on its own one Fisher-scoring step from zero: with s = z'g and t = z'Wz per level at the plain fit, the
/// score of σ² is Σ(s² − t)/2 and its information Σt²/2. The plain fit is a marginal one, whose coefficients are nearer to zero
/// than the conditional ones by √(1 + 0.346 σ²), σ² the variance of all effects together (Zeger, Liang & Albert 1988,
/// *Biometrics* 44:1049), and so is what it shows of the effects; but `nested` factors share what they show, and each has been
/// given too much already. Where a group has several effects, which start uncorrelated, nothing is mended: larger variances would
/// make the first step too long.
///
/// Where the only effect is an intercept, Newton's first step for u from zero, λs/(1 + λ²t), comes with it and saves a sweep;
/// else u starts at zero.
pub fn guess(problem: &Problem, plain: &[f64], mu: &[f64], nested: bool) -> Guess {
    let terms = &problem.theta.entries;
    let diagonal = |e: &&ThetaEntry| e.row == e.column;
    let sums = terms.iter().filter(diagonal).map(|e| Sums::of(problem, mu, e.grouping, e.row)).collect::<Vec<_>>();
    let variance: f64 = sums.iter().map(|s| s.sd * s.sd * s.unit * s.unit).sum();
    let several = problem.groupings.iter().any(|g| g.width > 1);
    let attenuation = if several { 1.0 } else { (1.0 + ATTENUATION * variance).sqrt() };
    let scale = if nested { 1.0 } else { attenuation };
    let mut sds = sums.iter().map(|s| scale * s.sd);
    let theta =
        terms.iter().map(|e| if diagonal(&e) { sds.next().unwrap_or_default() } else { 0.0 }).collect::<Vec<_>>();
    let u = match &sums[..] {
        [one] if problem.is_scalar() => {
            let step = |(s, t): (&f64, &f64)| theta[0] * s / (1.0 + theta[0] * theta[0] * t);
            one.s.iter().zip(&one.t).map(step).collect()
        }
        _ => vec![0.0; problem.layout.effects()],
    };
    Guess { beta: plain.iter().map(|b| attenuation * b).collect(), theta, u }
}

/// What the plain fit shows of one effect.
struct Sums {
    s: Vec<f64>,
    t: Vec<f64>,
    sd: f64,
    unit: f64,
}

impl Sums {
    fn of(problem: &Problem, mu: &[f64], g: usize, a: usize) -> Self {
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
        Self { s, t, sd, unit }
    }
}
