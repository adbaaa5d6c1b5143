//! The products with X that estimation needs: Xβ, X'r, X'WX, single rows.

use super::block::Block;
use super::patterns::Patterns;
use crate::coding::{Code, with_codes};
use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

/// Marks a pattern that no record of a subset has shown yet.
const UNSEEN: u32 = u32::MAX;

/// X in blocks over patterns, with the pattern of every record.
#[derive(Debug, Clone)]
pub struct Design {
    blocks: Vec<Block>,
    /// Number of patterns (rows held by the blocks).
    pub patterns: usize,
    /// Pattern of each record; `None` when record i is pattern i.
    pub ids: Option<Vec<u32>>,
    /// A record of each pattern; `None` when record i is pattern i.
    first: Option<Vec<u32>>,
    /// Number of columns, p.
    pub width: usize,
}

impl Design {
    /// Takes blocks over `rows` records and compresses them to patterns where that pays.
    pub fn new(blocks: Vec<Block>, rows: usize, width: usize) -> Self {
        match Patterns::find(&blocks, rows) {
            Some(found) => Self {
                blocks: blocks.iter().map(|b| b.pick(&found.first)).collect(),
                patterns: found.first.len(),
                ids: Some(found.ids),
                first: Some(found.first),
                width,
            },
            None => Self::plain(blocks, rows, width),
        }
    }

    /// One pattern per record.
    pub fn plain(blocks: Vec<Block>, rows: usize, width: usize) -> Self {
        Self { blocks, patterns: rows, ids: None, first: None, width }
    }

    /// The pattern of record `i`.
    #[inline]
    pub fn pattern(&self, i: usize) -> usize {
        self.ids.as_ref().map_or(i, |ids| ids[i] as usize)
    }

    /// A record that has the pattern.
    #[inline]
    pub fn shown_by(&self, pattern: usize) -> usize {
        self.first.as_ref().map_or(pattern, |first| first[pattern] as usize)
    }

    /// Sums a quantity per record over the records of each pattern.
    pub fn by_pattern(&self, per_record: &[f64]) -> Vec<f64> {
        match &self.ids {
            None => per_record.to_vec(),
            Some(ids) => {
                let mut sums = vec![0.0; self.patterns];
                ids.iter().zip(per_record).for_each(|(&id, x)| sums[id as usize] += x);
                sums
            }
        }
    }

    /// Xβ per pattern.
    pub fn times(&self, beta: &[f64]) -> Vec<f64> {
        let mut eta = vec![0.0; self.patterns];
        for block in &self.blocks {
            let part = &beta[block.start..block.start + block.width];
            let look_up = block.contrast.chunks_exact(block.width.max(1));
            let look_up = look_up.map(|row| row.iter().zip(part).map(|(c, b)| c * b).sum::<f64>()).collect::<Vec<_>>();
            block.for_each(self.patterns, |i, code, scale| eta[i] += scale * look_up[code]);
        }
        eta
    }

    /// X'r from r summed per pattern.
    pub fn transpose_times(&self, r: &[f64]) -> DVector<f64> {
        let mut out = DVector::zeros(self.width);
        for block in &self.blocks {
            let mut tally = vec![0.0; block.levels];
            block.for_each(self.patterns, |i, code, scale| tally[code] += scale * r[i]);
            for (code, t) in tally.iter().enumerate() {
                for c in 0..block.width {
                    out[block.start + c] += t * block.contrast[code * block.width + c];
                }
            }
        }
        out
    }

    /// X'WX from the weights summed per pattern: cross-tabulations of pairs of blocks, then their contrasts.
    pub fn gram(&self, w: &[f64]) -> DMatrix<f64> {
        let pairs =
            (0..self.blocks.len()).flat_map(|a| (a..self.blocks.len()).map(move |b| (a, b))).collect::<Vec<_>>();
        let parts = pairs.par_iter().map(|&(a, b)| cross(&self.blocks[a], &self.blocks[b], w)).collect::<Vec<_>>();
        let mut gram = DMatrix::zeros(self.width, self.width);
        for (&(a, b), part) in pairs.iter().zip(&parts) {
            let (a, b) = (&self.blocks[a], &self.blocks[b]);
            for i in 0..a.width {
                for j in 0..b.width {
                    gram[(a.start + i, b.start + j)] = part[(i, j)];
                    gram[(b.start + j, a.start + i)] = part[(i, j)];
                }
            }
        }
        gram
    }

    /// Writes row `pattern` of X into `out` (length p).
    #[inline]
    pub fn write_row(&self, pattern: usize, out: &mut [f64]) {
        for block in &self.blocks {
            let code = block.code(pattern);
            let scale = block.factor(pattern);
            let row = &block.contrast[code * block.width..(code + 1) * block.width];
            for (o, c) in out[block.start..block.start + block.width].iter_mut().zip(row) {
                *o = scale * c;
            }
        }
    }

    /// Number of codes over all blocks: the width of a tally of [`Design::tally`].
    pub fn tally_width(&self) -> usize {
        self.blocks.iter().map(|b| b.levels).sum()
    }

    /// Tallies weights of the records from `begin` on over the codes of every block.
    pub fn tally<const K: usize>(&self, begin: usize, weights: &[[f64; K]], tally: &mut [[f64; K]]) {
        let mut start = 0;
        for block in &self.blocks {
            let cells = &mut tally[start..start + block.levels];
            start += block.levels;
            let records = begin..begin + weights.len();
            match (&block.codes, &block.scale, &self.ids) {
                // The common case, a factor over patterns, has its loop to itself.
                (Some(codes), None, Some(ids)) => with_codes!(codes, codes => {
                    for (&id, w) in ids[records].iter().zip(weights) {
                        let cell = &mut cells[codes[id as usize].index()];
                        (0..K).for_each(|k| cell[k] += w[k]);
                    }
                }),
                _ => {
                    for (i, w) in records.zip(weights) {
                        let pattern = self.pattern(i);
                        let (cell, scale) = (&mut cells[block.code(pattern)], block.factor(pattern));
                        (0..K).for_each(|k| cell[k] += w[k] * scale);
                    }
                }
            }
        }
    }

    /// Turns a tally over codes into sums of w x' over columns: the contrasts applied afterwards.
    pub fn contract<const K: usize>(&self, tally: &[[f64; K]], out: &mut [Vec<f64>; K]) {
        let mut start = 0;
        for block in &self.blocks {
            for (code, cell) in tally[start..start + block.levels].iter().enumerate() {
                let row = &block.contrast[code * block.width..(code + 1) * block.width];
                for (c, x) in row.iter().enumerate().filter(|(_, x)| **x != 0.0) {
                    (0..K).for_each(|k| out[k][block.start + c] += cell[k] * x);
                }
            }
            start += block.levels;
        }
    }

    /// The rows of these records alone, with the patterns they show.
    #[must_use]
    pub fn subset(&self, records: &[u32]) -> Self {
        let Some(ids) = &self.ids else {
            let blocks = self.blocks.iter().map(|b| b.pick(records)).collect();
            return Self::plain(blocks, records.len(), self.width);
        };
        let mut number = vec![UNSEEN; self.patterns];
        let (mut shown, mut first) = (Vec::new(), Vec::new());
        let mut own = Vec::with_capacity(records.len());
        for (k, &i) in records.iter().enumerate() {
            let pattern = ids[i as usize];
            let id = &mut number[pattern as usize];
            if *id == UNSEEN {
                *id = shown.len() as u32;
                shown.push(pattern);
                first.push(k as u32);
            }
            own.push(*id);
        }
        let blocks = self.blocks.iter().map(|b| b.pick(&shown)).collect();
        Self { blocks, patterns: shown.len(), ids: Some(own), first: Some(first), width: self.width }
    }

    /// The design without the columns for which `keep` is false.
    #[must_use]
    pub fn keep(self, keep: &[bool]) -> Self {
        let mut start = 0;
        let mut blocks = Vec::new();
        for block in &self.blocks {
            let kept = block.keep(start, |c| keep[c]);
            start += kept.width;
            if kept.width > 0 {
                blocks.push(kept);
            }
        }
        Self { blocks, width: start, ..self }
    }
}

/// `C_a' T C_b`, where T cross-tabulates the codes of two blocks by weight.
fn cross(a: &Block, b: &Block, w: &[f64]) -> DMatrix<f64> {
    let table = cross_table(a, b, w);
    // T C_b first: it is no larger than T.
    let mut half = vec![0.0; a.levels * b.width];
    for la in 0..a.levels {
        for lb in 0..b.levels {
            let t = table[la * b.levels + lb];
            if t != 0.0 {
                for c in 0..b.width {
                    half[la * b.width + c] += t * b.contrast[lb * b.width + c];
                }
            }
        }
    }
    let mut out = DMatrix::zeros(a.width, b.width);
    for la in 0..a.levels {
        for i in 0..a.width {
            let c = a.contrast[la * a.width + i];
            if c != 0.0 {
                for j in 0..b.width {
                    out[(i, j)] += c * half[la * b.width + j];
                }
            }
        }
    }
    out
}

/// Sum of w over the rows with each pair of codes, codes of `a` by codes of `b`.
fn cross_table(a: &Block, b: &Block, w: &[f64]) -> Vec<f64> {
    let cells = a.levels * b.levels;
    let mut table = vec![0.0; cells];
    match (&a.codes, &a.scale, &b.codes, &b.scale) {
        (Some(x), None, Some(y), None) if cells <= INTERLEAVED => {
            with_codes!(x, x => with_codes!(y, y => table = interleaved(x, y, b.levels, cells, w)));
        }
        // Against the intercept the row of the table is always the first: a width of zero says so.
        (None, None, Some(y), None) if cells <= INTERLEAVED => {
            with_codes!(y, y => table = interleaved(y, y, 0, cells, w));
        }
        _ => a.for_each(w.len(), |i, code, scale| table[code * b.levels + b.code(i)] += w[i] * scale * b.factor(i)),
    }
    table
}

/// Tables up to this size are kept four at a time.
const INTERLEAVED: usize = 1_024;

/// Neighbouring rows go to different tables: in a small table they often meet the same cell, and each addition would wait for
/// the one before it.
fn interleaved<A: Code, B: Code>(a: &[A], b: &[B], width: usize, cells: usize, w: &[f64]) -> Vec<f64> {
    let mut tables = vec![0.0; 4 * cells];
    let whole = w.len() / 4 * 4;
    let fours = a[..whole].chunks_exact(4).zip(b[..whole].chunks_exact(4)).zip(w[..whole].chunks_exact(4));
    for ((a, b), w) in fours {
        for k in 0..4 {
            tables[k * cells + a[k].index() * width + b[k].index()] += w[k];
        }
    }
    for i in whole..w.len() {
        tables[a[i].index() * width + b[i].index()] += w[i];
    }
    (0..cells).map(|c| (tables[c] + tables[cells + c]) + (tables[2 * cells + c] + tables[3 * cells + c])).collect()
}
