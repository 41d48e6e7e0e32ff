//! One call while it is measured: its span, its time and how it ended.

use std::{sync::Arc, time::Instant};

use http::HeaderMap;
use opentelemetry::{
    KeyValue,
    metrics::{Histogram, Meter, UpDownCounter},
    propagation::{Extractor, TextMapPropagator},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tonic::Code;
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::methods::Method;

/// Upper bounds of the duration buckets in seconds: a small quote takes well under a
/// millisecond, which the usual bounds would lump together.
const DURATION_BOUNDS: [f64; 16] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0,
    10.0, 60.0,
];

/// Name of the span of a call in logs.
pub(super) const SPAN: &str = "rpc";

/// The instruments that all calls share.
#[derive(Debug)]
pub(super) struct Instruments {
    duration: Histogram<f64>,
    active: UpDownCounter<i64>,
}

impl Instruments {
    pub(super) fn of(meter: &Meter) -> Self {
        Self {
            duration: meter
                .f64_histogram("rpc.server.call.duration")
                .with_unit("s")
                .with_description("Time from the arrival of a call to the end of its response.")
                .with_boundaries(DURATION_BOUNDS.to_vec())
                .build(),
            active: meter
                .i64_up_down_counter("rpc.server.active_calls")
                .with_unit("{call}")
                .with_description("Calls that have arrived and whose response has not ended.")
                .build(),
        }
    }
}

/// A call from its arrival to the end of its response.
///
/// Dropping one that was not finished means that nobody waits for the response any more: it is
/// recorded as cancelled, so that no call is ever missing from the metrics.
#[derive(Debug)]
pub(super) struct Call {
    span: Span,
    arrived: Instant,
    method: Arc<Method>,
    instruments: Arc<Instruments>,
    is_finished: bool,
}

impl Call {
    pub(super) fn begin(
        method: Arc<Method>,
        headers: &HeaderMap,
        instruments: Arc<Instruments>,
    ) -> Self {
        let span = span(&method);
        if !span.is_disabled() && headers.contains_key("traceparent") {
            let parent = TraceContextPropagator::new().extract(&Headers(headers));
            // Fails only if no exporter listens; then there is no trace to join.
            let _ = span.set_parent(parent);
        }
        instruments.active.add(1, &names(&method));
        Self { span, arrived: Instant::now(), method, instruments, is_finished: false }
    }

    /// The span in which all work for the call is done.
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Records how the call ended; only the first end counts.
    pub(super) fn finish(&mut self, code: Code) {
        if std::mem::replace(&mut self.is_finished, true) {
            return;
        }
        let number = i64::from(i32::from(code));
        self.span.record("rpc.grpc.status_code", number);
        if is_servers_fault(code) {
            self.span.record("otel.status_code", "ERROR");
        }
        let names = names(&self.method);
        self.instruments.active.add(-1, &names);
        let [service, method] = names;
        let attributes = [service, method, KeyValue::new("rpc.grpc.status_code", number)];
        self.instruments.duration.record(self.arrived.elapsed().as_secs_f64(), &attributes);
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.finish(Code::Cancelled);
    }
}

fn span(method: &Method) -> Span {
    // The level of a span is part of its call site, so there must be two.
    macro_rules! at {
        ($level:expr) => {
            tracing::span!(
                parent: None,
                $level,
                SPAN,
                otel.name = &*method.full_name,
                otel.kind = "server",
                otel.status_code = Empty,
                rpc.system = "grpc",
                rpc.service = &*method.service,
                rpc.method = &*method.name,
                rpc.grpc.status_code = Empty,
            )
        };
    }
    if method.is_infrastructure { at!(tracing::Level::DEBUG) } else { at!(tracing::Level::INFO) }
}

fn names(method: &Method) -> [KeyValue; 2] {
    [
        KeyValue::new("rpc.service", Arc::clone(&method.service)),
        KeyValue::new("rpc.method", Arc::clone(&method.name)),
    ]
}

/// The codes that the OpenTelemetry conventions count as an error of the server's span; the
/// others are answers to what the client asked.
fn is_servers_fault(code: Code) -> bool {
    matches!(
        code,
        Code::Unknown
            | Code::DeadlineExceeded
            | Code::Unimplemented
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss
    )
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(http::HeaderName::as_str).collect()
    }
}
