//! A problem in numbers: what every decision costs in the reporting currency,
//! what every vehicle on every arc costs by law, and how many may enter
//! cheaper. What a formulation is made of; nothing is looked up any more.
//!
//! An *arc* is one model line from one plant to one market. A list by period
//! has one value for every period. Amounts are not discounted.

use rust_decimal::Decimal;

/// A sourcing problem in numbers.
#[derive(Clone, Debug, Default)]
pub struct PricedProblem {
    /// What one unit of money of each period weighs.
    pub discounts: Vec<Decimal>,
    /// Plants.
    pub plants: Vec<PricedPlant>,
    /// Models in plants.
    pub options: Vec<PricedOption>,
    /// Models in markets.
    pub demands: Vec<PricedDemand>,
    /// Options to demands.
    pub arcs: Vec<PricedArc>,
    /// Tranches of quotas.
    pub tranches: Vec<PricedTranche>,
    /// Credits against duty on parts.
    pub credits: Vec<PricedCredit>,
    /// Approvals.
    pub homologations: Vec<PricedHomologation>,
    /// Limits on flows, each in one period.
    pub flow_limits: Vec<PricedFlowLimit>,
    /// Budgets.
    pub budgets: Vec<PricedBudget>,
    /// Most model lines that are launched where they are not built today.
    pub most_moves: Option<u32>,
    /// Whether vehicles are whole.
    pub whole: bool,
}

/// A plant in numbers.
#[derive(Clone, Debug, Default)]
pub struct PricedPlant {
    /// Capacity by period.
    pub capacity: Vec<Decimal>,
    /// Open before the first period.
    pub initially_open: bool,
    /// Cost of opening by period.
    pub opening_cost: Vec<Decimal>,
    /// Cost of closing by period.
    pub closing_cost: Vec<Decimal>,
    /// Cost of a period open.
    pub fixed_cost: Vec<Decimal>,
    /// Shares of capacity in the period it opens and those after it.
    pub ramp: Vec<Decimal>,
    /// Least capacity used in a period open; zero where none is asked.
    pub least_run: Decimal,
    /// Steps of growth.
    pub expansions: Vec<PricedExpansion>,
    /// Where it is decided: whether it is open.
    pub decided: Vec<Option<bool>>,
}

/// A step of growth in numbers.
#[derive(Clone, Debug, Default)]
pub struct PricedExpansion {
    /// Capacity added.
    pub capacity: Decimal,
    /// Cost by period of decision.
    pub cost: Vec<Decimal>,
    /// Periods until it is there.
    pub lead_periods: usize,
}

/// A model in a plant in numbers.
#[derive(Clone, Debug, Default)]
pub struct PricedOption {
    /// Model line, by place.
    pub model: usize,
    /// Plant, by place.
    pub plant: usize,
    /// Capacity one vehicle uses.
    pub capacity_use: Decimal,
    /// Cost of one vehicle by period: building it, and charges on its kits.
    pub unit_cost: Vec<Decimal>,
    /// Cost of the launch by period.
    pub launch_cost: Vec<Decimal>,
    /// Periods from launch to the first vehicle.
    pub lead_periods: usize,
    /// Built before the first period.
    pub initially_launched: bool,
    /// Where it is decided: whether it is launched by a period.
    pub decided: Vec<Option<bool>>,
}

/// A model in a market in numbers.
#[derive(Clone, Debug, Default)]
pub struct PricedDemand {
    /// Model line, by place.
    pub model: usize,
    /// Vehicles wanted by period.
    pub volume: Vec<Decimal>,
    /// Margin lost with a vehicle not served by period; none: it must be
    /// served.
    pub lost_margin: Option<Vec<Decimal>>,
    /// Net price by period; empty for objective cost.
    pub price: Vec<Decimal>,
    /// Whether all vehicles of a period come from one plant.
    pub single_source: bool,
}

/// An option to a demand.
#[derive(Clone, Debug, Default)]
pub struct PricedArc {
    /// Option, by place.
    pub option: usize,
    /// Demand, by place.
    pub demand: usize,
    /// By period.
    pub cells: Vec<ArcCell>,
}

/// An arc in one period, for one vehicle.
#[derive(Clone, Debug, Default)]
pub struct ArcCell {
    /// Cost outside the plant: transport, stock under way, charges outside
    /// quotas.
    pub cost: Decimal,
    /// Entry windows in which a quota makes it cheaper.
    pub quota_windows: Vec<QuotaWindow>,
    /// Least vehicles committed.
    pub least: Option<Decimal>,
    /// Most vehicles committed.
    pub most: Option<Decimal>,
}

/// An entry window in which a quota makes an entry cheaper.
#[derive(Clone, Debug, Default)]
pub struct QuotaWindow {
    /// Place among the windows of the cell.
    pub window: usize,
    /// Tranche, by place.
    pub tranche: usize,
    /// Share of the period's vehicles that enter in it.
    pub share: Decimal,
    /// What one vehicle saves within the quota; more than zero.
    pub saving: Decimal,
}

/// A tranche of a quota in numbers.
#[derive(Clone, Debug, Default)]
pub struct PricedTranche {
    /// Units of its own left for the plan; less than zero where others take of
    /// what is carried over into it.
    pub units: Decimal,
    /// Tranches, by place, whose unused units are added to it. None of them is
    /// added to itself.
    pub carried_from: Vec<usize>,
}

/// A credit in numbers, in the importer's currency.
#[derive(Clone, Debug, Default)]
pub struct PricedCredit {
    /// Money left from before.
    pub brought_forward: Decimal,
    /// What one unit of its currency is worth by period.
    pub worth: Vec<Decimal>,
    /// Earned by each vehicle of an option, by period.
    pub earned: Vec<(usize, Vec<Decimal>)>,
    /// Duty on the kits of each vehicle of an option that it may be spent on,
    /// by period.
    pub liability: Vec<(usize, Vec<Decimal>)>,
}

/// Approval of a model from one origin in a market, paid once.
#[derive(Clone, Debug, Default)]
pub struct PricedHomologation {
    /// Arcs that need it, by place.
    pub arcs: Vec<usize>,
    /// Cost by the first period in which one is used.
    pub cost: Vec<Decimal>,
}

/// A limit on flows in one period: a sum of coefficients times vehicles.
#[derive(Clone, Debug, Default)]
pub struct PricedFlowLimit {
    /// Which limit of the problem: see [`FlowLimitKind`].
    pub kind: FlowLimitKind,
    /// Its place in the problem's list of that kind.
    pub place: usize,
    /// Period.
    pub period: usize,
    /// Arcs, by place, with what a vehicle counts.
    pub terms: Vec<(usize, Decimal)>,
    /// Least sum.
    pub least: Option<Decimal>,
    /// Most sum.
    pub most: Option<Decimal>,
    /// What each unit below the least costs; none: it is hard.
    pub shortfall_cost: Option<Decimal>,
}

/// Kinds of limits on flows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FlowLimitKind {
    /// A domestic floor.
    #[default]
    DomesticFloor,
    /// An origin cap.
    OriginCap,
    /// A production limit.
    Production,
    /// A trade-balance bound.
    TradeBalance,
    /// An export commitment.
    ExportCommitment,
}

/// A budget in numbers.
#[derive(Clone, Debug, Default)]
pub struct PricedBudget {
    /// Most that is spent.
    pub amount: Decimal,
    /// Whether it covers a period, by period.
    pub covers: Vec<bool>,
    /// Whether what alone costs more than there is is counted, where else it is
    /// ruled out: for the least by which the amount must grow.
    pub counts_all: bool,
}

impl PricedProblem {
    /// Number of periods.
    pub fn periods(&self) -> usize {
        self.discounts.len()
    }
}
