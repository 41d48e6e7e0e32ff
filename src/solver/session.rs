//! One order with one process: what is said, and when it must end.

use super::frame::Answer;
use super::order::{SolveEnd, SolveOutcome};
use super::process::SolverProcess;
use super::relay::Relay;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

/// An order under way.
pub(super) struct Session<'a> {
    pub(super) process: &'a mut SolverProcess,
    pub(super) relay: Relay,
    /// Number of the order.
    pub(super) number: u64,
    pub(super) deadline: Instant,
    /// From the deadline, or the request to stop, until the process is given up.
    pub(super) kill_grace: Duration,
    /// Whoever asked wants no answer any more.
    pub(super) cancel: CancellationToken,
    /// The pool is shut down.
    pub(super) stopped: CancellationToken,
}

/// How it ended.
#[derive(Debug)]
pub(super) enum SessionEnd {
    /// With the process's own outcome; it is free for the next.
    Answered(SolveOutcome),
    /// The process went on past the grace; why it should have stopped. It must be killed.
    Overran(SolveEnd),
    /// The process said no more, or something else.
    Died(String),
}

impl Session<'_> {
    /// Gives the order and hears the process out.
    pub(super) async fn hold(&mut self, order: &[u8], threads: u32) -> SessionEnd {
        let end = self.deadline + self.kill_grace;
        let Self { process, relay, number, cancel, stopped, kill_grace, .. } = self;
        if cancel.is_cancelled() || stopped.is_cancelled() {
            return SessionEnd::Answered(SolveOutcome::empty(SolveEnd::Cancelled));
        }
        let given = tokio::select! {
            given = process.order(order, threads) => given,
            // Half an order cannot be taken back.
            () = cancel.cancelled() => return SessionEnd::Overran(SolveEnd::Cancelled),
            () = stopped.cancelled() => return SessionEnd::Overran(SolveEnd::Cancelled),
            () = sleep_until(end) => return SessionEnd::Overran(SolveEnd::TimeLimit),
        };
        if let Err(error) = given {
            return SessionEnd::Died(error.to_string());
        }
        let mut end = end;
        let mut overdue = SolveEnd::TimeLimit;
        loop {
            let is_asked_to_stop = overdue == SolveEnd::Cancelled;
            tokio::select! {
                answer = process.answer() => match answer {
                    Ok(Answer::Event(event)) => relay.take(event),
                    Ok(Answer::Outcome(outcome)) => return SessionEnd::Answered(*outcome),
                    Err(error) => return SessionEnd::Died(error.to_string()),
                },
                () = relay.room() => {}
                () = sleep_until(end) => return SessionEnd::Overran(overdue),
                () = cancel.cancelled(), if !is_asked_to_stop => overdue = SolveEnd::Cancelled,
                () = stopped.cancelled(), if !is_asked_to_stop => overdue = SolveEnd::Cancelled,
            }
            if overdue == SolveEnd::Cancelled && !is_asked_to_stop {
                end = end.min(Instant::now() + *kill_grace);
                // It reads all the time: one that does not take a few bytes at once is in trouble,
                // and killed at the end of the grace.
                let _ = tokio::time::timeout_at(end, process.cancel(*number)).await;
            }
        }
    }

    /// What the process has told so far, as an outcome.
    pub(super) fn outcome(self, reason: SolveEnd) -> SolveOutcome {
        let Relay { best, bound, nodes, lp_iterations, .. } = self.relay;
        let (objective, values) =
            best.map_or((None, Vec::new()), |(objective, values)| (Some(objective), values));
        SolveOutcome {
            objective,
            bound,
            values,
            nodes,
            lp_iterations,
            ..SolveOutcome::empty(reason)
        }
    }
}
