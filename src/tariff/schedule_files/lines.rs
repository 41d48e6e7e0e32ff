//! Tariff lines, and the facts, preferences and quotas provisions speak of.

use super::names::{Faults, Names, optional_date};
use super::tables::{RawFact, RawLine, RawPreference, RawQuota};
use crate::tariff::condition::{
    FactDefinition, FactKind, FactPresumption, Preference, PresumedValue,
};
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::quota::{Quota, QuotaPeriod};
use crate::tariff::tariff_line::{SpecialRate, TariffLine};

pub(super) fn line(raw: &RawLine, names: &Names, faults: &mut Faults) -> Option<TariffLine> {
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
        asked_facts: Vec::new(),
    })
}

pub(super) fn fact(raw: &RawFact, names: &Names, faults: &mut Faults) -> Option<FactDefinition> {
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

pub(super) fn preference(
    raw: &RawPreference,
    names: &Names,
    faults: &mut Faults,
) -> Option<Preference> {
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

pub(super) fn quota(raw: &RawQuota, names: &Names, faults: &mut Faults) -> Option<Quota> {
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
