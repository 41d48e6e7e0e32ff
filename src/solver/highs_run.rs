//! A run of the solver library: its limits, what it tells, how it ends.

use highs_sys as sys;
use highs_sys::HighsInt;
use std::time::Duration;

/// The library refused a call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("HiGHS: {0}")]
pub(super) struct HighsFault(pub(super) String);

/// What a call to the library comes to.
pub(super) type Done<T = ()> = Result<T, HighsFault>;

/// When a run ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct HighsLimits {
    /// Gap as a share of the cost, for whole columns.
    pub(super) relative_gap: f64,
    /// Gap in units of cost, for whole columns.
    pub(super) absolute_gap: f64,
    /// Wall time.
    pub(super) time: Option<Duration>,
    /// Nodes of the tree.
    pub(super) nodes: Option<u64>,
    /// Iterations of the simplex method, where no column must be whole; for the others the watcher
    /// has to stop the run.
    pub(super) lp_iterations: Option<u64>,
}

/// What a run tells the one who watches it.
#[derive(Debug)]
pub(super) enum HighsNews<'a> {
    /// A better point with whole columns.
    Improved { bound: f64, values: &'a [f64] },
    /// Where the search stands; infinite where nothing is known.
    Progress { incumbent: f64, bound: f64, nodes: u64, lp_iterations: u64 },
    /// A place where the run can be stopped.
    Check { lp_iterations: u64 },
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HighsEnd {
    Optimal,
    Infeasible,
    Unbounded,
    UnboundedOrInfeasible,
    TimeLimit,
    /// The limit of nodes or iterations.
    WorkLimit,
    /// The watcher stopped it.
    Stopped,
    OutOfMemory,
    /// The library came to no end it can name.
    Unknown,
    /// Anything else, by the number the library gives it.
    Other(HighsInt),
}

impl HighsEnd {
    /// What a status of the library means.
    pub(super) fn of(status: HighsInt) -> Self {
        match status {
            // Nothing to decide: the one point there is.
            sys::MODEL_STATUS_OPTIMAL | sys::MODEL_STATUS_MODEL_EMPTY => Self::Optimal,
            sys::MODEL_STATUS_INFEASIBLE => Self::Infeasible,
            sys::MODEL_STATUS_UNBOUNDED => Self::Unbounded,
            sys::MODEL_STATUS_UNBOUNDED_OR_INFEASIBLE => Self::UnboundedOrInfeasible,
            sys::MODEL_STATUS_REACHED_TIME_LIMIT => Self::TimeLimit,
            sys::MODEL_STATUS_REACHED_ITERATION_LIMIT
            | sys::MODEL_STATUS_REACHED_SOLUTION_LIMIT => Self::WorkLimit,
            sys::MODEL_STATUS_REACHED_INTERRUPT | sys::MODEL_STATUS_HIGHS_INTERRUPT => {
                Self::Stopped
            }
            sys::MODEL_STATUS_REACHED_MEMORY_LIMIT => Self::OutOfMemory,
            sys::MODEL_STATUS_UNKNOWN => Self::Unknown,
            other => Self::Other(other),
        }
    }
}

/// A point and its duals, as the library left them.
#[derive(Debug)]
pub(super) struct HighsPoint {
    pub(super) values: Vec<f64>,
    pub(super) reduced_costs: Vec<f64>,
    pub(super) row_duals: Vec<f64>,
}

/// What the status of a call comes to.
pub(super) fn done(status: HighsInt, problem: &str) -> Done {
    if status == sys::STATUS_ERROR { Err(HighsFault(problem.to_owned())) } else { Ok(()) }
}
