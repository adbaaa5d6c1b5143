//! Reads a codebook from text.

pub(super) mod json;
pub(super) mod patterns;
pub(super) mod rule;
pub(super) mod settings;
pub(super) mod step;
pub(super) mod syntax;
pub(super) mod tree;
pub(super) mod variable;

use crate::codebook::read::tree::{Read, Section};
use crate::codebook::read::variable::variable;
use crate::codebook::{Codebook, Variable};
use crate::declared::Fault;
use crate::error::Result;
use toml::de::DeTable;

impl Codebook {
    /// Reads the text of a codebook, `name` being what messages call it.
    ///
    /// ```
    /// use melogit::codebook::Codebook;
    ///
    /// let book = Codebook::parse("\
    /// [variables.gender]
    /// from = \"GenderIDCode\"
    /// levels = { \"Male\" = \"1\", \"Female\" = \"2\", \"Other\" = [\"3\", \"4\"] }
    /// missing = { \"Not stated\" = \"Z\" }
    /// ", "codebook.toml").unwrap();
    /// assert_eq!(book.variables[0].levels, ["Male", "Female", "Other"]);
    /// assert_eq!(Codebook::parse(&book.to_toml(), "again").unwrap(), book);
    /// ```
    ///
    /// A mistake is shown in its place:
    ///
    /// ```
    /// # use melogit::codebook::Codebook;
    /// let error = Codebook::parse("\
    /// [variables.gender]
    /// from = \"GenderIDCode\"
    /// refrence = \"Male\"
    /// levels = { \"Male\" = \"1\", \"Female\" = \"2\" }
    /// ", "codebook.toml").unwrap_err();
    /// assert_eq!(error.slug(), "codebook-unknown-key");
    /// assert_eq!(error.to_string(), "\
    /// codebook.toml, line 3: 'refrence' is not a key of variable 'gender'; did you mean 'reference'?
    ///   3 | refrence = \"Male\"
    ///     | ^^^^^^^^");
    /// ```
    ///
    /// # Errors
    ///
    /// [`Kind::Codebook`](crate::error::Kind::Codebook) if the text is not TOML or not a codebook: the first mistake of
    /// each variable, up to five in all, each with its line.
    pub fn parse(text: &str, name: &str) -> Result<Self> {
        tree(text).map_err(|faults| Fault::report(faults, crate::error::Kind::Codebook, text, name))
    }
}

/// The codebook of a text, or all complaints about it.
fn tree(text: &str) -> std::result::Result<Codebook, Vec<Fault>> {
    let table = DeTable::parse(text).map_err(|error| vec![syntax::fault(&error, text)])?;
    let place = 0..text.lines().next().map_or(0, str::len);
    let section = Section { table: table.get_ref(), what: "a codebook".to_owned(), place };
    let mut faults = Vec::new();
    match book(&section, &mut faults) {
        Ok(book) if faults.is_empty() => Ok(book),
        Ok(_) => Err(faults),
        Err(fault) => Err(faults.into_iter().chain([fault]).collect()),
    }
}

/// The codebook of a table; complaints about single variables go to `faults`.
fn book(section: &Section<'_, '_>, faults: &mut Vec<Fault>) -> Read<Codebook> {
    section.only(&["title", "description", "month", "variables"])?;
    let cure = "write [variables.NAME] and below it how the variable is read";
    let node = section.need("variables", cure)?;
    let month = section.get("month").map(|node| crate::codebook::read::tree::name(node, "'month'")).transpose()?;
    let declared = Section::of(node, "'variables'")?;
    let mut variables: Vec<Variable> = Vec::new();
    for (key, node) in declared.entries() {
        match variable(key, node, month.as_deref()) {
            Ok(variable) => variables.push(variable),
            Err(fault) => faults.push(fault),
        }
    }
    if variables.is_empty() && faults.is_empty() {
        return Err(Fault::new(node.span(), "codebook-empty", "the codebook declares no variable", cure));
    }
    Ok(Codebook { title: section.text("title")?, description: section.text("description")?, month, variables })
}
