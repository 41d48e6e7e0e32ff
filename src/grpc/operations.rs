//! The port of those who run the server: health for probes, metrics for a scrape.
//!
//! Always in plain text: a kubelet's probe speaks no TLS. Nothing of a call comes by here.

use super::connection::Incoming;
use super::health::Health;
use crate::telemetry::Scrape;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;
use tonic::transport;

/// Serves health over HTTP/2 and `GET /metrics` over either HTTP until the future is dropped.
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
    let mut router = Router::new();
    if let Some(scrape) = scrape {
        router = router.route("/metrics", get(move || std::future::ready(metrics(&scrape))));
    }
    transport::Server::builder()
        .accept_http1(true)
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
