//! Limits beside capacity and demand: on flows, on money, on moves.

use super::build_up::{BuildUp, RowTerms, Switch};
use super::flows::FlowColumns;
use super::{RowName, Sheet, float};
use crate::sourcing::priced::PricedBudget;
use rust_decimal::Decimal;

/// Share of a demand that makes a use of an approval where vehicles are not
/// whole: well above what is taken for noise.
const LEAST_USED: f64 = 1e-4;

pub(super) fn add(sheet: &mut Sheet<'_>, build_up: &BuildUp, flows: &mut FlowColumns) {
    on_flows(sheet, flows);
    approvals(sheet, build_up, flows);
    first_uses(sheet, build_up, flows);
    budgets(sheet, build_up);
    moves(sheet, build_up);
}

fn on_flows(sheet: &mut Sheet<'_>, flows: &mut FlowColumns) {
    let problem = sheet.problem;
    for (place, limit) in problem.flow_limits.iter().enumerate() {
        let mut terms = Vec::new();
        let mut unit: f64 = 0.0;
        for (arc, each) in &limit.terms {
            for (column, units) in flows.units(sheet, *arc, limit.period) {
                terms.push((column, units * float(*each)));
                unit = unit.max((units * float(*each)).abs());
            }
        }
        let unit = unit.max(1.0);
        for (_, coefficient) in &mut terms {
            *coefficient /= unit;
        }
        let shortfall = limit.shortfall_cost.map(|each| {
            let cost = sheet.cost(each, limit.period) * unit;
            sheet.program.column(cost, 0.0, f64::INFINITY, false)
        });
        terms.extend(shortfall.map(|column| (column, 1.0)));
        let least = limit.least.map_or(f64::NEG_INFINITY, |least| float(least) / unit);
        let most = limit.most.map_or(f64::INFINITY, |most| float(most) / unit);
        sheet.row_in(unit, RowName::FlowLimit(limit.kind, place), &terms, least, most);
        flows.shortfalls.push(shortfall);
    }
}

/// Nothing flows from an origin that is not approved.
fn approvals(sheet: &mut Sheet<'_>, build_up: &BuildUp, flows: &FlowColumns) {
    let problem = sheet.problem;
    for (homologation, approved) in problem.homologations.iter().zip(&build_up.approved) {
        for (period, approved) in approved.iter().enumerate() {
            let Switch::Column(approved) = approved else { continue };
            let mut together = Vec::new();
            let mut count = 0.0;
            for arc in &homologation.arcs {
                let Some(cell) = &flows.cells[*arc][period] else { continue };
                let mut terms: Vec<(usize, f64)> = cell.all().map(|column| (column, 1.0)).collect();
                together.extend_from_slice(&terms);
                count += 1.0;
                terms.push((*approved, -1.0));
                sheet.tightening(&terms, f64::NEG_INFINITY, 0.0);
            }
            together.push((*approved, -count));
            if count > 0.0 {
                sheet.row(RowName::Structure, &together, f64::NEG_INFINITY, 0.0);
            }
        }
    }
}

/// An approval is paid in the first period in which it is used. Where it pays to
/// pay before, what is approved must be used at once.
fn first_uses(sheet: &mut Sheet<'_>, build_up: &BuildUp, flows: &FlowColumns) {
    let problem = sheet.problem;
    for (homologation, approved) in problem.homologations.iter().zip(&build_up.approved) {
        let rises = |cost: &dyn Fn(usize) -> f64| {
            (1..problem.periods()).any(|period| cost(period) > cost(period - 1))
        };
        let in_time = |period| sheet.cost(homologation.cost[period], period);
        let in_money = |period| float(homologation.cost[period]);
        let apart = problem.budgets.iter().any(|budget| budget.covers.contains(&false));
        let pays = rises(&in_time) || apart || (!problem.budgets.is_empty() && rises(&in_money));
        if !pays {
            continue;
        }
        for (period, now) in approved.iter().enumerate() {
            let mut row = RowTerms::new();
            for arc in &homologation.arcs {
                for (column, units) in flows.units(sheet, *arc, period) {
                    row.column(column, if problem.whole { units } else { 1.0 / LEAST_USED });
                }
            }
            row.switch(*now, -1.0);
            if let Some(before) = period.checked_sub(1) {
                row.switch(approved[before], 1.0);
            }
            sheet.row(RowName::Structure, &row.terms, -row.constant, f64::INFINITY);
        }
    }
}

/// What is spent on building up, in each budget's periods together.
fn budgets(sheet: &mut Sheet<'_>, build_up: &BuildUp) {
    let problem = sheet.problem;
    for (place, budget) in problem.budgets.iter().enumerate() {
        let mut spent = Spent::of(budget, sheet.money_unit);
        for (option, launched) in problem.options.iter().zip(&build_up.launched) {
            if !option.initially_launched {
                spent.once(launched, &option.launch_cost);
            }
        }
        for (plant, steps) in problem.plants.iter().zip(&build_up.expanded) {
            for (step, expanded) in plant.expansions.iter().zip(steps) {
                spent.once(expanded, &step.cost);
            }
        }
        for (homologation, approved) in problem.homologations.iter().zip(&build_up.approved) {
            spent.once(approved, &homologation.cost);
        }
        for (plant, openings) in problem.plants.iter().zip(&build_up.opening) {
            for (period, opening) in openings.iter().enumerate() {
                if let Some(opening) = opening {
                    let mut done = RowTerms::new();
                    done.column(*opening, 1.0);
                    spent.on(done, period, plant.opening_cost[period]);
                }
            }
        }
        let Spent { row, beyond, money_unit: unit, .. } = spent;
        for never in beyond {
            sheet.row(RowName::Structure, &never.terms, f64::NEG_INFINITY, -never.constant);
        }
        let most = float(budget.amount) / unit - row.constant;
        sheet.row_in(unit, RowName::Budget(place), &merged(row.terms), f64::NEG_INFINITY, most);
    }
}

/// What is spent of a budget.
struct Spent<'a> {
    budget: &'a PricedBudget,
    money_unit: f64,
    row: RowTerms,
    /// What alone costs more than there is, and is not done at all: as a term
    /// of the budget a millionth of it, which a solver takes for nothing, might
    /// be more than all else.
    beyond: Vec<RowTerms>,
}

impl<'a> Spent<'a> {
    fn of(budget: &'a PricedBudget, money_unit: f64) -> Self {
        Self { budget, money_unit, row: RowTerms::new(), beyond: Vec::new() }
    }

    /// What is done once is paid in the period in which it first is.
    fn once(&mut self, switches: &[Switch], cost: &[Decimal]) {
        for (period, now) in switches.iter().enumerate() {
            let mut done = RowTerms::new();
            done.switch(*now, 1.0);
            if let Some(before) = period.checked_sub(1) {
                done.switch(switches[before], -1.0);
            }
            self.on(done, period, cost[period]);
        }
    }

    /// What is one where something is done, and its cost.
    fn on(&mut self, done: RowTerms, period: usize, cost: Decimal) {
        if !self.budget.covers[period] {
            return;
        }
        if cost > self.budget.amount && !self.budget.counts_all {
            self.beyond.push(done);
            return;
        }
        let cost = float(cost) / self.money_unit;
        self.row.terms.extend(done.terms.iter().map(|(column, each)| (*column, each * cost)));
        self.row.constant += done.constant * cost;
    }
}

/// Most model lines that are launched where they are not built today.
fn moves(sheet: &mut Sheet<'_>, build_up: &BuildUp) {
    let problem = sheet.problem;
    let Some(most) = problem.most_moves else { return };
    let models = problem.options.iter().map(|option| option.model + 1).max().unwrap_or_default();
    let mut moved: Vec<Option<usize>> = vec![None; models];
    for (option, launched) in problem.options.iter().zip(&build_up.launched) {
        let Some(Switch::Column(launched)) = launched.last() else { continue };
        let moves_line = *moved[option.model]
            .get_or_insert_with(|| sheet.program.first_stage_column(0.0, 0.0, 1.0, false));
        let terms = [(*launched, 1.0), (moves_line, -1.0)];
        sheet.row(RowName::Structure, &terms, f64::NEG_INFINITY, 0.0);
    }
    let together: Vec<(usize, f64)> = moved.iter().flatten().map(|column| (*column, 1.0)).collect();
    if !together.is_empty() {
        sheet.row(RowName::Moves, &together, f64::NEG_INFINITY, f64::from(most));
    }
}

/// Terms of one column together: a solver takes a column once a row.
fn merged(mut terms: Vec<(usize, f64)>) -> Vec<(usize, f64)> {
    terms.sort_by_key(|(column, _)| *column);
    terms.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    terms
}
