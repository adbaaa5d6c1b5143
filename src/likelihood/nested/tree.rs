//! Grouping factors that form a chain, each nested in the next, as a tree of units.

use crate::likelihood::problem::Problem;
use crate::random::{Grouping, nested_in};
use std::ops::Range;

/// One grouping factor of the chain, its units in the order of the tree.
#[derive(Debug, Clone)]
pub(super) struct Level {
    /// Which grouping factor of the problem.
    pub(super) grouping: usize,
    /// Effects per unit, κ.
    pub(super) width: usize,
    /// First record, in the order of the tree, of each unit, and the number of records at the end.
    pub(super) starts: Vec<usize>,
    /// First unit of the level below inside each unit, and their number at the end; empty for the finest level.
    pub(super) children: Vec<usize>,
    /// Unit of the level above around each unit; empty for the top level.
    pub(super) parents: Vec<usize>,
    /// Where each unit's effects begin in u.
    effects: Vec<usize>,
}

impl Level {
    /// Number of units.
    pub(super) fn units(&self) -> usize {
        self.starts.len() - 1
    }

    /// Records of a unit.
    pub(super) fn records(&self, unit: usize) -> Range<usize> {
        self.starts[unit]..self.starts[unit + 1]
    }

    /// Units of the level below inside a unit.
    pub(super) fn children(&self, unit: usize) -> Range<usize> {
        self.children[unit]..self.children[unit + 1]
    }

    /// Effects of a unit, as places in u.
    pub(super) fn effects(&self, unit: usize) -> Range<usize> {
        self.effects[unit]..self.effects[unit] + self.width
    }
}

/// The tree: records sorted so that those of every unit of every level are neighbours.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    /// Records of the problem in the order of the tree.
    pub(super) order: Vec<u32>,
    /// Finest level first.
    pub(super) levels: Vec<Level>,
    /// First effect of each level in a record's row of M, finest level first, and the length of the row at the end.
    pub(super) columns: Vec<usize>,
}

impl Tree {
    /// The tree of a problem; `None` unless its grouping factors, two or more, form a chain in the data.
    pub(super) fn new(problem: &Problem) -> Option<Self> {
        let groupings = &problem.groupings;
        let mut chain = (0..groupings.len()).collect::<Vec<_>>();
        chain.sort_by_key(|&g| std::cmp::Reverse(groupings[g].levels));
        let nests = |pair: &[usize]| {
            let (inner, outer) = (&groupings[pair[0]], &groupings[pair[1]]);
            nested_in(&inner.codes, inner.levels, &outer.codes)
        };
        if chain.len() < 2 || !chain.windows(2).all(nests) {
            return None;
        }
        let mut order = (0..problem.rows() as u32).collect::<Vec<_>>();
        order.sort_by_cached_key(|&i| chain.iter().rev().map(|&g| groupings[g].codes[i as usize]).collect::<Vec<_>>());
        let mut levels: Vec<Level> = Vec::with_capacity(chain.len());
        let mut columns = vec![0];
        for &g in &chain {
            let level = level(problem, g, &groupings[g], &order);
            if let Some(below) = levels.last_mut() {
                below.parents = below.starts[..below.units()].iter().map(|s| unit_of(&level.starts, *s)).collect();
            }
            columns.push(columns[columns.len() - 1] + level.width);
            levels.push(level);
        }
        for l in 1..levels.len() {
            let below = levels[l - 1].starts.clone();
            let first = |start: &usize| below.partition_point(|s| s < start);
            levels[l].children = levels[l].starts.iter().map(first).collect();
        }
        Some(Self { order, levels, columns })
    }

    /// The top level.
    pub(super) fn top(&self) -> usize {
        self.levels.len() - 1
    }
}

fn level(problem: &Problem, g: usize, grouping: &Grouping, order: &[u32]) -> Level {
    let code = |place: usize| grouping.codes[order[place] as usize] as usize;
    let begins = |place: &usize| *place == 0 || code(*place) != code(*place - 1);
    let mut starts = (0..order.len()).filter(begins).collect::<Vec<_>>();
    let first = |level: usize| match g {
        0 => level * grouping.width,
        _ => problem.layout.leading() + problem.layout.first_columns[g - 1][level] as usize,
    };
    let effects = starts.iter().map(|&s| first(code(s))).collect();
    starts.push(order.len());
    Level { grouping: g, width: grouping.width, starts, children: Vec::new(), parents: Vec::new(), effects }
}

/// The unit that a record belongs to.
fn unit_of(starts: &[usize], record: usize) -> usize {
    starts.partition_point(|s| *s <= record) - 1
}
