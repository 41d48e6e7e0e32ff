//! Writes an answer: everything an assessment names by place is told in full.

use crate::app::DutyAnswer;
use crate::grpc::convert::provision::LawInForce;
use crate::grpc::convert::scalar::{date_message, decimal_message, money_message};
use crate::money::{Money, Overflow};
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{
    Alternative, Detail, Document, ENGINE_VERSION, FiledLine, LawOnDay, LineAssessment,
    Presumption, Reading, ResolvedEntry, ResolvedLine, Tariff, Totals, presumptions,
};
use rust_decimal::Decimal;

/// Writes an answer, in full with every document it cites.
///
/// # Errors
/// [`Overflow`], where sums of the entry are too large to be told exactly.
pub fn duty_response(answer: &DutyAnswer) -> Result<pb::CalculateDutyResponse, Overflow> {
    let DutyAnswer { question, assessment } = answer;
    let tariff = question.law.tariff.as_ref();
    let days = question.entry.days;
    let explained = question.detail == Detail::Explained;
    let law = LawInForce { tariff, on_day: &question.law, days, explained };
    let lines = question
        .entry
        .lines
        .iter()
        .zip(&assessment.lines)
        .map(|(goods, line)| assessed_line(&law, &question.entry, goods, line))
        .collect::<Result<Vec<_>, Overflow>>()?;
    let mut response = pb::CalculateDutyResponse {
        provenance: Some(pb::Provenance {
            schedule_revision: question.schedule.name.clone(),
            engine_version: ENGINE_VERSION.to_owned(),
            entry_date: Some(date_message(days.entry)),
            duty_date: Some(date_message(days.duty)),
            known_at: Some(date_message(days.known_at)),
            importer_region_code: question.importer.to_string(),
            law_from: Some(date_message(tariff.law_from)),
            law_verified_to: Some(date_message(tariff.law_verified_to)),
        }),
        determination: determination(assessment.totals.is_some()),
        lines,
        entry_fees: assessment
            .fees
            .iter()
            .map(|fee| law.entry_fee(fee, &question.entry.lines))
            .collect(),
        totals: assessment.totals.as_ref().map(totals).transpose()?,
        lowest_total: law.open(assessment.range).map(|range| money_message(range.lowest)),
        highest_total: law.open(assessment.range).map(|range| money_message(range.highest)),
        best_lawful_lowest_total: assessment.best_lawful.map(|best| money_message(best.lowest)),
        best_lawful_highest_total: assessment.best_lawful.map(|best| money_message(best.highest)),
        notices: assessment.notices.clone(),
        documents: Vec::new(),
    };
    if law.explained {
        response.documents = documents(tariff, &response);
    }
    Ok(response)
}

/// The documents an answer cites, by id.
fn documents(tariff: &Tariff, response: &pb::CalculateDutyResponse) -> Vec<pb::Document> {
    let mut ids: Vec<&str> = Vec::new();
    for line in &response.lines {
        let readings = line.readings.iter().filter_map(|reading| reading.assessment.as_ref());
        for assessment in line.assessment.iter().chain(readings) {
            let rejected =
                assessment.rejected_provisions.iter().flat_map(|rejected| &rejected.citations);
            let charged = assessment.layers.iter().flat_map(|layer| &layer.citations);
            ids.extend(charged.chain(rejected).map(|citation| citation.document_id.as_str()));
        }
    }
    let fees = response.entry_fees.iter().flat_map(|fee| &fee.citations);
    ids.extend(fees.map(|citation| citation.document_id.as_str()));
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter().filter_map(|id| tariff.documents.get(id)).map(|held| document(held)).collect()
}

pub(super) fn document(document: &Document) -> pb::Document {
    pb::Document {
        document_id: document.id.clone(),
        title: document.title.clone(),
        citation: document.citation.clone(),
        published_on: Some(date_message(document.published)),
    }
}

pub(super) fn determination(determined: bool) -> i32 {
    if determined { pb::Determination::Determined } else { pb::Determination::Undetermined }.into()
}

fn assessed_line(
    law: &LawInForce<'_>,
    entry: &ResolvedEntry,
    goods: &ResolvedLine,
    line: &LineAssessment,
) -> Result<pb::AssessedLine, Overflow> {
    let tariff = law.tariff;
    let outcome = line.determined().map(|reading| assessment(law, reading)).transpose()?;
    let unknown = line.readings.iter().any(|reading| !reading.answers.is_empty());
    let told = if unknown || outcome.is_none() { line.readings.as_slice() } else { &[] };
    Ok(pb::AssessedLine {
        line_id: goods.id.clone(),
        tariff_line: line.tariff_line.map(|index| {
            let line = &tariff.lines[index];
            let column_2 = || line.column_2.as_ref().map(ToString::to_string).unwrap_or_default();
            pb::TariffLine {
                goods_code: line.code.to_string(),
                description: law.told(|| line.description.clone()),
                general_rate: law.told(|| line.general.to_string()),
                special_rate: law.told(|| line.special_text.clone()),
                column_2_rate: law.told(column_2),
            }
        }),
        customs_value: Some(money_message(goods.customs_value)),
        determination: determination(outcome.is_some()),
        assessment: outcome,
        readings: told
            .iter()
            .map(|reading| {
                Ok(pb::Reading {
                    answers: reading
                        .answers
                        .iter()
                        .map(|(question, answer)| pb::Answer {
                            question_id: question.id(tariff),
                            answer: answer.text(*question, tariff),
                        })
                        .collect(),
                    assessment: Some(assessment(law, reading)?),
                    lowest_total: Some(money_message(reading.charges()?.lowest)),
                    highest_total: Some(money_message(reading.charges()?.highest)),
                })
            })
            .collect::<Result<_, Overflow>>()?,
        questions: line
            .questions
            .iter()
            .map(|open| pb::Question {
                question_id: open.question.id(tariff),
                text: open.question.text(tariff, law.days.known_at),
                at_stake: open.at_stake.map(money_message),
            })
            .collect(),
        presumptions: if law.explained {
            told_presumptions(law.on_day, entry, goods)
        } else {
            Vec::new()
        },
        alternatives: line.alternatives.iter().map(|way| alternative(tariff, way)).collect(),
        lowest_total: law.open(line.range).map(|range| money_message(range.lowest)),
        highest_total: law.open(line.range).map(|range| money_message(range.highest)),
    })
}

fn told_presumptions(
    law: &LawOnDay,
    entry: &ResolvedEntry,
    goods: &ResolvedLine,
) -> Vec<pb::Presumption> {
    presumptions(law, entry, goods)
        .into_iter()
        .map(|Presumption { subject, value, because }| pb::Presumption { subject, value, because })
        .collect()
}

fn alternative(tariff: &Tariff, way: &Alternative) -> pb::Alternative {
    let mut leads_to: Vec<String> = Vec::new();
    for index in &way.leads_to {
        let heading = &tariff.measures[*index].heading;
        if !leads_to.contains(heading) {
            leads_to.push(heading.clone());
        }
    }
    pb::Alternative {
        elections: way.elections.iter().map(|election| election.id(tariff)).collect(),
        as_elected: way.as_elected,
        leads_to,
        lowest_total: Some(money_message(way.charges.lowest)),
        highest_total: Some(money_message(way.charges.highest)),
        lowest_saving: Some(money_message(way.saving.lowest)),
        highest_saving: Some(money_message(way.saving.highest)),
        evidence: way.elections.iter().map(|election| election.evidence(tariff)).collect(),
    }
}

fn assessment(law: &LawInForce<'_>, reading: &Reading) -> Result<pb::Assessment, Overflow> {
    let outcome = &reading.outcome;
    let mut sums = outcome.totals;
    if reading.fees.is_one_amount() {
        sums.fees = sums.fees.plus(reading.fees.lowest)?;
    }
    Ok(pb::Assessment {
        layers: outcome.layers.iter().map(|charged| law.layer(charged)).collect(),
        rejected_provisions: law
            .explanations(&outcome.rejections)
            .iter()
            .map(|rejection| law.rejected(rejection))
            .collect(),
        filed_lines: outcome.filed.iter().map(|filed| filed_line(law.tariff, filed)).collect(),
        totals: Some(totals(&sums)?),
    })
}

fn filed_line(tariff: &Tariff, filed: &FiledLine) -> pb::FiledLine {
    let FiledLine { headings, entered_value, articles } = filed;
    pb::FiledLine {
        headings: headings.iter().map(|heading| heading.text(tariff)).collect(),
        entered_value: Some(money_message(*entered_value)),
        quantity: Some(decimal_message(*articles)),
    }
}

/// An amount, where there is any.
fn some_money(amount: Money) -> Option<google::Money> {
    (!amount.is_zero()).then(|| money_message(amount))
}

fn totals(sums: &Totals) -> Result<pb::Totals, Overflow> {
    let rate = sums
        .duty
        .amount()
        .checked_div(sums.customs_value.amount())
        .unwrap_or(Decimal::ZERO)
        .round_dp(6);
    Ok(pb::Totals {
        customs_value: Some(money_message(sums.customs_value)),
        duty: Some(money_message(sums.duty)),
        fees: Some(money_message(sums.fees)),
        taxes: Some(money_message(sums.taxes)),
        total: Some(money_message(sums.charges()?)),
        landed_cost: Some(money_message(sums.landed_cost()?)),
        effective_duty_rate: Some(decimal_message(rate)),
        credits: some_money(sums.credits),
        recoverable_taxes: some_money(sums.recoverable),
        sourcing_cost: Some(money_message(sums.sourcing_cost()?)),
    })
}
