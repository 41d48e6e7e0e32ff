//! Law lives in schedules: what is added in a folder, and nowhere else, changes
//! both the answer and its explanation. One case for every kind of rate.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

use portolan::app::{DutyAnswer, DutyDesk, DutyQuestion};
use portolan::store::{bundled_schedules, load_schedules};
use portolan::tariff::{
    Cause, ChargedUnder, Declaration, DeclaredBalance, DeclaredFact, DeclaredLine, DeclaredStock,
    Detail, Elections, FactValue, Goods, Quantity, WorldState,
};
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder of schedules that is gone when the test is.
struct Folder(PathBuf);

impl Folder {
    /// A schedule `own` that extends the bundled one by a file.
    fn extending(extra: &str) -> Self {
        let folder = Self::empty();
        folder.write(
            "own/schedule.toml",
            "id = \"own\"\ntitle = \"Own\"\nas_of = \"2026-11-23\"\nextends = \"vehicles\"\n",
        );
        folder.write("own/us/extra.toml", extra);
        folder
    }

    fn empty() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("portolan-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        Self(std::env::temp_dir().join(name))
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn desk(&self) -> DutyDesk {
        let schedules = load_schedules(Some(&self.0)).unwrap_or_else(|error| panic!("{error}"));
        DutyDesk::new(schedules, "own").unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A document and a programme for the provisions of a case.
const AUTHORITY: &str = r#"
[[document]]
id = "test-order"
title = "Test order"
citation = "1 TEST 1"
published = "2026-01-01"

[[programme]]
id = "test-programme"
title = "Test programme"
authority = "Test act"
kind = "duty"
filing_rank = 12
"#;

/// A Japanese car of 30,000.00 on 2026-11-02: 15 % in all, 4,500.00.
fn japanese_car() -> DeclaredLine {
    DeclaredLine {
        id: Some("1".to_owned()),
        goods: Goods {
            code: Some("8703.23.01".parse().unwrap()),
            origin: Some("JP".parse().unwrap()),
            transaction_value: Some("30000.00 USD".parse().unwrap()),
            quantities: vec![
                Quantity { amount: 1.into(), unit: "NAR".parse().unwrap() },
                Quantity { amount: 1500.into(), unit: "KGM".parse().unwrap() },
            ],
            ..Goods::default()
        },
        elections: Elections::default(),
    }
}

fn ask(desk: &DutyDesk, schedule: &str, line: DeclaredLine, world: WorldState) -> DutyAnswer {
    let question = DutyQuestion {
        schedule: schedule.to_owned(),
        importer: Some("US".parse().unwrap()),
        known_at: None,
        declaration: Declaration {
            entry_date: Some("2026-11-02".parse().unwrap()),
            lines: vec![line],
            world,
            ..Declaration::default()
        },
        detail: Detail::Explained,
    };
    let resolved = desk.resolve(&question).unwrap_or_else(|error| panic!("{error:?}"));
    desk.assess(resolved).unwrap()
}

/// What an answer charges and rejects, by heading.
fn told(answer: &DutyAnswer) -> (String, Vec<String>, Vec<String>) {
    let known_at = answer.question.entry.days.known_at;
    let tariff = answer.question.law.tariff.as_ref();
    let line = &answer.assessment.lines[0];
    let outcome = &line.determined().unwrap().outcome;
    let charged = outcome
        .layers
        .iter()
        .map(|layer| match layer.under {
            ChargedUnder::Line(..) => format!("line = {}", layer.amount),
            ChargedUnder::Measure(index) => {
                format!("{} = {}", tariff.measures[index].heading, layer.amount)
            }
            ChargedUnder::Credit(index) => {
                format!("{} = {}", tariff.credits[index].id, layer.amount)
            }
        })
        .collect();
    let rejected = outcome
        .rejections
        .iter()
        .map(|rejection| {
            let heading = rejection.provision.heading(tariff);
            match rejection.cause {
                Cause::SwitchedOff { by, .. } => format!("{heading} off by {}", by.heading(tariff)),
                cause => {
                    format!("{heading}: {}", cause.text(rejection.provision, tariff, known_at))
                }
            }
        })
        .collect();
    (outcome.totals.duty.to_string(), charged, rejected)
}

/// Duty of the Japanese car with the extra provisions, and what is told of it.
fn with_extra(extra: &str) -> (String, Vec<String>, Vec<String>) {
    let folder = Folder::extending(&format!("{AUTHORITY}{extra}"));
    told(&ask(&folder.desk(), "", japanese_car(), WorldState::default()))
}

fn measure(heading: &str, rate: &str, more: &str) -> String {
    format!(
        r#"
[[measure]]
id = "test-{heading}"
heading = "{heading}"
programme = "test-programme"
title = "Test {heading}"
rate = "{rate}"
goods = ["8703"]
origins = ["JP"]
status = [{{ state = "in force", from = "2026-02-01", document = "test-order" }}]
cite = ["test-order"]
confidence = "A"
{more}
"#
    )
}

fn has(list: &[String], wanted: &str) {
    assert!(list.iter().any(|text| text == wanted), "{wanted} is not in {list:#?}");
}

#[test]
fn without_additions_the_car_pays_fifteen_per_cent_in_all() {
    let (duty, charged, _) = with_extra("");
    assert_eq!(duty, "4500.00 USD");
    has(&charged, "9903.94.41 = 4500.00 USD");
}

#[test]
fn a_new_authority_charges_ad_valorem() {
    // 4,500.00 + 30,000.00 x 3 % = 5,400.00
    let (duty, charged, _) = with_extra(&measure("T.01", "3%", ""));
    assert_eq!(duty, "5400.00 USD");
    has(&charged, "T.01 = 900.00 USD");
}

#[test]
fn a_specific_rate_charges_by_quantity() {
    // 4,500.00 + 1,500 kg x 0.10 = 4,650.00
    let (duty, charged, _) = with_extra(&measure("T.02", "0.10 USD/KGM", ""));
    assert_eq!(duty, "4650.00 USD");
    has(&charged, "T.02 = 150.00 USD");
}

#[test]
fn a_compound_rate_adds_both() {
    // 4,500.00 + 1,500 kg x 0.10 + 30,000.00 x 1 % = 4,950.00
    let (duty, charged, _) = with_extra(&measure("T.03", "0.10 USD/KGM + 1%", ""));
    assert_eq!(duty, "4950.00 USD");
    has(&charged, "T.03 = 450.00 USD");
}

#[test]
fn a_new_cap_takes_the_place_of_the_old_one() {
    // 12 % in all of 30,000.00 = 3,600.00, the line's own 750.00 inside.
    let exclusion = r#"
[[exclusion]]
by = ["test-T.04"]
of = ["us-232-autos-41", "us-232-autos-01", "programme:section-301-forced-labour"]
from = "2026-02-01"
document = "test-order"
confidence = "A"
"#;
    let (duty, charged, rejected) =
        with_extra(&format!("{}{exclusion}", measure("T.04", "all-in 12%", "")));
    assert_eq!(duty, "3600.00 USD");
    has(&charged, "line = 0.00 USD");
    has(&charged, "T.04 = 3600.00 USD");
    has(&rejected, "9903.94.41 off by T.04");
}

#[test]
fn an_exemption_heading_switches_others_off_and_nothing_else() {
    let exclusion = r#"
[[exclusion]]
by = ["test-T.05"]
of = ["programme:section-232-automobiles"]
from = "2026-02-01"
document = "test-order"
filed_as = "T.99"
confidence = "A"
"#;
    // Only the line's own 2.5 % of 30,000.00 = 750.00 is left; 301 comes back, 12.5 % in all.
    let (duty, charged, rejected) =
        with_extra(&format!("{}{exclusion}", measure("T.05", "free", "")));
    has(&rejected, "9903.94.41 off by T.05");
    has(&charged, "T.05 = 0.00 USD");
    has(&charged, "9903.05.49 = 3750.00 USD");
    assert_eq!(duty, "3750.00 USD");
}

#[test]
fn content_bases_charge_a_part_and_the_rest() {
    let extra = format!(
        r#"
[[fact]]
id = "battery-content"
kind = "content"
question = "What is the battery worth?"
{}{}"#,
        measure("T.06", "10%", "base = \"content battery-content\""),
        measure("T.07", "1%", "base = \"customs value less battery-content\""),
    );
    let folder = Folder::extending(&format!("{AUTHORITY}{extra}"));
    let desk = folder.desk();
    let mut car = japanese_car();
    car.goods.facts.push(DeclaredFact {
        position: 0,
        id: "battery-content".to_owned(),
        value: FactValue::Content("8000.00 USD".parse().unwrap()),
    });
    // 4,500.00 + 8,000.00 x 10 % + 22,000.00 x 1 % = 5,520.00
    let (duty, charged, _) = told(&ask(&desk, "", car, WorldState::default()));
    assert_eq!(duty, "5520.00 USD");
    has(&charged, "T.06 = 800.00 USD");
    has(&charged, "T.07 = 220.00 USD");

    // The fact is not stated: from 4,500 + 0 + 300.00 to 4,500 + 3,000.00 + 0.
    let answer = ask(&desk, "", japanese_car(), WorldState::default());
    let line = &answer.assessment.lines[0];
    assert!(line.determined().is_none());
    assert_eq!(line.questions[0].question.id(&answer.question.law.tariff), "fact:battery-content");
    assert_eq!(line.questions[0].at_stake.unwrap().to_string(), "2700.00 USD");
}

#[test]
fn an_unknown_rate_gives_a_range() {
    let folder =
        Folder::extending(&format!("{AUTHORITY}{}", measure("T.08", "unknown 0% to 5%", "")));
    let answer = ask(&folder.desk(), "", japanese_car(), WorldState::default());
    let line = &answer.assessment.lines[0];
    assert_eq!(line.readings.len(), 2);
    let duties: Vec<String> =
        line.readings.iter().map(|reading| reading.outcome.totals.duty.to_string()).collect();
    assert_eq!(duties, ["4500.00 USD", "6000.00 USD"]);
    assert_eq!(line.questions[0].question.id(&answer.question.law.tariff), "rate:test-T.08");
}

#[test]
fn a_new_quota_is_elected_drawn_and_explained() {
    let extra = format!(
        r#"
[[quota]]
id = "test-quota"
title = "Test quota"
unit = "NAR"
periods = [{{ from = "2026-01-01", to = "2027-01-01", volume = "10" }}]
{}
[[exclusion]]
by = ["test-T.09"]
of = ["us-232-autos-41", "us-232-autos-01", "programme:section-301-forced-labour"]
from = "2026-02-01"
document = "test-order"
confidence = "A"
"#,
        measure("T.09", "5%", "when = [{ quota = \"test-quota\" }]")
    );
    let folder = Folder::extending(&format!("{AUTHORITY}{extra}"));
    let desk = folder.desk();
    let balance = |remaining: u32| WorldState {
        quota_balances: vec![DeclaredBalance {
            position: 0,
            quota: "test-quota".to_owned(),
            stock: DeclaredStock::Remaining(remaining.into()),
        }],
        ..WorldState::default()
    };
    let mut electing = japanese_car();
    electing.elections.quotas.push("test-quota".to_owned());
    // In quota 750.00 + 30,000.00 x 5 % = 2,250.00; over it the cap, 4,500.00.
    let (duty, charged, rejected) = told(&ask(&desk, "", electing.clone(), balance(1)));
    assert_eq!(duty, "2250.00 USD");
    has(&charged, "T.09 = 1500.00 USD");
    has(&rejected, "9903.94.41 off by T.09");
    let (duty, _, rejected) = told(&ask(&desk, "", electing, balance(0)));
    assert_eq!(duty, "4500.00 USD");
    has(&rejected, "T.09: No units are left in the quota test-quota, or no period is open.");
    // Not elected: the saving is shown, 2,250.00, and nothing is claimed.
    let answer = ask(&desk, "", japanese_car(), balance(1));
    assert_eq!(told(&answer).0, "4500.00 USD");
    let open = &answer.assessment.lines[0].alternatives[0];
    let tariff = answer.question.law.tariff.as_ref();
    let ids: Vec<String> = open.elections.iter().map(|election| election.id(tariff)).collect();
    assert_eq!(ids, ["quota:test-quota"]);
    assert_eq!(open.saving.highest.to_string(), "2250.00 USD");
}

#[test]
fn a_fee_per_entry_is_held_between_its_bounds() {
    let fee = measure("T.10", "0.01%", "per = \"entry\"\nmin = \"5.00 USD\"\nmax = \"9.00 USD\"");
    let folder = Folder::extending(&format!("{AUTHORITY}{fee}"));
    let answer = ask(&folder.desk(), "", japanese_car(), WorldState::default());
    // 30,000.00 x 0.01 % = 3.00, raised to 5.00
    let tariff = answer.question.law.tariff.as_ref();
    let fee =
        answer.assessment.fees.iter().find(|fee| tariff.measures[fee.measure].heading == "T.10");
    assert_eq!(fee.unwrap().amount().unwrap().to_string(), "5.00 USD");
}

#[test]
fn a_whole_importer_can_be_added() {
    let folder = Folder::empty();
    folder.write("own/schedule.toml", "id = \"own\"\ntitle = \"Own\"\nas_of = \"2026-11-23\"\n");
    folder.write(
        "own/ch/importer.toml",
        r#"
[importer]
region = "CH"
title = "Switzerland"
currency = "CHF"
customs_value = "CIF"
duty_rounding = "half-up-minor-unit"
fee_rounding = "half-up-minor-unit"
law_from = "2026-01-01"
law_verified_to = "2026-12-31"
filing_rank = 1

[[document]]
id = "tariff"
title = "Tariff"
citation = "SR 0"
published = "2026-01-01"

[[line]]
code = "8703.2300"
description = "Cars"
general = "12.00 CHF/KGM"
from = "2026-01-01"
cite = ["tariff"]
confidence = "A"
"#,
    );
    let desk = folder.desk();
    let mut line = japanese_car();
    line.goods.code = Some("87032300".parse().unwrap());
    line.goods.transaction_value = Some("30000.00 CHF".parse().unwrap());
    line.goods.freight = Some("1200.00 CHF".parse().unwrap());
    let question = DutyQuestion {
        schedule: "schedules/own".to_owned(),
        importer: Some("CH".parse().unwrap()),
        known_at: None,
        declaration: Declaration {
            entry_date: Some("2026-11-02".parse().unwrap()),
            lines: vec![line],
            ..Declaration::default()
        },
        detail: Detail::Explained,
    };
    let answer = desk.assess(desk.resolve(&question).unwrap()).unwrap();
    // 1,500 kg x 12.00 = 18,000.00; at CIF the freight is in the customs value.
    assert_eq!(told(&answer).0, "18000.00 CHF");
    assert_eq!(answer.question.entry.lines[0].customs_value.to_string(), "31200.00 CHF");
}

#[test]
fn another_revision_is_another_answer_and_says_so() {
    let plain = bundled_schedules().unwrap();
    let folder = Folder::extending(AUTHORITY);
    let own = load_schedules(Some(&folder.0)).unwrap();
    assert_eq!(own["vehicles"].revision, plain["vehicles"].revision);
    assert_ne!(own["own"].revision, plain["vehicles"].revision);
}

#[test]
fn every_fault_of_a_schedule_is_told_with_its_place() {
    let folder = Folder::extending(
        r#"
[[measure]]
id = "bad"
heading = "T"
programme = "nowhere"
title = "Bad"
rate = "a lot"
goods = ["@nothing"]
origins = ["UK"]
status = [{ state = "pending", from = "2026-02-30", document = "unheard-of" }]
cite = []
confidence = "Z"
"#,
    );
    let error = load_schedules(Some(&folder.0)).unwrap_err().to_string();
    for told in [
        "own",
        "us/extra.toml",
        "measure bad",
        "nowhere",
        "a lot",
        "nothing",
        "UK",
        "pending",
        "status.from",
        "unheard-of",
        "`Z`",
    ] {
        assert!(error.contains(told), "{told} is not told in:\n{error}");
    }
}

/// A key read over would make another law of what was written.
#[test]
fn two_conditions_in_one_table_are_refused() {
    for when in [
        "{ transport = [\"ocean\"], quota = \"us-uk-cars\" }",
        "{ fact = \"build-year\", at_least = \"1900\", below = \"1950\" }",
        "{ preference = \"S\", column = \"general\" }",
        "{ column_rate_below = \"15%\" }",
        "{ fact = \"build-year\" }",
        "{}",
    ] {
        let law = measure("T.13", "1%", &format!("when = [{when}]"));
        let folder = Folder::extending(&format!("{AUTHORITY}{law}"));
        let error = load_schedules(Some(&folder.0)).unwrap_err().to_string();
        assert!(error.contains("one condition a table"), "{when}: {error}");
    }
}

#[test]
fn exclusions_in_a_circle_are_refused() {
    let exclusion = |by: &str, of: &str| {
        format!(
            "\n[[exclusion]]\nby = [\"{by}\"]\nof = [\"{of}\"]\nfrom = \"2026-02-01\"\ndocument = \"test-order\"\nconfidence = \"A\"\n"
        )
    };
    let extra = format!(
        "{AUTHORITY}{}{}{}{}",
        measure("T.11", "1%", ""),
        measure("T.12", "1%", ""),
        exclusion("test-T.11", "test-T.12"),
        exclusion("test-T.12", "test-T.11")
    );
    let folder = Folder::extending(&extra);
    let error = load_schedules(Some(&folder.0)).unwrap_err().to_string();
    assert!(error.contains("circle") && error.contains("test-T.11"), "{error}");
}
