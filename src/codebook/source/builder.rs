//! Takes a column chunk by chunk, in whatever form the frame holds it.

use crate::codebook::Source;
use crate::codebook::source::arrow::{self, is_present};
use crate::codebook::source::numbering::{Cell, Halt, Width, number_rows};
use crate::codebook::source::word;
use crate::coding::{Codes, MISSING, Texts, with_codes};
use crate::error::{Error, Kind, Result};
use rayon::prelude::*;

/// Builds a [`Source`]: the rows of each push follow those of the last. How they are cut into pushes changes nothing.
///
/// ```
/// use melogit::codebook::SourceBuilder;
///
/// let mut builder = SourceBuilder::new(3);
/// builder.push_text(Some(b"A1"));
/// builder.push_text(None);
/// builder.push_codes(&[1, -1], &[Some("A2".into()), Some("A1".into())]).unwrap();
/// let source = builder.finish();
/// assert_eq!((source.len(), source.missing(), source.rows_of(0)), (4, 2, 2));
/// ```
#[derive(Debug)]
pub struct SourceBuilder {
    texts: Texts,
    codes: Codes,
    /// Whether all values so far are numbers; a text is then the eight bytes of one.
    numbers: bool,
    rows_hint: usize,
}

/// Codes of a categorical column translated by one thread at a time.
const SHARE: usize = 1 << 16;
/// Largest whole number up to which every whole number is a `f64`.
const EXACT: u64 = 1 << 53;

impl SourceBuilder {
    /// A builder for about this many rows.
    pub fn new(rows_hint: usize) -> Self {
        Self { texts: Texts::default(), codes: Codes::U8(Vec::with_capacity(rows_hint)), numbers: false, rows_hint }
    }

    /// Strings of an Arrow array `utf8` or `large_utf8`: string i lies between `end(i)` and `end(i + 1)` of `data`, from
    /// `offset` on. `validity` is its bitmap.
    pub fn push_strings(
        &mut self,
        end: impl Fn(usize) -> Option<usize> + Sync,
        data: &[u8],
        validity: Option<&[u8]>,
        offset: usize,
        length: usize,
    ) -> Result<()> {
        self.use_texts();
        let cell = |i: usize| {
            let i = i + offset;
            let text = end(i).zip(end(i + 1)).and_then(|(from, to)| data.get(from..to));
            match text {
                Some(text) if is_present(validity, i) => Cell::Text(text),
                Some(_) => Cell::Empty,
                None => Cell::Damaged,
            }
        };
        self.append(length, cell).map_err(|row| arrow::damaged(row + offset))
    }

    /// Strings of an Arrow array `utf8_view`: 16 bytes for each string, and the buffers they point into.
    pub fn push_views(
        &mut self,
        views: &[u8],
        data: &[&[u8]],
        validity: Option<&[u8]>,
        offset: usize,
        length: usize,
    ) -> Result<()> {
        self.use_texts();
        let cell = |i: usize| {
            let i = i + offset;
            if !is_present(validity, i) {
                return Cell::Empty;
            }
            arrow::view(views, data, i).map_or(Cell::Damaged, Cell::Text)
        };
        self.append(length, cell).map_err(|row| arrow::damaged(row + offset))
    }

    /// Numbers; NaN is no value. The text of a number is its shortest form, so 1.0 reads "1".
    pub fn push_floats(&mut self, values: &[f64]) {
        // Adding zero turns -0.0 into 0.0.
        let value = |i: usize| (!values[i].is_nan()).then(|| values[i] + 0.0);
        self.push_numbers(values.len(), value);
    }

    /// Whole numbers, none of whose digits are lost. Bit `offset + i` of `validity` belongs to `values[i]`.
    pub fn push_integers(&mut self, values: &[i64], validity: Option<&[u8]>, offset: usize) {
        let present = |i: usize| is_present(validity, offset + i);
        if values.par_iter().all(|value| value.unsigned_abs() <= EXACT) {
            self.push_numbers(values.len(), |i| present(i).then(|| values[i] as f64));
        } else {
            self.use_texts();
            self.append_sound(values.len(), |i| Cell::from(present(i).then(|| values[i].to_string())));
        }
    }

    /// Codes of a categorical column and its labels; -1 is no value, nor is a code whose label is `None`.
    pub fn push_codes<C: Copy + Sync + Into<i32>>(&mut self, codes: &[C], labels: &[Option<String>]) -> Result<()> {
        let top = i32::try_from(labels.len()).unwrap_or(i32::MAX);
        let wrong = |code: &C| !(MISSING..top).contains(&(*code).into());
        if codes.par_chunks(SHARE).any(|share| share.iter().fold(false, |any, code| any | wrong(code))) {
            let row = codes.iter().position(wrong).unwrap_or_default();
            let code: i32 = codes[row].into();
            let message = format!("row {row} of a categorical column: code {code} has no label");
            return Err(Error::new(Kind::Data, "code-range", message));
        }
        let numbers = labels.iter().map(|label| label.as_ref().map(|label| self.number(label.as_bytes())));
        let numbers = numbers.collect::<Vec<_>>();
        with_codes!(&mut self.codes, all => extend(all, codes, &numbers));
        Ok(())
    }

    /// One text, or no value.
    pub fn push_text(&mut self, text: Option<&[u8]>) {
        let number = text.map(|text| self.number(text));
        self.push_number(number);
    }

    /// The number of a text, for a caller that remembers it.
    pub fn number(&mut self, text: &[u8]) -> u32 {
        self.use_texts();
        let number = self.texts.number(text);
        while self.texts.len() > self.most() {
            self.widen();
        }
        number
    }

    /// The text with this number, which [`Self::number`] gave, or no value.
    #[inline]
    pub fn push_number(&mut self, number: Option<u32>) {
        with_codes!(&mut self.codes, codes => push(codes, number));
    }

    /// The column.
    pub fn finish(self) -> Source {
        Source::new(self.codes, self.texts.into_list(), self.numbers)
    }

    /// Rows whose keys are combinations of codes, eight bytes each.
    pub(in crate::codebook) fn push_keys(&mut self, rows: usize, key: impl Fn(usize) -> u64 + Sync) {
        self.append_sound(rows, |i| Cell::Text(key(i).to_le_bytes()));
    }

    fn push_numbers(&mut self, rows: usize, value: impl Fn(usize) -> Option<f64> + Sync) {
        self.numbers |= self.texts.is_empty();
        if self.numbers {
            self.append_sound(rows, |i| Cell::from(value(i).map(|x| x.to_bits().to_le_bytes())));
        } else {
            self.append_sound(rows, |i| Cell::from(value(i).map(|x| x.to_string())));
        }
    }

    /// Appends rows of which none can be damaged.
    fn append_sound<B: AsRef<[u8]>>(&mut self, rows: usize, cell: impl Fn(usize) -> Cell<B> + Sync) {
        self.append(rows, cell).expect("every row can be read");
    }

    /// Appends rows, or nothing if one is damaged, which is then named.
    fn append<B: AsRef<[u8]>>(
        &mut self,
        rows: usize,
        cell: impl Fn(usize) -> Cell<B> + Sync,
    ) -> std::result::Result<(), usize> {
        let before = self.codes.len();
        loop {
            let rows = self.codes.len() - before..rows;
            let texts = &mut self.texts;
            match with_codes!(&mut self.codes, codes => number_rows(texts, codes, rows, &cell)) {
                Ok(()) => return Ok(()),
                Err(Halt::Narrow) => self.widen(),
                Err(Halt::Damaged(row)) => {
                    with_codes!(&mut self.codes, codes => codes.truncate(before));
                    return Err(row);
                }
            }
        }
    }

    /// From here on a text is a text, and a number is its shortest form.
    fn use_texts(&mut self) {
        if !self.numbers {
            return;
        }
        self.numbers = false;
        let numbers = std::mem::take(&mut self.texts).into_list();
        // Different numbers have different shortest forms, so they keep their places.
        for number in numbers.iter() {
            self.texts.number(f64::from_bits(word(number)).to_string().as_bytes());
        }
    }

    /// How many texts the present width can number.
    fn most(&self) -> usize {
        match self.codes {
            Codes::U8(_) => u8::NONE as usize,
            Codes::U16(_) => u16::NONE as usize,
            Codes::U32(_) => u32::NONE as usize,
        }
    }

    fn widen(&mut self) {
        self.codes = match std::mem::replace(&mut self.codes, Codes::U8(Vec::new())) {
            Codes::U8(codes) => Codes::U16(wider(&codes, self.rows_hint)),
            Codes::U16(codes) => Codes::U32(wider(&codes, self.rows_hint)),
            Codes::U32(_) => unreachable!("rows are fewer than numbers of 32 bits"),
        }
    }
}

fn wider<T: Width, W: Width>(codes: &[T], capacity: usize) -> Vec<W> {
    let mut all = Vec::with_capacity(codes.len().max(capacity));
    all.par_extend(codes.par_iter().map(|code| if *code == T::NONE { W::NONE } else { W::of(code.index()) }));
    all
}

fn push<T: Width>(codes: &mut Vec<T>, number: Option<u32>) {
    codes.push(number.map_or(T::NONE, |number| T::of(number as usize)));
}

fn extend<T: Width, C: Copy + Sync + Into<i32>>(all: &mut Vec<T>, codes: &[C], numbers: &[Option<u32>]) {
    // The first place is for code -1.
    let number = |number: &Option<u32>| number.map_or(T::NONE, |number| T::of(number as usize));
    let table = std::iter::once(T::NONE).chain(numbers.iter().map(number)).collect::<Vec<_>>();
    let start = all.len();
    all.resize(start + codes.len(), T::NONE);
    let shares = all[start..].par_chunks_mut(SHARE).zip(codes.par_chunks(SHARE));
    shares.for_each(|(own, codes)| {
        for (own, code) in own.iter_mut().zip(codes) {
            *own = table[((*code).into() + 1) as usize];
        }
    });
}
