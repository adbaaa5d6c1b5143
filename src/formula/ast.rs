//! What a parsed formula is made of.
//!
//! A [`Formula`] is already expanded: `a * b` has become three terms, `(x || g)` two random terms.
//! Positions in the text ([`Span`]) travel along for error messages and are ignored by `==`, so that
//! two spellings of one model are equal.

use super::basis::BasisKind;
use super::contrast::ContrastKind;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};

/// A stretch of the formula text: byte offsets, `end` exclusive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset just after the last byte.
    pub end: usize,
}

impl Span {
    /// The smallest span that holds both.
    #[must_use]
    pub fn cover(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A whole model formula, expanded, ordered and free of repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula {
    /// The outcome, left of `~`.
    pub response: Response,
    /// Whether the fixed part has an intercept.
    pub intercept: bool,
    /// Fixed terms: main effects first, then two-way interactions, and so on.
    pub terms: Vec<Term>,
    /// Known parts of the linear predictor, from `offset(x)`.
    pub offsets: Vec<Atom>,
    /// Random terms, with `||` and `a/b` already split.
    pub random: Vec<RandomTerm>,
}

/// The left-hand side of a formula.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Response {
    /// One row is one trial: `y`.
    Single(Variable),
    /// One row is a group: `events / trials`.
    Grouped {
        /// Column with the number of events.
        events: Variable,
        /// Column with the number of trials.
        trials: Variable,
    },
    /// One row is a group: `cbind(events, nonevents)`.
    Counts {
        /// Column with the number of events.
        events: Variable,
        /// Column with the number of trials without an event.
        nonevents: Variable,
    },
}

impl Response {
    /// The columns it reads, left to right.
    #[must_use]
    pub fn columns(&self) -> Vec<&Variable> {
        match self {
            Self::Single(outcome) => vec![outcome],
            Self::Grouped { events, trials } => vec![events, trials],
            Self::Counts { events, nonevents } => vec![events, nonevents],
        }
    }
}

/// A column of the data, by name.
#[derive(Debug, Clone)]
pub struct Variable {
    /// The column name exactly as in the data, without quotes.
    pub name: String,
    /// Where the formula mentions it.
    pub span: Span,
}

impl PartialEq for Variable {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Variable {}

impl Hash for Variable {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

/// An interaction of one or more atoms; one atom is a main effect.
#[derive(Debug, Clone)]
pub struct Term {
    /// The factors of the interaction: those with a main effect first, in the order of these; then the
    /// others as written.
    pub atoms: Vec<Atom>,
    /// The text it came from.
    pub span: Span,
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        self.atoms == other.atoms
    }
}

impl Eq for Term {}

impl Hash for Term {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.atoms.hash(state);
    }
}

/// One column as it enters the model.
#[derive(Debug, Clone)]
pub struct Atom {
    /// The column name exactly as in the data, without quotes.
    pub column: String,
    /// What is done to it.
    pub transform: Transform,
    /// Where the formula mentions it, the function included.
    pub span: Span,
}

impl PartialEq for Atom {
    fn eq(&self, other: &Self) -> bool {
        self.column == other.column && self.transform == other.transform
    }
}

impl Eq for Atom {}

impl Hash for Atom {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.column.hash(state);
        self.transform.hash(state);
    }
}

/// What a formula asks to be done to a column.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Transform {
    /// As it is: numbers stay numbers, text becomes categories.
    Identity,
    /// `C(...)`: categories, whatever the type of the column.
    Category {
        /// The coding, when the formula names one.
        contrast: Option<ContrastKind>,
        /// The reference level, when the formula names one.
        reference: Option<String>,
    },
    /// A function of a numeric column.
    Function(Function),
    /// A curve of a numeric column.
    Basis(BasisKind),
}

/// The closed list of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// Natural logarithm.
    Log,
    /// Logarithm to base 2.
    Log2,
    /// Logarithm to base 10.
    Log10,
    /// `log(1 + x)`, accurate near zero.
    Log1p,
    /// Exponential.
    Exp,
    /// Square root.
    Sqrt,
    /// Absolute value.
    Abs,
    /// Minus the mean.
    Center,
    /// Minus the mean, divided by the standard deviation.
    Scale,
    /// `I(x^n)`.
    Power(u32),
}

/// A random term with one covariance matrix: `(1 + x | g)`.
#[derive(Debug, Clone)]
pub struct RandomTerm {
    /// Whether the intercept varies between groups.
    pub intercept: bool,
    /// The terms whose coefficients vary between groups.
    pub terms: Vec<Term>,
    /// The grouping columns; `a:b` has two.
    pub group: Vec<Variable>,
    /// The text it came from.
    pub span: Span,
}

impl PartialEq for RandomTerm {
    fn eq(&self, other: &Self) -> bool {
        self.intercept == other.intercept && self.terms == other.terms && self.group == other.group
    }
}

impl Eq for RandomTerm {}

impl Hash for RandomTerm {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.intercept.hash(state);
        self.terms.hash(state);
        self.group.hash(state);
    }
}

impl Formula {
    /// Every data column the model needs, in order of first mention, each once.
    ///
    /// ```
    /// let formula = melogit::formula::parse("y ~ log(age) * sex + (1 + age | clinic)")?;
    /// let names: Vec<String> = formula.columns().into_iter().map(|column| column.name).collect();
    /// assert_eq!(names, ["y", "age", "sex", "clinic"]);
    /// # Ok::<(), melogit::formula::FormulaError>(())
    /// ```
    #[must_use]
    pub fn columns(&self) -> Vec<Variable> {
        let mut mentions: Vec<Variable> = self.response.columns().into_iter().cloned().collect();
        let in_term = |term: &Term| term.atoms.iter().map(Atom::variable).collect::<Vec<_>>();
        mentions.extend(self.terms.iter().flat_map(in_term));
        mentions.extend(self.offsets.iter().map(Atom::variable));
        for random in &self.random {
            mentions.extend(random.terms.iter().flat_map(in_term));
            mentions.extend(random.group.iter().cloned());
        }
        // Stable: a formula built by hand has no positions and keeps the order above.
        mentions.sort_by_key(|variable| variable.span.start);
        let mut seen = HashSet::new();
        mentions.retain(|variable| seen.insert(variable.name.clone()));
        mentions
    }

    /// The columns that a fixed or varying term uses as they are, or as categories; each once.
    ///
    /// ```
    /// let formula = melogit::formula::parse("y ~ log(age) * sex + (1 + C(team) | clinic)")?;
    /// assert_eq!(formula.categories(), ["sex", "team"]);
    /// # Ok::<(), melogit::formula::FormulaError>(())
    /// ```
    #[must_use]
    pub fn categories(&self) -> Vec<&str> {
        let terms = self.terms.iter().chain(self.random.iter().flat_map(|random| &random.terms));
        let atoms = terms.flat_map(|term| &term.atoms);
        let read = atoms.filter(|atom| matches!(atom.transform, Transform::Identity | Transform::Category { .. }));
        let mut seen = HashSet::new();
        read.map(|atom| atom.column.as_str()).filter(|column| seen.insert(*column)).collect()
    }

    /// The same model without its random terms.
    ///
    /// Of `y ~ 0 + (1 | g)` nothing remains; its text, `y ~ 0`, is then not a formula that parses.
    #[must_use]
    pub fn random_free(&self) -> Self {
        Self { random: Vec::new(), ..self.clone() }
    }
}

impl Atom {
    /// The column behind it.
    #[must_use]
    pub fn variable(&self) -> Variable {
        Variable { name: self.column.clone(), span: self.span }
    }
}

impl Function {
    /// Every function written `name(x)`; `Power` is written `I(x^n)` and is not among them.
    pub const NAMED: [(&'static str, Self); 9] = [
        ("log", Self::Log),
        ("log2", Self::Log2),
        ("log10", Self::Log10),
        ("log1p", Self::Log1p),
        ("exp", Self::Exp),
        ("sqrt", Self::Sqrt),
        ("abs", Self::Abs),
        ("center", Self::Center),
        ("scale", Self::Scale),
    ];

    /// The name it has in a formula.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::NAMED.iter().find(|(_, function)| *function == self).map_or("I", |(name, _)| name)
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, function)| *function)
    }
}
