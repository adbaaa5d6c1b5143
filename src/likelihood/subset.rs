//! A problem on some of its records: what one group contributes, and what is left without it.

use super::method::Quadrature;
use super::problem::{PIECE, Problem};
use crate::error::Result;
use crate::random::Grouping;

/// Some records of a problem, in their order, with the groups they belong to.
pub struct Subset {
    /// Their problem. Parameters mean what they mean in the whole one.
    pub problem: Problem,
    /// Which records of the whole they are, ascending.
    records: Vec<u32>,
}

impl Subset {
    /// Takes `records` (ascending) out of a problem, which integrates with `points` points.
    pub fn new(whole: &Problem, records: Vec<u32>, points: usize) -> Result<Self> {
        let groupings = whole.groupings.iter().map(|g| subset_of(g, &records)).collect();
        let offset = whole.offset.as_ref().map(|o| records.iter().map(|&i| o[i as usize]).collect());
        let (outcome, x) = (whole.outcome.subset(&records), whole.x.subset(&records));
        let mut problem = Problem::new(outcome, offset, x, groupings, whole.theta.clone(), PIECE)?;
        problem.penalty = whole.penalty;
        if whole.quadrature.is_some() {
            problem.quadrature = Quadrature::new(points, &problem);
        }
        Ok(Self { problem, records })
    }

    /// Of a vector over the effects of the whole problem, those of the groups that are here.
    pub fn effects(&self, whole: &Problem, u: &[f64]) -> Vec<f64> {
        let mut own = vec![0.0; self.problem.layout.effects()];
        for g in 0..whole.groupings.len() {
            let width = whole.groupings[g].width;
            for (k, &i) in self.records.iter().enumerate() {
                let i = i as usize;
                let to = self.problem.effect(g, k, self.problem.groupings[0].codes[k] as usize);
                let from = whole.effect(g, i, whole.groupings[0].codes[i] as usize);
                own[to..to + width].copy_from_slice(&u[from..from + width]);
            }
        }
        own
    }
}

/// The levels that the records have, renumbered in their order.
fn subset_of(grouping: &Grouping, records: &[u32]) -> Grouping {
    let mut number = vec![0u32; grouping.levels];
    records.iter().for_each(|&i| number[grouping.codes[i as usize] as usize] = 1);
    let mut levels = 0;
    for n in &mut number {
        let here = *n;
        *n = levels;
        levels += here;
    }
    let codes = records.iter().map(|&i| number[grouping.codes[i as usize] as usize]).collect();
    let k = grouping.width;
    let row = |&i: &u32| (i as usize * k)..(i as usize + 1) * k;
    let z = grouping.z.as_ref().map(|z| records.iter().flat_map(|i| z[row(i)].iter().copied()).collect());
    Grouping { levels: levels as usize, width: k, codes, z }
}
