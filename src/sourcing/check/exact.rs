//! Arithmetic that is exact or says that it cannot be.

use crate::money::{Currency, Overflow};
use rust_decimal::{Decimal, RoundingStrategy};

/// Why a figure cannot be calculated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsound {
    /// Too large for exact decimals.
    TooLarge,
    /// No planning rate for the currency.
    NoRate(Currency),
}

impl From<Overflow> for Unsound {
    fn from(_: Overflow) -> Self {
        Self::TooLarge
    }
}

pub(super) type Sound<T> = Result<T, Unsound>;

/// Decimals to which quotients are taken to be exact: a share of days has no
/// end, and what it adds up to must not hang on its last digit.
pub(super) const QUOTIENT_DIGITS: u32 = 12;

pub(super) fn plus(a: Decimal, b: Decimal) -> Sound<Decimal> {
    a.checked_add(b).ok_or(Unsound::TooLarge)
}

pub(super) fn minus(a: Decimal, b: Decimal) -> Sound<Decimal> {
    a.checked_sub(b).ok_or(Unsound::TooLarge)
}

pub(super) fn times(a: Decimal, b: Decimal) -> Sound<Decimal> {
    a.checked_mul(b).ok_or(Unsound::TooLarge)
}

pub(super) fn over(a: Decimal, b: Decimal) -> Sound<Decimal> {
    a.checked_div(b).ok_or(Unsound::TooLarge)
}

/// Adds to a sum.
pub(super) fn add_to(sum: &mut Decimal, more: Decimal) -> Sound<()> {
    *sum = plus(*sum, more)?;
    Ok(())
}

/// Rounds to so many decimals, half away from zero.
pub(super) fn half_up(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

/// Rounds to so many decimals, towards zero.
pub(super) fn down(value: Decimal, digits: u32) -> Decimal {
    value.round_dp_with_strategy(digits, RoundingStrategy::ToZero)
}

/// Whether two quotients are one, as far as quotients are exact.
pub(super) fn alike(a: Decimal, b: Decimal) -> bool {
    a.checked_sub(b).is_some_and(|difference| difference.abs() <= Decimal::new(1, QUOTIENT_DIGITS))
}
