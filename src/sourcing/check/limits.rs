//! Floors, caps, and what must and may be built and shipped.

use super::Case;
use super::exact::{Sound, add_to, minus, over, times};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::tally::Tally;
use super::tolerance::{counting, excess, excess_over, shortage};
use crate::sourcing::{
    CostKind, DomesticFloor, ExportCommitment, FloorKind, OriginCap, ProductionLimit,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Floors, caps, limits of production and of flows.
pub(super) fn check(case: &Case<'_>, tally: &mut Tally, findings: &mut Findings) -> Sound<()> {
    floors(case, tally, findings)?;
    for cap in &case.stated.problem.limits.origin_caps {
        origin_cap(case, cap, findings)?;
    }
    for limit in &case.stated.problem.limits.production {
        production(case, limit, findings)?;
    }
    for commitment in &case.stated.problem.limits.export_commitments {
        export_commitment(case, commitment, findings)?;
    }
    flow_limits(case, findings)
}

fn floors(case: &Case<'_>, tally: &mut Tally, findings: &mut Findings) -> Sound<()> {
    let stated = &case.stated;
    let mut due = BTreeMap::new();
    for floor in &stated.problem.limits.floors {
        for (place, period) in stated.periods_of(&floor.periods) {
            let Reached { counted: reached, least, one_each } = reached(case, floor, place)?;
            let subject = Subject::of(&[&floor.id]).in_period(&period.id);
            if let Some(penalty) = floor.penalty {
                let short = minus(least, reached)?.max(Decimal::ZERO);
                let cost = tally.spend(stated, place, CostKind::Shortfall, penalty, short)?;
                due.insert(subject, [short, cost]);
            } else if let Some(short) =
                excess_over(stated, least, reached, counting(least, one_each)?)?
            {
                let message = format!("{reached} is reached of a floor of {least}");
                findings.report(reason::FLOOR_MISSED, subject, Excess::Units(short), message);
            }
        }
    }
    let told = case.plan.shortfalls.iter().map(|told| {
        let subject = Subject::of(&[&told.floor]).in_period(&told.period);
        let figures = [told.short, told.cost.amount()];
        (subject, (told.cost.currency() == stated.reporting()).then_some(figures))
    });
    findings.rows(reason::SHORTFALL_WRONG, "short of the floor, and its cost", told, due);
    Ok(())
}

/// What counts towards a floor in a period, and what must.
struct Reached {
    counted: Decimal,
    least: Decimal,
    /// What one vehicle of each model in a plant counts.
    one_each: Decimal,
}

fn reached(case: &Case<'_>, floor: &DomesticFloor, place: usize) -> Sound<Reached> {
    let stated = &case.stated;
    let (mut reached, mut one_each) = (Decimal::ZERO, Decimal::ZERO);
    if let FloorKind::ShareOfSales(share) = floor.floor {
        let mut sold = Decimal::ZERO;
        for (market, _, origin, units) in case.decided.sold_in(place) {
            if stated.market(market).is_none_or(|market| market.region != floor.region) {
                continue;
            }
            add_to(&mut sold, units)?;
            if origin == floor.region {
                add_to(&mut reached, units)?;
            }
        }
        return Ok(Reached { counted: reached, least: times(sold, share)?, one_each });
    }
    for (plant, model, units) in case.decided.built_in(place) {
        if stated.plant(plant).is_none_or(|plant| plant.region != floor.region) {
            continue;
        }
        let each = match floor.floor {
            FloorKind::LabourHours(_) => case.hours(plant, model, Decimal::ONE)?,
            FloorKind::ShareOfSales(_) | FloorKind::Units(_) => Decimal::ONE,
        };
        add_to(&mut one_each, each)?;
        add_to(&mut reached, times(each, units)?)?;
    }
    let (FloorKind::LabourHours(least) | FloorKind::Units(least) | FloorKind::ShareOfSales(least)) =
        floor.floor;
    Ok(Reached { counted: reached, least, one_each })
}

fn origin_cap(case: &Case<'_>, cap: &OriginCap, findings: &mut Findings) -> Sound<()> {
    for (place, period) in case.stated.periods() {
        let (mut served, mut of_origin) = (Decimal::ZERO, Decimal::ZERO);
        for (market, model, origin, units) in case.decided.sold_in(place) {
            if market != cap.market || cap.model.as_deref().is_some_and(|capped| capped != model) {
                continue;
            }
            add_to(&mut served, units)?;
            if origin == cap.origin {
                add_to(&mut of_origin, units)?;
            }
        }
        let most = times(served, cap.most_share)?;
        if let Some(over) = excess(&case.stated, of_origin, most)? {
            let subject = Subject::of(&[&cap.id]).in_period(&period.id);
            let message = format!("{of_origin} of {served} come from {}, {most} may", cap.origin);
            findings.report(reason::ORIGIN_CAP_EXCEEDED, subject, Excess::Units(over), message);
        }
    }
    Ok(())
}

fn production(case: &Case<'_>, limit: &ProductionLimit, findings: &mut Findings) -> Sound<()> {
    let is = |wanted: &Option<String>, id: &str| wanted.as_deref().is_none_or(|it| it == id);
    for (place, period) in case.stated.periods_of(&limit.periods) {
        let mut built = Decimal::ZERO;
        for (plant, model, units) in case.decided.built_in(place) {
            if is(&limit.plant, plant) && is(&limit.model, model) {
                add_to(&mut built, units)?;
            }
        }
        let reasons = [reason::PRODUCTION_BELOW_LEAST, reason::PRODUCTION_ABOVE_MOST];
        let subject = Subject::of(&[&limit.id]).in_period(&period.id);
        between(case, built, (limit.least, limit.most), reasons, &subject, findings)?;
    }
    Ok(())
}

/// A year is 365 days; of whole vehicles a part is one more.
fn export_commitment(
    case: &Case<'_>,
    commitment: &ExportCommitment,
    findings: &mut Findings,
) -> Sound<()> {
    let stated = &case.stated;
    for (place, period) in stated.periods_of(&commitment.periods) {
        let mut shipped = Decimal::ZERO;
        for (market, _, origin, units) in case.decided.sold_in(place) {
            let into = stated.market(market).map(|market| market.region);
            if origin == commitment.origin && into == Some(commitment.market) {
                add_to(&mut shipped, units)?;
            }
        }
        let days = Decimal::from(stated.days(place));
        let part = over(times(commitment.units_per_year, days)?, Decimal::from(365))?;
        let least = if stated.whole() { part.ceil() } else { part };
        if let Some(short) = shortage(stated, shipped, least)? {
            let subject = Subject::of(&[&commitment.id]).in_period(&period.id);
            let message = format!("{shipped} vehicles flow, {least} are committed");
            let excess = Excess::Units(short);
            findings.report(reason::EXPORT_COMMITMENT_MISSED, subject, excess, message);
        }
    }
    Ok(())
}

fn flow_limits(case: &Case<'_>, findings: &mut Findings) -> Sound<()> {
    let shipped: BTreeMap<_, _> = case
        .decided
        .flows
        .iter()
        .map(|flow| {
            let of = flow.decision;
            let key = (of.model.as_str(), of.plant.as_str(), of.market.as_str());
            ((key, of.period.as_str()), flow.units)
        })
        .collect();
    for limit in &case.stated.problem.limits.flows {
        let key = (limit.model.as_str(), limit.plant.as_str(), limit.market.as_str());
        let units = shipped.get(&(key, limit.period.as_str())).copied().unwrap_or_default();
        let subject = Subject::of(&[key.0, key.1, key.2]).in_period(&limit.period);
        let reasons = [reason::FLOW_BELOW_LEAST, reason::FLOW_ABOVE_MOST];
        between(case, units, (limit.least, limit.most), reasons, &subject, findings)?;
    }
    Ok(())
}

fn between(
    case: &Case<'_>,
    units: Decimal,
    (least, most): (Option<Decimal>, Option<Decimal>),
    [below, above]: [&'static str; 2],
    subject: &Subject,
    findings: &mut Findings,
) -> Sound<()> {
    if let Some(least) = least
        && let Some(short) = shortage(&case.stated, units, least)?
    {
        let message = format!("{units} vehicles, at least {least} must be");
        findings.report(below, subject.clone(), Excess::Units(short), message);
    }
    if let Some(most) = most
        && let Some(over) = excess(&case.stated, units, most)?
    {
        let message = format!("{units} vehicles, at most {most} may be");
        findings.report(above, subject.clone(), Excess::Units(over), message);
    }
    Ok(())
}
