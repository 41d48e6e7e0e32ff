//! Values of flags, as the messages they stand for.

use super::Failure;
use crate::money::Money;
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// `2025-04-02`.
pub(super) fn date(text: &str) -> Result<google::Date, Failure> {
    text.parse().map(date_message).map_err(|_| format!("`{text}` is no day: write 2025-04-02"))
}

pub(super) fn date_message(day: Date) -> google::Date {
    google::Date { year: day.year().into(), month: day.month().into(), day: day.day().into() }
}

/// `30000 USD`.
pub(super) fn money(text: &str) -> Result<google::Money, Failure> {
    money_message(text.parse().map_err(|error| format!("`{text}`: {error}: write '30000 USD'"))?)
}

/// `12.5`.
pub(super) fn decimal(text: &str) -> Result<google::Decimal, Failure> {
    text.parse::<Decimal>().map_err(|_| format!("`{text}` is no number"))?;
    Ok(google::Decimal { value: text.to_owned() })
}

/// `ID=VALUE`: a yes or no, money, a day or a number.
pub(super) fn fact(text: &str) -> Result<pb::Fact, Failure> {
    let (id, value) = pair(text, "ID=VALUE")?;
    let value = if let Ok(truth) = value.parse() {
        pb::fact::Value::Truth(truth)
    } else if let Ok(content) = value.parse::<Money>() {
        pb::fact::Value::Content(money_message(content)?)
    } else if value.contains('-')
        && let Ok(day) = date(value)
    {
        pb::fact::Value::Date(day)
    } else {
        // What is no number is refused by the server, beside all other faults.
        pb::fact::Value::Number(google::Decimal { value: value.to_owned() })
    };
    Ok(pb::Fact { fact_id: id.to_owned(), value: Some(value) })
}

/// `ID=UNITS`.
pub(super) fn quota_balance(text: &str) -> Result<pb::QuotaBalance, Failure> {
    let (id, units) = pair(text, "ID=UNITS")?;
    Ok(pb::QuotaBalance {
        quota_id: id.to_owned(),
        remaining: Some(decimal(units)?),
        ..pb::QuotaBalance::default()
    })
}

/// `ID=AMOUNT`.
pub(super) fn credit_balance(text: &str) -> Result<pb::CreditBalance, Failure> {
    let (id, amount) = pair(text, "ID=AMOUNT")?;
    Ok(pb::CreditBalance { credit_id: id.to_owned(), remaining: Some(money(amount)?) })
}

/// `FROM:TO=RATE@DATE`.
pub(super) fn exchange_rate(text: &str) -> Result<pb::ExchangeRate, Failure> {
    let form = "FROM:TO=RATE@DATE";
    let (currencies, rate) = pair(text, form)?;
    let (from, to) = currencies.split_once(':').ok_or_else(|| format!("write {form}"))?;
    let (rate, published) = rate.split_once('@').ok_or_else(|| format!("write {form}"))?;
    Ok(pb::ExchangeRate {
        from_currency_code: from.to_owned(),
        to_currency_code: to.to_owned(),
        rate: Some(decimal(rate)?),
        published_on: Some(date(published)?),
    })
}

/// `BASIS=DATE`.
pub(super) fn rate_date(text: &str) -> Result<pb::RateDate, Failure> {
    let (basis, day) = pair(text, "BASIS=DATE")?;
    let basis = match basis {
        "withdrawal" => pb::RateDateBasis::Withdrawal,
        "privileged-foreign-status" => pb::RateDateBasis::PrivilegedForeignStatus,
        "immediate-transportation" => pb::RateDateBasis::ImmediateTransportation,
        _ => {
            return Err("BASIS is withdrawal, privileged-foreign-status or \
                 immediate-transportation"
                .to_owned());
        }
    };
    Ok(pb::RateDate { basis: basis.into(), date: Some(date(day)?) })
}

/// `ocean`, `air`, `road` or `rail`.
pub(super) fn transport_mode(text: &str) -> Result<pb::TransportMode, Failure> {
    match text {
        "ocean" => Ok(pb::TransportMode::Ocean),
        "air" => Ok(pb::TransportMode::Air),
        "road" => Ok(pb::TransportMode::Road),
        "rail" => Ok(pb::TransportMode::Rail),
        _ => Err("write ocean, air, road or rail".to_owned()),
    }
}

/// `DATE` or `DATE@KNOWN_AT`.
pub(super) fn date_pair(text: &str) -> Result<pb::DatePair, Failure> {
    let (entry_date, known_at) = match text.split_once('@') {
        Some((entry_date, known_at)) => (entry_date, Some(date(known_at)?)),
        None => (text, None),
    };
    Ok(pb::DatePair { entry_date: Some(date(entry_date)?), known_at })
}

/// `DATE=AMOUNT`.
pub(super) fn credit_base(text: &str) -> Result<pb::CreditBase, Failure> {
    let (day, amount) = pair(text, "DATE=AMOUNT")?;
    Ok(pb::CreditBase { assembled_on: Some(date(day)?), base: Some(money(amount)?) })
}

fn pair<'a>(text: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    text.split_once('=').ok_or_else(|| format!("write {form}"))
}

fn money_message(money: Money) -> Result<google::Money, Failure> {
    let too_large = || format!("{money} is too large or too precise");
    let units = money.amount().trunc();
    let nanos = (money.amount() - units)
        .checked_mul(Decimal::from(1_000_000_000))
        .filter(|nanos| nanos.fract().is_zero())
        .ok_or_else(too_large)?;
    Ok(google::Money {
        currency_code: money.currency().code().to_owned(),
        units: units.to_i64().ok_or_else(too_large)?,
        nanos: nanos.to_i32().ok_or_else(too_large)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::portolan::tariff::v1::fact::Value;

    #[test]
    fn a_fact_is_of_the_kind_its_text_looks_like() {
        let kind = |text: &str| fact(text).unwrap().value.unwrap();
        assert_eq!(kind("a=true"), Value::Truth(true));
        assert_eq!(kind("a=2026-02-20"), Value::Date(date("2026-02-20").unwrap()));
        assert_eq!(kind("a=15075 USD"), Value::Content(money("15075 USD").unwrap()));
        assert_eq!(kind("a=20260220"), Value::Number(decimal("20260220").unwrap()));
        assert!(fact("a").is_err());
    }

    #[test]
    fn what_is_written_otherwise_is_refused() {
        assert!(date("2025-02-30").is_err());
        assert!(money("30000").is_err());
        assert!(decimal("1e").is_err());
        assert!(exchange_rate("USD=160.77@2026-06-30").is_err());
        assert!(exchange_rate("USD:JPY=160.77").is_err());
        assert!(rate_date("arrival=2025-05-01").is_err());
        assert!(date_pair("2025-08-15@").is_err());
        assert!(credit_base("2025-08-15").is_err());
    }

    #[test]
    fn parts_land_where_they_belong() {
        let rate = exchange_rate("USD:JPY=160.77@2026-06-30").unwrap();
        assert_eq!((&*rate.from_currency_code, &*rate.to_currency_code), ("USD", "JPY"));
        assert_eq!(rate.rate.unwrap().value, "160.77");
        let pair = date_pair("2025-08-15@2025-10-01").unwrap();
        assert_eq!(pair.entry_date, date("2025-08-15").ok());
        assert_eq!(pair.known_at, date("2025-10-01").ok());
        assert_eq!(date_pair("2025-08-15").unwrap().known_at, None);
    }
}
