//! Writes answers about sourcing: how a search ended, how far it is, what
//! decisions cost and violate.

use crate::app::{
    Evaluation, PlanProvenance, SearchPhase, SearchProgress, SourcingAnswer, told_cost,
};
use crate::grpc::convert::scalar::{date_message, money_message};
use crate::grpc::convert::sourcing_cost::objective_value;
use crate::grpc::convert::sourcing_plan::{plan_message, told_message, violation_message};
use crate::proto::google::r#type as google;
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{
    Objective, SourcingProblem, Termination, TerminationLimit, TerminationReason,
};
use crate::tariff::{Detail, ENGINE_VERSION};
use rust_decimal::Decimal;
use std::time::Duration;

/// Writes the answer to a question.
pub fn sourcing_response(answer: SourcingAnswer, view: Detail) -> pb::OptimizeSourcingResponse {
    let SourcingAnswer { problem, provenance, termination, plan } = answer;
    let avoidable = plan.as_ref().map(|plan| plan.cost.avoidable);
    pb::OptimizeSourcingResponse {
        provenance: Some(provenance_message(provenance)),
        termination: Some(termination_message(termination, avoidable, &problem)),
        plan: plan.map(|plan| plan_message(plan, problem.objective, view)),
    }
}

/// Writes what decisions cost and violate.
pub fn evaluation_response(evaluation: Evaluation, view: Detail) -> pb::EvaluatePlanResponse {
    let Evaluation { problem, provenance, plan, violations } = evaluation;
    pb::EvaluatePlanResponse {
        provenance: Some(provenance_message(provenance)),
        plan: Some(plan_message(plan, problem.objective, view)),
        violations: violations.into_iter().map(violation_message).collect(),
    }
}

/// Writes how far a search is, `elapsed` after the call began.
pub fn progress_message(
    progress: &SearchProgress,
    objective: Objective,
    elapsed: Duration,
) -> pb::SearchProgress {
    let SearchProgress { phase, incumbent, bound, nodes, lp_iterations } = progress;
    let gap = incumbent.zip(*bound).and_then(|(incumbent, bound)| {
        let gap = incumbent.checked_sub(bound)?.max(Decimal::ZERO);
        if gap.is_zero() { Some(gap) } else { gap.checked_div(incumbent.abs()) }
    });
    let phase = match phase {
        SearchPhase::Pricing => pb::SearchPhase::Pricing,
        SearchPhase::Queued => pb::SearchPhase::Queued,
        SearchPhase::Presolve => pb::SearchPhase::Presolve,
        SearchPhase::Relaxation => pb::SearchPhase::Relaxation,
        SearchPhase::Search => pb::SearchPhase::Search,
        SearchPhase::Checking => pb::SearchPhase::Checking,
    };
    pb::SearchProgress {
        phase: phase.into(),
        incumbent: value_message(*incumbent, objective),
        bound: value_message(*bound, objective),
        relative_gap: gap.map(told_message),
        nodes: work(*nodes),
        lp_iterations: work(*lp_iterations),
        elapsed: prost_types::Duration::try_from(elapsed).ok(),
    }
}

pub(super) fn provenance_message(provenance: PlanProvenance) -> pb::PlanProvenance {
    let PlanProvenance { schedule, known_at, solver } = provenance;
    pb::PlanProvenance {
        schedule_revision: schedule,
        known_at: Some(date_message(known_at)),
        engine_version: ENGINE_VERSION.to_owned(),
        solver,
    }
}

pub(super) fn termination_message(
    termination: Termination,
    avoidable: Option<Decimal>,
    problem: &SourcingProblem,
) -> pb::Termination {
    let gap = termination.gap();
    let relative_gap = termination.relative_gap();
    let avoidable_gap = avoidable.and_then(|cost| termination.avoidable_gap(cost));
    let Termination { reason, limit, objective, bound, tolerance, lp_iterations, nodes, message } =
        termination;
    pb::Termination {
        reason: reason_of(reason).into(),
        limit: limit.map_or(pb::TerminationLimit::Unspecified, limit_of).into(),
        objective: value_message(objective, problem.objective),
        bound: value_message(bound, problem.objective),
        relative_gap: relative_gap.map(told_message),
        gap: gap.map(|gap| money_message(told_cost(gap, problem.reporting_currency))),
        avoidable_gap: avoidable_gap.map(told_message),
        tolerance: Some(told_message(tolerance)),
        lp_iterations: work(lp_iterations),
        nodes: work(nodes),
        message,
    }
}

fn reason_of(reason: TerminationReason) -> pb::TerminationReason {
    match reason {
        TerminationReason::Optimal => pb::TerminationReason::Optimal,
        TerminationReason::Feasible => pb::TerminationReason::Feasible,
        TerminationReason::Infeasible => pb::TerminationReason::Infeasible,
        TerminationReason::NoPlanInTime => pb::TerminationReason::NoPlanInTime,
        TerminationReason::Validated => pb::TerminationReason::Validated,
    }
}

fn limit_of(limit: TerminationLimit) -> pb::TerminationLimit {
    match limit {
        TerminationLimit::Time => pb::TerminationLimit::Time,
        TerminationLimit::Work => pb::TerminationLimit::Work,
        TerminationLimit::Exactness => pb::TerminationLimit::Exactness,
        TerminationLimit::SolverFailure => pb::TerminationLimit::SolverFailure,
    }
}

pub(super) fn value_message(
    minimised: Option<Decimal>,
    objective: Objective,
) -> Option<google::Decimal> {
    minimised.map(|minimised| told_message(objective_value(minimised, objective)))
}

/// Iterations or nodes; no search counts beyond 2^63.
fn work(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::convert::sourcing_cost::cost_kind;
    use crate::money::Money;
    use crate::sourcing::{
        Allocation, CostKind, CostLine, Decisions, EntryGroup, FlowDecision, Limits, Plan,
        PlanCost, TradePolicy, Units,
    };
    use jiff::civil::Date;
    use std::sync::Arc;

    fn usd(cents: i64) -> Money {
        Money::new(Decimal::new(cents, 2), "USD".parse().unwrap())
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn problem(objective: Objective) -> Arc<SourcingProblem> {
        Arc::new(SourcingProblem {
            periods: Vec::new(),
            annual_discount_rate: Decimal::ZERO,
            reporting_currency: "USD".parse().unwrap(),
            planning_rates: Vec::new(),
            models: Vec::new(),
            plants: Vec::new(),
            options: Vec::new(),
            markets: Vec::new(),
            demands: Vec::new(),
            lanes: Vec::new(),
            policy: TradePolicy::default(),
            limits: Limits::default(),
            objective,
            units: Units::Whole,
            labour_hours_per_job: Decimal::from(1800),
        })
    }

    /// Two flows of which the second is told first; cost 1000.00, sales
    /// 1500.00 where profit is the objective.
    fn plan(objective: Objective) -> Plan {
        let flow = |market: &str, units: i64| FlowDecision {
            model: "civic".to_owned(),
            plant: "yorii".to_owned(),
            market: market.to_owned(),
            period: "2025".to_owned(),
            units: units.into(),
            in_quota: Vec::new(),
        };
        let group = EntryGroup {
            from: day("2025-04-01"),
            to: day("2025-04-03"),
            quota: None,
            entries: 3.into(),
            articles: 10.into(),
            charges: usd(100),
            recovered: usd(0),
            customs_value: usd(100_000),
            layers: Vec::new(),
            determined: true,
        };
        let allocation = |flow, in_quota: i64| Allocation {
            flow,
            in_quota: in_quota.into(),
            cost: usd(50_000),
            charges: usd(300),
            entries: vec![group.clone()],
        };
        let profit = objective == Objective::Profit;
        Plan {
            decisions: Decisions {
                flows: vec![flow("us", 30), flow("jp", 12)],
                ..Decisions::default()
            },
            cost: PlanCost {
                total: usd(100_000),
                discounted_total: Decimal::from(990),
                net_sales: profit.then(|| usd(150_000)),
                discounted_profit: profit.then(|| Decimal::from(495)),
                lines: vec![CostLine {
                    kind: CostKind::Duty,
                    layer: Some(("US".parse().unwrap(), "column".to_owned())),
                    amount: usd(100_000),
                    discounted: Decimal::from(990),
                }],
                cells: Vec::new(),
                solver_cost: Some(if profit { Decimal::from(-500) } else { Decimal::from(985) }),
                avoidable: Decimal::from(100),
            },
            allocations: vec![allocation(1, 0), allocation(0, 4)],
            kit_duties: Vec::new(),
            credits: Vec::new(),
            unserved: Vec::new(),
            shortfalls: Vec::new(),
            tranches: Vec::new(),
            capacities: Vec::new(),
            countries: Vec::new(),
            trade_flows: Vec::new(),
            assumptions: Vec::new(),
            binding_limits: Vec::new(),
            earned_reliefs: Vec::new(),
        }
    }

    fn told(objective: Objective, minimised: i64, bound: i64) -> pb::OptimizeSourcingResponse {
        let termination = Termination {
            reason: TerminationReason::Feasible,
            limit: Some(TerminationLimit::Time),
            objective: Some(minimised.into()),
            bound: Some(bound.into()),
            tolerance: Decimal::new(1, 6),
            lp_iterations: 7,
            nodes: u64::MAX,
            message: String::new(),
        };
        let answer = SourcingAnswer {
            problem: problem(objective),
            provenance: PlanProvenance {
                schedule: "schedules/vehicles@0".to_owned(),
                known_at: day("2025-04-01"),
                solver: "none".to_owned(),
            },
            termination,
            plan: Some(plan(objective)),
        };
        sourcing_response(answer, Detail::Amounts)
    }

    fn text(number: Option<google::Decimal>) -> String {
        number.map(|number| number.value).unwrap_or_default()
    }

    #[test]
    fn a_cost_is_told_as_it_is() {
        let response = told(Objective::Cost, 990, 891);
        let termination = response.termination.unwrap();
        assert_eq!(
            [text(termination.objective.clone()), text(termination.bound.clone())],
            ["990", "891"]
        );
        assert_eq!(text(termination.relative_gap.clone()), "0.1");
        assert_eq!(text(termination.avoidable_gap.clone()), "0.99");
        assert_eq!(termination.gap.unwrap().units, 99);
        assert_eq!(termination.nodes, i64::MAX);
        let cost = response.plan.unwrap().cost.unwrap();
        assert_eq!([text(cost.solver_cost.clone()), text(cost.difference.clone())], ["985", "5"]);
        assert!(cost.net_sales.is_none() && cost.discounted_profit.is_none());
    }

    #[test]
    fn a_profit_is_told_and_not_a_negative_cost() {
        let response = told(Objective::Profit, -495, -550);
        let termination = response.termination.unwrap();
        assert_eq!(
            [text(termination.objective.clone()), text(termination.bound.clone())],
            ["495", "550"]
        );
        assert_eq!(termination.gap.unwrap().units, 55);
        let cost = response.plan.unwrap().cost.unwrap();
        assert_eq!(text(cost.discounted_profit.clone()), "495");
        // The solver thought it 500: 5 more.
        assert_eq!([text(cost.solver_cost.clone()), text(cost.difference.clone())], ["500", "5"]);
    }

    #[test]
    fn an_allocation_is_of_its_flow_and_has_entries_in_full_alone() {
        for (view, entries) in [(Detail::Amounts, 0), (Detail::Explained, 1)] {
            let told = plan_message(plan(Objective::Cost), Objective::Cost, view);
            let [second, first] = told.allocations.as_slice() else { panic!("{told:?}") };
            assert_eq!((second.market_id.as_str(), first.market_id.as_str()), ("jp", "us"));
            assert_eq!(
                [text(first.in_quota_units.clone()), text(first.other_units.clone())],
                ["4", "26"]
            );
            assert_eq!(second.entries.len(), entries);
        }
    }

    #[test]
    fn numbers_are_told_to_ten_decimals_and_zero_without_a_sign() {
        for (number, told) in
            [("0.12345678905", "0.123456789"), ("-0.00000000001", "0"), ("12.50", "12.5")]
        {
            assert_eq!(told_message(number.parse().unwrap()).value, told);
        }
        assert_eq!(told_message(objective_value(Decimal::ZERO, Objective::Profit)).value, "0");
    }

    /// Every value of an enumeration of the wire but that which is not set.
    fn values<E: TryFrom<i32>>() -> Vec<i32> {
        (1..100).take_while(|value| E::try_from(*value).is_ok()).collect()
    }

    #[test]
    fn every_value_of_every_enumeration_is_told() {
        let kinds = [
            CostKind::Production,
            CostKind::Labour,
            CostKind::Parts,
            CostKind::OtherProduction,
            CostKind::Freight,
            CostKind::Insurance,
            CostKind::InlandFreight,
            CostKind::Holding,
            CostKind::Duty,
            CostKind::Fee,
            CostKind::Tax,
            CostKind::KitCharge,
            CostKind::Credit,
            CostKind::Opening,
            CostKind::Closing,
            CostKind::Fixed,
            CostKind::Launch,
            CostKind::Expansion,
            CostKind::Homologation,
            CostKind::LostMargin,
            CostKind::Shortfall,
        ];
        assert_eq!(kinds.map(|kind| i32::from(cost_kind(kind))), *values::<pb::CostKind>());
        let reasons = [
            TerminationReason::Optimal,
            TerminationReason::Feasible,
            TerminationReason::Infeasible,
            TerminationReason::NoPlanInTime,
            TerminationReason::Validated,
        ];
        let told = reasons.map(|reason| i32::from(reason_of(reason)));
        assert_eq!(told, *values::<pb::TerminationReason>());
        let limits = [
            TerminationLimit::Time,
            TerminationLimit::Work,
            TerminationLimit::Exactness,
            TerminationLimit::SolverFailure,
        ];
        assert_eq!(
            limits.map(|limit| i32::from(limit_of(limit))),
            *values::<pb::TerminationLimit>()
        );
        let phases = [
            SearchPhase::Pricing,
            SearchPhase::Queued,
            SearchPhase::Presolve,
            SearchPhase::Relaxation,
            SearchPhase::Search,
            SearchPhase::Checking,
        ];
        let told = phases.map(|phase| {
            let progress =
                SearchProgress { phase, incumbent: None, bound: None, nodes: 0, lp_iterations: 0 };
            progress_message(&progress, Objective::Cost, Duration::ZERO).phase
        });
        assert_eq!(told, *values::<pb::SearchPhase>());
    }
}
