//! Builds a [`Tariff`] from the tables of its files.

use super::exclusions::ordered;
use super::lines::{fact, line, preference, quota};
use super::load::ScheduleFault;
use super::measures::measure;
use super::names::{Faults, Names};
use super::tables::{
    ImporterFile, Named, RawCertification, RawExclusion, RawImporter, RawProgramme,
};
use crate::tariff::condition::Certification;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::measure::Programme;
use crate::tariff::schedule::{Tariff, TransportPresumption};

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

fn programme(raw: &RawProgramme, faults: &mut Faults) -> Option<Programme> {
    Some(Programme {
        id: raw.id.clone(),
        title: raw.title.clone(),
        authority: raw.authority.clone(),
        kind: faults.parse("kind", &raw.kind)?,
        filing_rank: raw.filing_rank,
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
    let citations = names.citations(&raw.cite, faults);

    let complete_headings = read(tables!(files, heading), faults, |heading, faults| {
        names.citations(&heading.cite, faults);
        let code = faults.check("code", GoodsCode::prefix(&heading.code));
        code.filter(|_| heading.complete)
    });
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
    let programmes = read(tables!(files, programme), faults, programme);
    let mut lines = read(tables!(files, line), faults, |raw, faults| line(raw, names, faults));
    lines.sort_by_key(|line| line.code);
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
    for line in &mut lines {
        line.find_measures(&measures);
    }
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
