//! A lexicon: the themes looked for in notes, the terms of each, and the cues that change what a mention says.

use super::phrase::Phrase;
use super::{read, write};
use crate::error::{Error, Kind, Result};
use std::sync::LazyLock;

/// Themes and cues, as an analyst declares them.
///
/// ```
/// use melogit::notes::Lexicon;
/// let text = "[themes.self_harm]\nterms = [\"self-harm*\", \"cutting\"]\nnot = [\"cutting grass\"]";
/// let lexicon = Lexicon::parse(text, "lexicon.toml").unwrap();
/// assert_eq!(lexicon.themes[0].terms.len(), 2);
/// assert_eq!(Lexicon::parse(&lexicon.to_toml(), "again").unwrap(), lexicon);
/// let error = Lexicon::parse("[themes.self_harm]\nterm = [\"cutting\"]", "lexicon.toml").unwrap_err();
/// assert!(error.to_string().starts_with("lexicon.toml, line 2: 'term' is not a key of theme 'self_harm'"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lexicon {
    /// What it is for.
    pub title: Option<String>,
    /// More about it.
    pub description: Option<String>,
    /// The themes, in the order written.
    pub themes: Vec<Theme>,
    /// The cues.
    pub cues: Cues,
}

/// A theme and what counts as a mention of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    /// Its name, which is that of its column.
    pub name: String,
    /// How tables name it.
    pub label: Option<String>,
    /// What it means.
    pub description: Option<String>,
    /// Phrases that mention it.
    pub terms: Vec<String>,
    /// Phrases that are no mention although a term is inside.
    pub not: Vec<String>,
    /// Whom a mention has to be about.
    pub subject: Subject,
    /// Whether a mention of the past counts.
    pub count_historical: bool,
}

/// Whom the mentions of a theme have to be about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Subject {
    /// Nobody of the family: the patient, as far as the note says.
    #[default]
    Patient,
    /// Somebody of the family.
    Family,
    /// Anybody.
    Any,
}

/// The words around a term that change what is said about it. `cues.toml` says what each list is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cues {
    /// Words that a cue reaches, within the sentence.
    pub window: usize,
    /// The lists, in the order of [`LISTS`].
    pub lists: [Vec<String>; LISTS.len()],
}

/// The names of the lists of cues.
pub const LISTS: [&str; 10] = [
    "negation",
    "negation_after",
    "historical",
    "historical_after",
    "family",
    "family_after",
    "informant_after",
    "informant_before",
    "pseudo",
    "ends",
];

/// Reads a text that is part of this crate; the tests of the room read them all.
static SHIPPED: LazyLock<Cues> =
    LazyLock::new(|| read::cues(include_str!("cues.toml")).expect("the cues of this crate can be read"));
static STARTER: LazyLock<Lexicon> = LazyLock::new(|| {
    Lexicon::parse(include_str!("starter.toml"), "starter.toml").expect("the starter lexicon of this crate can be read")
});

impl Lexicon {
    /// Reads the text of a lexicon; `name` is that of the file, for messages.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        read::lexicon(text, name)
    }

    /// The lexicon this crate comes with: a place to start from, not validated.
    pub fn starter() -> &'static Self {
        &STARTER
    }

    /// The whole lexicon as text, shipped cues included: the record of what was looked for.
    pub fn to_toml(&self) -> String {
        write::lexicon(self)
    }
}

impl Default for Cues {
    fn default() -> Self {
        SHIPPED.clone()
    }
}

impl Subject {
    /// The word in a lexicon.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Patient => "patient",
            Self::Family => "family",
            Self::Any => "any",
        }
    }
}

/// The phrases of a list, read; a list made in code can hold what a file cannot.
pub(super) fn phrases<'a>(texts: &'a [String], of: &'a str) -> impl Iterator<Item = Result<Phrase>> + 'a {
    texts.iter().map(move |text| {
        Phrase::read(text).map_err(|(what, cure)| {
            Error::new(Kind::Lexicon, "lexicon-phrase", format!("'{text}' of {of} {what}; {cure}"))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_texts_are_read_and_written_back() {
        let starter = Lexicon::starter();
        let names = starter.themes.iter().map(|theme| theme.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names, ["safeguarding", "parental_mental_health", "home_instability", "missed_appointments"]);
        assert!(starter.description.as_ref().unwrap().contains("not been validated"));
        assert_eq!(&Lexicon::parse(&starter.to_toml(), "again").unwrap(), starter);
        assert_eq!(starter.cues.window, 6);
        assert!(starter.cues.lists.iter().all(|list| !list.is_empty()));
    }
}
