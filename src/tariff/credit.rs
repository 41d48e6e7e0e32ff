//! Credits: earned on one base, spent on duty charged on another.

use crate::money::{Currency, Money, Overflow, Rate, Rounding};
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

/// Money left in a credit, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditStock {
    /// At least so much.
    pub least: Money,
    /// At most so much; none where there is no bound.
    pub greatest: Option<Money>,
}

impl CreditStock {
    /// What a caller tells of it: an amount, or nothing.
    pub fn told(balance: Option<Money>, currency: Currency) -> Self {
        Self { least: balance.unwrap_or(Money::zero(currency)), greatest: balance }
    }

    /// The amount, where it is known.
    pub fn known(self) -> Option<Money> {
        self.greatest.filter(|greatest| *greatest == self.least)
    }

    /// Whether money is known to be, or may by a known bound be, left in it.
    pub fn may_meet_duty(self) -> bool {
        !self.least.is_zero() || self.greatest.is_some_and(|greatest| !greatest.is_zero())
    }

    /// What is left after something from `least` to `most` is spent.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn after(self, least: Money, most: Money) -> Result<Self, Overflow> {
        let left = |stock: Money, spent: Money| -> Result<Money, Overflow> {
            let left = stock.minus(spent)?;
            let none = left.amount().is_sign_negative();
            Ok(if none { Money::zero(left.currency()) } else { left })
        };
        let greatest = self.greatest.map(|greatest| left(greatest, least)).transpose()?;
        Ok(Self { least: left(self.least, most)?, greatest })
    }

    /// This stock with what lies between two others given back.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn given_back(self, before: Self, after: Self) -> Result<Self, Overflow> {
        let greatest = match (self.greatest, before.greatest, after.greatest) {
            (Some(left), Some(before), Some(after)) => Some(left.plus(before)?.minus(after)?),
            _ => None,
        };
        Ok(Self { least: self.least.plus(before.least)?.minus(after.least)?, greatest })
    }
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
