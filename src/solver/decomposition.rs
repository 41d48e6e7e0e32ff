//! A program solved through its blocks: planes below their costs, gathered at
//! points between the best known and the cheapest by the planes so far (the
//! in-out method; Ben-Ameur and Neto 2007), then rounds of searching the first
//! stage alone, each with the planes of the points it finds.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::blocks::{Block, Cut, split};
use super::course::{Course, Purpose, RunEnd};
use super::highs::Highs;
use super::order::{SolveEnd, SolveOrder, SolvePhase};
use crate::sourcing::Program;

/// With fewer columns than this outside the first stage a program is solved
/// whole.
const COLUMNS_FROM: usize = 6_000;

/// Share of the cost to which the planes close in before the first stage is
/// searched.
const ROOT_GAP: f64 = 2e-4;

/// Rounds without a gain of the bound after which the planes are left as they
/// are.
const PATIENCE: usize = 8;

/// How far between the best point and the cheapest one the next is tried. Of
/// 0.05 to 0.8 this took the least work on planners' cases.
const STEP: f64 = 0.15;

/// Points told of those at which planes were gathered: the last ones, which lie nearest.
const WAYPOINTS: usize = 6;

/// How far from a plan known towards everything open the planes are first gathered.
const MIX: f64 = 0.2;

/// Parts above which first-stage columns are rounded up.
const PARTS: [f64; 4] = [0.05, 0.2, 0.5, 0.8];

/// Solves through blocks; none where the program does not fall apart, or is
/// small.
///
/// # Errors
/// The end of the whole solve.
pub(super) fn through_blocks(
    order: &SolveOrder,
    course: &mut Course<'_>,
) -> Result<Option<SolveEnd>, SolveEnd> {
    through_blocks_from(COLUMNS_FROM, order, course)
}

/// The same for programs of so many columns outside the first stage.
fn through_blocks_from(
    columns: usize,
    order: &SolveOrder,
    course: &mut Course<'_>,
) -> Result<Option<SolveEnd>, SolveEnd> {
    let program = &order.program;
    let beyond = program.first_stage.iter().filter(|first| !**first).count();
    if order.relax || beyond < columns {
        return Ok(None);
    }
    let Some(blocks) = split(program, course)? else { return Ok(None) };
    let mut decomposition = Decomposition::of(program, blocks, course)?;
    decomposition.begin(order, course)?;
    decomposition.root(&order.waypoints, course)?;
    decomposition.rounds(order, course)
}

/// A program taken apart, and what is known of it.
pub(super) struct Decomposition<'a> {
    pub(super) program: &'a Program,
    pub(super) blocks: Vec<Block>,
    /// First-stage columns, then one column for the cost of each block.
    pub(super) master: Program,
    /// Place in the master of every first-stage column.
    places: Vec<usize>,
    pub(super) first_stage: Vec<usize>,
    highs: Highs,
    /// Point of the program's columns with the least cost known, and that cost;
    /// first-stage columns need not be whole there.
    inner: Option<(Vec<f64>, f64)>,
    /// The best plan as a point of the master.
    pub(super) best: Option<Vec<f64>>,
    /// Rows of the master that are not cuts.
    pub(super) own_rows: usize,
    /// Every plane found, with its block.
    planes: Vec<(usize, Cut)>,
    /// Those that are in the master, in the order of its rows.
    pub(super) in_master: Vec<usize>,
    tried: Vec<Vec<bool>>,
    /// Whether planes are being gathered at points between.
    is_closing_in: bool,
    /// Points at which planes were gathered, by first-stage column.
    waypoints: Vec<Vec<f64>>,
}

impl<'a> Decomposition<'a> {
    fn of(program: &'a Program, blocks: Vec<Block>, course: &Course<'_>) -> Result<Self, SolveEnd> {
        let mut master = Program::new();
        master.offset = program.offset;
        let mut places = vec![usize::MAX; program.column_count()];
        let mut first_stage = Vec::new();
        for column in (0..program.column_count()).filter(|column| program.first_stage[*column]) {
            let (cost, whole) = (program.cost[column], program.whole[column]);
            places[column] =
                master.column(cost, program.lower[column], program.upper[column], whole);
            first_stage.push(column);
        }
        for _ in &blocks {
            master.column(1.0, f64::NEG_INFINITY, f64::INFINITY, false);
        }
        for row in 0..program.row_count() {
            if program.terms(row).all(|(column, _)| places[column] != usize::MAX) {
                let terms: Vec<(usize, f64)> =
                    program.terms(row).map(|(column, c)| (places[column], c)).collect();
                master.row(&terms, program.row_lower[row], program.row_upper[row]);
            }
        }
        let own_rows = master.row_count();
        let highs = course.highs()?;
        Ok(Self {
            program,
            blocks,
            master,
            places,
            first_stage,
            highs,
            inner: None,
            best: None,
            own_rows,
            planes: Vec::new(),
            in_master: Vec::new(),
            tried: Vec::new(),
            is_closing_in: false,
            waypoints: Vec::new(),
        })
    }

    /// Everything open and launched: a first plan, and the first planes.
    fn begin(&mut self, order: &SolveOrder, course: &mut Course<'_>) -> Result<(), SolveEnd> {
        course.phase(SolvePhase::Relaxation);
        let start = order.start.as_ref().filter(|start| start.len() == self.program.column_count());
        if let Some(start) = start {
            let wanted = self.whole_of(|column| start[column] > 0.5);
            self.attempt(course, wanted)?;
        }
        // A plan lies at a corner, from which the planes close in slowly.
        let started = self.inner.take();
        for values in &order.waypoints {
            if self.keeps_own_rows(values) {
                let point = self.spread(values);
                self.evaluate(course, &point, false)?;
            }
        }
        if self.inner.is_some() {
            return self.load();
        }
        let wanted = self.whole_of(|column| self.program.upper[column] >= 1.0);
        let point = if let Some(point) = self.attempt(course, wanted)? {
            point
        } else {
            // The first stage alone has some point; the costs of blocks come in with it.
            self.completed(course, None)?.ok_or(SolveEnd::Infeasible)?
        };
        if self.inner.is_none() {
            self.evaluate(course, &point, false)?;
        }
        if let Some((start, _)) = started {
            let mixed = start.iter().zip(&point).map(|(start, open)| start + MIX * (open - start));
            self.evaluate(course, &mixed.collect::<Vec<f64>>(), false)?;
        }
        self.load()
    }

    fn load(&mut self) -> Result<(), SolveEnd> {
        let rows: Vec<usize> = (0..self.master.row_count()).collect();
        self.highs.load(&self.master, &rows, true)?;
        Ok(())
    }

    /// Whether a point of the first stage keeps the master's bounds and the rows
    /// that are not cuts.
    fn keeps_own_rows(&self, values: &[f64]) -> bool {
        let within = |value: f64, lower: f64, upper: f64| {
            let slack = 1e-6 * value.abs().max(1.0);
            lower - slack <= value && value <= upper + slack
        };
        let (lower, upper) = (&self.master.lower, &self.master.upper);
        let bounds = values.iter().enumerate();
        values.len() == self.first_stage.len()
            && bounds.into_iter().all(|(at, value)| within(*value, lower[at], upper[at]))
            && (0..self.own_rows).all(|row| {
                let sum = self.master.terms(row).map(|(column, c)| c * values[column]).sum();
                within(sum, self.master.row_lower[row], self.master.row_upper[row])
            })
    }

    /// Which whole columns are one, in their order.
    pub(super) fn whole_of(&self, is_one: impl Fn(usize) -> bool) -> Vec<bool> {
        let whole = self.first_stage.iter().filter(|column| self.program.whole[**column]);
        whole.map(|column| is_one(*column)).collect()
    }

    /// The cheapest point of the first stage alone with its whole columns so,
    /// where there is one.
    fn completed(
        &self,
        course: &mut Course<'_>,
        wanted: Option<&[bool]>,
    ) -> Result<Option<Vec<f64>>, SolveEnd> {
        let mut alone = Program::new();
        let mut wanted = wanted.map(|wanted| wanted.iter());
        for column in &self.first_stage {
            let (mut lower, mut upper) = (self.program.lower[*column], self.program.upper[*column]);
            if self.program.whole[*column]
                && let Some(one) = wanted.as_mut().and_then(Iterator::next)
            {
                let value = if *one { 1.0 } else { 0.0 };
                let value = f64::max(lower, f64::min(upper, value));
                (lower, upper) = (value, value);
            }
            alone.column(self.program.cost[*column], lower, upper, false);
        }
        for row in 0..self.own_rows {
            let terms: Vec<(usize, f64)> = self.master.terms(row).collect();
            alone.row(&terms, self.master.row_lower[row], self.master.row_upper[row]);
        }
        let mut highs = course.highs()?;
        let rows: Vec<usize> = (0..alone.row_count()).collect();
        highs.load(&alone, &rows, true)?;
        if course.run(&mut highs, Purpose::Side)? != RunEnd::Optimal {
            return Ok(None);
        }
        let values = highs.point()?.values;
        let mut point = vec![0.0; self.program.column_count()];
        for (column, value) in self.first_stage.iter().zip(values) {
            point[*column] = value;
        }
        Ok(Some(point))
    }

    /// Tries whole columns so: notes the point and its cost, where there is one.
    pub(super) fn attempt(
        &mut self,
        course: &mut Course<'_>,
        wanted: Vec<bool>,
    ) -> Result<Option<Vec<f64>>, SolveEnd> {
        if self.tried.contains(&wanted) {
            return Ok(None);
        }
        let completed = self.completed(course, Some(&wanted))?;
        self.tried.push(wanted);
        let Some(point) = completed else { return Ok(None) };
        self.evaluate(course, &point, true)?;
        Ok(Some(point))
    }

    /// Costs of the blocks at a point of the first stage: adds their planes to
    /// the master, and notes the point. Tells the planes' rows.
    fn evaluate(
        &mut self,
        course: &mut Course<'_>,
        point: &[f64],
        is_whole: bool,
    ) -> Result<Vec<(usize, Cut)>, SolveEnd> {
        let mut whole_point = point.to_vec();
        let mut cost = self.program.offset;
        for column in &self.first_stage {
            cost += self.program.cost[*column] * point[*column];
        }
        let mut keeps = true;
        let mut of_master: Vec<f64> =
            self.first_stage.iter().map(|column| point[*column]).collect();
        let mut cuts = Vec::with_capacity(self.blocks.len());
        for (place, block) in self.blocks.iter_mut().enumerate() {
            let found = block.cost(course, point)?;
            cost += found.cost;
            keeps &= found.keeps;
            of_master.push(found.cost);
            for (column, value) in block.columns().iter().zip(&found.values) {
                whole_point[*column] = *value;
            }
            cuts.push((place, found.cut));
        }
        // A plan lies at a corner, from which the planes close in slowly: halfway is better.
        if self.inner.as_ref().is_none_or(|(_, known)| cost < *known && !is_whole) {
            self.inner = Some((point.to_vec(), cost));
        }
        let known = course.best().map(|best| best.objective);
        let is_better = is_whole && keeps && known.is_none_or(|known| cost < known);
        if is_better {
            course.improve(cost, || whole_point);
            self.best = Some(of_master);
        }
        for plane in &cuts {
            self.planes.push(plane.clone());
            self.add(self.planes.len() - 1);
        }
        if is_better
            && self.is_closing_in
            && let Some((inner, known)) = &self.inner
            && cost < *known
        {
            let half = inner.iter().zip(point).map(|(inner, plan)| f64::midpoint(*inner, *plan));
            let half: Vec<f64> = half.collect();
            self.evaluate(course, &half, false)?;
        }
        Ok(cuts)
    }

    /// Adds the planes left out that lie above a point of the master; whether
    /// there are any.
    pub(super) fn add_known(&mut self, values: &[f64]) -> bool {
        let point = self.spread(values);
        let mut is_in = vec![false; self.planes.len()];
        for plane in &self.in_master {
            is_in[*plane] = true;
        }
        let above = |plane: &usize| {
            let (block, cut) = &self.planes[*plane];
            let told = values[self.first_stage.len() + block];
            !is_in[*plane] && cut.height(&point) > told + 1e-7 * told.abs().max(1.0)
        };
        let missing: Vec<usize> = (0..self.planes.len()).filter(above).collect();
        for plane in &missing {
            self.add(*plane);
        }
        !missing.is_empty()
    }

    /// Adds a plane to the master.
    fn add(&mut self, plane: usize) {
        let (block, cut) = &self.planes[plane];
        let mut terms: Vec<(usize, f64)> =
            cut.slope.iter().map(|(column, slope)| (self.places[*column], -slope)).collect();
        terms.push((self.first_stage.len() + block, 1.0));
        self.master.row(&terms, cut.constant, f64::INFINITY);
        self.in_master.push(plane);
    }

    /// Closes in on the cost without the demand that columns be whole.
    fn root(&mut self, waypoints: &[Vec<f64>], course: &mut Course<'_>) -> Result<(), SolveEnd> {
        let mut loaded = self.master.row_count();
        self.is_closing_in = true;
        let mut best_bound = f64::NEG_INFINITY;
        let mut idle = 0;
        let mut step = STEP;
        let mut round: usize = 0;
        loop {
            if course.run(&mut self.highs, Purpose::Side)? != RunEnd::Optimal {
                return Err(SolveEnd::Failed("the first stage has no cheapest point".to_owned()));
            }
            let bound = self.highs.objective();
            course.raise_bound(bound);
            let values = self.highs.point()?.values;
            let outer = self.spread(&values);
            let Some((inner, cost)) = self.inner.clone() else { return Ok(()) };
            let scale = cost.abs().max(1.0);
            if bound > best_bound + 1e-5 * scale {
                (best_bound, idle) = (bound, 0);
            } else {
                idle += 1;
            }
            if cost - bound <= ROOT_GAP * scale || idle > PATIENCE || course.is_closed() {
                break;
            }
            let between: Vec<f64> = inner
                .iter()
                .zip(&outer)
                .map(|(inner, outer)| inner + step * (outer - inner))
                .collect();
            let cuts = self.evaluate(course, &between, false)?;
            self.waypoints.push(self.first_stage.iter().map(|column| between[*column]).collect());
            let broken = cuts.iter().any(|(block, cut)| {
                let told = values[self.first_stage.len() + block];
                cut.height(&outer) > told + 1e-7 * scale
            });
            // A point whose planes all lie below the last ones tells nothing of where they lead.
            step = if broken { STEP } else { 1.0 };
            let rows: Vec<usize> = (loaded..self.master.row_count()).collect();
            self.highs.add_rows(&self.master, &rows)?;
            loaded = self.master.row_count();
            round += 1;
            if round.is_multiple_of(4) || (round <= 2 && !waypoints.is_empty()) {
                self.round_up(course, &outer)?;
                let rows: Vec<usize> = (loaded..self.master.row_count()).collect();
                self.highs.add_rows(&self.master, &rows)?;
                loaded = self.master.row_count();
            }
        }
        self.is_closing_in = false;
        if let Some((inner, _)) = self.inner.clone().filter(|_| !course.is_closed()) {
            self.round_up(course, &inner)?;
        }
        let mut told = std::mem::take(&mut self.waypoints);
        told.drain(..told.len().saturating_sub(WAYPOINTS));
        // A solve that began near enough hands on what it was given.
        if told.len() < WAYPOINTS {
            told.splice(..0, waypoints.iter().take(WAYPOINTS - told.len()).cloned());
        }
        course.keep_waypoints(told);
        Ok(())
    }

    /// Plans near a point of the first stage.
    fn round_up(&mut self, course: &mut Course<'_>, point: &[f64]) -> Result<(), SolveEnd> {
        for part in PARTS {
            let wanted = self.whole_of(|column| point[column] > part);
            self.attempt(course, wanted)?;
        }
        Ok(())
    }

    /// First-stage values of a master's point, by column of the program.
    pub(super) fn spread(&self, values: &[f64]) -> Vec<f64> {
        let mut point = vec![0.0; self.program.column_count()];
        for (column, value) in self.first_stage.iter().zip(values) {
            point[*column] = *value;
        }
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::solver::order::WorkBudget;

    /// Plants that may open in each of three periods and stay open, of which so many are open in
    /// the end; customers that may go unserved: a first stage and a block for each period.
    fn plants(seed: u64, (least, most): (f64, f64)) -> Program {
        let mut state = seed;
        let mut draw = |low: f64, high: f64| {
            // Knuth's MMIX generator.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            low + (high - low) * f64::from(u32::try_from(state >> 40).unwrap()) / f64::from(1 << 24)
        };
        let (periods, plants, customers) = (3, 5, 7);
        let mut program = Program::new();
        let mut open = vec![vec![0; plants]; periods];
        for plant in 0..plants {
            let fixed = draw(20.0, 60.0);
            for (period, open) in open.iter_mut().enumerate() {
                let cost = fixed * (1.0 - 0.2 * f64::from(u32::try_from(period).unwrap()));
                open[plant] = program.first_stage_column(cost, 0.0, 1.0, true);
            }
            for period in 1..periods {
                let terms = [(open[period][plant], 1.0), (open[period - 1][plant], -1.0)];
                program.row(&terms, 0.0, f64::INFINITY);
            }
        }
        let in_the_end: Vec<(usize, f64)> =
            open[periods - 1].iter().map(|column| (*column, 1.0)).collect();
        program.row(&in_the_end, least, most);
        for open in &open {
            let mut used = vec![Vec::new(); plants];
            for _ in 0..customers {
                let demand = draw(1.0, 5.0);
                let mut served = vec![(program.column(60.0, 0.0, 1.0, false), 1.0)];
                for plant in 0..plants {
                    let flow = program.column(draw(5.0, 40.0), 0.0, 1.0, false);
                    served.push((flow, 1.0));
                    used[plant].push((flow, demand));
                    program.tightening_row(
                        &[(flow, 1.0), (open[plant], -1.0)],
                        f64::NEG_INFINITY,
                        0.0,
                    );
                }
                program.row(&served, 1.0, 1.0);
            }
            for (plant, mut used) in used.into_iter().enumerate() {
                used.push((open[plant], -draw(5.0, 12.0)));
                program.row(&used, f64::NEG_INFINITY, 0.0);
            }
        }
        program
    }

    #[test]
    fn blocks_and_the_whole_program_have_one_optimum() {
        // The second allows neither everything nor the cheapest point in parts of a plant.
        let cases = [(0.0, 5.0), (2.5, 3.5)];
        for (seed, open) in (1..=25).flat_map(|seed| cases.map(|open| (seed, open))) {
            let order = SolveOrder {
                relative_gap: 1e-9,
                absolute_gap: 0.0,
                work: WorkBudget::default(),
                ..SolveOrder::new(plants(seed, open))
            };
            let (mut nothing, never) = (|_| (), || false);
            let mut course = Course::begin(&order, &mut nothing, &never);
            let end = through_blocks_from(1, &order, &mut course).unwrap();
            let apart = course.outcome(end.unwrap_or(SolveEnd::Optimal));
            let whole = crate::solver::solve(&order, &mut |_| (), &|| false);
            let (apart, bound, whole) =
                (apart.objective.unwrap(), apart.bound.unwrap(), whole.objective.unwrap());
            assert!((apart - whole).abs() <= 1e-6 * whole, "{seed} {open:?}: {apart} and {whole}");
            assert!(
                bound <= whole * (1.0 + 1e-9),
                "{seed} {open:?}: a bound of {bound} over {whole}"
            );
        }
    }

    #[test]
    fn parts_of_plants_are_no_plan() {
        let order = SolveOrder::new(plants(1, (1.4, 1.6)));
        let (mut nothing, never) = (|_| (), || false);
        let mut course = Course::begin(&order, &mut nothing, &never);
        let end = through_blocks_from(1, &order, &mut course);
        let (Ok(Some(reason)) | Err(reason)) = end else { panic!("not taken apart") };
        let outcome = course.outcome(reason);
        assert_eq!((outcome.reason, outcome.objective), (SolveEnd::Infeasible, None));
    }
}
