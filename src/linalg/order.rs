//! From a graph of blocks to fronts: a fill-reducing order, and the columns that share their rows.

use super::fronts::Fronts;
use crate::error::{Error, Kind, Result};
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::sparse::SymbolicSparseColMatRef;
use faer::sparse::linalg::SupernodalThreshold;
use faer::sparse::linalg::amd;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, SymbolicCholeskyRaw, SymmetricOrdering, factorize_symbolic_cholesky,
};

/// When the factor would fill this share of the triangle, one dense matrix is faster.
const NEARLY_FULL: f64 = 0.8;

/// Blocks of columns that are eliminated together, and which of them are connected.
pub struct Graph<'a> {
    /// Columns of each block.
    pub widths: &'a [usize],
    /// Start of each block's list in `neighbours`, and the length of all at the end.
    pub starts: &'a [usize],
    /// Blocks that each block is connected with, ascending, itself left out; symmetric.
    pub neighbours: &'a [usize],
}

impl Graph<'_> {
    /// Fronts, and the first column of each block. Order of approximate minimum degree (Amestoy, Davis & Duff 1996).
    pub fn fronts(&self) -> Result<(Fronts, Vec<u32>)> {
        let n: usize = self.widths.iter().sum();
        let full = self.neighbours.len() == self.widths.len() * self.widths.len().saturating_sub(1);
        if !full {
            let order = self.order()?;
            let first = first_columns(self.widths, &order);
            let fronts = self.symbolic(&order, &first, n)?;
            if (fronts.len() as f64) < NEARLY_FULL * (n as f64).powi(2) {
                return Ok((fronts, first));
            }
        }
        let order = (0..self.widths.len()).collect::<Vec<_>>();
        Ok((Fronts::dense(n), first_columns(self.widths, &order)))
    }

    fn order(&self) -> Result<Vec<usize>> {
        let blocks = self.widths.len();
        let (mut forward, mut backward) = (vec![0usize; blocks], vec![0usize; blocks]);
        let pattern = SymbolicSparseColMatRef::new_checked(blocks, blocks, self.starts, None, self.neighbours);
        let scratch = amd::order_scratch::<usize>(blocks, self.neighbours.len());
        let mut memory = MemBuffer::try_new(scratch).map_err(|_| too_large())?;
        amd::order(&mut forward, &mut backward, pattern, amd::Control::default(), MemStack::new(&mut memory))
            .map_err(|_| too_large())?;
        Ok(forward)
    }

    /// Columns in the new order, upper triangle; then the fronts of its factor.
    fn symbolic(&self, order: &[usize], first: &[u32], n: usize) -> Result<Fronts> {
        let mut starts = vec![0usize];
        let mut rows: Vec<usize> = Vec::new();
        for &block in order {
            let own = first[block] as usize;
            let before = self.neighbours[self.starts[block]..self.starts[block + 1]].iter();
            let before = before.filter(|&&b| first[b] < first[block]);
            let mut above =
                before.flat_map(|&b| first[b] as usize..first[b] as usize + self.widths[b]).collect::<Vec<_>>();
            above.sort_unstable();
            for d in 0..self.widths[block] {
                rows.extend_from_slice(&above);
                rows.extend(own..=own + d);
                starts.push(rows.len());
            }
        }
        let upper = SymbolicSparseColMatRef::new_checked(n, n, &starts, None, &rows);
        let parameters = CholeskySymbolicParams {
            supernodal_flop_ratio_threshold: SupernodalThreshold::FORCE_SUPERNODAL,
            ..CholeskySymbolicParams::default()
        };
        let symbolic = factorize_symbolic_cholesky(upper, faer::Side::Upper, SymmetricOrdering::Identity, parameters)
            .map_err(|_| too_large())?;
        let SymbolicCholeskyRaw::Supernodal(found) = symbolic.raw() else {
            return Err(Error::new(Kind::Internal, "fronts", "the factor came without fronts"));
        };
        let mut begins = found.supernode_begin().to_vec();
        begins.push(n);
        let below = (0..found.n_supernodes()).map(|f| {
            let mut rows = found.supernode(f).pattern().iter().map(|&r| r as u32).collect::<Vec<_>>();
            rows.sort_unstable();
            rows
        });
        Ok(Fronts::new(begins, &below.collect::<Vec<_>>()))
    }
}

fn first_columns(widths: &[usize], order: &[usize]) -> Vec<u32> {
    let mut first = vec![0u32; widths.len()];
    let mut next = 0;
    for &block in order {
        first[block] = next;
        next += widths[block] as u32;
    }
    first
}

fn too_large() -> Error {
    let message = "there is not enough memory for the structure of the grouping factors; leave out a grouping factor, or use one with fewer levels";
    Error::new(Kind::Size, "crossed-effects", message)
}
