//! What is paid for plants, launches, expansions and approvals, for demand not
//! served and floors not reached.

use super::Ledger;
use super::account::{Account, Belonging};
use super::settled::Settled;
use crate::money::{Money, Overflow};
use crate::sourcing::plan::{CapacityUse, CostKind, FloorShortfall, Unserved};
use crate::sourcing::priced::FlowLimitKind;
use crate::sourcing::problem::in_period;
use rust_decimal::Decimal;
use std::collections::HashMap;

impl Ledger<'_> {
    pub(super) fn build_up(
        &self,
        settled: &Settled,
        account: &mut Account<'_>,
    ) -> Result<(), Overflow> {
        let mut pay = |kind, of, amount: Option<Money>, period| -> Result<(), Overflow> {
            match amount {
                Some(amount) => {
                    account.book(kind, of, period, self.rounded(amount, Decimal::ONE, period)?)
                }
                None => Ok(()),
            }
        };
        for (place, (plant, open)) in self.problem.plants.iter().zip(&settled.open).enumerate() {
            let of = Belonging::plant(place);
            let mut before = plant.initially_open;
            for (period, open) in open.iter().copied().enumerate() {
                match (before, open) {
                    (false, true) => pay(CostKind::Opening, of, plant.opening_cost, period)?,
                    (true, false) => pay(CostKind::Closing, of, plant.closing_cost, period)?,
                    _ => {}
                }
                if open {
                    pay(CostKind::Fixed, of, plant.fixed_cost, period)?;
                }
                before = open;
            }
        }
        for (place, (option, launched)) in
            self.problem.options.iter().zip(&settled.launched).enumerate()
        {
            if let Some(period) = launched {
                let of = Belonging::plant(self.network.options[place].plant);
                pay(CostKind::Launch, of, option.launch_cost, *period)?;
            }
        }
        for (place, (plant, steps)) in self.problem.plants.iter().zip(&settled.expanded).enumerate()
        {
            for (step, decided) in plant.expansions.iter().zip(steps) {
                if let Some(period) = decided {
                    pay(CostKind::Expansion, Belonging::plant(place), step.cost, *period)?;
                }
            }
        }
        for approval in &self.network.approvals {
            let used = settled.flows.iter().filter(|flow| approval.arcs.contains(&flow.arc));
            if let Some(period) = used.map(|flow| flow.period).min() {
                let homologations = &self.problem.markets[approval.market].homologations;
                let cost = homologations[approval.homologation].cost;
                pay(
                    CostKind::Homologation,
                    Belonging::market(approval.market),
                    Some(cost),
                    period,
                )?;
            }
        }
        Ok(())
    }

    /// Demand not served, at its lost margin.
    pub(super) fn unserved(
        &self,
        settled: &Settled,
        capacities: &[CapacityUse],
        account: &mut Account<'_>,
    ) -> Result<Vec<Unserved>, Overflow> {
        let mut arcs_of = vec![Vec::new(); self.priced.demands.len()];
        for (place, arc) in self.priced.arcs.iter().enumerate() {
            arcs_of[arc.demand].push(place);
        }
        let mut unserved = Vec::new();
        for (place, demand) in self.problem.demands.iter().enumerate() {
            for (period, stated) in self.problem.periods.iter().enumerate() {
                let wanted = in_period(&demand.volume, period).unwrap_or_default();
                let units = wanted - settled.served[place][period];
                if units <= Decimal::ZERO {
                    continue;
                }
                if let Some(margin) = demand.lost_margin {
                    let lost = self.rounded(margin, units, period)?;
                    let of = Belonging::market(self.network.demands[place].market);
                    account.book(CostKind::LostMargin, of, period, lost)?;
                }
                unserved.push(Unserved {
                    model: demand.model.clone(),
                    market: demand.market.clone(),
                    period: stated.id.clone(),
                    units,
                    reasons: self.reasons(settled, capacities, &arcs_of[place], period),
                });
            }
        }
        Ok(unserved)
    }

    /// Floors with a price that are not reached.
    pub(super) fn shortfalls(
        &self,
        settled: &Settled,
        account: &mut Account<'_>,
    ) -> Result<Vec<FloorShortfall>, Overflow> {
        let mut shortfalls = Vec::new();
        for limit in &self.priced.flow_limits {
            if limit.kind != FlowLimitKind::DomesticFloor {
                continue;
            }
            let floor = &self.problem.limits.floors[limit.place];
            let Some(penalty) = floor.penalty else { continue };
            let counts: HashMap<usize, Decimal> = limit.terms.iter().copied().collect();
            let reached: Decimal = settled
                .flows
                .iter()
                .filter(|flow| flow.period == limit.period)
                .filter_map(|flow| Some(counts.get(&flow.arc)? * flow.units))
                .sum();
            let short = limit.least.unwrap_or_default() - reached;
            if short <= Decimal::ZERO {
                continue;
            }
            // A share of sales may fall short by a part of a vehicle: it is paid for as a part.
            let cost = self.rounded(penalty, short, limit.period)?;
            account.book(CostKind::Shortfall, Belonging::NOWHERE, limit.period, cost)?;
            shortfalls.push(FloorShortfall {
                floor: floor.id.clone(),
                period: self.problem.periods[limit.period].id.clone(),
                short,
                cost,
            });
        }
        Ok(shortfalls)
    }

    /// Net sales, not discounted and discounted.
    pub(super) fn net_sales(&self, settled: &Settled) -> Result<(Money, Decimal), Overflow> {
        let mut sum = Money::zero(self.problem.reporting_currency);
        let mut discounted = Decimal::ZERO;
        for (demand, served) in self.problem.demands.iter().zip(&settled.served) {
            for (period, units) in served.iter().enumerate() {
                let Some(price) = in_period(&demand.net_price, period) else { continue };
                let sales = self.rounded(price, *units, period)?;
                sum = sum.plus(sales)?;
                let now = sales.amount().checked_mul(self.priced.discounts[period]);
                let sum = now.and_then(|now| discounted.checked_add(now));
                discounted = sum.ok_or(Overflow)?;
            }
        }
        Ok((sum, discounted))
    }
}
