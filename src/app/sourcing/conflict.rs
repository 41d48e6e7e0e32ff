//! Why there is no plan: limits that cannot be kept together, and what it takes
//! to repair them.
//!
//! The conflict is found by divide and conquer (Junker 2004, QuickXplain), each
//! question being a problem with some limits left out.

use super::case::Case;
use super::evidence::Evidence;
use super::search::{SearchEnd, blocking, decimal};
use super::{PlanProvenance, SearchBudget, SourcingCall, SourcingError};
use crate::solver::{SolveEnd, SolveOrder, WorkBudget};
use crate::sourcing::{
    LimitKind, LimitMeasure, LimitRef, SourcingProblem, TerminationReason, Units,
};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Instant;

/// Decimals to which a change is rounded up where vehicles are not whole.
const CHANGE_DIGITS: u32 = 6;
/// A change this near a smaller number of those digits is that number.
const NOISE: Decimal = Decimal::from_parts(1, 0, 0, false, 7);

/// Why is there no plan?
#[derive(Clone, Debug)]
pub struct ConflictQuestion {
    /// The problem.
    pub problem: SourcingProblem,
    /// What loosening limits costs a unit, where the caller knows.
    pub prices: Vec<(LimitRef, Decimal)>,
    /// Of the whole call, but for work, which is of each solve.
    pub budget: SearchBudget,
}

/// Why there is no plan.
#[derive(Clone, Debug)]
pub struct ConflictAnswer {
    /// The problem.
    pub problem: Arc<SourcingProblem>,
    /// What the answer is a function of.
    pub provenance: PlanProvenance,
    /// How it comes out.
    pub status: ConflictStatus,
    /// Limits that cannot be kept together.
    pub members: Vec<LimitRef>,
    /// Ways to get a plan, the cheapest first.
    pub repairs: Vec<Repair>,
    /// Solves it took.
    pub solves: usize,
    /// One sentence.
    pub message: String,
}

/// What is known of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictStatus {
    /// Every member is needed: proved.
    Irreducible,
    /// Some may not be needed.
    NotMinimised,
    /// There is a plan.
    Feasible,
    /// Neither is proved.
    Unknown,
}

/// A limit loosened so far that there is a plan.
#[derive(Clone, Debug)]
pub struct Repair {
    /// The limit.
    pub limit: LimitRef,
    /// By how much in all.
    pub change: Decimal,
    /// By the caller's price, or what the best plan then costs, to be minimised.
    pub cost: Option<RepairCost>,
    /// What it rests on.
    pub evidence: Evidence,
}

/// What a repair costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RepairCost {
    /// The change at the caller's price.
    Priced(Decimal),
    /// Objective of the best plan with it, to be minimised.
    Plan(Decimal),
}

impl SourcingCall {
    /// Says why there is no plan.
    ///
    /// # Errors
    /// [`SourcingError`].
    pub async fn conflict(
        &self,
        question: ConflictQuestion,
        deadline: Instant,
    ) -> Result<ConflictAnswer, SourcingError> {
        let longest = question.budget.time.unwrap_or(self.limits.default_time);
        let deadline = deadline.min(Instant::now() + longest.min(self.limits.max_time));
        Self::without_reliefs(&question.problem)?;
        let base = Arc::new(self.case(question.problem.clone()).await?);
        let all = LimitRef::all(&question.problem);
        let mut search = Conflict {
            call: self,
            question: &question,
            all: &all,
            deadline,
            known: BTreeMap::new(),
            solves: 0,
            is_certain: true,
        };
        let everything: Vec<usize> = (0..all.len()).collect();
        let (status, members) = match search.is_infeasible(&everything).await? {
            Some(false) => (ConflictStatus::Feasible, Vec::new()),
            None => (ConflictStatus::Unknown, Vec::new()),
            Some(true) if search.is_infeasible(&[]).await? == Some(true) => {
                // What is in the way is no limit.
                (ConflictStatus::Irreducible, Vec::new())
            }
            Some(true) => {
                search.is_certain = true;
                let members = search.explained(Vec::new(), false, everything).await?;
                let holds = search.is_infeasible(&members).await? == Some(true);
                match (holds, search.is_certain) {
                    (true, true) => (ConflictStatus::Irreducible, members),
                    (true, false) => (ConflictStatus::NotMinimised, members),
                    (false, _) => (ConflictStatus::NotMinimised, (0..all.len()).collect()),
                }
            }
        };
        let mut members = members;
        members.sort_unstable();
        let mut repairs = Vec::new();
        if status == ConflictStatus::Irreducible {
            for member in &members {
                repairs.extend(search.repair(&all[*member], &base).await?);
            }
        }
        repairs.sort_by(|a, b| {
            let key = |repair: &Repair| (repair.cost.is_none(), repair.cost);
            key(a).cmp(&key(b))
        });
        let message = message(status, &members);
        let solves = search.solves;
        Ok(ConflictAnswer {
            problem: base.problem.clone(),
            provenance: base.provenance.clone(),
            status,
            members: members.into_iter().map(|member| all[member].clone()).collect(),
            repairs,
            solves,
            message,
        })
    }
}

fn message(status: ConflictStatus, members: &[usize]) -> String {
    match status {
        ConflictStatus::Irreducible if members.is_empty() => {
            "No plan is possible even without any limit: look at lanes, options and their dates."
                .to_owned()
        }
        ConflictStatus::Irreducible if members.len() == 1 => {
            "This limit cannot be kept; without it there is a plan for the others.".to_owned()
        }
        ConflictStatus::Irreducible => format!(
            "{} limits cannot be kept together; without any one of them there is a plan for the \
             others.",
            members.len()
        ),
        ConflictStatus::NotMinimised => {
            "No plan keeps these limits; some may not be needed for that: the budget ended."
                .to_owned()
        }
        ConflictStatus::Feasible => "There is a plan.".to_owned(),
        ConflictStatus::Unknown => {
            "The budget ended before it was known whether there is a plan.".to_owned()
        }
    }
}

struct Conflict<'a> {
    call: &'a SourcingCall,
    question: &'a ConflictQuestion,
    all: &'a [LimitRef],
    deadline: Instant,
    known: BTreeMap<Vec<usize>, Option<bool>>,
    solves: usize,
    /// Whether every question was answered.
    is_certain: bool,
}

impl Conflict<'_> {
    /// Members of a conflict among `open`, given what is kept in any case.
    fn explained(
        &mut self,
        kept: Vec<usize>,
        kept_is_news: bool,
        open: Vec<usize>,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<usize>, SourcingError>> + Send + '_>> {
        Box::pin(async move {
            if kept_is_news && self.is_infeasible(&kept).await? == Some(true) {
                return Ok(Vec::new());
            }
            if open.len() <= 1 {
                return Ok(open);
            }
            let (one, other) = open.split_at(open.len() / 2);
            let (one, other) = (one.to_vec(), other.to_vec());
            let with_one = [kept.clone(), one.clone()].concat();
            let of_other = self.explained(with_one, true, other).await?;
            let with_other = [kept, of_other.clone()].concat();
            let of_one = self.explained(with_other, !of_other.is_empty(), one).await?;
            Ok([of_one, of_other].concat())
        })
    }

    /// Whether no plan keeps some limits, all others left out; none where it is
    /// not known.
    async fn is_infeasible(&mut self, kept: &[usize]) -> Result<Option<bool>, SourcingError> {
        let mut kept = kept.to_vec();
        kept.sort_unstable();
        if let Some(known) = self.known.get(&kept) {
            return Ok(*known);
        }
        if Instant::now() >= self.deadline {
            self.is_certain = false;
            return Ok(None);
        }
        let mut problem = self.question.problem.clone();
        for (place, limit) in self.all.iter().enumerate() {
            if kept.binary_search(&place).is_err() {
                limit.leave_out(&mut problem);
            }
        }
        self.solves += 1;
        let case = Arc::new(self.call.case(problem).await?);
        // Any plan will do.
        let budget = SearchBudget { relative_gap: Decimal::ONE, ..self.question.budget.clone() };
        let end = self.call.solved(case, &budget, self.deadline, None).await?;
        let SearchEnd { termination, plan, .. } = end;
        let infeasible = match (plan.is_some(), termination.reason) {
            (true, _) => Some(false),
            (false, TerminationReason::Infeasible) => Some(true),
            _ => None,
        };
        self.is_certain &= infeasible.is_some();
        self.known.insert(kept, infeasible);
        Ok(infeasible)
    }

    /// The least loosening of a limit that gives a plan; none where none does,
    /// or the time is over.
    async fn repair(
        &mut self,
        limit: &LimitRef,
        base: &Arc<Case>,
    ) -> Result<Option<Repair>, SourcingError> {
        if Instant::now() >= self.deadline {
            return Ok(None);
        }
        let mut problem = self.question.problem.clone();
        let (changes, is_least) = if limit.measure() == LimitMeasure::Switch {
            (vec![Decimal::ONE], true)
        } else {
            let Some(found) = self.least_change(limit, base).await? else { return Ok(None) };
            found
        };
        limit.loosen(&mut problem, &changes);
        let change: Decimal = changes.iter().sum();
        self.solves += 1;
        let case = Arc::new(self.call.case(problem).await?);
        let budget = &self.question.budget;
        let end = self.call.solved(case, budget, self.deadline, None).await?;
        let SearchEnd { termination, plan, .. } = end;
        let Some(plan) = plan else { return Ok(None) };
        let named = |(priced, _): &&(LimitRef, Decimal)| {
            (priced.kind, &priced.ids) == (limit.kind, &limit.ids)
        };
        let price = self.question.prices.iter().find(named).map(|(_, price)| *price);
        let cost = match price.and_then(|price| price.checked_mul(change)) {
            Some(cost) => RepairCost::Priced(cost),
            None => RepairCost::Plan(plan.cost.objective()),
        };
        let is_proved =
            is_least && (price.is_some() || termination.reason == TerminationReason::Optimal);
        Ok(Some(Repair {
            limit: limit.clone(),
            change,
            cost: Some(cost),
            evidence: if is_proved { Evidence::Proved } else { Evidence::Unproved },
        }))
    }

    /// The least change of a limit, by period where it is by period; and
    /// whether that is proved.
    async fn least_change(
        &mut self,
        limit: &LimitRef,
        base: &Arc<Case>,
    ) -> Result<Option<(Vec<Decimal>, bool)>, SourcingError> {
        let case = if matches!(limit.kind, LimitKind::Demand | LimitKind::FlowLimit) {
            let mut without = self.question.problem.clone();
            limit.leave_out(&mut without);
            Arc::new(self.call.case(without).await?)
        } else {
            base.clone()
        };
        let (own, stated) = (limit.clone(), base.problem.clone());
        let least = blocking(move || case.least_change(&own, &stated)).await?;
        let Some(least) = least else { return Ok(None) };
        self.solves += 1;
        let budget = &self.question.budget;
        let order = SolveOrder {
            work: WorkBudget { lp_iterations: budget.lp_iterations, nodes: budget.nodes },
            threads: self.call.limits.threads,
            seed: budget.seed,
            // A change proved the least is the least, to the unit.
            relative_gap: 0.0,
            ..SolveOrder::new(least.program().clone())
        };
        let outcome = self.call.solve_program(order, self.deadline).await?;
        if outcome.values.is_empty() {
            return Ok(None);
        }
        let vehicles = matches!(
            limit.kind,
            LimitKind::Demand
                | LimitKind::ProductionLimit
                | LimitKind::FlowLimit
                | LimitKind::ExportCommitment
                | LimitKind::MostMoves
        );
        let whole = self.question.problem.units == Units::Whole && vehicles
            || limit.kind == LimitKind::MostMoves;
        let digits = if whole { 0 } else { CHANGE_DIGITS };
        let up = |change: f64| {
            let change = (decimal(change) - NOISE).max(Decimal::ZERO);
            change.round_dp_with_strategy(digits, RoundingStrategy::ToPositiveInfinity)
        };
        let changes = least.changes(&outcome.values).into_iter().map(up).collect();
        Ok(Some((changes, outcome.reason == SolveEnd::Optimal)))
    }
}
