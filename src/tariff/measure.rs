//! Measures: the provisions that charge goods or keep a charge away.

use crate::money::Money;
use crate::tariff::condition::{Condition, FactIndex};
use crate::tariff::document::{Citation, Confidence, Document};
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::legal_state::LegalHistory;
use crate::tariff::region::RegionSet;
use jiff::civil::Date;
use std::str::FromStr;
use std::sync::Arc;

/// Index of a measure in its tariff, in evaluation order: what may switch a
/// measure off comes before it.
pub type MeasureIndex = usize;

/// What kind of charge a programme makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChargeKind {
    /// Customs duty, ordinary or additional.
    Duty,
    /// Fee for a customs or port service.
    Fee,
    /// Internal tax collected at import.
    Tax,
}

impl FromStr for ChargeKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "duty" => Ok(Self::Duty),
            "fee" => Ok(Self::Fee),
            "tax" => Ok(Self::Tax),
            _ => Err(format!("`{text}` is not duty, fee or tax")),
        }
    }
}

/// Measures of one legal authority.
#[derive(Clone, Debug)]
pub struct Programme {
    /// Id in the schedule.
    pub id: String,
    /// Title.
    pub title: String,
    /// Statute or order it rests on.
    pub authority: String,
    /// Kind of charge.
    pub kind: ChargeKind,
    /// Place among the headings filed; lower is filed first.
    pub filing_rank: u32,
}

/// The value, or part of it, a rate falls on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// The customs value.
    CustomsValue,
    /// The part a fact states, such as the US content.
    Content(FactIndex),
    /// The customs value less that part.
    CustomsValueLess(FactIndex),
}

/// On what a measure is charged.
#[derive(Clone, Debug)]
pub enum ChargedPer {
    /// Each line on its own.
    Line,
    /// The entry as a whole, within bounds.
    Entry {
        /// Least charge.
        minimum: Option<Money>,
        /// Greatest charge.
        maximum: Option<Money>,
    },
}

/// Goods a measure covers, by code prefix.
#[derive(Clone, Debug, Default)]
pub struct GoodsScope {
    /// Prefixes covered.
    pub covered: Vec<GoodsCode>,
    /// Prefixes taken out again.
    pub excepted: Vec<GoodsCode>,
}

/// Whether a scope holds a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InScope {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// It depends on digits the code does not have.
    NeedsMoreDigits,
}

impl GoodsScope {
    /// Whether the scope holds the code.
    pub fn holds(&self, code: &GoodsCode) -> InScope {
        let within = |prefixes: &[GoodsCode]| {
            if prefixes.iter().any(|prefix| prefix.covers(code)) {
                InScope::Yes
            } else if prefixes.iter().any(|prefix| code.covers(prefix)) {
                InScope::NeedsMoreDigits
            } else {
                InScope::No
            }
        };
        match (within(&self.covered), within(&self.excepted)) {
            (InScope::No, _) | (_, InScope::Yes) => InScope::No,
            (InScope::Yes, InScope::No) => InScope::Yes,
            _ => InScope::NeedsMoreDigits,
        }
    }
}

/// A provision that charges goods, or one whose part is to switch others off.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Id in the schedule.
    pub id: String,
    /// Heading or class code filed.
    pub heading: String,
    /// Its programme, as an index into the tariff's.
    pub programme: usize,
    /// Title.
    pub title: String,
    /// Rate.
    pub rate: DutyExpression,
    /// What the rate falls on.
    pub base: Base,
    /// Goods covered.
    pub goods: GoodsScope,
    /// Origins covered.
    pub origins: RegionSet,
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// On what it is charged.
    pub per: ChargedPer,
    /// Its states over time.
    pub history: LegalHistory,
    /// Where it is written.
    pub citations: Vec<Citation>,
    /// How well the rate is attested.
    pub confidence: Confidence,
    /// Remark shown with it; may be empty.
    pub note: String,
}

impl Measure {
    /// The remark, where everything the schedule holds of the measure was out
    /// by `known_at`: it is written with all of that in mind.
    pub fn known_note(&self, known_at: Date) -> &str {
        let out = |document: &Document| document.published <= known_at;
        let periods = self.history.periods().iter().all(|period| out(&period.document));
        let written = self.citations.iter().all(|citation| out(&citation.document));
        if periods && written { &self.note } else { "" }
    }

    /// Facts its conditions and base ask for.
    pub(super) fn asked_facts(&self) -> impl Iterator<Item = FactIndex> {
        let base = match self.base {
            Base::CustomsValue => None,
            Base::Content(fact) | Base::CustomsValueLess(fact) => Some(fact),
        };
        self.conditions.iter().filter_map(Condition::fact).chain(base)
    }
}

/// What switches a measure off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excluder {
    /// A measure that applies.
    Measure(MeasureIndex),
    /// A preference properly claimed.
    Preference(usize),
}

/// A directed, dated exclusion: where one of `by` applies, none of the measures
/// that list it is charged. Carries both "except as provided for in heading X"
/// and "goods of heading X shall not be subject to Y".
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// Id; where contested, that of the question.
    pub id: String,
    /// What switches off.
    pub by: Vec<Excluder>,
    /// First day.
    pub from: Date,
    /// First day it no longer holds.
    pub to: Option<Date>,
    /// Whether sources disagree on it.
    pub contested: bool,
    /// Its publication is when it became known.
    pub document: Arc<Document>,
    /// Heading filed to say that the other duty is not due; may be empty.
    pub filed_as: String,
    /// Where it is written.
    pub citations: Vec<Citation>,
    /// How well it is attested.
    pub confidence: Confidence,
    /// Remark; may be empty.
    pub note: String,
}

impl Exclusion {
    /// Whether it holds on a day by what was known on another.
    pub fn holds(&self, day: Date, known_at: Date) -> bool {
        self.document.published <= known_at && self.from <= day && self.to.is_none_or(|to| day < to)
    }
}
