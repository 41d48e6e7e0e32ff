//! Credits: earned on one base, spent on duty charged on another.

use crate::money::{Money, Overflow, Rate, Rounding};
use crate::tariff::document::{Citation, Confidence, Document};
use crate::tariff::measure_set::MeasureSet;
use jiff::civil::Date;
use std::sync::Arc;

/// Index of a credit in its tariff.
pub type CreditIndex = usize;

/// A credit against duty, such as the import-adjustment offset: a share of the
/// price of cars assembled at home, to be spent on the duty of parts.
#[derive(Clone, Debug)]
pub struct Credit {
    /// Id in the schedule.
    pub id: String,
    /// Title.
    pub title: String,
    /// What the rate is applied to, in words.
    pub earned_on: String,
    /// Rates by day of assembly, in order of publication.
    pub rates: Vec<CreditRate>,
    /// Measures whose duty it may be spent on.
    pub against: MeasureSet,
    /// What the importer must hold.
    pub evidence: String,
    /// Where it is written.
    pub citations: Vec<Citation>,
    /// How well it is attested.
    pub confidence: Confidence,
}

/// A rate a credit is earned at.
#[derive(Clone, Debug)]
pub struct CreditRate {
    /// Share of the base.
    pub rate: Rate,
    /// First day of assembly.
    pub from: Date,
    /// First day it no longer covers.
    pub to: Date,
    /// The document that says so.
    pub document: Arc<Document>,
}

impl Credit {
    /// The rate for goods assembled on a day, by what was published up to and
    /// including `known_at`: of the rows that cover the day the last published.
    pub fn rate(&self, assembled_on: Date, known_at: Date) -> Option<&CreditRate> {
        self.rates
            .iter()
            .rev()
            .filter(|rate| rate.document.published <= known_at)
            .find(|rate| rate.from <= assembled_on && assembled_on < rate.to)
    }

    /// What goods assembled on a day earn; nothing where no rate covers it.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn earned(
        &self,
        base: Money,
        assembled_on: Date,
        known_at: Date,
    ) -> Result<Money, Overflow> {
        match self.rate(assembled_on, known_at) {
            Some(rate) => Ok(base.times(rate.rate.fraction())?.rounded(Rounding::DOWN)),
            None => Ok(Money::zero(base.currency())),
        }
    }
}
