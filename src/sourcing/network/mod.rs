//! A problem held together: every id looked up once, and every fault of the
//! whole found at once.

mod amounts;
mod contradictions;
mod references;

use crate::sourcing::problem::{SourcingProblem, Units};
use crate::tariff::EntryFault;
use std::collections::HashMap;

/// Most arcs times periods.
pub const MOST_CELLS: usize = 2_000_000;

/// Places of what a problem names by id. Arcs run in order of options, then of
/// demands.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// Model line and plant of each option.
    pub options: Vec<OptionPlaces>,
    /// Model line and market of each demand.
    pub demands: Vec<DemandPlaces>,
    /// Every way a demand can be served.
    pub arcs: Vec<ArcPlaces>,
    /// Approvals that are paid for.
    pub approvals: Vec<Approval>,
    periods: HashMap<String, usize>,
    arc_of: HashMap<(usize, usize), usize>,
    option_of: HashMap<(String, String), usize>,
    demand_of: HashMap<(String, String), usize>,
}

/// Places of an option's parts.
#[derive(Clone, Copy, Debug)]
pub struct OptionPlaces {
    /// Model line.
    pub model: usize,
    /// Plant.
    pub plant: usize,
}

/// Places of a demand's parts.
#[derive(Clone, Copy, Debug)]
pub struct DemandPlaces {
    /// Model line.
    pub model: usize,
    /// Market.
    pub market: usize,
}

/// A way a demand can be served: an option, and the lane to its market.
#[derive(Clone, Copy, Debug)]
pub struct ArcPlaces {
    /// Option.
    pub option: usize,
    /// Demand.
    pub demand: usize,
    /// Lane.
    pub lane: usize,
}

/// Approval of one model of one origin in one market.
#[derive(Clone, Debug)]
pub struct Approval {
    /// Market.
    pub market: usize,
    /// Place among the market's homologations.
    pub homologation: usize,
    /// Model line.
    pub model: usize,
    /// Arcs that need it.
    pub arcs: Vec<usize>,
}

impl Network {
    /// Looks up every id of a problem. Empty ids are faulty and are reported
    /// already by whoever read them.
    ///
    /// # Errors
    /// Every fault that lies between the parts of the problem, with its path.
    pub fn of(problem: &SourcingProblem) -> Result<Self, Vec<EntryFault>> {
        let mut survey = Survey { problem, network: Self::default(), faults: Vec::new() };
        survey.periods();
        survey.places();
        survey.arcs();
        survey.amounts();
        survey.limits();
        survey.contradictions();
        let Survey { network, faults, .. } = survey;
        if faults.is_empty() { Ok(network) } else { Err(faults) }
    }

    /// Places of periods named; all where none is.
    pub fn periods(&self, ids: &[String]) -> Vec<usize> {
        if ids.is_empty() {
            return (0..self.periods.len()).collect();
        }
        ids.iter().filter_map(|id| self.period(id)).collect()
    }

    /// Place of a period.
    pub fn period(&self, id: &str) -> Option<usize> {
        self.periods.get(id).copied()
    }

    /// Place of the option of a model in a plant.
    pub fn option(&self, model: &str, plant: &str) -> Option<usize> {
        self.option_of.get(&(model.to_owned(), plant.to_owned())).copied()
    }

    /// Place of the demand of a market for a model.
    pub fn demand(&self, model: &str, market: &str) -> Option<usize> {
        self.demand_of.get(&(model.to_owned(), market.to_owned())).copied()
    }

    /// Place of the arc from an option to a demand.
    pub fn arc(&self, option: usize, demand: usize) -> Option<usize> {
        self.arc_of.get(&(option, demand)).copied()
    }
}

/// A problem being looked through.
struct Survey<'a> {
    problem: &'a SourcingProblem,
    network: Network,
    faults: Vec<EntryFault>,
}

impl Survey<'_> {
    fn fault(&mut self, mut field: String, reason: &'static str, message: impl Into<String>) {
        field.insert_str(0, "problem.");
        self.faults.push(EntryFault { field, reason, message: message.into() });
    }

    fn unknown(&mut self, field: String, what: &str, id: &str) {
        self.fault(field, "UNKNOWN_ID", format!("there is no {what} `{id}`"));
    }

    fn whole(&self) -> bool {
        self.problem.units == Units::Whole
    }
}
