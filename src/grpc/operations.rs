//! The port of those who run the server: health for probes, metrics for a scrape.
//!
//! Always in plain text: a kubelet's probe speaks no TLS. Nothing of a call comes by here. What
//! gRPC health says is told over HTTP as well, for balancers that know nothing else.

use super::connection::Incoming;
use super::health::Health;
use crate::telemetry::Scrape;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport;

/// Age at which a connection is closed, whatever it does: one that does nothing must not take the place
/// of a probe for ever.
const CONNECTION_AGE: Duration = Duration::from_mins(5);
/// For what is under way on it then.
const CONNECTION_GRACE: Duration = Duration::from_secs(5);

/// Serves gRPC health, and over either HTTP `GET /metrics`, `/livez` and `/readyz`, until the future
/// is dropped.
///
/// # Errors
/// If the transport fails.
pub async fn serve_operations(
    listener: TcpListener,
    max_connections: usize,
    health: Health,
    scrape: Option<Scrape>,
) -> Result<(), transport::Error> {
    let abort = CancellationToken::new();
    let _abort_if_dropped = abort.clone().drop_guard();
    let readiness = health.clone();
    let ready = move || {
        let health = readiness.clone();
        async move {
            if health.is_serving().await {
                (StatusCode::OK, "SERVING\n")
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, "NOT_SERVING\n")
            }
        }
    };
    let mut router = Router::new()
        .route("/livez", get(|| std::future::ready("SERVING\n")))
        .route("/readyz", get(ready));
    if let Some(scrape) = scrape {
        router = router.route("/metrics", get(move || std::future::ready(metrics(&scrape))));
    }
    transport::Server::builder()
        .accept_http1(true)
        .max_connection_age(CONNECTION_AGE)
        .max_connection_age_grace(CONNECTION_GRACE)
        .add_routes(Routes::from(router).add_service(health.service()))
        .serve_with_incoming(Incoming::new(listener, max_connections, abort))
        .await
}

fn metrics(scrape: &Scrape) -> Response {
    match scrape.text() {
        Ok(text) => ([(header::CONTENT_TYPE, Scrape::MEDIA_TYPE)], text).into_response(),
        Err(problem) => (StatusCode::INTERNAL_SERVER_ERROR, problem).into_response(),
    }
}
