//! Whom to average over, and what is asked to change about them.

use super::new_data::{NewData, check_offset, complete};
use crate::coding::{Column, Factor, Frame, MISSING};
use crate::error::{Error, Kind, Result};
use crate::model::Fit;
use std::collections::BTreeMap;

/// The people of an average.
pub struct Population<'a> {
    /// Their covariates.
    pub frame: &'a Frame,
    /// Offset per row, for a model that was fitted with one.
    pub offset: Option<&'a [f64]>,
    /// The rows that count; absent: all.
    pub used: Option<&'a [bool]>,
    /// How many people a row stands for; absent: one.
    pub weights: Option<&'a [f64]>,
    /// Columns whose combinations of levels are averaged apart.
    pub over: &'a [String],
}

/// The complete rows of a population, in subgroups.
pub(super) struct Cohort<'a> {
    pub frame: &'a Frame,
    pub offset: Option<&'a [f64]>,
    pub rows: Vec<u32>,
    /// Per row.
    pub weights: Vec<f64>,
    /// Per row.
    pub subgroup: Vec<usize>,
    /// Level of each of the columns of `over`, per subgroup.
    pub labels: Vec<Vec<String>>,
    /// Rows and sum of weights per subgroup.
    pub counts: Vec<usize>,
    pub totals: Vec<f64>,
}

/// What every row's value of a column becomes.
#[derive(Debug, Clone)]
pub(super) enum Setting {
    /// A level.
    Level(String),
    /// A number.
    Number(f64),
    /// A number for each row of the cohort.
    Numbers(Vec<f64>),
}

/// A column and its setting.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub column: String,
    pub to: Setting,
}

impl<'a> Cohort<'a> {
    /// Rows with every value that the model, the weights and the subgroups need; `groups` asks for grouping columns too.
    pub(super) fn read(fit: &Fit, population: &Population<'a>, groups: bool) -> Result<Self> {
        let frame = population.frame;
        check_offset(fit, frame, population.offset)?;
        if let Some(w) = population.weights.filter(|w| w.len() != frame.rows()) {
            let message = format!("weights has {} values but the data have {} rows", w.len(), frame.rows());
            return Err(Error::new(Kind::Option, "vector-length", message));
        }
        let mut whole = vec![true; frame.rows()];
        for name in population.over {
            frame.get(name)?.clear_missing(&mut whole);
        }
        let counts = |&i: &u32| {
            let i = i as usize;
            whole[i] && population.used.is_none_or(|u| u[i]) && population.weights.is_none_or(|w| !w[i].is_nan())
        };
        let rows = complete(fit, frame, groups)?.into_iter().filter(counts).collect::<Vec<_>>();
        let weights = weights(population, &rows)?;
        if rows.is_empty() || weights.iter().all(|w| *w == 0.0) {
            let message = "no row of the data is complete, so there is nothing to average over";
            return Err(Error::new(Kind::Data, "all-missing", message));
        }
        let (subgroup, labels) = subgroups(frame, &rows, population.over)?;
        let (mut counts, mut totals) = (vec![0; labels.len()], vec![0.0; labels.len()]);
        for (s, w) in subgroup.iter().zip(&weights) {
            counts[*s] += 1;
            totals[*s] += w;
        }
        Ok(Self { frame, offset: population.offset, rows, weights, subgroup, labels, counts, totals })
    }

    /// The rows under some changes, coded as the fit coded its own.
    pub(super) fn under(&self, fit: &Fit, changes: &[Change], compress: bool) -> Result<NewData> {
        let mut frame = self.frame.clone();
        for change in changes {
            let column = self.changed(change)?;
            frame.insert(&change.column, column)?;
        }
        NewData::of_rows(fit, &frame, self.offset, self.rows.clone(), compress)
    }

    fn changed(&self, change: &Change) -> Result<Column> {
        let n = self.frame.rows();
        let spread = |value: &dyn Fn(usize) -> f64| {
            let mut numbers = vec![f64::NAN; n];
            self.rows.iter().enumerate().for_each(|(k, &i)| numbers[i as usize] = value(k));
            Column::Number(numbers)
        };
        Ok(match (&change.to, self.frame.get(&change.column)?) {
            (Setting::Number(x), _) => spread(&|_| *x),
            (Setting::Numbers(x), _) => spread(&|k| x[k]),
            // The levels of a numeric column are its numbers as text; it may be used as a number elsewhere in the model.
            (Setting::Level(level), Column::Number(_)) => match level.parse::<f64>() {
                Ok(x) => spread(&|_| x),
                Err(_) => self.constant(level),
            },
            (Setting::Level(level), Column::Factor { .. }) => self.constant(level),
        })
    }

    fn constant(&self, level: &str) -> Column {
        let mut codes = vec![MISSING; self.frame.rows()];
        self.rows.iter().for_each(|&i| codes[i as usize] = 0);
        Column::Factor { codes, levels: vec![level.to_string()], declared: true }
    }

    /// A column's numbers in the rows of the cohort.
    pub(super) fn numbers(&self, column: &str) -> Result<Vec<f64>> {
        let values = self.frame.number(column, "a marginal effect")?;
        Ok(self.rows.iter().map(|&i| values[i as usize]).collect())
    }
}

fn weights(population: &Population, rows: &[u32]) -> Result<Vec<f64>> {
    let Some(weights) = population.weights else { return Ok(vec![1.0; rows.len()]) };
    let own = rows.iter().map(|&i| weights[i as usize]).collect::<Vec<_>>();
    match own.iter().position(|w| !w.is_finite() || *w < 0.0) {
        None => Ok(own),
        Some(k) => {
            let message = format!(
                "weights holds {} in row {} (counted from 0); a weight says how many people a row stands for, so it is a number from 0 up",
                own[k], rows[k]
            );
            Err(Error::new(Kind::Option, "weights-range", message))
        }
    }
}

/// The subgroup of each row, in the order of the levels of the columns, and their labels.
fn subgroups(frame: &Frame, rows: &[u32], over: &[String]) -> Result<(Vec<usize>, Vec<Vec<String>>)> {
    let factors = over.iter().map(|c| Factor::learn(frame, rows, c, None)).collect::<Result<Vec<_>>>()?;
    let codes = factors.iter().map(|f| f.codes(frame, rows)).collect::<Result<Vec<_>>>()?;
    let key = |k: usize| codes.iter().map(|c| c.get(k)).collect::<Vec<_>>();
    let mut found = BTreeMap::new();
    (0..rows.len()).for_each(|k| {
        found.entry(key(k)).or_insert(0);
    });
    found.values_mut().enumerate().for_each(|(s, at)| *at = s);
    let subgroup = (0..rows.len()).map(|k| found[&key(k)]).collect();
    let label = |key: &Vec<usize>| key.iter().zip(&factors).map(|(c, f)| f.levels[*c].clone()).collect();
    Ok((subgroup, found.keys().map(label).collect()))
}
