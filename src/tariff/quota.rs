//! Tariff-rate quotas.

use crate::tariff::document::Citation;
use crate::tariff::quantity::Unit;
use jiff::civil::Date;
use rust_decimal::Decimal;

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
}

impl Quota {
    /// The period open on a day.
    pub fn period(&self, day: Date) -> Option<&QuotaPeriod> {
        self.periods.iter().find(|period| period.from <= day && day < period.to)
    }
}
