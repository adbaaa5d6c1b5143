//! How A = M'WM + I is laid out: the factor with most columns first, in blocks; the rest in a Schur complement kept in fronts.
//!
//! Records are sorted by the leading factor, so a level's records are contiguous and each level is eliminated as soon as its
//! records have been read. A level touches few columns of the other factors; those are listed once. Two columns that a level
//! touches are connected in the Schur complement; its columns are numbered in an order that keeps its factor sparse.

use super::touched::{Touched, graph_of};
use crate::error::Result;
use crate::linalg::Fronts;
use crate::random::Grouping;
use std::ops::Range;

/// Symbolic structure; independent of parameters.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Effects per level of the leading factor, k0 (0 without random effects).
    pub lead: usize,
    /// First record of each leading level, and the number of records at the end.
    pub starts: Vec<usize>,
    /// First column, within the trailing part, of each level of each other grouping factor.
    pub first_columns: Vec<Vec<u32>>,
    /// Number of trailing columns, q2.
    pub trailing: usize,
    /// Trailing factors (groupings after the first).
    pub others: usize,
    /// Start of each leading level's list in `columns`.
    pub column_starts: Vec<usize>,
    /// Trailing columns met by each leading level, ascending.
    pub columns: Vec<u32>,
    /// Per record and trailing factor: first trailing column.
    pub trailing_column: Vec<u32>,
    /// Per record and trailing factor: position of that column in the level's list.
    pub slots: Vec<u32>,
    /// Structure of the Schur complement's factor.
    pub fronts: Fronts,
    /// Where the pairs of a leading level's columns lie in the fronts, as `pairs` needs them; empty for a dense matrix.
    pair_starts: Vec<usize>,
    pair_places: Vec<u32>,
    /// First record of each cell, and the number of records at the end. A cell's records share their row of M.
    cell_starts: Vec<u32>,
    /// First cell of each leading level, and the number of cells at the end.
    level_cells: Vec<u32>,
    /// Leading levels in pieces of work; fixed by the sizes, never by the number of threads.
    pub pieces: Vec<Range<usize>>,
}

impl Layout {
    /// The structure for groupings (most columns first) whose records are sorted by the first one.
    pub fn new(groupings: &[Grouping], rows: usize, piece: usize) -> Result<Self> {
        let Some(first) = groupings.first() else { return Ok(Self::without_random_effects(rows, piece)) };
        let mut starts = vec![0usize; first.levels + 1];
        first.codes.iter().for_each(|&c| starts[c as usize + 1] += 1);
        (0..first.levels).for_each(|j| starts[j + 1] += starts[j]);
        let touched = Touched::new(groupings, &starts);
        let (fronts, first_columns) = graph_of(&touched, groupings)?;
        let mut layout = Self {
            lead: first.width,
            starts,
            first_columns,
            trailing: fronts.columns(),
            others: groupings.len() - 1,
            column_starts: vec![0],
            columns: Vec::new(),
            trailing_column: Vec::with_capacity(rows * (groupings.len() - 1)),
            slots: Vec::with_capacity(rows * (groupings.len() - 1)),
            fronts,
            pair_starts: vec![0],
            pair_places: Vec::new(),
            cell_starts: Vec::new(),
            level_cells: Vec::new(),
            pieces: Vec::new(),
        };
        layout.list_columns(groupings, &touched);
        layout.find_cells(groupings);
        layout.place_pairs();
        layout.cut_pieces(rows, piece);
        Ok(layout)
    }

    fn without_random_effects(rows: usize, piece: usize) -> Self {
        let levels = rows.div_ceil(piece);
        let mut layout = Self {
            lead: 0,
            starts: (0..=levels).map(|j| (j * piece).min(rows)).collect(),
            first_columns: Vec::new(),
            trailing: 0,
            others: 0,
            column_starts: vec![0; levels + 1],
            columns: Vec::new(),
            trailing_column: Vec::new(),
            slots: Vec::new(),
            fronts: Fronts::dense(0),
            pair_starts: Vec::new(),
            pair_places: Vec::new(),
            cell_starts: Vec::new(),
            level_cells: Vec::new(),
            pieces: Vec::new(),
        };
        layout.find_cells(&[]);
        layout.cut_pieces(rows, piece);
        layout
    }

    /// Lists are sorted, so that what a level leaves on the Schur complement is written down columns, in order.
    fn list_columns(&mut self, groupings: &[Grouping], touched: &Touched) {
        let mut slot_of = groupings[1..].iter().map(|g| vec![0u32; g.levels]).collect::<Vec<_>>();
        let mut list: Vec<(u32, usize, u32)> = Vec::new();
        for j in 0..self.levels() {
            list.clear();
            list.extend(touched.of(j).iter().map(|&(h, level)| (self.first_columns[h][level as usize], h, level)));
            list.sort_unstable();
            let begin = self.columns.len();
            for &(first, h, level) in &list {
                slot_of[h][level as usize] = (self.columns.len() - begin) as u32;
                self.columns.extend(first..first + groupings[h + 1].width as u32);
            }
            for i in self.starts[j]..self.starts[j + 1] {
                for (h, g) in groupings[1..].iter().enumerate() {
                    let level = g.codes[i] as usize;
                    self.trailing_column.push(self.first_columns[h][level]);
                    self.slots.push(slot_of[h][level]);
                }
            }
            self.column_starts.push(self.columns.len());
        }
    }

    /// Looks up once what every sweep needs again.
    fn place_pairs(&mut self) {
        if self.fronts.is_dense() {
            return;
        }
        for j in 0..self.levels() {
            let columns = &self.columns[self.column_starts[j]..self.column_starts[j + 1]];
            for (t, &low) in columns.iter().enumerate() {
                let places = columns[t..].iter().map(|&high| self.fronts.at(high as usize, low as usize) as u32);
                self.pair_places.extend(places);
            }
            self.pair_starts.push(self.pair_places.len());
        }
    }

    /// Calls `f(t, s, place)` for every pair t ≤ s of the columns of leading level `j`.
    #[inline]
    pub fn pairs(&self, j: usize, mut f: impl FnMut(usize, usize, usize)) {
        let columns = self.level_columns(j);
        if self.fronts.is_dense() {
            for (t, &low) in columns.iter().enumerate() {
                let column = low as usize * self.trailing;
                columns[t..].iter().enumerate().for_each(|(k, &high)| f(t, t + k, column + high as usize));
            }
        } else {
            let mut places = self.pair_places[self.pair_starts[j]..self.pair_starts[j + 1]].iter();
            for t in 0..columns.len() {
                (t..columns.len()).zip(&mut places).for_each(|(s, &place)| f(t, s, place as usize));
            }
        }
    }

    /// Where the pair of columns in slots `x` and `y` of leading level `j` lies in the fronts, whichever way round.
    #[inline]
    pub fn place(&self, j: usize, x: usize, y: usize) -> usize {
        let (t, s) = (x.min(y), x.max(y));
        let columns = self.level_columns(j);
        if self.fronts.is_dense() {
            return columns[t] as usize * self.trailing + columns[s] as usize;
        }
        // Slots ascend with their columns; slot t is followed by its pairs with t, t + 1, and so on.
        let before = t * columns.len() - t * t.saturating_sub(1) / 2;
        self.pair_places[self.pair_starts[j] + before + s - t] as usize
    }

    /// Neighbouring records of a leading level are one cell while nothing that M is made of changes.
    fn find_cells(&mut self, groupings: &[Grouping]) {
        let alike = |i: usize| groupings.iter().all(|g| g.same_row(i - 1, i));
        for j in 0..self.levels() {
            self.level_cells.push(self.cell_starts.len() as u32);
            let (begin, end) = (self.starts[j], self.starts[j + 1]);
            self.cell_starts.extend((begin..end).filter(|&i| i == begin || !alike(i)).map(|i| i as u32));
        }
        self.level_cells.push(self.cell_starts.len() as u32);
        self.cell_starts.push(self.starts[self.levels()] as u32);
    }

    /// Number of cells.
    pub fn cell_count(&self) -> usize {
        self.cell_starts.len() - 1
    }

    /// The cells of leading level `j`, as ranges of records.
    #[inline]
    pub fn cells(&self, j: usize) -> impl Iterator<Item = Range<usize>> {
        let own = self.level_cells[j] as usize..self.level_cells[j + 1] as usize;
        own.map(|c| self.cell_starts[c] as usize..self.cell_starts[c + 1] as usize)
    }

    /// A piece carries its own Schur complement, so there are few pieces when that is large.
    fn cut_pieces(&mut self, rows: usize, piece: usize) {
        let most = match self.fronts.len() {
            0..=4_096 => 32,
            4_097..=65_536 => 8,
            _ => 2,
        };
        let size = rows.div_ceil(most).max(piece);
        let mut begin = 0;
        for j in 0..self.levels() {
            if self.starts[j + 1] - self.starts[begin] >= size || j + 1 == self.levels() {
                self.pieces.push(begin..j + 1);
                begin = j + 1;
            }
        }
    }

    /// Number of leading levels, J0.
    pub fn levels(&self) -> usize {
        self.starts.len() - 1
    }

    /// Number of leading columns, q1.
    pub fn leading(&self) -> usize {
        self.levels() * self.lead
    }

    /// Number of random effects, q.
    pub fn effects(&self) -> usize {
        self.leading() + self.trailing
    }

    /// Index in u of the first effect of a level of grouping `g`.
    pub fn first_effect(&self, g: usize, level: usize) -> usize {
        if g == 0 { level * self.lead } else { self.leading() + self.first_columns[g - 1][level] as usize }
    }

    /// Records of a range of leading levels.
    pub fn rows(&self, levels: &Range<usize>) -> Range<usize> {
        self.starts[levels.start]..self.starts[levels.end]
    }

    /// Trailing columns of leading level `j`.
    pub fn level_columns(&self, j: usize) -> &[u32] {
        &self.columns[self.column_starts[j]..self.column_starts[j + 1]]
    }

    /// Cuts a slice into pieces; a piece that ends before leading level j ends at `end(j)`.
    fn cut<'a, T>(&self, slice: &'a mut [T], end: impl Fn(usize) -> usize) -> Vec<&'a mut [T]> {
        let mut rest = slice;
        let mut done = 0;
        let mut cut = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            let stop = end(piece.end);
            let (head, tail) = rest.split_at_mut(stop - done);
            cut.push(head);
            rest = tail;
            done = stop;
        }
        cut
    }

    /// Cuts a slice over records.
    pub fn cut_rows<'a, T>(&self, slice: &'a mut [T]) -> Vec<&'a mut [T]> {
        self.cut(slice, |j| self.starts[j])
    }

    /// Cuts a slice of `width` numbers per leading level.
    pub fn cut_levels<'a, T>(&self, slice: &'a mut [T], width: usize) -> Vec<&'a mut [T]> {
        self.cut(slice, |j| j * width)
    }

    /// Cuts a slice of k0 numbers per listed column.
    pub fn cut_columns<'a, T>(&self, slice: &'a mut [T]) -> Vec<&'a mut [T]> {
        self.cut(slice, |j| self.lead * self.column_starts[j])
    }
}
