//! The signals that stop the server.

use std::{future::Future, io};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Added to a signal's number in the exit code of a process that it ended, by custom of the shell.
const EXIT_CODE_BASE: i32 = 128;

/// Waits for SIGTERM or SIGINT. After the first, a second ends the process at once with exit code
/// 143 or 130.
///
/// The signals are caught from the call on, so one that comes before the future is awaited is
/// not lost.
///
/// # Errors
/// If the system does not let the process catch them.
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut signals = StopSignals {
        terminate: signal(SignalKind::terminate())?,
        interrupt: signal(SignalKind::interrupt())?,
    };
    Ok(async move {
        let first = signals.next().await;
        tracing::info!(signal = first.as_raw_value(), "stopping; a second signal exits at once");
        tokio::spawn(async move {
            let second = signals.next().await;
            std::process::exit(EXIT_CODE_BASE + second.as_raw_value());
        });
    })
}

struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    async fn next(&mut self) -> SignalKind {
        tokio::select! {
            Some(()) = self.terminate.recv() => SignalKind::terminate(),
            Some(()) = self.interrupt.recv() => SignalKind::interrupt(),
            // Both streams have ended, which they do only with the runtime.
            else => std::future::pending().await,
        }
    }
}
