//! Amounts known to lie between two.

use crate::money::{Currency, Money, Overflow};

/// Two amounts, the first not above the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// Least.
    pub lowest: Money,
    /// Greatest.
    pub highest: Money,
}

impl Range {
    /// Nothing to nothing.
    pub(super) fn zero(currency: Currency) -> Self {
        Self::exactly(Money::zero(currency))
    }

    /// One amount.
    pub(super) fn exactly(amount: Money) -> Self {
        Self { lowest: amount, highest: amount }
    }

    /// Whether both ends are one.
    pub fn is_one_amount(&self) -> bool {
        self.lowest == self.highest
    }

    /// The least range that holds this one and another.
    pub(super) fn or(self, other: Self) -> Self {
        let lesser = |a: Money, b: Money| if b.amount() < a.amount() { b } else { a };
        let greater = |a: Money, b: Money| if b.amount() > a.amount() { b } else { a };
        Self {
            lowest: lesser(self.lowest, other.lowest),
            highest: greater(self.highest, other.highest),
        }
    }

    /// Both ends lowered by those of another.
    pub(super) fn minus(self, other: Self) -> Result<Self, Overflow> {
        Ok(Self {
            lowest: self.lowest.minus(other.lowest)?,
            highest: self.highest.minus(other.highest)?,
        })
    }

    /// Both ends raised by those of another.
    pub(super) fn plus(self, other: Self) -> Result<Self, Overflow> {
        Ok(Self {
            lowest: self.lowest.plus(other.lowest)?,
            highest: self.highest.plus(other.highest)?,
        })
    }
}
