//! Reads plants, what may be built in them, and how it is declared.

use crate::grpc::convert::entry::{elections, facts_of};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, missing};
use crate::grpc::convert::sourcing_problem::{MOST_ELEMENTS, MOST_PER_ENTRY};
use crate::grpc::convert::sourcing_reading::{Bounds, MOST_PERIODS, Reading};
use crate::proto::google::r#type as google;
use crate::proto::portolan::sourcing::v1 as pb;
use crate::proto::portolan::tariff::v1 as tariff;
use crate::sourcing::{
    ContentShare, CustomsTreatment, CustomsValueRule, Expansion, PartKit, Plant, ProductionOption,
    UnitCost,
};
use crate::tariff::Elections;

const MOST_EXPANSIONS: usize = 20;
const MOST_KITS: usize = 50;
const MOST_SHARES: usize = 64;
/// Greatest price declared, as a multiple of the unit cost.
const MOST_UNIT_COSTS: i64 = 100;

pub(super) fn plant_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::Plant) -> Plant {
    let pb::Plant {
        plant_id,
        region_code,
        capacity,
        initially_open,
        opening_cost,
        closing_cost,
        fixed_cost,
        ramp,
        least_run,
        expansions,
    } = stated;
    let path = at.field("least_run");
    let least_run = reading.optional_number(&path, least_run.as_ref(), Bounds::ZERO_OR_MORE);
    Plant {
        id: reading.id(&at.field("plant_id"), plant_id),
        region: reading.region(&at.field("region_code"), region_code),
        capacity: reading.series((at, "capacity"), capacity, Bounds::ZERO_OR_MORE),
        initially_open: *initially_open,
        opening_cost: reading.optional_money(&at.field("opening_cost"), opening_cost.as_ref()),
        closing_cost: reading.optional_money(&at.field("closing_cost"), closing_cost.as_ref()),
        fixed_cost: reading.optional_money(&at.field("fixed_cost"), fixed_cost.as_ref()),
        ramp: reading.list((at, "ramp"), ramp, MOST_PERIODS, |reading, at, stated| {
            reading.number(at, Some(stated), Bounds::SHARE)
        }),
        least_run,
        expansions: reading.list((at, "expansions"), expansions, MOST_EXPANSIONS, expansion_of),
    }
}

fn expansion_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::Expansion) -> Expansion {
    let pb::Expansion { expansion_id, capacity, cost, lead_periods } = stated;
    let added = Bounds::MORE_THAN_ZERO;
    Expansion {
        id: reading.id(&at.field("expansion_id"), expansion_id),
        capacity: reading.number(&at.field("capacity"), capacity.as_ref(), added),
        cost: reading.optional_money(&at.field("cost"), cost.as_ref()),
        lead_periods: lead_periods_of(reading, at, *lead_periods),
    }
}

fn lead_periods_of(reading: &mut Reading, at: &FieldPath<'_>, stated: i32) -> usize {
    let most = u32::try_from(MOST_PERIODS).unwrap_or(u32::MAX);
    let lead = reading.count(&at.field("lead_periods"), stated, 0, most);
    usize::try_from(lead).unwrap_or(MOST_PERIODS)
}

pub(super) fn option_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::ProductionOption,
) -> ProductionOption {
    let pb::ProductionOption {
        model_id,
        plant_id,
        unit_cost,
        labour_cost,
        parts_cost,
        other_cost,
        labour_hours,
        part_kits,
        launch_cost,
        lead_periods,
        initially_launched,
        customs,
    } = stated;
    let model = reading.id(&at.field("model_id"), model_id);
    let plant = reading.id(&at.field("plant_id"), plant_id);
    let path = at.field("labour_hours");
    ProductionOption {
        model,
        plant,
        unit_cost: unit_cost_of(reading, at, unit_cost, [labour_cost, parts_cost, other_cost]),
        labour_hours: reading.optional_number(&path, labour_hours.as_ref(), Bounds::ZERO_OR_MORE),
        kits: reading.list((at, "part_kits"), part_kits, MOST_KITS, kit_of),
        launch_cost: reading.optional_money(&at.field("launch_cost"), launch_cost.as_ref()),
        lead_periods: lead_periods_of(reading, at, *lead_periods),
        initially_launched: *initially_launched,
        customs: reading.list((at, "customs"), customs, MOST_ELEMENTS, treatment_of),
    }
}

/// One amount, or its parts: one of the two.
fn unit_cost_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    whole: &[google::Money],
    [labour, parts, other]: [&Option<google::Money>; 3],
) -> UnitCost {
    let path = at.field("unit_cost");
    let in_parts = [labour, parts, other].into_iter().any(Option::is_some);
    match (whole, in_parts) {
        ([], false) => reading.faults.push(&path, missing()),
        ([_, ..], true) => {
            let message = "the unit cost, or its labour, parts and other: one of them";
            reading.faults.push(&path, Fault::new("NOT_ALLOWED", message));
        }
        _ => {}
    }
    // Both are read where both are stated: each may have faults of its own.
    let parts = UnitCost::Parts {
        labour: reading.optional_money(&at.field("labour_cost"), labour.as_ref()),
        parts: reading.optional_money(&at.field("parts_cost"), parts.as_ref()),
        other: reading.optional_money(&at.field("other_cost"), other.as_ref()),
    };
    match whole {
        [] => parts,
        whole => UnitCost::Whole(reading.money_series((at, "unit_cost"), whole)),
    }
}

fn kit_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::PartKit) -> PartKit {
    let pb::PartKit {
        kit_id,
        goods_code,
        origin_region_code,
        value,
        freight,
        kits_per_entry,
        facts,
        elections: elected,
    } = stated;
    let path = at.field("kits_per_entry");
    PartKit {
        id: reading.id(&at.field("kit_id"), kit_id),
        code: reading.goods_code(&at.field("goods_code"), goods_code),
        origin: reading.region(&at.field("origin_region_code"), origin_region_code),
        value: reading.price(&at.field("value"), value.as_ref()),
        freight: reading.optional_money(&at.field("freight"), freight.as_ref()),
        kits_per_entry: reading.count(&path, *kits_per_entry, 1, MOST_PER_ENTRY),
        facts: facts_of(facts, at, &mut reading.faults),
        elections: elections_of(reading, at, elected.as_ref()),
    }
}

fn elections_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: Option<&tariff::Elections>,
) -> Elections {
    stated
        .map(|stated| elections(stated, &at.field("elections"), &mut reading.faults))
        .unwrap_or_default()
}

fn treatment_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::CustomsTreatment,
) -> CustomsTreatment {
    use pb::customs_treatment::CustomsValueRule as Stated;
    let pb::CustomsTreatment {
        importer_region_code,
        customs_value_rule,
        facts,
        content_shares,
        elections: elected,
    } = stated;
    let importer = reading.region(&at.field("importer_region_code"), importer_region_code);
    let value_rule = match customs_value_rule {
        None => CustomsValueRule::UnitCost,
        Some(Stated::TransactionValue(price)) => {
            let price = reading.price(&at.field("transaction_value"), Some(price));
            CustomsValueRule::TransactionValue(price)
        }
        Some(Stated::UnitCostFactor(factor)) => {
            let bounds = Bounds::MORE_THAN_ZERO.to(MOST_UNIT_COSTS);
            let factor = reading.number(&at.field("unit_cost_factor"), Some(factor), bounds);
            CustomsValueRule::UnitCostTimes(factor)
        }
    };
    let field = "content_shares";
    let mut shares = reading.list((at, field), content_shares, MOST_SHARES, content_share_of);
    for (position, share) in shares.iter_mut().enumerate() {
        share.position = position;
    }
    CustomsTreatment {
        importer,
        value_rule,
        facts: facts_of(facts, at, &mut reading.faults),
        content_shares: shares,
        elections: elections_of(reading, at, elected.as_ref()),
    }
}

fn content_share_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::ContentShare,
) -> ContentShare {
    let pb::ContentShare { fact_id, share } = stated;
    ContentShare {
        position: 0,
        fact: reading.schedule_id(&at.field("fact_id"), fact_id),
        share: reading.number(&at.field("share"), share.as_ref(), Bounds::SHARE),
    }
}
