//! Flows: when they enter, what they cost, and what is told of each.

use super::Case;
use super::customs::Shipment;
use super::decided::Flow;
use super::entries::{Bill, Entered, lots};
use super::exact::{Sound, add_to, plus};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::stated::{building_costs, transport_costs};
use super::tally::Tally;
use super::tolerance::excess;
use super::trade::Trade;
use super::windows::{Arrival, EntryDays};
use crate::money::Money;
use crate::sourcing::{Allocation, Lane, ProductionOption};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Holds every allocation against its flow; tells what arrives and what is
/// traded.
pub(super) fn check(
    case: &Case<'_>,
    tally: &mut Tally,
    findings: &mut Findings,
) -> Sound<(Vec<Arrival>, Trade)> {
    let mut allocations = allocations(case, findings);
    let (mut all, mut trade) = (Vec::new(), Trade::default());
    for flow in &case.decided.flows {
        let told = allocations.remove(&flow.place);
        let (Some(option), Some(lane)) = (flow.option, flow.lane) else {
            report_no_way(flow, findings);
            continue;
        };
        let mut arrivals = arrivals(case, flow, lane, findings)?;
        within_quotas(case, flow, &mut arrivals, findings)?;
        let bill = charges(case, flow, lane, &arrivals, told, tally, findings)?;
        let cost = plus(building_and_transport(case, flow, option, lane, tally)?, bill.charges)?;
        compare(case, flow, told, &bill, cost, findings);
        trade.add(&case.stated, flow, option, bill.customs_value)?;
        all.extend(arrivals);
    }
    Ok((all, trade))
}

/// Allocations by the place of their flow.
fn allocations<'a>(case: &Case<'a>, findings: &mut Findings) -> BTreeMap<usize, &'a Allocation> {
    let mut allocations = BTreeMap::new();
    for allocation in &case.plan.allocations {
        let known = allocation.flow < case.plan.decisions.flows.len();
        if allocations.insert(allocation.flow, allocation).is_some() || !known {
            let subject = Subject::of(&[&allocation.flow.to_string()]);
            let message = "an allocation of no flow, or of one that has another";
            findings.report(reason::ALLOCATION_WRONG, subject, Excess::Nothing, message);
        }
    }
    allocations
}

fn report_no_way(flow: &Flow<'_>, findings: &mut Findings) {
    if flow.option.is_none() {
        let message = "the plant may not build the model";
        findings.report(reason::NO_OPTION, flow.subject(), Excess::Nothing, message);
    }
    if flow.lane.is_none() {
        let message = "no lane carries the model from the plant to the market";
        findings.report(reason::NO_LANE, flow.subject(), Excess::Nothing, message);
    }
}

fn shipment<'a>(flow: &Flow<'a>) -> Shipment<'a> {
    let of = flow.decision;
    Shipment { model: &of.model, plant: &of.plant, market: &of.market, period: &of.period }
}

/// What arrives when; nothing where no entry is made.
fn arrivals(
    case: &Case<'_>,
    flow: &Flow<'_>,
    lane: &Lane,
    findings: &mut Findings,
) -> Sound<Vec<Arrival>> {
    let stated = &case.stated;
    let at_home = stated.customs.at_home(flow.plant.region, flow.market.region);
    let Some(period) = stated.period_at(flow.period).filter(|_| !at_home) else {
        return Ok(Vec::new());
    };
    let windows = stated.customs.entry_windows(shipment(flow));
    let days = EntryDays::of(period, lane.transit_days, &lane.departures)?;
    days.spread(flow.units, stated.whole(), windows, &flow.subject(), findings)
}

/// Puts the vehicles within quotas to the windows they enter in.
fn within_quotas(
    case: &Case<'_>,
    flow: &Flow<'_>,
    arrivals: &mut [Arrival],
    findings: &mut Findings,
) -> Sound<()> {
    for (day, units) in &flow.decision.in_quota {
        let arrival =
            arrivals.iter_mut().find(|arrival| arrival.from == *day && arrival.tranche.is_some());
        let Some(arrival) = arrival else {
            let message = format!("{units} within a quota, and no window with one begins on {day}");
            let excess = Excess::Units(*units);
            findings.report(reason::QUOTA_NOT_OPEN, flow.subject(), excess, message);
            continue;
        };
        if !arrival.in_quota.is_zero() {
            let message = format!("vehicles within a quota are told twice for {day}");
            findings.report(reason::DUPLICATE, flow.subject(), Excess::Nothing, message);
        }
        add_to(&mut arrival.in_quota, *units)?;
        if let Some(over) = excess(&case.stated, arrival.in_quota, arrival.units)? {
            let message =
                format!("{units} within a quota of {} that enter from {day}", arrival.units);
            let excess = Excess::Units(over);
            findings.report(reason::QUOTA_BEYOND_WINDOW, flow.subject(), excess, message);
        }
    }
    Ok(())
}

fn charges(
    case: &Case<'_>,
    flow: &Flow<'_>,
    lane: &Lane,
    arrivals: &[Arrival],
    told: Option<&Allocation>,
    tally: &mut Tally,
    findings: &mut Findings,
) -> Sound<Bill> {
    let stated = &case.stated;
    let entered = Entered {
        period: flow.period,
        subject: flow.subject(),
        lots: lots(arrivals, lane.vehicles_per_entry, stated.whole())?,
        told: told.map_or(&[], |told| told.entries.as_slice()),
    };
    let quote = |lot: &super::entries::Lot| {
        let within = lot.quota.is_some();
        stated.customs.quote(shipment(flow), lot.from, lot.articles, within)
    };
    let bill = entered.bill(case, quote, findings)?;
    let importer = stated.customs.importer(flow.market.region);
    for layer in &bill.layers {
        let under = Some((importer, layer.programme.clone()));
        tally.add(stated, flow.period, (layer.kind, under), layer.amount)?;
    }
    Ok(bill)
}

fn building_and_transport(
    case: &Case<'_>,
    flow: &Flow<'_>,
    option: &ProductionOption,
    lane: &Lane,
    tally: &mut Tally,
) -> Sound<Decimal> {
    let costs = building_costs(option, flow.period).into_iter().chain(transport_costs(lane));
    let mut sum = Decimal::ZERO;
    for (kind, each) in costs {
        add_to(&mut sum, tally.spend(&case.stated, flow.period, kind, each, flow.units)?)?;
    }
    Ok(sum)
}

fn compare(
    case: &Case<'_>,
    flow: &Flow<'_>,
    told: Option<&Allocation>,
    bill: &Bill,
    cost: Decimal,
    findings: &mut Findings,
) {
    let subject = || flow.subject();
    let Some(told) = told else {
        let message = "the flow has no allocation";
        findings.report(reason::ALLOCATION_WRONG, subject(), Excess::Nothing, message);
        return;
    };
    let money = |amount| Money::new(amount, case.stated.reporting());
    let within = flow
        .decision
        .in_quota
        .iter()
        .try_fold(Decimal::ZERO, |sum, (_, units)| sum.checked_add(*units));
    let (what, within) = ("vehicles within quotas", within.unwrap_or_default());
    findings.number(reason::ALLOCATION_WRONG, subject, what, told.in_quota, within);
    let (what, due) = ("charges of the flow", money(bill.charges));
    findings.money(reason::CHARGES_WRONG, subject, what, told.charges, due);
    let (what, due) = ("cost of the flow", money(cost));
    findings.money(reason::FLOW_COST_WRONG, subject, what, told.cost, due);
}
