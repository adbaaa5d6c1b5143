//! Tree to formula: the algebra of terms (Wilkinson & Rogers 1973), as R's `terms.formula` has it.

use std::collections::{HashMap, HashSet};

use super::ast::{Atom, Formula, Span, Term};
use super::error::Fault;
use super::faults;
use super::random;
use super::tree::{Bar, Crossing, Node, NodeKind, Sign, Tree};
use super::verify;

/// Terms in the fixed part, or random terms, at most: nobody reads a model with more, and short texts
/// such as `(a + b + ...)^10` can ask for millions.
pub(super) const MAX_TERMS: usize = 1000;
/// Columns in one interaction at most.
pub(super) const MAX_DEGREE: usize = 10;
/// Pairs of terms multiplied in one formula at most, for texts that multiply much and keep little.
const MAX_WORK: usize = 200_000;

/// Expands the whole formula and checks what only the whole can show.
pub(super) fn expand(tree: Tree) -> Result<Formula, Fault> {
    let Tree { response, right } = tree;
    let mut expander = Expander::default();
    let fixed = expander.evaluate(&right, Place::Sum)?;
    let terms = expander.terms(&fixed);
    let offsets = std::mem::take(&mut expander.offsets);
    let random = random::expand(&mut expander)?;
    let formula = Formula { response, intercept: fixed.intercept.unwrap_or(true), terms, offsets, random };
    verify::verify(&formula, right.span)?;
    Ok(formula)
}

/// Where a piece of the tree stands, which decides what may stand in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The right-hand side, or a parenthesis in its sum: everything may.
    Sum,
    /// After a minus.
    Subtracted,
    /// Left of the bar of a random term.
    Effects,
    /// On a side of `:`, `*`, `/`, `%in%` or `^`: columns only.
    Operand,
}

/// A term while it is worked on: its atoms by number, in the order in which it was written.
#[derive(Debug, Clone)]
struct Product {
    atoms: Vec<usize>,
    span: Span,
}

impl Product {
    /// What makes two products the same term: `a:b` is `b:a`.
    fn key(&self) -> Vec<usize> {
        let mut key = self.atoms.clone();
        key.sort_unstable();
        key
    }
}

/// Terms without repeats in order of appearance, and what was said about the intercept.
#[derive(Debug, Clone, Default)]
pub(super) struct TermSet {
    products: Vec<Product>,
    known: HashSet<Vec<usize>>,
    pub(super) intercept: Option<bool>,
}

impl TermSet {
    fn insert(&mut self, product: Product) -> Result<(), Fault> {
        let key = product.key();
        if self.known.contains(&key) {
            return Ok(());
        }
        if self.products.len() == MAX_TERMS {
            return Err(faults::too_many_terms(product.span));
        }
        self.known.insert(key);
        self.products.push(product);
        Ok(())
    }

    fn absorb(&mut self, other: Self) -> Result<(), Fault> {
        self.intercept = other.intercept.or(self.intercept);
        other.products.into_iter().try_for_each(|product| self.insert(product))
    }

    /// Takes out what `other` holds. Removing nothing at all is most likely a name with a hyphen.
    fn subtract(&mut self, other: &Self, span: Span) -> Result<(), Fault> {
        let before = self.products.len();
        self.products.retain(|product| !other.known.contains(&product.key()));
        self.known.retain(|key| !other.known.contains(key));
        // `- 1` takes the intercept out and `- 0` puts it back.
        self.intercept = other.intercept.map(|said| !said).or(self.intercept);
        if self.products.len() == before && other.intercept.is_none() {
            return Err(faults::nothing_to_remove(span));
        }
        Ok(())
    }
}

/// Numbers the atoms and collects what is not a term.
#[derive(Debug, Default)]
pub(super) struct Expander<'a> {
    atoms: Vec<Atom>,
    numbers: HashMap<Atom, usize>,
    offsets: Vec<Atom>,
    pub(super) bars: Vec<&'a Bar>,
    work: usize,
}

impl<'a> Expander<'a> {
    pub(super) fn evaluate(&mut self, node: &'a Node, place: Place) -> Result<TermSet, Fault> {
        let mut set = TermSet::default();
        // What grows too large is the product, not the pair of terms at which that was noticed.
        let whole = |fault: Fault| Fault { span: node.span, ..fault };
        match &node.kind {
            NodeKind::Intercept(said) if place != Place::Operand => set.intercept = Some(*said),
            NodeKind::Intercept(_) => return Err(faults::number_in_interaction(node.span)),
            NodeKind::Atom(atom) => set.insert(self.main_effect(atom))?,
            NodeKind::Offset(atom) => self.offset(atom, node.span, place)?,
            NodeKind::Random(bar) => self.bar(bar, place)?,
            NodeKind::Sum(parts) => set = self.sum(parts, place)?,
            NodeKind::Product(first, rest) => {
                set = self.operand(first)?;
                for (crossing, right) in rest {
                    let right = self.operand(right)?;
                    self.cross(&mut set, *crossing, right).map_err(whole)?;
                }
            }
            NodeKind::Nested(parts) => set = self.fold(parts, node.span, Self::nest)?,
            NodeKind::Interaction(parts) => set = self.fold(parts, node.span, Self::multiply)?,
            NodeKind::Power(base, power) => {
                let base = self.operand(base)?;
                set = self.power(&base, *power).map_err(whole)?;
            }
        }
        Ok(set)
    }

    fn operand(&mut self, node: &'a Node) -> Result<TermSet, Fault> {
        self.evaluate(node, Place::Operand)
    }

    fn main_effect(&mut self, atom: &Atom) -> Product {
        let number = *self.numbers.entry(atom.clone()).or_insert_with(|| {
            self.atoms.push(atom.clone());
            self.atoms.len() - 1
        });
        Product { atoms: vec![number], span: atom.span }
    }

    fn offset(&mut self, atom: &Atom, span: Span, place: Place) -> Result<(), Fault> {
        match place {
            Place::Sum if self.offsets.contains(atom) => Ok(()),
            Place::Sum if self.offsets.len() == MAX_TERMS => Err(faults::too_many_terms(span)),
            Place::Sum => {
                self.offsets.push(atom.clone());
                Ok(())
            }
            Place::Subtracted => Err(faults::cannot_subtract("an offset", span)),
            Place::Effects => Err(faults::offset_in_random_term(span)),
            Place::Operand => Err(faults::offset_in_interaction(span)),
        }
    }

    fn bar(&mut self, bar: &'a Bar, place: Place) -> Result<(), Fault> {
        match place {
            Place::Sum => {
                self.bars.push(bar);
                Ok(())
            }
            Place::Subtracted => Err(faults::cannot_subtract("a random term", bar.span)),
            Place::Effects => Err(faults::nested_bar(bar.span)),
            Place::Operand => Err(faults::random_in_interaction(bar.span)),
        }
    }

    fn sum(&mut self, parts: &'a [(Sign, Node)], place: Place) -> Result<TermSet, Fault> {
        let mut set = TermSet::default();
        for (sign, node) in parts {
            match sign {
                Sign::Plus => set.absorb(self.evaluate(node, place)?)?,
                Sign::Minus => {
                    let inner = if place == Place::Operand { place } else { Place::Subtracted };
                    set.subtract(&self.evaluate(node, inner)?, node.span)?;
                }
            }
        }
        Ok(set)
    }

    fn fold(
        &mut self,
        parts: &'a [Node],
        span: Span,
        operation: fn(&mut Self, &TermSet, &TermSet) -> Result<TermSet, Fault>,
    ) -> Result<TermSet, Fault> {
        let mut parts = parts.iter();
        let Some(first) = parts.next() else { return Ok(TermSet::default()) };
        let mut set = self.operand(first)?;
        for part in parts {
            let right = self.operand(part)?;
            set = operation(self, &set, &right).map_err(|fault| Fault { span, ..fault })?;
        }
        Ok(set)
    }

    /// `a * b` is `a + b + a:b`; `a / b` is `a + a:b`.
    fn cross(&mut self, left: &mut TermSet, crossing: Crossing, right: TermSet) -> Result<(), Fault> {
        let (between, right) = match crossing {
            Crossing::Star => (self.multiply(left, &right)?, Some(right)),
            // R nests the right in *all* of the left: (a + b) / c is a + b + a:b:c.
            Crossing::Slash => {
                let outer = self.all_in_one(left)?;
                (self.multiply(&outer, &right)?, None)
            }
        };
        if let Some(right) = right {
            left.absorb(right)?;
        }
        left.absorb(between)
    }

    /// `left : right`, every pair.
    fn multiply(&mut self, left: &TermSet, right: &TermSet) -> Result<TermSet, Fault> {
        let mut set = TermSet::default();
        for first in &left.products {
            for second in &right.products {
                set.insert(self.union(first, second)?)?;
            }
        }
        Ok(set)
    }

    /// `inner %in% outer`: each term of `inner` with everything in `outer`.
    fn nest(&mut self, inner: &TermSet, outer: &TermSet) -> Result<TermSet, Fault> {
        let outer = self.all_in_one(outer)?;
        self.multiply(inner, &outer)
    }

    /// The interaction of all terms of a set.
    fn all_in_one(&mut self, set: &TermSet) -> Result<TermSet, Fault> {
        let mut all: Option<Product> = None;
        for product in &set.products {
            all = Some(match all {
                Some(so_far) => self.union(&so_far, product)?,
                None => product.clone(),
            });
        }
        Ok(TermSet { products: all.into_iter().collect(), ..TermSet::default() })
    }

    /// `base^2` is `base:base`: a term times itself is the term, so the lower powers are in it.
    fn power(&mut self, base: &TermSet, power: u32) -> Result<TermSet, Fault> {
        let mut set = base.clone();
        for _ in 1..power {
            let before = set.products.len();
            set = self.multiply(&set, base)?;
            if set.products.len() == before {
                break;
            }
        }
        Ok(set)
    }

    fn union(&mut self, left: &Product, right: &Product) -> Result<Product, Fault> {
        let span = left.span.cover(right.span);
        self.work += 1;
        if self.work > MAX_WORK {
            return Err(faults::too_much_work(span));
        }
        let mut atoms = left.atoms.clone();
        atoms.extend(right.atoms.iter().filter(|number| !left.atoms.contains(number)));
        if atoms.len() > MAX_DEGREE {
            return Err(faults::interaction_too_large(span));
        }
        Ok(Product { atoms, span })
    }

    /// The terms in their final order: by degree, and within a degree as written.
    ///
    /// Inside a term, atoms with a main effect come first, in the order of these; then the others as
    /// written. R orders by first mention in the text, which is the same except in cases like
    /// `b:a + a`; this order survives being written out and read back.
    pub(super) fn terms(&self, set: &TermSet) -> Vec<Term> {
        let mut products: Vec<&Product> = set.products.iter().collect();
        products.sort_by_key(|product| product.atoms.len());
        let mains = products.iter().filter(|product| product.atoms.len() == 1);
        let ranks: HashMap<usize, usize> =
            mains.flat_map(|main| &main.atoms).enumerate().map(|(rank, atom)| (*atom, rank)).collect();
        products.into_iter().map(|product| self.term(product, &ranks)).collect()
    }

    fn term(&self, product: &Product, ranks: &HashMap<usize, usize>) -> Term {
        let mut numbers = product.atoms.clone();
        numbers.sort_by_key(|number| ranks.get(number).copied().unwrap_or(usize::MAX));
        let atoms = numbers.iter().filter_map(|number| self.atoms.get(*number).cloned());
        Term { atoms: atoms.collect(), span: product.span }
    }
}
