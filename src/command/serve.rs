//! `portolan serve`: settings checked, port bound, `NOT_SERVING` while schedules are loaded,
//! `SERVING`; and back in order.

use super::desks::{Desks, SERVICES};
use super::{Failure, runtime};
use crate::app::{DutyDesk, SearchLimits};
use crate::grpc::health::Health;
use crate::grpc::server::{Ending, Server};
use crate::grpc::signal::shutdown_signal;
use crate::grpc::{Certificates, serve_operations};
use crate::proto::DESCRIPTORS;
use crate::settings::{PlainText, ScheduleSettings, Settings};
use crate::solver::SolverPool;
use crate::store::load_schedules;
use crate::telemetry::{Flush, HeldSchedule, Telemetry, measure_schedule_age};
use clap::Args;
use jiff::civil::date;
use opentelemetry::metrics::Meter;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

#[derive(Debug, Args)]
pub(super) struct ServeArguments {
    /// Settings file (TOML); the environment, `PORTOLAN__SECTION__KEY`, wins over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address and port to listen on; wins over file and environment.
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Prints the settings in force and exits.
    #[arg(long)]
    dump_config: bool,
}

pub(super) fn serve(arguments: &ServeArguments) -> Result<(), Failure> {
    let mut settings =
        Settings::load(arguments.config.as_deref()).map_err(|faults| faults.to_string())?;
    settings.server.listen = arguments.listen.unwrap_or(settings.server.listen);
    if arguments.dump_config {
        print!("{}", settings.to_toml());
        return Ok(());
    }
    runtime()?.block_on(run(&settings))
}

/// Loads the schedules; every fault of a faulty one is told.
fn load_desk(settings: &ScheduleSettings) -> Result<DutyDesk, Failure> {
    let schedules =
        load_schedules(settings.folder.as_deref()).map_err(|error| error.to_string())?;
    let default = &settings.default;
    let desk = DutyDesk::new(schedules, default)
        .ok_or_else(|| format!("schedules.default: there is no schedule `{default}`"))?;
    for schedule in desk.schedules() {
        info!(revision = schedule.name, as_of = %schedule.as_of, "schedule loaded");
    }
    Ok(desk)
}

async fn run(settings: &Settings) -> Result<(), Failure> {
    let telemetry = Telemetry::start(&settings.telemetry, settings.operations.listen.is_some())
        .map_err(|error| error.to_string())?;
    let served = run_server(settings, &telemetry).await;
    // Awaited last, whatever happened before: the spans of the end matter most.
    if telemetry.shutdown().await == Flush::Incomplete {
        warn!("telemetry.flush_timeout_ms ran out before everything was exported");
    }
    served
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let bound = listener.local_addr().map_err(|error| error.to_string())?;
    Ok((listener, bound))
}

/// The certificates, and their watch on the way; none where calls may come in plain text.
fn certificates(settings: &Settings, meter: &Meter) -> Result<Option<Certificates>, Failure> {
    let address = settings.server.listen;
    if let Some(identity) = &settings.tls.identity {
        let loaded = Certificates::load(identity, settings.tls.handshake_timeout, meter);
        let (certificates, watch) = loaded.map_err(|fault| fault.to_string())?;
        tokio::spawn(watch.watch(settings.tls.reload_interval));
        return Ok(Some(certificates));
    }
    if settings.server.plain_text == PlainText::Loopback && !address.ip().is_loopback() {
        return Err(format!(
            "server.listen is {address}, which others reach: give a certificate in \
             tls.certificate_file and tls.key_file, or say server.plain_text = \"anywhere\""
        ));
    }
    warn!(%address, "PLAIN TEXT: calls are not encrypted, whoever carries them can read and change them");
    Ok(None)
}

/// Tells the age of the schedules from now on.
fn measure_schedules(desk: &DutyDesk, meter: &Meter) {
    let held = desk.schedules().map(|schedule| {
        let (name, revision) = schedule.name.split_once('@').unwrap_or((&schedule.name, ""));
        HeldSchedule {
            name: name.to_owned(),
            revision: revision.to_owned(),
            as_of_days: (schedule.as_of - date(1970, 1, 1)).get_days().into(),
        }
    });
    measure_schedule_age(meter, held.collect());
}

async fn run_server(settings: &Settings, telemetry: &Telemetry) -> Result<(), Failure> {
    let stop = shutdown_signal().map_err(|error| format!("cannot catch signals: {error}"))?;
    let meter = telemetry.meter();
    let certificates = certificates(settings, &meter)?;
    let (listener, bound) = bind(settings.server.listen).await?;

    let desks = Desks::default();
    let draining = CancellationToken::new();
    let drained = draining.clone();
    let health = Health::new(SERVICES).await;
    let server = Server::new(
        &settings.server,
        desks.routes(settings, draining.clone()),
        DESCRIPTORS,
        health.clone(),
        &meter,
        draining,
    )
    .map_err(|error| error.to_string())?
    .encrypted(certificates);
    let operations = match settings.operations.listen {
        Some(address) => {
            let (listener, bound) = bind(address).await?;
            info!(address = %bound, "health and metrics");
            let most = settings.operations.max_connections;
            tokio::spawn(serve_operations(listener, most, health.clone(), telemetry.scrape()))
        }
        None => tokio::spawn(std::future::pending()),
    };

    let pool = SolverPool::start(&settings.solver, &meter)
        .await
        .map_err(|error| format!("cannot start solver processes: {error}"))?;
    let searches = SearchLimits {
        default_time: settings.solver.default_time,
        max_time: settings.solver.max_time,
        threads: settings.solver.threads,
    };
    let stopped = {
        let (pool, grace) = (pool.clone(), settings.server.drain_grace);
        let draining = drained.clone();
        tokio::spawn(async move {
            draining.cancelled().await;
            // Half of the grace to come to an end; then the best plans so far are told.
            tokio::time::sleep(grace / 2).await;
            pool.shutdown().await;
        })
    };

    let (give_up, failed) = oneshot::channel();
    let schedules = settings.schedules.clone();
    let ready = pool.clone();
    tokio::spawn(async move {
        let loaded = spawn_blocking(move || load_desk(&schedules)).await;
        match loaded.map_err(|error| error.to_string()).flatten() {
            Ok(loaded) => {
                measure_schedules(&loaded, &meter);
                desks.open(loaded, ready, searches);
                health.mark_serving().await;
                info!(address = %bound, "serving");
                println!("portolan is serving on {bound}");
            }
            Err(failure) => {
                // The server may have stopped already; then nobody waits for this.
                let _ = give_up.send(failure);
            }
        }
    });
    let mut failure = None;
    let stop = async {
        tokio::select! {
            () = stop => {}
            Ok(told) = failed => failure = Some(told),
        }
    };
    let ending = server.serve(listener, stop).await.map_err(|error| error.to_string())?;
    stopped.abort();
    pool.shutdown().await;
    // To the end: a probe sees NOT_SERVING, and a scrape what became of the last calls.
    operations.abort();
    if let Some(failure) = failure {
        return Err(failure);
    }
    match ending {
        Ending::Drained => info!("stopped; every call in work was answered"),
        Ending::Aborted => warn!("stopped; calls still in work were cut off"),
    }
    Ok(())
}
