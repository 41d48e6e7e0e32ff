//! Countries and customs territories, and sets of them.

use std::fmt;
use std::str::FromStr;

/// A country or customs territory, by its Unicode CLDR region code.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region([u8; 2]);

/// A text that is not an assigned region code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a region code, such as `JP`")]
pub struct UnknownRegion(String);

impl Region {
    /// How many places there are: one for every two capitals.
    pub(super) const PLACES: usize = 26 * 26;

    /// CLDR's code for a region that is not known. No text is read as it.
    pub const UNKNOWN: Self = Self(*b"ZZ");

    /// The European Union, which CLDR lists and ISO 3166-1 does not.
    pub const EUROPEAN_UNION: Self = Self(*b"EU");

    /// The place of the code among all pairs of capitals.
    pub(super) fn place(self) -> usize {
        usize::from(self.0[0] - b'A') * 26 + usize::from(self.0[1] - b'A')
    }

    /// The code at a place.
    pub(super) fn at(place: usize) -> Self {
        let letter = |number: usize| b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[number % 26];
        Self([letter(place / 26), letter(place)])
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    /// Accepts the two upper-case letters of ISO 3166-1, and `EU`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match <[u8; 2]>::try_from(text.as_bytes()) {
            Ok(code)
                if code.iter().all(u8::is_ascii_uppercase)
                    && (text == "EU" || celes::Country::from_alpha2(text).is_ok()) =>
            {
                Ok(Self(code))
            }
            _ => Err(UnknownRegion(text.chars().take(20).collect())),
        }
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", char::from(self.0[0]), char::from(self.0[1]))
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A set of regions; membership is one bit, since every provision asks for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionSet([u64; 11]);

impl RegionSet {
    /// No region.
    pub const EMPTY: Self = Self([0; 11]);
    /// Every region.
    pub const ALL: Self = Self([u64::MAX; 11]);

    /// Whether the region is in the set.
    pub fn contains(&self, region: Region) -> bool {
        let place = region.place();
        self.0[place / 64] >> (place % 64) & 1 == 1
    }

    /// The regions in the set that there are, in order of their codes.
    pub fn iter(&self) -> impl Iterator<Item = Region> + '_ {
        // A set that began as all of them holds codes nobody has as well.
        (0..Region::PLACES)
            .map(Region::at)
            .filter(|region| self.contains(*region))
            .filter(|region| region.to_string().parse::<Region>().is_ok())
    }

    /// Adds a region.
    pub fn insert(&mut self, region: Region) {
        let place = region.place();
        self.0[place / 64] |= 1 << (place % 64);
    }

    /// Adds all regions of another set.
    pub fn insert_all(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(other.0) {
            *word |= more;
        }
    }

    /// Removes all regions of another set.
    pub fn remove_all(&mut self, other: &Self) {
        for (word, less) in self.0.iter_mut().zip(other.0) {
            *word &= !less;
        }
    }
}
