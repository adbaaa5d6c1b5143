//! Level codes in the narrowest integer that holds them.

/// A column of codes `0..levels`, without missing values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Codes {
    /// Up to 256 levels.
    U8(Vec<u8>),
    /// Up to 65,536 levels.
    U16(Vec<u16>),
    /// More.
    U32(Vec<u32>),
}

/// One stored code, whatever its width.
pub trait Code: Copy + Send + Sync {
    /// The code as an index.
    fn index(self) -> usize;
}

impl Code for u8 {
    #[inline]
    fn index(self) -> usize {
        self as usize
    }
}

impl Code for u16 {
    #[inline]
    fn index(self) -> usize {
        self as usize
    }
}

impl Code for u32 {
    #[inline]
    fn index(self) -> usize {
        self as usize
    }
}

/// Calls `$body` with `$name` bound to the slice of codes, so that a loop in it is compiled once per width.
macro_rules! with_codes {
    ($codes:expr, $name:ident => $body:expr) => {
        match $codes {
            $crate::coding::Codes::U8($name) => $body,
            $crate::coding::Codes::U16($name) => $body,
            $crate::coding::Codes::U32($name) => $body,
        }
    };
}
pub(crate) use with_codes;

impl Codes {
    /// Packs `codes` (all below `levels`) into the narrowest width.
    pub fn pack(codes: impl Iterator<Item = usize>, levels: usize) -> Self {
        if levels <= 1 << 8 {
            Self::U8(codes.map(|c| c as u8).collect())
        } else if levels <= 1 << 16 {
            Self::U16(codes.map(|c| c as u16).collect())
        } else {
            Self::U32(codes.map(|c| c as u32).collect())
        }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(v) => v.len(),
            Self::U16(v) => v.len(),
            Self::U32(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The code of row `i`.
    #[inline]
    pub fn get(&self, i: usize) -> usize {
        match self {
            Self::U8(v) => v[i] as usize,
            Self::U16(v) => v[i] as usize,
            Self::U32(v) => v[i] as usize,
        }
    }

    /// Calls `f(row, code)` for every row; the width is decided once, outside the loop.
    #[inline]
    pub fn for_each(&self, mut f: impl FnMut(usize, usize)) {
        match self {
            Self::U8(v) => v.iter().enumerate().for_each(|(i, &c)| f(i, c as usize)),
            Self::U16(v) => v.iter().enumerate().for_each(|(i, &c)| f(i, c as usize)),
            Self::U32(v) => v.iter().enumerate().for_each(|(i, &c)| f(i, c as usize)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Codes;

    #[test]
    fn width_follows_the_number_of_levels() {
        assert!(matches!(Codes::pack([0, 255].into_iter(), 256), Codes::U8(_)));
        assert!(matches!(Codes::pack([0, 256].into_iter(), 257), Codes::U16(_)));
        assert!(matches!(Codes::pack([0, 70_000].into_iter(), 70_001), Codes::U32(_)));
    }

    #[test]
    fn codes_survive_packing() {
        for levels in [3usize, 300, 70_000] {
            let codes = Codes::pack(0..levels, levels);
            assert_eq!(codes.len(), levels);
            codes.for_each(|i, c| assert_eq!(i, c));
            assert_eq!(codes.get(levels - 1), levels - 1);
        }
    }
}
