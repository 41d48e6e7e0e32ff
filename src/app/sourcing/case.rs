//! A problem made ready: held together, held against the law, in numbers, and
//! as a program.

use super::binding::binding_limits;
use super::customs::HeldCustoms;
use super::{ForcedOrigin, PlanProvenance, SourcingError, faulty};
use crate::app::duties::DutyError;
use crate::sourcing::check::check;
use crate::sourcing::{
    BindingLimit, Decisions, Duties, FixedDecisions, Formulation, LandedCost, LeastChange, Ledger,
    LimitKind, LimitRef, MeasureRate, Network, Plan, PricedProblem, PricingError, Solution,
    SourcingProblem, Tranche, Violation,
};
use crate::tariff::{AssessError, NoQuote, Region, Schedule};
use rust_decimal::Decimal;
use std::sync::Arc;
use tracing::info_span;

/// A problem made ready.
#[derive(Debug)]
pub(super) struct Case {
    pub problem: Arc<SourcingProblem>,
    pub provenance: PlanProvenance,
    pub priced: PricedProblem,
    schedule: Arc<Schedule>,
    network: Network,
    duties: Duties,
}

impl Case {
    /// Holds a problem together and against the law.
    pub fn of(
        problem: SourcingProblem,
        schedule: Arc<Schedule>,
        solver: String,
    ) -> Result<Self, SourcingError> {
        let faulty = |faults| SourcingError::Duty(DutyError::Faulty(faults));
        let network = info_span!("validate").in_scope(|| Network::of(&problem)).map_err(faulty)?;
        let priced = info_span!("price", portolan.sourcing.arcs = network.arcs.len());
        let (duties, priced) = priced.in_scope(|| -> Result<_, SourcingError> {
            let duties = Duties::of(&problem, &network, &schedule).map_err(faulty)?;
            let priced = PricedProblem::of(&problem, &network, &duties)?;
            Ok((duties, priced))
        })?;
        let provenance =
            PlanProvenance { schedule: schedule.name.clone(), known_at: duties.known_at, solver };
        Ok(Self { problem: Arc::new(problem), provenance, priced, schedule, network, duties })
    }

    /// The problem as a program.
    pub fn formulation(&self) -> Formulation {
        info_span!("build").in_scope(|| Formulation::of(&self.priced))
    }

    /// Decisions as a point of the program.
    pub fn start(&self, formulation: &Formulation, decisions: &Decisions) -> Vec<f64> {
        formulation.start(&self.problem, &self.network, &self.priced, decisions)
    }

    /// What one vehicle of an arc costs where it is sold.
    pub fn landed_cost(&self, arc: usize) -> Result<LandedCost, SourcingError> {
        Ok(LandedCost::of(&self.problem, &self.network, &self.duties, arc)?)
    }

    /// The program of the least change of a limit, as `stated` has it.
    pub fn least_change(&self, limit: &LimitRef, stated: &SourcingProblem) -> Option<LeastChange> {
        if limit.kind != LimitKind::CapitalBudget {
            return self.formulation().least_change(limit, stated, &self.network, &self.priced);
        }
        let mut priced = self.priced.clone();
        priced.budgets.iter_mut().for_each(|budget| budget.counts_all = true);
        Formulation::of(&priced).least_change(limit, stated, &self.network, &priced)
    }

    /// Arcs to a demand, by place.
    pub fn arcs_of(&self, demand: usize) -> impl Iterator<Item = usize> {
        let arcs = self.network.arcs.iter().enumerate();
        arcs.filter(move |(_, arc)| arc.demand == demand).map(|(place, _)| place)
    }

    /// Option of an arc, by place.
    pub fn option_of(&self, arc: usize) -> usize {
        self.network.arcs[arc].option
    }

    /// Plant of an option, by place.
    pub fn plant_of(&self, option: usize) -> usize {
        self.network.options[option].plant
    }

    /// Territory whose law a demand's vehicles enter under.
    pub fn importer_of(&self, demand: usize) -> Region {
        let market = self.network.demands[demand].market;
        self.duties.importer(self.problem.markets[market].region)
    }

    /// Vehicles a market wants of a model over all periods.
    pub fn wanted(&self, model: &str, market: &str) -> Decimal {
        let demand = self.network.demand(model, market);
        demand.map(|demand| self.priced.demands[demand].volume.iter().sum()).unwrap_or_default()
    }

    /// Plants but one that may serve a model in a market.
    pub fn other_origins(&self, forced: &ForcedOrigin) -> Vec<String> {
        let demand = self.network.demand(&forced.model, &forced.market);
        let arcs = demand.into_iter().flat_map(|demand| self.arcs_of(demand));
        let plants = arcs.map(|arc| self.problem.options[self.option_of(arc)].plant.clone());
        plants.filter(|plant| *plant != forced.plant).collect()
    }

    /// Discounted cost of launching an option and of opening its plant for all
    /// periods, from the first on, as far as neither is done; less than nothing
    /// where closing the plant costs more than keeping it.
    pub fn build_up_cost(&self, option: usize, is_launched: bool, is_open: bool) -> Decimal {
        let first = |costs: &[Decimal]| costs.first().copied().unwrap_or_default();
        let stated = &self.priced.options[option];
        let plant = &self.priced.plants[stated.plant];
        let mut cost = Decimal::ZERO;
        if !is_launched {
            cost += first(&stated.launch_cost);
        }
        if !is_open {
            if plant.initially_open {
                cost -= first(&plant.closing_cost);
            } else {
                cost += first(&plant.opening_cost);
            }
            let fixed = plant.fixed_cost.iter().zip(&self.priced.discounts);
            cost += fixed.map(|(fixed, discount)| fixed * discount).sum::<Decimal>();
        }
        cost
    }

    /// Refuses a measure that the schedule does not hold; `at` is where it is
    /// named.
    pub fn holds_measure(&self, measure: &MeasureRate, at: &str) -> Result<(), SourcingError> {
        let MeasureRate { importer, measure, .. } = measure;
        let Some(tariff) = self.schedule.tariffs.get(importer) else {
            let message = format!("the schedule does not hold the law of {importer}");
            return Err(faulty(
                &format!("{at}.importer_region_code"),
                "IMPORTER_NOT_HELD",
                message,
            ));
        };
        if tariff.measures.iter().any(|held| held.id == *measure) {
            return Ok(());
        }
        let message = format!("the schedule defines no measure `{measure}`");
        Err(faulty(&format!("{at}.measure_id"), "MEASURE_UNKNOWN", message))
    }

    /// Tranches of the problem's quotas.
    pub fn tranches(&self) -> &[Tranche] {
        &self.duties.tranches
    }

    /// The plan of a solution, priced, and what it violates.
    pub fn verified(&self, solution: &Solution) -> Result<(Plan, Vec<Violation>), SourcingError> {
        self.evaluated(solution.decisions(&self.problem, &self.network))
    }

    /// The plan of decisions, priced, and what it violates.
    pub fn evaluated(&self, decisions: Decisions) -> Result<(Plan, Vec<Violation>), SourcingError> {
        info_span!("verify").in_scope(|| {
            let ledger = Ledger {
                problem: &self.problem,
                network: &self.network,
                duties: &self.duties,
                priced: &self.priced,
            };
            let plan = ledger.plan(decisions)?;
            let customs = HeldCustoms {
                problem: &self.problem,
                network: &self.network,
                duties: &self.duties,
                schedule: &self.schedule,
            };
            let violations = check(&self.problem, &plan, &customs);
            Ok((plan, violations))
        })
    }

    /// What binds a plan, by the dual values of the program with its first
    /// stage fixed.
    pub fn binding_limits(
        &self,
        formulation: &Formulation,
        fixed: &FixedDecisions,
        row_duals: &[f64],
    ) -> Vec<BindingLimit> {
        let values = formulation.marginal_values(fixed, row_duals);
        binding_limits(&self.problem, &self.duties, &self.priced, values)
    }
}

impl From<PricingError> for SourcingError {
    fn from(error: PricingError) -> Self {
        Self::Duty(DutyError::Unassessable(match error {
            PricingError::Overflow(overflow) => overflow.into(),
            PricingError::NoQuote(NoQuote::Unassessable(error)) => error,
            // Every entry was surveyed; one of another size that has no amount is as good as too large.
            PricingError::NoQuote(NoQuote::Open(_)) => {
                AssessError::Overflow(crate::money::Overflow)
            }
        }))
    }
}
