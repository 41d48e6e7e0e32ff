//! Plants: open and closed, what they cost, capacity and its use.

use super::Case;
use super::exact::{Sound, add_to, times};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::tally::Tally;
use super::tolerance::{counting, excess_over};
use crate::sourcing::{CostKind, Plant, in_period};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Openings, closings, ramps, fixed cost, growth, and capacity in every period.
pub(super) fn check(case: &Case<'_>, tally: &mut Tally, findings: &mut Findings) -> Sound<()> {
    for plant in &case.stated.problem.plants {
        history(case, plant, tally, findings)?;
    }
    for (_, expansion, period) in &case.decided.expansions {
        tally.invest(&case.stated, *period, CostKind::Expansion, expansion.cost)?;
    }
    capacity(case, findings)
}

/// A plant may open and close more than once: each time is paid, and each time
/// its ramp begins anew.
fn history(
    case: &Case<'_>,
    plant: &Plant,
    tally: &mut Tally,
    findings: &mut Findings,
) -> Sound<()> {
    let stated = &case.stated;
    let mut was_open = plant.initially_open;
    for (place, period) in stated.periods() {
        let open = case.decided.is_open(&plant.id, place);
        if open && !was_open {
            tally.invest(stated, place, CostKind::Opening, plant.opening_cost)?;
        }
        if was_open && !open {
            if let Some(cost) = plant.closing_cost {
                tally.spend(stated, place, CostKind::Closing, cost, Decimal::ONE)?;
            }
            let opened = opened_at(case, plant, place - place.min(1));
            if opened.is_some_and(|opened| place - opened < plant.ramp.len()) {
                let subject = Subject::of(&[&plant.id]).in_period(&period.id);
                let message = "the plant is closed before its ramp is over";
                findings.report(reason::RAMP_CUT_SHORT, subject, Excess::Nothing, message);
            }
        }
        if open && let Some(cost) = plant.fixed_cost {
            tally.spend(stated, place, CostKind::Fixed, cost, Decimal::ONE)?;
        }
        was_open = open;
    }
    Ok(())
}

/// The period in which a plant that is open in one opened; none where it has
/// been open since before the first.
fn opened_at(case: &Case<'_>, plant: &Plant, period: usize) -> Option<usize> {
    let closed = (0..=period).rev().find(|place| !case.decided.is_open(&plant.id, *place));
    match closed {
        Some(closed) if closed < period => Some(closed + 1),
        Some(_) => None,
        None => (!plant.initially_open).then_some(0),
    }
}

/// Capacity of an open plant: its own, in its ramp a share of it, and all steps
/// of growth that are there.
fn capacity_of(case: &Case<'_>, plant: &Plant, period: usize) -> Sound<Decimal> {
    if !case.decided.is_open(&plant.id, period) {
        return Ok(Decimal::ZERO);
    }
    let own = in_period(&plant.capacity, period).unwrap_or_default();
    let share = opened_at(case, plant, period)
        .and_then(|opened| plant.ramp.get(period - opened).copied())
        .unwrap_or(Decimal::ONE);
    let mut capacity = times(own, share)?;
    for (grown, expansion, decided) in &case.decided.expansions {
        if grown.id == plant.id && decided.saturating_add(expansion.lead_periods) <= period {
            add_to(&mut capacity, expansion.capacity)?;
        }
    }
    Ok(capacity)
}

fn capacity(case: &Case<'_>, findings: &mut Findings) -> Sound<()> {
    let stated = &case.stated;
    let mut due = BTreeMap::new();
    for (place, period) in stated.periods() {
        // Used, and what one vehicle of each model uses.
        let mut used: BTreeMap<&str, (Decimal, Decimal)> = BTreeMap::new();
        for (plant, model, units) in case.decided.built_in(place) {
            let each = stated.model(model).map_or(Decimal::ONE, |model| model.capacity_use);
            let (used, one_each) = used.entry(plant).or_default();
            add_to(used, times(each, units)?)?;
            add_to(one_each, each)?;
        }
        for plant in &stated.problem.plants {
            let capacity = capacity_of(case, plant, place)?;
            let (used, one_each) = used.get(plant.id.as_str()).copied().unwrap_or_default();
            let open = case.decided.is_open(&plant.id, place);
            let subject = Subject::of(&[&plant.id]).in_period(&period.id);
            if !open && !used.is_zero() {
                let message = format!("{used} of capacity is used while the plant is closed");
                let (subject, excess) = (subject.clone(), Excess::Units(used));
                findings.report(reason::PLANT_CLOSED, subject, excess, message);
            } else if let Some(over) =
                excess_over(stated, used, capacity, counting(capacity, one_each)?)?
            {
                let message = format!("{used} of capacity is used, {capacity} is there");
                let (subject, excess) = (subject.clone(), Excess::Units(over));
                findings.report(reason::CAPACITY_EXCEEDED, subject, excess, message);
            }
            if let (true, Some(least)) = (open, plant.least_run)
                && let Some(short) = excess_over(stated, least, used, counting(least, one_each)?)?
            {
                let message = format!("{used} of capacity is used, {least} must be");
                let (subject, excess) = (subject.clone(), Excess::Units(short));
                findings.report(reason::LEAST_RUN_MISSED, subject, excess, message);
            }
            due.insert(subject, [capacity, used]);
        }
    }
    let told = case.plan.capacities.iter().map(|told| {
        let subject = Subject::of(&[&told.plant]).in_period(&told.period);
        (subject, Some([told.capacity, told.used]))
    });
    findings.rows(reason::CAPACITY_WRONG, "capacity and its use", told, due);
    Ok(())
}
