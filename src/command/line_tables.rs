//! A line of an entry as tables: what it is charged and why, what is open, what else is lawful.

use super::cells::{amount, cited, distinct, letter, money, number, range, right, table};
use crate::proto::portolan::tariff::v1 as pb;
use std::fmt::Write;

/// Most ways to enter a line shown; proto-JSON has them all.
const MOST_WAYS: usize = 8;

/// A line with everything it rests on.
pub(super) fn line_text(line: &pb::AssessedLine) -> String {
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
    if line.alternatives.iter().any(saves) {
        text.push_str(&ways(&line.alternatives));
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

/// The lawful ways that may save something, the cheapest first, and what they are held against.
fn ways(alternatives: &[pb::Alternative]) -> String {
    let saving: Vec<&pb::Alternative> = alternatives.iter().filter(|way| saves(way)).collect();
    let elected = alternatives.iter().filter(|way| way.as_elected);
    let mut table = table();
    table.set_header(["lawful way", "total", "saves", "needs"]);
    for way in saving.iter().copied().take(MOST_WAYS).chain(elected) {
        let elections = if way.elections.is_empty() {
            "no election".to_owned()
        } else {
            way.elections.join("\n+ ")
        };
        table.add_row([
            if way.as_elected { format!("{elections} (as elected)") } else { elections },
            range(way.lowest_total.as_ref(), way.highest_total.as_ref()),
            if way.as_elected {
                String::new()
            } else {
                range(way.lowest_saving.as_ref(), way.highest_saving.as_ref())
            },
            way.evidence.join("; "),
        ]);
    }
    right(&mut table, &[1, 2]);
    let more = saving.len().saturating_sub(MOST_WAYS);
    if more == 0 { format!("{table}\n") } else { format!("{table}\n{more} more ways save.\n") }
}

/// Whether a way may save anything against the elections of the request.
pub(super) fn saves(way: &pb::Alternative) -> bool {
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
        for alike in grouped(&assessment.rejected_provisions) {
            let first = alike[0];
            let rates: Vec<&str> = alike.iter().map(|provision| provision.rate.as_str()).collect();
            rejected.add_row([
                first.heading.clone(),
                first.programme.clone(),
                distinct(rates).join(", "),
                format!("{}: {}", first.reason().short_name(), first.explanation),
                cited(alike.iter().flat_map(|provision| &provision.citations)),
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

/// Provisions that say the same but for the rate, such as a tax of each member state, together.
fn grouped(provisions: &[pb::RejectedProvision]) -> Vec<Vec<&pb::RejectedProvision>> {
    let mut groups: Vec<Vec<&pb::RejectedProvision>> = Vec::new();
    for provision in provisions {
        let alike = groups.iter_mut().find(|group| {
            group.first().is_some_and(|first| {
                (&first.heading, &first.programme, first.reason, &first.explanation)
                    == (
                        &provision.heading,
                        &provision.programme,
                        provision.reason,
                        &provision.explanation,
                    )
            })
        });
        match alike {
            Some(group) => group.push(provision),
            None => groups.push(vec![provision]),
        }
    }
    groups
}

impl pb::RejectionReason {
    fn short_name(self) -> &'static str {
        self.as_str_name().trim_start_matches("REJECTION_REASON_")
    }
}
