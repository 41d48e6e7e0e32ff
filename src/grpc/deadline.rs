//! The deadline of every call: the client's, or the default, and never beyond the maximum.
//!
//! A deadline covers the making of the response: all of a unary call, and of a streaming call
//! the time until its stream is open. The stream itself is cut by its handler, which finds the
//! [`Deadline`] among the request's extensions. Health watches and reflection sessions
//! stay open for as long as the client wants and have no deadline.
//!
//! tonic acts on `grpc-timeout` too, outside of every layer, and answers `CANCELLED`. It polls
//! this layer before its own timer, which was started later, so the answer from here comes first.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, Request, Response};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tonic::Code;
use tower::{Layer, Service};

use super::{path, refusal::Refusal};

/// Header in which a client says how long it will wait.
const GRPC_TIMEOUT: &str = "grpc-timeout";
/// Most digits of the header's number, set by the gRPC protocol.
const MAX_DIGITS: usize = 8;

/// The moment at which the client stops waiting; an extension of every request that has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// The moment itself.
    #[must_use]
    pub fn at(self) -> std::time::Instant {
        self.0.into_std()
    }

    /// Time left; zero once the deadline has passed.
    #[must_use]
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

/// A `grpc-timeout` that does not follow the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("grpc-timeout must be one to eight digits and one of the units H, M, S, m, u and n")]
pub struct MalformedTimeout;

/// Reads the value of a `grpc-timeout` header: `500m` is half a second.
///
/// # Errors
/// If it is not one to eight ASCII digits followed by one of the units H, M, S, m, u, n.
pub fn parse_timeout(value: &[u8]) -> Result<Duration, MalformedTimeout> {
    let (unit, digits) = value.split_last().ok_or(MalformedTimeout)?;
    if digits.is_empty() || digits.len() > MAX_DIGITS || !digits.iter().all(u8::is_ascii_digit) {
        return Err(MalformedTimeout);
    }
    // Eight digits: neither this sum nor the hours in seconds can overflow.
    let number = digits.iter().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Ok(Duration::from_secs(number * 3600)),
        b'M' => Ok(Duration::from_secs(number * 60)),
        b'S' => Ok(Duration::from_secs(number)),
        b'm' => Ok(Duration::from_millis(number)),
        b'u' => Ok(Duration::from_micros(number)),
        b'n' => Ok(Duration::from_nanos(number)),
        _ => Err(MalformedTimeout),
    }
}

/// Layer that answers `DEADLINE_EXCEEDED` for a call that takes too long, and `INVALID_ARGUMENT`
/// for one whose `grpc-timeout` cannot be read.
#[derive(Clone, Copy, Debug)]
pub struct DeadlineLayer {
    default: Duration,
    max: Duration,
    max_stream: Duration,
    default_solve: Duration,
    max_solve: Duration,
}

impl DeadlineLayer {
    /// Gives `default` to calls without a deadline and cuts longer ones to `max`; a stream of
    /// work has `max_stream` for both. Sourcing calls have the same as others until
    /// [`DeadlineLayer::with_solves`].
    #[must_use]
    pub fn new(default: Duration, max: Duration, max_stream: Duration) -> Self {
        Self { default, max, max_stream, default_solve: default, max_solve: max }
    }

    /// The same, with a default and a longest deadline of their own for sourcing calls.
    #[must_use]
    pub fn with_solves(self, default: Duration, max: Duration) -> Self {
        Self { default_solve: default, max_solve: max, ..self }
    }

    fn limit(&self, path: &str, headers: &HeaderMap) -> Result<Duration, MalformedTimeout> {
        let (default, max) = if path::is_bulk(path) {
            (self.max_stream, self.max_stream)
        } else if path::is_solve(path) {
            (self.default_solve, self.max_solve)
        } else {
            (self.default, self.max)
        };
        match headers.get(GRPC_TIMEOUT) {
            Some(value) => Ok(parse_timeout(value.as_bytes())?.min(max)),
            None => Ok(default),
        }
    }
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = WithDeadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WithDeadline { inner, layer: *self }
    }
}

/// A service whose calls end in time; made by [`DeadlineLayer`].
#[derive(Clone, Debug)]
pub struct WithDeadline<S> {
    inner: S,
    layer: DeadlineLayer,
}

impl<S, Q, B> Service<Request<Q>> for WithDeadline<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
    B: Default,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = DeadlineFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Q>) -> Self::Future {
        if path::is_open_ended(request.uri().path()) {
            return DeadlineFuture::Unbounded { response: self.inner.call(request) };
        }
        let Ok(limit) = self.layer.limit(request.uri().path(), request.headers()) else {
            return DeadlineFuture::Malformed;
        };
        // Before the call and not at the first poll: tonic starts its timer after the call.
        let deadline = Instant::now() + limit;
        request.extensions_mut().insert(Deadline(deadline));
        DeadlineFuture::Bounded {
            response: self.inner.call(request),
            expiry: sleep_until(deadline),
            limit,
        }
    }
}

pin_project! {
    /// The response of a call with a deadline, to come.
    #[project = Projected]
    #[derive(Debug)]
    pub enum DeadlineFuture<F> {
        /// The call has a deadline.
        Bounded {
            #[pin]
            response: F,
            #[pin]
            expiry: Sleep,
            limit: Duration,
        },
        /// The call may stay open.
        Unbounded {
            #[pin]
            response: F,
        },
        /// The client's deadline cannot be read; the call was not made.
        Malformed,
    }
}

impl<F, B, E> Future for DeadlineFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
{
    type Output = Result<Response<B>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::Bounded { response, expiry, limit } => {
                if let Poll::Ready(response) = response.poll(cx) {
                    return Poll::Ready(response);
                }
                // The clock is asked too: the poll above may have taken long, and tonic's timer,
                // which is looked at next, must not find the deadline passed first.
                let deadline = expiry.deadline();
                if expiry.poll(cx).is_ready() || Instant::now() >= deadline {
                    return Poll::Ready(Ok(exceeded(*limit).into_response()));
                }
                Poll::Pending
            }
            Projected::Unbounded { response } => response.poll(cx),
            Projected::Malformed => {
                let refusal = Refusal::new(
                    Code::InvalidArgument,
                    "MALFORMED_GRPC_TIMEOUT",
                    MalformedTimeout.to_string(),
                );
                Poll::Ready(Ok(refusal.into_response()))
            }
        }
    }
}

fn exceeded(limit: Duration) -> Refusal {
    let limit_ms = limit.as_millis();
    let message = format!("the call took longer than its deadline of {limit_ms} ms");
    Refusal::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message).with("deadlineMs", &limit_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_unit_is_read() {
        let cases = [
            ("1H", Duration::from_hours(1)),
            ("2M", Duration::from_mins(2)),
            ("3S", Duration::from_secs(3)),
            ("4m", Duration::from_millis(4)),
            ("5u", Duration::from_micros(5)),
            ("6n", Duration::from_nanos(6)),
            ("0n", Duration::ZERO),
            ("99999999H", Duration::from_hours(99_999_999)),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_timeout(text.as_bytes()), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_malformed() {
        for text in ["", "S", "10", "10s", "+1S", "-1S", "1.5S", " 1S", "1 S", "123456789S", "١S"]
        {
            assert_eq!(parse_timeout(text.as_bytes()), Err(MalformedTimeout), "{text}");
        }
    }

    #[test]
    fn a_long_deadline_is_cut_and_a_missing_one_is_the_default() {
        let hour = Duration::from_hours(1);
        let layer = DeadlineLayer::new(Duration::from_secs(10), Duration::from_mins(1), hour)
            .with_solves(Duration::from_secs(30), Duration::from_mins(5));
        let quote = "/portolan.tariff.v1.DutyService/CalculateDuty";
        let stream = "/portolan.tariff.v1.DutyService/StreamDuty";
        let solve = "/portolan.sourcing.v1.SourcingService/StreamOptimization";
        let mut headers = HeaderMap::new();
        assert_eq!(layer.limit(stream, &headers), Ok(hour));
        assert_eq!(layer.limit(quote, &headers), Ok(Duration::from_secs(10)));
        assert_eq!(layer.limit(solve, &headers), Ok(Duration::from_secs(30)));
        headers.insert(GRPC_TIMEOUT, http::HeaderValue::from_static("99999999H"));
        assert_eq!(layer.limit(quote, &headers), Ok(Duration::from_mins(1)));
        assert_eq!(layer.limit(solve, &headers), Ok(Duration::from_mins(5)));
        headers.insert(GRPC_TIMEOUT, http::HeaderValue::from_static("20m"));
        assert_eq!(layer.limit(stream, &headers), Ok(Duration::from_millis(20)));
    }
}
