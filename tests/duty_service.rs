//! The calls beside `CalculateDuty`: streams, origins, dates, credits; over
//! gRPC where the wire matters.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

use portolan::app::DutyDesk;
use portolan::grpc::health::Health;
use portolan::grpc::server::Server;
use portolan::grpc::{DutyApi, FaultLimits, Limits, StreamLimits};
use portolan::proto::DESCRIPTORS;
use portolan::proto::google::r#type as google;
use portolan::proto::portolan::tariff::v1 as pb;
use portolan::proto::portolan::tariff::v1::duty_service_client::DutyServiceClient;
use portolan::proto::portolan::tariff::v1::duty_service_server::DutyServiceServer;
use portolan::proto::portolan::tariff::v1::stream_duty_response::Result as Answered;
use portolan::settings::Settings;
use portolan::store::bundled_schedules;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

type Client = DutyServiceClient<Channel>;

/// A server, a client of it, and what stops it.
async fn served(idle: Duration) -> (Client, oneshot::Sender<()>) {
    served_with(idle, 32).await
}

/// The same, with places for so many streams.
async fn served_with(idle: Duration, streams: usize) -> (Client, oneshot::Sender<()>) {
    let mut settings = Settings::load_from(None, []).unwrap();
    settings.server.max_concurrent_streams = streams;
    let desk = DutyDesk::new(bundled_schedules().unwrap(), "vehicles").unwrap();
    let draining = CancellationToken::new();
    let streams = StreamLimits { idle, draining: draining.clone() };
    let limits =
        Limits { lines: 1000, validation_errors: FaultLimits { count: 100, bytes: usize::MAX } };
    let service = DutyServiceServer::new(DutyApi::new(Arc::new(desk.into()), limits, streams));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let health = Health::new(["portolan.tariff.v1.DutyService"]).await;
    let meter = opentelemetry::global::meter("test");
    let routes = Routes::new(service);
    let server =
        Server::new(&settings.server, routes, DESCRIPTORS, health, &meter, draining).unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(server.serve(listener, async {
        let _ = stopped.await;
    }));
    (Client::connect(address).await.unwrap(), stop)
}

async fn client() -> Client {
    let (client, stop) = served(Duration::from_secs(30)).await;
    // Lives as long as the test.
    std::mem::forget(stop);
    client
}

fn date(text: &str) -> google::Date {
    let parts: Vec<i32> = text.split('-').map(|part| part.parse().unwrap()).collect();
    google::Date { year: parts[0], month: parts[1], day: parts[2] }
}

fn money(text: &str) -> google::Money {
    let (amount, currency) = text.split_once(' ').unwrap();
    let (units, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    google::Money {
        currency_code: currency.to_owned(),
        units: units.parse().unwrap(),
        nanos: format!("{fraction:0<9}").parse().unwrap(),
    }
}

fn text(money: Option<&google::Money>) -> String {
    money.map_or_else(String::new, |money| {
        format!("{}.{:02} {}", money.units, money.nanos.abs() / 10_000_000, money.currency_code)
    })
}

fn decimal(text: &str) -> google::Decimal {
    google::Decimal { value: text.to_owned() }
}

fn entry(code: &str, origin: &str, value: &str) -> pb::Entry {
    pb::Entry {
        importer_region_code: "US".to_owned(),
        transport_mode: pb::TransportMode::Ocean.into(),
        lines: vec![pb::EntryLine {
            line_id: "car".to_owned(),
            goods: Some(pb::Goods {
                goods_code: code.to_owned(),
                origin_region_code: origin.to_owned(),
                transaction_value: Some(money(value)),
                ..pb::Goods::default()
            }),
            elections: None,
        }],
        ..pb::Entry::default()
    }
}

fn question(origin: &str, day: &str) -> pb::CalculateDutyRequest {
    let entry =
        pb::Entry { entry_date: Some(date(day)), ..entry("8703.23.01", origin, "30000.00 USD") };
    pb::CalculateDutyRequest { entry: Some(entry), ..pb::CalculateDutyRequest::default() }
}

fn item(id: &str, request: pb::CalculateDutyRequest) -> pb::StreamDutyRequest {
    pb::StreamDutyRequest { request_id: id.to_owned(), request: Some(request) }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

fn faults(status: &Status) -> Vec<String> {
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let mut faults: Vec<String> = status
        .get_details_bad_request()
        .unwrap()
        .field_violations
        .iter()
        .map(|fault| format!("{} {}", fault.field, fault.reason))
        .collect();
    faults.sort();
    faults
}

#[tokio::test]
async fn a_stream_answers_in_order_and_tells_faults_in_their_place() {
    let mut client = client().await;
    let unary = client.calculate_duty(question("JP", "2026-11-02")).await.unwrap().into_inner();
    let mut large = question("JP", "2026-11-02");
    let lines = &mut large.entry.as_mut().unwrap().lines;
    for number in 1..100 {
        let mut line = lines[0].clone();
        line.line_id = format!("car-{number}");
        lines.push(line);
    }
    let items = vec![
        item("1", question("JP", "2026-11-02")),
        item("2", question("XX", "2026-13-02")),
        // Assessed off the async threads, and answered before the next all the same.
        item("3", large),
        item("4", question("GB", "2026-11-02")),
        item("5", pb::CalculateDutyRequest::default()),
    ];
    let mut answers = client.stream_duty(tokio_stream::iter(items)).await.unwrap().into_inner();
    let mut seen = Vec::new();
    while let Some(answer) = answers.message().await.unwrap() {
        seen.push(answer);
    }
    let ids: Vec<&str> = seen.iter().map(|answer| answer.request_id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5"]);
    assert_eq!(seen[0].result, Some(Answered::Response(unary)));
    let Some(Answered::Error(error)) = &seen[1].result else { panic!("{:?}", seen[1]) };
    // The fault a call of its own would have ended with, details and all.
    let status = client.calculate_duty(question("XX", "2026-13-02")).await.unwrap_err();
    assert_eq!(error.code, i32::from(status.code()));
    assert_eq!(error.message, status.message());
    assert_eq!(error.details.len(), 2, "ErrorInfo and BadRequest");
    let Some(Answered::Response(large)) = &seen[2].result else { panic!("{:?}", seen[2]) };
    assert_eq!(large.lines.len(), 100);
    let Some(Answered::Error(empty)) = &seen[4].result else { panic!("{:?}", seen[4]) };
    assert_eq!(empty.code, i32::from(Code::InvalidArgument));
}

#[tokio::test]
async fn an_item_without_an_id_ends_the_stream() {
    let mut client = client().await;
    let items =
        vec![item("1", question("JP", "2026-11-02")), item("", question("JP", "2026-11-02"))];
    let mut answers = client.stream_duty(tokio_stream::iter(items)).await.unwrap().into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().request_id, "1");
    let status = answers.message().await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status)),
        (Code::InvalidArgument, "REQUEST_ID_REQUIRED".into())
    );
}

#[tokio::test]
async fn a_server_that_stops_tells_where_to_resume() {
    let (mut client, stop) = served(Duration::from_secs(30)).await;
    let (sender, receiver) = mpsc::channel(4);
    sender.send(item("first", question("JP", "2026-11-02"))).await.unwrap();
    sender.send(item("second", question("JP", "2026-11-02"))).await.unwrap();
    let mut answers = client.stream_duty(ReceiverStream::new(receiver)).await.unwrap().into_inner();
    for id in ["first", "second"] {
        assert_eq!(answers.message().await.unwrap().unwrap().request_id, id);
    }
    stop.send(()).unwrap();
    let status = answers.message().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.reason, "DRAINING");
    assert_eq!(info.metadata["last_answered_id"], "second");
    assert_eq!(info.metadata["answered"], "2");
}

#[tokio::test]
async fn a_silent_stream_is_ended() {
    let (mut client, _stop) = served(Duration::from_millis(50)).await;
    let (_sender, receiver) = mpsc::channel(1);
    let mut answers = client.stream_duty(ReceiverStream::new(receiver)).await.unwrap().into_inner();
    let status = answers.message().await.unwrap_err();
    assert_eq!((status.code(), reason(&status)), (Code::DeadlineExceeded, "STREAM_IDLE".into()));
}

fn candidate(id: &str, origin: &str, cost: &str) -> pb::OriginCandidate {
    pb::OriginCandidate {
        candidate_id: id.to_owned(),
        origin_region_code: origin.to_owned(),
        unit_cost: Some(money(cost)),
        ..pb::OriginCandidate::default()
    }
}

/// The Civic hybrid's choice, by car of an entry of 100, on a day.
fn civic(day: &str, candidates: Vec<pb::OriginCandidate>) -> pb::CompareOriginsRequest {
    pb::CompareOriginsRequest {
        importer_region_code: "US".to_owned(),
        entry_date: Some(date(day)),
        goods_code: "8703.40.00".to_owned(),
        units_per_entry: Some(decimal("100")),
        candidates,
        reporting_currency_code: "USD".to_owned(),
        ..pb::CompareOriginsRequest::default()
    }
}

#[tokio::test]
async fn origins_are_ranked_by_cost_landed() {
    let mut client = client().await;
    let mut japan = candidate("yorii", "JP", "24000.00 USD");
    japan.unit_freight = Some(money("1000.00 USD"));
    let greensburg = candidate("greensburg", "US", "28000.00 USD");
    // 2025-04-02: 2.5 % = 600.00; HMF 30.00; MPF 100 x 24,000.00 x 0.3464 % capped at 634.62, so
    // 6.3462 a car: 24,000 + 1,000 + 600 + 30 + 6.3462 = 25,636.3462 against 28,000.00.
    let request = civic("2025-04-02", vec![greensburg.clone(), japan.clone()]);
    let answer = client.compare_origins(request).await.unwrap().into_inner();
    assert_eq!(
        (answer.best_candidate_id.as_str(), answer.runner_up_candidate_id.as_str()),
        ("yorii", "greensburg")
    );
    assert_eq!(text(answer.origins[0].highest_unit_cost_landed.as_ref()), "25636.35 USD");
    assert_eq!(answer.origins[0].fees.as_ref().unwrap().value, "36.3462");
    assert_eq!(text(answer.highest_gap_per_unit.as_ref()), "2363.65 USD");
    assert!(answer.origins[1].local_supply && !answer.origins[0].local_supply);
    // 2025-04-03: 27.5 % = 6,600.00: 31,636.3462; home is the cheaper by 3,636.35.
    let request = civic("2025-04-03", vec![greensburg.clone(), japan.clone()]);
    let answer = client.compare_origins(request).await.unwrap().into_inner();
    assert_eq!(answer.best_candidate_id, "greensburg");
    assert_eq!(text(answer.lowest_gap_per_unit.as_ref()), "3636.35 USD");
    // 2025-09-16: 15 % in all = 3,600.00: 28,636.3462.
    let request = civic("2025-09-16", vec![greensburg, japan]);
    let answer = client.compare_origins(request).await.unwrap().into_inner();
    assert_eq!(text(answer.origins[1].lowest_unit_cost_landed.as_ref()), "28636.35 USD");
}

#[tokio::test]
async fn costs_are_planned_and_values_declared_at_rates_of_their_own() {
    let mut client = client().await;
    let rate = |from: &str, rate: &str| pb::ExchangeRate {
        from_currency_code: from.to_owned(),
        to_currency_code: "USD".to_owned(),
        rate: Some(decimal(rate)),
        published_on: Some(date("2026-10-30")),
    };
    let japan = candidate("yorii", "JP", "4000000 JPY");
    let mut request = civic("2026-11-02", vec![japan]);
    let status = client.compare_origins(request.clone()).await.unwrap_err();
    assert_eq!(
        faults(&status),
        [
            "candidates[0].unit_cost EXCHANGE_RATE_MISSING",
            "candidates[0].unit_cost EXCHANGE_RATE_MISSING"
        ],
        "one table is named by each"
    );
    request.world_state = Some(pb::WorldState {
        customs_exchange_rates: vec![rate("JPY", "0.0062")],
        planning_exchange_rates: vec![rate("JPY", "0.0070")],
        ..pb::WorldState::default()
    });
    let answer = client.compare_origins(request).await.unwrap().into_inner();
    let cost = &answer.origins[0];
    // Planned 28,000.00; declared 24,800.00 a car x 15 % = 3,720.00.
    assert_eq!(cost.unit_cost.as_ref().unwrap().value, "28000");
    assert_eq!(cost.duty.as_ref().unwrap().value, "3720");
    let tables: Vec<&str> = answer.exchange_rates.iter().map(|used| used.table.as_str()).collect();
    assert_eq!(tables, ["customs", "planning"]);
}

#[tokio::test]
async fn every_fault_of_a_comparison_is_told() {
    let mut client = client().await;
    let mut bad = candidate("", "UK", "-1.00 USD");
    bad.unit_freight = Some(money("1.00 XXQ"));
    let mut request = civic("2026-11-31", vec![bad, candidate("a", "JP", "1.00 USD")]);
    request.units_per_entry = Some(decimal("1.5"));
    request.reporting_currency_code = "DOLLARS".to_owned();
    let status = client.compare_origins(request).await.unwrap_err();
    assert_eq!(
        faults(&status),
        [
            "candidates[0].candidate_id REQUIRED",
            "candidates[0].origin_region_code UNKNOWN_REGION",
            "candidates[0].unit_cost OUT_OF_RANGE",
            "candidates[0].unit_freight UNKNOWN_CURRENCY",
            "entry_date INVALID_DATE",
            "reporting_currency_code UNKNOWN_CURRENCY",
            "units_per_entry OUT_OF_RANGE",
        ]
    );
}

fn pairs(dates: &[(&str, Option<&str>)]) -> Vec<pb::DatePair> {
    dates
        .iter()
        .map(|(entry, known_at)| pb::DatePair {
            entry_date: Some(date(entry)),
            known_at: known_at.map(date),
        })
        .collect()
}

#[tokio::test]
async fn dates_tell_what_changed_by_which_document_and_what_is_refundable() {
    let mut client = client().await;
    let request = pb::CompareDatesRequest {
        entry: Some(entry("8703.23.01", "JP", "30000.00 USD")),
        dates: pairs(&[
            ("2025-04-02", None),
            ("2025-04-03", None),
            ("2025-09-15", None),
            ("2025-09-16", None),
        ]),
        ..pb::CompareDatesRequest::default()
    };
    let answer = client.compare_dates(request).await.unwrap().into_inner();
    let difference = |index: usize| text(answer.changes[index].lowest_difference.as_ref());
    // 25 % of 30,000.00; nothing; 15 % in all for 27.5 %.
    assert_eq!(
        [difference(0), difference(1), difference(2)],
        ["7500.00 USD", "0.00 USD", "-3750.00 USD"]
    );
    let [tariff] = answer.changes[0].charges.as_slice() else { panic!("{:?}", answer.changes[0]) };
    assert_eq!((tariff.heading_before.as_str(), tariff.heading_after.as_str()), ("", "9903.94.01"));
    assert!(
        tariff
            .citations
            .iter()
            .any(|cited| cited.citation.contains("10908") || cited.citation == "90 FR 14705"),
        "{:?}",
        tariff.citations
    );
    assert!(answer.changes[1].charges.is_empty());
    assert_eq!(answer.changes[2].charges.len(), 2, "the column goes into the cap");
    assert!(
        answer.changes.iter().all(|change| change.refundable.is_none()),
        "two entries, no refund"
    );

    // German cars were cut on 2025-09-25 back to 2025-08-01: 27.5 % paid, 15 % due.
    let request = pb::CompareDatesRequest {
        entry: Some(entry("8703.23.01", "DE", "40000.00 USD")),
        dates: pairs(&[("2025-08-15", Some("2025-08-15")), ("2025-08-15", Some("2025-10-01"))]),
        ..pb::CompareDatesRequest::default()
    };
    let answer = client.compare_dates(request).await.unwrap().into_inner();
    assert_eq!(text(answer.changes[0].refundable.as_ref()), "5000.00 USD");
    let charges = &answer.changes[0].charges;
    let sum: i64 = charges.iter().map(|charge| charge.refundable.as_ref().unwrap().units).sum();
    assert_eq!(sum, 5000, "the charges' refunds add up");
    assert!(!answer.documents.is_empty());
}

#[tokio::test]
async fn dates_are_held_against_the_law_like_any_entry() {
    let mut client = client().await;
    let mut dated = entry("8703.99.99", "JP", "30000.00 USD");
    dated.entry_date = Some(date("2025-04-02"));
    let request = pb::CompareDatesRequest {
        entry: Some(dated),
        dates: pairs(&[("2025-04-31", None)]),
        ..pb::CompareDatesRequest::default()
    };
    let status = client.compare_dates(request).await.unwrap_err();
    assert_eq!(
        faults(&status),
        [
            "dates TOO_FEW",
            "dates[0].entry_date INVALID_DATE",
            "entry.entry_date NOT_ALLOWED",
            "entry.lines[0].goods.goods_code GOODS_CODE_NOT_IN_SCHEDULE",
        ]
    );
}

/// Worked scenario: 100,000 US-built cars at 35,000.00, assembled in June 2026, asked before and
/// after the extension of October 2025.
#[tokio::test]
async fn a_credit_is_earned_at_the_rate_known_spent_to_the_liability_and_carried() {
    let mut client = client().await;
    let asked = |known_at: &str| pb::CalculateCreditRequest {
        importer_region_code: "US".to_owned(),
        credit_id: "us-assembly-offset-cars".to_owned(),
        bases: vec![pb::CreditBase {
            assembled_on: Some(date("2026-06-15")),
            base: Some(money("3500000000.00 USD")),
        }],
        brought_forward: Some(money("1000000.00 USD")),
        liability: Some(money("50000000.00 USD")),
        known_at: Some(date(known_at)),
        ..pb::CalculateCreditRequest::default()
    };
    // 3.5 bn x 2.5 % = 87.5 m; 1 m was left; 50 m owed.
    let before = client.calculate_credit(asked("2025-10-01")).await.unwrap().into_inner();
    assert_eq!(before.earned[0].rate, "2.5%");
    assert_eq!(text(before.total_earned.as_ref()), "87500000.00 USD");
    assert_eq!(text(before.spent.as_ref()), "50000000.00 USD");
    assert_eq!(text(before.carried_forward.as_ref()), "38500000.00 USD");
    // 3.5 bn x 3.75 % = 131.25 m.
    let after = client.calculate_credit(asked("2025-12-01")).await.unwrap().into_inner();
    assert_eq!(after.earned[0].rate, "3.75%");
    assert_eq!(text(after.total_earned.as_ref()), "131250000.00 USD");
    assert!(!after.documents.is_empty() && !after.evidence.is_empty());
    let mut wrong = asked("2025-12-01");
    wrong.credit_id = "nothing".to_owned();
    wrong.liability = Some(money("1.00 JPY"));
    let status = client.calculate_credit(wrong).await.unwrap_err();
    assert_eq!(faults(&status), ["credit_id CREDIT_UNKNOWN", "liability WRONG_CURRENCY"]);
}

/// A flood whose answers are never read: its place is free again at the deadline.
#[tokio::test]
async fn a_client_that_never_reads_keeps_no_place() {
    let (mut client, _stop) = served_with(Duration::from_secs(30), 1).await;
    let (entries, received) = mpsc::channel(64);
    tokio::spawn(async move {
        while entries.send(item("1", question("JP", "2026-11-02"))).await.is_ok() {}
    });
    let mut request = tonic::Request::new(ReceiverStream::new(received));
    request.metadata_mut().insert("grpc-timeout", "300m".parse().unwrap());
    let unread = client.stream_duty(request).await.unwrap();
    let next = |client: &Client| {
        let mut client = client.clone();
        async move {
            let items = tokio_stream::iter([item("2", question("JP", "2026-11-02"))]);
            client.stream_duty(items).await
        }
    };
    let status = next(&client).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::ResourceExhausted, "SERVER_BUSY"));
    let admitted = tokio::time::timeout(Duration::from_mins(1), async {
        while next(&client).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    admitted.await.unwrap();
    drop(unread);
}

#[tokio::test]
async fn a_client_that_never_pauses_is_ended_at_its_deadline() {
    let mut client = client().await;
    let (entries, received) = mpsc::channel(64);
    tokio::spawn(async move {
        while entries.send(item("1", question("JP", "2026-11-02"))).await.is_ok() {}
    });
    let mut request = tonic::Request::new(ReceiverStream::new(received));
    request.metadata_mut().insert("grpc-timeout", "200m".parse().unwrap());
    let mut answers = client.stream_duty(request).await.unwrap().into_inner();
    let ended = tokio::time::timeout(Duration::from_mins(1), async {
        loop {
            match answers.message().await {
                Ok(Some(_)) => {}
                Ok(None) => panic!("the stream ended without a status"),
                Err(status) => return status,
            }
        }
    });
    let status = ended.await.unwrap();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
    );
}

#[tokio::test]
async fn no_origin_is_best_where_no_cost_is_known() {
    let mut client = client().await;
    let candidates =
        vec![candidate("dear", "JP", "90000.00 USD"), candidate("cheap", "IN", "100.00 USD")];
    // Before the law held.
    let ranking =
        client.compare_origins(civic("2024-01-01", candidates)).await.unwrap().into_inner();
    assert_eq!(
        (ranking.best_candidate_id.as_str(), ranking.runner_up_candidate_id.as_str()),
        ("", "")
    );
}

#[tokio::test]
async fn what_all_articles_cost_is_bounded() {
    let mut client = client().await;
    let mut question = civic("2026-11-02", vec![candidate("a", "JP", "9000000000000.00 USD")]);
    question.units_per_entry = Some(decimal("1000000"));
    let status = client.compare_origins(question).await.unwrap_err();
    assert_eq!(faults(&status), ["candidates[0].unit_cost OUT_OF_RANGE"]);
}
