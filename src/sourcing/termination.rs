//! How a search ended, and how good its plan is.

use rust_decimal::Decimal;

/// How a search ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Termination {
    /// Why.
    pub reason: TerminationReason,
    /// Which limit ended it, where one did.
    pub limit: Option<TerminationLimit>,
    /// Exact objective of the plan, to be minimised.
    pub objective: Option<Decimal>,
    /// No plan is better than this.
    pub bound: Option<Decimal>,
    /// Relative gap within which a plan counts as optimal.
    pub tolerance: Decimal,
    /// Iterations of the simplex method.
    pub lp_iterations: u64,
    /// Nodes of the search tree.
    pub nodes: u64,
    /// One plain sentence.
    pub message: String,
}

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminationReason {
    /// The exact objective is within the tolerance of the bound.
    Optimal,
    /// There is a plan; a better one is not ruled out.
    Feasible,
    /// No plan keeps every limit.
    Infeasible,
    /// No plan was found before a limit.
    NoPlanInTime,
    /// The problem is in order; nothing was solved.
    Validated,
}

/// Which limit ended a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TerminationLimit {
    /// Time.
    Time,
    /// Iterations or nodes.
    Work,
    /// Whole vehicles, rounding and entries.
    Exactness,
    /// The solver's process ended early.
    SolverFailure,
}

impl Termination {
    /// Distance of objective and bound, never negative.
    pub fn gap(&self) -> Option<Decimal> {
        Some(self.objective?.checked_sub(self.bound?)?.max(Decimal::ZERO))
    }

    /// Distance over the objective; nothing over nothing is nothing.
    pub fn relative_gap(&self) -> Option<Decimal> {
        over(self.gap()?, self.objective?.abs())
    }

    /// Distance over the cost a plan can avoid.
    pub fn avoidable_gap(&self, avoidable: Decimal) -> Option<Decimal> {
        over(self.gap()?, avoidable)
    }
}

fn over(gap: Decimal, whole: Decimal) -> Option<Decimal> {
    if gap.is_zero() { Some(Decimal::ZERO) } else { gap.checked_div(whole) }
}
