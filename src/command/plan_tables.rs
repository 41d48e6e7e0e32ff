//! A plan as tables for a terminal.

use super::cells::{decimal, money, right, table};
use crate::proto::google::r#type as google;
use crate::proto::portolan::sourcing::v1 as pb;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt::Write;

/// A constant's name in plain words: `ORIGIN_CAP` as `origin cap`.
pub(super) fn names(constant: &str) -> String {
    constant.to_lowercase().replace('_', " ")
}

/// A number as it is told, for a table.
pub(super) fn told_value(value: Option<&google::Decimal>) -> String {
    decimal(value)
}

pub(super) fn number(value: Option<&google::Decimal>) -> Decimal {
    value.and_then(|value| value.value.parse().ok()).unwrap_or_default()
}

/// Kind of cost with its legal layer.
pub(super) fn cost_name(kind: pb::CostKind, importer: &str, layer: &str) -> String {
    let kind = names(kind.as_str_name().trim_start_matches("COST_KIND_"));
    if layer.is_empty() { kind } else { format!("{kind}, {importer} {layer}") }
}

/// Where everything is built, what is opened and launched, what it costs.
pub(super) fn plan_tables(plan: &pb::SourcingPlan) -> String {
    let mut text = String::new();
    let decisions = plan.decisions.clone().unwrap_or_default();
    let mut units: BTreeMap<(&str, &str, &str), (Decimal, Decimal, Decimal)> = BTreeMap::new();
    for allocation in &plan.allocations {
        let key = (
            allocation.model_id.as_str(),
            allocation.market_id.as_str(),
            allocation.plant_id.as_str(),
        );
        let sum = units.entry(key).or_default();
        sum.0 += number(allocation.units.as_ref());
        sum.1 += number(allocation.in_quota_units.as_ref());
        sum.2 += allocation.cost.as_ref().map(amount).unwrap_or_default();
    }
    let mut flows = table();
    flows.set_header(["model", "market", "from", "vehicles", "within quotas", "cost of one"]);
    for ((model, market, plant), (vehicles, within, cost)) in &units {
        let each = cost.checked_div(*vehicles).unwrap_or_default();
        let quota = if within.is_zero() { String::new() } else { told(*within) };
        flows.add_row([
            (*model).to_owned(),
            (*market).to_owned(),
            (*plant).to_owned(),
            told(*vehicles),
            quota,
            told(each),
        ]);
    }
    right(&mut flows, &[3, 4, 5]);
    let _ = writeln!(text, "{flows}");
    for launch in &decisions.launches {
        let _ = writeln!(
            text,
            "Launched: {} in {} in {}",
            launch.model_id, launch.plant_id, launch.period_id
        );
    }
    for step in &decisions.expansions {
        let _ = writeln!(
            text,
            "Expanded: {} by {} in {}",
            step.plant_id, step.expansion_id, step.period_id
        );
    }
    for relief in &plan.earned_relief_ids {
        let _ = writeln!(text, "Earned: relief {relief}");
    }
    for unserved in &plan.unserved {
        let reason = unserved.reasons.first().map(|reason| reason.message.as_str());
        let _ = writeln!(
            text,
            "Not served: {} {} of {} in {}. {}",
            told_value(unserved.units.as_ref()),
            unserved.market_id,
            unserved.model_id,
            unserved.period_id,
            reason.unwrap_or_default()
        );
    }
    if let Some(cost) = &plan.cost {
        let mut lines = table();
        lines.set_header(["cost", "amount", "discounted"]);
        for line in &cost.lines {
            lines.add_row([
                cost_name(line.kind(), &line.importer_region_code, &line.layer),
                line.amount.as_ref().map(super::cells::number).unwrap_or_default(),
                decimal(line.discounted.as_ref()),
            ]);
        }
        lines.add_row([
            "total".to_owned(),
            cost.total.as_ref().map(money).unwrap_or_default(),
            decimal(cost.discounted_total.as_ref()),
        ]);
        right(&mut lines, &[1, 2]);
        let _ = writeln!(text, "{lines}");
    }
    text
}

pub(super) fn amount(money: &google::Money) -> Decimal {
    Decimal::from(money.units) + Decimal::new(money.nanos.into(), 9)
}

/// A number with thousands separated, and decimals where it has any.
pub(super) fn told(value: Decimal) -> String {
    let text = decimal(Some(&google::Decimal { value: value.to_string() }));
    if value.fract().is_zero() { text.trim_end_matches(".00").to_owned() } else { text }
}

/// Origins told in one line.
const MOST_ORIGINS: usize = 6;

/// The first few of some origins in one line, and how many more there are.
pub(super) fn first_few(all: impl ExactSizeIterator<Item = String>) -> String {
    let more = all.len().saturating_sub(MOST_ORIGINS);
    let shown: Vec<String> = all.take(MOST_ORIGINS).collect();
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{rest}", shown.join("; "))
}
