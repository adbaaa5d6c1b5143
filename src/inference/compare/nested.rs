//! Whether a model is a special case of another, found in the data: by columns, not by names.
//!
//! The fixed part is nested if every column of the smaller X, and what the two offsets differ by, is a combination of columns
//! of the larger X. The random part is nested if the effects of each correlated block of the smaller model are combinations of
//! those of one block, over the same groups, of the larger: a block's covariance is any, so it holds every covariance of such
//! combinations. (`||` in the larger and `|` in the smaller is the case that this refuses.)

use super::Fitted;
use crate::design::find_aliased;
use crate::error::{Error, Kind, Result};
use crate::model::Sample;
use nalgebra::DMatrix;
use std::collections::HashMap;

/// Random effects per group that the larger model has and the smaller has not; an error if it is not larger.
pub(super) fn further_effects(small: Fitted, large: Fitted) -> Result<usize> {
    if small.fit.parameters() == large.fit.parameters() {
        let why = format!("both have {} parameters, so neither is a special case of the other", small.fit.parameters());
        return Err(refused(small, large, &why));
    }
    fixed(small, large)?;
    random(small, large)?;
    let effects = |f: Fitted| f.fit.groupings.iter().map(crate::random::GroupingSpec::width).sum::<usize>();
    Ok(effects(large) - effects(small))
}

fn refused(small: Fitted, large: Fitted, why: &str) -> Error {
    let message = format!(
        "'{}' is not a special case of '{}': {why}. A likelihood-ratio test needs nested models; otherwise compare aic or bic",
        small.fit.formula, large.fit.formula
    );
    Error::new(Kind::Option, "not-nested", message)
}

fn fixed(small: Fitted, large: Fitted) -> Result<()> {
    let gram = joint_gram(small.sample, large.sample);
    let (p, q) = (large.sample.beta.len(), small.sample.beta.len());
    let inside = find_aliased(&gram).iter().map(|a| a.column).collect::<Vec<_>>();
    let Some(outside) = (p..gram.nrows()).find(|c| !inside.contains(c)) else { return Ok(()) };
    if outside == p + q {
        return Err(refused(small, large, "what their offsets differ by is no combination of its fixed effects"));
    }
    let name = &small.fit.design.names[small.fit.estimated[outside - p]];
    Err(refused(small, large, &format!("its fixed effects do not span '{name}'")))
}

/// [X₁ | X₀ | o₀ − o₁]'[…] over the records, each distinct pair of patterns once.
fn joint_gram(small: &Sample, large: &Sample) -> DMatrix<f64> {
    let (x0, x1) = (&small.problem.x, &large.problem.x);
    let (p, q) = (x1.width, x0.width);
    let offset = |s: &Sample, k: usize| s.problem.offset.as_ref().map_or(0.0, |o| o[k]);
    let mut counts: HashMap<(usize, usize, u64), f64> = HashMap::new();
    let mut distinct = Vec::new();
    for (k0, k1) in small.frame_order().into_iter().zip(large.frame_order()) {
        let key = (x0.pattern(k0), x1.pattern(k1), (offset(small, k0) - offset(large, k1)).to_bits());
        let count = counts.entry(key).or_insert_with(|| {
            distinct.push(key);
            0.0
        });
        *count += 1.0;
    }
    let mut gram = DMatrix::zeros(p + q + 1, p + q + 1);
    let mut row = vec![0.0; p + q + 1];
    for key in distinct {
        x1.write_row(key.1, &mut row[..p]);
        x0.write_row(key.0, &mut row[p..p + q]);
        row[p + q] = f64::from_bits(key.2);
        add_outer(&mut gram, &row, counts[&key]);
    }
    gram
}

fn add_outer(gram: &mut DMatrix<f64>, row: &[f64], weight: f64) {
    for (j, x) in row.iter().enumerate().filter(|(_, x)| **x != 0.0) {
        for (i, y) in row.iter().enumerate() {
            gram[(i, j)] += weight * x * y;
        }
    }
}

fn random(small: Fitted, large: Fitted) -> Result<()> {
    let (order0, order1) = (small.sample.frame_order(), large.sample.frame_order());
    for (g, spec) in small.fit.groupings.iter().enumerate() {
        let codes = |s: &Sample, g: usize, order: &[usize]| {
            let codes = &s.problem.groupings[g].codes;
            order.iter().map(|&k| codes[k]).collect::<Vec<_>>()
        };
        let own = codes(small.sample, g, &order0);
        let others = 0..large.fit.groupings.len();
        let Some(h) = others.into_iter().find(|&h| same_groups(&own, &codes(large.sample, h, &order1))) else {
            return Err(refused(small, large, &format!("it has no random effect over the groups of '{}'", spec.name)));
        };
        let outer = blocks(&large, h);
        for block in blocks(&small, g) {
            let fits = |o: &Vec<usize>| spans(large.sample, (h, o), &order1, small.sample, (g, &block), &order0);
            if !outer.iter().any(fits) {
                let names = spec.effects();
                let names = block.iter().map(|&a| format!("'{}'", names[a])).collect::<Vec<_>>().join(", ");
                let why = format!("no correlated block of its random effects over '{}' spans {names}", spec.name);
                return Err(refused(small, large, &why));
            }
        }
    }
    Ok(())
}

/// Effects of each correlated block of a grouping factor.
fn blocks(fitted: &Fitted, g: usize) -> Vec<Vec<usize>> {
    let mut start = 0;
    let block = |part: &crate::design::DesignSpec| {
        let effects = (start..start + part.width()).collect();
        start += part.width();
        effects
    };
    fitted.fit.groupings[g].parts.iter().map(block).collect()
}

/// Whether two codings put the same rows together.
fn same_groups(a: &[u32], b: &[u32]) -> bool {
    let mut there = HashMap::new();
    let mut back = HashMap::new();
    a.iter().zip(b).all(|(x, y)| *there.entry(x).or_insert(y) == y && *back.entry(y).or_insert(x) == x)
}

/// Whether the columns of Z of the inner effects are combinations of those of the outer ones.
fn spans(
    large: &Sample,
    (h, outer): (usize, &[usize]),
    order1: &[usize],
    small: &Sample,
    (g, inner): (usize, &[usize]),
    order0: &[usize],
) -> bool {
    let n = outer.len() + inner.len();
    let mut gram = DMatrix::zeros(n, n);
    for (&k0, &k1) in order0.iter().zip(order1) {
        let z1 = outer.iter().map(|&a| large.problem.z(h, k1, a));
        let z0 = inner.iter().map(|&a| small.problem.z(g, k0, a));
        add_outer(&mut gram, &z1.chain(z0).collect::<Vec<_>>(), 1.0);
    }
    let inside = find_aliased(&gram);
    (outer.len()..n).all(|c| inside.iter().any(|a| a.column == c))
}
