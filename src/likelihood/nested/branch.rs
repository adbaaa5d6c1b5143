//! One unit with everything inside it.

use super::Shared;
use super::rows::Rows;
use std::ops::Range;

/// A unit of some level, the units below it, and its records. Units are counted from the first one inside, level by level.
pub(super) struct Branch<'a> {
    pub(super) shared: &'a Shared<'a>,
    pub(super) rows: &'a Rows,
    /// Level of the unit itself.
    pub(super) level: usize,
    /// Units of each level inside, up to its own, as units of the tree.
    pub(super) units: Vec<Range<usize>>,
}

impl<'a> Branch<'a> {
    /// The branch of `unit` of `level`; `rows` are those of its top unit.
    pub(super) fn new(shared: &'a Shared<'a>, rows: &'a Rows, level: usize, unit: usize) -> Self {
        let mut units = vec![unit..unit + 1; level + 1];
        for j in (0..level).rev() {
            let children = &shared.tree.levels[j + 1].children;
            units[j] = children[units[j + 1].start]..children[units[j + 1].end];
        }
        Self { shared, rows, level, units }
    }

    /// Effects of a unit of level `j`.
    pub(super) fn own(&self, j: usize) -> usize {
        self.shared.tree.levels[j].width
    }

    /// Effects on the path from a unit of level `j` up to the branch's own unit: the unit's own first.
    pub(super) fn width(&self, j: usize) -> usize {
        self.shared.tree.columns[self.level + 1] - self.shared.tree.columns[j]
    }

    /// The unit of level `j + 1` around unit `x` of level `j`.
    pub(super) fn parent(&self, j: usize, x: usize) -> usize {
        self.shared.tree.levels[j].parents[self.units[j].start + x] - self.units[j + 1].start
    }

    /// Its records, as places among the rows.
    pub(super) fn records(&self) -> Range<usize> {
        let records = self.shared.tree.levels[self.level].records(self.units[self.level].start);
        records.start - self.rows.first..records.end - self.rows.first
    }

    /// Records of unit `x` of the finest level, as places among the rows.
    pub(super) fn leaf(&self, x: usize) -> Range<usize> {
        let records = self.shared.tree.levels[0].records(self.units[0].start + x);
        records.start - self.rows.first..records.end - self.rows.first
    }

    /// Room for `per_unit(j)` numbers for every unit of every level.
    pub(super) fn room(&self, per_unit: impl Fn(usize) -> usize) -> Vec<Vec<f64>> {
        (0..=self.level).map(|j| vec![0.0; self.units[j].len() * per_unit(j)]).collect()
    }
}
