//! Measures: the provisions that charge goods or keep a charge away.

use crate::money::{Money, Rounding};
use crate::tariff::condition::{Condition, FactIndex, PreferenceIndex};
use crate::tariff::document::{Citation, Confidence, Document};
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::legal_state::LegalHistory;
use crate::tariff::measure_set::MeasureSet;
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
    /// Duty met from a credit: a negative charge.
    Credit,
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
    /// Of a tax: whether a registered trader recovers it.
    pub recoverable: bool,
    /// Whether goods made in the importer's territory bear it too.
    pub local: bool,
    /// Rounding of its amounts.
    pub rounding: Rounding,
    /// Rounding of its bases, where the law cuts them.
    pub base_rounding: Option<Rounding>,
}

/// The value a rate falls on: a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base(pub Vec<BaseTerm>);

/// A term of a base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaseTerm {
    /// The customs value.
    CustomsValue,
    /// The part a fact states, such as the US content.
    Content(FactIndex),
    /// The customs value less that part.
    CustomsValueLess(FactIndex),
    /// Every duty of the line, before credits.
    Duties,
    /// Transport inside the importer's territory to the first destination.
    InlandFreight,
    /// Every charge of a programme, as an index into the tariff's.
    Programme(usize),
}

impl Base {
    /// Whether it is the customs value and nothing else.
    pub fn is_customs_value(&self) -> bool {
        self.0 == [BaseTerm::CustomsValue]
    }

    /// Facts its terms ask for.
    fn asked_facts(&self) -> impl Iterator<Item = FactIndex> {
        self.0.iter().filter_map(|term| match term {
            BaseTerm::Content(fact) | BaseTerm::CustomsValueLess(fact) => Some(*fact),
            _ => None,
        })
    }
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GoodsScope {
    covered: Prefixes,
    excepted: Prefixes,
}

/// Code prefixes in order, none beneath another: whether one covers a code is
/// told by the nearest before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Prefixes(Vec<GoodsCode>);

impl Prefixes {
    fn of(mut codes: Vec<GoodsCode>) -> Self {
        codes.sort_unstable();
        codes.dedup_by(|later, earlier| earlier.covers(later));
        Self(codes)
    }

    fn hold(&self, code: &GoodsCode) -> InScope {
        let after = self.0.partition_point(|prefix| prefix <= code);
        if after > 0 && self.0[after - 1].covers(code) {
            InScope::Yes
        } else if self.0.get(after).is_some_and(|next| code.covers(next)) {
            InScope::NeedsMoreDigits
        } else {
            InScope::No
        }
    }
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
    /// The goods of some prefixes, less those of others.
    pub fn new(covered: Vec<GoodsCode>, excepted: Vec<GoodsCode>) -> Self {
        Self { covered: Prefixes::of(covered), excepted: Prefixes::of(excepted) }
    }

    /// Prefixes covered, in order.
    pub fn covered(&self) -> &[GoodsCode] {
        &self.covered.0
    }

    /// Prefixes taken out again, in order.
    pub fn excepted(&self) -> &[GoodsCode] {
        &self.excepted.0
    }

    /// Whether the scope holds the code.
    pub fn holds(&self, code: &GoodsCode) -> InScope {
        match (self.covered.hold(code), self.excepted.hold(code)) {
            (InScope::No, _) | (_, InScope::Yes) => InScope::No,
            (InScope::Yes, InScope::No) => InScope::Yes,
            _ => InScope::NeedsMoreDigits,
        }
    }

    /// Whether all goods beneath a code that this scope holds another holds too, as far as the
    /// lists tell.
    pub fn within(&self, other: &Self, code: &GoodsCode) -> bool {
        let beneath = || self.covered.0.iter().filter(|held| code.covers(held));
        let same = self.covered() == other.covered() && self.excepted() == other.excepted();
        let whole = self.covered.hold(code) == InScope::Yes;
        same || if whole {
            other.holds(code) == InScope::Yes
        } else {
            beneath().all(|held| other.holds(held) == InScope::Yes)
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
        self.conditions.iter().filter_map(Condition::fact).chain(self.base.asked_facts())
    }
}

/// A directed, dated exclusion: where one of `by` applies, none of the measures
/// that list it is charged. Carries both "except as provided for in heading X"
/// and "goods of heading X shall not be subject to Y".
#[derive(Clone, Debug)]
pub struct Exclusion {
    /// Id; where contested, that of the question.
    pub id: String,
    /// Measures that switch off where they apply.
    pub by: MeasureSet,
    /// Preferences that switch off where they are properly claimed.
    pub by_preferences: Vec<PreferenceIndex>,
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
    /// Its place among the headings filed: that of the programme it keeps away.
    pub filing_rank: u32,
    /// Where it is written.
    pub citations: Vec<Citation>,
    /// How well it is attested.
    pub confidence: Confidence,
    /// Remark; may be empty.
    pub note: String,
}

impl Exclusion {
    /// The remark, where everything it is written with in mind was out.
    pub fn known_note(&self, known_at: Date) -> &str {
        let out = |citation: &Citation| citation.document.published <= known_at;
        if self.citations.iter().all(out) { &self.note } else { "" }
    }

    /// Whether it holds on a day by what was known on another.
    pub fn holds(&self, day: Date, known_at: Date) -> bool {
        self.document.published <= known_at && self.from <= day && self.to.is_none_or(|to| day < to)
    }
}
