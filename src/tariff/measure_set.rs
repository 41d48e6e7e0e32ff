//! Sets of measures of one tariff: which concern a line, an origin, a day.

use crate::tariff::measure::MeasureIndex;

/// A set of measures, a bit each in evaluation order, so that what concerns a
/// line, an origin and a day is found by intersection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct MeasureSet(Box<[u64]>);

impl MeasureSet {
    /// No measure of a tariff that has so many.
    pub fn none_of(measures: usize) -> Self {
        Self(vec![0; measures.div_ceil(64)].into())
    }

    /// The measures of which `belongs` is true.
    pub fn of(measures: usize, belongs: impl Fn(MeasureIndex) -> bool) -> Self {
        let mut set = Self::none_of(measures);
        for index in (0..measures).filter(|index| belongs(*index)) {
            set.insert(index);
        }
        set
    }

    /// Adds a measure.
    pub fn insert(&mut self, index: MeasureIndex) {
        self.0[index / 64] |= 1 << (index % 64);
    }

    /// Whether the measure is in the set.
    pub fn contains(&self, index: MeasureIndex) -> bool {
        self.0[index / 64] >> (index % 64) & 1 == 1
    }

    /// The first measure that is in both sets.
    pub fn first_shared(&self, other: &Self) -> Option<MeasureIndex> {
        Self::intersection([self, other]).next()
    }

    /// The measures, in order.
    pub fn iter(&self) -> impl Iterator<Item = MeasureIndex> + '_ {
        Self::intersection([self])
    }

    /// The measures that are in all the sets, in order.
    pub fn intersection<const N: usize>(sets: [&Self; N]) -> impl Iterator<Item = MeasureIndex> {
        let words = sets.iter().map(|set| set.0.len()).min().unwrap_or(0);
        (0..words).flat_map(move |word| {
            let bits = sets.iter().fold(u64::MAX, |bits, set| bits & set.0[word]);
            Bits(bits).map(move |bit| word * 64 + bit)
        })
    }
}

/// The places of the bits that are set, lowest first.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = (self.0 != 0).then(|| self.0.trailing_zeros() as usize)?;
        self.0 &= self.0 - 1;
        Some(bit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intersection_runs_in_order_across_words() {
        let thirds = MeasureSet::of(200, |index| index % 3 == 0);
        let fives = MeasureSet::of(200, |index| index % 5 == 0);
        let both: Vec<usize> = MeasureSet::intersection([&thirds, &fives]).collect();
        assert_eq!(both, (0..200).filter(|index| index % 15 == 0).collect::<Vec<_>>());
        assert_eq!(thirds.iter().count(), 67);
        assert_eq!(thirds.first_shared(&MeasureSet::of(200, |index| index == 199)), None);
    }
}
