//! X'WX: cross-tabulations of pairs of blocks, then their contrasts; matrix products where columns are plain numbers.

use super::block::Block;
use crate::coding::{Code, with_codes};
use nalgebra::DMatrix;
use ndarray::{Array2, Axis, Slice, linalg::general_mat_mul};
use rayon::prelude::*;
use std::ops::Range;

/// So many columns of numbers are multiplied as a matrix: pair by pair, each would be read again and again.
const MANY_NUMBERS: usize = 6;

/// Rows that are one share of the work, whatever the number of threads.
const SHARE: usize = 1 << 15;

/// Rows per product: two buffers of a hundred columns stay in the second-level cache.
const BUFFER: usize = 256;

/// X'WX of some blocks of a design with `width` columns, from a weight per row.
pub(super) fn gram(blocks: &[Block], width: usize, w: &[f64]) -> DMatrix<f64> {
    let numbers = blocks.iter().filter(|b| is_number(b)).collect::<Vec<_>>();
    let together = numbers.len() >= MANY_NUMBERS;
    let pairs = (0..blocks.len()).flat_map(|a| (a..blocks.len()).map(move |b| (a, b)));
    let pairs = pairs.filter(|&(a, b)| !(together && is_number(&blocks[a]) && is_number(&blocks[b])));
    let pairs = pairs.collect::<Vec<_>>();
    let parts = pairs.par_iter().map(|&(a, b)| cross(&blocks[a], &blocks[b], w)).collect::<Vec<_>>();
    let mut gram = DMatrix::zeros(width, width);
    let mut set = |i: usize, j: usize, x: f64| (gram[(i, j)], gram[(j, i)]) = (x, x);
    for (&(a, b), part) in pairs.iter().zip(&parts) {
        let (a, b) = (&blocks[a], &blocks[b]);
        (0..a.width).for_each(|i| (0..b.width).for_each(|j| set(a.start + i, b.start + j, part[(i, j)])));
    }
    if together {
        let product = multiply(&numbers, w);
        for (i, a) in numbers.iter().enumerate() {
            numbers[i..].iter().enumerate().for_each(|(j, b)| set(a.start, b.start, product[(i, i + j)]));
        }
    }
    gram
}

fn is_number(block: &Block) -> bool {
    block.codes.is_none() && block.width == 1
}

/// N'WN over columns of numbers: a product per share of the rows, added up in order.
fn multiply(numbers: &[&Block], w: &[f64]) -> Array2<f64> {
    let shares = (0..w.len().div_ceil(SHARE)).into_par_iter();
    let parts = shares.map(|s| multiply_share(numbers, w, s * SHARE..((s + 1) * SHARE).min(w.len())));
    let mut sum = Array2::zeros((numbers.len(), numbers.len()));
    parts.collect::<Vec<_>>().iter().for_each(|part| sum += part);
    sum
}

fn multiply_share(numbers: &[&Block], w: &[f64], rows: Range<usize>) -> Array2<f64> {
    let n = numbers.len();
    let mut sum = Array2::zeros((n, n));
    let (mut plain, mut weighted) = (Array2::zeros((BUFFER, n)), Array2::zeros((BUFFER, n)));
    for begin in rows.clone().step_by(BUFFER) {
        let filled = BUFFER.min(rows.end - begin);
        for (c, block) in numbers.iter().enumerate() {
            for k in 0..filled {
                let x = block.contrast[0] * block.factor(begin + k);
                (plain[(k, c)], weighted[(k, c)]) = (x, x * w[begin + k]);
            }
        }
        // `slice_axis` rather than the `s!` macro, which expands to unsafe code.
        let part = Slice::from(..filled);
        let (left, right) = (weighted.slice_axis(Axis(0), part), plain.slice_axis(Axis(0), part));
        general_mat_mul(1.0, &left.t(), &right, 1.0, &mut sum);
    }
    sum
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
        // Larger tables seldom meet the same cell twice in a row.
        (Some(x), None, Some(y), None) => with_codes!(x, x => with_codes!(y, y => {
            for ((x, y), w) in x.iter().zip(y).zip(w) {
                table[x.index() * b.levels + y.index()] += w;
            }
        })),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::Codes;

    /// Columns of numbers, an intercept, and two factors with an interaction; every product against the plain sum.
    #[test]
    fn products_and_tables_are_the_plain_sums() {
        let rows = 700;
        let number = |c: usize| (0..rows).map(|i| ((i * (c + 3) + c) % 17) as f64 / 7.0 - 1.0).collect::<Vec<_>>();
        let mut blocks = vec![Block::constant()];
        for c in 0..7 {
            let mut block = Block::constant();
            block.multiply(number(c));
            blocks.push(block);
        }
        for levels in [3usize, 5] {
            let mut block = Block::constant();
            let codes = Codes::pack((0..rows).map(|i| (i * i + i) % levels), levels);
            block.cross(&codes, levels, &DMatrix::from_fn(levels, levels - 1, |l, c| f64::from(u8::from(l == c + 1))));
            if levels == 5 {
                block.multiply(number(9));
            }
            blocks.push(block);
        }
        let mut start = 0;
        for block in &mut blocks {
            block.start = start;
            start += block.width;
        }
        let w = (0..rows).map(|i| (i % 13) as f64 - 4.0).collect::<Vec<_>>();
        let found = gram(&blocks, start, &w);
        let x = DMatrix::from_fn(rows, start, |i, j| {
            let block = blocks.iter().rfind(|b| b.start <= j).unwrap();
            block.factor(i) * block.contrast[block.code(i) * block.width + j - block.start]
        });
        let plain = DMatrix::from_fn(start, start, |a, b| (0..rows).map(|i| w[i] * x[(i, a)] * x[(i, b)]).sum::<f64>());
        assert!((found - plain).amax() < 1e-9);
    }
}
