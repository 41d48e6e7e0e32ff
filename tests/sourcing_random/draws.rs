//! Draws that are the same on every machine: `SplitMix64` of Steele, Lea and
//! Flood (2014).

use rust_decimal::Decimal;

/// A sequence of draws.
pub struct Draws(u64);

impl Draws {
    pub fn of(seed: u64) -> Self {
        let mut draws = Self(seed);
        draws.next();
        draws
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let range = u64::try_from(most - least).unwrap() + 1;
        least + i64::try_from(self.next() % range).unwrap()
    }

    pub fn count(&mut self, least: usize, most: usize) -> usize {
        let drawn = self.between(i64::try_from(least).unwrap(), i64::try_from(most).unwrap());
        usize::try_from(drawn).unwrap()
    }

    /// True in so many of a hundred draws.
    pub fn percent(&mut self, chances: i64) -> bool {
        self.between(1, 100) <= chances
    }

    pub fn one_of<'t, T>(&mut self, several: &'t [T]) -> &'t T {
        &several[self.count(0, several.len() - 1)]
    }

    /// Several of a list, in its order; at least one.
    pub fn some_of<T: Clone>(&mut self, several: &[T]) -> Vec<T> {
        let mut drawn: Vec<T> = several.iter().filter(|_| self.percent(50)).cloned().collect();
        if drawn.is_empty() {
            drawn.push(self.one_of(several).clone());
        }
        drawn
    }

    /// A decimal of so many digits after the point.
    pub fn decimal(&mut self, least: i64, most: i64, digits: u32) -> Decimal {
        Decimal::new(self.between(least, most), digits)
    }
}
