//! Two plans priced and compared.

use super::search::blocking;
use super::{PlanProvenance, SourcingCall, SourcingError};
use crate::app::duties::DutyError;
use crate::sourcing::{Comparison, Decisions, PricingError, SourcingProblem, Violation};
use crate::tariff::EntryFault;

/// Decisions and the problem they are priced under.
#[derive(Clone, Debug)]
pub struct PricedDecisions {
    /// The problem.
    pub problem: SourcingProblem,
    /// The decisions.
    pub decisions: Decisions,
}

/// Two plans compared.
#[derive(Clone, Debug)]
pub struct ComparedPlans {
    /// What each plan's cost is a function of.
    pub provenance: [PlanProvenance; 2],
    /// What lies between them.
    pub comparison: Comparison,
    /// What each violates.
    pub violations: [Vec<Violation>; 2],
}

impl SourcingCall {
    /// Prices two plans and tells what lies between them.
    ///
    /// # Errors
    /// [`SourcingError`]; fields of faults begin with `from` or `to`.
    pub async fn compare(
        &self,
        from: PricedDecisions,
        to: PricedDecisions,
    ) -> Result<ComparedPlans, SourcingError> {
        let one = self.evaluate(from.problem, from.decisions).await;
        let other = self.evaluate(to.problem, to.decisions).await;
        let (one, other) = match (one, other) {
            (Ok(one), Ok(other)) => (one, other),
            (one, other) => return Err(both(one.err(), other.err())),
        };
        let (from, to) = (one.plan, other.plan);
        let compared = blocking(move || Comparison::of(&from, &to)).await?;
        Ok(ComparedPlans {
            provenance: [one.provenance, other.provenance],
            comparison: compared.map_err(PricingError::Overflow)?,
            violations: [one.violations, other.violations],
        })
    }
}

/// Faults of both plans together, or what else went wrong with one.
fn both(from: Option<SourcingError>, to: Option<SourcingError>) -> SourcingError {
    let mut faults: Vec<EntryFault> = Vec::new();
    let mut other = None;
    for (side, error) in [("from", from), ("to", to)] {
        match error {
            Some(SourcingError::Duty(DutyError::Faulty(found))) => {
                faults.extend(found.into_iter().map(|mut fault| {
                    fault.field = format!("{side}.{}", fault.field);
                    fault
                }));
            }
            Some(error) => other = Some(error),
            None => {}
        }
    }
    match other {
        Some(error) if faults.is_empty() => error,
        _ => SourcingError::Duty(DutyError::Faulty(faults)),
    }
}
