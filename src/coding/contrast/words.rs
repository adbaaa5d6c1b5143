//! The weights of a comparison in words that read back as the same comparison.

use super::comparison;

/// Denominators up to this are recognised.
const LARGEST_DENOMINATOR: u32 = 1_000;

/// Weights this much smaller than the largest are rounding.
const ROUNDING: f64 = 1e-10;

/// What a weight written with six decimals may be off by.
const ROUNDED: f64 = 1e-6;

/// `(CPP + Other)/2 - None` where both sides are means of levels, else weight by weight: `2*a/3 - b/3 - c/3`. Names stand in
/// backticks if the text would otherwise be read as something else.
pub(super) fn of(weights: &[f64], levels: &[String]) -> String {
    let bare = written(weights, levels);
    let same = |read: Vec<f64>| read.iter().zip(weights).all(|(a, b)| (a - b).abs() <= ROUNDED * b.abs().max(1.0));
    if comparison::combination(&bare, "words", levels).is_ok_and(same) {
        return bare;
    }
    written(weights, &levels.iter().map(|name| quoted(name)).collect::<Vec<_>>())
}

fn written(weights: &[f64], names: &[String]) -> String {
    let top = weights.iter().fold(0.0f64, |m, w| m.max(w.abs()));
    let side = |sign: f64| {
        let taken = weights.iter().zip(names).filter(move |(w, _)| **w * sign > ROUNDING * top);
        taken.map(|(w, name)| (name.as_str(), w.abs())).collect::<Vec<_>>()
    };
    let (plus, minus) = (side(1.0), side(-1.0));
    match (mean(&plus), mean(&minus)) {
        (Some(plus), Some(minus)) => format!("{plus} - {minus}"),
        (Some(plus), None) if minus.is_empty() => plus,
        _ => one_by_one(weights, names, top),
    }
}

/// The mean of some levels, if that is what the weights are.
fn mean(side: &[(&str, f64)]) -> Option<String> {
    let count = side.len() as f64;
    let is_mean = side.iter().all(|(_, w)| (w * count - 1.0).abs() < ROUNDING);
    let names = side.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    match names.as_slice() {
        _ if !is_mean => None,
        [] => None,
        [only] => Some((*only).to_string()),
        several => Some(format!("({})/{}", several.join(" + "), several.len())),
    }
}

fn one_by_one(weights: &[f64], names: &[String], top: f64) -> String {
    let mut out = String::new();
    for (w, name) in weights.iter().zip(names).filter(|(w, _)| w.abs() > ROUNDING * top) {
        out.push_str(match (out.is_empty(), *w < 0.0) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        });
        out.push_str(&weighted(w.abs(), name));
    }
    out
}

/// A weight times a level. The denominator comes last: a level may be called 1, and `1/3*a` would then divide it.
fn weighted(weight: f64, name: &str) -> String {
    let fraction = (1..=LARGEST_DENOMINATOR).map(f64::from).find_map(|below| {
        let above = (weight * below).round();
        ((weight * below - above).abs() < ROUNDING * below && above > 0.0).then_some((above, below))
    });
    let part = |before: bool, x: f64| match (before, x) {
        (_, 1.0) => String::new(),
        (true, x) => format!("{x}*"),
        (false, x) => format!("/{x}"),
    };
    match fraction {
        Some((above, below)) => format!("{}{name}{}", part(true, above), part(false, below)),
        None => format!("{weight:.6}*{name}"),
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}
