//! Exclusions, and the order of evaluation they impose.

use super::evaluation_order::evaluation_order;
use super::names::{Faults, Names, optional_date};
use super::tables::RawExclusion;
use crate::tariff::document::Confidence;
use crate::tariff::measure::{Excluder, Exclusion, Measure, Programme};
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
