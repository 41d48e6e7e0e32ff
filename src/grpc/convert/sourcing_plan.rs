//! Writes a plan: costs, flows and their entries, and what became of every
//! limit. Each part is written once, in the order it has.

use crate::grpc::convert::duty_response::determination;
use crate::grpc::convert::scalar::{date_message, decimal_message, money_message};
use crate::grpc::convert::sourcing_cost::{cost_kind, cost_message};
use crate::grpc::convert::sourcing_decisions::decisions_message;
use crate::proto::google::r#type as google;
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{
    Allocation, BindingLimit, CapacityUse, CountryTotal, CreditAccount, EntryGroup, EntryLayer,
    FloorShortfall, FlowDecision, KitDuty, Objective, Plan, TradeFlow, TrancheUse, Unserved,
    UnservedReason, Violation,
};
use crate::tariff::Detail;
use rust_decimal::Decimal;

/// Decimals of numbers that are told.
const TOLD_DECIMALS: u32 = 10;

/// A number as it is told.
pub(super) fn told(number: Decimal) -> Decimal {
    // Adding nothing takes the sign from a zero.
    number.round_dp(TOLD_DECIMALS) + Decimal::ZERO
}

pub(super) fn told_message(number: Decimal) -> google::Decimal {
    decimal_message(told(number))
}

/// Writes a plan.
pub(super) fn plan_message(plan: Plan, objective: Objective, view: Detail) -> pb::SourcingPlan {
    let Plan {
        decisions,
        cost,
        allocations,
        kit_duties,
        credits,
        unserved,
        shortfalls,
        tranches,
        capacities,
        countries,
        trade_flows,
        assumptions,
        binding_limits,
        earned_reliefs,
    } = plan;
    // Each is of a flow of this plan.
    let allocations = allocations.into_iter().filter_map(|allocation| {
        let flow = decisions.flows.get(allocation.flow)?;
        Some(allocation_message(allocation, flow, view))
    });
    pb::SourcingPlan {
        allocations: allocations.collect(),
        decisions: Some(decisions_message(decisions)),
        cost: Some(cost_message(cost, objective)),
        kit_duties: kit_duties.into_iter().map(|duty| kit_duty_message(duty, view)).collect(),
        credits: credits.into_iter().map(credit_message).collect(),
        unserved: unserved.into_iter().map(unserved_message).collect(),
        shortfalls: shortfalls.into_iter().map(shortfall_message).collect(),
        tranches: tranches.into_iter().map(tranche_message).collect(),
        capacities: capacities.into_iter().map(capacity_message).collect(),
        countries: countries.into_iter().map(country_message).collect(),
        trade_flows: trade_flows.into_iter().map(trade_flow_message).collect(),
        assumptions,
        binding_limits: binding_limits.into_iter().map(binding_limit_message).collect(),
        earned_relief_ids: earned_reliefs,
    }
}

fn allocation_message(allocation: Allocation, flow: &FlowDecision, view: Detail) -> pb::Allocation {
    let Allocation { flow: _, in_quota, cost, charges, entries } = allocation;
    pb::Allocation {
        model_id: flow.model.clone(),
        plant_id: flow.plant.clone(),
        market_id: flow.market.clone(),
        period_id: flow.period.clone(),
        units: Some(told_message(flow.units)),
        in_quota_units: Some(told_message(in_quota)),
        other_units: Some(told_message(flow.units - in_quota)),
        cost: Some(money_message(cost)),
        charges: Some(money_message(charges)),
        entries: entry_messages(entries, view),
    }
}

fn entry_messages(entries: Vec<EntryGroup>, view: Detail) -> Vec<pb::EntryGroup> {
    match view {
        Detail::Explained => entries.into_iter().map(entry_message).collect(),
        Detail::Amounts => Vec::new(),
    }
}

fn entry_message(group: EntryGroup) -> pb::EntryGroup {
    let EntryGroup {
        from,
        to,
        quota,
        entries,
        articles,
        charges,
        recovered,
        customs_value,
        layers,
        determined,
    } = group;
    pb::EntryGroup {
        window_start: Some(date_message(from)),
        window_end: Some(date_message(to)),
        quota_id: quota.unwrap_or_default(),
        entries: Some(told_message(entries)),
        articles_per_entry: Some(told_message(articles)),
        charges_per_entry: Some(money_message(charges)),
        recovered_per_entry: Some(money_message(recovered)),
        customs_value_per_entry: Some(money_message(customs_value)),
        layers: layers.into_iter().map(layer_message).collect(),
        determination: determination(determined),
    }
}

fn layer_message(layer: EntryLayer) -> pb::EntryLayer {
    let EntryLayer { kind, programme, heading, each, amount } = layer;
    pb::EntryLayer {
        kind: cost_kind(kind).into(),
        layer: programme,
        heading,
        amount_per_entry: Some(money_message(each)),
        amount: Some(money_message(amount)),
    }
}

fn kit_duty_message(duty: KitDuty, view: Detail) -> pb::KitDuty {
    let KitDuty { model, plant, kit, period, kits, charges, entries } = duty;
    pb::KitDuty {
        model_id: model,
        plant_id: plant,
        kit_id: kit,
        period_id: period,
        kits: Some(told_message(kits)),
        charges: Some(money_message(charges)),
        entries: entry_messages(entries, view),
    }
}

fn credit_message(account: CreditAccount) -> pb::CreditAccount {
    let CreditAccount {
        importer,
        credit,
        period,
        brought_forward,
        earned,
        liability,
        spent,
        carried_forward,
    } = account;
    pb::CreditAccount {
        importer_region_code: importer.to_string(),
        credit_id: credit,
        period_id: period,
        brought_forward: Some(money_message(brought_forward)),
        earned: Some(money_message(earned)),
        liability: Some(money_message(liability)),
        spent: Some(money_message(spent)),
        carried_forward: Some(money_message(carried_forward)),
    }
}

fn unserved_message(unserved: Unserved) -> pb::Unserved {
    let Unserved { model, market, period, units, reasons } = unserved;
    let reasons = reasons.into_iter().map(|why| {
        let UnservedReason { reason, plant, message } = why;
        pb::UnservedReason {
            reason: reason.to_owned(),
            plant_id: plant.unwrap_or_default(),
            message,
        }
    });
    pb::Unserved {
        model_id: model,
        market_id: market,
        period_id: period,
        units: Some(told_message(units)),
        reasons: reasons.collect(),
    }
}

fn shortfall_message(shortfall: FloorShortfall) -> pb::FloorShortfall {
    let FloorShortfall { floor, period, short, cost } = shortfall;
    pb::FloorShortfall {
        floor_id: floor,
        period_id: period,
        short: Some(told_message(short)),
        cost: Some(money_message(cost)),
    }
}

fn tranche_message(tranche: TrancheUse) -> pb::TrancheUse {
    let TrancheUse { importer, quota, from, volume, carried_over, used_by_others, drawn, left } =
        tranche;
    pb::TrancheUse {
        importer_region_code: importer.to_string(),
        quota_id: quota,
        period_start: Some(date_message(from)),
        volume: Some(told_message(volume)),
        carried_over: Some(told_message(carried_over)),
        used_by_others: Some(told_message(used_by_others)),
        drawn: Some(told_message(drawn)),
        left: Some(told_message(left)),
    }
}

fn capacity_message(capacity: CapacityUse) -> pb::CapacityUse {
    let CapacityUse { plant, period, capacity, used } = capacity;
    pb::CapacityUse {
        plant_id: plant,
        period_id: period,
        capacity: Some(told_message(capacity)),
        used: Some(told_message(used)),
    }
}

fn country_message(country: CountryTotal) -> pb::CountryTotal {
    let CountryTotal { region, period, built, sold, labour_hours, jobs } = country;
    pb::CountryTotal {
        region_code: region.to_string(),
        period_id: period,
        units_built: Some(told_message(built)),
        units_sold: Some(told_message(sold)),
        labour_hours: Some(told_message(labour_hours)),
        jobs: Some(told_message(jobs)),
    }
}

fn trade_flow_message(flow: TradeFlow) -> pb::TradeFlow {
    let TradeFlow { origin, importer, period, units, value } = flow;
    pb::TradeFlow {
        origin_region_code: origin.to_string(),
        importer_region_code: importer.to_string(),
        period_id: period,
        units: Some(told_message(units)),
        customs_value: Some(money_message(value)),
    }
}

pub(super) fn binding_limit_message(limit: BindingLimit) -> pb::BindingLimit {
    let BindingLimit { kind, ids, period, marginal_value } = limit;
    pb::BindingLimit {
        kind: kind.to_owned(),
        ids,
        period,
        marginal_value: Some(told_message(marginal_value)),
    }
}

pub(super) fn violation_message(violation: Violation) -> pb::PlanViolation {
    let Violation { reason, ids, period, excess, money, message } = violation;
    pb::PlanViolation {
        reason: reason.to_owned(),
        ids,
        period_id: period.unwrap_or_default(),
        excess: excess.map(told_message),
        money: money.map(money_message),
        message,
    }
}
