//! The least by which one limit must be loosened so that there is a plan.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::{Formulation, RowName, float};
use crate::sourcing::conflict::{LimitKind, LimitRef};
use crate::sourcing::network::Network;
use crate::sourcing::priced::{FlowLimitKind, PricedProblem};
use crate::sourcing::problem::{FloorKind, SourcingProblem};
use crate::sourcing::program::Program;
use rust_decimal::Decimal;

/// A program that minimises by how much a limit is loosened.
#[derive(Clone, Debug)]
pub struct LeastChange {
    program: Program,
    /// Columns of the change, by period where it is by period.
    changes: Vec<Option<usize>>,
}

impl LeastChange {
    /// The program.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The changes of a point, in the limit's own unit.
    pub fn changes(&self, values: &[f64]) -> Vec<f64> {
        let change = |column: &Option<usize>| column.map_or(0.0, |column| values[column]);
        self.changes.iter().map(change).collect()
    }
}

impl Formulation {
    /// The program of the least change of a limit; none where it is no matter of
    /// more or less, or has no rows. Of a flow limit the formulation must be
    /// that of the problem without it.
    pub fn least_change(
        &self,
        limit: &LimitRef,
        problem: &SourcingProblem,
        network: &Network,
        priced: &PricedProblem,
    ) -> Option<LeastChange> {
        let own = Own { form: self, limit, problem, network, priced };
        let whole = &self.program;
        let mut program = Program::new();
        for column in 0..whole.column_count() {
            let (lower, upper) = (whole.lower[column], whole.upper[column]);
            let place = program.column(0.0, lower, upper, whole.whole[column]);
            program.first_stage[place] = whole.first_stage[column];
        }
        let periods = priced.periods();
        let by_period = limit.kind == LimitKind::Capacity;
        let mut changes: Vec<Option<usize>> = vec![None; if by_period { periods } else { 1 }];
        if limit.kind == LimitKind::Demand {
            changes = own.unserved(&mut program)?;
        }
        let mut column = |program: &mut Program, period: usize| {
            let place = if by_period { period } else { 0 };
            *changes[place].get_or_insert_with(|| program.column(1.0, 0.0, f64::INFINITY, false))
        };
        for row in 0..whole.row_count() {
            let (name, unit) = self.names[row];
            let loosens_cover = matches!(limit.kind, LimitKind::Capacity | LimitKind::Demand);
            if matches!(name, RowName::Cover) && loosens_cover {
                // It follows from what is loosened.
                continue;
            }
            let mut terms: Vec<(usize, f64)> = whole.terms(row).collect();
            let (lower, upper) = (whole.row_lower[row], whole.row_upper[row]);
            match own.weight(name) {
                None => {
                    program.row_like(whole, row, &terms);
                }
                Some((period, weight)) => {
                    let change = column(&mut program, period);
                    let each = weight / unit;
                    // A bound on either side is loosened outwards.
                    if upper < f64::INFINITY {
                        let mut above = terms.clone();
                        above.push((change, -each));
                        program.row(&above, f64::NEG_INFINITY, upper);
                    }
                    if lower > f64::NEG_INFINITY {
                        terms.push((change, each));
                        program.row(&terms, lower, f64::INFINITY);
                    }
                }
            }
        }
        if limit.kind == LimitKind::FlowLimit {
            own.flow_limit(&mut program, &mut changes)?;
        }
        changes.iter().any(Option::is_some).then_some(LeastChange { program, changes })
    }
}

struct Own<'a> {
    form: &'a Formulation,
    limit: &'a LimitRef,
    problem: &'a SourcingProblem,
    network: &'a Network,
    priced: &'a PricedProblem,
}

impl Own<'_> {
    fn is(&self, id: &str) -> bool {
        self.limit.ids.first().is_some_and(|own| own == id)
    }

    /// Period of a row of the limit, and what one unit of the limit is in it; none
    /// where the row is of another.
    fn weight(&self, name: RowName) -> Option<(usize, f64)> {
        let limits = &self.problem.limits;
        match (self.limit.kind, name) {
            (
                LimitKind::Capacity,
                RowName::Capacity { plant, period } | RowName::Grown { plant, period },
            )
            | (LimitKind::LeastRun, RowName::LeastRun { plant, period })
                if self.is(&self.problem.plants[plant].id) =>
            {
                Some((period, 1.0))
            }
            (LimitKind::CapitalBudget, RowName::Budget(place))
                if self.is(&limits.budgets[place].id) =>
            {
                // In the budget's own currency.
                let amount = limits.budgets[place].amount;
                let rate = float(self.priced.budgets[place].amount) / float(amount.amount());
                Some((0, if rate.is_finite() && rate > 0.0 { rate } else { 1.0 }))
            }
            (LimitKind::MostMoves, RowName::Moves) => Some((0, 1.0)),
            (kind, RowName::FlowLimit(of, place)) => {
                let row = &self.priced.flow_limits[place];
                let stated = row.place;
                let weight = match (kind, of) {
                    (LimitKind::DomesticFloor, FlowLimitKind::DomesticFloor)
                        if self.is(&limits.floors[stated].id) =>
                    {
                        match limits.floors[stated].floor {
                            FloorKind::ShareOfSales(_) => self.sales(row.period, &row.terms),
                            FloorKind::Units(_) | FloorKind::LabourHours(_) => 1.0,
                        }
                    }
                    (LimitKind::OriginCap, FlowLimitKind::OriginCap)
                        if self.is(&limits.origin_caps[stated].id) =>
                    {
                        self.sales(row.period, &row.terms)
                    }
                    (LimitKind::ProductionLimit, FlowLimitKind::Production)
                        if self.is(&limits.production[stated].id) =>
                    {
                        1.0
                    }
                    (LimitKind::TradeBalance, FlowLimitKind::TradeBalance)
                        if self.is(&limits.trade_balances[stated].id) =>
                    {
                        let least = limits.trade_balances[stated].least;
                        let rate = self.problem.planning_rate(least.currency(), row.period);
                        rate.map_or(1.0, float)
                    }
                    (LimitKind::ExportCommitment, FlowLimitKind::ExportCommitment)
                        if self.is(&limits.export_commitments[stated].id) =>
                    {
                        let yearly = limits.export_commitments[stated].units_per_year;
                        let least = row.least.unwrap_or_default();
                        float(least.checked_div(yearly).unwrap_or(Decimal::ONE))
                    }
                    _ => return None,
                };
                Some((row.period, weight))
            }
            _ => None,
        }
    }

    /// Vehicles wanted of those demands that a limit counts.
    fn sales(&self, period: usize, terms: &[(usize, Decimal)]) -> f64 {
        let mut demands: Vec<usize> =
            terms.iter().map(|(arc, _)| self.priced.arcs[*arc].demand).collect();
        demands.sort_unstable();
        demands.dedup();
        demands.iter().map(|demand| float(self.priced.demands[*demand].volume[period])).sum()
    }

    /// Columns of what is not served, in vehicles, as what is minimised.
    fn unserved(&self, program: &mut Program) -> Option<Vec<Option<usize>>> {
        let [model, market] = self.limit.ids.as_slice() else { return None };
        let demand = self.network.demand(model, market)?;
        let periods = self.form.flows.unserved[demand].iter().zip(&self.form.flows.volumes[demand]);
        let mut changes = Vec::new();
        for (column, volume) in periods {
            changes.push(column.map(|column| {
                let short = program.column(1.0, 0.0, f64::INFINITY, false);
                program.row(&[(short, 1.0), (column, -volume)], 0.0, f64::INFINITY);
                short
            }));
        }
        Some(changes)
    }

    /// What flows lies between the limit's bounds but for the change.
    fn flow_limit(&self, program: &mut Program, changes: &mut [Option<usize>]) -> Option<()> {
        let [model, plant, market] = self.limit.ids.as_slice() else { return None };
        let period = self.network.period(self.limit.period.as_ref()?)?;
        let option = self.network.option(model, plant)?;
        let arc = self.network.arc(option, self.network.demand(model, market)?)?;
        let stated = self.problem.limits.flows.iter().find(|flow| {
            (&flow.model, &flow.plant, &flow.market) == (model, plant, market)
                && Some(&flow.period) == self.limit.period.as_ref()
        })?;
        let change = program.column(1.0, 0.0, f64::INFINITY, false);
        changes[0] = Some(change);
        let volume = self.form.flows.volumes[self.form.flows.demand_of[arc]][period];
        let cell = self.form.flows.cells[arc][period].iter();
        let flow: Vec<(usize, f64)> =
            cell.flat_map(super::flows::CellColumns::all).map(|column| (column, volume)).collect();
        if let Some(least) = stated.least {
            let mut terms = flow.clone();
            terms.push((change, 1.0));
            program.row(&terms, float(least), f64::INFINITY);
        }
        if let Some(most) = stated.most {
            let mut terms = flow;
            terms.push((change, -1.0));
            program.row(&terms, f64::NEG_INFINITY, float(most));
        }
        Some(())
    }
}
