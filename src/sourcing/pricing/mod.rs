//! A problem turned into numbers: every cost in the reporting currency, every
//! arc with the charges of its entry windows.
//!
//! A vehicle costs its part of a full entry: with fees between bounds no entry
//! of fewer vehicles costs less for each, so that the sum over vehicles is
//! never more than the entries cost, but for their rounding.

mod build_up;
mod credits;
mod flows;
mod limits;

use crate::money::{Money, Overflow};
use crate::sourcing::calendar::discount_factors;
use crate::sourcing::duties::Duties;
use crate::sourcing::network::Network;
use crate::sourcing::priced::PricedProblem;
use crate::sourcing::problem::{SourcingProblem, Units};
use crate::tariff::NoQuote;
use rust_decimal::Decimal;

/// Why a problem cannot be turned into numbers.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PricingError {
    /// A sum is too large.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// An entry has no quote, though its law was surveyed.
    #[error(transparent)]
    NoQuote(#[from] NoQuote),
}

impl PricedProblem {
    /// Turns a problem into numbers.
    ///
    /// # Errors
    /// [`PricingError`].
    pub fn of(
        problem: &SourcingProblem,
        network: &Network,
        duties: &Duties,
    ) -> Result<Self, PricingError> {
        let pricing = Pricing { problem, network, duties };
        let mut priced = Self {
            discounts: discount_factors(&problem.periods, problem.annual_discount_rate),
            most_moves: problem.limits.most_moves,
            whole: problem.units == Units::Whole,
            ..Self::default()
        };
        priced.plants = pricing.plants()?;
        priced.options = pricing.options()?;
        priced.demands = pricing.demands()?;
        priced.arcs = pricing.arcs()?;
        priced.tranches = pricing.tranches();
        priced.credits = pricing.credits()?;
        priced.homologations = pricing.homologations()?;
        priced.flow_limits = pricing.flow_limits()?;
        priced.budgets = pricing.budgets()?;
        Ok(priced)
    }
}

struct Pricing<'a> {
    problem: &'a SourcingProblem,
    network: &'a Network,
    duties: &'a Duties,
}

impl Pricing<'_> {
    fn periods(&self) -> std::ops::Range<usize> {
        0..self.problem.periods.len()
    }

    /// An amount in the reporting currency by period; nothing where there is
    /// none.
    fn by_period(&self, amount: Option<Money>) -> Result<Vec<Decimal>, Overflow> {
        let reported = |period| match amount {
            Some(amount) => self.problem.reported(amount, period),
            None => Ok(Decimal::ZERO),
        };
        self.periods().map(reported).collect()
    }
}
