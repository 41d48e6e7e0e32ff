//! Reads what is declared: entries, lines, facts, elections.

use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{
    Fault, Faults, LARGEST_NUMBER, LONGEST_ID, amount, bounded_decimal, date, decimal, id, missing,
    parsed, required,
};
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{
    Declaration, DeclaredFact, DeclaredLine, Elections, FactValue, Goods, Quantity, RateDate,
    RateDateBasis, Region, TransportMode, Unit,
};
use rust_decimal::Decimal;

const LONGEST_LINE_ID: usize = 64;
const MOST_QUANTITIES: usize = 16;
const MOST_FACTS: usize = 64;
const MOST_ELECTIONS: usize = 64;

/// Reads an entry, but for the world it enters; tells the importer. Where
/// `dated`, the entry date must be there.
pub(super) fn entry(
    declared: &pb::Entry,
    dated: bool,
    most_lines: usize,
    faults: &mut Faults,
) -> (Option<Region>, Declaration) {
    let at = FieldPath::ROOT.field("entry");
    let pb::Entry { importer_region_code, entry_date, transport_mode, lines, rate_date } = declared;
    let importer = faults
        .check(&at.field("importer_region_code"), parsed(importer_region_code, "UNKNOWN_REGION"));
    let path = at.field("entry_date");
    let entry_date = match (dated, entry_date) {
        (true, day) => faults.check(&path, required(*day).and_then(date)),
        (false, None) => None,
        (false, Some(_)) => {
            let message = "the pairs of days tell the dates of entry";
            faults.push(&path, Fault::new("NOT_ALLOWED", message));
            None
        }
    };
    let rate_date =
        rate_date.as_ref().and_then(|stated| rate_date_of(stated, &at.field("rate_date"), faults));
    let mode = faults.check(&at.field("transport_mode"), transport(*transport_mode)).flatten();
    if lines.is_empty() {
        faults.push(&at.field("lines"), missing());
    }
    let lines = faults.bounded(&at.field("lines"), lines, most_lines);
    let lines = lines
        .iter()
        .enumerate()
        .map(|(index, declared)| line(&at.item("lines", index), declared, faults))
        .collect();
    let declaration = Declaration {
        entry_date,
        rate_date,
        transport_mode: mode,
        lines,
        ..Declaration::default()
    };
    (importer, declaration)
}

fn rate_date_of(
    stated: &pb::RateDate,
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> Option<RateDate> {
    let basis = match stated.basis() {
        pb::RateDateBasis::Withdrawal => Some(RateDateBasis::Withdrawal),
        pb::RateDateBasis::PrivilegedForeignStatus => Some(RateDateBasis::PrivilegedForeignStatus),
        pb::RateDateBasis::ImmediateTransportation => Some(RateDateBasis::ImmediateTransportation),
        pb::RateDateBasis::Unspecified => {
            let fault = if stated.basis == 0 {
                missing()
            } else {
                Fault::new("UNKNOWN_ENUM_VALUE", format!("{} is not a basis", stated.basis))
            };
            faults.push(&at.field("basis"), fault);
            None
        }
    };
    let date = faults.check(&at.field("date"), required(stated.date).and_then(date));
    Some(RateDate { basis: basis?, date: date? })
}

pub(super) fn transport(value: i32) -> Result<Option<TransportMode>, Fault> {
    match pb::TransportMode::try_from(value) {
        Ok(pb::TransportMode::Unspecified) => Ok(None),
        Ok(pb::TransportMode::Ocean) => Ok(Some(TransportMode::Ocean)),
        Ok(pb::TransportMode::Air) => Ok(Some(TransportMode::Air)),
        Ok(pb::TransportMode::Road) => Ok(Some(TransportMode::Road)),
        Ok(pb::TransportMode::Rail) => Ok(Some(TransportMode::Rail)),
        Err(_) => Err(Fault::new("UNKNOWN_ENUM_VALUE", format!("{value} is not a transport mode"))),
    }
}

fn line(at: &FieldPath<'_>, declared: &pb::EntryLine, faults: &mut Faults) -> DeclaredLine {
    let pb::EntryLine { line_id, goods: declared_goods, elections: elected } = declared;
    let id = faults.check(&at.field("line_id"), id(line_id, LONGEST_LINE_ID));
    let path = at.field("goods");
    let goods = faults.check(&path, required(declared_goods.as_ref()));
    let goods = goods.map(|declared| goods_of(declared, &path, faults)).unwrap_or_default();
    let path = at.field("elections");
    let elections =
        elected.as_ref().map(|elected| elections(elected, &path, faults)).unwrap_or_default();
    DeclaredLine { id, goods, elections }
}

fn goods_of(declared: &pb::Goods, at: &FieldPath<'_>, faults: &mut Faults) -> Goods {
    let pb::Goods {
        goods_code,
        origin_region_code,
        transaction_value,
        freight,
        insurance,
        quantities,
        facts,
        inland_freight,
    } = declared;
    let code = faults.check(&at.field("goods_code"), parsed(goods_code, "MALFORMED_GOODS_CODE"));
    let origin =
        faults.check(&at.field("origin_region_code"), parsed(origin_region_code, "UNKNOWN_REGION"));
    let value = required(transaction_value.as_ref()).and_then(|value| amount(value, false));
    let transaction_value = faults.check(&at.field("transaction_value"), value);
    let mut optional = |field: &str, value: &Option<google::Money>| {
        value.as_ref().and_then(|value| faults.check(&at.field(field), amount(value, true)))
    };
    Goods {
        code,
        origin,
        transaction_value,
        freight: optional("freight", freight),
        insurance: optional("insurance", insurance),
        inland_freight: optional("inland_freight", inland_freight),
        quantities: quantities_of(quantities, at, faults),
        facts: facts_of(facts, at, faults),
    }
}

fn quantities_of(
    stated: &[pb::Quantity],
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> Vec<Quantity> {
    let mut known: Vec<Quantity> = Vec::with_capacity(stated.len().min(MOST_QUANTITIES));
    let stated = faults.bounded(&at.field("quantities"), stated, MOST_QUANTITIES);
    for (place, quantity) in stated.iter().enumerate() {
        let pb::Quantity { amount, unit_code } = quantity;
        let at = at.item("quantities", place);
        let unit =
            faults.check(&at.field("unit_code"), parsed::<Unit>(unit_code, "MALFORMED_UNIT"));
        let number = required(amount.as_ref())
            .and_then(|amount| bounded_decimal(amount, false, Decimal::from(LARGEST_NUMBER)));
        let amount = faults.check(&at.field("amount"), number);
        if let (Some(amount), Some(unit)) = (amount, unit) {
            if unit == Unit::ARTICLES && !amount.fract().is_zero() {
                let message = format!("{amount} articles: there are whole ones only");
                faults.push(&at.field("amount"), Fault::new("OUT_OF_RANGE", message));
            }
            if known.iter().any(|quantity| quantity.unit == unit) {
                let message = format!("{unit} is stated twice");
                faults.push(&at.field("unit_code"), Fault::new("DUPLICATE", message));
            }
            known.push(Quantity { amount, unit });
        }
    }
    known
}

pub(super) fn facts_of(
    facts: &[pb::Fact],
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> Vec<DeclaredFact> {
    let stated = faults.bounded(&at.field("facts"), facts, MOST_FACTS);
    let read = |(position, declared)| fact(position, declared, &at.item("facts", position), faults);
    stated.iter().enumerate().filter_map(read).collect()
}

fn fact(
    position: usize,
    declared: &pb::Fact,
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> Option<DeclaredFact> {
    use pb::fact::Value;
    let pb::Fact { fact_id, value } = declared;
    let id = faults.check(&at.field("fact_id"), id(fact_id, LONGEST_ID));
    let value = match value {
        None => {
            faults.push(&at.field("value"), missing());
            None
        }
        Some(Value::Truth(truth)) => Some(FactValue::Truth(*truth)),
        Some(Value::Number(number)) => {
            faults.check(&at.field("number"), decimal(number)).map(FactValue::Number)
        }
        Some(Value::Content(content)) => {
            faults.check(&at.field("content"), amount(content, true)).map(FactValue::Content)
        }
        Some(Value::Date(day)) => faults.check(&at.field("date"), date(*day)).map(FactValue::Date),
    };
    Some(DeclaredFact { position, id: id?, value: value? })
}

pub(super) fn elections(
    elected: &pb::Elections,
    at: &FieldPath<'_>,
    faults: &mut Faults,
) -> Elections {
    let pb::Elections {
        preference_symbol,
        certification_ids,
        quota_ids,
        credit_ids,
        report_column_separately,
    } = elected;
    let mut ids = |field: &str, list: &[String]| -> Vec<String> {
        let list = faults.bounded(&at.field(field), list, MOST_ELECTIONS);
        let mut read = Vec::with_capacity(list.len());
        for (place, text) in list.iter().enumerate() {
            // A faulty one keeps its place, or the paths of later ones would shift.
            let id = faults.check(&at.item(field, place), id(text, LONGEST_ID));
            read.push(id.unwrap_or_default());
        }
        read
    };
    Elections {
        preference: (!preference_symbol.is_empty())
            .then(|| preference_symbol.chars().take(LONGEST_ID).collect()),
        certifications: ids("certification_ids", certification_ids),
        quotas: ids("quota_ids", quota_ids),
        credits: ids("credit_ids", credit_ids),
        report_column_separately: *report_column_separately,
    }
}
