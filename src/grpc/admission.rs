//! Admission: how many calls may be in work at once.
//!
//! A call that finds no place is refused, once its request is in, and told when to come back; nothing
//! queues, so an overloaded server stays as fast for the calls it takes as an idle one. Health and
//! reflection are always admitted: a busy server must not look like a dead one.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Buf;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use opentelemetry::{
    KeyValue,
    metrics::{Counter, Meter},
};
use pin_project_lite::pin_project;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::{Instant, sleep_until},
};
use tonic::Code;
use tower::{Layer, Service};

use super::{Deadline, path, refusal::Refusal};

/// What a call costs; each class has places of its own, so that a dear one cannot starve a
/// cheap one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CostClass {
    /// Answered from memory in about a millisecond.
    Quote,
    /// A stream of work.
    Bulk,
    /// A sourcing problem: seconds to minutes, most of them waited for a solver.
    Solve,
}

impl CostClass {
    const ALL: [Self; 3] = [Self::Quote, Self::Bulk, Self::Solve];

    /// As metrics call it.
    fn name(self) -> &'static str {
        match self {
            Self::Quote => "quote",
            Self::Bulk => "bulk",
            Self::Solve => "solve",
        }
    }

    /// The class of the call to `path`; `None` if it needs no place.
    fn of(path: &str) -> Option<Self> {
        let class = if path::is_bulk(path) {
            Self::Bulk
        } else if path::is_solve(path) {
            Self::Solve
        } else {
            Self::Quote
        };
        path::is_domain(path).then_some(class)
    }
}

/// A place that is free again when this is dropped or, of a dear call, when its deadline has passed:
/// the body of a client that never reads is never polled, and would keep its place for ever.
#[derive(Debug)]
pub enum Place {
    /// Until the call ends.
    Held {
        /// What is given back.
        _permit: OwnedSemaphorePermit,
    },
    /// Until the call ends or its deadline.
    Timed {
        /// Holds the permit, and gives it back at the deadline.
        timer: JoinHandle<()>,
    },
}

impl Place {
    fn until(permit: OwnedSemaphorePermit, deadline: Deadline) -> Self {
        let timer = tokio::spawn(async move {
            sleep_until(Instant::from_std(deadline.at())).await;
            drop(permit);
        });
        Self::Timed { timer }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Self::Timed { timer } = self {
            timer.abort();
        }
    }
}

/// Layer that refuses calls beyond a number in work with `RESOURCE_EXHAUSTED`, reason
/// `SERVER_BUSY`, and advice on when to try again.
#[derive(Clone, Debug)]
pub struct AdmissionLayer {
    quotes: Places,
    bulk: Places,
    solves: Places,
    retry_after: Duration,
    refused: Option<Counter<u64>>,
}

/// The places of one class.
#[derive(Clone, Debug)]
struct Places {
    free: Arc<Semaphore>,
    most: usize,
}

impl Places {
    fn new(most: usize) -> Self {
        // The semaphore panics beyond its own limit, which no machine comes near.
        let most = most.min(Semaphore::MAX_PERMITS);
        Self { free: Arc::new(Semaphore::new(most)), most }
    }

    fn taken(&self) -> usize {
        self.most.saturating_sub(self.free.available_permits())
    }
}

impl AdmissionLayer {
    /// Admits so many calls, so many streams and so many sourcing calls at once and advises the
    /// others to wait `retry_after`.
    #[must_use]
    pub fn new(calls: usize, streams: usize, solves: usize, retry_after: Duration) -> Self {
        Self {
            quotes: Places::new(calls),
            bulk: Places::new(streams),
            solves: Places::new(solves),
            retry_after,
            refused: None,
        }
    }

    /// Tells of calls in work, their limit and those refused, by class.
    #[must_use]
    pub fn measured(self, meter: &Meter) -> Self {
        let classes = || CostClass::ALL.map(|class| (class.name(), self.places(class).clone()));
        let taken = classes();
        meter
            .u64_observable_gauge("portolan.admission.active_calls")
            .with_description("Calls in work, by what they cost.")
            .with_callback(move |gauge| {
                for (name, places) in &taken {
                    gauge.observe(places.taken() as u64, &[KeyValue::new("class", *name)]);
                }
            })
            .build();
        let most = classes();
        meter
            .u64_observable_gauge("portolan.admission.limit")
            .with_description("Calls that may be in work, by what they cost.")
            .with_callback(move |gauge| {
                for (name, places) in &most {
                    gauge.observe(places.most as u64, &[KeyValue::new("class", *name)]);
                }
            })
            .build();
        let refused = meter
            .u64_counter("portolan.admission.refused_calls")
            .with_description(
                "Calls refused because as many of their class were in work as may be.",
            )
            .build();
        for class in CostClass::ALL {
            // From the start: an alert must see the first.
            refused.add(0, &[KeyValue::new("class", class.name())]);
        }
        Self { refused: Some(refused), ..self }
    }

    /// A place for a call of this class, if there is one.
    fn place(&self, class: CostClass, deadline: Option<Deadline>) -> Option<Place> {
        let Ok(permit) = Arc::clone(&self.places(class).free).try_acquire_owned() else {
            if let Some(refused) = &self.refused {
                refused.add(1, &[KeyValue::new("class", class.name())]);
            }
            return None;
        };
        Some(match deadline.filter(|_| class != CostClass::Quote) {
            Some(deadline) => Place::until(permit, deadline),
            None => Place::Held { _permit: permit },
        })
    }

    fn places(&self, class: CostClass) -> &Places {
        match class {
            CostClass::Quote => &self.quotes,
            CostClass::Bulk => &self.bulk,
            CostClass::Solve => &self.solves,
        }
    }
}

impl<S> Layer<S> for AdmissionLayer {
    type Service = Admitted<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Admitted { inner, layer: self.clone() }
    }
}

/// A service whose calls need a place; made by [`AdmissionLayer`].
#[derive(Clone, Debug)]
pub struct Admitted<S> {
    inner: S,
    layer: AdmissionLayer,
}

impl<S, Q, B> Service<Request<Q>> for Admitted<S>
where
    S: Service<Request<Q>, Response = Response<B>>,
    B: Default,
    Q: Body,
{
    type Response = Response<AdmittedBody<B>>;
    type Error = S::Error;
    type Future = AdmittedFuture<S::Future, Q>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let place = match CostClass::of(request.uri().path()) {
            None => None,
            Some(class) => match self.layer.place(class, request.extensions().get().copied()) {
                None => {
                    return AdmittedFuture::Refused {
                        request: (class != CostClass::Bulk).then(|| request.into_body()),
                        read: 0,
                        retry_after: self.layer.retry_after,
                    };
                }
                place => place,
            },
        };
        AdmittedFuture::Admitted { response: self.inner.call(request), place }
    }
}

pin_project! {
    /// The response of an admitted call, to come, or the refusal.
    #[project = Projected]
    #[derive(Debug)]
    pub enum AdmittedFuture<F, Q> {
        /// The call is in work.
        Admitted {
            #[pin]
            response: F,
            place: Option<Place>,
        },
        /// No place was free; the call was not made.
        Refused {
            // Read and thrown away. What reaches a stream that has ended already counts against
            // its connection, and the HTTP/2 library closes one of which it has counted some
            // thousands: every call on it would be lost.
            #[pin]
            request: Option<Q>,
            read: usize,
            retry_after: Duration,
        },
    }
}

/// Most bytes of a refused request that are read.
const MOST_READ: usize = 1024 * 1024;

impl<F, B, E, Q> Future for AdmittedFuture<F, Q>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Default,
    Q: Body,
{
    type Output = Result<Response<AdmittedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::Admitted { response, place } => {
                let response = ready!(response.poll(cx))?;
                let place = place.take();
                Poll::Ready(Ok(response.map(|inner| AdmittedBody { inner, place })))
            }
            Projected::Refused { request, read, retry_after } => {
                if let Some(mut request) = request.as_pin_mut() {
                    while *read <= MOST_READ
                        && let Some(Ok(frame)) = ready!(request.as_mut().poll_frame(cx))
                    {
                        *read += frame.data_ref().map_or(0, Buf::remaining);
                    }
                }
                let refusal = Refusal::new(
                    Code::ResourceExhausted,
                    "SERVER_BUSY",
                    "the server works on as many calls as it may; try again later",
                );
                Poll::Ready(Ok(refusal.retry_after(*retry_after).into_response()))
            }
        }
    }
}

pin_project! {
    /// The body of an admitted call's response; the place is free again when it is sent.
    #[derive(Debug, Default)]
    pub struct AdmittedBody<B> {
        #[pin]
        inner: B,
        place: Option<Place>,
    }
}

impl<B: Body> Body for AdmittedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower::ServiceExt;
    use tower::service_fn;

    const QUOTE: &str = "/portolan.tariff.v1.DutyService/CalculateDuty";
    const STREAM: &str = "/portolan.tariff.v1.DutyService/StreamDuty";
    const HEALTH: &str = "/grpc.health.v1.Health/Check";
    const SOLVES: [&str; 3] = [
        "/portolan.sourcing.v1.SourcingService/OptimizeSourcing",
        "/portolan.sourcing.v1.SourcingService/StreamOptimization",
        "/portolan.sourcing.v1.SourcingService/EvaluatePlan",
    ];

    /// Whether a call beside these, none of which ends, is made.
    async fn admitted(layer: &AdmissionLayer, held: &[&str], asked: &str) -> bool {
        let call = |path: &str| Request::builder().uri(path).body(String::new()).unwrap();
        let endless = service_fn(|_: Request<String>| {
            std::future::pending::<Result<Response<String>, std::convert::Infallible>>()
        });
        let service = layer.layer(endless);
        let held: Vec<_> = held.iter().map(|path| service.clone().call(call(path))).collect();
        let at_once = service_fn(|_: Request<String>| async {
            Ok::<_, std::convert::Infallible>(Response::new("made".to_owned()))
        });
        let answer = layer.layer(at_once).oneshot(call(asked)).await.unwrap();
        drop(held);
        answer.into_body().inner == "made"
    }

    #[tokio::test]
    async fn every_class_has_places_of_its_own() {
        let layer = AdmissionLayer::new(1, 1, 2, Duration::from_millis(1));
        assert!(admitted(&layer, &SOLVES[..1], SOLVES[2]).await, "two solves at once");
        assert!(!admitted(&layer, &SOLVES[..2], SOLVES[2]).await, "and no third");
        for other in [QUOTE, STREAM, HEALTH] {
            assert!(admitted(&layer, &SOLVES, other).await, "{other} beside solves");
            assert!(admitted(&layer, &[QUOTE, STREAM], SOLVES[0]).await, "solves beside others");
        }
        assert!(!admitted(&layer, &[QUOTE], QUOTE).await);
        assert!(admitted(&layer, &[QUOTE], HEALTH).await);
    }
}
