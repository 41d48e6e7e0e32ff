//! Where along a range of one parameter the best plan changes.
//!
//! Plans are solved for at both ends and where the cost lines of two plans
//! meet: if nothing is better there, the best plan changes there; if something
//! is, both halves are cut again. Where every cost moves along a straight line
//! the least cost is concave, so that what is found is all there is (Eisner and
//! Severance 1976, "Mathematical techniques for efficient record segmentation"),
//! and no lower between two values than the line between its bounds there: what
//! that line rules out within the tolerance is not solved for.

mod costs;
mod range;
mod told;

use super::evidence::Evidence;
use super::{PlanProvenance, SearchBudget, SourcingCall, SourcingError};
use crate::sourcing::{Decisions, Parameter, PlanIdentity, SourcingProblem};
use range::Range;
use rust_decimal::Decimal;
use std::sync::Arc;
use std::time::Instant;

/// Where does the best plan change?
#[derive(Clone, Debug)]
pub struct BreakevenQuestion {
    /// The problem.
    pub problem: SourcingProblem,
    /// What varies.
    pub parameter: Parameter,
    /// Lowest value.
    pub low: Decimal,
    /// Highest value, above it.
    pub high: Decimal,
    /// Width to which ends are located.
    pub tolerance: Decimal,
    /// Of the whole analysis, but for work, which is of each solve.
    pub budget: SearchBudget,
    /// Most solves.
    pub most_solves: usize,
}

/// The range, cut where the best plan changes.
#[derive(Clone, Debug)]
pub struct BreakevenAnswer {
    /// The problem.
    pub problem: Arc<SourcingProblem>,
    /// What the answer is a function of.
    pub provenance: PlanProvenance,
    /// Plans that are best somewhere, in order of their first intervals.
    pub plans: Vec<BreakevenPlan>,
    /// From the lowest value to the highest.
    pub intervals: Vec<BreakevenInterval>,
    /// Neighbours first.
    pub ties: Vec<PlanTie>,
    /// Solves it took.
    pub solves: usize,
    /// One sentence.
    pub message: String,
}

/// A plan that is best somewhere.
#[derive(Clone, Debug)]
pub struct BreakevenPlan {
    /// Decisions where it was found.
    pub decisions: Decisions,
    /// Value it was found at.
    pub found_at: Decimal,
    /// What makes it the plan it is.
    pub identity: PlanIdentity,
    /// Value and objective, to be minimised, where its decisions are a plan.
    pub cost_line: Vec<(Decimal, Decimal)>,
}

/// Values between which one plan is best.
#[derive(Clone, Debug)]
pub struct BreakevenInterval {
    /// Lowest value.
    pub low: Decimal,
    /// Highest value.
    pub high: Decimal,
    /// The plan, by place; none where there is no plan.
    pub plan: Option<usize>,
    /// Objective at both ends, to be minimised.
    pub objectives: Option<(Decimal, Decimal)>,
    /// What it rests on.
    pub evidence: Evidence,
}

/// A value at which two plans cost the same.
#[derive(Clone, Debug)]
pub struct PlanTie {
    /// The plan that is better below, by place.
    pub below: usize,
    /// The plan that is better above.
    pub above: usize,
    /// The value.
    pub value: Decimal,
    /// Objective of both, to be minimised.
    pub objective: Decimal,
    /// Whether the best plan changes there.
    pub is_switch: bool,
}

impl SourcingCall {
    /// Finds where the best plan changes.
    ///
    /// # Errors
    /// [`SourcingError`].
    pub async fn breakeven(
        &self,
        question: BreakevenQuestion,
        deadline: Instant,
    ) -> Result<BreakevenAnswer, SourcingError> {
        let longest = question.budget.time.unwrap_or(self.limits.default_time);
        let ends = Instant::now() + longest.min(self.limits.max_time);
        let range = Range::new(self, question, deadline.min(ends)).await?;
        Box::pin(range.answer()).await
    }
}
