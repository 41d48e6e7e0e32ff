//! A program without the demand that columns be whole, tightened in rounds.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::course::{Course, Purpose, RunEnd};
use super::highs::Highs;
use super::highs_run::HighsPoint;
use super::order::{SolveEnd, SolvePhase};
use crate::sourcing::Program;

/// By how much a row must be broken to count: ten times what the library calls kept.
pub(super) const TOLERANCE: f64 = 1e-6;

/// With fewer tightening rows than this the program is taken whole: the rounds would cost more
/// than the rows. From here on they never took longer in location problems of 10 sites or more.
const ROUNDS_FROM: usize = 200;

/// Share of the cost a round must gain; below it the next ones are left to the search.
const STALL: f64 = 1e-5;

/// How far the rounds go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounds {
    /// Until no row is broken: the answer is the relaxation's own.
    ToTheEnd,
    /// Until the cost rises no more: what is left the search can do.
    WhileTheyPay,
}

/// A relaxation that was solved, ready to be solved again with other bounds.
pub(super) struct Relaxation<'a> {
    pub(super) program: &'a Program,
    pub(super) highs: Highs,
    /// Rows within, in the order they were added.
    rows: Vec<usize>,
    /// Tightening rows not within.
    left_out: Vec<usize>,
    pub(super) point: HighsPoint,
    pub(super) objective: f64,
}

impl<'a> Relaxation<'a> {
    /// Solves the relaxation of a program, without the tightening rows if they are many; `Err` in
    /// the inner result if it has no cheapest point.
    ///
    /// # Errors
    /// The end of the whole solve.
    pub(super) fn begin(
        course: &mut Course<'_>,
        program: &'a Program,
    ) -> Result<Result<Self, RunEnd>, SolveEnd> {
        course.phase(SolvePhase::Relaxation);
        let tightening = program.tightening.iter().filter(|tightens| **tightens).count();
        let in_rounds = tightening >= ROUNDS_FROM;
        let (left_out, rows): (Vec<usize>, Vec<usize>) = (0..program.row_count())
            .partition(|row| in_rounds && program.tightening.get(*row) == Some(&true));
        let mut highs = course.highs()?;
        highs.load(program, &rows, true)?;
        match course.run(&mut highs, Purpose::Side)? {
            RunEnd::Optimal => {}
            other => return Ok(Err(other)),
        }
        let (point, objective) = (highs.point()?, highs.objective());
        course.raise_bound(objective);
        Ok(Ok(Self { program, highs, rows, left_out, point, objective }))
    }

    /// Whether rows are left out.
    pub(super) fn is_loose(&self) -> bool {
        !self.left_out.is_empty()
    }

    /// Adds the rows left out which the point breaks, and solves again, round by round; `Err` in
    /// the inner result if no point is left.
    ///
    /// # Errors
    /// The end of the whole solve.
    pub(super) fn tighten(
        &mut self,
        course: &mut Course<'_>,
        rounds: Rounds,
    ) -> Result<Result<(), RunEnd>, SolveEnd> {
        loop {
            let broken = self.take_broken();
            if broken.is_empty() {
                return Ok(Ok(()));
            }
            self.highs.add_rows(self.program, &broken)?;
            self.rows.extend(broken);
            match course.run(&mut self.highs, Purpose::Side)? {
                RunEnd::Optimal => {}
                other => return Ok(Err(other)),
            }
            let before = self.objective;
            self.point = self.highs.point()?;
            self.objective = self.highs.objective();
            course.raise_bound(self.objective);
            let gain = self.objective - before;
            if rounds == Rounds::WhileTheyPay && gain <= STALL * self.objective.abs() {
                return Ok(Ok(()));
            }
        }
    }

    /// Takes the rows the point breaks from those left out.
    fn take_broken(&mut self) -> Vec<usize> {
        let Program { row_lower, row_upper, .. } = self.program;
        let left_out = std::mem::take(&mut self.left_out);
        let (broken, kept) = left_out.into_iter().partition(|row| {
            let activity: f64 = self
                .program
                .terms(*row)
                .map(|(column, coefficient)| coefficient * self.point.values[column])
                .sum();
            activity < row_lower[*row] - TOLERANCE || activity > row_upper[*row] + TOLERANCE
        });
        self.left_out = kept;
        broken
    }

    /// Rows within, in the program's order.
    pub(super) fn rows(&self) -> Vec<usize> {
        let mut rows = self.rows.clone();
        rows.sort_unstable();
        rows
    }

    /// Duals of all rows of the program: a row that was left out holds nothing up.
    pub(super) fn row_duals(&self) -> Vec<f64> {
        let mut duals = vec![0.0; self.program.row_count()];
        for (row, dual) in self.rows.iter().zip(&self.point.row_duals) {
            duals[*row] = *dual;
        }
        duals
    }
}
