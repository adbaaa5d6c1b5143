//! Distinct texts numbered as they appear, then in sorted order.

use super::column::MISSING;
use crate::error::{Error, Kind, Result};

/// A growing dictionary and the numbers of the rows read so far.
#[derive(Debug)]
pub struct Dictionary {
    texts: Vec<Box<[u8]>>,
    /// Open addressing; an entry is a number plus one, zero is empty.
    table: Vec<u32>,
    codes: Vec<i32>,
}

impl Dictionary {
    /// An empty dictionary for about `rows` rows.
    pub fn new(rows: usize) -> Self {
        Self { texts: Vec::new(), table: vec![0; 256], codes: Vec::with_capacity(rows) }
    }

    /// The number of a text.
    #[inline]
    pub fn number(&mut self, text: &[u8]) -> i32 {
        let mut at = self.slot(text);
        loop {
            match self.table[at] {
                0 => break,
                k if *self.texts[k as usize - 1] == *text => return k as i32 - 1,
                _ => at = (at + 1) & (self.table.len() - 1),
            }
        }
        self.texts.push(text.into());
        self.table[at] = self.texts.len() as u32;
        if self.texts.len() * 2 > self.table.len() {
            self.grow();
        }
        self.texts.len() as i32 - 1
    }

    #[inline]
    fn slot(&self, text: &[u8]) -> usize {
        (hash(text) >> (64 - self.table.len().trailing_zeros())) as usize
    }

    fn grow(&mut self) {
        self.table = vec![0; self.table.len() * 4];
        for k in 0..self.texts.len() {
            let mut at = self.slot(&self.texts[k]);
            while self.table[at] != 0 {
                at = (at + 1) & (self.table.len() - 1);
            }
            self.table[at] = k as u32 + 1;
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
        end: impl Fn(usize) -> Option<usize>,
        data: &[u8],
        validity: Option<&[u8]>,
        offset: usize,
        length: usize,
    ) -> Result<(Vec<i32>, Vec<String>)> {
        let mut dictionary = Self::new(length);
        let present = |i: usize| validity.is_none_or(|bits| bits.get(i / 8).is_some_and(|b| b >> (i % 8) & 1 == 1));
        for i in offset..offset.saturating_add(length) {
            let text = end(i).zip(end(i + 1)).and_then(|(a, b)| data.get(a..b));
            let Some(text) = text else {
                let message = format!("an Arrow string array is damaged: string {i} lies outside its data");
                return Err(Error::new(Kind::Data, "arrow", message));
            };
            let number = if present(i) { dictionary.number(text) } else { MISSING };
            dictionary.push(number);
        }
        Ok(dictionary.finish())
    }
}

/// Multiply-and-rotate over eight bytes at a time, the length mixed in: short labels take a handful of instructions.
#[inline]
fn hash(text: &[u8]) -> u64 {
    const K: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut h = (text.len() as u64).wrapping_mul(K);
    let mut words = text.chunks_exact(8);
    for word in &mut words {
        let word = word.try_into().map_or(0, u64::from_le_bytes);
        h = (h.rotate_left(29) ^ word).wrapping_mul(K);
    }
    let mut last = [0; 8];
    last[..words.remainder().len()].copy_from_slice(words.remainder());
    h = (h.rotate_left(29) ^ u64::from_le_bytes(last)).wrapping_mul(K);
    (h ^ (h >> 32)).wrapping_mul(K)
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
    fn arrow_strings_with_a_slice_and_a_gap() {
        // "b", missing, "a", "b" behind one string that the slice leaves out.
        let ends = [0usize, 3, 4, 4, 5, 6];
        let read = |length| Dictionary::of_strings(|i| ends.get(i).copied(), b"xyzbab", Some(&[0b1_1011]), 1, length);
        assert_eq!(read(4).unwrap(), (vec![1, MISSING, 0, 1], vec!["a".to_string(), "b".to_string()]));
        assert_eq!(read(5).unwrap_err().slug(), "arrow");
    }
}
