//! What a vehicle costs where it is sold, part by part: the ladder of origins.

use crate::money::Overflow;
use crate::sourcing::duties::{Duties, EntryWindows, cost_kind};
use crate::sourcing::network::Network;
use crate::sourcing::plan::CostKind;
use crate::sourcing::pricing::PricingError;
use crate::sourcing::problem::{SourcingProblem, UnitCost, in_period};
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Parts of a cost by kind and legal layer.
type Parts = BTreeMap<(CostKind, Option<(Region, String)>), Decimal>;

/// What one vehicle of an arc costs where it is sold, in the reporting currency,
/// not discounted: the mean of the periods by demand, on full entries outside
/// quotas. The parts add up to it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LandedCost {
    /// By kind and legal layer; none of them zero.
    pub parts: Vec<LandedCostPart>,
}

/// A part of a landed cost.
#[derive(Clone, Debug, PartialEq)]
pub struct LandedCostPart {
    /// Kind.
    pub kind: CostKind,
    /// Importer and programme; of charges only.
    pub layer: Option<(Region, String)>,
    /// Amount.
    pub amount: Decimal,
}

impl LandedCost {
    /// Of an arc; nothing where no vehicle is wanted.
    ///
    /// # Errors
    /// [`PricingError`].
    pub fn of(
        problem: &SourcingProblem,
        network: &Network,
        duties: &Duties,
        arc: usize,
    ) -> Result<Self, PricingError> {
        let demand = &problem.demands[network.arcs[arc].demand];
        let mut sums = Parts::new();
        let mut wanted = Decimal::ZERO;
        for period in 0..problem.periods.len() {
            let volume = in_period(&demand.volume, period).unwrap_or_default();
            if volume.is_zero() {
                continue;
            }
            wanted = wanted.checked_add(volume).ok_or(Overflow)?;
            let vehicle = Vehicle { problem, network, duties, arc, period };
            for (part, amount) in vehicle.parts()? {
                let sum = sums.entry(part).or_default();
                let weighed = amount.checked_mul(volume);
                *sum = weighed.and_then(|weighed| sum.checked_add(weighed)).ok_or(Overflow)?;
            }
        }
        let told = sums.into_iter().filter(|(_, amount)| !amount.is_zero());
        let parts = told.map(|((kind, layer), sum)| LandedCostPart {
            kind,
            layer,
            amount: sum.checked_div(wanted).unwrap_or_default(),
        });
        Ok(Self { parts: parts.collect() })
    }

    /// The whole.
    pub fn total(&self) -> Decimal {
        self.parts.iter().map(|part| part.amount).sum()
    }
}

/// One vehicle on an arc in a period.
struct Vehicle<'a> {
    problem: &'a SourcingProblem,
    network: &'a Network,
    duties: &'a Duties,
    arc: usize,
    period: usize,
}

impl Vehicle<'_> {
    fn parts(&self) -> Result<Parts, PricingError> {
        let (problem, period) = (self.problem, self.period);
        let at = self.network.arcs[self.arc];
        let (option, lane) = (&problem.options[at.option], &problem.lanes[at.lane]);
        let mut parts = Parts::new();
        let mut add = |kind, layer, amount: Decimal| {
            let sum = parts.entry((kind, layer)).or_insert(Decimal::ZERO);
            *sum = sum.checked_add(amount).ok_or(Overflow)?;
            Ok::<(), PricingError>(())
        };
        let built = match &option.unit_cost {
            UnitCost::Whole(series) => vec![(CostKind::Production, in_period(series, period))],
            UnitCost::Parts { labour, parts, other } => vec![
                (CostKind::Labour, *labour),
                (CostKind::Parts, *parts),
                (CostKind::OtherProduction, *other),
            ],
        };
        let carried = [
            (CostKind::Freight, lane.freight),
            (CostKind::Insurance, lane.insurance),
            (CostKind::InlandFreight, lane.inland_freight),
            (CostKind::Holding, lane.holding_cost),
        ];
        for (kind, amount) in built.into_iter().chain(carried) {
            if let Some(amount) = amount {
                add(kind, None, problem.reported(amount, period)?)?;
            }
        }
        let market = self.network.demands[at.demand].market;
        let importer = self.duties.importer(problem.markets[market].region);
        let articles = Decimal::from(lane.vehicles_per_entry);
        let windows = &self.duties.arcs[self.arc][period];
        for (kind, programme, amount) in self.layers(windows, articles)? {
            add(kind, Some((importer, programme)), amount)?;
        }
        let plant = self.network.options[at.option].plant;
        let importer = self.duties.importer(problem.plants[plant].region);
        for (place, kit) in option.kits.iter().enumerate() {
            let windows = &self.duties.kits[at.option][place][period];
            let articles = Decimal::from(kit.kits_per_entry);
            for (_, programme, amount) in self.layers(windows, articles)? {
                add(CostKind::KitCharge, Some((importer, programme)), amount)?;
            }
        }
        Ok(parts)
    }

    /// Layers of one article of full entries, over the windows of the period.
    fn layers(
        &self,
        windows: &EntryWindows,
        articles: Decimal,
    ) -> Result<Vec<(CostKind, String, Decimal)>, PricingError> {
        let mut layers = Vec::new();
        for window in windows.windows.iter().filter(|window| !window.weight.is_zero()) {
            let quote = self.duties.quote(window, articles, false)?;
            for layer in &quote.layers {
                let amount = self.problem.reported(layer.amount, self.period)?;
                let part = amount
                    .checked_mul(window.weight)
                    .and_then(|amount| amount.checked_div(windows.of.checked_mul(articles)?));
                let part = part.ok_or(Overflow)?;
                layers.push((cost_kind(layer.kind), layer.programme.clone(), part));
            }
        }
        Ok(layers)
    }
}
