//! The id of a call, which a caller can quote and an engineer can look up: the id of its trace.

use http::{HeaderMap, HeaderValue};
use opentelemetry::trace::TraceContextExt;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use prost::Message;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};
use tonic_types::pb;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

const DETAILS: &str = "grpc-status-details-bin";
const ERROR_INFO: &str = "type.googleapis.com/google.rpc.ErrorInfo";
const REQUEST_INFO: &str = "type.googleapis.com/google.rpc.RequestInfo";

/// Digits of a trace's id.
const LENGTH: usize = 32;

/// The id of a call: that of the trace its span belongs to; where nothing is traced, that of the
/// caller's trace, or a new one.
pub(super) fn of(span: &Span, traceparent: Option<&HeaderValue>) -> String {
    let context = span.context();
    let traced = context.span().span_context().trace_id();
    if traced != opentelemetry::TraceId::INVALID {
        return traced.to_string();
    }
    let callers = traceparent.and_then(|value| value.to_str().ok());
    let callers = callers
        .and_then(|value| value.split('-').nth(1))
        .filter(|id| id.len() == LENGTH && id.bytes().all(|digit| digit.is_ascii_hexdigit()));
    callers.map_or_else(|| RandomIdGenerator::default().new_trace_id().to_string(), str::to_owned)
}

/// Adds the id to the details of a status that is an error, in headers or trailers; tells the
/// reason the details give.
pub(super) fn add(id: &str, code: Code, headers: &mut HeaderMap) -> Option<String> {
    let told = MetadataMap::from_headers(std::mem::take(headers));
    let details = told.get_bin(DETAILS).and_then(|value| value.to_bytes().ok());
    let mut status = match details {
        Some(bytes) => pb::Status::decode(bytes).unwrap_or_default(),
        None => pb::Status { code: code.into(), message: String::new(), details: Vec::new() },
    };
    *headers = told.into_headers();
    if status.details.is_empty() {
        let stated = Status::from_header_map(headers);
        status.code = code.into();
        status.message = stated.map(|stated| stated.message().to_owned()).unwrap_or_default();
    }
    let info = status.details.iter().find(|detail| detail.type_url == ERROR_INFO);
    let reason = info.and_then(|detail| pb::ErrorInfo::decode(detail.value.as_slice()).ok());
    let request = pb::RequestInfo { request_id: id.to_owned(), serving_data: String::new() };
    status.details.push(prost_types::Any {
        type_url: REQUEST_INFO.to_owned(),
        value: request.encode_to_vec(),
    });
    let encoded = MetadataValue::from_bytes(&status.encode_to_vec());
    if let Ok(value) = HeaderValue::from_bytes(encoded.as_encoded_bytes()) {
        headers.insert(DETAILS, value);
    }
    reason.map(|info| info.reason)
}
