//! Formula and frame to a [`Problem`]: which rows, which codes, in which order.

use super::rows::{MissingAccount, complete_rows, informative_rows, sorted};
use crate::coding::{Codes, Frame, Number, Outcome, ResponseSpec};
use crate::design::{Alias, CodingOptions, Design, DesignSpec, find_aliased};
use crate::error::{Error, Kind, Result};
use crate::formula::{Formula, Function, RandomTerm, Response, Transform, parse};
use crate::likelihood::{PIECE, Problem};
use crate::progress::Board;
use crate::random::{Grouping, GroupingSpec, ThetaMap, nested_in};
use crate::settings::{Policy, Settings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What the caller asked for beside the formula.
#[derive(Debug, Clone, Default)]
pub struct FitOptions {
    /// Which value of the outcome is the event.
    pub event: Option<String>,
    /// Contrasts and reference levels by column.
    pub coding: CodingOptions,
    /// Multiplies each row's log-likelihood.
    pub weights: Option<Vec<f64>>,
    /// Added to each row's linear predictor.
    pub offset: Option<Vec<f64>>,
    /// Checked settings.
    pub settings: Settings,
    /// Where the search writes down how far it has come.
    pub board: Arc<Board>,
}

/// Sizes of the groups of one factor, in records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupSizes {
    /// Smallest.
    pub min: usize,
    /// Median.
    pub median: f64,
    /// Largest.
    pub max: usize,
    /// The grouping factor that this one is nested in, found in the data.
    pub nested_in: Option<String>,
    /// Groups whose outcomes are all alike; absent in a fit saved before this was counted.
    #[serde(default)]
    pub one_sided: Option<usize>,
}

/// A model ready to be fitted, with the record of how it was coded.
pub struct Prepared {
    /// The formula.
    pub formula: Formula,
    /// The data in kernel order.
    pub problem: Problem,
    /// Outcome.
    pub response: ResponseSpec,
    /// Offsets of the formula.
    pub offsets: Vec<Number>,
    /// Fixed effects, redundant columns included.
    pub design: DesignSpec,
    /// Redundant columns.
    pub aliased: Vec<Alias>,
    /// Grouping factors, most columns first.
    pub groupings: Vec<GroupingSpec>,
    /// Their sizes.
    pub sizes: Vec<GroupSizes>,
    /// Per factor of the design and level: trials and events.
    pub counts: Vec<Vec<(f64, f64)>>,
    /// Rows and missing values.
    pub missing: MissingAccount,
    /// Analysed rows of the frame, in kernel order.
    pub rows: Vec<u32>,
}

/// Reads the data of a formula.
pub fn prepare(text: &str, frame: &Frame, options: &FitOptions) -> Result<Prepared> {
    options.settings.clone().check()?;
    let formula = parse(text)?;
    let columns = formula.columns().into_iter().map(|v| v.name.clone()).collect::<Vec<_>>();
    check_options(&formula, &columns, frame, options)?;
    let (rows, missing) = complete_rows(&columns, frame, options.settings.missing)?;
    let rows = informative_rows(&formula, frame, rows, options.weights.as_deref())?;
    let (specs, mut codes) = learn_groupings(&formula.random, frame, &rows, &options.coding)?;
    let order = sorted(&codes, &specs, rows.len());
    let rows = order.iter().map(|&k| rows[k as usize]).collect::<Vec<_>>();
    for column in &mut codes {
        *column = order.iter().map(|&k| column[k as usize]).collect();
    }
    let (response, outcome) =
        Outcome::read(&formula.response, options.event.as_deref(), frame, &rows, options.weights.as_deref())?;
    check_replicated(&specs, &outcome, &response)?;
    let sizes = group_sizes(&specs, &codes, &outcome);
    let groupings = build_groupings(&specs, codes, frame, &rows)?;
    let (offsets, offset) = read_offset(&formula, frame, &rows, options.offset.as_deref())?;
    let design = DesignSpec::learn(formula.intercept, &formula.terms, frame, &rows, &options.coding)?;
    check_coding_used(&options.coding, &design, &specs)?;
    let factor_codes = design.factor_codes(frame, &rows)?;
    let x = Design::new(design.blocks(&factor_codes, frame, &rows)?, rows.len(), design.width());
    let counts = count_levels(&design, &factor_codes, &x, &outcome);
    let (x, aliased) = drop_aliased(x, rows.len(), &design, options.settings.aliased)?;
    let theta = ThetaMap::new(&specs);
    check_parameters(&x, &theta)?;
    let mut problem = Problem::new(outcome, offset, x, groupings, theta, PIECE)?;
    problem.board = Arc::clone(&options.board);
    check_size(&problem)?;
    Ok(Prepared {
        formula,
        problem,
        response,
        offsets,
        design,
        aliased,
        groupings: specs,
        sizes,
        counts,
        missing,
        rows,
    })
}

/// Refuses options that have no meaning here, and weights or offsets that do not fit the frame.
fn check_options(formula: &Formula, columns: &[String], frame: &Frame, options: &FitOptions) -> Result<()> {
    if options.event.is_some() && !matches!(formula.response, Response::Single(_)) {
        let message = "event= names a value of a yes/no outcome, but this outcome counts events; leave event= out";
        return Err(Error::new(Kind::Option, "event-of-counts", message));
    }
    for column in columns {
        frame.get(column)?;
    }
    check_vector("weights", options.weights.as_deref(), frame.rows(), |x| x.is_finite() && x >= 0.0)?;
    check_vector("offset", options.offset.as_deref(), frame.rows(), f64::is_finite)
}

/// Refuses contrasts and reference levels of columns that the model does not read as categories.
fn check_coding_used(options: &CodingOptions, design: &DesignSpec, groupings: &[GroupingSpec]) -> Result<()> {
    let parts = groupings.iter().flat_map(|g| &g.parts).chain(std::iter::once(design));
    let factors = parts.flat_map(|p| &p.factors).map(|f| f.column.as_str()).collect::<BTreeSet<_>>();
    let asked = options.contrasts.keys().map(|c| ("contrasts", c));
    for (option, column) in asked.chain(options.references.keys().map(|c| ("references", c))) {
        if !factors.contains(column.as_str()) {
            let message = format!(
                "{option}= names '{column}', which is not a categorical term of the formula; to use a column of numbers as categories, write C({column})"
            );
            return Err(Error::new(Kind::Option, "unused-option", message));
        }
    }
    Ok(())
}

fn check_vector(name: &str, values: Option<&[f64]>, rows: usize, fits: impl Fn(f64) -> bool) -> Result<()> {
    let Some(values) = values else { return Ok(()) };
    if values.len() != rows {
        let message = format!("{name} has {} values but the data have {rows} rows", values.len());
        return Err(Error::new(Kind::Option, "vector-length", message));
    }
    match values.iter().position(|&x| !fits(x)) {
        None => Ok(()),
        Some(row) => {
            let needs = if name == "weights" { "finite numbers from 0 up" } else { "finite numbers" };
            let message = format!("{name}, row {row} (counted from 0), is {}; {name} must be {needs}", values[row]);
            Err(Error::new(Kind::Option, "vector-value", message))
        }
    }
}

/// One spec per distinct grouping factor, most columns first (ties in order of the formula), with codes per row.
fn learn_groupings(
    random: &[RandomTerm],
    frame: &Frame,
    rows: &[u32],
    options: &CodingOptions,
) -> Result<(Vec<GroupingSpec>, Vec<Vec<u32>>)> {
    // g:h and h:g are one factor.
    let key = |term: &RandomTerm| term.group.iter().map(|v| v.name.clone()).collect::<BTreeSet<_>>();
    let mut keys: Vec<BTreeSet<String>> = Vec::new();
    for term in random {
        if !keys.contains(&key(term)) {
            keys.push(key(term));
        }
    }
    let mut learned = Vec::new();
    for wanted in keys {
        let terms = random.iter().filter(|t| key(t) == wanted).collect::<Vec<_>>();
        learned.push(GroupingSpec::learn(&terms, frame, rows, options)?);
    }
    learned.sort_by_key(|(spec, _)| std::cmp::Reverse(spec.levels.len() * spec.width()));
    Ok(learned.into_iter().unzip())
}

/// A yes/no outcome cannot tell a record's own effect from chance.
fn check_replicated(specs: &[GroupingSpec], outcome: &Outcome, response: &ResponseSpec) -> Result<()> {
    let rows = outcome.trials.len();
    let distinct = |s: &&GroupingSpec| s.levels.len() == rows && !response.grouped;
    let Some(spec) = specs.iter().find(distinct) else { return Ok(()) };
    let message = format!(
        "grouping column '{}' has a level of its own for each of the {rows} rows, and a yes/no outcome carries no information about variation between single records; group by something that repeats, or use events / trials",
        spec.name
    );
    Err(Error::new(Kind::Grouping, "all-distinct", message))
}

fn group_sizes(specs: &[GroupingSpec], codes: &[Vec<u32>], outcome: &Outcome) -> Vec<GroupSizes> {
    let size = |g: usize| {
        let mut sizes = vec![0usize; specs[g].levels.len()];
        codes[g].iter().for_each(|&c| sizes[c as usize] += 1);
        let outer = (0..specs.len())
            .filter(|&h| specs[h].levels.len() < specs[g].levels.len())
            .find(|&h| nested_in(&codes[g], specs[g].levels.len(), &codes[h]));
        sizes.sort_unstable();
        let middle = |k: usize| sizes[k] as f64;
        let n = sizes.len();
        GroupSizes {
            min: sizes[0],
            median: f64::midpoint(middle((n - 1) / 2), middle(n / 2)),
            max: sizes[n - 1],
            nested_in: outer.map(|h| specs[h].name.clone()),
            one_sided: Some(one_sided(specs[g].levels.len(), &codes[g], outcome)),
        }
    };
    (0..specs.len()).map(size).collect()
}

/// How many of the groups have no event, or nothing else.
fn one_sided(levels: usize, codes: &[u32], outcome: &Outcome) -> usize {
    let mut seen = vec![(false, false); levels];
    for (&code, (y, m)) in codes.iter().zip(outcome.successes.iter().zip(&outcome.trials)) {
        let group = &mut seen[code as usize];
        *group = (group.0 || *y > 0.0, group.1 || y < m);
    }
    seen.iter().filter(|(event, other)| event != other).count()
}

fn build_groupings(specs: &[GroupingSpec], codes: Vec<Vec<u32>>, frame: &Frame, rows: &[u32]) -> Result<Vec<Grouping>> {
    let build = |(spec, codes): (&GroupingSpec, Vec<u32>)| {
        Ok(Grouping { levels: spec.levels.len(), width: spec.width(), codes, z: spec.z(frame, rows)? })
    };
    specs.iter().zip(codes).map(build).collect()
}

/// Offsets of the formula and of the argument, added up per row in kernel order.
fn read_offset(
    formula: &Formula,
    frame: &Frame,
    rows: &[u32],
    argument: Option<&[f64]>,
) -> Result<(Vec<Number>, Option<Vec<f64>>)> {
    let learn = |atom: &crate::formula::Atom| {
        let function: Option<Function> = match &atom.transform {
            Transform::Function(f) => Some(*f),
            _ => None,
        };
        Number::learn(frame, rows, &atom.column, atom.name(), function)
    };
    let numbers = formula.offsets.iter().map(learn).collect::<Result<Vec<_>>>()?;
    if numbers.is_empty() && argument.is_none() {
        return Ok((numbers, None));
    }
    let mut sum = rows.iter().map(|&i| argument.map_or(0.0, |o| o[i as usize])).collect::<Vec<_>>();
    for number in &numbers {
        sum.iter_mut().zip(number.values(frame, rows)?).for_each(|(s, x)| *s += x);
    }
    Ok((numbers, Some(sum)))
}

/// Most bytes that the crossed part of the random effects may take: an allocation that fails would end the process.
const MOST_BYTES: f64 = 12e9;

/// Most variance parameters; a k x k covariance has k(k + 1)/2.
const MOST_VARIANCES: usize = 500;

/// Refuses models without parameters, or with more variances than can be estimated.
fn check_parameters(x: &Design, theta: &ThetaMap) -> Result<()> {
    if x.width + theta.len() == 0 {
        let message = "no parameter is left to estimate: every column of the model is redundant or zero";
        return Err(Error::new(Kind::Data, "no-parameters", message));
    }
    if theta.len() > MOST_VARIANCES {
        let message = format!(
            "the random effects have {} variances and correlations, above the {MOST_VARIANCES} that melogit estimates; use fewer effects per group, or || to leave out correlations",
            theta.len()
        );
        return Err(Error::new(Kind::Size, "too-many-variances", message));
    }
    Ok(())
}

/// Refuses random effects too many to estimate in memory.
fn check_size(problem: &Problem) -> Result<()> {
    let layout = &problem.layout;
    // The Hessian keeps the Schur complement once per parameter: in each piece, then by direction, twice.
    let copies = 2.0 + layout.pieces.len() as f64;
    let bytes = layout.fronts.len() as f64 * 8.0 * copies * problem.parameters() as f64;
    if bytes > MOST_BYTES {
        let message = format!(
            "the grouping factors beside the largest have {} effects in all, and they cross in so many ways that the fit would need about {:.0} GB of memory. Leave out a grouping factor, or use one with fewer levels",
            layout.trailing,
            bytes / 1e9
        );
        return Err(Error::new(Kind::Size, "crossed-effects", message));
    }
    Ok(())
}

/// Trials and events per factor and level, added up over patterns.
fn count_levels(design: &DesignSpec, codes: &[Codes], x: &Design, outcome: &Outcome) -> Vec<Vec<(f64, f64)>> {
    let (trials, events) = (x.by_pattern(&outcome.trials), x.by_pattern(&outcome.successes));
    let count = |(factor, codes): (&crate::coding::Factor, &Codes)| {
        let mut counts = vec![(0.0, 0.0); factor.levels.len()];
        for (pattern, (n, y)) in trials.iter().zip(&events).enumerate() {
            let cell = &mut counts[codes.get(x.shown_by(pattern))];
            cell.0 += n;
            cell.1 += y;
        }
        counts
    };
    design.factors.iter().zip(codes).map(count).collect()
}

/// Leaves out redundant columns, or refuses them.
fn drop_aliased(x: Design, rows: usize, spec: &DesignSpec, policy: Policy) -> Result<(Design, Vec<Alias>)> {
    let aliased = find_aliased(&x.gram(&x.by_pattern(&vec![1.0; rows])));
    if aliased.is_empty() {
        return Ok((x, aliased));
    }
    if policy == Policy::Error {
        let names = aliased.iter().map(|a| spec.names[a.column].as_str()).collect::<Vec<_>>().join(", ");
        let message = format!(
            "redundant columns: {names}; each is a combination of columns before it, so its coefficient is not identified. Remove the term, or use aliased='drop' to leave the column out"
        );
        return Err(Error::new(Kind::Aliased, "aliased", message));
    }
    let keep = (0..spec.width()).map(|c| aliased.iter().all(|a| a.column != c)).collect::<Vec<_>>();
    Ok((x.keep(&keep), aliased))
}
