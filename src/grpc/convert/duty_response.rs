//! Writes an answer: everything an assessment names by place is told in full.

use crate::app::DutyAnswer;
use crate::grpc::convert::provision::LawInForce;
use crate::grpc::convert::scalar::{date_message, decimal_message, money_message};
use crate::money::Overflow;
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{ENGINE_VERSION, Election, FiledLine, LineAssessment, Reading, Tariff, Totals};
use rust_decimal::Decimal;

/// Writes an answer, in full with every document it cites.
///
/// # Errors
/// [`Overflow`], where sums of the entry are too large to be told exactly.
pub fn duty_response(
    answer: &DutyAnswer,
    view: pb::AssessmentView,
) -> Result<pb::CalculateDutyResponse, Overflow> {
    let DutyAnswer { question, assessment } = answer;
    let tariff = question.tariff.as_ref();
    let law = LawInForce {
        tariff,
        entry_date: question.entry.entry_date,
        known_at: question.known_at,
        explained: view != pb::AssessmentView::Basic,
    };
    let lines = assessment
        .lines
        .iter()
        .map(|line| assessed_line(&law, line))
        .collect::<Result<Vec<_>, Overflow>>()?;
    let mut response = pb::CalculateDutyResponse {
        provenance: Some(pb::Provenance {
            schedule_revision: question.schedule.name(),
            engine_version: ENGINE_VERSION.to_owned(),
            entry_date: Some(date_message(question.entry.entry_date)),
            known_at: Some(date_message(question.known_at)),
            importer_region_code: tariff.region.to_string(),
            law_from: Some(date_message(tariff.law_from)),
            law_verified_to: Some(date_message(tariff.law_verified_to)),
        }),
        determination: determination(assessment.totals.is_some()),
        lines,
        entry_fees: assessment
            .fees
            .iter()
            .map(|fee| law.entry_fee(fee, &assessment.lines))
            .collect(),
        totals: assessment.totals.as_ref().map(totals).transpose()?,
        lowest_total: assessment.range.map(|range| money_message(range.lowest)),
        highest_total: assessment.range.map(|range| money_message(range.highest)),
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
    ids.into_iter()
        .filter_map(|id| tariff.documents.get(id))
        .map(|document| pb::Document {
            document_id: document.id.clone(),
            title: document.title.clone(),
            citation: document.citation.clone(),
            published_on: Some(date_message(document.published)),
        })
        .collect()
}

fn determination(determined: bool) -> i32 {
    if determined { pb::Determination::Determined } else { pb::Determination::Undetermined }.into()
}

fn assessed_line(
    law: &LawInForce<'_>,
    line: &LineAssessment,
) -> Result<pb::AssessedLine, Overflow> {
    let tariff = law.tariff;
    let outcome = line.determined().map(|reading| assessment(law, reading)).transpose()?;
    let unknown = line.readings.iter().any(|reading| !reading.answers.is_empty());
    let told = if unknown || outcome.is_none() { line.readings.as_slice() } else { &[] };
    Ok(pb::AssessedLine {
        line_id: line.id.clone(),
        tariff_line: line.tariff_line.map(|index| {
            let line = &tariff.lines[index];
            pb::TariffLine {
                goods_code: line.code.to_string(),
                description: line.description.clone(),
                general_rate: line.general.to_string(),
                special_rate: line.special_text.clone(),
                column_2_rate: line.column_2.as_ref().map(ToString::to_string).unwrap_or_default(),
            }
        }),
        customs_value: Some(money_message(line.customs_value)),
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
                text: open.question.text(tariff, law.known_at),
                at_stake: open.at_stake.map(money_message),
            })
            .collect(),
        presumptions: law
            .explanations(&line.presumptions)
            .iter()
            .map(|presumption| pb::Presumption {
                subject: presumption.subject.clone(),
                value: presumption.value.clone(),
                because: presumption.because.clone(),
            })
            .collect(),
        unclaimed_elections: law
            .explanations(&line.unclaimed)
            .iter()
            .map(|open| pb::UnclaimedElection {
                elections: open.elections.iter().map(|election| election.id(tariff)).collect(),
                leads_to: match (open.leads_to, open.elections.as_slice()) {
                    (Some(index), _) => tariff.measures[index].heading.clone(),
                    (None, [Election::Preference(index)]) => {
                        tariff.preferences[*index].symbol.clone()
                    }
                    (None, _) => String::new(),
                },
                lowest_saving: Some(money_message(open.saving.lowest)),
                highest_saving: Some(money_message(open.saving.highest)),
                evidence: open.elections.iter().map(|election| election.evidence(tariff)).collect(),
            })
            .collect(),
        lowest_total: line.range.map(|range| money_message(range.lowest)),
        highest_total: line.range.map(|range| money_message(range.highest)),
    })
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
        filed_lines: outcome.filed.iter().map(filed_line).collect(),
        totals: Some(totals(&sums)?),
    })
}

fn filed_line(filed: &FiledLine) -> pb::FiledLine {
    let FiledLine { headings, entered_value, articles } = filed;
    pb::FiledLine {
        headings: headings.clone(),
        entered_value: Some(money_message(*entered_value)),
        quantity: Some(decimal_message(*articles)),
    }
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
    })
}
