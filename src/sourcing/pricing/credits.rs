//! What production earns in credits, and the duties they may be spent on.

use super::flows::plus_part;
use super::{Pricing, PricingError};
use crate::money::{Money, Overflow};
use crate::sourcing::priced::PricedCredit;
use rust_decimal::Decimal;

impl Pricing<'_> {
    pub(super) fn credits(&self) -> Result<Vec<PricedCredit>, PricingError> {
        let mut credits = Vec::with_capacity(self.duties.credits.len());
        for (place, law) in self.duties.credits.iter().enumerate() {
            let outlook = &self.problem.policy.credits[place];
            let worth = self
                .periods()
                .map(|period| self.problem.planning_rate(law.currency, period).ok_or(Overflow));
            let earned =
                outlook.earnings.iter().zip(&law.earned).filter_map(|(earning, by_period)| {
                    let option = self.network.option(&earning.model, &earning.plant)?;
                    Some((option, by_period.clone()))
                });
            let mut liability = Vec::new();
            for (option, kits) in self.duties.kits.iter().enumerate() {
                let plant = &self.problem.plants[self.network.options[option].plant];
                if plant.region != outlook.importer {
                    continue;
                }
                let mut by_period = Vec::with_capacity(self.problem.periods.len());
                for period in self.periods() {
                    let mut sum = Decimal::ZERO;
                    for (kit, windows) in kits.iter().enumerate() {
                        let articles =
                            Decimal::from(self.problem.options[option].kits[kit].kits_per_entry);
                        for window in &windows[period].windows {
                            if window.weight.is_zero() {
                                continue;
                            }
                            let quote = self.duties.quote(window, articles, false)?;
                            let met = quote
                                .layers
                                .iter()
                                .filter(|layer| law.meets(&layer.programme, &layer.heading));
                            let duty: Decimal = met.map(|layer| layer.amount.amount()).sum();
                            sum = plus_part(sum, duty / articles, window, &windows[period])?;
                        }
                    }
                    by_period.push(sum);
                }
                liability.push((option, by_period));
            }
            credits.push(PricedCredit {
                brought_forward: outlook.brought_forward.map(Money::amount).unwrap_or_default(),
                worth: worth.collect::<Result<_, Overflow>>()?,
                earned: earned.collect(),
                liability,
            });
        }
        Ok(credits)
    }
}
