//! Dice: chance from a seed, by name instead of by order, so that concurrency cannot change a run.

/// Draws that depend on the seed and on what they are for, never on what was drawn before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(mix(seed ^ 0x636f_6e65_6b21_7369))
    }
    /// The draw that belongs to `purpose`, `key` and `n`.
    pub(crate) fn draw(self, purpose: &str, key: &str, n: u64) -> u64 {
        let mut h = self.0;
        for byte in purpose.bytes().chain([0xff]).chain(key.bytes()) {
            h = (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        mix(h ^ n.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
    /// A draw in `[least, most]`, both included.
    pub(crate) fn between(self, range: [u64; 2], purpose: &str, key: &str) -> u64 {
        let [least, most] = range;
        least + self.draw(purpose, key, 0) % (most.saturating_sub(least)).saturating_add(1)
    }
    /// Whether something of chance `p` happens.
    pub(crate) fn happens(self, p: f64, purpose: &str, key: &str, n: u64) -> bool {
        ((self.draw(purpose, key, n) >> 11) as f64 / (1u64 << 53) as f64) < p
    }
    /// `len` signs out of `alphabet`.
    pub(crate) fn text(self, purpose: &str, key: &str, n: u64, alphabet: &[u8], len: usize) -> String {
        let mut h = self.draw(purpose, key, n);
        (0..len)
            .map(|_| {
                h = mix(h);
                alphabet[(h % alphabet.len() as u64) as usize] as char
            })
            .collect()
    }
}

/// The finaliser of SplitMix64.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draw_depends_on_seed_purpose_key_and_number_only() {
        let d = Dice::new(7);
        assert_eq!(d.draw("a", "b", 1), Dice::new(7).draw("a", "b", 1));
        let all = [
            d.draw("a", "b", 1),
            d.draw("a", "b", 2),
            d.draw("a", "c", 1),
            d.draw("ab", "", 1),
            Dice::new(8).draw("a", "b", 1),
        ];
        assert_eq!(all.iter().collect::<std::collections::HashSet<_>>().len(), all.len());
    }

    #[test]
    fn a_chance_of_a_quarter_happens_a_quarter_of_the_time() {
        let d = Dice::new(3);
        let hits = (0..10_000).filter(|n| d.happens(0.25, "x", "y", *n)).count();
        assert!((2_300..2_700).contains(&hits), "{hits}");
        assert!((0..100).all(|n| d.happens(1.0, "x", "y", n) && !d.happens(0.0, "x", "y", n)));
    }
}
