//! A plan, priced: what was decided, what it costs and why, in exact decimals
//! and in the caller's own ids.

use crate::money::Money;
use crate::sourcing::decisions::Decisions;
use crate::tariff::Region;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A plan, priced entry by entry outside any solver.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What was decided.
    pub decisions: Decisions,
    /// Cost and its parts.
    pub cost: PlanCost,
    /// Every flow with what it costs.
    pub allocations: Vec<Allocation>,
    /// Charges on imported parts.
    pub kit_duties: Vec<KitDuty>,
    /// Credits over the periods.
    pub credits: Vec<CreditAccount>,
    /// Demand not served.
    pub unserved: Vec<Unserved>,
    /// Floors the plan falls short of at a price.
    pub shortfalls: Vec<FloorShortfall>,
    /// Quota tranches.
    pub tranches: Vec<TrancheUse>,
    /// Capacity and its use.
    pub capacities: Vec<CapacityUse>,
    /// What each country builds and sells.
    pub countries: Vec<CountryTotal>,
    /// Vehicles and value by pair of countries.
    pub trade_flows: Vec<TradeFlow>,
    /// What was assumed, in plain sentences.
    pub assumptions: Vec<String>,
    /// What binds. Filled in from the solver; no part of what is checked.
    pub binding_limits: Vec<BindingLimit>,
    /// Conditional reliefs it is priced with.
    pub earned_reliefs: Vec<String>,
}

/// Cost of a plan in the reporting currency. Every amount is a sum of amounts
/// each rounded once to the minor unit.
#[derive(Clone, Debug)]
pub struct PlanCost {
    /// Not discounted: the sum of the lines.
    pub total: Money,
    /// Discounted.
    pub discounted_total: Decimal,
    /// Net sales, not discounted; none for objective cost.
    pub net_sales: Option<Money>,
    /// Net sales less cost, discounted; none for objective cost.
    pub discounted_profit: Option<Decimal>,
    /// By kind and legal layer.
    pub lines: Vec<CostLine>,
    /// By plant and market as well: what the lines are sums of.
    pub cells: Vec<CostCell>,
    /// The solver's figure for the same plan; none where nothing was solved.
    pub solver_cost: Option<Decimal>,
    /// The part of the discounted total that some plan might avoid.
    pub avoidable: Decimal,
}

impl PlanCost {
    /// The exact objective, to be minimised: discounted cost, or discounted
    /// cost less net sales.
    pub fn objective(&self) -> Decimal {
        self.discounted_profit.map_or(self.discounted_total, |profit| -profit)
    }
}

/// Kinds of cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the API manual says what each is")]
pub enum CostKind {
    Production,
    Labour,
    Parts,
    OtherProduction,
    Freight,
    Insurance,
    InlandFreight,
    Holding,
    Duty,
    Fee,
    Tax,
    KitCharge,
    Credit,
    Opening,
    Closing,
    Fixed,
    Launch,
    Expansion,
    Homologation,
    LostMargin,
    Shortfall,
}

/// Cost of one kind and, of charges, one legal layer.
#[derive(Clone, Debug, PartialEq)]
pub struct CostLine {
    /// Kind.
    pub kind: CostKind,
    /// Importer and programme; of charges only.
    pub layer: Option<(Region, String)>,
    /// Not discounted.
    pub amount: Money,
    /// Discounted.
    pub discounted: Decimal,
}

/// A cost line's part of one plant and market.
#[derive(Clone, Debug, PartialEq)]
pub struct CostCell {
    /// Kind.
    pub kind: CostKind,
    /// Importer and programme; of charges only.
    pub layer: Option<(Region, String)>,
    /// Plant; none where it belongs to none.
    pub plant: Option<String>,
    /// Market; none where it belongs to none.
    pub market: Option<String>,
    /// Not discounted.
    pub amount: Money,
    /// Discounted.
    pub discounted: Decimal,
}

/// Vehicles of a flow and what they cost.
#[derive(Clone, Debug)]
pub struct Allocation {
    /// Place among the flows of the decisions.
    pub flow: usize,
    /// Vehicles within quotas.
    pub in_quota: Decimal,
    /// All costs of the flow.
    pub cost: Money,
    /// Charges of it.
    pub charges: Money,
    /// Its entries, alike ones together.
    pub entries: Vec<EntryGroup>,
}

/// Alike customs entries.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryGroup {
    /// First day of the window.
    pub from: Date,
    /// First day after it.
    pub to: Date,
    /// Quota they are entered within.
    pub quota: Option<String>,
    /// Entries: a fraction only where vehicles are.
    pub entries: Decimal,
    /// Vehicles, or kits, on each.
    pub articles: Decimal,
    /// Borne on each, in the importer's currency.
    pub charges: Money,
    /// Recovered on each, in the importer's currency.
    pub recovered: Money,
    /// Customs value of each.
    pub customs_value: Money,
    /// By layer.
    pub layers: Vec<EntryLayer>,
    /// Whether the law leaves nothing open.
    pub determined: bool,
}

/// A layer of an entry's charges.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryLayer {
    /// Duty, fee or tax.
    pub kind: CostKind,
    /// Programme, or `column`.
    pub programme: String,
    /// Heading charged under.
    pub heading: String,
    /// Borne on one entry, in the importer's currency.
    pub each: Money,
    /// On all entries of the group, in the reporting currency, rounded once.
    pub amount: Money,
}

/// Charges on the part kits of an option in a period.
#[derive(Clone, Debug)]
pub struct KitDuty {
    /// Model line.
    pub model: String,
    /// Plant.
    pub plant: String,
    /// Kit.
    pub kit: String,
    /// Period.
    pub period: String,
    /// Kits.
    pub kits: Decimal,
    /// Charges.
    pub charges: Money,
    /// Entries.
    pub entries: Vec<EntryGroup>,
}

/// A credit over a period, in the importer's currency.
#[derive(Clone, Debug, PartialEq)]
pub struct CreditAccount {
    /// Importer.
    pub importer: Region,
    /// Credit.
    pub credit: String,
    /// Period.
    pub period: String,
    /// There at its beginning.
    pub brought_forward: Money,
    /// Earned in it.
    pub earned: Money,
    /// Duty it may be spent on.
    pub liability: Money,
    /// Spent.
    pub spent: Money,
    /// Left.
    pub carried_forward: Money,
}

/// Demand not served.
#[derive(Clone, Debug)]
pub struct Unserved {
    /// Model line.
    pub model: String,
    /// Market.
    pub market: String,
    /// Period.
    pub period: String,
    /// Vehicles.
    pub units: Decimal,
    /// Why, the plainest first.
    pub reasons: Vec<UnservedReason>,
}

/// Why demand is not served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnservedReason {
    /// Stable reason.
    pub reason: &'static str,
    /// Plant it is about.
    pub plant: Option<String>,
    /// One sentence.
    pub message: String,
}

/// A floor the plan falls short of.
#[derive(Clone, Debug, PartialEq)]
pub struct FloorShortfall {
    /// Floor.
    pub floor: String,
    /// Period.
    pub period: String,
    /// Vehicles or hours.
    pub short: Decimal,
    /// What it costs.
    pub cost: Money,
}

/// A tranche of a quota.
#[derive(Clone, Debug, PartialEq)]
pub struct TrancheUse {
    /// Importer.
    pub importer: Region,
    /// Quota.
    pub quota: String,
    /// First day.
    pub from: Date,
    /// Units opened by law.
    pub volume: Decimal,
    /// Units carried over into it.
    pub carried_over: Decimal,
    /// Units used up before and by others.
    pub used_by_others: Decimal,
    /// Units the plan draws.
    pub drawn: Decimal,
    /// Units left.
    pub left: Decimal,
}

/// Capacity of a plant in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityUse {
    /// Plant.
    pub plant: String,
    /// Period.
    pub period: String,
    /// Capacity after ramp and expansions; nothing where it is closed.
    pub capacity: Decimal,
    /// Used.
    pub used: Decimal,
}

/// What a country builds and sells in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct CountryTotal {
    /// Country.
    pub region: Region,
    /// Period.
    pub period: String,
    /// Vehicles built.
    pub built: Decimal,
    /// Vehicles sold.
    pub sold: Decimal,
    /// Hours of labour.
    pub labour_hours: Decimal,
    /// Jobs.
    pub jobs: Decimal,
}

/// Vehicles from one country to another in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct TradeFlow {
    /// Exporter.
    pub origin: Region,
    /// Importer.
    pub importer: Region,
    /// Period of shipment.
    pub period: String,
    /// Vehicles.
    pub units: Decimal,
    /// At customs value, in the reporting currency.
    pub value: Money,
}

/// A limit with nothing left, and what one unit more would save.
#[derive(Clone, Debug, PartialEq)]
pub struct BindingLimit {
    /// Kind, in capitals.
    pub kind: &'static str,
    /// Ids it is known by.
    pub ids: Vec<String>,
    /// Period, or first day of a tranche.
    pub period: String,
    /// Discounted cost saved by one unit more.
    pub marginal_value: Decimal,
}

/// Something a plan must keep to and does not.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// Stable reason, in capitals.
    pub reason: &'static str,
    /// Ids it is about.
    pub ids: Vec<String>,
    /// Period, where it is about one.
    pub period: Option<String>,
    /// By how much, where it is a number.
    pub excess: Option<Decimal>,
    /// Money, where it is about money.
    pub money: Option<Money>,
    /// One sentence.
    pub message: String,
}
