//! Why a solve has no outcome.

/// Why a solve has no outcome.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SolveError {
    /// Every process is held by a call and the queue is full.
    #[error("every solver process is busy and the queue is full")]
    Busy,
    /// The process ended before it had found anything, or none could be started.
    #[error("the solver process failed: {detail}")]
    Crashed {
        /// How it ended and its last words: for the log.
        detail: String,
    },
    /// The order is larger than a message may be.
    #[error("the program is too large for the solver: {detail}")]
    TooLarge {
        /// Its size and the largest.
        detail: String,
    },
    /// The pool is shut down.
    #[error("the solver is shutting down")]
    Stopped,
}

impl SolveError {
    /// The error as one word, for traces.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Crashed { .. } => "crashed",
            Self::TooLarge { .. } => "too_large",
            Self::Stopped => "stopped",
        }
    }
}
