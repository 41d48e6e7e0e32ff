//! A problem in numbers as a mixed-integer linear program.
//!
//! Periods are blocks: all that joins them is the first stage (what is open,
//! launched, expanded, approved), carry-over between quota tranches, credits
//! and budgets. A flow is a share of its demand, so that the rows that tie it
//! to a launch or to a plant hold zeros and ones; those rows tighten only, and
//! a solver may leave them out until a relaxation violates them.
//!
//! A quota that makes entries cheaper is a convex cost and needs no whole
//! column, but where others take of what is carried over. One that does not
//! save is never entered: it is an election.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

mod build_up;
mod decided;
mod flows;
mod gaps;
mod least_change;
mod limits;
mod reduced;
mod row_name;
mod solution;
mod start;
mod straight;
mod whole_units;

pub use least_change::LeastChange;
pub use row_name::RowName;
pub use solution::{CellFlow, Solution};
pub use whole_units::{Reach, WholeUnits};

use crate::sourcing::priced::PricedProblem;
use crate::sourcing::program::Program;
use build_up::BuildUp;
use flows::FlowColumns;
use reduced::Reduced;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

/// The program of a problem, and what its columns and rows stand for.
#[derive(Clone, Debug)]
pub struct Formulation {
    program: Program,
    money_unit: f64,
    build_up: BuildUp,
    flows: FlowColumns,
    names: Vec<(RowName, f64)>,
}

impl Formulation {
    /// Formulates a problem.
    pub fn of(problem: &PricedProblem) -> Self {
        let money_unit = money_unit(problem);
        let mut sheet = Sheet { problem, program: Program::new(), names: Vec::new(), money_unit };
        let build_up = BuildUp::add(&mut sheet);
        let mut flows = FlowColumns::add(&mut sheet, &build_up);
        limits::add(&mut sheet, &build_up, &mut flows);
        let Sheet { program, names, .. } = sheet;
        Self { program, money_unit, build_up, flows, names }
    }

    /// The program. Its cost is in units of [`Formulation::money_unit`].
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Major units of the reporting currency in one unit of the program's
    /// cost: a power of ten that keeps its numbers near one.
    pub fn money_unit(&self) -> f64 {
        self.money_unit
    }

    /// This program with every first-stage column fixed as in `values` and no
    /// whole columns: its dual values are marginal values for those decisions.
    pub fn fixed(&self, values: &[f64]) -> FixedDecisions {
        self.fixed_where(values, &self.program.whole)
    }

    /// The same with what is built up and approved fixed, and plants chosen for
    /// a demand of a single source free: none where no demand has one.
    pub fn built_up(&self, values: &[f64]) -> Option<FixedDecisions> {
        let mut is_fixed = self.program.whole.clone();
        for (_, cell, _) in self.cells() {
            cell.all().chain(cell.chosen).for_each(|column| is_fixed[column] = false);
        }
        (is_fixed != self.program.whole).then(|| self.fixed_where(values, &is_fixed))
    }

    fn fixed_where(&self, values: &[f64], decided: &[bool]) -> FixedDecisions {
        let whole = &self.program;
        let (mut lower, mut upper) = (whole.lower.clone(), whole.upper.clone());
        for column in (0..whole.column_count()).filter(|column| decided[*column]) {
            (lower[column], upper[column]) = (values[column].round(), values[column].round());
        }
        // What is tied to something that is not there cannot flow.
        for row in (0..whole.row_count()).filter(|row| whole.tightening[*row]) {
            let is_fixed = |column: usize| lower[column] >= upper[column];
            let fixed = whole.terms(row).filter(|(column, _)| is_fixed(*column));
            let left = whole.row_upper[row] - fixed.map(|(v, each)| each * lower[v]).sum::<f64>();
            let rises = whole.terms(row).all(|(v, each)| is_fixed(v) || each > 0.0);
            if rises && left <= 0.0 {
                for (column, _) in whole.terms(row) {
                    upper[column] = upper[column].min(lower[column].max(0.0));
                }
            }
        }
        let columns = whole.column_count();
        let bounds = (lower.as_slice(), upper.as_slice());
        let units = vec![1.0; columns];
        // What only holds decisions together must not take a dual value from what has a meaning.
        let nameless = |row: usize| self.names[row].0 == RowName::Structure;
        let whole_columns = vec![false; columns];
        let point = values.to_vec();
        let mut reduced = Reduced::of(whole, bounds, &whole_columns, units, point, nameless);
        // Nor must the bound of a share, which its demand bounds anyway.
        let mut is_share = vec![false; columns];
        for (_, cell, _) in self.cells() {
            cell.all().for_each(|column| is_share[column] = upper[column] >= 1.0);
        }
        for column in self.flows.unserved.iter().flatten().flatten() {
            is_share[*column] = true;
        }
        reduced.lift(|column| is_share[column]);
        FixedDecisions(reduced)
    }

    /// What a limit with a meaning would save, were there one unit more of it:
    /// named rows with the dual values of `fixed`, in major units of the
    /// reporting currency. Zero values are left out.
    pub fn marginal_values(
        &self,
        fixed: &FixedDecisions,
        row_duals: &[f64],
    ) -> Vec<(RowName, f64)> {
        let duals = fixed.rows().iter().zip(row_duals);
        let told = duals.map(|(row, dual)| (self.names[*row], dual));
        told.filter(|((name, _), _)| *name != RowName::Structure)
            .map(|((name, unit), dual)| (name, dual * self.money_unit / unit))
            .filter(|(_, value)| value.abs() > 1e-9)
            .collect()
    }
}

/// The program with its first stage fixed, without what that fixes.
#[derive(Clone, Debug)]
pub struct FixedDecisions(Reduced);

impl FixedDecisions {
    /// The program.
    pub fn program(&self) -> &Program {
        self.0.program()
    }

    /// By how much its best point is cheaper than that of a program with more
    /// fixed, in the program's unit of cost.
    #[allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]
    pub fn slack(&self, best: &[f64], (tighter, point): (&Self, &[f64])) -> f64 {
        (tighter.program().cost_of(point) - self.program().cost_of(best)).max(0.0)
    }

    /// Rows of the whole program that are rows of it, in order.
    fn rows(&self) -> &[usize] {
        self.0.rows()
    }
}

/// A program being written.
struct Sheet<'a> {
    problem: &'a PricedProblem,
    program: Program,
    names: Vec<(RowName, f64)>,
    money_unit: f64,
}

impl Sheet<'_> {
    /// Discounted cost in the program's unit.
    fn cost(&self, amount: Decimal, period: usize) -> f64 {
        float(amount) * float(self.problem.discounts[period]) / self.money_unit
    }

    fn row(&mut self, name: RowName, terms: &[(usize, f64)], lower: f64, upper: f64) {
        self.row_in(1.0, name, terms, lower, upper);
    }

    /// A row divided by `unit`: one unit of it stands for so many vehicles, or
    /// so much capacity or money.
    fn row_in(&mut self, unit: f64, name: RowName, terms: &[(usize, f64)], lower: f64, upper: f64) {
        self.program.row(terms, lower, upper);
        self.names.push((name, unit));
    }

    fn tightening(&mut self, terms: &[(usize, f64)], lower: f64, upper: f64) {
        self.program.tightening_row(terms, lower, upper);
        self.names.push((RowName::Structure, 1.0));
    }
}

/// A decimal as the nearest binary number.
fn float(number: Decimal) -> f64 {
    number.to_f64().unwrap_or(f64::MAX)
}

/// A power of ten near the mean cost of serving one demand, or such that no cost
/// of building up is too large for a solver.
fn money_unit(problem: &PricedProblem) -> f64 {
    let mut sum = 0.0;
    let mut count = 0.0;
    for arc in &problem.arcs {
        let demand = &problem.demands[arc.demand];
        let unit_cost = &problem.options[arc.option].unit_cost;
        for (period, cell) in arc.cells.iter().enumerate() {
            sum += float(demand.volume[period]) * float(cell.cost + unit_cost[period]).abs();
            count += 1.0;
        }
    }
    let mean: f64 = if count > 0.0 { sum / count } else { 1.0 };
    let digits = mean.max(1.0).log10().floor() - 3.0;
    let largest = greatest_build_up(problem).max(1.0).log10().floor() - MOST_DIGITS;
    10_f64.powf(digits.max(largest).max(0.0))
}

/// Digits of the greatest cost of a program: a solver loses count beyond.
const MOST_DIGITS: f64 = 11.0;

/// The greatest cost of anything that is built up.
fn greatest_build_up(problem: &PricedProblem) -> f64 {
    let plants = problem.plants.iter().flat_map(|plant| {
        let own = [&plant.opening_cost, &plant.closing_cost, &plant.fixed_cost];
        own.into_iter().chain(plant.expansions.iter().map(|step| &step.cost))
    });
    let launches = problem.options.iter().map(|option| &option.launch_cost);
    let approvals = problem.homologations.iter().map(|approval| &approval.cost);
    let costs = plants.chain(launches).chain(approvals).flatten();
    costs.copied().map(float).fold(0.0, f64::max)
}
