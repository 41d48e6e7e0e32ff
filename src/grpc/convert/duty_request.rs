//! Reads a request, gathering every fault with its field path.

use crate::app::DutyQuestion;
use crate::grpc::convert::scalar::{
    Fault, Faults, amount, bounded_decimal, date, decimal, id, missing, parsed, required,
};
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{
    Declaration, DeclaredBalance, DeclaredFact, DeclaredLine, Elections, EntryFault, ExchangeRate,
    FactValue, Goods, Quantity, TransportMode, Unit, WorldState,
};
use rust_decimal::Decimal;

const LONGEST_LINE_ID: usize = 64;
const LONGEST_ID: usize = 100;
const MOST_QUANTITIES: usize = 16;
const MOST_FACTS: usize = 64;
const MOST_ELECTIONS: usize = 64;
const MOST_BALANCES: usize = 1000;
const MOST_RATES: usize = 200;
/// Largest quantity, balance or exchange rate: 10^12.
const LARGEST_NUMBER: i64 = 1_000_000_000_000;

/// Bounds on a request, from the settings.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most lines of an entry.
    pub lines: usize,
    /// Most faults reported.
    pub validation_errors: usize,
}

/// Reads a request as far as it can be read, with every fault found on the
/// way: the rest is still worth holding against the tariff, so that a caller
/// learns all faults at once.
pub fn duty_question(
    request: pb::CalculateDutyRequest,
    limits: Limits,
) -> (DutyQuestion, pb::AssessmentView, Vec<EntryFault>) {
    let pb::CalculateDutyRequest { entry, world_state, known_at, schedule, view } = request;
    let mut faults = Faults::default();
    let view = pb::AssessmentView::try_from(view)
        .map_err(|_| Fault::new("UNKNOWN_ENUM_VALUE", format!("{view} is not a view")));
    let view = faults.check("view", view).unwrap_or_default();
    let known_at = known_at.and_then(|day| faults.check("known_at", date(day)));
    let world = world(world_state.unwrap_or_default(), &mut faults);
    let mut importer = None;
    let mut declaration = Declaration { world, ..Declaration::default() };
    if let Some(entry) = entry {
        let pb::Entry { importer_region_code, entry_date, transport_mode, lines } = entry;
        importer = faults
            .check("entry.importer_region_code", parsed(&importer_region_code, "UNKNOWN_REGION"));
        declaration.entry_date =
            faults.check("entry.entry_date", required(entry_date).and_then(date));
        declaration.transport_mode =
            faults.check("entry.transport_mode", transport(transport_mode)).flatten();
        if lines.is_empty() {
            faults.push("entry.lines", missing());
        }
        let lines = faults.bounded("entry.lines", &lines, limits.lines);
        declaration.lines = lines
            .iter()
            .enumerate()
            .map(|(index, declared)| line(index, declared, &mut faults))
            .collect();
    } else {
        faults.push("entry", missing());
    }
    (DutyQuestion { schedule, importer, known_at, declaration }, view, faults.0)
}

fn transport(value: i32) -> Result<Option<TransportMode>, Fault> {
    match pb::TransportMode::try_from(value) {
        Ok(pb::TransportMode::Unspecified) => Ok(None),
        Ok(pb::TransportMode::Ocean) => Ok(Some(TransportMode::Ocean)),
        Ok(pb::TransportMode::Air) => Ok(Some(TransportMode::Air)),
        Ok(pb::TransportMode::Road) => Ok(Some(TransportMode::Road)),
        Ok(pb::TransportMode::Rail) => Ok(Some(TransportMode::Rail)),
        Err(_) => Err(Fault::new("UNKNOWN_ENUM_VALUE", format!("{value} is not a transport mode"))),
    }
}

fn line(index: usize, declared: &pb::EntryLine, faults: &mut Faults) -> DeclaredLine {
    let pb::EntryLine { line_id, goods: declared_goods, elections: elected } = declared;
    let at = |field: &str| format!("entry.lines[{index}].{field}");
    let id = faults.check(at("line_id"), id(line_id, LONGEST_LINE_ID));
    let goods = faults.check(at("goods"), required(declared_goods.as_ref()));
    let goods = goods.map(|declared| goods_of(declared, &at, faults)).unwrap_or_default();
    let elections =
        elected.as_ref().map(|elected| elections(elected, &at, faults)).unwrap_or_default();
    DeclaredLine { id, goods, elections }
}

fn goods_of(declared: &pb::Goods, at: &impl Fn(&str) -> String, faults: &mut Faults) -> Goods {
    let pb::Goods {
        goods_code,
        origin_region_code,
        transaction_value,
        freight,
        insurance,
        quantities,
        facts,
    } = declared;
    let within = |field: &str| at(&format!("goods.{field}"));
    let code = faults.check(within("goods_code"), parsed(goods_code, "MALFORMED_GOODS_CODE"));
    let origin =
        faults.check(within("origin_region_code"), parsed(origin_region_code, "UNKNOWN_REGION"));
    let value = required(transaction_value.as_ref()).and_then(|value| amount(value, false));
    let transaction_value = faults.check(within("transaction_value"), value);
    let mut optional = |field: &str, value: &Option<_>| {
        value.as_ref().and_then(|value| faults.check(within(field), amount(value, true)))
    };
    let freight = optional("freight", freight);
    let insurance = optional("insurance", insurance);
    let mut known: Vec<Quantity> = Vec::new();
    let stated = faults.bounded(within("quantities"), quantities, MOST_QUANTITIES);
    for (place, quantity) in stated.iter().enumerate() {
        let pb::Quantity { amount, unit_code } = quantity;
        let field = |name: &str| within(&format!("quantities[{place}].{name}"));
        let unit = faults.check(field("unit_code"), parsed::<Unit>(unit_code, "MALFORMED_UNIT"));
        let number = required(amount.as_ref())
            .and_then(|amount| bounded_decimal(amount, false, Decimal::from(LARGEST_NUMBER)));
        let amount = faults.check(field("amount"), number);
        if let (Some(amount), Some(unit)) = (amount, unit) {
            if unit == Unit::ARTICLES && !amount.fract().is_zero() {
                let fault = Fault::new(
                    "OUT_OF_RANGE",
                    format!("{amount} articles: there are whole ones only"),
                );
                faults.push(field("amount"), fault);
            }
            if known.iter().any(|quantity| quantity.unit == unit) {
                faults.push(
                    field("unit_code"),
                    Fault::new("DUPLICATE", format!("{unit} is stated twice")),
                );
            }
            known.push(Quantity { amount, unit });
        }
    }
    let stated = faults.bounded(within("facts"), facts, MOST_FACTS);
    let facts = stated
        .iter()
        .enumerate()
        .filter_map(|(position, declared)| {
            let field = |name: &str| within(&format!("facts[{position}].{name}"));
            fact(position, declared, &field, faults)
        })
        .collect();
    Goods { code, origin, transaction_value, freight, insurance, quantities: known, facts }
}

fn fact(
    position: usize,
    declared: &pb::Fact,
    field: &impl Fn(&str) -> String,
    faults: &mut Faults,
) -> Option<DeclaredFact> {
    let pb::Fact { fact_id, value } = declared;
    let id = faults.check(field("fact_id"), id(fact_id, LONGEST_ID));
    let value = match value {
        None => {
            faults.push(field("value"), missing());
            None
        }
        Some(pb::fact::Value::Truth(truth)) => Some(FactValue::Truth(*truth)),
        Some(pb::fact::Value::Number(number)) => {
            faults.check(field("number"), decimal(number)).map(FactValue::Number)
        }
        Some(pb::fact::Value::Content(content)) => {
            faults.check(field("content"), amount(content, true)).map(FactValue::Content)
        }
    };
    Some(DeclaredFact { position, id: id?, value: value? })
}

fn elections(
    elected: &pb::Elections,
    at: &impl Fn(&str) -> String,
    faults: &mut Faults,
) -> Elections {
    let pb::Elections { preference_symbol, certification_ids, quota_ids } = elected;
    let mut ids = |field: &str, list: &[String]| -> Vec<String> {
        let list = faults.bounded(at(&format!("elections.{field}")), list, MOST_ELECTIONS);
        let mut read = Vec::new();
        for (place, text) in list.iter().enumerate() {
            let path = at(&format!("elections.{field}[{place}]"));
            // A faulty one keeps its place, or the paths of later ones would shift.
            read.push(faults.check(path, id(text, LONGEST_ID)).unwrap_or_default());
        }
        read
    };
    Elections {
        preference: (!preference_symbol.is_empty())
            .then(|| preference_symbol.chars().take(LONGEST_ID).collect()),
        certifications: ids("certification_ids", certification_ids),
        quotas: ids("quota_ids", quota_ids),
    }
}

fn world(stated: pb::WorldState, faults: &mut Faults) -> WorldState {
    let pb::WorldState { quota_balances, customs_exchange_rates } = stated;
    let most = Decimal::from(LARGEST_NUMBER);
    let mut world = WorldState::default();
    let list = faults.bounded("world_state.quota_balances", &quota_balances, MOST_BALANCES);
    for (position, balance) in list.iter().enumerate() {
        let pb::QuotaBalance { quota_id, remaining } = balance;
        let at = |field: &str| format!("world_state.quota_balances[{position}].{field}");
        let quota = faults.check(at("quota_id"), id(quota_id, LONGEST_ID));
        let number =
            required(remaining.as_ref()).and_then(|number| bounded_decimal(number, true, most));
        let remaining = faults.check(at("remaining"), number);
        if let (Some(quota), Some(remaining)) = (quota, remaining) {
            world.quota_balances.push(DeclaredBalance { position, quota, remaining });
        }
    }
    let list =
        faults.bounded("world_state.customs_exchange_rates", &customs_exchange_rates, MOST_RATES);
    for (position, stated) in list.iter().enumerate() {
        let pb::ExchangeRate { from_currency_code, to_currency_code, rate, published_on } = stated;
        let at = |field: &str| format!("world_state.customs_exchange_rates[{position}].{field}");
        let from =
            faults.check(at("from_currency_code"), parsed(from_currency_code, "UNKNOWN_CURRENCY"));
        let to = faults.check(at("to_currency_code"), parsed(to_currency_code, "UNKNOWN_CURRENCY"));
        let number = required(rate.as_ref()).and_then(|rate| bounded_decimal(rate, false, most));
        let rate = faults.check(at("rate"), number);
        let published_on = faults.check(at("published_on"), required(*published_on).and_then(date));
        if let (Some(from), Some(to), Some(rate), Some(published_on)) =
            (from, to, rate, published_on)
        {
            let pair = |known: &ExchangeRate| known.from == from && known.to == to;
            if world.customs_exchange_rates.iter().any(pair) {
                let fault = Fault::new("DUPLICATE", format!("{from} to {to} is stated twice"));
                faults.push(at("from_currency_code"), fault);
            }
            world.customs_exchange_rates.push(ExchangeRate { from, to, rate, published_on });
        }
    }
    world
}
