//! Writes what a plan costs. Where profit is the objective, the domain
//! minimises cost less sales and the wire tells profit: signs turn here.

use crate::grpc::convert::scalar::{decimal_message, money_message};
use crate::grpc::convert::sourcing_plan::{told, told_message};
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{CostKind, CostLine, Objective, PlanCost};
use rust_decimal::Decimal;

/// A value of the objective as it is told: a profit is a cost turned round.
pub(super) fn objective_value(minimised: Decimal, objective: Objective) -> Decimal {
    match objective {
        Objective::Cost => minimised,
        // Not the negative: nothing has no sign.
        Objective::Profit => Decimal::ZERO - minimised,
    }
}

pub(super) fn cost_message(cost: PlanCost, objective: Objective) -> pb::PlanCost {
    let exact = told(cost.objective());
    let PlanCost {
        total,
        discounted_total,
        net_sales,
        discounted_profit,
        lines,
        cells: _,
        solver_cost,
        avoidable,
    } = cost;
    let solver_cost = solver_cost.map(told);
    pb::PlanCost {
        total: Some(money_message(total)),
        discounted_total: Some(told_message(discounted_total)),
        net_sales: net_sales.map(money_message),
        discounted_profit: discounted_profit.map(told_message),
        lines: lines.into_iter().map(line_message).collect(),
        solver_cost: solver_cost.map(|cost| decimal_message(objective_value(cost, objective))),
        // Of the figures as told, so that it is what a reader subtracts.
        difference: solver_cost.and_then(|cost| exact.checked_sub(cost)).map(decimal_message),
        avoidable_cost: Some(told_message(avoidable)),
    }
}

fn line_message(line: CostLine) -> pb::CostLine {
    let CostLine { kind, layer, amount, discounted } = line;
    let (importer_region_code, layer) =
        layer.map(|(importer, programme)| (importer.to_string(), programme)).unwrap_or_default();
    pb::CostLine {
        kind: cost_kind(kind).into(),
        importer_region_code,
        layer,
        amount: Some(money_message(amount)),
        discounted: Some(told_message(discounted)),
    }
}

pub(super) fn cost_kind(kind: CostKind) -> pb::CostKind {
    match kind {
        CostKind::Production => pb::CostKind::Production,
        CostKind::Labour => pb::CostKind::Labour,
        CostKind::Parts => pb::CostKind::Parts,
        CostKind::OtherProduction => pb::CostKind::OtherProduction,
        CostKind::Freight => pb::CostKind::Freight,
        CostKind::Insurance => pb::CostKind::Insurance,
        CostKind::InlandFreight => pb::CostKind::InlandFreight,
        CostKind::Holding => pb::CostKind::Holding,
        CostKind::Duty => pb::CostKind::Duty,
        CostKind::Fee => pb::CostKind::Fee,
        CostKind::Tax => pb::CostKind::Tax,
        CostKind::KitCharge => pb::CostKind::KitCharge,
        CostKind::Credit => pb::CostKind::Credit,
        CostKind::Opening => pb::CostKind::Opening,
        CostKind::Closing => pb::CostKind::Closing,
        CostKind::Fixed => pb::CostKind::Fixed,
        CostKind::Launch => pb::CostKind::Launch,
        CostKind::Expansion => pb::CostKind::Expansion,
        CostKind::Homologation => pb::CostKind::Homologation,
        CostKind::LostMargin => pb::CostKind::LostMargin,
        CostKind::Shortfall => pb::CostKind::Shortfall,
    }
}
