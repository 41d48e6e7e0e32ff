//! The first stage: what is open, launched, expanded and approved, by period.

use super::{RowName, Sheet, float};
use rust_decimal::Decimal;

/// A yes or no by period: a column, or what it is known to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Switch {
    /// To be decided.
    Column(usize),
    /// Known: one or zero.
    Known(bool),
}

impl Switch {
    /// The switch as a term of a row with such a coefficient, or what it adds
    /// to the row as a constant.
    pub fn term(self, coefficient: f64) -> (Option<(usize, f64)>, f64) {
        match self {
            Self::Column(column) => (Some((column, coefficient)), 0.0),
            Self::Known(true) => (None, coefficient),
            Self::Known(false) => (None, 0.0),
        }
    }

    /// Its value in a solution.
    pub fn value(self, values: &[f64]) -> bool {
        match self {
            Self::Column(column) => values[column] > 0.5,
            Self::Known(known) => known,
        }
    }
}

/// A row being written whose switches may be known.
pub(super) struct RowTerms {
    pub terms: Vec<(usize, f64)>,
    /// What known switches add.
    pub constant: f64,
}

impl RowTerms {
    pub fn new() -> Self {
        Self { terms: Vec::new(), constant: 0.0 }
    }

    pub fn switch(&mut self, switch: Switch, coefficient: f64) {
        let (term, constant) = switch.term(coefficient);
        self.terms.extend(term);
        self.constant += constant;
    }

    pub fn column(&mut self, column: usize, coefficient: f64) {
        self.terms.push((column, coefficient));
    }
}

/// Columns of the first stage.
#[derive(Clone, Debug)]
pub(super) struct BuildUp {
    /// Whether a plant is open, by plant and period.
    pub open: Vec<Vec<Switch>>,
    /// Column of its opening, where it may open.
    pub opening: Vec<Vec<Option<usize>>>,
    /// Column of its closing, where it may close.
    pub closing: Vec<Vec<Option<usize>>>,
    /// Whether an option is launched by a period, by option and period.
    pub launched: Vec<Vec<Switch>>,
    /// Whether a step is decided by a period, by plant, step and period.
    pub expanded: Vec<Vec<Vec<Switch>>>,
    /// Whether an approval is there by a period, by approval and period.
    pub approved: Vec<Vec<Switch>>,
}

impl BuildUp {
    pub fn add(sheet: &mut Sheet<'_>) -> Self {
        let plants = sheet.problem.plants.len();
        let mut build_up = Self {
            open: Vec::with_capacity(plants),
            opening: Vec::with_capacity(plants),
            closing: Vec::with_capacity(plants),
            launched: Vec::new(),
            expanded: Vec::with_capacity(plants),
            approved: Vec::new(),
        };
        for plant in 0..plants {
            build_up.plant(sheet, plant);
        }
        for option in 0..sheet.problem.options.len() {
            build_up.option(sheet, option);
        }
        for homologation in &sheet.problem.homologations {
            let free = homologation.cost.iter().all(Decimal::is_zero);
            let undecided = vec![None; homologation.cost.len()];
            let column = if free {
                vec![Switch::Known(true); homologation.cost.len()]
            } else {
                once(sheet, &homologation.cost, &undecided)
            };
            build_up.approved.push(column);
        }
        build_up
    }

    fn plant(&mut self, sheet: &mut Sheet<'_>, place: usize) {
        let plant = &sheet.problem.plants[place];
        let periods = sheet.problem.periods();
        let expanded =
            plant.expansions.iter().map(|step| once(sheet, &step.cost, &vec![None; periods]));
        self.expanded.push(expanded.collect());
        let costless = plant.fixed_cost.iter().all(Decimal::is_zero) && plant.least_run.is_zero();
        let undecided = plant.decided.iter().all(Option::is_none);
        if plant.initially_open && costless && undecided {
            // Nothing is gained by closing it.
            self.open.push(vec![Switch::Known(true); periods]);
            self.opening.push(vec![None; periods]);
            self.closing.push(vec![None; periods]);
            return;
        }
        let mut open = Vec::with_capacity(periods);
        let mut opening: Vec<Option<usize>> = Vec::with_capacity(periods);
        let mut closing = Vec::with_capacity(periods);
        for period in 0..periods {
            let cost = sheet.cost(plant.fixed_cost[period], period);
            let (least, most) = match plant.decided[period] {
                Some(true) => (1.0, 1.0),
                Some(false) => (0.0, 0.0),
                None => (0.0, 1.0),
            };
            let is_open = sheet.program.first_stage_column(cost, least, most, true);
            let opens = sheet.cost(plant.opening_cost[period], period);
            let opens = sheet.program.first_stage_column(opens, 0.0, 1.0, false);
            let closes = sheet.cost(plant.closing_cost[period], period);
            let closes = sheet.program.first_stage_column(closes, 0.0, 1.0, false);
            let mut terms = vec![(is_open, 1.0), (opens, -1.0), (closes, 1.0)];
            let before = match open.last() {
                Some(Switch::Column(before)) => {
                    terms.push((*before, -1.0));
                    0.0
                }
                _ => f64::from(u8::from(plant.initially_open)),
            };
            sheet.row(RowName::Structure, &terms, before, before);
            for past in 1..plant.ramp.len() {
                // It stays open through its ramp.
                if let Some(Some(opened)) = period.checked_sub(past).map(|then| opening[then]) {
                    let terms = [(is_open, 1.0), (opened, -1.0)];
                    sheet.row(RowName::Structure, &terms, 0.0, f64::INFINITY);
                }
            }
            open.push(Switch::Column(is_open));
            opening.push(Some(opens));
            closing.push(Some(closes));
        }
        self.open.push(open);
        self.opening.push(opening);
        self.closing.push(closing);
    }

    fn option(&mut self, sheet: &mut Sheet<'_>, place: usize) {
        let option = &sheet.problem.options[place];
        if option.initially_launched {
            self.launched.push(vec![Switch::Known(true); sheet.problem.periods()]);
            return;
        }
        let launched = once(sheet, &option.launch_cost, &option.decided);
        let tied = if launched_when_used(sheet, place) { launched.as_slice() } else { &[] };
        let mut before = Switch::Known(false);
        for (period, now) in tied.iter().enumerate() {
            // Nothing is gained by launching in a closed plant.
            let mut row = RowTerms::new();
            row.switch(*now, 1.0);
            row.switch(before, -1.0);
            row.switch(self.open[option.plant][period], -1.0);
            if !row.terms.is_empty() && row.constant > -1.0 {
                let most = -row.constant;
                sheet.row(RowName::Structure, &row.terms, f64::NEG_INFINITY, most);
            }
            before = *now;
        }
        self.launched.push(launched);
    }
}

/// Whether an option is best launched in the first period in which it is used:
/// at once, for no more than before, and decided by nobody.
fn launched_when_used(sheet: &Sheet<'_>, place: usize) -> bool {
    let option = &sheet.problem.options[place];
    let cost = |period: usize| sheet.cost(option.launch_cost[period], period);
    option.lead_periods == 0
        && option.decided.iter().all(Option::is_none)
        && sheet.problem.budgets.is_empty()
        && (1..sheet.problem.periods()).all(|period| cost(period) <= cost(period - 1))
}

/// Columns of something done once and kept: whether it is done by each period.
/// The cost of doing it falls in the period in which it is done, written as
/// the difference between one period and the next.
fn once(sheet: &mut Sheet<'_>, cost: &[Decimal], decided: &[Option<bool>]) -> Vec<Switch> {
    let periods = sheet.problem.periods();
    let mut switches: Vec<Switch> = Vec::with_capacity(periods);
    for period in 0..periods {
        let own = sheet.cost(cost[period], period);
        let next =
            if period + 1 < periods { sheet.cost(cost[period + 1], period + 1) } else { 0.0 };
        let (least, most) = match decided[period] {
            Some(true) => (1.0, 1.0),
            Some(false) => (0.0, 0.0),
            None => (0.0, 1.0),
        };
        let column = sheet.program.first_stage_column(own - next, least, most, true);
        if let Some(Switch::Column(before)) = switches.last() {
            let terms = [(column, 1.0), (*before, -1.0)];
            sheet.row(RowName::Structure, &terms, 0.0, f64::INFINITY);
        }
        switches.push(Switch::Column(column));
    }
    switches
}

/// Capacity of a plant in a period as terms of the first stage, divided by
/// `unit`: what is open, less what the ramp keeps back, and expansions.
pub(super) fn capacity(
    sheet: &Sheet<'_>,
    build_up: &BuildUp,
    place: usize,
    period: usize,
    unit: f64,
) -> RowTerms {
    let plant = &sheet.problem.plants[place];
    let whole = float(plant.capacity[period]) / unit;
    let mut row = RowTerms::new();
    row.switch(build_up.open[place][period], whole);
    for (past, share) in plant.ramp.iter().enumerate() {
        let opened = period.checked_sub(past).and_then(|then| build_up.opening[place][then]);
        if let Some(opened) = opened {
            row.column(opened, -whole * float(Decimal::ONE - share));
        }
    }
    for (step, expanded) in plant.expansions.iter().zip(&build_up.expanded[place]) {
        if let Some(then) = period.checked_sub(step.lead_periods) {
            row.switch(expanded[then], float(step.capacity) / unit);
        }
    }
    row
}
