//! Costs by kind and layer, as they are booked.

use crate::money::{Money, Overflow};
use crate::sourcing::plan::{CostKind, CostLine};
use crate::sourcing::problem::SourcingProblem;
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// What a booked cost is of.
type Heading = (CostKind, Option<(Region, String)>);

/// Costs booked so far.
pub(super) struct Account {
    lines: BTreeMap<Heading, (Money, Decimal)>,
    discounts: Vec<Decimal>,
    zero: Money,
}

impl Account {
    pub fn new(problem: &SourcingProblem, discounts: Vec<Decimal>) -> Self {
        let zero = Money::zero(problem.reporting_currency);
        Self { lines: BTreeMap::new(), discounts, zero }
    }

    /// Books an amount of a period; nothing is no line.
    pub fn book(&mut self, kind: CostKind, period: usize, amount: Money) -> Result<(), Overflow> {
        self.book_under((kind, None), period, amount)
    }

    /// Books a charge under its layer.
    pub fn book_layer(
        &mut self,
        kind: CostKind,
        (importer, programme): (Region, &str),
        period: usize,
        amount: Money,
    ) -> Result<(), Overflow> {
        self.book_under((kind, Some((importer, programme.to_owned()))), period, amount)
    }

    fn book_under(
        &mut self,
        heading: Heading,
        period: usize,
        amount: Money,
    ) -> Result<(), Overflow> {
        if amount.is_zero() {
            return Ok(());
        }
        let discounted = amount.amount().checked_mul(self.discounts[period]).ok_or(Overflow)?;
        let (sum, discounted_sum) = self.lines.entry(heading).or_insert((self.zero, Decimal::ZERO));
        *sum = sum.plus(amount)?;
        *discounted_sum = discounted_sum.checked_add(discounted).ok_or(Overflow)?;
        Ok(())
    }

    /// Total, discounted total and lines.
    pub fn closed(self) -> Result<(Money, Decimal, Vec<CostLine>), Overflow> {
        let mut total = self.zero;
        let mut discounted_total = Decimal::ZERO;
        let mut lines = Vec::with_capacity(self.lines.len());
        for ((kind, layer), (amount, discounted)) in self.lines {
            total = total.plus(amount)?;
            discounted_total = discounted_total.checked_add(discounted).ok_or(Overflow)?;
            lines.push(CostLine { kind, layer, amount, discounted });
        }
        Ok((total, discounted_total, lines))
    }
}
