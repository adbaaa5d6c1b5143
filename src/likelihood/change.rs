//! How the Schur complement changes along each direction: Ṡₗ = N'ȦₗN, in the places of its fronts.
//!
//! Two ways to add it up. A small complement is kept as one row of directions per place, written as records are read:
//!
//! ```text
//! rows:   place 0 │ Ṡ₁ Ṡ₂ … │ place 1 │ Ṡ₁ Ṡ₂ … │ …      per piece of the records
//! ```
//!
//! A large one (1,128 lecturers by 40 directions: 200 MB a piece) would miss the cache at every write. There what each level
//! adds is noted in the low rank that it has, and every direction is worked out by itself in a plane that fits the cache.

use super::layout::Layout;
use super::problem::Problem;
use rayon::prelude::*;
use std::ops::Range;

/// What one piece of the records adds to Ṡ.
pub(super) enum Change {
    /// In the places of the fronts, x directions.
    Rows(Vec<f64>),
    /// As it was noted.
    Noted(Notes),
}

/// What each level and each cell adds.
#[derive(Default)]
pub(super) struct Notes {
    first_level: usize,
    /// G of each level: k0 x columns.
    g: Vec<f64>,
    /// Q = Ȧ_jt − Ȧ_jj G, and Ȧ_jt: k0 x columns x directions.
    q: Vec<f64>,
    cross: Vec<f64>,
    /// Σ Ẇ of each cell: x directions.
    cells: Vec<f64>,
    /// Which of them a pair of trailing effects takes how often.
    shares: Vec<Share>,
    /// What a single direction gets on top: direction, place, value.
    extras: Vec<(u32, u32, f64)>,
}

struct Share {
    place: u32,
    cell: u32,
    factor: f64,
}

/// G, Q and Ȧ_jt of one leading level.
pub(super) struct Level<'a> {
    pub(super) j: usize,
    pub(super) g: &'a [f64],
    pub(super) q: &'a [f64],
    pub(super) cross: &'a [f64],
}

impl Change {
    /// Nothing yet, in the way that takes less memory.
    pub(super) fn new(problem: &Problem, levels: &Range<usize>, directions: usize) -> Self {
        let layout = &problem.layout;
        if layout.fronts.len() <= SMALL || noted(problem) >= layout.fronts.len() * layout.pieces.len() {
            return Self::Rows(vec![0.0; layout.fronts.len() * directions]);
        }
        Self::Noted(Notes { first_level: levels.start, ..Notes::default() })
    }

    /// Σ Ẇ of the next cell.
    pub(super) fn begin_cell(&mut self, along_w1: &[f64]) {
        if let Self::Noted(notes) = self {
            notes.cells.extend_from_slice(along_w1);
        }
    }

    /// Adds `factor` times Σ Ẇ of the cell that was begun.
    #[inline]
    pub(super) fn add(&mut self, place: usize, factor: f64, along_w1: &[f64]) {
        let nd = along_w1.len();
        match self {
            Self::Rows(rows) => add(&mut rows[place * nd..(place + 1) * nd], factor, along_w1),
            Self::Noted(notes) => {
                let cell = (notes.cells.len() / nd) as u32 - 1;
                notes.shares.push(Share { place: place as u32, cell, factor });
            }
        }
    }

    /// Adds to one direction of `directions`.
    #[inline]
    pub(super) fn add_one(&mut self, place: usize, direction: usize, directions: usize, value: f64) {
        match self {
            Self::Rows(rows) => rows[place * directions + direction] += value,
            Self::Noted(notes) => notes.extras.push((direction as u32, place as u32, value)),
        }
    }

    /// Takes off what a level leaves: G'Q + Ȧ_tj G.
    #[inline]
    pub(super) fn eliminate(&mut self, layout: &Layout, level: &Level, nd: usize) {
        let n = layout.level_columns(level.j).len();
        match self {
            Self::Rows(rows) => layout.pairs(level.j, |t, s, place| {
                let out = &mut rows[place * nd..(place + 1) * nd];
                for b in 0..layout.lead {
                    let (g_s, g_t) = (level.g[b * n + s], level.g[b * n + t]);
                    let q_t = &level.q[(b * n + t) * nd..(b * n + t + 1) * nd];
                    let cross_s = &level.cross[(b * n + s) * nd..(b * n + s + 1) * nd];
                    out.iter_mut().zip(q_t).zip(cross_s).for_each(|((o, q), x)| *o -= g_s * q + g_t * x);
                }
            }),
            Self::Noted(notes) => {
                notes.g.extend_from_slice(level.g);
                notes.q.extend_from_slice(level.q);
                notes.cross.extend_from_slice(level.cross);
            }
        }
    }
}

/// Places up to which the rows of directions stay in the cache.
const SMALL: usize = 65_536;

/// Numbers per direction that notes take.
fn noted(problem: &Problem) -> usize {
    2 * problem.layout.lead * problem.layout.columns.len() + problem.layout.cell_count()
}

/// Directions taken out of rows together: a line of the cache holds as many numbers.
const TOGETHER: usize = 8;

/// Ṡ of every direction, over all pieces.
pub(super) fn by_direction(layout: &Layout, parts: &[Change], directions: usize) -> Vec<Vec<f64>> {
    let mut planes = vec![vec![0.0; layout.fronts.len()]; directions];
    planes.par_chunks_mut(TOGETHER).enumerate().for_each(|(block, own)| {
        for part in parts {
            let Change::Rows(rows) = part else { continue };
            for (e, row) in rows.chunks_exact(directions).enumerate() {
                for (plane, x) in own.iter_mut().zip(&row[block * TOGETHER..]) {
                    plane[e] += x;
                }
            }
        }
    });
    planes.par_iter_mut().enumerate().for_each(|(direction, plane)| {
        for part in parts {
            let Change::Noted(notes) = part else { continue };
            notes.write(layout, direction, directions, plane);
        }
    });
    planes
}

impl Notes {
    /// Adds one of `nd` directions to its plane.
    fn write(&self, layout: &Layout, direction: usize, nd: usize, plane: &mut [f64]) {
        for share in &self.shares {
            plane[share.place as usize] += share.factor * self.cells[share.cell as usize * nd + direction];
        }
        for (_, place, value) in self.extras.iter().filter(|(of, ..)| *of as usize == direction) {
            plane[*place as usize] += value;
        }
        let (mut q, mut cross) = (Vec::new(), Vec::new());
        let (mut begin, mut j) = (0, self.first_level);
        while begin < self.g.len() {
            let n = layout.level_columns(j).len();
            let of = begin..begin + layout.lead * n;
            let along = |x: &[f64], out: &mut Vec<f64>| {
                out.clear();
                out.extend(x[of.start * nd..of.end * nd].iter().skip(direction).step_by(nd));
            };
            along(&self.q, &mut q);
            along(&self.cross, &mut cross);
            for ((g, q), cross) in self.g[of.clone()].chunks_exact(n).zip(q.chunks_exact(n)).zip(cross.chunks_exact(n))
            {
                layout.pairs(j, |t, s, place| plane[place] -= g[s] * q[t] + g[t] * cross[s]);
            }
            begin = of.end;
            j += 1;
        }
    }
}

#[inline]
pub(super) fn add(out: &mut [f64], factor: f64, x: &[f64]) {
    out.iter_mut().zip(x).for_each(|(o, x)| *o += factor * x);
}
