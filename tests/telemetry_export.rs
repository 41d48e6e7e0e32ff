//! Export to an endpoint that is up. Alone in its process, for the subscriber is process-wide.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
};

use opentelemetry::trace::TraceContextExt as _;
use portolan::{
    settings::Settings,
    telemetry::{Flush, Telemetry},
};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::{
    Request, Response, Status,
    body::Body,
    server::{Grpc, NamedService, UnaryService},
    service::Routes,
    transport::Server,
};
use tonic_prost::ProstCodec;

/// What a collector was sent: the first field of each request, as it came.
type Received = Arc<Mutex<Vec<Vec<u8>>>>;

/// A collector of traces, metrics or log lines. Requests of each kind hold in their first field what was
/// measured, so reading them as `google.protobuf.BytesValue` gives just that.
#[derive(Clone)]
struct Collector<const SIGNAL: u8>(Received);

const TRACES: u8 = 0;
const METRICS: u8 = 1;
const LOGS: u8 = 2;

impl NamedService for Collector<TRACES> {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl NamedService for Collector<METRICS> {
    const NAME: &'static str = "opentelemetry.proto.collector.metrics.v1.MetricsService";
}

impl NamedService for Collector<LOGS> {
    const NAME: &'static str = "opentelemetry.proto.collector.logs.v1.LogsService";
}

impl<const SIGNAL: u8> UnaryService<Vec<u8>> for Collector<SIGNAL> {
    type Response = ();
    type Future = std::future::Ready<Result<Response<()>, Status>>;

    fn call(&mut self, request: Request<Vec<u8>>) -> Self::Future {
        self.0.lock().unwrap().push(request.into_inner());
        std::future::ready(Ok(Response::new(())))
    }
}

impl<const SIGNAL: u8> tower::Service<http::Request<Body>> for Collector<SIGNAL> {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let collector = self.clone();
        Box::pin(async move {
            let codec = ProstCodec::<(), Vec<u8>>::default();
            Ok(Grpc::new(codec).unary(collector, request).await)
        })
    }
}

fn holds(received: &Received, text: &str) -> bool {
    let received = received.lock().unwrap();
    received.iter().any(|bytes| bytes.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[tokio::test]
async fn what_was_recorded_arrives_before_shutdown_ends() {
    let [traces, metrics, logs] = [(); 3].map(|()| Received::default());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let routes = Routes::new(Collector::<TRACES>(traces.clone()))
        .add_service(Collector::<METRICS>(metrics.clone()))
        .add_service(Collector::<LOGS>(logs.clone()));
    let incoming = TcpListenerStream::new(listener);
    tokio::spawn(Server::builder().add_routes(routes).serve_with_incoming(incoming));

    let mut settings = Settings::load_from(None, []).unwrap().telemetry;
    settings.otlp_endpoint = Some(format!("http://{address}"));
    settings.service_name = "portolan-under-test".to_owned();
    let telemetry = Telemetry::start(&settings, false).unwrap();
    let mut trace = None;
    tracing::info_span!("a_piece_of_work").in_scope(|| {
        trace = Some(opentelemetry::Context::current().span().span_context().trace_id());
        tracing::info!("it is done");
    });
    tracing::info!(target: "h2::client", "the exporter's own line");
    tracing::info_span!(target: "h2::client", "exporters_own").in_scope(|| {});
    telemetry.meter().u64_counter("pieces_of_work").build().add(1, &[]);

    assert_eq!(telemetry.shutdown().await, Flush::Complete);
    assert!(holds(&traces, "a_piece_of_work"));
    assert!(!holds(&traces, "exporters_own"), "the exporter's own spans must not be exported");
    assert!(holds(&metrics, "pieces_of_work"));
    assert!(holds(&logs, "it is done"));
    assert!(!holds(&logs, "the exporter's own line"));
    let trace = trace.unwrap().to_bytes();
    assert!(logs.lock().unwrap().iter().any(|bytes| bytes.windows(16).any(|part| part == trace)));
    for received in [&traces, &metrics, &logs] {
        assert!(holds(received, "portolan-under-test"));
        assert!(holds(received, "service.version"));
    }
}
