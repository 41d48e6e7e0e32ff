//! The problem as stated, found by its ids.

use super::customs::Customs;
use super::discount::{days_between, factors};
use super::exact::{Sound, Unsound, over, plus, times};
use crate::money::{Currency, Money};
use crate::sourcing::{
    CostKind, CustomsValueRule, Lane, Market, ModelLine, Period, Plant, ProductionOption,
    SourcingProblem, UnitCost, Units, in_period,
};
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The problem, by id, and the law.
pub(super) struct Stated<'a> {
    pub problem: &'a SourcingProblem,
    pub customs: &'a dyn Customs,
    periods: BTreeMap<&'a str, usize>,
    models: BTreeMap<&'a str, &'a ModelLine>,
    plants: BTreeMap<&'a str, &'a Plant>,
    markets: BTreeMap<&'a str, &'a Market>,
    options: BTreeMap<(&'a str, &'a str), &'a ProductionOption>,
    lanes: BTreeMap<(&'a str, &'a str), Vec<&'a Lane>>,
    factors: Vec<Decimal>,
}

impl<'a> Stated<'a> {
    pub fn of(problem: &'a SourcingProblem, customs: &'a dyn Customs) -> Sound<Self> {
        let mut lanes: BTreeMap<_, Vec<&Lane>> = BTreeMap::new();
        for lane in &problem.lanes {
            lanes.entry((lane.plant.as_str(), lane.market.as_str())).or_default().push(lane);
        }
        let pair = |option: &'a ProductionOption| (option.model.as_str(), option.plant.as_str());
        Ok(Self {
            problem,
            customs,
            periods: problem
                .periods
                .iter()
                .enumerate()
                .map(|(place, period)| (period.id.as_str(), place))
                .collect(),
            models: problem.models.iter().map(|model| (model.id.as_str(), model)).collect(),
            plants: problem.plants.iter().map(|plant| (plant.id.as_str(), plant)).collect(),
            markets: problem.markets.iter().map(|market| (market.id.as_str(), market)).collect(),
            options: problem.options.iter().map(|option| (pair(option), option)).collect(),
            lanes,
            factors: factors(&problem.periods, problem.annual_discount_rate)?,
        })
    }

    pub fn period(&self, id: &str) -> Option<usize> {
        self.periods.get(id).copied()
    }

    pub fn model(&self, id: &str) -> Option<&'a ModelLine> {
        self.models.get(id).copied()
    }

    pub fn plant(&self, id: &str) -> Option<&'a Plant> {
        self.plants.get(id).copied()
    }

    pub fn market(&self, id: &str) -> Option<&'a Market> {
        self.markets.get(id).copied()
    }

    pub fn option(&self, model: &str, plant: &str) -> Option<&'a ProductionOption> {
        self.options.get(&(model, plant)).copied()
    }

    pub fn lane(&self, model: &str, plant: &str, market: &str) -> Option<&'a Lane> {
        let carries = |lane: &&&Lane| {
            lane.models.is_empty() || lane.models.iter().any(|carried| carried == model)
        };
        self.lanes.get(&(plant, market))?.iter().find(carries).copied()
    }

    /// Periods with their places.
    pub fn periods(&self) -> impl Iterator<Item = (usize, &'a Period)> + use<'a> {
        self.problem.periods.iter().enumerate()
    }

    /// Periods among those named; all where none is.
    pub fn periods_of(&self, named: &'a [String]) -> impl Iterator<Item = (usize, &'a Period)> {
        self.periods().filter(move |(_, period)| named.is_empty() || named.contains(&period.id))
    }

    pub fn period_at(&self, place: usize) -> Option<&'a Period> {
        self.problem.periods.get(place)
    }

    /// Id of a period by its place.
    pub fn period_id(&self, place: usize) -> &'a str {
        self.period_at(place).map_or("", |period| period.id.as_str())
    }

    pub fn days(&self, place: usize) -> i64 {
        self.period_at(place).map_or(0, |period| days_between(period.start, period.end))
    }

    /// What a unit of money of a period is worth.
    pub fn factor(&self, place: usize) -> Decimal {
        self.factors.get(place).copied().unwrap_or(Decimal::ZERO)
    }

    pub fn whole(&self) -> bool {
        self.problem.units == Units::Whole
    }

    /// The currency costs are added in.
    pub fn reporting(&self) -> Currency {
        self.problem.reporting_currency
    }

    /// Reporting currency for one unit of a currency in a period.
    pub fn rate(&self, currency: Currency, period: usize) -> Sound<Decimal> {
        if currency == self.reporting() {
            return Ok(Decimal::ONE);
        }
        let planned = self.problem.planning_rates.iter().find(|rate| rate.currency == currency);
        planned.and_then(|rate| in_period(&rate.rates, period)).ok_or(Unsound::NoRate(currency))
    }

    /// So many times an amount, in the reporting currency, not rounded.
    pub fn converted(&self, each: Money, number: Decimal, period: usize) -> Sound<Decimal> {
        times(times(each.amount(), number)?, self.rate(each.currency(), period)?)
    }

    /// An amount in another currency, by the planning rates of a period.
    pub fn exchanged(&self, amount: Money, into: Currency, period: usize) -> Sound<Decimal> {
        if amount.currency() == into {
            return Ok(amount.amount());
        }
        over(self.converted(amount, Decimal::ONE, period)?, self.rate(into, period)?)
    }

    /// Price declared of one vehicle, in the reporting currency, not rounded.
    pub fn declared_price(
        &self,
        option: &ProductionOption,
        market: Region,
        period: usize,
    ) -> Sound<Decimal> {
        let importer = self.customs.importer(market);
        let of_market = |region: Region| region == market;
        let of_importer = |region: Region| self.customs.importer(region) == importer;
        let found = option.customs.iter().find(|treatment| of_market(treatment.importer));
        let found = found
            .or_else(|| option.customs.iter().find(|treatment| of_importer(treatment.importer)));
        match found.map(|treatment| treatment.value_rule) {
            Some(CustomsValueRule::TransactionValue(price)) => {
                self.converted(price, Decimal::ONE, period)
            }
            Some(CustomsValueRule::UnitCostTimes(factor)) => {
                times(self.unit_cost(option, period)?, factor)
            }
            Some(CustomsValueRule::UnitCost) | None => self.unit_cost(option, period),
        }
    }

    fn unit_cost(&self, option: &ProductionOption, period: usize) -> Sound<Decimal> {
        building_costs(option, period).into_iter().try_fold(Decimal::ZERO, |sum, (_, cost)| {
            plus(sum, self.converted(cost, Decimal::ONE, period)?)
        })
    }
}

/// What building one vehicle costs in a period, by kind.
pub(super) fn building_costs(option: &ProductionOption, period: usize) -> Vec<(CostKind, Money)> {
    let parts = match &option.unit_cost {
        UnitCost::Whole(series) => vec![(CostKind::Production, in_period(series, period))],
        UnitCost::Parts { labour, parts, other } => vec![
            (CostKind::Labour, *labour),
            (CostKind::Parts, *parts),
            (CostKind::OtherProduction, *other),
        ],
    };
    stated_only(parts)
}

/// What transport of one vehicle costs, by kind.
pub(super) fn transport_costs(lane: &Lane) -> Vec<(CostKind, Money)> {
    stated_only(vec![
        (CostKind::Freight, lane.freight),
        (CostKind::Insurance, lane.insurance),
        (CostKind::InlandFreight, lane.inland_freight),
        (CostKind::Holding, lane.holding_cost),
    ])
}

fn stated_only(costs: Vec<(CostKind, Option<Money>)>) -> Vec<(CostKind, Money)> {
    costs.into_iter().filter_map(|(kind, cost)| Some((kind, cost?))).collect()
}
