//! Merges levels that few rows have.

use crate::codebook::Variable;
use crate::error::{Error, Kind, Result};

/// The levels that remain.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::codebook) struct Settled {
    /// In printed order.
    pub(in crate::codebook) levels: Vec<String>,
    /// The place among them of each level of the variable.
    pub(in crate::codebook) place: Vec<usize>,
    /// The levels that were merged.
    pub(in crate::codebook) merged: Vec<String>,
}

/// Settles which levels remain, given the rows of each.
///
/// A level without any row is not rare but absent: it stays, so that the levels do not depend on who happens to be in the
/// data. The level that takes the rare ones goes if it took none and no rule gives it. Where it is settled already which levels
/// are merged, rows are not looked at.
pub(in crate::codebook) fn settle(variable: &Variable, rows: &[u64]) -> Result<Settled> {
    let names = &variable.levels;
    let Some(rare) = &variable.rare else {
        return Ok(Settled { levels: names.clone(), place: (0..names.len()).collect(), merged: Vec::new() });
    };
    let total = rows.iter().sum::<u64>();
    let few = |rows: u64| {
        rows > 0
            && (rare.below.is_some_and(|below| rows < below)
                || rare.share.is_some_and(|share| (rows as f64) < share * total as f64))
    };
    let gone = |(name, rows): (&String, &u64)| {
        *name != rare.into && rare.merged.as_ref().map_or_else(|| few(*rows), |merged| merged.contains(name))
    };
    let gone = names.iter().zip(rows).map(gone).collect::<Vec<_>>();
    refuse_reference(variable, rows, &gone)?;
    let needless = !gone.contains(&true) && !is_given(variable, &rare.into);
    let stays = |at: &usize| !(gone[*at] || needless && names[*at] == rare.into);
    let left = (0..names.len()).filter(stays).collect::<Vec<_>>();
    let into = left.iter().position(|&at| names[at] == rare.into).unwrap_or_default();
    Ok(Settled {
        place: (0..names.len()).map(|at| left.iter().position(|&other| other == at).unwrap_or(into)).collect(),
        merged: (0..names.len()).filter(|&at| gone[at]).map(|at| names[at].clone()).collect(),
        levels: left.into_iter().map(|at| names[at].clone()).collect(),
    })
}

/// Whether rows may have the level without any merging, or the analyst names it.
fn is_given(variable: &Variable, level: &String) -> bool {
    let uncovered = matches!(&variable.uncovered, crate::codebook::Uncovered::Level(name) if name == level);
    uncovered || variable.reference.as_ref() == Some(level) || variable.given_levels().contains(level)
}

/// The declared reference must not vanish without a word.
fn refuse_reference(variable: &Variable, rows: &[u64], gone: &[bool]) -> Result<()> {
    let reference = variable.levels.iter().position(|level| variable.reference.as_ref() == Some(level));
    let Some((at, rare)) = reference.filter(|&at| gone[at]).zip(variable.rare.as_ref()) else { return Ok(()) };
    let message = format!(
        "the reference '{}' of '{}' has {} rows, so 'rare' would merge it into '{}'; choose a reference that more rows have, or \
         lower the bound of 'rare'",
        variable.levels[at], variable.name, rows[at], rare.into
    );
    Err(Error::new(Kind::Level, "rare-reference", message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codebook::{Codebook, Rare};

    fn variable(rare: &str) -> Variable {
        let text = format!(
            "[variables.v]\nfrom = \"V\"\nlevels = {{ A = \"a\", B = \"b\", C = \"c\", D = \"d\" }}\nreference = \"A\"\nrare = {rare}\n"
        );
        Codebook::parse(&text, "book.toml").unwrap().variables.remove(0)
    }

    fn levels(variable: &Variable, rows: &[u64]) -> (Vec<String>, Vec<usize>, Vec<String>) {
        let settled = settle(variable, rows).unwrap();
        (settled.levels, settled.place, settled.merged)
    }

    #[test]
    fn few_rows_are_merged_and_none_are_not() {
        let variable = variable("{ below = 10, into = \"Other\" }");
        let settled = levels(&variable, &[50, 9, 10, 0, 0]);
        assert_eq!(
            settled,
            (["A", "C", "D", "Other"].map(String::from).to_vec(), vec![0, 3, 1, 2, 3], vec!["B".into()])
        );
        let replayed = Variable {
            rare: Some(Rare { merged: Some(settled.2.clone()), ..variable.rare.clone().unwrap() }),
            ..variable.clone()
        };
        assert_eq!(levels(&replayed, &[1, 100, 1, 1, 0]), settled);
    }

    #[test]
    fn nothing_rare_leaves_no_empty_level_behind() {
        let variable = variable("{ share = 0.1, into = \"Other\" }");
        let settled = levels(&variable, &[10, 10, 10, 10, 0]);
        assert_eq!(settled, (["A", "B", "C", "D"].map(String::from).to_vec(), vec![0, 1, 2, 3, 0], vec![]));
        let replayed =
            Variable { rare: Some(Rare { merged: Some(vec![]), ..variable.rare.clone().unwrap() }), ..variable };
        assert_eq!(levels(&replayed, &[10, 1, 1, 1, 0]), settled);
    }

    #[test]
    fn the_level_that_takes_them_is_never_rare_and_the_reference_never_goes() {
        let own = variable("{ below = 10, into = \"D\" }");
        assert_eq!(levels(&own, &[50, 50, 3, 2]).2, ["C"]);
        assert_eq!(settle(&own, &[5, 50, 30, 20]).unwrap_err().slug(), "rare-reference");
    }
}
