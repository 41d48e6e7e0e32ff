//! What a point of the program decides.

use super::Formulation;
use super::build_up::Switch;
use crate::sourcing::priced::PricedProblem;

/// What a point of the program decides. Quota entries and credits spent are
/// not read from it: given the flows, the best of them is found exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Whether a plant is open, by plant and period.
    pub open: Vec<Vec<bool>>,
    /// Whether an option is launched by a period, by option and period.
    pub launched: Vec<Vec<bool>>,
    /// Whether a step is decided by a period, by plant, step and period.
    pub expanded: Vec<Vec<Vec<bool>>>,
    /// What flows, in order of arcs and periods.
    pub flows: Vec<CellFlow>,
}

/// Vehicles of an arc in a period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CellFlow {
    /// Arc, by place.
    pub arc: usize,
    /// Period.
    pub period: usize,
    /// Vehicles.
    pub units: f64,
}

/// Flows below this many vehicles are the solver's noise; so are those below
/// this part of a demand where vehicles are not whole.
pub(super) const LEAST_FLOW: f64 = 1e-6;

impl Formulation {
    /// The same point with every approval paid when it is first used, as the
    /// plan pays it: a solver may leave one paid that nothing uses.
    pub fn approved_as_used(&self, problem: &PricedProblem, values: Vec<f64>) -> Vec<f64> {
        let mut values = values;
        for (homologation, approved) in problem.homologations.iter().zip(&self.build_up.approved) {
            let mut used = false;
            for (period, approved) in approved.iter().enumerate() {
                let Switch::Column(approved) = approved else { continue };
                let cells = homologation.arcs.iter().filter_map(|arc| {
                    Some((self.flows.cells[*arc][period].as_ref()?, self.flows.demand_of[*arc]))
                });
                used |= cells.into_iter().any(|(cell, demand)| {
                    let share: f64 = cell.all().map(|column| values[column]).sum();
                    let units = share * self.flows.volumes[demand][period];
                    units > LEAST_FLOW && (problem.whole || share > LEAST_FLOW)
                });
                if !used {
                    values[*approved] = 0.0;
                }
            }
        }
        values
    }

    /// Reads a point of the program.
    pub fn solution(&self, problem: &PricedProblem, values: &[f64]) -> Solution {
        let read = |switches: &Vec<Switch>| -> Vec<bool> {
            switches.iter().map(|switch| switch.value(values)).collect()
        };
        let open: Vec<Vec<bool>> = self.build_up.open.iter().map(read).collect();
        let launched: Vec<Vec<bool>> = self.build_up.launched.iter().map(read).collect();
        let mut approvals: Vec<Vec<usize>> = vec![Vec::new(); problem.arcs.len()];
        for (place, homologation) in problem.homologations.iter().enumerate() {
            for arc in &homologation.arcs {
                approvals[*arc].push(place);
            }
        }
        let mut flows = Vec::new();
        for (place, (arc, cells)) in problem.arcs.iter().zip(&self.flows.cells).enumerate() {
            let option = &problem.options[arc.option];
            let volumes = &self.flows.volumes[arc.demand];
            for (period, cell) in cells.iter().enumerate() {
                let Some(cell) = cell else { continue };
                let share: f64 = cell.all().map(|column| values[column]).sum();
                let units = share * volumes[period];
                let ready = option.initially_launched
                    || period
                        .checked_sub(option.lead_periods)
                        .is_some_and(|then| launched[arc.option][then]);
                let approved = approvals[place]
                    .iter()
                    .all(|approval| self.build_up.approved[*approval][period].value(values));
                let chosen = cell.chosen.is_none_or(|column| values[column] > 0.5);
                // What the switches forbid is noise within the solver's tolerance.
                let allowed = ready && approved && chosen && open[option.plant][period];
                if allowed && units > LEAST_FLOW && (problem.whole || share > LEAST_FLOW) {
                    flows.push(CellFlow { arc: place, period, units });
                }
            }
        }
        Solution {
            open,
            launched,
            expanded: self
                .build_up
                .expanded
                .iter()
                .map(|steps| steps.iter().map(read).collect())
                .collect(),
            flows,
        }
    }
}
