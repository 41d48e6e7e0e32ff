//! Tariff lines, and the facts, preferences and quotas provisions speak of.

use super::names::{Faults, Names, optional_date};
use super::tables::{RawFact, RawLine, RawLineDefaults, RawPreference, RawQuota};
use crate::money::Rate;
use crate::tariff::condition::{
    FactDefinition, FactKind, FactPresumption, Preference, PresumedValue,
};
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::quota::{Quota, QuotaPeriod};
use crate::tariff::tariff_line::{SpecialRate, TariffLine};
use rust_decimal::Decimal;
use std::sync::Arc;

pub(super) fn line(
    raw: &RawLine,
    defaults: &RawLineDefaults,
    names: &Names,
    faults: &mut Faults,
) -> Option<TariffLine> {
    let code = faults.check("code", GoodsCode::prefix(&raw.code));
    let units: Vec<_> = raw.units.iter().filter_map(|unit| faults.parse("units", unit)).collect();
    let general = faults.parse::<DutyExpression>("general", &raw.general);
    let special = faults.check("special", SpecialRate::column(&raw.special));
    let column_2 = match raw.column_2.as_deref() {
        Some(text) => Some(faults.parse("column_2", text)?),
        None => None,
    };
    let mut needed = |key: &str, own: Option<&String>, default: Option<&String>| {
        let stated = own.or(default).cloned();
        if stated.is_none() {
            faults.push(format!("{key}: neither the line nor line_defaults give it"));
        }
        stated
    };
    let from = needed("from", raw.from.as_ref(), defaults.from.as_ref());
    let confidence = needed("confidence", raw.confidence.as_ref(), defaults.confidence.as_ref());
    let from = from.and_then(|text| faults.parse("from", &text));
    let confidence = confidence.and_then(|text| faults.parse("confidence", &text));
    let to = optional_date(raw.to.as_deref(), faults);
    let document = match raw.document.as_deref() {
        Some(id) => Some(names.document("document", id, faults)?),
        None => None,
    };
    let cite = if raw.cite.is_empty() { &defaults.cite } else { &raw.cite };
    if cite.is_empty() {
        faults.push("cite: neither the line nor line_defaults give it");
    }
    let citations = names.citations(cite, faults);
    let columns = [general.as_ref(), column_2.as_ref()].into_iter().flatten();
    let special_rates = special.iter().flatten().map(|special| &special.rate);
    if columns
        .chain(special_rates)
        .any(|rate| !matches!(rate, DutyExpression::Free | DutyExpression::Sum(_)))
    {
        faults.push("a column holds a rate of its own: free, ad valorem, specific or compound");
    }
    Some(TariffLine {
        code: code?,
        description: raw.description.clone(),
        units,
        general_text: general.as_ref()?.to_string(),
        general: general?,
        special: special?,
        special_text: raw.special.clone(),
        column_2,
        from: from?,
        to,
        document,
        citations,
        confidence: confidence?,
        measures: Arc::default(),
        law_held: true,
    })
}

pub(super) fn fact(raw: &RawFact, names: &Names, faults: &mut Faults) -> Option<FactDefinition> {
    names.citations(&raw.cite, faults);
    let (_, kind) = *names.facts.get(&raw.id)?;
    let presumption = match (raw.presume.as_deref(), kind) {
        (None, _) => None,
        (Some("entry year"), FactKind::Year) => Some(PresumedValue::EntryYear),
        (Some("entry date"), FactKind::Date) => Some(PresumedValue::EntryDate),
        (Some(_), FactKind::Date) => {
            faults.push("presume: of a date the entry date, or nothing");
            None
        }
        (Some(text), FactKind::Truth) => faults.parse("presume", text).map(PresumedValue::Truth),
        (Some("0"), FactKind::Content) => Some(PresumedValue::Share(Rate::ZERO)),
        (Some(text), FactKind::Content) => {
            let share: Option<Rate> = faults.parse("presume", text);
            if share.is_some_and(|share| share.fraction() > Decimal::ONE) {
                faults.push("presume: a content is at most the customs value, 100%");
            }
            share.map(PresumedValue::Share)
        }
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
        let volume = faults.check("periods.volume", volume(&period.volume));
        let carry_from =
            period.carry_from.iter().filter_map(|day| faults.parse("periods.carry_from", day));
        let carry_from = carry_from.collect();
        periods.push(QuotaPeriod { from: from?, to: to?, volume: volume?, carry_from });
    }
    for period in &periods {
        for day in &period.carry_from {
            if *day >= period.from || !periods.iter().any(|source| source.from == *day) {
                faults.push(format!("periods.carry_from: no earlier period begins on {day}"));
            }
        }
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

/// Units opened: a number, or `100000 x 238/365`, rounded down.
fn volume(text: &str) -> Result<Decimal, String> {
    let malformed = || format!("`{text}` is not a number of units, nor such as `100000 x 238/365`");
    let number = |text: &str| Decimal::from_str_exact(text.trim()).map_err(|_| malformed());
    let Some((whole, share)) = text.split_once(" x ") else { return number(text) };
    let (days, of) = share.split_once('/').ok_or_else(malformed)?;
    let product = number(whole)?.checked_mul(number(days)?);
    let part = product.and_then(|product| product.checked_div(number(of).ok()?));
    part.map(|part| part.floor()).ok_or_else(malformed)
}
