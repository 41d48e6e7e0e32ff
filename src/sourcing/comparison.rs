//! The bridge from the cost of one plan to that of another.

use crate::money::{Money, Overflow};
use crate::sourcing::plan::{CostCell, CostKind, Plan};
use crate::tariff::Region;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// What lies between two plans. The steps of each list add up to the whole
/// difference exactly; amounts are not discounted.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Cost of the plan compared with.
    pub from: Money,
    /// Cost of the other.
    pub to: Money,
    /// Discounted cost of the other less that of the first.
    pub discounted_difference: Decimal,
    /// By kind and legal layer.
    pub by_kind: Vec<BridgeStep>,
    /// By plant.
    pub by_plant: Vec<BridgeStep>,
    /// By market.
    pub by_market: Vec<BridgeStep>,
    /// By all of them.
    pub cells: Vec<BridgeStep>,
    /// Vehicles by model, plant and market, where they differ.
    pub units: Vec<UnitsMoved>,
    /// By country, where anything differs.
    pub countries: Vec<CountryChange>,
}

/// A part of the cost in both plans.
#[derive(Clone, Debug, PartialEq)]
pub struct BridgeStep {
    /// What it is a part of.
    pub part: CostPart,
    /// In the plan compared with.
    pub from: Money,
    /// In the other.
    pub to: Money,
    /// The other less the first.
    pub difference: Money,
}

/// What a part of a cost is of; all together where none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CostPart {
    /// Kind.
    pub kind: Option<CostKind>,
    /// Importer and programme.
    pub layer: Option<(Region, String)>,
    /// Plant.
    pub plant: Option<String>,
    /// Market.
    pub market: Option<String>,
}

/// Vehicles of all periods in both plans.
#[derive(Clone, Debug, PartialEq)]
pub struct UnitsMoved {
    /// Model line.
    pub model: String,
    /// Plant.
    pub plant: String,
    /// Market.
    pub market: String,
    /// In the plan compared with.
    pub from: Decimal,
    /// In the other.
    pub to: Decimal,
}

/// What a country builds in both plans, over all periods.
#[derive(Clone, Debug, PartialEq)]
pub struct CountryChange {
    /// Country.
    pub region: Region,
    /// In the plan compared with.
    pub from: CountryWork,
    /// In the other.
    pub to: CountryWork,
}

/// Vehicles, hours of labour and jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CountryWork {
    /// Vehicles built.
    pub built: Decimal,
    /// Hours of labour.
    pub labour_hours: Decimal,
    /// Jobs, the mean of the periods.
    pub jobs: Decimal,
}

impl Comparison {
    /// Compares two plans that report in one currency.
    ///
    /// # Errors
    /// [`Overflow`], also where they do not report in one currency.
    pub fn of(from: &Plan, to: &Plan) -> Result<Self, Overflow> {
        let bridge = |part: &dyn Fn(&CostCell) -> CostPart| -> Result<Vec<BridgeStep>, Overflow> {
            let zero = Money::zero(from.cost.total.currency());
            let mut sums: BTreeMap<CostPart, (Money, Money)> = BTreeMap::new();
            for cell in &from.cost.cells {
                let sum = sums.entry(part(cell)).or_insert((zero, zero));
                sum.0 = sum.0.plus(cell.amount)?;
            }
            for cell in &to.cost.cells {
                let sum = sums.entry(part(cell)).or_insert((zero, zero));
                sum.1 = sum.1.plus(cell.amount)?;
            }
            let step = |(part, (from, to)): (CostPart, (Money, Money))| {
                Ok(BridgeStep { part, from, to, difference: to.minus(from)? })
            };
            sums.into_iter().map(step).collect()
        };
        let discounted = to.cost.discounted_total.checked_sub(from.cost.discounted_total);
        Ok(Self {
            from: from.cost.total,
            to: to.cost.total,
            discounted_difference: discounted.ok_or(Overflow)?,
            by_kind: bridge(&|cell| CostPart {
                kind: Some(cell.kind),
                layer: cell.layer.clone(),
                ..CostPart::default()
            })?,
            by_plant: bridge(&|cell| CostPart {
                plant: cell.plant.clone(),
                ..CostPart::default()
            })?,
            by_market: bridge(&|cell| CostPart {
                market: cell.market.clone(),
                ..CostPart::default()
            })?,
            cells: bridge(&|cell| CostPart {
                kind: Some(cell.kind),
                layer: cell.layer.clone(),
                plant: cell.plant.clone(),
                market: cell.market.clone(),
            })?,
            units: units(from, to),
            countries: countries(from, to),
        })
    }
}

fn units(from: &Plan, to: &Plan) -> Vec<UnitsMoved> {
    let mut sums: BTreeMap<(&str, &str, &str), (Decimal, Decimal)> = BTreeMap::new();
    for flow in &from.decisions.flows {
        sums.entry((&flow.model, &flow.market, &flow.plant)).or_default().0 += flow.units;
    }
    for flow in &to.decisions.flows {
        sums.entry((&flow.model, &flow.market, &flow.plant)).or_default().1 += flow.units;
    }
    let moved = sums.into_iter().filter(|(_, (from, to))| from != to);
    let told = moved.map(|((model, market, plant), (from, to))| UnitsMoved {
        model: model.to_owned(),
        plant: plant.to_owned(),
        market: market.to_owned(),
        from,
        to,
    });
    told.collect()
}

/// Decimals of a mean number of jobs.
const JOB_DIGITS: u32 = 6;

fn countries(from: &Plan, to: &Plan) -> Vec<CountryChange> {
    let work = |plan: &Plan| -> BTreeMap<Region, CountryWork> {
        let mut sums: BTreeMap<Region, CountryWork> = BTreeMap::new();
        let periods: std::collections::BTreeSet<&str> =
            plan.capacities.iter().map(|use_| use_.period.as_str()).collect();
        for total in &plan.countries {
            let sum = sums.entry(total.region).or_default();
            sum.built += total.built;
            sum.labour_hours += total.labour_hours;
            sum.jobs += total.jobs;
        }
        for sum in sums.values_mut() {
            let mean = sum.jobs.checked_div(Decimal::from(periods.len()));
            sum.jobs = mean
                .unwrap_or_default()
                .round_dp_with_strategy(JOB_DIGITS, RoundingStrategy::MidpointAwayFromZero);
        }
        sums
    };
    let (from, to) = (work(from), work(to));
    let regions: std::collections::BTreeSet<Region> =
        from.keys().chain(to.keys()).copied().collect();
    let change = |region: Region| {
        let of =
            |works: &BTreeMap<Region, CountryWork>| works.get(&region).copied().unwrap_or_default();
        CountryChange { region, from: of(&from), to: of(&to) }
    };
    regions.into_iter().map(change).filter(|change| change.from != change.to).collect()
}
