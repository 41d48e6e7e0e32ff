//! Reads a relief and volumes, and writes the rates at which it pays.

use crate::app::{
    Concession, ConcessionAnswer, ConcessionOutcome, ConcessionPoint, ConcessionQuestion,
};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, missing};
use crate::grpc::convert::sourcing_answer::{provenance_message, termination_message};
use crate::grpc::convert::sourcing_breakeven::evidence_of;
use crate::grpc::convert::sourcing_plan::{plan_message, told_message};
use crate::grpc::convert::sourcing_policy::{MOST_RATE, measure_of};
use crate::grpc::convert::sourcing_question::{Read, budget_of, needed_problem};
use crate::grpc::convert::sourcing_reading::{Bounds, Reading};
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{MeasureRate, Objective};
use crate::tariff::{Detail, Region};
use rust_decimal::Decimal;

/// Volumes of one question.
const MOST_VOLUMES: usize = 20;
const RATES: Bounds = Bounds::ZERO_OR_MORE.to(MOST_RATE);

/// Reads a concession question.
pub fn concession_question(request: pb::AnalyzeConcessionRequest) -> Read<ConcessionQuestion> {
    let pb::AnalyzeConcessionRequest {
        problem,
        relief,
        volumes,
        least_rate,
        most_rate,
        tolerance,
        budget,
    } = request;
    let mut reading = Reading::new();
    let root = &FieldPath::ROOT;
    let problem = needed_problem(problem.as_ref(), &mut reading);
    let relief = relief_of(relief.as_ref(), &mut reading);
    let volumes =
        reading.needed_list((root, "volumes"), &volumes, MOST_VOLUMES, |reading, at, stated| {
            reading.number(at, Some(stated), Bounds::ZERO_OR_MORE)
        });
    let least_rate = reading.optional_number(&root.field("least_rate"), least_rate.as_ref(), RATES);
    let least_rate = least_rate.unwrap_or_default();
    let most_rate = reading.number(&root.field("most_rate"), most_rate.as_ref(), RATES);
    if most_rate <= least_rate {
        let fault = Fault::new("OUT_OF_RANGE", "must be above least_rate".to_owned());
        reading.faults.push(&root.field("most_rate"), fault);
    }
    let path = root.field("tolerance");
    let tolerance = reading.optional_number(&path, tolerance.as_ref(), Bounds::MORE_THAN_ZERO);
    let budget = budget_of(&budget.unwrap_or_default(), &mut reading);
    let asked = problem.zip(relief).map(|(problem, relief)| ConcessionQuestion {
        problem,
        relief,
        volumes,
        least_rate,
        most_rate,
        tolerance: tolerance.unwrap_or(Decimal::new(1, 5)),
        budget,
    });
    let asked = asked.filter(|_| !reading.in_pieces);
    Read { asked, view: Detail::Amounts, faults: reading.faults.0 }
}

fn relief_of(stated: Option<&pb::Concession>, reading: &mut Reading) -> Option<Concession> {
    let at = &FieldPath::ROOT.field("relief");
    let Some(stated) = stated else {
        reading.faults.push(at, missing());
        return None;
    };
    let pb::Concession { origin_region_code, market_region_code, measure } = stated;
    let origin: Region = reading.region(&at.field("origin_region_code"), origin_region_code);
    let market = reading.region(&at.field("market_region_code"), market_region_code);
    let path = at.field("measure");
    if measure.is_none() {
        reading.faults.push(&path, missing());
    }
    let measure: MeasureRate = measure.as_ref().map(|stated| measure_of(stated, &path, reading))?;
    Some(Concession { origin, market, measure })
}

/// Writes the rates at which a relief pays.
pub fn concession_response(answer: ConcessionAnswer) -> pb::AnalyzeConcessionResponse {
    let ConcessionAnswer { problem, provenance, termination, plan_without, points, solves } =
        answer;
    let avoidable = plan_without.as_ref().map(|plan| plan.cost.avoidable);
    let objective = problem.objective;
    pb::AnalyzeConcessionResponse {
        provenance: Some(provenance_message(provenance)),
        termination: Some(termination_message(termination, avoidable, &problem)),
        plan_without: plan_without.map(|plan| plan_message(plan, objective, Detail::Amounts)),
        points: points.into_iter().map(|point| point_message(point, objective)).collect(),
        solves: i32::try_from(solves).unwrap_or(i32::MAX),
    }
}

fn point_message(point: ConcessionPoint, objective: Objective) -> pb::ConcessionPoint {
    let ConcessionPoint { volume, outcome, rate, plan, evidence, message } = point;
    let outcome = match outcome {
        ConcessionOutcome::PaysBelow => pb::ConcessionOutcome::PaysBelow,
        ConcessionOutcome::PaysAlways => pb::ConcessionOutcome::PaysAlways,
        ConcessionOutcome::NeverPays => pb::ConcessionOutcome::NeverPays,
        ConcessionOutcome::Infeasible => pb::ConcessionOutcome::Infeasible,
        ConcessionOutcome::Unknown => pb::ConcessionOutcome::NotKnown,
    };
    pb::ConcessionPoint {
        volume: Some(told_message(volume)),
        outcome: outcome.into(),
        rate: rate.map(told_message),
        plan_with: plan.map(|plan| plan_message(plan, objective, Detail::Amounts)),
        evidence: evidence_of(evidence).into(),
        message,
    }
}
