//! The wire of sourcing: every fault of a request at once with its path,
//! requests made to hurt, and what is refused. Nothing here is solved.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

use opentelemetry::metrics::Meter;
use portolan::app::{DutyDesk, SearchLimits, SourcingDesk};
use portolan::grpc::health::Health;
use portolan::grpc::server::Server;
use portolan::grpc::{AwaitedSourcingDesk, FaultLimits, SolveLimits, SourcingApi};
use portolan::proto::DESCRIPTORS;
use portolan::proto::google::r#type as google;
use portolan::proto::portolan::sourcing::v1 as pb;
use portolan::proto::portolan::sourcing::v1::sourcing_service_client::SourcingServiceClient;
use portolan::proto::portolan::sourcing::v1::sourcing_service_server::{
    SourcingService, SourcingServiceServer,
};
use portolan::proto::portolan::tariff::v1 as tariff;
use portolan::settings::{Settings, SolverSettings};
use portolan::solver::SolverPool;
use portolan::store::bundled_schedules;
use proptest::prelude::*;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_stream::StreamExt;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static API: LazyLock<SourcingApi> = LazyLock::new(api);
static EXAMPLE: LazyLock<pb::OptimizeSourcingRequest> = LazyLock::new(read_example);

/// More faults are told than any server would, so that none is missed here.
const LIMITS: SolveLimits = SolveLimits {
    validation_errors: FaultLimits { count: 20_000, bytes: usize::MAX },
    longest: Duration::from_mins(1),
    retry_after: Duration::from_millis(200),
};

fn api() -> SourcingApi {
    SourcingApi::new(RUNTIME.block_on(desk()), LIMITS)
}

/// The bundled law, and one solver process.
async fn desk() -> AwaitedSourcingDesk {
    let duties = DutyDesk::new(bundled_schedules().unwrap(), "vehicles").unwrap();
    let solver = SolverSettings {
        program: Some(env!("CARGO_BIN_EXE_portolan").into()),
        processes: 1,
        ..Settings::load_from(None, []).unwrap().solver
    };
    let limits = SearchLimits {
        default_time: solver.default_time,
        max_time: solver.max_time,
        threads: solver.threads,
    };
    let pool = SolverPool::start(&solver, &meter()).await.unwrap();
    Arc::new(SourcingDesk::new(duties, pool, limits).into())
}

fn meter() -> Meter {
    opentelemetry::global::meter("test")
}

/// Asks for a problem to be checked, and no more.
fn checked(request: pb::OptimizeSourcingRequest) -> Result<pb::OptimizeSourcingResponse, Status> {
    let request =
        pb::OptimizeSourcingRequest { mode: pb::SolvingMode::ValidateOnly.into(), ..request };
    asked(request)
}

fn asked(request: pb::OptimizeSourcingRequest) -> Result<pb::OptimizeSourcingResponse, Status> {
    RUNTIME.block_on(API.optimize_sourcing(Request::new(request))).map(tonic::Response::into_inner)
}

fn evaluated(request: pb::EvaluatePlanRequest) -> Result<pb::EvaluatePlanResponse, Status> {
    RUNTIME.block_on(API.evaluate_plan(Request::new(request))).map(tonic::Response::into_inner)
}

/// The faults of a refused request as `path REASON`; none where it was refused
/// for something else, or not at all.
fn faults<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let Err(status) = answer else { return Vec::new() };
    let Some(told) = status.get_details_bad_request() else { return Vec::new() };
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    told.field_violations.iter().map(|fault| format!("{} {}", fault.field, fault.reason)).collect()
}

/// Whatever else is found, these faults are, each once.
fn assert_told(told: &[String], expected: &[&str]) {
    for fault in expected {
        let times = told.iter().filter(|told| told == fault).count();
        assert_eq!(times, 1, "{fault} among {told:#?}");
    }
}

fn date(text: &str) -> google::Date {
    let parts: Vec<i32> = text.split('-').map(|part| part.parse().unwrap()).collect();
    google::Date { year: parts[0], month: parts[1], day: parts[2] }
}

fn money(units: i64, currency: &str) -> google::Money {
    google::Money { currency_code: currency.to_owned(), units, nanos: 0 }
}

fn decimal(text: &str) -> google::Decimal {
    google::Decimal { value: text.to_owned() }
}

/// The example: sound in every field.
fn example() -> pb::OptimizeSourcingRequest {
    EXAMPLE.clone()
}

fn read_example() -> pb::OptimizeSourcingRequest {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/sourcing-two-plants.json");
    let text = std::fs::read_to_string(path).unwrap();
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    let name = "portolan.sourcing.v1.OptimizeSourcingRequest";
    let mut json = serde_json::Deserializer::from_str(&text);
    let read =
        DynamicMessage::deserialize(pool.get_message_by_name(name).unwrap(), &mut json).unwrap();
    pb::OptimizeSourcingRequest::decode(read.encode_to_vec().as_slice()).unwrap()
}

fn problem() -> pb::SourcingProblem {
    example().problem.unwrap()
}

fn request(problem: pb::SourcingProblem) -> pb::OptimizeSourcingRequest {
    pb::OptimizeSourcingRequest { problem: Some(problem), ..example() }
}

#[test]
fn the_example_has_no_fault() {
    assert_eq!(faults(checked(example())), Vec::<String>::new());
}

#[test]
fn an_empty_request_is_told_what_it_needs() {
    assert_eq!(faults(asked(pb::OptimizeSourcingRequest::default())), ["problem REQUIRED"]);
    assert_eq!(
        faults(evaluated(pb::EvaluatePlanRequest::default())),
        ["problem REQUIRED", "decisions REQUIRED"]
    );
    assert_eq!(
        faults(asked(request(pb::SourcingProblem::default()))),
        [
            "problem.reporting_currency_code REQUIRED",
            "problem.periods REQUIRED",
            "problem.model_lines REQUIRED",
            "problem.plants REQUIRED",
            "problem.production_options REQUIRED",
            "problem.markets REQUIRED",
            "problem.demands REQUIRED",
            "problem.lanes REQUIRED",
        ]
    );
}

#[test]
fn every_fault_of_a_problem_is_told_at_once() {
    let mut bad = problem();
    bad.annual_discount_rate = Some(decimal("1.5"));
    bad.labour_hours_per_job = Some(decimal("0"));
    bad.objective = 9;
    bad.units = -1;
    bad.periods[0].period_id = "x".repeat(65);
    bad.periods[1].start_date = Some(google::Date { year: 2026, month: 2, day: 30 });
    bad.planning_exchange_rates[0].rates = vec![decimal("0"), decimal("1e400")];
    bad.planning_exchange_rates.push(pb::PlanningExchangeRate {
        currency_code: "YEN".to_owned(),
        rates: vec![decimal("1"); 3],
    });
    bad.model_lines[0].capacity_use = Some(decimal("-1"));
    bad.model_lines[0].goods[1].goods_code = "87".to_owned();
    bad.model_lines[0].goods[1].facts.push(tariff::Fact::default());
    let plant = &mut bad.plants[1];
    plant.region_code = "Ohio".to_owned();
    plant.capacity = vec![decimal("-40000"), decimal("60_000")];
    plant.fixed_cost = Some(money(-1, "USD"));
    plant.ramp = vec![decimal("0.5"), decimal("1.01")];
    plant.least_run = Some(decimal("NaN"));
    plant.expansions[0].capacity = None;
    plant.expansions[0].lead_periods = 121;
    bad.production_options[0].labour_cost = Some(money(1, "USD"));
    bad.production_options[0].customs[0].customs_value_rule = None;
    bad.production_options[0].customs[0].content_shares =
        vec![pb::ContentShare { fact_id: String::new(), share: Some(decimal("2")) }];
    let option = &mut bad.production_options[1];
    (option.labour_cost, option.parts_cost, option.other_cost) = (None, None, None);
    option.lead_periods = -1;
    option.part_kits[0].value = Some(money(0, "USD"));
    option.part_kits[0].kits_per_entry = 1_000_001;
    option.part_kits[0].facts[0].fact_id = String::new();
    option.customs[0].customs_value_rule =
        Some(pb::customs_treatment::CustomsValueRule::UnitCostFactor(decimal("100.5")));
    bad.markets[1].homologations[0].cost = None;
    bad.demands[0].volume = vec![decimal("1"); 3];
    bad.demands[0].net_price = vec![money(1, "XXX")];
    bad.demands[1].volume = vec![decimal("0.5")];
    bad.lanes[0].transit_days = 366;
    bad.lanes[0].vehicles_per_entry = -5;
    bad.lanes[0].transport_mode = 77;
    bad.lanes[0].freight = Some(google::Money { nanos: 1, ..money(1, "USD") });
    bad.lanes[1].departure_profile =
        vec![pb::DepartureShare { day: 0, share: Some(decimal("0.4")) }];
    bad.lanes[2].departure_profile = vec![pb::DepartureShare { day: -1, share: None }];
    bad.lanes[3].market_id = String::new();
    bad.trade_policy = Some(faulty_policy());
    bad.limits = Some(faulty_limits());
    let budget = pb::SearchBudget {
        time_limit: Some(prost_types::Duration { seconds: -1, nanos: 0 }),
        relative_gap: Some(decimal("1.1")),
        lp_iterations: -1,
        nodes: -1,
        seed: -1,
    };
    let told = faults(asked(pb::OptimizeSourcingRequest {
        problem: Some(bad),
        budget: Some(budget),
        mode: 3,
        view: 7,
    }));
    assert_told(&told, FAULTS_OF_A_PROBLEM);
    assert!(told.len() >= FAULTS_OF_A_PROBLEM.len());
}

const FAULTS_OF_A_PROBLEM: &[&str] = &[
    "problem.annual_discount_rate OUT_OF_RANGE",
    "problem.labour_hours_per_job OUT_OF_RANGE",
    "problem.objective UNKNOWN_ENUM_VALUE",
    "problem.units UNKNOWN_ENUM_VALUE",
    "problem.periods[0].period_id TOO_LONG",
    "problem.periods[1].start_date INVALID_DATE",
    "problem.planning_exchange_rates[0].rates[0] OUT_OF_RANGE",
    "problem.planning_exchange_rates[0].rates[1] MALFORMED_DECIMAL",
    "problem.planning_exchange_rates[1].currency_code UNKNOWN_CURRENCY",
    "problem.planning_exchange_rates[1].rates SERIES_LENGTH",
    "problem.model_lines[0].capacity_use OUT_OF_RANGE",
    "problem.model_lines[0].goods[1].goods_code MALFORMED_GOODS_CODE",
    "problem.model_lines[0].goods[1].facts[0].fact_id REQUIRED",
    "problem.model_lines[0].goods[1].facts[0].value REQUIRED",
    "problem.plants[1].region_code UNKNOWN_REGION",
    "problem.plants[1].capacity[0] OUT_OF_RANGE",
    "problem.plants[1].capacity[1] MALFORMED_DECIMAL",
    "problem.plants[1].fixed_cost OUT_OF_RANGE",
    "problem.plants[1].ramp[1] OUT_OF_RANGE",
    "problem.plants[1].least_run MALFORMED_DECIMAL",
    "problem.plants[1].expansions[0].capacity REQUIRED",
    "problem.plants[1].expansions[0].lead_periods OUT_OF_RANGE",
    "problem.production_options[0].unit_cost NOT_ALLOWED",
    "problem.production_options[0].customs[0].content_shares[0].fact_id REQUIRED",
    "problem.production_options[0].customs[0].content_shares[0].share OUT_OF_RANGE",
    "problem.production_options[1].unit_cost REQUIRED",
    "problem.production_options[1].lead_periods OUT_OF_RANGE",
    "problem.production_options[1].part_kits[0].value OUT_OF_RANGE",
    "problem.production_options[1].part_kits[0].kits_per_entry OUT_OF_RANGE",
    "problem.production_options[1].part_kits[0].facts[0].fact_id REQUIRED",
    "problem.production_options[1].customs[0].unit_cost_factor OUT_OF_RANGE",
    "problem.markets[1].homologations[0].cost REQUIRED",
    "problem.demands[0].volume SERIES_LENGTH",
    "problem.demands[0].net_price[0] UNKNOWN_CURRENCY",
    "problem.lanes[0].transit_days OUT_OF_RANGE",
    "problem.lanes[0].vehicles_per_entry OUT_OF_RANGE",
    "problem.lanes[0].transport_mode UNKNOWN_ENUM_VALUE",
    "problem.lanes[0].freight TOO_PRECISE",
    "problem.lanes[1].departure_profile OUT_OF_RANGE",
    "problem.lanes[2].departure_profile[0].day OUT_OF_RANGE",
    "problem.lanes[2].departure_profile[0].share REQUIRED",
    "problem.lanes[3].market_id REQUIRED",
    "problem.trade_policy.known_at INVALID_DATE",
    "problem.trade_policy.open_law UNKNOWN_ENUM_VALUE",
    "problem.trade_policy.measure_overrides[0].importer_region_code UNKNOWN_REGION",
    "problem.trade_policy.measure_overrides[0].measure_id TOO_LONG",
    "problem.trade_policy.measure_overrides[0].rate MALFORMED_RATE",
    "problem.trade_policy.measure_overrides[1].change REQUIRED",
    "problem.trade_policy.measure_overrides[1].end_date OUT_OF_RANGE",
    "problem.trade_policy.measure_overrides[2].suspended NOT_ALLOWED",
    "problem.trade_policy.measure_overrides[3].rate TOO_LONG",
    "problem.trade_policy.stated_duties[0].importer_region_code REQUIRED",
    "problem.trade_policy.stated_duties[0].origin_region_code UNKNOWN_REGION",
    "problem.trade_policy.stated_duties[0].rate OUT_OF_RANGE",
    "problem.trade_policy.quotas[0].used[0].period_start REQUIRED",
    "problem.trade_policy.quotas[0].used[1].used OUT_OF_RANGE",
    "problem.trade_policy.quotas[0].rivals_use[0].used REQUIRED",
    "problem.trade_policy.credits[0].credit_id REQUIRED",
    "problem.trade_policy.credits[0].brought_forward OUT_OF_RANGE",
    "problem.trade_policy.credits[0].earnings[0].base REQUIRED",
    "problem.trade_policy.customs_exchange_rates[0].rate OUT_OF_RANGE",
    "problem.limits.most_moves OUT_OF_RANGE",
    "problem.limits.domestic_floors[0].floor REQUIRED",
    "problem.limits.domestic_floors[1].share_of_sales OUT_OF_RANGE",
    "problem.limits.domestic_floors[1].shortfall_penalty OUT_OF_RANGE",
    "problem.limits.origin_caps[0].cap_id REQUIRED",
    "problem.limits.origin_caps[0].most_share REQUIRED",
    "problem.limits.production_limits[0].least OUT_OF_RANGE",
    "problem.limits.production_limits[0].period_ids[0] REQUIRED",
    "problem.limits.flow_limits[0].most MALFORMED_DECIMAL",
    "problem.limits.fixed_plants[0].plant_id REQUIRED",
    "problem.limits.fixed_launches[0].period_id REQUIRED",
    "problem.limits.capital_budgets[0].amount REQUIRED",
    "problem.limits.trade_balance_bounds[0].least OUT_OF_RANGE",
    "problem.limits.trade_balance_bounds[1].least MALFORMED_MONEY",
    "problem.limits.export_commitments[0].units_per_year REQUIRED",
    "problem.trade_policy.conditional_reliefs[0].units_per_year OUT_OF_RANGE",
    "problem.trade_policy.conditional_reliefs[0].measure REQUIRED",
    "problem.trade_policy.conditional_reliefs[0].rate OUT_OF_RANGE",
    "budget.time_limit OUT_OF_RANGE",
    "budget.relative_gap OUT_OF_RANGE",
    "budget.lp_iterations OUT_OF_RANGE",
    "budget.nodes OUT_OF_RANGE",
    "budget.seed OUT_OF_RANGE",
    "mode UNKNOWN_ENUM_VALUE",
    "view UNKNOWN_ENUM_VALUE",
];

fn faulty_policy() -> pb::TradePolicy {
    use pb::measure_override::Change;
    let change = |change| pb::MeasureOverride {
        importer_region_code: "US".to_owned(),
        measure_id: "some-measure".to_owned(),
        change,
        ..pb::MeasureOverride::default()
    };
    let outlook = pb::QuotaOutlook {
        importer_region_code: "US".to_owned(),
        quota_id: "us-uk-cars".to_owned(),
        used: vec![
            tariff::PeriodUse { period_start: None, used: Some(decimal("1")) },
            tariff::PeriodUse { period_start: Some(date("2026-01-01")), used: Some(decimal("-1")) },
        ],
        rivals_use: vec![tariff::PeriodUse { period_start: Some(date("2026-01-01")), used: None }],
    };
    pb::TradePolicy {
        schedule: String::new(),
        known_at: Some(google::Date { year: 0, month: 0, day: 0 }),
        measure_overrides: vec![
            pb::MeasureOverride {
                importer_region_code: "UK".to_owned(),
                measure_id: "m".repeat(101),
                ..change(Some(Change::Rate("20".to_owned())))
            },
            pb::MeasureOverride {
                start_date: Some(date("2026-01-01")),
                end_date: Some(date("2026-01-01")),
                ..change(None)
            },
            change(Some(Change::Suspended(false))),
            change(Some(Change::Rate("1% + ".repeat(100)))),
        ],
        stated_duties: vec![pb::StatedDuty {
            importer_region_code: String::new(),
            origin_region_code: "XX".to_owned(),
            rate: Some(decimal("10.01")),
        }],
        quotas: vec![outlook],
        credits: vec![pb::CreditOutlook {
            importer_region_code: "US".to_owned(),
            credit_id: String::new(),
            brought_forward: Some(money(-5, "USD")),
            earnings: vec![pb::CreditEarning {
                model_id: "civic-hybrid".to_owned(),
                plant_id: "greensburg".to_owned(),
                base: None,
            }],
        }],
        customs_exchange_rates: vec![tariff::ExchangeRate {
            from_currency_code: "USD".to_owned(),
            to_currency_code: "JPY".to_owned(),
            rate: Some(decimal("0")),
            published_on: Some(date("2025-03-28")),
        }],
        open_law: 4,
        conditional_reliefs: vec![pb::ConditionalRelief {
            relief_id: "deal".to_owned(),
            origin_region_code: "US".to_owned(),
            market_region_code: "JP".to_owned(),
            units_per_year: Some(decimal("-1")),
            measure: None,
            rate: Some(decimal("101")),
        }],
    }
}

fn faulty_limits() -> pb::Limits {
    use pb::domestic_floor::Floor;
    let floor = |floor| pb::DomesticFloor {
        floor_id: "floor".to_owned(),
        region_code: "US".to_owned(),
        floor,
        ..pb::DomesticFloor::default()
    };
    let bound = |least| pb::TradeBalanceBound {
        bound_id: "bound".to_owned(),
        region_code: "US".to_owned(),
        partner_region_code: String::new(),
        least: Some(least),
    };
    let cell = |most| pb::FlowLimit {
        model_id: "civic-hybrid".to_owned(),
        plant_id: "yorii".to_owned(),
        market_id: "us".to_owned(),
        period_id: "fy2025".to_owned(),
        least: None,
        most: Some(most),
    };
    pb::Limits {
        domestic_floors: vec![
            floor(None),
            pb::DomesticFloor {
                shortfall_penalty: Some(money(i64::MAX, "USD")),
                ..floor(Some(Floor::ShareOfSales(decimal("-0.1"))))
            },
        ],
        origin_caps: vec![pb::OriginCap {
            origin_region_code: "JP".to_owned(),
            market_id: "us".to_owned(),
            ..pb::OriginCap::default()
        }],
        production_limits: vec![pb::ProductionLimit {
            limit_id: "limit".to_owned(),
            least: Some(decimal("1e13")),
            period_ids: vec![String::new()],
            ..pb::ProductionLimit::default()
        }],
        flow_limits: vec![cell(decimal("five"))],
        fixed_plants: vec![pb::FixedPlant {
            plant_id: String::new(),
            period_id: "fy2025".to_owned(),
            open: true,
        }],
        fixed_launches: vec![pb::FixedLaunch {
            model_id: "civic-hybrid".to_owned(),
            plant_id: "greensburg".to_owned(),
            period_id: String::new(),
            launched: true,
        }],
        most_moves: Some(-1),
        capital_budgets: vec![pb::CapitalBudget {
            budget_id: "budget".to_owned(),
            ..pb::CapitalBudget::default()
        }],
        export_commitments: vec![pb::ExportCommitment {
            commitment_id: "deal".to_owned(),
            origin_region_code: "US".to_owned(),
            market_region_code: "JP".to_owned(),
            units_per_year: None,
            period_ids: Vec::new(),
        }],
        trade_balance_bounds: vec![
            bound(money(i64::MIN, "USD")),
            bound(google::Money { nanos: -1, ..money(1, "USD") }),
        ],
    }
}

#[test]
fn fractions_of_vehicles_are_for_continuous_plans() {
    let mut stated = problem();
    stated.demands[1].volume = vec![decimal("0.5")];
    let fault = "problem.demands[1].volume[0] OUT_OF_RANGE".to_owned();
    assert!(faults(checked(request(stated.clone()))).contains(&fault));
    stated.units = pb::Units::Continuous.into();
    assert!(!faults(checked(request(stated))).contains(&fault));
}

#[test]
fn every_fault_of_decisions_is_told_at_once() {
    let decisions = pb::PlanDecisions {
        plants: vec![pb::PlantDecision {
            plant_id: "yorii".to_owned(),
            open_period_ids: vec!["fy2025".to_owned(), String::new()],
        }],
        launches: vec![pb::LaunchDecision::default()],
        expansions: vec![pb::ExpansionDecision {
            plant_id: "greensburg".to_owned(),
            expansion_id: "e".repeat(65),
            period_id: "fy2025".to_owned(),
        }],
        flows: vec![pb::FlowDecision {
            model_id: "civic-hybrid".to_owned(),
            plant_id: "yorii".to_owned(),
            market_id: "us".to_owned(),
            period_id: "fy2025".to_owned(),
            units: Some(decimal("0")),
            in_quota: vec![pb::QuotaUse { window_start: None, units: Some(decimal("-3")) }],
        }],
        credits: vec![pb::CreditDecision {
            importer_region_code: "U".to_owned(),
            credit_id: "us-assembly-offset-cars".to_owned(),
            period_id: "fy2025".to_owned(),
            spent: None,
        }],
    };
    let told = faults(evaluated(pb::EvaluatePlanRequest {
        problem: Some(problem()),
        decisions: Some(decisions),
        view: 5,
    }));
    assert_told(
        &told,
        &[
            "decisions.plants[0].open_period_ids[1] REQUIRED",
            "decisions.launches[0].model_id REQUIRED",
            "decisions.launches[0].plant_id REQUIRED",
            "decisions.launches[0].period_id REQUIRED",
            "decisions.expansions[0].expansion_id TOO_LONG",
            "decisions.flows[0].units OUT_OF_RANGE",
            "decisions.flows[0].in_quota[0].window_start REQUIRED",
            "decisions.flows[0].in_quota[0].units OUT_OF_RANGE",
            "decisions.credits[0].importer_region_code UNKNOWN_REGION",
            "decisions.credits[0].spent REQUIRED",
            "view UNKNOWN_ENUM_VALUE",
        ],
    );
}

#[test]
fn every_value_of_every_enumeration_is_read() {
    let known = |told: Vec<String>| !told.iter().any(|fault| fault.contains("UNKNOWN_ENUM_VALUE"));
    let of = |change: &dyn Fn(&mut pb::OptimizeSourcingRequest)| {
        let mut request = example();
        // Faulty by itself, so that nothing is solved here.
        request.budget = Some(pb::SearchBudget { seed: -1, ..pb::SearchBudget::default() });
        change(&mut request);
        known(faults(asked(request)))
    };
    let fields: [(i32, ChangeOfField); 6] = [
        (3, |request, value| request.mode = value),
        (3, |request, value| request.view = value),
        (3, |request, value| request.problem.as_mut().unwrap().objective = value),
        (3, |request, value| request.problem.as_mut().unwrap().units = value),
        (4, |request, value| {
            request.problem.as_mut().unwrap().trade_policy.as_mut().unwrap().open_law = value;
        }),
        (5, |request, value| request.problem.as_mut().unwrap().lanes[0].transport_mode = value),
    ];
    for (place, (values, change)) in fields.into_iter().enumerate() {
        for value in 0..values {
            assert!(of(&|request| change(request, value)), "field {place}, value {value}");
        }
        for value in [values, -1, i32::MAX] {
            assert!(!of(&|request| change(request, value)), "field {place}, value {value}");
        }
    }
}

#[test]
fn lists_beyond_their_bound_are_told_by_themselves() {
    let mut long = problem();
    long.periods = vec![pb::Period::default(); 121];
    long.model_lines = vec![pb::ModelLine::default(); 501];
    long.plants = vec![pb::Plant::default(); 201];
    long.production_options = vec![pb::ProductionOption::default(); 20_001];
    long.markets = vec![pb::Market::default(); 501];
    long.demands = vec![pb::Demand::default(); 50_001];
    long.lanes = vec![pb::Lane::default(); 1_000_000];
    let policy = long.trade_policy.get_or_insert_default();
    policy.measure_overrides = vec![pb::MeasureOverride::default(); 201];
    policy.stated_duties = vec![pb::StatedDuty::default(); 1001];
    let mut told = faults(asked(request(long)));
    told.sort();
    assert_eq!(
        told,
        [
            "problem.demands TOO_MANY",
            "problem.lanes TOO_MANY",
            "problem.markets TOO_MANY",
            "problem.model_lines TOO_MANY",
            "problem.periods TOO_MANY",
            "problem.plants TOO_MANY",
            "problem.production_options TOO_MANY",
            "problem.trade_policy.measure_overrides TOO_MANY",
            "problem.trade_policy.stated_duties TOO_MANY",
        ]
    );
}

#[test]
fn a_million_faults_are_refused_and_not_kept() {
    let mut bad = problem();
    // A currency nobody can read: the rest is not held together.
    bad.reporting_currency_code = "dollars".to_owned();
    let volume = vec![google::Decimal::default(); 120];
    bad.demands = vec![pb::Demand { volume, ..pb::Demand::default() }; 10_000];
    let told = faults(asked(request(bad)));
    assert_eq!(told.len(), 10_000);
    assert_eq!(told[0], "problem.reporting_currency_code UNKNOWN_CURRENCY");
}

/// Sets a field to a number.
type ChangeOfField = fn(&mut pb::OptimizeSourcingRequest, i32);

/// A server with its client over the wire.
async fn client() -> SourcingServiceClient<tonic::transport::Channel> {
    let settings = Settings::load_from(None, []).unwrap();
    let limits =
        SolveLimits { validation_errors: FaultLimits { count: 100, bytes: usize::MAX }, ..LIMITS };
    let service = SourcingServiceServer::new(SourcingApi::new(desk().await, limits));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let health = Health::new(["portolan.sourcing.v1.SourcingService"]).await;
    let routes = Routes::new(service);
    let token = CancellationToken::new();
    let server =
        Server::new(&settings.server, routes, DESCRIPTORS, health, &meter(), token).unwrap();
    tokio::spawn(server.serve(listener, std::future::pending()));
    SourcingServiceClient::connect(address).await.unwrap()
}

#[tokio::test]
async fn a_stream_refuses_as_a_call_does() {
    let mut client = client().await;
    let mut bad = example();
    bad.problem.as_mut().unwrap().plants[0].capacity = vec![decimal("-1")];
    let call = client.optimize_sourcing(bad.clone()).await.unwrap_err();
    let mut messages = client.stream_optimization(bad).await.unwrap().into_inner();
    let status = loop {
        match messages.next().await.unwrap() {
            Ok(told) => assert!(matches!(
                told.event,
                Some(pb::stream_optimization_response::Event::Progress(_))
            )),
            Err(status) => break status,
        }
    };
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), call.message());
    // But for the ids of the two calls.
    let told = |status: &Status| {
        let mut details = status.get_error_details();
        assert_eq!(details.request_info().unwrap().request_id.len(), 32);
        details.set_request_info(String::new(), String::new());
        format!("{details:?}")
    };
    assert_eq!(told(&status), told(&call));
    assert!(messages.next().await.is_none());
}

#[tokio::test]
async fn a_service_without_its_desk_is_starting() {
    let api = SourcingApi::new(AwaitedSourcingDesk::default(), LIMITS);
    let status = api.optimize_sourcing(Request::new(example())).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.get_details_error_info().unwrap().reason, "STARTING");
    let mut messages = api.stream_optimization(Request::new(example())).await.unwrap().into_inner();
    assert_eq!(messages.next().await.unwrap().unwrap_err().code(), Code::Unavailable);
}

/// Mostly what the example says; else something known, or nonsense.
fn text(known: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop_oneof![
        20 => prop::sample::select(known).prop_map(str::to_owned),
        1 => ".{0,60}",
        1 => Just(String::new()),
        1 => Just("é".repeat(300)),
    ]
}

fn any_decimal() -> impl Strategy<Value = google::Decimal> {
    text(&[
        "1",
        "0",
        "0.25",
        "2.5",
        "-1",
        "1e3",
        "1e-30",
        "1e400",
        "-0",
        "NaN",
        "inf",
        "0x10",
        "1_000",
        "79228162514264337593543950335",
        "0.0000000000000000000000000001",
        "1000000000000",
        "999999999999.9999999999999999",
    ])
    .prop_map(|value| google::Decimal { value })
}

fn any_money() -> impl Strategy<Value = google::Money> {
    let currency = text(&["USD", "JPY", "EUR", "XXX", "usd", "XTS"]);
    let units = prop_oneof![Just(0), Just(30_000), Just(i64::MAX), Just(i64::MIN), any::<i64>()];
    let nanos = prop_oneof![9 => Just(0), 1 => any::<i32>()];
    (currency, units, nanos).prop_map(|(currency_code, units, nanos)| google::Money {
        currency_code,
        units,
        nanos,
    })
}

fn any_date() -> impl Strategy<Value = google::Date> {
    let number = || prop_oneof![9 => 0..32i32, 1 => any::<i32>()];
    let year = prop_oneof![9 => 2024..2028, 1 => any::<i32>()];
    (year, number(), number()).prop_map(|(year, month, day)| google::Date { year, month, day })
}

/// A change of one field of the example.
#[derive(Clone)]
struct Change(Arc<dyn Fn(&mut pb::SourcingProblem)>);

impl std::fmt::Debug for Change {
    /// By what it makes of the example: which field, and what of it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (before, mut after) = (problem(), problem());
        (self.0)(&mut after);
        let texts = [before, after].map(|problem| format!("{problem:#?}"));
        let [before, after] = texts.each_ref().map(|text| text.lines());
        let changed = after.zip(before).find(|(after, before)| after != before);
        write!(f, "{changed:?}")
    }
}

fn change() -> impl Strategy<Value = Change> {
    let numbers = prop::collection::vec(any_decimal(), 0..4);
    let amounts = prop::collection::vec(any_money(), 0..4);
    let ids = text(&["yorii", "greensburg", "civic-hybrid", "us", "jp", "fy2025", "harness"]);
    let regions = text(&["US", "JP", "DE", "EU", "ZZ", "us"]);
    let place = 0..4usize;
    prop_oneof![
        (numbers, place.clone()).prop_map(|(numbers, place)| -> Change {
            Change(Arc::new(move |problem| match place {
                0 => problem.plants[0].capacity.clone_from(&numbers),
                1 => problem.plants[1].ramp.clone_from(&numbers),
                2 => problem.demands[0].volume.clone_from(&numbers),
                _ => problem.planning_exchange_rates[0].rates.clone_from(&numbers),
            }))
        }),
        (amounts, place.clone()).prop_map(|(amounts, place)| -> Change {
            Change(Arc::new(move |problem| match place {
                0 => problem.production_options[0].unit_cost.clone_from(&amounts),
                1 => problem.demands[0].net_price.clone_from(&amounts),
                2 => problem.lanes[0].freight = amounts.first().cloned(),
                _ => problem.production_options[1].part_kits[0].value = amounts.first().cloned(),
            }))
        }),
        (ids, 0..6usize).prop_map(|(id, place)| -> Change {
            Change(Arc::new(move |problem| {
                let id = id.clone();
                match place {
                    0 => problem.lanes[0].plant_id = id,
                    1 => problem.demands[0].model_id = id,
                    2 => problem.plants[1].plant_id = id,
                    3 => problem.markets[0].market_id = id,
                    4 => problem.lanes[1].model_ids.push(id),
                    _ => problem.periods[1].period_id = id,
                }
            }))
        }),
        (regions, place.clone()).prop_map(|(region, place)| -> Change {
            Change(Arc::new(move |problem| {
                let region = region.clone();
                match place {
                    0 => problem.plants[0].region_code = region,
                    1 => problem.markets[0].region_code = region,
                    2 => problem.model_lines[0].goods[0].importer_region_code = region,
                    _ => problem.production_options[1].customs[0].importer_region_code = region,
                }
            }))
        }),
        (any_date(), place.clone()).prop_map(|(date, place)| -> Change {
            Change(Arc::new(move |problem| match place {
                0 => problem.periods[0].start_date = Some(date),
                1 => problem.periods[0].end_date = Some(date),
                2 => problem.periods[1].end_date = Some(date),
                _ => problem.trade_policy.get_or_insert_default().known_at = Some(date),
            }))
        }),
        (any::<i32>(), 0..6usize).prop_map(|(number, place)| -> Change {
            Change(Arc::new(move |problem| match place {
                0 => problem.lanes[0].transit_days = number,
                1 => problem.lanes[0].vehicles_per_entry = number,
                2 => problem.production_options[1].lead_periods = number,
                3 => problem.objective = number,
                4 => problem.plants[1].expansions[0].lead_periods = number,
                _ => problem.limits.get_or_insert_default().most_moves = Some(number),
            }))
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_is_answered_or_refused_with_reasons(
        changes in prop::collection::vec(change(), 1..12),
    ) {
        let mut bad = problem();
        for change in &changes {
            (change.0)(&mut bad);
        }
        if let Err(status) = checked(request(bad)) {
            let code = status.code();
            prop_assert!(
                matches!(
                    code,
                    Code::InvalidArgument
                        | Code::NotFound
                        | Code::FailedPrecondition
                        | Code::ResourceExhausted
                ),
                "{status}"
            );
            prop_assert!(!status.get_details_error_info().unwrap().reason.is_empty());
            if let Some(told) = status.get_details_bad_request() {
                for fault in told.field_violations {
                    let named = fault.field.starts_with("problem") && !fault.reason.is_empty();
                    prop_assert!(named && !fault.description.is_empty(), "{fault:?}");
                }
            }
        }
    }
}
