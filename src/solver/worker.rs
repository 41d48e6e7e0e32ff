//! A solver process from within: takes orders from standard input, answers on standard output.

use super::frame::{self, Answer, Request};
use super::order::SolveOrder;
use super::search::solve_or_break;
use rustix::io::dup;
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getpid, getppid, kill_process, nice,
    set_parent_process_death_signal, setrlimit, setsid,
};
use rustix::stdio::{dup2_stdout, stderr, stdout};
use std::fs::File;
use std::io::{self, BufReader};
use std::process::abort;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// Named in [`Request::Cancel`] by nobody.
const NO_ORDER: u64 = u64::MAX;

/// What a solver process may take, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerLimits {
    /// Process id of the server: without it the process ends.
    pub parent: i32,
    /// How much it gives way to others, 0 to 19.
    pub nice: i32,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Largest message in bytes.
    pub max_frame_bytes: usize,
}

/// Leaves the server's session: a Ctrl-C at its terminal is for the server, which then ends its solves
/// in order. And where the system shares the processors between sessions (`sched(7)`, autogroup), nice
/// counts within one only: this one is nice as a whole.
fn in_a_session_of_its_own(nice: i32) {
    // Refused to one that leads a group: started by hand, in a session that is not its own to slow.
    if setsid().is_ok() {
        // Not every system shares so.
        let _ = std::fs::write("/proc/self/autogroup", nice.to_string());
    }
}

/// Solves one order after the other until standard input ends.
///
/// Where memory runs out, or the library fails otherwise, the process dies: what could still be said
/// is not to be trusted.
///
/// # Errors
/// What the system refuses, and frames that are none.
pub fn work(limits: &WorkerLimits) -> io::Result<()> {
    // First of all: between the start and this line the server may have died, so that its death is
    // not told any more.
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid().map(Pid::as_raw_pid) != Some(limits.parent) {
        return Ok(());
    }
    nice(limits.nice)?;
    in_a_session_of_its_own(limits.nice);
    // Only what the process can write to counts: space that is merely set aside does not.
    let most = Some(limits.memory_bytes);
    setrlimit(Resource::Data, Rlimit { current: most, maximum: most })?;
    // An image of a dead solver's memory is of no use, and large.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    // What anything in the library prints must not come between the frames.
    let mut answers = File::from(dup(stdout())?);
    dup2_stdout(stderr())?;

    let max = limits.max_frame_bytes;
    let cancelled = Arc::new(AtomicU64::new(NO_ORDER));
    let (orders, waiting) = channel();
    let cancel = Arc::clone(&cancelled);
    thread::Builder::new()
        .name("requests".to_owned())
        .spawn(move || listen(&orders, &cancel, max))?;
    for (number, order) in waiting {
        let is_cancelled = || cancelled.load(Ordering::Relaxed) == number;
        let (outcome, is_broken) = solve_or_break(
            &order,
            &mut |event| {
                if frame::write(&mut answers, &Answer::Event(event), max).is_err() {
                    die();
                }
            },
            &is_cancelled,
        );
        if is_broken {
            eprintln!("{:?}", outcome.reason);
            abort();
        }
        frame::write(&mut answers, &Answer::Outcome(Box::new(outcome)), max)?;
    }
    Ok(())
}

/// Reads what the server says until it says no more.
fn listen(orders: &Sender<(u64, Box<SolveOrder>)>, cancelled: &AtomicU64, max: usize) {
    let mut requests = BufReader::new(io::stdin());
    loop {
        match frame::read(&mut requests, max) {
            Ok(Some(Request::Order(number, order))) => {
                if orders.send((number, order)).is_err() {
                    return;
                }
            }
            Ok(Some(Request::Cancel(number))) => cancelled.store(number, Ordering::Relaxed),
            // Nobody waits for the answer of a solve under way.
            Ok(None) => die(),
            Err(error) => {
                eprintln!("requests: {error}");
                abort();
            }
        }
    }
}

/// Ends the process at once. An orderly exit would run the library's destructors beside a solve.
fn die() -> ! {
    // It can always kill itself.
    let _ = kill_process(getpid(), Signal::KILL);
    abort()
}
