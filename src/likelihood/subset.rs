//! A problem on some of its records: what one group contributes, and what is left without it.

use super::problem::Problem;
use crate::error::Result;

/// Some records of a problem, in their order, with the groups they belong to.
pub struct Subset {
    /// Their problem. Parameters mean what they mean in the whole one.
    pub problem: Problem,
    /// Which records of the whole they are, ascending.
    records: Vec<u32>,
}

impl Subset {
    /// Takes `records` (ascending) out of a problem.
    pub fn new(whole: &Problem, records: Vec<u32>) -> Result<Self> {
        Ok(Self { problem: whole.piece(&records)?, records })
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
