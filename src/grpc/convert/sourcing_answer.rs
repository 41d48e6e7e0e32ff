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

fn provenance_message(provenance: PlanProvenance) -> pb::PlanProvenance {
    let PlanProvenance { schedule, known_at, solver } = provenance;
    pb::PlanProvenance {
        schedule_revision: schedule,
        known_at: Some(date_message(known_at)),
        engine_version: ENGINE_VERSION.to_owned(),
        solver,
    }
}

fn termination_message(
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

fn value_message(minimised: Option<Decimal>, objective: Objective) -> Option<google::Decimal> {
    minimised.map(|minimised| told_message(objective_value(minimised, objective)))
}

/// Iterations or nodes; no search counts beyond 2^63.
fn work(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
