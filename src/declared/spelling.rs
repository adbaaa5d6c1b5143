//! What a misspelt word was probably meant to be.

/// Letters that two words must at least share for the one to be a shorter form of the other.
const STEM: usize = 4;

/// The candidate nearest to the word, if one is near enough to be meant: a slip away, or the word cut short or gone on with.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    let length = word.chars().count();
    let candidates = candidates.into_iter().map(|candidate| (candidate.to_lowercase(), candidate)).collect::<Vec<_>>();
    let slips = candidates.iter().map(|(lower, candidate)| (distance(&word, lower), *candidate));
    let near = slips.filter(|(distance, _)| *distance <= (length / 3).clamp(1, 3) && *distance < length);
    let near = near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate);
    let goes_on = |long: &str, short: &str| short.chars().count() >= STEM && long.starts_with(short);
    near.or_else(|| {
        let mut same = candidates.iter().filter(|(lower, _)| goes_on(lower, &word) || goes_on(&word, lower));
        same.next().map(|(_, candidate)| *candidate).filter(|_| same.next().is_none())
    })
}

/// "; did you mean 'x'?", or nothing.
pub(crate) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map(|meant| format!("; did you mean '{meant}'?")).unwrap_or_default()
}

/// 'a', 'b' or 'c'.
pub(crate) fn choice<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let mut words = words.into_iter().map(|word| format!("'{word}'")).collect::<Vec<_>>();
    let last = words.pop().unwrap_or_default();
    if words.is_empty() { last } else { format!("{} or {last}", words.join(", ")) }
}

/// Letters to insert, drop, replace or swap with the next to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let (from, to) = (from.chars().collect::<Vec<_>>(), to.chars().collect::<Vec<_>>());
    let mut before: Vec<usize> = Vec::new();
    let mut last = (0..=to.len()).collect::<Vec<_>>();
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = last[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(before[j - 2] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_mended_and_another_word_is_not() {
        assert_eq!(nearest("refrence", ["reference", "rare"]), Some("reference"));
        assert_eq!(nearest("Levles", ["label", "levels"]), Some("levels"));
        assert_eq!(nearest("colour", ["label", "levels"]), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("GenderID", ["Gender2", "GenderIDCode"]), Some("Gender2"));
        assert_eq!(nearest("GenderID", ["LSOA", "GenderIDCode"]), Some("GenderIDCode"));
        assert_eq!(nearest("ServTeamTypeRefToMH", ["ServTeamType", "Serv"]), None);
        assert_eq!(nearest("Age", ["AgeServReferRecDate"]), None);
        assert_eq!(distance("abcd", "acbd"), 1);
    }
}
