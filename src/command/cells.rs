//! What stands in the cells of a table for a terminal.

use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use rust_decimal::{Decimal, RoundingStrategy};

pub(super) fn letter(confidence: pb::Confidence) -> &'static str {
    match confidence {
        pb::Confidence::OfficialText => "A",
        pb::Confidence::Summary => "B",
        pb::Confidence::Secondary => "C",
        pb::Confidence::Memory => "M",
        pb::Confidence::Unspecified => "?",
    }
}

pub(super) fn table() -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY).set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        // Not a terminal: a width that a page or a log can show.
        table.set_width(140);
    }
    table
}

pub(super) fn right(table: &mut Table, columns: &[usize]) {
    for column in columns {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
}

/// Citations, each once.
pub(super) fn cited<'a>(citations: impl IntoIterator<Item = &'a pb::Citation>) -> String {
    let told = citations.into_iter().map(|citation| match citation.pinpoint.as_str() {
        "" => citation.citation.clone(),
        pinpoint => format!("{} {pinpoint}", citation.citation),
    });
    distinct(told).join("; ")
}

pub(super) fn range(lowest: Option<&google::Money>, highest: Option<&google::Money>) -> String {
    match (lowest, highest) {
        (Some(lowest), Some(highest)) if lowest == highest => money(lowest),
        (Some(lowest), Some(highest)) => format!("{} to {}", number(lowest), money(highest)),
        _ => "no range can be given".to_owned(),
    }
}

pub(super) fn amount(value: Option<&google::Money>) -> String {
    value.map(number).unwrap_or_default()
}

pub(super) fn money(value: &google::Money) -> String {
    format!("{} {}", number(value), value.currency_code)
}

/// Units with thousands separated, and the minor digits the currency has.
pub(super) fn number(value: &google::Money) -> String {
    let grouped = grouped(&value.units.unsigned_abs().to_string());
    let minor = value
        .currency_code
        .parse::<crate::money::Currency>()
        .map_or(2, |currency| currency.minor_digits() as usize);
    let fraction = format!("{:09}", value.nanos.unsigned_abs());
    let kept = fraction.trim_end_matches('0').len().max(minor);
    let sign = if value.units < 0 || value.nanos < 0 { "-" } else { "" };
    if kept == 0 {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}.{}", &fraction[..kept])
    }
}

pub(super) fn percent(rate: &google::Decimal) -> String {
    let rate: Decimal = rate.value.parse().unwrap_or_default();
    format!("{}%", (rate * Decimal::ONE_HUNDRED).round_dp(2).normalize())
}

pub(super) fn day(date: Option<&google::Date>) -> String {
    date.map(|date| format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
        .unwrap_or_default()
}

pub(super) fn is_zero(value: &google::Money) -> bool {
    value.units == 0 && value.nanos == 0
}

/// Digits with thousands separated.
fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A decimal with thousands separated and two decimals: enough for a table.
pub(super) fn decimal(value: Option<&google::Decimal>) -> String {
    let value = value.and_then(|value| value.value.parse::<Decimal>().ok());
    value.map_or_else(String::new, |value| {
        let rounded = value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        let text = format!("{:.2}", rounded.abs());
        let (units, fraction) = text.split_once('.').unwrap_or((&text, "00"));
        let sign = if rounded.is_sign_negative() { "-" } else { "" };
        format!("{sign}{}.{fraction}", grouped(units))
    })
}

/// Each once, in order.
pub(super) fn distinct<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut kept = Vec::new();
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}
