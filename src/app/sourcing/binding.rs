//! What binds a plan, in the caller's ids.

use crate::sourcing::{
    BindingLimit, Duties, FlowLimitKind, PricedProblem, RowName, SourcingProblem,
};
use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

/// Decimals of a marginal value.
const DIGITS: u32 = 10;

/// Limits with a dual value, in the order of the program's rows. A value is what
/// one unit more would save; of a demand, what one vehicle more costs.
pub(super) fn binding_limits(
    problem: &SourcingProblem,
    duties: &Duties,
    priced: &PricedProblem,
    marginal_values: Vec<(RowName, f64)>,
) -> Vec<BindingLimit> {
    let named = |(name, dual): (RowName, f64)| {
        let dual = Decimal::from_f64(dual)?;
        let dual = dual.round_dp_with_strategy(DIGITS, RoundingStrategy::MidpointAwayFromZero);
        let period_id = |period: usize| problem.periods[period].id.clone();
        // A limit's dual is negative where a unit more of it lowers the cost.
        let (kind, ids, period, marginal_value) = match name {
            RowName::Structure | RowName::Grown { .. } | RowName::Cover => return None,
            RowName::Moves => ("MOST_MOVES", Vec::new(), String::new(), -dual),
            RowName::LeastRun { plant, period } => {
                ("LEAST_RUN", vec![problem.plants[plant].id.clone()], period_id(period), -dual)
            }
            RowName::Capacity { plant, period } => {
                ("CAPACITY", vec![problem.plants[plant].id.clone()], period_id(period), -dual)
            }
            RowName::Demand { demand, period } => {
                let demand = &problem.demands[demand];
                let ids = vec![demand.model.clone(), demand.market.clone()];
                ("DEMAND", ids, period_id(period), dual)
            }
            RowName::Tranche(place) => {
                let tranche = &duties.tranches[place];
                let ids = vec![tranche.importer.to_string(), tranche.quota.clone()];
                ("QUOTA_TRANCHE", ids, tranche.from.to_string(), -dual)
            }
            RowName::FlowLimit(kind, place) => {
                let limit = &priced.flow_limits[place];
                let limits = &problem.limits;
                let (kind, id) = match kind {
                    FlowLimitKind::DomesticFloor => {
                        ("DOMESTIC_FLOOR", &limits.floors[limit.place].id)
                    }
                    FlowLimitKind::OriginCap => ("ORIGIN_CAP", &limits.origin_caps[limit.place].id),
                    FlowLimitKind::Production => {
                        ("PRODUCTION_LIMIT", &limits.production[limit.place].id)
                    }
                    FlowLimitKind::TradeBalance => {
                        ("TRADE_BALANCE", &limits.trade_balances[limit.place].id)
                    }
                    FlowLimitKind::ExportCommitment => {
                        ("EXPORT_COMMITMENT", &limits.export_commitments[limit.place].id)
                    }
                };
                (kind, vec![id.clone()], period_id(limit.period), -dual)
            }
            RowName::Credit { credit, period } => {
                let credit = &problem.policy.credits[credit];
                let ids = vec![credit.importer.to_string(), credit.credit.clone()];
                ("CREDIT", ids, period_id(period), -dual)
            }
            RowName::Budget(place) => {
                let id = problem.limits.budgets[place].id.clone();
                ("CAPITAL_BUDGET", vec![id], String::new(), -dual)
            }
        };
        Some(BindingLimit { kind, ids, period, marginal_value })
    };
    let mut limits: Vec<BindingLimit> = marginal_values.into_iter().filter_map(named).collect();
    limits.retain(|limit| !limit.marginal_value.is_zero());
    limits
}
