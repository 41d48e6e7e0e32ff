//! A problem made ready: held together, held against the law, in numbers, and
//! as a program.

use super::binding::binding_limits;
use super::customs::HeldCustoms;
use super::{PlanProvenance, SourcingError};
use crate::app::duties::DutyError;
use crate::sourcing::check::check;
use crate::sourcing::{
    BindingLimit, Decisions, Duties, FixedDecisions, Formulation, Ledger, Network, Plan, PricedProblem,
    PricingError, Solution, SourcingProblem, Violation,
};
use crate::tariff::{AssessError, NoQuote, Schedule};
use std::sync::Arc;
use tracing::info_span;

/// A problem made ready.
#[derive(Debug)]
pub(super) struct Case {
    pub problem: Arc<SourcingProblem>,
    pub provenance: PlanProvenance,
    pub priced: PricedProblem,
    schedule: Arc<Schedule>,
    network: Network,
    duties: Duties,
}

impl Case {
    /// Holds a problem together and against the law.
    pub fn of(
        problem: SourcingProblem,
        schedule: Arc<Schedule>,
        solver: String,
    ) -> Result<Self, SourcingError> {
        let faulty = |faults| SourcingError::Duty(DutyError::Faulty(faults));
        let network = info_span!("validate").in_scope(|| Network::of(&problem)).map_err(faulty)?;
        let priced = info_span!("price", portolan.sourcing.arcs = network.arcs.len());
        let (duties, priced) = priced.in_scope(|| -> Result<_, SourcingError> {
            let duties = Duties::of(&problem, &network, &schedule).map_err(faulty)?;
            let priced = PricedProblem::of(&problem, &network, &duties)?;
            Ok((duties, priced))
        })?;
        let provenance =
            PlanProvenance { schedule: schedule.name.clone(), known_at: duties.known_at, solver };
        Ok(Self { problem: Arc::new(problem), provenance, priced, schedule, network, duties })
    }

    /// The problem as a program.
    pub fn formulation(&self) -> Formulation {
        info_span!("build").in_scope(|| Formulation::of(&self.priced))
    }

    /// The plan of a solution, priced, and what it violates.
    pub fn verified(&self, solution: &Solution) -> Result<(Plan, Vec<Violation>), SourcingError> {
        self.evaluated(solution.decisions(&self.problem, &self.network))
    }

    /// The plan of decisions, priced, and what it violates.
    pub fn evaluated(&self, decisions: Decisions) -> Result<(Plan, Vec<Violation>), SourcingError> {
        info_span!("verify").in_scope(|| {
            let ledger = Ledger {
                problem: &self.problem,
                network: &self.network,
                duties: &self.duties,
                priced: &self.priced,
            };
            let plan = ledger.plan(decisions)?;
            let customs = HeldCustoms {
                problem: &self.problem,
                network: &self.network,
                duties: &self.duties,
                schedule: &self.schedule,
            };
            let violations = check(&self.problem, &plan, &customs);
            Ok((plan, violations))
        })
    }

    /// What binds a plan, by the dual values of the program with its first
    /// stage fixed.
    pub fn binding_limits(
        &self,
        formulation: &Formulation,
        fixed: &FixedDecisions,
        row_duals: &[f64],
    ) -> Vec<BindingLimit> {
        let values = formulation.marginal_values(fixed, row_duals);
        binding_limits(&self.problem, &self.duties, &self.priced, values)
    }
}

impl From<PricingError> for SourcingError {
    fn from(error: PricingError) -> Self {
        Self::Duty(DutyError::Unassessable(match error {
            PricingError::Overflow(overflow) => overflow.into(),
            PricingError::NoQuote(NoQuote::Unassessable(error)) => error,
            // Every entry was surveyed; one of another size that has no amount is as good as too large.
            PricingError::NoQuote(NoQuote::Open(_)) => {
                AssessError::Overflow(crate::money::Overflow)
            }
        }))
    }
}
