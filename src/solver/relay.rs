//! Passes the events of a solve on to the one who asked, who may listen slowly or not at all.

use super::order::{SolveEvent, SolvePhase};
use std::collections::VecDeque;
use tokio::sync::mpsc::Sender;
use tokio::sync::mpsc::error::TrySendError;
use tracing::{Span, info_span};

/// What one solve has told so far, and what of it is still to be passed on.
///
/// A solve never waits for its listener. Progress that finds no room is dropped, an incumbent gives
/// way only to a better one, and a phase to none.
#[derive(Debug)]
pub(super) struct Relay {
    events: Sender<SolveEvent>,
    waiting: VecDeque<SolveEvent>,
    phase: Option<Span>,
    pub(super) best: Option<(f64, Vec<f64>)>,
    pub(super) bound: Option<f64>,
    pub(super) nodes: u64,
    pub(super) lp_iterations: u64,
}

impl Relay {
    pub(super) fn to(events: Sender<SolveEvent>) -> Self {
        Self {
            events,
            waiting: VecDeque::new(),
            phase: None,
            best: None,
            bound: None,
            nodes: 0,
            lp_iterations: 0,
        }
    }

    /// Takes an event in, and passes on what there is room for.
    pub(super) fn take(&mut self, event: SolveEvent) {
        match &event {
            SolveEvent::Phase(phase) => {
                // The one before ends with its span.
                self.phase = None;
                self.phase = Some(match phase {
                    SolvePhase::Presolve => info_span!("presolve"),
                    SolvePhase::Relaxation => info_span!("relaxation"),
                    SolvePhase::Search => info_span!("search"),
                });
            }
            SolveEvent::Incumbent { objective, bound, values } => {
                self.best = Some((*objective, values.clone()));
                self.bound = bound.or(self.bound);
                self.waiting.retain(|waiting| !matches!(waiting, SolveEvent::Incumbent { .. }));
            }
            SolveEvent::Progress { bound, nodes, lp_iterations, .. } => {
                self.bound = bound.or(self.bound);
                (self.nodes, self.lp_iterations) = (*nodes, *lp_iterations);
                if !self.waiting.is_empty() {
                    return;
                }
            }
        }
        self.waiting.push_back(event);
        self.pass_on();
        self.waiting.retain(|waiting| !matches!(waiting, SolveEvent::Progress { .. }));
    }

    /// Waits for room for what is still to be passed on, for ever if there is nothing; may be given
    /// up at any time.
    pub(super) async fn room(&mut self) {
        if self.waiting.is_empty() {
            return std::future::pending().await;
        }
        match self.events.reserve().await {
            Ok(room) => {
                if let Some(event) = self.waiting.pop_front() {
                    room.send(event);
                }
            }
            // Nobody listens any more.
            Err(_) => self.waiting.clear(),
        }
    }

    /// Passes on what there is room for.
    pub(super) fn pass_on(&mut self) {
        while let Some(event) = self.waiting.pop_front() {
            match self.events.try_send(event) {
                Ok(()) => {}
                Err(TrySendError::Full(event)) => {
                    self.waiting.push_front(event);
                    return;
                }
                Err(TrySendError::Closed(_)) => self.waiting.clear(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::channel;

    fn incumbent(objective: f64) -> SolveEvent {
        SolveEvent::Incumbent { objective, bound: None, values: vec![objective] }
    }

    fn progress(nodes: u64) -> SolveEvent {
        SolveEvent::Progress { incumbent: None, bound: None, nodes, lp_iterations: 0 }
    }

    #[tokio::test]
    async fn a_slow_listener_loses_progress_but_not_the_last_incumbent() {
        let (events, mut listener) = channel(1);
        let mut relay = Relay::to(events);
        relay.take(progress(1));
        relay.take(progress(2));
        relay.take(incumbent(5.0));
        relay.take(progress(3));
        relay.take(SolveEvent::Phase(SolvePhase::Search));
        relay.take(incumbent(4.0));
        assert_eq!(listener.recv().await, Some(progress(1)));
        relay.room().await;
        assert_eq!(listener.recv().await, Some(SolveEvent::Phase(SolvePhase::Search)));
        relay.room().await;
        assert_eq!(listener.recv().await, Some(incumbent(4.0)));
        assert_eq!(relay.best, Some((4.0, vec![4.0])));
        assert_eq!(relay.nodes, 3);
        relay.take(progress(4));
        assert_eq!(listener.recv().await, Some(progress(4)));
    }

    #[tokio::test]
    async fn a_listener_that_is_gone_holds_nothing_up() {
        let (events, listener) = channel(1);
        drop(listener);
        let mut relay = Relay::to(events);
        relay.take(incumbent(5.0));
        relay.take(incumbent(4.0));
        assert_eq!(relay.best, Some((4.0, vec![4.0])));
    }
}
