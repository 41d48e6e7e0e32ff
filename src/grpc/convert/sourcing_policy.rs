//! Reads the law a plan is priced by: what-ifs, quotas, credits, rates.

use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, missing, parsed};
use crate::grpc::convert::sourcing_problem::MOST_ELEMENTS;
use crate::grpc::convert::sourcing_reading::{Bounds, Reading};
use crate::grpc::convert::world::{period_use, rates};
use crate::proto::portolan::sourcing::v1 as pb;
use crate::proto::portolan::tariff::v1 as tariff;
use crate::sourcing::{
    ConditionalRelief, CreditEarning, CreditOutlook, MeasureOverride, MeasureRate, OpenLaw,
    QuotaOutlook, StatedDuty, TradePolicy,
};
use crate::tariff::{DutyExpression, Region};
use jiff::civil::Date;
use rust_decimal::Decimal;

const MOST_OVERRIDES: usize = 200;
/// Every set of them is weighed.
const MOST_RELIEFS: usize = 4;
/// Greatest rate of a measure: no duty passes a hundredfold.
pub(super) const MOST_RATE: i64 = 100;
/// One for every option, at most.
const MOST_EARNINGS: usize = 20_000;
/// Longest text of a rate; schedules write none of half that.
const LONGEST_RATE: usize = 100;
/// Greatest stated duty: ten times the price.
const MOST_PRICES: i64 = 10;

pub(super) fn policy_of(
    stated: &pb::TradePolicy,
    at: &FieldPath<'_>,
    reading: &mut Reading,
) -> TradePolicy {
    let pb::TradePolicy {
        schedule,
        known_at,
        measure_overrides,
        stated_duties,
        quotas,
        credits,
        customs_exchange_rates,
        open_law,
        conditional_reliefs,
    } = stated;
    let open_law = match reading.choice(&at.field("open_law"), *open_law) {
        Some(pb::OpenLaw::Highest) => OpenLaw::Highest,
        Some(pb::OpenLaw::Lowest) => OpenLaw::Lowest,
        Some(pb::OpenLaw::Refuse | pb::OpenLaw::Unspecified) | None => OpenLaw::Refuse,
    };
    TradePolicy {
        schedule: schedule.clone(),
        known_at: reading.optional_date(&at.field("known_at"), *known_at),
        overrides: reading.list(
            (at, "measure_overrides"),
            measure_overrides,
            MOST_OVERRIDES,
            override_of,
        ),
        stated_duties: reading.list(
            (at, "stated_duties"),
            stated_duties,
            MOST_ELEMENTS,
            stated_duty_of,
        ),
        quotas: reading.list((at, "quotas"), quotas, MOST_ELEMENTS, quota_of),
        credits: reading.list((at, "credits"), credits, MOST_ELEMENTS, credit_of),
        customs_rates: rates(
            customs_exchange_rates,
            (at, "customs_exchange_rates"),
            &mut reading.faults,
        ),
        open_law,
        reliefs: reading.list(
            (at, "conditional_reliefs"),
            conditional_reliefs,
            MOST_RELIEFS,
            relief_of,
        ),
    }
}

fn relief_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::ConditionalRelief,
) -> ConditionalRelief {
    let pb::ConditionalRelief {
        relief_id,
        origin_region_code,
        market_region_code,
        units_per_year,
        measure,
        rate,
    } = stated;
    let path = at.field("measure");
    let measure = if let Some(stated) = measure {
        measure_of(stated, &path, reading)
    } else {
        reading.faults.push(&path, missing());
        MeasureRate {
            importer: Region::UNKNOWN,
            measure: String::new(),
            from: None,
            to: None,
            all_in: false,
            quota_units_per_year: None,
        }
    };
    let bounds = Bounds::ZERO_OR_MORE;
    ConditionalRelief {
        id: reading.id(&at.field("relief_id"), relief_id),
        origin: reading.region(&at.field("origin_region_code"), origin_region_code),
        market: reading.region(&at.field("market_region_code"), market_region_code),
        units_per_year: reading.number(
            &at.field("units_per_year"),
            units_per_year.as_ref(),
            bounds,
        ),
        measure,
        rate: reading.number(&at.field("rate"), rate.as_ref(), bounds.to(MOST_RATE)),
    }
}

pub(super) fn measure_of(
    stated: &pb::MeasureRate,
    at: &FieldPath<'_>,
    reading: &mut Reading,
) -> MeasureRate {
    let pb::MeasureRate {
        importer_region_code,
        measure_id,
        start_date,
        end_date,
        all_in,
        quota_units_per_year,
    } = stated;
    let importer = reading.region(&at.field("importer_region_code"), importer_region_code);
    let measure = reading.schedule_id(&at.field("measure_id"), measure_id);
    let (from, to) = reading.days_within(at, *start_date, *end_date);
    MeasureRate {
        importer,
        measure,
        from,
        to,
        all_in: *all_in,
        quota_units_per_year: reading.optional_number(
            &at.field("quota_units_per_year"),
            quota_units_per_year.as_ref(),
            Bounds::ZERO_OR_MORE,
        ),
    }
}

fn override_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::MeasureOverride,
) -> MeasureOverride {
    use pb::measure_override::Change;
    let pb::MeasureOverride {
        importer_region_code,
        measure_id,
        change,
        start_date,
        end_date,
        quota_units_per_year,
    } = stated;
    let importer = reading.region(&at.field("importer_region_code"), importer_region_code);
    let measure = reading.schedule_id(&at.field("measure_id"), measure_id);
    let rate = match change {
        None => {
            reading.faults.push(&at.field("change"), missing());
            None
        }
        Some(Change::Rate(text)) => reading.faults.check(&at.field("rate"), rate_of(text)),
        Some(Change::Suspended(true)) => None,
        Some(Change::Suspended(false)) => {
            let message = "false says nothing: leave the override out";
            reading.faults.push(&at.field("suspended"), Fault::new("NOT_ALLOWED", message));
            None
        }
    };
    let (from, to) = reading.days_within(at, *start_date, *end_date);
    let quota_units_per_year = reading.optional_number(
        &at.field("quota_units_per_year"),
        quota_units_per_year.as_ref(),
        Bounds::ZERO_OR_MORE,
    );
    MeasureOverride { importer, measure, rate, from, to, quota_units_per_year }
}

fn rate_of(text: &str) -> Result<DutyExpression, Fault> {
    let length = text.chars().count();
    if length > LONGEST_RATE {
        let message = format!("{length} characters, at most {LONGEST_RATE}");
        return Err(Fault::new("TOO_LONG", message));
    }
    parsed(text, "MALFORMED_RATE")
}

fn stated_duty_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::StatedDuty,
) -> StatedDuty {
    let pb::StatedDuty { importer_region_code, origin_region_code, rate } = stated;
    let bounds = Bounds::ZERO_OR_MORE.to(MOST_PRICES);
    StatedDuty {
        importer: reading.region(&at.field("importer_region_code"), importer_region_code),
        origin: reading.optional_region(&at.field("origin_region_code"), origin_region_code),
        rate: reading.number(&at.field("rate"), rate.as_ref(), bounds),
    }
}

fn quota_of(reading: &mut Reading, at: &FieldPath<'_>, stated: &pb::QuotaOutlook) -> QuotaOutlook {
    let pb::QuotaOutlook { importer_region_code, quota_id, used, rivals_use } = stated;
    QuotaOutlook {
        importer: reading.region(&at.field("importer_region_code"), importer_region_code),
        quota: reading.schedule_id(&at.field("quota_id"), quota_id),
        used: reading.list((at, "used"), used, MOST_ELEMENTS, tranche_of),
        rivals_use: reading.list((at, "rivals_use"), rivals_use, MOST_ELEMENTS, tranche_of),
    }
}

fn tranche_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &tariff::PeriodUse,
) -> (Date, Decimal) {
    let (from, units) = period_use(stated, at, &mut reading.faults);
    (from.unwrap_or(Date::ZERO), units.unwrap_or_default())
}

fn credit_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::CreditOutlook,
) -> CreditOutlook {
    let pb::CreditOutlook { importer_region_code, credit_id, brought_forward, earnings } = stated;
    let path = at.field("brought_forward");
    CreditOutlook {
        importer: reading.region(&at.field("importer_region_code"), importer_region_code),
        credit: reading.schedule_id(&at.field("credit_id"), credit_id),
        brought_forward: reading.optional_money(&path, brought_forward.as_ref()),
        earnings: reading.list((at, "earnings"), earnings, MOST_EARNINGS, earning_of),
    }
}

fn earning_of(
    reading: &mut Reading,
    at: &FieldPath<'_>,
    stated: &pb::CreditEarning,
) -> CreditEarning {
    let pb::CreditEarning { model_id, plant_id, base } = stated;
    CreditEarning {
        model: reading.id(&at.field("model_id"), model_id),
        plant: reading.id(&at.field("plant_id"), plant_id),
        base: reading.money(&at.field("base"), base.as_ref()),
    }
}
