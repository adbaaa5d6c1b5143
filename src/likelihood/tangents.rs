//! How the mode moves with the parameters: A u̇ = Λ̇'Z'g − M'Wζ, with ζ = X_l for a coefficient and ZΛₖu for a θ.

use super::cell::{Cell, Reader};
use super::mode::Mode;
use super::problem::Problem;
use rayon::prelude::*;
use std::ops::Range;

/// u̇ for every direction: q x (p + t), effect after effect.
pub(super) fn tangents(problem: &Problem, mode: &Mode) -> Vec<f64> {
    let layout = &problem.layout;
    let directions = problem.parameters();
    let q1 = layout.leading();
    let mut s = vec![0.0; layout.effects() * directions];
    if layout.lead == 0 {
        return s;
    }
    let (lead, trail) = s.split_at_mut(q1 * directions);
    let work = layout.pieces.iter().cloned().zip(layout.cut_levels(lead, layout.lead * directions)).collect::<Vec<_>>();
    let run = |(levels, lead)| pulp::Arch::new().dispatch(|| right_hand_sides(problem, mode, levels, lead));
    let parts = work.into_par_iter().map(run).collect::<Vec<_>>();
    for part in &parts {
        trail.iter_mut().zip(part).for_each(|(x, y)| *x += y);
    }
    mode.solve(problem, &mut s, directions);
    s
}

#[expect(clippy::inline_always, reason = "pulp's contract: a call would leave the vector instructions")]
#[inline(always)]
fn right_hand_sides(problem: &Problem, mode: &Mode, levels: Range<usize>, lead: &mut [f64]) -> Vec<f64> {
    let layout = &problem.layout;
    let (k0, directions) = (layout.lead, problem.parameters());
    let mut trailing = vec![0.0; layout.trailing * directions];
    let mut m = vec![0.0; problem.row_width()];
    let mut reader = Reader::new(problem);
    let mut zeta = vec![0.0; directions];
    for (at, j) in levels.enumerate() {
        let own = &mut lead[at * k0 * directions..(at + 1) * k0 * directions];
        for records in layout.cells(j) {
            let i = records.start;
            let cell = reader.read(problem, mode, records);
            problem.write_m(&mode.lambda, i, &mut m);
            write_weighted_zeta(problem, mode, j, cell, &mut zeta);
            for b in 0..k0 {
                subtract(&mut own[b * directions..(b + 1) * directions], m[b], &zeta);
            }
            for h in 0..layout.others {
                let column = layout.trailing_column[i * layout.others + h] as usize;
                for d in 0..problem.groupings[h + 1].width {
                    let row = &mut trailing[(column + d) * directions..(column + d + 1) * directions];
                    subtract(row, m[problem.row_offsets[h + 1] + d], &zeta);
                }
            }
            for (k, e) in problem.theta.entries.iter().enumerate() {
                let share = problem.z(e.grouping, i, e.row) * cell.g;
                let direction = problem.coefficients() + k;
                if e.grouping == 0 {
                    own[e.column * directions + direction] += share;
                } else {
                    let column = problem.effect(e.grouping, i, j) - layout.leading() + e.column;
                    trailing[column * directions + direction] += share;
                }
            }
        }
    }
    trailing
}

#[inline]
fn subtract(row: &mut [f64], factor: f64, zeta: &[f64]) {
    row.iter_mut().zip(zeta).for_each(|(x, z)| *x -= factor * z);
}

/// η̇ = ζ + Mu̇ of record `i`, whose leading level is `j`, in every direction; `m` is its row of M.
#[inline]
pub(super) fn write_eta_dot(
    problem: &Problem,
    mode: &Mode,
    moves: &[f64],
    (i, j): (usize, usize),
    m: &[f64],
    eta_dot: &mut [f64],
) {
    let n = eta_dot.len();
    write_zeta(problem, mode, i, j, eta_dot);
    for g in 0..problem.groupings.len() {
        let first = problem.effect(g, i, j);
        for (d, factor) in m[problem.row_offsets[g]..problem.row_offsets[g + 1]].iter().enumerate() {
            let of = &moves[(first + d) * n..(first + d + 1) * n];
            eta_dot.iter_mut().zip(of).for_each(|(e, u)| *e += factor * u);
        }
    }
}

/// ζ of record `i` in every direction.
#[inline]
fn write_zeta(problem: &Problem, mode: &Mode, i: usize, j: usize, zeta: &mut [f64]) {
    let p = problem.coefficients();
    problem.x.write_row(problem.x.pattern(i), &mut zeta[..p]);
    for (out, e) in zeta[p..].iter_mut().zip(&problem.theta.entries) {
        *out = problem.z(e.grouping, i, e.row) * mode.u[problem.effect(e.grouping, i, j) + e.column];
    }
}

/// Σ Wζ of a cell of leading level `j`, in every direction.
fn write_weighted_zeta(problem: &Problem, mode: &Mode, j: usize, cell: &Cell, zeta: &mut [f64]) {
    let p = problem.coefficients();
    zeta[..p].copy_from_slice(&cell.by_column[0]);
    for (out, e) in zeta[p..].iter_mut().zip(&problem.theta.entries) {
        let u = mode.u[problem.effect(e.grouping, cell.first, j) + e.column];
        *out = cell.w * problem.z(e.grouping, cell.first, e.row) * u;
    }
}
