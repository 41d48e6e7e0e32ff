//! Rounds of searching the first stage by the planes known.

// A solver's arithmetic, not money's.
#![allow(clippy::float_arithmetic)]

use super::course::{Course, Purpose, RunEnd};
use super::decomposition::Decomposition;
use super::highs::Highs;
use super::order::{SolveEnd, SolveOrder, SolvePhase};
use crate::sourcing::Program;

/// Iterations of the simplex method in the first search of the first stage; each
/// one after it may take twice as many as the last. Work and not time, so that
/// answers repeat.
const SEARCH_WORK: u64 = 4_000;

/// The same for a search near the best plan.
const NEAR_WORK: u64 = 4_000;

/// Points of a search whose costs are looked at.
const POINTS: usize = 3;

/// Share of the cost that a search near the best plan must gain to be worth
/// another.
const NEAR_GAIN: f64 = 1e-4;

impl Decomposition<'_> {
    /// Searches the first stage with the planes so far, near the best plan and
    /// everywhere, adds the planes of the points found, and again, until the gap
    /// is closed; none where the planes known tell no more.
    pub(super) fn rounds(
        &mut self,
        order: &SolveOrder,
        course: &mut Course<'_>,
    ) -> Result<Option<SolveEnd>, SolveEnd> {
        if course.is_closed() {
            return Ok(Some(SolveEnd::Optimal));
        }
        course.phase(SolvePhase::Search);
        let nearest = order.relative_gap / 2.0;
        let mut work = SEARCH_WORK;
        // Once: what is left out again and again is found missing again and again.
        let mut relaxed = self.without_slack_cuts(course)?;
        loop {
            while !course.is_closed() && self.near(course, &relaxed, nearest)? {}
            if course.is_closed() {
                return Ok(Some(SolveEnd::Optimal));
            }
            let mut highs = self.searchable(course)?;
            let searched = course.search_side(&mut highs, nearest, work)?;
            course.raise_bound(searched.bound);
            let news = self.look_at(course, &searched.points)?;
            if !news && searched.is_over && !course.is_closed() {
                // The planes at every point found are known: what is left is within the tolerance of the
                // search itself.
                return Ok(None);
            }
            work = work.saturating_mul(2);
            relaxed = self.cheapest(course)?;
        }
    }

    /// The master with whole columns, begun at the best plan.
    fn searchable(&self, course: &Course<'_>) -> Result<Highs, SolveEnd> {
        let mut highs = course.highs()?;
        let rows: Vec<usize> = (0..self.master.row_count()).collect();
        highs.load(&self.master, &rows, false)?;
        if let Some(best) = &self.best {
            highs.start_at(best)?;
        }
        Ok(highs)
    }

    /// Searches where the best plan and the cheapest point by the planes differ
    /// (Danna, Rothberg and Le Pape 2005); whether it gained much.
    fn near(
        &mut self,
        course: &mut Course<'_>,
        relaxed: &[f64],
        gap: f64,
    ) -> Result<bool, SolveEnd> {
        let (Some(best), Some(known)) = (self.best.clone(), course.best().map(|b| b.objective))
        else {
            return Ok(false);
        };
        let (mut lower, mut upper) = (self.master.lower.clone(), self.master.upper.clone());
        for column in 0..self.first_stage.len() {
            if self.master.whole[column] && (best[column] - relaxed[column]).abs() < 0.02 {
                (lower[column], upper[column]) = (best[column].round(), best[column].round());
            }
        }
        let mut highs = self.searchable(course)?;
        highs.set_bounds(&lower, &upper)?;
        let searched = course.search_part(&mut highs, gap, NEAR_WORK)?;
        self.look_at(course, &searched.points)?;
        let now = course.best().map_or(known, |best| best.objective);
        Ok(known - now > NEAR_GAIN * known.abs())
    }

    /// Costs of the last points of a search; whether they told anything new.
    fn look_at(&mut self, course: &mut Course<'_>, points: &[Vec<f64>]) -> Result<bool, SolveEnd> {
        let mut news = false;
        for values in points.iter().rev().take(POINTS) {
            // A plane left out before may be what is missing here.
            news |= self.add_known(values);
            let point = self.spread(values);
            let wanted = self.whole_of(|column| point[column] > 0.5);
            news |= self.attempt(course, wanted)?.is_some();
        }
        Ok(news)
    }

    /// The cheapest point by the planes, where no column need be whole.
    fn cheapest(&self, course: &mut Course<'_>) -> Result<Vec<f64>, SolveEnd> {
        let rows: Vec<usize> = (0..self.master.row_count()).collect();
        let mut highs = course.highs()?;
        highs.load(&self.master, &rows, true)?;
        if course.run(&mut highs, Purpose::Side)? != RunEnd::Optimal {
            return Err(SolveEnd::Failed("the first stage has no cheapest point".to_owned()));
        }
        course.raise_bound(highs.objective());
        Ok(highs.point()?.values)
    }

    /// Leaves out planes that lie far below the cheapest point by all of them;
    /// tells that point.
    fn without_slack_cuts(&mut self, course: &mut Course<'_>) -> Result<Vec<f64>, SolveEnd> {
        let point = self.cheapest(course)?;
        let scale = self.master.cost_of(&point).abs().max(1.0) / count(self.blocks.len());
        let full = std::mem::replace(&mut self.master, Program::new());
        let planes = std::mem::take(&mut self.in_master);
        let mut master = Program::new();
        master.offset = full.offset;
        for column in 0..full.column_count() {
            master.column(
                full.cost[column],
                full.lower[column],
                full.upper[column],
                full.whole[column],
            );
        }
        for row in 0..full.row_count() {
            let terms: Vec<(usize, f64)> = full.terms(row).collect();
            let height: f64 = terms.iter().map(|(column, c)| c * point[*column]).sum();
            let slack = height - full.row_lower[row];
            let plane = row.checked_sub(self.own_rows).map(|place| planes[place]);
            if plane.is_none() || slack <= 0.02 * scale {
                master.row(&terms, full.row_lower[row], full.row_upper[row]);
                self.in_master.extend(plane);
            }
        }
        self.master = master;
        Ok(point)
    }
}

#[allow(clippy::cast_precision_loss, reason = "a number of blocks")]
fn count(blocks: usize) -> f64 {
    blocks as f64
}
