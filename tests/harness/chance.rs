//! Numbers by chance that a seed repeats.

/// Splitmix64.
#[derive(Debug, Clone)]
pub struct Chance(pub u64);

impl Chance {
    /// A number from 0 to `n` - 1.
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n.max(1)
    }
    /// One of several.
    pub fn of<'t, T>(&mut self, some: &'t [T]) -> Option<&'t T> {
        some.get(self.below(some.len() as u64) as usize)
    }
}

/// How often a test repeats itself: what the variable says, or fewer.
pub fn times(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}
