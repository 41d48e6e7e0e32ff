//! Flows and kits as customs entries, alike ones together.

use super::Ledger;
use super::account::{Account, Belonging};
use super::settled::{Settled, SettledFlow};
use crate::money::{Money, Overflow};
use crate::sourcing::calendar::allotted;
use crate::sourcing::duties::{EntryWindow, cost_kind};
use crate::sourcing::plan::{Allocation, CostKind, EntryGroup, EntryLayer, KitDuty};
use crate::sourcing::pricing::PricingError;
use crate::sourcing::problem::UnitCost;
use crate::sourcing::problem::in_period;
use rust_decimal::Decimal;

impl Ledger<'_> {
    /// What every flow costs.
    pub(super) fn allocations(
        &self,
        settled: &Settled,
        account: &mut Account<'_>,
    ) -> Result<Vec<Allocation>, PricingError> {
        let flows = settled.flows.iter().map(|flow| self.allocation(flow, account));
        flows.collect()
    }

    fn allocation(
        &self,
        flow: &SettledFlow,
        account: &mut Account<'_>,
    ) -> Result<Allocation, PricingError> {
        let at = self.network.arcs[flow.arc];
        let lane = &self.problem.lanes[at.lane];
        let market_place = self.network.demands[at.demand].market;
        let market = &self.problem.markets[market_place];
        let plant = self.network.options[at.option].plant;
        let of = Belonging { plant: Some(plant), market: Some(market_place) };
        let mut cost = Money::zero(self.problem.reporting_currency);
        let parts = match &self.problem.options[at.option].unit_cost {
            UnitCost::Whole(series) => {
                vec![(CostKind::Production, in_period(series, flow.period))]
            }
            UnitCost::Parts { labour, parts, other } => vec![
                (CostKind::Labour, *labour),
                (CostKind::Parts, *parts),
                (CostKind::OtherProduction, *other),
            ],
        };
        let carriage = [
            (CostKind::Freight, lane.freight),
            (CostKind::Insurance, lane.insurance),
            (CostKind::InlandFreight, lane.inland_freight),
            (CostKind::Holding, lane.holding_cost),
        ];
        for (kind, each) in parts.into_iter().chain(carriage) {
            let Some(each) = each else { continue };
            let amount = self.rounded(each, flow.units, flow.period)?;
            account.book(kind, of, flow.period, amount)?;
            cost = cost.plus(amount)?;
        }
        let full = Decimal::from(lane.vehicles_per_entry);
        let mut entries = Vec::new();
        let mut in_quota = Decimal::ZERO;
        let windows = &self.duties.arcs[flow.arc][flow.period].windows;
        for (window, (units, within)) in windows.iter().zip(&flow.windows) {
            in_quota += within;
            for (units, within) in [(*within, true), (units - within, false)] {
                self.enter(window, units, within, full, flow.period, &mut entries)?;
            }
        }
        let importer = self.duties.importer(market.region);
        let mut charges = Money::zero(self.problem.reporting_currency);
        for layer in entries.iter().flat_map(|group: &EntryGroup| &group.layers) {
            let layer_of = (importer, layer.programme.as_str());
            account.book_layer(layer.kind, layer_of, of, flow.period, layer.amount)?;
            charges = charges.plus(layer.amount)?;
        }
        Ok(Allocation { flow: flow.flow, in_quota, cost: cost.plus(charges)?, charges, entries })
    }

    /// Full entries and one of the rest; shares of full ones where vehicles are
    /// not whole.
    fn enter(
        &self,
        window: &EntryWindow,
        units: Decimal,
        within: bool,
        full: Decimal,
        period: usize,
        entries: &mut Vec<EntryGroup>,
    ) -> Result<(), PricingError> {
        if units <= Decimal::ZERO {
            return Ok(());
        }
        let groups = if self.whole() {
            let count = (units / full).floor();
            [(count, full), (Decimal::ONE, units - count * full)]
        } else {
            [(units.checked_div(full).ok_or(Overflow)?, full), (Decimal::ZERO, full)]
        };
        for (count, articles) in groups {
            if count.is_zero() || articles.is_zero() {
                continue;
            }
            entries.push(self.group(window, count, articles, within, period)?);
        }
        Ok(())
    }

    fn group(
        &self,
        window: &EntryWindow,
        entries: Decimal,
        articles: Decimal,
        within: bool,
        period: usize,
    ) -> Result<EntryGroup, PricingError> {
        let quote = self.duties.quote(window, articles, within)?;
        let mut layers = Vec::with_capacity(quote.layers.len());
        for layer in &quote.layers {
            layers.push(EntryLayer {
                kind: cost_kind(layer.kind),
                programme: layer.programme.clone(),
                heading: layer.heading.clone(),
                each: layer.amount,
                amount: self.rounded(layer.amount, entries, period)?,
            });
        }
        let drawn_on = window.tranche.filter(|_| within);
        Ok(EntryGroup {
            from: window.from,
            to: window.to,
            quota: drawn_on.map(|tranche| self.duties.tranches[tranche].quota.clone()),
            entries,
            articles,
            charges: quote.charges,
            recovered: quote.recovered,
            customs_value: quote.customs_value,
            layers,
            determined: quote.determined,
        })
    }

    /// Charges on the kits of what is built.
    pub(super) fn kit_duties(
        &self,
        settled: &Settled,
        account: &mut Account<'_>,
    ) -> Result<Vec<KitDuty>, PricingError> {
        let mut duties = Vec::new();
        for (place, option) in self.problem.options.iter().enumerate() {
            let plant = self.network.options[place].plant;
            let importer = self.duties.importer(self.problem.plants[plant].region);
            let of = Belonging::plant(plant);
            for (kit_place, kit) in option.kits.iter().enumerate() {
                for (period, kits) in settled.built[place].iter().enumerate() {
                    if kits.is_zero() {
                        continue;
                    }
                    let windows = &self.duties.kits[place][kit_place][period];
                    let weights: Vec<Decimal> =
                        windows.windows.iter().map(|window| window.weight).collect();
                    let spread = if self.whole() {
                        allotted(*kits, &weights, windows.of)
                    } else {
                        let part =
                            |weight: &Decimal| kits.checked_mul(*weight)?.checked_div(windows.of);
                        weights.iter().map(part).collect::<Option<_>>().ok_or(Overflow)?
                    };
                    let full = Decimal::from(kit.kits_per_entry);
                    let mut entries = Vec::new();
                    for (window, units) in windows.windows.iter().zip(spread) {
                        self.enter(window, units, false, full, period, &mut entries)?;
                    }
                    let mut charges = Money::zero(self.problem.reporting_currency);
                    for layer in entries.iter().flat_map(|group| &group.layers) {
                        let layer_of = (importer, layer.programme.as_str());
                        let (kind, amount) = (CostKind::KitCharge, layer.amount);
                        account.book_layer(kind, layer_of, of, period, amount)?;
                        charges = charges.plus(layer.amount)?;
                    }
                    duties.push(KitDuty {
                        model: option.model.clone(),
                        plant: option.plant.clone(),
                        kit: kit.id.clone(),
                        period: self.problem.periods[period].id.clone(),
                        kits: *kits,
                        charges,
                        entries,
                    });
                }
            }
        }
        Ok(duties)
    }
}
