//! Which records belong together.

use crate::coding::Column;
use crate::design::densify;
use crate::error::{Error, Kind, Result};
use crate::likelihood::Problem;
use crate::model::{Fit, Sample};

/// A clustering as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Clusters {
    /// The outermost grouping factor.
    Outermost,
    /// A grouping factor of the model, by name.
    Group(String),
    /// A value per row of the frame, or per analysed row.
    Column(Column),
}

impl Clusters {
    /// Its name, and the kernel positions of each cluster's records, ascending.
    pub(super) fn members(&self, fit: &Fit, sample: &Sample) -> Result<(String, Vec<Vec<u32>>)> {
        let problem = &sample.problem;
        let (name, codes) = match self {
            Self::Outermost => grouping(fit, problem, outermost(fit, problem)?),
            Self::Group(name) => {
                let Some(g) = fit.groupings.iter().position(|s| s.name == *name) else {
                    return Err(no_group(fit, name));
                };
                grouping(fit, problem, g)
            }
            Self::Column(column) => ("cluster".to_string(), by_record(column, sample)?),
        };
        let Some((ids, first)) = densify(codes.into_iter(), usize::MAX) else {
            return Err(Error::new(Kind::Internal, "densify", "an unlimited renumbering was refused"));
        };
        let mut members = vec![Vec::new(); first.len()];
        ids.iter().enumerate().for_each(|(k, id)| members[*id as usize].push(k as u32));
        if members.len() < 2 {
            let message = "all analysed rows are in one cluster, and a robust covariance compares clusters; it needs many, and at least two";
            return Err(Error::new(Kind::Data, "one-cluster", message));
        }
        check_whole(fit, problem, &ids)?;
        Ok((name, members))
    }
}

fn grouping(fit: &Fit, problem: &Problem, g: usize) -> (String, Vec<u64>) {
    let codes = problem.groupings[g].codes.iter().map(|c| u64::from(*c)).collect();
    (fit.groupings[g].name.clone(), codes)
}

/// The grouping factor whose levels hold whole levels of every other.
fn outermost(fit: &Fit, problem: &Problem) -> Result<usize> {
    let refuse = |message: &str| Err(Error::new(Kind::Option, "cluster-needed", message));
    if fit.groupings.is_empty() {
        return refuse(
            "the model has no random effects, so nothing says what the clusters are; pass cluster=, one value per row",
        );
    }
    let holds = |g: usize| {
        let codes = &problem.groupings[g].codes;
        (0..fit.groupings.len())
            .all(|h| split(&problem.groupings[h].codes, problem.groupings[h].levels, codes).is_none())
    };
    match (0..fit.groupings.len()).find(|&g| holds(g)) {
        Some(g) => Ok(g),
        None => refuse(
            "the grouping factors are crossed, so none of them makes clusters of whole groups; pass cluster=, one value per row, that keeps the groups of each factor together",
        ),
    }
}

fn no_group(fit: &Fit, name: &str) -> Error {
    let known = fit.groupings.iter().map(|s| format!("'{}'", s.name)).collect::<Vec<_>>().join(", ");
    let known = if known.is_empty() { "it has none".to_string() } else { format!("they are: {known}") };
    let message = format!(
        "cluster='{name}' is no grouping factor of the model ({known}); for another column pass its values, cluster=data['{name}']"
    );
    Error::new(Kind::Option, "unknown-cluster", message)
}

/// A code per record in kernel order, from one per row.
fn by_record(column: &Column, sample: &Sample) -> Result<Vec<u64>> {
    let rows = column.len();
    let row_of: Vec<usize> = if rows == sample.frame_rows {
        sample.rows.iter().map(|&i| i as usize).collect()
    } else if rows == sample.rows.len() {
        let mut place = vec![0; rows];
        sample.frame_order().into_iter().enumerate().for_each(|(row, k)| place[k] = row);
        place
    } else {
        let message = format!(
            "cluster has {rows} values, and the data had {} rows of which {} were analysed; pass one value per row of the data",
            sample.frame_rows,
            sample.rows.len()
        );
        return Err(Error::new(Kind::Data, "cluster-length", message));
    };
    let code = |row: usize| match column {
        Column::Factor { codes, .. } => u64::try_from(codes[row]).ok(),
        Column::Number(x) => (!x[row].is_nan()).then(|| (x[row] + 0.0).to_bits()),
    };
    let missing = row_of.iter().filter(|&&row| code(row).is_none()).count();
    if missing > 0 {
        let first = row_of.iter().copied().filter(|&row| code(row).is_none()).min().unwrap_or_default();
        let message = format!(
            "cluster has no value in {missing} of the analysed rows, the first of these row {first} (counted from 0); give each its cluster, or fit without these rows"
        );
        return Err(Error::new(Kind::Data, "cluster-missing", message));
    }
    Ok(row_of.into_iter().filter_map(code).collect())
}

/// A record whose inner level is in a second outer level.
fn split(inner: &[u32], levels: usize, outer: &[u32]) -> Option<usize> {
    let mut home = vec![u32::MAX; levels];
    inner.iter().zip(outer).position(|(&i, &o)| {
        let seen = &mut home[i as usize];
        if *seen == u32::MAX {
            *seen = o;
        }
        *seen != o
    })
}

/// Refuses clusters that cut through a group.
fn check_whole(fit: &Fit, problem: &Problem, ids: &[u32]) -> Result<()> {
    for (spec, grouping) in fit.groupings.iter().zip(&problem.groupings) {
        let Some(record) = split(&grouping.codes, grouping.levels, ids) else { continue };
        let message = format!(
            "the clusters cut through groups of '{0}': '{1}' has records in more than one. Records of a group share its random effect, so the likelihood does not add over such clusters; cluster by '{0}' or by something that holds whole groups of it",
            spec.name, spec.levels[grouping.codes[record] as usize]
        );
        return Err(Error::new(Kind::Data, "cluster-splits-group", message));
    }
    Ok(())
}
