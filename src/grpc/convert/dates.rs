//! `CompareDates`: reads the question, writes what changed.

use crate::app::{
    Charge, ChargeChange, DateChange, DatePair, DatedAnswers, DutyAnswer, DutyQuestion, LegalLayer,
};
use crate::grpc::convert::duty_request::{Limits, detail};
use crate::grpc::convert::duty_response::{document, duty_response};
use crate::grpc::convert::entry::entry;
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::provision::citation;
use crate::grpc::convert::scalar::{Fault, Faults, date, missing, money_message, required};
use crate::grpc::convert::world::world;
use crate::money::Overflow;
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{Declaration, Detail, EntryFault, Tariff};
use std::collections::BTreeMap;

const FEWEST_PAIRS: usize = 2;
const MOST_PAIRS: usize = 50;

/// Reads a question as far as it can be read, with every fault found. It is
/// assessed in full whatever the view: the reasons tell which document did it.
pub fn dates_question(
    request: pb::CompareDatesRequest,
    limits: Limits,
) -> (DutyQuestion, Vec<DatePair>, Detail, Vec<EntryFault>) {
    let pb::CompareDatesRequest { entry: declared, world_state, dates, schedule, view } = request;
    let mut faults = Faults::default();
    let view = detail(view, Detail::Amounts, &mut faults);
    let world = world_state.map(|stated| world(&stated, &mut faults).0).unwrap_or_default();
    let (importer, declaration) = if let Some(declared) = declared {
        entry(&declared, false, limits.lines, &mut faults)
    } else {
        faults.push(&FieldPath::ROOT.field("entry"), missing());
        (None, Declaration::default())
    };
    let path = FieldPath::ROOT.field("dates");
    if dates.len() < FEWEST_PAIRS {
        let message = format!("{} pairs of days, at least {FEWEST_PAIRS} compare", dates.len());
        faults.push(&path, Fault::new("TOO_FEW", message));
    }
    let stated = faults.bounded(&path, &dates, MOST_PAIRS);
    let mut pairs = Vec::with_capacity(stated.len());
    for (place, pair) in stated.iter().enumerate() {
        let at = FieldPath::ROOT.item("dates", place);
        pairs.push(DatePair {
            entry: faults.check(&at.field("entry_date"), required(pair.entry_date).and_then(date)),
            known_at: pair.known_at.and_then(|day| faults.check(&at.field("known_at"), date(day))),
        });
    }
    let declaration = Declaration { world, ..declaration };
    let detail = Detail::Explained;
    let question = DutyQuestion { schedule, importer, known_at: None, declaration, detail };
    (question, pairs, view, faults.0)
}

/// Writes answers and what changed between them.
///
/// # Errors
/// [`Overflow`].
pub fn dates_response(
    dated: &DatedAnswers,
    view: Detail,
) -> Result<pb::CompareDatesResponse, Overflow> {
    let viewed = |answer: &DutyAnswer| {
        let mut answer = answer.clone();
        answer.question.detail = view;
        if view == Detail::Amounts {
            for line in &mut answer.assessment.lines {
                line.alternatives.clear();
            }
            answer.assessment.best_lawful = None;
        }
        duty_response(&answer)
    };
    let mut documents = BTreeMap::new();
    let changed = dated.changes.iter().flat_map(|change| &change.charges);
    for named in changed.flat_map(|charge| &charge.documents) {
        documents.insert(named.id.clone(), document(named));
    }
    Ok(pb::CompareDatesResponse {
        answers: dated.answers.iter().map(viewed).collect::<Result<_, _>>()?,
        changes: dated
            .changes
            .iter()
            .zip(&dated.answers)
            .map(|(change, answer)| date_change(change, answer))
            .collect(),
        documents: documents.into_values().collect(),
    })
}

fn date_change(change: &DateChange, answer: &DutyAnswer) -> pb::DateChange {
    let refunded = change.refundable.is_some();
    pb::DateChange {
        lowest_difference: change.difference.map(|range| money_message(range.lowest)),
        highest_difference: change.difference.map(|range| money_message(range.highest)),
        refundable: change.refundable.map(money_message),
        charges: change
            .charges
            .iter()
            .map(|charge| charge_change(charge, answer, refunded))
            .collect(),
    }
}

fn charge_change(change: &ChargeChange, answer: &DutyAnswer, refunded: bool) -> pb::ChargeChange {
    let tariff = answer.question.law.tariff.as_ref();
    let ChargeChange { line, layer, before, after, documents } = change;
    let text = |charge: &Option<Charge>, of: fn(&Charge) -> &String| {
        charge.as_ref().map(|charge| of(charge).clone()).unwrap_or_default()
    };
    let money = |charge: &Option<Charge>| charge.as_ref().map(|charge| charge.amount);
    let lines = &answer.question.entry.lines;
    let zero = crate::money::Money::zero(tariff.currency);
    let less = money(before).unwrap_or(zero).minus(money(after).unwrap_or(zero)).ok();
    pb::ChargeChange {
        line_id: line
            .and_then(|place| lines.get(place))
            .map(|goods| goods.id.clone())
            .unwrap_or_default(),
        programme: layer_title(tariff, *layer),
        heading_before: text(before, |charge| &charge.heading),
        heading_after: text(after, |charge| &charge.heading),
        rate_before: text(before, |charge| &charge.rate),
        rate_after: text(after, |charge| &charge.rate),
        amount_before: money(before).map(money_message),
        amount_after: money(after).map(money_message),
        refundable: less.filter(|_| refunded).map(money_message),
        citations: documents.iter().map(|document| citation(document, "")).collect(),
    }
}

fn layer_title(tariff: &Tariff, layer: LegalLayer) -> String {
    match layer {
        LegalLayer::Column => "Tariff line".to_owned(),
        LegalLayer::Programme(index) => tariff.programmes[index].title.clone(),
        LegalLayer::Credit(index) => tariff.credits[index].title.clone(),
    }
}
