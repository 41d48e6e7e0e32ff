//! The rate at which earning a relief by exports pays exactly.
//!
//! The best plan that earns the relief costs more the higher the rate, along a
//! concave curve; every plan that earns it has a straight line above that
//! curve. Where the line of the best plan at one rate meets the cost of doing
//! without is a rate at which it still pays, and the next to be solved at, until
//! nothing is gained (Dinkelbach 1967).

use super::evidence::Evidence;
use super::search::{Known, SearchEnd, blocking};
use super::{PlanProvenance, SearchBudget, SourcingCall, SourcingError};
use crate::sourcing::{
    ExportCommitment, MeasureRate, Plan, PricingError, SourcingProblem, Termination,
    TerminationReason,
};
use crate::tariff::Region;
use rust_decimal::{Decimal, RoundingStrategy};
use std::sync::Arc;
use std::time::Instant;

/// Rates solved at for one volume.
const MOST_STEPS: usize = 24;

/// Relief to be conceded, earned by exports.
#[derive(Clone, Debug)]
pub struct Concession {
    /// Country whose exports are counted.
    pub origin: Region,
    /// Country they are counted into.
    pub market: Region,
    /// Measure whose rate is lowered.
    pub measure: MeasureRate,
}

/// At what rate does earning a relief pay?
#[derive(Clone, Debug)]
pub struct ConcessionQuestion {
    /// The problem without the relief.
    pub problem: SourcingProblem,
    /// The relief.
    pub relief: Concession,
    /// Vehicles a year that earn it.
    pub volumes: Vec<Decimal>,
    /// Lowest rate.
    pub least_rate: Decimal,
    /// Highest rate.
    pub most_rate: Decimal,
    /// Width to which rates are located.
    pub tolerance: Decimal,
    /// Of the whole analysis, but for work, which is of each solve.
    pub budget: SearchBudget,
}

/// What a concession must be, by volume.
#[derive(Clone, Debug)]
pub struct ConcessionAnswer {
    /// The problem.
    pub problem: Arc<SourcingProblem>,
    /// What the answer is a function of.
    pub provenance: PlanProvenance,
    /// How the search without the relief ended.
    pub termination: Termination,
    /// The best plan without it; none where there is none.
    pub plan_without: Option<Plan>,
    /// By volume.
    pub points: Vec<ConcessionPoint>,
    /// Solves it took.
    pub solves: usize,
}

/// The rate at which so many vehicles pay exactly.
#[derive(Clone, Debug)]
pub struct ConcessionPoint {
    /// Vehicles a year.
    pub volume: Decimal,
    /// How it comes out.
    pub outcome: ConcessionOutcome,
    /// Highest rate at which it pays.
    pub rate: Option<Decimal>,
    /// The best plan that earns it at that rate.
    pub plan: Option<Plan>,
    /// What it rests on.
    pub evidence: Evidence,
    /// One sentence.
    pub message: String,
}

/// How earning a relief comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConcessionOutcome {
    /// It pays up to a rate.
    PaysBelow,
    /// It pays at every rate.
    PaysAlways,
    /// It pays at no rate.
    NeverPays,
    /// No plan has so many vehicles.
    Infeasible,
    /// The budget ended before it was known.
    Unknown,
}

impl SourcingCall {
    /// Finds the rate at which earning a relief pays, by volume.
    ///
    /// # Errors
    /// [`SourcingError`].
    pub async fn concession(
        &self,
        question: ConcessionQuestion,
        deadline: Instant,
    ) -> Result<ConcessionAnswer, SourcingError> {
        let longest = question.budget.time.unwrap_or(self.limits.default_time);
        let deadline = deadline.min(Instant::now() + longest.min(self.limits.max_time));
        Self::without_reliefs(&question.problem)?;
        let base = Arc::new(self.case(question.problem.clone()).await?);
        base.holds_measure(&question.relief.measure, "relief.measure")?;
        let (problem, provenance) = (base.problem.clone(), base.provenance.clone());
        let end = self.solved(base, &question.budget, deadline, None).await?;
        let SearchEnd { termination, plan: plan_without, waypoints } = end;
        let mut asked = Asked { call: self, question: &question, deadline, waypoints, solves: 1 };
        let mut points = Vec::new();
        if let Some(without) = &plan_without {
            let is_proved = termination.reason == TerminationReason::Optimal;
            for volume in &question.volumes {
                points.push(asked.point(*volume, without, is_proved).await?);
            }
        }
        let solves = asked.solves;
        Ok(ConcessionAnswer { problem, provenance, termination, plan_without, points, solves })
    }
}

struct Asked<'a> {
    call: &'a SourcingCall,
    question: &'a ConcessionQuestion,
    deadline: Instant,
    /// Points the last solve closed in at.
    waypoints: Vec<Vec<f64>>,
    solves: usize,
}

impl Asked<'_> {
    async fn point(
        &mut self,
        volume: Decimal,
        without: &Plan,
        is_proved: bool,
    ) -> Result<ConcessionPoint, SourcingError> {
        let ConcessionQuestion { least_rate, most_rate, .. } = *self.question;
        let cost_without = without.cost.objective();
        let told = |outcome, rate, plan, proved: bool, message: String| ConcessionPoint {
            volume,
            outcome,
            rate,
            plan,
            evidence: if proved { Evidence::Proved } else { Evidence::Unproved },
            message,
        };
        let (termination, first) = self.solve(volume, least_rate, without).await?;
        let is_optimal = termination.reason == TerminationReason::Optimal;
        let is_dear = |cost: Decimal| cost > cost_without;
        let Some(mut plan) = first else {
            if termination.reason == TerminationReason::Infeasible {
                let message = format!("No plan has {volume} vehicles a year.");
                return Ok(told(ConcessionOutcome::Infeasible, None, None, true, message));
            }
            let message = format!("Whether it pays is not known. {}", termination.message);
            return Ok(told(ConcessionOutcome::Unknown, None, None, false, message));
        };
        if is_dear(plan.cost.objective()) {
            let proved = termination.bound.is_some_and(is_dear);
            if !proved && !is_optimal {
                let message = format!("Whether it pays is not known. {}", termination.message);
                return Ok(told(ConcessionOutcome::Unknown, None, Some(plan), false, message));
            }
            let message =
                format!("Even at {} % it costs more than doing without.", percent(least_rate));
            return Ok(told(ConcessionOutcome::NeverPays, None, Some(plan), proved, message));
        }
        let mut proved = is_proved && is_optimal;
        let mut rate = least_rate;
        let mut steps = 0;
        loop {
            let Some(next) = self.pays_up_to(volume, &plan, rate, cost_without).await? else {
                proved = false;
                break;
            };
            let gained = next - rate;
            rate = next;
            if gained <= self.question.tolerance || rate >= most_rate {
                break;
            }
            steps += 1;
            if steps > MOST_STEPS {
                proved = false;
                break;
            }
            let (termination, found) = self.solve(volume, rate, &plan).await?;
            proved &= termination.reason == TerminationReason::Optimal;
            let least_gain = self.question.problem.reporting_currency.minor_unit();
            match found {
                Some(better) if better.cost.objective() + least_gain < cost_without => {
                    plan = better;
                }
                _ => break,
            }
        }
        if rate >= most_rate {
            let message = format!("It pays at {} % already.", percent(most_rate));
            let plan = self.priced(volume, most_rate, &plan).await?;
            return Ok(told(
                ConcessionOutcome::PaysAlways,
                Some(most_rate),
                Some(plan),
                proved,
                message,
            ));
        }
        let message = format!(
            "At {} % the plan that earns it costs what doing without costs; below it pays.",
            percent(rate)
        );
        let plan = self.priced(volume, rate, &plan).await?;
        Ok(told(ConcessionOutcome::PaysBelow, Some(rate), Some(plan), proved, message))
    }

    /// Highest rate to which a plan that pays at one costs no more than doing
    /// without, closed in on from both sides; none where the time ends before.
    async fn pays_up_to(
        &mut self,
        volume: Decimal,
        plan: &Plan,
        from: Decimal,
        cost_without: Decimal,
    ) -> Result<Option<Decimal>, SourcingError> {
        let (mut low, mut high) = (from, self.question.most_rate);
        let cost = |plan: Plan| plan.cost.objective() - cost_without;
        let mut below = cost(self.priced(volume, low, plan).await?);
        let mut above = cost(self.priced(volume, high, plan).await?);
        if above <= Decimal::ZERO {
            return Ok(Some(high));
        }
        let digits = self.question.tolerance.normalize().scale().saturating_add(2).min(18);
        while high - low > self.question.tolerance {
            if Instant::now() >= self.deadline {
                return Ok(None);
            }
            let part = (-below).checked_div(above - below).unwrap_or(Decimal::new(5, 1));
            let part = part.clamp(Decimal::new(1, 2), Decimal::new(99, 2));
            // Down: what is told is a rate at which it pays.
            let at = (low + part * (high - low))
                .round_dp_with_strategy(digits, RoundingStrategy::ToZero);
            if at <= low || at >= high {
                break;
            }
            let lead = cost(self.priced(volume, at, plan).await?);
            if lead <= Decimal::ZERO {
                (low, below) = (at, lead);
                let near = at + self.question.tolerance;
                if near < high && cost(self.priced(volume, near, plan).await?) > Decimal::ZERO {
                    break;
                }
            } else {
                (high, above) = (at, lead);
            }
        }
        Ok(Some(low))
    }

    /// The best plan that earns the relief at a rate.
    async fn solve(
        &mut self,
        volume: Decimal,
        rate: Decimal,
        start: &Plan,
    ) -> Result<(Termination, Option<Plan>), SourcingError> {
        self.solves += 1;
        let case = Arc::new(self.call.case(self.relieved(volume, rate)?).await?);
        let waypoints = std::mem::take(&mut self.waypoints);
        let known = Known { decisions: Some(start.decisions.unsettled()), waypoints };
        let end = self.call.solved(case, &self.question.budget, self.deadline, known).await?;
        let SearchEnd { termination, plan, waypoints } = end;
        self.waypoints = waypoints;
        Ok((termination, plan))
    }

    /// A plan at another rate.
    async fn priced(
        &self,
        volume: Decimal,
        rate: Decimal,
        plan: &Plan,
    ) -> Result<Plan, SourcingError> {
        let case = self.call.case(self.relieved(volume, rate)?).await?;
        let decisions = plan.decisions.unsettled();
        Ok(blocking(move || case.evaluated(decisions)).await??.0)
    }

    /// The problem with the relief, and what earns it.
    fn relieved(&self, volume: Decimal, rate: Decimal) -> Result<SourcingProblem, SourcingError> {
        let Concession { origin, market, measure } = &self.question.relief;
        let mut problem = self.question.problem.clone();
        let set = measure.set(&mut problem, rate);
        set.map_err(PricingError::Overflow)?;
        problem.limits.export_commitments.push(ExportCommitment {
            // No id of the caller's has a space.
            id: "the relief".to_owned(),
            origin: *origin,
            market: *market,
            units_per_year: volume,
            periods: Vec::new(),
        });
        Ok(problem)
    }
}

fn percent(rate: Decimal) -> Decimal {
    (rate * Decimal::ONE_HUNDRED).normalize()
}
