//! Limits over many flows, and budgets.

use super::{Pricing, PricingError};
use crate::money::Overflow;
use crate::sourcing::calendar::days_between;
use crate::sourcing::priced::{FlowLimitKind, PricedBudget, PricedFlowLimit};
use crate::sourcing::problem::{FloorKind, Market, Units};
use crate::tariff::Region;
use rust_decimal::Decimal;

impl Pricing<'_> {
    pub(super) fn flow_limits(&self) -> Result<Vec<PricedFlowLimit>, PricingError> {
        let mut priced = self.floors()?;
        priced.extend(self.origin_caps());
        priced.extend(self.production());
        priced.extend(self.trade_balances()?);
        priced.extend(self.export_commitments()?);
        Ok(priced)
    }

    /// Country that an arc's vehicles are built in.
    fn origin(&self, arc: usize) -> Region {
        let option = self.network.arcs[arc].option;
        self.problem.plants[self.network.options[option].plant].region
    }

    /// Market that an arc's vehicles are sold in.
    fn market(&self, arc: usize) -> &Market {
        let demand = self.network.arcs[arc].demand;
        &self.problem.markets[self.network.demands[demand].market]
    }

    /// Arcs that count, with what one vehicle of each counts.
    fn terms(&self, counts: impl Fn(usize) -> Option<Decimal>) -> Vec<(usize, Decimal)> {
        let arcs = 0..self.network.arcs.len();
        arcs.filter_map(|arc| Some((arc, counts(arc)?))).collect()
    }

    fn floors(&self) -> Result<Vec<PricedFlowLimit>, PricingError> {
        let problem = self.problem;
        let mut priced = Vec::new();
        for (place, floor) in problem.limits.floors.iter().enumerate() {
            for period in self.network.periods(&floor.periods) {
                let counts = |arc: usize| {
                    let built = self.origin(arc) == floor.region;
                    match floor.floor {
                        FloorKind::ShareOfSales(share)
                            if self.market(arc).region == floor.region =>
                        {
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
                    terms: self.terms(counts),
                    least: Some(least),
                    most: None,
                    shortfall_cost: penalty.transpose()?,
                });
            }
        }
        Ok(priced)
    }

    fn origin_caps(&self) -> Vec<PricedFlowLimit> {
        let mut priced = Vec::new();
        for (place, cap) in self.problem.limits.origin_caps.iter().enumerate() {
            let counts = |arc: usize| {
                let option = &self.problem.options[self.network.arcs[arc].option];
                let concerns = self.market(arc).id == cap.market
                    && cap.model.as_ref().is_none_or(|model| *model == option.model);
                let own = if self.origin(arc) == cap.origin { Decimal::ONE } else { Decimal::ZERO };
                concerns.then(|| own - cap.most_share)
            };
            let terms = self.terms(counts);
            priced.extend(self.periods().map(|period| PricedFlowLimit {
                kind: FlowLimitKind::OriginCap,
                place,
                period,
                terms: terms.clone(),
                least: None,
                most: Some(Decimal::ZERO),
                shortfall_cost: None,
            }));
        }
        priced
    }

    fn production(&self) -> Vec<PricedFlowLimit> {
        let mut priced = Vec::new();
        for (place, limit) in self.problem.limits.production.iter().enumerate() {
            let counts = |arc: usize| {
                let option = &self.problem.options[self.network.arcs[arc].option];
                let concerns = limit.plant.as_ref().is_none_or(|plant| *plant == option.plant)
                    && limit.model.as_ref().is_none_or(|model| *model == option.model);
                concerns.then_some(Decimal::ONE)
            };
            let terms = self.terms(counts);
            let periods = self.network.periods(&limit.periods).into_iter();
            priced.extend(periods.map(|period| PricedFlowLimit {
                kind: FlowLimitKind::Production,
                place,
                period,
                terms: terms.clone(),
                least: limit.least,
                most: limit.most,
                shortfall_cost: None,
            }));
        }
        priced
    }

    fn trade_balances(&self) -> Result<Vec<PricedFlowLimit>, PricingError> {
        let problem = self.problem;
        let mut priced = Vec::new();
        for (place, bound) in problem.limits.trade_balances.iter().enumerate() {
            let sign = |arc: usize| {
                let (from, to) = (self.origin(arc), self.market(arc).region);
                let other = |region| bound.partner.is_none_or(|partner| partner == region);
                if from == to {
                    None
                } else if from == bound.region && other(to) {
                    Some(Decimal::ONE)
                } else if to == bound.region && other(from) {
                    Some(Decimal::NEGATIVE_ONE)
                } else {
                    None
                }
            };
            let signs = self.terms(sign);
            for period in self.periods() {
                let mut terms = Vec::with_capacity(signs.len());
                for (arc, sign) in &signs {
                    let price = self.duties.declared[*arc][period];
                    terms.push((*arc, *sign * problem.reported(price, period)?));
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

    fn export_commitments(&self) -> Result<Vec<PricedFlowLimit>, Overflow> {
        let mut priced = Vec::new();
        for (place, commitment) in self.problem.limits.export_commitments.iter().enumerate() {
            let counts = |arc: usize| {
                let flows = (self.origin(arc), self.market(arc).region)
                    == (commitment.origin, commitment.market);
                flows.then_some(Decimal::ONE)
            };
            let terms = self.terms(counts);
            for period in self.network.periods(&commitment.periods) {
                let stated = &self.problem.periods[period];
                let days = Decimal::from(days_between(stated.start, stated.end));
                let least = commitment.units_per_year.checked_mul(days).ok_or(Overflow)?;
                let least = least / Decimal::from(365);
                let whole = self.problem.units == Units::Whole;
                priced.push(PricedFlowLimit {
                    kind: FlowLimitKind::ExportCommitment,
                    place,
                    period,
                    terms: terms.clone(),
                    least: Some(if whole { least.ceil() } else { least }),
                    most: None,
                    shortfall_cost: None,
                });
            }
        }
        Ok(priced)
    }

    pub(super) fn budgets(&self) -> Result<Vec<PricedBudget>, Overflow> {
        let priced = self.problem.limits.budgets.iter().map(|budget| {
            let periods = self.network.periods(&budget.periods);
            let first = periods.first().copied().unwrap_or_default();
            Ok(PricedBudget {
                amount: self.problem.reported(budget.amount, first)?,
                covers: self.periods().map(|period| periods.contains(&period)).collect(),
                counts_all: false,
            })
        });
        priced.collect()
    }
}
