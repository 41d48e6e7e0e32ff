//! What a plan comes to: capacity, quotas, countries, trade.

use super::Ledger;
use super::quota_entry::Draws;
use super::settled::Settled;
use crate::money::Money;
use crate::sourcing::calendar::days_between;
use crate::sourcing::plan::{Allocation, CapacityUse, CountryTotal, TradeFlow, TrancheUse};
use crate::sourcing::pricing::PricingError;
use crate::tariff::Region;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// Decimals of a number of jobs.
const JOB_DIGITS: u32 = 6;

impl Ledger<'_> {
    /// Capacity after ramp and expansions, and its use.
    pub(super) fn capacities(&self, settled: &Settled) -> Vec<CapacityUse> {
        let mut capacities = Vec::new();
        for (place, plant) in self.priced.plants.iter().enumerate() {
            let mut opened = None;
            let mut before = plant.initially_open;
            for (period, stated) in self.problem.periods.iter().enumerate() {
                let open = settled.open[place][period];
                if open && !before {
                    opened = Some(period);
                }
                before = open;
                let ramp = opened.and_then(|then| plant.ramp.get(period - then));
                let mut capacity = plant.capacity[period] * ramp.copied().unwrap_or(Decimal::ONE);
                for (step, decided) in plant.expansions.iter().zip(&settled.expanded[place]) {
                    if decided.is_some_and(|then| then + step.lead_periods <= period) {
                        capacity += step.capacity;
                    }
                }
                let options = self.priced.options.iter().zip(&settled.built);
                let own = options.filter(|(option, _)| option.plant == place);
                capacities.push(CapacityUse {
                    plant: self.problem.plants[place].id.clone(),
                    period: stated.id.clone(),
                    capacity: if open { capacity } else { Decimal::ZERO },
                    used: own.map(|(option, built)| option.capacity_use * built[period]).sum(),
                });
            }
        }
        capacities
    }

    /// What is there of each tranche, and what the plan draws.
    pub(super) fn tranches(&self, settled: &Settled) -> Vec<TrancheUse> {
        let mut draws = Draws::new(self);
        for flow in &settled.flows {
            let windows = &self.duties.arcs[flow.arc][flow.period].windows;
            for (window, (_, within)) in windows.iter().zip(&flow.windows) {
                if let Some(tranche) = window.tranche {
                    draws.drawn[tranche] += within;
                }
            }
        }
        let tranches = self.duties.tranches.iter().enumerate();
        tranches
            .map(|(place, tranche)| TrancheUse {
                importer: tranche.importer,
                quota: tranche.quota.clone(),
                from: tranche.from,
                volume: tranche.volume,
                carried_over: draws.carried_over(place),
                used_by_others: tranche.used_by_others,
                drawn: draws.drawn[place],
                left: draws.left(place),
            })
            .collect()
    }

    /// What each country builds and sells.
    pub(super) fn countries(&self, settled: &Settled) -> Vec<CountryTotal> {
        // Built, sold, hours.
        let mut sums: BTreeMap<(Region, usize), [Decimal; 3]> = BTreeMap::new();
        for flow in &settled.flows {
            let (origin, market, option) = self.ends(flow.arc);
            let hours = self.problem.options[option].labour_hours.unwrap_or_default() * flow.units;
            let built = sums.entry((origin, flow.period)).or_default();
            built[0] += flow.units;
            built[2] += hours;
            sums.entry((market, flow.period)).or_default()[1] += flow.units;
        }
        let total =
            |((region, period), [built, sold, labour_hours]): ((Region, usize), [Decimal; 3])| {
                let stated = &self.problem.periods[period];
                let days = Decimal::from(days_between(stated.start, stated.end));
                let jobs = (labour_hours * Decimal::from(365))
                    .checked_div(self.problem.labour_hours_per_job * days)
                    .unwrap_or_default();
                CountryTotal {
                    region,
                    period: stated.id.clone(),
                    built,
                    sold,
                    labour_hours,
                    jobs: jobs
                        .round_dp_with_strategy(JOB_DIGITS, RoundingStrategy::MidpointAwayFromZero),
                }
            };
        sums.into_iter().map(total).collect()
    }

    /// Vehicles and value by pair of countries.
    pub(super) fn trade_flows(
        &self,
        settled: &Settled,
        allocations: &[Allocation],
    ) -> Result<Vec<TradeFlow>, PricingError> {
        let zero = Money::zero(self.problem.reporting_currency);
        let mut sums: BTreeMap<(Region, Region, usize), (Decimal, Money)> = BTreeMap::new();
        for (flow, allocation) in settled.flows.iter().zip(allocations) {
            let (origin, importer, _) = self.ends(flow.arc);
            let sum = sums.entry((origin, importer, flow.period)).or_insert((Decimal::ZERO, zero));
            sum.0 += flow.units;
            for group in &allocation.entries {
                let value = self.rounded(group.customs_value, group.entries, flow.period)?;
                sum.1 = sum.1.plus(value)?;
            }
        }
        let told = sums.into_iter().map(|((origin, importer, period), (units, value))| TradeFlow {
            origin,
            importer,
            period: self.problem.periods[period].id.clone(),
            units,
            value,
        });
        Ok(told.collect())
    }

    /// Origin, importer and option of an arc.
    fn ends(&self, arc: usize) -> (Region, Region, usize) {
        let at = self.network.arcs[arc];
        let plant = self.network.options[at.option].plant;
        let market = self.network.demands[at.demand].market;
        (self.problem.plants[plant].region, self.problem.markets[market].region, at.option)
    }
}
