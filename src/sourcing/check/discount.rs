//! What later money is worth.

use super::exact::{QUOTIENT_DIGITS, Sound, Unsound, half_up, over, plus, times};
use crate::sourcing::Period;
use jiff::Span;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Days between two days.
pub(super) fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// The day so many days later.
pub(super) fn days_later(day: Date, days: i64) -> Sound<Date> {
    let span = Span::new().try_days(days).map_err(|_| Unsound::TooLarge)?;
    day.checked_add(span).map_err(|_| Unsound::TooLarge)
}

/// Factor of every period.
pub(super) fn factors(periods: &[Period], rate: Decimal) -> Sound<Vec<Decimal>> {
    let Some(first) = periods.first() else { return Ok(Vec::new()) };
    periods.iter().map(|period| factor(first.start, period.start, rate)).collect()
}

/// 1 / ((1 + r)^y (1 + r d / 365)) over y whole years and d further days, to
/// twelve decimals. The anniversary of 29 February is the 28th.
fn factor(first: Date, day: Date, rate: Decimal) -> Sound<Decimal> {
    let anniversary = |years: i64| {
        let span = Span::new().try_years(years).map_err(|_| Unsound::TooLarge)?;
        first.checked_add(span).map_err(|_| Unsound::TooLarge)
    };
    let mut factor = Decimal::ONE;
    let mut years = 0;
    while anniversary(years + 1).is_ok_and(|next| next <= day) {
        factor = over(factor, plus(Decimal::ONE, rate)?)?;
        years += 1;
    }
    let days = Decimal::from(days_between(anniversary(years)?, day));
    let simple = plus(Decimal::ONE, over(times(rate, days)?, Decimal::from(365))?)?;
    Ok(half_up(over(factor, simple)?, QUOTIENT_DIGITS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn whole_years_compound_and_days_are_simple() {
        let cases = [
            (date(2025, 1, 1), date(2025, 1, 1), "0.06", "1"),
            (date(2025, 1, 1), date(2026, 1, 1), "0.06", "0.943396226415"),
            (date(2025, 1, 1), date(2025, 7, 1), "0.06", "0.971106262970"),
            (date(2024, 2, 29), date(2025, 2, 28), "0.5", "0.666666666667"),
            (date(2024, 1, 1), date(2024, 12, 31), "0.1", "0.909090909091"),
            (date(2025, 1, 1), date(2038, 1, 1), "1", "0.000122070313"),
        ];
        for (first, day, rate, expected) in cases {
            let factor = factor(first, day, rate.parse().unwrap()).unwrap();
            assert_eq!(factor, expected.parse().unwrap(), "{first} to {day} at {rate}");
        }
    }
}
