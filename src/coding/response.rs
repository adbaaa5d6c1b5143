//! The outcome: one column of yes/no, or counts of events out of trials.

use super::column::{Column, Frame};
use super::factor::list;
use crate::error::{Error, Kind, Result};
use crate::formula::Response;
use serde::{Deserialize, Serialize};
use statrs::function::factorial::ln_binomial;

/// What an event is; recorded on the fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponseSpec {
    /// The response as in the formula.
    pub text: String,
    /// What counts as an event, e.g. `rejected = 1`.
    pub event: String,
    /// Whether rows are counts of events out of trials.
    pub grouped: bool,
}

/// Events and trials per analysed row (weights multiplied in), and the constant of the log-likelihood.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// y, events.
    pub successes: Vec<f64>,
    /// m, trials.
    pub trials: Vec<f64>,
    /// Sum of w log C(m, y): zero for yes/no rows.
    pub constant: f64,
}

impl Outcome {
    /// Reads the outcome of `rows`; `weights` multiply each row's log-likelihood.
    pub fn read(
        response: &Response,
        event: Option<&str>,
        frame: &Frame,
        rows: &[u32],
        weights: Option<&[f64]>,
    ) -> Result<(ResponseSpec, Self)> {
        let (spec, successes, trials) = match response {
            Response::Single(v) => {
                let (event, y) = binary(frame.get(&v.name)?, &v.name, event, rows)?;
                (ResponseSpec { text: v.name.clone(), event, grouped: false }, y, vec![1.0; rows.len()])
            }
            Response::Grouped { events, trials } => {
                let (e, t) = (&events.name, &trials.name);
                let (y, m) = (counts(frame, e, rows)?, counts(frame, t, rows)?);
                if let Some(k) = (0..y.len()).find(|&k| y[k] > m[k]) {
                    let message = format!(
                        "row {} (counted from 0): {} events ('{e}') out of {} trials ('{t}'); events cannot exceed trials. If the second column counts non-events, write cbind({e}, {t})",
                        rows[k], y[k], m[k]
                    );
                    return Err(Error::new(Kind::Count, "events-above-trials", message));
                }
                (ResponseSpec { text: format!("{e} / {t}"), event: e.clone(), grouped: true }, y, m)
            }
            Response::Counts { events, nonevents } => {
                let (e, f) = (&events.name, &nonevents.name);
                let (y, fails) = (counts(frame, e, rows)?, counts(frame, f, rows)?);
                let m = y.iter().zip(&fails).map(|(a, b)| a + b).collect();
                (ResponseSpec { text: format!("cbind({e}, {f})"), event: e.clone(), grouped: true }, y, m)
            }
        };
        let outcome = Self::weighted(successes, trials, weights, rows);
        outcome.check_varies(&spec)?;
        Ok((spec, outcome))
    }

    fn weighted(mut successes: Vec<f64>, mut trials: Vec<f64>, weights: Option<&[f64]>, rows: &[u32]) -> Self {
        let weight = |k: usize| weights.map_or(1.0, |w| w[rows[k] as usize]);
        let constant = (0..rows.len()).filter(|&k| trials[k] > 1.0);
        let constant = constant.map(|k| weight(k) * ln_binomial(trials[k] as u64, successes[k] as u64)).sum();
        if weights.is_some() {
            for k in 0..rows.len() {
                successes[k] *= weight(k);
                trials[k] *= weight(k);
            }
        }
        Self { successes, trials, constant }
    }

    /// The same trials with other events, such as an outcome drawn from a model.
    #[must_use]
    pub fn with_successes(&self, successes: Vec<f64>) -> Self {
        let ln = |(y, m): (&f64, &f64)| if *m > 1.0 { ln_binomial(m.round() as u64, y.round() as u64) } else { 0.0 };
        let constant = successes.iter().zip(&self.trials).map(ln).sum();
        Self { successes, trials: self.trials.clone(), constant }
    }

    /// Number of events.
    pub fn events(&self) -> f64 {
        sum(&self.successes)
    }

    /// Number of trials.
    pub fn total(&self) -> f64 {
        sum(&self.trials)
    }

    fn check_varies(&self, spec: &ResponseSpec) -> Result<()> {
        let (events, total) = (self.events(), self.total());
        if events > 0.0 && events < total {
            return Ok(());
        }
        let what = if total <= 0.0 {
            "there are no trials at all".to_string()
        } else if events > 0.0 {
            format!("all {total} outcomes are events")
        } else {
            format!("none of the {total} outcomes is an event")
        };
        let message = format!(
            "outcome '{}' ({}) does not vary: {what}; check the coding of the outcome and which rows were dropped",
            spec.text, spec.event
        );
        Err(Error::new(Kind::Outcome, "constant-outcome", message))
    }
}

/// In eight sums side by side: one sum would wait for itself at every record.
fn sum(x: &[f64]) -> f64 {
    let (eights, rest) = x.as_chunks::<8>();
    let mut sums = [0.0; 8];
    eights.iter().for_each(|eight| (0..8).for_each(|k| sums[k] += eight[k]));
    sums.iter().sum::<f64>() + rest.iter().sum::<f64>()
}

/// A yes/no column as 0/1, with the words for what an event is.
fn binary(column: &Column, name: &str, event: Option<&str>, rows: &[u32]) -> Result<(String, Vec<f64>)> {
    match column {
        Column::Number(values) => binary_numbers(values, name, event, rows),
        Column::Factor { codes, levels, .. } => binary_levels(codes, levels, name, event, rows),
    }
}

#[expect(clippy::float_cmp, reason = "an outcome's values are labels: two that differ at all are two values")]
fn binary_numbers(values: &[f64], name: &str, event: Option<&str>, rows: &[u32]) -> Result<(String, Vec<f64>)> {
    let own = rows.iter().map(|&i| values[i as usize]).collect::<Vec<_>>();
    let mut distinct: Vec<f64> = Vec::new();
    // The third value is one too many, and ends the search.
    while distinct.len() <= 2
        && let Some(x) = own.iter().find(|x| !distinct.contains(x))
    {
        distinct.push(*x);
    }
    distinct.sort_unstable_by(f64::total_cmp);
    let shown = distinct.iter().map(ToString::to_string).collect::<Vec<_>>();
    if distinct.len() > 2 {
        return Err(three_values(name, &shown));
    }
    let one = match event {
        Some(text) => {
            let wanted = text.trim().parse::<f64>().ok().filter(|x| distinct.contains(x));
            wanted.ok_or_else(|| unknown_event(name, text, &shown))?
        }
        None if distinct.iter().all(|&x| x == 0.0 || x == 1.0) => 1.0,
        None => {
            let message = format!(
                "outcome '{name}' holds {} rather than 0 and 1; say which one is the event, e.g. event=\"{}\"",
                list(&shown),
                shown[shown.len() - 1]
            );
            return Err(Error::new(Kind::Outcome, "event-not-stated", message));
        }
    };
    let y = own.iter().map(|x| f64::from(u8::from(*x == one))).collect();
    Ok((format!("{name} = {one}"), y))
}

fn binary_levels(
    codes: &[i32],
    levels: &[String],
    name: &str,
    event: Option<&str>,
    rows: &[u32],
) -> Result<(String, Vec<f64>)> {
    let mut seen = vec![false; levels.len()];
    rows.iter().filter_map(|&i| usize::try_from(codes[i as usize]).ok()).for_each(|c| seen[c] = true);
    let used = levels.iter().zip(&seen).filter(|(_, s)| **s).map(|(l, _)| l.clone()).collect::<Vec<_>>();
    if used.len() > 2 {
        return Err(three_values(name, &used));
    }
    let boolean = levels == ["False", "True"];
    let wanted = match event {
        Some(text) => text,
        None if boolean => "True",
        None => {
            let message = format!(
                "outcome '{name}' is text ({}); say which value is the event, e.g. event=\"{}\"",
                list(&used),
                used.last().map_or("", String::as_str)
            );
            return Err(Error::new(Kind::Outcome, "event-not-stated", message));
        }
    };
    let one = levels.iter().position(|l| l == wanted).ok_or_else(|| unknown_event(name, wanted, &used))?;
    let y = rows.iter().map(|&i| f64::from(u8::from(codes[i as usize] == one as i32))).collect();
    Ok((format!("{name} = {wanted}"), y))
}

fn three_values(name: &str, values: &[String]) -> Error {
    let message = format!(
        "outcome '{name}' has more than two values ({}); a logistic regression needs two. Make a yes/no column first, or write events / trials for counts",
        list(values)
    );
    Error::new(Kind::Outcome, "not-binary", message)
}

fn unknown_event(name: &str, event: &str, values: &[String]) -> Error {
    let message = format!("event=\"{event}\" is not a value of outcome '{name}', which holds {}", list(values));
    Error::new(Kind::Outcome, "unknown-event", message)
}

/// Whole numbers from zero up.
fn counts(frame: &Frame, name: &str, rows: &[u32]) -> Result<Vec<f64>> {
    let values = frame.number(name, "a count of events or trials")?;
    let read = |&i: &u32| {
        let x = values[i as usize];
        // Above 2^53 whole numbers are no longer exact.
        if x >= 0.0 && x.fract() == 0.0 && x <= 9.007_199_254_740_992e15 {
            return Ok(x);
        }
        let message = format!(
            "column '{name}', row {i} (counted from 0): {x} is not a count; events and trials are whole numbers from 0 up"
        );
        Err(Error::new(Kind::Count, "not-a-count", message))
    };
    rows.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::parse;

    fn read(text: &str, event: Option<&str>, columns: &[(&str, Column)]) -> Result<(ResponseSpec, Outcome)> {
        let rows = columns[0].1.len();
        let mut frame = Frame::new(rows);
        for (name, column) in columns {
            frame.insert(name, column.clone()).unwrap();
        }
        let formula = parse(text).unwrap();
        Outcome::read(&formula.response, event, &frame, &(0..rows as u32).collect::<Vec<_>>(), None)
    }

    #[test]
    fn text_needs_a_stated_event() {
        let y = [("y", Column::from_text(&["no", "yes", "no"]))];
        assert_eq!(read("y ~ 1", None, &y).unwrap_err().slug(), "event-not-stated");
        assert_eq!(read("y ~ 1", Some("yess"), &y).unwrap_err().slug(), "unknown-event");
        let (spec, outcome) = read("y ~ 1", Some("yes"), &y).unwrap();
        assert_eq!((spec.event.as_str(), outcome.successes), ("y = yes", vec![0.0, 1.0, 0.0]));
    }

    #[test]
    fn three_values_and_constants_are_refused() {
        let slug = |values: &[f64]| {
            read("y ~ 1", None, &[("y", Column::Number(values.to_vec()))]).unwrap_err().slug().to_string()
        };
        assert_eq!(slug(&[0.0, 1.0, 2.0]), "not-binary");
        assert_eq!(slug(&[0.0, 0.0]), "constant-outcome");
        assert_eq!(slug(&[1.0, 2.0]), "event-not-stated");
    }

    #[test]
    fn counts_are_checked_and_the_constant_is_kept() {
        let slug = |e: f64, t: f64| {
            let columns = [("e", Column::Number(vec![e, 1.0])), ("t", Column::Number(vec![t, 2.0]))];
            read("e / t ~ 1", None, &columns).map(|(_, o)| o.constant).map_err(|e| e.slug().to_string())
        };
        assert_eq!(slug(3.0, 2.0), Err("events-above-trials".to_string()));
        assert_eq!(slug(-1.0, 2.0), Err("not-a-count".to_string()));
        assert_eq!(slug(0.5, 2.0), Err("not-a-count".to_string()));
        assert!((slug(2.0, 4.0).unwrap() - 12f64.ln()).abs() < 1e-12);
    }
}
