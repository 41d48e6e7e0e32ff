//! An entry whose every id was found: what an evaluation works on.

use crate::money::{Money, Overflow};
use crate::tariff::assess::outcome::Election;
use crate::tariff::condition::{
    FactDefinition, FactIndex, PreferenceIndex, PresumedValue, QuotaIndex,
};
use crate::tariff::credit::{CreditIndex, CreditStock};
use crate::tariff::entry::{ExchangeRate, FactValue, TransportMode};
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::law_on_day::LawDays;
use crate::tariff::quantity::{Quantity, Unit};
use crate::tariff::quota::QuotaStock;
use crate::tariff::region::Region;
use rust_decimal::Decimal;

/// An entry whose every id is an index into the tariff.
#[derive(Clone, Debug)]
pub struct ResolvedEntry {
    /// The days it depends on.
    pub days: LawDays,
    /// The member of the customs union the goods are imported into.
    pub destination: Option<Region>,
    /// The lines, in order.
    pub lines: Vec<ResolvedLine>,
    /// Units left, by quota.
    pub quotas: Vec<QuotaStock>,
    /// Money left, by credit; none where unknown.
    pub credits: Vec<Option<Money>>,
    /// Customs exchange rates into the importer's currency.
    pub rates: Vec<ExchangeRate>,
    /// Those of them that were used on values.
    pub rates_used: Vec<ExchangeRate>,
}

/// A line whose every id is an index into the tariff. Amounts are in the
/// importer's currency.
#[derive(Clone, Debug)]
pub struct ResolvedLine {
    /// The caller's id.
    pub id: String,
    /// Code as declared.
    pub code: GoodsCode,
    /// Tariff lines the code may mean; empty where the tariff does not hold it.
    pub tariff_lines: Vec<usize>,
    /// Country of origin.
    pub origin: Region,
    /// Whether the goods are made in the importer's territory and supplied
    /// there: no import, and only what falls on local goods too.
    pub local: bool,
    /// How the goods arrive.
    pub transport: TransportMode,
    /// Price at the port of export.
    pub transaction_value: Money,
    /// Freight and insurance together.
    pub carriage: Money,
    /// Transport inside the importer's territory.
    pub inland_freight: Money,
    /// Value duty is charged on.
    pub customs_value: Money,
    /// Quantities; one in articles always among them.
    pub quantities: Vec<Quantity>,
    /// Facts stated.
    pub facts: Vec<(FactIndex, FactValue)>,
    /// What is elected, in order.
    pub elected: Vec<Election>,
    /// Whether the column's duty is reported apart from the all-in duty.
    pub report_column_separately: bool,
    /// Where it is decided: whether the goods fall within a quota.
    pub within_quota: Vec<(QuotaIndex, bool)>,
    /// Money left in the credits elected, as far as it is known.
    pub credit_left: Vec<(CreditIndex, CreditStock)>,
    /// What the request is silent about.
    pub silent: Silent,
}

/// What a request is silent about, and was presumed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent {
    /// The number of articles: one.
    pub articles: bool,
    /// How the goods arrive.
    pub transport: bool,
    /// Freight, where it is part of the customs value.
    pub carriage: bool,
}

impl ResolvedLine {
    /// Number of articles.
    pub fn articles(&self) -> Decimal {
        self.counted(Unit::ARTICLES)
    }

    /// Quantity in a unit, zero where none is stated.
    pub fn counted(&self, unit: Unit) -> Decimal {
        self.quantities
            .iter()
            .find(|quantity| quantity.unit == unit)
            .map_or(Decimal::ZERO, |quantity| quantity.amount)
    }

    /// Whether the election is made.
    pub fn elects(&self, election: Election) -> bool {
        self.elected.contains(&election)
    }

    /// The preference claimed.
    pub fn preference(&self) -> Option<PreferenceIndex> {
        self.elected.iter().find_map(|election| match election {
            Election::Preference(index) => Some(*index),
            _ => None,
        })
    }

    /// The value of a fact: as stated, or presumed where there is a
    /// presumption.
    pub fn fact(
        &self,
        index: FactIndex,
        definition: &FactDefinition,
        days: LawDays,
    ) -> Option<FactValue> {
        if let Some((_, stated)) = self.facts.iter().find(|(stated, _)| *stated == index) {
            return Some(*stated);
        }
        Some(match definition.presumption.as_ref()?.value {
            PresumedValue::Truth(truth) => FactValue::Truth(truth),
            PresumedValue::Number(number) => FactValue::Number(number),
            PresumedValue::Share(share) => {
                FactValue::Content(self.customs_value.times(share.fraction()).ok()?)
            }
            PresumedValue::EntryYear => FactValue::Number(Decimal::from(days.entry.year())),
            PresumedValue::EntryDate => FactValue::Date(days.entry),
        })
    }

    /// Whether the goods fall within a quota, where it is decided.
    pub fn within(&self, quota: QuotaIndex) -> Option<bool> {
        self.within_quota.iter().find(|(known, _)| *known == quota).map(|(_, within)| *within)
    }

    /// Decides whether the goods fall within a quota.
    pub(super) fn decide(&mut self, quota: QuotaIndex, within: bool) {
        self.within_quota.retain(|(known, _)| *known != quota);
        self.within_quota.push((quota, within));
    }

    /// Splits the line by units into the first `units` of `unit` and the rest;
    /// values and contents follow the units, to the minor unit.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn split(&self, units: Decimal, unit: Unit) -> Result<[Self; 2], Overflow> {
        let whole = self.counted(unit);
        let rest = whole - units;
        let parts = |amount: Money| -> Result<[Money; 2], Overflow> {
            let shares = amount.allotted(&[units, rest])?;
            match shares.as_slice() {
                [first, second] => Ok([*first, *second]),
                _ => Err(Overflow),
            }
        };
        let mut split = [self.clone(), self.clone()];
        let transaction = parts(self.transaction_value)?;
        let carriage = parts(self.carriage)?;
        let inland = parts(self.inland_freight)?;
        let customs = parts(self.customs_value)?;
        for (index, (part, units)) in split.iter_mut().zip([units, rest]).enumerate() {
            part.transaction_value = transaction[index];
            part.carriage = carriage[index];
            part.inland_freight = inland[index];
            part.customs_value = customs[index];
            for quantity in &mut part.quantities {
                quantity.amount = quantity
                    .amount
                    .checked_mul(units)
                    .and_then(|product| product.checked_div(whole))
                    .ok_or(Overflow)?;
            }
            for (_, value) in &mut part.facts {
                if let FactValue::Content(content) = value {
                    *content = parts(*content)?[index];
                }
            }
        }
        Ok(split)
    }
}
