//! What a rate falls on: a sum of values and of charges made before.

use crate::money::{Money, Overflow};
use crate::tariff::assess::evaluate::{Evaluation, Halt, answer};
use crate::tariff::assess::outcome::{Answer, ChargedUnder, Layer, Question};
use crate::tariff::entry::FactValue;
use crate::tariff::measure::{Base, BaseTerm, ChargeKind};
use rust_decimal::Decimal;

impl Evaluation<'_> {
    pub(super) fn base(&self, base: &Base) -> Result<Money, Halt> {
        let whole = self.goods.customs_value;
        let mut sum = Money::zero(whole.currency());
        for term in &base.0 {
            let term = match term {
                BaseTerm::CustomsValue => whole,
                BaseTerm::Content(fact) => self.content(*fact)?,
                BaseTerm::CustomsValueLess(fact) => whole.minus(self.content(*fact)?)?,
                BaseTerm::InlandFreight => self.goods.inland_freight,
                BaseTerm::Duties => self.charged(|layer| layer.kind == ChargeKind::Duty)?,
                BaseTerm::Programme(programme) => self.charged(|layer| match layer.under {
                    ChargedUnder::Measure(index) => {
                        self.setting.law.tariff.measures[index].programme == *programme
                    }
                    _ => false,
                })?,
            };
            sum = sum.plus(term)?;
        }
        Ok(sum)
    }

    /// The sum of some charges made so far.
    fn charged(&self, such: impl Fn(&Layer) -> bool) -> Result<Money, Overflow> {
        let zero = Money::zero(self.goods.customs_value.currency());
        let such = self.layers.iter().filter(|layer| such(layer));
        such.map(|layer| layer.amount).try_fold(zero, Money::plus)
    }

    fn content(&self, fact: usize) -> Result<Money, Halt> {
        let whole = self.goods.customs_value;
        let definition = &self.setting.law.tariff.facts[fact];
        if let Some(FactValue::Content(content)) =
            self.goods.fact(fact, definition, self.setting.days)
        {
            return Ok(content);
        }
        match answer(self.answers, Question::Fact(fact)) {
            Some(Answer::Share(share)) => Ok(whole.times(share)?),
            _ => Err(Halt::Asks(
                Question::Fact(fact),
                vec![Answer::Share(Decimal::ZERO), Answer::Share(Decimal::ONE)],
            )),
        }
    }
}
