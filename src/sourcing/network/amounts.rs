//! Currencies that can be converted, and volumes and prices that fit the
//! objective.

use super::Survey;
use crate::money::{Currency, Money};
use crate::sourcing::problem::{CustomsValueRule, FRACTION_DIGITS, Objective, UnitCost};
use std::collections::HashSet;

impl Survey<'_> {
    /// Every amount has a planning rate; demands fit units and objective.
    pub(super) fn amounts(&mut self) {
        self.currencies();
        self.demand_amounts();
    }

    fn currencies(&mut self) {
        let problem = self.problem;
        let mut held: HashSet<Currency> = HashSet::from([problem.reporting_currency]);
        for (place, rate) in problem.planning_rates.iter().enumerate() {
            if !held.insert(rate.currency) {
                let message = if rate.currency == problem.reporting_currency {
                    format!("{} is the reporting currency itself", rate.currency)
                } else {
                    format!("{} has a rate already", rate.currency)
                };
                let field = format!("planning_exchange_rates[{place}].currency_code");
                self.fault(field, "DUPLICATE", message);
            }
        }
        let mut missing = Vec::new();
        let mut amount = |field: String, amount: Option<Money>| {
            if let Some(amount) = amount.filter(|amount| !held.contains(&amount.currency())) {
                missing.push((field, amount.currency()));
            }
        };
        for (place, plant) in problem.plants.iter().enumerate() {
            let at = |field: &str| format!("plants[{place}].{field}");
            amount(at("opening_cost"), plant.opening_cost);
            amount(at("closing_cost"), plant.closing_cost);
            amount(at("fixed_cost"), plant.fixed_cost);
            for (step, expansion) in plant.expansions.iter().enumerate() {
                amount(at(&format!("expansions[{step}].cost")), expansion.cost);
            }
        }
        for (place, option) in problem.options.iter().enumerate() {
            let at = |field: &str| format!("production_options[{place}].{field}");
            match &option.unit_cost {
                UnitCost::Whole(series) => {
                    for (position, cost) in series.iter().enumerate() {
                        amount(at(&format!("unit_cost[{position}]")), Some(*cost));
                    }
                }
                UnitCost::Parts { labour, parts, other } => {
                    amount(at("labour_cost"), *labour);
                    amount(at("parts_cost"), *parts);
                    amount(at("other_cost"), *other);
                }
            }
            amount(at("launch_cost"), option.launch_cost);
            for (kit, stated) in option.kits.iter().enumerate() {
                amount(at(&format!("part_kits[{kit}].value")), Some(stated.value));
                amount(at(&format!("part_kits[{kit}].freight")), stated.freight);
            }
            for (customs, treatment) in option.customs.iter().enumerate() {
                if let CustomsValueRule::TransactionValue(value) = treatment.value_rule {
                    amount(at(&format!("customs[{customs}].transaction_value")), Some(value));
                }
            }
        }
        for (place, market) in problem.markets.iter().enumerate() {
            for (position, homologation) in market.homologations.iter().enumerate() {
                let field = format!("markets[{place}].homologations[{position}].cost");
                amount(field, Some(homologation.cost));
            }
        }
        for (place, demand) in problem.demands.iter().enumerate() {
            amount(format!("demands[{place}].lost_margin"), demand.lost_margin);
            for (position, price) in demand.net_price.iter().enumerate() {
                amount(format!("demands[{place}].net_price[{position}]"), Some(*price));
            }
        }
        for (place, lane) in problem.lanes.iter().enumerate() {
            let at = |field: &str| format!("lanes[{place}].{field}");
            amount(at("freight"), lane.freight);
            amount(at("insurance"), lane.insurance);
            amount(at("inland_freight"), lane.inland_freight);
            amount(at("holding_cost"), lane.holding_cost);
        }
        for (place, floor) in problem.limits.floors.iter().enumerate() {
            let field = format!("limits.domestic_floors[{place}].shortfall_penalty");
            amount(field, floor.penalty);
        }
        for (place, budget) in problem.limits.budgets.iter().enumerate() {
            let field = format!("limits.capital_budgets[{place}].amount");
            self.in_reporting_currency(field, budget.amount);
        }
        for (place, bound) in problem.limits.trade_balances.iter().enumerate() {
            let field = format!("limits.trade_balance_bounds[{place}].least");
            self.in_reporting_currency(field, bound.least);
        }
        for (field, currency) in missing {
            let message = format!("in {currency}, and planning_exchange_rates has no rate for it");
            self.fault(field, "EXCHANGE_RATE_MISSING", message);
        }
    }

    fn demand_amounts(&mut self) {
        let problem = self.problem;
        for (place, demand) in problem.demands.iter().enumerate() {
            if problem.objective == Objective::Profit && demand.net_price.is_empty() {
                let message = "must be given where profit is the objective".to_owned();
                self.fault(format!("demands[{place}].net_price"), "REQUIRED", message);
            }
            for (position, volume) in demand.volume.iter().enumerate() {
                if self.whole() && !volume.fract().is_zero() {
                    let field = format!("demands[{place}].volume[{position}]");
                    let message = format!("{volume} is not whole, and units are");
                    self.fault(field, "NOT_WHOLE", message);
                } else if volume.normalize().scale() > FRACTION_DIGITS {
                    let field = format!("demands[{place}].volume[{position}]");
                    let message =
                        format!("{volume} has more than {FRACTION_DIGITS} decimals of a vehicle");
                    self.fault(field, "TOO_PRECISE", message);
                }
            }
        }
    }

    fn in_reporting_currency(&mut self, field: String, amount: Money) {
        let reporting = self.problem.reporting_currency;
        if amount.currency() != reporting {
            let message = format!("{amount} must be in {reporting}, the reporting currency");
            self.fault(field, "WRONG_CURRENCY", message);
        }
    }
}
