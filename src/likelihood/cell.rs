//! Sums over the records of a cell: they share their row of M, so everything of the random part is constant among them.

use super::mode::Mode;
use super::problem::Problem;
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

/// From so many records on, x is tallied over codes first and the contrasts are applied to the tally.
pub(super) const WORTH_TALLYING: usize = 6;

/// Reads cell after cell into the same memory.
pub(super) struct Reader {
    cell: Cell,
    tally: Vec<[f64; 3]>,
}

impl Reader {
    pub(super) fn new(problem: &Problem) -> Self {
        let p = problem.coefficients();
        let by_column = std::array::from_fn(|_| vec![0.0; p]);
        let cell = Cell { first: 0, w: 0.0, w1: 0.0, w2: 0.0, g: 0.0, by_column, weights: Vec::new() };
        Self { cell, tally: vec![[0.0; 3]; problem.x.tally_width()] }
    }

    /// The sums of a cell at `mode`.
    pub(super) fn read(&mut self, problem: &Problem, mode: &Mode, records: Range<usize>) -> &Cell {
        let cell = &mut self.cell;
        cell.first = records.start;
        (cell.w, cell.w1, cell.w2, cell.g) = (0.0, 0.0, 0.0, 0.0);
        cell.weights.clear();
        cell.by_column.iter_mut().for_each(|c| c.fill(0.0));
        for i in records.clone() {
            let mu = mode.at.mu[i];
            let expected = problem.outcome.trials[i] * mu;
            let w = expected * (1.0 - mu);
            let own = [w, w * (1.0 - 2.0 * mu), w * (1.0 - 6.0 * mu * (1.0 - mu))];
            cell.w += own[0];
            cell.w1 += own[1];
            cell.w2 += own[2];
            cell.g += problem.outcome.successes[i] - expected;
            cell.weights.push(own);
        }
        if records.len() < WORTH_TALLYING {
            for (i, w) in records.zip(&cell.weights) {
                problem.x.add_row(problem.x.pattern(i), w, &mut cell.by_column);
            }
        } else {
            self.tally.fill([0.0; 3]);
            problem.x.tally(records.start, &cell.weights, &mut self.tally);
            problem.x.contract(&self.tally, &mut cell.by_column);
        }
        cell
    }
}
