//! The pool of solver processes: what is solved in them, and what becomes of them.

use super::instruments::Instruments;
use super::order::{SolveEnd, SolveOrder, SolveOutcome};
use super::process::{Launch, Launcher, SolverProcess};
use super::relay::Relay;
use super::session::{Session, SessionEnd};
use super::solve_error::SolveError;
use super::turn::{Place, SolverTurn};
use crate::settings::SolverSettings;
use opentelemetry::metrics::Meter;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedMutexGuard, Semaphore, oneshot};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, warn};

/// For ending a process that was asked to stop in vain, and for starting another in its place.
const HOUSEKEEPING: Duration = Duration::from_secs(5);

/// Solver processes kept warm, and the queue before them.
///
/// A clone is the same pool. A process solves one order at a time; what befalls it befalls no
/// other. When the last clone is dropped the processes are killed.
#[derive(Clone, Debug)]
pub struct SolverPool(Arc<Pool>);

#[derive(Debug)]
pub(super) struct Pool {
    size: usize,
    pub(super) max_queued: usize,
    solves_per_process: u32,
    kill_grace: Duration,
    max_frame_bytes: usize,
    launcher: Launcher,
    /// A place for each process: whoever holds one may take a process, and sees to it that there
    /// is another before giving the place back.
    pub(super) places: Arc<Semaphore>,
    idle: Mutex<Vec<SolverProcess>>,
    pub(super) queued: AtomicUsize,
    pub(super) stopped: CancellationToken,
    pub(super) instruments: Arc<Instruments>,
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

    /// Calls that wait for a process.
    pub fn queued(&self) -> usize {
        self.0.queued.load(Ordering::Relaxed)
    }

    /// Processes held by a call, or being replaced.
    pub fn busy(&self) -> usize {
        self.0.size.saturating_sub(self.0.places.available_permits())
    }

    /// A turn, for the solves of one call.
    pub fn turn(&self) -> SolverTurn {
        SolverTurn::of(Arc::clone(&self.0))
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
pub(super) struct Asked {
    pub(super) order: SolveOrder,
    pub(super) relay: Relay,
    pub(super) deadline: Instant,
    pub(super) cancel: CancellationToken,
}

impl Pool {
    /// Solves an order in the place of a turn.
    pub(super) async fn solve(
        self: Arc<Self>,
        place: OwnedMutexGuard<Option<Place>>,
        asked: Asked,
        span: &Span,
    ) -> Result<SolveOutcome, SolveError> {
        // Cancelled by whoever asked, and when this future is dropped.
        let stop = asked.cancel.child_token();
        let _stop_if_abandoned = stop.clone().drop_guard();
        let (reply, answer) = oneshot::channel();
        let begun = Instant::now();
        let instruments = Arc::clone(&self.instruments);
        let work = self.work(place, Asked { cancel: stop, ..asked }, reply);
        // A task of its own: the place is held until the process is at rest, whoever still waits.
        tokio::spawn(work.instrument(span.clone()));
        let result = answer.await.unwrap_or_else(|_| {
            Err(SolveError::Crashed { detail: "the solve was dropped by the server".to_owned() })
        });
        instruments.solved(begun.elapsed(), result.as_ref().ok());
        result
    }

    /// Has an order solved and sees to it that a process is at rest before the place is free.
    async fn work(
        self: Arc<Self>,
        place: OwnedMutexGuard<Option<Place>>,
        asked: Asked,
        reply: oneshot::Sender<Result<SolveOutcome, SolveError>>,
    ) {
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
