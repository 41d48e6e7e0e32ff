//! Answers over gRPC, from a server in this process on a free port.

use crate::case::{Case, CaseLine, Observed, ObservedLine};
use portolan::app::DutyDesk;
use portolan::grpc::health::Health;
use portolan::grpc::server::Server;
use portolan::grpc::{DutyApi, Limits};
use portolan::proto::DESCRIPTORS;
use portolan::proto::google::r#type as google;
use portolan::proto::portolan::tariff::v1 as pb;
use portolan::settings::Settings;
use portolan::store::bundled_schedules;
use rust_decimal::Decimal;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
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
            let limits = Limits { lines: 1000, validation_errors: 100 };
            let service = pb::duty_service_server::DutyServiceServer::new(DutyApi::new(
                Arc::new(desk.into()),
                limits,
            ));
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = format!("http://{}", listener.local_addr().unwrap());
            let health = Health::new(["portolan.tariff.v1.DutyService"]).await;
            let meter = opentelemetry::global::meter("law");
            let routes = Routes::new(service);
            let server =
                Server::new(&settings.server, routes, DESCRIPTORS, health, &meter).unwrap();
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
        }),
        world_state: Some(pb::WorldState {
            quota_balances: case
                .balances
                .iter()
                .map(|(quota, remaining)| pb::QuotaBalance {
                    quota_id: quota.clone(),
                    remaining: Some(google::Decimal { value: remaining.clone() }),
                })
                .collect(),
            customs_exchange_rates: Vec::new(),
        }),
        known_at: case.known_at.as_deref().map(date),
        schedule: String::new(),
        view: pb::AssessmentView::Full.into(),
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
            insurance: None,
            quantities: line
                .quantity
                .iter()
                .map(|text| {
                    let (amount, unit) = text.split_once(' ').unwrap();
                    pb::Quantity {
                        amount: Some(google::Decimal { value: amount.to_owned() }),
                        unit_code: unit.to_owned(),
                    }
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
        }),
    }
}

fn fact(text: &str) -> pb::fact::Value {
    match text {
        "true" => pb::fact::Value::Truth(true),
        "false" => pb::fact::Value::Truth(false),
        _ if text.contains(' ') => pb::fact::Value::Content(money(text)),
        _ => pb::fact::Value::Number(google::Decimal { value: text.to_owned() }),
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
        let mut amount = Decimal::from(money.units) + Decimal::new(money.nanos.into(), 9);
        amount = amount.normalize();
        amount.rescale(amount.scale().max(2));
        amount.to_string()
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
        lines: answer.lines.iter().map(observed_line).collect(),
    }
}

fn observed_line(line: &pb::AssessedLine) -> ObservedLine {
    let saving = |open: &pb::UnclaimedElection| {
        format!(
            "{} {} to {}",
            open.elections.join("+"),
            amount(open.lowest_saving.as_ref()).unwrap(),
            amount(open.highest_saving.as_ref()).unwrap()
        )
    };
    let mut seen = ObservedLine {
        determination: line.determination().as_str_name().replace("DETERMINATION_", ""),
        lowest: amount(line.lowest_total.as_ref()),
        highest: amount(line.highest_total.as_ref()),
        questions: line.questions.iter().map(|question| question.question_id.clone()).collect(),
        savings: line.unclaimed_elections.iter().map(saving).collect(),
        ..ObservedLine::default()
    };
    let Some(assessment) = &line.assessment else { return seen };
    seen.duty = amount(assessment.totals.as_ref().and_then(|totals| totals.duty.as_ref()));
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
