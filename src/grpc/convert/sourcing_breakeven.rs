//! Reads a parameter and its range, and writes where the best plan changes.

use crate::app::{
    BreakevenAnswer, BreakevenInterval, BreakevenPlan, BreakevenQuestion, Evidence, PlanTie,
};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, missing};
use crate::grpc::convert::sourcing_answer::{provenance_message, value_message};
use crate::grpc::convert::sourcing_decisions::decisions_message;
use crate::grpc::convert::sourcing_plan::told_message;
use crate::grpc::convert::sourcing_policy::measure_of;
use crate::grpc::convert::sourcing_question::{Read, budget_of, needed_problem};
use crate::grpc::convert::sourcing_reading::Reading;
use crate::proto::google::r#type as google;
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{CostChange, Objective, Parameter, SourcingProblem};
use crate::tariff::Detail;
use rust_decimal::Decimal;

/// Solves of one analysis, where the caller says nothing, and at most.
const SOLVES: u32 = 40;
const MOST_SOLVES: u32 = 200;

/// Reads a breakeven question.
pub fn breakeven_question(request: pb::AnalyzeBreakevenRequest) -> Read<BreakevenQuestion> {
    let pb::AnalyzeBreakevenRequest {
        problem,
        parameter,
        low,
        high,
        tolerance,
        budget,
        most_solves,
    } = request;
    let mut reading = Reading::new();
    let problem = needed_problem(problem.as_ref(), &mut reading);
    let at = &FieldPath::ROOT.field("parameter");
    let parameter = parameter_of(parameter.as_ref(), at, &mut reading);
    if let (Some(parameter), Some(problem)) = (&parameter, &problem)
        && !reading.in_pieces
    {
        unfit(parameter, problem, at, &mut reading);
    }
    let (least, most) = parameter.as_ref().map_or((Decimal::MIN, Decimal::MAX), Parameter::bounds);
    let low = value_of("low", low.as_ref(), (least, most), &mut reading);
    let high = value_of("high", high.as_ref(), (least, most), &mut reading);
    if low.zip(high).is_some_and(|(low, high)| low >= high) {
        let fault = Fault::new("OUT_OF_RANGE", "must be above low".to_owned());
        reading.faults.push(&FieldPath::ROOT.field("high"), fault);
    }
    let width = low.zip(high).and_then(|(low, high)| high.checked_sub(low));
    let path = FieldPath::ROOT.field("tolerance");
    let tolerance = match &tolerance {
        Some(stated) => Some(reading.number(
            &path,
            Some(stated),
            crate::grpc::convert::sourcing_reading::Bounds::MORE_THAN_ZERO,
        )),
        None => width.map(|width| width / Decimal::from(100_000)),
    };
    let budget = budget_of(&budget.unwrap_or_default(), &mut reading);
    let path = FieldPath::ROOT.field("most_solves");
    let most_solves = match most_solves {
        0 => SOLVES,
        stated => reading.count(&path, stated, 2, MOST_SOLVES),
    };
    let asked = problem.zip(parameter).zip(low.zip(high).zip(tolerance));
    let asked = asked.map(|((problem, parameter), ((low, high), tolerance))| BreakevenQuestion {
        problem,
        parameter,
        low,
        high,
        tolerance,
        budget,
        most_solves: usize::try_from(most_solves).unwrap_or(usize::MAX),
    });
    let asked = asked.filter(|_| !reading.in_pieces);
    Read { asked, view: Detail::Amounts, faults: reading.faults.0 }
}

fn value_of(
    field: &str,
    stated: Option<&google::Decimal>,
    (least, most): (Decimal, Decimal),
    reading: &mut Reading,
) -> Option<Decimal> {
    let path = FieldPath::ROOT.field(field);
    let Some(stated) = stated else {
        reading.faults.push(&path, missing());
        return None;
    };
    let number: Result<Decimal, Fault> = stated
        .value
        .parse()
        .map_err(|_| Fault::new("MALFORMED_DECIMAL", format!("`{}` is no number", stated.value)));
    let number = number.and_then(|number| {
        let told = || format!("{number} must be {} to {}", least.normalize(), most.normalize());
        if number < least || number > most {
            Err(Fault::new("OUT_OF_RANGE", told()))
        } else {
            Ok(number)
        }
    });
    reading.faults.check(&path, number)
}

fn unfit(
    parameter: &Parameter,
    problem: &SourcingProblem,
    at: &FieldPath<'_>,
    reading: &mut Reading,
) {
    for fault in parameter.faults(problem) {
        let told = Fault::new(fault.reason, fault.message);
        match fault.field {
            "" => reading.faults.push(at, told),
            field => reading.faults.push(&at.field(kind_of(parameter)).field(field), told),
        }
    }
}

fn kind_of(parameter: &Parameter) -> &'static str {
    match parameter {
        Parameter::MeasureRate(_) => "measure_rate",
        Parameter::ExchangeRate { .. } => "exchange_rate",
        Parameter::UnitCost { .. } => "unit_cost",
        Parameter::Freight { .. } => "freight",
        Parameter::Volume { .. } => "volume",
        Parameter::ContentShare { .. } => "content_share",
        Parameter::QuotaFill { .. } => "quota_fill",
    }
}

fn parameter_of(
    stated: Option<&pb::Parameter>,
    at: &FieldPath<'_>,
    reading: &mut Reading,
) -> Option<Parameter> {
    use pb::parameter::Parameter as Stated;
    let Some(stated) = stated.and_then(|stated| stated.parameter.as_ref()) else {
        reading.faults.push(at, missing());
        return None;
    };
    Some(match stated {
        Stated::MeasureRate(measure) => {
            Parameter::MeasureRate(measure_of(measure, &at.field("measure_rate"), reading))
        }
        Stated::ExchangeRate(pb::ExchangeRateLevel { currency_code, inverse }) => {
            let at = &at.field("exchange_rate");
            let currency = reading.currency(&at.field("currency_code"), currency_code)?;
            Parameter::ExchangeRate { currency, inverse: *inverse }
        }
        Stated::UnitCost(pb::UnitCostLevel { model_id, plant_id, change, labour_only }) => {
            let at = &at.field("unit_cost");
            let change = match reading.choice(&at.field("change"), *change) {
                Some(pb::CostChange::Added) => CostChange::Added,
                _ => CostChange::Factor,
            };
            Parameter::UnitCost {
                model: reading.optional_id(&at.field("model_id"), model_id),
                plant: reading.optional_id(&at.field("plant_id"), plant_id),
                change,
                labour_only: *labour_only,
            }
        }
        Stated::Freight(pb::FreightLevel { plant_id, market_id }) => {
            let at = &at.field("freight");
            Parameter::Freight {
                plant: reading.optional_id(&at.field("plant_id"), plant_id),
                market: reading.optional_id(&at.field("market_id"), market_id),
            }
        }
        Stated::Volume(pb::VolumeLevel { model_id, market_id }) => {
            let at = &at.field("volume");
            Parameter::Volume {
                model: reading.optional_id(&at.field("model_id"), model_id),
                market: reading.optional_id(&at.field("market_id"), market_id),
            }
        }
        Stated::ContentShare(level) => {
            let pb::ContentLevel { model_id, plant_id, importer_region_code, fact_id } = level;
            let at = &at.field("content_share");
            Parameter::ContentShare {
                model: reading.id(&at.field("model_id"), model_id),
                plant: reading.id(&at.field("plant_id"), plant_id),
                importer: reading.region(&at.field("importer_region_code"), importer_region_code),
                fact: reading.schedule_id(&at.field("fact_id"), fact_id),
            }
        }
        Stated::QuotaFill(pb::QuotaFill { importer_region_code, quota_id }) => {
            let at = &at.field("quota_fill");
            Parameter::QuotaFill {
                importer: reading.region(&at.field("importer_region_code"), importer_region_code),
                quota: reading.schedule_id(&at.field("quota_id"), quota_id),
            }
        }
    })
}

/// Writes where the best plan changes.
pub fn breakeven_response(answer: BreakevenAnswer) -> pb::AnalyzeBreakevenResponse {
    let BreakevenAnswer { problem, provenance, plans, intervals, ties, solves, message } = answer;
    let objective = problem.objective;
    pb::AnalyzeBreakevenResponse {
        provenance: Some(provenance_message(provenance)),
        plans: (0..plans.len()).map(|place| plan_message(&plans, place, &problem)).collect(),
        intervals: intervals
            .into_iter()
            .map(|interval| interval_message(&interval, objective))
            .collect(),
        ties: ties.iter().map(|tie| tie_message(tie, objective)).collect(),
        solves: i32::try_from(solves).unwrap_or(i32::MAX),
        message,
    }
}

fn plan_message(
    plans: &[BreakevenPlan],
    place: usize,
    problem: &SourcingProblem,
) -> pb::BreakevenPlan {
    let plan = &plans[place];
    let before = place.checked_sub(1).map(|before| &plans[before].identity);
    let origins = plan.identity.origins(problem).into_iter();
    pb::BreakevenPlan {
        plan_id: letter(place),
        decisions: Some(decisions_message(plan.decisions.clone())),
        found_at: Some(told_message(plan.found_at)),
        origins: origins
            .map(|(model_id, market_id, plant_ids)| pb::ModelOrigins {
                model_id,
                market_id,
                plant_ids,
            })
            .collect(),
        message: before.map(|before| plan.identity.differs_from(before)).unwrap_or_default(),
        cost_line: plan
            .cost_line
            .iter()
            .map(|(value, cost)| pb::CostPoint {
                value: Some(told_message(*value)),
                objective: value_message(Some(*cost), problem.objective),
            })
            .collect(),
    }
}

fn interval_message(interval: &BreakevenInterval, objective: Objective) -> pb::BreakevenInterval {
    let BreakevenInterval { low, high, plan, objectives, evidence } = interval;
    let value = |cost: Option<Decimal>| value_message(cost, objective);
    pb::BreakevenInterval {
        low: Some(told_message(*low)),
        high: Some(told_message(*high)),
        plan_id: plan.map(letter).unwrap_or_default(),
        objective_at_low: value(objectives.map(|(low, _)| low)),
        objective_at_high: value(objectives.map(|(_, high)| high)),
        evidence: evidence_of(*evidence).into(),
    }
}

fn tie_message(tie: &PlanTie, objective: Objective) -> pb::PlanTie {
    pb::PlanTie {
        plan_below: letter(tie.below),
        plan_above: letter(tie.above),
        value: Some(told_message(tie.value)),
        objective: value_message(Some(tie.objective), objective),
        is_switch: tie.is_switch,
    }
}

pub(super) fn evidence_of(evidence: Evidence) -> pb::Evidence {
    match evidence {
        Evidence::Proved => pb::Evidence::Proved,
        Evidence::Sampled => pb::Evidence::Sampled,
        Evidence::Unproved => pb::Evidence::Unproved,
    }
}

/// `A` to `Z`, `AA` and so on.
fn letter(place: usize) -> String {
    let (before, last) = (place / 26, place % 26);
    let last = char::from(b'A' + u8::try_from(last).unwrap_or_default());
    let before = before.checked_sub(1).map(letter).unwrap_or_default();
    format!("{before}{last}")
}

#[cfg(test)]
mod tests {
    use super::letter;

    #[test]
    fn plans_have_letters() {
        assert_eq!([0, 1, 25, 26, 27, 52].map(letter), ["A", "B", "Z", "AA", "AB", "BA"]);
    }
}
