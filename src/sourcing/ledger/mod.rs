//! The ledger: what decisions cost, entry by entry, in exact decimals.
//!
//! Rules, in the order in which they are applied:
//! - Vehicles of a flow are spread over its entry windows by weight; whole ones
//!   by largest remainders.
//! - Those within a quota and the others are entered apart: full entries of the
//!   lane's vehicles, then one of the rest. Where vehicles are not whole, an
//!   entry is priced at its share of a full one.
//! - Every layer of alike entries is converted at the planning rate of the
//!   period of shipment and rounded once, half up, to the minor unit; so is
//!   every other cost, once for each flow and kind, plant, launch, demand or
//!   floor and period. Sums are sums of rounded amounts.
//! - Discounted amounts are those times the factor of their period, unrounded.

mod account;
mod build_up;
mod credit_spending;
mod entries;
mod quota_entry;
mod reasons;
mod settled;
mod totals;

use crate::money::{Money, Overflow, Rounding};
use crate::sourcing::calendar::discount_factors;
use crate::sourcing::decisions::Decisions;
use crate::sourcing::duties::Duties;
use crate::sourcing::network::Network;
use crate::sourcing::plan::{Plan, PlanCost};
use crate::sourcing::priced::PricedProblem;
use crate::sourcing::pricing::PricingError;
use crate::sourcing::problem::{Objective, SourcingProblem, Units};
use account::{Account, Closed};
use rust_decimal::Decimal;
use settled::Settled;

/// Prices decisions under a problem.
#[derive(Clone, Copy, Debug)]
pub struct Ledger<'a> {
    /// The problem.
    pub problem: &'a SourcingProblem,
    /// It held together.
    pub network: &'a Network,
    /// Its law.
    pub duties: &'a Duties,
    /// It in numbers.
    pub priced: &'a PricedProblem,
}

impl Ledger<'_> {
    /// The plan that decisions make. Quota entries and credits that decisions
    /// do not tell are chosen: the units that save most are entered within
    /// quotas, and credits are spent as soon as there is duty.
    ///
    /// # Errors
    /// [`PricingError`].
    pub fn plan(&self, decisions: Decisions) -> Result<Plan, PricingError> {
        let mut settled = Settled::of(self, decisions)?;
        let mut account = Account::new(self.problem, self.discounts());
        let allocations = self.allocations(&settled, &mut account)?;
        let kit_duties = self.kit_duties(&settled, &mut account)?;
        let credits = self.credits(&mut settled, &kit_duties, &mut account)?;
        self.build_up(&settled, &mut account)?;
        let capacities = self.capacities(&settled);
        let unserved = self.unserved(&settled, &capacities, &mut account)?;
        let shortfalls = self.shortfalls(&settled, &mut account)?;
        let net_sales = self.net_sales(&settled)?;
        let Closed { total, discounted_total, lines, cells } = account.closed()?;
        let profit = (self.problem.objective == Objective::Profit)
            .then(|| net_sales.1.checked_sub(discounted_total).ok_or(Overflow));
        let cost = PlanCost {
            total,
            discounted_total,
            net_sales: (self.problem.objective == Objective::Profit).then_some(net_sales.0),
            discounted_profit: profit.transpose()?,
            lines,
            cells,
            solver_cost: None,
            avoidable: discounted_total.checked_sub(self.unavoidable()?).ok_or(Overflow)?,
        };
        Ok(Plan {
            cost,
            tranches: self.tranches(&settled),
            capacities,
            countries: self.countries(&settled),
            trade_flows: self.trade_flows(&settled, &allocations)?,
            allocations,
            kit_duties,
            credits,
            unserved,
            shortfalls,
            assumptions: self.duties.assumptions.iter().cloned().collect(),
            binding_limits: Vec::new(),
            earned_reliefs: Vec::new(),
            decisions: settled.decisions,
        })
    }

    fn discounts(&self) -> Vec<Decimal> {
        discount_factors(&self.problem.periods, self.problem.annual_discount_rate)
    }

    fn whole(&self) -> bool {
        self.problem.units == Units::Whole
    }

    /// An amount so many times, in the reporting currency, rounded once.
    fn rounded(&self, amount: Money, times: Decimal, period: usize) -> Result<Money, Overflow> {
        let exact = self.problem.reported(amount.times(times)?, period)?;
        Ok(Money::new(exact, self.problem.reporting_currency).rounded(Rounding::HALF_UP))
    }

    /// Discounted cost that no plan avoids: every demand served the cheapest
    /// way there is, were plants free of fixed cost and limit.
    fn unavoidable(&self) -> Result<Decimal, Overflow> {
        let periods = self.priced.periods();
        let mut cheapest: Vec<Vec<Option<Decimal>>> =
            vec![vec![None; periods]; self.priced.demands.len()];
        for (demand, cheapest) in self.priced.demands.iter().zip(&mut cheapest) {
            for (period, cheapest) in cheapest.iter_mut().enumerate() {
                *cheapest = demand.lost_margin.as_ref().map(|margin| margin[period]);
            }
        }
        for arc in &self.priced.arcs {
            for (period, cell) in arc.cells.iter().enumerate() {
                let saved: Decimal =
                    cell.quota_windows.iter().map(|window| window.saving * window.share).sum();
                let cost = self.priced.options[arc.option].unit_cost[period] + cell.cost - saved;
                let known = &mut cheapest[arc.demand][period];
                *known = Some(known.map_or(cost, |known| known.min(cost)));
            }
        }
        let mut sum = Decimal::ZERO;
        for (demand, cheapest) in self.priced.demands.iter().zip(cheapest) {
            for (period, cheapest) in cheapest.into_iter().enumerate() {
                let weight = demand.volume[period] * self.priced.discounts[period];
                let cost = cheapest.unwrap_or_default().checked_mul(weight);
                sum = cost.and_then(|cost| sum.checked_add(cost)).ok_or(Overflow)?;
            }
        }
        Ok(sum)
    }
}
