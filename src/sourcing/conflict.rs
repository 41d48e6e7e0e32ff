//! Limits that may be in the way of every plan, in the caller's own ids: left
//! out, or loosened.

use crate::money::Money;
use crate::sourcing::problem::{
    CapitalBudget, DomesticFloor, FloorKind, SourcingProblem, in_period,
};
use rust_decimal::Decimal;

/// Kinds of limits that may be in the way of every plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the API manual says what each is")]
pub enum LimitKind {
    Capacity,
    Demand,
    LeastRun,
    DomesticFloor,
    OriginCap,
    ProductionLimit,
    TradeBalance,
    ExportCommitment,
    FlowLimit,
    FixedPlant,
    FixedLaunch,
    CapitalBudget,
    MostMoves,
    SingleSource,
}

/// A limit, by the ids it is stated with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LimitRef {
    /// Kind.
    pub kind: LimitKind,
    /// Ids.
    pub ids: Vec<String>,
    /// Period, of a limit on one.
    pub period: Option<String>,
}

impl LimitRef {
    fn new(kind: LimitKind, ids: &[&String]) -> Self {
        let ids = ids.iter().map(|id| (*id).clone()).collect();
        Self { kind, ids, period: None }
    }

    /// Every limit of a problem that may be in the way, those first that are
    /// softest to a planner: what is decided or wished before what is there.
    pub fn all(problem: &SourcingProblem) -> Vec<Self> {
        let limits = &problem.limits;
        let mut all = Vec::new();
        for fixed in &limits.fixed_plants {
            all.push(Self::new(LimitKind::FixedPlant, &[&fixed.plant]));
        }
        for fixed in &limits.fixed_launches {
            all.push(Self::new(LimitKind::FixedLaunch, &[&fixed.model, &fixed.plant]));
        }
        for flow in &limits.flows {
            let ids = [&flow.model, &flow.plant, &flow.market];
            let period = Some(flow.period.clone());
            all.push(Self { period, ..Self::new(LimitKind::FlowLimit, &ids) });
        }
        if limits.most_moves.is_some() {
            all.push(Self::new(LimitKind::MostMoves, &[]));
        }
        let named = |kind, ids: Vec<&String>| -> Vec<Self> {
            ids.into_iter().map(|id| Self::new(kind, &[id])).collect()
        };
        let hard = limits.floors.iter().filter(|floor| floor.penalty.is_none());
        all.extend(named(LimitKind::DomesticFloor, hard.map(|floor| &floor.id).collect()));
        let caps = limits.origin_caps.iter().map(|cap| &cap.id).collect();
        all.extend(named(LimitKind::OriginCap, caps));
        let production = limits.production.iter().map(|limit| &limit.id).collect();
        all.extend(named(LimitKind::ProductionLimit, production));
        let balances = limits.trade_balances.iter().map(|bound| &bound.id).collect();
        all.extend(named(LimitKind::TradeBalance, balances));
        let commitments = limits.export_commitments.iter().map(|limit| &limit.id).collect();
        all.extend(named(LimitKind::ExportCommitment, commitments));
        let budgets = limits.budgets.iter().map(|budget| &budget.id).collect();
        all.extend(named(LimitKind::CapitalBudget, budgets));
        let run = problem.plants.iter().filter(|plant| plant.least_run.is_some());
        all.extend(named(LimitKind::LeastRun, run.map(|plant| &plant.id).collect()));
        for demand in problem.demands.iter().filter(|demand| demand.single_source) {
            all.push(Self::new(LimitKind::SingleSource, &[&demand.model, &demand.market]));
        }
        for demand in problem.demands.iter().filter(|demand| demand.lost_margin.is_none()) {
            all.push(Self::new(LimitKind::Demand, &[&demand.model, &demand.market]));
        }
        let plants = problem.plants.iter().map(|plant| &plant.id).collect();
        all.extend(named(LimitKind::Capacity, plants));
        // Of what is decided by period a plant or a launch is one.
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|limit| seen.insert(limit.clone()));
        all
    }

    /// Leaves this limit out of a problem.
    pub fn leave_out(&self, problem: &mut SourcingProblem) {
        let limits = &mut problem.limits;
        let is = |id: &String| self.ids.first() == Some(id);
        let pair = |one: &String, other: &String| self.ids == [one.clone(), other.clone()];
        match self.kind {
            LimitKind::Capacity => self.grow(problem, None),
            LimitKind::Demand => {
                let nothing = Money::zero(problem.reporting_currency);
                for demand in &mut problem.demands {
                    if pair(&demand.model, &demand.market) {
                        demand.lost_margin = Some(nothing);
                    }
                }
            }
            LimitKind::LeastRun => {
                for plant in problem.plants.iter_mut().filter(|plant| is(&plant.id)) {
                    plant.least_run = None;
                }
            }
            LimitKind::DomesticFloor => limits.floors.retain(|floor| !is(&floor.id)),
            LimitKind::OriginCap => limits.origin_caps.retain(|cap| !is(&cap.id)),
            LimitKind::ProductionLimit => limits.production.retain(|limit| !is(&limit.id)),
            LimitKind::TradeBalance => limits.trade_balances.retain(|bound| !is(&bound.id)),
            LimitKind::ExportCommitment => {
                limits.export_commitments.retain(|commitment| !is(&commitment.id));
            }
            LimitKind::FlowLimit => limits.flows.retain(|flow| {
                self.ids != [flow.model.clone(), flow.plant.clone(), flow.market.clone()]
                    || self.period.as_ref() != Some(&flow.period)
            }),
            LimitKind::FixedPlant => limits.fixed_plants.retain(|fixed| !is(&fixed.plant)),
            LimitKind::FixedLaunch => {
                limits.fixed_launches.retain(|fixed| !pair(&fixed.model, &fixed.plant));
            }
            LimitKind::CapitalBudget => limits.budgets.retain(|budget| !is(&budget.id)),
            LimitKind::MostMoves => limits.most_moves = None,
            LimitKind::SingleSource => {
                for demand in &mut problem.demands {
                    if pair(&demand.model, &demand.market) {
                        demand.single_source = false;
                    }
                }
            }
        }
    }

    /// Gives a plant so much more capacity by period, or all that could ever be
    /// used, and at once.
    fn grow(&self, problem: &mut SourcingProblem, more: Option<&[Decimal]>) {
        let Some(id) = self.ids.first() else { return };
        let built: Vec<&String> = problem
            .options
            .iter()
            .filter(|option| option.plant == *id)
            .map(|option| &option.model)
            .collect();
        let models = problem.models.iter().filter(|model| built.contains(&&model.id));
        let uses: Vec<(String, Decimal)> =
            models.map(|model| (model.id.clone(), model.capacity_use)).collect();
        let mut capacity = Vec::with_capacity(problem.periods.len());
        for period in 0..problem.periods.len() {
            let wanted = problem.demands.iter().filter_map(|demand| {
                let (_, each) = uses.iter().find(|(model, _)| *model == demand.model)?;
                Some(in_period(&demand.volume, period)? * each)
            });
            capacity.push(wanted.sum::<Decimal>());
        }
        for plant in problem.plants.iter_mut().filter(|plant| plant.id == *id) {
            let own = |period: usize| in_period(&plant.capacity, period).unwrap_or_default();
            let grown = capacity.iter().enumerate().map(|(period, all)| match more {
                Some(more) => own(period) + more.get(period).copied().unwrap_or_default(),
                None => own(period).max(*all),
            });
            plant.capacity = grown.collect();
            if more.is_none() {
                plant.ramp.clear();
            }
        }
    }

    /// Whether loosening is a matter of more or less, by period or at once, or
    /// of leaving the limit out.
    pub fn measure(&self) -> LimitMeasure {
        match self.kind {
            LimitKind::Capacity | LimitKind::Demand => LimitMeasure::ByPeriod,
            LimitKind::FixedPlant | LimitKind::FixedLaunch | LimitKind::SingleSource => {
                LimitMeasure::Switch
            }
            _ => LimitMeasure::Number,
        }
    }

    /// Loosens this limit in a problem: by so much in each period where it is
    /// by period, else by the first of the amounts. Vehicles of a demand are
    /// those that may stay unserved.
    pub fn loosen(&self, problem: &mut SourcingProblem, by: &[Decimal]) {
        let most = by.first().copied().unwrap_or_default();
        let is = |id: &String| self.ids.first() == Some(id);
        let less = |least: Decimal| (least - most).max(Decimal::ZERO);
        let limits = &mut problem.limits;
        match self.kind {
            LimitKind::Capacity => self.grow(problem, Some(by)),
            LimitKind::Demand => {
                let periods = problem.periods.len();
                for demand in &mut problem.demands {
                    if self.ids == [demand.model.clone(), demand.market.clone()] {
                        let wanted = |period| in_period(&demand.volume, period).unwrap_or_default();
                        let left = (0..periods).map(|period| {
                            let short = by.get(period).copied().unwrap_or_default();
                            (wanted(period) - short).max(Decimal::ZERO)
                        });
                        demand.volume = left.collect();
                    }
                }
            }
            LimitKind::LeastRun => {
                for plant in problem.plants.iter_mut().filter(|plant| is(&plant.id)) {
                    plant.least_run = plant.least_run.map(less);
                }
            }
            LimitKind::DomesticFloor => {
                for DomesticFloor { floor, .. } in
                    limits.floors.iter_mut().filter(|floor| is(&floor.id))
                {
                    *floor = match *floor {
                        FloorKind::ShareOfSales(share) => FloorKind::ShareOfSales(less(share)),
                        FloorKind::Units(units) => FloorKind::Units(less(units)),
                        FloorKind::LabourHours(hours) => FloorKind::LabourHours(less(hours)),
                    };
                }
            }
            LimitKind::OriginCap => {
                for cap in limits.origin_caps.iter_mut().filter(|cap| is(&cap.id)) {
                    cap.most_share = (cap.most_share + most).min(Decimal::ONE);
                }
            }
            LimitKind::ProductionLimit => {
                for limit in limits.production.iter_mut().filter(|limit| is(&limit.id)) {
                    limit.least = limit.least.map(less);
                    limit.most = limit.most.map(|known| known + most);
                }
            }
            LimitKind::TradeBalance => {
                for bound in limits.trade_balances.iter_mut().filter(|bound| is(&bound.id)) {
                    let least = bound.least;
                    bound.least = Money::new(least.amount() - most, least.currency());
                }
            }
            LimitKind::ExportCommitment => {
                let own = limits.export_commitments.iter_mut();
                for commitment in own.filter(|commitment| is(&commitment.id)) {
                    commitment.units_per_year = less(commitment.units_per_year);
                }
            }
            LimitKind::FlowLimit => {
                for flow in &mut limits.flows {
                    if self.ids == [flow.model.clone(), flow.plant.clone(), flow.market.clone()]
                        && self.period.as_ref() == Some(&flow.period)
                    {
                        flow.least = flow.least.map(less);
                        flow.most = flow.most.map(|known| known + most);
                    }
                }
            }
            LimitKind::CapitalBudget => {
                let own = limits.budgets.iter_mut();
                for CapitalBudget { amount, .. } in own.filter(|budget| is(&budget.id)) {
                    *amount = Money::new(amount.amount() + most, amount.currency());
                }
            }
            LimitKind::MostMoves => {
                let more = u32::try_from(most).unwrap_or(u32::MAX);
                limits.most_moves = limits.most_moves.map(|moves| moves.saturating_add(more));
            }
            LimitKind::FixedPlant | LimitKind::FixedLaunch | LimitKind::SingleSource => {
                self.leave_out(problem);
            }
        }
    }

    /// What the limit says; one sentence without its end.
    pub fn sentence(&self, problem: &SourcingProblem) -> String {
        let ids: Vec<String> = self.ids.iter().map(|id| format!("`{id}`")).collect();
        let at = |place: usize| ids.get(place).map_or("", String::as_str);
        let period = self.period.as_ref().map_or(String::new(), |id| format!(" in `{id}`"));
        match self.kind {
            LimitKind::Capacity => format!("{} has no more capacity", at(0)),
            LimitKind::Demand => format!("{} must be served in {}", at(0), at(1)),
            LimitKind::LeastRun => format!("{} must run at its least while it is open", at(0)),
            LimitKind::DomesticFloor => format!("the domestic floor {} must be reached", at(0)),
            LimitKind::OriginCap => format!("the origin cap {} must be kept", at(0)),
            LimitKind::ProductionLimit => format!("the production limit {} must be kept", at(0)),
            LimitKind::TradeBalance => format!("the trade balance {} must be kept", at(0)),
            LimitKind::ExportCommitment => format!("the export commitment {} must be met", at(0)),
            LimitKind::FlowLimit => {
                format!("{} from {} to {}{period} must be as committed", at(0), at(1), at(2))
            }
            LimitKind::FixedPlant => format!("it is decided when {} is open", at(0)),
            LimitKind::FixedLaunch => {
                format!("it is decided whether {} is launched in {}", at(0), at(1))
            }
            LimitKind::CapitalBudget => format!("the budget {} must last", at(0)),
            LimitKind::MostMoves => {
                let most = problem.limits.most_moves.unwrap_or_default();
                format!("{most} model lines may move at most")
            }
            LimitKind::SingleSource => {
                format!("{} in {} must come from one plant", at(0), at(1))
            }
        }
    }
}

/// How a limit is loosened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitMeasure {
    /// By amounts of their own in each period.
    ByPeriod,
    /// By one amount.
    Number,
    /// It is left out.
    Switch,
}
