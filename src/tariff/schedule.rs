//! Schedules: immutable revisions of the law of one or more importers.

use crate::money::{Currency, Rounding};
use crate::tariff::condition::{Certification, Condition, FactDefinition, Preference};
use crate::tariff::credit::Credit;
use crate::tariff::document::{Citation, Document};
use crate::tariff::entry::TransportMode;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::measure::{Exclusion, Measure, MeasureIndex, Programme};
use crate::tariff::measure_set::MeasureSet;
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
    /// Resource name with revision: `schedules/vehicles@3f2a9c41d0b7`.
    pub name: String,
}

impl Schedule {
    /// The law goods imported into a region fall under: its own, or that of
    /// the customs union it is a member of.
    pub fn tariff_of(&self, importer: Region) -> Option<&Arc<Tariff>> {
        let union = || self.tariffs.values().find(|tariff| tariff.members.contains(importer));
        self.tariffs.get(&importer).or_else(union)
    }
}

/// Twelve hexadecimal digits that identify the content of a schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Revision(pub(super) [u8; 6]);

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
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
    /// A remark on what is held of its law, told with every answer; may be
    /// empty.
    pub remark: String,
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
    /// Members of the customs union, where the importer is one: goods are
    /// imported into one of them.
    pub members: RegionSet,
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
    /// Credits.
    pub credits: Vec<Credit>,
    /// Programmes.
    pub programmes: Vec<Programme>,
    /// Lines, by code.
    pub lines: Vec<TariffLine>,
    /// Numbers of digits the lines' codes have.
    pub line_lengths: Vec<u8>,
    /// Measures; what may switch one off comes before it.
    pub measures: Vec<Measure>,
    /// Exclusions.
    pub exclusions: Vec<Exclusion>,
    /// For each measure the exclusions that may switch it off, the uncontested
    /// first.
    pub exclusions_of: Vec<Vec<usize>>,
    /// For each origin the measures whose origins hold it.
    pub measures_by_origin: OriginMeasures,
    /// Days on which the law of some entry date changes, in order.
    pub law_days: Vec<Date>,
    /// Days on which some document came out, in order.
    pub publication_days: Vec<Date>,
}

/// For each origin the measures whose origins hold it. Most origins are alike
/// to the law: few sets serve them all.
#[derive(Clone, Debug)]
pub struct OriginMeasures {
    kinds: Vec<u16>,
    sets: Vec<MeasureSet>,
}

impl OriginMeasures {
    /// Sorts the origins by the measures that hold them.
    pub(super) fn of(measures: &[Measure]) -> Self {
        let mut kinds = vec![0; Region::PLACES];
        let mut sets: Vec<MeasureSet> = Vec::new();
        for (place, kind) in kinds.iter_mut().enumerate() {
            let set = MeasureSet::of(measures.len(), |index| {
                measures[index].origins.contains(Region::at(place))
            });
            let known = sets.iter().position(|known| *known == set).unwrap_or(sets.len());
            if known == sets.len() {
                sets.push(set);
            }
            *kind = u16::try_from(known).unwrap_or_default();
        }
        Self { kinds, sets }
    }

    /// The measures whose origins hold the region.
    pub fn holding(&self, origin: Region) -> &MeasureSet {
        &self.sets[usize::from(self.kinds[origin.place()])]
    }

    /// One region of each kind: origins alike to every measure.
    pub fn representatives(&self) -> Vec<Region> {
        let first = |kind: usize| {
            self.kinds.iter().position(|known| usize::from(*known) == kind).map(Region::at)
        };
        (0..self.sets.len()).filter_map(first).collect()
    }
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
    /// Lines the code may mean on a day, by what was known: the one that holds
    /// it, or all beneath it. Of several rows of a line the last published
    /// counts; where none was out yet, the first that was.
    pub fn lines_for(&self, code: &GoodsCode, day: Date, known_at: Date) -> Vec<usize> {
        let mut found = Vec::new();
        let first = |code: &GoodsCode| self.lines.partition_point(|line| line.code < *code);
        for length in self.line_lengths.iter().filter(|length| **length < code.length()) {
            let shorter = code.cut(*length);
            self.rows_of(&shorter, first(&shorter), (day, known_at), &mut found);
        }
        let mut next = first(code);
        while let Some(line) = self.lines.get(next).filter(|line| code.covers(&line.code)) {
            next = self.rows_of(&line.code, next, (day, known_at), &mut found);
        }
        found
    }

    /// Adds the row of a code that counts, of those that begin at a place, and
    /// tells where they end.
    fn rows_of(
        &self,
        code: &GoodsCode,
        from: usize,
        (day, known_at): (Date, Date),
        found: &mut Vec<usize>,
    ) -> usize {
        let rows = self.lines[from..].iter().take_while(|line| line.code == *code).enumerate();
        let published = |line: &TariffLine| line.document.as_ref().map(|known| known.published);
        let mut end = from;
        let mut best: Option<(usize, &TariffLine)> = None;
        for (place, line) in rows {
            end = from + place + 1;
            if !line.exists_on(day) {
                continue;
            }
            let better = best.is_none_or(|(_, held)| {
                match (held.known_by(known_at), line.known_by(known_at)) {
                    (true, true) => published(line) >= published(held),
                    (false, false) => published(line) < published(held),
                    (held_known, _) => !held_known,
                }
            });
            if better {
                best = Some((from + place, line));
            }
        }
        found.extend(best.map(|(index, _)| index));
        end
    }

    /// Whether every national line of the code's heading is held.
    pub fn holds_all_of(&self, code: &GoodsCode) -> bool {
        self.complete_headings.iter().any(|heading| heading.covers(code))
    }

    /// How goods of an origin are presumed to arrive.
    pub fn transport_presumption(&self, origin: Region) -> Option<&TransportPresumption> {
        self.transport_presumptions.iter().find(|presumed| presumed.origins.contains(origin))
    }

    /// Measures that an exclusion, by its place, may switch off.
    pub fn excluded_by(&self, exclusion: usize) -> impl Iterator<Item = MeasureIndex> + '_ {
        let all = self.exclusions_of.iter().enumerate();
        all.filter(move |(_, by)| by.contains(&exclusion)).map(|(measure, _)| measure)
    }

    /// Days on which a condition of some measure turns, whatever the law.
    pub fn condition_days(&self) -> impl Iterator<Item = Date> + '_ {
        let conditions = self.measures.iter().flat_map(|measure| &measure.conditions);
        conditions.filter_map(|condition| match condition {
            Condition::Before(_, day) | Condition::From(_, day) => Some(*day),
            _ => None,
        })
    }

    /// Programme of a measure.
    pub fn programme_of(&self, measure: &Measure) -> &Programme {
        &self.programmes[measure.programme]
    }
}
