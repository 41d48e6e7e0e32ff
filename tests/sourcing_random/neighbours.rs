//! Plans near a plan: decisions changed in a few places.

use crate::draws::Draws;
use portolan::sourcing::{
    Decisions, ExpansionDecision, FlowDecision, LaunchDecision, PlantDecision, SourcingProblem,
    Units,
};
use rust_decimal::Decimal;

/// The decisions with one to three changes; quota entries and credits are left
/// to be chosen.
pub fn neighbour(draws: &mut Draws, problem: &SourcingProblem, decided: &Decisions) -> Decisions {
    let mut decided = unchosen(decided);
    for _ in 0..draws.between(1, 3) {
        match draws.between(0, 6) {
            0 | 1 => divert(draws, problem, &mut decided),
            2 => lessen(draws, problem, &mut decided),
            3 => add(draws, problem, &mut decided),
            4 => launch(draws, problem, &mut decided),
            5 => open(draws, problem, &mut decided),
            _ => expand(draws, problem, &mut decided),
        }
    }
    decided
}

/// The decisions without what the ledger can choose by itself.
pub fn unchosen(decided: &Decisions) -> Decisions {
    let mut decided = decided.clone();
    decided.credits.clear();
    for flow in &mut decided.flows {
        flow.in_quota.clear();
    }
    decided
}

/// All vehicles of a flow, or some.
fn part(draws: &mut Draws, problem: &SourcingProblem, units: Decimal) -> Decimal {
    let part = units * draws.decimal(1, 100, 2);
    let part = if problem.units == Units::Whole { part.ceil() } else { part.round_dp(6) };
    if draws.percent(50) { units } else { part.min(units) }
}

fn put(decided: &mut Decisions, like: &FlowDecision, plant: &str, units: Decimal) {
    let same = decided.flows.iter_mut().find(|flow| {
        flow.model == like.model
            && flow.plant == plant
            && flow.market == like.market
            && flow.period == like.period
    });
    match same {
        Some(flow) => flow.units += units,
        None => decided.flows.push(FlowDecision {
            plant: plant.to_owned(),
            units,
            in_quota: Vec::new(),
            ..like.clone()
        }),
    }
    decided.flows.retain(|flow| flow.units > Decimal::ZERO);
}

fn divert(draws: &mut Draws, problem: &SourcingProblem, decided: &mut Decisions) {
    if decided.flows.is_empty() {
        return;
    }
    let from = draws.one_of(&decided.flows).clone();
    let plant = draws.one_of(&problem.plants).id.clone();
    let units = part(draws, problem, from.units);
    put(decided, &from, &from.plant, -units);
    put(decided, &from, &plant, units);
}

fn lessen(draws: &mut Draws, problem: &SourcingProblem, decided: &mut Decisions) {
    if decided.flows.is_empty() {
        return;
    }
    let from = draws.one_of(&decided.flows).clone();
    let units = part(draws, problem, from.units);
    put(decided, &from, &from.plant, -units);
}

fn add(draws: &mut Draws, problem: &SourcingProblem, decided: &mut Decisions) {
    let demand = draws.one_of(&problem.demands);
    let period = draws.count(0, problem.periods.len() - 1);
    let wanted = *demand.volume.get(period).unwrap_or(&demand.volume[0]);
    let id = &problem.periods[period].id;
    let served: Decimal = decided
        .flows
        .iter()
        .filter(|flow| {
            flow.model == demand.model && flow.market == demand.market && flow.period == *id
        })
        .map(|flow| flow.units)
        .sum();
    if served >= wanted {
        return;
    }
    let like = FlowDecision {
        model: demand.model.clone(),
        plant: String::new(),
        market: demand.market.clone(),
        period: id.clone(),
        units: Decimal::ZERO,
        in_quota: Vec::new(),
    };
    let plant = draws.one_of(&problem.plants).id.clone();
    let units = part(draws, problem, wanted - served);
    put(decided, &like, &plant, units);
}

fn launch(draws: &mut Draws, problem: &SourcingProblem, decided: &mut Decisions) {
    let period = draws.one_of(&problem.periods).id.clone();
    let option = draws.one_of(&problem.options);
    let known = decided
        .launches
        .iter()
        .position(|launch| launch.model == option.model && launch.plant == option.plant);
    match known {
        Some(place) if draws.percent(50) => {
            decided.launches.remove(place);
        }
        Some(place) => decided.launches[place].period = period,
        None if !option.initially_launched => decided.launches.push(LaunchDecision {
            model: option.model.clone(),
            plant: option.plant.clone(),
            period,
        }),
        None => {}
    }
}

fn open(draws: &mut Draws, problem: &SourcingProblem, decided: &mut Decisions) {
    let plant = draws.one_of(&problem.plants).id.clone();
    let period = draws.one_of(&problem.periods).id.clone();
    let Some(known) = decided.plants.iter_mut().find(|known| known.plant == plant) else {
        decided.plants.push(PlantDecision { plant, open_periods: vec![period] });
        return;
    };
    match known.open_periods.iter().position(|open| *open == period) {
        Some(place) => {
            known.open_periods.remove(place);
        }
        None => known.open_periods.push(period),
    }
}

fn expand(draws: &mut Draws, problem: &SourcingProblem, decided: &mut Decisions) {
    let plant = draws.one_of(&problem.plants);
    if plant.expansions.is_empty() {
        return;
    }
    let expansion = draws.one_of(&plant.expansions).id.clone();
    let period = draws.one_of(&problem.periods).id.clone();
    let known = decided
        .expansions
        .iter()
        .position(|known| known.plant == plant.id && known.expansion == expansion);
    match known {
        Some(place) if draws.percent(50) => {
            decided.expansions.remove(place);
        }
        Some(place) => decided.expansions[place].period = period,
        None => {
            decided.expansions.push(ExpansionDecision {
                plant: plant.id.clone(),
                expansion,
                period,
            });
        }
    }
}
