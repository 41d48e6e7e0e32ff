//! Reads what a caller knows of the world: balances and exchange rates.

use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{
    Fault, Faults, LARGEST_NUMBER, LONGEST_ID, amount, bounded_decimal, date, id, missing, parsed,
    required,
};
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{DeclaredBalance, DeclaredCredit, DeclaredStock, ExchangeRate, WorldState};
use jiff::civil::Date;
use rust_decimal::Decimal;

const MOST_BALANCES: usize = 1000;
pub(super) const MOST_PERIODS: usize = 200;
const MOST_RATES: usize = 200;

/// Reads a world state, and the planning rates beside it.
pub(super) fn world(
    stated: &pb::WorldState,
    faults: &mut Faults,
) -> (WorldState, Vec<ExchangeRate>) {
    let pb::WorldState {
        quota_balances,
        customs_exchange_rates,
        credit_balances,
        planning_exchange_rates,
    } = stated;
    let at = FieldPath::ROOT.field("world_state");
    let world = WorldState {
        quota_balances: quotas(quota_balances, &at, faults),
        credit_balances: credits(credit_balances, &at, faults),
        customs_exchange_rates: rates(
            customs_exchange_rates,
            (&at, "customs_exchange_rates"),
            faults,
        ),
    };
    let planning = rates(planning_exchange_rates, (&at, "planning_exchange_rates"), faults);
    (world, planning)
}

fn quotas(
    stated: &[pb::QuotaBalance],
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> Vec<DeclaredBalance> {
    let mut read = Vec::new();
    let list = faults.bounded(&at.field("quota_balances"), stated, MOST_BALANCES);
    for (position, balance) in list.iter().enumerate() {
        let pb::QuotaBalance { quota_id, remaining, used } = balance;
        let at = at.item("quota_balances", position);
        let quota = faults.check(&at.field("quota_id"), id(quota_id, LONGEST_ID));
        let stock = match (remaining, used.as_slice()) {
            (Some(units), []) => {
                units_of(Some(units), &at.field("remaining"), faults).map(DeclaredStock::Remaining)
            }
            (None, []) => {
                faults.push(&at.field("remaining"), missing());
                None
            }
            (None, periods) => Some(DeclaredStock::Used(uses(periods, &at, faults))),
            (Some(_), _) => {
                let message = "units left and units used: one of them";
                faults.push(&at.field("used"), Fault::new("NOT_ALLOWED", message));
                None
            }
        };
        if let (Some(quota), Some(stock)) = (quota, stock) {
            read.push(DeclaredBalance { position, quota, stock });
        }
    }
    read
}

fn uses(
    periods: &[pb::PeriodUse],
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> Vec<(usize, Date, Decimal)> {
    let mut read = Vec::new();
    let list = faults.bounded(&at.field("used"), periods, MOST_PERIODS);
    for (place, period) in list.iter().enumerate() {
        let use_of = period_use(period, &at.item("used", place), faults);
        if let (Some(from), Some(units)) = use_of {
            read.push((place, from, units));
        }
    }
    read
}

/// First day of a quota's period, and the units used in it.
pub(super) fn period_use(
    stated: &pb::PeriodUse,
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> (Option<Date>, Option<Decimal>) {
    let pb::PeriodUse { period_start, used } = stated;
    let from = faults.check(&at.field("period_start"), required(*period_start).and_then(date));
    (from, units_of(used.as_ref(), &at.field("used"), faults))
}

fn units_of(
    stated: Option<&crate::proto::google::r#type::Decimal>,
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> Option<Decimal> {
    let most = Decimal::from(LARGEST_NUMBER);
    faults.check(at, required(stated).and_then(|units| bounded_decimal(units, true, most)))
}

fn credits(
    stated: &[pb::CreditBalance],
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> Vec<DeclaredCredit> {
    let mut read = Vec::new();
    let list = faults.bounded(&at.field("credit_balances"), stated, MOST_BALANCES);
    for (position, balance) in list.iter().enumerate() {
        let pb::CreditBalance { credit_id, remaining } = balance;
        let at = at.item("credit_balances", position);
        let credit = faults.check(&at.field("credit_id"), id(credit_id, LONGEST_ID));
        let money = required(remaining.as_ref()).and_then(|money| amount(money, true));
        let remaining = faults.check(&at.field("remaining"), money);
        if let (Some(credit), Some(remaining)) = (credit, remaining) {
            read.push(DeclaredCredit { position, credit, remaining });
        }
    }
    read
}

pub(super) fn rates(
    stated: &[pb::ExchangeRate],
    (at, table): (&FieldPath<'_>, &str),
    faults: &mut Faults,
) -> Vec<ExchangeRate> {
    let mut read: Vec<ExchangeRate> = Vec::new();
    let most = Decimal::from(LARGEST_NUMBER);
    let list = faults.bounded(&at.field(table), stated, MOST_RATES);
    for (position, stated) in list.iter().enumerate() {
        let pb::ExchangeRate { from_currency_code, to_currency_code, rate, published_on } = stated;
        let at = at.item(table, position);
        let path = at.field("from_currency_code");
        let from = faults.check(&path, parsed(from_currency_code, "UNKNOWN_CURRENCY"));
        let to = parsed(to_currency_code, "UNKNOWN_CURRENCY");
        let to = faults.check(&at.field("to_currency_code"), to);
        let number = required(rate.as_ref()).and_then(|rate| bounded_decimal(rate, false, most));
        let rate = faults.check(&at.field("rate"), number);
        let published_on =
            faults.check(&at.field("published_on"), required(*published_on).and_then(date));
        if let (Some(from), Some(to), Some(rate), Some(published_on)) =
            (from, to, rate, published_on)
        {
            if read.iter().any(|known| known.from == from && known.to == to) {
                let message = format!("{from} to {to} is stated twice");
                faults.push(&path, Fault::new("DUPLICATE", message));
            }
            read.push(ExchangeRate { from, to, rate, published_on });
        }
    }
    read
}
