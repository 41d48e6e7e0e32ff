//! `ScheduleService` over gRPC: names, pages, filters, search and differences.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

mod differences;
mod lists;
mod provisions;

use portolan::app::ScheduleDesk;
use portolan::grpc::health::Health;
use portolan::grpc::server::Server;
use portolan::grpc::{AwaitedScheduleDesk, FaultLimits, ScheduleApi};
use portolan::proto::DESCRIPTORS;
use portolan::proto::google::r#type as google;
use portolan::proto::portolan::tariff::v1::schedule_service_client::ScheduleServiceClient;
use portolan::proto::portolan::tariff::v1::schedule_service_server::ScheduleServiceServer;
use portolan::settings::Settings;
use portolan::tariff::{Schedule, ScheduleFiles};
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
    let service = ScheduleServiceServer::new(ScheduleApi::new(
        desk,
        FaultLimits { count: 100, bytes: usize::MAX },
    ));
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

const LAW: &str = include_str!("law.toml");

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
