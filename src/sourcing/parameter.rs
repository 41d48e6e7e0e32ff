//! A number of a problem that may vary, and the problem with another value of
//! it.

use crate::money::{Currency, Money, Overflow};
use crate::sourcing::duties::Tranche;
use crate::sourcing::problem::{FRACTION_DIGITS, MeasureRate, SourcingProblem, UnitCost, Units};
use crate::tariff::Region;
use rust_decimal::{Decimal, RoundingStrategy};

/// A number of a problem that may vary. What a value means is said with each.
#[derive(Clone, Debug, PartialEq)]
pub enum Parameter {
    /// Rate of a measure, as a share of its base.
    MeasureRate(MeasureRate),
    /// Planning rate of a currency in all periods.
    ExchangeRate {
        /// Another than the reporting currency.
        currency: Currency,
        /// Whether a value is units of it for one of the reporting currency.
        inverse: bool,
    },
    /// Cost of building.
    UnitCost {
        /// Model line; all where none.
        model: Option<String>,
        /// Plant; all where none.
        plant: Option<String>,
        /// What a value does to it.
        change: CostChange,
        /// Whether only labour varies.
        labour_only: bool,
    },
    /// A factor on the freight of lanes.
    Freight {
        /// Plant; all where none.
        plant: Option<String>,
        /// Market; all where none.
        market: Option<String>,
    },
    /// A factor on demand.
    Volume {
        /// Model line; all where none.
        model: Option<String>,
        /// Market; all where none.
        market: Option<String>,
    },
    /// A content share.
    ContentShare {
        /// Model line.
        model: String,
        /// Plant.
        plant: String,
        /// Importer of the treatment.
        importer: Region,
        /// The fact.
        fact: String,
    },
    /// Share of each tranche of a quota that rivals use.
    QuotaFill {
        /// Importer, as the outlook names it.
        importer: Region,
        /// The quota's id.
        quota: String,
    },
}

/// What a value does to a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CostChange {
    /// The cost is multiplied by it.
    Factor,
    /// It is added, in major units of the cost's own currency.
    Added,
}

/// Why a parameter does not fit a problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterFault {
    /// Field of the parameter it is about; empty where of all.
    pub field: &'static str,
    /// Stable reason.
    pub reason: &'static str,
    /// One sentence.
    pub message: String,
}

impl Parameter {
    /// Least and greatest value.
    pub fn bounds(&self) -> (Decimal, Decimal) {
        let most = Decimal::from(1_000_000_000_i64);
        match self {
            Self::UnitCost { change: CostChange::Added, .. } => (-most, most),
            Self::ContentShare { .. } | Self::QuotaFill { .. } => (Decimal::ZERO, Decimal::ONE),
            Self::ExchangeRate { .. } => (Decimal::new(1, 12), most),
            Self::MeasureRate(_) => (Decimal::ZERO, Decimal::ONE_HUNDRED),
            _ => (Decimal::ZERO, most),
        }
    }

    /// What of the parameter does not fit the problem.
    pub fn faults(&self, problem: &SourcingProblem) -> Vec<ParameterFault> {
        let mut faults = Vec::new();
        let mut unknown = |field, what: &str, id: &str| {
            let message = format!("there is no {what} `{id}`");
            faults.push(ParameterFault { field, reason: "UNKNOWN_ID", message });
        };
        let is_model = |id: &String| problem.models.iter().any(|model| model.id == *id);
        let is_plant = |id: &String| problem.plants.iter().any(|plant| plant.id == *id);
        let is_market = |id: &String| problem.markets.iter().any(|market| market.id == *id);
        let (mut models, mut plants, mut markets) = (None, None, None);
        match self {
            Self::UnitCost { model, plant, .. } => {
                (models, plants) = (model.as_ref(), plant.as_ref());
            }
            Self::Freight { plant, market } => {
                (plants, markets) = (plant.as_ref(), market.as_ref());
            }
            Self::Volume { model, market } => (models, markets) = (model.as_ref(), market.as_ref()),
            Self::ContentShare { model, plant, .. } => {
                (models, plants) = (Some(model), Some(plant));
            }
            _ => {}
        }
        if let Some(id) = models.filter(|id| !is_model(id)) {
            unknown("model_id", "model line", id);
        }
        if let Some(id) = plants.filter(|id| !is_plant(id)) {
            unknown("plant_id", "plant", id);
        }
        if let Some(id) = markets.filter(|id| !is_market(id)) {
            unknown("market_id", "market", id);
        }
        if let Self::ExchangeRate { currency, .. } = self
            && !problem.planning_rates.iter().any(|rate| rate.currency == *currency)
        {
            unknown("currency_code", "planning rate of", currency.code());
        }
        if let Self::QuotaFill { importer, quota } = self
            && !problem
                .policy
                .quotas
                .iter()
                .any(|outlook| outlook.importer == *importer && outlook.quota == *quota)
        {
            unknown("quota_id", "outlook of a quota", quota);
        }
        if faults.is_empty() && !self.has_effect(problem) {
            let message = "nothing in the problem varies with it".to_owned();
            faults.push(ParameterFault { field: "", reason: "NOTHING_VARIES", message });
        }
        faults
    }

    fn has_effect(&self, problem: &SourcingProblem) -> bool {
        let mut other = problem.clone();
        match self {
            Self::UnitCost { .. } => !self.costs(&mut other).is_empty(),
            Self::Freight { plant, market } => problem.lanes.iter().any(|lane| {
                of(plant.as_ref(), &lane.plant)
                    && of(market.as_ref(), &lane.market)
                    && lane.freight.is_some()
            }),
            Self::Volume { model, market } => problem.demands.iter().any(|demand| {
                of(model.as_ref(), &demand.model) && of(market.as_ref(), &demand.market)
            }),
            Self::ContentShare { .. } => self.share(&mut other).is_some(),
            _ => true,
        }
    }

    /// Amounts of building cost that vary.
    fn costs<'a>(&self, problem: &'a mut SourcingProblem) -> Vec<&'a mut Money> {
        self.varying(problem).into_iter().flat_map(|(amounts, _)| amounts).collect()
    }

    /// The same, of a cost told in parts one alone.
    fn first_costs<'a>(&self, problem: &'a mut SourcingProblem) -> Vec<&'a mut Money> {
        let one = |in_parts| if in_parts { 1 } else { usize::MAX };
        let varying = self.varying(problem).into_iter();
        varying.flat_map(|(amounts, in_parts)| amounts.into_iter().take(one(in_parts))).collect()
    }

    /// Amounts that vary, by option, and whether they are parts of one cost.
    fn varying<'a>(&self, problem: &'a mut SourcingProblem) -> Vec<(Vec<&'a mut Money>, bool)> {
        let Self::UnitCost { model, plant, labour_only, .. } = self else { return Vec::new() };
        let mut varying = Vec::new();
        for option in &mut problem.options {
            if !of(model.as_ref(), &option.model) || !of(plant.as_ref(), &option.plant) {
                continue;
            }
            varying.push(match &mut option.unit_cost {
                UnitCost::Whole(series) if !labour_only => (series.iter_mut().collect(), false),
                UnitCost::Whole(_) => (Vec::new(), false),
                UnitCost::Parts { labour, parts, other } => {
                    let besides = other.iter_mut().chain(parts).filter(|_| !labour_only);
                    (besides.chain(labour).collect(), true)
                }
            });
        }
        varying
    }

    fn share<'a>(&self, problem: &'a mut SourcingProblem) -> Option<&'a mut Decimal> {
        let Self::ContentShare { model, plant, importer, fact } = self else { return None };
        let mut options = problem.options.iter_mut();
        let option = options.find(|option| option.model == *model && option.plant == *plant)?;
        let mut treatments = option.customs.iter_mut();
        let treatment = treatments.find(|treatment| treatment.importer == *importer)?;
        let mut shares = treatment.content_shares.iter_mut();
        shares.find(|share| share.fact == *fact).map(|share| &mut share.share)
    }

    /// The problem with this value in place of what it states. `tranches` are
    /// those of the problem as stated.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn set(
        &self,
        problem: &SourcingProblem,
        tranches: &[Tranche],
        value: Decimal,
    ) -> Result<SourcingProblem, Overflow> {
        let mut changed = problem.clone();
        match self {
            Self::MeasureRate(measure) => measure.set(&mut changed, value)?,
            Self::ExchangeRate { currency, inverse } => {
                let rate = if *inverse { Decimal::ONE.checked_div(value) } else { Some(value) };
                let rate = rate.ok_or(Overflow)?;
                for planned in &mut changed.planning_rates {
                    if planned.currency == *currency {
                        planned.rates = vec![rate];
                    }
                }
            }
            Self::UnitCost { change: CostChange::Factor, .. } => {
                for cost in self.costs(&mut changed) {
                    *cost = cost.times(value)?;
                }
            }
            Self::UnitCost { .. } => {
                for cost in self.first_costs(&mut changed) {
                    let amount = cost.amount().checked_add(value).ok_or(Overflow)?;
                    *cost = Money::new(amount, cost.currency());
                }
            }
            Self::Freight { plant, market } => {
                for lane in &mut changed.lanes {
                    if of(plant.as_ref(), &lane.plant)
                        && of(market.as_ref(), &lane.market)
                        && let Some(freight) = lane.freight
                    {
                        lane.freight = Some(freight.times(value)?);
                    }
                }
            }
            Self::Volume { model, market } => {
                let digits = if problem.units == Units::Whole { 0 } else { FRACTION_DIGITS };
                for demand in &mut changed.demands {
                    if !of(model.as_ref(), &demand.model) || !of(market.as_ref(), &demand.market) {
                        continue;
                    }
                    for volume in &mut demand.volume {
                        let scaled = volume.checked_mul(value).ok_or(Overflow)?;
                        *volume = scaled
                            .round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
                    }
                }
            }
            Self::ContentShare { .. } => {
                if let Some(share) = self.share(&mut changed) {
                    *share = value;
                }
            }
            Self::QuotaFill { importer, quota } => {
                let mut rivals_use = Vec::new();
                for tranche in tranches.iter().filter(|tranche| tranche.quota == *quota) {
                    let used = tranche.volume.checked_mul(value).ok_or(Overflow)?.floor();
                    rivals_use.push((tranche.from, used));
                }
                for outlook in &mut changed.policy.quotas {
                    if outlook.importer == *importer && outlook.quota == *quota {
                        outlook.rivals_use.clone_from(&rivals_use);
                    }
                }
            }
        }
        Ok(changed)
    }

    /// The part of the way from one value to another at which a third lies; see
    /// [`Self::between`].
    pub fn part(&self, from: Decimal, to: Decimal, at: Decimal) -> Option<Decimal> {
        let place = |value: Decimal| match self {
            Self::ExchangeRate { inverse: true, .. } => Decimal::ONE.checked_div(value),
            _ => Some(value),
        };
        let from = place(from)?;
        place(at)?.checked_sub(from)?.checked_div(place(to)?.checked_sub(from)?)
    }

    /// The value such a part of the way from one to another, along which costs
    /// move in a straight line: of a rate quoted the other way round, the
    /// inverse does.
    pub fn between(&self, from: Decimal, to: Decimal, part: Decimal) -> Option<Decimal> {
        let straight =
            |from: Decimal, to: Decimal| from.checked_add(to.checked_sub(from)?.checked_mul(part)?);
        if matches!(self, Self::ExchangeRate { inverse: true, .. }) {
            let inverse = |value: Decimal| Decimal::ONE.checked_div(value);
            return inverse(straight(inverse(from)?, inverse(to)?)?);
        }
        straight(from, to)
    }
}

/// Whether an id is the one named, or none is.
fn of(named: Option<&String>, id: &str) -> bool {
    named.is_none_or(|named| named == id)
}
