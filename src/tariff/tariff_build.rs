//! Builds a [`Tariff`] from the tables of its files.

use crate::money::{Currency, Money};
use crate::tariff::condition::{
    Certification, ComparedColumn, Condition, FactDefinition, FactKind, FactPresumption,
    Preference, PresumedValue,
};
use crate::tariff::document::{Citation, Confidence, Document};
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::entry::TransportMode;
use crate::tariff::evaluation_order::evaluation_order;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::legal_state::{LegalHistory, LegalState, StatePeriod};
use crate::tariff::measure::{
    Base, ChargeKind, ChargedPer, Excluder, Exclusion, GoodsScope, InScope, Measure, Programme,
};
use crate::tariff::quota::{Quota, QuotaPeriod};
use crate::tariff::region::{Region, RegionSet};
use crate::tariff::schedule::{Tariff, TransportPresumption, Valuation};
use crate::tariff::schedule_file::{
    ImporterFile, RawCondition, RawExclusion, RawFact, RawImporter, RawLine, RawMeasure,
    RawPreference, RawQuota, RawStatus,
};
use crate::tariff::schedule_load::ScheduleFault;
use crate::tariff::tariff_line::{SpecialRate, TariffLine};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Display;
use std::str::FromStr;
use std::sync::Arc;

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

/// Faults, each with the table it was found in.
#[derive(Default)]
struct Faults {
    file: String,
    item: String,
    list: Vec<ScheduleFault>,
}

impl Faults {
    fn within(&mut self, file: &str, item: impl Display) {
        file.clone_into(&mut self.file);
        self.item = item.to_string();
    }

    fn push(&mut self, message: impl Display) {
        self.list.push(ScheduleFault {
            file: self.file.clone(),
            item: self.item.clone(),
            message: message.to_string(),
        });
    }

    fn check<T, E: Display>(&mut self, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.push(format!("{key}: {error}"))).ok()
    }

    fn parse<T: FromStr<Err: Display>>(&mut self, key: &str, text: &str) -> Option<T> {
        self.check(key, text.parse())
    }

    fn found<T>(&mut self, key: &str, id: &str, found: Option<T>) -> Option<T> {
        if found.is_none() {
            self.push(format!("{key}: `{id}` is not defined"));
        }
        found
    }
}

/// What tables refer to by id.
#[derive(Default)]
struct Names {
    documents: BTreeMap<String, Arc<Document>>,
    areas: HashMap<String, RegionSet>,
    goods_lists: HashMap<String, Vec<GoodsCode>>,
    programmes: HashMap<String, usize>,
    preferences: HashMap<String, usize>,
    certifications: HashMap<String, usize>,
    facts: HashMap<String, (usize, FactKind)>,
    quotas: HashMap<String, usize>,
}

/// Iterates over one kind of table in all files, telling the faults where.
macro_rules! tables {
    ($files:expr, $kind:ident) => {
        $files
            .iter()
            .flat_map(|(file, tables)| tables.$kind.iter().map(move |table| (file.as_str(), table)))
    };
}

impl Names {
    fn gather(&mut self, files: &[(String, ImporterFile)], faults: &mut Faults) {
        let mut seen = BTreeSet::new();
        let mut once = |faults: &mut Faults, kind: &'static str, id: &str| {
            if !seen.insert((kind, id.to_owned())) {
                faults.push("the id is taken already");
            }
        };
        for (file, raw) in tables!(files, document) {
            faults.within(file, format!("document {}", raw.id));
            once(faults, "document", &raw.id);
            if let Some(published) = faults.parse("published", &raw.published) {
                self.documents.insert(
                    raw.id.clone(),
                    Arc::new(Document {
                        id: raw.id.clone(),
                        title: raw.title.clone(),
                        citation: raw.citation.clone(),
                        published,
                    }),
                );
            }
        }
        for (file, raw) in tables!(files, area) {
            faults.within(file, format!("area {} ({})", raw.id, raw.title));
            once(faults, "area", &raw.id);
            let regions = self.regions("regions", &raw.regions, faults);
            self.areas.insert(raw.id.clone(), regions);
            self.citations(&raw.cite, faults);
        }
        for (file, raw) in tables!(files, goods_list) {
            faults.within(file, format!("goods_list {} ({})", raw.id, raw.title));
            once(faults, "goods_list", &raw.id);
            let codes = self.goods("codes", &raw.codes, faults);
            self.goods_lists.insert(raw.id.clone(), codes);
            self.citations(&raw.cite, faults);
        }
        for (index, (file, raw)) in tables!(files, programme).enumerate() {
            faults.within(file, format!("programme {}", raw.id));
            once(faults, "programme", &raw.id);
            self.programmes.insert(raw.id.clone(), index);
        }
        for (index, (file, raw)) in tables!(files, preference).enumerate() {
            faults.within(file, format!("preference {}", raw.symbol));
            once(faults, "preference", &raw.symbol);
            self.preferences.insert(raw.symbol.clone(), index);
        }
        for (index, (file, raw)) in tables!(files, certification).enumerate() {
            faults.within(file, format!("certification {}", raw.id));
            once(faults, "certification", &raw.id);
            self.certifications.insert(raw.id.clone(), index);
            self.citations(&raw.cite, faults);
        }
        for (index, (file, raw)) in tables!(files, fact).enumerate() {
            faults.within(file, format!("fact {}", raw.id));
            once(faults, "fact", &raw.id);
            let kind = match raw.kind.as_str() {
                "truth" => Some(FactKind::Truth),
                "year" => Some(FactKind::Year),
                "number" => Some(FactKind::Number),
                "content" => Some(FactKind::Content),
                _ => None,
            };
            match kind {
                Some(kind) => {
                    self.facts.insert(raw.id.clone(), (index, kind));
                }
                None => faults
                    .push(format!("kind: `{}` is not truth, year, number or content", raw.kind)),
            }
        }
        for (index, (file, raw)) in tables!(files, quota).enumerate() {
            faults.within(file, format!("quota {}", raw.id));
            once(faults, "quota", &raw.id);
            self.quotas.insert(raw.id.clone(), index);
        }
        for (file, raw) in tables!(files, line) {
            faults.within(file, format!("line {}", raw.code));
            once(faults, "line", &raw.code);
        }
        for (file, raw) in tables!(files, measure) {
            faults.within(file, format!("measure {}", raw.id));
            once(faults, "measure", &raw.id);
        }
    }

    fn regions(&self, key: &str, texts: &[String], faults: &mut Faults) -> RegionSet {
        let mut set = RegionSet::EMPTY;
        for text in texts {
            if text == "*" {
                set = RegionSet::ALL;
            } else if let Some(area) = text.strip_prefix('@') {
                if let Some(area) = faults.found(key, area, self.areas.get(area)) {
                    set.insert_all(area);
                }
            } else if let Some(region) = faults.parse::<Region>(key, text) {
                set.insert(region);
            }
        }
        set
    }

    fn goods(&self, key: &str, texts: &[String], faults: &mut Faults) -> Vec<GoodsCode> {
        let mut codes = Vec::new();
        for text in texts {
            if let Some(list) = text.strip_prefix('@') {
                if let Some(list) = faults.found(key, list, self.goods_lists.get(list)) {
                    codes.extend_from_slice(list);
                }
            } else if let Some(code) = faults.check(key, GoodsCode::prefix(text)) {
                codes.push(code);
            }
        }
        codes
    }

    fn document(&self, key: &str, id: &str, faults: &mut Faults) -> Option<Arc<Document>> {
        faults.found(key, id, self.documents.get(id).cloned())
    }

    fn citations(&self, texts: &[String], faults: &mut Faults) -> Vec<Citation> {
        texts
            .iter()
            .filter_map(|text| {
                let (id, pinpoint) = text.split_once(": ").unwrap_or((text, ""));
                let document = self.document("cite", id, faults)?;
                Some(Citation { document, pinpoint: pinpoint.to_owned() })
            })
            .collect()
    }
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
    let valuation = match raw.customs_value.as_str() {
        "FOB" => Some(Valuation::Fob),
        "CIF" => Some(Valuation::Cif),
        other => {
            faults.push(format!("customs_value: `{other}` is not FOB or CIF"));
            None
        }
    };
    let duty_rounding = faults.parse("duty_rounding", &raw.duty_rounding);
    let fee_rounding = faults.parse("fee_rounding", &raw.fee_rounding);
    let law_from = faults.parse("law_from", &raw.law_from);
    let law_verified_to = faults.parse("law_verified_to", &raw.law_verified_to);
    let column_2 = Vec::from_iter(raw.column_2.clone());
    let column_2_origins = names.regions("column_2", &column_2, faults);
    let citations = names.citations(&raw.cite, faults);

    let mut complete_headings = Vec::new();
    for (file, heading) in tables!(files, heading) {
        faults.within(file, format!("heading {}", heading.code));
        names.citations(&heading.cite, faults);
        let code = faults.check("code", GoodsCode::prefix(&heading.code));
        complete_headings.extend(code.filter(|_| heading.complete));
    }
    let transport_presumptions = tables!(files, transport_presumption)
        .filter_map(|(file, raw)| {
            faults.within(file, "transport_presumption");
            Some(TransportPresumption {
                origins: names.regions("origins", &raw.origins, faults),
                mode: faults.parse("mode", &raw.mode)?,
                because: raw.because.clone(),
            })
        })
        .collect();
    let facts = tables!(files, fact)
        .filter_map(|(file, raw)| {
            faults.within(file, format!("fact {}", raw.id));
            fact(raw, names, faults)
        })
        .collect();
    let preferences = tables!(files, preference)
        .filter_map(|(file, raw)| {
            faults.within(file, format!("preference {}", raw.symbol));
            preference(raw, names, faults)
        })
        .collect();
    let certifications = tables!(files, certification)
        .map(|(_, raw)| Certification {
            id: raw.id.clone(),
            title: raw.title.clone(),
            evidence: raw.evidence.clone(),
        })
        .collect();
    let quotas = tables!(files, quota)
        .filter_map(|(file, raw)| {
            faults.within(file, format!("quota {}", raw.id));
            quota(raw, names, faults)
        })
        .collect();
    let programmes: Vec<Programme> = tables!(files, programme)
        .filter_map(|(file, raw)| {
            faults.within(file, format!("programme {}", raw.id));
            let kind = match raw.kind.as_str() {
                "duty" => ChargeKind::Duty,
                "fee" => ChargeKind::Fee,
                "tax" => ChargeKind::Tax,
                other => {
                    faults.push(format!("kind: `{other}` is not duty, fee or tax"));
                    return None;
                }
            };
            Some(Programme {
                id: raw.id.clone(),
                title: raw.title.clone(),
                authority: raw.authority.clone(),
                kind,
                filing_rank: raw.filing_rank,
            })
        })
        .collect();
    let mut lines: Vec<TariffLine> = tables!(files, line)
        .filter_map(|(file, raw)| {
            faults.within(file, format!("line {}", raw.code));
            line(raw, names, faults)
        })
        .collect();
    lines.sort_by_key(|line| line.code);
    let currency = currency?;
    let unordered: Vec<Measure> = tables!(files, measure)
        .filter_map(|(file, raw)| {
            faults.within(file, format!("measure {}", raw.id));
            measure(raw, currency, names, faults)
        })
        .collect();
    if !faults.list.is_empty() {
        // Exclusions refer to measures by place: with one missing they would
        // all be misread.
        return None;
    }
    let raw_exclusions: Vec<(&str, &RawExclusion)> = tables!(files, exclusion).collect();
    let (measures, exclusions, exclusions_of) =
        ordered(unordered, &programmes, &raw_exclusions, names, faults)?;
    for line in &mut lines {
        line.measures = measures
            .iter()
            .enumerate()
            .filter(|(_, measure)| measure.goods.holds(&line.code) != InScope::No)
            .map(|(index, _)| index)
            .collect();
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

fn fact(raw: &RawFact, names: &Names, faults: &mut Faults) -> Option<FactDefinition> {
    names.citations(&raw.cite, faults);
    let (_, kind) = *names.facts.get(&raw.id)?;
    let presumption = match (raw.presume.as_deref(), kind) {
        (None, _) => None,
        (Some("entry year"), FactKind::Year) => Some(PresumedValue::EntryYear),
        (Some(text), FactKind::Truth) => faults.parse("presume", text).map(PresumedValue::Truth),
        (Some(text), _) => faults.parse("presume", text).map(PresumedValue::Number),
    };
    if presumption.is_some() && raw.presume_because.is_empty() {
        faults.push("presume_because: a presumption needs its reason");
    }
    let candidates: Vec<_> =
        raw.candidates.iter().filter_map(|text| faults.parse("candidates", text)).collect();
    if matches!(kind, FactKind::Number | FactKind::Year)
        && presumption.is_none()
        && candidates.is_empty()
    {
        faults.push("candidates: a number without a presumption needs values to try");
    }
    Some(FactDefinition {
        id: raw.id.clone(),
        kind,
        question: raw.question.clone(),
        presumption: presumption
            .map(|value| FactPresumption { value, because: raw.presume_because.clone() }),
        candidates,
    })
}

fn preference(raw: &RawPreference, names: &Names, faults: &mut Faults) -> Option<Preference> {
    let origins = names.regions("origins", &raw.origins, faults);
    if raw.origins_held == raw.origins.is_empty() {
        faults.push("origins: give them, or say origins_held = false");
    }
    Some(Preference {
        symbol: raw.symbol.clone(),
        title: raw.title.clone(),
        origins: raw.origins_held.then_some(origins),
        evidence: raw.evidence.clone(),
        citations: names.citations(&raw.cite, faults),
        confidence: faults.parse("confidence", &raw.confidence)?,
    })
}

fn quota(raw: &RawQuota, names: &Names, faults: &mut Faults) -> Option<Quota> {
    let mut periods = Vec::new();
    for period in &raw.periods {
        let from = faults.parse("periods.from", &period.from);
        let to = faults.parse("periods.to", &period.to);
        let volume = faults.parse("periods.volume", &period.volume);
        periods.push(QuotaPeriod { from: from?, to: to?, volume: volume? });
    }
    if periods.iter().any(|period| period.from >= period.to)
        || periods.windows(2).any(|pair| pair[0].to > pair[1].from)
    {
        faults.push("periods: must follow each other without overlap");
    }
    Some(Quota {
        id: raw.id.clone(),
        title: raw.title.clone(),
        unit: faults.parse("unit", &raw.unit)?,
        periods,
        citations: names.citations(&raw.cite, faults),
    })
}

fn line(raw: &RawLine, names: &Names, faults: &mut Faults) -> Option<TariffLine> {
    let code = faults.check("code", GoodsCode::prefix(&raw.code));
    let units: Vec<_> = raw.units.iter().filter_map(|unit| faults.parse("units", unit)).collect();
    let general = faults.parse::<DutyExpression>("general", &raw.general);
    let special = faults.check("special", SpecialRate::column(&raw.special));
    let column_2 = match raw.column_2.as_deref() {
        Some(text) => Some(faults.parse("column_2", text)?),
        None => None,
    };
    let from = faults.parse("from", &raw.from);
    let to = optional_date(raw.to.as_deref(), faults);
    let citations = names.citations(&raw.cite, faults);
    let confidence = faults.parse("confidence", &raw.confidence);
    let columns = [general.as_ref(), column_2.as_ref()].into_iter().flatten();
    let special_rates = special.iter().flatten().map(|special| &special.rate);
    if columns
        .chain(special_rates)
        .any(|rate| matches!(rate, DutyExpression::AllIn(_) | DutyExpression::Unknown { .. }))
    {
        faults.push("a column holds a rate of its own: free, ad valorem, specific or compound");
    }
    Some(TariffLine {
        code: code?,
        description: raw.description.clone(),
        units,
        general: general?,
        special: special?,
        special_text: raw.special.clone(),
        column_2,
        from: from?,
        to,
        citations,
        confidence: confidence?,
        measures: Vec::new(),
    })
}

fn optional_date(text: Option<&str>, faults: &mut Faults) -> Option<jiff::civil::Date> {
    text.and_then(|text| faults.parse("to", text))
}

fn measure(
    raw: &RawMeasure,
    currency: Currency,
    names: &Names,
    faults: &mut Faults,
) -> Option<Measure> {
    let programme =
        faults.found("programme", &raw.programme, names.programmes.get(&raw.programme).copied());
    let rate = faults.parse::<DutyExpression>("rate", &raw.rate);
    let base = base(raw.base.as_deref(), names, faults);
    if matches!(rate, Some(DutyExpression::AllIn(_))) && base != Some(Base::CustomsValue) {
        faults.push("base: an all-in rate compares duties on the whole customs value");
    }
    let goods = GoodsScope {
        covered: names.goods("goods", &raw.goods, faults),
        excepted: names.goods("goods_except", &raw.goods_except, faults),
    };
    let mut origins = names.regions("origins", &raw.origins, faults);
    origins.remove_all(&names.regions("origins_except", &raw.origins_except, faults));
    let conditions: Vec<Condition> =
        raw.when.iter().filter_map(|raw| condition(raw, names, faults)).collect();
    let mut bound = |key: &str, text: Option<&str>| -> Option<Money> {
        let amount = faults.parse::<Money>(key, text?)?;
        if amount.currency() != currency {
            faults.push(format!("{key}: must be in {currency}"));
        }
        Some(amount)
    };
    let minimum = bound("min", raw.min.as_deref());
    let maximum = bound("max", raw.max.as_deref());
    let per = match raw.per.as_deref() {
        None | Some("line") if minimum.is_none() && maximum.is_none() => Some(ChargedPer::Line),
        None | Some("line") => {
            faults.push("per: min and max bound a charge per entry");
            None
        }
        Some("entry")
            if matches!(rate, Some(DutyExpression::Sum(_))) && base == Some(Base::CustomsValue) =>
        {
            Some(ChargedPer::Entry { minimum, maximum })
        }
        Some("entry") => {
            faults.push("per: an entry is charged a rate on its customs value");
            None
        }
        Some(other) => {
            faults.push(format!("per: `{other}` is not line or entry"));
            None
        }
    };
    let periods = raw.status.iter().filter_map(|raw| state_period(raw, names, faults)).collect();
    if raw.status.is_empty() {
        faults.push("status: at least one is needed");
    }
    let citations = names.citations(&raw.cite, faults);
    let confidence = faults.parse("confidence", &raw.confidence);
    Some(Measure {
        id: raw.id.clone(),
        heading: raw.heading.clone(),
        programme: programme?,
        title: raw.title.clone(),
        rate: rate?,
        base: base?,
        goods,
        origins,
        conditions,
        per: per?,
        history: LegalHistory::new(periods),
        citations,
        confidence: confidence?,
        note: raw.note.clone(),
    })
}

fn base(text: Option<&str>, names: &Names, faults: &mut Faults) -> Option<Base> {
    let (id, make): (&str, fn(usize) -> Base) = match text {
        None | Some("customs value") => return Some(Base::CustomsValue),
        Some(text) => {
            if let Some(id) = text.strip_prefix("content ") {
                (id, Base::Content)
            } else if let Some(id) = text.strip_prefix("customs value less ") {
                (id, Base::CustomsValueLess)
            } else {
                faults.push(format!("base: `{text}` is not `customs value`, `content FACT` or `customs value less FACT`"));
                return None;
            }
        }
    };
    match names.facts.get(id) {
        Some((index, FactKind::Content)) => Some(make(*index)),
        Some(_) => {
            faults.push(format!("base: fact `{id}` is not of kind content"));
            None
        }
        None => faults.found("base", id, None),
    }
}

fn state_period(raw: &RawStatus, names: &Names, faults: &mut Faults) -> Option<StatePeriod> {
    let state = faults.parse::<LegalState>("status.state", &raw.state);
    let from = faults.parse("status.from", &raw.from);
    let to = optional_date(raw.to.as_deref(), faults);
    let document = names.document("status.document", &raw.document, faults);
    Some(StatePeriod { state: state?, from: from?, to, document: document? })
}

fn condition(raw: &RawCondition, names: &Names, faults: &mut Faults) -> Option<Condition> {
    let fact = |id: &str, kinds: &[FactKind], faults: &mut Faults| -> Option<usize> {
        let (index, kind) = faults.found("when.fact", id, names.facts.get(id).copied())?;
        if !kinds.contains(&kind) {
            faults.push(format!("when.fact: `{id}` is of kind {kind:?}"));
            return None;
        }
        Some(index)
    };
    match raw {
        RawCondition { preference: Some(id), .. } => faults
            .found("when.preference", id, names.preferences.get(id).copied())
            .map(Condition::Preference),
        RawCondition { certification: Some(id), .. } => faults
            .found("when.certification", id, names.certifications.get(id).copied())
            .map(Condition::Certification),
        RawCondition { quota: Some(id), .. } => faults
            .found("when.quota", id, names.quotas.get(id).copied())
            .map(Condition::WithinQuota),
        RawCondition { fact: Some(id), is: Some(is), .. } => {
            Some(Condition::Truth(fact(id, &[FactKind::Truth], faults)?, *is))
        }
        RawCondition { fact: Some(id), years_before_entry: Some(years), .. } => {
            Some(Condition::YearsBeforeEntry(fact(id, &[FactKind::Year], faults)?, *years))
        }
        RawCondition { fact: Some(id), at_least: Some(least), .. } => {
            let index = fact(id, &[FactKind::Number, FactKind::Year], faults)?;
            faults.parse("when.at_least", least).map(|least| Condition::AtLeast(index, least))
        }
        RawCondition { fact: Some(id), below: Some(limit), .. } => {
            let index = fact(id, &[FactKind::Number, FactKind::Year], faults)?;
            faults.parse("when.below", limit).map(|limit| Condition::Below(index, limit))
        }
        RawCondition { column_rate_at_least: Some(rate), column, .. } => Some(
            Condition::ColumnRateAtLeast(faults.parse("when", rate)?, compared(column, faults)?),
        ),
        RawCondition { column_rate_below: Some(rate), column, .. } => {
            Some(Condition::ColumnRateBelow(faults.parse("when", rate)?, compared(column, faults)?))
        }
        RawCondition { transport: Some(modes), .. } => {
            let modes: Option<Vec<TransportMode>> =
                modes.iter().map(|mode| faults.parse("when.transport", mode)).collect();
            modes.map(Condition::Transport)
        }
        _ => {
            faults.push("when: a condition names what it asks for");
            None
        }
    }
}

fn compared(column: &Option<String>, faults: &mut Faults) -> Option<ComparedColumn> {
    match column.as_deref() {
        Some("general") => Some(ComparedColumn::General),
        Some("applied") => Some(ComparedColumn::Applied),
        _ => {
            faults.push("when.column: say which column is compared: general or applied");
            None
        }
    }
}

type Ordered = (Vec<Measure>, Vec<Exclusion>, Vec<Vec<usize>>);

/// Puts the measures into evaluation order and resolves the exclusions.
fn ordered(
    unordered: Vec<Measure>,
    programmes: &[Programme],
    raw: &[(&str, &RawExclusion)],
    names: &Names,
    faults: &mut Faults,
) -> Option<Ordered> {
    let by_id: BTreeMap<&str, usize> =
        unordered.iter().enumerate().map(|(index, measure)| (measure.id.as_str(), index)).collect();
    let members = |text: &str, key: &str, faults: &mut Faults| -> Vec<usize> {
        if let Some(id) = text.strip_prefix("programme:") {
            let Some(programme) = faults.found(key, id, names.programmes.get(id).copied()) else {
                return Vec::new();
            };
            let measures = unordered.iter().enumerate();
            return measures
                .filter(|(_, measure)| measure.programme == programme)
                .map(|(index, _)| index)
                .collect();
        }
        faults.found(key, text, by_id.get(text).copied()).into_iter().collect()
    };
    let mut resolved = Vec::new();
    let mut edges = BTreeSet::new();
    for (file, raw) in raw {
        let id = format!("{} over {}", raw.by.join("+"), raw.of.join("+"));
        faults.within(file, format!("exclusion {id}"));
        let mut by = Vec::new();
        for text in &raw.by {
            if let Some(symbol) = text.strip_prefix("preference:") {
                let found = faults.found("by", symbol, names.preferences.get(symbol).copied());
                by.extend(found.map(Excluder::Preference));
            } else {
                by.extend(members(text, "by", faults).into_iter().map(Excluder::Measure));
            }
        }
        let of: Vec<usize> = raw.of.iter().flat_map(|text| members(text, "of", faults)).collect();
        for excluder in &by {
            if let Excluder::Measure(source) = excluder {
                edges.extend(of.iter().map(|target| (*source, *target)));
            }
        }
        let contested = match raw.state.as_deref() {
            None | Some("in force") => false,
            Some("contested") => true,
            Some(other) => {
                faults.push(format!("state: `{other}` is not `in force` or `contested`"));
                false
            }
        };
        let from = faults.parse("from", &raw.from);
        let to = optional_date(raw.to.as_deref(), faults);
        let document = names.document("document", &raw.document, faults);
        let confidence = faults.parse::<Confidence>("confidence", &raw.confidence);
        let citations = names.citations(&raw.cite, faults);
        if let (Some(from), Some(document), Some(confidence)) = (from, document, confidence) {
            resolved.push((
                Exclusion {
                    id,
                    by,
                    from,
                    to,
                    contested,
                    document,
                    filed_as: raw.filed_as.clone(),
                    citations,
                    confidence,
                    note: raw.note.clone(),
                },
                of,
            ));
        }
    }
    let ranks: Vec<(u32, &str)> = unordered
        .iter()
        .map(|measure| (programmes[measure.programme].filing_rank, measure.heading.as_str()))
        .collect();
    let order = match evaluation_order(&ranks, &edges) {
        Ok(order) => order,
        Err(cycle) => {
            let ids: Vec<&str> = cycle.iter().map(|index| unordered[*index].id.as_str()).collect();
            faults.push(format!("exclusions run in a circle: {}", ids.join(" -> ")));
            return None;
        }
    };
    let mut place = vec![0; order.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = new;
    }
    let mut exclusions_of = vec![Vec::new(); order.len()];
    let mut exclusions: Vec<Exclusion> = Vec::new();
    // The uncontested first: where one of them holds, nothing is left to ask.
    resolved.sort_by_key(|(exclusion, _)| exclusion.contested);
    for (mut exclusion, of) in resolved {
        for excluder in &mut exclusion.by {
            if let Excluder::Measure(index) = excluder {
                *index = place[*index];
            }
        }
        for target in of {
            exclusions_of[place[target]].push(exclusions.len());
        }
        exclusions.push(exclusion);
    }
    let mut slots: Vec<Option<Measure>> = unordered.into_iter().map(Some).collect();
    let measures = order.iter().filter_map(|old| slots[*old].take()).collect();
    Some((measures, exclusions, exclusions_of))
}
