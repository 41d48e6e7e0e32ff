//! Goods codes of national nomenclatures and prefixes of them.

use std::fmt;
use std::str::FromStr;

/// Longest national code known: eleven digits.
const MOST_DIGITS: usize = 11;

/// A goods code of a national nomenclature: 6 to 11 digits, or a shorter prefix
/// where a schedule names a chapter or heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GoodsCode {
    digits: [u8; MOST_DIGITS],
    length: u8,
}

/// A text that is not 2 to 11 digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a goods code of {fewest} to 11 digits, such as `8703.23.01`")]
pub struct MalformedGoodsCode {
    found: String,
    fewest: usize,
}

impl GoodsCode {
    /// Stands where a code could not be read: six zeros, beneath no heading.
    pub const UNKNOWN: Self = Self { digits: *b"000000\0\0\0\0\0", length: 6 };

    /// Reads a prefix of 2 to 11 digits, as schedules scope provisions.
    ///
    /// # Errors
    /// [`MalformedGoodsCode`].
    pub fn prefix(text: &str) -> Result<Self, MalformedGoodsCode> {
        Self::of_at_least(text, 2)
    }

    fn of_at_least(text: &str, fewest: usize) -> Result<Self, MalformedGoodsCode> {
        let mut code = Self { digits: [0; MOST_DIGITS], length: 0 };
        let malformed = || MalformedGoodsCode { found: text.chars().take(40).collect(), fewest };
        for character in text.bytes().filter(|byte| *byte != b'.') {
            let slot = code.digits.get_mut(usize::from(code.length)).ok_or_else(malformed)?;
            if !character.is_ascii_digit() {
                return Err(malformed());
            }
            *slot = character;
            code.length += 1;
        }
        if usize::from(code.length) < fewest {
            return Err(malformed());
        }
        Ok(code)
    }

    /// The digits, without dots.
    pub fn digits(&self) -> &[u8] {
        &self.digits[..usize::from(self.length)]
    }

    /// Whether `other` is this code or lies beneath it.
    pub fn covers(&self, other: &Self) -> bool {
        other.digits().starts_with(self.digits())
    }

    /// The first digits of the code, at most all.
    pub fn cut(&self, length: u8) -> Self {
        let length = length.min(self.length);
        let kept = usize::from(length);
        let mut digits = [0; MOST_DIGITS];
        digits[..kept].copy_from_slice(&self.digits[..kept]);
        Self { digits, length }
    }

    /// How many digits it has.
    pub const fn length(&self) -> u8 {
        self.length
    }

    /// The four-digit heading of the code; of a chapter, the chapter.
    pub fn heading(&self) -> Self {
        self.cut(self.length.min(4))
    }
}

impl FromStr for GoodsCode {
    type Err = MalformedGoodsCode;

    /// Accepts dots between digit groups, as printed: `8703.23.01`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::of_at_least(text, 6)
    }
}

impl fmt::Display for GoodsCode {
    /// As printed: groups of four, two, two, two.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Eleven digits and four dots at most.
        let mut text = [b'.'; MOST_DIGITS + 4];
        let mut end = 0;
        for (place, digit) in self.digits().iter().enumerate() {
            end += usize::from(place >= 4 && place % 2 == 0);
            text[end] = *digit;
            end += 1;
        }
        f.write_str(std::str::from_utf8(&text[..end]).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_do_not_matter_and_length_does() {
        let code: GoodsCode = "8703.23.01".parse().unwrap();
        assert_eq!(code, "87032301".parse().unwrap());
        assert_eq!(code.to_string(), "8703.23.01");
        assert_eq!(code.heading().to_string(), "8703");
        for bad in ["", "8703", "8703.23.x1", "870323010101", "8703-23-01", "８７０３２３"] {
            assert!(bad.parse::<GoodsCode>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_prefix_covers_what_lies_beneath_it_and_not_the_reverse() {
        let heading = GoodsCode::prefix("8703").unwrap();
        let line = GoodsCode::prefix("8703.23.01").unwrap();
        assert!(heading.covers(&line) && line.covers(&line) && !line.covers(&heading));
    }
}
