//! The blocks of a term: factor codes, numbers, and curves.

use super::block::Block;
use super::patterns::densify;
use super::spec::{AtomSpec, DesignSpec, TermSpec};
use crate::coding::{Basis, Codes, Frame};
use crate::error::Result;
use nalgebra::DMatrix;

/// A curve of a number with this few distinct values is held as a factor with a row of numbers per value, else column by
/// column. Only speed depends on it: with 71,000 records the two take the same time at several hundred values.
const MOST_VALUES: usize = 256;

/// The same for values times the levels of the term's factors, of which a cross-tabulation has a cell each.
const MOST_CELLS: usize = 1_024;

/// One curve of a term over some rows.
struct Curve<'a> {
    basis: &'a Basis,
    /// The covariate.
    x: Vec<f64>,
    /// Number of each row's value, and a row of each value, if these are few.
    values: Option<(Vec<u32>, Vec<u32>)>,
}

impl<'a> Curve<'a> {
    fn read(basis: &'a Basis, frame: &Frame, rows: &[u32]) -> Result<Self> {
        let x = basis.source(frame, rows)?;
        let values = densify(x.iter().map(|x| x.to_bits()), MOST_VALUES.min(rows.len() / 4));
        Ok(Self { basis, x, values })
    }
}

impl DesignSpec {
    /// The blocks of `rows` of a frame, from their factor codes: the same path at the fit and on new data.
    pub fn blocks(&self, codes: &[Codes], frame: &Frame, rows: &[u32]) -> Result<Vec<Block>> {
        let mut blocks = Vec::with_capacity(self.terms.len() + 1);
        if self.intercept {
            blocks.push(Block::constant());
        }
        for term in &self.terms {
            blocks.extend(self.term_blocks(term, codes, frame, rows)?);
        }
        Ok(blocks)
    }

    /// One block for factors and numbers, and for curves with few values; else one per column of the curves. The columns of
    /// curves run slowest, so that each block's are beside each other.
    fn term_blocks(&self, term: &TermSpec, codes: &[Codes], frame: &Frame, rows: &[u32]) -> Result<Vec<Block>> {
        let mut block = Block::constant();
        let mut curves = Vec::new();
        for atom in &term.atoms {
            match atom {
                AtomSpec::Number(number) => block.multiply(number.values(frame, rows)?),
                AtomSpec::Basis(basis) => curves.push(Curve::read(basis, frame, rows)?),
                AtomSpec::Factor { index, full } => {
                    let f = &self.factors[*index];
                    let contrast = self.contrast(*index, *full).matrix(f.levels.len(), f.reference);
                    block.cross(&codes[*index], f.levels.len(), &contrast);
                }
            }
        }
        let mut blocks = match by_value(&block, &curves) {
            Some(whole) => vec![whole],
            None => curves.iter().fold(vec![block], |blocks, curve| by_column(&blocks, curve)),
        };
        let mut start = term.start;
        for block in &mut blocks {
            block.start = start;
            start += block.width;
        }
        Ok(blocks)
    }
}

/// The block crossed with each curve's values as with a factor's levels, if there are few enough.
fn by_value(block: &Block, curves: &[Curve]) -> Option<Block> {
    let mut whole = block.clone();
    for curve in curves {
        let (ids, first) = curve.values.as_ref()?;
        if whole.levels * first.len() > MOST_CELLS {
            return None;
        }
        let x = first.iter().map(|&row| curve.x[row as usize]).collect::<Vec<_>>();
        let columns = DMatrix::from_row_slice(first.len(), curve.basis.width(), &curve.basis.values(&x));
        let codes = Codes::pack(ids.iter().map(|id| *id as usize), first.len());
        whole.cross(&codes, first.len(), &columns);
    }
    Some(whole)
}

/// Each block multiplied by each column of the curve, column after column.
fn by_column(blocks: &[Block], curve: &Curve) -> Vec<Block> {
    let width = curve.basis.width();
    let values = curve.basis.values(&curve.x);
    let mut out = Vec::with_capacity(blocks.len() * width);
    for column in 0..width {
        for block in blocks {
            let mut scaled = block.clone();
            scaled.multiply(values.iter().skip(column).step_by(width).copied().collect());
            out.push(scaled);
        }
    }
    out
}
