//! Nesting found in the data, whatever the formula says.

/// Whether every level of `inner` occurs within a single level of `outer`.
pub fn nested_in(inner: &[u32], inner_levels: usize, outer: &[u32]) -> bool {
    const NONE: u32 = u32::MAX;
    let mut home = vec![NONE; inner_levels];
    inner.iter().zip(outer).all(|(&i, &o)| {
        let seen = &mut home[i as usize];
        if *seen == NONE {
            *seen = o;
        }
        *seen == o
    })
}

#[cfg(test)]
mod tests {
    use super::nested_in;

    #[test]
    fn nested_and_crossed() {
        assert!(nested_in(&[0, 0, 1, 2], 3, &[0, 0, 0, 1]));
        assert!(!nested_in(&[0, 0, 1, 2], 3, &[0, 1, 0, 1]));
    }
}
