//! Numbers the texts of many rows at once, in the order in which the texts first appear, whatever the number of threads.

use crate::coding::{Code, Texts};
use rayon::prelude::*;
use std::ops::Range;

/// A width of codes; its largest number stands for a row without a value.
pub(in crate::codebook) trait Width: Code + PartialEq {
    /// No value.
    const NONE: Self;

    /// The code with this number, which must be below `NONE`.
    fn of(number: usize) -> Self;
}

impl Width for u8 {
    const NONE: Self = Self::MAX;

    #[inline]
    fn of(number: usize) -> Self {
        number as Self
    }
}

impl Width for u16 {
    const NONE: Self = Self::MAX;

    #[inline]
    fn of(number: usize) -> Self {
        number as Self
    }
}

impl Width for u32 {
    const NONE: Self = Self::MAX;

    #[inline]
    fn of(number: usize) -> Self {
        number as Self
    }
}

/// What stands in a row.
pub(in crate::codebook) enum Cell<B> {
    /// A text.
    Text(B),
    /// No value.
    Empty,
    /// Nothing that can be read.
    Damaged,
}

impl<B> From<Option<B>> for Cell<B> {
    #[inline]
    fn from(text: Option<B>) -> Self {
        text.map_or(Self::Empty, Self::Text)
    }
}

/// Why rows were not numbered.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::codebook) enum Halt {
    /// There are more texts than this width can number.
    Narrow,
    /// This row cannot be read.
    Damaged(usize),
}

/// Rows numbered by one thread at a time.
const SHARE: usize = 1 << 14;
/// Rows after which the texts the threads found are put together.
const BATCH: usize = 1 << 20;

/// Appends the codes of the rows. If that halts, the codes are those of a number of whole batches.
pub(in crate::codebook) fn number_rows<T: Width, B: AsRef<[u8]>>(
    texts: &mut Texts,
    codes: &mut Vec<T>,
    rows: Range<usize>,
    cell: &(impl Fn(usize) -> Cell<B> + Sync),
) -> Result<(), Halt> {
    let mut next = rows.start;
    while next < rows.end {
        // The first share finds most texts, so that the threads need not each find them.
        let batch = if texts.is_empty() { SHARE } else { BATCH };
        let stop = rows.end.min(next.saturating_add(batch));
        let start = codes.len();
        codes.resize(start + (stop - next), T::NONE);
        let outcome = number_batch(texts, &mut codes[start..], next, cell);
        if outcome.is_err() {
            codes.truncate(start);
        }
        outcome?;
        next = stop;
    }
    Ok(())
}

fn number_batch<T: Width, B: AsRef<[u8]>>(
    texts: &mut Texts,
    codes: &mut [T],
    first: usize,
    cell: &(impl Fn(usize) -> Cell<B> + Sync),
) -> Result<(), Halt> {
    let known = texts.len();
    let frozen = &*texts;
    let shares = codes.par_chunks_mut(SHARE).enumerate();
    let shares = shares.map(|(k, codes)| number_share(frozen, codes, first + k * SHARE, cell));
    // All shares are looked at in their order, so that the first damaged row is the one named.
    let found = shares.collect::<Vec<_>>().into_iter().collect::<Result<Vec<_>, _>>()?;
    let maps = found.iter().map(|own| own.list().iter().map(|text| texts.number(text)).collect::<Vec<_>>());
    let maps = maps.collect::<Vec<_>>();
    if texts.len() > T::NONE.index() {
        return Err(Halt::Narrow);
    }
    codes.par_chunks_mut(SHARE).zip(maps).for_each(|(codes, map)| renumber(codes, known, &map));
    Ok(())
}

/// Codes of one share. Texts that are not known yet get the numbers after the known ones.
fn number_share<T: Width, B: AsRef<[u8]>>(
    known: &Texts,
    codes: &mut [T],
    first: usize,
    cell: &impl Fn(usize) -> Cell<B>,
) -> Result<Texts, Halt> {
    let mut own = Texts::default();
    for (i, code) in codes.iter_mut().enumerate() {
        let text = match cell(first + i) {
            Cell::Text(text) => text,
            Cell::Empty => continue,
            Cell::Damaged => return Err(Halt::Damaged(first + i)),
        };
        let number = if let Some(number) = known.find(text.as_ref()) {
            number as usize
        } else {
            let number = known.len() + own.number(text.as_ref()) as usize;
            if number >= T::NONE.index() {
                return Err(Halt::Narrow);
            }
            number
        };
        *code = T::of(number);
    }
    Ok(own)
}

/// Replaces the share's own numbers by those of all shares.
fn renumber<T: Width>(codes: &mut [T], known: usize, map: &[u32]) {
    if map.iter().enumerate().all(|(k, number)| known + k == *number as usize) {
        return;
    }
    for code in codes {
        if *code != T::NONE && code.index() >= known {
            *code = T::of(map[code.index() - known] as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(rows: &[u32], threads: usize) -> (Vec<u16>, Vec<Vec<u8>>) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let (mut texts, mut codes) = (Texts::default(), Vec::new());
            let cell = |i: usize| Cell::from((rows[i] > 0).then(|| rows[i].to_string()));
            number_rows(&mut texts, &mut codes, 0..rows.len(), &cell).unwrap();
            (codes, texts.list().iter().map(<[u8]>::to_vec).collect())
        })
    }

    #[test]
    fn numbers_follow_the_first_appearance_for_any_threads() {
        // New texts turn up all the way, in another order in each share.
        let rows = (0..70_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 8) % (1 + i / 16)).collect::<Vec<_>>();
        let (codes, texts) = numbered(&rows, 1);
        assert_eq!((codes.clone(), texts.clone()), numbered(&rows, 3));
        let mut highest = 0;
        for (row, code) in rows.iter().zip(codes) {
            if *row == 0 {
                assert_eq!(code, u16::NONE);
                continue;
            }
            assert_eq!(texts[code as usize], row.to_string().as_bytes());
            assert!(code as usize <= highest);
            highest = highest.max(code as usize + 1);
        }
        assert!(texts.len() > 4_000);
    }

    #[test]
    fn too_many_texts_and_damage_halt() {
        let (mut texts, mut codes) = (Texts::default(), Vec::<u8>::new());
        let cell = |i: usize| Cell::from(Some(i.to_string()));
        assert_eq!(number_rows(&mut texts, &mut codes, 0..255, &cell), Ok(()));
        assert_eq!((codes.len(), codes[254]), (255, 254));
        assert_eq!(number_rows(&mut texts, &mut codes, 0..256, &cell), Err(Halt::Narrow));
        assert_eq!(codes.len(), 255);
        let damaged = |i: usize| if i < 3 { Cell::Text("0") } else { Cell::Damaged };
        assert_eq!(number_rows(&mut texts, &mut codes, 0..40_000, &damaged), Err(Halt::Damaged(3)));
    }
}
