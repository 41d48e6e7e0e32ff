//! Draws for the generator: `SplitMix64` of Steele, Lea and Flood (2014), so that
//! a seed gives the same draws on every machine and in every version.

/// Weyl sequence of the golden ratio, mixed.
pub(super) struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    pub(super) fn of(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both included; `least` where there is
    /// none between them. For ranges below 2^32 the chances differ by less than
    /// one in 2^32.
    pub(super) fn between(&mut self, least: i64, most: i64) -> i64 {
        let range = u64::try_from(most.saturating_sub(least)).unwrap_or(0).saturating_add(1);
        let product = u128::from(self.next()) * u128::from(range);
        least.saturating_add(i64::try_from(product >> 64).unwrap_or(0))
    }

    /// A product with a factor from `least` to `most` thousandths.
    pub(super) fn scaled(&mut self, value: i64, least: i64, most: i64) -> i64 {
        value.saturating_mul(self.between(least, most)) / 1000
    }

    /// True in so many of a hundred draws.
    pub(super) fn percent(&mut self, chances: i64) -> bool {
        self.between(1, 100) <= chances
    }

    /// One of several; the default if there is none.
    pub(super) fn one_of<T: Copy + Default>(&mut self, several: &[T]) -> T {
        let last = i64::try_from(several.len()).unwrap_or(i64::MAX).saturating_sub(1);
        let place = usize::try_from(self.between(0, last)).unwrap_or(0);
        several.get(place).copied().unwrap_or_default()
    }

    /// `wanted` different places below `count` in ascending order; all if there
    /// are not so many.
    pub(super) fn places(&mut self, count: usize, wanted: usize) -> Vec<usize> {
        let mut left: Vec<usize> = (0..count).collect();
        let mut drawn = Vec::new();
        while drawn.len() < wanted && !left.is_empty() {
            let last = i64::try_from(left.len() - 1).unwrap_or(i64::MAX);
            let place = usize::try_from(self.between(0, last)).unwrap_or(0);
            drawn.push(left.swap_remove(place));
        }
        drawn.sort_unstable();
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_those_of_the_paper() {
        // The reference implementation's first outputs for the seed 1234567.
        let mut draws = SplitMix64::of(1_234_567);
        assert_eq!(draws.next(), 6_457_827_717_110_365_317);
        assert_eq!(draws.next(), 3_203_168_211_198_807_973);
        assert_eq!(draws.next(), 9_817_491_932_198_370_423);
    }

    #[test]
    fn draws_keep_their_bounds() {
        let mut draws = SplitMix64::of(1);
        let values: Vec<i64> = (0..1000).map(|_| draws.between(-2, 2)).collect();
        assert!((-2..=2).all(|value| values.contains(&value)));
        assert!(values.iter().all(|value| (-2..=2).contains(value)));
        assert_eq!(draws.places(3, 5), [0, 1, 2]);
        assert_eq!(draws.places(9, 4).len(), 4);
        assert_eq!(draws.places(0, 4), Vec::<usize>::new());
        assert_eq!(draws.one_of::<i64>(&[]), 0);
    }
}
