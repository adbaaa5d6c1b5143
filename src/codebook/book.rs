//! The codebook as a tree: what the analyst declared, ready to be applied.

use super::lists;
use super::{Interval, Pattern};
use crate::declared::did_you_mean;
use crate::error::{Error, Kind, Result};

/// How the columns of an extract become the variables of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Codebook {
    /// What the codebook is for.
    pub title: Option<String>,
    /// More about it, for an appendix.
    pub description: Option<String>,
    /// The column of month numbers on which the validity of codes depends.
    pub month: Option<String>,
    /// The variables, in the order written.
    pub variables: Vec<Variable>,
}

/// One variable of the model and how it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name in formulas.
    pub name: String,
    /// How tables name it.
    pub label: Option<String>,
    /// More about it, for an appendix.
    pub description: Option<String>,
    /// How a value comes about.
    pub rule: Rule,
    /// The levels in printed order; empty for a number.
    pub levels: Vec<String>,
    /// The level the others are compared with; the first one if `None`.
    pub reference: Option<String>,
    /// Codes that stand for a missing value, by cause.
    pub missing: Vec<Cause>,
    /// What happens to a value that no rule covers.
    pub uncovered: Uncovered,
    /// Which levels are merged for having too few rows.
    pub rare: Option<Rare>,
    /// How the levels are compared.
    pub contrast: Option<Contrast>,
    /// Whether blanks, case and lost zeros are mended before a code is looked up.
    pub clean: bool,
}

/// How a value comes about.
#[derive(Debug, Clone, PartialEq)]
pub enum Rule {
    /// Codes of one column to levels.
    Map {
        /// The column.
        from: String,
        /// A table that turns the text into another first.
        lookup: Option<Lookup>,
        /// The levels and their codes.
        targets: Vec<Target>,
    },
    /// A shipped list of codes.
    List {
        /// The column.
        from: String,
        /// A table that turns the text into another first.
        lookup: Option<Lookup>,
        /// Name of the list.
        list: String,
        /// One of the list's groupings; `None`: each code its own label.
        group: Option<String>,
        /// Whether text that only begins with a code counts; the longest such code wins.
        prefix: bool,
    },
    /// Intervals of a number.
    Bands {
        /// The column.
        from: String,
        /// The intervals.
        bands: Vec<Band>,
        /// Whether there may be gaps between them.
        gaps: bool,
    },
    /// A number, kept as one.
    Number {
        /// The column.
        from: String,
        /// Smallest number covered.
        min: Option<f64>,
        /// Largest number covered.
        max: Option<f64>,
    },
    /// Tests over several columns: the first step that holds decides.
    Precedence {
        /// The steps.
        steps: Vec<Step>,
    },
}

/// A level and the codes that give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The level.
    pub level: String,
    /// Its codes.
    pub codes: Vec<Pattern>,
}

/// A cause of missing values and the codes that stand for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The cause.
    pub cause: String,
    /// Its codes.
    pub codes: Vec<Pattern>,
}

/// A level and an interval that gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Band {
    /// The level.
    pub level: String,
    /// The numbers.
    pub interval: Interval,
}

/// One step of a precedence.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What the step gives if it holds.
    pub outcome: StepOutcome,
    /// All of these must hold. Empty for `otherwise`, which always holds.
    pub when: Vec<Condition>,
}

/// What a step gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepOutcome {
    /// A level.
    Level(String),
    /// A missing value of this cause.
    Missing(String),
}

/// A test of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// The column.
    pub column: String,
    /// What must be so.
    pub test: Test,
}

/// What a condition asks of a cell. On a cell without a value only `Blank` holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// The cell is one of these codes.
    Codes(Vec<Pattern>),
    /// The cell has a value and is none of these codes.
    Not(Vec<Pattern>),
    /// The cell has no value.
    Blank,
    /// The cell is a number in the interval.
    Within(Interval),
}

/// What happens to a value that no rule covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uncovered {
    /// The codebook is not applied.
    Refuse,
    /// The value is missing.
    Missing,
    /// The value becomes this level.
    Level(String),
}

/// Which levels are merged for having too few rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Rare {
    /// Fewer rows than this.
    pub below: Option<u64>,
    /// A smaller share of the rows with a level than this.
    pub share: Option<f64>,
    /// The level that takes them.
    pub into: String,
    /// The levels merged, once that is settled: nothing is counted any more.
    pub merged: Option<Vec<String>>,
}

/// A table handed over when the codebook is applied, from one text to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Lookup {
    /// Its name.
    pub table: String,
    /// The largest share of values that may be without an entry.
    pub unmatched: f64,
}

/// How the levels are compared.
#[derive(Debug, Clone, PartialEq)]
pub enum Contrast {
    /// A coding by its name.
    Named(String),
    /// Orthogonal polynomials over these scores of the levels.
    Polynomial(Vec<f64>),
    /// Comparisons written out: a label and a text such as `CPP - Other`.
    Hypotheses(Vec<(String, String)>),
}

impl Codebook {
    /// The variable of that name.
    pub fn variable(&self, name: &str) -> Result<&Variable> {
        self.variables.iter().find(|variable| variable.name == name).ok_or_else(|| {
            let known = || self.variables.iter().map(|variable| variable.name.as_str());
            let meant = did_you_mean(name, known());
            let message = format!(
                "the codebook has no variable '{name}'{meant}; it has {}",
                known().collect::<Vec<_>>().join(", ")
            );
            Error::new(Kind::Codebook, "codebook-unknown-variable", message)
        })
    }

    /// Every column the codebook reads and the variables that read it, in order of first use.
    ///
    /// The column of months comes last, with the variables that depend on the month.
    pub fn columns(&self) -> Vec<(String, Vec<String>)> {
        let mut columns: Vec<(String, Vec<String>)> = Vec::new();
        let months = self.month.iter().flat_map(|month| {
            self.variables.iter().filter(|variable| variable.has_validity()).map(|variable| (month.as_str(), variable))
        });
        let sources = self
            .variables
            .iter()
            .flat_map(|variable| variable.sources().into_iter().map(move |column| (column, variable)));
        for (column, variable) in sources.chain(months) {
            let at = columns.iter().position(|(known, _)| known == column).unwrap_or_else(|| {
                columns.push((column.to_owned(), Vec::new()));
                columns.len() - 1
            });
            if !columns[at].1.contains(&variable.name) {
                columns[at].1.push(variable.name.clone());
            }
        }
        columns
    }
}

impl Variable {
    /// The columns it reads, in order, each once. The column of months is not among them.
    pub fn sources(&self) -> Vec<&str> {
        let mut sources = Vec::new();
        match &self.rule {
            Rule::Map { from, .. } | Rule::List { from, .. } | Rule::Bands { from, .. } | Rule::Number { from, .. } => {
                sources.push(from.as_str());
            }
            Rule::Precedence { steps } => {
                for condition in steps.iter().flat_map(|step| &step.when) {
                    if !sources.contains(&condition.column.as_str()) {
                        sources.push(&condition.column);
                    }
                }
            }
        }
        sources
    }

    /// Whether some code of it, or of its list, counts in certain months only.
    pub fn has_validity(&self) -> bool {
        let tests = || match &self.rule {
            Rule::Precedence { steps } => steps
                .iter()
                .flat_map(|step| &step.when)
                .filter_map(|condition| match &condition.test {
                    Test::Codes(codes) | Test::Not(codes) => Some(codes),
                    Test::Blank | Test::Within(_) => None,
                })
                .flatten()
                .any(Pattern::has_validity),
            _ => false,
        };
        self.targets().iter().flat_map(|target| &target.codes).any(Pattern::has_validity)
            || self.causes().iter().flat_map(|cause| &cause.codes).any(Pattern::has_validity)
            || tests()
    }

    /// The levels and their codes: a map's own, or those of the list, resolved. Empty for the other rules.
    ///
    /// A code of the list that the variable itself declares missing is left out. Where the list is read by the
    /// beginning of the text (`prefix`), its codes are [`Form::Prefix`](super::Form::Prefix), and the longest that
    /// matches decides.
    pub fn targets(&self) -> Vec<Target> {
        match &self.rule {
            Rule::Map { targets, .. } => targets.clone(),
            Rule::List { list, group, prefix, .. } => {
                let Some(list) = lists::list(list) else { return Vec::new() };
                list.targets(group.as_deref(), *prefix, &self.missing)
            }
            Rule::Bands { .. } | Rule::Number { .. } | Rule::Precedence { .. } => Vec::new(),
        }
    }

    /// The codes that stand for a missing value: the variable's own, then those of its list that it does not name
    /// itself.
    pub fn causes(&self) -> Vec<Cause> {
        let mut causes = self.missing.clone();
        if let Rule::List { list, prefix, .. } = &self.rule
            && let Some(list) = lists::list(list)
        {
            for (cause, code) in list.missing(*prefix, &self.missing) {
                match causes.iter_mut().find(|known| known.cause == cause) {
                    Some(known) => known.codes.push(code),
                    None => causes.push(Cause { cause: cause.to_owned(), codes: vec![code] }),
                }
            }
        }
        causes
    }
}
