//! How many columns of a terminal a character takes, so that a caret lands under the right one.
//!
//! A short form of Unicode's `EastAsianWidth.txt` and of the categories Mn, Me and Cf
//! (<https://www.unicode.org/reports/tr11/>): enough for carets, not for typesetting.

/// Marks that are drawn on the character before them, and are part of a name.
#[rustfmt::skip] // one range a line would be a hundred lines
const MARKS: [(u32, u32); 30] = [
    (0x0300, 0x036F), (0x0483, 0x0489), (0x0591, 0x05BD), (0x05BF, 0x05BF), (0x05C1, 0x05C2),
    (0x05C4, 0x05C5), (0x05C7, 0x05C7), (0x0610, 0x061A), (0x064B, 0x065F), (0x0670, 0x0670),
    (0x06D6, 0x06DC), (0x06DF, 0x06E4), (0x06E7, 0x06E8), (0x06EA, 0x06ED), (0x0900, 0x0902),
    (0x093C, 0x093C), (0x0941, 0x0948), (0x094D, 0x094D), (0x09CD, 0x09CD), (0x0BCD, 0x0BCD),
    (0x0E31, 0x0E31), (0x0E34, 0x0E3A), (0x0E47, 0x0E4E), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF), (0x302A, 0x302D), (0x3099, 0x309A), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F),
];

/// Characters that are not drawn at all.
#[rustfmt::skip] // one range a line would be a hundred lines
const INVISIBLE: [(u32, u32); 6] = [
    (0x00AD, 0x00AD), (0x200B, 0x200D), (0x2060, 0x2064), (0xFEFF, 0xFEFF), (0xE0001, 0xE007F),
    (0xE0100, 0xE01EF),
];

/// Characters that would turn the line round or break it, and with it the place of the caret.
#[rustfmt::skip] // one range a line would be a hundred lines
const DISRUPTIVE: [(u32, u32); 4] =
    [(0x061C, 0x061C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069)];

#[rustfmt::skip] // one range a line would be a hundred lines
const WIDE: [(u32, u32); 53] = [
    (0x1100, 0x115F), (0x231A, 0x231B), (0x2329, 0x232A), (0x23E9, 0x23EC), (0x23F0, 0x23F0),
    (0x23F3, 0x23F3), (0x25FD, 0x25FE), (0x2614, 0x2615), (0x2648, 0x2653), (0x267F, 0x267F),
    (0x2693, 0x2693), (0x26A1, 0x26A1), (0x26AA, 0x26AB), (0x26BD, 0x26BE), (0x26C4, 0x26C5),
    (0x26CE, 0x26CE), (0x26D4, 0x26D4), (0x26EA, 0x26EA), (0x26F2, 0x26F3), (0x26F5, 0x26F5),
    (0x26FA, 0x26FA), (0x26FD, 0x26FD), (0x2705, 0x2705), (0x270A, 0x270B), (0x2728, 0x2728),
    (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757), (0x2795, 0x2797),
    (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55),
    (0x2E80, 0x303E), (0x3041, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7A3), (0xF900, 0xFAFF),
    (0xFE10, 0xFE19), (0xFE30, 0xFE6F), (0xFF01, 0xFF60), (0xFFE0, 0xFFE6), (0x16FE0, 0x18DFF),
    (0x1B000, 0x1B2FF), (0x1F18E, 0x1F19A), (0x1F200, 0x1F64F), (0x1F680, 0x1F6FF),
    (0x1F7E0, 0x1F7EB), (0x1F900, 0x1F9FF), (0x1FA70, 0x1FAFF), (0x20000, 0x3FFFD),
];

/// Columns taken by `character`: 0, 1 or 2.
pub(super) fn columns(character: char) -> usize {
    if is_mark(character) || is_invisible(character) { 0 } else { 1 + usize::from(within(&WIDE, character)) }
}

/// Whether the character is drawn on the one before it.
pub(super) fn is_mark(character: char) -> bool {
    within(&MARKS, character)
}

/// Whether nothing is drawn for the character, so that a message must spell it out.
pub(super) fn is_invisible(character: char) -> bool {
    within(&INVISIBLE, character)
}

/// What is safe to show for `character` on a terminal line.
pub(super) fn shown(character: char) -> char {
    if character == '\t' {
        ' '
    } else if character.is_control() || within(&DISRUPTIVE, character) {
        char::REPLACEMENT_CHARACTER
    } else {
        character
    }
}

fn within(ranges: &[(u32, u32)], character: char) -> bool {
    let code = u32::from(character);
    let after = ranges.partition_point(|(first, _)| *first <= code);
    after > 0 && ranges.get(after - 1).is_some_and(|(_, last)| code <= *last)
}

#[cfg(test)]
mod tests {
    use super::{DISRUPTIVE, INVISIBLE, MARKS, WIDE, columns};

    #[test]
    fn the_tables_are_sorted_so_that_they_can_be_searched() {
        for table in [&MARKS[..], &INVISIBLE, &DISRUPTIVE, &WIDE] {
            assert!(table.iter().all(|(first, last)| first <= last));
            assert!(table.windows(2).all(|pair| pair[0].1 < pair[1].0), "{table:x?}");
        }
    }

    #[test]
    fn widths() {
        let cases = [('a', 1), ('é', 1), ('\u{301}', 0), ('年', 2), ('가', 2), ('🙂', 2), ('\u{200b}', 0)];
        for (character, width) in cases {
            assert_eq!(columns(character), width, "{character:?}");
        }
    }
}
