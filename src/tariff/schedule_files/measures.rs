//! Measures and their conditions.

use super::names::{Faults, Names, optional_date};
use super::tables::{RawCondition, RawMeasure, RawStatus};
use crate::money::{Currency, Money};
use crate::tariff::condition::{ComparedColumn, Condition, FactKind};
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::entry::TransportMode;
use crate::tariff::legal_state::{LegalHistory, LegalState, StatePeriod};
use crate::tariff::measure::{Base, BaseTerm, ChargedPer, GoodsScope, Measure};

pub(super) fn measure(
    raw: &RawMeasure,
    currency: Currency,
    names: &Names,
    faults: &mut Faults,
) -> Option<Measure> {
    let programme =
        faults.found("programme", &raw.programme, names.programmes.get(&raw.programme).copied());
    let rate = faults.parse::<DutyExpression>("rate", &raw.rate);
    let base = base(raw.base.as_deref(), names, faults);
    let whole = base.as_ref().is_some_and(Base::is_customs_value);
    let compares =
        matches!(rate, Some(DutyExpression::AllIn(_) | DutyExpression::InPlaceOfColumn(_)));
    if compares && !whole {
        faults.push("base: the rate compares duties on the whole customs value");
    }
    let goods = GoodsScope::new(
        names.goods("goods", &raw.goods, faults),
        names.goods("goods_except", &raw.goods_except, faults),
    );
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
        Some("entry") if rate.as_ref().is_some_and(is_plain_ad_valorem) && whole => {
            Some(ChargedPer::Entry { minimum, maximum })
        }
        Some("entry") => {
            faults.push("per: an entry is charged an ad valorem rate on its customs value");
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

fn is_plain_ad_valorem(rate: &DutyExpression) -> bool {
    matches!(rate, DutyExpression::Sum(_)) && rate.ad_valorem().is_some()
}

fn base(text: Option<&str>, names: &Names, faults: &mut Faults) -> Option<Base> {
    let Some(text) = text else { return Some(Base(vec![BaseTerm::CustomsValue])) };
    let terms: Vec<Option<BaseTerm>> =
        text.split(" + ").map(|term| base_term(term, names, faults)).collect();
    terms.into_iter().collect::<Option<Vec<_>>>().map(Base)
}

fn base_term(text: &str, names: &Names, faults: &mut Faults) -> Option<BaseTerm> {
    match text {
        "customs value" => return Some(BaseTerm::CustomsValue),
        "duties" => return Some(BaseTerm::Duties),
        "inland freight" => return Some(BaseTerm::InlandFreight),
        _ => {}
    }
    if let Some(id) = text.strip_prefix("programme:") {
        let found = names.programmes.get(id).copied();
        return faults.found("base", id, found).map(BaseTerm::Programme);
    }
    let (id, make): (&str, fn(usize) -> BaseTerm) =
        match (text.strip_prefix("content "), text.strip_prefix("customs value less ")) {
            (Some(id), _) => (id, BaseTerm::Content),
            (_, Some(id)) => (id, BaseTerm::CustomsValueLess),
            _ => {
                faults.push(format!(
                    "base: `{text}` is not `customs value`, `content FACT`, `customs value less \
                     FACT`, `duties`, `inland freight` or `programme:ID`"
                ));
                return None;
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
    if !raw.is_one_condition() {
        faults.push("when: one condition a table; all tables must hold");
        return None;
    }
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
        RawCondition { fact: Some(id), before: Some(day), .. } => {
            let index = fact(id, &[FactKind::Date], faults)?;
            faults.parse("when.before", day).map(|day| Condition::Before(index, day))
        }
        RawCondition { fact: Some(id), from: Some(day), .. } => {
            let index = fact(id, &[FactKind::Date], faults)?;
            faults.parse("when.from", day).map(|day| Condition::From(index, day))
        }
        RawCondition { fact: Some(id), over: Some(limit), .. } => {
            let index = fact(id, &[FactKind::Number, FactKind::Year], faults)?;
            faults.parse("when.over", limit).map(|limit| Condition::Over(index, limit))
        }
        RawCondition { fact: Some(id), up_to: Some(most), .. } => {
            let index = fact(id, &[FactKind::Number, FactKind::Year], faults)?;
            faults.parse("when.up_to", most).map(|most| Condition::UpTo(index, most))
        }
        RawCondition { value_per_article_over: Some(value), .. } => {
            faults.parse("when.value_per_article_over", value).map(Condition::ValuePerArticleOver)
        }
        RawCondition { value_per_article_up_to: Some(value), .. } => {
            faults.parse("when.value_per_article_up_to", value).map(Condition::ValuePerArticleUpTo)
        }
        RawCondition { destination: Some(members), .. } => {
            Some(Condition::Destination(names.regions("when.destination", members, faults)))
        }
        RawCondition { column_rate_at_least: Some(rate), column, .. } => {
            Some(Condition::ColumnRateAtLeast(
                faults.parse("when", rate)?,
                compared(column.as_deref(), faults)?,
            ))
        }
        RawCondition { column_rate_below: Some(rate), column, .. } => {
            Some(Condition::ColumnRateBelow(
                faults.parse("when", rate)?,
                compared(column.as_deref(), faults)?,
            ))
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

fn compared(column: Option<&str>, faults: &mut Faults) -> Option<ComparedColumn> {
    match column {
        Some("general") => Some(ComparedColumn::General),
        Some("applied") => Some(ComparedColumn::Applied),
        _ => {
            faults.push("when.column: say which column is compared: general or applied");
            None
        }
    }
}
