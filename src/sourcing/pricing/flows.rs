//! What is sold and how it gets there: demands, and the arcs with the charges
//! of their entries within and outside quotas.

use super::{Pricing, PricingError};
use crate::money::Overflow;
use crate::sourcing::duties::{EntryWindow, EntryWindows};
use crate::sourcing::priced::{ArcCell, PricedArc, PricedDemand, PricedTranche, QuotaWindow};
use crate::sourcing::problem::{Objective, in_period};
use rust_decimal::Decimal;

impl Pricing<'_> {
    /// Charges of a full entry outside quotas for one article, over the windows
    /// of a period, in the reporting currency.
    pub(super) fn charges(
        &self,
        windows: &EntryWindows,
        articles: Decimal,
        period: usize,
    ) -> Result<Decimal, PricingError> {
        let mut sum = Decimal::ZERO;
        for window in windows.windows.iter().filter(|window| !window.weight.is_zero()) {
            let quote = self.duties.quote(window, articles, false)?;
            let each = self.problem.reported(quote.charges, period)? / articles;
            sum = plus_part(sum, each, window, windows)?;
        }
        Ok(sum)
    }

    pub(super) fn demands(&self) -> Result<Vec<PricedDemand>, Overflow> {
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

    pub(super) fn arcs(&self) -> Result<Vec<PricedArc>, PricingError> {
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
                    let part = self.problem.reported(part, period)?;
                    cell.cost = cell.cost.checked_add(part).ok_or(Overflow)?;
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

    pub(super) fn tranches(&self) -> Vec<PricedTranche> {
        let priced = self.duties.tranches.iter().map(|tranche| PricedTranche {
            units: tranche.own_units(),
            carried_from: tranche.carried_from.clone(),
        });
        priced.collect()
    }
}

/// A sum and a window's part of an amount more.
pub(super) fn plus_part(
    sum: Decimal,
    each: Decimal,
    window: &EntryWindow,
    windows: &EntryWindows,
) -> Result<Decimal, Overflow> {
    let part = each.checked_mul(window.weight).and_then(|part| part.checked_div(windows.of));
    part.and_then(|part| sum.checked_add(part)).ok_or(Overflow)
}
