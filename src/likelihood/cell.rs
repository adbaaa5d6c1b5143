//! Sums over the records of a cell: they share their row of M, so everything of the random part is constant among them.

use super::mode::Mode;
use super::problem::Problem;
use super::weights::Weights;
use crate::design::Tally;
use std::ops::Range;

/// Σ W, Σ W₁, Σ W₂, Σ g of a cell, and Σ W x', Σ W₁ x', Σ W₂ x'.
pub(super) struct Cell {
    /// The record that shows the cell.
    pub(super) first: usize,
    /// Σ W.
    pub(super) w: f64,
    /// Σ W₁.
    pub(super) w1: f64,
    /// Σ W₂.
    pub(super) w2: f64,
    /// Σ g.
    pub(super) g: f64,
    /// Σ W x', Σ W₁ x', Σ W₂ x', each p long.
    pub(super) by_column: [Vec<f64>; 3],
    /// W, W₁, W₂ of each record.
    pub(super) weights: Vec<[f64; 3]>,
}

/// Reads cell after cell into the same memory.
pub(super) struct Reader<'a> {
    cell: Cell,
    tally: Tally<'a, 3>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(problem: &'a Problem) -> Self {
        let p = problem.coefficients();
        let by_column = std::array::from_fn(|_| vec![0.0; p]);
        let cell = Cell { first: 0, w: 0.0, w1: 0.0, w2: 0.0, g: 0.0, by_column, weights: Vec::new() };
        Self { cell, tally: Tally::new(&problem.x) }
    }

    /// The sums of a cell at `mode`.
    pub(super) fn read(&mut self, problem: &Problem, mode: &Mode, records: Range<usize>) -> &Cell {
        let cell = &mut self.cell;
        cell.first = records.start;
        (cell.w, cell.w1, cell.w2, cell.g) = (0.0, 0.0, 0.0, 0.0);
        cell.weights.clear();
        cell.by_column.iter_mut().for_each(|c| c.fill(0.0));
        for i in records.clone() {
            let Weights { w, w1, w2, g, .. } = Weights::at(problem, mode, i);
            cell.w += w;
            cell.w1 += w1;
            cell.w2 += w2;
            cell.g += g;
            cell.weights.push([w, w1, w2]);
        }
        self.tally.sum(records.start, &cell.weights, &mut cell.by_column);
        cell
    }
}
