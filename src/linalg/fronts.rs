//! Where the numbers of a sparse Cholesky factor lie: columns that share their rows form a front, kept as one dense panel.
//!
//! ```text
//!            columns of front f                    panel of f: (c + m) x c, column after column
//!           ┌ c ┐                                  ┌───┐
//!   columns │ ▙ │  lower triangle used             │ c │ rows 0..c are the front's own columns
//!           ├───┤                                  ├───┤
//!   rows(f) │ ▓ │  later columns, ascending        │ m │ rows c.. are rows(f)
//!           └───┘                                  └───┘
//! ```
//!
//! A dense matrix is one front without rows; a nested chain of intercepts is as many fronts as levels. Every algorithm on the
//! trailing effects (factor, solve, inverse on the pattern, traces) runs over fronts, so the two are one case.

use std::ops::Range;

/// The structure of L, independent of its numbers.
#[derive(Debug, Clone, Default)]
pub struct Fronts {
    /// First column of each front, and n at the end.
    starts: Vec<usize>,
    /// Where each front's list begins in `rows`.
    row_starts: Vec<usize>,
    /// Rows of each front below its own columns, ascending.
    rows: Vec<u32>,
    /// Where each front's panel begins, and the number of values at the end.
    panels: Vec<usize>,
    /// The front of each column.
    front_of: Vec<u32>,
    /// Where each front's list begins in `reaches`.
    reach_starts: Vec<usize>,
    reaches: Vec<Reach>,
    places: Vec<u32>,
}

/// Rows `first..end` of a front are columns of a later front `of`.
#[derive(Debug, Clone)]
pub struct Reach {
    /// The later front.
    pub of: usize,
    /// First of the rows, as a position in the list of the front that reaches.
    pub first: usize,
    /// End of them.
    pub end: usize,
    places: usize,
}

impl Fronts {
    /// One front of n columns: a dense matrix.
    pub fn dense(n: usize) -> Self {
        if n == 0 {
            return Self::new(vec![0], &[]);
        }
        Self::new(vec![0, n], &[Vec::new()])
    }

    /// Fronts that begin at the columns `starts` (n at the end), with the rows below each.
    pub fn new(starts: Vec<usize>, below: &[Vec<u32>]) -> Self {
        let mut fronts =
            Self { starts, row_starts: vec![0], panels: vec![0], reach_starts: vec![0], ..Self::default() };
        for (f, rows) in below.iter().enumerate() {
            let width = fronts.starts[f + 1] - fronts.starts[f];
            fronts.rows.extend_from_slice(rows);
            fronts.row_starts.push(fronts.rows.len());
            fronts.panels.push(fronts.panels[f] + width * (width + rows.len()));
            fronts.front_of.extend(std::iter::repeat_n(f as u32, width));
        }
        for (f, rows) in below.iter().enumerate() {
            fronts.reach(rows);
            debug_assert!(rows.iter().all(|&r| r as usize >= fronts.starts[f + 1]));
            fronts.reach_starts.push(fronts.reaches.len());
        }
        fronts
    }

    /// Finds the later fronts that a list of rows runs through, and the place of every further row in their panels.
    fn reach(&mut self, rows: &[u32]) {
        let mut first = 0;
        while first < rows.len() {
            let of = self.front_of[rows[first] as usize] as usize;
            let end = first + rows[first..].partition_point(|&r| (r as usize) < self.starts[of + 1]);
            self.reaches.push(Reach { of, first, end, places: self.places.len() });
            for &row in &rows[first..] {
                let place = self.place(of, row as usize);
                self.places.push(place as u32);
            }
            first = end;
        }
    }

    /// Number of columns, n.
    pub fn columns(&self) -> usize {
        self.front_of.len()
    }

    /// Number of fronts.
    pub fn count(&self) -> usize {
        self.starts.len() - 1
    }

    /// Numbers in all panels.
    pub fn len(&self) -> usize {
        self.panels[self.count()]
    }

    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.columns() == 0
    }

    /// Whether every pair of columns has a place.
    pub fn is_dense(&self) -> bool {
        self.count() <= 1
    }

    /// The columns of a front.
    pub fn own(&self, front: usize) -> Range<usize> {
        self.starts[front]..self.starts[front + 1]
    }

    /// Rows of a front below its own columns.
    pub fn below(&self, front: usize) -> &[u32] {
        &self.rows[self.row_starts[front]..self.row_starts[front + 1]]
    }

    /// The panel of a front.
    pub fn panel(&self, front: usize) -> Range<usize> {
        self.panels[front]..self.panels[front + 1]
    }

    /// Later fronts that the rows of a front are columns of.
    pub fn reaches(&self, front: usize) -> &[Reach] {
        &self.reaches[self.reach_starts[front]..self.reach_starts[front + 1]]
    }

    /// For the rows `reach.first..` of a front, their rows within the panel of `reach.of`.
    pub fn places(&self, front: usize, reach: &Reach) -> &[u32] {
        let rows = self.row_starts[front + 1] - self.row_starts[front];
        &self.places[reach.places..reach.places + rows - reach.first]
    }

    /// The place of an entry of the pattern, whichever way round.
    #[inline]
    pub fn at(&self, row: usize, column: usize) -> usize {
        let (low, high) = (row.min(column), row.max(column));
        let front = self.front_of[low] as usize;
        let height = self.starts[front + 1] - self.starts[front] + self.row_starts[front + 1] - self.row_starts[front];
        self.panels[front] + (low - self.starts[front]) * height + self.place(front, high)
    }

    /// The row of a panel that holds row `row` of the matrix, which must be one of the front's.
    #[inline]
    fn place(&self, front: usize, row: usize) -> usize {
        let (start, end) = (self.starts[front], self.starts[front + 1]);
        if row < end {
            return row - start;
        }
        end - start + self.below(front).partition_point(|&r| (r as usize) < row)
    }
}
