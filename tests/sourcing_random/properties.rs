//! What must hold of the answer to any problem.

use crate::draws::Draws;
use crate::neighbours::{neighbour, unchosen};
use crate::problems::problem;
use portolan::app::{
    DutyError, Evaluation, SearchBudget, SourcingAnswer, SourcingDesk, SourcingError, SourcingMode,
    SourcingQuestion,
};
use portolan::sourcing::{
    CostKind, Decisions, Limits, Plan, PlanCost, SourcingProblem, Termination, TerminationReason,
    Units,
};
use rust_decimal::Decimal;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Plans near the plan found that are held against its bound.
const NEIGHBOURS: usize = 12;

/// How a problem ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Refused,
    Failed,
    Infeasible,
    NoPlan,
    Optimal,
    Feasible,
}

/// What was found out about a problem.
pub struct Proof {
    pub end: End,
    pub complaints: Vec<String>,
    /// Distance of exact and linear cost over the cost.
    pub off: Decimal,
}

pub fn budget() -> SearchBudget {
    SearchBudget {
        time: Some(Duration::from_secs(30)),
        relative_gap: "0.000001".parse().unwrap(),
        lp_iterations: None,
        nodes: Some(20_000),
        seed: 0,
    }
}

pub async fn solved(
    desk: &SourcingDesk,
    problem: SourcingProblem,
    budget: SearchBudget,
) -> Result<SourcingAnswer, SourcingError> {
    let question = SourcingQuestion { problem, budget, mode: SourcingMode::Solve };
    let (progress, _told) = mpsc::channel(1);
    desk.call().optimize(question, Instant::now() + Duration::from_mins(1), progress).await
}

pub async fn proved(desk: &SourcingDesk, seed: u64) -> Proof {
    let problem = problem(seed);
    let mut proof = Proof { end: End::Failed, complaints: Vec::new(), off: Decimal::ZERO };
    match solved(desk, problem.clone(), budget()).await {
        Err(SourcingError::Duty(DutyError::Faulty(faults))) => {
            proof.end = End::Refused;
            if std::env::var_os("PORTOLAN_TELL_FAULTS").is_some() {
                for fault in faults {
                    println!("{seed}: {} {} {}", fault.field, fault.reason, fault.message);
                }
            }
        }
        // Sums that exact decimals cannot hold are refused.
        Err(SourcingError::Duty(DutyError::Unassessable(_))) => proof.end = End::Refused,
        Err(SourcingError::Rejected(violations)) => {
            for violation in violations.iter().take(4) {
                proof.complaints.push(format!("rejected: {violation:?}"));
            }
        }
        Err(other) => proof.complaints.push(format!("failed: {other:?}")),
        Ok(answer) => match answer.plan {
            Some(plan) => {
                let optimal = answer.termination.reason == TerminationReason::Optimal;
                proof.end = if optimal { End::Optimal } else { End::Feasible };
                proof.plan(desk, seed, &problem, &plan, &answer.termination).await;
            }
            None if answer.termination.reason == TerminationReason::Infeasible => {
                proof.end = End::Infeasible;
                proof.infeasible(desk, &problem).await;
            }
            None => {
                proof.end = End::NoPlan;
                if std::env::var_os("PORTOLAN_TELL_FAULTS").is_some() {
                    println!("{seed}: {:?}", answer.termination);
                }
            }
        },
    }
    proof
}

impl Proof {
    fn holds(&mut self, what: &str, holds: bool, told: impl std::fmt::Debug) {
        if !holds {
            self.complaints.push(format!("{what}: {told:?}"));
        }
    }

    async fn plan(
        &mut self,
        desk: &SourcingDesk,
        seed: u64,
        problem: &SourcingProblem,
        plan: &Plan,
        end: &Termination,
    ) {
        self.sums(problem, plan);
        for tranche in &plan.tranches {
            self.holds("a tranche is overdrawn", tranche.left >= Decimal::ZERO, tranche);
        }
        let objective = plan.cost.objective();
        let told = (end.objective, end.bound);
        self.holds("the objective is the plan's", end.objective == Some(objective), told);
        self.holds("a bound above the plan", end.bound.is_none_or(|b| b <= objective), told);
        if let Some(linear) = plan.cost.solver_cost {
            let off = (objective - linear).abs();
            let total = plan.cost.total.amount().abs().max(Decimal::ONE);
            self.off = off.checked_div(total).unwrap_or_default();
        }
        match evaluated(desk, problem, plan.decisions.clone()).await {
            Ok(again) => {
                let (first, second) = (timeless(plan), timeless(&again.plan));
                self.holds("evaluated again it is another plan", first == second, again.violations);
            }
            Err(error) => self.holds("it can be evaluated again", false, error),
        }
        match evaluated(desk, problem, unchosen(&plan.decisions)).await {
            Ok(again) => {
                let (first, second) = (&plan.cost, &again.plan.cost);
                // Other windows come in another order: the last digits of huge sums may differ.
                let off = (first.objective() - second.objective()).abs();
                let digits = Decimal::new(1, 26) * first.objective().abs();
                let amounts = |cost: &PlanCost| -> Vec<_> {
                    cost.lines.iter().map(|it| (it.kind, it.layer.clone(), it.amount)).collect()
                };
                let same = off <= digits && amounts(first) == amounts(second);
                self.holds("choosing anew it costs otherwise", same, (first, second));
            }
            Err(error) => self.holds("it can be evaluated unchosen", false, error),
        }
        let Some(bound) = end.bound else { return };
        let mut draws = Draws::of(seed ^ 0x5EED);
        for _ in 0..NEIGHBOURS {
            let near = neighbour(&mut draws, problem, &plan.decisions);
            let Ok(other) = evaluated(desk, problem, near).await else { continue };
            if !other.violations.is_empty() {
                continue;
            }
            let cost = other.plan.cost.objective();
            let slack = slack(problem, &other.plan);
            let told = (cost, bound, slack, &other.plan.decisions, &plan.decisions);
            self.holds("a plan nearby is below the bound", cost + slack >= bound, told);
        }
    }

    /// Costs add up, and the flows' with the others'.
    fn sums(&mut self, problem: &SourcingProblem, plan: &Plan) {
        let amount = |kinds: &[CostKind]| -> Decimal {
            let own = plan.cost.lines.iter().filter(|line| kinds.contains(&line.kind));
            own.map(|line| line.amount.amount()).sum()
        };
        let total: Decimal = plan.cost.lines.iter().map(|line| line.amount.amount()).sum();
        self.holds("lines add up", total == plan.cost.total.amount(), total);
        let of_flows: Decimal = plan.allocations.iter().map(|a| a.cost.amount()).sum();
        let flow_kinds = [
            CostKind::Production,
            CostKind::Labour,
            CostKind::Parts,
            CostKind::OtherProduction,
            CostKind::Freight,
            CostKind::Insurance,
            CostKind::InlandFreight,
            CostKind::Holding,
            CostKind::Duty,
            CostKind::Fee,
            CostKind::Tax,
        ];
        self.holds("allocations add up", of_flows == amount(&flow_kinds), of_flows);
        let kits: Decimal = plan.kit_duties.iter().map(|kit| kit.charges.amount()).sum();
        self.holds("kits add up", kits == amount(&[CostKind::KitCharge]), kits);
        let short: Decimal = plan.shortfalls.iter().map(|short| short.cost.amount()).sum();
        self.holds("shortfalls add up", short == amount(&[CostKind::Shortfall]), short);
        let whole = problem.units == Units::Whole;
        let all_whole = plan.decisions.flows.iter().all(|flow| flow.units.fract().is_zero());
        self.holds("vehicles are whole", !whole || all_whole, ());
    }

    /// No plan of a problem with fewer limits keeps to all of them.
    async fn infeasible(&mut self, desk: &SourcingDesk, problem: &SourcingProblem) {
        for without in fewer_limits(problem) {
            let Ok(answer) = solved(desk, without, budget()).await else { continue };
            let Some(plan) = answer.plan else { continue };
            let Ok(told) = evaluated(desk, problem, unchosen(&plan.decisions)).await else {
                continue;
            };
            let told_of = plan.decisions;
            self.holds("infeasible, and this keeps to all", !told.violations.is_empty(), told_of);
        }
    }
}

/// The problem with one kind of limit less, each in turn, and without any.
fn fewer_limits(problem: &SourcingProblem) -> Vec<SourcingProblem> {
    let all = &problem.limits;
    let limits = [
        Limits { floors: Vec::new(), ..all.clone() },
        Limits { origin_caps: Vec::new(), ..all.clone() },
        Limits { production: Vec::new(), ..all.clone() },
        Limits { flows: Vec::new(), ..all.clone() },
        Limits { fixed_plants: Vec::new(), fixed_launches: Vec::new(), ..all.clone() },
        Limits { most_moves: None, ..all.clone() },
        Limits { budgets: Vec::new(), ..all.clone() },
        Limits { trade_balances: Vec::new(), ..all.clone() },
        Limits::default(),
    ];
    limits.into_iter().map(|limits| SourcingProblem { limits, ..problem.clone() }).collect()
}

async fn evaluated(
    desk: &SourcingDesk,
    problem: &SourcingProblem,
    decisions: Decisions,
) -> Result<Evaluation, SourcingError> {
    desk.call().evaluate(problem.clone(), decisions).await
}

/// A plan as text, without what the solver said of it.
pub fn timeless(plan: &Plan) -> String {
    let mut plan = plan.clone();
    plan.cost.solver_cost = None;
    plan.binding_limits.clear();
    format!("{plan:?}")
}

/// By how much the exact cost of a plan may lie below its linear one: rounding,
/// and of whole vehicles the one that enters in another window than its part.
fn slack(problem: &SourcingProblem, plan: &Plan) -> Decimal {
    let digits = problem.reporting_currency.minor_digits();
    let roundings: usize = plan
        .allocations
        .iter()
        .map(|flow| 8 + flow.entries.iter().map(|group| group.layers.len()).sum::<usize>())
        .chain(plan.kit_duties.iter().map(|kit| 1 + kit.entries.len() * 4))
        .sum::<usize>()
        + 50;
    let rounding = Decimal::new(5, digits + 1) * Decimal::from(roundings);
    let relative = plan.cost.total.amount().abs() * Decimal::new(2, 6);
    let mut slack = rounding + relative;
    if problem.units == Units::Whole {
        for allocation in &plan.allocations {
            let units = plan.decisions.flows[allocation.flow].units;
            slack += allocation.charges.amount() / units * Decimal::TWO;
        }
        for kit in &plan.kit_duties {
            slack += kit.charges.amount() / kit.kits * Decimal::TWO;
        }
    }
    slack
}
