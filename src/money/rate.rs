//! Ad valorem rates.

use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;

/// An ad valorem rate, held as a fraction: 25 % is 0.25. Never negative, at most
/// 10 (1000 %).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(Decimal);

/// A text that is not a percentage from 0 % to 1000 %.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a percentage from 0% to 1000%, such as `2.5%`")]
pub struct MalformedRate(String);

impl Rate {
    /// No charge.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The rate as a fraction of the base.
    pub const fn fraction(self) -> Decimal {
        self.0
    }
}

impl FromStr for Rate {
    type Err = MalformedRate;

    /// Reads `2.5%`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || MalformedRate(text.to_owned());
        let number = text.trim().strip_suffix('%').ok_or_else(malformed)?.trim();
        let percent = Decimal::from_str_exact(number).map_err(|_| malformed())?;
        if percent.is_sign_negative() || percent > Decimal::ONE_THOUSAND || percent.scale() > 10 {
            return Err(malformed());
        }
        Ok(Self(percent / Decimal::ONE_HUNDRED))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", (self.0 * Decimal::ONE_HUNDRED).normalize())
    }
}
