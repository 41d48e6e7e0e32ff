//! One entry on several days, by what was known on several days: what changed,
//! by which document, and what is refundable.

use crate::app::duties::{DutyAnswer, DutyDesk, DutyError, DutyQuestion};
use crate::money::{Money, Overflow};
use crate::tariff::{
    AssessError, Cause, ChargedPer, ChargedUnder, Document, EntryFee, LawDays, MeasureIndex,
    Outcome, Range, Rejected, Standing, Tariff, Totals,
};
use jiff::civil::Date;
use std::sync::Arc;
use tracing::instrument;

/// A day of entry and the day as known on which it is asked about. `None`: it
/// was faulty, and is reported already.
#[derive(Clone, Copy, Debug)]
pub struct DatePair {
    /// Date of entry for consumption.
    pub entry: Option<Date>,
    /// Knowledge date, where stated.
    pub known_at: Option<Date>,
}

/// An entry on several days.
#[derive(Clone, Debug)]
pub struct DatedAnswers {
    /// One per pair of days.
    pub answers: Vec<DutyAnswer>,
    /// From each answer to the next.
    pub changes: Vec<DateChange>,
}

/// What changed from one answer to the next.
#[derive(Clone, Debug)]
pub struct DateChange {
    /// The later answer's total less the earlier one's; none where unbounded.
    pub difference: Option<Range>,
    /// What was paid too much, where both are about one day and the later is
    /// known later and lower.
    pub refundable: Option<Money>,
    /// Charges that are not the same; none where either answer is open.
    pub charges: Vec<ChargeChange>,
}

/// A charge that is not the same in two answers.
#[derive(Clone, Debug)]
pub struct ChargeChange {
    /// Place of the line; none of a fee of the entry.
    pub line: Option<usize>,
    /// What it is charged under.
    pub layer: LegalLayer,
    /// Before.
    pub before: Option<Charge>,
    /// After.
    pub after: Option<Charge>,
    /// Documents that say so.
    pub documents: Vec<Arc<Document>>,
}

/// What charges are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegalLayer {
    /// The tariff line's own duty.
    Column,
    /// A programme.
    Programme(usize),
    /// A credit.
    Credit(usize),
}

/// Every charge of one layer on a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    /// Measures charged, in order; none of the column and of credits.
    pub measures: Vec<MeasureIndex>,
    /// Heading as filed, several joined.
    pub heading: String,
    /// Rate as a duty expression, several joined.
    pub rate: String,
    /// Sum.
    pub amount: Money,
}

impl DutyDesk {
    /// Assesses the question's entry on every pair of days.
    ///
    /// # Errors
    /// As of [`DutyDesk::resolve`] and [`DutyDesk::assess`].
    #[instrument(name = "compare dates", skip_all)]
    pub fn compare_dates(
        &self,
        question: &DutyQuestion,
        dates: &[DatePair],
    ) -> Result<DatedAnswers, DutyError> {
        let mut faults = Vec::new();
        let mut resolved = Vec::with_capacity(dates.len());
        for (place, pair) in dates.iter().enumerate() {
            let mut dated = DutyQuestion { known_at: pair.known_at, ..question.clone() };
            dated.declaration.entry_date = pair.entry;
            match self.resolve(&dated) {
                Ok(found) => resolved.push(found),
                Err(DutyError::Faulty(more)) => {
                    for mut fault in more {
                        if fault.field == "entry.entry_date" {
                            fault.field = format!("dates[{place}].entry_date");
                        }
                        if !faults.contains(&fault) {
                            faults.push(fault);
                        }
                    }
                }
                Err(error) => return Err(error),
            }
        }
        if resolved.len() < dates.len() {
            return Err(DutyError::Faulty(faults));
        }
        let answers: Vec<DutyAnswer> =
            resolved.into_iter().map(|found| self.assess(found)).collect::<Result<_, _>>()?;
        let changes = answers
            .windows(2)
            .map(|pair| change(&pair[0], &pair[1]))
            .collect::<Result<_, Overflow>>()
            .map_err(AssessError::from)?;
        Ok(DatedAnswers { answers, changes })
    }
}

fn change(before: &DutyAnswer, after: &DutyAnswer) -> Result<DateChange, Overflow> {
    let difference = match (before.assessment.range, after.assessment.range) {
        (Some(before), Some(after)) => Some(Range {
            lowest: after.lowest.minus(before.highest)?,
            highest: after.highest.minus(before.lowest)?,
        }),
        _ => None,
    };
    let (Some(paid), Some(due)) = (&before.assessment.totals, &after.assessment.totals) else {
        return Ok(DateChange { difference, refundable: None, charges: Vec::new() });
    };
    let mut charges = Vec::new();
    for line in 0..after.assessment.lines.len() {
        charges.extend(line_changes(before, after, line)?);
    }
    charges.extend(fee_changes(before, after));
    let refundable = refund(before.question.entry.days, after.question.entry.days, paid, due)?;
    Ok(DateChange { difference, refundable, charges })
}

fn refund(
    before: LawDays,
    after: LawDays,
    paid: &Totals,
    due: &Totals,
) -> Result<Option<Money>, Overflow> {
    let one_entry = LawDays { known_at: after.known_at, ..before } == after;
    let refund = paid.charges()?.minus(due.charges()?)?;
    let owed = one_entry && before.known_at < after.known_at && !refund.amount().is_sign_negative();
    Ok((owed && !refund.is_zero()).then_some(refund))
}

fn line_changes(
    before: &DutyAnswer,
    after: &DutyAnswer,
    line: usize,
) -> Result<Vec<ChargeChange>, Overflow> {
    let outcome = |answer: &'_ DutyAnswer| -> Option<Outcome> {
        answer.assessment.lines.get(line)?.readings.first().map(|reading| reading.outcome.clone())
    };
    let (Some(was), Some(is)) = (outcome(before), outcome(after)) else { return Ok(Vec::new()) };
    let tariff = after.question.law.tariff.as_ref();
    let was_charged = charged(tariff, &was)?;
    let is_charged = charged(tariff, &is)?;
    let mut layers: Vec<LegalLayer> = Vec::new();
    for (layer, _) in was_charged.iter().chain(&is_charged) {
        if !layers.contains(layer) {
            layers.push(*layer);
        }
    }
    let of = |charges: &[(LegalLayer, Charge)], layer: LegalLayer| {
        charges.iter().find(|(known, _)| *known == layer).map(|(_, charge)| charge.clone())
    };
    let mut changes = Vec::new();
    for layer in layers {
        let (before_it, after_it) = (of(&was_charged, layer), of(&is_charged, layer));
        if before_it == after_it {
            continue;
        }
        let documents = documents(after, &is, before_it.as_ref(), after_it.as_ref(), before);
        changes.push(ChargeChange {
            line: Some(line),
            layer,
            before: before_it,
            after: after_it,
            documents,
        });
    }
    Ok(changes)
}

/// The charges of a line by legal layer, in the order they are made.
fn charged(tariff: &Tariff, outcome: &Outcome) -> Result<Vec<(LegalLayer, Charge)>, Overflow> {
    let mut charges: Vec<(LegalLayer, Charge)> = Vec::new();
    for layer in &outcome.layers {
        let (legal, measure, heading, rate) = match layer.under {
            ChargedUnder::Line(line, column) => {
                let held = &tariff.lines[line];
                let symbol = |index: usize| tariff.preferences[index].symbol.as_str();
                let rate = column.rate(held, symbol).to_string();
                (LegalLayer::Column, None, held.code.to_string(), rate)
            }
            ChargedUnder::Measure(index) => {
                let measure = &tariff.measures[index];
                let legal = LegalLayer::Programme(measure.programme);
                (legal, Some(index), measure.heading.clone(), measure.rate.to_string())
            }
            ChargedUnder::Credit(index) => {
                (LegalLayer::Credit(index), None, tariff.credits[index].id.clone(), String::new())
            }
        };
        match charges.iter_mut().find(|(known, _)| *known == legal) {
            Some((_, charge)) => {
                charge.amount = charge.amount.plus(layer.amount)?;
                charge.heading = format!("{} + {heading}", charge.heading);
                charge.rate = format!("{} + {rate}", charge.rate);
                charge.measures.extend(measure);
            }
            None => charges.push((
                legal,
                Charge {
                    measures: measure.into_iter().collect(),
                    heading,
                    rate,
                    amount: layer.amount,
                },
            )),
        }
    }
    Ok(charges)
}

fn fee_changes(before: &DutyAnswer, after: &DutyAnswer) -> Vec<ChargeChange> {
    let tariff = after.question.law.tariff.as_ref();
    let fees = |answer: &DutyAnswer| -> Vec<(LegalLayer, Charge)> {
        let told = |fee: &EntryFee| {
            let measure = &tariff.measures[fee.measure];
            let bounds = match measure.per {
                ChargedPer::Entry { minimum: Some(least), maximum: Some(most) } => {
                    format!(", {least} to {most}")
                }
                _ => String::new(),
            };
            let charge = Charge {
                measures: vec![fee.measure],
                heading: measure.heading.clone(),
                rate: format!("{}{bounds}", measure.rate),
                amount: fee.amount()?,
            };
            Some((LegalLayer::Programme(measure.programme), charge))
        };
        answer.assessment.fees.iter().filter_map(told).collect()
    };
    let (was, is) = (fees(before), fees(after));
    let mut changes = Vec::new();
    for (layer, charge) in &was {
        let now = is.iter().find(|(known, _)| known == layer).map(|(_, charge)| charge.clone());
        if now.as_ref() != Some(charge) {
            changes.push((*layer, Some(charge.clone()), now));
        }
    }
    for (layer, charge) in &is {
        if !was.iter().any(|(known, _)| known == layer) {
            changes.push((*layer, None, Some(charge.clone())));
        }
    }
    let told = |(layer, was, is): (LegalLayer, Option<Charge>, Option<Charge>)| {
        let measures = is.iter().chain(&was).flat_map(|charge| charge.measures.iter().copied());
        let documents =
            measures.take(1).filter_map(|index| standing_document(after, index)).collect();
        ChargeChange { line: None, layer, before: was, after: is, documents }
    };
    changes.into_iter().map(told).collect()
}

/// The documents that say so: of what is charged now and was not, the one that
/// gives it its state; of what no longer is, the one that ends it or switches
/// it off.
fn documents(
    after: &DutyAnswer,
    is: &Outcome,
    was_charged: Option<&Charge>,
    is_charged: Option<&Charge>,
    before: &DutyAnswer,
) -> Vec<Arc<Document>> {
    let measures = |charge: Option<&Charge>| -> Vec<MeasureIndex> {
        charge.map(|charge| charge.measures.clone()).unwrap_or_default()
    };
    let (was, now) = (measures(was_charged), measures(is_charged));
    let mut found: Vec<Arc<Document>> = Vec::new();
    let mut add = |document: Option<Arc<Document>>| {
        if let Some(document) = document.filter(|document| !found.contains(document)) {
            found.push(document);
        }
    };
    for index in now.iter().filter(|index| !was.contains(index)) {
        add(standing_document(after, *index));
    }
    for index in was.iter().filter(|index| !now.contains(index)) {
        let rejection =
            is.rejections.iter().find(|rejected| rejected.provision == Rejected::Measure(*index));
        match rejection.map(|rejection| rejection.cause) {
            Some(Cause::SwitchedOff { exclusion, by }) => {
                add(Some(after.question.law.tariff.exclusions[exclusion].document.clone()));
                if let Rejected::Measure(by) = by {
                    add(standing_document(after, by));
                }
            }
            Some(_) => add(standing_document(after, *index)),
            None => add(standing_document(before, *index)),
        }
    }
    if was.is_empty() && now.is_empty() {
        // The column itself changed: with the row of the line, or inside another charge.
        for layer in &is.layers {
            match (layer.under, layer.included_in) {
                (ChargedUnder::Line(..), Some(index)) => add(standing_document(after, index)),
                (ChargedUnder::Line(line, _), None) => {
                    add(after.question.law.tariff.lines[line].document.clone());
                }
                _ => {}
            }
        }
    }
    found
}

/// The document that gives a measure its state in an answer.
fn standing_document(answer: &DutyAnswer, index: MeasureIndex) -> Option<Arc<Document>> {
    let tariff = answer.question.law.tariff.as_ref();
    let measure = &tariff.measures[index];
    let days = answer.question.entry.days;
    let day = days.law_of(tariff.programme_of(measure).kind);
    match measure.history.standing(day, days.known_at) {
        Some(Standing::Covered(period) | Standing::NotYet(period)) => Some(period.document.clone()),
        Some(Standing::Past) => {
            let known = |document: &Document| document.published <= days.known_at;
            let ended = measure.history.periods().iter();
            let ended = ended.filter(|period| period.from <= day && known(&period.document));
            ended.max_by_key(|period| period.to).map(|period| period.document.clone())
        }
        None => None,
    }
}
