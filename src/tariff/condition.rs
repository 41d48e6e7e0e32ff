//! Conditions of provisions: typed, three-valued questions about a line.

use crate::money::{Money, Rate};
use crate::tariff::document::{Citation, Confidence};
use crate::tariff::entry::TransportMode;
use crate::tariff::region::RegionSet;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::str::FromStr;

/// Index of a fact in its tariff.
pub type FactIndex = usize;
/// Index of a preference in its tariff.
pub type PreferenceIndex = usize;
/// Index of a certification in its tariff.
pub type CertificationIndex = usize;
/// Index of a quota in its tariff.
pub type QuotaIndex = usize;

/// What must hold for a measure to apply.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// The preference is claimed and the origin is eligible.
    Preference(PreferenceIndex),
    /// The importer makes the statement or holds the approval.
    Certification(CertificationIndex),
    /// The goods are entered within the quota.
    WithinQuota(QuotaIndex),
    /// A yes-or-no fact has the value.
    Truth(FactIndex, bool),
    /// The year of entry less the year stated is at least this.
    YearsBeforeEntry(FactIndex, i32),
    /// A number is at least this.
    AtLeast(FactIndex, Decimal),
    /// A number is below this.
    Below(FactIndex, Decimal),
    /// The tariff line's own duty, as a share of the customs value, is at
    /// least this.
    ColumnRateAtLeast(Rate, ComparedColumn),
    /// The tariff line's own duty, as a share of the customs value, is below
    /// this.
    ColumnRateBelow(Rate, ComparedColumn),
    /// The goods arrive by one of these.
    Transport(Vec<TransportMode>),
    /// A date is before this day.
    Before(FactIndex, Date),
    /// A date is this day or later.
    From(FactIndex, Date),
    /// A number is more than this.
    Over(FactIndex, Decimal),
    /// A number is at most this.
    UpTo(FactIndex, Decimal),
    /// The customs value of one article is more than this.
    ValuePerArticleOver(Money),
    /// The customs value of one article is at most this.
    ValuePerArticleUpTo(Money),
    /// The goods are imported into one of these members of the union.
    Destination(RegionSet),
}

impl Condition {
    /// The fact it asks for, where it asks for one.
    pub(super) fn fact(&self) -> Option<FactIndex> {
        match self {
            Self::Truth(fact, _)
            | Self::YearsBeforeEntry(fact, _)
            | Self::AtLeast(fact, _)
            | Self::Below(fact, _)
            | Self::Over(fact, _)
            | Self::UpTo(fact, _)
            | Self::Before(fact, _)
            | Self::From(fact, _) => Some(*fact),
            Self::Preference(_)
            | Self::Certification(_)
            | Self::WithinQuota(_)
            | Self::ColumnRateAtLeast(..)
            | Self::ColumnRateBelow(..)
            | Self::ValuePerArticleOver(_)
            | Self::ValuePerArticleUpTo(_)
            | Self::Destination(_)
            | Self::Transport(_) => None,
        }
    }
}

/// Which column's duty a cap compares with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ComparedColumn {
    /// Column 1 general, whatever is claimed.
    General,
    /// The column applied: special where properly claimed.
    Applied,
}

/// A fact about goods that the law asks for.
#[derive(Clone, Debug)]
pub struct FactDefinition {
    /// Id in the schedule.
    pub id: String,
    /// Kind of value.
    pub kind: FactKind,
    /// The question in words.
    pub question: String,
    /// Value used where the request is silent, and why.
    pub presumption: Option<FactPresumption>,
    /// Values tried where the request is silent and nothing is presumed; used
    /// for numbers only.
    pub candidates: Vec<Decimal>,
}

/// Kinds of facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// Yes or no.
    Truth,
    /// A calendar year.
    Year,
    /// A number.
    Number,
    /// A part of the customs value.
    Content,
    /// A day.
    Date,
}

impl FromStr for FactKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "truth" => Ok(Self::Truth),
            "year" => Ok(Self::Year),
            "number" => Ok(Self::Number),
            "content" => Ok(Self::Content),
            "date" => Ok(Self::Date),
            _ => Err(format!("`{text}` is not truth, year, number, content or date")),
        }
    }
}

/// What is presumed of a fact.
#[derive(Clone, Debug)]
pub struct FactPresumption {
    /// The value.
    pub value: PresumedValue,
    /// Why.
    pub because: String,
}

/// A value presumed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PresumedValue {
    /// Yes or no.
    Truth(bool),
    /// A number or year.
    Number(Decimal),
    /// A content, as a share of the customs value.
    Share(Rate),
    /// The year of entry.
    EntryYear,
    /// The day of entry.
    EntryDate,
}

/// A preference programme, claimed by its symbol.
#[derive(Clone, Debug)]
pub struct Preference {
    /// Symbol as the special column prints it.
    pub symbol: String,
    /// Name.
    pub title: String,
    /// Eligible origins; none where the schedule does not hold them.
    pub origins: Option<RegionSet>,
    /// What the importer must hold.
    pub evidence: String,
    /// Where it is written.
    pub citations: Vec<Citation>,
    /// How well it is attested.
    pub confidence: Confidence,
}

/// A statement an importer makes or an approval it holds.
#[derive(Clone, Debug)]
pub struct Certification {
    /// Id in the schedule.
    pub id: String,
    /// Title.
    pub title: String,
    /// What the importer must hold.
    pub evidence: String,
}
