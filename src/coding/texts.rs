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

/// A text as three words of eight bytes, its first, middle and last, and its length: all of it, up to 24 bytes. A shorter text
/// than a word is that word, three times.
#[derive(Debug, Clone, Copy, Default)]
struct Key {
    words: [u64; 3],
    length: u32,
}

impl Key {
    /// The key of `data[start..end]`. What lies before a short text is read along and shifted out: labels of one column have all
    /// lengths, and a branch on the length would be guessed wrong at every other row.
    #[expect(clippy::inline_always, reason = "called for every cell of a table; a call costs as much as what it does")]
    #[inline(always)]
    fn of(data: &[u8], start: usize, end: usize) -> Self {
        let length = end - start;
        let Some(back) = end.checked_sub(8) else { return Self::of_short(&data[start..end]) };
        let whole = length >= 8;
        let first = if whole { start } else { back };
        let middle = if whole { start + (length - 8) / 2 } else { back };
        let spare = 64 - 8 * length.min(8) as u32;
        let word = |at: usize| {
            let word = data.get(at..at + 8).and_then(|bytes| bytes.first_chunk::<8>());
            word.map_or(0, |word| u64::from_le_bytes(*word)).checked_shr(spare).unwrap_or(0)
        };
        Self { words: [word(first), word(middle), word(back)], length: length as u32 }
    }

    /// The key of a text of less than eight bytes with nothing before it.
    fn of_short(text: &[u8]) -> Self {
        let word = text.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        Self { words: [word; 3], length: text.len() as u32 }
    }

    /// Whether the words are all of the text.
    #[inline]
    fn is_whole(&self) -> bool {
        self.length <= 24
    }

    #[inline]
    fn is(&self, other: &Self) -> bool {
        let [a, b, c] = [0, 1, 2].map(|k| self.words[k] ^ other.words[k]);
        a | b | c | u64::from(self.length ^ other.length) == 0
    }

    /// A hash whose high bits depend on all of the words and the length; the three turns keep a word repeated apart from others.
    #[inline]
    fn hash(&self) -> u64 {
        let [first, middle, last] = self.words;
        mixed(first ^ middle.rotate_left(47) ^ last.rotate_left(23), self.length)
    }
}

/// A place of the table.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    key: Key,
    /// The text's number plus one; zero is an empty place.
    number: u32,
}

/// Texts and a table that finds their numbers.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    list: TextList,
    /// Open addressing; at least half of the places are empty.
    table: Vec<Place>,
    /// Leaves as many high bits of a hash as the table has places.
    shift: u32,
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
        self.find_within(text, 0, text.len())
    }

    #[expect(clippy::inline_always, reason = "called for every cell of a table; a call costs as much as what it does")]
    #[inline(always)]
    fn find_within(&self, data: &[u8], start: usize, end: usize) -> Option<u32> {
        if self.table.is_empty() {
            return None;
        }
        let key = Key::of(data, start, end);
        let number = self.table[self.place(&key, &data[start..end])].number;
        number.checked_sub(1)
    }

    /// The number of a text; the next one if it is new.
    #[inline]
    pub fn number(&mut self, text: &[u8]) -> u32 {
        self.number_within(text, 0, text.len())
    }

    /// The number of `data[start..end]`; the next one if it is new. Cheaper where `data` holds other texts before it.
    #[inline]
    pub fn number_within(&mut self, data: &[u8], start: usize, end: usize) -> u32 {
        self.find_within(data, start, end).unwrap_or_else(|| self.add(&data[start..end]))
    }

    #[cold]
    fn add(&mut self, text: &[u8]) -> u32 {
        if self.table.is_empty() {
            self.set_places(FIRST_PLACES);
        }
        let key = Key::of(text, 0, text.len());
        let at = self.place(&key, text);
        self.list.push(text);
        let count = self.list.len();
        self.table[at] = Place { key, number: count as u32 };
        if count * 2 > self.table.len() {
            self.grow();
        }
        count as u32 - 1
    }

    /// Where the text is, or the empty place where it belongs.
    #[expect(clippy::inline_always, reason = "called for every cell of a table; a call costs as much as what it does")]
    #[inline(always)]
    fn place(&self, key: &Key, text: &[u8]) -> usize {
        let hash = if key.is_whole() { key.hash() } else { key.hash() ^ hash(text) };
        let at = (hash >> self.shift) as usize & (self.table.len() - 1);
        // An empty place looks like the empty text, which belongs there if it is nowhere before.
        if self.table[at].key.is(key) && key.is_whole() {
            return at;
        }
        self.search(at, key, text)
    }

    #[cold]
    fn search(&self, mut at: usize, key: &Key, text: &[u8]) -> usize {
        loop {
            let place = &self.table[at];
            let alike = place.key.is(key) && (key.is_whole() || self.list.get(place.number as usize - 1) == text);
            if place.number == 0 || alike {
                return at;
            }
            at = (at + 1) & (self.table.len() - 1);
        }
    }

    /// Empty places, a power of two.
    fn set_places(&mut self, count: usize) {
        self.table = vec![Place::default(); count];
        self.shift = 64 - count.trailing_zeros();
    }

    fn grow(&mut self) {
        let places = std::mem::take(&mut self.table);
        self.set_places(places.len() * 2);
        for place in places.into_iter().filter(|place| place.number > 0) {
            let at = self.place(&place.key, self.list.get(place.number as usize - 1));
            self.table[at] = place;
        }
    }
}

/// Places of the first table: a few kilobytes, beside what else is in the first-level cache.
const FIRST_PLACES: usize = 256;

/// Rotate-and-multiply over eight bytes at a time, for texts that are more than their key.
#[cold]
fn hash(text: &[u8]) -> u64 {
    let words = text.chunks(8).map(|bytes| Key::of_short(bytes).words[0]);
    words.fold(0, |h, word| (h.rotate_left(23) ^ word).wrapping_mul(K))
}

/// 2^64 over the golden ratio.
const K: u64 = 0x9E37_79B9_7F4A_7C15;

/// A word and a length as a hash whose high bits depend on all of both.
#[inline]
fn mixed(word: u64, length: u32) -> u64 {
    let h = (word ^ (u64::from(length) << 56)).wrapping_mul(K);
    (h ^ (h >> 32)).wrapping_mul(K)
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
            (0..60).flat_map(|n| ["a", "b"].map(|last| format!("{}{last}", "x".repeat(n)))).collect::<Vec<_>>();
        texts.extend((0..50).map(|n| format!("{}y{}", "x".repeat(n), "x".repeat(50 - n))));
        texts.extend(["", "\0", "\0\0", "a\0", "\0a", "a\0\0\0\0\0\0\0", "a\0\0\0\0\0\0\0\0"].map(String::from));
        let mut numbered = Texts::default();
        texts.iter().enumerate().for_each(|(k, text)| assert_eq!(numbered.number(text.as_bytes()) as usize, k));
        // One behind the other, so that every text is read with others before it.
        let data = texts.concat().into_bytes();
        let mut start = 0;
        for (k, text) in texts.iter().enumerate() {
            let end = start + text.len();
            assert_eq!(numbered.number_within(&data, start, end) as usize, k, "{text:?}");
            let (alone, within) = (Key::of(text.as_bytes(), 0, text.len()), Key::of(&data, start, end));
            assert!(alone.is(&within) && alone.hash() == within.hash());
            start = end;
        }
    }
}
