//! Reads questions about sourcing, gathering every fault with its path.

use crate::app::{SearchBudget, SourcingMode, SourcingQuestion};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, missing};
use crate::grpc::convert::sourcing_decisions::decisions_of;
use crate::grpc::convert::sourcing_problem::problem_of;
use crate::grpc::convert::sourcing_reading::{Bounds, Reading};
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{Decisions, Objective, SourcingProblem};
use crate::tariff::{Detail, EntryFault};
use rust_decimal::Decimal;
use std::time::Duration;

/// A request, read.
pub struct Read<T> {
    /// What is asked; none where too much of it is missing to be held together.
    pub asked: Option<T>,
    /// How much of the plan is told.
    pub view: Detail,
    /// Every fault found.
    pub faults: Vec<EntryFault>,
}

/// Reads a problem to be solved. A faulty one is only to be checked further.
pub fn sourcing_question(request: pb::OptimizeSourcingRequest) -> Read<SourcingQuestion> {
    let pb::OptimizeSourcingRequest { problem, budget, mode, view } = request;
    let mut reading = Reading::new();
    let problem = needed_problem(problem.as_ref(), &mut reading);
    let budget = budget_of(&budget.unwrap_or_default(), &mut reading);
    let mode = match reading.choice(&FieldPath::ROOT.field("mode"), mode) {
        Some(pb::SolvingMode::Solve | pb::SolvingMode::Unspecified) => SourcingMode::Solve,
        Some(pb::SolvingMode::ValidateOnly) | None => SourcingMode::ValidateOnly,
    };
    let view = view_of(view, &mut reading);
    let sound = reading.faults.0.is_empty();
    let mode = if sound { mode } else { SourcingMode::ValidateOnly };
    let asked = problem.map(|problem| SourcingQuestion { problem, budget, mode });
    Read { asked: asked.filter(|_| !reading.in_pieces), view, faults: reading.faults.0 }
}

/// Reads a problem and decisions to be priced under it.
pub fn evaluation_question(request: pb::EvaluatePlanRequest) -> Read<(SourcingProblem, Decisions)> {
    let pb::EvaluatePlanRequest { problem, decisions, view } = request;
    let mut reading = Reading::new();
    let problem = needed_problem(problem.as_ref(), &mut reading);
    let decisions = if let Some(stated) = decisions {
        decisions_of(&stated, &mut reading)
    } else {
        reading.faults.push(&FieldPath::ROOT.field("decisions"), missing());
        Decisions::default()
    };
    let view = view_of(view, &mut reading);
    let asked = problem.map(|problem| (problem, decisions));
    Read { asked: asked.filter(|_| !reading.in_pieces), view, faults: reading.faults.0 }
}

/// What is best by a request not yet read.
pub fn objective_asked(request: &pb::OptimizeSourcingRequest) -> Objective {
    match request.problem.as_ref().map(pb::SourcingProblem::objective) {
        Some(pb::Objective::Profit) => Objective::Profit,
        Some(pb::Objective::Cost | pb::Objective::Unspecified) | None => Objective::Cost,
    }
}

pub(super) fn needed_problem(
    stated: Option<&pb::SourcingProblem>,
    reading: &mut Reading,
) -> Option<SourcingProblem> {
    if stated.is_none() {
        reading.faults.push(&FieldPath::ROOT.field("problem"), missing());
    }
    stated.map(|stated| problem_of(stated, reading))
}

fn view_of(view: i32, reading: &mut Reading) -> Detail {
    match reading.choice(&FieldPath::ROOT.field("view"), view) {
        Some(pb::PlanView::Full) => Detail::Explained,
        Some(pb::PlanView::Basic | pb::PlanView::Unspecified) | None => Detail::Amounts,
    }
}

pub(super) fn budget_of(stated: &pb::SearchBudget, reading: &mut Reading) -> SearchBudget {
    let at = &FieldPath::ROOT.field("budget");
    let pb::SearchBudget { time_limit, relative_gap, lp_iterations, nodes, seed } = stated;
    let time = time_limit
        .as_ref()
        .and_then(|stated| reading.faults.check(&at.field("time_limit"), time_of(stated)));
    let path = at.field("relative_gap");
    let gap = reading.optional_number(&path, relative_gap.as_ref(), Bounds::SHARE);
    let mut work = |field: &str, stated: i64| {
        let negative = |_| Fault::new("OUT_OF_RANGE", format!("{stated} must be zero or more"));
        let number = u64::try_from(stated).map_err(negative);
        // Zero, as a field not set has it, is no limit.
        reading.faults.check(&at.field(field), number).filter(|number| *number > 0)
    };
    SearchBudget {
        time,
        relative_gap: gap.unwrap_or(Decimal::new(1, 6)),
        lp_iterations: work("lp_iterations", *lp_iterations),
        nodes: work("nodes", *nodes),
        seed: reading.count(&at.field("seed"), *seed, 0, i32::MAX.unsigned_abs()),
    }
}

fn time_of(stated: &prost_types::Duration) -> Result<Duration, Fault> {
    let prost_types::Duration { seconds, nanos } = *stated;
    let time = u64::try_from(seconds)
        .ok()
        .zip(u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000))
        .map(|(seconds, nanos)| Duration::new(seconds, nanos));
    time.filter(|time| !time.is_zero())
        .ok_or_else(|| Fault::new("OUT_OF_RANGE", "must be more than no time"))
}
