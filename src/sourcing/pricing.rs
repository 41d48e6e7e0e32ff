//! A problem turned into numbers: every cost in the reporting currency, every
//! arc with the charges of its entry windows.
//!
//! A vehicle costs its part of a full entry: with fees between bounds no entry
//! of fewer vehicles costs less for each, so that the sum over vehicles is
//! never more than the entries cost, but for their rounding.

use crate::money::{Money, Overflow};
use crate::sourcing::calendar::discount_factors;
use crate::sourcing::duties::{Duties, EntryWindow, EntryWindows};
use crate::sourcing::network::Network;
use crate::sourcing::priced::{
    ArcCell, FlowLimitKind, PricedArc, PricedBudget, PricedCredit, PricedDemand, PricedExpansion,
    PricedFlowLimit, PricedHomologation, PricedOption, PricedPlant, PricedProblem, PricedTranche,
    QuotaWindow,
};
use crate::sourcing::problem::{FloorKind, Objective, SourcingProblem, UnitCost, Units, in_period};
use crate::tariff::NoQuote;
use rust_decimal::Decimal;

/// Why a problem cannot be turned into numbers.
#[derive(Clone, Debug, thiserror::Error)]
pub enum PricingError {
    /// A sum is too large.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// An entry has no quote, though its law was surveyed.
    #[error(transparent)]
    NoQuote(#[from] NoQuote),
}

impl PricedProblem {
    /// Turns a problem into numbers.
    ///
    /// # Errors
    /// [`PricingError`].
    pub fn of(
        problem: &SourcingProblem,
        network: &Network,
        duties: &Duties,
    ) -> Result<Self, PricingError> {
        let pricing = Pricing { problem, network, duties };
        let mut priced = Self {
            discounts: discount_factors(&problem.periods, problem.annual_discount_rate),
            most_moves: problem.limits.most_moves,
            whole: problem.units == Units::Whole,
            ..Self::default()
        };
        priced.plants = pricing.plants()?;
        priced.options = pricing.options()?;
        priced.demands = pricing.demands()?;
        priced.arcs = pricing.arcs()?;
        priced.tranches = pricing.tranches();
        priced.credits = pricing.credits()?;
        priced.homologations = pricing.homologations()?;
        priced.flow_limits = pricing.flow_limits()?;
        priced.budgets = pricing.budgets()?;
        Ok(priced)
    }
}

struct Pricing<'a> {
    problem: &'a SourcingProblem,
    network: &'a Network,
    duties: &'a Duties,
}

impl Pricing<'_> {
    fn periods(&self) -> std::ops::Range<usize> {
        0..self.problem.periods.len()
    }

    /// An amount in the reporting currency by period; nothing where there is
    /// none.
    fn by_period(&self, amount: Option<Money>) -> Result<Vec<Decimal>, Overflow> {
        let reported = |period| match amount {
            Some(amount) => self.problem.reported(amount, period),
            None => Ok(Decimal::ZERO),
        };
        self.periods().map(reported).collect()
    }

    fn plants(&self) -> Result<Vec<PricedPlant>, Overflow> {
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

    fn options(&self) -> Result<Vec<PricedOption>, PricingError> {
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
                    sum += self.charges(&windows[period], articles, period)?;
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
        parts
            .into_iter()
            .flatten()
            .try_fold(Decimal::ZERO, |sum, part| Ok(sum + self.problem.reported(part, period)?))
    }

    /// Charges of a full entry outside quotas for one article, over the windows
    /// of a period, in the reporting currency.
    fn charges(
        &self,
        windows: &EntryWindows,
        articles: Decimal,
        period: usize,
    ) -> Result<Decimal, PricingError> {
        let mut sum = Decimal::ZERO;
        for window in windows.windows.iter().filter(|window| !window.weight.is_zero()) {
            let quote = self.duties.quote(window, articles, false)?;
            let each = self.problem.reported(quote.charges, period)? / articles;
            sum += each * window.weight / windows.of;
        }
        Ok(sum)
    }

    fn demands(&self) -> Result<Vec<PricedDemand>, Overflow> {
        let profit = self.problem.objective == Objective::Profit;
        let priced = self.problem.demands.iter().zip(&self.network.demands).map(|(demand, at)| {
            let price = |period| match in_period(&demand.net_price, period) {
                Some(price) => self.problem.reported(price, period),
                None => Ok(Decimal::ZERO),
            };
            let lost = demand.lost_margin.map(|margin| self.by_period(Some(margin)));
            Ok(PricedDemand {
                model: at.model,
                volume: self
                    .periods()
                    .map(|period| in_period(&demand.volume, period).unwrap_or_default())
                    .collect(),
                lost_margin: lost.transpose()?,
                price: if profit {
                    self.periods().map(price).collect::<Result<_, _>>()?
                } else {
                    Vec::new()
                },
                single_source: demand.single_source,
            })
        });
        priced.collect()
    }

    fn arcs(&self) -> Result<Vec<PricedArc>, PricingError> {
        let mut arcs = Vec::with_capacity(self.network.arcs.len());
        for (place, at) in self.network.arcs.iter().enumerate() {
            let lane = &self.problem.lanes[at.lane];
            let articles = Decimal::from(lane.vehicles_per_entry);
            let carriage = [lane.freight, lane.insurance, lane.inland_freight, lane.holding_cost];
            let mut cells = Vec::with_capacity(self.problem.periods.len());
            for period in self.periods() {
                let windows = &self.duties.arcs[place][period];
                let mut cell = ArcCell {
                    cost: self.charges(windows, articles, period)?,
                    ..ArcCell::default()
                };
                for part in carriage.into_iter().flatten() {
                    cell.cost += self.problem.reported(part, period)?;
                }
                for (index, window) in windows.windows.iter().enumerate() {
                    let Some(tranche) = window.tranche else { continue };
                    if window.weight.is_zero() {
                        continue;
                    }
                    let saving = self.saving(window, articles, period)?;
                    if saving > Decimal::ZERO {
                        let share = window.weight / windows.of;
                        cell.quota_windows.push(QuotaWindow {
                            window: index,
                            tranche,
                            share,
                            saving,
                        });
                    }
                }
                cells.push(cell);
            }
            arcs.push(PricedArc { option: at.option, demand: at.demand, cells });
        }
        for limit in &self.problem.limits.flows {
            let arc = self.network.option(&limit.model, &limit.plant).and_then(|option| {
                self.network.arc(option, self.network.demand(&limit.model, &limit.market)?)
            });
            let (Some(arc), Some(period)) = (arc, self.network.period(&limit.period)) else {
                continue;
            };
            let cell = &mut arcs[arc].cells[period];
            cell.least = cell.least.max(limit.least);
            cell.most = match (cell.most, limit.most) {
                (Some(known), Some(most)) => Some(known.min(most)),
                (known, most) => known.or(most),
            };
        }
        Ok(arcs)
    }

    /// What one vehicle of a full entry saves within a quota, in the reporting
    /// currency.
    fn saving(
        &self,
        window: &EntryWindow,
        articles: Decimal,
        period: usize,
    ) -> Result<Decimal, PricingError> {
        let over = self.duties.quote(window, articles, false)?;
        let within = self.duties.quote(window, articles, true)?;
        let saved = over.charges.minus(within.charges)?;
        Ok(self.problem.reported(saved, period)? / articles)
    }

    fn tranches(&self) -> Vec<PricedTranche> {
        let priced = self.duties.tranches.iter().map(|tranche| PricedTranche {
            units: tranche.own_units(),
            carried_from: tranche.carried_from.clone(),
        });
        priced.collect()
    }

    fn credits(&self) -> Result<Vec<PricedCredit>, PricingError> {
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
                            sum += duty / articles * window.weight / windows[period].of;
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

    fn homologations(&self) -> Result<Vec<PricedHomologation>, Overflow> {
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

    fn flow_limits(&self) -> Result<Vec<PricedFlowLimit>, PricingError> {
        let problem = self.problem;
        let limits = &problem.limits;
        let mut priced = Vec::new();
        let origin = |arc: usize| {
            problem.plants[self.network.options[self.network.arcs[arc].option].plant].region
        };
        let market = |arc: usize| {
            &problem.markets[self.network.demands[self.network.arcs[arc].demand].market]
        };
        let arcs = 0..self.network.arcs.len();
        for (place, floor) in limits.floors.iter().enumerate() {
            for period in self.network.periods(&floor.periods) {
                let counts = |arc: usize| -> Option<Decimal> {
                    let built = origin(arc) == floor.region;
                    match floor.floor {
                        FloorKind::ShareOfSales(share) if market(arc).region == floor.region => {
                            Some(if built { Decimal::ONE - share } else { -share })
                        }
                        FloorKind::Units(_) if built => Some(Decimal::ONE),
                        FloorKind::LabourHours(_) if built => {
                            problem.options[self.network.arcs[arc].option].labour_hours
                        }
                        _ => None,
                    }
                };
                let least = match floor.floor {
                    FloorKind::ShareOfSales(_) => Decimal::ZERO,
                    FloorKind::Units(least) | FloorKind::LabourHours(least) => least,
                };
                let penalty = floor.penalty.map(|penalty| problem.reported(penalty, period));
                priced.push(PricedFlowLimit {
                    kind: FlowLimitKind::DomesticFloor,
                    place,
                    period,
                    terms: arcs.clone().filter_map(|arc| Some((arc, counts(arc)?))).collect(),
                    least: Some(least),
                    most: None,
                    shortfall_cost: penalty.transpose()?,
                });
            }
        }
        for (place, cap) in limits.origin_caps.iter().enumerate() {
            for period in self.periods() {
                let counts = |arc: usize| -> Option<Decimal> {
                    let option = &problem.options[self.network.arcs[arc].option];
                    let concerns = market(arc).id == cap.market
                        && cap.model.as_ref().is_none_or(|model| *model == option.model);
                    let own = if origin(arc) == cap.origin { Decimal::ONE } else { Decimal::ZERO };
                    concerns.then(|| own - cap.most_share)
                };
                priced.push(PricedFlowLimit {
                    kind: FlowLimitKind::OriginCap,
                    place,
                    period,
                    terms: arcs.clone().filter_map(|arc| Some((arc, counts(arc)?))).collect(),
                    least: None,
                    most: Some(Decimal::ZERO),
                    shortfall_cost: None,
                });
            }
        }
        for (place, limit) in limits.production.iter().enumerate() {
            for period in self.network.periods(&limit.periods) {
                let concerns = |arc: &usize| {
                    let option = &problem.options[self.network.arcs[*arc].option];
                    limit.plant.as_ref().is_none_or(|plant| *plant == option.plant)
                        && limit.model.as_ref().is_none_or(|model| *model == option.model)
                };
                priced.push(PricedFlowLimit {
                    kind: FlowLimitKind::Production,
                    place,
                    period,
                    terms: arcs.clone().filter(concerns).map(|arc| (arc, Decimal::ONE)).collect(),
                    least: limit.least,
                    most: limit.most,
                    shortfall_cost: None,
                });
            }
        }
        for (place, bound) in limits.trade_balances.iter().enumerate() {
            for period in self.periods() {
                let mut terms = Vec::new();
                for arc in arcs.clone() {
                    let (from, to) = (origin(arc), market(arc).region);
                    let other = |region| bound.partner.is_none_or(|partner| partner == region);
                    let sign = if from == to {
                        continue;
                    } else if from == bound.region && other(to) {
                        Decimal::ONE
                    } else if to == bound.region && other(from) {
                        Decimal::NEGATIVE_ONE
                    } else {
                        continue;
                    };
                    let price = self.duties.declared[arc][period];
                    terms.push((arc, sign * problem.reported(price, period)?));
                }
                priced.push(PricedFlowLimit {
                    kind: FlowLimitKind::TradeBalance,
                    place,
                    period,
                    terms,
                    least: Some(problem.reported(bound.least, period)?),
                    most: None,
                    shortfall_cost: None,
                });
            }
        }
        Ok(priced)
    }

    fn budgets(&self) -> Result<Vec<PricedBudget>, Overflow> {
        let priced = self.problem.limits.budgets.iter().map(|budget| {
            let periods = self.network.periods(&budget.periods);
            let first = periods.first().copied().unwrap_or_default();
            Ok(PricedBudget {
                amount: self.problem.reported(budget.amount, first)?,
                covers: self.periods().map(|period| periods.contains(&period)).collect(),
            })
        });
        priced.collect()
    }
}
