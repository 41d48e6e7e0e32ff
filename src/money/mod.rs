//! Exact money: decimal amounts in ISO 4217 currencies, rates, named rounding.
//!
//! Nothing here is binary floating point and nothing rounds unless a
//! [`Rounding`] is named. Products are checked: an overflow is an error, never
//! a wrong amount.

mod currency;
mod rate;
mod rounding;

pub use currency::{Currency, UnknownCurrency};
pub use rate::{MalformedRate, Rate};
pub use rounding::{Rounding, UnknownRounding};

use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;

/// The greatest amount accepted from outside, in major units: 10^13. With rates
/// of at most a few hundred per cent and sums over 1000 lines, every product
/// stays well inside 28 digits.
pub const LARGEST_AMOUNT: i64 = 10_000_000_000_000;

/// An arithmetic result too large to be represented exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the amount is too large to be calculated exactly")]
pub struct Overflow;

/// An amount of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

impl Money {
    /// An amount of a currency, as it is: nothing is rounded.
    pub const fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// Nothing, in a currency.
    pub const fn zero(currency: Currency) -> Self {
        Self { amount: Decimal::ZERO, currency }
    }

    /// The amount in major units.
    pub const fn amount(self) -> Decimal {
        self.amount
    }

    /// The currency.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether the amount is nothing.
    pub fn is_zero(self) -> bool {
        self.amount.is_zero()
    }

    /// Adds an amount of the same currency.
    ///
    /// # Errors
    /// [`Overflow`], also where the currencies differ: amounts of two
    /// currencies have no sum without an exchange rate.
    pub fn plus(self, other: Self) -> Result<Self, Overflow> {
        self.combined(other, Decimal::checked_add)
    }

    /// Subtracts an amount of the same currency; the result may be negative.
    ///
    /// # Errors
    /// As [`Money::plus`].
    pub fn minus(self, other: Self) -> Result<Self, Overflow> {
        self.combined(other, Decimal::checked_sub)
    }

    fn combined(
        self,
        other: Self,
        operation: impl Fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Result<Self, Overflow> {
        if self.currency != other.currency {
            return Err(Overflow);
        }
        operation(self.amount, other.amount).map(|amount| Self { amount, ..self }).ok_or(Overflow)
    }

    /// Multiplies by a factor, unrounded.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn times(self, factor: Decimal) -> Result<Self, Overflow> {
        let amount = self.amount.checked_mul(factor).ok_or(Overflow)?;
        Ok(Self { amount, ..self })
    }

    /// Divides by a number, to 28 digits.
    ///
    /// # Errors
    /// [`Overflow`], also where the divisor is zero.
    pub fn divided_by(self, divisor: Decimal) -> Result<Self, Overflow> {
        let amount = self.amount.checked_div(divisor).ok_or(Overflow)?;
        Ok(Self { amount, ..self })
    }

    /// Rounds by a named rule.
    pub fn rounded(self, rounding: Rounding) -> Self {
        Self { amount: rounding.apply(self.amount, self.currency), ..self }
    }

    /// Allots the amount to parts in proportion to their weights, in whole
    /// minor units; the shares add up to the amount. Units left over go to the
    /// largest remainders, ties to the earlier part. Weights that are all zero
    /// give everything to the first part.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn allotted(self, weights: &[Decimal]) -> Result<Vec<Self>, Overflow> {
        let unit = self.currency.minor_unit();
        let total = weights
            .iter()
            .try_fold(Decimal::ZERO, |sum, weight| sum.checked_add(*weight))
            .ok_or(Overflow)?;
        if total.is_zero() {
            let mut shares = vec![Self::zero(self.currency); weights.len()];
            if let Some(first) = shares.first_mut() {
                *first = self;
            }
            return Ok(shares);
        }
        let mut shares = Vec::with_capacity(weights.len());
        let mut remainders = Vec::with_capacity(weights.len());
        let mut left = self.amount;
        for (index, weight) in weights.iter().enumerate() {
            let exact = self
                .amount
                .checked_mul(*weight)
                .and_then(|product| product.checked_div(total))
                .ok_or(Overflow)?;
            let share = exact.trunc_with_scale(self.currency.minor_digits());
            left = left.checked_sub(share).ok_or(Overflow)?;
            remainders.push((exact - share, index));
            shares.push(Self { amount: share, ..self });
        }
        remainders.sort_by(|(a, i), (b, j)| b.cmp(a).then(i.cmp(j)));
        for (_, index) in remainders {
            if left < unit {
                break;
            }
            shares[index].amount += unit;
            left -= unit;
        }
        if let (false, Some(first)) = (left.is_zero(), shares.first_mut()) {
            first.amount += left;
        }
        Ok(shares)
    }
}

impl fmt::Display for Money {
    /// `1234.50 USD`, always with the currency's minor digits at least.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.currency.minor_digits();
        let mut amount = self.amount.normalize();
        if amount.scale() < digits {
            amount.rescale(digits);
        }
        write!(f, "{amount} {}", self.currency)
    }
}

/// A text that is not an amount with a currency.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount and a currency code, such as `1234.50 USD`")]
pub struct MalformedMoney(String);

impl FromStr for Money {
    type Err = MalformedMoney;

    /// Reads `1234.50 USD`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || MalformedMoney(text.to_owned());
        let (amount, currency) = text.trim().split_once(' ').ok_or_else(malformed)?;
        Ok(Self {
            amount: Decimal::from_str_exact(amount).map_err(|_| malformed())?,
            currency: currency.trim().parse().map_err(|_| malformed())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn shares_of_a_capped_fee_add_up_and_favour_the_larger_remainder() {
        let fee: Money = "651.50 USD".parse().unwrap();
        let weights: Vec<Decimal> = [3, 3, 1].map(Decimal::from).to_vec();
        let shares: Vec<String> =
            fee.allotted(&weights).unwrap().iter().map(ToString::to_string).collect();
        // 651.50 x 3/7 = 279.2142..., x 1/7 = 93.0714...: the cent left goes to a 3.
        assert_eq!(shares, ["279.22 USD", "279.21 USD", "93.07 USD"]);
    }

    proptest! {
        #[test]
        fn shares_always_add_up(cents in 0i64..1_000_000_000, weights in prop::collection::vec(0u32..1000, 1..20)) {
            let fee = Money::new(Decimal::new(cents, 2), "USD".parse().unwrap());
            let weights: Vec<Decimal> = weights.into_iter().map(Decimal::from).collect();
            let shares = fee.allotted(&weights).unwrap();
            let sum: Decimal = shares.iter().map(|share| share.amount()).sum();
            prop_assert_eq!(sum, fee.amount());
            prop_assert!(shares.iter().all(|share| share.amount().scale() <= 2));
        }
    }
}
