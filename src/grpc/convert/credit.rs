//! `CalculateCredit`: reads the question, writes the answer.

use crate::app::{CreditAnswer, CreditQuestion};
use crate::grpc::convert::duty_response::document;
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::provision::{citation, confidence};
use crate::grpc::convert::scalar::{
    Faults, LONGEST_ID, amount, date, date_message, id, money_message, parsed, required,
};
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::EntryFault;
use std::collections::BTreeMap;

const MOST_BASES: usize = 1000;

/// Reads a question as far as it can be read, with every fault found.
pub fn credit_question(request: pb::CalculateCreditRequest) -> (CreditQuestion, Vec<EntryFault>) {
    let pb::CalculateCreditRequest {
        importer_region_code,
        credit_id,
        bases,
        brought_forward,
        liability,
        known_at,
        schedule,
    } = request;
    let mut faults = Faults::default();
    let at = |name: &'static str| FieldPath::ROOT.field(name);
    let importer = parsed(&importer_region_code, "UNKNOWN_REGION");
    let importer = faults.check(&at("importer_region_code"), importer);
    let credit = faults.check(&at("credit_id"), id(&credit_id, LONGEST_ID));
    let known_at = known_at.and_then(|day| faults.check(&at("known_at"), date(day)));
    let mut money = |name: &'static str, stated: Option<crate::proto::google::r#type::Money>| {
        stated.and_then(|stated| faults.check(&at(name), amount(&stated, true)))
    };
    let brought_forward = money("brought_forward", brought_forward);
    let liability = money("liability", liability);
    let stated = faults.bounded(&at("bases"), &bases, MOST_BASES);
    let mut read = Vec::with_capacity(stated.len());
    for (place, stated) in stated.iter().enumerate() {
        let at = FieldPath::ROOT.item("bases", place);
        let day = required(stated.assembled_on).and_then(date);
        let day = faults.check(&at.field("assembled_on"), day);
        let base = required(stated.base.as_ref()).and_then(|base| amount(base, true));
        read.push((day, faults.check(&at.field("base"), base)));
    }
    let question = CreditQuestion {
        schedule,
        importer,
        credit,
        known_at,
        bases: read,
        brought_forward,
        liability,
    };
    (question, faults.0)
}

/// Writes an answer.
pub fn credit_response(answer: &CreditAnswer) -> pb::CalculateCreditResponse {
    let credit = &answer.tariff.credits[answer.credit];
    let cited =
        |citation: &&crate::tariff::Citation| citation.document.published <= answer.known_at;
    let mut documents = BTreeMap::new();
    let rates = answer.earned.iter().filter_map(|earned| earned.rate.as_ref());
    for named in rates
        .map(|rate| &rate.document)
        .chain(credit.citations.iter().filter(cited).map(|citation| &citation.document))
    {
        documents.insert(named.id.clone(), document(named));
    }
    let earned = answer.earned.iter().map(|earned| pb::CreditEarned {
        assembled_on: Some(date_message(earned.assembled_on)),
        base: Some(money_message(earned.base)),
        rate: earned.rate.as_ref().map(|rate| rate.rate.to_string()).unwrap_or_default(),
        amount: Some(money_message(earned.amount)),
        citations: earned
            .rate
            .iter()
            .map(|rate| citation(&rate.document, ""))
            .chain(
                credit
                    .citations
                    .iter()
                    .filter(cited)
                    .map(|cited| citation(&cited.document, &cited.pinpoint)),
            )
            .collect(),
    });
    pb::CalculateCreditResponse {
        schedule_revision: answer.schedule.name.clone(),
        known_at: Some(date_message(answer.known_at)),
        earned: earned.collect(),
        total_earned: Some(money_message(answer.total_earned)),
        spent: Some(money_message(answer.spent)),
        carried_forward: Some(money_message(answer.carried_forward)),
        evidence: credit.evidence.clone(),
        confidence: confidence(credit.confidence),
        documents: documents.into_values().collect(),
    }
}
