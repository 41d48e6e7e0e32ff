//! Schedules: immutable revisions of the law of one or more importers.

use crate::money::{Currency, Rounding};
use crate::tariff::condition::{Certification, FactDefinition, Preference};
use crate::tariff::document::{Citation, Document};
use crate::tariff::entry::TransportMode;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::measure::{Exclusion, Measure, Programme};
use crate::tariff::quota::Quota;
use crate::tariff::region::{Region, RegionSet};
use crate::tariff::tariff_line::TariffLine;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// A revision of a schedule. Never changes: its revision is a hash of its
/// files.
#[derive(Clone, Debug)]
pub struct Schedule {
    /// Id of the schedule.
    pub id: String,
    /// Title.
    pub title: String,
    /// Start of the SHA-256 of its files.
    pub revision: Revision,
    /// Last publication day held; the default of `known_at`.
    pub as_of: Date,
    /// The law by importer.
    pub tariffs: BTreeMap<Region, Arc<Tariff>>,
}

impl Schedule {
    /// Resource name with revision: `schedules/vehicles@3f2a9c41d0b7`.
    pub fn name(&self) -> String {
        format!("schedules/{}@{}", self.id, self.revision)
    }
}

/// Twelve hexadecimal digits that identify the content of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Revision(pub(super) String);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How an importer arrives at the customs value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Valuation {
    /// International freight and insurance are outside.
    Fob,
    /// They are inside.
    Cif,
}

impl FromStr for Valuation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "FOB" => Ok(Self::Fob),
            "CIF" => Ok(Self::Cif),
            _ => Err(format!("`{text}` is not FOB or CIF")),
        }
    }
}

/// The law of one importer.
#[derive(Clone, Debug)]
pub struct Tariff {
    /// Importing customs territory.
    pub region: Region,
    /// Its name.
    pub title: String,
    /// Currency duties are paid in.
    pub currency: Currency,
    /// How the customs value is found.
    pub valuation: Valuation,
    /// Rounding of duties and taxes.
    pub duty_rounding: Rounding,
    /// Rounding of fees.
    pub fee_rounding: Rounding,
    /// First entry date held.
    pub law_from: Date,
    /// Last day verified.
    pub law_verified_to: Date,
    /// Origins inside the customs territory: goods that return are not held.
    pub domestic_origins: RegionSet,
    /// Origins that take column 2.
    pub column_2_origins: RegionSet,
    /// Place of the tariff line among the headings filed.
    pub filing_rank: u32,
    /// Official texts, by id.
    pub documents: BTreeMap<String, Arc<Document>>,
    /// Where columns and valuation are written.
    pub citations: Vec<Citation>,
    /// Headings of which every national line is held.
    pub complete_headings: Vec<GoodsCode>,
    /// First match tells the mode presumed of an origin.
    pub transport_presumptions: Vec<TransportPresumption>,
    /// Facts the law asks for.
    pub facts: Vec<FactDefinition>,
    /// Preference programmes.
    pub preferences: Vec<Preference>,
    /// Statements and approvals.
    pub certifications: Vec<Certification>,
    /// Quotas.
    pub quotas: Vec<Quota>,
    /// Programmes.
    pub programmes: Vec<Programme>,
    /// Lines, by code.
    pub lines: Vec<TariffLine>,
    /// Measures; what may switch one off comes before it.
    pub measures: Vec<Measure>,
    /// Exclusions.
    pub exclusions: Vec<Exclusion>,
    /// For each measure the exclusions that may switch it off, the uncontested
    /// first.
    pub exclusions_of: Vec<Vec<usize>>,
}

/// How goods of some origins are presumed to arrive.
#[derive(Clone, Debug)]
pub struct TransportPresumption {
    /// Origins.
    pub origins: RegionSet,
    /// Mode.
    pub mode: TransportMode,
    /// Why.
    pub because: String,
}

impl Tariff {
    /// Lines the code may mean: the one that holds it, or all beneath it.
    pub fn lines_for(&self, code: &GoodsCode, day: Date) -> Vec<usize> {
        self.lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.exists_on(day))
            .filter(|(_, line)| line.code.covers(code) || code.covers(&line.code))
            .map(|(index, _)| index)
            .collect()
    }

    /// Whether every national line of the code's heading is held.
    pub fn holds_all_of(&self, code: &GoodsCode) -> bool {
        self.complete_headings.iter().any(|heading| heading.covers(code))
    }

    /// Programme of a measure.
    pub fn programme_of(&self, measure: &Measure) -> &Programme {
        &self.programmes[measure.programme]
    }
}
