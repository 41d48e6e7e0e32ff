//! Telemetry: traces joined, statuses read from headers and trailers, and a bounded flush.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    collections::BTreeMap,
    convert::Infallible,
    future::Future,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderValue, Request};
use http_body::{Body as _, Frame};
use opentelemetry::{
    metrics::MeterProvider as _,
    trace::{SpanKind, Status as SpanStatus, TracerProvider as _},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    metrics::{
        PeriodicReader, SdkMeterProvider, Temporality,
        data::{AggregatedMetrics, MetricData, ResourceMetrics, ScopeMetrics},
        exporter::PushMetricExporter,
    },
    trace::{SdkTracerProvider, SpanData, SpanExporter},
};
use portolan::{
    settings::Settings,
    telemetry::{Flush, Methods, RpcTelemetry, Telemetry, TelemetryError},
};
use prost::Message as _;
use prost_types::{
    FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto, ServiceDescriptorProto,
};
use tonic::{Code, Status, body::Body, codegen::Bytes};
use tonic_types::{ErrorDetails, StatusExt as _};
use tower::{Layer as _, ServiceExt as _};
use tracing_subscriber::layer::SubscriberExt as _;

const QUOTE: &str = "/portolan.test.v1.QuoteService/Quote";

#[derive(Clone, Debug, Default)]
struct Spans(Arc<Mutex<Vec<SpanData>>>);

impl SpanExporter for Spans {
    fn export(&self, batch: Vec<SpanData>) -> impl Future<Output = OTelSdkResult> + Send {
        self.0.lock().unwrap().extend(batch);
        std::future::ready(Ok(()))
    }
}

/// The number of calls by method and status.
#[derive(Clone, Default)]
struct Counts(Arc<Mutex<BTreeMap<(String, String), u64>>>);

impl PushMetricExporter for Counts {
    fn export(&self, metrics: &ResourceMetrics) -> impl Future<Output = OTelSdkResult> + Send {
        let mut counts = self.0.lock().unwrap();
        for metric in metrics.scope_metrics().flat_map(ScopeMetrics::metrics) {
            if let AggregatedMetrics::F64(MetricData::Histogram(durations)) = metric.data() {
                assert_eq!((metric.name(), metric.unit()), ("rpc.server.call.duration", "s"));
                for point in durations.data_points() {
                    let of = |key: &str| {
                        point.attributes().find(|a| a.key.as_str() == key).unwrap().value.clone()
                    };
                    assert_eq!(of("rpc.system.name").as_str(), "grpc");
                    let status = of("rpc.response.status_code").to_string();
                    counts.insert((of("rpc.method").to_string(), status), point.count());
                }
            }
            if let AggregatedMetrics::I64(MetricData::Sum(active)) = metric.data() {
                assert!(active.data_points().all(|point| point.value() == 0), "calls still active");
            }
        }
        std::future::ready(Ok(()))
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

/// A measured service, with what it exported.
struct Rig {
    layer: RpcTelemetry,
    spans: Spans,
    counts: Counts,
    meter: SdkMeterProvider,
    _subscriber: tracing::subscriber::DefaultGuard,
}

impl Rig {
    fn new() -> Self {
        let spans = Spans::default();
        let tracer = SdkTracerProvider::builder().with_simple_exporter(spans.clone()).build();
        let exported = tracing_opentelemetry::layer().with_tracer(tracer.tracer("test"));
        let subscriber = tracing_subscriber::registry()
            .with(tracing::level_filters::LevelFilter::INFO)
            .with(exported);
        let counts = Counts::default();
        let meter = SdkMeterProvider::builder()
            .with_reader(PeriodicReader::builder(counts.clone()).build())
            .build();
        let set = [&descriptors()[..], tonic_health::pb::FILE_DESCRIPTOR_SET];
        let methods = Methods::from_descriptors(set).unwrap();
        Self {
            layer: RpcTelemetry::new(&meter.meter("test"), methods),
            spans,
            counts,
            meter,
            _subscriber: tracing::subscriber::set_default(subscriber),
        }
    }

    /// Calls `path` with `headers`, is answered `response` and reads it to its end.
    async fn call(&self, path: &str, headers: HeaderMap, response: http::Response<Body>) {
        let mut body = self.answer(path, headers, response).await.into_body();
        let mut frames = std::pin::pin!(&mut body);
        while std::future::poll_fn(|cx| frames.as_mut().poll_frame(cx)).await.is_some() {}
    }

    async fn answer(
        &self,
        path: &str,
        headers: HeaderMap,
        response: http::Response<Body>,
    ) -> http::Response<impl http_body::Body<Data = Bytes, Error = Status> + Unpin + use<>> {
        let response = Arc::new(Mutex::new(Some(response)));
        let service = self.layer.layer(tower::service_fn(move |_: Request<Body>| {
            let response = response.lock().unwrap().take().unwrap();
            async move { Ok::<_, Infallible>(response) }
        }));
        let mut request = Request::post(path).body(Body::empty()).unwrap();
        *request.headers_mut() = headers;
        service.oneshot(request).await.unwrap()
    }

    fn counts(&self) -> BTreeMap<(String, String), u64> {
        self.meter.force_flush().unwrap();
        self.counts.0.lock().unwrap().clone()
    }

    fn spans(&self) -> Vec<SpanData> {
        self.spans.0.lock().unwrap().clone()
    }
}

fn descriptors() -> Vec<u8> {
    let method = MethodDescriptorProto { name: Some("Quote".to_owned()), ..Default::default() };
    let service = ServiceDescriptorProto {
        name: Some("QuoteService".to_owned()),
        method: vec![method],
        ..Default::default()
    };
    let file = FileDescriptorProto {
        name: Some("test.proto".to_owned()),
        package: Some("portolan.test.v1".to_owned()),
        service: vec![service],
        ..Default::default()
    };
    FileDescriptorSet { file: vec![file] }.encode_to_vec()
}

/// A body of one message and trailers with a status.
struct Scripted(Vec<Frame<Bytes>>);

impl http_body::Body for Scripted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<Bytes>, Status>>> {
        std::task::Poll::Ready((!self.0.is_empty()).then(|| Ok(self.0.remove(0))))
    }
}

fn with_trailers(code: &'static str) -> http::Response<Body> {
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", HeaderValue::from_static(code));
    let frames = vec![Frame::data(Bytes::from_static(b"message")), Frame::trailers(trailers)];
    http::Response::new(Body::new(Scripted(frames)))
}

#[tokio::test]
async fn the_callers_trace_is_joined_and_the_span_says_what_was_called() {
    let rig = Rig::new();
    let mut headers = HeaderMap::new();
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    headers.insert("traceparent", HeaderValue::from_static(traceparent));
    rig.call(QUOTE, headers, with_trailers("0")).await;

    let [span] = rig.spans().try_into().unwrap();
    assert_eq!(span.span_context.trace_id().to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(span.parent_span_id.to_string(), "00f067aa0ba902b7");
    assert_eq!(span.name, "portolan.test.v1.QuoteService/Quote");
    assert_eq!(span.span_kind, SpanKind::Server);
    assert_eq!(span.status, SpanStatus::Unset);
    let of = |key: &str| {
        span.attributes.iter().find(|a| a.key.as_str() == key).map(|a| a.value.to_string())
    };
    assert_eq!(of("rpc.system.name").as_deref(), Some("grpc"));
    assert_eq!(of("rpc.method").as_deref(), Some("portolan.test.v1.QuoteService/Quote"));
    assert_eq!(of("rpc.response.status_code").as_deref(), Some("OK"));
    assert_eq!(of("error.type"), None);
}

#[tokio::test]
async fn without_a_parent_a_trace_begins_and_an_error_marks_the_span() {
    let rig = Rig::new();
    rig.call(QUOTE, HeaderMap::new(), with_trailers("13")).await;
    let [span] = rig.spans().try_into().unwrap();
    assert_eq!(span.parent_span_id, opentelemetry::trace::SpanId::INVALID);
    assert!(matches!(span.status, SpanStatus::Error { .. }));
    let error = span.attributes.iter().find(|a| a.key.as_str() == "error.type").unwrap();
    assert_eq!(error.value.as_str(), "INTERNAL");
}

#[tokio::test]
async fn the_status_is_read_from_trailers_headers_and_a_dropped_body() {
    let rig = Rig::new();
    rig.call(QUOTE, HeaderMap::new(), with_trailers("0")).await;
    rig.call(QUOTE, HeaderMap::new(), with_trailers("9")).await;
    rig.call(QUOTE, HeaderMap::new(), Status::not_found("no").into_http()).await;
    rig.call(QUOTE, HeaderMap::new(), http::Response::new(Body::empty())).await;
    drop(rig.answer(QUOTE, HeaderMap::new(), with_trailers("0")).await);
    let statuses = ["OK", "CANCELLED", "UNKNOWN", "NOT_FOUND", "FAILED_PRECONDITION"];
    let expected =
        statuses.map(|status| ((QUOTE.trim_start_matches('/').to_owned(), status.to_owned()), 1));
    assert_eq!(rig.counts(), BTreeMap::from(expected));
}

#[tokio::test]
async fn unknown_paths_share_one_name_and_health_is_measured_but_not_traced() {
    let rig = Rig::new();
    for path in ["/a/b", "/a/c", "/portolan.test.v1.QuoteService/Other"] {
        rig.call(path, HeaderMap::new(), Status::unimplemented("").into_http()).await;
    }
    rig.call("/grpc.health.v1.Health/Check", HeaderMap::new(), with_trailers("0")).await;
    let expected = [("_OTHER", "UNIMPLEMENTED", 3), ("grpc.health.v1.Health/Check", "OK", 1)];
    let expected =
        expected.map(|(method, status, calls)| ((method.to_owned(), status.to_owned()), calls));
    assert_eq!(rig.counts(), BTreeMap::from(expected));
    assert!(rig.spans().iter().all(|span| span.name == "_OTHER"));
}

#[tokio::test]
async fn an_error_is_given_the_id_of_its_trace_beside_what_it_says_already() {
    let rig = Rig::new();
    let details =
        ErrorDetails::with_error_info("WHY", "portolan", [("a".to_owned(), "b".to_owned())]);
    let stated = Status::with_error_details(Code::NotFound, "no", details);
    for (response, reason) in [(stated, Some("WHY")), (Status::internal("oh: ü"), None)] {
        let message = response.message().to_owned();
        let answer = rig.answer(QUOTE, HeaderMap::new(), response.into_http()).await;
        let status = Status::from_header_map(answer.headers()).unwrap();
        assert_eq!(status.message(), message);
        let trace = rig.spans().last().unwrap().span_context.trace_id().to_string();
        assert_eq!(status.get_details_request_info().unwrap().request_id, trace);
        assert_eq!(status.get_details_error_info().map(|info| info.reason).as_deref(), reason);
    }
    // Where nothing is traced, the caller's id is told, and else a new one.
    let _untraced = tracing::subscriber::set_default(tracing_subscriber::registry());
    let mut headers = HeaderMap::new();
    let traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    headers.insert("traceparent", HeaderValue::from_static(traceparent));
    for (headers, id) in
        [(headers, Some("4bf92f3577b34da6a3ce929d0e0e4736")), (HeaderMap::new(), None)]
    {
        let answer = rig.answer(QUOTE, headers, Status::aborted("").into_http()).await;
        let status = Status::from_header_map(answer.headers()).unwrap();
        let told = status.get_details_request_info().unwrap().request_id;
        assert_eq!(told.len(), 32);
        assert!(id.is_none_or(|id| id == told), "{told}");
    }
}

#[test]
fn export_starts_only_within_a_runtime_and_a_dead_endpoint_never_holds_up_the_exit() {
    // Bound and never accepting: the exporter connects and then waits.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut settings = Settings::load_from(None, []).unwrap().telemetry;
    settings.otlp_endpoint = Some(format!("http://{}", silent.local_addr().unwrap()));
    settings.flush_timeout = Duration::from_millis(200);
    assert!(matches!(Telemetry::start(&settings, false), Err(TelemetryError::NoRuntime)));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let telemetry = Telemetry::start(&settings, false).unwrap();
        assert!(matches!(
            Telemetry::start(&settings, false),
            Err(TelemetryError::AlreadyStarted(_))
        ));
        tracing::info_span!("work").in_scope(|| tracing::info!("done"));
        telemetry.meter().u64_counter("things").build().add(1, &[]);
        let started = Instant::now();
        assert_eq!(telemetry.shutdown().await, Flush::Incomplete);
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    });
    let started = Instant::now();
    drop(runtime);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}
