//! Named rounding rules.

use super::Currency;
use rust_decimal::{Decimal, RoundingStrategy};
use std::fmt;
use std::str::FromStr;

/// How an amount becomes payable. A schedule names the rule; nothing else
/// rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// To the minor unit, half away from zero.
    HalfUpMinorUnit,
    /// Down to the minor unit.
    DownMinorUnit,
}

/// A rounding rule no engine of this version knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a rounding rule: half-up-minor-unit, down-minor-unit")]
pub struct UnknownRounding(String);

impl Rounding {
    /// The rule's name, as schedules write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HalfUpMinorUnit => "half-up-minor-unit",
            Self::DownMinorUnit => "down-minor-unit",
        }
    }

    pub(super) fn apply(self, amount: Decimal, currency: Currency) -> Decimal {
        let strategy = match self {
            Self::HalfUpMinorUnit => RoundingStrategy::MidpointAwayFromZero,
            Self::DownMinorUnit => RoundingStrategy::ToZero,
        };
        amount.round_dp_with_strategy(currency.minor_digits(), strategy)
    }
}

impl FromStr for Rounding {
    type Err = UnknownRounding;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::HalfUpMinorUnit, Self::DownMinorUnit]
            .into_iter()
            .find(|rounding| rounding.name() == text)
            .ok_or_else(|| UnknownRounding(text.to_owned()))
    }
}

impl fmt::Display for Rounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
