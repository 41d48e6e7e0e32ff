//! Reads what may be loosened at which price, and writes why there is no plan.

use crate::app::{ConflictAnswer, ConflictQuestion, ConflictStatus, Repair, RepairCost};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::missing;
use crate::grpc::convert::sourcing_answer::provenance_message;
use crate::grpc::convert::sourcing_breakeven::evidence_of;
use crate::grpc::convert::sourcing_cost::objective_value;
use crate::grpc::convert::sourcing_plan::told_message;
use crate::grpc::convert::sourcing_question::{Read, budget_of, needed_problem};
use crate::grpc::convert::sourcing_reading::{Bounds, Reading};
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{LimitKind, LimitRef, SourcingProblem};
use crate::tariff::Detail;
use rust_decimal::Decimal;

/// Prices of one question.
const MOST_PRICES: usize = 1000;

/// Every kind with its value on the wire.
const KINDS: [(LimitKind, pb::LimitKind); 14] = [
    (LimitKind::Capacity, pb::LimitKind::Capacity),
    (LimitKind::Demand, pb::LimitKind::Demand),
    (LimitKind::LeastRun, pb::LimitKind::LeastRun),
    (LimitKind::DomesticFloor, pb::LimitKind::DomesticFloor),
    (LimitKind::OriginCap, pb::LimitKind::OriginCap),
    (LimitKind::ProductionLimit, pb::LimitKind::ProductionLimit),
    (LimitKind::TradeBalance, pb::LimitKind::TradeBalance),
    (LimitKind::ExportCommitment, pb::LimitKind::ExportCommitment),
    (LimitKind::FlowLimit, pb::LimitKind::FlowLimit),
    (LimitKind::FixedPlant, pb::LimitKind::FixedPlant),
    (LimitKind::FixedLaunch, pb::LimitKind::FixedLaunch),
    (LimitKind::CapitalBudget, pb::LimitKind::CapitalBudget),
    (LimitKind::MostMoves, pb::LimitKind::MostMoves),
    (LimitKind::SingleSource, pb::LimitKind::SingleSource),
];

/// Reads a question about a problem without a plan.
pub fn conflict_question(request: pb::ExplainInfeasibilityRequest) -> Read<ConflictQuestion> {
    let pb::ExplainInfeasibilityRequest { problem, repair_prices, budget } = request;
    let mut reading = Reading::new();
    let root = &FieldPath::ROOT;
    let problem = needed_problem(problem.as_ref(), &mut reading);
    let prices = reading.list((root, "repair_prices"), &repair_prices, MOST_PRICES, price_of);
    let budget = budget_of(&budget.unwrap_or_default(), &mut reading);
    let asked = problem.map(|problem| ConflictQuestion {
        problem,
        prices: prices.into_iter().flatten().collect(),
        budget,
    });
    let asked = asked.filter(|_| !reading.in_pieces);
    Read { asked, view: Detail::Amounts, faults: reading.faults.0 }
}

fn price_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::RepairPrice,
) -> Option<(LimitRef, Decimal)> {
    let pb::RepairPrice { kind, ids, price } = stated;
    let path = at.field("kind");
    let told: Option<pb::LimitKind> = reading.choice(&path, *kind);
    let kind = told.and_then(|told| KINDS.iter().find(|(_, wire)| *wire == told));
    if told == Some(pb::LimitKind::Unspecified) {
        reading.faults.push(&path, missing());
    }
    let ids = reading.ids((at, "ids"), ids, 3);
    let price = reading.number(&at.field("price"), price.as_ref(), Bounds::ZERO_OR_MORE);
    kind.map(|(kind, _)| (LimitRef { kind: *kind, ids, period: None }, price))
}

/// Writes why there is no plan.
pub fn conflict_response(answer: ConflictAnswer) -> pb::ExplainInfeasibilityResponse {
    let ConflictAnswer { problem, provenance, status, members, repairs, solves, message } = answer;
    let status = match status {
        ConflictStatus::Irreducible => pb::ConflictStatus::Irreducible,
        ConflictStatus::NotMinimised => pb::ConflictStatus::NotMinimised,
        ConflictStatus::Feasible => pb::ConflictStatus::Feasible,
        ConflictStatus::Unknown => pb::ConflictStatus::Unknown,
    };
    pb::ExplainInfeasibilityResponse {
        provenance: Some(provenance_message(provenance)),
        status: status.into(),
        members: members.iter().map(|member| member_message(member, &problem)).collect(),
        repairs: repairs.iter().map(|repair| repair_message(repair, &problem)).collect(),
        solves: i32::try_from(solves).unwrap_or(i32::MAX),
        message,
    }
}

fn member_message(limit: &LimitRef, problem: &SourcingProblem) -> pb::ConflictMember {
    let kind = KINDS.iter().find(|(kind, _)| *kind == limit.kind);
    pb::ConflictMember {
        kind: kind.map_or(pb::LimitKind::Unspecified, |(_, wire)| *wire).into(),
        ids: limit.ids.clone(),
        period_id: limit.period.clone().unwrap_or_default(),
        message: sentence(&limit.sentence(problem)),
    }
}

/// A sentence with its capital and its end.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}

fn repair_message(repair: &Repair, problem: &SourcingProblem) -> pb::Repair {
    let Repair { limit, change, cost, evidence } = repair;
    let (cost, priced) = match cost {
        Some(RepairCost::Priced(cost)) => (Some(*cost), true),
        Some(RepairCost::Plan(cost)) => (Some(objective_value(*cost, problem.objective)), false),
        None => (None, false),
    };
    let currency = problem.reporting_currency;
    let price = cost.map(|cost| cost.round_dp(currency.minor_digits()));
    let told = match (price, priced) {
        (Some(cost), true) => format!("; that costs {cost} {currency} at the price stated"),
        (Some(cost), false) => format!("; the best plan is then {cost} {currency}"),
        (None, _) => String::new(),
    };
    let by = change.normalize();
    let message = sentence(&format!("{}: loosened by {by}{told}", limit.sentence(problem)));
    pb::Repair {
        limit: Some(member_message(limit, problem)),
        change: Some(told_message(*change)),
        cost: cost.map(told_message),
        is_priced_by_caller: priced,
        evidence: evidence_of(*evidence).into(),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, pb};

    #[test]
    fn every_kind_of_limit_is_told() {
        let told: Vec<i32> = KINDS.iter().map(|(_, wire)| i32::from(*wire)).collect();
        let all: Vec<i32> =
            (1..100).take_while(|it| pb::LimitKind::try_from(*it).is_ok()).collect();
        let mut sorted = told.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, all);
    }
}
