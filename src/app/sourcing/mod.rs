//! Where to build each model line: a problem priced by law, solved outside
//! this process, priced again and checked.

mod binding;
mod breakeven;
mod case;
mod comparison;
mod concession;
mod conflict;
mod customs;
mod evidence;
mod explanation;
mod reliefs;
mod search;

pub use breakeven::*;
pub use comparison::*;
pub use concession::*;
pub use conflict::*;
pub use evidence::Evidence;
pub use explanation::*;

use crate::app::duties::{DutyDesk, DutyError};
use crate::solver::{self, SolveError, SolveOrder, SolveOutcome, SolverPool, SolverTurn};
use crate::sourcing::{
    Decisions, Plan, SourcingProblem, Termination, TerminationReason, Violation,
};
use crate::tariff::EntryFault;
use case::Case;
use jiff::civil::Date;
use rust_decimal::Decimal;
use search::{Known, Search, SearchEnd, blocking};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info_span};

/// What a caller asks.
#[derive(Clone, Debug)]
pub struct SourcingQuestion {
    /// The problem.
    pub problem: SourcingProblem,
    /// How long and how hard to search.
    pub budget: SearchBudget,
    /// Whether to solve.
    pub mode: SourcingMode,
}

/// Whether to solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourcingMode {
    /// Find a plan.
    Solve,
    /// Check the problem only.
    ValidateOnly,
}

/// How long and how hard to search.
#[derive(Clone, Debug)]
pub struct SearchBudget {
    /// Longest search; the server's where none.
    pub time: Option<Duration>,
    /// Gap at which a plan counts as optimal.
    pub relative_gap: Decimal,
    /// Most iterations of the simplex method.
    pub lp_iterations: Option<u64>,
    /// Most nodes of the search tree.
    pub nodes: Option<u64>,
    /// Seed.
    pub seed: u32,
}

/// What a plan is a function of, with the request.
#[derive(Clone, Debug)]
pub struct PlanProvenance {
    /// Schedule and revision: `schedules/vehicles@3f2a9c41d0b7`.
    pub schedule: String,
    /// Last publication day taken into account.
    pub known_at: Date,
    /// Solver and version.
    pub solver: String,
}

/// The answer to a question.
#[derive(Clone, Debug)]
pub struct SourcingAnswer {
    /// The problem.
    pub problem: Arc<SourcingProblem>,
    /// What the answer is a function of.
    pub provenance: PlanProvenance,
    /// How the search ended.
    pub termination: Termination,
    /// The plan, where there is one.
    pub plan: Option<Plan>,
}

/// Decisions, priced and held against the problem.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// The problem.
    pub problem: Arc<SourcingProblem>,
    /// What the answer is a function of.
    pub provenance: PlanProvenance,
    /// The plan, priced.
    pub plan: Plan,
    /// What it violates.
    pub violations: Vec<Violation>,
}

/// How far a search is. Numbers are the solver's, to be minimised.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchProgress {
    /// What is being done.
    pub phase: SearchPhase,
    /// Linear cost of the best plan so far.
    pub incumbent: Option<Decimal>,
    /// Bound so far.
    pub bound: Option<Decimal>,
    /// Nodes so far.
    pub nodes: u64,
    /// Iterations so far.
    pub lp_iterations: u64,
}

/// Phases of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchPhase {
    /// The law is applied to every lane.
    Pricing,
    /// Waiting for a solver.
    Queued,
    /// The problem is made smaller.
    Presolve,
    /// The relaxation is solved.
    Relaxation,
    /// Plans are searched for.
    Search,
    /// The plan is made whole, priced and checked.
    Checking,
}

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SourcingError {
    /// The request is faulty, or its law is not held.
    #[error(transparent)]
    Duty(#[from] DutyError),
    /// As many calls wait for a solver as may.
    #[error("as many calls wait for a solver as may")]
    Busy,
    /// The solver is shutting down.
    #[error("the solver is shutting down")]
    Stopped,
    /// The solver's process ended without a plan.
    #[error("the solver's process ended: {0}")]
    Crashed(String),
    /// The plan failed its check: never returned.
    #[error("the plan found failed its check in {} places", .0.len())]
    Rejected(Vec<Violation>),
}

impl From<SolveError> for SourcingError {
    fn from(error: SolveError) -> Self {
        match error {
            SolveError::Busy => Self::Busy,
            SolveError::Stopped => Self::Stopped,
            other => Self::Crashed(other.to_string()),
        }
    }
}

/// How searches are run.
#[derive(Clone, Copy, Debug)]
pub struct SearchLimits {
    /// Time of a search when nobody says.
    pub default_time: Duration,
    /// Longest search.
    pub max_time: Duration,
    /// Threads of one search.
    pub threads: u32,
}

/// Answers questions about sourcing, each as a call of its own.
#[derive(Clone, Debug)]
pub struct SourcingDesk {
    duties: DutyDesk,
    pool: SolverPool,
    limits: SearchLimits,
}

impl SourcingDesk {
    /// A desk that prices by these schedules and solves in these processes.
    pub fn new(duties: DutyDesk, pool: SolverPool, limits: SearchLimits) -> Self {
        Self { duties, pool, limits }
    }

    /// A call, with a turn of its own at the solver.
    pub fn call(&self) -> SourcingCall {
        let Self { duties, pool, limits } = self;
        SourcingCall { duties: duties.clone(), solver: pool.turn(), limits: *limits }
    }
}

/// Answers one question about sourcing. However many solves that takes, it waits
/// for a solver once.
#[derive(Debug)]
pub struct SourcingCall {
    duties: DutyDesk,
    solver: SolverTurn,
    limits: SearchLimits,
}

impl SourcingCall {
    /// Finds the best plan before `deadline`, telling of the search as it goes.
    /// Progress that nobody takes in time is left out. Dropping the future ends
    /// the search.
    ///
    /// # Errors
    /// [`SourcingError`].
    pub async fn optimize(
        &self,
        question: SourcingQuestion,
        deadline: Instant,
        progress: mpsc::Sender<SearchProgress>,
    ) -> Result<SourcingAnswer, SourcingError> {
        let SourcingQuestion { problem, budget, mode } = question;
        let span = info_span!(
            "optimize",
            portolan.sourcing.periods = problem.periods.len(),
            portolan.sourcing.options = problem.options.len(),
            portolan.sourcing.demands = problem.demands.len(),
        );
        self.optimized(problem, budget, mode, deadline, progress).instrument(span).await
    }

    async fn optimized(
        &self,
        problem: SourcingProblem,
        budget: SearchBudget,
        mode: SourcingMode,
        deadline: Instant,
        progress: mpsc::Sender<SearchProgress>,
    ) -> Result<SourcingAnswer, SourcingError> {
        let began = Instant::now();
        let told = SearchPhase::Pricing;
        let _ = progress.try_send(SearchProgress::of(told));
        let case = Arc::new(self.case(problem).await?);
        let (problem, provenance) = (case.problem.clone(), case.provenance.clone());
        if mode == SourcingMode::ValidateOnly {
            let termination = Termination {
                reason: TerminationReason::Validated,
                limit: None,
                objective: None,
                bound: None,
                tolerance: budget.relative_gap,
                lp_iterations: 0,
                nodes: 0,
                message: "The problem is in order.".to_owned(),
            };
            return Ok(SourcingAnswer { problem, provenance, termination, plan: None });
        }
        let longest = budget.time.unwrap_or(self.limits.default_time).min(self.limits.max_time);
        let pricing_took = began.elapsed();
        let _ = progress.try_send(SearchProgress::of(SearchPhase::Queued));
        let ends = deadline.min(began + longest);
        let (termination, plan) = if problem.policy.reliefs.is_empty() {
            let end = self.search(case, &budget, ends, progress).run(pricing_took).await?;
            (end.termination, end.plan)
        } else {
            self.weigh_reliefs(&problem, &budget, ends, &progress).await?
        };
        Ok(SourcingAnswer { problem, provenance, termination, plan })
    }

    /// One solve of an analysis, begun at what is known.
    async fn solved(
        &self,
        case: Arc<Case>,
        budget: &SearchBudget,
        deadline: Instant,
        known: impl Into<Known>,
    ) -> Result<SearchEnd, SourcingError> {
        // Nobody hears of it.
        let (progress, _) = mpsc::channel(1);
        let search = self.search(case, budget, deadline, progress);
        let known = known.into();
        Search { known, marginal_values: false, ..search }.run(Duration::ZERO).await
    }

    fn search(
        &self,
        case: Arc<Case>,
        budget: &SearchBudget,
        deadline: Instant,
        progress: mpsc::Sender<SearchProgress>,
    ) -> Search {
        Search {
            solver: self.solver.clone(),
            threads: self.limits.threads,
            case,
            budget: budget.clone(),
            deadline,
            progress,
            known: Known::default(),
            marginal_values: true,
        }
    }

    /// Refuses what an analysis does not weigh.
    fn without_reliefs(problem: &SourcingProblem) -> Result<(), SourcingError> {
        if problem.policy.reliefs.is_empty() {
            return Ok(());
        }
        Err(faulty(
            "problem.trade_policy.conditional_reliefs",
            "NOT_ALLOWED",
            "this analysis takes the law as it is: state an override instead".to_owned(),
        ))
    }

    /// Solves a program of its own within an analysis.
    async fn solve_program(
        &self,
        order: SolveOrder,
        deadline: Instant,
    ) -> Result<SolveOutcome, SourcingError> {
        let (events, _) = mpsc::channel(1);
        let solved = self.solver.solve(order, events, deadline, CancellationToken::new()).await;
        solved.map_err(SourcingError::from)
    }

    async fn case(&self, problem: SourcingProblem) -> Result<Case, SourcingError> {
        let schedule = self.duties.schedule(&problem.policy.schedule)?;
        blocking(move || Case::of(problem, schedule, solver::version())).await?
    }

    /// Prices decisions under a problem and lists what they violate.
    ///
    /// # Errors
    /// [`SourcingError`].
    pub async fn evaluate(
        &self,
        problem: SourcingProblem,
        decisions: Decisions,
    ) -> Result<Evaluation, SourcingError> {
        let (problem, earned) = Self::as_earned(&problem, &decisions)?;
        let case = self.case(problem).await?;
        let (problem, provenance) = (case.problem.clone(), case.provenance.clone());
        let (mut plan, violations) = blocking(move || case.evaluated(decisions)).await??;
        plan.earned_reliefs = earned;
        Ok(Evaluation { problem, provenance, plan, violations })
    }
}

/// A fault of one field.
fn faulty(field: &str, reason: &'static str, message: String) -> SourcingError {
    let fault = EntryFault { field: field.to_owned(), reason, message };
    SourcingError::Duty(DutyError::Faulty(vec![fault]))
}

impl SearchProgress {
    /// A phase begun.
    pub(super) fn of(phase: SearchPhase) -> Self {
        Self { phase, incumbent: None, bound: None, nodes: 0, lp_iterations: 0 }
    }
}
