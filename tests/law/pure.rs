//! Answers of the engine itself, without a server.

use crate::case::{Case, CaseLine, Observed, ObservedLine};
use portolan::money::Money;
use portolan::tariff::{
    Cause, ChargedUnder, Declaration, DeclaredBalance, DeclaredCredit, DeclaredFact, DeclaredLine,
    DeclaredStock, Detail, Elections, EntryAssessment, ExchangeRate, FactKind, FactValue, Goods,
    LawOnDay, LineAssessment, Quantity, RateDate, ResolvedEntry, Schedule, StandingCause, Tariff,
    WorldState, assess,
};

/// Assesses the case and tells what the assessment shows.
pub fn observe(schedule: &Schedule, case: &Case) -> Observed {
    let importer = case.importer.parse().unwrap();
    let tariff = schedule.tariff_of(importer).unwrap();
    let declaration = declaration(tariff, case);
    let known_at = case.known_at.as_ref().map_or(schedule.as_of, |date| date.parse().unwrap());
    let destination = (importer != tariff.region).then_some(importer);
    match ResolvedEntry::of(tariff, &declaration, destination, known_at) {
        Err(faults) => Observed {
            faults: faults
                .iter()
                .map(|fault| format!("{} {}", fault.field, fault.reason))
                .collect(),
            ..Observed::default()
        },
        Ok(entry) => {
            let law = LawOnDay::of(tariff, entry.days);
            observed(tariff, &assess(&law, &entry, Detail::Explained).unwrap())
        }
    }
}

fn declaration(tariff: &Tariff, case: &Case) -> Declaration {
    Declaration {
        entry_date: Some(case.entry_date.parse().unwrap()),
        rate_date: case.rate_date.as_ref().map(|text| {
            let (basis, date) = text.split_once(' ').unwrap();
            RateDate { basis: basis.parse().unwrap(), date: date.parse().unwrap() }
        }),
        local_supply: false,
        transport_mode: case.transport.as_ref().map(|mode| mode.parse().unwrap()),
        lines: case
            .line
            .iter()
            .enumerate()
            .map(|(index, line)| declared_line(tariff, index, line))
            .collect(),
        world: world(case),
    }
}

fn declared_line(tariff: &Tariff, index: usize, line: &CaseLine) -> DeclaredLine {
    let money = |text: &Option<String>| text.as_ref().map(|text| text.parse().unwrap());
    DeclaredLine {
        id: Some(index.to_string()),
        goods: Goods {
            code: Some(line.goods_code.parse().unwrap()),
            origin: Some(line.origin.parse().unwrap()),
            transaction_value: Some(line.value.parse().unwrap()),
            freight: money(&line.freight),
            insurance: money(&line.insurance),
            inland_freight: money(&line.inland),
            quantities: line
                .all_quantities()
                .map(|(amount, unit)| Quantity {
                    amount: amount.parse().unwrap(),
                    unit: unit.parse().unwrap(),
                })
                .collect(),
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
            credits: line.credits.clone(),
            report_column_separately: line.report_column_separately,
        },
    }
}

fn world(case: &Case) -> WorldState {
    let left = case
        .balances
        .iter()
        .map(|(quota, units)| (quota.clone(), DeclaredStock::Remaining(units.parse().unwrap())));
    let used = case.usage.iter().map(|(quota, periods)| {
        let periods = periods
            .iter()
            .enumerate()
            .map(|(place, (from, units))| (place, from.parse().unwrap(), units.parse().unwrap()));
        (quota.clone(), DeclaredStock::Used(periods.collect()))
    });
    WorldState {
        quota_balances: left
            .chain(used)
            .enumerate()
            .map(|(position, (quota, stock))| DeclaredBalance { position, quota, stock })
            .collect(),
        credit_balances: case
            .credit_balances
            .iter()
            .enumerate()
            .map(|(position, (credit, remaining))| DeclaredCredit {
                position,
                credit: credit.clone(),
                remaining: remaining.parse().unwrap(),
            })
            .collect(),
        customs_exchange_rates: case
            .customs_rates()
            .map(|[from, to, rate, published_on]| ExchangeRate {
                from: from.parse().unwrap(),
                to: to.parse().unwrap(),
                rate: rate.parse().unwrap(),
                published_on: published_on.parse().unwrap(),
            })
            .collect(),
    }
}

fn fact(tariff: &Tariff, position: usize, id: &str, text: &str) -> DeclaredFact {
    let definition = tariff.facts.iter().find(|fact| fact.id == id);
    let kind = definition.unwrap_or_else(|| panic!("no fact {id}")).kind;
    let value = match kind {
        FactKind::Truth => FactValue::Truth(text.parse().unwrap()),
        FactKind::Year | FactKind::Number => FactValue::Number(text.parse().unwrap()),
        FactKind::Content => FactValue::Content(text.parse().unwrap()),
        FactKind::Date => FactValue::Date(text.parse().unwrap()),
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
        taxes: assessment.totals.map(|totals| amount(totals.taxes)),
        sourcing: assessment.totals.map(|totals| amount(totals.sourcing_cost().unwrap())),
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
        best: line.alternatives.first().map(|way| amount(way.charges.highest)),
        savings: savings(tariff, line),
        ..ObservedLine::default()
    };
    let Some(outcome) = outcome else { return seen };
    seen.duty = Some(amount(outcome.totals.duty));
    seen.taxes = Some(amount(outcome.totals.taxes));
    seen.layers = outcome
        .layers
        .iter()
        .map(|layer| {
            let heading = match layer.under {
                ChargedUnder::Line(line, _) => tariff.lines[line].code.to_string(),
                ChargedUnder::Measure(index) => tariff.measures[index].heading.clone(),
                ChargedUnder::Credit(index) => tariff.credits[index].id.clone(),
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
                Cause::NotStanding(cause) => {
                    let reason = match cause {
                        StandingCause::NotYetInForce(_) => "NOT_YET_IN_FORCE",
                        StandingCause::NoLongerInForce => "NO_LONGER_IN_FORCE",
                        StandingCause::Announced => "ANNOUNCED",
                        StandingCause::Suspended => "SUSPENDED",
                        StandingCause::Voided => "VOIDED",
                    };
                    (reason, None)
                }
                Cause::NotLower => ("NOT_LOWER", None),
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
                filed
                    .headings
                    .iter()
                    .map(|heading| heading.text(tariff))
                    .collect::<Vec<_>>()
                    .join(" "),
                amount(filed.entered_value),
                filed.articles.normalize()
            )
        })
        .collect();
    seen
}

/// What further elections save: those of the request left out.
fn savings(tariff: &Tariff, line: &LineAssessment) -> Vec<String> {
    let made = line.alternatives.iter().find(|way| way.as_elected);
    let made = made.map(|way| way.elections.as_slice()).unwrap_or_default();
    line.alternatives
        .iter()
        .filter(|way| way.may_save())
        .map(|way| {
            let more = way.elections.iter().filter(|election| !made.contains(election));
            let ids: Vec<String> = more.map(|election| election.id(tariff)).collect();
            format!(
                "{} {} to {}",
                ids.join("+"),
                amount(way.saving.lowest),
                amount(way.saving.highest)
            )
        })
        .collect()
}
