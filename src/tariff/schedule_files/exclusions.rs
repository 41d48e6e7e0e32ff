//! Exclusions, and the order of evaluation they impose.

use super::evaluation_order::evaluation_order;
use super::names::{Faults, Names, optional_date};
use super::tables::RawExclusion;
use crate::tariff::document::Confidence;
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::measure::{BaseTerm, ChargeKind, Exclusion, Measure, Programme};
use crate::tariff::measure_set::MeasureSet;
use std::collections::{BTreeMap, BTreeSet};

pub(super) type Ordered = (Vec<Measure>, Vec<Exclusion>, Vec<Vec<usize>>);

/// Puts the measures into evaluation order and resolves the exclusions.
pub(super) fn ordered(
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
        let id = raw.id.clone();
        let id = id.unwrap_or_else(|| format!("{} over {}", raw.by.join("+"), raw.of.join("+")));
        faults.within(file, format!("exclusion {id}"));
        let mut by = Vec::new();
        let mut by_preferences = Vec::new();
        for text in &raw.by {
            if let Some(symbol) = text.strip_prefix("preference:") {
                let found = names.preferences.get(symbol).copied();
                by_preferences.extend(faults.found("by", symbol, found));
            } else {
                by.extend(members(text, "by", faults));
            }
        }
        let of: Vec<usize> = raw.of.iter().flat_map(|text| members(text, "of", faults)).collect();
        for source in &by {
            edges.extend(of.iter().map(|target| (*source, *target)));
        }
        let filing_rank =
            of.first().map_or(0, |target| programmes[unordered[*target].programme].filing_rank);
        let contested = contested(raw, faults);
        let from = faults.parse("from", &raw.from);
        let to = optional_date(raw.to.as_deref(), faults);
        let document = names.document("document", &raw.document, faults);
        let confidence = faults.parse::<Confidence>("confidence", &raw.confidence);
        let citations = names.citations(&raw.cite, faults);
        if let (Some(from), Some(document), Some(confidence)) = (from, document, confidence) {
            resolved.push((
                Exclusion {
                    id,
                    by: MeasureSet::default(),
                    by_preferences,
                    from,
                    to,
                    contested,
                    document,
                    filed_as: raw.filed_as.clone(),
                    filing_rank,
                    citations,
                    confidence,
                    note: raw.note.clone(),
                },
                by,
                of,
            ));
        }
    }
    edges.extend(charged_before(&unordered, programmes));
    let ranks: Vec<(u32, &str)> = unordered
        .iter()
        .map(|measure| (programmes[measure.programme].filing_rank, measure.heading.as_str()))
        .collect();
    let order = match evaluation_order(&ranks, &edges) {
        Ok(order) => order,
        Err(cycle) => {
            let ids: Vec<&str> = cycle.iter().map(|index| unordered[*index].id.as_str()).collect();
            faults.push(format!("exclusions, or bases, run in a circle: {}", ids.join(" -> ")));
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
    resolved.sort_by_key(|(exclusion, _, _)| exclusion.contested);
    for (mut exclusion, by, of) in resolved {
        exclusion.by = MeasureSet::none_of(order.len());
        for source in by {
            exclusion.by.insert(place[source]);
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

/// What is part of a measure's base is charged before it; and what replaces
/// the tariff line's own duty, before a cap on that and it together.
fn charged_before(measures: &[Measure], programmes: &[Programme]) -> BTreeSet<(usize, usize)> {
    let mut edges = BTreeSet::new();
    for (target, measure) in measures.iter().enumerate() {
        for (source, other) in measures.iter().enumerate() {
            let part = |term: &BaseTerm| match term {
                BaseTerm::Duties => programmes[other.programme].kind == ChargeKind::Duty,
                BaseTerm::Programme(programme) => other.programme == *programme,
                _ => false,
            };
            let replaces = matches!(measure.rate, DutyExpression::AllIn(_))
                && matches!(other.rate, DutyExpression::InPlaceOfColumn(_));
            if replaces || measure.base.0.iter().any(part) {
                edges.insert((source, target));
            }
        }
    }
    edges
}

fn contested(raw: &RawExclusion, faults: &mut Faults) -> bool {
    match raw.state.as_deref() {
        None | Some("in force") => false,
        Some("contested") => {
            if raw.id.is_none() {
                faults.push("id: a contested exclusion is asked about, and needs one");
            }
            true
        }
        Some(other) => {
            faults.push(format!("state: `{other}` is not `in force` or `contested`"));
            false
        }
    }
}
