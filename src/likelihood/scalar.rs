//! The Hessian for one random intercept: every quantity of the random part is constant within a level.
//!
//! With κⱼ = λu̇ⱼ (plus uⱼ in the direction of θ), η̇ = x + κⱼ, so the sums over records of the general kernel become sums over
//! levels of three tallies, Σ W x', Σ W₁ x', Σ W₂ x', and one cross-tabulation X'CX, C = 2W + W₂a − W₁Mv. Cost: one sweep of n
//! times the number of blocks, whatever the number of columns.

use super::hessian::Curved;
use super::laplace::Gradient;
use super::mode::Mode;
use super::problem::Problem;
use super::weights::Weights;
use crate::design::Tally;
use nalgebra::DMatrix;
use rayon::prelude::*;
use std::ops::Range;

/// One level's sums: weights and their products with x.
struct Level {
    /// Σ W, Σ W₁, Σ W₂, Σ g.
    sums: [f64; 4],
    /// Σ W x', Σ W₁ x', Σ W₂ x', each p long.
    by_column: [Vec<f64>; 3],
}

/// H over (β, θ).
pub(super) fn hessian(problem: &Problem, mode: &Mode, gradient: &Gradient) -> Curved {
    let parameters = problem.coefficients() + 1;
    let mut c = vec![0.0; problem.rows()];
    let cut = problem.layout.cut_rows(&mut c);
    let work = problem.layout.pieces.iter().cloned().zip(cut).collect::<Vec<_>>();
    let parts = work.into_par_iter().map(|(levels, c)| piece(problem, mode, gradient, levels, c)).collect::<Vec<_>>();
    let mut h = DMatrix::zeros(parameters, parameters);
    let main = problem.x.gram(&problem.x.by_pattern(&c));
    h.view_mut((0, 0), main.shape()).copy_from(&main);
    let mut moves = Vec::with_capacity(problem.layout.effects() * parameters);
    for (part, tangents) in &parts {
        h += part;
        moves.extend_from_slice(tangents);
    }
    h.fill_lower_triangle_with_upper_triangle();
    Curved { hessian: h, moves }
}

/// The levels of one piece: their share of H (upper triangle) and their tangents; fills C of its records.
fn piece(
    problem: &Problem,
    mode: &Mode,
    gradient: &Gradient,
    levels: Range<usize>,
    c: &mut [f64],
) -> (DMatrix<f64>, Vec<f64>) {
    let p = problem.coefficients();
    let starts = &problem.layout.starts;
    let begin = starts[levels.start];
    let mut h = DMatrix::zeros(p + 1, p + 1);
    let mut moves = Vec::with_capacity(levels.len() * (p + 1));
    let mut tally = Tally::new(&problem.x);
    let mut weights = Vec::new();
    for j in levels {
        let records = starts[j]..starts[j + 1];
        let own = &mut c[records.start - begin..records.end - begin];
        let level = read_level(problem, mode, gradient, j, own, &mut weights, &mut tally);
        let tangent = tangent(mode, gradient, j, &level);
        add_level(mode, gradient, j, &level, &tangent, &mut h);
        moves.extend(tangent);
    }
    (h, moves)
}

fn read_level(
    problem: &Problem,
    mode: &Mode,
    gradient: &Gradient,
    j: usize,
    c: &mut [f64],
    weights: &mut Vec<[f64; 3]>,
    tally: &mut Tally<3>,
) -> Level {
    let lambda = mode.lambda.0[0][0];
    let mv = lambda * gradient.v[j];
    let p = problem.coefficients();
    let mut level = Level { sums: [0.0; 4], by_column: std::array::from_fn(|_| vec![0.0; p]) };
    weights.clear();
    for (i, c) in (problem.layout.starts[j]..).zip(c) {
        let Weights { w, w1, w2, g, .. } = Weights::at(problem, mode, i);
        *c = 2.0 * w + w2 * gradient.leverage[i] - w1 * mv;
        [w, w1, w2, g].iter().zip(&mut level.sums).for_each(|(x, sum)| *sum += x);
        weights.push([w, w1, w2]);
    }
    tally.sum(problem.layout.starts[j], weights, &mut level.by_column);
    level
}

/// u̇ⱼ in every direction.
fn tangent(mode: &Mode, gradient: &Gradient, j: usize, level: &Level) -> Vec<f64> {
    let lambda = mode.lambda.0[0][0];
    let inverse = gradient.inverse.lead[j];
    let mut tangent = level.by_column[0].iter().map(|x| -lambda * x * inverse).collect::<Vec<_>>();
    tangent.push((level.sums[3] - lambda * level.sums[0] * mode.u[j]) * inverse);
    tangent
}

/// Adds everything of level `j` but X'CX to the upper triangle of `h`.
fn add_level(mode: &Mode, gradient: &Gradient, j: usize, level: &Level, tangent: &[f64], h: &mut DMatrix<f64>) {
    let lambda = mode.lambda.0[0][0];
    let (u, v, inverse) = (mode.u[j], gradient.v[j], gradient.inverse.lead[j]);
    let (a, mv) = (lambda * lambda * inverse, lambda * v);
    let [sum_w, sum_w1, sum_w2, sum_g] = level.sums;
    let p = tangent.len() - 1;
    // η̇ = x + κ; x is zero in the direction of θ.
    let kappa = (0..=p).map(|l| lambda * tangent[l] + if l == p { u } else { 0.0 }).collect::<Vec<_>>();
    let column = |k: usize, l: usize| if l == p { 0.0 } else { level.by_column[k][l] };
    let sum_c = 2.0 * sum_w + sum_w2 * a - sum_w1 * mv;
    let c_column = (0..=p).map(|l| 2.0 * column(0, l) + column(2, l) * a - column(1, l) * mv).collect::<Vec<_>>();
    // Ȧ = Σ W₁ η̇ λ², plus 2λ Σ W in the direction of θ.
    let theta_part = |l: usize| if l == p { 2.0 * lambda * sum_w } else { 0.0 };
    let a_dot =
        (0..=p).map(|l| lambda * lambda * (column(1, l) + sum_w1 * kappa[l]) + theta_part(l)).collect::<Vec<_>>();
    for l in 0..=p {
        for k in 0..=l {
            h[(k, l)] += c_column[k] * kappa[l]
                + kappa[k] * c_column[l]
                + sum_c * kappa[k] * kappa[l]
                + 2.0 * tangent[k] * tangent[l]
                - a_dot[k] * a_dot[l] * inverse * inverse;
        }
    }
    // The bracket of sym[·], with e = λP.
    let (along_w1, along_w) = (2.0 * lambda * inverse, -v);
    let omega = sum_w1 * a - sum_w * mv - 2.0 * sum_g;
    let constant = along_w1 * sum_w1 + along_w * sum_w;
    for l in 0..=p {
        let bracket = along_w1 * column(1, l) + along_w * column(0, l) + constant * kappa[l] + omega * tangent[l];
        h[(l, p)] += if l == p { 2.0 * bracket } else { bracket };
    }
    h[(p, p)] += 2.0 * sum_w * inverse;
}
