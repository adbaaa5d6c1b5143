//! Simulated quantile residuals: where the outcome lies among outcomes drawn from the fitted model.
//!
//! With F̂ the distribution of R drawn outcomes, a residual is uniform between F̂(y−) and F̂(y): if the model is right, residuals
//! are uniform on (0, 1), whatever the covariates. Dunn & Smyth (1996), *J Comput Graph Stat* 5:236; by simulation, Gelman &
//! Hill (2006), ch. 8, and Hartig's DHARMa, whose defaults these are: new random effects in every draw, 250 draws.

use crate::error::{Error, Kind, Result};
use crate::likelihood::logistic::probability;
use crate::model::Sample;
use crate::simulate::{effects, events, linear_predictor, stream, uniform};
use rayon::prelude::*;

/// What is drawn, and from what.
#[derive(Debug, Clone, Copy)]
pub struct QuantileOptions {
    /// Outcomes drawn, R.
    pub replicates: usize,
    /// Seed of the draws.
    pub seed: u64,
    /// Keep the effects of the groups at their modes, instead of drawing new ones.
    pub conditional: bool,
    /// Add up the records of each level of this grouping factor first.
    pub group: Option<usize>,
}

/// Residuals of records, in kernel order, or of the levels of a grouping factor.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantileResiduals {
    /// Trials.
    pub trials: Vec<f64>,
    /// Events.
    pub observed: Vec<f64>,
    /// Mean of the drawn events.
    pub expected: Vec<f64>,
    /// Residual, between 0 and 1.
    pub residual: Vec<f64>,
    /// Outcomes drawn.
    pub replicates: usize,
    /// Variance of outcome less typical outcome: in the data, then in each draw.
    pub variances: (f64, Vec<f64>),
}

/// Draws counted together; their sums are added in order, so that they do not depend on the number of threads.
const BATCH: usize = 8;

/// What a batch of draws leaves.
struct Tally {
    below: Vec<u32>,
    equal: Vec<u32>,
    sum: Vec<f64>,
    variances: Vec<f64>,
}

/// Computes the residuals.
pub fn quantile_residuals(
    sample: &Sample,
    options: &QuantileOptions,
    interrupt: &(dyn Fn() -> bool + Sync),
) -> Result<QuantileResiduals> {
    let problem = &sample.problem;
    let units = Units::new(sample, options.group);
    let lambda = problem.theta.lambda(&sample.theta);
    let zero = vec![0.0; sample.u.len()];
    let typical = linear_predictor(problem, &sample.beta, &lambda, &zero);
    let expected = typical.iter().zip(&problem.outcome.trials).map(|(eta, m)| m * probability(*eta));
    let typical = units.sum(&expected.collect::<Vec<_>>());
    let observed = units.sum(&problem.outcome.successes);
    let fixed = options.conditional.then(|| linear_predictor(problem, &sample.beta, &lambda, &sample.u));
    let draw = |replicate: usize| {
        let mut rng = stream(options.seed, replicate as u64);
        let y = if let Some(eta) = &fixed {
            events(problem, eta, &mut rng)
        } else {
            let u = effects(problem, &mut rng);
            events(problem, &linear_predictor(problem, &sample.beta, &lambda, &u), &mut rng)
        };
        units.sum(&y)
    };
    let batches = (0..options.replicates.div_ceil(BATCH)).into_par_iter().map(|batch| {
        if interrupt() {
            return Err(Error::new(Kind::Interrupted, "interrupted", "the draws were interrupted"));
        }
        let mut tally = Tally::new(observed.len());
        for replicate in batch * BATCH..((batch + 1) * BATCH).min(options.replicates) {
            tally.add(&draw(replicate), &observed, &typical);
        }
        Ok(tally)
    });
    let mut total = Tally::new(observed.len());
    batches.collect::<Result<Vec<_>>>()?.iter().for_each(|tally| total.merge(tally));
    let own = variance(&observed, &typical);
    Ok(total.finish(options, units.sum(&problem.outcome.trials), observed, own))
}

/// Records, or sums of them.
struct Units<'a> {
    codes: Option<(&'a [u32], usize)>,
}

impl<'a> Units<'a> {
    fn new(sample: &'a Sample, group: Option<usize>) -> Self {
        let grouping = group.map(|g| &sample.problem.groupings[g]);
        Self { codes: grouping.map(|g| (g.codes.as_slice(), g.levels)) }
    }

    fn sum(&self, per_record: &[f64]) -> Vec<f64> {
        let Some((codes, levels)) = self.codes else { return per_record.to_vec() };
        let mut sums = vec![0.0; levels];
        codes.iter().zip(per_record).for_each(|(&c, x)| sums[c as usize] += x);
        sums
    }
}

/// Variance of y − e.
fn variance(y: &[f64], e: &[f64]) -> f64 {
    let n = y.len() as f64;
    let mean = y.iter().zip(e).map(|(y, e)| y - e).sum::<f64>() / n;
    y.iter().zip(e).map(|(y, e)| (y - e - mean) * (y - e - mean)).sum::<f64>() / (n - 1.0)
}

impl Tally {
    fn new(units: usize) -> Self {
        Self { below: vec![0; units], equal: vec![0; units], sum: vec![0.0; units], variances: Vec::new() }
    }

    fn add(&mut self, drawn: &[f64], observed: &[f64], typical: &[f64]) {
        for (k, (y, o)) in drawn.iter().zip(observed).enumerate() {
            self.below[k] += u32::from(y < o);
            self.equal[k] += u32::from(y.total_cmp(o).is_eq());
            self.sum[k] += y;
        }
        self.variances.push(variance(drawn, typical));
    }

    fn merge(&mut self, other: &Self) {
        self.below.iter_mut().zip(&other.below).for_each(|(x, y)| *x += y);
        self.equal.iter_mut().zip(&other.equal).for_each(|(x, y)| *x += y);
        self.sum.iter_mut().zip(&other.sum).for_each(|(x, y)| *x += y);
        self.variances.extend(&other.variances);
    }

    fn finish(self, options: &QuantileOptions, trials: Vec<f64>, observed: Vec<f64>, own: f64) -> QuantileResiduals {
        let count = options.replicates as f64;
        // A stream that no draw used.
        let mut rng = stream(options.seed, options.replicates as u64);
        let place = |(below, equal): (&u32, &u32)| (f64::from(*below) + uniform(&mut rng) * f64::from(*equal)) / count;
        QuantileResiduals {
            trials,
            observed,
            residual: self.below.iter().zip(&self.equal).map(place).collect(),
            expected: self.sum.iter().map(|s| s / count).collect(),
            replicates: options.replicates,
            variances: (own, self.variances),
        }
    }
}
