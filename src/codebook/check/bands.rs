//! Bands that overlap, and gaps between them.

use crate::codebook::read::tree::{Read, Section};
use crate::codebook::{Band, Interval, Rule, Variable};
use crate::declared::Fault;
use std::ops::Range;
use toml::de::DeValue;

/// Each number belongs to one band at most, and unless gaps are allowed each between the first and the last belongs to
/// one.
pub(in crate::codebook) fn check_bands(variable: &Variable, section: &Section<'_, '_>) -> Read<()> {
    let Rule::Bands { bands, gaps, .. } = &variable.rule else { return Ok(()) };
    for (at, later) in bands.iter().enumerate() {
        if let Some(earlier) = bands[..at].iter().find(|band| band.interval.overlaps(&later.interval)) {
            let (one, other) = (earlier.interval, later.interval);
            let message = format!("the bands {one} and {other} overlap");
            let cure = "a round bracket leaves a bound out: \"[0, 5)\" and \"[5, 10)\" share no number";
            return Err(Fault::new(place(bands, at, section), "codebook-overlap", message, cure));
        }
    }
    if *gaps {
        return Ok(());
    }
    let mut sorted = (0..bands.len()).collect::<Vec<_>>();
    sorted.sort_by(|&a, &b| bands[a].interval.lower.total_cmp(&bands[b].interval.lower));
    for pair in sorted.windows(2) {
        let (one, next) = (bands[pair[0]].interval, bands[pair[1]].interval);
        if one.leaves_gap(&next) {
            let message = format!("there is a gap between the bands {one} and {next}");
            return Err(Fault::new(place(bands, pair[1], section), "codebook-gap", message, cure(&one, &next)));
        }
    }
    Ok(())
}

fn cure(one: &Interval, next: &Interval) -> String {
    let closed = Interval { upper: next.lower, closed_upper: !next.closed_lower, ..*one };
    format!("write {closed} to close it, or gaps = \"allow\" if no value can lie in between")
}

/// Where a band's interval stands: the bands are a table of levels or an array.
fn place(bands: &[Band], at: usize, section: &Section<'_, '_>) -> Range<usize> {
    if let Some(DeValue::Array(_)) = section.get("bands").map(toml::Spanned::get_ref) {
        return section.at(&["bands", &at.to_string()]);
    }
    let level = &bands[at].level;
    let among = bands[..at].iter().filter(|band| band.level == *level).count();
    section.at(&["bands", level, &among.to_string()])
}
