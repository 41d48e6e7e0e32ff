//! Reads a sourcing problem: periods, models, markets, demands, lanes.

use crate::grpc::convert::entry::{facts_of, transport};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::Fault;
use crate::grpc::convert::sourcing_limits::limits_of;
use crate::grpc::convert::sourcing_plant::{option_of, plant_of};
use crate::grpc::convert::sourcing_policy::policy_of;
use crate::grpc::convert::sourcing_reading::{Bounds, MOST_PERIODS, Reading};
use crate::money::Currency;
use crate::proto::portolan::sourcing::v1 as pb;
use crate::sourcing::{
    Demand, DepartureShare, Homologation, Lane, Market, ModelGoods, ModelLine, Objective, Period,
    PlanningRate, SourcingProblem, Units,
};
use rust_decimal::Decimal;

const MOST_RATES: usize = 200;
pub(super) const MOST_MODELS: usize = 500;
const MOST_PLANTS: usize = 200;
const MOST_OPTIONS: usize = 20_000;
const MOST_MARKETS: usize = 500;
const MOST_DEMANDS: usize = 50_000;
const MOST_LANES: usize = 50_000;
const MOST_DEPARTURES: usize = 366;
/// Most elements of any list whose bound is not stated otherwise.
pub(super) const MOST_ELEMENTS: usize = 1000;
const MOST_TRANSIT_DAYS: u32 = 365;
/// Vehicles or kits on one entry.
pub(super) const MOST_PER_ENTRY: u32 = 1_000_000;
/// Hours of one job in a year, where the caller states none.
const LABOUR_HOURS_PER_JOB: i64 = 1800;

/// Reads a problem as far as it can be read.
pub(super) fn problem_of(stated: &pb::SourcingProblem, reading: &mut Reading) -> SourcingProblem {
    let at = &FieldPath::ROOT.field("problem");
    let pb::SourcingProblem {
        periods,
        annual_discount_rate,
        reporting_currency_code,
        planning_exchange_rates,
        model_lines,
        plants,
        production_options,
        markets,
        demands,
        lanes,
        trade_policy,
        limits,
        objective,
        units,
        labour_hours_per_job,
    } = stated;
    let path = at.field("reporting_currency_code");
    let currency = reading.currency(&path, reporting_currency_code);
    // Without it no amount could be converted, and each would be told.
    reading.in_pieces |= currency.is_none();
    reading.currency = currency.unwrap_or(Currency::NONE);
    let periods = periods_of(at, periods, reading);
    let path = at.field("objective");
    let objective = match reading.choice(&path, *objective) {
        Some(pb::Objective::Profit) => Objective::Profit,
        Some(pb::Objective::Cost | pb::Objective::Unspecified) | None => Objective::Cost,
    };
    // Where it cannot be read, nothing is told of fractions.
    let units = match reading.choice(&at.field("units"), *units) {
        Some(pb::Units::Whole | pb::Units::Unspecified) => Units::Whole,
        Some(pb::Units::Continuous) | None => Units::Continuous,
    };
    let annual_discount_rate = reading.optional_number(
        &at.field("annual_discount_rate"),
        annual_discount_rate.as_ref(),
        Bounds::SHARE,
    );
    let labour_hours_per_job = reading.optional_number(
        &at.field("labour_hours_per_job"),
        labour_hours_per_job.as_ref(),
        Bounds::MORE_THAN_ZERO,
    );
    SourcingProblem {
        periods,
        annual_discount_rate: annual_discount_rate.unwrap_or_default(),
        reporting_currency: reading.currency,
        planning_rates: reading.list(
            (at, "planning_exchange_rates"),
            planning_exchange_rates,
            MOST_RATES,
            planning_rate_of,
        ),
        models: reading.needed_list((at, "model_lines"), model_lines, MOST_MODELS, model_of),
        plants: reading.needed_list((at, "plants"), plants, MOST_PLANTS, plant_of),
        options: reading.needed_list(
            (at, "production_options"),
            production_options,
            MOST_OPTIONS,
            option_of,
        ),
        markets: reading.needed_list((at, "markets"), markets, MOST_MARKETS, market_of),
        demands: reading.needed_list(
            (at, "demands"),
            demands,
            MOST_DEMANDS,
            |reading, at, stated| demand_of(reading, at, stated, units),
        ),
        lanes: reading.needed_list((at, "lanes"), lanes, MOST_LANES, lane_of),
        policy: trade_policy
            .as_ref()
            .map(|stated| policy_of(stated, &at.field("trade_policy"), reading))
            .unwrap_or_default(),
        limits: limits
            .as_ref()
            .map(|stated| limits_of(stated, &at.field("limits"), reading))
            .unwrap_or_default(),
        objective,
        units,
        labour_hours_per_job: labour_hours_per_job.unwrap_or(LABOUR_HOURS_PER_JOB.into()),
    }
}

fn periods_of(at: &FieldPath<'_>, stated: &[pb::Period], reading: &mut Reading) -> Vec<Period> {
    let named =
        reading.needed_list((at, "periods"), stated, MOST_PERIODS, |reading, at, stated| {
            let pb::Period { period_id, start_date, end_date } = stated;
            let id = reading.id(&at.field("period_id"), period_id);
            let start = reading.date(&at.field("start_date"), *start_date);
            (id, start, reading.date(&at.field("end_date"), *end_date))
        });
    reading.periods = (!named.is_empty()).then_some(named.len());
    // A day that cannot be read is taken to fit those beside it.
    let mut before = jiff::civil::Date::ZERO;
    let mut periods = Vec::with_capacity(named.len());
    for (id, start, end) in named {
        let start = start.unwrap_or(before);
        let end = end.or_else(|| start.tomorrow().ok()).unwrap_or(start);
        before = end;
        periods.push(Period { id, start, end });
    }
    periods
}

fn planning_rate_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::PlanningExchangeRate,
) -> PlanningRate {
    let pb::PlanningExchangeRate { currency_code, rates } = stated;
    let currency = reading.currency(&at.field("currency_code"), currency_code);
    PlanningRate {
        currency: currency.unwrap_or(Currency::NONE),
        rates: reading.series((at, "rates"), rates, Bounds::MORE_THAN_ZERO),
    }
}

fn model_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::ModelLine) -> ModelLine {
    let pb::ModelLine { model_id, capacity_use, goods } = stated;
    let id = reading.id(&at.field("model_id"), model_id);
    let path = at.field("capacity_use");
    let used = reading.optional_number(&path, capacity_use.as_ref(), Bounds::MORE_THAN_ZERO);
    ModelLine {
        id,
        capacity_use: used.unwrap_or(Decimal::ONE),
        goods: reading.list((at, "goods"), goods, MOST_ELEMENTS, goods_of),
    }
}

fn goods_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::ModelGoods) -> ModelGoods {
    let pb::ModelGoods { importer_region_code, goods_code, facts } = stated;
    ModelGoods {
        importer: reading.region(&at.field("importer_region_code"), importer_region_code),
        code: reading.goods_code(&at.field("goods_code"), goods_code),
        facts: facts_of(facts, at, &mut reading.faults),
    }
}

fn market_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::Market) -> Market {
    let pb::Market { market_id, region_code, homologations } = stated;
    Market {
        id: reading.id(&at.field("market_id"), market_id),
        region: reading.region(&at.field("region_code"), region_code),
        homologations: reading.list(
            (at, "homologations"),
            homologations,
            MOST_ELEMENTS,
            homologation_of,
        ),
    }
}

fn homologation_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::Homologation,
) -> Homologation {
    let pb::Homologation { origin_region_code, model_ids, cost } = stated;
    Homologation {
        origin: reading.region(&at.field("origin_region_code"), origin_region_code),
        models: reading.ids((at, "model_ids"), model_ids, MOST_MODELS),
        cost: reading.money(&at.field("cost"), cost.as_ref()),
    }
}

fn demand_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::Demand,
    units: Units,
) -> Demand {
    let pb::Demand { market_id, model_id, volume, lost_margin, net_price, single_source } = stated;
    let market = reading.id(&at.field("market_id"), market_id);
    let model = reading.id(&at.field("model_id"), model_id);
    let volume = reading.series((at, "volume"), volume, Bounds::ZERO_OR_MORE);
    if units == Units::Whole {
        for (place, vehicles) in volume.iter().enumerate() {
            if !vehicles.fract().is_zero() {
                let message = format!("{vehicles} vehicles: there are whole ones only");
                let fault = Fault::new("OUT_OF_RANGE", message);
                reading.faults.push(&at.item("volume", place), fault);
            }
        }
    }
    let net_price = match net_price.as_slice() {
        [] => Vec::new(),
        stated => reading.money_series((at, "net_price"), stated),
    };
    Demand {
        market,
        model,
        volume,
        lost_margin: reading.optional_money(&at.field("lost_margin"), lost_margin.as_ref()),
        net_price,
        single_source: *single_source,
    }
}

fn lane_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::Lane) -> Lane {
    let pb::Lane {
        plant_id,
        market_id,
        model_ids,
        freight,
        insurance,
        inland_freight,
        holding_cost,
        transit_days,
        vehicles_per_entry,
        transport_mode,
        departure_profile,
    } = stated;
    let path = at.field("transport_mode");
    let transport = reading.faults.check(&path, transport(*transport_mode)).flatten();
    let path = at.field("vehicles_per_entry");
    Lane {
        plant: reading.id(&at.field("plant_id"), plant_id),
        market: reading.id(&at.field("market_id"), market_id),
        models: reading.ids((at, "model_ids"), model_ids, MOST_MODELS),
        freight: reading.optional_money(&at.field("freight"), freight.as_ref()),
        insurance: reading.optional_money(&at.field("insurance"), insurance.as_ref()),
        inland_freight: reading
            .optional_money(&at.field("inland_freight"), inland_freight.as_ref()),
        holding_cost: reading.optional_money(&at.field("holding_cost"), holding_cost.as_ref()),
        transit_days: reading.count(&at.field("transit_days"), *transit_days, 0, MOST_TRANSIT_DAYS),
        vehicles_per_entry: reading.count(&path, *vehicles_per_entry, 1, MOST_PER_ENTRY),
        transport,
        departures: departures_of(reading, at, departure_profile),
    }
}

fn departures_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &[pb::DepartureShare],
) -> Vec<DepartureShare> {
    let faults_before = reading.faults.0.len();
    let field = "departure_profile";
    let read = reading.list((at, field), stated, MOST_DEPARTURES, |reading, at, stated| {
        let pb::DepartureShare { day, share } = stated;
        let bounds = Bounds::MORE_THAN_ZERO.to(1);
        DepartureShare {
            day: reading.count(&at.field("day"), *day, 0, i32::MAX.unsigned_abs()),
            share: reading.number(&at.field("share"), share.as_ref(), bounds),
        }
    });
    let sum: Decimal = read.iter().map(|departure| departure.share).sum();
    if !read.is_empty() && sum != Decimal::ONE && reading.faults.0.len() == faults_before {
        let message = format!("the shares add up to {}, not to 1", sum.normalize());
        reading.faults.push(&at.field(field), Fault::new("OUT_OF_RANGE", message));
    }
    read
}
