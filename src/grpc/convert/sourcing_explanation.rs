//! Reads which plan is to be explained, and writes why it is what it is.

use crate::app::{
    Counterfactual, Explanation, ExplanationQuestion, ForcedOrigin, OriginCandidate,
    OriginExplanation,
};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, missing};
use crate::grpc::convert::sourcing_answer::{
    provenance_message, termination_message, value_message,
};
use crate::grpc::convert::sourcing_breakeven::evidence_of;
use crate::grpc::convert::sourcing_cost::cost_kind;
use crate::grpc::convert::sourcing_decisions::{decisions_message, decisions_of};
use crate::grpc::convert::sourcing_plan::{binding_limit_message, told_message};
use crate::grpc::convert::sourcing_question::{Read, budget_of, needed_problem};
use crate::grpc::convert::sourcing_reading::Reading;
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{Decisions, LandedCostPart, SourcingProblem};
use crate::tariff::Detail;

/// Origins that may be forced in one question.
const MOST_FORCED: usize = 20;

/// Reads which plan is to be explained.
pub fn explanation_question(request: pb::ExplainPlanRequest) -> Read<ExplanationQuestion> {
    let pb::ExplainPlanRequest { problem, decisions, forced_origins, budget } = request;
    let mut reading = Reading::new();
    let root = &FieldPath::ROOT;
    let problem = needed_problem(problem.as_ref(), &mut reading);
    let decisions = if let Some(stated) = decisions {
        decisions_of(&stated, &mut reading)
    } else {
        reading.faults.push(&root.field("decisions"), missing());
        Decisions::default()
    };
    let stated = problem.as_ref();
    let forced = reading.list(
        (root, "forced_origins"),
        &forced_origins,
        MOST_FORCED,
        |reading, at, forced| forced_of(reading, at, forced, stated),
    );
    let budget = budget_of(&budget.unwrap_or_default(), &mut reading);
    let asked = problem.map(|problem| ExplanationQuestion { problem, decisions, forced, budget });
    let asked = asked.filter(|_| !reading.in_pieces);
    Read { asked, view: Detail::Amounts, faults: reading.faults.0 }
}

fn forced_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::ForcedOrigin,
    problem: Option<&SourcingProblem>,
) -> ForcedOrigin {
    let pb::ForcedOrigin { model_id, market_id, plant_id } = stated;
    let forced = ForcedOrigin {
        model: reading.id(&at.field("model_id"), model_id),
        market: reading.id(&at.field("market_id"), market_id),
        plant: reading.id(&at.field("plant_id"), plant_id),
    };
    let Some(problem) = problem else { return forced };
    let wanted = problem
        .demands
        .iter()
        .any(|demand| demand.model == forced.model && demand.market == forced.market);
    if !wanted {
        let message = format!("`{}` is not wanted in `{}`", forced.model, forced.market);
        reading.faults.push(&at.field("market_id"), Fault::new("UNKNOWN_ID", message));
    }
    let built = problem
        .options
        .iter()
        .any(|option| option.model == forced.model && option.plant == forced.plant);
    if !built {
        let message = format!("`{}` may not be built in `{}`", forced.model, forced.plant);
        reading.faults.push(&at.field("plant_id"), Fault::new("UNKNOWN_ID", message));
    }
    forced
}

/// Writes why a plan is what it is.
pub fn explanation_response(explanation: Explanation) -> pb::ExplainPlanResponse {
    let Explanation { problem, provenance, objective, origins, binding_limits, counterfactuals } =
        explanation;
    let told = |counterfactual| counterfactual_message(counterfactual, &problem);
    pb::ExplainPlanResponse {
        provenance: Some(provenance_message(provenance)),
        objective: value_message(Some(objective), problem.objective),
        origins: origins.into_iter().map(origin_message).collect(),
        binding_limits: binding_limits.into_iter().map(binding_limit_message).collect(),
        counterfactuals: counterfactuals.into_iter().map(told).collect(),
    }
}

fn origin_message(origin: OriginExplanation) -> pb::OriginExplanation {
    let OriginExplanation { model, market, units, candidates, runner_up, binding_limits, message } =
        origin;
    let next = runner_up.and_then(|place| candidates.get(place));
    pb::OriginExplanation {
        model_id: model,
        market_id: market,
        units: Some(told_message(units)),
        runner_up_plant_id: next.map(|next| next.plant.clone()).unwrap_or_default(),
        runner_up_gap: next.and_then(OriginCandidate::whole_gap).map(told_message),
        candidates: candidates.into_iter().map(candidate_message).collect(),
        binding_limits: binding_limits.into_iter().map(binding_limit_message).collect(),
        message,
    }
}

fn candidate_message(candidate: OriginCandidate) -> pb::OriginCandidate {
    let OriginCandidate {
        plant,
        region,
        units,
        landed,
        is_launched,
        is_open,
        least_gap,
        build_up_cost,
    } = candidate;
    pb::OriginCandidate {
        plant_id: plant,
        origin_region_code: region.to_string(),
        units: Some(told_message(units)),
        landed_cost: Some(told_message(landed.total())),
        parts: landed.parts.into_iter().map(part_message).collect(),
        is_launched,
        is_open,
        least_gap: least_gap.map(told_message),
        build_up_cost: Some(told_message(build_up_cost)),
    }
}

fn part_message(part: LandedCostPart) -> pb::LandedCostPart {
    let LandedCostPart { kind, layer, amount } = part;
    let (importer_region_code, layer) =
        layer.map(|(importer, programme)| (importer.to_string(), programme)).unwrap_or_default();
    pb::LandedCostPart {
        kind: cost_kind(kind).into(),
        importer_region_code,
        layer,
        amount: Some(told_message(amount)),
    }
}

fn counterfactual_message(
    counterfactual: Counterfactual,
    problem: &SourcingProblem,
) -> pb::Counterfactual {
    let Counterfactual { forced, termination, plan, difference, per_vehicle, evidence } =
        counterfactual;
    let avoidable = plan.as_ref().map(|plan| plan.cost.avoidable);
    let ForcedOrigin { model, market, plant } = forced;
    pb::Counterfactual {
        forced: Some(pb::ForcedOrigin { model_id: model, market_id: market, plant_id: plant }),
        termination: Some(termination_message(termination, avoidable, problem)),
        difference: difference.map(told_message),
        difference_per_vehicle: per_vehicle.map(told_message),
        evidence: evidence_of(evidence).into(),
        decisions: plan.map(|plan| decisions_message(plan.decisions)),
    }
}
