//! Common types of the wire: money, decimals, dates; and the faults found in
//! them.

use crate::grpc::convert::field_path::FieldPath;
use crate::money::{Currency, LARGEST_AMOUNT, Money};
use crate::proto::google::r#type as google;
use crate::tariff::EntryFault;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::fmt::Display;

const NANOS: i64 = 1_000_000_000;
/// Decimals that nanos hold.
const MOST_DECIMALS: u32 = 9;
/// Longest id of anything a schedule defines.
pub(super) const LONGEST_ID: usize = 100;
/// Largest quantity, balance or exchange rate: 10^12.
pub(super) const LARGEST_NUMBER: i64 = 1_000_000_000_000;
/// Longest decimal text read; a longer one cannot be exact in 28 digits.
const LONGEST_DECIMAL: usize = 40;

/// A fault of one field, its path still to be told.
pub(super) struct Fault {
    reason: &'static str,
    message: String,
}

impl Fault {
    pub fn new(reason: &'static str, message: impl Display) -> Self {
        Self { reason, message: message.to_string() }
    }
}

/// Most faults kept of a request: more than are ever told. A request of four
/// MiB may have millions.
const MOST_FAULTS: usize = 10_000;

/// Every fault of a request, as far as they are kept.
#[derive(Default)]
pub(super) struct Faults(pub Vec<EntryFault>);

impl Faults {
    pub fn push(&mut self, field: &FieldPath<'_>, fault: Fault) {
        if self.0.len() >= MOST_FAULTS {
            return;
        }
        self.0.push(EntryFault {
            field: field.to_string(),
            reason: fault.reason,
            message: fault.message,
        });
    }

    pub fn check<T>(&mut self, field: &FieldPath<'_>, result: Result<T, Fault>) -> Option<T> {
        result.map_err(|fault| self.push(field, fault)).ok()
    }

    /// A list no longer than a limit; of a longer one nothing is read.
    pub fn bounded<'a, T>(&mut self, field: &FieldPath<'_>, list: &'a [T], most: usize) -> &'a [T] {
        if list.len() > most {
            self.push(
                field,
                Fault::new("TOO_MANY", format!("{} elements, at most {most} are read", list.len())),
            );
            return &[];
        }
        list
    }
}

pub(super) fn required<T>(value: Option<T>) -> Result<T, Fault> {
    value.ok_or_else(missing)
}

pub(super) fn missing() -> Fault {
    Fault::new("REQUIRED", "must be given")
}

/// A text parsed into a type of the domain; empty is missing.
pub(super) fn parsed<T: std::str::FromStr<Err: Display>>(
    text: &str,
    reason: &'static str,
) -> Result<T, Fault> {
    if text.is_empty() {
        return Err(missing());
    }
    text.parse().map_err(|error| Fault::new(reason, error))
}

/// A short identifier.
pub(super) fn id(text: &str, longest: usize) -> Result<String, Fault> {
    match text.chars().count() {
        _ if text.trim().is_empty() => Err(missing()),
        length if length > longest => {
            Err(Fault::new("TOO_LONG", format!("{length} characters, at most {longest}")))
        }
        _ => Ok(text.to_owned()),
    }
}

pub(super) fn decimal(value: &google::Decimal) -> Result<Decimal, Fault> {
    let text = value.value.as_str();
    if text.is_empty() {
        return Err(missing());
    }
    if text.len() > LONGEST_DECIMAL {
        return Err(Fault::new(
            "MALFORMED_DECIMAL",
            format!("more than {LONGEST_DECIMAL} characters"),
        ));
    }
    let malformed = || {
        Fault::new(
            "MALFORMED_DECIMAL",
            format!("`{text}` is not a decimal number of at most 28 digits"),
        )
    };
    // The parser takes `1_000`, which nobody else's does.
    if text.contains('_') {
        return Err(malformed());
    }
    Decimal::from_str_exact(text)
        .or_else(|_| Decimal::from_scientific(text))
        .map_err(|_| malformed())
}

/// A decimal from zero, or above it, to a bound.
pub(super) fn bounded_decimal(
    value: &google::Decimal,
    zero: bool,
    most: Decimal,
) -> Result<Decimal, Fault> {
    let number = decimal(value)?;
    let low =
        if zero { number.is_sign_negative() && !number.is_zero() } else { number <= Decimal::ZERO };
    if low || number > most {
        let least = if zero { "from zero" } else { "more than zero, at most" };
        return Err(Fault::new(
            "OUT_OF_RANGE",
            format!("{number} must be {least} to {most}").replace("at most to", "at most"),
        ));
    }
    Ok(number)
}

pub(super) fn date(value: google::Date) -> Result<Date, Fault> {
    let google::Date { year, month, day } = value;
    let whole = || -> Option<Date> {
        let date =
            Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()?;
        (1900..=2200).contains(&date.year()).then_some(date)
    };
    whole().ok_or_else(|| {
        Fault::new(
            "INVALID_DATE",
            format!("{year:04}-{month:02}-{day:02} is not a day from 1900 to 2200"),
        )
    })
}

/// An amount from zero, or above it, no finer than the minor unit.
pub(super) fn amount(value: &google::Money, zero: bool) -> Result<Money, Fault> {
    let (amount, currency) = stated_amount(value)?;
    let negative = amount < Decimal::ZERO || (!zero && amount.is_zero());
    if negative || amount > Decimal::from(LARGEST_AMOUNT) {
        let least = if zero { "zero" } else { "more than zero" };
        return Err(Fault::new(
            "OUT_OF_RANGE",
            format!("{} must be {least} to 10^13", amount.normalize()),
        ));
    }
    in_minor_units(amount, currency)
}

/// An amount that may be negative, no finer than the minor unit.
pub(super) fn signed_amount(value: &google::Money) -> Result<Money, Fault> {
    let (amount, currency) = stated_amount(value)?;
    if amount.abs() > Decimal::from(LARGEST_AMOUNT) {
        let message = format!("{} must be -10^13 to 10^13", amount.normalize());
        return Err(Fault::new("OUT_OF_RANGE", message));
    }
    in_minor_units(amount, currency)
}

fn stated_amount(value: &google::Money) -> Result<(Decimal, Currency), Fault> {
    let google::Money { currency_code, units, nanos } = value;
    let currency: Currency = parsed(currency_code, "UNKNOWN_CURRENCY")?;
    let valid_nanos = i64::from(*nanos).abs() < NANOS
        && (*units == 0 || *nanos == 0 || (*units > 0) == (*nanos > 0));
    if !valid_nanos {
        return Err(Fault::new(
            "MALFORMED_MONEY",
            "nanos must be of the sign of units and below 10^9",
        ));
    }
    Ok((Decimal::from(*units) + Decimal::new(i64::from(*nanos), 9), currency))
}

fn in_minor_units(amount: Decimal, currency: Currency) -> Result<Money, Fault> {
    let mut normal = amount.normalize();
    if normal.scale() > currency.minor_digits() {
        return Err(Fault::new(
            "TOO_PRECISE",
            format!("{normal} {currency} is finer than the minor unit"),
        ));
    }
    normal.rescale(currency.minor_digits());
    Ok(Money::new(normal, currency))
}

pub(super) fn money_message(money: Money) -> google::Money {
    // Every amount of an answer stands here: whole numbers, no quotient of decimals.
    let amount = money.amount();
    let scale = amount.scale();
    let (mantissa, scale) = if scale <= MOST_DECIMALS {
        (amount.mantissa(), scale)
    } else {
        let cut = amount.trunc_with_scale(MOST_DECIMALS);
        (cut.mantissa(), cut.scale())
    };
    let whole = 10_i128.pow(scale);
    let nanos = (mantissa % whole) * 10_i128.pow(MOST_DECIMALS - scale);
    google::Money {
        currency_code: money.currency().code().to_owned(),
        // Sums of amounts of at most 10^13 times rates of at most 1000 %
        // over 1000 lines stay below 2^63.
        units: i64::try_from(mantissa / whole).unwrap_or(i64::MAX),
        nanos: i32::try_from(nanos).unwrap_or_default(),
    }
}

pub(super) fn decimal_message(number: Decimal) -> google::Decimal {
    // Most are whole: a number of articles.
    let value = match number.scale() {
        0 => number.mantissa().to_string(),
        _ => number.normalize().to_string(),
    };
    google::Decimal { value }
}

pub(super) fn date_message(date: Date) -> google::Date {
    google::Date {
        year: i32::from(date.year()),
        month: i32::from(date.month()),
        day: i32::from(date.day()),
    }
}
