//! `C(x, Sum)`, `C(x, Treatment, ref="GP")`, `C(x, Poly, scores="0 5 10")`, `C(x, "CPP - Other")`.

use super::ast::{Atom, Span, Transform, Variable};
use super::contrast::{ContrastKind, Hypothesis};
use super::faults;
use super::lex::Kind;
use super::parse::{Parsed, Parser};
use super::real::Real;

/// What was said about a category so far.
#[derive(Default)]
struct Said {
    contrast: Option<ContrastKind>,
    reference: Option<String>,
    scores: Option<Vec<Real>>,
}

impl Parser<'_> {
    /// `category = "C" "(" variable { "," ( contrast | "ref" "=" level | "scores" "=" numbers ) } ")"`
    pub(super) fn category(&mut self) -> Parsed<Atom> {
        let start = self.bump();
        let (_, inside) = self.inside();
        let Variable { name: column, .. } = self.first_column("C")?;
        let mut said = Said::default();
        while self.eat(&Kind::Comma) {
            self.category_argument(&mut said, inside)?;
        }
        if !self.eat(&Kind::Close) {
            return Err(self.bad_argument("C", inside));
        }
        let span = self.span_since(start);
        if let (Some(kind), Some(_)) = (&said.contrast, &said.reference)
            && !kind.takes_reference()
        {
            return Err(faults::reference_not_used(kind, span));
        }
        let Said { mut contrast, reference, scores } = said;
        if let Some(scores) = scores {
            if contrast != Some(ContrastKind::Polynomial(None)) {
                return Err(faults::scores_not_used(span));
            }
            contrast = Some(ContrastKind::Polynomial(Some(scores)));
        }
        Ok(Atom { column, transform: Transform::Category { contrast, reference }, span })
    }

    fn category_argument(&mut self, said: &mut Said, inside: Span) -> Parsed<()> {
        let named = match self.kind() {
            Kind::Name(name) if *self.kind_at(1) == Kind::Equals => Some(name.clone()),
            _ => None,
        };
        let repeated = match named.as_deref() {
            Some("ref" | "reference") => said.reference.replace(self.reference()?).is_some(),
            Some("scores") => {
                self.bump();
                self.bump();
                said.scores.replace(self.numbers("scores")?).is_some()
            }
            Some(_) => return Err(faults::unknown_argument("C", self.span())),
            None => self.contrast(said, inside)?,
        };
        if repeated { Err(faults::bad_arguments("C", inside)) } else { Ok(()) }
    }

    /// A name, or one more comparison; tells whether the contrast was said before.
    fn contrast(&mut self, said: &mut Said, inside: Span) -> Parsed<bool> {
        let span = self.span();
        let (Kind::Name(name) | Kind::Text(name)) = self.kind() else {
            return Err(faults::bad_arguments("C", inside));
        };
        let name = name.clone();
        let quoted = matches!(self.kind(), Kind::Text(_));
        let labelled = quoted && *self.kind_at(1) == Kind::Equals;
        if let (false, Some(contrast)) = (labelled, ContrastKind::from_name(&name)) {
            self.bump();
            // `Treatment("GP")` is how other programs say it.
            if *self.kind() == Kind::Open {
                return Err(faults::bad_arguments("C", inside));
            }
            return Ok(said.contrast.replace(contrast).is_some());
        }
        let mut hypothesis = Hypothesis::new(&name);
        let mut place = span;
        if labelled {
            self.bump();
            self.bump();
            place = self.span();
            let Kind::Text(text) = self.kind() else { return Err(faults::bad_arguments("C", inside)) };
            hypothesis.text.clone_from(text);
        }
        if !quoted || !Hypothesis::is_comparison(&hypothesis.text) {
            return Err(faults::unknown_contrast(&hypothesis.text, place));
        }
        if hypothesis.label.trim().is_empty() {
            return Err(faults::empty_name(span));
        }
        self.bump();
        match &mut said.contrast {
            None => said.contrast = Some(ContrastKind::Custom(vec![hypothesis])),
            Some(ContrastKind::Custom(all)) => all.push(hypothesis),
            Some(_) => return Ok(true),
        }
        Ok(false)
    }

    /// `"ref" "=" ( text | [ "-" ] number )`
    fn reference(&mut self) -> Parsed<String> {
        self.bump();
        self.bump();
        let minus = self.eat(&Kind::Minus);
        let level = match self.kind() {
            Kind::Text(level) if !minus => level.clone(),
            Kind::Number(digits) => format!("{}{digits}", if minus { "-" } else { "" }),
            _ => return Err(faults::reference_not_quoted(self.span())),
        };
        self.bump();
        Ok(level)
    }
}
