//! Which levels a variable has before its declared order is applied.

use super::{Rule, StepOutcome, Variable};

impl Variable {
    /// The levels its rule gives, in the order written, and the level rare ones are merged into, if new.
    pub(super) fn natural_levels(&self) -> Vec<String> {
        let mut levels = self.given_levels();
        if let Some(rare) = &self.rare
            && !levels.contains(&rare.into)
        {
            levels.push(rare.into.clone());
        }
        levels
    }

    /// The levels its rule gives, in the order written.
    pub(super) fn given_levels(&self) -> Vec<String> {
        let mut levels = Vec::new();
        let mut give = |level: &String| {
            if !levels.contains(level) {
                levels.push(level.clone());
            }
        };
        match &self.rule {
            Rule::Map { .. } | Rule::List { .. } => self.targets().iter().for_each(|target| give(&target.level)),
            Rule::Bands { bands, .. } => bands.iter().for_each(|band| give(&band.level)),
            Rule::Number { .. } => {}
            Rule::Precedence { steps } => {
                for step in steps {
                    if let StepOutcome::Level(level) = &step.outcome {
                        give(level);
                    }
                }
            }
        }
        levels
    }
}
