//! Which levels of the other factors each leading level meets, and which of those meet each other.

use crate::error::{Error, Kind, Result};
use crate::linalg::{Fronts, Graph};
use crate::random::Grouping;

/// Levels (other factor, level) that each leading level meets, in order of the records.
pub(super) struct Touched {
    starts: Vec<usize>,
    met: Vec<(usize, u32)>,
}

/// Most pairs of levels that leading levels may bring together: one sweep visits them all, and their places are kept.
const MOST_PAIRS: usize = 400_000_000;

impl Touched {
    /// Reads the records, which are sorted by the first grouping; level j has the records `starts[j]..starts[j + 1]`.
    pub(super) fn new(groupings: &[Grouping], starts: &[usize]) -> Self {
        // Per trailing level: the leading level that met it last, plus one.
        let mut last = groupings[1..].iter().map(|g| vec![0u32; g.levels]).collect::<Vec<_>>();
        let mut touched = Self { starts: vec![0], met: Vec::new() };
        for j in 0..starts.len() - 1 {
            for i in starts[j]..starts[j + 1] {
                for (h, g) in groupings[1..].iter().enumerate() {
                    let seen = &mut last[h][g.codes[i] as usize];
                    if *seen != j as u32 + 1 {
                        *seen = j as u32 + 1;
                        touched.met.push((h, g.codes[i]));
                    }
                }
            }
            touched.starts.push(touched.met.len());
        }
        touched
    }

    /// What leading level `j` meets.
    pub(super) fn of(&self, j: usize) -> &[(usize, u32)] {
        &self.met[self.starts[j]..self.starts[j + 1]]
    }

    fn levels(&self) -> usize {
        self.starts.len() - 1
    }

    fn pairs(&self) -> usize {
        (0..self.levels()).map(|j| self.of(j).len().pow(2)).sum()
    }
}

/// Fronts of the Schur complement, and the first column of every level of the other factors.
pub(super) fn graph_of(touched: &Touched, groupings: &[Grouping]) -> Result<(Fronts, Vec<Vec<u32>>)> {
    let others = &groupings[1..];
    let offsets = others.iter().scan(0, |next, g| {
        let own = *next;
        *next += g.levels;
        Some(own)
    });
    let offsets = offsets.collect::<Vec<usize>>();
    let widths = others.iter().flat_map(|g| std::iter::repeat_n(g.width, g.levels)).collect::<Vec<_>>();
    if touched.pairs() / 2 > MOST_PAIRS {
        return Err(too_many(widths.len()));
    }
    let (starts, neighbours) = neighbours(touched, &offsets, widths.len());
    let (fronts, first) = Graph { widths: &widths, starts: &starts, neighbours: &neighbours }.fronts()?;
    let split = others.iter().zip(&offsets).map(|(g, &o)| first[o..o + g.levels].to_vec()).collect();
    Ok((fronts, split))
}

/// For every node (level of another factor) the nodes that share a leading level with it, ascending.
fn neighbours(touched: &Touched, offsets: &[usize], nodes: usize) -> (Vec<usize>, Vec<usize>) {
    let node = |&(h, level): &(usize, u32)| offsets[h] + level as usize;
    let mut homes = vec![Vec::new(); nodes];
    for j in 0..touched.levels() {
        touched.of(j).iter().for_each(|met| homes[node(met)].push(j as u32));
    }
    let mut seen = vec![usize::MAX; nodes];
    let (mut starts, mut neighbours) = (vec![0], Vec::new());
    for (own, homes) in homes.iter().enumerate() {
        let begin = neighbours.len();
        seen[own] = own;
        for other in homes.iter().flat_map(|&j| touched.of(j as usize).iter().map(node)) {
            if seen[other] != own {
                seen[other] = own;
                neighbours.push(other);
            }
        }
        neighbours[begin..].sort_unstable();
        starts.push(neighbours.len());
    }
    (starts, neighbours)
}

fn too_many(levels: usize) -> Error {
    let message = format!(
        "the grouping factors beside the largest have {levels} levels in all, and they cross in too many ways to be estimated in memory. Leave out a grouping factor, or use one with fewer levels"
    );
    Error::new(Kind::Size, "crossed-effects", message)
}
