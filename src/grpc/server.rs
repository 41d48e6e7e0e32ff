//! The server: its layers in order, and an orderly stop.

use std::{future::Future, time::Duration};

use opentelemetry::metrics::Meter;
use prost::DecodeError;
use tokio::{
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tonic::{service::Routes, transport};
use tonic_health::pb as health_pb;
use tonic_reflection::{pb as reflection_pb, server as reflection};

use super::{
    admission::AdmissionLayer, connection::Incoming, deadline::DeadlineLayer, health::Health,
    tls::Certificates,
};
use crate::{
    settings::ServerSettings,
    telemetry::{Methods, RpcTelemetry},
};

/// Longest wait for connections that were cut off to notice it.
const ABORT_GRACE: Duration = Duration::from_secs(1);

/// Why the server could not be built or stopped serving by itself.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The file descriptors cannot be decoded.
    #[error("file descriptors: {0}")]
    Descriptors(#[from] DecodeError),
    /// The file descriptors cannot be served by reflection.
    #[error("reflection: {0}")]
    Reflection(#[from] reflection::Error),
    /// The transport failed.
    #[error("transport: {0}")]
    Transport(#[from] transport::Error),
}

/// Bytes that a connection may send ahead: room for a small request of every stream it may open.
///
/// The HTTP/2 library takes half of it as the measure of how many small frames may wait at once, and
/// closes a connection beyond that, with all its calls.
fn connection_window(streams: u32) -> u32 {
    streams.saturating_mul(SMALL_REQUEST).clamp(LEAST_WINDOW, MOST_WINDOW)
}

const SMALL_REQUEST: u32 = 512;
/// The window where nobody sets one.
const LEAST_WINDOW: u32 = 1024 * 1024;
const MOST_WINDOW: u32 = 16 * 1024 * 1024;

/// How serving ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every call in work at the stop was answered.
    Drained,
    /// The grace ran out; what was left was cut off.
    Aborted,
}

/// A gRPC server ready to serve.
///
/// Every call passes telemetry, then its deadline, then admission, then the service. Health and
/// reflection (v1 and v1alpha) are added to the services given.
#[derive(Debug)]
pub struct Server {
    settings: ServerSettings,
    routes: Routes,
    telemetry: RpcTelemetry,
    meter: Meter,
    health: Health,
    draining: CancellationToken,
    certificates: Option<Certificates>,
}

impl Server {
    /// Builds the server around `services`.
    ///
    /// `descriptors` is the encoded `FileDescriptorSet` of the services: reflection serves it, and
    /// only methods that it names appear in telemetry. The limits on message sizes are the
    /// services' own to set. `services` must hold neither health nor reflection. `draining` is
    /// cancelled when no new calls are taken any more: streams end then.
    ///
    /// # Errors
    /// If `descriptors` cannot be decoded or names something twice.
    pub fn new(
        settings: &ServerSettings,
        services: Routes,
        descriptors: &[u8],
        health: Health,
        meter: &Meter,
        draining: CancellationToken,
    ) -> Result<Self, ServerError> {
        let all_descriptors = [
            descriptors,
            health_pb::FILE_DESCRIPTOR_SET,
            reflection_pb::v1::FILE_DESCRIPTOR_SET,
            reflection_pb::v1alpha::FILE_DESCRIPTOR_SET,
        ];
        let reflected = || {
            all_descriptors.into_iter().fold(
                reflection::Builder::configure(),
                reflection::Builder::register_encoded_file_descriptor_set,
            )
        };
        let routes = services
            .add_service(health.service())
            .add_service(reflected().build_v1()?)
            // Older clients, the Python one among them, know only this.
            .add_service(reflected().build_v1alpha()?);
        let telemetry = RpcTelemetry::new(meter, Methods::from_descriptors(all_descriptors)?);
        Ok(Self {
            settings: settings.clone(),
            routes,
            telemetry,
            meter: meter.clone(),
            health,
            draining,
            certificates: None,
        })
    }

    /// Encrypts every call; without, they are in plain text.
    #[must_use]
    pub fn encrypted(self, certificates: Option<Certificates>) -> Self {
        Self { certificates, ..self }
    }

    /// Serves on `listener` until `shutdown`, then stops in order: `NOT_SERVING`, the routing delay,
    /// no new connections or calls, the calls in work within the grace, the rest cut off.
    ///
    /// Health does not turn to `SERVING` by itself. An open reflection session counts as a call in
    /// work; health watches are ended. Dropping the future cuts everything off.
    ///
    /// # Errors
    /// If the transport fails.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send,
    ) -> Result<Ending, ServerError> {
        let Self { settings, routes, telemetry, meter, health, draining, certificates } = self;
        let abort = CancellationToken::new();
        let _abort_if_dropped = abort.clone().drop_guard();
        let stop = CancellationToken::new();
        let incoming = Incoming::new(listener, settings.max_connections, abort.clone())
            .encrypted(certificates)
            .measured(settings.max_connections, &meter);
        let mut builder = transport::Server::builder();
        if !settings.max_connection_age.is_zero() {
            builder = builder.max_connection_age(settings.max_connection_age);
        }
        let serving = builder
            .http2_keepalive_interval(Some(settings.keepalive_interval))
            .http2_keepalive_timeout(Some(settings.keepalive_timeout))
            .max_concurrent_streams(settings.max_streams_per_connection)
            .initial_connection_window_size(connection_window(settings.max_streams_per_connection))
            .layer(telemetry)
            .layer(
                DeadlineLayer::new(
                    settings.default_deadline,
                    settings.max_deadline,
                    settings.max_stream_duration,
                )
                .with_solves(settings.default_solve_deadline, settings.max_solve_deadline),
            )
            .layer(
                AdmissionLayer::new(
                    settings.max_concurrent_calls,
                    settings.max_concurrent_streams,
                    settings.max_concurrent_solves,
                    settings.retry_after,
                )
                .measured(&meter),
            )
            .add_routes(routes)
            .serve_with_incoming_shutdown(incoming, stop.clone().cancelled_owned());
        tokio::pin!(serving);

        let stopping = async {
            shutdown.await;
            health.mark_stopping().await;
            // Whoever routes calls here still sends some until it has seen NOT_SERVING.
            sleep(settings.routing_delay).await;
        };
        tokio::select! {
            ended = &mut serving => return Ok(ended.map(|()| Ending::Drained)?),
            () = stopping => {}
        }

        stop.cancel();
        draining.cancel();
        health.end_watches().await;
        if let Ok(ended) = timeout(settings.drain_grace, &mut serving).await {
            return Ok(ended.map(|()| Ending::Drained)?);
        }
        tracing::warn!(grace = ?settings.drain_grace, "calls still in work are cut off");
        abort.cancel();
        // How a connection ends that was cut off is of no interest, only that it does.
        let _ = timeout(ABORT_GRACE, serving).await;
        Ok(Ending::Aborted)
    }
}
