//! Answers of the engine itself, without a server.

use crate::case::{Case, Observed, ObservedLine};
use portolan::money::Money;
use portolan::tariff::{
    Cause, ChargedUnder, Declaration, DeclaredBalance, DeclaredFact, DeclaredLine, Elections,
    EntryAssessment, FactKind, FactValue, Goods, LineAssessment, Quantity, ResolvedEntry, Schedule,
    Tariff, WorldState, assess,
};

/// Assesses the case and tells what the assessment shows.
pub fn observe(schedule: &Schedule, case: &Case) -> Observed {
    let tariff = &schedule.tariffs[&case.importer.parse().unwrap()];
    let declaration = declaration(tariff, case);
    let known_at = case.known_at.as_ref().map_or(schedule.as_of, |date| date.parse().unwrap());
    match ResolvedEntry::of(tariff, &declaration) {
        Err(faults) => Observed {
            faults: faults
                .iter()
                .map(|fault| format!("{} {}", fault.field, fault.reason))
                .collect(),
            ..Observed::default()
        },
        Ok(entry) => observed(tariff, &assess(tariff, &entry, known_at).unwrap()),
    }
}

fn declaration(tariff: &Tariff, case: &Case) -> Declaration {
    Declaration {
        entry_date: Some(case.entry_date.parse().unwrap()),
        transport_mode: case.transport.as_ref().map(|mode| mode.parse().unwrap()),
        lines: case
            .line
            .iter()
            .enumerate()
            .map(|(index, line)| DeclaredLine {
                id: Some(index.to_string()),
                goods: Goods {
                    code: Some(line.goods_code.parse().unwrap()),
                    origin: Some(line.origin.parse().unwrap()),
                    transaction_value: Some(line.value.parse().unwrap()),
                    freight: line.freight.as_ref().map(|freight| freight.parse().unwrap()),
                    insurance: None,
                    quantities: line.quantity.iter().map(|text| quantity(text)).collect(),
                    facts: line
                        .facts
                        .iter()
                        .enumerate()
                        .map(|(position, (id, text))| fact(tariff, position, id, text))
                        .collect(),
                },
                elections: Elections {
                    preference: line.preference.clone(),
                    certifications: line.certifications.clone(),
                    quotas: line.quotas.clone(),
                },
            })
            .collect(),
        world: WorldState {
            quota_balances: case
                .balances
                .iter()
                .enumerate()
                .map(|(position, (quota, remaining))| DeclaredBalance {
                    position,
                    quota: quota.clone(),
                    remaining: remaining.parse().unwrap(),
                })
                .collect(),
            customs_exchange_rates: Vec::new(),
        },
    }
}

fn quantity(text: &str) -> Quantity {
    let (amount, unit) = text.split_once(' ').unwrap();
    Quantity { amount: amount.parse().unwrap(), unit: unit.parse().unwrap() }
}

fn fact(tariff: &Tariff, position: usize, id: &str, text: &str) -> DeclaredFact {
    let kind = tariff.facts.iter().find(|fact| fact.id == id).unwrap().kind;
    let value = match kind {
        FactKind::Truth => FactValue::Truth(text.parse().unwrap()),
        FactKind::Year | FactKind::Number => FactValue::Number(text.parse().unwrap()),
        FactKind::Content => FactValue::Content(text.parse().unwrap()),
    };
    DeclaredFact { position, id: id.to_owned(), value }
}

fn amount(money: Money) -> String {
    money.to_string().split(' ').next().unwrap().to_owned()
}

fn observed(tariff: &Tariff, assessment: &EntryAssessment) -> Observed {
    Observed {
        faults: Vec::new(),
        fees: assessment
            .fees
            .iter()
            .map(|fee| {
                format!(
                    "{} = {}",
                    tariff.measures[fee.measure].heading,
                    fee.amount().map(amount).unwrap_or_default()
                )
            })
            .collect(),
        total: assessment.totals.map(|totals| amount(totals.charges().unwrap())),
        landed: assessment.totals.map(|totals| amount(totals.landed_cost().unwrap())),
        lines: assessment.lines.iter().map(|line| observed_line(tariff, line)).collect(),
    }
}

fn observed_line(tariff: &Tariff, line: &LineAssessment) -> ObservedLine {
    let outcome = line.determined().map(|reading| &reading.outcome);
    let mut seen = ObservedLine {
        determination: if outcome.is_some() { "DETERMINED" } else { "UNDETERMINED" }.to_owned(),
        lowest: line.range.map(|range| amount(range.lowest)),
        highest: line.range.map(|range| amount(range.highest)),
        questions: line.questions.iter().map(|open| open.question.id(tariff)).collect(),
        savings: line
            .unclaimed
            .iter()
            .map(|open| {
                let ids: Vec<String> =
                    open.elections.iter().map(|election| election.id(tariff)).collect();
                format!(
                    "{} {} to {}",
                    ids.join("+"),
                    amount(open.saving.lowest),
                    amount(open.saving.highest)
                )
            })
            .collect(),
        ..ObservedLine::default()
    };
    let Some(outcome) = outcome else { return seen };
    seen.duty = Some(amount(outcome.totals.duty));
    seen.layers = outcome
        .layers
        .iter()
        .map(|layer| {
            let heading = match layer.under {
                ChargedUnder::Line(line, _) => tariff.lines[line].code.to_string(),
                ChargedUnder::Measure(index) => tariff.measures[index].heading.clone(),
            };
            format!("{heading} = {}", amount(layer.amount))
        })
        .collect();
    seen.rejected = outcome
        .rejections
        .iter()
        .map(|rejection| {
            let heading = rejection.provision.heading(tariff);
            let (reason, by) = match rejection.cause {
                Cause::NotYetInForce(_) => ("NOT_YET_IN_FORCE", None),
                Cause::NoLongerInForce => ("NO_LONGER_IN_FORCE", None),
                Cause::Announced => ("ANNOUNCED", None),
                Cause::Suspended => ("SUSPENDED", None),
                Cause::Voided => ("VOIDED", None),
                Cause::SwitchedOff { by, .. } => ("SWITCHED_OFF", Some(by.heading(tariff))),
                Cause::ElectionNotMade => ("ELECTION_NOT_MADE", None),
                Cause::ConditionNotMet(_) | Cause::NotEligible | Cause::NotOnThisReading => {
                    ("CONDITION_NOT_MET", None)
                }
                Cause::QuotaExhausted(_) => ("QUOTA_EXHAUSTED", None),
            };
            match by {
                Some(by) => format!("{heading} {reason} {by}"),
                None => format!("{heading} {reason}"),
            }
        })
        .collect();
    seen.filing = outcome
        .filed
        .iter()
        .map(|filed| {
            format!(
                "{} @{} x{}",
                filed.headings.join(" "),
                amount(filed.entered_value),
                filed.articles.normalize()
            )
        })
        .collect();
    seen
}
