//! Duty met from credits, as far as money is left in them.

use crate::money::Money;
use crate::tariff::assess::evaluate::{Evaluation, Halt};
use crate::tariff::assess::outcome::{ChargedUnder, Election, Layer, Question};
use crate::tariff::credit::CreditStock;
use crate::tariff::measure::ChargeKind;
use crate::tariff::schedule::Tariff;
use rust_decimal::Decimal;

impl Evaluation<'_> {
    /// Meets duty from the credits elected, as far as money is left in them.
    pub(super) fn credits(&mut self) -> Result<(), Halt> {
        let tariff: &Tariff = &self.setting.law.tariff;
        for election in &self.goods.elected {
            let Election::Credit(credit) = *election else { continue };
            let mut open = Money::zero(tariff.currency);
            for layer in &self.layers {
                if let ChargedUnder::Measure(index) = layer.under
                    && tariff.credits[credit].against.contains(index)
                {
                    open = open.plus(layer.amount)?;
                }
            }
            let met = self.layers.iter().filter(|layer| layer.kind == ChargeKind::Credit);
            for layer in met {
                open = open.plus(layer.amount)?;
            }
            if open.amount() <= Decimal::ZERO {
                continue;
            }
            let stock = self.goods.credit_left.iter().find(|(known, _)| *known == credit);
            let stock = stock.map_or(CreditStock::told(None, tariff.currency), |(_, stock)| *stock);
            let within = |left: Money| if left.amount() < open.amount() { left } else { open };
            let spent = if within(stock.least) == open || stock.known().is_some() {
                within(stock.least)
            } else if self.truth(Question::CreditBalance(credit))? {
                stock.greatest.map_or(open, within)
            } else {
                stock.least
            };
            if spent.is_zero() {
                continue;
            }
            self.layers.push(Layer {
                under: ChargedUnder::Credit(credit),
                kind: ChargeKind::Credit,
                base: open,
                amount: Money::zero(tariff.currency).minus(spent)?,
                included_in: None,
                articles: self.goods.articles(),
            });
        }
        Ok(())
    }
}
