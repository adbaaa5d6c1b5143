//! A grouping factor: its levels, and the effects that vary between them.

use crate::coding::{Factor, Frame};
use crate::design::{CodingOptions, Design, DesignSpec, densify};
use crate::error::{Error, Kind, Result};
use crate::formula::RandomTerm;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// What is recorded about a grouping factor. Terms over the same factor are joined: their effects stay uncorrelated between
/// parts, and one factor keeps A block-diagonal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupingSpec {
    /// Name, e.g. `location` or `community:mother`.
    pub name: String,
    /// Source columns.
    pub factors: Vec<Factor>,
    /// Labels of the levels, `a:b` where two columns combine.
    pub levels: Vec<String>,
    /// One design per random term; effects within a part are correlated.
    pub parts: Vec<DesignSpec>,
}

/// The data of a grouping factor, in the order of the analysed rows.
#[derive(Debug, Clone)]
pub struct Grouping {
    /// Number of levels, J.
    pub levels: usize,
    /// Effects per level, k.
    pub width: usize,
    /// Level of each row.
    pub codes: Vec<u32>,
    /// Rows of Z, n x k row after row; `None` for a lone intercept.
    pub z: Option<Vec<f64>>,
}

impl Grouping {
    /// Whether two records belong to the same level with the same z.
    pub fn same_row(&self, a: usize, b: usize) -> bool {
        let bits = |z: &[f64], i: usize, effect: usize| z[i * self.width + effect].to_bits();
        let alike = |z: &[f64]| (0..self.width).all(|effect| bits(z, a, effect) == bits(z, b, effect));
        self.codes[a] == self.codes[b] && self.z.as_deref().is_none_or(alike)
    }

    /// The grouping of some of the rows, its levels numbered anew in their order.
    #[must_use]
    pub fn pick(&self, rows: &[u32]) -> Self {
        let mut kept = rows.iter().map(|&i| self.codes[i as usize]).collect::<Vec<_>>();
        let codes = kept.clone();
        kept.sort_unstable();
        kept.dedup();
        let number = |code: &u32| kept.partition_point(|k| k < code) as u32;
        let z = self.z.as_ref().map(|z| {
            let row = |i: &u32| z[*i as usize * self.width..(*i as usize + 1) * self.width].iter().copied();
            rows.iter().flat_map(row).collect()
        });
        Self { levels: kept.len(), width: self.width, codes: codes.iter().map(number).collect(), z }
    }
}

/// Rows that one thread writes at a time, at least.
const SHARE: usize = 1 << 13;

impl GroupingSpec {
    /// Learns the levels of the factor behind `terms` (all over the same columns) and the coding of their effects; also gives
    /// the level of each row.
    pub fn learn(
        terms: &[&RandomTerm],
        frame: &Frame,
        rows: &[u32],
        options: &CodingOptions,
    ) -> Result<(Self, Vec<u32>)> {
        let name = terms[0].group_name();
        let factors =
            terms[0].group.iter().map(|v| Factor::learn(frame, rows, &v.name, None)).collect::<Result<Vec<_>>>()?;
        let (codes, levels) = combine(&factors, frame, rows)?;
        if levels.len() < 2 {
            let message = format!(
                "grouping column '{name}' has one level in the analysed rows, so there is no variation between groups to estimate; remove (… | {name})"
            );
            return Err(Error::new(Kind::Grouping, "one-group", message));
        }
        check_labels(&name, &levels)?;
        let parts = terms
            .iter()
            .map(|t| DesignSpec::learn(t.intercept, &t.terms, frame, rows, options))
            .collect::<Result<Vec<_>>>()?;
        Ok((Self { name, factors, levels, parts }, codes))
    }

    /// Effects per level, k.
    pub fn width(&self) -> usize {
        self.parts.iter().map(DesignSpec::width).sum()
    }

    /// Names of the effects, in order.
    pub fn effects(&self) -> Vec<&str> {
        self.parts.iter().flat_map(|p| p.names.iter().map(String::as_str)).collect()
    }

    /// Whether the only effect is an intercept.
    pub fn is_intercept(&self) -> bool {
        self.parts.len() == 1 && self.parts[0].intercept && self.parts[0].terms.is_empty()
    }

    /// Rows of Z of a frame; `None` for a lone intercept.
    pub fn z(&self, frame: &Frame, rows: &[u32]) -> Result<Option<Vec<f64>>> {
        if self.is_intercept() {
            return Ok(None);
        }
        let width = self.width();
        let mut z = vec![0.0; rows.len() * width];
        let mut start = 0;
        for part in &self.parts {
            let codes = part.factor_codes(frame, rows)?;
            let design = Design::plain(part.blocks(&codes, frame, rows)?, rows.len(), part.width());
            let own = start..start + part.width();
            let rows = z.par_chunks_exact_mut(width).with_min_len(SHARE).enumerate();
            rows.for_each(|(i, row)| design.write_row(i, &mut row[own.clone()]));
            start += part.width();
        }
        Ok(Some(z))
    }

    /// The label of one row of new data, whether or not it was in the fit.
    pub fn label(&self, frame: &Frame, row: u32) -> Result<String> {
        let labels = self.factors.iter().map(|f| f.label(frame, row)).collect::<Result<Vec<_>>>()?;
        Ok(labels.join(":"))
    }

    /// Level of each row of new data; `None` where the level was not in the fit.
    pub fn known_levels(&self, frame: &Frame, rows: &[u32]) -> Result<Vec<Option<usize>>> {
        let per_factor = self.factors.iter().map(|f| f.known(frame, rows)).collect::<Result<Vec<_>>>()?;
        if self.factors.len() == 1 {
            return Ok(per_factor.into_iter().next().unwrap_or_default());
        }
        let index: std::collections::HashMap<&str, usize> =
            self.levels.iter().enumerate().map(|(k, l)| (l.as_str(), k)).collect();
        let label = |i: usize| {
            let parts = self.factors.iter().zip(&per_factor);
            let names = parts.map(|(f, codes)| codes[i].map(|c| f.levels[c].as_str()));
            names.collect::<Option<Vec<_>>>().map(|names| names.join(":"))
        };
        Ok((0..rows.len()).map(|i| label(i).and_then(|l| index.get(l.as_str()).copied())).collect())
    }
}

/// Refuses combinations that read the same ("a:b" with "c", "a" with "b:c"): saved modes are found by their labels.
fn check_labels(name: &str, levels: &[String]) -> Result<()> {
    let mut seen = std::collections::HashSet::new();
    let Some(twice) = levels.iter().find(|l| !seen.insert(l.as_str())) else { return Ok(()) };
    let message = format!(
        "grouping '{name}' has two different combinations that both read '{twice}', because a level holds a colon; rename the levels of one column"
    );
    Err(Error::new(Kind::Grouping, "ambiguous-labels", message))
}

/// Codes and labels of the combinations that occur, sorted by the first column, then the next.
fn combine(factors: &[Factor], frame: &Frame, rows: &[u32]) -> Result<(Vec<u32>, Vec<String>)> {
    let first = factors[0].codes(frame, rows)?;
    let mut codes = (0..rows.len()).map(|i| first.get(i) as u32).collect::<Vec<_>>();
    let mut labels = factors[0].levels.clone();
    for factor in &factors[1..] {
        let next = factor.codes(frame, rows)?;
        let width = factor.levels.len() as u64;
        let keys =
            codes.iter().enumerate().map(|(i, c)| u64::from(*c) * width + next.get(i) as u64).collect::<Vec<_>>();
        let Some((ids, shown)) = densify(keys.iter().copied(), usize::MAX) else {
            return Err(Error::new(Kind::Internal, "densify", "an unlimited renumbering was refused"));
        };
        let mut order = (0..shown.len()).collect::<Vec<_>>();
        order.sort_unstable_by_key(|&id| keys[shown[id] as usize]);
        let mut rank = vec![0u32; order.len()];
        order.iter().enumerate().for_each(|(r, &id)| rank[id] = r as u32);
        let name = |&id: &usize| {
            let key = keys[shown[id] as usize];
            format!("{}:{}", labels[(key / width) as usize], factor.levels[(key % width) as usize])
        };
        labels = order.iter().map(name).collect();
        codes = ids.iter().map(|&id| rank[id as usize]).collect();
    }
    Ok((codes, labels))
}
