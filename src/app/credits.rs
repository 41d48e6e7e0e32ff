//! What a credit against duty comes to: earned, spent, carried on.

use crate::app::duties::{DutyDesk, DutyError};
use crate::money::Money;
use crate::tariff::{AssessError, CreditIndex, CreditRate, EntryFault, Region, Schedule, Tariff};
use jiff::civil::Date;
use std::sync::Arc;

/// What a caller asks. `None` in a required field: it was faulty, and is
/// reported already by whoever read it.
#[derive(Clone, Debug)]
pub struct CreditQuestion {
    /// Schedule by resource name; empty for the default.
    pub schedule: String,
    /// Importing customs territory.
    pub importer: Option<Region>,
    /// Id of the credit.
    pub credit: Option<String>,
    /// Knowledge date, where stated.
    pub known_at: Option<Date>,
    /// What earns it, by day of assembly.
    pub bases: Vec<(Option<Date>, Option<Money>)>,
    /// Money left from before.
    pub brought_forward: Option<Money>,
    /// Duty it may be spent on.
    pub liability: Option<Money>,
}

/// What a credit comes to.
#[derive(Clone, Debug)]
pub struct CreditAnswer {
    /// Schedule used.
    pub schedule: Arc<Schedule>,
    /// Law of the importer.
    pub tariff: Arc<Tariff>,
    /// The credit, by its place.
    pub credit: CreditIndex,
    /// Last publication day taken into account.
    pub known_at: Date,
    /// What each base earns.
    pub earned: Vec<CreditEarned>,
    /// Sum of what is earned.
    pub total_earned: Money,
    /// What is there, at most the liability.
    pub spent: Money,
    /// What is left.
    pub carried_forward: Money,
}

/// What one base earns.
#[derive(Clone, Debug)]
pub struct CreditEarned {
    /// Day of assembly.
    pub assembled_on: Date,
    /// What the rate is applied to.
    pub base: Money,
    /// The rate, where one covers the day.
    pub rate: Option<CreditRate>,
    /// Earned, cut to the minor unit.
    pub amount: Money,
}

impl DutyDesk {
    /// Calculates a credit by the law published up to and including the
    /// question's knowledge date.
    ///
    /// # Errors
    /// As of [`DutyDesk::resolve`].
    pub fn credit(&self, question: &CreditQuestion) -> Result<CreditAnswer, DutyError> {
        let schedule = self.schedule(&question.schedule)?;
        let mut faults = Vec::new();
        let mut fault = |field: String, reason: &'static str, message: String| {
            faults.push(EntryFault { field, reason, message });
        };
        let tariff = match question.importer {
            Some(importer) => {
                let held = schedule.tariff_of(importer).cloned();
                if held.is_none() {
                    let message = format!("the schedule does not hold the law of {importer}");
                    fault("importer_region_code".to_owned(), "IMPORTER_NOT_HELD", message);
                }
                held
            }
            None => None,
        };
        let Some(tariff) = tariff else { return Err(DutyError::Faulty(faults)) };
        let named = |id: &String| tariff.credits.iter().position(|credit| credit.id == *id);
        let credit = question.credit.as_ref().and_then(|id| {
            let found = named(id);
            if found.is_none() {
                let message = format!("the schedule defines no credit `{id}`");
                fault("credit_id".to_owned(), "CREDIT_UNKNOWN", message);
            }
            found
        });
        let zero = Money::zero(tariff.currency);
        let mut own = |amount: Option<Money>, field: String| {
            if let Some(foreign) = amount.filter(|amount| amount.currency() != tariff.currency) {
                let message = format!("{foreign} must be in {}", tariff.currency);
                fault(field, "WRONG_CURRENCY", message);
            }
            amount
        };
        let before = own(question.brought_forward, "brought_forward".to_owned()).unwrap_or(zero);
        let liability = own(question.liability, "liability".to_owned()).unwrap_or(zero);
        let mut bases = Vec::new();
        for (place, (day, base)) in question.bases.iter().enumerate() {
            let base = own(*base, format!("bases[{place}].base"));
            bases.extend(day.zip(base));
        }
        let known_at = question.known_at.unwrap_or(schedule.as_of);
        let (Some(credit), true) = (credit, faults.is_empty()) else {
            return Err(DutyError::Faulty(faults));
        };
        let held = &tariff.credits[credit];
        let mut earned = Vec::with_capacity(bases.len());
        let mut total_earned = zero;
        for (assembled_on, base) in bases {
            let amount = held.earned(base, assembled_on, known_at).map_err(AssessError::from)?;
            total_earned = total_earned.plus(amount).map_err(AssessError::from)?;
            let rate = held.rate(assembled_on, known_at).cloned();
            earned.push(CreditEarned { assembled_on, base, rate, amount });
        }
        let there = before.plus(total_earned).map_err(AssessError::from)?;
        let spent = if there.amount() < liability.amount() { there } else { liability };
        let carried_forward = there.minus(spent).map_err(AssessError::from)?;
        Ok(CreditAnswer {
            schedule,
            tariff,
            credit,
            known_at,
            earned,
            total_earned,
            spent,
            carried_forward,
        })
    }
}
