//! Sums of w x' over some records: weights are tallied over the codes of every block, and the contrasts applied to the tally.

use super::matrix::Design;
use crate::coding::{Code, with_codes};

/// K weights a record, summed over the columns of X; the memory is used again for the next records.
pub struct Tally<'a, const K: usize> {
    design: &'a Design,
    /// A cell per code, block after block.
    cells: Vec<[f64; K]>,
    entries: Vec<Entry>,
    /// From so many records on a tally is faster than adding up row by row.
    worth: usize,
}

/// An entry of a contrast that is not zero.
struct Entry {
    cell: u32,
    column: u32,
    x: f64,
}

impl<'a, const K: usize> Tally<'a, K> {
    /// An empty tally over the codes of a design.
    pub fn new(design: &'a Design) -> Self {
        let mut entries = Vec::new();
        let mut cells = 0;
        for block in &design.blocks {
            for (at, x) in block.contrast.iter().enumerate().filter(|(_, x)| **x != 0.0) {
                let (cell, column) = (cells + at / block.width, block.start + at % block.width);
                entries.push(Entry { cell: cell as u32, column: column as u32, x: *x });
            }
            cells += block.levels;
        }
        // A row costs its columns, or a look into each block's cells; a tally is cleared and read once.
        let saved = design.width.saturating_sub(design.blocks.len()).max(1);
        let worth = (cells + entries.len()).div_ceil(saved);
        Self { design, cells: vec![[0.0; K]; cells], entries, worth }
    }

    /// Adds Σ w x' of the records from `begin` on to `out`, a row per weight; `weights` has K of them for each record.
    #[expect(clippy::inline_always, reason = "part of loops compiled for the vector instructions of the machine")]
    #[inline(always)]
    pub fn sum(&mut self, begin: usize, weights: &[[f64; K]], out: &mut [Vec<f64>; K]) {
        if weights.len() < self.worth {
            for (i, w) in (begin..).zip(weights) {
                self.add_row(self.design.pattern(i), w, out);
            }
            return;
        }
        self.cells.fill([0.0; K]);
        self.count(begin, weights);
        for Entry { cell, column, x } in &self.entries {
            let cell = &self.cells[*cell as usize];
            (0..K).for_each(|k| out[k][*column as usize] += cell[k] * x);
        }
    }

    /// Adds row `pattern` of X, multiplied by each weight.
    #[expect(clippy::inline_always, reason = "part of loops compiled for the vector instructions of the machine")]
    #[inline(always)]
    fn add_row(&self, pattern: usize, weights: &[f64; K], out: &mut [Vec<f64>; K]) {
        for block in &self.design.blocks {
            let code = block.code(pattern);
            let scale = block.factor(pattern);
            let row = &block.contrast[code * block.width..(code + 1) * block.width];
            for (k, w) in weights.iter().enumerate() {
                let w = scale * w;
                out[k][block.start..block.start + block.width].iter_mut().zip(row).for_each(|(o, c)| *o += w * c);
            }
        }
    }

    /// Tallies the weights over the codes of every block.
    #[expect(clippy::inline_always, reason = "part of loops compiled for the vector instructions of the machine")]
    #[inline(always)]
    fn count(&mut self, begin: usize, weights: &[[f64; K]]) {
        let mut start = 0;
        for block in &self.design.blocks {
            let cells = &mut self.cells[start..start + block.levels];
            start += block.levels;
            let records = begin..begin + weights.len();
            match (&block.codes, &block.scale, &self.design.ids) {
                // The common cases, a factor or a number, have loops to themselves.
                (Some(codes), None, Some(ids)) => with_codes!(codes, codes => {
                    for (&id, w) in ids[records].iter().zip(weights) {
                        add(&mut cells[codes[id as usize].index()], w, 1.0);
                    }
                }),
                (Some(codes), None, None) => with_codes!(codes, codes => {
                    for (code, w) in codes[records].iter().zip(weights) {
                        add(&mut cells[code.index()], w, 1.0);
                    }
                }),
                (None, Some(scale), Some(ids)) => {
                    for (&id, w) in ids[records].iter().zip(weights) {
                        add(&mut cells[0], w, scale[id as usize]);
                    }
                }
                (None, Some(scale), None) => {
                    for (scale, w) in scale[records].iter().zip(weights) {
                        add(&mut cells[0], w, *scale);
                    }
                }
                _ => {
                    for (i, w) in records.zip(weights) {
                        let pattern = self.design.pattern(i);
                        add(&mut cells[block.code(pattern)], w, block.factor(pattern));
                    }
                }
            }
        }
    }
}

#[expect(clippy::inline_always, reason = "part of loops compiled for the vector instructions of the machine")]
#[inline(always)]
fn add<const K: usize>(cell: &mut [f64; K], w: &[f64; K], scale: f64) {
    (0..K).for_each(|k| cell[k] += w[k] * scale);
}
