//! Builds a [`Tariff`] from the tables of its files.

use super::credits::credit;
use super::exclusions::ordered;
use super::lines::{fact, line, preference, quota};
use super::load::ScheduleFault;
use super::measures::measure;
use super::names::{Faults, Names};
use super::tables::{
    ImporterFile, Named, RawCertification, RawExclusion, RawImporter, RawProgramme,
};
use crate::money::Rounding;
use crate::tariff::condition::Certification;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::measure::{ChargeKind, Exclusion, Measure, Programme};
use crate::tariff::measure_set::MeasureSet;
use crate::tariff::schedule::{OriginMeasures, Tariff, TransportPresumption};
use crate::tariff::tariff_line::{LineMeasures, TariffLine};
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Iterates over one kind of table in all files, telling the faults where.
macro_rules! tables {
    ($files:expr, $kind:ident) => {
        $files
            .iter()
            .flat_map(|(file, tables)| tables.$kind.iter().map(move |table| (file.as_str(), table)))
    };
}

pub(super) use tables;

/// Gathers the files of one importer.
#[derive(Default)]
pub(super) struct TariffBuilder {
    files: Vec<(String, ImporterFile)>,
}

impl TariffBuilder {
    pub fn add(&mut self, name: String, file: ImporterFile) {
        self.files.push((name, file));
    }

    /// Resolves everything.
    ///
    /// # Errors
    /// Every fault found, at least one.
    pub fn build(self) -> Result<Tariff, Vec<ScheduleFault>> {
        let mut names = Names::default();
        let mut faults = Faults::default();
        names.gather(&self.files, &mut faults);
        let tariff = tariff(&self.files, &names, &mut faults);
        match tariff {
            Some(tariff) if faults.list.is_empty() => Ok(tariff),
            _ => Err(faults.list),
        }
    }
}

/// Reads every table of a kind, telling the faults where each stands.
fn read<'a, R: Named + 'a, T>(
    tables: impl Iterator<Item = (&'a str, &'a R)>,
    faults: &mut Faults,
    one: impl Fn(&'a R, &mut Faults) -> Option<T>,
) -> Vec<T> {
    tables
        .filter_map(|(file, raw)| {
            faults.within(file, raw.name());
            one(raw, faults)
        })
        .collect()
}

fn programme(
    raw: &RawProgramme,
    (duty, fee): (Option<Rounding>, Option<Rounding>),
    faults: &mut Faults,
) -> Option<Programme> {
    let kind = faults.parse("kind", &raw.kind)?;
    if (kind == ChargeKind::Tax) != raw.recoverable.is_some() {
        faults.push("recoverable: said of every tax, and of nothing else");
    }
    let mut rounding = |key: &str, text: Option<&String>| -> Option<Rounding> {
        text.and_then(|text| faults.parse(key, text))
    };
    let own = rounding("rounding", raw.rounding.as_ref());
    let base_rounding = rounding("base_rounding", raw.base_rounding.as_ref());
    Some(Programme {
        id: raw.id.clone(),
        title: raw.title.clone(),
        authority: raw.authority.clone(),
        kind,
        filing_rank: raw.filing_rank,
        recoverable: raw.recoverable.unwrap_or_default(),
        local: raw.local,
        rounding: own.or(if kind == ChargeKind::Fee { fee } else { duty })?,
        base_rounding,
    })
}

fn tariff(files: &[(String, ImporterFile)], names: &Names, faults: &mut Faults) -> Option<Tariff> {
    let importers: Vec<(&str, &RawImporter)> = files
        .iter()
        .filter_map(|(file, tables)| Some((file.as_str(), tables.importer.as_ref()?)))
        .collect();
    let first_file = files.first().map_or("", |(file, _)| file.as_str());
    let [(file, raw)] = importers.as_slice() else {
        faults.within(first_file, "importer");
        faults.push(format!("one [importer] table is needed, {} found", importers.len()));
        return None;
    };
    faults.within(file, "importer");
    let region = faults.parse("region", &raw.region);
    let currency = faults.parse("currency", &raw.currency);
    let valuation = faults.parse("customs_value", &raw.customs_value);
    let duty_rounding = faults.parse("duty_rounding", &raw.duty_rounding);
    let fee_rounding = faults.parse("fee_rounding", &raw.fee_rounding);
    let law_from = faults.parse("law_from", &raw.law_from);
    let law_verified_to = faults.parse("law_verified_to", &raw.law_verified_to);
    let column_2 = Vec::from_iter(raw.column_2.clone());
    let column_2_origins = names.regions("column_2", &column_2, faults);
    let domestic_origins = names.regions("domestic", &raw.domestic, faults);
    let members = names.regions("members", &raw.members, faults);
    let citations = names.citations(&raw.cite, faults);

    let (complete_headings, open_headings) = headings(files, names, faults);
    let transport_presumptions =
        read(tables!(files, transport_presumption), faults, |presumed, faults| {
            Some(TransportPresumption {
                origins: names.regions("origins", &presumed.origins, faults),
                mode: faults.parse("mode", &presumed.mode)?,
                because: presumed.because.clone(),
            })
        });
    let facts = read(tables!(files, fact), faults, |raw, faults| fact(raw, names, faults));
    let preferences =
        read(tables!(files, preference), faults, |raw, faults| preference(raw, names, faults));
    let certifications = read(tables!(files, certification), faults, |raw, _| {
        let RawCertification { id, title, evidence, cite: _ } = raw;
        Some(Certification { id: id.clone(), title: title.clone(), evidence: evidence.clone() })
    });
    let quotas = read(tables!(files, quota), faults, |raw, faults| quota(raw, names, faults));
    let programmes = read(tables!(files, programme), faults, |raw, faults| {
        programme(raw, (duty_rounding, fee_rounding), faults)
    });
    let mut lines = lines(files, names, faults);
    let currency = currency?;
    let unordered =
        read(tables!(files, measure), faults, |raw, faults| measure(raw, currency, names, faults));
    if !faults.list.is_empty() {
        // Exclusions refer to measures by place: with one missing they would
        // all be misread.
        return None;
    }
    let raw_exclusions: Vec<(&str, &RawExclusion)> = tables!(files, exclusion).collect();
    let (measures, exclusions, exclusions_of) =
        ordered(unordered, &programmes, &raw_exclusions, names, faults)?;
    let credits = read(tables!(files, credit), faults, |raw, faults| {
        credit(raw, (&measures, &programmes), names, faults)
    });
    find_law(&mut lines, &measures, &open_headings);
    let line_lengths: BTreeSet<u8> = lines.iter().map(|line| line.code.length()).collect();
    Some(Tariff {
        region: region?,
        title: raw.title.clone(),
        currency,
        valuation: valuation?,
        duty_rounding: duty_rounding?,
        fee_rounding: fee_rounding?,
        law_from: law_from?,
        law_verified_to: law_verified_to?,
        column_2_origins,
        domestic_origins,
        filing_rank: raw.filing_rank,
        law_days: law_days(&lines, &measures, &exclusions),
        publication_days: ordered_days(names.documents.values().map(|known| known.published)),
        measures_by_origin: OriginMeasures::of(&measures),
        members,
        remark: raw.remark.clone(),
        credits,
        line_lengths: line_lengths.into_iter().collect(),
        documents: names.documents.clone(),
        citations,
        complete_headings,
        transport_presumptions,
        facts,
        preferences,
        certifications,
        quotas,
        programmes,
        lines,
        measures,
        exclusions,
        exclusions_of,
    })
}

/// Headings of which every national line is held, and those of which not all
/// law beside the columns is.
fn headings(
    files: &[(String, ImporterFile)],
    names: &Names,
    faults: &mut Faults,
) -> (Vec<GoodsCode>, Vec<GoodsCode>) {
    let headings = read(tables!(files, heading), faults, |heading, faults| {
        names.citations(&heading.cite, faults);
        let code = faults.check("code", GoodsCode::prefix(&heading.code));
        code.map(|code| (code, heading.complete, heading.law_held))
    });
    let complete = headings.iter().filter(|(_, complete, _)| *complete);
    let open = headings.iter().filter(|(_, _, held)| !held);
    (complete.map(|(code, _, _)| *code).collect(), open.map(|(code, _, _)| *code).collect())
}

/// The lines, by code and first day.
fn lines(files: &[(String, ImporterFile)], names: &Names, faults: &mut Faults) -> Vec<TariffLine> {
    let mut lines = Vec::new();
    for (file, tables) in files {
        let rows = tables.line.iter().map(|row| (file.as_str(), row));
        let defaults = &tables.line_defaults;
        lines.extend(read(rows, faults, |raw, faults| line(raw, defaults, names, faults)));
    }
    lines.sort_by_key(|line| (line.code, line.from));
    rows_of_one_line(&lines, faults);
    lines
}

/// Two rows of one line may cover a day only where a later document changes
/// an earlier one.
fn rows_of_one_line(lines: &[TariffLine], faults: &mut Faults) {
    for (place, line) in lines.iter().enumerate() {
        let published = |row: &TariffLine| row.document.as_ref().map(|known| known.published);
        let others = lines[place + 1..].iter().take_while(|other| other.code == line.code);
        for other in others.filter(|other| line.to.is_none_or(|to| other.from < to)) {
            if published(line) == published(other) {
                faults.within("", format!("line {}", line.code));
                faults.push(format!(
                    "the rows from {} and from {} cover the same days, and neither is the later \
                     document's",
                    line.from, other.from
                ));
            }
        }
    }
}

/// Notes for each line the measures that concern it, lines alike sharing them,
/// and whether they are all there are.
fn find_law(lines: &mut [TariffLine], measures: &[Measure], open_headings: &[GoodsCode]) {
    let mut known: HashMap<(MeasureSet, MeasureSet), Arc<LineMeasures>> = HashMap::new();
    for line in lines {
        let found = LineMeasures::of(&line.code, measures);
        let key = (found.all.clone(), found.unsure.clone());
        line.measures = known.entry(key).or_insert_with(|| Arc::new(found)).clone();
        line.law_held = !open_headings.iter().any(|heading| heading.covers(&line.code));
    }
}

/// Days on which the law of some entry date changes.
fn law_days(lines: &[TariffLine], measures: &[Measure], exclusions: &[Exclusion]) -> Vec<Date> {
    let of_lines = lines.iter().flat_map(|line| [Some(line.from), line.to]);
    let periods = measures.iter().flat_map(|measure| measure.history.periods());
    let of_measures = periods.flat_map(|period| [Some(period.from), period.to]);
    let of_exclusions = exclusions.iter().flat_map(|held| [Some(held.from), held.to]);
    ordered_days(of_lines.chain(of_measures).chain(of_exclusions).flatten())
}

fn ordered_days(days: impl Iterator<Item = Date>) -> Vec<Date> {
    days.collect::<BTreeSet<_>>().into_iter().collect()
}
