//! `StreamDuty`: entries answered as they come, in order, each in its place.
//!
//! An entry is read only when the client takes the answer before it: HTTP/2's own flow control
//! bounds what is under way, and nothing queues in between. A stream ends with its client, with
//! its deadline, when nothing comes for too long, or when the server is about to stop; then its
//! last answered id tells where to resume.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use pin_project_lite::pin_project;
use prost::Message;
use prost_types::Any;
use tokio::{
    task::JoinHandle,
    time::{Instant, Sleep, sleep_until},
};
use tokio_stream::Stream;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::{Code, Status, Streaming};

use super::{Deadline, duty_service::DutyApi, refusal::Refusal};
use crate::proto::google::rpc as google;
use crate::proto::portolan::tariff::v1::{
    StreamDutyRequest, StreamDutyResponse, stream_duty_response::Result as Answered,
};

/// Longest id of a request.
const LONGEST_REQUEST_ID: usize = 64;

/// Bounds on streams.
#[derive(Clone, Debug)]
pub struct StreamLimits {
    /// Longest wait for the next entry.
    pub idle: Duration,
    /// Cancelled when the server is about to stop.
    pub draining: CancellationToken,
}

impl Default for StreamLimits {
    /// A minute, and no server that stops.
    fn default() -> Self {
        Self { idle: Duration::from_mins(1), draining: CancellationToken::new() }
    }
}

pin_project! {
    /// The answers of one stream.
    pub struct DutyAnswers {
        #[pin]
        inbound: Streaming<StreamDutyRequest>,
        api: DutyApi,
        idle: Duration,
        last_seen: Instant,
        #[pin]
        alarm: Sleep,
        deadline: Option<Instant>,
        #[pin]
        draining: WaitForCancellationFutureOwned,
        // The entry in work, where it is large enough to be off the async threads.
        work: Option<JoinHandle<StreamDutyResponse>>,
        last_answered: Option<String>,
        answered: u64,
        ended: bool,
    }
}

impl DutyAnswers {
    pub(super) fn new(
        inbound: Streaming<StreamDutyRequest>,
        api: DutyApi,
        limits: &StreamLimits,
        deadline: Option<Deadline>,
    ) -> Self {
        let now = Instant::now();
        let deadline = deadline.map(|deadline| Instant::from_std(deadline.at()));
        let first_alarm = now + limits.idle;
        Self {
            inbound,
            api,
            idle: limits.idle,
            last_seen: now,
            alarm: sleep_until(deadline.map_or(first_alarm, |end| end.min(first_alarm))),
            deadline,
            draining: limits.draining.clone().cancelled_owned(),
            work: None,
            last_answered: None,
            answered: 0,
            ended: false,
        }
    }
}

impl Stream for DutyAnswers {
    type Item = Result<StreamDutyResponse, Status>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut this = self.project();
        if *this.ended {
            return Poll::Ready(None);
        }
        if let Some(work) = this.work.as_mut() {
            let Poll::Ready(done) = Pin::new(work).poll(cx) else { return Poll::Pending };
            *this.work = None;
            *this.last_seen = Instant::now();
            return Poll::Ready(Some(match done {
                Ok(response) => {
                    *this.answered += 1;
                    *this.last_answered = Some(response.request_id.clone());
                    Ok(response)
                }
                Err(_) => {
                    *this.ended = true;
                    let message = "the assessment crashed";
                    Err(Refusal::new(Code::Internal, "CRASHED", message).into_status())
                }
            }));
        }
        if this.draining.as_mut().poll(cx).is_ready() {
            *this.ended = true;
            let last = this.last_answered.clone().unwrap_or_default();
            let message = format!(
                "the server is about to stop; {} entries are answered, the last is `{last}`",
                this.answered
            );
            let refusal = Refusal::new(Code::Unavailable, "DRAINING", message);
            let refusal = refusal.with("last_answered_id", &last).with("answered", this.answered);
            return Poll::Ready(Some(Err(refusal.into_status())));
        }
        match this.inbound.as_mut().poll_next(cx) {
            Poll::Ready(Some(Ok(request))) => {
                let now = Instant::now();
                *this.last_seen = now;
                // A client that never pauses lets no alarm ring.
                if this.deadline.is_some_and(|deadline| deadline <= now) {
                    *this.ended = true;
                    return Poll::Ready(Some(Err(late(true))));
                }
                if request.request_id.trim().is_empty()
                    || request.request_id.chars().count() > LONGEST_REQUEST_ID
                {
                    *this.ended = true;
                    return Poll::Ready(Some(Err(nameless(*this.answered))));
                }
                if this.api.is_large(request.request.as_ref()) {
                    let api = this.api.clone();
                    let span = tracing::Span::current();
                    *this.work = Some(tokio::task::spawn_blocking(move || {
                        span.in_scope(|| answered(&api, request))
                    }));
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                let response = answered(this.api, request);
                *this.answered += 1;
                match this.last_answered {
                    Some(last) => last.clone_from(&response.request_id),
                    None => *this.last_answered = Some(response.request_id.clone()),
                }
                Poll::Ready(Some(Ok(response)))
            }
            Poll::Ready(Some(Err(status))) => {
                *this.ended = true;
                Poll::Ready(Some(Err(status)))
            }
            Poll::Ready(None) => {
                *this.ended = true;
                Poll::Ready(None)
            }
            Poll::Pending => {
                // The alarm is set anew only when it rings: an entry need not touch the timer.
                while this.alarm.as_mut().poll(cx).is_ready() {
                    let now = Instant::now();
                    let silent_at = *this.last_seen + *this.idle;
                    let over = this.deadline.is_some_and(|deadline| deadline <= now);
                    if over || silent_at <= now {
                        *this.ended = true;
                        return Poll::Ready(Some(Err(late(over))));
                    }
                    let next = this.deadline.map_or(silent_at, |deadline| deadline.min(silent_at));
                    this.alarm.as_mut().reset(next);
                }
                Poll::Pending
            }
        }
    }
}

fn nameless(answered: u64) -> Status {
    let message =
        format!("request_id: 1 to {LONGEST_REQUEST_ID} characters are needed, after {answered}");
    let refusal = Refusal::new(Code::InvalidArgument, "REQUEST_ID_REQUIRED", message);
    refusal.with("answered", &answered).into_status()
}

fn late(over: bool) -> Status {
    let (reason, message) = if over {
        ("DEADLINE_EXCEEDED", "the stream has come to its deadline")
    } else {
        ("STREAM_IDLE", "no entry came for too long")
    };
    Refusal::new(Code::DeadlineExceeded, reason, message).into_status()
}

fn answered(api: &DutyApi, request: StreamDutyRequest) -> StreamDutyResponse {
    let StreamDutyRequest { request_id, request } = request;
    let result = match api.calculate(request.unwrap_or_default()) {
        Ok(response) => Answered::Response(response),
        Err(status) => Answered::Error(status_message(&status)),
    };
    StreamDutyResponse { request_id, result: Some(result) }
}

/// A status as a message, its details with it.
fn status_message(status: &Status) -> google::Status {
    let details = google::Status::decode(status.details());
    let details: Vec<Any> = details.map(|told| told.details).unwrap_or_default();
    google::Status { code: status.code().into(), message: status.message().to_owned(), details }
}
