//! What is asked of a solver, what it tells on the way, and what it answers.

use crate::sourcing::Program;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A program to be solved, and when to stop.
///
/// Of two equal orders without a time limit both get the same outcome but for the times taken,
/// on one thread. The work budget is the limit to use where answers must repeat.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SolveOrder {
    /// What is to be minimised.
    pub program: Program,
    /// A point to start from, a value for every column; one that breaks a row is repaired if that
    /// is easy and otherwise let go.
    pub start: Option<Vec<f64>>,
    /// Points near which the costs of a like program were closed in on, as its outcome told them;
    /// they save work and change no proof.
    pub waypoints: Vec<Vec<f64>>,
    /// Gap at which to stop, as a share of the incumbent's cost; 0 or more.
    pub relative_gap: f64,
    /// Gap at which to stop, in units of cost; 0 or more.
    pub absolute_gap: f64,
    /// Longest wall time; `None` for no limit.
    pub time: Option<Duration>,
    /// Most work.
    pub work: WorkBudget,
    /// Threads, 1 or more. All orders one process solves must name the same number.
    pub threads: u32,
    /// What the solver draws its chances from, 0 to 2,147,483,647.
    pub seed: u32,
    /// Solve without the demand that columns be whole, and tell duals.
    pub relax: bool,
}

impl SolveOrder {
    /// An order that asks for a gap of 0.0001, on one thread, without limits.
    pub fn new(program: Program) -> Self {
        Self {
            program,
            start: None,
            waypoints: Vec::new(),
            relative_gap: 1e-4,
            absolute_gap: 1e-6,
            time: None,
            work: WorkBudget::default(),
            threads: 1,
            seed: 0,
            relax: false,
        }
    }
}

/// Most work of a solve; unlike time, the same on every machine.
///
/// Looked at between steps of the search: a solve may pass it by one step, the same in every run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkBudget {
    /// Most iterations of the simplex method, over all relaxations; `None` for no limit.
    pub lp_iterations: Option<u64>,
    /// Most nodes of the search tree; `None` for no limit.
    pub nodes: Option<u64>,
}

/// What a solver does for an order, step by step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SolvePhase {
    /// Makes the program smaller.
    Presolve,
    /// Solves it without the demand that columns be whole.
    Relaxation,
    /// Searches the tree.
    Search,
}

/// News of a solve under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SolveEvent {
    /// A phase has begun.
    Phase(SolvePhase),
    /// A better point was found.
    Incumbent {
        /// Its cost.
        objective: f64,
        /// What no point costs less than, as far as known.
        bound: Option<f64>,
        /// A value for every column.
        values: Vec<f64>,
    },
    /// Where the search stands; told every few seconds.
    Progress {
        /// Cost of the best point found.
        incumbent: Option<f64>,
        /// What no point costs less than.
        bound: Option<f64>,
        /// Nodes of the search tree done.
        nodes: u64,
        /// Iterations of the simplex method done.
        lp_iterations: u64,
    },
}

/// Why a solve ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SolveEnd {
    /// The gap is closed to what was asked.
    Optimal,
    /// No point keeps all rows and bounds.
    Infeasible,
    /// The cost can fall without end.
    Unbounded,
    /// The time ran out.
    TimeLimit,
    /// The work budget ran out.
    WorkLimit,
    /// Whoever asked wants no answer any more.
    Cancelled,
    /// The solver failed; what it said.
    Failed(String),
}

impl SolveEnd {
    /// The end as one word, for metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::Infeasible => "infeasible",
            Self::Unbounded => "unbounded",
            Self::TimeLimit => "time_limit",
            Self::WorkLimit => "work_limit",
            Self::Cancelled => "cancelled",
            Self::Failed(_) => "failed",
        }
    }
}

/// What a solve came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SolveOutcome {
    /// Why it ended.
    pub reason: SolveEnd,
    /// Cost of the best point found.
    pub objective: Option<f64>,
    /// What no point costs less than, as far as known.
    pub bound: Option<f64>,
    /// The best point found, a value for every column; empty if none was.
    pub values: Vec<f64>,
    /// By how much the cost rises with the bound of a row that holds with equality, for every
    /// row; empty unless a relaxation was asked for and solved to the end.
    pub row_duals: Vec<f64>,
    /// By how much the cost rises with a column that stands at its bound, for every column; empty
    /// unless a relaxation was asked for and solved to the end.
    pub reduced_costs: Vec<f64>,
    /// Points near which the costs of its blocks were closed in on, a value for every first-stage
    /// column; none where it was solved whole.
    pub waypoints: Vec<Vec<f64>>,
    /// Nodes of the search tree done.
    pub nodes: u64,
    /// Iterations of the simplex method done, over all relaxations.
    pub lp_iterations: u64,
    /// Processor time taken by the solving thread, in seconds.
    pub cpu_seconds: f64,
    /// Wall time taken, in seconds.
    pub wall_seconds: f64,
}

impl SolveOutcome {
    /// An end without a point, a bound or work done.
    pub(super) fn empty(reason: SolveEnd) -> Self {
        Self {
            reason,
            objective: None,
            bound: None,
            values: Vec::new(),
            row_duals: Vec::new(),
            reduced_costs: Vec::new(),
            waypoints: Vec::new(),
            nodes: 0,
            lp_iterations: 0,
            cpu_seconds: 0.0,
            wall_seconds: 0.0,
        }
    }

    /// What may be left to gain, as a share of the cost of the best point; `None` without a point
    /// or a bound.
    pub fn relative_gap(&self) -> Option<f64> {
        self.objective.zip(self.bound).map(|(objective, bound)| relative_gap(objective, bound))
    }
}

/// What may be left to gain at a point of cost `objective`, as a share of that cost; 0 at least.
#[allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]
pub(super) fn relative_gap(objective: f64, bound: f64) -> f64 {
    let gap = (objective - bound).max(0.0);
    // At a cost of nothing any gap is without measure, but none is none.
    if gap == 0.0 { 0.0 } else { gap / objective.abs().max(f64::MIN_POSITIVE) }
}

/// A value the solver may not know: infinite ones stand for that.
pub(super) fn known(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
