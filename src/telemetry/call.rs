//! One call while it is measured: its span, its time and how it ended.

use std::{sync::Arc, time::Instant};

use http::{HeaderMap, HeaderValue};
use opentelemetry::{
    KeyValue,
    metrics::{Histogram, Meter, UpDownCounter},
    propagation::{Extractor, TextMapPropagator},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tonic::Code;
use tracing::{Span, field::Empty};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::{methods::Method, request_id};

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
    /// What the caller says of its trace.
    traceparent: Option<HeaderValue>,
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
        let traceparent = headers.get("traceparent").cloned();
        let arrived = Instant::now();
        Self { span, arrived, method, instruments, traceparent, is_finished: false }
    }

    /// The span in which all work for the call is done.
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Records how the call ended, as its headers or trailers tell; only the first end counts. An
    /// error is given the id of the call and a line in the log.
    pub(super) fn finish_told(&mut self, code: Code, headers: &mut HeaderMap) {
        if code != Code::Ok && !self.is_finished {
            let id = request_id::of(&self.span, self.traceparent.as_ref());
            let reason = request_id::add(&id, code, headers);
            self.tell(code, &id, reason.as_deref());
        }
        self.finish(code);
    }

    /// Records how the call ended; only the first end counts.
    pub(super) fn finish(&mut self, code: Code) {
        if std::mem::replace(&mut self.is_finished, true) {
            return;
        }
        let status = status_name(code);
        self.span.record("rpc.response.status_code", status);
        let is_servers_fault = is_servers_fault(code);
        if is_servers_fault {
            self.span.record("otel.status_code", "ERROR");
            self.span.record("error.type", status);
        }
        let names = names(&self.method);
        self.instruments.active.add(-1, &names);
        let [system, method] = names;
        let status = KeyValue::new("rpc.response.status_code", status);
        let time = self.arrived.elapsed().as_secs_f64();
        if is_servers_fault {
            let error = KeyValue::new("error.type", status.value.clone());
            self.instruments.duration.record(time, &[system, method, status, error]);
        } else {
            self.instruments.duration.record(time, &[system, method, status]);
        }
    }

    /// One line for a call that failed, with nothing from its messages.
    fn tell(&self, code: Code, request_id: &str, reason: Option<&str>) {
        let (method, status) = (&*self.method.full_name, status_name(code));
        let reason = reason.unwrap_or_default();
        let ms = u64::try_from(self.arrived.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.span.in_scope(|| {
            if is_servers_fault(code) {
                tracing::warn!(method, status, reason, ms, request_id, "call failed");
            } else {
                tracing::info!(method, status, reason, ms, request_id, "call refused");
            }
        });
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
                rpc.system.name = "grpc",
                rpc.method = &*method.full_name,
                rpc.response.status_code = Empty,
                error.r#type = Empty,
            )
        };
    }
    if method.is_infrastructure { at!(tracing::Level::DEBUG) } else { at!(tracing::Level::INFO) }
}

fn names(method: &Method) -> [KeyValue; 2] {
    [
        KeyValue::new("rpc.system.name", "grpc"),
        KeyValue::new("rpc.method", Arc::clone(&method.full_name)),
    ]
}

/// A code as gRPC spells it.
pub fn status_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
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
