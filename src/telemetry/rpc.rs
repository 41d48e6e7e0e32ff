//! The tower layer that measures and traces every call of a gRPC server.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, Request, Response};
use http_body::{Body, Frame, SizeHint};
use opentelemetry::metrics::Meter;
use pin_project_lite::pin_project;
use tonic::{Code, Status};
use tower::{Layer, Service};

use super::{
    call::{Call, Instruments},
    methods::Methods,
};

/// Layer that opens a span for every call and records its duration and status.
///
/// The span is named `package.Service/Method` and joins the trace of the caller's `traceparent`
/// header. The metrics are `rpc.server.call.duration`, a histogram in seconds by `rpc.method` and
/// `rpc.response.status_code`, and `rpc.server.active_calls`; names are those of the OpenTelemetry
/// conventions, 1.45. A call ends with its response, body included; one abandoned before counts as
/// cancelled. An error is given the id of the call, `google.rpc.RequestInfo`, and a line in the
/// log. Neither spans nor metrics nor the log hold anything from a message.
#[derive(Clone, Debug)]
pub struct RpcTelemetry {
    methods: Arc<Methods>,
    instruments: Arc<Instruments>,
}

impl RpcTelemetry {
    /// Measures with `meter`; a method outside `methods` is recorded as `_OTHER`.
    #[must_use]
    pub fn new(meter: &Meter, methods: Methods) -> Self {
        Self { methods: Arc::new(methods), instruments: Arc::new(Instruments::of(meter)) }
    }
}

impl<S> Layer<S> for RpcTelemetry {
    type Service = Measured<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Measured { inner, telemetry: self.clone() }
    }
}

/// A service whose calls are measured; made by [`RpcTelemetry`].
#[derive(Clone, Debug)]
pub struct Measured<S> {
    inner: S,
    telemetry: RpcTelemetry,
}

impl<S, Q, B> Service<Request<Q>> for Measured<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
{
    type Response = Response<MeasuredBody<B>>;
    type Error = S::Error;
    type Future = MeasuredFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let RpcTelemetry { methods, instruments } = &self.telemetry;
        let call = Call::begin(
            methods.of(request.uri().path()),
            request.headers(),
            Arc::clone(instruments),
        );
        let response = call.span().in_scope(|| self.inner.call(request));
        MeasuredFuture { response, call: Some(call) }
    }
}

pin_project! {
    /// The response of a measured call, to come.
    #[derive(Debug)]
    pub struct MeasuredFuture<F> {
        #[pin]
        response: F,
        // Moves on to the body with the response.
        call: Option<Call>,
    }
}

impl<F, B, E> Future for MeasuredFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<MeasuredBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut result = {
            let _in_span = this.call.as_ref().map(|call| call.span().enter());
            ready!(this.response.poll(cx))
        };
        let mut call = this.call.take();
        match &mut result {
            // A refusal has no body that would be read: all there is to know is in the headers.
            Ok(response) => finish_if_told(&mut call, response.headers_mut()),
            Err(_) => finish(&mut call, Code::Unknown),
        }
        Poll::Ready(result.map(|response| response.map(|inner| MeasuredBody { inner, call })))
    }
}

pin_project! {
    /// The body of a measured response; its trailers tell how the call ended.
    #[derive(Debug)]
    pub struct MeasuredBody<B> {
        #[pin]
        inner: B,
        call: Option<Call>,
    }
}

impl<B: Body> Body for MeasuredBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.project();
        let mut frame = {
            let _in_span = this.call.as_ref().map(|call| call.span().enter());
            ready!(this.inner.poll_frame(cx))
        };
        match &mut frame {
            Some(Ok(frame)) => {
                if let Some(trailers) = frame.trailers_mut() {
                    finish_if_told(this.call, trailers);
                }
            }
            // The end without a status: to the client, an unknown error.
            Some(Err(_)) | None => finish(this.call, Code::Unknown),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

fn finish_if_told(call: &mut Option<Call>, headers: &mut HeaderMap) {
    if let Some(status) = headers.get(Status::GRPC_STATUS) {
        let code = Code::from_bytes(status.as_bytes());
        if let Some(mut call) = call.take() {
            call.finish_told(code, headers);
        }
    }
}

/// Ends the call and lets go of its span, which is exported when nobody holds it.
fn finish(call: &mut Option<Call>, code: Code) {
    if let Some(mut call) = call.take() {
        call.finish(code);
    }
}
