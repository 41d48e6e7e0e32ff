//! Requests made to hurt: whatever the fields hold, the service answers or
//! tells every fault with its path and a reason, and never panics.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

use portolan::app::DutyDesk;
use portolan::grpc::{DutyApi, FaultLimits, Limits, StreamLimits};
use portolan::proto::google::r#type as google;
use portolan::proto::portolan::tariff::v1 as pb;
use portolan::proto::portolan::tariff::v1::duty_service_server::DutyService;
use portolan::store::bundled_schedules;
use proptest::prelude::*;
use prost::Message;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use tokio::runtime::Runtime;
use tonic::{Code, Request};
use tonic_types::StatusExt;

static ASKED: AtomicU32 = AtomicU32::new(0);
static ANSWERED: AtomicU32 = AtomicU32::new(0);
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static API: LazyLock<DutyApi> = LazyLock::new(|| {
    let desk = DutyDesk::new(bundled_schedules().unwrap(), "vehicles").unwrap();
    let limits =
        Limits { lines: 50, validation_errors: FaultLimits { count: 100, bytes: usize::MAX } };
    DutyApi::new(Arc::new(desk.into()), limits, StreamLimits::default())
});

/// Mostly the first, which is good; else another known one, or nonsense. Were
/// every field as likely bad as good, next to no request would reach the engine.
fn text(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        250 => Just(known[0].to_owned()),
        12 => prop::sample::select(known).prop_map(str::to_owned),
        1 => ".{0,60}",
        1 => Just(String::new()),
        1 => Just("é".repeat(300)),
    ]
}

/// A list that is mostly empty.
fn seldom<T: Clone + std::fmt::Debug>(
    element: impl Strategy<Value = T>,
) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![7 => Just(0..1), 3 => Just(1..3)].prop_flat_map({
        let element = std::sync::Arc::new(element);
        move |size| prop::collection::vec(element.clone(), size)
    })
}

fn decimal() -> impl Strategy<Value = google::Decimal> {
    text(&[
        "1",
        "0",
        "2.5",
        "-1",
        "1e3",
        "1e-30",
        "1e400",
        "NaN",
        "inf",
        "0x10",
        "1_000",
        "+7",
        "79228162514264337593543950335",
        "0.0000000000000000000000000001",
        "1000000000000",
        "9999",
        "1999",
        "2026.5",
    ])
    .prop_map(|value| google::Decimal { value })
}

fn money() -> impl Strategy<Value = google::Money> {
    let currency = text(&["USD", "JPY", "EUR", "XXX", "usd", "US"]);
    let units = prop_oneof![
        Just(0),
        Just(1),
        Just(30_000),
        Just(i64::MAX),
        Just(i64::MIN),
        any::<i64>(),
        0..10_000_000_000_001i64
    ];
    let nanos = prop_oneof![20 => Just(0), 1 => Just(10_000_000), 1 => any::<i32>()];
    (currency, units, nanos).prop_map(|(currency_code, units, nanos)| google::Money {
        currency_code,
        units,
        nanos,
    })
}

fn date() -> impl Strategy<Value = google::Date> {
    let year = prop_oneof![30 => 2024..2028, 1 => any::<i32>()];
    let month = prop_oneof![30 => 1..13, 1 => 0..14, 1 => any::<i32>()];
    let day = prop_oneof![30 => 1..29, 1 => 0..33, 1 => any::<i32>()];
    (year, month, day).prop_map(|(year, month, day)| google::Date { year, month, day })
}

fn fact() -> impl Strategy<Value = pb::Fact> {
    let value = prop_oneof![
        any::<bool>().prop_map(pb::fact::Value::Truth),
        decimal().prop_map(pb::fact::Value::Number),
        money().prop_map(pb::fact::Value::Content),
        date().prop_map(pb::fact::Value::Date),
    ];
    let id =
        text(&["build-year", "us-content", "steel-content", "medium-or-heavy-duty", "loaded-on"]);
    (id, prop::option::of(value)).prop_map(|(fact_id, value)| pb::Fact { fact_id, value })
}

fn goods() -> impl Strategy<Value = pb::Goods> {
    let code = text(&[
        "8703.23.01",
        "8703",
        "870323",
        "8704.60.00",
        "8703.21.01",
        "8708.99.81",
        "87032301990",
    ]);
    let origin = text(&["JP", "GB", "MX", "CN", "RU", "AU", "UK", "jp", "ZZ"]);
    let unit = text(&["NAR", "KGM", "nar", "C62"]);
    let quantity = (prop::option::of(decimal()), unit)
        .prop_map(|(amount, unit_code)| pb::Quantity { amount, unit_code });
    (
        code,
        origin,
        prop::option::weighted(0.98, money()),
        prop::option::of(money()),
        prop::option::of(money()),
        seldom(quantity),
        seldom(fact()),
    )
        .prop_map(
            |(
                goods_code,
                origin_region_code,
                transaction_value,
                freight,
                insurance,
                quantities,
                facts,
            )| {
                pb::Goods {
                    goods_code,
                    origin_region_code,
                    transaction_value,
                    freight,
                    insurance,
                    quantities,
                    facts,
                    ..pb::Goods::default()
                }
            },
        )
}

fn rate_date() -> impl Strategy<Value = pb::RateDate> {
    (prop_oneof![20 => 0..4, 1 => any::<i32>()], prop::option::of(date()))
        .prop_map(|(basis, date)| pb::RateDate { basis, date })
}

fn line() -> impl Strategy<Value = pb::EntryLine> {
    let elections = (
        text(&["S", "KR", "AU", "D", "A+", "XX"]),
        prop::collection::vec(text(&["commerce-us-content-approval", "something-else"]), 0..3),
        seldom(text(&["us-uk-cars"])),
        seldom(text(&["us-assembly-offset-cars"])),
        any::<bool>(),
    )
        .prop_map(
            |(preference_symbol, certification_ids, quota_ids, credit_ids, separately)| {
                pb::Elections {
                    preference_symbol,
                    certification_ids,
                    quota_ids,
                    credit_ids,
                    report_column_separately: separately,
                }
            },
        );
    (
        prop_oneof![30 => "[a-z]{8}", 1 => Just("twice".to_owned()), 1 => ".{0,90}"],
        prop::option::weighted(0.98, goods()),
        prop::option::of(elections),
    )
        .prop_map(|(line_id, goods, elections)| pb::EntryLine { line_id, goods, elections })
}

fn request() -> impl Strategy<Value = pb::CalculateDutyRequest> {
    let entry =
        (
            text(&["US", "JP", "us"]),
            prop::option::weighted(0.98, date()),
            prop_oneof![20 => 0..5, 1 => any::<i32>()],
            prop_oneof![5 => prop::collection::vec(line(), 1..2), 2 => prop::collection::vec(line(), 0..4)],
            prop::option::weighted(0.1, rate_date()),
        )
            .prop_map(|(importer_region_code, entry_date, transport_mode, lines, rate_date)| {
                pb::Entry { importer_region_code, entry_date, transport_mode, lines, rate_date }
            });
    let period = (prop::option::of(date()), prop::option::of(decimal()))
        .prop_map(|(period_start, used)| pb::PeriodUse { period_start, used });
    let balance = (text(&["us-uk-cars"]), prop::option::of(decimal()), seldom(period))
        .prop_map(|(quota_id, remaining, used)| pb::QuotaBalance { quota_id, remaining, used });
    let credit = (text(&["us-assembly-offset-cars"]), prop::option::of(money()))
        .prop_map(|(credit_id, remaining)| pb::CreditBalance { credit_id, remaining });
    let rate = (
        text(&["JPY", "EUR", "USD"]),
        text(&["USD"]),
        prop::option::of(decimal()),
        prop::option::of(date()),
    )
        .prop_map(|(from_currency_code, to_currency_code, rate, published_on)| {
            pb::ExchangeRate { from_currency_code, to_currency_code, rate, published_on }
        });
    let world = (seldom(balance), seldom(rate), seldom(credit)).prop_map(
        |(quota_balances, customs_exchange_rates, credit_balances)| pb::WorldState {
            quota_balances,
            customs_exchange_rates,
            credit_balances,
            ..pb::WorldState::default()
        },
    );
    (
        prop::option::weighted(0.97, entry),
        prop::option::of(world),
        prop::option::of(date()),
        text(&["", "schedules/vehicles", "vehicles", "schedules/x@y", "@"]),
        prop_oneof![20 => 0..3, 1 => any::<i32>()],
    )
        .prop_map(|(entry, world_state, known_at, schedule, view)| pb::CalculateDutyRequest {
            entry,
            world_state,
            known_at,
            schedule,
            view,
        })
}

fn answered_or_told(request: pb::CalculateDutyRequest) {
    ASKED.fetch_add(1, Ordering::Relaxed);
    let Err(status) = RUNTIME.block_on(API.calculate_duty(Request::new(request))) else {
        ANSWERED.fetch_add(1, Ordering::Relaxed);
        return;
    };
    match status.code() {
        Code::InvalidArgument => {
            let faults = status.get_details_bad_request().unwrap().field_violations;
            assert!(!faults.is_empty());
            for fault in faults {
                assert!(!fault.field.is_empty() && !fault.description.is_empty());
                assert!(
                    !fault.reason.is_empty()
                        && fault.reason.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'),
                    "{fault:?}"
                );
            }
        }
        Code::NotFound | Code::FailedPrecondition => {
            assert!(!status.get_details_error_info().unwrap().reason.is_empty());
        }
        _ => panic!("{status}"),
    }
}

#[test]
fn no_request_hurts() {
    proptest!(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() }, |(request in request())| answered_or_told(request));
    // Both sides are reached, or the test shows little.
    let (asked, answered) = (ASKED.load(Ordering::Relaxed), ANSWERED.load(Ordering::Relaxed));
    assert!(answered > asked / 50 && answered < asked, "{answered} of {asked} were answered");
}

proptest! {
    #[test]
    fn no_bytes_hurt(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(request) = pb::CalculateDutyRequest::decode(bytes.as_slice()) {
            answered_or_told(request);
        }
    }
}

/// A request that is good but for some bytes, sent to each of the other calls.
fn bent(good: &impl Message, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut encoded = good.encode_to_vec();
    let start = at % encoded.len();
    for (place, byte) in encoded.iter_mut().skip(start).zip(bytes) {
        *place = *byte;
    }
    encoded
}

fn sound<T>(outcome: Result<tonic::Response<T>, tonic::Status>) {
    let Err(status) = outcome else { return };
    match status.code() {
        Code::InvalidArgument => {
            assert!(!status.get_details_bad_request().unwrap().field_violations.is_empty());
        }
        Code::NotFound | Code::FailedPrecondition => {
            assert!(!status.get_details_error_info().unwrap().reason.is_empty());
        }
        _ => panic!("{status}"),
    }
}

fn good_money(units: i64) -> google::Money {
    google::Money { currency_code: "USD".to_owned(), units, nanos: 0 }
}

fn good_entry() -> pb::Entry {
    pb::Entry {
        importer_region_code: "US".to_owned(),
        lines: vec![pb::EntryLine {
            line_id: "1".to_owned(),
            goods: Some(pb::Goods {
                goods_code: "8703.23.01".to_owned(),
                origin_region_code: "GB".to_owned(),
                transaction_value: Some(good_money(30_000)),
                ..pb::Goods::default()
            }),
            ..pb::EntryLine::default()
        }],
        ..pb::Entry::default()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bent_comparison_hurts(at in 0usize..400, bytes in prop::collection::vec(any::<u8>(), 1..4)) {
        let day = google::Date { year: 2026, month: 11, day: 2 };
        let pair = |year| pb::DatePair {
            entry_date: Some(google::Date { year, ..day }),
            known_at: None,
        };
        let dates = pb::CompareDatesRequest {
            entry: Some(good_entry()),
            dates: vec![pair(2025), pair(2026)],
            ..pb::CompareDatesRequest::default()
        };
        if let Ok(request) = pb::CompareDatesRequest::decode(bent(&dates, at, &bytes).as_slice()) {
            sound(RUNTIME.block_on(API.compare_dates(Request::new(request))));
        }
        let candidate = |id: &str, origin: &str| pb::OriginCandidate {
            candidate_id: id.to_owned(),
            origin_region_code: origin.to_owned(),
            unit_cost: Some(good_money(20_000)),
            unit_freight: Some(good_money(1_000)),
            ..pb::OriginCandidate::default()
        };
        let origins = pb::CompareOriginsRequest {
            importer_region_code: "US".to_owned(),
            entry_date: Some(day),
            goods_code: "8703.23.01".to_owned(),
            units_per_entry: Some(google::Decimal { value: "10".to_owned() }),
            candidates: vec![candidate("a", "JP"), candidate("b", "US")],
            reporting_currency_code: "USD".to_owned(),
            ..pb::CompareOriginsRequest::default()
        };
        if let Ok(request) = pb::CompareOriginsRequest::decode(bent(&origins, at, &bytes).as_slice()) {
            sound(RUNTIME.block_on(API.compare_origins(Request::new(request))));
        }
        let credit = pb::CalculateCreditRequest {
            importer_region_code: "US".to_owned(),
            credit_id: "us-assembly-offset-cars".to_owned(),
            bases: vec![pb::CreditBase { assembled_on: Some(day), base: Some(good_money(1_000_000)) }],
            liability: Some(good_money(5_000)),
            ..pb::CalculateCreditRequest::default()
        };
        if let Ok(request) = pb::CalculateCreditRequest::decode(bent(&credit, at, &bytes).as_slice()) {
            sound(RUNTIME.block_on(API.calculate_credit(Request::new(request))));
        }
    }
}

#[test]
fn every_fault_is_told_at_once() {
    let bad_line = |id: &str| pb::EntryLine {
        line_id: id.to_owned(),
        goods: Some(pb::Goods {
            goods_code: "8703.99.99".to_owned(),
            origin_region_code: "UK".to_owned(),
            transaction_value: Some(google::Money {
                currency_code: "EUR".to_owned(),
                units: 5,
                nanos: 0,
            }),
            freight: Some(google::Money { currency_code: "USD".to_owned(), units: -5, nanos: 0 }),
            insurance: None,
            quantities: vec![pb::Quantity { amount: None, unit_code: "kg".to_owned() }],
            facts: vec![pb::Fact {
                fact_id: "colour".to_owned(),
                value: Some(pb::fact::Value::Truth(true)),
            }],
            ..pb::Goods::default()
        }),
        elections: Some(pb::Elections {
            preference_symbol: "ZZ".to_owned(),
            certification_ids: vec!["none".to_owned()],
            quota_ids: vec!["none".to_owned()],
            credit_ids: vec!["none".to_owned()],
            ..pb::Elections::default()
        }),
    };
    let request = pb::CalculateDutyRequest {
        entry: Some(pb::Entry {
            importer_region_code: "US".to_owned(),
            entry_date: Some(google::Date { year: 2025, month: 2, day: 30 }),
            transport_mode: 9,
            lines: vec![bad_line("1"), bad_line("1")],
            ..pb::Entry::default()
        }),
        known_at: Some(google::Date { year: 2025, month: 13, day: 1 }),
        ..pb::CalculateDutyRequest::default()
    };
    let status = RUNTIME.block_on(API.calculate_duty(Request::new(request))).unwrap_err();
    let mut told: Vec<String> = status
        .get_details_bad_request()
        .unwrap()
        .field_violations
        .iter()
        .map(|fault| format!("{} {}", fault.field, fault.reason))
        .collect();
    told.sort();
    let mut wanted = vec![
        "known_at INVALID_DATE".to_owned(),
        "entry.entry_date INVALID_DATE".to_owned(),
        "entry.transport_mode UNKNOWN_ENUM_VALUE".to_owned(),
        "entry.lines[1].line_id DUPLICATE".to_owned(),
    ];
    for line in 0..2 {
        for fault in [
            "goods.goods_code GOODS_CODE_NOT_IN_SCHEDULE",
            "goods.origin_region_code UNKNOWN_REGION",
            "goods.transaction_value EXCHANGE_RATE_MISSING",
            "goods.freight OUT_OF_RANGE",
            "goods.quantities[0].amount REQUIRED",
            "goods.quantities[0].unit_code MALFORMED_UNIT",
            "goods.facts[0].fact_id FACT_UNKNOWN",
            "elections.preference_symbol PREFERENCE_UNKNOWN",
            "elections.certification_ids[0] CERTIFICATION_UNKNOWN",
            "elections.quota_ids[0] QUOTA_UNKNOWN",
            "elections.credit_ids[0] CREDIT_UNKNOWN",
        ] {
            wanted.push(format!("entry.lines[{line}].{fault}"));
        }
    }
    wanted.sort();
    assert_eq!(told, wanted);
}

#[test]
fn until_the_schedules_are_loaded_a_call_is_told_to_come_back() {
    let limits =
        Limits { lines: 1, validation_errors: FaultLimits { count: 1, bytes: usize::MAX } };
    let starting = DutyApi::new(Arc::default(), limits, StreamLimits::default());
    let request = Request::new(pb::CalculateDutyRequest::default());
    let status = RUNTIME.block_on(starting.calculate_duty(request)).unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.get_details_error_info().unwrap().reason, "STARTING");
}
