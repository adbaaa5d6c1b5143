//! Writes a codebook as text: one form for each codebook, fit for the appendix of a paper.

pub(super) mod text;

use crate::codebook::write::text::{array, inline, key, lines, number, one_or_many, quoted};
use crate::codebook::{
    Band, Codebook, Condition, Contrast, Form, Lookup, Pattern, Rare, Rule, Step, StepOutcome, Test, Uncovered,
    Variable,
};

/// Tables with more entries than this become a section of their own.
const MAX_INLINE: usize = 2;

/// Keys and values, both in TOML.
type Entries = Vec<(String, String)>;

impl Codebook {
    /// The codebook as TOML, in one form for each codebook: [`Codebook::parse`] of it gives the same codebook.
    ///
    /// That holds for every codebook that was read, or is as it would have been read: a range whose ends have equally
    /// many digits has that width, levels and codes are not empty, and what [`Codebook::parse`] refuses is not in it.
    pub fn to_toml(&self) -> String {
        let mut entries = Entries::new();
        for (name, value) in [("title", &self.title), ("description", &self.description), ("month", &self.month)] {
            entries.extend(value.iter().map(|value| (name.to_owned(), quoted(value))));
        }
        let mut sections = Vec::new();
        if !entries.is_empty() {
            sections.push(lines(entries));
        }
        sections.extend(self.variables.iter().map(variable));
        sections.join("\n")
    }
}

/// The section of a variable and those below it.
fn variable(variable: &Variable) -> String {
    let name = format!("variables.{}", key(&variable.name));
    let (mut entries, mut sections) = (Entries::new(), Vec::new());
    let mut text =
        |key: &str, value: &Option<String>| entries.extend(value.iter().map(|v| (key.to_owned(), quoted(v))));
    text("label", &variable.label);
    text("description", &variable.description);
    let mut steps = String::new();
    match &variable.rule {
        Rule::Map { from, lookup, targets } => {
            source(&mut entries, from, lookup.as_ref());
            let levels = targets.iter().map(|target| (quoted(&target.level), patterns(&target.codes))).collect();
            table("levels", levels, &mut entries, &mut sections);
        }
        Rule::List { from, lookup, list, group, prefix } => {
            source(&mut entries, from, lookup.as_ref());
            entries.push(("list".to_owned(), quoted(list)));
            entries.extend(group.iter().map(|group| ("group".to_owned(), quoted(group))));
            entries.extend(prefix.then(|| ("prefix".to_owned(), "true".to_owned())));
        }
        Rule::Bands { from, bands: declared, gaps } => {
            source(&mut entries, from, None);
            bands(declared, &mut entries, &mut sections);
            entries.extend(gaps.then(|| ("gaps".to_owned(), quoted("allow"))));
        }
        Rule::Number { from, min, max } => {
            source(&mut entries, from, None);
            let bounds = [("min", min), ("max", max)];
            let bounds = bounds.iter().filter_map(|(key, bound)| bound.map(|bound| ((*key).to_owned(), number(bound))));
            entries.push(("number".to_owned(), inline(bounds)));
        }
        Rule::Precedence { steps: declared } => steps = declared.iter().map(|declared| step(&name, declared)).collect(),
    }
    settings(variable, &mut entries);
    let missing = variable.missing.iter().map(|cause| (quoted(&cause.cause), patterns(&cause.codes))).collect();
    table("missing", missing, &mut entries, &mut sections);
    let sections = sections.into_iter().map(|(section, entries)| format!("\n[{name}.{section}]\n{}", lines(entries)));
    let sections = sections.collect::<Vec<_>>().concat();
    format!("[{name}]\n{}{sections}{steps}", lines(entries))
}

/// The settings that are not the default.
fn settings(variable: &Variable, entries: &mut Entries) {
    let mut push = |key: &str, value: String| entries.push((key.to_owned(), value));
    if variable.levels != variable.natural_levels() {
        push("order", array(variable.levels.iter().map(|level| quoted(level))));
    }
    if let Some(reference) = &variable.reference {
        push("reference", quoted(reference));
    }
    if let Some(declared) = &variable.contrast {
        push("contrast", contrast(declared));
    }
    match &variable.uncovered {
        Uncovered::Refuse => {}
        Uncovered::Missing => push("uncovered", quoted("missing")),
        Uncovered::Level(level) => push("uncovered", inline([("level".to_owned(), quoted(level))])),
    }
    if let Some(declared) = &variable.rare {
        push("rare", rare(declared));
    }
    if !variable.clean {
        push("clean", "false".to_owned());
    }
}

fn source(entries: &mut Entries, from: &str, lookup: Option<&Lookup>) {
    entries.push(("from".to_owned(), quoted(from)));
    entries.extend(lookup.map(|lookup| {
        let (table, unmatched) = (quoted(&lookup.table), number(lookup.unmatched));
        ("lookup".to_owned(), inline([("table".to_owned(), table), ("unmatched".to_owned(), unmatched)]))
    }));
}

/// A table in the line of its key if it is short, else as a section of its own.
fn table(key: &'static str, table: Entries, entries: &mut Entries, sections: &mut Vec<(&'static str, Entries)>) {
    if table.len() > MAX_INLINE {
        sections.push((key, table));
    } else if !table.is_empty() {
        entries.push((key.to_owned(), inline(table)));
    }
}

fn bands(bands: &[Band], entries: &mut Entries, sections: &mut Vec<(&'static str, Entries)>) {
    if bands.iter().all(|band| band.level == band.interval.to_string()) {
        entries.push(("bands".to_owned(), array(bands.iter().map(|band| quoted(&band.level)))));
        return;
    }
    let levels = bands.chunk_by(|one, next| one.level == next.level).map(|same| {
        let intervals = same.iter().map(|band| quoted(&band.interval.to_string())).collect();
        (quoted(&same[0].level), one_or_many(intervals))
    });
    table("bands", levels.collect(), entries, sections);
}

fn step(name: &str, step: &Step) -> String {
    let mut entries = Entries::new();
    entries.push(match &step.outcome {
        StepOutcome::Level(level) => ("level".to_owned(), quoted(level)),
        StepOutcome::Missing(cause) => ("missing".to_owned(), quoted(cause)),
    });
    entries.push(if step.when.is_empty() {
        ("otherwise".to_owned(), "true".to_owned())
    } else {
        ("when".to_owned(), inline(step.when.iter().map(condition)))
    });
    format!("\n[[{name}.precedence]]\n{}", lines(entries))
}

fn condition(condition: &Condition) -> (String, String) {
    let asks = |key: &str, value: String| inline([(key.to_owned(), value)]);
    let test = match &condition.test {
        Test::Codes(codes) => patterns(codes),
        Test::Not(codes) => asks("not", patterns(codes)),
        Test::Blank => asks("blank", "true".to_owned()),
        Test::Within(interval) => asks("within", quoted(&interval.to_string())),
    };
    (key(&condition.column), test)
}

fn patterns(patterns: &[Pattern]) -> String {
    one_or_many(patterns.iter().map(pattern).collect())
}

fn pattern(pattern: &Pattern) -> String {
    let literal = matches!(&pattern.form, Form::Code(code) if reads_otherwise(code));
    let form = quoted(&pattern.form.to_string());
    if !literal && !pattern.has_validity() {
        return form;
    }
    let mut entries = vec![(if literal { "exactly" } else { "code" }.to_owned(), form)];
    entries.extend(pattern.from_month.map(|month| ("from_month".to_owned(), month.to_string())));
    entries.extend(pattern.to_month.map(|month| ("to_month".to_owned(), month.to_string())));
    inline(entries)
}

/// Whether the text of a code, written as it is, would be read as something else.
fn reads_otherwise(code: &str) -> bool {
    code.contains('*') || code.contains("..") || code.trim() != code
}

fn rare(rare: &Rare) -> String {
    let mut entries = Entries::new();
    entries.extend(rare.below.map(|below| ("below".to_owned(), below.to_string())));
    entries.extend(rare.share.map(|share| ("share".to_owned(), number(share))));
    entries.push(("into".to_owned(), quoted(&rare.into)));
    let merged = rare.merged.iter().map(|merged| array(merged.iter().map(|level| quoted(level))));
    entries.extend(merged.map(|merged| ("merged".to_owned(), merged)));
    inline(entries)
}

fn contrast(contrast: &Contrast) -> String {
    match contrast {
        Contrast::Named(name) => quoted(name),
        Contrast::Polynomial(scores) => {
            inline([("polynomial".to_owned(), array(scores.iter().map(|score| number(*score))))])
        }
        Contrast::Hypotheses(hypotheses) if hypotheses.iter().all(|(label, text)| label == text) => {
            array(hypotheses.iter().map(|(_, text)| quoted(text)))
        }
        Contrast::Hypotheses(hypotheses) => {
            inline(hypotheses.iter().map(|(label, text)| (quoted(label), quoted(text))))
        }
    }
}
