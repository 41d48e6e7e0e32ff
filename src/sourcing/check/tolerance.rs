//! By how much a quantity may pass its limit.

use super::exact::{Sound, minus, plus, times};
use super::stated::Stated;
use rust_decimal::Decimal;

/// A millionth: of the limit, and of a unit.
const MILLIONTH: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

/// A hundred times the last of the digits a decimal holds.
const LAST_DIGITS: Decimal = Decimal::from_parts(1, 0, 0, false, 26);

/// Whether two sums of discounted amounts are one: sums of more digits than a
/// decimal holds, from 10^16 on, are rounded in the order they are added in.
pub(super) fn one_sum(told: Decimal, due: Decimal) -> bool {
    let within = |off: Decimal| {
        due.abs().checked_mul(LAST_DIGITS).is_some_and(|allowed| off.abs() <= allowed)
    };
    told == due || told.checked_sub(due).is_some_and(within)
}

/// What passes a limit by more than is allowed; none where it keeps to it.
/// Whole vehicles keep to it exactly; of others a millionth of the limit and a
/// millionth of a unit may be over.
pub(super) fn excess(
    stated: &Stated<'_>,
    value: Decimal,
    limit: Decimal,
) -> Sound<Option<Decimal>> {
    excess_over(stated, value, limit, limit)
}

/// The same, relative to a measure other than the limit.
pub(super) fn excess_over(
    stated: &Stated<'_>,
    value: Decimal,
    limit: Decimal,
    measure: Decimal,
) -> Sound<Option<Decimal>> {
    let over = minus(value, limit)?;
    let allowed = if stated.whole() {
        Decimal::ZERO
    } else {
        plus(times(measure.abs(), MILLIONTH)?, MILLIONTH)?
    };
    Ok((over > allowed).then_some(over))
}

/// The measure of a limit on what vehicles count, given what one of each model
/// counts: a millionth of a unit is allowed anyway.
pub(super) fn counting(limit: Decimal, one_each: Decimal) -> Sound<Decimal> {
    plus(limit, minus(one_each, Decimal::ONE)?.max(Decimal::ZERO))
}

/// What a value falls short of a least value by more than is allowed.
pub(super) fn shortage(
    stated: &Stated<'_>,
    value: Decimal,
    least: Decimal,
) -> Sound<Option<Decimal>> {
    excess_over(stated, least, value, least)
}
