//! Lines of the national tariff: the columns a rate is chosen from.

use crate::tariff::condition::FactIndex;
use crate::tariff::document::{Citation, Confidence};
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::measure::{InScope, Measure, MeasureIndex};
use crate::tariff::quantity::Unit;
use jiff::civil::Date;

/// A line of the national tariff.
#[derive(Clone, Debug)]
pub struct TariffLine {
    /// Its code.
    pub code: GoodsCode,
    /// Its text.
    pub description: String,
    /// Units of quantity to be reported.
    pub units: Vec<Unit>,
    /// Column 1 general.
    pub general: DutyExpression,
    /// Column 1 special: rate by symbol.
    pub special: Vec<SpecialRate>,
    /// Special column as printed.
    pub special_text: String,
    /// Column 2, where the tariff has one.
    pub column_2: Option<DutyExpression>,
    /// First day of the line.
    pub from: Date,
    /// First day it no longer exists.
    pub to: Option<Date>,
    /// Where it is written.
    pub citations: Vec<Citation>,
    /// How well it is attested.
    pub confidence: Confidence,
    /// Measures whose goods scope may hold the line, in evaluation order.
    pub measures: Vec<MeasureIndex>,
    /// Facts those measures ask for.
    pub asked_facts: Vec<FactIndex>,
}

/// A rate of the special column and the symbols it is printed for.
#[derive(Clone, Debug)]
pub struct SpecialRate {
    /// Symbols: `A+`, `S`.
    pub symbols: Vec<String>,
    /// The rate.
    pub rate: DutyExpression,
}

/// A special column that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a special column, such as `Free (A+,AU,S) 25% (KR)`")]
pub struct MalformedSpecialColumn(String);

impl SpecialRate {
    /// Reads a special column as printed: `Free (A+,AU,S) 25% (KR)`.
    ///
    /// # Errors
    /// [`MalformedSpecialColumn`].
    pub fn column(text: &str) -> Result<Vec<Self>, MalformedSpecialColumn> {
        let malformed = || MalformedSpecialColumn(text.to_owned());
        let mut rates = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (rate, after) = rest.split_once('(').ok_or_else(malformed)?;
            let (symbols, after) = after.split_once(')').ok_or_else(malformed)?;
            rates.push(Self {
                symbols: symbols.split(',').map(|symbol| symbol.trim().to_owned()).collect(),
                rate: rate.parse().map_err(|_| malformed())?,
            });
            rest = after.trim_start();
        }
        Ok(rates)
    }
}

impl TariffLine {
    /// Rate printed for a preference symbol.
    pub fn special_rate(&self, symbol: &str) -> Option<&DutyExpression> {
        self.special
            .iter()
            .find(|special| special.symbols.iter().any(|printed| printed == symbol))
            .map(|special| &special.rate)
    }

    /// Notes the measures whose goods scope may hold the line, so that an
    /// assessment need not ask the others.
    pub(super) fn find_measures(&mut self, measures: &[Measure]) {
        self.measures = measures
            .iter()
            .enumerate()
            .filter(|(_, measure)| measure.goods.holds(&self.code) != InScope::No)
            .map(|(index, _)| index)
            .collect();
        let asked = self.measures.iter().flat_map(|index| measures[*index].asked_facts());
        self.asked_facts = asked.collect();
        self.asked_facts.sort_unstable();
        self.asked_facts.dedup();
    }

    /// Whether the line exists on a day.
    pub fn exists_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}
