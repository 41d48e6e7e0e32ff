//! Credits against duty on parts: earned by what is built, spent as soon as
//! there is duty, carried on.

use super::Ledger;
use super::account::{Account, Belonging};
use super::settled::Settled;
use crate::money::{Money, Overflow, Rounding};
use crate::sourcing::decisions::CreditDecision;
use crate::sourcing::plan::{CostKind, CreditAccount, KitDuty};
use rust_decimal::{Decimal, RoundingStrategy};

/// Decimals to which a sum of quotients is taken to be exact.
const QUOTIENT_DIGITS: u32 = 12;

impl Ledger<'_> {
    /// Credits over the periods. What is earned is cut to the minor unit, once
    /// for each model in a plant and period.
    pub(super) fn credits(
        &self,
        settled: &mut Settled,
        kit_duties: &[KitDuty],
        account: &mut Account<'_>,
    ) -> Result<Vec<CreditAccount>, Overflow> {
        let chosen = settled.decisions.credits.is_empty();
        let mut accounts = Vec::new();
        for (place, (outlook, law)) in
            self.problem.policy.credits.iter().zip(&self.duties.credits).enumerate()
        {
            let zero = Money::zero(law.currency);
            let mut there = outlook.brought_forward.unwrap_or(zero);
            for (period, stated) in self.problem.periods.iter().enumerate() {
                let brought_forward = there;
                let mut earned = zero;
                for (earning, each) in outlook.earnings.iter().zip(&law.earned) {
                    let Some(option) = self.network.option(&earning.model, &earning.plant) else {
                        continue;
                    };
                    let exact = Money::new(each[period], law.currency)
                        .times(settled.built[option][period])?;
                    earned = earned.plus(exact.rounded(Rounding::DOWN))?;
                }
                let liability = self.liability(place, &stated.id, kit_duties)?;
                let available = brought_forward.plus(earned)?;
                let told = settled.decisions.credits.iter().find(|decision| {
                    decision.importer == outlook.importer
                        && decision.credit == outlook.credit
                        && decision.period == stated.id
                });
                let spent = match told {
                    Some(decision) => decision.spent,
                    None if chosen && available.amount() < liability.amount() => available,
                    None if chosen => liability,
                    None => zero,
                };
                there = available.minus(spent)?;
                let worth = self.rounded(spent, Decimal::NEGATIVE_ONE, period)?;
                account.book(CostKind::Credit, Belonging::NOWHERE, period, worth)?;
                accounts.push(CreditAccount {
                    importer: outlook.importer,
                    credit: outlook.credit.clone(),
                    period: stated.id.clone(),
                    brought_forward,
                    earned,
                    liability,
                    spent,
                    carried_forward: there,
                });
            }
        }
        if chosen {
            let spent = accounts.iter().filter(|account| !account.spent.is_zero());
            settled.decisions.credits = spent
                .map(|account| CreditDecision {
                    importer: account.importer,
                    credit: account.credit.clone(),
                    period: account.period.clone(),
                    spent: account.spent,
                })
                .collect();
        }
        Ok(accounts)
    }

    /// Duty on kits of a period that a credit may be spent on, cut to the minor
    /// unit: nobody pays a part of one.
    fn liability(
        &self,
        credit: usize,
        period: &str,
        kit_duties: &[KitDuty],
    ) -> Result<Money, Overflow> {
        let (outlook, law) = (&self.problem.policy.credits[credit], &self.duties.credits[credit]);
        let at_home = |duty: &&KitDuty| {
            let option = self.network.option(&duty.model, &duty.plant);
            let plant = option.map(|option| self.network.options[option].plant);
            plant.is_some_and(|plant| self.problem.plants[plant].region == outlook.importer)
        };
        let own = kit_duties.iter().filter(|duty| duty.period == period).filter(at_home);
        let mut sum = Money::zero(law.currency);
        for group in own.flat_map(|duty| &duty.entries) {
            for layer in &group.layers {
                if law.meets(&layer.programme, &layer.heading) {
                    sum = sum.plus(layer.each.times(group.entries)?)?;
                }
            }
        }
        // Parts of entries add up to whole ones but for the last digit of a quotient.
        let exact = sum
            .amount()
            .round_dp_with_strategy(QUOTIENT_DIGITS, RoundingStrategy::MidpointAwayFromZero);
        Ok(Money::new(exact, law.currency).rounded(Rounding::DOWN))
    }
}
