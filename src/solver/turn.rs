//! Whose turn it is: the queue before the processes.

use super::instruments::Instruments;
use super::order::{SolveEnd, SolveEvent, SolveOrder, SolveOutcome};
use super::pool::{Asked, Pool};
use super::relay::Relay;
use super::solve_error::SolveError;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::sync::{Mutex, OwnedMutexGuard, OwnedSemaphorePermit, mpsc};
use tokio::time::sleep_until;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, field::Empty, info_span};

/// The solves of one call. The first waits for a process, or is refused where as many wait as
/// may; the others keep its place, so that no call is refused halfway. They come one after
/// another.
///
/// A clone is the same turn; the place is given back when the last one is dropped and the process
/// is at rest.
#[derive(Clone, Debug)]
pub struct SolverTurn {
    pool: Arc<Pool>,
    place: Arc<Mutex<Option<Place>>>,
}

/// What a turn holds: whoever has it may take a process.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    _busy: Busy,
}

impl SolverTurn {
    pub(super) fn of(pool: Arc<Pool>) -> Self {
        Self { pool, place: Arc::default() }
    }

    /// Solves an order, once a process is free.
    ///
    /// `events` hears what happens on the way as far as it has room; the last incumbent waits for
    /// room as long as the solve lasts, and is in the outcome in any case. At `deadline`, the wait
    /// for a process included, the best point found so far is the outcome, with
    /// [`SolveEnd::TimeLimit`]. `cancel` ends the solve with [`SolveEnd::Cancelled`] and the best
    /// point found so far; dropping the future ends it without. Either way, and at the deadline,
    /// a process that has not stopped within the grace is killed. One that dies leaves its best
    /// point, with [`SolveEnd::Failed`].
    ///
    /// # Errors
    /// [`SolveError::Busy`] at once if the queue is full; [`SolveError::Crashed`] if the process
    /// died without a point; [`SolveError::TooLarge`]; [`SolveError::Stopped`].
    pub async fn solve(
        &self,
        order: SolveOrder,
        events: mpsc::Sender<SolveEvent>,
        deadline: Instant,
        cancel: CancellationToken,
    ) -> Result<SolveOutcome, SolveError> {
        let span = info_span!(
            "solve",
            reason = Empty,
            nodes = Empty,
            lp_iterations = Empty,
            gap = Empty,
            queue_ms = Empty,
            process.pid = Empty,
        );
        let asked = Asked { order, relay: Relay::to(events), deadline, cancel };
        let result = self.solved(asked, &span).instrument(span.clone()).await;
        match &result {
            Ok(outcome) => {
                span.record("reason", outcome.reason.name());
                span.record("nodes", outcome.nodes);
                span.record("lp_iterations", outcome.lp_iterations);
                if let Some(gap) = outcome.relative_gap() {
                    span.record("gap", gap);
                }
            }
            Err(error) => {
                span.record("reason", error.name());
            }
        }
        result
    }

    async fn solved(&self, asked: Asked, span: &Span) -> Result<SolveOutcome, SolveError> {
        let came = Instant::now();
        let queue = info_span!("queue");
        let place = self.place(asked.deadline, &asked.cancel).instrument(queue).await?;
        let place = match place {
            Ok(place) => place,
            Err(reason) => return Ok(SolveOutcome::empty(reason)),
        };
        span.record("queue_ms", u64::try_from(came.elapsed().as_millis()).unwrap_or(u64::MAX));
        Arc::clone(&self.pool).solve(place, asked, span).await
    }

    /// Waits for a place, if the turn has none; the inner error is the end of a solve that never
    /// began.
    async fn place(
        &self,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<Result<OwnedMutexGuard<Option<Place>>, SolveEnd>, SolveError> {
        let pool = &*self.pool;
        if pool.stopped.is_cancelled() {
            return Err(SolveError::Stopped);
        }
        let came = Instant::now();
        let mut queued = None;
        let waited = async {
            let mut held = Arc::clone(&self.place).lock_owned().await;
            if held.is_none() {
                let place = if let Ok(place) = Arc::clone(&pool.places).try_acquire_owned() {
                    place
                } else {
                    queued = Some(Queued::join(pool)?);
                    let place = Arc::clone(&pool.places).acquire_owned().await;
                    place.map_err(|_| SolveError::Stopped)?
                };
                pool.instruments.waited(came.elapsed());
                *held = Some(Place { _permit: place, _busy: Busy::count(&pool.instruments) });
            }
            Ok(held)
        };
        tokio::select! {
            // A solve nobody wants any more must not take the place of one that waits.
            biased;
            () = pool.stopped.cancelled() => Err(SolveError::Stopped),
            () = cancel.cancelled() => Ok(Err(SolveEnd::Cancelled)),
            () = sleep_until(deadline.into()) => Ok(Err(SolveEnd::TimeLimit)),
            held = waited => held.map(Ok),
        }
    }
}

/// A wait in the queue.
struct Queued<'a>(&'a Pool);

impl<'a> Queued<'a> {
    fn join(pool: &'a Pool) -> Result<Self, SolveError> {
        pool.queued
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |queued| {
                (queued < pool.max_queued).then_some(queued + 1)
            })
            .map_err(|_| {
                pool.instruments.refused();
                SolveError::Busy
            })?;
        pool.instruments.count_queued(1);
        Ok(Self(pool))
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.queued.fetch_sub(1, Ordering::Relaxed);
        self.0.instruments.count_queued(-1);
    }
}

/// A process held, for the metrics.
#[derive(Debug)]
struct Busy(Arc<Instruments>);

impl Busy {
    fn count(instruments: &Arc<Instruments>) -> Self {
        instruments.count_busy(1);
        Self(Arc::clone(instruments))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.count_busy(-1);
    }
}
