//! Credits against duty.

use super::names::{Faults, Names};
use super::tables::RawCredit;
use crate::tariff::credit::{Credit, CreditRate};
use crate::tariff::measure::{Measure, Programme};
use crate::tariff::measure_set::MeasureSet;

pub(super) fn credit(
    raw: &RawCredit,
    (measures, programmes): (&[Measure], &[Programme]),
    names: &Names,
    faults: &mut Faults,
) -> Option<Credit> {
    let mut rates = Vec::new();
    for rate in &raw.rates {
        let document = names.document("rates.document", &rate.document, faults);
        let from = faults.parse("rates.from", &rate.from);
        let to = faults.parse("rates.to", &rate.to);
        let rate = faults.parse("rates.rate", &rate.rate);
        rates.push(CreditRate { rate: rate?, from: from?, to: to?, document: document? });
    }
    rates.sort_by_key(|rate| rate.document.published);
    let mut against = MeasureSet::none_of(measures.len());
    for text in &raw.against {
        let programme = text.strip_prefix("programme:");
        let mut some = false;
        for (index, measure) in measures.iter().enumerate() {
            let id = programme.map_or(&measure.id, |_| &programmes[measure.programme].id);
            if *id == programme.unwrap_or(text) {
                against.insert(index);
                some = true;
            }
        }
        faults.found("against", text, some.then_some(()));
    }
    Some(Credit {
        id: raw.id.clone(),
        title: raw.title.clone(),
        earned_on: raw.earned_on.clone(),
        rates,
        against,
        evidence: raw.evidence.clone(),
        citations: names.citations(&raw.cite, faults),
        confidence: faults.parse("confidence", &raw.confidence)?,
    })
}
