//! Reads two plans to be compared, and writes the bridge between them.

use crate::app::{ComparedPlans, PricedDecisions};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{missing, money_message};
use crate::grpc::convert::sourcing_answer::provenance_message;
use crate::grpc::convert::sourcing_cost::cost_kind;
use crate::grpc::convert::sourcing_decisions::decisions_of;
use crate::grpc::convert::sourcing_plan::{told_message, violation_message};
use crate::grpc::convert::sourcing_problem::problem_of;
use crate::grpc::convert::sourcing_question::Read;
use crate::grpc::convert::sourcing_reading::Reading;
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{BridgeStep, CountryChange, UnitsMoved};
use crate::tariff::{Detail, EntryFault};

/// Reads two plans. Fields of faults begin with `from` or `to`.
pub fn comparison_question(
    request: pb::ComparePlansRequest,
) -> Read<(PricedDecisions, PricedDecisions)> {
    let pb::ComparePlansRequest { from, to } = request;
    let from = from.unwrap_or_default();
    let mut to = to.unwrap_or_default();
    to.problem = to.problem.or_else(|| from.problem.clone());
    let mut faults = Vec::new();
    let one = side(&from, "from", &mut faults);
    let other = side(&to, "to", &mut faults);
    let asked = one.zip(other);
    if let Some((one, other)) = &asked
        && faults.is_empty()
        && one.problem.reporting_currency != other.problem.reporting_currency
    {
        faults.push(EntryFault {
            field: "to.problem.reporting_currency_code".to_owned(),
            reason: "CURRENCY_MISMATCH",
            message: "both plans must report in one currency".to_owned(),
        });
    }
    Read { asked, view: Detail::Amounts, faults }
}

fn side(
    stated: &pb::PricedDecisions,
    side: &str,
    faults: &mut Vec<EntryFault>,
) -> Option<PricedDecisions> {
    let mut reading = Reading::new();
    let pb::PricedDecisions { problem, decisions } = stated;
    if problem.is_none() {
        reading.faults.push(&FieldPath::ROOT.field("problem"), missing());
    }
    if decisions.is_none() {
        reading.faults.push(&FieldPath::ROOT.field("decisions"), missing());
    }
    let problem = problem.as_ref().map(|stated| problem_of(stated, &mut reading));
    let decisions = decisions.as_ref().map(|stated| decisions_of(stated, &mut reading));
    let is_whole = !reading.in_pieces;
    faults.extend(reading.faults.0.into_iter().map(|mut fault| {
        fault.field = format!("{side}.{}", fault.field);
        fault
    }));
    let (problem, decisions) = problem.zip(decisions).filter(|_| is_whole)?;
    Some(PricedDecisions { problem, decisions })
}

/// Writes the bridge between two plans.
pub fn comparison_response(compared: ComparedPlans) -> pb::ComparePlansResponse {
    let ComparedPlans { provenance, comparison, violations } = compared;
    let [from_provenance, to_provenance] = provenance.map(provenance_message);
    let [from_violations, to_violations] =
        violations.map(|violations| violations.into_iter().map(violation_message).collect());
    let steps = |steps: Vec<BridgeStep>| steps.into_iter().map(step_message).collect();
    let difference = comparison.to.minus(comparison.from).ok();
    pb::ComparePlansResponse {
        from_provenance: Some(from_provenance),
        to_provenance: Some(to_provenance),
        from_total: Some(money_message(comparison.from)),
        to_total: Some(money_message(comparison.to)),
        difference: difference.map(money_message),
        discounted_difference: Some(told_message(comparison.discounted_difference)),
        by_kind: steps(comparison.by_kind),
        by_plant: steps(comparison.by_plant),
        by_market: steps(comparison.by_market),
        cells: steps(comparison.cells),
        units: comparison.units.into_iter().map(moved_message).collect(),
        countries: comparison.countries.iter().map(country_message).collect(),
        from_violations,
        to_violations,
    }
}

fn step_message(step: BridgeStep) -> pb::BridgeStep {
    let BridgeStep { part, from, to, difference } = step;
    let (importer_region_code, layer) = part
        .layer
        .map(|(importer, programme)| (importer.to_string(), programme))
        .unwrap_or_default();
    pb::BridgeStep {
        kind: part.kind.map_or(pb::CostKind::Unspecified, cost_kind).into(),
        importer_region_code,
        layer,
        plant_id: part.plant.unwrap_or_default(),
        market_id: part.market.unwrap_or_default(),
        from: Some(money_message(from)),
        to: Some(money_message(to)),
        difference: Some(money_message(difference)),
    }
}

fn moved_message(moved: UnitsMoved) -> pb::UnitsMoved {
    let UnitsMoved { model, plant, market, from, to } = moved;
    pb::UnitsMoved {
        model_id: model,
        plant_id: plant,
        market_id: market,
        from: Some(told_message(from)),
        to: Some(told_message(to)),
    }
}

fn country_message(change: &CountryChange) -> pb::CountryChange {
    let CountryChange { region, from, to } = change;
    pb::CountryChange {
        region_code: region.to_string(),
        from_built: Some(told_message(from.built)),
        to_built: Some(told_message(to.built)),
        from_labour_hours: Some(told_message(from.labour_hours)),
        to_labour_hours: Some(told_message(to.labour_hours)),
        from_jobs: Some(told_message(from.jobs)),
        to_jobs: Some(told_message(to.jobs)),
    }
}
