//! The Hessian of D by central differences of the exact gradient.

use super::{Evaluated, Nested};
use crate::likelihood::mode::Mode;
use crate::likelihood::problem::Problem;
use nalgebra::DMatrix;

/// Steps as shares of a parameter's standard error, as Laplace's method has it. The error is about a sixth of the square of
/// this times the relative change of curvature over one standard error, near 1e-6 of the diagonal; rounding of the gradient,
/// near 1e-10, is divided by it.
const STEP: f64 = 1e-3;

/// The longest step of an element of Λ, as an effect on the linear predictor: where the likelihood is nearly flat along it, a
/// share of its standard error would leave the neighbourhood.
const LONGEST: f64 = 0.02;

/// H over (β, θ) at `mode`; `near` is Laplace's Hessian there, for the steps, and `moves` its tangents of the mode, which say
/// where the mode is after a step.
pub(in crate::likelihood) fn hessian(
    nested: &Nested,
    problem: &Problem,
    mode: &Mode,
    near: &DMatrix<f64>,
    moves: &[f64],
) -> DMatrix<f64> {
    let n = problem.parameters();
    let p = problem.coefficients();
    let mut h = DMatrix::zeros(n, n);
    for k in 0..n {
        let curvature = near[(k, k)].abs();
        let mut step = if curvature > 0.0 { STEP * (2.0 / curvature).sqrt() } else { STEP };
        if let Some(entry) = k.checked_sub(p).map(|t| &problem.theta.entries[t]) {
            step = step.min(LONGEST / problem.unit(entry.grouping, entry.row));
        }
        let at = |step: f64| -> Evaluated {
            let mut parameters = [mode.beta.as_slice(), mode.theta.as_slice()].concat();
            parameters[k] += step;
            let u = mode.u.iter().zip(moves.chunks_exact(n)).map(|(u, m)| u + step * m[k]).collect::<Vec<_>>();
            let lambda = problem.theta.lambda(&parameters[p..]);
            nested.evaluate(problem, &lambda, &problem.x.times(&parameters[..p]), &u)
        };
        let (up, down) = (at(step), at(-step));
        for l in 0..n {
            h[(l, k)] = (up.gradient[l] - down.gradient[l]) / (2.0 * step);
        }
    }
    (&h + h.transpose()) * 0.5
}
