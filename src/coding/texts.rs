//! Distinct texts, numbered in the order in which they first appear.

/// A list of texts, one behind the other in memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TextList {
    bytes: Vec<u8>,
    /// Where each text ends.
    ends: Vec<usize>,
}

impl TextList {
    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The bytes of a text.
    #[inline]
    pub fn get(&self, number: usize) -> &[u8] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] };
        &self.bytes[start..self.ends[number]]
    }

    /// The texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        (0..self.len()).map(|number| self.get(number))
    }

    fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.ends.push(self.bytes.len());
    }
}

/// A place of the table. A text of up to eight bytes is its last word and its length, so most are told apart right here.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    word: u64,
    length: u32,
    /// The text's number plus one; zero is an empty place.
    number: u32,
}

/// Texts and a table that finds their numbers.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    list: TextList,
    /// Open addressing; at least half of the places are empty.
    table: Vec<Place>,
}

impl Texts {
    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The texts without the table.
    pub fn list(&self) -> &TextList {
        &self.list
    }

    /// The texts, the table being given up.
    pub fn into_list(self) -> TextList {
        self.list
    }

    /// The number of a text, if it has one.
    #[inline]
    pub fn find(&self, text: &[u8]) -> Option<u32> {
        if self.table.is_empty() {
            return None;
        }
        let number = self.table[self.place(text)].number;
        number.checked_sub(1)
    }

    /// The number of a text; the next one if it is new.
    #[inline]
    pub fn number(&mut self, text: &[u8]) -> u32 {
        self.find(text).unwrap_or_else(|| self.add(text))
    }

    #[cold]
    fn add(&mut self, text: &[u8]) -> u32 {
        if self.table.is_empty() {
            self.table = vec![Place::default(); FIRST_PLACES];
        }
        let at = self.place(text);
        self.list.push(text);
        let count = self.list.len();
        self.table[at] = Place { word: last_word(text), length: text.len() as u32, number: count as u32 };
        if count * 2 > self.table.len() {
            self.grow();
        }
        count as u32 - 1
    }

    /// Where the text is, or the empty place where it belongs.
    #[inline]
    fn place(&self, text: &[u8]) -> usize {
        let (word, length) = (last_word(text), text.len() as u32);
        let hash = if text.len() <= 8 { mixed(word, length) } else { hash(text) };
        let at = (hash >> (64 - self.table.len().trailing_zeros())) as usize & (self.table.len() - 1);
        let place = &self.table[at];
        // An empty place looks like the empty text, which belongs there if it is nowhere before.
        if place.word == word && place.length == length && text.len() <= 8 {
            return at;
        }
        self.search(at, word, text)
    }

    fn search(&self, mut at: usize, word: u64, text: &[u8]) -> usize {
        loop {
            let place = &self.table[at];
            let alike = place.word == word && place.length == text.len() as u32;
            if place.number == 0 || (alike && (text.len() <= 8 || same(self.list.get(place.number as usize - 1), text)))
            {
                return at;
            }
            at = (at + 1) & (self.table.len() - 1);
        }
    }

    fn grow(&mut self) {
        let places = std::mem::take(&mut self.table);
        self.table = vec![Place::default(); places.len() * 2];
        for place in places.into_iter().filter(|place| place.number > 0) {
            let at = self.place(self.list.get(place.number as usize - 1));
            self.table[at] = place;
        }
    }
}

/// Places of the first table.
const FIRST_PLACES: usize = 1024;

/// Rotate-and-multiply over eight bytes at a time, the length mixed in; the last eight may overlap those before them. One
/// multiplication per word: each waits for the one before it.
#[inline]
fn hash(text: &[u8]) -> u64 {
    let mut h = 0u64;
    let mut rest = text;
    while rest.len() > 8
        && let Some((word, after)) = rest.split_first_chunk::<8>()
    {
        h = (h.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(K);
        rest = after;
    }
    mixed(h ^ last_word(text), text.len() as u32)
}

/// 2^64 over the golden ratio.
const K: u64 = 0x9E37_79B9_7F4A_7C15;

/// A word and a length as a hash whose high bits depend on all of both.
#[inline]
fn mixed(word: u64, length: u32) -> u64 {
    let h = (word ^ (u64::from(length) << 56)).wrapping_mul(K);
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
    // One, two or three bytes: the first, the middle and the last are all of them.
    let byte = |at: usize| text.get(at).map_or(0, |byte| u64::from(*byte));
    byte(0) | byte(text.len() / 2) << 8 | byte(text.len().wrapping_sub(1)) << 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_texts_keep_their_numbers() {
        let mut texts = Texts::default();
        let name = |k: u32| format!("patient number {k:05}");
        assert_eq!(texts.find(b"patient"), None);
        for k in (0..3_000).chain(0..3_000) {
            assert_eq!(texts.number(name(k).as_bytes()), k);
        }
        assert_eq!((texts.len(), texts.find(b"patient"), texts.find(name(7).as_bytes())), (3_000, None, Some(7)));
        let list = texts.into_list();
        assert!(list.iter().enumerate().all(|(k, text)| text == name(k as u32).as_bytes()));
    }

    #[test]
    fn equality_is_that_of_bytes() {
        let mut texts =
            (0..40).flat_map(|n| ["a", "b"].map(|last| format!("{}{last}", "x".repeat(n)))).collect::<Vec<_>>();
        texts.extend(["", "\0", "\0\0", "a\0", "\0a", "a\0\0\0\0\0\0\0", "a\0\0\0\0\0\0\0\0"].map(String::from));
        for a in &texts {
            for b in &texts {
                assert_eq!(same(a.as_bytes(), b.as_bytes()), a == b);
                assert!(a != b || hash(a.as_bytes()) == hash(b.as_bytes()));
            }
        }
        let mut numbered = Texts::default();
        texts.iter().enumerate().for_each(|(k, text)| assert_eq!(numbered.number(text.as_bytes()) as usize, k));
        assert!(same(b"", b"") && !same(b"abc", b"bbc") && !same(b"abcd1234x", b"bbcd1234x"));
    }
}
