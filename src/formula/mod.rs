//! Model formulas: text to terms.
//!
//! ```
//! let formula = melogit::formula::parse("rejected ~ age * gender + (1 | region/team)")?;
//! let names: Vec<String> = formula.terms.iter().map(|term| term.name()).collect();
//! assert_eq!(names, ["age", "gender", "age:gender"]);
//! assert_eq!(formula.random[1].group_name(), "region:team");
//! assert_eq!(
//!     formula.to_string(),
//!     "rejected ~ age + gender + age:gender + (1 | region) + (1 | region:team)"
//! );
//! # Ok::<(), melogit::formula::FormulaError>(())
//! ```
//!
//! # Grammar
//!
//! ```text
//! formula     = response "~" sum
//! response    = variable | variable "/" variable | "cbind" "(" variable "," variable ")"
//! sum         = [ sign ] product { sign product }
//! sign        = "+" { "+" } [ "-" ] | "-"
//! product     = nested { ( "*" | "/" ) nested }
//! nested      = interaction { "%in%" interaction }
//! interaction = power { ":" power }
//! power       = primary [ ( "^" | "**" ) integer ]
//! primary     = "0" | "1" | variable | call | random | "(" sum ")"
//! random      = "(" sum ( "|" | "||" ) group ")"
//! group       = cell { "/" cell }
//! cell        = single { ":" single }
//! single      = variable | "(" group ")"
//! call        = transform | category | curve | "offset" "(" ( variable | transform ) ")"
//! transform   = function "(" variable ")" | "I" "(" variable [ ( "^" | "**" ) integer ] ")"
//! function    = "log" | "log2" | "log10" | "log1p" | "exp" | "sqrt" | "abs" | "center" | "scale"
//! category    = "C" "(" variable { "," ( contrast | "ref" "=" level | "scores" "=" numbers ) } ")"
//! contrast    = named | comparison { "," comparison }
//! named       = [ "contr." ] ( "Treatment" | "Sum" | "Helmert" | "Poly" | "Polynomial" | "Successive" | "Backward"
//!             | "sdif" | "Forward" | "Simple" )   (any case; quotes allowed)
//! comparison  = [ label "=" ] text   (levels and weights: "CPP - Other"; label is text)
//! curve       = ( "ns" | "bs" ) "(" variable { "," knots } ")" | "poly" "(" variable "," [ "degree" "=" ] integer ")"
//! knots       = [ "df" "=" ] integer | "knots" "=" numbers | "bounds" "=" numbers | "degree" "=" integer   (degree: bs)
//! numbers     = text of numbers in increasing order, such as "8 12 15" | [ "-" ] number
//! level       = text | [ "-" ] number
//! variable    = name | "`" any "`" | "Q" "(" text ")"
//! name        = ( letter | "_" | "." ) { letter | digit | "_" | "." }   (any alphabet; not only dots)
//! text        = '"' any '"' | "'" any "'"
//! ```
//!
//! In quotes and backticks, `\` protects a quote or a `\`. White space, line breaks included, separates
//! and means nothing else.
//!
//! # Meaning
//!
//! | text | terms |
//! |---|---|
//! | `a:b` | the interaction |
//! | `a * b` | `a + b + a:b` |
//! | `a / b` | `a + a:b`; `(a + b) / c` is `a + b + a:b:c` |
//! | `b %in% a` | `a:b` |
//! | `(a + b + c)^2` | main effects and all pairs |
//! | `- a`, `- 1`, `+ 0` | without the term; without the intercept |
//! | `(x \| g)` | `(1 + x \| g)`: intercept and slope vary by `g` and may be correlated |
//! | `(x \|\| g)` | `(1 \| g) + (0 + x \| g)`: not correlated |
//! | `(1 \| a/b)` | `(1 \| a) + (1 \| a:b)` |
//!
//! Terms are ordered by degree, and within a degree as R orders them; repeats are dropped. Inside an
//! interaction, columns with a main effect come first, in the order of these, then the others as written
//! (R: by first mention, which differs in cases such as `b:a + a`). As in lme4, `||`
//! splits terms, not the columns of one term: the levels of a factor stay correlated.
//!
//! Stricter than R, so that a slip is not fitted in silence: subtracting what is not there is an error
//! (`age-band` without backticks), and so are `0` and `1` in products, effects that vary by one group in
//! two random terms, one column under two codings, and the outcome on the right-hand side. (The number of
//! trials in `events / trials` may stand there: it is not the outcome.)
//!
//! Nothing is ever evaluated; the list of functions is closed. Work is bounded for every input: by the
//! depth of parentheses, the number of terms and the size of interactions.
//!
//! # Sources
//!
//! Wilkinson, G. N. & Rogers, C. E. (1973). Symbolic description of factorial models for analysis of
//! variance. *Applied Statistics* 22, 392-399. <https://doi.org/10.2307/2346786>
//!
//! Bates, D., Mächler, M., Bolker, B. & Walker, S. (2015). Fitting linear mixed-effects models using lme4.
//! *Journal of Statistical Software* 67(1), section 2.1. <https://doi.org/10.18637/jss.v067.i01>

mod ast;
mod basis;
mod call;
mod caret;
mod category;
mod contrast;
mod curve;
mod display;
mod error;
mod expand;
mod faults;
mod group;
mod layout;
mod lex;
mod parse;
mod random;
mod real;
mod tree;
mod verify;
mod width;

#[cfg(test)]
mod tests;

pub use ast::{Atom, Formula, Function, RandomTerm, Response, Span, Term, Transform, Variable};
pub use basis::{BasisKind, CUBIC, InnerKnots, Knots, LARGEST_DEGREE, LARGEST_DF};
pub(crate) use caret::render as marked;
pub use contrast::{ContrastKind, Hypothesis};
pub use error::{FormulaError, SLUGS};
pub use real::Real;

/// Reads a model formula.
///
/// # Errors
///
/// A [`FormulaError`] that points at the first mistake.
///
/// ```
/// use melogit::formula::{Response, parse};
///
/// let formula = parse("rejected / referred ~ log(age) + C(source, ref=\"GP\") + (1 | clinic)")?;
/// assert!(matches!(formula.response, Response::Grouped { .. }));
/// assert_eq!(parse(&formula.to_string())?, formula);
/// # Ok::<(), melogit::formula::FormulaError>(())
/// ```
pub fn parse(text: &str) -> Result<Formula, FormulaError> {
    lex::lex(text)
        .and_then(|tokens| parse::parse(&tokens))
        .and_then(expand::expand)
        .map_err(|fault| fault.in_text(text))
}

impl std::str::FromStr for Formula {
    type Err = FormulaError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text)
    }
}
