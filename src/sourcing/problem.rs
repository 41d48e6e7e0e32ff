//! A sourcing problem as a planner states it: named by the caller's own ids,
//! nothing looked up yet. [`Network`](super::Network) holds it together.
//!
//! A *series* is a list with one value for every period or with one value that
//! holds in all of them. Amounts are for one vehicle unless said otherwise.

use crate::money::{Currency, Money, Overflow};
use crate::tariff::{DeclaredFact, Elections, ExchangeRate, GoodsCode, Region, TransportMode};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Where each model line may be built, for which market, when, and under which
/// limits.
#[derive(Clone, Debug)]
pub struct SourcingProblem {
    /// In order of time, without overlap.
    pub periods: Vec<Period>,
    /// Yearly rate at which later costs weigh less.
    pub annual_discount_rate: Decimal,
    /// Currency costs are added in.
    pub reporting_currency: Currency,
    /// Rates into the reporting currency.
    pub planning_rates: Vec<PlanningRate>,
    /// Model lines.
    pub models: Vec<ModelLine>,
    /// Plants.
    pub plants: Vec<Plant>,
    /// Which model may be built where.
    pub options: Vec<ProductionOption>,
    /// Markets.
    pub markets: Vec<Market>,
    /// What each market wants.
    pub demands: Vec<Demand>,
    /// How vehicles get there.
    pub lanes: Vec<Lane>,
    /// The law and what is known of it.
    pub policy: TradePolicy,
    /// What a plan must keep to.
    pub limits: Limits,
    /// What is best.
    pub objective: Objective,
    /// Whether vehicles are whole.
    pub units: Units,
    /// Labour hours that make one job for a year.
    pub labour_hours_per_job: Decimal,
}

/// What is best.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// The least discounted cost.
    #[default]
    Cost,
    /// The greatest discounted net sales less cost.
    Profit,
}

/// Whether vehicles are whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Units {
    /// Whole.
    #[default]
    Whole,
    /// Any fraction, to [`FRACTION_DIGITS`] decimals.
    Continuous,
}

/// Decimals of a vehicle where vehicles are not whole.
pub const FRACTION_DIGITS: u32 = 6;

/// A stretch of days planned as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Id.
    pub id: String,
    /// First day.
    pub start: Date,
    /// First day it no longer covers.
    pub end: Date,
}

/// What a currency is planned to be worth.
#[derive(Clone, Debug)]
pub struct PlanningRate {
    /// Converted into the reporting currency.
    pub currency: Currency,
    /// Series: reporting currency for one major unit.
    pub rates: Vec<Decimal>,
}

/// A line of models planned as one.
#[derive(Clone, Debug)]
pub struct ModelLine {
    /// Id.
    pub id: String,
    /// Capacity one vehicle uses.
    pub capacity_use: Decimal,
    /// What it is to each customs authority.
    pub goods: Vec<ModelGoods>,
}

/// A model as goods of one importer's tariff.
#[derive(Clone, Debug)]
pub struct ModelGoods {
    /// Importer: a union or a country.
    pub importer: Region,
    /// Code in its nomenclature.
    pub code: GoodsCode,
    /// Facts that hold wherever it is built.
    pub facts: Vec<DeclaredFact>,
}

/// A plant or a site.
#[derive(Clone, Debug)]
pub struct Plant {
    /// Id.
    pub id: String,
    /// Country: the origin of what it builds.
    pub region: Region,
    /// Series: capacity in a period.
    pub capacity: Vec<Decimal>,
    /// Open before the first period.
    pub initially_open: bool,
    /// Paid in the period it opens.
    pub opening_cost: Option<Money>,
    /// Paid in the first period it is closed again.
    pub closing_cost: Option<Money>,
    /// Paid in each period it is open.
    pub fixed_cost: Option<Money>,
    /// Shares of capacity in the period it opens and those after it.
    pub ramp: Vec<Decimal>,
    /// Least capacity used in a period in which it is open.
    pub least_run: Option<Decimal>,
    /// Steps in which it may grow.
    pub expansions: Vec<Expansion>,
}

/// A step of growth.
#[derive(Clone, Debug)]
pub struct Expansion {
    /// Id, distinct in the plant.
    pub id: String,
    /// Capacity added.
    pub capacity: Decimal,
    /// Paid in the period it is decided.
    pub cost: Option<Money>,
    /// Periods until it is there.
    pub lead_periods: usize,
}

/// A model that may be built in a plant.
#[derive(Clone, Debug)]
pub struct ProductionOption {
    /// Model line.
    pub model: String,
    /// Plant.
    pub plant: String,
    /// What building one vehicle costs.
    pub unit_cost: UnitCost,
    /// Hours of labour in one vehicle.
    pub labour_hours: Option<Decimal>,
    /// Imported parts whose duty is part of the cost.
    pub kits: Vec<PartKit>,
    /// Paid in the period it is launched.
    pub launch_cost: Option<Money>,
    /// Periods from launch to the first vehicle.
    pub lead_periods: usize,
    /// Built there before the first period.
    pub initially_launched: bool,
    /// How vehicles are declared, by importer.
    pub customs: Vec<CustomsTreatment>,
}

/// What building one vehicle costs.
#[derive(Clone, Debug)]
pub enum UnitCost {
    /// Series: one amount.
    Whole(Vec<Money>),
    /// Its parts.
    Parts {
        /// Labour.
        labour: Option<Money>,
        /// Parts.
        parts: Option<Money>,
        /// The rest.
        other: Option<Money>,
    },
}

/// Imported parts of one vehicle.
#[derive(Clone, Debug)]
pub struct PartKit {
    /// Id, distinct in the option.
    pub id: String,
    /// Code in the nomenclature of the plant's country.
    pub code: GoodsCode,
    /// Country of origin.
    pub origin: Region,
    /// Declared value.
    pub value: Money,
    /// International freight and insurance.
    pub freight: Option<Money>,
    /// Kits on one entry.
    pub kits_per_entry: u32,
    /// Facts about the parts.
    pub facts: Vec<DeclaredFact>,
    /// What the importer elects.
    pub elections: Elections,
}

/// How vehicles of a plant are declared to one importer.
#[derive(Clone, Debug)]
pub struct CustomsTreatment {
    /// Importer: a union or a country.
    pub importer: Region,
    /// The price declared.
    pub value_rule: CustomsValueRule,
    /// Facts that hold for vehicles of this plant.
    pub facts: Vec<DeclaredFact>,
    /// Contents as shares of the declared price, by fact id.
    pub content_shares: Vec<ContentShare>,
    /// What the importer elects.
    pub elections: Elections,
}

/// A content fact as a share of the declared price.
#[derive(Clone, Debug)]
pub struct ContentShare {
    /// Place in the request's list.
    pub position: usize,
    /// The fact's id in the schedule.
    pub fact: String,
    /// Share, 0 to 1.
    pub share: Decimal,
}

/// The price declared to customs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CustomsValueRule {
    /// The unit cost.
    UnitCost,
    /// The unit cost times so much.
    UnitCostTimes(Decimal),
    /// A price of its own.
    TransactionValue(Money),
}

/// A market.
#[derive(Clone, Debug)]
pub struct Market {
    /// Id.
    pub id: String,
    /// The importer; of a customs union the member.
    pub region: Region,
    /// What approval of an origin costs.
    pub homologations: Vec<Homologation>,
}

/// Approval of models of one origin, paid once for each.
#[derive(Clone, Debug)]
pub struct Homologation {
    /// Country of origin.
    pub origin: Region,
    /// Models it is for; all where empty.
    pub models: Vec<String>,
    /// Cost for each model.
    pub cost: Money,
}

/// What a market wants of a model.
#[derive(Clone, Debug)]
pub struct Demand {
    /// Market.
    pub market: String,
    /// Model line.
    pub model: String,
    /// Series: vehicles.
    pub volume: Vec<Decimal>,
    /// Margin lost with each vehicle not served; none: it must be served.
    pub lost_margin: Option<Money>,
    /// Series: net price; empty where none.
    pub net_price: Vec<Money>,
    /// Whether all vehicles of a period come from one plant.
    pub single_source: bool,
}

/// How vehicles get from a plant to a market.
#[derive(Clone, Debug)]
pub struct Lane {
    /// Plant.
    pub plant: String,
    /// Market.
    pub market: String,
    /// Models it is for; all where empty.
    pub models: Vec<String>,
    /// International freight; at home, all transport.
    pub freight: Option<Money>,
    /// International insurance.
    pub insurance: Option<Money>,
    /// Transport inside the importer's territory.
    pub inland_freight: Option<Money>,
    /// Cost of the stock under way.
    pub holding_cost: Option<Money>,
    /// Days from the plant to entry.
    pub transit_days: u32,
    /// Vehicles on one customs entry.
    pub vehicles_per_entry: u32,
    /// How vehicles arrive.
    pub transport: Option<TransportMode>,
    /// When in a period vehicles leave; evenly where empty.
    pub departures: Vec<DepartureShare>,
}

/// A part of a period's vehicles that leave on one day.
#[derive(Clone, Copy, Debug)]
pub struct DepartureShare {
    /// Days after the first day of the period.
    pub day: u32,
    /// Share; those of a lane add up to one.
    pub share: Decimal,
}

/// The law a plan is priced by, and what is known of it.
#[derive(Clone, Debug, Default)]
pub struct TradePolicy {
    /// Schedule by resource name; empty for the default.
    pub schedule: String,
    /// Knowledge date, where stated.
    pub known_at: Option<Date>,
    /// Provisions taken to be otherwise.
    pub overrides: Vec<MeasureOverride>,
    /// Duties of importers whose law is not held.
    pub stated_duties: Vec<StatedDuty>,
    /// What is left in quotas.
    pub quotas: Vec<QuotaOutlook>,
    /// Credits against duty.
    pub credits: Vec<CreditOutlook>,
    /// Rates values declared to customs are converted at.
    pub customs_rates: Vec<ExchangeRate>,
    /// What is done where the law leaves a cost open.
    pub open_law: OpenLaw,
    /// Reliefs a plan may earn.
    pub reliefs: Vec<ConditionalRelief>,
}

/// What is done where the law leaves a cost open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenLaw {
    /// The problem is refused.
    #[default]
    Refuse,
    /// The dearest reading is taken.
    Highest,
    /// The cheapest reading is taken.
    Lowest,
}

/// Relief that holds if enough vehicles flow from one country to another.
#[derive(Clone, Debug)]
pub struct ConditionalRelief {
    /// Id.
    pub id: String,
    /// Country whose exports are counted.
    pub origin: Region,
    /// Country they are counted into.
    pub market: Region,
    /// Vehicles a year that earn it.
    pub units_per_year: Decimal,
    /// Measure whose rate is another.
    pub measure: MeasureRate,
    /// That rate, a share of its base.
    pub rate: Decimal,
}

/// A measure and the days on which its rate is taken to be another.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureRate {
    /// Importer.
    pub importer: Region,
    /// The measure's id.
    pub measure: String,
    /// First day of entry; always where none.
    pub from: Option<Date>,
    /// First day of entry on which it no longer holds.
    pub to: Option<Date>,
    /// Whether the rate takes the duty of the tariff line in.
    pub all_in: bool,
    /// Vehicles of a calendar year that have it; all where none.
    pub quota_units_per_year: Option<Decimal>,
}

/// A provision taken to be otherwise.
#[derive(Clone, Debug)]
pub struct MeasureOverride {
    /// Importer whose measure it is.
    pub importer: Region,
    /// The measure's id.
    pub measure: String,
    /// In force at this rate, or not charged where none.
    pub rate: Option<crate::tariff::DutyExpression>,
    /// First day of entry; always where none.
    pub from: Option<Date>,
    /// First day of entry on which it no longer holds.
    pub to: Option<Date>,
    /// Vehicles of a calendar year it is for; all where none.
    pub quota_units_per_year: Option<Decimal>,
}

/// A duty the caller states for an importer whose law is not held.
#[derive(Clone, Copy, Debug)]
pub struct StatedDuty {
    /// Importer.
    pub importer: Region,
    /// Country of origin; every other one where none.
    pub origin: Option<Region>,
    /// Share of the declared price.
    pub rate: Decimal,
}

/// What is left in a quota of the schedule.
#[derive(Clone, Debug)]
pub struct QuotaOutlook {
    /// Importer.
    pub importer: Region,
    /// The quota's id.
    pub quota: String,
    /// Units used up, by first day of a tranche.
    pub used: Vec<(Date, Decimal)>,
    /// Units others are expected to use, by first day of a tranche.
    pub rivals_use: Vec<(Date, Decimal)>,
}

/// A credit against duty on parts, and what earns it.
#[derive(Clone, Debug)]
pub struct CreditOutlook {
    /// Importer.
    pub importer: Region,
    /// The credit's id.
    pub credit: String,
    /// Money left from before.
    pub brought_forward: Option<Money>,
    /// What each vehicle built is worth to it.
    pub earnings: Vec<CreditEarning>,
}

/// What a vehicle earns a credit on.
#[derive(Clone, Debug)]
pub struct CreditEarning {
    /// Model line.
    pub model: String,
    /// Plant.
    pub plant: String,
    /// What the rate is applied to.
    pub base: Money,
}

/// What a plan must keep to.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// What must be built in a country.
    pub floors: Vec<DomesticFloor>,
    /// What may come from an origin.
    pub origin_caps: Vec<OriginCap>,
    /// What must, and may, be built.
    pub production: Vec<ProductionLimit>,
    /// Vehicles committed.
    pub flows: Vec<FlowLimit>,
    /// Plants decided.
    pub fixed_plants: Vec<FixedPlant>,
    /// Launches decided.
    pub fixed_launches: Vec<FixedLaunch>,
    /// Most model lines that move.
    pub most_moves: Option<u32>,
    /// Money for what is built up.
    pub budgets: Vec<CapitalBudget>,
    /// Exports less imports.
    pub trade_balances: Vec<TradeBalanceBound>,
    /// Vehicles from one country to another.
    pub export_commitments: Vec<ExportCommitment>,
}

/// What must be built in a country in every period.
#[derive(Clone, Debug)]
pub struct DomesticFloor {
    /// Id.
    pub id: String,
    /// Country.
    pub region: Region,
    /// What is counted.
    pub floor: FloorKind,
    /// Price of each unit short; hard where none.
    pub penalty: Option<Money>,
    /// Periods; all where empty.
    pub periods: Vec<String>,
}

/// What a floor counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FloorKind {
    /// Share of the vehicles sold in the country that is built there.
    ShareOfSales(Decimal),
    /// Vehicles built there.
    Units(Decimal),
    /// Hours of labour worked there.
    LabourHours(Decimal),
}

/// Greatest share of a market that comes from an origin, in every period.
#[derive(Clone, Debug)]
pub struct OriginCap {
    /// Id.
    pub id: String,
    /// Country of origin.
    pub origin: Region,
    /// Market.
    pub market: String,
    /// Model line; all together where none.
    pub model: Option<String>,
    /// Share of the vehicles served.
    pub most_share: Decimal,
}

/// What must, and may, be built in every period.
#[derive(Clone, Debug)]
pub struct ProductionLimit {
    /// Id.
    pub id: String,
    /// Plant; all together where none.
    pub plant: Option<String>,
    /// Model line; all together where none.
    pub model: Option<String>,
    /// Least vehicles.
    pub least: Option<Decimal>,
    /// Most vehicles.
    pub most: Option<Decimal>,
    /// Periods; all where empty.
    pub periods: Vec<String>,
}

/// Vehicles committed from a plant to a market in one period.
#[derive(Clone, Debug)]
pub struct FlowLimit {
    /// Model line.
    pub model: String,
    /// Plant.
    pub plant: String,
    /// Market.
    pub market: String,
    /// Period.
    pub period: String,
    /// Least vehicles.
    pub least: Option<Decimal>,
    /// Most vehicles.
    pub most: Option<Decimal>,
}

/// A plant decided to be open or closed in a period.
#[derive(Clone, Debug)]
pub struct FixedPlant {
    /// Plant.
    pub plant: String,
    /// Period.
    pub period: String,
    /// Whether it is open.
    pub open: bool,
}

/// A model decided to be launched in a plant by a period, or not.
#[derive(Clone, Debug)]
pub struct FixedLaunch {
    /// Model line.
    pub model: String,
    /// Plant.
    pub plant: String,
    /// Period.
    pub period: String,
    /// Whether it is launched in it or before.
    pub launched: bool,
}

/// Money for openings, launches, expansions and homologations.
#[derive(Clone, Debug)]
pub struct CapitalBudget {
    /// Id.
    pub id: String,
    /// Most that is spent in the periods together.
    pub amount: Money,
    /// Periods; all where empty.
    pub periods: Vec<String>,
}

/// A bound on a country's exports less its imports, in every period.
#[derive(Clone, Debug)]
pub struct TradeBalanceBound {
    /// Id.
    pub id: String,
    /// Country.
    pub region: Region,
    /// The other country; all others where none.
    pub partner: Option<Region>,
    /// Least balance; may be negative.
    pub least: Money,
}

/// Vehicles that must flow from one country to another in every period.
#[derive(Clone, Debug)]
pub struct ExportCommitment {
    /// Id.
    pub id: String,
    /// Country of origin.
    pub origin: Region,
    /// Country of the markets.
    pub market: Region,
    /// Least vehicles a year.
    pub units_per_year: Decimal,
    /// Periods; all where empty.
    pub periods: Vec<String>,
}

impl SourcingProblem {
    /// Reporting currency for one major unit of a currency in a period.
    pub fn planning_rate(&self, currency: Currency, period: usize) -> Option<Decimal> {
        if currency == self.reporting_currency {
            return Some(Decimal::ONE);
        }
        let rate = self.planning_rates.iter().find(|rate| rate.currency == currency)?;
        in_period(&rate.rates, period)
    }

    /// An amount in the reporting currency at the rate of a period, unrounded.
    ///
    /// # Errors
    /// [`Overflow`], also where the currency has no rate.
    pub fn reported(&self, amount: Money, period: usize) -> Result<Decimal, Overflow> {
        let rate = self.planning_rate(amount.currency(), period).ok_or(Overflow)?;
        amount.amount().checked_mul(rate).ok_or(Overflow)
    }
}

/// The value of a series in a period.
pub fn in_period<T: Copy>(series: &[T], period: usize) -> Option<T> {
    match series {
        [only] => Some(*only),
        several => several.get(period).copied(),
    }
}
