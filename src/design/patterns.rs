//! Distinct rows of the design: records share few of them when covariates are factors.

use super::block::Block;

/// Which pattern each record has, and a record that shows each pattern.
#[derive(Debug, Clone)]
pub struct Patterns {
    /// Pattern of each record.
    pub ids: Vec<u32>,
    /// First record of each pattern.
    pub first: Vec<u32>,
}

impl Patterns {
    /// Finds the distinct rows of the blocks, or `None` when more than half the records would remain (then the extra
    /// look-up costs more than it saves).
    pub fn find(blocks: &[Block], rows: usize) -> Option<Self> {
        let limit = rows / 2;
        let mut key = vec![0u64; rows];
        let mut radix = 1u64;
        for block in blocks {
            if let Some(codes) = &block.codes {
                radix = extend(&mut key, radix, block.levels as u64, limit, |key, levels| {
                    codes.for_each(|i, c| key[i] = key[i] * levels + c as u64);
                })?;
            }
            if let Some(scale) = &block.scale {
                let (ids, first) = densify(scale.iter().map(|s| s.to_bits()), limit)?;
                radix = extend(&mut key, radix, first.len() as u64, limit, |key, levels| {
                    ids.iter().enumerate().for_each(|(i, c)| key[i] = key[i] * levels + u64::from(*c));
                })?;
            }
        }
        let (ids, first) = densify(key.iter().copied(), limit)?;
        Some(Self { ids, first })
    }
}

/// Appends a digit of the given number of levels to every key; renumbers the keys first if the product would overflow.
fn extend(key: &mut [u64], radix: u64, levels: u64, limit: usize, append: impl FnOnce(&mut [u64], u64)) -> Option<u64> {
    let mut radix = radix;
    if radix.checked_mul(levels).is_none() {
        let (ids, first) = densify(key.iter().copied(), limit)?;
        key.iter_mut().zip(&ids).for_each(|(k, id)| *k = u64::from(*id));
        radix = first.len() as u64;
    }
    append(key, levels);
    radix.checked_mul(levels)
}

/// Numbers distinct keys in order of first appearance: (number of each key, row of each first appearance).
/// `None` when there are more than `limit` distinct keys.
pub fn densify(keys: impl ExactSizeIterator<Item = u64>, limit: usize) -> Option<(Vec<u32>, Vec<u32>)> {
    const EMPTY: u32 = u32::MAX;
    let mut ids = Vec::with_capacity(keys.len());
    let mut first: Vec<u32> = Vec::new();
    let mut seen: Vec<u64> = Vec::new();
    let mut bits = 10u32;
    let mut table = vec![EMPTY; 1 << bits];
    // Fibonacci hashing: the top bits of a product with 2^64 / golden ratio.
    let slot = |key: u64, bits: u32| ((key ^ (key >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - bits)) as usize;
    for (row, key) in keys.enumerate() {
        let mut at = slot(key, bits);
        loop {
            let id = table[at];
            if id == EMPTY {
                break;
            }
            if seen[id as usize] == key {
                break;
            }
            at = (at + 1) & (table.len() - 1);
        }
        if table[at] == EMPTY {
            if first.len() >= limit {
                return None;
            }
            table[at] = first.len() as u32;
            first.push(row as u32);
            seen.push(key);
            ids.push(first.len() as u32 - 1);
            if first.len() * 2 > table.len() {
                bits += 2;
                table = vec![EMPTY; 1 << bits];
                for (id, &k) in seen.iter().enumerate() {
                    let mut at = slot(k, bits);
                    while table[at] != EMPTY {
                        at = (at + 1) & (table.len() - 1);
                    }
                    table[at] = id as u32;
                }
            }
        } else {
            ids.push(table[at]);
        }
    }
    Some((ids, first))
}

#[cfg(test)]
mod tests {
    use super::{Patterns, densify};
    use crate::coding::Codes;
    use crate::design::Block;
    use nalgebra::DMatrix;

    #[test]
    fn keys_are_numbered_by_first_appearance() {
        let keys = [7u64, 3, 7, 9, 3];
        assert_eq!(densify(keys.into_iter(), 9).unwrap(), (vec![0, 1, 0, 2, 1], vec![0, 1, 3]));
        assert!(densify(keys.into_iter(), 2).is_none());
    }

    #[test]
    fn many_keys_survive_growing_the_table() {
        let keys = (0..20_000u64).map(|k| (k * k) << 20).collect::<Vec<_>>();
        let (ids, first) = densify(keys.iter().copied(), usize::MAX).unwrap();
        assert!(ids.iter().enumerate().all(|(row, id)| keys[first[*id as usize] as usize] == keys[row]));
    }

    #[test]
    fn records_of_a_pattern_share_every_block() {
        let rows = 4_000usize;
        let mut blocks = Vec::new();
        // Twelve factors of 60 levels overflow a 64-bit mixed-radix key: the renumbering branch.
        for f in 0..12usize {
            let mut block = Block::constant();
            let codes = Codes::pack((0..rows).map(|i| (i % 50 + f) % 60), 60);
            block.cross(&codes, 60, &DMatrix::identity(60, 60));
            blocks.push(block);
        }
        blocks[0].multiply((0..rows).map(|i| (i % 2) as f64).collect());
        let patterns = Patterns::find(&blocks, rows).unwrap();
        assert_eq!(patterns.first.len(), 50);
        for (i, id) in patterns.ids.iter().enumerate() {
            let shown = patterns.first[*id as usize] as usize;
            assert!(
                blocks.iter().all(|b| b.code(i) == b.code(shown) && b.factor(i).to_bits() == b.factor(shown).to_bits())
            );
        }
    }
}
