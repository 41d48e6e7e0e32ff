//! Tariff-rate quotas.

use crate::tariff::document::Citation;
use crate::tariff::quantity::Unit;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// A stock of units that may enter at a lower rate.
#[derive(Clone, Debug)]
pub struct Quota {
    /// Id in the schedule.
    pub id: String,
    /// Title.
    pub title: String,
    /// What it counts.
    pub unit: Unit,
    /// Periods, each with its own volume. A quota's periods are its own: they
    /// need not begin where the measure that uses it does.
    pub periods: Vec<QuotaPeriod>,
    /// Where it is written.
    pub citations: Vec<Citation>,
}

/// A stretch of days with a volume of its own.
#[derive(Clone, Debug)]
pub struct QuotaPeriod {
    /// First day.
    pub from: Date,
    /// First day it no longer covers.
    pub to: Date,
    /// Units opened, before what is carried over.
    pub volume: Decimal,
    /// First days of the periods whose unused units are added to this one.
    pub carry_from: Vec<Date>,
}

/// Units left in a quota, as far as they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaStock {
    /// At least so many.
    pub least: Decimal,
    /// At most so many; none where there is no bound.
    pub greatest: Option<Decimal>,
}

impl QuotaStock {
    /// Nothing is known of it.
    pub const UNKNOWN: Self = Self { least: Decimal::ZERO, greatest: None };

    /// So many, exactly.
    pub const fn exactly(units: Decimal) -> Self {
        Self { least: units, greatest: Some(units) }
    }

    /// The number of units, where it is known.
    pub fn known(self) -> Option<Decimal> {
        self.greatest.filter(|greatest| *greatest == self.least)
    }

    /// Whether it is known that none is left.
    pub fn is_empty(self) -> bool {
        self.greatest.is_some_and(|greatest| greatest.is_zero())
    }

    /// What is left after a draw of so many units, as far as there are any.
    pub fn after(self, drawn: Decimal) -> Self {
        let left = |units: Decimal| (units - drawn).max(Decimal::ZERO);
        Self { least: left(self.least), greatest: self.greatest.map(left) }
    }

    /// This stock with what lies between two others given back.
    pub fn given_back(self, before: Self, after: Self) -> Self {
        let greatest = match (self.greatest, before.greatest, after.greatest) {
            (Some(left), Some(before), Some(after)) => Some(left + before - after),
            _ => None,
        };
        Self { least: self.least + before.least - after.least, greatest }
    }

    /// What is left after a draw that may or may not be made.
    pub fn after_perhaps(self, drawn: Decimal) -> Self {
        Self { least: self.after(drawn).least, ..self }
    }
}

impl Quota {
    /// The period open on a day.
    pub fn period(&self, day: Date) -> Option<&QuotaPeriod> {
        self.periods.iter().find(|period| period.from <= day && day < period.to)
    }

    /// The period that begins on a day.
    pub fn period_beginning(&self, day: Date) -> Option<&QuotaPeriod> {
        self.periods.iter().find(|period| period.from == day)
    }

    /// Units opened in a period, with what is carried over from others, given
    /// the units used by first day of each period. What a period received is
    /// not carried on: its own volume is used first.
    pub fn opened(&self, period: &QuotaPeriod, used: &BTreeMap<Date, Decimal>) -> QuotaStock {
        let mut least = period.volume;
        let mut greatest = period.volume;
        for source in period.carry_from.iter().filter_map(|day| self.period_beginning(*day)) {
            match used.get(&source.from) {
                Some(used) => {
                    let unused = (source.volume - used).max(Decimal::ZERO);
                    least += unused;
                    greatest += unused;
                }
                None => greatest += source.volume,
            }
        }
        QuotaStock { least, greatest: Some(greatest) }
    }

    /// Units left on a day, given the units used by first day of each period;
    /// nothing is known where the day's own use is not given.
    pub fn left(&self, day: Date, used: &BTreeMap<Date, Decimal>) -> QuotaStock {
        let Some(period) = self.period(day) else { return QuotaStock::exactly(Decimal::ZERO) };
        let opened = self.opened(period, used);
        match used.get(&period.from) {
            Some(used) => opened.after(*used),
            None => QuotaStock { least: Decimal::ZERO, ..opened },
        }
    }
}
