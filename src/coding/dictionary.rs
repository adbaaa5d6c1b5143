//! Distinct texts numbered as they appear, then in sorted order.

use super::column::MISSING;
use super::shares;
use super::texts::{TextList, Texts};
use crate::error::{Error, Kind, Result};
use rayon::prelude::*;

/// A growing dictionary and the numbers of the rows read so far.
#[derive(Debug)]
pub struct Dictionary {
    texts: Texts,
    codes: Vec<i32>,
}

impl Dictionary {
    /// An empty dictionary for about `rows` rows.
    pub fn new(rows: usize) -> Self {
        Self { texts: Texts::default(), codes: Vec::with_capacity(rows) }
    }

    /// The number of a text.
    #[inline]
    pub fn number(&mut self, text: &[u8]) -> i32 {
        self.texts.number(text) as i32
    }

    /// Records the number of the next row, or [`MISSING`].
    #[inline]
    pub fn push(&mut self, number: i32) {
        self.codes.push(number);
    }

    /// Codes by sorted level, and the sorted levels.
    pub fn finish(mut self) -> (Vec<i32>, Vec<String>) {
        let (rank, levels) = sorted(&self.texts.into_list());
        for code in &mut self.codes {
            *code = usize::try_from(*code).map_or(MISSING, |k| rank[k]);
        }
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
                let range = end(i).zip(end(i + 1)).filter(|(a, b)| a <= b && *b <= data.len());
                let Some((a, b)) = range else {
                    let message = format!("an Arrow string array is damaged: string {i} lies outside its data");
                    return Err(Error::new(Kind::Data, "arrow", message));
                };
                let number = if present(i) { part.texts.number_within(data, a, b) as i32 } else { MISSING };
                part.push(number);
            }
            Ok(part)
        };
        let stop = offset.saturating_add(length);
        if length <= SHARE {
            return Ok(read(offset..stop)?.finish());
        }
        let share = |k: usize| read(offset + k * SHARE..(offset + (k + 1) * SHARE).min(stop));
        let parts = shares::map(length.div_ceil(SHARE), share).into_iter().collect::<Result<Vec<_>>>()?;
        let mut texts = Texts::default();
        let number = |part: &Self| part.texts.list().iter().map(|text| texts.number(text)).collect::<Vec<_>>();
        let numbers = parts.iter().map(number).collect::<Vec<_>>();
        let (rank, levels) = sorted(&texts.into_list());
        let mut codes = vec![MISSING; length];
        let fill = |(codes, (part, numbers)): (&mut [i32], (&Self, Vec<u32>))| {
            let own = numbers.iter().map(|&k| rank[k as usize]).collect::<Vec<_>>();
            let of = |c: &i32| usize::try_from(*c).map_or(MISSING, |k| own[k]);
            codes.iter_mut().zip(&part.codes).for_each(|(code, c)| *code = of(c));
        };
        if length < LONG {
            codes.chunks_mut(SHARE).zip(parts.iter().zip(numbers)).for_each(fill);
        } else {
            codes.par_chunks_mut(SHARE).zip(parts.par_iter().zip(numbers)).for_each(fill);
        }
        Ok((codes, levels))
    }
}

/// The place of each text in sorted order, and the texts in it.
fn sorted(texts: &TextList) -> (Vec<i32>, Vec<String>) {
    let mut order = (0..texts.len()).collect::<Vec<_>>();
    // Bytes of UTF-8 sort as code points do, which is how Python sorts text.
    order.sort_unstable_by(|&a, &b| texts.get(a).cmp(texts.get(b)));
    let mut rank = vec![0i32; order.len()];
    order.iter().enumerate().for_each(|(r, &k)| rank[k] = r as i32);
    let levels = order.iter().map(|&k| String::from_utf8_lossy(texts.get(k)).into_owned()).collect();
    (rank, levels)
}

/// Strings read by one thread at a time.
const SHARE: usize = 1 << 13;

/// From so many strings on the threads also write their codes together.
const LONG: usize = 1 << 18;

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
