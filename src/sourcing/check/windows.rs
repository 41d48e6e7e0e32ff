//! When vehicles enter: windows held against the days of entry, and vehicles
//! spread over them.

use super::customs::{EntryWindow, TrancheId};
use super::discount::{days_between, days_later};
use super::exact::{QUOTIENT_DIGITS, Sound, add_to, alike, half_up, minus, over, plus, times};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use crate::sourcing::{DepartureShare, Period};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Articles that enter in a window.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub from: Date,
    pub to: Date,
    pub tranche: Option<TrancheId>,
    pub units: Decimal,
    /// Of them within the quota.
    pub in_quota: Decimal,
}

/// Days on which what leaves in a period enters, and when it leaves.
pub(super) struct EntryDays<'a> {
    pub first: Date,
    /// First day on which nothing enters any more.
    pub end: Date,
    pub departures: &'a [DepartureShare],
}

impl<'a> EntryDays<'a> {
    pub fn of(period: &Period, transit: u32, departures: &'a [DepartureShare]) -> Sound<Self> {
        let later = |day| days_later(day, i64::from(transit));
        Ok(Self { first: later(period.start)?, end: later(period.end)?, departures })
    }

    fn days(&self) -> i64 {
        days_between(self.first, self.end)
    }

    /// Share of the articles that enter in a window: that of its days, or of
    /// the departures that arrive in it.
    fn share(&self, window: &EntryWindow) -> Sound<Decimal> {
        if self.departures.is_empty() {
            let days = Decimal::from(days_between(window.from, window.to));
            return over(days, Decimal::from(self.days().max(1)));
        }
        let mut share = Decimal::ZERO;
        for departure in self.departures {
            let last = (self.days() - 1).max(0);
            let day = days_later(self.first, i64::from(departure.day).min(last))?;
            if window.from <= day && day < window.to {
                add_to(&mut share, departure.share)?;
            }
        }
        Ok(share)
    }

    /// Spreads articles over windows; none where the windows do not follow each
    /// other from the first day to the last, or their shares are not those of
    /// the days.
    pub fn spread(
        &self,
        units: Decimal,
        whole: bool,
        windows: Vec<EntryWindow>,
        subject: &Subject,
        findings: &mut Findings,
    ) -> Sound<Vec<Arrival>> {
        let mut wrong = |message: String| {
            let subject = subject.clone();
            findings.report(reason::WINDOWS_WRONG, subject, Excess::Nothing, message);
        };
        let mut day = self.first;
        let mut shares = Vec::with_capacity(windows.len());
        let mut sum = Decimal::ZERO;
        for window in &windows {
            let tranche_is_later = window.tranche.as_ref().is_some_and(|it| it.start > window.from);
            if window.from != day || window.to <= day || tranche_is_later {
                wrong(format!("the window from {} does not follow on {day}", window.from));
                return Ok(Vec::new());
            }
            let share = self.share(window)?;
            if !alike(share, window.share) {
                wrong(format!("{} of a share from {}, {share} is due", window.share, window.from));
                return Ok(Vec::new());
            }
            day = window.to;
            shares.push(share);
            sum = plus(sum, window.share)?;
        }
        if day != self.end || !alike(sum, Decimal::ONE) {
            wrong(format!("windows end on {day} with shares of {sum}, {} is due", self.end));
            return Ok(Vec::new());
        }
        let spread = if whole { whole_units(units, &shares)? } else { fractions(units, &shares)? };
        let arrival = |(window, units): (EntryWindow, Decimal)| Arrival {
            from: window.from,
            to: window.to,
            tranche: window.tranche,
            units,
            in_quota: Decimal::ZERO,
        };
        Ok(windows.into_iter().zip(spread).map(arrival).collect())
    }
}

fn fractions(units: Decimal, shares: &[Decimal]) -> Sound<Vec<Decimal>> {
    shares.iter().map(|share| times(units, *share)).collect()
}

/// Whole units by share: what is over goes to the largest remainders, of alike
/// ones to the earlier.
fn whole_units(units: Decimal, shares: &[Decimal]) -> Sound<Vec<Decimal>> {
    let mut spread = Vec::with_capacity(shares.len());
    let mut remainders = Vec::with_capacity(shares.len());
    let mut left = units;
    for (place, share) in shares.iter().enumerate() {
        let exact = half_up(times(units, *share)?, QUOTIENT_DIGITS);
        spread.push(exact.floor());
        remainders.push((exact.fract(), place));
        left = minus(left, exact.floor())?;
    }
    remainders.sort_by(|(a, earlier), (b, later)| b.cmp(a).then(earlier.cmp(later)));
    for (_, place) in remainders {
        if left < Decimal::ONE {
            break;
        }
        if let Some(units) = spread.get_mut(place) {
            add_to(units, Decimal::ONE)?;
            left = minus(left, Decimal::ONE)?;
        }
    }
    Ok(spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_goes_to_the_largest_remainder_then_to_the_earlier_window() {
        let cases: [(i64, &[i64], &[i64]); 5] = [
            (10, &[1, 1, 1], &[4, 3, 3]),
            (3, &[1, 5], &[1, 2]),
            (5, &[31, 61], &[2, 3]),
            (3, &[30, 30, 30], &[1, 1, 1]),
            (0, &[1, 2], &[0, 0]),
        ];
        for (units, days, expected) in cases {
            let total: i64 = days.iter().sum();
            let shares: Vec<Decimal> =
                days.iter().map(|days| Decimal::from(*days) / Decimal::from(total)).collect();
            let spread = whole_units(units.into(), &shares).unwrap();
            let expected: Vec<Decimal> = expected.iter().copied().map(Decimal::from).collect();
            assert_eq!(spread, expected, "{units} over {days:?}");
        }
    }
}
