//! What a plan decides: reads it for an evaluation, writes it in an answer.

use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{date_message, decimal_message, money_message};
use crate::grpc::convert::sourcing_reading::{Bounds, MOST_PERIODS, Reading};
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{
    CreditDecision, Decisions, ExpansionDecision, FlowDecision, LaunchDecision, PlantDecision,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

const MOST_PLANTS: usize = 200;
const MOST_LAUNCHES: usize = 20_000;
/// Twenty of every plant.
const MOST_EXPANSIONS: usize = 4000;
/// Far more than a request of the default size can hold.
const MOST_FLOWS: usize = 1_000_000;
/// One for every day of a year.
const MOST_WINDOWS: usize = 366;
/// A thousand credits in every period.
const MOST_SPENDINGS: usize = 120_000;

/// Reads decisions as far as they can be read.
pub(super) fn decisions_of(stated: &pb::PlanDecisions, reading: &mut Reading) -> Decisions {
    let at = &FieldPath::ROOT.field("decisions");
    let pb::PlanDecisions { plants, launches, expansions, flows, credits } = stated;
    Decisions {
        plants: reading.list((at, "plants"), plants, MOST_PLANTS, plant_of),
        launches: reading.list((at, "launches"), launches, MOST_LAUNCHES, launch_of),
        expansions: reading.list((at, "expansions"), expansions, MOST_EXPANSIONS, expansion_of),
        flows: reading.list((at, "flows"), flows, MOST_FLOWS, flow_of),
        credits: reading.list((at, "credits"), credits, MOST_SPENDINGS, credit_of),
    }
}

fn plant_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::PlantDecision,
) -> PlantDecision {
    let pb::PlantDecision { plant_id, open_period_ids } = stated;
    PlantDecision {
        plant: reading.id(&at.field("plant_id"), plant_id),
        open_periods: reading.ids((at, "open_period_ids"), open_period_ids, MOST_PERIODS),
    }
}

fn launch_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::LaunchDecision,
) -> LaunchDecision {
    let pb::LaunchDecision { model_id, plant_id, period_id } = stated;
    LaunchDecision {
        model: reading.id(&at.field("model_id"), model_id),
        plant: reading.id(&at.field("plant_id"), plant_id),
        period: reading.id(&at.field("period_id"), period_id),
    }
}

fn expansion_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::ExpansionDecision,
) -> ExpansionDecision {
    let pb::ExpansionDecision { plant_id, expansion_id, period_id } = stated;
    ExpansionDecision {
        plant: reading.id(&at.field("plant_id"), plant_id),
        expansion: reading.id(&at.field("expansion_id"), expansion_id),
        period: reading.id(&at.field("period_id"), period_id),
    }
}

fn flow_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::FlowDecision) -> FlowDecision {
    let pb::FlowDecision { model_id, plant_id, market_id, period_id, units, in_quota } = stated;
    let bounds = Bounds::MORE_THAN_ZERO;
    FlowDecision {
        model: reading.id(&at.field("model_id"), model_id),
        plant: reading.id(&at.field("plant_id"), plant_id),
        market: reading.id(&at.field("market_id"), market_id),
        period: reading.id(&at.field("period_id"), period_id),
        units: reading.number(&at.field("units"), units.as_ref(), bounds),
        in_quota: reading.list((at, "in_quota"), in_quota, MOST_WINDOWS, quota_use_of),
    }
}

fn quota_use_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::QuotaUse,
) -> (Date, Decimal) {
    let pb::QuotaUse { window_start, units } = stated;
    let start = reading.date(&at.field("window_start"), *window_start);
    let units = reading.number(&at.field("units"), units.as_ref(), Bounds::MORE_THAN_ZERO);
    (start.unwrap_or(Date::ZERO), units)
}

fn credit_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::CreditDecision,
) -> CreditDecision {
    let pb::CreditDecision { importer_region_code, credit_id, period_id, spent } = stated;
    CreditDecision {
        importer: reading.region(&at.field("importer_region_code"), importer_region_code),
        credit: reading.schedule_id(&at.field("credit_id"), credit_id),
        period: reading.id(&at.field("period_id"), period_id),
        spent: reading.money(&at.field("spent"), spent.as_ref()),
    }
}

/// Writes decisions: what was read is written back as it was.
pub(super) fn decisions_message(decisions: Decisions) -> pb::PlanDecisions {
    let Decisions { plants, launches, expansions, flows, credits } = decisions;
    pb::PlanDecisions {
        plants: plants.into_iter().map(plant_message).collect(),
        launches: launches.into_iter().map(launch_message).collect(),
        expansions: expansions.into_iter().map(expansion_message).collect(),
        flows: flows.into_iter().map(flow_message).collect(),
        credits: credits.into_iter().map(credit_message).collect(),
    }
}

fn plant_message(decided: PlantDecision) -> pb::PlantDecision {
    let PlantDecision { plant, open_periods } = decided;
    pb::PlantDecision { plant_id: plant, open_period_ids: open_periods }
}

fn launch_message(decided: LaunchDecision) -> pb::LaunchDecision {
    let LaunchDecision { model, plant, period } = decided;
    pb::LaunchDecision { model_id: model, plant_id: plant, period_id: period }
}

fn expansion_message(decided: ExpansionDecision) -> pb::ExpansionDecision {
    let ExpansionDecision { plant, expansion, period } = decided;
    pb::ExpansionDecision { plant_id: plant, expansion_id: expansion, period_id: period }
}

fn flow_message(decided: FlowDecision) -> pb::FlowDecision {
    let FlowDecision { model, plant, market, period, units, in_quota } = decided;
    let in_quota = in_quota.into_iter().map(|(start, units)| pb::QuotaUse {
        window_start: Some(date_message(start)),
        units: Some(decimal_message(units)),
    });
    pb::FlowDecision {
        model_id: model,
        plant_id: plant,
        market_id: market,
        period_id: period,
        units: Some(decimal_message(units)),
        in_quota: in_quota.collect(),
    }
}

fn credit_message(decided: CreditDecision) -> pb::CreditDecision {
    let CreditDecision { importer, credit, period, spent } = decided;
    pb::CreditDecision {
        importer_region_code: importer.to_string(),
        credit_id: credit,
        period_id: period,
        spent: Some(money_message(spent)),
    }
}
