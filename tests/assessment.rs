//! Answers that must agree with each other: alternatives with what they come to, readings with
//! themselves, several lines with one balance.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::civil::Date;
use portolan::app::{DatePair, DutyAnswer, DutyDesk, DutyQuestion};
use portolan::money::Money;
use portolan::store::bundled_schedules;
use portolan::tariff::{
    ChargedUnder, Declaration, DeclaredCredit, DeclaredFact, DeclaredLine, Detail, Election,
    Elections, FactValue, Goods, Quantity, Question, TransportMode, Unit, WorldState,
};
use rust_decimal::Decimal;
use std::sync::LazyLock;

static DESK: LazyLock<DutyDesk> =
    LazyLock::new(|| DutyDesk::new(bundled_schedules().unwrap(), "vehicles").unwrap());

fn usd(amount: &str) -> Money {
    format!("{amount} USD").parse().unwrap()
}

fn line(code: &str, origin: &str, value: &str, elections: Elections) -> DeclaredLine {
    DeclaredLine {
        id: Some(code.to_owned()),
        goods: Goods {
            code: Some(code.parse().unwrap()),
            origin: Some(origin.parse().unwrap()),
            transaction_value: Some(usd(value)),
            quantities: vec![Quantity { amount: Decimal::ONE, unit: Unit::ARTICLES }],
            ..Goods::default()
        },
        elections,
    }
}

fn truth(id: &str, truth: bool) -> DeclaredFact {
    DeclaredFact { position: 0, id: id.to_owned(), value: FactValue::Truth(truth) }
}

fn elected(preference: &str, certifications: &[&str], credits: &[&str]) -> Elections {
    let owned = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    Elections {
        preference: (!preference.is_empty()).then(|| preference.to_owned()),
        certifications: owned(certifications),
        credits: owned(credits),
        ..Elections::default()
    }
}

fn question(day: &str, mut lines: Vec<DeclaredLine>, credit: Option<&str>) -> DutyQuestion {
    for (place, line) in lines.iter_mut().enumerate() {
        line.id = Some(place.to_string());
    }
    let told = |remaining: &str| DeclaredCredit {
        position: 0,
        credit: "us-assembly-offset-cars".to_owned(),
        remaining: usd(remaining),
    };
    let credit_balances = credit.map(told).into_iter().collect();
    DutyQuestion {
        schedule: String::new(),
        importer: Some("US".parse().unwrap()),
        known_at: None,
        declaration: Declaration {
            entry_date: Some(day.parse::<Date>().unwrap()),
            transport_mode: Some(TransportMode::Air),
            lines,
            world: WorldState { credit_balances, ..WorldState::default() },
            ..Declaration::default()
        },
        detail: Detail::Explained,
    }
}

fn answer(question: &DutyQuestion) -> DutyAnswer {
    DESK.assess(DESK.resolve(question).unwrap()).unwrap()
}

const CARS: &str = "us-assembly-offset-cars";

/// Wiring sets of Australia, of an automobile.
fn harness(preference: &str, credits: &[&str]) -> DeclaredLine {
    let mut line = line("8544.30.00", "AU", "100000.00", elected(preference, &[], credits));
    line.goods.facts = vec![truth("medium-or-heavy-duty", false)];
    line
}

#[test]
fn another_way_may_spend_what_this_line_spends() {
    // 25% is 25,000, met from 30,000: with the agreement 5% less, and the credit spent all the same.
    let asked = answer(&question("2026-11-02", vec![harness("", &[CARS])], Some("30000.00")));
    let tariff = asked.question.law.tariff.clone();
    let line = &asked.assessment.lines[0];
    for way in &line.alternatives {
        let preference = way.elections.iter().any(|made| matches!(made, Election::Preference(_)));
        let credit = way.elections.iter().any(|made| matches!(made, Election::Credit(_)));
        let same = harness(if preference { "AU" } else { "" }, if credit { &[CARS] } else { &[] });
        let found = answer(&question("2026-11-02", vec![same], Some("30000.00")));
        assert_eq!(found.assessment.range, Some(way.charges), "{:?}", way.elections);
        assert!(!way.elections.iter().any(|made| matches!(made, Election::Certification(_))));
    }
    let with_both = line.alternatives.first().unwrap();
    let ids: Vec<String> = with_both.elections.iter().map(|made| made.id(&tariff)).collect();
    assert_eq!(ids, ["preference:AU", "credit:us-assembly-offset-cars"]);
    assert!(with_both.saving.lowest.amount() >= Decimal::from(5000));
}

#[test]
fn giving_up_a_claim_brings_the_entry_fee_back() {
    let line = line("8703.23.01", "KR", "24600.00", elected("KR", &[], &[]));
    let asked = answer(&question("2026-06-10", vec![line], None));
    let none = asked.assessment.lines[0].alternatives.iter().find(|way| way.elections.is_empty());
    // 15% in all either way, and a merchandise processing fee of 85.21 without the claim.
    assert_eq!(none.unwrap().charges.highest, usd("3775.21"));
}

#[test]
fn a_line_spends_no_more_than_a_balance_can_hold() {
    // Whether the first line spends hangs on an open fact; the second cannot spend 75,000 of 30,000.
    let mut first = harness("", &[CARS]);
    first.goods.facts.clear();
    let mut second = harness("", &[CARS]);
    second.goods.transaction_value = Some(usd("300000.00"));
    let asked = answer(&question("2026-11-02", vec![first, second], Some("30000.00")));
    let spent = asked.assessment.lines[1].readings.iter().flat_map(|reading| {
        let layers = &reading.outcome.layers;
        layers.iter().filter(|layer| matches!(layer.under, ChargedUnder::Credit(_)))
    });
    for layer in spent {
        assert!(layer.amount.amount() >= Decimal::from(-30000), "{}", layer.amount);
    }
}

#[test]
fn scopes_of_the_same_digits_are_one_question() {
    // Both Japanese headings and the general one are for the same ten digits of this line.
    let mut hose = line("4009.22.00", "JP", "10000.00", Elections::default());
    hose.goods.facts = vec![truth("medium-or-heavy-duty", false)];
    let asked = answer(&question("2026-11-02", vec![hose], None));
    let line = &asked.assessment.lines[0];
    let scopes = line.questions.iter();
    let scopes = scopes.filter(|open| matches!(open.question, Question::GoodsScope(_))).count();
    assert_eq!(scopes, 1);
    let tariff = &asked.question.law.tariff;
    for reading in &line.readings {
        let general = |under| match under {
            ChargedUnder::Measure(index) => tariff.measures[index].id == "us-232-auto-parts-05",
            _ => false,
        };
        assert!(!reading.outcome.layers.iter().any(|layer| general(layer.under)));
    }
}

#[test]
fn a_chassis_bears_one_duty_however_certified() {
    for certified in ["certified-auto-parts", "certified-truck-parts"] {
        for code in ["8706.00.50", "8706.00.25"] {
            let mut chassis = line(code, "SG", "10000.00", elected("", &[certified], &[]));
            chassis.goods.facts = vec![truth("medium-or-heavy-duty", true)];
            let asked = answer(&question("2026-01-24", vec![chassis], None));
            let tariff = &asked.question.law.tariff;
            let layers = &asked.assessment.lines[0].readings[0].outcome.layers;
            let of_232 = layers.iter().filter(|layer| match layer.under {
                ChargedUnder::Measure(index) => {
                    tariff.programme_of(&tariff.measures[index]).id.starts_with("section-232")
                }
                _ => false,
            });
            assert_eq!(of_232.count(), 1, "{code} {certified}");
        }
    }
}

#[test]
fn no_change_cites_what_was_not_out() {
    let line = line("8708.50.75", "CN", "10000.00", Elections::default());
    let asked = question("2025-04-08", vec![line], None);
    let pair = |entry: &str, known_at: &str| DatePair {
        entry: Some(entry.parse().unwrap()),
        known_at: Some(known_at.parse().unwrap()),
    };
    let pairs = [pair("2025-04-08", "2025-05-02"), pair("2026-09-08", "2025-10-31")];
    let dated = DESK.compare_dates(&asked, &pairs).unwrap();
    let last: Date = "2025-10-31".parse().unwrap();
    for charge in dated.changes.iter().flat_map(|change| &change.charges) {
        for document in &charge.documents {
            assert!(document.published <= last, "{}", document.id);
        }
    }
}
