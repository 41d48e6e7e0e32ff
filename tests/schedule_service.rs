//! `ScheduleService` over gRPC: names, pages, filters, search and differences.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

use portolan::app::ScheduleDesk;
use portolan::grpc::health::Health;
use portolan::grpc::server::Server;
use portolan::grpc::{AwaitedScheduleDesk, ScheduleApi};
use portolan::proto::DESCRIPTORS;
use portolan::proto::google::r#type as google;
use portolan::proto::portolan::tariff::v1 as pb;
use portolan::proto::portolan::tariff::v1::schedule_service_client::ScheduleServiceClient;
use portolan::proto::portolan::tariff::v1::schedule_service_server::ScheduleServiceServer;
use portolan::settings::Settings;
use portolan::store::bundled_schedules;
use portolan::tariff::{Schedule, ScheduleFiles};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

type Client = ScheduleServiceClient<Channel>;

/// A client of a server over these schedules; a server without any is still starting.
async fn client(schedules: Option<Vec<Schedule>>) -> Client {
    let settings = Settings::load_from(None, []).unwrap();
    let desk = AwaitedScheduleDesk::default();
    if let Some(schedules) = schedules {
        desk.set(ScheduleDesk::new(schedules.into_iter().map(Arc::new))).unwrap();
    }
    let service = ScheduleServiceServer::new(ScheduleApi::new(desk, 100));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let health = Health::new(["portolan.tariff.v1.ScheduleService"]).await;
    let meter = opentelemetry::global::meter("test");
    let draining = CancellationToken::new();
    let routes = Routes::new(service);
    let server =
        Server::new(&settings.server, routes, DESCRIPTORS, health, &meter, draining).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    // Lives as long as the test.
    std::mem::forget(stop);
    tokio::spawn(server.serve(listener, async {
        let _ = stopped.await;
    }));
    Client::connect(address).await.unwrap()
}

const HEAD: &str = "id = \"own\"\ntitle = \"Own\"\nas_of = \"2026-06-30\"\n";

const LAW: &str = r#"
[importer]
region = "US"
title = "United States"
currency = "USD"
customs_value = "FOB"
duty_rounding = "half-up-minor-unit"
fee_rounding = "half-up-minor-unit"
law_from = "2026-01-01"
law_verified_to = "2026-06-30"
filing_rank = 100
cite = ["book"]

[[document]]
id = "book"
title = "The book"
citation = "1 BOOK 1"
published = "2026-01-01"

[[document]]
id = "order"
title = "The order"
citation = "2 ORDER 2"
published = "2026-03-01"

[[programme]]
id = "cars"
title = "Duty on cars"
authority = "Cars act"
kind = "duty"
filing_rank = 10

[[programme]]
id = "general"
title = "General duty"
authority = "General act"
kind = "duty"
filing_rank = 20

[line_defaults]
from = "2026-01-01"
cite = ["book"]
confidence = "A"

[[line]]
code = "8703.23.01"
description = "Motor cars, spark-ignition, over 1,500 cc"
general = "2.5%"
special = ""
column_2 = "10%"

[[line]]
code = "8703.24.01"
description = "Motor cars, spark-ignition, over 3,000 cc"
general = "2.5%"
special = ""

[[line]]
code = "8704.21.00"
description = "Trucks; not motor cars"
general = "25%"
special = ""
to = "2026-05-01"

[[quota]]
id = "z-quota"
title = "Second by name"
unit = "NAR"
periods = [{ from = "2026-01-01", to = "2027-01-01", volume = "5" }]
cite = ["book"]

[[quota]]
id = "a-quota"
title = "Cars within"
unit = "NAR"
periods = [
    { from = "2026-01-01", to = "2026-04-01", volume = "100" },
    { from = "2026-04-01", to = "2026-07-01", volume = "100", carry_from = ["2026-01-01"] },
]
cite = ["book: page 9"]

[[measure]]
id = "cars-25"
heading = "9903.01.01"
programme = "cars"
title = "Cars, 25%"
rate = "25%"
goods = ["8703"]
goods_except = ["8703.24"]
origins = ["*"]
status = [
    { state = "announced", from = "2026-02-01", document = "book" },
    { state = "in force", from = "2026-04-01", document = "order" },
]
cite = ["book", "order: section 1"]
confidence = "B"
note = "Told to those who could read the order."

[[measure]]
id = "cars-quota"
heading = "9903.01.02"
programme = "cars"
title = "Cars of Japan within the quota"
rate = "10%"
goods = ["8703"]
origins = ["JP"]
when = [{ quota = "a-quota" }]
status = [{ state = "in force", from = "2026-01-01", document = "book" }]
cite = ["book"]
confidence = "C"

[[measure]]
id = "general-10"
heading = "9903.02.01"
programme = "general"
title = "Everything, 10%"
rate = "10%"
goods = ["87"]
origins = ["*"]
origins_except = ["CN"]
status = [{ state = "in force", from = "2026-01-01", document = "book" }]
cite = ["book"]
confidence = "A"

[[exclusion]]
id = "cars-over-general"
by = ["cars-25"]
of = ["programme:general"]
from = "2026-04-01"
document = "order"
cite = ["order"]
confidence = "A"
"#;

fn built(head: &str, law: &str) -> Schedule {
    let files = ScheduleFiles::from([
        ("schedule.toml".to_owned(), head.to_owned()),
        ("us/law.toml".to_owned(), law.to_owned()),
    ]);
    Schedule::from_files(&files, None).unwrap_or_else(|faults| panic!("{faults:?}"))
}

fn own() -> Schedule {
    built(HEAD, LAW)
}

const PARENT: &str = "schedules/own/importers/US";

fn date(text: &str) -> google::Date {
    let parts: Vec<i32> = text.split('-').map(|part| part.parse().unwrap()).collect();
    google::Date { year: parts[0], month: parts[1], day: parts[2] }
}

fn reason(status: &Status) -> (Code, String) {
    (status.code(), status.get_details_error_info().unwrap().reason)
}

fn faults(status: &Status) -> Vec<String> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let details = status.get_details_bad_request().unwrap();
    let mut faults: Vec<String> = details
        .field_violations
        .iter()
        .map(|fault| format!("{} {}", fault.field, fault.reason))
        .collect();
    faults.sort();
    faults
}

/// Ids at the ends of resource names.
fn ids<'a>(names: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    names.map(|name| name.rsplit('/').next().unwrap()).collect()
}

async fn measures(client: &mut Client, request: pb::ListMeasuresRequest) -> Vec<String> {
    let request = pb::ListMeasuresRequest { parent: PARENT.to_owned(), ..request };
    let page = client.list_measures(request).await.unwrap().into_inner();
    assert_eq!(usize::try_from(page.total_size).unwrap(), page.measures.len());
    ids(page.measures.iter().map(|measure| &measure.name)).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn schedules_are_listed_with_what_they_hold() {
    let bundled = bundled_schedules().unwrap().into_values();
    let mut client = client(Some(bundled.chain([own()]).collect())).await;
    let request = pb::ListSchedulesRequest::default();
    let listed = client.list_schedules(request).await.unwrap().into_inner();
    assert_eq!(usize::try_from(listed.total_size).unwrap(), listed.schedules.len());
    let names: Vec<_> = listed.schedules.iter().map(|schedule| schedule.name.clone()).collect();
    assert!(names.is_sorted() && names[0].starts_with("schedules/own@"), "{names:?}");

    let held = &listed.schedules[0].importers[0];
    assert_eq!(held.name, format!("{}/importers/US", names[0]));
    assert_eq!((held.lines, held.measures, held.quotas, held.documents), (3, 3, 2, 2));
    assert_eq!(held.least_confidence(), pb::Confidence::Secondary);
    for name in ["schedules/own".to_owned(), names[0].clone()] {
        let found = client.get_schedule(pb::GetScheduleRequest { name }).await.unwrap();
        assert_eq!(found.into_inner().schedule.as_ref(), listed.schedules.first());
    }
}

#[tokio::test]
async fn pages_of_every_size_give_the_same_list() {
    let mut client = client(Some(bundled_schedules().unwrap().into_values().collect())).await;
    let parent = "schedules/vehicles/importers/US".to_owned();
    let all = pb::ListMeasuresRequest {
        parent: parent.clone(),
        page_size: 100_000,
        ..pb::ListMeasuresRequest::default()
    };
    let all = client.list_measures(all).await.unwrap().into_inner();
    assert_eq!(
        (all.measures.len(), all.next_page_token.as_str()),
        (usize::try_from(all.total_size).unwrap(), "")
    );
    for page_size in [1, 7, 50] {
        let mut found = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListMeasuresRequest {
                parent: parent.clone(),
                page_size,
                page_token,
                ..pb::ListMeasuresRequest::default()
            };
            let page = client.list_measures(request).await.unwrap().into_inner();
            assert_eq!(page.total_size, all.total_size);
            assert!(page.measures.len() <= usize::try_from(page_size).unwrap());
            found.extend(page.measures);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(found, all.measures);
    }
    let names: BTreeSet<_> = all.measures.iter().map(|measure| &measure.name).collect();
    assert_eq!(names.len(), all.measures.len());
}

#[tokio::test]
async fn a_token_leads_on_only_in_its_own_question() {
    let mut client = client(Some(vec![own()])).await;
    let first = pb::ListMeasuresRequest {
        parent: PARENT.to_owned(),
        page_size: 1,
        ..pb::ListMeasuresRequest::default()
    };
    let token = client.list_measures(first.clone()).await.unwrap().into_inner().next_page_token;
    let second = pb::ListMeasuresRequest { page_token: token.clone(), ..first };
    // The size may change, and a name with its revision is the same name.
    let revised = own().name + "/importers/US";
    for sound in [
        second.clone(),
        pb::ListMeasuresRequest { page_size: 2, ..second.clone() },
        pb::ListMeasuresRequest { parent: revised, ..second.clone() },
    ] {
        client.list_measures(sound).await.unwrap();
    }
    let mismatch = ["page_token PAGE_TOKEN_MISMATCH"];
    for other in [
        pb::ListMeasuresRequest { goods_code: "8703".to_owned(), ..second.clone() },
        pb::ListMeasuresRequest { origin_region_code: "JP".to_owned(), ..second.clone() },
        pb::ListMeasuresRequest { programme_id: "cars".to_owned(), ..second.clone() },
        pb::ListMeasuresRequest { in_force_on: Some(date("2026-05-01")), ..second.clone() },
        pb::ListMeasuresRequest { known_at: Some(date("2026-05-01")), ..second.clone() },
    ] {
        assert_eq!(faults(&client.list_measures(other).await.unwrap_err()), mismatch);
    }
    let quotas = pb::ListQuotasRequest {
        parent: PARENT.to_owned(),
        page_token: token,
        ..pb::ListQuotasRequest::default()
    };
    assert_eq!(faults(&client.list_quotas(quotas).await.unwrap_err()), mismatch);

    // Another revision of the schedule is another question.
    let later = built(HEAD, &LAW.replace("Cars, 25%", "Cars, a quarter"));
    let mut other = self::client(Some(vec![later])).await;
    assert_eq!(faults(&other.list_measures(second).await.unwrap_err()), mismatch);
}

#[tokio::test]
async fn every_fault_is_told_at_once() {
    let mut client = client(Some(vec![own()])).await;
    let bad = pb::ListMeasuresRequest {
        parent: "schedules/own".to_owned(),
        goods_code: "cars".to_owned(),
        origin_region_code: "Japan".to_owned(),
        in_force_on: Some(google::Date { year: 2026, month: 13, day: 1 }),
        known_at: Some(google::Date { year: 2026, month: 2, day: 30 }),
        page_size: -1,
        page_token: "xyz".to_owned(),
        ..pb::ListMeasuresRequest::default()
    };
    assert_eq!(
        faults(&client.list_measures(bad).await.unwrap_err()),
        [
            "goods_code MALFORMED_GOODS_CODE",
            "in_force_on INVALID_DATE",
            "known_at INVALID_DATE",
            "origin_region_code UNKNOWN_REGION",
            "page_size OUT_OF_RANGE",
            "page_token MALFORMED_PAGE_TOKEN",
            "parent MALFORMED_NAME",
        ]
    );
    let unknown = pb::ListMeasuresRequest {
        parent: PARENT.to_owned(),
        programme_id: "nothing".to_owned(),
        page_size: -1,
        ..pb::ListMeasuresRequest::default()
    };
    assert_eq!(
        faults(&client.list_measures(unknown).await.unwrap_err()),
        ["page_size OUT_OF_RANGE", "programme_id PROGRAMME_UNKNOWN"]
    );
    let empty = pb::SearchGoodsRequest::default();
    assert_eq!(
        faults(&client.search_goods(empty).await.unwrap_err()),
        ["parent REQUIRED", "query REQUIRED"]
    );
    let neither = pb::DiffSchedulesRequest { from: "own".to_owned(), ..Default::default() };
    assert_eq!(
        faults(&client.diff_schedules(neither).await.unwrap_err()),
        ["from MALFORMED_NAME", "to REQUIRED"]
    );
}

#[tokio::test]
async fn what_is_not_held_is_not_found() {
    let mut client = client(Some(vec![own()])).await;
    let not_found = |reason: &str| (Code::NotFound, reason.to_owned());
    for (name, why) in [
        ("schedules/other", "SCHEDULE_NOT_FOUND"),
        ("schedules/own@000000000000", "SCHEDULE_REVISION_NOT_FOUND"),
    ] {
        let request = pb::GetScheduleRequest { name: name.to_owned() };
        assert_eq!(reason(&client.get_schedule(request).await.unwrap_err()), not_found(why));
    }
    for (name, why) in [
        ("schedules/own/importers/JP/measures/cars-25", "IMPORTER_NOT_FOUND"),
        ("schedules/own/importers/US/measures/cars-26", "MEASURE_NOT_FOUND"),
    ] {
        let request = pb::GetMeasureRequest { name: name.to_owned() };
        assert_eq!(reason(&client.get_measure(request).await.unwrap_err()), not_found(why));
    }
    let name = format!("{PARENT}/quotas/none");
    let status = client.get_quota(pb::GetQuotaRequest { name }).await.unwrap_err();
    assert_eq!(reason(&status), not_found("QUOTA_NOT_FOUND"));
    for name in ["", "schedules/", "schedules/own/importers/US/measures/", "measures/cars-25"] {
        let request = pb::GetMeasureRequest { name: name.to_owned() };
        assert_eq!(faults(&client.get_measure(request).await.unwrap_err()).len(), 1, "{name}");
    }
    let mut starting = self::client(None).await;
    let status = starting.list_schedules(pb::ListSchedulesRequest::default()).await.unwrap_err();
    assert_eq!(reason(&status), (Code::Unavailable, "STARTING".to_owned()));
}

#[tokio::test]
async fn filters_leave_what_meets_them_all() {
    let mut client = client(Some(vec![own()])).await;
    let none = pb::ListMeasuresRequest::default;
    let goods = |code: &str| pb::ListMeasuresRequest { goods_code: code.to_owned(), ..none() };
    assert_eq!(measures(&mut client, none()).await.len(), 3);
    assert_eq!(measures(&mut client, goods("8703.23.01")).await.len(), 3);
    let excepted = measures(&mut client, goods("8703.24.01")).await;
    assert!(!excepted.contains(&"cars-25".to_owned()) && excepted.len() == 2, "{excepted:?}");
    assert_eq!(measures(&mut client, goods("8704.21.00")).await, ["general-10"]);
    let british = pb::ListMeasuresRequest { origin_region_code: "GB".to_owned(), ..none() };
    assert_eq!(measures(&mut client, british.clone()).await, ["cars-25", "general-10"]);
    let of_cars = pb::ListMeasuresRequest { programme_id: "cars".to_owned(), ..british };
    assert_eq!(measures(&mut client, of_cars).await, ["cars-25"]);
    for (day, known_at, held) in [
        ("2026-03-15", None, false),
        ("2026-04-01", None, true),
        ("2026-04-01", Some("2026-02-28"), false),
        ("2026-04-01", Some("2026-03-01"), true),
    ] {
        let request = pb::ListMeasuresRequest {
            in_force_on: Some(date(day)),
            known_at: known_at.map(date),
            ..none()
        };
        let found = measures(&mut client, request).await;
        assert_eq!(found.contains(&"cars-25".to_owned()), held, "{day} {known_at:?}");
    }
}

#[tokio::test]
async fn a_measure_is_told_with_its_states_and_exclusions() {
    let mut client = client(Some(vec![own()])).await;
    let name = format!("{PARENT}/measures/cars-25");
    let found = client.get_measure(pb::GetMeasureRequest { name }).await.unwrap();
    let cars = found.into_inner().measure.unwrap();
    assert!(cars.name.starts_with("schedules/own@") && cars.every_origin);
    assert_eq!((cars.rate.as_str(), cars.base_rule.as_str()), ("25%", "customs value"));
    assert_eq!(cars.excepted_goods_codes, ["8703.24"]);
    let states: Vec<_> = cars.states.iter().map(|state| state.state.as_str()).collect();
    assert_eq!(states, ["announced", "in force"]);
    assert_eq!(cars.states[1].document.as_ref().unwrap().published_on, Some(date("2026-03-01")));
    assert_eq!(cars.excludes[0].exclusion_id, "cars-over-general");
    assert_eq!(cars.excludes[0].of, ["general-10"]);
    assert_eq!(cars.citations[1].pinpoint, "section 1");
    assert!(cars.excluded_by.is_empty() && !cars.note.is_empty());

    let name = format!("{PARENT}/measures/general-10");
    let found = client.get_measure(pb::GetMeasureRequest { name }).await.unwrap();
    let general = found.into_inner().measure.unwrap();
    assert_eq!(general.excluded_by[0].by, ["cars-25"]);
    // Of all but one the others are told, and no code that nobody has.
    let origins = &general.origin_region_codes;
    assert!(!general.every_origin && !origins.contains(&"CN".to_owned()));
    assert!(origins.contains(&"JP".to_owned()) && !origins.contains(&"AA".to_owned()));

    // By what was published before the order, nothing of it is told.
    let request = pb::ListMeasuresRequest {
        parent: PARENT.to_owned(),
        programme_id: "cars".to_owned(),
        known_at: Some(date("2026-02-28")),
        ..pb::ListMeasuresRequest::default()
    };
    let known = client.list_measures(request).await.unwrap().into_inner().measures;
    let cars = known.iter().find(|measure| measure.name.ends_with("cars-25")).unwrap();
    assert_eq!((cars.states.len(), cars.citations.len(), cars.excludes.len()), (1, 1, 0));
    assert_eq!(cars.note, "");
}

#[tokio::test]
async fn a_quota_is_told_with_its_periods_and_users() {
    let mut client = client(Some(vec![own()])).await;
    let request = pb::ListQuotasRequest { parent: PARENT.to_owned(), ..Default::default() };
    let listed = client.list_quotas(request).await.unwrap().into_inner();
    assert_eq!(ids(listed.quotas.iter().map(|quota| &quota.name)), ["a-quota", "z-quota"]);
    let name = listed.quotas[0].name.clone();
    let found = client.get_quota(pb::GetQuotaRequest { name }).await.unwrap().into_inner();
    let quota = found.quota.unwrap();
    assert_eq!(Some(&quota), listed.quotas.first());
    assert_eq!(quota.unit_code, "NAR");
    assert_eq!(quota.periods[1].carried_from, [date("2026-01-01")]);
    assert_eq!(ids(quota.measures.iter()), ["cars-quota"]);
    assert_eq!(quota.citations[0].pinpoint, "page 9");
    let name = quota.measures[0].clone();
    client.get_measure(pb::GetMeasureRequest { name }).await.unwrap();
}

#[tokio::test]
async fn goods_are_found_by_code_and_by_words() {
    let mut client = client(Some(vec![own()])).await;
    for (query, on, codes) in [
        ("8703", "2026-02-01", vec!["8703.23.01", "8703.24.01"]),
        ("8703.23.01.40", "2026-02-01", vec!["8703.23.01"]),
        ("MOTOR cars", "2026-02-01", vec!["8703.23.01", "8703.24.01", "8704.21.00"]),
        ("car mot spark", "2026-02-01", vec!["8703.23.01", "8703.24.01"]),
        ("motor cars", "2026-05-01", vec!["8703.23.01", "8703.24.01"]),
        ("over 3000", "2026-02-01", vec!["8703.24.01"]),
        ("1,500", "2026-02-01", vec!["8703.23.01"]),
        ("ars", "2026-02-01", vec![]),
        ("8703.23.01", "2025-12-31", vec![]),
    ] {
        let request = pb::SearchGoodsRequest {
            parent: PARENT.to_owned(),
            query: query.to_owned(),
            on: Some(date(on)),
            ..pb::SearchGoodsRequest::default()
        };
        let found = client.search_goods(request).await.unwrap().into_inner().lines;
        let found: Vec<_> = found.iter().map(|line| line.goods_code.as_str()).collect();
        assert_eq!(found, codes, "{query} on {on}");
    }
    let request = pb::SearchGoodsRequest {
        parent: PARENT.to_owned(),
        query: "motor".to_owned(),
        page_size: 1,
        ..pb::SearchGoodsRequest::default()
    };
    let first = client.search_goods(request.clone()).await.unwrap().into_inner();
    assert_eq!((first.lines.len(), first.total_size), (1, 2));
    assert_eq!(first.lines[0].column_2_rate, "10%");
    let request = pb::SearchGoodsRequest { page_token: first.next_page_token, ..request };
    let last = client.search_goods(request.clone()).await.unwrap().into_inner();
    assert_eq!(
        (last.lines[0].goods_code.as_str(), last.next_page_token),
        ("8703.24.01", String::new())
    );
    let other = pb::SearchGoodsRequest { query: "cars".to_owned(), ..request };
    let status = client.search_goods(other).await.unwrap_err();
    assert_eq!(faults(&status), ["page_token PAGE_TOKEN_MISMATCH"]);
}

/// The same law, changed in one thing of each kind.
fn changed() -> String {
    let law = LAW
        .replace("rate = \"25%\"", "rate = \"20%\"")
        .replace("general = \"25%\"", "general = \"22%\"")
        .replace("volume = \"5\"", "volume = \"6\"")
        .replace("from = \"2026-04-01\"\ndocument", "from = \"2026-04-02\"\ndocument")
        .replace("2 ORDER 2", "2 ORDER 3")
        .replace("Cars act", "Vehicles act");
    let kept = law.split("[[measure]]").filter(|table| !table.contains("id = \"cars-quota\""));
    kept.collect::<Vec<_>>().join("[[measure]]")
        + "\n[[line]]\ncode = \"8705.10.00\"\ndescription = \"Cranes\"\ngeneral = \"free\"\nspecial = \"\"\n"
}

#[tokio::test]
async fn two_revisions_are_compared_thing_by_thing() {
    let (earlier, later) = (own(), built(HEAD, &changed()));
    let (from, to) = (earlier.name.clone(), later.name.clone());
    let mut client = client(Some(vec![earlier, later])).await;
    let request =
        pb::DiffSchedulesRequest { from: from.clone(), to: to.clone(), ..Default::default() };
    let all = client.diff_schedules(request.clone()).await.unwrap().into_inner();
    let told: Vec<String> = all
        .differences
        .iter()
        .map(|difference| {
            let kind = difference.kind().as_str_name().trim_start_matches("DIFFERENCE_KIND_");
            let fields: Vec<_> = difference
                .fields
                .iter()
                .filter(|_| difference.kind() == pb::DifferenceKind::Changed)
                .map(|field| format!(" {}: {} -> {}", field.field, field.before, field.after))
                .collect();
            format!("{kind} {} {}{}", difference.item, difference.id, fields.concat())
        })
        .collect();
    assert_eq!(
        told,
        [
            "CHANGED document order citation: 2 ORDER 2 -> 2 ORDER 3",
            "CHANGED exclusion cars-over-general from: 2026-04-01 -> 2026-04-02",
            "CHANGED line 8704.21.00 from 2026-01-01 general: 25% -> 22%",
            "ADDED line 8705.10.00 from 2026-01-01",
            "CHANGED measure cars-25 rate: 25% -> 20%",
            "REMOVED measure cars-quota",
            "CHANGED programme cars authority: Cars act -> Vehicles act",
            "CHANGED quota z-quota periods: 2026-01-01 to 2027-01-01: 5 -> 2026-01-01 to 2027-01-01: 6",
        ]
    );
    // In pages the same, and turned round what was added is removed.
    let mut paged = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = pb::DiffSchedulesRequest { page_size: 3, page_token, ..request.clone() };
        let page = client.diff_schedules(request).await.unwrap().into_inner();
        paged.extend(page.differences);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    assert_eq!(paged, all.differences);
    let back = pb::DiffSchedulesRequest { from: to, to: from.clone(), ..Default::default() };
    let back = client.diff_schedules(back).await.unwrap().into_inner().differences;
    let kinds: Vec<_> = back.iter().map(pb::ScheduleDifference::kind).collect();
    assert_eq!((kinds[3], kinds[5]), (pb::DifferenceKind::Removed, pb::DifferenceKind::Added));
    let same = pb::DiffSchedulesRequest { from: from.clone(), to: from, ..Default::default() };
    assert_eq!(client.diff_schedules(same).await.unwrap().into_inner().total_size, 0);
    // Of two revisions held one must be named.
    let unnamed = pb::GetScheduleRequest { name: "schedules/own".to_owned() };
    let status = client.get_schedule(unnamed).await.unwrap_err();
    assert_eq!(reason(&status), (Code::NotFound, "SCHEDULE_REVISION_NOT_FOUND".to_owned()));
}
