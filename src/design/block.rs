//! One term's columns: a code per row, a number per row, and a small matrix from codes to columns.

use crate::coding::Codes;
use nalgebra::DMatrix;

/// Row i of the block is `scale[i] * contrast[codes[i], ..]`.
#[derive(Debug, Clone)]
pub struct Block {
    /// Code per row; `None` is code 0 throughout.
    pub codes: Option<Codes>,
    /// Number of codes.
    pub levels: usize,
    /// Factor per row; `None` is 1 throughout.
    pub scale: Option<Vec<f64>>,
    /// Codes x columns, row after row.
    pub contrast: Vec<f64>,
    /// Number of columns.
    pub width: usize,
    /// First column in the design.
    pub start: usize,
}

impl Block {
    /// The block of the intercept.
    pub fn constant() -> Self {
        Self { codes: None, levels: 1, scale: None, contrast: vec![1.0], width: 1, start: 0 }
    }

    /// Multiplies every row by a number.
    pub fn multiply(&mut self, values: Vec<f64>) {
        match &mut self.scale {
            Some(scale) => scale.iter_mut().zip(&values).for_each(|(s, v)| *s *= v),
            None => self.scale = Some(values),
        }
    }

    /// Crosses with a factor: codes combine, contrasts multiply, this block's columns run fastest.
    pub fn cross(&mut self, codes: &Codes, levels: usize, contrast: &DMatrix<f64>) {
        let total = self.levels * levels;
        self.codes = Some(match &self.codes {
            None => codes.clone(),
            Some(own) => Codes::pack((0..codes.len()).map(|i| own.get(i) * levels + codes.get(i)), total),
        });
        let width = self.width * contrast.ncols();
        let mut crossed = vec![0.0; total * width];
        for a in 0..self.levels {
            for b in 0..levels {
                for cb in 0..contrast.ncols() {
                    for ca in 0..self.width {
                        crossed[(a * levels + b) * width + cb * self.width + ca] =
                            self.contrast[a * self.width + ca] * contrast[(b, cb)];
                    }
                }
            }
        }
        (self.levels, self.width, self.contrast) = (total, width, crossed);
    }

    /// Puts the columns of the block after this one beside its own, over pairs of codes. Whatever reads a code per row then reads
    /// one for two.
    #[must_use]
    pub fn beside(&self, next: &Self) -> Self {
        let levels = self.levels * next.levels;
        let codes = match (&self.codes, &next.codes) {
            (None, codes) | (codes, None) => codes.clone(),
            (Some(a), Some(b)) => Some(Codes::pack((0..a.len()).map(|i| a.get(i) * next.levels + b.get(i)), levels)),
        };
        let row = |block: &Self, code: usize| block.contrast[code * block.width..(code + 1) * block.width].to_vec();
        let pairs = (0..self.levels).flat_map(|a| (0..next.levels).map(move |b| (a, b)));
        let contrast = pairs.flat_map(|(a, b)| [row(self, a), row(next, b)].concat()).collect();
        Self { codes, levels, scale: None, contrast, width: self.width + next.width, start: self.start }
    }

    /// The code of row `i`.
    #[inline]
    pub fn code(&self, i: usize) -> usize {
        self.codes.as_ref().map_or(0, |c| c.get(i))
    }

    /// The number of row `i`.
    #[inline]
    pub fn factor(&self, i: usize) -> f64 {
        self.scale.as_ref().map_or(1.0, |s| s[i])
    }

    /// The rows `picked`, in that order.
    #[must_use]
    pub fn pick(&self, picked: &[u32]) -> Self {
        let codes = self.codes.as_ref().map(|c| Codes::pack(picked.iter().map(|&i| c.get(i as usize)), self.levels));
        let scale = self.scale.as_ref().map(|s| picked.iter().map(|&i| s[i as usize]).collect());
        Self { codes, scale, contrast: self.contrast.clone(), ..*self }
    }

    /// Keeps the columns for which `keep(column of the design)` holds; their new positions begin at `start`.
    #[must_use]
    pub fn keep(&self, start: usize, keep: impl Fn(usize) -> bool) -> Self {
        let kept = (0..self.width).filter(|c| keep(self.start + c)).collect::<Vec<_>>();
        let rows = self.contrast.chunks_exact(self.width);
        let contrast = rows.flat_map(|row| kept.iter().map(|&c| row[c])).collect();
        Self { codes: self.codes.clone(), scale: self.scale.clone(), contrast, width: kept.len(), start, ..*self }
    }

    /// Calls `f(row, code, number)` for every one of `rows` rows.
    #[inline]
    pub fn for_each(&self, rows: usize, mut f: impl FnMut(usize, usize, f64)) {
        match (&self.codes, &self.scale) {
            (Some(codes), None) => codes.for_each(|i, c| f(i, c, 1.0)),
            (Some(codes), Some(scale)) => codes.for_each(|i, c| f(i, c, scale[i])),
            (None, Some(scale)) => scale.iter().enumerate().for_each(|(i, s)| f(i, 0, *s)),
            (None, None) => (0..rows).for_each(|i| f(i, 0, 1.0)),
        }
    }
}
