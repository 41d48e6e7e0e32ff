//! `StreamOptimization`: how far the search is, then the answer.
//!
//! The search runs by itself and not when the stream is polled: a reader that does not read must
//! not keep it from its deadline. What it tells waits in a channel of a few places; a message that
//! finds none is lost, the answer never is. Dropping the stream ends the search.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Instant,
};

use tokio::{
    sync::mpsc,
    task::JoinHandle,
    time::{Instant as Moment, timeout_at},
};
use tokio_stream::Stream;
use tonic::{Code, Status};
use tracing::{Instrument, Span};

use super::{convert::progress_message, refusal::Refusal, sourcing_service::CallTime};
use crate::{
    app::SearchProgress,
    proto::portolan::sourcing::v1::{
        OptimizeSourcingResponse, StreamOptimizationResponse, stream_optimization_response::Event,
    },
    sourcing::Objective,
};

/// Messages that wait for a slow reader.
const WAITING_MESSAGES: usize = 16;

type Answer = Result<OptimizeSourcingResponse, Status>;

/// The messages of one search.
#[derive(Debug)]
pub struct SearchMessages {
    progress: mpsc::Receiver<SearchProgress>,
    /// None once the search has been answered.
    search: Option<JoinHandle<Answer>>,
    objective: Objective,
    began: Instant,
}

impl SearchMessages {
    /// The messages of `search`, which is begun and ends with its call at the latest.
    pub(super) fn new<F>(
        search: impl FnOnce(mpsc::Sender<SearchProgress>) -> F,
        objective: Objective,
        time: CallTime,
    ) -> Self
    where
        F: Future<Output = Answer> + Send + 'static,
    {
        let (teller, progress) = mpsc::channel(WAITING_MESSAGES);
        let search = timeout_at(Moment::from_std(time.ends), search(teller));
        let answered = async { search.await.unwrap_or_else(|_| Err(late())) };
        let search = Some(tokio::spawn(answered.instrument(Span::current())));
        Self { progress, search, objective, began: time.began }
    }
}

impl Drop for SearchMessages {
    fn drop(&mut self) {
        if let Some(search) = &self.search {
            search.abort();
        }
    }
}

impl Stream for SearchMessages {
    type Item = Result<StreamOptimizationResponse, Status>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.search.is_none() {
            return Poll::Ready(None);
        }
        // What was told before the answer comes before it.
        if let Poll::Ready(Some(progress)) = self.progress.poll_recv(cx) {
            let progress = progress_message(&progress, self.objective, self.began.elapsed());
            return Poll::Ready(Some(Ok(message(Event::Progress(progress)))));
        }
        let Some(search) = self.search.as_mut() else { return Poll::Ready(None) };
        let ended = ready!(Pin::new(search).poll(cx));
        self.search = None;
        let answer = ended.unwrap_or_else(|_| Err(crashed()));
        Poll::Ready(Some(answer.map(|response| message(Event::Response(response)))))
    }
}

fn message(event: Event) -> StreamOptimizationResponse {
    StreamOptimizationResponse { event: Some(event) }
}

fn late() -> Status {
    let message = "the search has come to its deadline";
    Refusal::new(Code::DeadlineExceeded, "DEADLINE_EXCEEDED", message).into_status()
}

fn crashed() -> Status {
    Refusal::new(Code::Internal, "CRASHED", "the search crashed").into_status()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::SearchPhase;
    use std::time::Duration;
    use tokio_stream::StreamExt;
    use tonic_types::StatusExt;

    fn minute() -> CallTime {
        let began = Instant::now();
        CallTime { began, ends: began + Duration::from_mins(1) }
    }

    fn at(nodes: u64) -> SearchProgress {
        SearchProgress {
            phase: SearchPhase::Search,
            incumbent: Some(200.into()),
            bound: Some(150.into()),
            nodes,
            lp_iterations: 0,
        }
    }

    #[tokio::test]
    async fn progress_comes_in_order_and_the_answer_last() {
        let search = |teller: mpsc::Sender<SearchProgress>| async move {
            for nodes in 0..3 {
                teller.send(at(nodes)).await.unwrap();
            }
            Ok(OptimizeSourcingResponse::default())
        };
        let messages = SearchMessages::new(search, Objective::Profit, minute());
        let events: Vec<Event> = messages.map(|told| told.unwrap().event.unwrap()).collect().await;
        let [told @ .., Event::Response(_)] = events.as_slice() else { panic!("{events:?}") };
        assert_eq!(told.len(), 3);
        for (told, nodes) in told.iter().zip(0..) {
            let Event::Progress(told) = told else { panic!("{told:?}") };
            assert_eq!(told.nodes, nodes);
            // A profit is a cost turned round; the gap is the same.
            assert_eq!(told.incumbent.as_ref().unwrap().value, "-200");
            assert_eq!(told.relative_gap.as_ref().unwrap().value, "0.25");
            assert!(told.elapsed.is_some());
        }
    }

    #[tokio::test]
    async fn a_slow_reader_loses_messages_and_never_the_answer() {
        let search = |teller: mpsc::Sender<SearchProgress>| async move {
            for nodes in 0..1000 {
                let _ = teller.try_send(at(nodes));
            }
            Ok(OptimizeSourcingResponse::default())
        };
        let messages = SearchMessages::new(search, Objective::Cost, minute());
        tokio::time::sleep(Duration::from_millis(20)).await;
        let events: Vec<Event> = messages.map(|told| told.unwrap().event.unwrap()).collect().await;
        assert_eq!(events.len(), WAITING_MESSAGES + 1);
        assert!(matches!(events.last(), Some(Event::Response(_))));
    }

    #[tokio::test]
    async fn a_stream_that_is_dropped_ends_its_search() {
        let (held, mut dropped) = mpsc::channel::<()>(1);
        let search = |teller| async move {
            let _both_until_dropped = (teller, held);
            std::future::pending().await
        };
        let mut messages = SearchMessages::new(search, Objective::Cost, minute());
        let first = tokio::time::timeout(Duration::from_millis(20), messages.next()).await;
        assert!(first.is_err(), "the search goes on");
        drop(messages);
        assert_eq!(dropped.recv().await, None);
    }

    #[tokio::test]
    async fn a_search_beyond_its_call_is_cut_off() {
        let began = Instant::now();
        let time = CallTime { began, ends: began + Duration::from_millis(10) };
        let search = |teller| async move {
            let _held = teller;
            std::future::pending().await
        };
        let mut messages = SearchMessages::new(search, Objective::Cost, time);
        let status = messages.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), Code::DeadlineExceeded);
        assert_eq!(status.get_details_error_info().unwrap().reason, "DEADLINE_EXCEEDED");
        assert!(messages.next().await.is_none());
    }
}
