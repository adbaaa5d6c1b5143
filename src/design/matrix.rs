//! The products with X that estimation needs: Xβ, X'r, X'WX, single rows.

use super::block::Block;
use super::gram::gram;
use super::patterns::Patterns;
use nalgebra::{DMatrix, DVector};

/// Marks a pattern that no record of a subset has shown yet.
const UNSEEN: u32 = u32::MAX;

/// Neighbouring factors are held as one block of their pairs up to so many codes: each of these is a cell of every tally.
const MOST_CODES: usize = 64;

/// X in blocks over patterns, with the pattern of every record.
#[derive(Debug, Clone)]
pub struct Design {
    pub(super) blocks: Vec<Block>,
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
                blocks: side_by_side(blocks.iter().map(|b| b.pick(&found.first)).collect()),
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
        Self { blocks: side_by_side(blocks), patterns: rows, ids: None, first: None, width }
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

    /// X'WX from the weights summed per pattern.
    pub fn gram(&self, w: &[f64]) -> DMatrix<f64> {
        gram(&self.blocks, self.width, w)
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

    /// The rows of these records alone, with the patterns they show.
    #[must_use]
    pub fn pick(&self, records: &[u32]) -> Self {
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

    /// X N: new columns that are combinations of these, held as numbers per pattern.
    #[must_use]
    pub fn combined(&self, n: &DMatrix<f64>) -> Self {
        let column =
            |c: usize| Block { scale: Some(self.times(n.column(c).as_slice())), start: c, ..Block::constant() };
        let blocks = (0..n.ncols()).map(column).collect();
        Self { blocks, ids: self.ids.clone(), first: self.first.clone(), width: n.ncols(), ..*self }
    }
}

/// Joins neighbouring blocks of factors.
fn side_by_side(blocks: Vec<Block>) -> Vec<Block> {
    let mut joined: Vec<Block> = Vec::with_capacity(blocks.len());
    for block in blocks {
        match joined.last_mut() {
            Some(last) if fit_together(last, &block) => *last = last.beside(&block),
            _ => joined.push(block),
        }
    }
    joined
}

/// Whether two blocks, one behind the other, are factors of few pairs of levels; the intercept is a factor of one level.
fn fit_together(a: &Block, b: &Block) -> bool {
    let factors = a.scale.is_none() && b.scale.is_none();
    factors && a.start + a.width == b.start && a.levels * b.levels <= MOST_CODES
}
