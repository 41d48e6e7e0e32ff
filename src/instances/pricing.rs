//! A file of the format `sourcing-problem/1` as a problem in numbers.

use super::InstanceFault;
use super::figures::{Figure, not_negative, product, sum, within};
use super::sourcing_file::{Production, Scenario, Site, SourcingFile};
use super::territories::Territories;
use crate::sourcing::{
    ArcCell, FlowLimitKind, PricedArc, PricedDemand, PricedFlowLimit, PricedOption, PricedPlant,
    PricedProblem, PricedTranche, QuotaWindow,
};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// Hundredths in a unit of money.
const HUNDREDTH: Decimal = Decimal::from_parts(1, 0, 0, false, 2);
/// One basis point.
const BASIS_POINT: Decimal = Decimal::from_parts(1, 0, 0, false, 4);
const WHOLE_IN_BASIS_POINTS: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);

/// The file as a problem in units of the base currency.
///
/// What a vehicle costs is weighed with the probability of the scenario, as
/// plants and launches are not: they are decided before it comes true. A quota
/// is a tranche in every period; the rate over it is the tariff's.
pub(super) fn priced(file: &SourcingFile) -> Result<PricedProblem, InstanceFault> {
    Pricing::of(file)?.problem()
}

struct Pricing<'a> {
    file: &'a SourcingFile,
    scenario: &'a Scenario,
    periods: usize,
    /// Units of the base currency in a hundredth, weighed with the scenario's
    /// probability.
    weight: Decimal,
    territories: Territories<'a>,
    plants: HashMap<&'a str, usize>,
    hours: HashMap<&'a str, (usize, Decimal)>,
    freight: HashMap<(&'a str, &'a str), Decimal>,
    /// Places of the demands of a model.
    demands: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Pricing<'a> {
    fn of(file: &'a SourcingFile) -> Result<Self, InstanceFault> {
        let scenario = file.scenario()?;
        let probability =
            within(scenario.probability.0, Decimal::ZERO, Decimal::ONE, || "probability".into())?;
        let hours = |(place, model): (usize, &'a super::sourcing_file::Model)| {
            let hours = not_negative(model.hours.0, || format!("hours of `{}`", model.id))?;
            Ok((model.id.as_str(), (place, hours)))
        };
        let mut demands: HashMap<&str, Vec<usize>> = HashMap::new();
        for (place, demand) in file.demand.iter().enumerate() {
            demands.entry(&demand.model).or_default().push(place);
        }
        let pair = |lane: &'a super::sourcing_file::Freight| {
            ((lane.site.as_str(), lane.market.as_str()), lane.unit_cost.0)
        };
        Ok(Self {
            file,
            scenario,
            periods: file.periods.len(),
            weight: product("a probability", [probability, HUNDREDTH])?,
            territories: Territories::of(file, scenario)?,
            plants: file.sites.iter().enumerate().map(|(i, site)| (site.id.as_str(), i)).collect(),
            hours: file
                .models
                .iter()
                .enumerate()
                .map(hours)
                .collect::<Result<_, InstanceFault>>()?,
            freight: file.freight.iter().map(pair).collect(),
            demands,
        })
    }

    fn problem(&self) -> Result<PricedProblem, InstanceFault> {
        let mut problem =
            PricedProblem { discounts: self.discounts()?, ..PricedProblem::default() };
        for site in &self.file.sites {
            problem.plants.push(self.plant(site)?);
        }
        for demand in &self.file.demand {
            problem.demands.push(self.demand(demand)?);
        }
        for quota in &self.file.tariff_rate_quotas {
            let volume =
                self.by_period(&quota.volume, || format!("volume of quota `{}`", quota.id))?;
            problem.tranches.extend(
                volume.into_iter().map(|units| PricedTranche { units, ..PricedTranche::default() }),
            );
        }
        for row in &self.file.production {
            self.add_option(&mut problem, row)?;
        }
        self.add_floors(&mut problem)?;
        Ok(problem)
    }

    fn discounts(&self) -> Result<Vec<Decimal>, InstanceFault> {
        let rate = self.file.discount_bp.0;
        let growth = sum("the discount", [WHOLE_IN_BASIS_POINTS, rate])?;
        let factor = WHOLE_IN_BASIS_POINTS
            .checked_div(growth)
            .filter(|factor| *factor > Decimal::ZERO)
            .ok_or_else(|| InstanceFault::OutOfBounds {
                what: "discount_bp".into(),
                found: rate,
            })?;
        let mut discounts = Vec::new();
        let mut discount = Decimal::ONE;
        for _ in 0..self.periods {
            discounts.push(discount);
            discount = product("a discount", [discount, factor])?;
        }
        Ok(discounts)
    }

    fn plant(&self, site: &Site) -> Result<PricedPlant, InstanceFault> {
        let worth = self.territories.worth(&site.country)?;
        let money = |figure: Figure| {
            product("a cost of a site", [figure.0, worth, HUNDREDTH]).map(|cost| self.always(cost))
        };
        let share = |bp: &Figure| {
            let bp = within(bp.0, Decimal::ZERO, WHOLE_IN_BASIS_POINTS, || {
                format!("ramp_bp of `{}`", site.id)
            })?;
            product("a ramp", [bp, BASIS_POINT])
        };
        let capacity = not_negative(site.capacity.0, || format!("capacity of `{}`", site.id))?;
        Ok(PricedPlant {
            capacity: self.always(capacity),
            initially_open: site.initially_open,
            opening_cost: money(site.opening_cost)?,
            closing_cost: money(site.closing_cost)?,
            fixed_cost: money(site.fixed_cost_per_period)?,
            ramp: site.ramp_bp.iter().map(share).collect::<Result<_, _>>()?,
            decided: vec![None; self.periods],
            ..PricedPlant::default()
        })
    }

    fn demand(&self, demand: &super::sourcing_file::Demand) -> Result<PricedDemand, InstanceFault> {
        let (model, _) = self.model(&demand.model)?;
        let factor = self.scenario.demand_factor.get(&demand.market);
        let factor = factor.map_or(Decimal::ONE, |figure| figure.0);
        let what = || format!("volume of `{}` in `{}`", demand.model, demand.market);
        let volume = self.by_period(&demand.volume, what)?;
        let volume = volume
            .into_iter()
            .map(|units| not_negative(product("a volume", [units, factor])?, what));
        let penalty = product("unmet_penalty", [self.file.unmet_penalty.0, self.weight])?;
        Ok(PricedDemand {
            model,
            volume: volume.collect::<Result<_, InstanceFault>>()?,
            lost_margin: Some(self.always(penalty)),
            ..PricedDemand::default()
        })
    }

    fn add_option(
        &self,
        problem: &mut PricedProblem,
        row: &Production,
    ) -> Result<(), InstanceFault> {
        let unknown = || InstanceFault::Unknown { what: "site", id: row.site.clone() };
        let plant = *self.plants.get(row.site.as_str()).ok_or_else(unknown)?;
        let site = self.file.sites.get(plant).ok_or_else(unknown)?;
        let (model, capacity_use) = self.model(&row.model)?;
        let worth = self.territories.worth(&site.country)?;
        let moved = self.territories.worth_in_scenario(&site.country)?;
        let unit_cost = product("a unit cost", [row.unit_cost.0, moved, self.weight])?;
        let launch_cost = product("a launch cost", [row.launch_cost.0, worth, HUNDREDTH])?;
        let option = problem.options.len();
        problem.options.push(PricedOption {
            model,
            plant,
            capacity_use,
            unit_cost: self.always(unit_cost),
            launch_cost: self.always(launch_cost),
            decided: vec![None; self.periods],
            ..PricedOption::default()
        });
        for demand in self.demands.get(row.model.as_str()).into_iter().flatten() {
            let Some(wanted) = self.file.demand.get(*demand) else { continue };
            let lane = (row.site.as_str(), wanted.market.as_str());
            let freight = self.freight.get(&lane).ok_or_else(|| InstanceFault::Unknown {
                what: "freight",
                id: format!("{} to {}", row.site, wanted.market),
            })?;
            let freight = product("a freight", [*freight, self.weight])?;
            let importer = self.territories.of_market(&wanted.market)?;
            let entry = self.territories.entry(importer, &site.country, &row.model);
            let duty = product("a duty", [unit_cost, entry.outside, BASIS_POINT])?;
            let cost = sum("the cost of an arc", [freight, duty])?;
            let saving = sum("a saving", [entry.outside, -entry.inside])?;
            let saving = product("a saving", [unit_cost, saving, BASIS_POINT])?;
            let quota = entry.quota.filter(|_| saving > Decimal::ZERO);
            let cell = |period| ArcCell {
                cost,
                quota_windows: Vec::from_iter(quota.map(|quota| QuotaWindow {
                    window: 0,
                    tranche: quota * self.periods + period,
                    share: Decimal::ONE,
                    saving,
                })),
                ..ArcCell::default()
            };
            let cells = (0..self.periods).map(cell).collect();
            problem.arcs.push(PricedArc { option, demand: *demand, cells });
        }
        Ok(())
    }

    /// In each period: what is built at home less the share of what is sold.
    fn add_floors(&self, problem: &mut PricedProblem) -> Result<(), InstanceFault> {
        for (place, floor) in self.file.domestic_floors.iter().enumerate() {
            let what = || format!("share_bp of the floor of `{}`", floor.country);
            let share = within(floor.share_bp.0, Decimal::ZERO, WHOLE_IN_BASIS_POINTS, what)?;
            let share = product("a share", [share, BASIS_POINT])?;
            let mut terms = Vec::new();
            for (arc, ends) in problem.arcs.iter().enumerate() {
                let Some((origin, market)) = self.ends(problem, ends) else { continue };
                if self.territories.of_market(market)? == floor.country {
                    let at_home = Decimal::from(u8::from(origin == floor.country));
                    terms.push((arc, at_home - share));
                }
            }
            if terms.is_empty() {
                continue;
            }
            let penalty = product("shortfall_penalty", [floor.shortfall_penalty.0, self.weight])?;
            problem.flow_limits.extend((0..self.periods).map(|period| PricedFlowLimit {
                kind: FlowLimitKind::DomesticFloor,
                place,
                period,
                terms: terms.clone(),
                least: Some(Decimal::ZERO),
                most: None,
                shortfall_cost: Some(penalty),
            }));
        }
        Ok(())
    }

    /// Country an arc begins in, and the market it ends in.
    fn ends(&self, problem: &PricedProblem, arc: &PricedArc) -> Option<(&'a str, &'a str)> {
        let plant = problem.options.get(arc.option)?.plant;
        let site = self.file.sites.get(plant)?;
        Some((&site.country, &self.file.demand.get(arc.demand)?.market))
    }

    fn model(&self, id: &str) -> Result<(usize, Decimal), InstanceFault> {
        let unknown = || InstanceFault::Unknown { what: "model", id: id.to_owned() };
        self.hours.get(id).copied().ok_or_else(unknown)
    }

    fn always(&self, value: Decimal) -> Vec<Decimal> {
        vec![value; self.periods]
    }

    /// Values of zero or more, one for every period.
    fn by_period(
        &self,
        figures: &[Figure],
        what: impl Fn() -> String,
    ) -> Result<Vec<Decimal>, InstanceFault> {
        if figures.len() != self.periods {
            let (found, periods) = (figures.len(), self.periods);
            return Err(InstanceFault::Periods { what: what(), found, periods });
        }
        figures.iter().map(|figure| not_negative(figure.0, &what)).collect()
    }
}
