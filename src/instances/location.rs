//! Facility location as sourcing: one period, a plant for each facility, no
//! tariff.

use super::InstanceFault;
use super::figures::{held, sum};
use crate::sourcing::{ArcCell, PricedArc, PricedDemand, PricedOption, PricedPlant, PricedProblem};
use rust_decimal::Decimal;

/// Facilities, customers, and what it costs to serve one from the other.
pub(super) struct LocationTable {
    /// Facilities.
    pub(super) facilities: Vec<Facility>,
    /// Customers.
    pub(super) customers: Vec<Customer>,
    /// Whether capacity counts.
    pub(super) capacitated: bool,
    /// Whether each customer is served by one facility.
    pub(super) single_source: bool,
}

/// A place that may serve.
pub(super) struct Facility {
    /// Most demand it serves.
    pub(super) capacity: Decimal,
    /// Cost of having it.
    pub(super) fixed_cost: Decimal,
}

/// A place that must be served.
pub(super) struct Customer {
    /// Demand.
    pub(super) demand: Decimal,
    /// Cost of serving all of it, by facility.
    pub(super) costs: Vec<Decimal>,
}

/// The model line of customers that use capacity, and of those that use none.
const USING: usize = 0;
const USING_NONE: usize = 1;

impl LocationTable {
    /// The table as a sourcing problem.
    ///
    /// A customer's vehicles are its demand, and the cost of one is the cost of
    /// all divided by the demand. A customer of no demand must be served as
    /// well, at its cost, so it wants one vehicle of a second model line that
    /// uses no capacity. Where capacity does not count, every customer wants
    /// one vehicle, and a plant can build them all.
    pub(super) fn priced(&self) -> Result<PricedProblem, InstanceFault> {
        let everyone = Decimal::from(self.customers.len());
        // Capacities are added up elsewhere: the sum must be one that can be held.
        sum("the demand of all customers", self.customers.iter().map(|customer| customer.demand))?;
        let plant = |facility: &Facility| PricedPlant {
            capacity: vec![if self.capacitated { facility.capacity } else { everyone }],
            opening_cost: vec![Decimal::ZERO],
            closing_cost: vec![Decimal::ZERO],
            fixed_cost: vec![facility.fixed_cost],
            decided: vec![None],
            ..PricedPlant::default()
        };
        let mut problem = PricedProblem {
            discounts: vec![Decimal::ONE],
            plants: self.facilities.iter().map(plant).collect(),
            ..PricedProblem::default()
        };
        for (model, capacity_use) in [(USING, Decimal::ONE), (USING_NONE, Decimal::ZERO)] {
            let customers: Vec<&Customer> =
                self.customers.iter().filter(|customer| self.model(customer) == model).collect();
            if !customers.is_empty() {
                self.add_model(&mut problem, model, capacity_use, &customers)?;
            }
        }
        Ok(problem)
    }

    fn model(&self, customer: &Customer) -> usize {
        if self.capacitated && customer.demand.is_zero() { USING_NONE } else { USING }
    }

    fn volume(&self, customer: &Customer) -> Decimal {
        if self.capacitated && !customer.demand.is_zero() { customer.demand } else { Decimal::ONE }
    }

    fn add_model(
        &self,
        problem: &mut PricedProblem,
        model: usize,
        capacity_use: Decimal,
        customers: &[&Customer],
    ) -> Result<(), InstanceFault> {
        let first_demand = problem.demands.len();
        for customer in customers {
            problem.demands.push(PricedDemand {
                model,
                volume: vec![self.volume(customer)],
                single_source: self.single_source,
                ..PricedDemand::default()
            });
        }
        for plant in 0..self.facilities.len() {
            let option = problem.options.len();
            problem.options.push(PricedOption {
                model,
                plant,
                capacity_use,
                unit_cost: vec![Decimal::ZERO],
                launch_cost: vec![Decimal::ZERO],
                initially_launched: true,
                decided: vec![None],
                ..PricedOption::default()
            });
            for (place, customer) in customers.iter().enumerate() {
                let cost = customer.costs.get(plant);
                let cost = cost.and_then(|cost| cost.checked_div(self.volume(customer)));
                let cost = held("the cost of one unit of demand", cost)?;
                problem.arcs.push(PricedArc {
                    option,
                    demand: first_demand + place,
                    cells: vec![ArcCell { cost, ..ArcCell::default() }],
                });
            }
        }
        Ok(())
    }
}
