//! Searches where law depends on the plan: every set of reliefs is a problem of
//! its own, and the best plan of all of them is the answer.

use super::case::Case;
use super::search::SearchEnd;
use super::{SearchBudget, SearchProgress, SourcingCall, SourcingError};
use crate::sourcing::{
    Decisions, Plan, PricingError, SourcingProblem, Termination, TerminationLimit,
    TerminationReason,
};
use rust_decimal::Decimal;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// What became of one set of reliefs.
struct Weighed {
    termination: Termination,
    plan: Option<Plan>,
}

impl SourcingCall {
    /// The problem with the reliefs that decisions earn, and their ids.
    pub(super) fn as_earned(
        problem: &SourcingProblem,
        decisions: &Decisions,
    ) -> Result<(SourcingProblem, Vec<String>), SourcingError> {
        let earned = problem.reliefs_earned(decisions);
        let with = problem.with_reliefs(&earned, false).map_err(PricingError::Overflow)?;
        let ids = earned.iter().map(|place| problem.policy.reliefs[*place].id.clone());
        Ok((with, ids.collect()))
    }

    /// The best plan over every set of reliefs, each with its part of the time.
    pub(super) async fn weigh_reliefs(
        &self,
        problem: &SourcingProblem,
        budget: &SearchBudget,
        deadline: Instant,
        progress: &mpsc::Sender<SearchProgress>,
    ) -> Result<(Termination, Option<Plan>), SourcingError> {
        let count = problem.policy.reliefs.len();
        let sets = 1_u32 << count;
        let mut weighed = Vec::new();
        for set in 0..sets {
            let earned: Vec<usize> = (0..count).filter(|place| set >> place & 1 == 1).collect();
            let with = problem.with_reliefs(&earned, true).map_err(PricingError::Overflow)?;
            let case: Arc<Case> = Arc::new(self.case(with).await?);
            let left = deadline.saturating_duration_since(Instant::now()) / (sets - set);
            let ends = Instant::now() + left;
            let search = self.search(case, budget, ends, progress.clone());
            let SearchEnd { termination, mut plan, .. } = search.run(left / 20).await?;
            if let Some(plan) = &mut plan {
                let ids = earned.iter().map(|place| problem.policy.reliefs[*place].id.clone());
                plan.earned_reliefs = ids.collect();
            }
            weighed.push(Weighed { termination, plan });
        }
        Ok(best_of(weighed, budget.relative_gap))
    }
}

/// The best plan of all, and what no plan of any set is better than.
fn best_of(weighed: Vec<Weighed>, tolerance: Decimal) -> (Termination, Option<Plan>) {
    let sum = |of: fn(&Termination) -> u64| weighed.iter().map(|it| of(&it.termination)).sum();
    let (lp_iterations, nodes) = (sum(|it| it.lp_iterations), sum(|it| it.nodes));
    let is_open = |it: &&Weighed| it.termination.reason != TerminationReason::Infeasible;
    let bounds = weighed.iter().filter(is_open).map(|it| it.termination.bound);
    let bound = bounds.collect::<Option<Vec<Decimal>>>().and_then(|all| all.into_iter().min());
    let limit = weighed.iter().find_map(|it| it.termination.limit);
    let all_infeasible = !weighed.iter().any(|it| is_open(&it));
    let cost = |it: &Weighed| it.plan.as_ref().map(|plan| plan.cost.objective());
    let best = weighed.into_iter().filter(|it| it.plan.is_some()).min_by_key(cost);
    let plan = best.and_then(|best| best.plan);
    let objective = plan.as_ref().map(|plan| plan.cost.objective());
    let bound = match (bound, objective) {
        (Some(bound), Some(objective)) => Some(bound.min(objective)),
        (bound, _) => bound,
    };
    let within = bound
        .zip(objective)
        .is_some_and(|(bound, objective)| objective - bound <= tolerance * objective.abs());
    let (reason, limit, message) = match (&plan, within, all_infeasible) {
        (Some(_), true, _) => (
            TerminationReason::Optimal,
            None,
            "No plan, with any reliefs, is better by more than the tolerance: proved.",
        ),
        (Some(_), false, _) => (
            TerminationReason::Feasible,
            limit.or(Some(TerminationLimit::Exactness)),
            "A better plan, with these or other reliefs, is not ruled out.",
        ),
        (None, _, true) => {
            (TerminationReason::Infeasible, None, "No plan keeps every limit: proved.")
        }
        (None, _, false) => {
            (TerminationReason::NoPlanInTime, limit, "No plan was found before a limit.")
        }
    };
    let termination = Termination {
        reason,
        limit,
        objective,
        bound,
        tolerance,
        lp_iterations,
        nodes,
        message: message.to_owned(),
    };
    (termination, plan)
}
