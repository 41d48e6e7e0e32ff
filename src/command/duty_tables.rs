//! Answers about duty as tables for a terminal.

use super::duty_arguments::Asked;
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ContentArrangement, Table};
use std::fmt::Write;

/// An answer with everything it rests on.
pub(super) fn explanation(answer: &pb::CalculateDutyResponse) -> String {
    let mut text = String::new();
    if let Some(provenance) = &answer.provenance {
        let _ = writeln!(
            text,
            "{} entry of {}, law as known on {}\n{}, engine {}",
            provenance.importer_region_code,
            day(provenance.entry_date.as_ref()),
            day(provenance.known_at.as_ref()),
            provenance.schedule_revision,
            provenance.engine_version,
        );
    }
    for line in &answer.lines {
        text.push_str(&line_text(line));
    }
    for fee in &answer.entry_fees {
        let bounds = match (&fee.minimum, &fee.maximum) {
            (Some(least), Some(most)) => format!(", within {} and {}", number(least), number(most)),
            _ => String::new(),
        };
        let amount = fee.amount.as_ref().map_or_else(|| "undetermined".to_owned(), money);
        let _ = writeln!(
            text,
            "\nPer entry: {} ({}), {} of {}{bounds}: {amount}  [{}]",
            fee.programme,
            fee.heading,
            fee.rate,
            fee.base.as_ref().map(money).unwrap_or_default(),
            cited(&fee.citations),
        );
    }
    if let Some(totals) = &answer.totals {
        let _ = writeln!(
            text,
            "\nDuty {} ({}), fees {}, taxes {}: {} in all. Landed cost {}.",
            amount(totals.duty.as_ref()),
            totals.effective_duty_rate.as_ref().map(percent).unwrap_or_default(),
            amount(totals.fees.as_ref()),
            amount(totals.taxes.as_ref()),
            totals.total.as_ref().map(money).unwrap_or_default(),
            totals.landed_cost.as_ref().map(money).unwrap_or_default(),
        );
    } else {
        let _ = writeln!(
            text,
            "\nUNDETERMINED: {}.",
            range(answer.lowest_total.as_ref(), answer.highest_total.as_ref())
        );
    }
    for notice in &answer.notices {
        let _ = writeln!(text, "Note: {notice}");
    }
    text.trim_end().to_owned()
}

/// One figure per request: the effective duty rate, or its state.
pub(super) fn matrix<'a>(
    answers: impl Iterator<Item = (&'a Asked, &'a pb::CalculateDutyResponse)>,
) -> String {
    let mut rows: Vec<(&str, Vec<String>)> = Vec::new();
    let mut columns: Vec<&str> = Vec::new();
    for (asked, answer) in answers {
        if !columns.contains(&asked.column.as_str()) {
            columns.push(&asked.column);
        }
        let cell = summary(answer);
        match rows.iter_mut().find(|(row, _)| *row == asked.row) {
            Some((_, cells)) => cells.push(cell),
            None => rows.push((&asked.row, vec![cell])),
        }
    }
    let mut table = table();
    table.set_header(std::iter::once("").chain(columns.iter().copied()));
    for (row, cells) in rows {
        table.add_row(std::iter::once(row.to_owned()).chain(cells));
    }
    table.to_string()
}

fn summary(answer: &pb::CalculateDutyResponse) -> String {
    let Some(totals) = &answer.totals else {
        return format!(
            "UNDETERMINED\n{}",
            range(answer.lowest_total.as_ref(), answer.highest_total.as_ref())
        );
    };
    let mut headings: Vec<&str> = answer
        .lines
        .iter()
        .filter_map(|line| line.assessment.as_ref())
        .flat_map(|assessment| &assessment.layers)
        .filter(|layer| layer.kind() == pb::ChargeKind::Duty && layer.measure_id != layer.heading)
        .map(|layer| layer.heading.as_str())
        .collect();
    headings.dedup();
    let rate = totals.effective_duty_rate.as_ref().map(percent).unwrap_or_default();
    let by = if headings.is_empty() { "tariff line only".to_owned() } else { headings.join(", ") };
    let mut text = format!("{rate}\nduty {}\n{by}", amount(totals.duty.as_ref()));
    // Statements of fact are no offers: only what an importer may freely claim is hinted at.
    let ways = answer.lines.iter().flat_map(|line| &line.alternatives).filter(|way| saves(way));
    let best = ways.filter(|way| way.elections.iter().all(|id| !id.starts_with("certification:")));
    for open in best.take(1) {
        let saving = amount(open.highest_saving.as_ref());
        let _ = write!(text, "\n{}: up to -{saving}", open.elections.join(" + "));
    }
    text
}

fn line_text(line: &pb::AssessedLine) -> String {
    let mut text = String::new();
    let code = line.tariff_line.as_ref().map_or("code not held", |line| line.goods_code.as_str());
    let _ = writeln!(
        text,
        "\nLine {}: {code}, customs value {}",
        line.line_id,
        line.customs_value.as_ref().map(money).unwrap_or_default()
    );
    if let Some(tariff_line) = &line.tariff_line {
        let _ = writeln!(text, "{}", tariff_line.description);
    }
    if let Some(assessment) = &line.assessment {
        text.push_str(&assessment_text(assessment));
    }
    if !line.readings.is_empty() {
        let mut table = table();
        table.set_header(["if", "duty", "fees", "total"]);
        for reading in &line.readings {
            let answers: Vec<String> = reading
                .answers
                .iter()
                .map(|answer| format!("{} = {}", answer.question_id, answer.answer))
                .collect();
            let totals = reading.assessment.as_ref().and_then(|assessed| assessed.totals.as_ref());
            table.add_row([
                answers.join("\n"),
                amount(totals.and_then(|totals| totals.duty.as_ref())),
                amount(totals.and_then(|totals| totals.fees.as_ref())),
                amount(totals.and_then(|totals| totals.total.as_ref())),
            ]);
        }
        right(&mut table, &[1, 2, 3]);
        let _ = writeln!(text, "{table}");
    }
    for question in &line.questions {
        let stake = question.at_stake.as_ref().map(|stake| format!(" At stake: {}.", money(stake)));
        let _ = writeln!(
            text,
            "Open: {} [{}]{}",
            question.text,
            question.question_id,
            stake.unwrap_or_default()
        );
    }
    for open in line.alternatives.iter().filter(|way| saves(way)) {
        let ways = if open.elections.is_empty() {
            "no election".to_owned()
        } else {
            open.elections.join(" + ")
        };
        let _ = writeln!(
            text,
            "Another way: {ways} would save {} (needs: {})",
            range(open.lowest_saving.as_ref(), open.highest_saving.as_ref()),
            open.evidence.join("; "),
        );
    }
    for presumption in &line.presumptions {
        let _ = writeln!(
            text,
            "Presumed: {} = {} ({})",
            presumption.subject, presumption.value, presumption.because
        );
    }
    text
}

/// Whether a way may save anything against the elections of the request.
fn saves(way: &pb::Alternative) -> bool {
    way.highest_saving.as_ref().is_some_and(|saving| saving.units > 0 || saving.nanos > 0)
}

fn assessment_text(assessment: &pb::Assessment) -> String {
    let mut text = String::new();
    let mut charged = table();
    charged.set_header(["charged", "under", "base", "rate", "amount", "source"]);
    for layer in &assessment.layers {
        let rate = if layer.included_in_heading.is_empty() {
            layer.rate.clone()
        } else {
            format!("{}, inside {}", layer.rate, layer.included_in_heading)
        };
        charged.add_row([
            layer.heading.clone(),
            layer.programme.clone(),
            number(&layer.base.clone().unwrap_or_default()),
            rate,
            amount(layer.amount.as_ref()),
            format!("{} [{}]", cited(&layer.citations), letter(layer.confidence())),
        ]);
    }
    right(&mut charged, &[2, 4]);
    let _ = writeln!(text, "{charged}");
    if !assessment.rejected_provisions.is_empty() {
        let mut rejected = table();
        rejected.set_header(["considered", "under", "rate", "why it is not charged", "source"]);
        for provision in &assessment.rejected_provisions {
            rejected.add_row([
                provision.heading.clone(),
                provision.programme.clone(),
                provision.rate.clone(),
                format!("{}: {}", provision.reason().short_name(), provision.explanation),
                cited(&provision.citations),
            ]);
        }
        let _ = writeln!(text, "{rejected}");
    }
    for (place, filed) in assessment.filed_lines.iter().enumerate() {
        let _ = writeln!(
            text,
            "Filed line {}: {}; entered value {}, quantity {}",
            place + 1,
            filed.headings.join(", "),
            filed.entered_value.as_ref().map(money).unwrap_or_default(),
            filed.quantity.as_ref().map_or("", |quantity| quantity.value.as_str()),
        );
    }
    text
}

impl pb::RejectionReason {
    fn short_name(self) -> &'static str {
        self.as_str_name().trim_start_matches("REJECTION_REASON_")
    }
}

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

pub(super) fn cited(citations: &[pb::Citation]) -> String {
    let told: Vec<String> = citations
        .iter()
        .map(|citation| match citation.pinpoint.as_str() {
            "" => citation.citation.clone(),
            pinpoint => format!("{} {pinpoint}", citation.citation),
        })
        .collect();
    told.join("; ")
}

fn range(lowest: Option<&google::Money>, highest: Option<&google::Money>) -> String {
    match (lowest, highest) {
        (Some(lowest), Some(highest)) if lowest == highest => money(lowest),
        (Some(lowest), Some(highest)) => format!("{} to {}", number(lowest), money(highest)),
        _ => "no range can be given".to_owned(),
    }
}

fn amount(value: Option<&google::Money>) -> String {
    value.map(number).unwrap_or_default()
}

fn money(value: &google::Money) -> String {
    format!("{} {}", number(value), value.currency_code)
}

/// Units with thousands separated, and the minor digits the currency has.
fn number(value: &google::Money) -> String {
    let digits = value.units.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
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

fn percent(rate: &google::Decimal) -> String {
    let rate: rust_decimal::Decimal = rate.value.parse().unwrap_or_default();
    format!("{}%", (rate * rust_decimal::Decimal::ONE_HUNDRED).round_dp(2).normalize())
}

pub(super) fn day(date: Option<&google::Date>) -> String {
    date.map(|date| format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
        .unwrap_or_default()
}
