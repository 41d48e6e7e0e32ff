//! Reads what a plan must keep to.

use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, missing};
use crate::grpc::convert::sourcing_problem::MOST_ELEMENTS;
use crate::grpc::convert::sourcing_reading::{Bounds, MOST_PERIODS, Reading};
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{
    CapitalBudget, DomesticFloor, ExportCommitment, FixedLaunch, FixedPlant, FloorKind, FlowLimit,
    Limits, OriginCap, ProductionLimit, TradeBalanceBound,
};
use rust_decimal::Decimal;

/// Limits on one cell of the plan each: a planner may have committed whole
/// periods.
const MOST_CELLS: usize = 50_000;

pub(super) fn limits_of(stated: &pb::Limits, at: &FieldPath<'_>, reading: &mut Reading) -> Limits {
    let pb::Limits {
        domestic_floors,
        origin_caps,
        production_limits,
        flow_limits,
        fixed_plants,
        fixed_launches,
        most_moves,
        capital_budgets,
        trade_balance_bounds,
        export_commitments,
    } = stated;
    let most_moves = most_moves.and_then(|stated| {
        let number = u32::try_from(stated)
            .map_err(|_| Fault::new("OUT_OF_RANGE", format!("{stated} must be zero or more")));
        reading.faults.check(&at.field("most_moves"), number)
    });
    Limits {
        floors: reading.list((at, "domestic_floors"), domestic_floors, MOST_ELEMENTS, floor_of),
        origin_caps: reading.list((at, "origin_caps"), origin_caps, MOST_ELEMENTS, cap_of),
        production: reading.list(
            (at, "production_limits"),
            production_limits,
            MOST_ELEMENTS,
            production_of,
        ),
        flows: reading.list((at, "flow_limits"), flow_limits, MOST_CELLS, flow_of),
        fixed_plants: reading.list((at, "fixed_plants"), fixed_plants, MOST_CELLS, fixed_plant_of),
        fixed_launches: reading.list(
            (at, "fixed_launches"),
            fixed_launches,
            MOST_CELLS,
            fixed_launch_of,
        ),
        most_moves,
        budgets: reading.list((at, "capital_budgets"), capital_budgets, MOST_ELEMENTS, budget_of),
        trade_balances: reading.list(
            (at, "trade_balance_bounds"),
            trade_balance_bounds,
            MOST_ELEMENTS,
            balance_of,
        ),
        export_commitments: reading.list(
            (at, "export_commitments"),
            export_commitments,
            MOST_ELEMENTS,
            commitment_of,
        ),
    }
}

fn floor_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::DomesticFloor,
) -> DomesticFloor {
    use pb::domestic_floor::Floor;
    let pb::DomesticFloor { floor_id, region_code, floor, shortfall_penalty, period_ids } = stated;
    let id = reading.id(&at.field("floor_id"), floor_id);
    let region = reading.region(&at.field("region_code"), region_code);
    let mut number =
        |field: &str, stated, bounds| reading.number(&at.field(field), Some(stated), bounds);
    let floor = match floor {
        None => {
            reading.faults.push(&at.field("floor"), missing());
            FloorKind::Units(Decimal::ZERO)
        }
        Some(Floor::ShareOfSales(share)) => {
            FloorKind::ShareOfSales(number("share_of_sales", share, Bounds::SHARE))
        }
        Some(Floor::Units(units)) => FloorKind::Units(number("units", units, Bounds::ZERO_OR_MORE)),
        Some(Floor::LabourHours(hours)) => {
            FloorKind::LabourHours(number("labour_hours", hours, Bounds::ZERO_OR_MORE))
        }
    };
    let path = at.field("shortfall_penalty");
    DomesticFloor {
        id,
        region,
        floor,
        penalty: reading.optional_money(&path, shortfall_penalty.as_ref()),
        periods: reading.ids((at, "period_ids"), period_ids, MOST_PERIODS),
    }
}

fn cap_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::OriginCap) -> OriginCap {
    let pb::OriginCap { cap_id, origin_region_code, market_id, model_id, most_share } = stated;
    OriginCap {
        id: reading.id(&at.field("cap_id"), cap_id),
        origin: reading.region(&at.field("origin_region_code"), origin_region_code),
        market: reading.id(&at.field("market_id"), market_id),
        model: reading.optional_id(&at.field("model_id"), model_id),
        most_share: reading.number(&at.field("most_share"), most_share.as_ref(), Bounds::SHARE),
    }
}

fn production_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::ProductionLimit,
) -> ProductionLimit {
    let pb::ProductionLimit { limit_id, plant_id, model_id, least, most, period_ids } = stated;
    let bounds = Bounds::ZERO_OR_MORE;
    ProductionLimit {
        id: reading.id(&at.field("limit_id"), limit_id),
        plant: reading.optional_id(&at.field("plant_id"), plant_id),
        model: reading.optional_id(&at.field("model_id"), model_id),
        least: reading.optional_number(&at.field("least"), least.as_ref(), bounds),
        most: reading.optional_number(&at.field("most"), most.as_ref(), bounds),
        periods: reading.ids((at, "period_ids"), period_ids, MOST_PERIODS),
    }
}

fn flow_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::FlowLimit) -> FlowLimit {
    let pb::FlowLimit { model_id, plant_id, market_id, period_id, least, most } = stated;
    let bounds = Bounds::ZERO_OR_MORE;
    FlowLimit {
        model: reading.id(&at.field("model_id"), model_id),
        plant: reading.id(&at.field("plant_id"), plant_id),
        market: reading.id(&at.field("market_id"), market_id),
        period: reading.id(&at.field("period_id"), period_id),
        least: reading.optional_number(&at.field("least"), least.as_ref(), bounds),
        most: reading.optional_number(&at.field("most"), most.as_ref(), bounds),
    }
}

fn fixed_plant_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::FixedPlant,
) -> FixedPlant {
    let pb::FixedPlant { plant_id, period_id, open } = stated;
    FixedPlant {
        plant: reading.id(&at.field("plant_id"), plant_id),
        period: reading.id(&at.field("period_id"), period_id),
        open: *open,
    }
}

fn fixed_launch_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::FixedLaunch,
) -> FixedLaunch {
    let pb::FixedLaunch { model_id, plant_id, period_id, launched } = stated;
    FixedLaunch {
        model: reading.id(&at.field("model_id"), model_id),
        plant: reading.id(&at.field("plant_id"), plant_id),
        period: reading.id(&at.field("period_id"), period_id),
        launched: *launched,
    }
}

fn budget_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::CapitalBudget,
) -> CapitalBudget {
    let pb::CapitalBudget { budget_id, amount, period_ids } = stated;
    CapitalBudget {
        id: reading.id(&at.field("budget_id"), budget_id),
        amount: reading.money(&at.field("amount"), amount.as_ref()),
        periods: reading.ids((at, "period_ids"), period_ids, MOST_PERIODS),
    }
}

fn commitment_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::ExportCommitment,
) -> ExportCommitment {
    let pb::ExportCommitment {
        commitment_id,
        origin_region_code,
        market_region_code,
        units_per_year,
        period_ids,
    } = stated;
    let (path, bounds) = (at.field("units_per_year"), Bounds::ZERO_OR_MORE);
    ExportCommitment {
        id: reading.id(&at.field("commitment_id"), commitment_id),
        origin: reading.region(&at.field("origin_region_code"), origin_region_code),
        market: reading.region(&at.field("market_region_code"), market_region_code),
        units_per_year: reading.number(&path, units_per_year.as_ref(), bounds),
        periods: reading.ids((at, "period_ids"), period_ids, MOST_PERIODS),
    }
}

fn balance_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::TradeBalanceBound,
) -> TradeBalanceBound {
    let pb::TradeBalanceBound { bound_id, region_code, partner_region_code, least } = stated;
    TradeBalanceBound {
        id: reading.id(&at.field("bound_id"), bound_id),
        region: reading.region(&at.field("region_code"), region_code),
        partner: reading.optional_region(&at.field("partner_region_code"), partner_region_code),
        least: reading.balance(&at.field("least"), least.as_ref()),
    }
}
