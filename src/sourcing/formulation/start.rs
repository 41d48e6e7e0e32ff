//! Decisions as a point of the program: where a search may begin.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::build_up::Switch;
use super::{Formulation, float};
use crate::sourcing::decisions::Decisions;
use crate::sourcing::network::Network;
use crate::sourcing::priced::PricedProblem;
use crate::sourcing::problem::SourcingProblem;

impl Formulation {
    /// The point of decisions, as far as the problem knows what they name.
    /// Nothing is entered within quotas and no credit is spent there: a search
    /// does that itself. It may break rows: whoever begins there looks.
    pub fn start(
        &self,
        problem: &SourcingProblem,
        network: &Network,
        priced: &PricedProblem,
        decisions: &Decisions,
    ) -> Vec<f64> {
        let mut values = vec![0.0; self.program.column_count()];
        let mut set = |switch: Switch| {
            if let Switch::Column(column) = switch {
                values[column] = 1.0;
            }
        };
        let plant_of = |id: &str| problem.plants.iter().position(|plant| plant.id == id);
        let since = |switches: &[Switch], period: usize, set: &mut dyn FnMut(Switch)| {
            switches.iter().skip(period).for_each(|switch| set(*switch));
        };
        for decision in &decisions.plants {
            let Some(plant) = plant_of(&decision.plant) else { continue };
            for period in decision.open_periods.iter().filter_map(|id| network.period(id)) {
                set(self.build_up.open[plant][period]);
            }
        }
        for launch in &decisions.launches {
            let option = network.option(&launch.model, &launch.plant);
            if let (Some(option), Some(period)) = (option, network.period(&launch.period)) {
                since(&self.build_up.launched[option], period, &mut set);
            }
        }
        for decision in &decisions.expansions {
            let Some(plant) = plant_of(&decision.plant) else { continue };
            let mut steps = problem.plants[plant].expansions.iter();
            let step = steps.position(|step| step.id == decision.expansion);
            if let (Some(step), Some(period)) = (step, network.period(&decision.period)) {
                since(&self.build_up.expanded[plant][step], period, &mut set);
            }
        }
        self.open_and_close(priced, &mut values);
        self.flow(network, decisions, &mut values);
        // Paid all along, and then as far as used.
        for switch in self.build_up.approved.iter().flatten() {
            if let Switch::Column(column) = switch {
                values[*column] = 1.0;
            }
        }
        self.approved_as_used(priced, values)
    }

    fn open_and_close(&self, priced: &PricedProblem, values: &mut [f64]) {
        for (place, plant) in priced.plants.iter().enumerate() {
            let mut before = plant.initially_open;
            for (period, open) in self.build_up.open[place].iter().enumerate() {
                let open = open.value(values);
                let column = match (before, open) {
                    (false, true) => self.build_up.opening[place][period],
                    (true, false) => self.build_up.closing[place][period],
                    _ => None,
                };
                if let Some(column) = column {
                    values[column] = 1.0;
                }
                before = open;
            }
        }
    }

    fn flow(&self, network: &Network, decisions: &Decisions, values: &mut [f64]) {
        let mut left: Vec<Vec<f64>> =
            self.flows.unserved.iter().map(|periods| vec![1.0; periods.len()]).collect();
        for flow in &decisions.flows {
            let arc = network
                .option(&flow.model, &flow.plant)
                .and_then(|option| network.arc(option, network.demand(&flow.model, &flow.market)?));
            let (Some(arc), Some(period)) = (arc, network.period(&flow.period)) else { continue };
            let demand = self.flows.demand_of[arc];
            let Some(cell) = &self.flows.cells[arc][period] else { continue };
            let share = float(flow.units) / self.flows.volumes[demand][period];
            values[cell.flow] += share;
            if let Some(chosen) = cell.chosen {
                values[chosen] = 1.0;
            }
            left[demand][period] -= share;
        }
        for (unserved, left) in self.flows.unserved.iter().zip(left) {
            for (column, left) in unserved.iter().zip(left) {
                if let Some(column) = column {
                    values[*column] = left.max(0.0);
                }
            }
        }
    }
}
