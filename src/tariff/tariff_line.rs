//! Lines of the national tariff: the columns a rate is chosen from.

use crate::tariff::document::{Citation, Confidence, Document};
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::measure::{InScope, Measure};
use crate::tariff::measure_set::MeasureSet;
use crate::tariff::quantity::Unit;
use jiff::civil::Date;
use std::sync::Arc;

/// A line of the national tariff, as one document gives it.
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
    /// Column 1 general as schedules write it, kept: most answers tell it.
    pub general_text: String,
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
    /// What made the row known; none where it always was.
    pub document: Option<Arc<Document>>,
    /// Where it is written.
    pub citations: Vec<Citation>,
    /// How well it is attested.
    pub confidence: Confidence,
    /// Measures that concern the line.
    pub measures: Arc<LineMeasures>,
    /// Whether all law beside the columns that concerns the line is held. Where
    /// not, what is held is told and the line is UNDETERMINED.
    pub law_held: bool,
}

/// Measures that concern a line, whatever the origin and the day. Lines alike
/// to every measure share one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineMeasures {
    /// Measures whose goods scope holds the line, or may.
    pub all: MeasureSet,
    /// Those of which further digits decide.
    pub unsure: MeasureSet,
}

impl LineMeasures {
    /// The measures that concern a code.
    pub(super) fn of(code: &GoodsCode, measures: &[Measure]) -> Self {
        let mut found = Self {
            all: MeasureSet::none_of(measures.len()),
            unsure: MeasureSet::none_of(measures.len()),
        };
        for (index, measure) in measures.iter().enumerate() {
            match measure.goods.holds(code) {
                InScope::No => continue,
                InScope::Yes => {}
                InScope::NeedsMoreDigits => found.unsure.insert(index),
            }
            found.all.insert(index);
        }
        found
    }
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

    /// Whether the row was known: by itself, or by its document.
    pub fn known_by(&self, known_at: Date) -> bool {
        self.document.as_ref().is_none_or(|document| document.published <= known_at)
    }

    /// Whether the line exists on a day.
    pub fn exists_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}
