//! The pool of solver processes: who gets one, and what becomes of it.

use super::instruments::Instruments;
use super::order::{SolveEnd, SolveEvent, SolveOrder, SolveOutcome};
use super::process::{Launch, Launcher, SolverProcess};
use super::relay::Relay;
use super::session::{Session, SessionEnd};
use super::solve_error::SolveError;
use crate::settings::SolverSettings;
use opentelemetry::metrics::Meter;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::{sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, field::Empty, info_span, warn};

/// For ending a process that was asked to stop in vain, and for starting another in its place.
const HOUSEKEEPING: Duration = Duration::from_secs(5);

/// Solver processes kept warm, and the queue before them.
///
/// A clone is the same pool. A process solves one order at a time; what befalls it befalls no
/// other. When the last clone is dropped the processes are killed.
#[derive(Clone, Debug)]
pub struct SolverPool(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    size: usize,
    max_queued: usize,
    solves_per_process: u32,
    kill_grace: Duration,
    max_frame_bytes: usize,
    launcher: Launcher,
    /// A place for each process: whoever holds one may take a process, and sees to it that there
    /// is another before giving the place back.
    places: Arc<Semaphore>,
    idle: Mutex<Vec<SolverProcess>>,
    queued: AtomicUsize,
    stopped: CancellationToken,
    instruments: Arc<Instruments>,
}

impl SolverPool {
    /// Starts the processes. Must be called within a runtime.
    ///
    /// # Errors
    /// What the system refuses.
    pub async fn start(settings: &SolverSettings, meter: &Meter) -> io::Result<Self> {
        let launch = Launch::of(settings)?;
        let pool = Pool {
            size: settings.processes,
            max_queued: settings.max_queued,
            solves_per_process: settings.solves_per_process,
            kill_grace: settings.kill_grace,
            max_frame_bytes: launch.max_frame_bytes(),
            launcher: Launcher::new(launch)?,
            places: Arc::new(Semaphore::new(settings.processes)),
            idle: Mutex::new(Vec::with_capacity(settings.processes)),
            queued: AtomicUsize::new(0),
            stopped: CancellationToken::new(),
            instruments: Arc::new(Instruments::of(meter, settings.processes, settings.max_queued)),
        };
        for _ in 0..pool.size {
            let process = pool.launcher.launch().await?;
            pool.idle().push(process);
        }
        Ok(Self(Arc::new(pool)))
    }

    /// Processes in all.
    pub fn size(&self) -> usize {
        self.0.size
    }

    /// Solves that wait for a process.
    pub fn queued(&self) -> usize {
        self.0.queued.load(Ordering::Relaxed)
    }

    /// Processes at work, or being replaced.
    pub fn busy(&self) -> usize {
        self.0.size.saturating_sub(self.0.places.available_permits())
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
        Arc::clone(&self.0).solve(asked, &span).instrument(span.clone()).await
    }

    /// Ends all solves as if cancelled, refuses new ones and ends the processes.
    ///
    /// Takes a little longer than the grace at most.
    pub async fn shutdown(&self) {
        let pool = &*self.0;
        pool.stopped.cancel();
        // With all the places in hand no process is at work.
        let all = u32::try_from(pool.size).unwrap_or(u32::MAX);
        let at_rest = pool.places.acquire_many(all);
        if timeout(pool.kill_grace + HOUSEKEEPING, at_rest).await.is_err() {
            warn!("solver processes are still at work; they are killed with the server");
        }
        pool.places.close();
        let idle = std::mem::take(&mut *pool.idle());
        let mut ending = tokio::task::JoinSet::new();
        for process in idle {
            ending.spawn(process.retire(pool.kill_grace));
        }
        ending.join_all().await;
    }
}

/// A solve as it was asked for.
struct Asked {
    order: SolveOrder,
    relay: Relay,
    deadline: Instant,
    cancel: CancellationToken,
}

impl Pool {
    async fn solve(self: Arc<Self>, asked: Asked, span: &Span) -> Result<SolveOutcome, SolveError> {
        let Asked { order, relay, deadline, cancel } = asked;
        let came = Instant::now();
        let queue = info_span!("queue");
        let place = match self.place(deadline, &cancel).instrument(queue).await? {
            Ok(place) => place,
            Err(reason) => {
                span.record("reason", reason.name());
                return Ok(SolveOutcome::empty(reason));
            }
        };
        let waited = came.elapsed();
        self.instruments.waited(waited);
        span.record("queue_ms", u64::try_from(waited.as_millis()).unwrap_or(u64::MAX));

        // Cancelled by whoever asked, and when this future is dropped.
        let stop = cancel.child_token();
        let _stop_if_abandoned = stop.clone().drop_guard();
        let (reply, answer) = oneshot::channel();
        let begun = Instant::now();
        let instruments = Arc::clone(&self.instruments);
        let work = self.work(place, Asked { order, relay, deadline, cancel: stop }, reply);
        // A task of its own: the place is held until the process is at rest, whoever still waits.
        tokio::spawn(work.instrument(span.clone()));
        let result = answer.await.unwrap_or_else(|_| {
            Err(SolveError::Crashed { detail: "the solve was dropped by the server".to_owned() })
        });
        instruments.solved(begun.elapsed(), result.as_ref().ok());
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

    /// Waits for a place; the inner error is the end of a solve that never began.
    async fn place(
        &self,
        deadline: Instant,
        cancel: &CancellationToken,
    ) -> Result<Result<OwnedSemaphorePermit, SolveEnd>, SolveError> {
        if self.stopped.is_cancelled() {
            return Err(SolveError::Stopped);
        }
        if let Ok(place) = Arc::clone(&self.places).try_acquire_owned() {
            return Ok(Ok(place));
        }
        let _queued = Queued::join(self)?;
        tokio::select! {
            // A solve nobody wants any more must not take the place of one that waits.
            biased;
            () = self.stopped.cancelled() => Err(SolveError::Stopped),
            () = cancel.cancelled() => Ok(Err(SolveEnd::Cancelled)),
            () = sleep_until(deadline.into()) => Ok(Err(SolveEnd::TimeLimit)),
            place = Arc::clone(&self.places).acquire_owned() => {
                Ok(Ok(place.map_err(|_| SolveError::Stopped)?))
            }
        }
    }

    /// Has an order solved and sees to it that a process is at rest before the place is free.
    async fn work(
        self: Arc<Self>,
        place: OwnedSemaphorePermit,
        asked: Asked,
        reply: oneshot::Sender<Result<SolveOutcome, SolveError>>,
    ) {
        let _busy = Busy::count(&self.instruments);
        // Whoever asked may be gone: then the answer is for nobody.
        let answer = |result| drop(reply.send(result));
        let Asked { mut order, relay, deadline, cancel } = asked;
        let threads = order.threads;
        let left = deadline.saturating_duration_since(Instant::now());
        order.time = Some(order.time.map_or(left, |time| time.min(left)));
        let mut process = match self.process(threads).await {
            Ok(process) => process,
            Err(error) => {
                let detail = format!("cannot be started: {error}");
                return answer(Err(SolveError::Crashed { detail }));
            }
        };
        Span::current().record("process.pid", process.id());
        let number = u64::from(process.orders());
        let max = self.max_frame_bytes;
        let framed = spawn_blocking(move || SolverProcess::frame(number, Box::new(order), max));
        let frame = match framed.await {
            Ok(Ok(frame)) => frame,
            Ok(Err(error)) => {
                self.idle().push(process);
                return answer(Err(SolveError::TooLarge { detail: error.to_string() }));
            }
            Err(error) => {
                self.idle().push(process);
                return answer(Err(SolveError::Crashed { detail: error.to_string() }));
            }
        };
        let mut session = Session {
            process: &mut process,
            relay,
            number,
            deadline: deadline.into(),
            kill_grace: self.kill_grace,
            cancel,
            stopped: self.stopped.clone(),
        };
        match session.hold(&frame, threads).await {
            SessionEnd::Answered(outcome) => {
                session.relay.pass_on();
                answer(Ok(outcome));
                if process.orders() < self.solves_per_process {
                    self.idle().push(process);
                } else {
                    process.retire(self.kill_grace).await;
                    self.replace().await;
                }
            }
            SessionEnd::Overran(reason) => {
                let outcome = session.outcome(reason);
                answer(Ok(outcome));
                let ended = process.kill().await;
                self.instruments.died();
                warn!(ended, "a solver process did not stop when asked and was killed");
                self.replace().await;
            }
            SessionEnd::Died(problem) => {
                let found = session.relay.best.is_some();
                let outcome = session.outcome(SolveEnd::Failed(String::new()));
                let detail = format!("{} ({problem})", process.kill().await);
                self.instruments.died();
                warn!(detail, "a solver process died");
                answer(if found {
                    Ok(SolveOutcome { reason: SolveEnd::Failed(detail), ..outcome })
                } else {
                    Err(SolveError::Crashed { detail })
                });
                self.replace().await;
            }
        }
        drop(place);
    }

    /// A process that can take an order on this many threads.
    async fn process(&self, threads: u32) -> io::Result<SolverProcess> {
        loop {
            // Not in the condition of the loop: the lock would be held over the waits below.
            let idle = self.idle().pop();
            let Some(mut process) = idle else { return self.launcher.launch().await };
            if process.can_take(threads) {
                return Ok(process);
            }
            if process.is_running() {
                process.retire(self.kill_grace).await;
            } else {
                let detail = process.kill().await;
                self.instruments.died();
                warn!(detail, "an idle solver process died");
            }
        }
    }

    /// Puts a fresh process in the place of one that is gone.
    async fn replace(&self) {
        if self.stopped.is_cancelled() {
            return;
        }
        match self.launcher.launch().await {
            Ok(process) => self.idle().push(process),
            // The next solve tries again, and tells if it is in vain.
            Err(error) => warn!(%error, "cannot start a solver process"),
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<SolverProcess>> {
        // Nothing can be half done within: the list is pushed to and popped from.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue.
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

/// A process at work, for the metrics.
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
