//! Decisions settled: every flow by place, spread over its entry windows, with
//! what enters within quotas.

use super::Ledger;
use crate::money::Overflow;
use crate::sourcing::calendar::allotted;
use crate::sourcing::decisions::Decisions;
use crate::sourcing::pricing::PricingError;
use rust_decimal::Decimal;

/// Decisions by place.
pub(super) struct Settled {
    /// Decisions, with quota entries filled in.
    pub decisions: Decisions,
    /// Flows, in the order of the decisions. Flows on no arc are left out:
    /// whoever checks the plan finds them.
    pub flows: Vec<SettledFlow>,
    /// Whether a plant is open, by plant and period.
    pub open: Vec<Vec<bool>>,
    /// Period in which an option is launched, where it is.
    pub launched: Vec<Option<usize>>,
    /// Period in which a step is decided, by plant and step, where it is.
    pub expanded: Vec<Vec<Option<usize>>>,
    /// Units built, by option and period.
    pub built: Vec<Vec<Decimal>>,
    /// Units served, by demand and period.
    pub served: Vec<Vec<Decimal>>,
}

/// A flow by place.
pub(super) struct SettledFlow {
    /// Place among the decisions.
    pub flow: usize,
    /// Arc.
    pub arc: usize,
    /// Period.
    pub period: usize,
    /// Vehicles.
    pub units: Decimal,
    /// Vehicles by entry window: all, and those within a quota.
    pub windows: Vec<(Decimal, Decimal)>,
}

impl Settled {
    pub fn of(ledger: &Ledger<'_>, decisions: Decisions) -> Result<Self, PricingError> {
        let (problem, network) = (ledger.problem, ledger.network);
        let periods = problem.periods.len();
        let mut settled = Self {
            flows: Vec::with_capacity(decisions.flows.len()),
            open: vec![vec![false; periods]; problem.plants.len()],
            launched: vec![None; problem.options.len()],
            expanded: problem
                .plants
                .iter()
                .map(|plant| vec![None; plant.expansions.len()])
                .collect(),
            built: vec![vec![Decimal::ZERO; periods]; problem.options.len()],
            served: vec![vec![Decimal::ZERO; periods]; problem.demands.len()],
            decisions,
        };
        let plant_of = |id: &str| problem.plants.iter().position(|plant| plant.id == id);
        for decision in &settled.decisions.plants {
            let Some(plant) = plant_of(&decision.plant) else { continue };
            for period in decision.open_periods.iter().filter_map(|id| network.period(id)) {
                settled.open[plant][period] = true;
            }
        }
        for launch in &settled.decisions.launches {
            if let Some(option) = network.option(&launch.model, &launch.plant) {
                settled.launched[option] = network.period(&launch.period);
            }
        }
        for decision in &settled.decisions.expansions {
            let Some(plant) = plant_of(&decision.plant) else { continue };
            let mut steps = problem.plants[plant].expansions.iter();
            if let Some(step) = steps.position(|step| step.id == decision.expansion) {
                settled.expanded[plant][step] = network.period(&decision.period);
            }
        }
        for (place, flow) in settled.decisions.flows.iter().enumerate() {
            let arc = network
                .option(&flow.model, &flow.plant)
                .and_then(|option| network.arc(option, network.demand(&flow.model, &flow.market)?));
            let (Some(arc), Some(period)) = (arc, network.period(&flow.period)) else { continue };
            let windows = &ledger.duties.arcs[arc][period];
            let weights: Vec<Decimal> =
                windows.windows.iter().map(|window| window.weight).collect();
            let spread = if ledger.whole() {
                allotted(flow.units, &weights, windows.of)
            } else {
                let part =
                    |weight: &Decimal| flow.units.checked_mul(*weight)?.checked_div(windows.of);
                weights.iter().map(part).collect::<Option<_>>().ok_or(Overflow)?
            };
            let told = |from| {
                let own = flow.in_quota.iter().filter(|(start, _)| *start == from);
                own.map(|(_, units)| *units).sum::<Decimal>()
            };
            let windows = windows.windows.iter().zip(spread);
            let at = network.arcs[arc];
            settled.built[at.option][period] += flow.units;
            settled.served[at.demand][period] += flow.units;
            settled.flows.push(SettledFlow {
                flow: place,
                arc,
                period,
                units: flow.units,
                windows: windows.map(|(window, units)| (units, told(window.from))).collect(),
            });
        }
        if settled.decisions.flows.iter().all(|flow| flow.in_quota.is_empty()) {
            settled.enter_quotas(ledger);
        }
        Ok(settled)
    }
}
