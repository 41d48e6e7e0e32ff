//! What a solution decides, in the caller's ids and in decimals.

use super::solution::{CellFlow, Solution};
use crate::sourcing::decisions::{
    Decisions, ExpansionDecision, FlowDecision, LaunchDecision, PlantDecision,
};
use crate::sourcing::network::Network;
use crate::sourcing::problem::{FRACTION_DIGITS, SourcingProblem, Units, in_period};
use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::HashMap;

/// A lack of so small a part of a demand that must be served, or so much over
/// any, is the solver's noise; so is a lack of a hundredth of it where vehicles
/// may be left unserved.
const NOISE: Decimal = Decimal::from_parts(1, 0, 0, false, 5);
/// What rounding one flow may make.
const ROUNDING: Decimal = Decimal::from_parts(1, 0, 0, false, FRACTION_DIGITS);

impl Solution {
    /// The decisions of the solution. Vehicles that are not whole are rounded
    /// to six decimals, and what rounding makes of a demand is put on its
    /// greatest flow.
    pub fn decisions(&self, problem: &SourcingProblem, network: &Network) -> Decisions {
        let period_id = |period: usize| problem.periods[period].id.clone();
        let first = |done: &[bool]| done.iter().position(|done| *done);
        let mut decisions = Decisions::default();
        for (plant, open) in problem.plants.iter().zip(&self.open) {
            let open = open.iter().enumerate().filter(|(_, open)| **open);
            let open_periods: Vec<String> = open.map(|(period, _)| period_id(period)).collect();
            if !open_periods.is_empty() {
                decisions.plants.push(PlantDecision { plant: plant.id.clone(), open_periods });
            }
        }
        for (option, launched) in problem.options.iter().zip(&self.launched) {
            if let (false, Some(period)) = (option.initially_launched, first(launched)) {
                decisions.launches.push(LaunchDecision {
                    model: option.model.clone(),
                    plant: option.plant.clone(),
                    period: period_id(period),
                });
            }
        }
        for (plant, steps) in problem.plants.iter().zip(&self.expanded) {
            for (step, expanded) in plant.expansions.iter().zip(steps) {
                if let Some(period) = first(expanded) {
                    decisions.expansions.push(ExpansionDecision {
                        plant: plant.id.clone(),
                        expansion: step.id.clone(),
                        period: period_id(period),
                    });
                }
            }
        }
        for (flow, units) in self.flows.iter().zip(self.units(problem, network)) {
            if units <= Decimal::ZERO {
                continue;
            }
            let at = network.arcs[flow.arc];
            let option = &problem.options[at.option];
            decisions.flows.push(FlowDecision {
                model: option.model.clone(),
                plant: option.plant.clone(),
                market: problem.demands[at.demand].market.clone(),
                period: period_id(flow.period),
                units,
                in_quota: Vec::new(),
            });
        }
        decisions
    }

    /// Vehicles of every flow in decimals.
    fn units(&self, problem: &SourcingProblem, network: &Network) -> Vec<Decimal> {
        let whole = problem.units == Units::Whole;
        let digits = if whole { 0 } else { FRACTION_DIGITS };
        let rounded = |flow: &CellFlow| {
            let units = Decimal::from_f64(flow.units).unwrap_or_default();
            units.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
        };
        let mut units: Vec<Decimal> = self.flows.iter().map(rounded).collect();
        if whole {
            // Whole already, but for the last binary digits: what is lacking is not served.
            return units;
        }
        let mut of_demand: HashMap<(usize, usize), Vec<usize>> = HashMap::new();
        for (place, flow) in self.flows.iter().enumerate() {
            let demand = network.arcs[flow.arc].demand;
            of_demand.entry((demand, flow.period)).or_default().push(place);
        }
        for ((demand, period), places) in of_demand {
            let demand = &problem.demands[demand];
            let wanted = in_period(&demand.volume, period).unwrap_or_default();
            let served: Decimal = places.iter().map(|place| units[*place]).sum();
            let off = wanted - served;
            let mut noise = wanted * NOISE;
            if off > Decimal::ZERO && demand.lost_margin.is_some() {
                noise /= Decimal::ONE_HUNDRED;
            }
            noise += ROUNDING * Decimal::from(places.len());
            let greatest = places.into_iter().max_by_key(|place| (units[*place], *place));
            if let Some(greatest) = greatest.filter(|_| off.abs() <= noise) {
                units[greatest] += off;
            }
        }
        units
    }
}
