//! Answers about duty as tables for a terminal.

use super::cells::{amount, cited, day, is_zero, money, number, percent, range, table};
use super::duty_arguments::Asked;
use super::line_tables::{line_text, saves};
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
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
    match &answer.totals {
        Some(totals) => {
            let _ = writeln!(text, "\n{}", sums(totals));
        }
        None => {
            let _ = writeln!(
                text,
                "\nUNDETERMINED: {}.",
                range(answer.lowest_total.as_ref(), answer.highest_total.as_ref())
            );
        }
    }
    text.push_str(&best_lawful(answer));
    for notice in &answer.notices {
        let _ = writeln!(text, "Note: {notice}");
    }
    text.trim_end().to_owned()
}

/// What the entry comes to as elected, and at its best.
fn best_lawful(answer: &pb::CalculateDutyResponse) -> String {
    let elected = range(answer.lowest_total.as_ref(), answer.highest_total.as_ref());
    let lowest = answer.best_lawful_lowest_total.as_ref();
    if lowest.is_none() {
        return String::new();
    }
    let best = range(lowest, answer.best_lawful_highest_total.as_ref());
    if best == elected {
        format!("As elected {elected}: no lawful way found is cheaper.\n")
    } else {
        format!("As elected {elected}; best lawful way found {best}.\n")
    }
}

/// The sums in a sentence or two; what is nothing in most answers is told only where it is not.
fn sums(totals: &pb::Totals) -> String {
    let mut parts = vec![format!(
        "Duty {} ({})",
        amount(totals.duty.as_ref()),
        totals.effective_duty_rate.as_ref().map(percent).unwrap_or_default()
    )];
    let credits = totals.credits.as_ref().filter(|credits| !is_zero(credits));
    let taxes = totals.taxes.as_ref().filter(|taxes| !is_zero(taxes));
    let recoverable = totals.recoverable_taxes.as_ref().filter(|taxes| !is_zero(taxes));
    parts.extend(credits.map(|credits| format!("credits {}", number(credits))));
    parts.push(format!("fees {}", amount(totals.fees.as_ref())));
    parts.extend(taxes.map(|taxes| match recoverable {
        Some(part) if part == taxes => format!("recoverable taxes {}", number(taxes)),
        Some(part) => format!("taxes {} ({} of it recoverable)", number(taxes), number(part)),
        None => format!("taxes {}", number(taxes)),
    }));
    let mut text = format!(
        "{}: {} in all. Landed cost {}",
        parts.join(", "),
        totals.total.as_ref().map(money).unwrap_or_default(),
        totals.landed_cost.as_ref().map(money).unwrap_or_default(),
    );
    if recoverable.is_some() {
        let cost = totals.sourcing_cost.as_ref().map(money).unwrap_or_default();
        let _ = write!(text, ", {cost} without what a trader recovers");
    }
    text.push('.');
    text
}

/// One figure per request: the effective duty rate, or its state.
pub(super) fn matrix<'a>(
    answers: impl Iterator<Item = (&'a Asked, &'a pb::CalculateDutyResponse)>,
) -> String {
    let mut rows: Vec<(&str, Vec<String>)> = Vec::new();
    let mut columns: Vec<Option<&google::Date>> = Vec::new();
    for (asked, answer) in answers {
        if !columns.contains(&asked.column.as_ref()) {
            columns.push(asked.column.as_ref());
        }
        let cell = summary(answer);
        match rows.iter_mut().find(|(row, _)| *row == asked.row) {
            Some((_, cells)) => cells.push(cell),
            None => rows.push((&asked.row, vec![cell])),
        }
    }
    let mut table = table();
    table.set_header(std::iter::once(String::new()).chain(columns.into_iter().map(day)));
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
