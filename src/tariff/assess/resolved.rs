//! An entry whose every id was found: what an evaluation works on.

use crate::money::{Money, Overflow};
use crate::tariff::assess::outcome::Presumption;
use crate::tariff::condition::PreferenceIndex;
use crate::tariff::entry::{ExchangeRate, FactValue, TransportMode};
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::quantity::{Quantity, Unit};
use crate::tariff::region::Region;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// An entry whose every id is an index into the tariff.
#[derive(Clone, Debug)]
pub struct ResolvedEntry {
    /// Date of entry for consumption.
    pub entry_date: Date,
    /// The lines, in order.
    pub lines: Vec<ResolvedLine>,
    /// Units left, by quota; none where unknown.
    pub balances: Vec<Option<Decimal>>,
    /// Exchange rates that were used.
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
    /// How the goods arrive.
    pub transport: TransportMode,
    /// Price at the port of export.
    pub transaction_value: Money,
    /// Freight and insurance together.
    pub carriage: Money,
    /// Value duty is charged on.
    pub customs_value: Money,
    /// Quantities; one in articles always among them.
    pub quantities: Vec<Quantity>,
    /// Facts by index; none where not stated and not presumed.
    pub facts: Vec<Option<FactValue>>,
    /// Preference claimed.
    pub preference: Option<PreferenceIndex>,
    /// Certifications made, by index.
    pub certifications: Vec<bool>,
    /// Quotas elected, by index.
    pub quotas: Vec<bool>,
    /// Where a balance is known: whether the goods fall within it.
    pub within_quota: Vec<Option<bool>>,
    /// What was presumed.
    pub presumptions: Vec<Presumption>,
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
        let customs = parts(self.customs_value)?;
        for (index, (part, units)) in split.iter_mut().zip([units, rest]).enumerate() {
            part.transaction_value = transaction[index];
            part.carriage = carriage[index];
            part.customs_value = customs[index];
            for quantity in &mut part.quantities {
                quantity.amount = quantity
                    .amount
                    .checked_mul(units)
                    .and_then(|product| product.checked_div(whole))
                    .ok_or(Overflow)?;
            }
            for (fact, value) in part.facts.iter_mut().zip(&self.facts) {
                if let Some(FactValue::Content(content)) = value {
                    *fact = Some(FactValue::Content(parts(*content)?[index]));
                }
            }
        }
        Ok(split)
    }
}
