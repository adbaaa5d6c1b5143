//! Which contrast a formula, or an option of the fit, asks for.

use super::real::Real;

/// How the levels of a category become columns.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ContrastKind {
    /// Each level against the reference.
    Treatment,
    /// Each level against the mean of the levels.
    Sum,
    /// Each level against the mean of those before it.
    Helmert,
    /// Orthogonal polynomials over ordered levels: equally spaced, or at scores, one per level, increasing.
    Polynomial(Option<Vec<Real>>),
    /// Each level against the one before it; also called backward difference, and `contr.sdif` in R.
    Successive,
    /// Each level against the one after it.
    Forward,
    /// Each level against the reference, with the intercept at the mean of the levels.
    Simple,
    /// Comparisons written out, such as `CPP - Other`.
    Custom(Vec<Hypothesis>),
}

/// One comparison of levels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Hypothesis {
    /// What its coefficient is called: the text, unless a label was given.
    pub label: String,
    /// A linear combination of names of levels.
    pub text: String,
}

impl Hypothesis {
    /// A comparison that is labelled by its text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self { label: text.to_owned(), text: text.to_owned() }
    }

    /// The sum of the weights is zero, so one of them is negative: without a minus no text is a comparison.
    pub(super) fn is_comparison(text: &str) -> bool {
        text.contains('-')
    }
}

impl ContrastKind {
    /// Every name, in the order in which messages list them. "Backward" is another name of the successive differences.
    pub const NAMES: [&str; 8] = ["Treatment", "Sum", "Helmert", "Poly", "Successive", "Backward", "Forward", "Simple"];

    /// The name it has in a formula; comparisons written out have none.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Treatment => "Treatment",
            Self::Sum => "Sum",
            Self::Helmert => "Helmert",
            Self::Polynomial(_) => "Poly",
            Self::Successive => "Successive",
            Self::Forward => "Forward",
            Self::Simple => "Simple",
            Self::Custom(_) => "custom",
        }
    }

    /// Reads `Sum`, `sum` and R's `contr.sum` alike.
    ///
    /// ```
    /// use melogit::formula::ContrastKind;
    /// assert_eq!(ContrastKind::from_name("contr.sdif"), Some(ContrastKind::Successive));
    /// assert_eq!(ContrastKind::from_name("deviation"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        match lower.strip_prefix("contr.").unwrap_or(&lower) {
            "treatment" => Some(Self::Treatment),
            "sum" => Some(Self::Sum),
            "helmert" => Some(Self::Helmert),
            "poly" | "polynomial" => Some(Self::Polynomial(None)),
            "successive" | "backward" | "sdif" => Some(Self::Successive),
            "forward" => Some(Self::Forward),
            "simple" => Some(Self::Simple),
            _ => None,
        }
    }

    /// Whether the choice of a reference level says something.
    #[must_use]
    pub fn takes_reference(&self) -> bool {
        matches!(self, Self::Treatment | Self::Sum | Self::Simple)
    }
}
