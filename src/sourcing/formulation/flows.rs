//! The second stage: what flows where, in each period on its own.

use super::build_up::{BuildUp, RowTerms, Switch, capacity};
use super::{RowName, Sheet, float};
use crate::sourcing::priced::{ArcCell, PricedDemand};
use rust_decimal::Decimal;

/// Columns of the flows.
#[derive(Clone, Debug)]
pub(super) struct FlowColumns {
    /// By arc and period; none where nothing can flow.
    pub cells: Vec<Vec<Option<CellColumns>>>,
    /// Share of a demand left unserved, by demand and period.
    pub unserved: Vec<Vec<Option<usize>>>,
    /// Money of a credit spent, by credit and period.
    pub spent: Vec<Vec<usize>>,
    /// Shortfall of a flow limit, by limit.
    pub shortfalls: Vec<Option<usize>>,
    /// Vehicles of one unit of a flow column, by demand and period.
    pub volumes: Vec<Vec<f64>>,
    /// Demand of each arc.
    pub demand_of: Vec<usize>,
}

/// Columns of an arc in a period, as shares of the demand.
#[derive(Clone, Debug)]
pub(super) struct CellColumns {
    /// All that flows or, where `apart`, what enters outside quotas.
    pub flow: usize,
    /// What enters within a quota, by quota window of the cell.
    pub within: Vec<usize>,
    /// Whether the whole period is one window: what enters within the quota is
    /// then a column beside the other and not a part of it.
    pub apart: bool,
    /// Whether it is the one plant that serves the demand, where one only may.
    pub chosen: Option<usize>,
}

impl CellColumns {
    /// Columns that together are all that flows.
    pub fn all(&self) -> impl Iterator<Item = usize> + '_ {
        let within = self.within.iter().copied().filter(|_| self.apart);
        std::iter::once(self.flow).chain(within)
    }
}

impl FlowColumns {
    pub fn add(sheet: &mut Sheet<'_>, build_up: &BuildUp) -> Self {
        let problem = sheet.problem;
        let mut columns = Self {
            cells: Vec::with_capacity(problem.arcs.len()),
            unserved: Vec::with_capacity(problem.demands.len()),
            spent: Vec::new(),
            shortfalls: Vec::new(),
            volumes: problem
                .demands
                .iter()
                .map(|demand| demand.volume.iter().copied().map(float).collect())
                .collect(),
            demand_of: problem.arcs.iter().map(|arc| arc.demand).collect(),
        };
        for arc in 0..problem.arcs.len() {
            let cells =
                (0..problem.periods()).map(|period| columns.cell(sheet, build_up, arc, period));
            let cells = cells.collect();
            columns.cells.push(cells);
        }
        let mut arcs_of_demand = vec![Vec::new(); problem.demands.len()];
        let mut arcs_of_option = vec![Vec::new(); problem.options.len()];
        for (place, arc) in problem.arcs.iter().enumerate() {
            arcs_of_demand[arc.demand].push(place);
            arcs_of_option[arc.option].push(place);
        }
        for (demand, arcs) in arcs_of_demand.iter().enumerate() {
            columns.demand(sheet, demand, arcs);
        }
        for period in 0..problem.periods() {
            columns.plants(sheet, build_up, period, &arcs_of_option);
        }
        for (option, arcs) in arcs_of_option.iter().enumerate() {
            columns.launches(sheet, build_up, option, arcs);
        }
        columns.tranches(sheet);
        columns.credits(sheet, &arcs_of_option);
        columns
    }

    /// Columns of all that flows on an arc in a period, with its vehicles.
    pub fn units(&self, sheet: &Sheet<'_>, arc: usize, period: usize) -> Vec<(usize, f64)> {
        let volume = self.volumes[sheet.problem.arcs[arc].demand][period];
        let cell = self.cells[arc][period].as_ref();
        cell.into_iter().flat_map(CellColumns::all).map(|column| (column, volume)).collect()
    }

    fn cell(
        &self,
        sheet: &mut Sheet<'_>,
        build_up: &BuildUp,
        place: usize,
        period: usize,
    ) -> Option<CellColumns> {
        let problem = sheet.problem;
        let arc = &problem.arcs[place];
        let (option, demand) = (&problem.options[arc.option], &problem.demands[arc.demand]);
        let cell = &arc.cells[period];
        let volume = self.volumes[arc.demand][period];
        let launched = period
            .checked_sub(option.lead_periods)
            .map_or(Switch::Known(option.initially_launched), |then| {
                build_up.launched[arc.option][then]
            });
        let can_flow = volume > 0.0 && launched != Switch::Known(false);
        let most = if can_flow { cell.most } else { Some(Decimal::ZERO) };
        if cell.least.is_some_and(|least| least > most.unwrap_or(least)) {
            // Committed, and it cannot be: no plan keeps to that.
            sheet.row(RowName::Structure, &[], 1.0, f64::INFINITY);
        }
        if !can_flow {
            return None;
        }
        let price = demand.price.get(period).copied().unwrap_or_default();
        let unit_cost = option.unit_cost[period] + cell.cost - price;
        let (least, most) = bounds(cell, demand, period, volume);
        let apart = matches!(cell.quota_windows.as_slice(), [only] if only.share == Decimal::ONE);
        let cost = sheet.cost(unit_cost, period) * volume;
        let whole = demand.single_source && demand.lost_margin.is_none();
        // Columns beside each other share their bounds in a row of their own.
        let own = if apart { (0.0, 1.0) } else { (least, most) };
        let flow = sheet.program.column(cost, own.0, own.1, whole && !apart);
        let mut within = Vec::with_capacity(cell.quota_windows.len());
        for window in &cell.quota_windows {
            let saving = sheet.cost(window.saving, period) * volume;
            let share = float(window.share);
            let cost = if apart { cost - saving } else { -saving };
            let column = sheet.program.column(cost, 0.0, share, false);
            if !apart {
                let terms = [(column, 1.0), (flow, -share)];
                sheet.row(RowName::Structure, &terms, f64::NEG_INFINITY, 0.0);
            }
            within.push(column);
        }
        let mut columns = CellColumns { flow, within, apart, chosen: None };
        let all: Vec<(usize, f64)> = columns.all().map(|column| (column, 1.0)).collect();
        if apart && (least > 0.0 || most < 1.0) {
            sheet.row(RowName::Structure, &all, least, most);
        }
        if demand.single_source && (!whole || apart) {
            // Whether this is the plant: a column of its own.
            let chosen = sheet.program.column(0.0, 0.0, 1.0, true);
            let mut terms = all;
            terms.push((chosen, -1.0));
            let least = if demand.lost_margin.is_none() { 0.0 } else { f64::NEG_INFINITY };
            sheet.row(RowName::Structure, &terms, least, 0.0);
            columns.chosen = Some(chosen);
        }
        Some(columns)
    }

    fn demand(&mut self, sheet: &mut Sheet<'_>, place: usize, arcs: &[usize]) {
        let demand = &sheet.problem.demands[place];
        let mut unserved = Vec::with_capacity(sheet.problem.periods());
        for period in 0..sheet.problem.periods() {
            let volume = self.volumes[place][period];
            if volume <= 0.0 {
                unserved.push(None);
                continue;
            }
            let mut terms: Vec<(usize, f64)> = Vec::new();
            let mut chosen: Vec<(usize, f64)> = Vec::new();
            for cell in arcs.iter().filter_map(|arc| self.cells[*arc][period].as_ref()) {
                terms.extend(cell.all().map(|column| (column, 1.0)));
                chosen.extend(cell.chosen.map(|column| (column, 1.0)));
            }
            if !chosen.is_empty() {
                sheet.row(RowName::Structure, &chosen, f64::NEG_INFINITY, 1.0);
            }
            let lost = demand.lost_margin.as_ref().map(|margin| {
                let cost = sheet.cost(margin[period], period) * volume;
                sheet.program.column(cost, 0.0, 1.0, false)
            });
            terms.extend(lost.map(|column| (column, 1.0)));
            sheet.row_in(volume, RowName::Demand { demand: place, period }, &terms, 1.0, 1.0);
            unserved.push(lost);
        }
        self.unserved.push(unserved);
    }

    /// Capacity of every plant in a period, and that a closed one builds
    /// nothing.
    fn plants(
        &self,
        sheet: &mut Sheet<'_>,
        build_up: &BuildUp,
        period: usize,
        arcs_of_option: &[Vec<usize>],
    ) {
        let problem = sheet.problem;
        let mut used: Vec<Vec<(usize, f64)>> = vec![Vec::new(); problem.plants.len()];
        for (option, arcs) in problem.options.iter().zip(arcs_of_option) {
            for arc in arcs {
                for (column, units) in self.units(sheet, *arc, period) {
                    used[option.plant].push((column, units * float(option.capacity_use)));
                }
            }
        }
        let mut must_serve = 0.0;
        let mut all_must = !problem.demands.is_empty();
        for demand in &problem.demands {
            all_must &= demand.lost_margin.is_none();
            must_serve += float(demand.volume[period]);
        }
        let capacity_uses = || problem.options.iter().map(|option| option.capacity_use);
        let even = capacity_uses().max() == capacity_uses().min();
        let mut together = RowTerms::new();
        for (place, plant) in problem.plants.iter().enumerate() {
            let most = float(plant.capacity[period]);
            let grown: f64 =
                most + plant.expansions.iter().map(|step| float(step.capacity)).sum::<f64>();
            let unit = if grown > 0.0 { grown } else { 1.0 };
            let own = capacity(sheet, build_up, place, period, unit);
            let cover = capacity(sheet, build_up, place, period, 1.0);
            together.terms.extend(cover.terms);
            together.constant += cover.constant;
            if used[place].is_empty() && plant.least_run.is_zero() {
                continue;
            }
            let open = build_up.open[place][period];
            let mut terms: Vec<(usize, f64)> =
                used[place].iter().map(|(column, use_)| (*column, use_ / unit)).collect();
            let flows = terms.len();
            terms.extend(own.terms.iter().map(|(column, coefficient)| (*column, -coefficient)));
            let name = RowName::Capacity { plant: place, period };
            sheet.row_in(unit, name, &terms, f64::NEG_INFINITY, own.constant);
            if let (Switch::Column(open), false) = (open, plant.expansions.is_empty()) {
                terms.truncate(flows);
                terms.push((open, -1.0));
                let name = RowName::Grown { plant: place, period };
                sheet.row_in(unit, name, &terms, f64::NEG_INFINITY, 0.0);
            }
            if !plant.least_run.is_zero() {
                terms.truncate(flows);
                let (term, constant) = open.term(float(plant.least_run) / unit);
                terms.extend(term.map(|(column, least)| (column, -least)));
                let name = RowName::LeastRun { plant: place, period };
                sheet.row_in(unit, name, &terms, constant, f64::INFINITY);
            }
            if let Switch::Column(open) = open {
                self.ties_to_plant(sheet, place, period, open, arcs_of_option);
            }
        }
        if all_must
            && even
            && let Some(one) = capacity_uses().next()
        {
            // Implied by the rows above; cover cuts are found in it.
            let least = must_serve * float(one) - together.constant;
            if least > 0.0 {
                let unit = must_serve * float(one);
                let terms: Vec<(usize, f64)> =
                    together.terms.iter().map(|(column, c)| (*column, c / unit)).collect();
                sheet.row(RowName::Cover, &terms, least / unit, f64::INFINITY);
            }
        }
    }

    /// What flows from a plant is at most its whole demand, and nothing where
    /// the plant is closed.
    fn ties_to_plant(
        &self,
        sheet: &mut Sheet<'_>,
        plant: usize,
        period: usize,
        open: usize,
        arcs_of_option: &[Vec<usize>],
    ) {
        let problem = sheet.problem;
        for (option, arcs) in problem.options.iter().zip(arcs_of_option) {
            if option.plant != plant {
                continue;
            }
            for cell in arcs.iter().filter_map(|arc| self.cells[*arc][period].as_ref()) {
                let mut terms: Vec<(usize, f64)> = cell.all().map(|column| (column, 1.0)).collect();
                terms.push((open, -1.0));
                sheet.tightening(&terms, f64::NEG_INFINITY, 0.0);
            }
        }
    }

    /// Nothing flows before it is launched and approved.
    fn launches(&self, sheet: &mut Sheet<'_>, build_up: &BuildUp, place: usize, arcs: &[usize]) {
        let problem = sheet.problem;
        let lead = problem.options[place].lead_periods;
        for period in lead..problem.periods() {
            let Switch::Column(launched) = build_up.launched[place][period - lead] else {
                continue;
            };
            let mut together = Vec::new();
            let mut count = 0.0;
            for cell in arcs.iter().filter_map(|arc| self.cells[*arc][period].as_ref()) {
                let mut terms: Vec<(usize, f64)> = cell.all().map(|column| (column, 1.0)).collect();
                together.extend_from_slice(&terms);
                count += 1.0;
                terms.push((launched, -1.0));
                sheet.tightening(&terms, f64::NEG_INFINITY, 0.0);
            }
            together.push((launched, -count));
            if count > 0.0 {
                sheet.row(RowName::Structure, &together, f64::NEG_INFINITY, 0.0);
            }
        }
    }

    /// Draws on quotas, with what is carried over.
    fn tranches(&self, sheet: &mut Sheet<'_>) {
        let problem = sheet.problem;
        let mut drawn: Vec<Vec<(usize, f64)>> = vec![Vec::new(); problem.tranches.len()];
        for (arc, cells) in problem.arcs.iter().zip(&self.cells) {
            for (period, cell) in cells.iter().enumerate() {
                let Some(cell) = cell else { continue };
                let windows = &arc.cells[period].quota_windows;
                for (window, column) in windows.iter().zip(&cell.within) {
                    drawn[window.tranche].push((*column, self.volumes[arc.demand][period]));
                }
            }
        }
        for (place, tranche) in problem.tranches.iter().enumerate() {
            // A source receives nothing itself, so that what it leaves is its own units less its draws.
            let sources = || tranche.carried_from.iter().copied();
            let carried: Decimal =
                sources().map(|source| problem.tranches[source].units.max(Decimal::ZERO)).sum();
            let mut terms = drawn[place].clone();
            let mut units = float((tranche.units + carried).max(Decimal::ZERO));
            let before = sources().flat_map(|source| drawn[source].iter().copied());
            if tranche.units >= Decimal::ZERO {
                terms.extend(before);
            } else if units > 0.0 && !terms.is_empty() {
                // Others take of what is carried over: it is drawn here, less theirs, or before.
                let drawn_here = sheet.program.column(0.0, 0.0, 1.0, true);
                let mut here: Vec<(usize, f64)> =
                    terms.iter().map(|(column, vehicles)| (*column, vehicles / units)).collect();
                here.push((drawn_here, -1.0));
                sheet.row(RowName::Structure, &here, f64::NEG_INFINITY, 0.0);
                terms.extend(before);
                let carried = float(carried);
                terms.push((drawn_here, carried - units));
                units = carried;
            }
            if terms.is_empty() {
                continue;
            }
            let unit = units.max(1.0);
            for (_, vehicles) in &mut terms {
                *vehicles /= unit;
            }
            sheet.row_in(unit, RowName::Tranche(place), &terms, f64::NEG_INFINITY, units / unit);
        }
    }

    /// A credit is spent as far as it is earned, on duty there is.
    fn credits(&mut self, sheet: &mut Sheet<'_>, arcs_of_option: &[Vec<usize>]) {
        let problem = sheet.problem;
        for (place, credit) in problem.credits.iter().enumerate() {
            let mut spent = Vec::with_capacity(problem.periods());
            let mut balance: Vec<(usize, f64)> = Vec::new();
            for period in 0..problem.periods() {
                // In units of money of the program, so that its numbers are near those of the costs.
                let cost = -sheet.cost(credit.worth[period], period) * sheet.money_unit;
                let column = sheet.program.column(cost, 0.0, f64::INFINITY, false);
                let per_vehicle = |list: &[(usize, Vec<Decimal>)], sign: f64| {
                    let mut terms = Vec::new();
                    for (option, amounts) in list {
                        let each = sign * float(amounts[period]) / sheet.money_unit;
                        for arc in &arcs_of_option[*option] {
                            let units = self.units(sheet, *arc, period);
                            terms.extend(units.iter().map(|(flow, units)| (*flow, units * each)));
                        }
                    }
                    terms
                };
                let mut on_duty = per_vehicle(&credit.liability, -1.0);
                on_duty.push((column, 1.0));
                balance.extend(per_vehicle(&credit.earned, -1.0));
                balance.push((column, 1.0));
                sheet.row(RowName::Structure, &on_duty, f64::NEG_INFINITY, 0.0);
                let there = float(credit.brought_forward) / sheet.money_unit;
                let name = RowName::Credit { credit: place, period };
                sheet.row_in(sheet.money_unit, name, &balance, f64::NEG_INFINITY, there);
                spent.push(column);
            }
            self.spent.push(spent);
        }
    }
}

/// Least and greatest share of the demand that an arc may carry.
fn bounds(cell: &ArcCell, demand: &PricedDemand, period: usize, volume: f64) -> (f64, f64) {
    let share = |units: Decimal| float(units) / volume;
    let most = match cell.most {
        Some(most) if most < demand.volume[period] => share(most),
        _ => 1.0,
    };
    (cell.least.map_or(0.0, share).min(most), most)
}
