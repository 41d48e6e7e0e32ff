//! Answers over gRPC, from a server in this process on a free port.

use crate::case::{Case, CaseLine, Observed, ObservedLine};
use portolan::app::DutyDesk;
use portolan::grpc::health::Health;
use portolan::grpc::server::Server;
use portolan::grpc::{DutyApi, FaultLimits, Limits, StreamLimits};
use portolan::money::Money;
use portolan::proto::DESCRIPTORS;
use portolan::proto::google::r#type as google;
use portolan::proto::portolan::tariff::v1 as pb;
use portolan::settings::Settings;
use portolan::store::bundled_schedules;
use rust_decimal::Decimal;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport::Channel;
use tonic_types::StatusExt;

type Client = pb::duty_service_client::DutyServiceClient<Channel>;

/// A client of a server that lives as long as the runtime.
pub struct Wire {
    runtime: Runtime,
    client: Client,
}

impl Wire {
    pub fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let client = runtime.block_on(async {
            let settings = Settings::load_from(None, []).unwrap();
            let desk = DutyDesk::new(bundled_schedules().unwrap(), "vehicles").unwrap();
            let validation_errors = FaultLimits { count: 100, bytes: 5_000 };
            let limits = Limits { lines: 1000, validation_errors };
            let service = pb::duty_service_server::DutyServiceServer::new(DutyApi::new(
                Arc::new(desk.into()),
                limits,
                StreamLimits::default(),
            ));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            let health = Health::new(["portolan.tariff.v1.DutyService"]).await;
            let meter = opentelemetry::global::meter("law");
            let routes = Routes::new(service);
            let draining = CancellationToken::new();
            let server =
                Server::new(&settings.server, routes, DESCRIPTORS, health, &meter, draining)
                    .unwrap();
            tokio::spawn(server.serve(listener, std::future::pending()));
            Client::connect(address).await.unwrap()
        });
        Self { runtime, client }
    }

    /// Asks the server about the case and tells what the answer shows.
    pub fn observe(&self, case: &Case) -> Observed {
        let mut client = self.client.clone();
        match self.runtime.block_on(client.calculate_duty(request(case))) {
            Ok(answer) => observed(&answer.into_inner()),
            Err(status) => {
                let faults =
                    status.get_details_bad_request().map(|details| details.field_violations);
                Observed {
                    faults: faults
                        .unwrap_or_else(|| panic!("{}: {status}", case.title))
                        .iter()
                        .map(|fault| format!("{} {}", fault.field, fault.reason))
                        .collect(),
                    ..Observed::default()
                }
            }
        }
    }
}

fn request(case: &Case) -> pb::CalculateDutyRequest {
    pb::CalculateDutyRequest {
        entry: Some(pb::Entry {
            importer_region_code: case.importer.clone(),
            entry_date: Some(date(&case.entry_date)),
            transport_mode: case.transport.as_deref().map_or(0, |mode| {
                let name = format!("TRANSPORT_MODE_{}", mode.to_uppercase());
                pb::TransportMode::from_str_name(&name).unwrap().into()
            }),
            lines: case
                .line
                .iter()
                .enumerate()
                .map(|(index, line)| entry_line(index, line))
                .collect(),
            rate_date: case.rate_date.as_deref().map(|text| {
                let (basis, day) = text.split_once(' ').unwrap();
                let name = format!("RATE_DATE_BASIS_{}", basis.replace('-', "_").to_uppercase());
                pb::RateDate {
                    basis: pb::RateDateBasis::from_str_name(&name).unwrap().into(),
                    date: Some(date(day)),
                }
            }),
        }),
        world_state: Some(world(case)),
        known_at: case.known_at.as_deref().map(date),
        schedule: String::new(),
        view: pb::AssessmentView::Full.into(),
    }
}

fn world(case: &Case) -> pb::WorldState {
    let left = case.balances.iter().map(|(quota, remaining)| pb::QuotaBalance {
        quota_id: quota.clone(),
        remaining: Some(decimal(remaining)),
        used: Vec::new(),
    });
    let used = case.usage.iter().map(|(quota, periods)| pb::QuotaBalance {
        quota_id: quota.clone(),
        remaining: None,
        used: periods
            .iter()
            .map(|(from, units)| pb::PeriodUse {
                period_start: Some(date(from)),
                used: Some(decimal(units)),
            })
            .collect(),
    });
    pb::WorldState {
        quota_balances: left.chain(used).collect(),
        customs_exchange_rates: case
            .customs_rates()
            .map(|[from, to, rate, published]| pb::ExchangeRate {
                from_currency_code: from.to_owned(),
                to_currency_code: to.to_owned(),
                rate: Some(decimal(rate)),
                published_on: Some(date(published)),
            })
            .collect(),
        credit_balances: case
            .credit_balances
            .iter()
            .map(|(credit, remaining)| pb::CreditBalance {
                credit_id: credit.clone(),
                remaining: Some(money(remaining)),
            })
            .collect(),
        planning_exchange_rates: Vec::new(),
    }
}

fn entry_line(index: usize, line: &CaseLine) -> pb::EntryLine {
    pb::EntryLine {
        line_id: index.to_string(),
        goods: Some(pb::Goods {
            goods_code: line.goods_code.clone(),
            origin_region_code: line.origin.clone(),
            transaction_value: Some(money(&line.value)),
            freight: line.freight.as_deref().map(money),
            insurance: line.insurance.as_deref().map(money),
            inland_freight: line.inland.as_deref().map(money),
            quantities: line
                .all_quantities()
                .map(|(amount, unit)| pb::Quantity {
                    amount: Some(decimal(amount)),
                    unit_code: unit.to_owned(),
                })
                .collect(),
            facts: line
                .facts
                .iter()
                .map(|(id, text)| pb::Fact { fact_id: id.clone(), value: Some(fact(text)) })
                .collect(),
        }),
        elections: Some(pb::Elections {
            preference_symbol: line.preference.clone().unwrap_or_default(),
            certification_ids: line.certifications.clone(),
            quota_ids: line.quotas.clone(),
            credit_ids: line.credits.clone(),
            report_column_separately: line.report_column_separately,
        }),
    }
}

fn decimal(text: &str) -> google::Decimal {
    google::Decimal { value: text.to_owned() }
}

fn fact(text: &str) -> pb::fact::Value {
    match text {
        "true" => pb::fact::Value::Truth(true),
        "false" => pb::fact::Value::Truth(false),
        _ if text.contains(' ') => pb::fact::Value::Content(money(text)),
        _ if text.split('-').count() == 3 => pb::fact::Value::Date(date(text)),
        _ => pb::fact::Value::Number(decimal(text)),
    }
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

fn amount(value: Option<&google::Money>) -> Option<String> {
    value.map(|money| {
        let amount = Decimal::from(money.units) + Decimal::new(money.nanos.into(), 9);
        let text = Money::new(amount, money.currency_code.parse().unwrap()).to_string();
        text.split(' ').next().unwrap().to_owned()
    })
}

fn observed(answer: &pb::CalculateDutyResponse) -> Observed {
    let fee = |fee: &pb::EntryFee| {
        format!("{} = {}", fee.heading, amount(fee.amount.as_ref()).unwrap_or_default())
    };
    let totals = answer.totals.as_ref();
    Observed {
        faults: Vec::new(),
        fees: answer.entry_fees.iter().map(fee).collect(),
        total: amount(totals.and_then(|totals| totals.total.as_ref())),
        landed: amount(totals.and_then(|totals| totals.landed_cost.as_ref())),
        taxes: amount(totals.and_then(|totals| totals.taxes.as_ref())),
        sourcing: amount(totals.and_then(|totals| totals.sourcing_cost.as_ref())),
        lines: answer.lines.iter().map(observed_line).collect(),
    }
}

fn observed_line(line: &pb::AssessedLine) -> ObservedLine {
    let mut seen = ObservedLine {
        determination: line.determination().as_str_name().replace("DETERMINATION_", ""),
        lowest: amount(line.lowest_total.as_ref()),
        highest: amount(line.highest_total.as_ref()),
        questions: line.questions.iter().map(|question| question.question_id.clone()).collect(),
        best: line.alternatives.first().and_then(|way| amount(way.highest_total.as_ref())),
        savings: savings(line),
        ..ObservedLine::default()
    };
    let Some(assessment) = &line.assessment else { return seen };
    seen.duty = amount(assessment.totals.as_ref().and_then(|totals| totals.duty.as_ref()));
    seen.taxes = amount(assessment.totals.as_ref().and_then(|totals| totals.taxes.as_ref()));
    seen.layers = assessment
        .layers
        .iter()
        .map(|layer| format!("{} = {}", layer.heading, amount(layer.amount.as_ref()).unwrap()))
        .collect();
    seen.rejected = assessment
        .rejected_provisions
        .iter()
        .map(|provision| {
            let reason = provision.reason().as_str_name().replace("REJECTION_REASON_", "");
            format!("{} {reason} {}", provision.heading, provision.by_heading).trim_end().to_owned()
        })
        .collect();
    seen.filing = assessment
        .filed_lines
        .iter()
        .map(|filed| {
            let value = amount(filed.entered_value.as_ref()).unwrap();
            let quantity = filed.quantity.as_ref().map_or("", |quantity| quantity.value.as_str());
            format!("{} @{value} x{quantity}", filed.headings.join(" "))
        })
        .collect();
    seen
}

/// What further elections save: those of the request left out.
fn savings(line: &pb::AssessedLine) -> Vec<String> {
    let made = line.alternatives.iter().find(|way| way.as_elected);
    let made = made.map(|way| way.elections.as_slice()).unwrap_or_default();
    let saves = |way: &&pb::Alternative| {
        way.highest_saving.as_ref().is_some_and(|saving| saving.units > 0 || saving.nanos > 0)
    };
    line.alternatives
        .iter()
        .filter(saves)
        .map(|way| {
            let more: Vec<&str> = way
                .elections
                .iter()
                .filter(|election| !made.contains(election))
                .map(String::as_str)
                .collect();
            format!(
                "{} {} to {}",
                more.join("+"),
                amount(way.lowest_saving.as_ref()).unwrap(),
                amount(way.highest_saving.as_ref()).unwrap()
            )
        })
        .collect()
}
