//! Why a plan is what it is: for each model and market the ladder of origins,
//! the runner-up and its distance, what binds, and plans with origins forced.

use super::case::Case;
use super::evidence::Evidence;
use super::search::{SearchEnd, blocking, decimal};
use super::{PlanProvenance, SearchBudget, SourcingCall, SourcingError};
use crate::solver::{SolveEnd, SolveOrder, SolveOutcome, WorkBudget};
use crate::sourcing::{
    BindingLimit, Decisions, FixedDecisions, FlowLimit, LandedCost, Plan, SourcingProblem,
    Termination, TerminationReason,
};
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::mpsc;

/// Limits told of one origin.
const MOST_LIMITS: usize = 5;

/// Why is a plan what it is?
#[derive(Clone, Debug)]
pub struct ExplanationQuestion {
    /// The problem.
    pub problem: SourcingProblem,
    /// The plan's decisions.
    pub decisions: Decisions,
    /// Origins to force.
    pub forced: Vec<ForcedOrigin>,
    /// Of the whole call, but for work, which is of each solve.
    pub budget: SearchBudget,
}

/// A model that a market is to get from one plant alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForcedOrigin {
    /// Model line.
    pub model: String,
    /// Market.
    pub market: String,
    /// Plant.
    pub plant: String,
}

/// Why a plan is what it is.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The problem.
    pub problem: Arc<SourcingProblem>,
    /// What the answer is a function of.
    pub provenance: PlanProvenance,
    /// Exact objective, to be minimised.
    pub objective: Decimal,
    /// By demand.
    pub origins: Vec<OriginExplanation>,
    /// What binds.
    pub binding_limits: Vec<BindingLimit>,
    /// By forced origin.
    pub counterfactuals: Vec<Counterfactual>,
}

/// Why a market gets a model from where it does.
#[derive(Clone, Debug)]
pub struct OriginExplanation {
    /// Model line.
    pub model: String,
    /// Market.
    pub market: String,
    /// Vehicles served.
    pub units: Decimal,
    /// Plants that may serve it: those that do first, then by gap.
    pub candidates: Vec<OriginCandidate>,
    /// Place of the next-best one among them.
    pub runner_up: Option<usize>,
    /// What bears on it.
    pub binding_limits: Vec<BindingLimit>,
    /// One sentence.
    pub message: String,
}

/// A plant that may serve a model in a market.
#[derive(Clone, Debug)]
pub struct OriginCandidate {
    /// Plant.
    pub plant: String,
    /// Its country.
    pub region: Region,
    /// Vehicles it serves.
    pub units: Decimal,
    /// What a vehicle costs there.
    pub landed: LandedCost,
    /// Whether the model is launched there.
    pub is_launched: bool,
    /// Whether the plant is open in some period.
    pub is_open: bool,
    /// Discounted cost by which a vehicle from here is dearer, at least; none
    /// where it is not known.
    pub least_gap: Option<Decimal>,
    /// Discounted cost of what would have to be built up, for each vehicle.
    pub build_up_cost: Decimal,
}

impl OriginCandidate {
    /// Gap with what would have to be built up.
    pub fn whole_gap(&self) -> Option<Decimal> {
        self.least_gap.and_then(|gap| gap.checked_add(self.build_up_cost))
    }
}

/// The best plan with an origin forced.
#[derive(Clone, Debug)]
pub struct Counterfactual {
    /// What was forced.
    pub forced: ForcedOrigin,
    /// How its search ended.
    pub termination: Termination,
    /// The plan.
    pub plan: Option<Plan>,
    /// By how much it is worse.
    pub difference: Option<Decimal>,
    /// The same for each vehicle of the demand.
    pub per_vehicle: Option<Decimal>,
    /// What it rests on.
    pub evidence: Evidence,
}

impl SourcingCall {
    /// Says why a plan is what it is.
    ///
    /// # Errors
    /// [`SourcingError`].
    pub async fn explain(
        &self,
        question: ExplanationQuestion,
        deadline: Instant,
    ) -> Result<Explanation, SourcingError> {
        let longest = question.budget.time.unwrap_or(self.limits.default_time);
        let deadline = deadline.min(Instant::now() + longest.min(self.limits.max_time));
        let ExplanationQuestion { problem, decisions, forced, budget } = question;
        let (as_earned, _) = Self::as_earned(&problem, &decisions)?;
        let case = Arc::new(self.case(as_earned).await?);
        let pricing = case.clone();
        let (plan, _) = blocking(move || pricing.evaluated(decisions)).await??;
        let (form, settled) = (case.clone(), plan.decisions.clone());
        let (formulation, fixed, built_up) = blocking(move || {
            let formulation = form.formulation();
            let point = form.start(&formulation, &settled);
            let (fixed, built_up) = (formulation.fixed(&point), formulation.built_up(&point));
            (formulation, fixed, built_up)
        })
        .await?;
        let decided = self.relaxed(&fixed, &budget, deadline).await?;
        let moved = match &built_up {
            Some(built_up) => self.relaxed(built_up, &budget, deadline).await?,
            None => decided.clone(),
        };
        let (own, told) = (case.clone(), plan.clone());
        let ladder = blocking(move || {
            let limits = own.binding_limits(&formulation, &fixed, &decided.row_duals);
            let duals = &moved.row_duals;
            let is_known = [&decided, &moved].iter().all(|it| it.reason == SolveEnd::Optimal);
            let gaps = match &built_up {
                _ if !is_known || duals.is_empty() => Vec::new(),
                None => formulation.gaps(&fixed, duals, 0.0),
                Some(built_up) => {
                    let slack = built_up.slack(&moved.values, (&fixed, &decided.values));
                    formulation.gaps(built_up, duals, slack)
                }
            };
            Ladders { case: &own, plan: &told, gaps, limits }.told()
        });
        let (origins, binding_limits) = ladder.await??;
        let mut counterfactuals = Vec::new();
        for forced in forced {
            let asked = Forced { stated: &problem, case: &case, plan: &plan, budget: &budget };
            let found = self.forced(asked, forced, deadline).await?;
            counterfactuals.push(found);
        }
        Ok(Explanation {
            problem: case.problem.clone(),
            provenance: case.provenance.clone(),
            objective: plan.cost.objective(),
            origins,
            binding_limits,
            counterfactuals,
        })
    }

    /// The linear program of decisions fixed, solved; without dual values where
    /// there is no time, or the decisions keep to no such program.
    async fn relaxed(
        &self,
        fixed: &FixedDecisions,
        budget: &SearchBudget,
        deadline: Instant,
    ) -> Result<SolveOutcome, SourcingError> {
        let order = SolveOrder {
            relax: true,
            work: WorkBudget::default(),
            threads: self.limits.threads,
            seed: budget.seed,
            ..SolveOrder::new(fixed.program().clone())
        };
        self.solve_program(order, deadline).await
    }

    async fn forced(
        &self,
        Forced { stated, case, plan, budget }: Forced<'_>,
        forced: ForcedOrigin,
        deadline: Instant,
    ) -> Result<Counterfactual, SourcingError> {
        let mut problem = stated.clone();
        let others = case.other_origins(&forced);
        for plant in others {
            let periods = problem.periods.iter();
            let closed = periods.map(|period| FlowLimit {
                model: forced.model.clone(),
                plant: plant.clone(),
                market: forced.market.clone(),
                period: period.id.clone(),
                least: None,
                most: Some(Decimal::ZERO),
            });
            problem.limits.flows.extend(closed);
        }
        let (termination, found) = if problem.policy.reliefs.is_empty() {
            let other = Arc::new(self.case(problem).await?);
            let SearchEnd { termination, plan, .. } =
                self.solved(other, budget, deadline, None).await?;
            (termination, plan)
        } else {
            // The plan may no longer earn what it earned, or earn more; nobody
            // hears of it.
            let (progress, _) = mpsc::channel(1);
            self.weigh_reliefs(&problem, budget, deadline, &progress).await?
        };
        let objective = found.as_ref().map(|found| found.cost.objective());
        let difference = objective.and_then(|cost| cost.checked_sub(plan.cost.objective()));
        let wanted = case.wanted(&forced.model, &forced.market);
        let proved = [TerminationReason::Optimal, TerminationReason::Infeasible]
            .contains(&termination.reason);
        Ok(Counterfactual {
            forced,
            termination,
            plan: found,
            difference,
            per_vehicle: difference.and_then(|difference| difference.checked_div(wanted)),
            evidence: if proved { Evidence::Proved } else { Evidence::Unproved },
        })
    }
}

/// The plan that an origin is forced against.
#[derive(Clone, Copy)]
struct Forced<'a> {
    /// With every relief, earned or not.
    stated: &'a SourcingProblem,
    /// With the reliefs that the plan earns.
    case: &'a Case,
    plan: &'a Plan,
    budget: &'a SearchBudget,
}

struct Ladders<'a> {
    case: &'a Case,
    plan: &'a Plan,
    /// By arc, where known.
    gaps: Vec<Option<f64>>,
    limits: Vec<BindingLimit>,
}

impl Ladders<'_> {
    fn told(self) -> Result<(Vec<OriginExplanation>, Vec<BindingLimit>), SourcingError> {
        let mut origins = Vec::new();
        for demand in 0..self.case.problem.demands.len() {
            let mut candidates = Vec::new();
            for arc in self.case.arcs_of(demand) {
                let gap = self.gaps.get(arc).copied().flatten().map(decimal);
                candidates.push(self.candidate(demand, arc, gap)?);
            }
            origins.push(self.origin(demand, candidates));
        }
        Ok((origins, self.limits))
    }

    fn candidate(
        &self,
        demand: usize,
        arc: usize,
        least_gap: Option<Decimal>,
    ) -> Result<OriginCandidate, SourcingError> {
        let problem = &self.case.problem;
        let wanted = &problem.demands[demand];
        let option = self.case.option_of(arc);
        let stated = &problem.options[option];
        let plant = self.case.plant_of(option);
        let decisions = &self.plan.decisions;
        let served = decisions.flows.iter().filter(|flow| {
            flow.model == wanted.model && flow.market == wanted.market && flow.plant == stated.plant
        });
        let is_launched = stated.initially_launched
            || decisions
                .launches
                .iter()
                .any(|launch| launch.model == stated.model && launch.plant == stated.plant);
        let is_open = decisions
            .plants
            .iter()
            .any(|open| open.plant == stated.plant && !open.open_periods.is_empty());
        let build_up = self.case.build_up_cost(option, is_launched, is_open);
        let vehicles = self.case.wanted(&wanted.model, &wanted.market);
        let units: Decimal = served.map(|flow| flow.units).sum();
        // What comes from here already costs nothing more.
        let least = if units.is_zero() { Decimal::MIN } else { Decimal::ZERO };
        Ok(OriginCandidate {
            plant: stated.plant.clone(),
            region: problem.plants[plant].region,
            units,
            landed: self.case.landed_cost(arc)?,
            is_launched,
            is_open,
            least_gap: least_gap.map(|gap| gap.max(least)),
            build_up_cost: build_up.checked_div(vehicles).unwrap_or_default(),
        })
    }

    fn origin(&self, demand: usize, mut candidates: Vec<OriginCandidate>) -> OriginExplanation {
        let wanted = &self.case.problem.demands[demand];
        let rank = |candidate: &OriginCandidate| {
            let landed = candidate.landed.total();
            (candidate.units.is_zero(), candidate.whole_gap().unwrap_or(landed), landed)
        };
        candidates.sort_by(|a, b| {
            let by_units = b.units.cmp(&a.units);
            if a.units.is_zero() && b.units.is_zero() { rank(a).cmp(&rank(b)) } else { by_units }
        });
        let runner_up = candidates.iter().position(|candidate| candidate.units.is_zero());
        let importer = self.case.importer_of(demand).to_string();
        let bears = |limit: &&BindingLimit| {
            let plant = |id: &String| candidates.iter().any(|candidate| candidate.plant == *id);
            match limit.kind {
                "DEMAND" => limit.ids == [wanted.model.clone(), wanted.market.clone()],
                "CAPACITY" => limit.ids.iter().any(plant),
                "QUOTA_TRANCHE" => limit.ids.first() == Some(&importer),
                _ => false,
            }
        };
        let mut binding: Vec<BindingLimit> = self.limits.iter().filter(bears).cloned().collect();
        binding.sort_by_key(|limit| Reverse(limit.marginal_value.abs()));
        binding.truncate(MOST_LIMITS);
        let message = self.message(demand, &candidates, runner_up, &binding);
        OriginExplanation {
            model: wanted.model.clone(),
            market: wanted.market.clone(),
            units: candidates.iter().map(|candidate| candidate.units).sum(),
            candidates,
            runner_up,
            binding_limits: binding,
            message,
        }
    }

    fn message(
        &self,
        demand: usize,
        candidates: &[OriginCandidate],
        runner_up: Option<usize>,
        binding: &[BindingLimit],
    ) -> String {
        let wanted = &self.case.problem.demands[demand];
        let currency = self.case.problem.reporting_currency;
        let money =
            |amount: Decimal| format!("{} {currency}", amount.round_dp(currency.minor_digits()));
        let chosen: Vec<&OriginCandidate> =
            candidates.iter().filter(|candidate| !candidate.units.is_zero()).collect();
        if chosen.is_empty() {
            return format!("`{}` is not sold in `{}`.", wanted.model, wanted.market);
        }
        let from: Vec<String> = chosen
            .iter()
            .map(|origin| format!("`{}` at {} landed", origin.plant, money(origin.landed.total())))
            .collect();
        let from = from.join(" and ");
        let mut told =
            vec![format!("`{}` for `{}` comes from {from}", wanted.model, wanted.market)];
        if let Some(next) = runner_up.and_then(|place| candidates.get(place)) {
            let landed = money(next.landed.total());
            told.push(format!("; next is `{}` at {landed}", next.plant));
            if let Some(gap) = next.whole_gap().filter(|gap| *gap < Decimal::ZERO) {
                told.push(format!(", which may be up to {} a vehicle cheaper", money(gap.abs())));
            } else if let Some(gap) = next.whole_gap() {
                told.push(format!(", which costs at least {} more a vehicle", money(gap)));
                if next.build_up_cost > Decimal::ZERO {
                    let build_up = money(next.build_up_cost);
                    told.push(format!(" if this market alone moves, {build_up} of it to build up"));
                }
            }
        } else if candidates.len() == chosen.len() {
            told.push("; there is no other way".to_owned());
        }
        let scarce = binding.iter().find(|limit| limit.kind != "DEMAND");
        if let Some(limit) = scarce {
            let ids: Vec<String> = limit.ids.iter().map(|id| format!("`{id}`")).collect();
            let kind = limit.kind.to_lowercase().replace('_', " ");
            let (ids, worth) = (ids.join(" "), money(limit.marginal_value));
            told.push(format!("; the {kind} of {ids} binds, a unit more is worth {worth}"));
        }
        told.push(".".to_owned());
        told.concat()
    }
}
