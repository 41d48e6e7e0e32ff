//! What is opened, launched, expanded and approved, and what it costs.

use super::{Pricing, PricingError};
use crate::money::Overflow;
use crate::sourcing::priced::{PricedExpansion, PricedHomologation, PricedOption, PricedPlant};
use crate::sourcing::problem::{UnitCost, in_period};
use rust_decimal::Decimal;

impl Pricing<'_> {
    pub(super) fn plants(&self) -> Result<Vec<PricedPlant>, Overflow> {
        let fixed = &self.problem.limits.fixed_plants;
        let priced = self.problem.plants.iter().map(|plant| {
            let mut decided = vec![None; self.problem.periods.len()];
            for fixed in fixed.iter().filter(|fixed| fixed.plant == plant.id) {
                if let Some(period) = self.network.period(&fixed.period) {
                    decided[period] = Some(fixed.open);
                }
            }
            let expansions = plant.expansions.iter().map(|step| {
                Ok(PricedExpansion {
                    capacity: step.capacity,
                    cost: self.by_period(step.cost)?,
                    lead_periods: step.lead_periods,
                })
            });
            Ok(PricedPlant {
                capacity: self
                    .periods()
                    .map(|period| in_period(&plant.capacity, period).unwrap_or_default())
                    .collect(),
                initially_open: plant.initially_open,
                opening_cost: self.by_period(plant.opening_cost)?,
                closing_cost: self.by_period(plant.closing_cost)?,
                fixed_cost: self.by_period(plant.fixed_cost)?,
                ramp: plant.ramp.clone(),
                least_run: plant.least_run.unwrap_or_default(),
                expansions: expansions.collect::<Result<_, Overflow>>()?,
                decided,
            })
        });
        priced.collect()
    }

    pub(super) fn options(&self) -> Result<Vec<PricedOption>, PricingError> {
        let fixed = &self.problem.limits.fixed_launches;
        let mut priced = Vec::with_capacity(self.problem.options.len());
        for (place, option) in self.problem.options.iter().enumerate() {
            let places = self.network.options[place];
            let mut decided = vec![None; self.problem.periods.len()];
            let own = fixed.iter().filter(|f| f.model == option.model && f.plant == option.plant);
            for fixed in own {
                if let Some(period) = self.network.period(&fixed.period) {
                    decided[period] = Some(fixed.launched);
                }
            }
            let mut unit_cost = Vec::with_capacity(self.problem.periods.len());
            for period in self.periods() {
                let mut sum = self.building(&option.unit_cost, period)?;
                for (kit, windows) in self.duties.kits[place].iter().enumerate() {
                    let articles = Decimal::from(option.kits[kit].kits_per_entry);
                    let charges = self.charges(&windows[period], articles, period)?;
                    sum = sum.checked_add(charges).ok_or(Overflow)?;
                }
                unit_cost.push(sum);
            }
            priced.push(PricedOption {
                model: places.model,
                plant: places.plant,
                capacity_use: self.problem.models[places.model].capacity_use,
                unit_cost,
                launch_cost: self.by_period(option.launch_cost)?,
                lead_periods: option.lead_periods,
                initially_launched: option.initially_launched,
                decided,
            });
        }
        Ok(priced)
    }

    fn building(&self, cost: &UnitCost, period: usize) -> Result<Decimal, Overflow> {
        let parts = match cost {
            UnitCost::Whole(series) => [in_period(series, period), None, None],
            UnitCost::Parts { labour, parts, other } => [*labour, *parts, *other],
        };
        parts.into_iter().flatten().try_fold(Decimal::ZERO, |sum, part| {
            sum.checked_add(self.problem.reported(part, period)?).ok_or(Overflow)
        })
    }

    pub(super) fn homologations(&self) -> Result<Vec<PricedHomologation>, Overflow> {
        let priced = self.network.approvals.iter().map(|approval| {
            let stated =
                &self.problem.markets[approval.market].homologations[approval.homologation];
            Ok(PricedHomologation {
                arcs: approval.arcs.clone(),
                cost: self.by_period(Some(stated.cost))?,
            })
        });
        priced.collect()
    }
}
