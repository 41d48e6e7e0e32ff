//! Why demand is not served, by what stands in the way on each arc.

use super::Ledger;
use super::settled::Settled;
use crate::sourcing::plan::{CapacityUse, UnservedReason};
use crate::sourcing::priced::PricedArc;

impl Ledger<'_> {
    /// Reasons for one demand in one period, one for each plant.
    pub(super) fn reasons(
        &self,
        settled: &Settled,
        capacities: &[CapacityUse],
        arcs: &[usize],
        period: usize,
    ) -> Vec<UnservedReason> {
        let mut reasons: Vec<UnservedReason> = arcs
            .iter()
            .map(|arc| {
                let arc = &self.priced.arcs[*arc];
                let option = &self.priced.options[arc.option];
                let capacity = &capacities[option.plant * self.priced.periods() + period];
                let (reason, message) = self.reason(settled, arc, period, capacity);
                let plant = Some(capacity.plant.clone());
                UnservedReason { reason, plant, message }
            })
            .collect();
        if reasons.is_empty() {
            let message = "No plant that may build it has a lane to the market.".to_owned();
            reasons.push(UnservedReason { reason: "NO_LANE", plant: None, message });
        }
        reasons
    }

    fn reason(
        &self,
        settled: &Settled,
        arc: &PricedArc,
        period: usize,
        capacity: &CapacityUse,
    ) -> (&'static str, String) {
        let id = &capacity.plant;
        let option = &self.priced.options[arc.option];
        let demand = &self.priced.demands[arc.demand];
        let launched = option.initially_launched
            || settled.launched[arc.option]
                .is_some_and(|then| then + option.lead_periods <= period);
        if !launched {
            return ("NOT_LAUNCHED", format!("It is not launched in `{id}` by then."));
        }
        if !settled.open[option.plant][period] {
            return ("PLANT_CLOSED", format!("`{id}` is closed."));
        }
        let margin = demand.lost_margin.as_ref().map(|margin| margin[period]);
        let price = demand.price.get(period).copied().unwrap_or_default();
        let cost = option.unit_cost[period] + arc.cells[period].cost - price;
        if margin.is_some_and(|margin| cost >= margin) {
            let message = format!("A vehicle from `{id}` costs more than its margin is worth.");
            return ("COSTS_MORE_THAN_MARGIN", message);
        }
        if capacity.capacity - capacity.used < option.capacity_use {
            return ("CAPACITY_USED", format!("The capacity of `{id}` is used."));
        }
        ("LIMIT", format!("A limit keeps `{id}` from building it."))
    }
}
