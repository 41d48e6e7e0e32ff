//! The search for a plan: the program solved in another process, vehicles made
//! whole, the plan priced and checked, its limits weighed.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::case::Case;
use super::{SearchBudget, SearchPhase, SearchProgress, SourcingError};
use crate::solver::{SolveEnd, SolveEvent, SolveOrder, SolveOutcome, SolvePhase};
use crate::solver::{SolverTurn, WorkBudget};
use crate::sourcing::{
    Decisions, Formulation, Plan, Program, Reach, Termination, TerminationLimit, TerminationReason,
    WholeUnits,
};
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use rust_decimal::{Decimal, RoundingStrategy};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tracing::Span;

/// Events of a solve that may wait to be told.
const EVENTS: usize = 16;
/// Decimals of the solver's figures as they are told.
const DIGITS: u32 = 10;
/// What is kept of a search's time to make vehicles whole, price and check: a
/// tenth, and as long as pricing took, within this.
const MOST_RESERVE: Duration = Duration::from_secs(5);
/// Flows up to which vehicles are whole in the search itself where the rounded
/// plan is not within the tolerance.
const MOST_WHOLE_CELLS: usize = 600;
/// Work of one attempt to make vehicles whole: the same on every machine.
const WHOLE_NODES: u64 = 20_000;

/// What is searched with.
pub(super) struct Search {
    pub solver: SolverTurn,
    pub threads: u32,
    pub case: Arc<Case>,
    pub budget: SearchBudget,
    pub deadline: Instant,
    pub progress: mpsc::Sender<SearchProgress>,
    /// Where to begin.
    pub known: Known,
    /// Whether to tell what binds.
    pub marginal_values: bool,
}

/// What is known before a search of like ones.
#[derive(Clone, Default)]
pub(super) struct Known {
    /// Decisions to begin at.
    pub decisions: Option<Decisions>,
    /// Points the solver closed in at, as a search told them.
    pub waypoints: Vec<Vec<f64>>,
}

impl From<Option<Decisions>> for Known {
    fn from(decisions: Option<Decisions>) -> Self {
        Self { decisions, waypoints: Vec::new() }
    }
}

/// What a search came to.
pub(super) struct SearchEnd {
    /// How it ended.
    pub termination: Termination,
    /// The plan, if there is one.
    pub plan: Option<Plan>,
    /// Points the solver closed in at.
    pub waypoints: Vec<Vec<f64>>,
}

/// A point of the program, and what is known of others.
struct Found {
    values: Vec<f64>,
    /// Whether its vehicles are whole.
    is_whole: bool,
    bound: Option<f64>,
    end: SolveEnd,
    lp_iterations: u64,
    nodes: u64,
}

/// Whether there is a plan in whole vehicles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whole {
    /// Here it is.
    Found,
    /// Perhaps.
    NotFound,
    /// No: proved.
    None,
}

impl Search {
    /// Finds a plan, and how good it is.
    pub async fn run(self, pricing_took: Duration) -> Result<SearchEnd, SourcingError> {
        let mut waypoints = Vec::new();
        let (termination, plan) = self.found(pricing_took, &mut waypoints).await?;
        Ok(SearchEnd { termination, plan, waypoints })
    }

    async fn found(
        self,
        pricing_took: Duration,
        waypoints: &mut Vec<Vec<f64>>,
    ) -> Result<(Termination, Option<Plan>), SourcingError> {
        let case = self.case.clone();
        let formulation = blocking(move || case.formulation()).await?;
        let formulation = Arc::new(formulation);
        let left = self.deadline.saturating_duration_since(Instant::now());
        let reserve = (left / 10 + pricing_took).min(MOST_RESERVE).min(left / 2);
        let until = self.deadline.checked_sub(reserve).unwrap_or(self.deadline);
        let mut order = self.order(formulation.program().clone());
        let start = self.known.decisions.as_ref();
        order.start = start.map(|start| self.case.start(&formulation, start));
        order.waypoints.clone_from(&self.known.waypoints);
        order.relative_gap = self.budget.relative_gap.to_f64().unwrap_or_default();
        let mut outcome = self.solve(order, until, Some(&formulation)).await?;
        *waypoints = std::mem::take(&mut outcome.waypoints);
        if outcome.values.is_empty() {
            return Ok((self.without_plan(&outcome), None));
        }
        let mut found = Found {
            values: outcome.values,
            is_whole: false,
            bound: outcome.bound,
            end: outcome.reason,
            lp_iterations: outcome.lp_iterations,
            nodes: outcome.nodes,
        };
        self.tell(SearchPhase::Checking);
        if self.case.priced.whole {
            match self.make_whole(&formulation, &mut found).await? {
                Whole::Found => {}
                Whole::NotFound => return Ok((self.no_whole_plan(&found), None)),
                Whole::None => return Ok((self.none_in_whole(&found), None)),
            }
        }
        found.values = formulation.approved_as_used(&self.case.priced, found.values);
        let values = found.values.clone();
        let fixed = formulation.clone();
        let (case, form) = (self.case.clone(), formulation.clone());
        let verified = blocking(move || {
            let solution = form.solution(&case.priced, &values);
            let solver_cost = form.program().cost_of(&values) * form.money_unit();
            case.verified(&solution).map(|(plan, violations)| (plan, violations, solver_cost))
        });
        // The one works here, the other in the solver's process.
        let (verified, weighed) = tokio::join!(verified, self.weigh(&fixed, &found.values));
        let (mut plan, violations, solver_cost) = verified??;
        if !violations.is_empty() {
            return Err(SourcingError::Rejected(violations));
        }
        plan.cost.solver_cost = Some(decimal(solver_cost));
        plan.binding_limits = weighed?;
        let termination = self.termination(&plan, &found, formulation.money_unit());
        Ok((termination, Some(plan)))
    }

    fn order(&self, program: Program) -> SolveOrder {
        SolveOrder {
            work: WorkBudget { lp_iterations: self.budget.lp_iterations, nodes: self.budget.nodes },
            threads: self.threads,
            seed: self.budget.seed,
            ..SolveOrder::new(program)
        }
    }

    async fn solve(
        &self,
        order: SolveOrder,
        deadline: Instant,
        told: Option<&Formulation>,
    ) -> Result<SolveOutcome, SourcingError> {
        let (sender, mut events) = mpsc::channel(EVENTS);
        let solving = self.solver.solve(order, sender, deadline, CancellationToken::new());
        tokio::pin!(solving);
        let unit = told.map(Formulation::money_unit);
        let outcome = loop {
            tokio::select! {
                outcome = &mut solving => break outcome,
                Some(event) = events.recv() => {
                    if let Some(unit) = unit {
                        self.tell_event(&event, unit);
                    }
                }
            }
        };
        outcome.map_err(SourcingError::from)
    }

    fn tell(&self, phase: SearchPhase) {
        // Whoever does not listen in time hears the next.
        let _ = self.progress.try_send(SearchProgress::of(phase));
    }

    fn tell_event(&self, event: &SolveEvent, unit: f64) {
        let money = |cost: f64| decimal(cost * unit);
        let progress = match event {
            SolveEvent::Phase(phase) => {
                return self.tell(match phase {
                    SolvePhase::Presolve => SearchPhase::Presolve,
                    SolvePhase::Relaxation => SearchPhase::Relaxation,
                    SolvePhase::Search => SearchPhase::Search,
                });
            }
            SolveEvent::Incumbent { objective, bound, .. } => SearchProgress {
                phase: SearchPhase::Search,
                incumbent: Some(money(*objective)),
                bound: bound.map(money),
                nodes: 0,
                lp_iterations: 0,
            },
            SolveEvent::Progress { incumbent, bound, nodes, lp_iterations } => SearchProgress {
                phase: SearchPhase::Search,
                incumbent: incumbent.map(money),
                bound: bound.map(money),
                nodes: *nodes,
                lp_iterations: *lp_iterations,
            },
        };
        let _ = self.progress.try_send(progress);
    }

    /// Makes vehicles whole near the point found, or anywhere where they are few.
    async fn make_whole(
        &self,
        formulation: &Arc<Formulation>,
        found: &mut Found,
    ) -> Result<Whole, SourcingError> {
        let (form, case) = (formulation.clone(), self.case.clone());
        let values = found.values.clone();
        found.is_whole = blocking(move || form.solution(&case.priced, &values).is_whole()).await?;
        // Few enough vehicles for the search to count them itself.
        let few = formulation.cell_count() <= MOST_WHOLE_CELLS;
        if !found.is_whole {
            let mut whole = Whole::NotFound;
            for reach in [Reach::Rounding, Reach::Nearby, Reach::SameBuildUp] {
                whole = self.whole_near(formulation, found, reach).await?;
                if whole == Whole::Found {
                    break;
                }
            }
            if whole != Whole::Found && few {
                return self.whole_near(formulation, found, Reach::Anywhere).await;
            }
            if whole != Whole::Found {
                return Ok(Whole::NotFound);
            }
        }
        let program = formulation.program();
        let cost = program.cost_of(&found.values);
        let tolerance = self.budget.relative_gap.to_f64().unwrap_or_default();
        let open = found.bound.is_none_or(|bound| cost - bound > tolerance * cost.abs());
        if open && found.end == SolveEnd::Optimal && few {
            self.whole_near(formulation, found, Reach::Anywhere).await?;
        }
        Ok(Whole::Found)
    }

    async fn whole_near(
        &self,
        formulation: &Arc<Formulation>,
        found: &mut Found,
        reach: Reach,
    ) -> Result<Whole, SourcingError> {
        let (form, values) = (formulation.clone(), found.values.clone());
        let whole = blocking(move || WholeUnits::near(&form, &values, reach)).await?;
        let mut order = self.order(whole.program().clone());
        order.relative_gap = self.budget.relative_gap.to_f64().unwrap_or_default();
        order.work.nodes = Some(order.work.nodes.map_or(WHOLE_NODES, |most| most.min(WHOLE_NODES)));
        if reach == Reach::Anywhere {
            order.start = Some(whole.start(&found.values));
        }
        let outcome = self.solve(order, self.deadline, None).await?;
        found.lp_iterations += outcome.lp_iterations;
        found.nodes += outcome.nodes;
        if outcome.values.is_empty() {
            let proved = reach == Reach::Anywhere && outcome.reason == SolveEnd::Infeasible;
            return Ok(if proved { Whole::None } else { Whole::NotFound });
        }
        let point = whole.point(&outcome.values);
        if reach == Reach::Anywhere {
            let cost = |values: &[f64]| formulation.program().cost_of(values);
            // Whole vehicles are a part of all plans: their bound holds for the plans there are.
            found.bound = match (found.bound, outcome.bound) {
                (Some(known), Some(bound)) => Some(known.max(bound)),
                (known, bound) => known.or(bound),
            };
            if found.is_whole && cost(&point) > cost(&found.values) {
                return Ok(Whole::Found);
            }
        }
        found.values = point;
        found.is_whole = true;
        Ok(Whole::Found)
    }

    /// What binds, by the linear programme with the first stage fixed; nothing
    /// where it is not asked for or there is no time for it.
    async fn weigh(
        &self,
        formulation: &Arc<Formulation>,
        values: &[f64],
    ) -> Result<Vec<crate::sourcing::BindingLimit>, SourcingError> {
        if !self.marginal_values {
            return Ok(Vec::new());
        }
        let (form, values) = (formulation.clone(), values.to_vec());
        let fixed = blocking(move || form.fixed(&values)).await?;
        let order = self.order(fixed.program().clone());
        let order = SolveOrder { relax: true, work: WorkBudget::default(), ..order };
        let Ok(outcome) = self.solve(order, self.deadline, None).await else {
            // A plan is worth more than its marginal values.
            return Ok(Vec::new());
        };
        let (case, form) = (self.case.clone(), formulation.clone());
        blocking(move || case.binding_limits(&form, &fixed, &outcome.row_duals)).await
    }

    fn termination(&self, plan: &Plan, found: &Found, money_unit: f64) -> Termination {
        let objective = plan.cost.objective();
        let bound = found.bound.map(|bound| decimal(bound * money_unit));
        let tolerance = self.budget.relative_gap;
        // Rounding may put the exact cost a little below a bound on the linear one.
        let bound = bound.map(|bound| bound.min(objective));
        let within = bound.is_some_and(|bound| objective - bound <= tolerance * objective.abs());
        let reason = if within { TerminationReason::Optimal } else { TerminationReason::Feasible };
        let limit = match (within, &found.end) {
            (true, _) => None,
            (false, SolveEnd::TimeLimit | SolveEnd::Cancelled) => Some(TerminationLimit::Time),
            (false, SolveEnd::WorkLimit) => Some(TerminationLimit::Work),
            (false, SolveEnd::Failed(_)) => Some(TerminationLimit::SolverFailure),
            (false, _) => Some(TerminationLimit::Exactness),
        };
        let message = match limit {
            None => "No plan is better by more than the tolerance: proved.".to_owned(),
            Some(TerminationLimit::Time) => {
                "The time ran out; a better plan is not ruled out.".to_owned()
            }
            Some(TerminationLimit::Work) => {
                "The work budget ran out; a better plan is not ruled out.".to_owned()
            }
            Some(TerminationLimit::Exactness) => {
                "The search came to its end; whole vehicles, entries and rounding keep the plan \
                 further from the bound than the tolerance."
                    .to_owned()
            }
            Some(TerminationLimit::SolverFailure) => {
                "The solver's process ended early; this is the best plan it had found.".to_owned()
            }
        };
        Termination {
            reason,
            limit,
            objective: Some(objective),
            bound,
            tolerance,
            lp_iterations: found.lp_iterations,
            nodes: found.nodes,
            message,
        }
    }

    fn without_plan(&self, outcome: &SolveOutcome) -> Termination {
        let (reason, limit, message) = match &outcome.reason {
            SolveEnd::Infeasible => (
                TerminationReason::Infeasible,
                None,
                "No plan keeps every limit: proved.".to_owned(),
            ),
            SolveEnd::WorkLimit => (
                TerminationReason::NoPlanInTime,
                Some(TerminationLimit::Work),
                "The work budget ran out before a plan was found.".to_owned(),
            ),
            SolveEnd::TimeLimit | SolveEnd::Cancelled => (
                TerminationReason::NoPlanInTime,
                Some(TerminationLimit::Time),
                "The time ran out before a plan was found.".to_owned(),
            ),
            other => (
                TerminationReason::NoPlanInTime,
                Some(TerminationLimit::SolverFailure),
                format!("The solver found no plan: {}.", other.name()),
            ),
        };
        Termination {
            reason,
            limit,
            objective: None,
            bound: None,
            tolerance: self.budget.relative_gap,
            lp_iterations: outcome.lp_iterations,
            nodes: outcome.nodes,
            message,
        }
    }

    fn none_in_whole(&self, found: &Found) -> Termination {
        Termination {
            reason: TerminationReason::Infeasible,
            limit: None,
            message: "There is a plan in parts of vehicles; none in whole ones keeps every limit: \
                      proved."
                .to_owned(),
            ..self.no_whole_plan(found)
        }
    }

    fn no_whole_plan(&self, found: &Found) -> Termination {
        Termination {
            reason: TerminationReason::NoPlanInTime,
            limit: Some(TerminationLimit::Exactness),
            objective: None,
            bound: None,
            tolerance: self.budget.relative_gap,
            lp_iterations: found.lp_iterations,
            nodes: found.nodes,
            message: "There is a plan in parts of vehicles; none in whole ones was found."
                .to_owned(),
        }
    }
}

/// A figure of the solver's as it is told.
pub(super) fn decimal(figure: f64) -> Decimal {
    let exact = Decimal::from_f64(figure).unwrap_or_default();
    exact.round_dp_with_strategy(DIGITS, RoundingStrategy::MidpointAwayFromZero)
}

/// Work of milliseconds, off the async threads.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, SourcingError> {
    let span = Span::current();
    let done = spawn_blocking(move || span.in_scope(work)).await;
    done.map_err(|error| SourcingError::Crashed(error.to_string()))
}
