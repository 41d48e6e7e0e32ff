//! What is not the same in two schedules, by importer, kind and id.

use crate::tariff::condition::Condition;
use crate::tariff::document::Citation;
use crate::tariff::measure::{ChargedPer, GoodsScope, MeasureIndex};
use crate::tariff::region::{Region, RegionSet};
use crate::tariff::schedule::{Schedule, Tariff, TransportPresumption, Valuation};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleDifference {
    /// The importer.
    pub importer: Region,
    /// What it is: `measure`, `line`, `quota`.
    pub item: &'static str,
    /// Its id, or code.
    pub id: String,
    /// How it differs.
    pub kind: DifferenceKind,
    /// Fields that are not the same: name, before, after.
    pub fields: Vec<(&'static str, String, String)>,
}

/// How something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Only in the later schedule.
    Added,
    /// Only in the earlier schedule.
    Removed,
    /// In both, not the same.
    Changed,
}

type Fields = Vec<(&'static str, String)>;
type Items = BTreeMap<(&'static str, String), Fields>;

/// Everything that is not the same in two schedules.
pub fn schedule_differences(from: &Schedule, to: &Schedule) -> Vec<ScheduleDifference> {
    let importers: BTreeSet<Region> =
        from.tariffs.keys().chain(to.tariffs.keys()).copied().collect();
    let mut found = Vec::new();
    for importer in importers {
        let items = |schedule: &Schedule| {
            schedule.tariffs.get(&importer).map(|tariff| items(tariff)).unwrap_or_default()
        };
        let (before, after) = (items(from), items(to));
        let keys: BTreeSet<_> = before.keys().chain(after.keys()).collect();
        for key in keys {
            let (was, is) = (before.get(key), after.get(key));
            let kind = match (was, is) {
                (None, _) => DifferenceKind::Added,
                (_, None) => DifferenceKind::Removed,
                (Some(was), Some(is)) if was == is => continue,
                _ => DifferenceKind::Changed,
            };
            let (item, id) = key.clone();
            found.push(ScheduleDifference { importer, item, id, kind, fields: fields(was, is) });
        }
    }
    found
}

fn fields(was: Option<&Fields>, is: Option<&Fields>) -> Vec<(&'static str, String, String)> {
    let value = |fields: Option<&Fields>, name: &str| {
        fields
            .and_then(|fields| fields.iter().find(|(known, _)| *known == name))
            .map(|(_, value)| value.clone())
            .unwrap_or_default()
    };
    let names: BTreeSet<&'static str> =
        was.into_iter().chain(is).flatten().map(|(name, _)| *name).collect();
    names
        .into_iter()
        .map(|name| (name, value(was, name), value(is, name)))
        .filter(|(_, before, after)| before != after)
        .collect()
}

/// Everything a tariff holds, each as its fields in the words of a schedule.
fn items(tariff: &Tariff) -> Items {
    let mut items = Items::new();
    items.insert(("importer", tariff.region.to_string()), importer(tariff));
    goods_and_documents(tariff, &mut items);
    provisions(tariff, &mut items);
    definitions(tariff, &mut items);
    items
}

fn goods_and_documents(tariff: &Tariff, items: &mut Items) {
    for document in tariff.documents.values() {
        items.insert(
            ("document", document.id.clone()),
            vec![
                ("title", document.title.clone()),
                ("citation", document.citation.clone()),
                ("published", document.published.to_string()),
            ],
        );
    }
    for line in &tariff.lines {
        let column_2 = line.column_2.as_ref().map(ToString::to_string).unwrap_or_default();
        let known = line.document.as_ref().map(|known| known.id.clone()).unwrap_or_default();
        let by = if known.is_empty() { known.clone() } else { format!(" by {known}") };
        items.insert(
            ("line", format!("{} from {}{by}", line.code, line.from)),
            vec![
                ("description", line.description.clone()),
                ("general", line.general.to_string()),
                ("special", line.special_text.clone()),
                ("column_2", column_2),
                ("units", joined(line.units.iter().map(ToString::to_string))),
                ("to", line.to.map(|to| to.to_string()).unwrap_or_default()),
                ("document", known),
                ("law_held", line.law_held.to_string()),
                ("cite", cited(&line.citations)),
                ("confidence", line.confidence.to_string()),
            ],
        );
    }
    for heading in &tariff.complete_headings {
        items.insert(("heading", heading.to_string()), vec![("complete", true.to_string())]);
    }
}

fn provisions(tariff: &Tariff, items: &mut Items) {
    for (index, measure) in tariff.measures.iter().enumerate() {
        items.insert(("measure", measure.id.clone()), self::measure(tariff, index));
    }
    let mut alike: BTreeMap<&str, usize> = BTreeMap::new();
    for (place, exclusion) in tariff.exclusions.iter().enumerate() {
        // Without an id of its own it is called by what it says, and several
        // may say it of different days.
        let seen = alike.entry(exclusion.id.as_str()).or_default();
        *seen += 1;
        let id = match *seen {
            1 => exclusion.id.clone(),
            number => format!("{}, {number}", exclusion.id),
        };
        items.insert(("exclusion", id), self::exclusion(tariff, place));
    }
    for quota in &tariff.quotas {
        let period = |period: &crate::tariff::quota::QuotaPeriod| {
            let carried: Vec<String> = period.carry_from.iter().map(ToString::to_string).collect();
            let with = if carried.is_empty() {
                String::new()
            } else {
                format!(" with what is left of {}", carried.join(", "))
            };
            format!("{} to {}: {}{with}", period.from, period.to, period.volume)
        };
        items.insert(
            ("quota", quota.id.clone()),
            vec![
                ("title", quota.title.clone()),
                ("unit", quota.unit.to_string()),
                ("periods", joined(quota.periods.iter().map(period))),
                ("cite", cited(&quota.citations)),
            ],
        );
    }
    for credit in &tariff.credits {
        let rate = |rate: &crate::tariff::credit::CreditRate| {
            format!("{} from {} to {} by {}", rate.rate, rate.from, rate.to, rate.document.id)
        };
        items.insert(
            ("credit", credit.id.clone()),
            vec![
                ("title", credit.title.clone()),
                ("earned_on", credit.earned_on.clone()),
                ("evidence", credit.evidence.clone()),
                ("cite", cited(&credit.citations)),
                ("rates", joined(credit.rates.iter().map(rate))),
                (
                    "against",
                    joined(credit.against.iter().map(|index| tariff.measures[index].id.clone())),
                ),
                ("confidence", credit.confidence.to_string()),
            ],
        );
    }
}

fn definitions(tariff: &Tariff, items: &mut Items) {
    for fact in &tariff.facts {
        let presumed = fact.presumption.as_ref().map(|presumed| format!("{:?}", presumed.value));
        items.insert(
            ("fact", fact.id.clone()),
            vec![
                ("kind", format!("{:?}", fact.kind).to_lowercase()),
                ("question", fact.question.clone()),
                ("presume", presumed.unwrap_or_default()),
                ("candidates", joined(fact.candidates.iter().map(ToString::to_string))),
            ],
        );
    }
    for preference in &tariff.preferences {
        let origins = preference.origins.as_ref().map(regions).unwrap_or_default();
        items.insert(
            ("preference", preference.symbol.clone()),
            vec![
                ("title", preference.title.clone()),
                ("origins", origins),
                ("evidence", preference.evidence.clone()),
                ("cite", cited(&preference.citations)),
                ("confidence", preference.confidence.to_string()),
            ],
        );
    }
    for certification in &tariff.certifications {
        items.insert(
            ("certification", certification.id.clone()),
            vec![
                ("title", certification.title.clone()),
                ("evidence", certification.evidence.clone()),
            ],
        );
    }
    for programme in &tariff.programmes {
        items.insert(
            ("programme", programme.id.clone()),
            vec![
                ("title", programme.title.clone()),
                ("authority", programme.authority.clone()),
                ("kind", format!("{:?}", programme.kind).to_lowercase()),
                ("filing_rank", programme.filing_rank.to_string()),
                ("recoverable", programme.recoverable.to_string()),
                ("local", programme.local.to_string()),
                ("rounding", programme.rounding.to_string()),
                (
                    "base_rounding",
                    programme.base_rounding.map(|rule| rule.to_string()).unwrap_or_default(),
                ),
            ],
        );
    }
}

fn importer(tariff: &Tariff) -> Fields {
    let presumed = |presumed: &TransportPresumption| {
        format!("{} from {}", presumed.mode, regions(&presumed.origins))
    };
    vec![
        ("title", tariff.title.clone()),
        ("currency", tariff.currency.to_string()),
        (
            "customs_value",
            if tariff.valuation == Valuation::Cif { "CIF" } else { "FOB" }.to_owned(),
        ),
        ("duty_rounding", tariff.duty_rounding.to_string()),
        ("fee_rounding", tariff.fee_rounding.to_string()),
        ("law_from", tariff.law_from.to_string()),
        ("law_verified_to", tariff.law_verified_to.to_string()),
        ("members", regions(&tariff.members)),
        ("domestic", regions(&tariff.domestic_origins)),
        ("column_2", regions(&tariff.column_2_origins)),
        ("filing_rank", tariff.filing_rank.to_string()),
        ("cite", cited(&tariff.citations)),
        ("transport_presumptions", joined(tariff.transport_presumptions.iter().map(presumed))),
        ("remark", tariff.remark.clone()),
    ]
}

fn measure(tariff: &Tariff, index: MeasureIndex) -> Fields {
    let measure = &tariff.measures[index];
    let state = |period: &crate::tariff::legal_state::StatePeriod| {
        let to = period.to.map(|to| format!(" to {to}")).unwrap_or_default();
        format!("{} from {}{to} by {}", period.state, period.from, period.document.id)
    };
    let per = match &measure.per {
        ChargedPer::Line => "line".to_owned(),
        ChargedPer::Entry { minimum, maximum } => {
            let bound = |bound: &Option<crate::money::Money>| {
                bound.map(|bound| bound.to_string()).unwrap_or_default()
            };
            format!("entry, {} to {}", bound(minimum), bound(maximum))
        }
    };
    vec![
        ("heading", measure.heading.clone()),
        ("programme", tariff.programme_of(measure).id.clone()),
        ("title", measure.title.clone()),
        ("rate", measure.rate.to_string()),
        ("base", measure.base.text(tariff)),
        ("goods", goods(&measure.goods)),
        ("origins", regions(&measure.origins)),
        ("when", joined(measure.conditions.iter().map(|condition| when(condition, tariff)))),
        ("per", per),
        ("status", joined(measure.history.periods().iter().map(state))),
        ("cite", cited(&measure.citations)),
        ("confidence", measure.confidence.to_string()),
        ("note", measure.note.clone()),
    ]
}

/// A condition in words, with what its sentence leaves out.
fn when(condition: &Condition, tariff: &Tariff) -> String {
    let told = condition.requirement(tariff);
    match condition {
        Condition::ColumnRateAtLeast(_, column) | Condition::ColumnRateBelow(_, column) => {
            format!("{told} ({})", format!("{column:?}").to_lowercase())
        }
        Condition::Destination(members) => format!("{told} ({})", regions(members)),
        _ => told,
    }
}

fn exclusion(tariff: &Tariff, place: usize) -> Fields {
    let exclusion = &tariff.exclusions[place];
    let by = exclusion.by.iter().map(|index| tariff.measures[index].id.clone());
    let claimed = exclusion
        .by_preferences
        .iter()
        .map(|index| format!("preference:{}", tariff.preferences[*index].symbol));
    let of = tariff.excluded_by(place).map(|index| tariff.measures[index].id.clone());
    vec![
        ("by", joined(by.chain(claimed))),
        ("of", joined(of)),
        ("from", exclusion.from.to_string()),
        ("to", exclusion.to.map(|to| to.to_string()).unwrap_or_default()),
        ("contested", exclusion.contested.to_string()),
        ("document", exclusion.document.id.clone()),
        ("filed_as", exclusion.filed_as.clone()),
        ("cite", cited(&exclusion.citations)),
        ("confidence", exclusion.confidence.to_string()),
        ("note", exclusion.note.clone()),
    ]
}

fn goods(scope: &GoodsScope) -> String {
    let covered = joined(scope.covered().iter().map(ToString::to_string));
    let excepted = joined(scope.excepted().iter().map(ToString::to_string));
    if excepted.is_empty() { covered } else { format!("{covered} except {excepted}") }
}

fn regions(set: &RegionSet) -> String {
    if *set == RegionSet::ALL {
        "*".to_owned()
    } else {
        joined(set.iter().map(|region| region.to_string()))
    }
}

fn cited(citations: &[Citation]) -> String {
    joined(citations.iter().map(|cited| match cited.pinpoint.as_str() {
        "" => cited.document.id.clone(),
        place => format!("{}: {place}", cited.document.id),
    }))
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}
