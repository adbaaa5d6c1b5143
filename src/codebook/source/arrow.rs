//! Where the strings of an Arrow array lie.

use crate::error::{Error, Kind};

/// Whether the bitmap, if there is one, marks row `i` as present.
#[inline]
pub(in crate::codebook) fn is_present(validity: Option<&[u8]>, i: usize) -> bool {
    validity.is_none_or(|bits| bits.get(i / 8).is_some_and(|byte| byte >> (i % 8) & 1 == 1))
}

/// A string of an array of views: up to twelve bytes stand in the view itself, a longer string in a buffer.
#[inline]
pub(in crate::codebook) fn view<'a>(views: &'a [u8], data: &[&'a [u8]], i: usize) -> Option<&'a [u8]> {
    const BYTES: usize = 16;
    const INSIDE: usize = 12;
    let view = views.get(i * BYTES..)?.first_chunk::<BYTES>()?;
    let part = |at: usize| u32::from_le_bytes([view[at], view[at + 1], view[at + 2], view[at + 3]]) as usize;
    let length = part(0);
    if length <= INSIDE {
        return Some(&view[4..4 + length]);
    }
    let start = part(12);
    data.get(part(8))?.get(start..start + length)
}

/// The array is not what it says it is.
pub(in crate::codebook) fn damaged(i: usize) -> Error {
    let message = format!("an Arrow string array is damaged: string {i} lies outside its data");
    Error::new(Kind::Data, "arrow", message)
}
