//! Distinct texts numbered as they appear, then in sorted order.

use super::column::MISSING;
use crate::error::{Error, Kind, Result};
use rayon::prelude::*;

/// A growing dictionary and the numbers of the rows read so far.
#[derive(Debug)]
pub struct Dictionary {
    texts: Vec<Box<[u8]>>,
    /// Open addressing; an entry is a number plus one (zero is empty) and the low half of the text's hash, which tells most
    /// texts apart without looking at them.
    table: Vec<(u32, u32)>,
    codes: Vec<i32>,
}

impl Dictionary {
    /// An empty dictionary for about `rows` rows.
    pub fn new(rows: usize) -> Self {
        Self { texts: Vec::new(), table: vec![(0, 0); 256], codes: Vec::with_capacity(rows) }
    }

    /// The number of a text.
    #[inline]
    pub fn number(&mut self, text: &[u8]) -> i32 {
        let hash = hash(text);
        let mut at = self.slot(hash);
        loop {
            match self.table[at] {
                (0, _) => break,
                (k, tag) if tag == hash as u32 && same(&self.texts[k as usize - 1], text) => return k as i32 - 1,
                _ => at = (at + 1) & (self.table.len() - 1),
            }
        }
        self.texts.push(text.into());
        self.table[at] = (self.texts.len() as u32, hash as u32);
        if self.texts.len() * 2 > self.table.len() {
            self.grow();
        }
        self.texts.len() as i32 - 1
    }

    #[inline]
    fn slot(&self, hash: u64) -> usize {
        (hash >> (64 - self.table.len().trailing_zeros())) as usize
    }

    fn grow(&mut self) {
        self.table = vec![(0, 0); self.table.len() * 4];
        for k in 0..self.texts.len() {
            let hash = hash(&self.texts[k]);
            let mut at = self.slot(hash);
            while self.table[at].0 != 0 {
                at = (at + 1) & (self.table.len() - 1);
            }
            self.table[at] = (k as u32 + 1, hash as u32);
        }
    }

    /// Records the number of the next row, or [`MISSING`].
    #[inline]
    pub fn push(&mut self, number: i32) {
        self.codes.push(number);
    }

    /// Codes by sorted level, and the sorted levels.
    pub fn finish(mut self) -> (Vec<i32>, Vec<String>) {
        let mut order = (0..self.texts.len()).collect::<Vec<_>>();
        // Bytes of UTF-8 sort as code points do, which is how Python sorts text.
        order.sort_unstable_by(|&a, &b| self.texts[a].cmp(&self.texts[b]));
        let mut rank = vec![0i32; order.len()];
        order.iter().enumerate().for_each(|(r, &k)| rank[k] = r as i32);
        for code in &mut self.codes {
            *code = usize::try_from(*code).map_or(MISSING, |k| rank[k]);
        }
        let levels = order.iter().map(|&k| String::from_utf8_lossy(&self.texts[k]).into_owned()).collect();
        (self.codes, levels)
    }

    /// Codes and sorted levels of Arrow strings: string i lies between `end(i)` and `end(i + 1)` of `data`.
    pub fn of_strings(
        end: impl Fn(usize) -> Option<usize> + Sync,
        data: &[u8],
        validity: Option<&[u8]>,
        offset: usize,
        length: usize,
    ) -> Result<(Vec<i32>, Vec<String>)> {
        let present = |i: usize| validity.is_none_or(|bits| bits.get(i / 8).is_some_and(|b| b >> (i % 8) & 1 == 1));
        let read = |rows: std::ops::Range<usize>| -> Result<Self> {
            let mut part = Self::new(rows.len());
            for i in rows {
                let text = end(i).zip(end(i + 1)).and_then(|(a, b)| data.get(a..b));
                let Some(text) = text else {
                    let message = format!("an Arrow string array is damaged: string {i} lies outside its data");
                    return Err(Error::new(Kind::Data, "arrow", message));
                };
                let number = if present(i) { part.number(text) } else { MISSING };
                part.push(number);
            }
            Ok(part)
        };
        let stop = offset.saturating_add(length);
        if length <= SHARE {
            return Ok(read(offset..stop)?.finish());
        }
        let parts = (0..length.div_ceil(SHARE)).into_par_iter();
        let parts = parts.map(|k| read(offset + k * SHARE..(offset + (k + 1) * SHARE).min(stop)));
        let mut whole = Self::new(length);
        for part in parts.collect::<Result<Vec<_>>>()? {
            let own = part.texts.iter().map(|text| whole.number(text)).collect::<Vec<_>>();
            whole.codes.extend(part.codes.iter().map(|&c| usize::try_from(c).map_or(MISSING, |k| own[k])));
        }
        Ok(whole.finish())
    }
}

/// Strings read by one thread at a time.
const SHARE: usize = 1 << 14;

/// Multiply-and-rotate over eight bytes at a time, the length mixed in; the last eight may overlap those before them.
#[inline]
fn hash(text: &[u8]) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut h = (text.len() as u64).wrapping_mul(K);
    let mut rest = text;
    while rest.len() > 8
        && let Some((word, after)) = rest.split_first_chunk::<8>()
    {
        h = (h.rotate_left(29) ^ u64::from_le_bytes(*word)).wrapping_mul(K);
        rest = after;
    }
    h = (h.rotate_left(29) ^ last_word(text)).wrapping_mul(K);
    (h ^ (h >> 32)).wrapping_mul(K)
}

/// Equality eight bytes at a time: labels are too short for a call to the library's comparison.
#[inline]
fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (mut x, mut y) = (a, b);
    while x.len() > 8
        && let (Some((p, x_rest)), Some((q, y_rest))) = (x.split_first_chunk::<8>(), y.split_first_chunk::<8>())
    {
        if p != q {
            return false;
        }
        (x, y) = (x_rest, y_rest);
    }
    last_word(a) == last_word(b)
}

/// The last eight bytes, or all of a shorter text, as a number. A copy of variable length into a word would stall the load
/// behind it.
#[inline]
fn last_word(text: &[u8]) -> u64 {
    if let Some(word) = text.last_chunk::<8>() {
        return u64::from_le_bytes(*word);
    }
    if let (Some(first), Some(last)) = (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_texts_keep_their_numbers() {
        let mut dictionary = Dictionary::new(0);
        let name = |k: u32| format!("patient number {k:05}");
        for k in (0..3_000).chain(0..3_000) {
            let number = dictionary.number(name(k).as_bytes());
            dictionary.push(number);
        }
        let (codes, levels) = dictionary.finish();
        assert_eq!(levels.len(), 3_000);
        assert!(codes.iter().enumerate().all(|(row, &c)| c as usize == row % 3_000));
    }

    #[test]
    fn equality_is_that_of_bytes() {
        let texts = (0..40).flat_map(|n| ["a", "b"].map(|last| format!("{}{last}", "x".repeat(n)))).collect::<Vec<_>>();
        for a in &texts {
            for b in &texts {
                assert_eq!(same(a.as_bytes(), b.as_bytes()), a == b);
                assert!(a != b || hash(a.as_bytes()) == hash(b.as_bytes()));
            }
        }
        assert!(same(b"", b"") && !same(b"abc", b"bbc") && !same(b"abcd1234x", b"bbcd1234x"));
    }

    #[test]
    fn arrow_strings_with_a_slice_and_a_gap() {
        // "b", missing, "a", "b" behind one string that the slice leaves out.
        let ends = [0usize, 3, 4, 4, 5, 6];
        let read = |length| Dictionary::of_strings(|i| ends.get(i).copied(), b"xyzbab", Some(&[0b1_1011]), 1, length);
        assert_eq!(read(4).unwrap(), (vec![1, MISSING, 0, 1], vec!["a".to_string(), "b".to_string()]));
        assert_eq!(read(5).unwrap_err().slug(), "arrow");
    }
}
