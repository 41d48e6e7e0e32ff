//! What markets want and get.

use super::Case;
use super::exact::{Sound, add_to, minus};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::tally::Tally;
use super::tolerance::{excess, shortage};
use crate::sourcing::{CostKind, Demand, Objective, in_period};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What is sold of a model in a market in a period, and from how many plants.
#[derive(Default)]
struct Served<'a> {
    units: Decimal,
    plants: BTreeSet<&'a str>,
}

/// Served, unserved and sold: demand met or paid for, never exceeded.
pub(super) fn check(case: &Case<'_>, tally: &mut Tally, findings: &mut Findings) -> Sound<()> {
    let stated = &case.stated;
    let mut served: BTreeMap<(&str, &str, usize), Served<'_>> = BTreeMap::new();
    for flow in &case.decided.flows {
        let key = (flow.model.id.as_str(), flow.market.id.as_str(), flow.period);
        let served = served.entry(key).or_default();
        add_to(&mut served.units, flow.units)?;
        served.plants.insert(&flow.plant.id);
    }
    let mut unserved = BTreeMap::new();
    for demand in &stated.problem.demands {
        for (place, period) in stated.periods() {
            let key = (demand.model.as_str(), demand.market.as_str(), place);
            let served = served.remove(&key).unwrap_or_default();
            let subject = Subject::of(&[&demand.model, &demand.market]).in_period(&period.id);
            let lack = lack(case, demand, place, &served, &subject, findings)?;
            if let Some(margin) = demand.lost_margin {
                tally.spend(stated, place, CostKind::LostMargin, margin, lack)?;
            }
            let price = in_period(&demand.net_price, place);
            if let (Objective::Profit, Some(price)) = (stated.problem.objective, price) {
                tally.sell(stated, place, price, served.units)?;
            }
            unserved.insert(subject, [lack]);
        }
    }
    for ((model, market, place), served) in served {
        let subject = Subject::of(&[model, market]).in_period(stated.period_id(place));
        let message = format!("{} are sold where none is wanted", served.units);
        findings.report(reason::DEMAND_EXCEEDED, subject, Excess::Units(served.units), message);
    }
    let told = case.plan.unserved.iter().map(|told| {
        (Subject::of(&[&told.model, &told.market]).in_period(&told.period), Some([told.units]))
    });
    findings.rows(reason::UNSERVED_WRONG, "vehicles not served", told, unserved);
    Ok(())
}

/// What is not served of a demand; of one that must be, only beyond tolerance.
fn lack(
    case: &Case<'_>,
    demand: &Demand,
    place: usize,
    served: &Served<'_>,
    subject: &Subject,
    findings: &mut Findings,
) -> Sound<Decimal> {
    let stated = &case.stated;
    let wanted = in_period(&demand.volume, place).unwrap_or_default();
    if let Some(over) = excess(stated, served.units, wanted)? {
        let message = format!("{} are sold, {wanted} are wanted", served.units);
        let excess = Excess::Units(over);
        findings.report(reason::DEMAND_EXCEEDED, subject.clone(), excess, message);
    }
    if demand.single_source && served.plants.len() > 1 {
        let message = format!("vehicles come from {} plants", served.plants.len());
        let excess = Excess::Nothing;
        findings.report(reason::SEVERAL_SOURCES, subject.clone(), excess, message);
    }
    if demand.lost_margin.is_some() {
        return Ok(minus(wanted, served.units)?.max(Decimal::ZERO));
    }
    let short = shortage(stated, served.units, wanted)?;
    if let Some(short) = short {
        let message = format!("{short} of {wanted} are not served, and all must be");
        let excess = Excess::Units(short);
        findings.report(reason::DEMAND_UNSERVED, subject.clone(), excess, message);
    }
    Ok(short.unwrap_or_default())
}
