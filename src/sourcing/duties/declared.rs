//! Vehicles and kits as they are declared to a customs authority.

use super::goods::Surveyor;
use crate::money::{Currency, Money, Overflow, Rounding};
use crate::sourcing::problem::{
    CustomsTreatment, CustomsValueRule, Lane, ModelGoods, PartKit, ProductionOption, UnitCost,
    in_period,
};
use crate::tariff::{
    Declaration, DeclaredFact, DeclaredLine, Elections, ExchangeRate, FactValue, Goods, Quantity,
    Region, Tariff, Unit, WorldState,
};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// First place of the facts that an option adds to those of its model: tells
/// them apart in a fault's path.
pub(super) const OPTION_FACTS: usize = 10_000;
/// First place of its content shares.
pub(super) const OPTION_SHARES: usize = 20_000;

/// What building one vehicle costs, where its parts are in one currency; the
/// sum of several is taken at planning rates by whoever asks.
pub(super) fn unit_cost(option: &ProductionOption, period: usize) -> Vec<Money> {
    match &option.unit_cost {
        UnitCost::Whole(series) => in_period(series, period).into_iter().collect(),
        UnitCost::Parts { labour, parts, other } => {
            [labour, parts, other].into_iter().flatten().copied().collect()
        }
    }
}

impl Surveyor<'_> {
    /// The price declared of one vehicle: exact to the minor unit.
    pub(super) fn declared_price(
        &self,
        option: &ProductionOption,
        treatment: Option<&CustomsTreatment>,
        period: usize,
    ) -> Result<Money, Overflow> {
        let rule = treatment.map_or(CustomsValueRule::UnitCost, |stated| stated.value_rule);
        if let CustomsValueRule::TransactionValue(value) = rule {
            return Ok(value);
        }
        let parts = unit_cost(option, period);
        let first = parts.first().map_or(self.problem.reporting_currency, |part| part.currency());
        let mut sum = Money::zero(first);
        for part in parts {
            let rate = self.cross_rate(part.currency(), first, period).ok_or(Overflow)?;
            sum = sum.plus(Money::new(part.times(rate)?.amount(), first))?;
        }
        let factor = match rule {
            CustomsValueRule::UnitCostTimes(factor) => factor,
            _ => Decimal::ONE,
        };
        Ok(sum.times(factor)?.rounded(Rounding::HALF_UP))
    }

    /// Units of one currency for one of another at planning rates.
    pub(super) fn cross_rate(
        &self,
        from: Currency,
        to: Currency,
        period: usize,
    ) -> Option<Decimal> {
        if from == to {
            return Some(Decimal::ONE);
        }
        let rate = |currency| self.problem.planning_rate(currency, period);
        rate(from)?.checked_div(rate(to)?)
    }

    /// Customs rates into an importer's currency: those stated, and planning
    /// rates in place of those that are not.
    pub(super) fn customs_rates(&self, currency: Currency, period: usize) -> Vec<ExchangeRate> {
        let stated = self.problem.policy.customs_rates.iter().filter(|rate| rate.to == currency);
        let mut rates: Vec<ExchangeRate> = stated.copied().collect();
        let planned = self.problem.planning_rates.iter().map(|rate| rate.currency);
        for from in planned.chain([self.problem.reporting_currency]) {
            if from == currency || rates.iter().any(|rate| rate.from == from) {
                continue;
            }
            if let Some(rate) = self.cross_rate(from, currency, period) {
                rates.push(ExchangeRate { from, to: currency, rate, published_on: self.known_at });
            }
        }
        rates
    }

    /// One vehicle of an arc, on one day.
    pub(super) fn vehicle(
        &self,
        (option, treatment): (&ProductionOption, Option<&CustomsTreatment>),
        (goods, lane): (&ModelGoods, &Lane),
        (origin, local): (Region, bool),
        (day, period): (Date, usize),
        tariff: &Tariff,
    ) -> Result<Declaration, Overflow> {
        let price = self.declared_price(option, treatment, period)?;
        let mut facts = goods.facts.clone();
        for fact in treatment.iter().flat_map(|stated| &stated.facts) {
            facts.push(DeclaredFact { position: OPTION_FACTS + fact.position, ..fact.clone() });
        }
        let rates = self.customs_rates(tariff.currency, period);
        if let Some(stated) = treatment.filter(|stated| !stated.content_shares.is_empty()) {
            // A content is a part of the customs value, in the importer's currency.
            let rate = rates.iter().find(|rate| rate.from == price.currency());
            let rate = rate.map_or(Decimal::ONE, |rate| rate.rate);
            let value = Money::new(price.times(rate)?.amount(), tariff.currency);
            for share in &stated.content_shares {
                let content = value.times(share.share)?.rounded(Rounding::DOWN);
                facts.push(DeclaredFact {
                    position: OPTION_SHARES + share.position,
                    id: share.fact.clone(),
                    value: FactValue::Content(content),
                });
            }
        }
        let elections = treatment.map(|stated| stated.elections.clone()).unwrap_or_default();
        let goods = Goods {
            code: Some(goods.code),
            origin: Some(origin),
            transaction_value: Some(price),
            freight: lane.freight,
            insurance: lane.insurance,
            inland_freight: lane.inland_freight,
            quantities: vec![Quantity { amount: Decimal::ONE, unit: Unit::ARTICLES }],
            facts,
        };
        Ok(declaration(goods, elections, (day, local), lane.transport, rates))
    }

    /// One kit, on one day.
    pub(super) fn kit(
        &self,
        kit: &PartKit,
        (day, period): (Date, usize),
        tariff: &Tariff,
    ) -> Declaration {
        let goods = Goods {
            code: Some(kit.code),
            origin: Some(kit.origin),
            transaction_value: Some(kit.value),
            freight: kit.freight,
            insurance: None,
            inland_freight: None,
            quantities: vec![Quantity { amount: Decimal::ONE, unit: Unit::ARTICLES }],
            facts: kit.facts.clone(),
        };
        let rates = self.customs_rates(tariff.currency, period);
        declaration(goods, kit.elections.clone(), (day, false), None, rates)
    }
}

fn declaration(
    goods: Goods,
    elections: Elections,
    (day, local): (Date, bool),
    transport: Option<crate::tariff::TransportMode>,
    rates: Vec<ExchangeRate>,
) -> Declaration {
    Declaration {
        entry_date: Some(day),
        local_supply: local,
        transport_mode: transport,
        lines: vec![DeclaredLine { id: Some("one".to_owned()), goods, elections }],
        world: WorldState { customs_exchange_rates: rates, ..WorldState::default() },
        ..Declaration::default()
    }
}
