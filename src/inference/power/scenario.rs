//! A study that has not been done yet: groups, records in them, yes/no exposures, and the truth.

use crate::coding::{Column, Frame};
use crate::error::{Error, Kind, Result};
use crate::likelihood::logistic::probability;
use crate::simulate::{normal, stream, uniform};

/// A yes/no covariate.
#[derive(Debug, Clone, PartialEq)]
pub struct Exposure {
    /// Share of records, or of groups, that have it.
    pub share: f64,
    /// Its log odds ratio.
    pub log_odds: f64,
    /// Whether all records of a group share it.
    pub by_group: bool,
}

/// The design and the truth; log odds are those of a record given its group.
#[derive(Debug, Clone, PartialEq)]
pub struct Scenario {
    /// Records per group.
    pub sizes: Vec<usize>,
    /// Log odds of an unexposed record in a typical group.
    pub intercept: f64,
    /// Covariates.
    pub exposures: Vec<Exposure>,
    /// SD of the groups' log odds.
    pub sd: f64,
}

/// One outcome of the study.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// Group of each record.
    pub groups: Vec<u32>,
    /// Exposures, each 0 or 1 per record.
    pub exposures: Vec<Vec<f64>>,
    /// Events, 0 or 1.
    pub outcome: Vec<f64>,
}

/// Most records of a design: more than the largest register, and the memory they need is bounded.
const MOST_RECORDS: usize = 100_000_000;

impl Scenario {
    /// Refuses numbers that describe no study.
    pub fn check(&self) -> Result<()> {
        let refuse = |slug, message: String| Err(Error::new(Kind::Option, slug, message));
        let records = self.sizes.iter().try_fold(0usize, |sum, &n| sum.checked_add(n)).unwrap_or(usize::MAX);
        if self.sizes.len() < 2 || self.sizes.contains(&0) {
            return refuse("design-groups", "a design needs at least 2 groups with at least 1 record each".into());
        }
        if records > MOST_RECORDS {
            return refuse(
                "design-size",
                format!("{records} records are more than the {MOST_RECORDS} that a design may have"),
            );
        }
        if !self.intercept.is_finite() {
            return refuse("design-risk", "the baseline risk must lie between 0 and 1, both excluded".into());
        }
        if !(self.sd >= 0.0 && self.sd.is_finite()) {
            return refuse("design-sd", format!("sd={} must be a finite number from 0 up", self.sd));
        }
        for e in &self.exposures {
            if !(e.share > 0.0 && e.share < 1.0 && e.log_odds.is_finite()) {
                let message =
                    "an exposure needs a share between 0 and 1, both excluded, and a finite odds ratio above 0";
                return refuse("design-exposure", message.into());
            }
        }
        Ok(())
    }

    /// Draws the study: replicate `replicate` of `seed`.
    pub fn draw(&self, seed: u64, replicate: usize) -> Drawn {
        let mut rng = stream(seed, replicate as u64);
        let n = self.sizes.iter().sum();
        let mut drawn = Drawn {
            groups: Vec::with_capacity(n),
            exposures: vec![Vec::with_capacity(n); self.exposures.len()],
            outcome: Vec::with_capacity(n),
        };
        for (j, &size) in self.sizes.iter().enumerate() {
            let effect = self.sd * normal(&mut rng);
            let shared = self.exposures.iter().map(|e| uniform(&mut rng) < e.share).collect::<Vec<_>>();
            for _ in 0..size {
                let mut eta = self.intercept + effect;
                for (k, e) in self.exposures.iter().enumerate() {
                    let own = uniform(&mut rng) < e.share;
                    let exposed = if e.by_group { shared[k] } else { own };
                    eta += if exposed { e.log_odds } else { 0.0 };
                    drawn.exposures[k].push(f64::from(u8::from(exposed)));
                }
                drawn.groups.push(j as u32);
                drawn.outcome.push(f64::from(u8::from(uniform(&mut rng) < probability(eta))));
            }
        }
        drawn
    }

    /// The formula of the analysis, over the columns of [`Drawn::frame`].
    pub(super) fn formula(&self) -> String {
        let terms = (0..self.exposures.len()).map(|k| format!("x{k}")).collect::<Vec<_>>();
        format!("y ~ {} + (1 | g)", std::iter::once("1".to_string()).chain(terms).collect::<Vec<_>>().join(" + "))
    }
}

impl Drawn {
    /// As a frame with columns y, x0, x1, ... and g.
    pub(super) fn frame(self, groups: usize) -> Result<Frame> {
        let mut frame = Frame::new(self.outcome.len());
        frame.insert("y", Column::Number(self.outcome))?;
        for (k, x) in self.exposures.into_iter().enumerate() {
            frame.insert(&format!("x{k}"), Column::Number(x))?;
        }
        let codes = self.groups.iter().map(|&g| g as i32).collect();
        let levels = (0..groups).map(|j| j.to_string()).collect();
        frame.insert("g", Column::Factor { codes, levels, declared: true })?;
        Ok(frame)
    }
}
