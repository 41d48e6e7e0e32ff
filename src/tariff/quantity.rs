//! Quantities of goods.

use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;

/// A unit of UN/ECE Recommendation 20: two or three capitals or digits, such as
/// `NAR` (number of articles) or `KGM`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Unit([u8; 3]);

/// A text that has not the shape of a unit code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a unit code of UN/ECE Recommendation 20, such as `NAR` or `KGM`")]
pub struct MalformedUnit(String);

impl Unit {
    /// Number of articles.
    pub const ARTICLES: Self = Self(*b"NAR");
}

impl FromStr for Unit {
    type Err = MalformedUnit;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.as_bytes();
        let shaped = (2..=3).contains(&bytes.len())
            && bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !shaped {
            return Err(MalformedUnit(text.chars().take(20).collect()));
        }
        let mut code = [b' '; 3];
        code[..bytes.len()].copy_from_slice(bytes);
        Ok(Self(code))
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default().trim_end())
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A positive amount of goods in one unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quantity {
    /// How many, more than zero.
    pub amount: Decimal,
    /// Of what.
    pub unit: Unit,
}
