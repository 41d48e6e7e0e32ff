//! Days and weights: what a later cost weighs, and on which days the vehicles
//! of a period enter.

use crate::sourcing::problem::{Lane, Period};
use jiff::civil::Date;
use jiff::{Span, Unit};
use rust_decimal::{Decimal, RoundingStrategy};

/// Decimals of a discount factor.
const FACTOR_DIGITS: u32 = 12;

/// What one unit of money of each period weighs: compounded over the whole
/// years between the first days of the first period and of its own, simple
/// within the year, to twelve decimals.
pub fn discount_factors(periods: &[Period], annual_rate: Decimal) -> Vec<Decimal> {
    let Some(first) = periods.first() else { return Vec::new() };
    periods.iter().map(|period| discount_factor(first.start, period.start, annual_rate)).collect()
}

fn discount_factor(from: Date, to: Date, rate: Decimal) -> Decimal {
    let mut years: i32 = 0;
    let mut anniversary = from;
    while let Ok(next) = from.checked_add(Span::new().years(years + 1)) {
        if next > to {
            break;
        }
        years += 1;
        anniversary = next;
    }
    let growth = Decimal::ONE + rate;
    let mut divisor = Decimal::ONE;
    for _ in 0..years {
        divisor = divisor.checked_mul(growth).unwrap_or(Decimal::MAX);
    }
    let days = Decimal::from(days_between(anniversary, to));
    let within = Decimal::ONE + rate * days / Decimal::from(365);
    divisor = divisor.checked_mul(within).unwrap_or(Decimal::MAX);
    let factor = Decimal::ONE.checked_div(divisor).unwrap_or_default();
    factor.round_dp_with_strategy(FACTOR_DIGITS, RoundingStrategy::MidpointAwayFromZero)
}

/// Days from one day to another, at least none.
pub(super) fn days_between(from: Date, to: Date) -> u32 {
    let days = from.until((Unit::Day, to)).map(|span| span.get_days()).unwrap_or_default();
    u32::try_from(days).unwrap_or_default()
}

/// The day so many days later; the last day there is where there is none.
pub(super) fn days_later(day: Date, days: u32) -> Date {
    day.checked_add(Span::new().days(days)).unwrap_or(Date::MAX)
}

/// A stretch of the days of entry of a period, with its part of the vehicles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    pub from: Date,
    pub to: Date,
    /// Part of the vehicles, of `of`.
    pub weight: Decimal,
}

/// The days on which vehicles of a period enter, cut at some days, and the sum
/// of the weights. The days are those of the period, later by the transit.
pub(super) fn entry_stretches(
    period: &Period,
    lane: Option<&Lane>,
    cuts: &[Date],
) -> (Vec<Stretch>, Decimal) {
    let transit = lane.map_or(0, |lane| lane.transit_days);
    let (start, end) = (days_later(period.start, transit), days_later(period.end, transit));
    let mut bounds = vec![start];
    let first = cuts.partition_point(|cut| *cut <= start);
    bounds.extend(cuts[first..].iter().copied().take_while(|cut| *cut < end));
    bounds.push(end);
    let departures = lane.map(|lane| lane.departures.as_slice()).unwrap_or_default();
    let last = days_between(period.start, period.end).saturating_sub(1);
    let stretches = bounds.windows(2).map(|pair| {
        let (from, to) = (pair[0], pair[1]);
        let weight = if departures.is_empty() {
            Decimal::from(days_between(from, to))
        } else {
            let enters = |day: u32| days_later(start, day.min(last));
            let own = departures.iter().filter(|departure| {
                let day = enters(departure.day);
                from <= day && day < to
            });
            own.map(|departure| departure.share).sum()
        };
        Stretch { from, to, weight }
    });
    let stretches: Vec<Stretch> = stretches.collect();
    let of = stretches.iter().map(|stretch| stretch.weight).sum();
    (stretches, of)
}

/// Whole units in proportion to weights: the largest remainders get what is
/// left over, ties the earlier. The parts add up to the units.
pub(super) fn allotted(units: Decimal, weights: &[Decimal], of: Decimal) -> Vec<Decimal> {
    let mut parts: Vec<Decimal> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<(Decimal, usize)> = Vec::with_capacity(weights.len());
    let mut left = units;
    for (place, weight) in weights.iter().enumerate() {
        let product = units.checked_mul(*weight).unwrap_or_default();
        let whole = product.checked_div(of).unwrap_or_default().floor();
        remainders.push((product - whole * of, place));
        left -= whole;
        parts.push(whole);
    }
    remainders.sort_by(|(a, i), (b, j)| b.cmp(a).then(i.cmp(j)));
    for (_, place) in remainders {
        if left < Decimal::ONE {
            break;
        }
        parts[place] += Decimal::ONE;
        left -= Decimal::ONE;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn years_compound_and_days_are_simple() {
        // 1 / (1.06 x (1 + 0.06 x 31/365)), from 1 April 2027 to 2 May 2028.
        let factor = discount_factor(date(2027, 4, 1), date(2028, 5, 2), "0.06".parse().unwrap());
        assert_eq!(factor.to_string(), "0.938613156631");
        let same = discount_factor(date(2027, 4, 1), date(2027, 4, 1), "0.06".parse().unwrap());
        assert_eq!(same, Decimal::ONE);
    }

    #[test]
    fn a_period_is_cut_where_law_changes_and_later_by_the_transit() {
        let period = Period { id: "q".to_owned(), start: date(2025, 3, 1), end: date(2025, 4, 1) };
        let (stretches, of) = entry_stretches(&period, None, &[date(2025, 3, 11)]);
        assert_eq!(of, Decimal::from(31));
        assert_eq!(stretches[0].weight, Decimal::from(10));
        assert_eq!(stretches[1].from, date(2025, 3, 11));
    }

    #[test]
    fn whole_units_go_to_the_largest_remainders() {
        let weights = [10, 11, 10].map(Decimal::from);
        let parts = allotted(Decimal::from(10), &weights, Decimal::from(31));
        // 3.22..., 3.54..., 3.22...
        assert_eq!(parts, [3, 4, 3].map(Decimal::from));
    }
}
