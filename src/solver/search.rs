//! How an order is solved: relaxation, first point, search.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::course::{Course, Purpose, RunEnd};
use super::decomposition::through_blocks;
use super::incumbent;
use super::order::{SolveEnd, SolveEvent, SolveOrder, SolveOutcome, SolvePhase};
use super::relaxation::{Relaxation, Rounds, TOLERANCE};

/// Solves an order on this thread.
///
/// `tell` hears what happens on the way; `cancelled` is asked often whether the answer is still
/// wanted. Without a time limit the outcome is a function of the order but for the times taken.
/// All orders of one process must name the same number of threads: the library keeps the threads
/// it has and fails with any other number.
pub fn solve(
    order: &SolveOrder,
    tell: &mut dyn FnMut(SolveEvent),
    cancelled: &dyn Fn() -> bool,
) -> SolveOutcome {
    solve_or_break(order, tell, cancelled).0
}

/// As [`solve`]; tells as well whether the library failed and is in no state to be used again.
pub(super) fn solve_or_break(
    order: &SolveOrder,
    tell: &mut dyn FnMut(SolveEvent),
    cancelled: &dyn Fn() -> bool,
) -> (SolveOutcome, bool) {
    let mut course = Course::begin(order, tell, cancelled);
    let (Ok(reason) | Err(reason)) = attempt(order, &mut course);
    let is_broken = course.is_broken();
    (course.outcome(reason), is_broken)
}

fn attempt(order: &SolveOrder, course: &mut Course<'_>) -> Result<SolveEnd, SolveEnd> {
    let program = &order.program;
    let columns = program.column_count();
    if let Some(start) = &order.start
        && (start.len() != columns || !start.iter().all(|value| value.is_finite()))
    {
        return Err(SolveEnd::Failed(format!("the start is not one value for each of {columns}")));
    }
    if ![order.relative_gap, order.absolute_gap].iter().all(|gap| *gap >= 0.0) {
        return Err(SolveEnd::Failed("the gaps are not 0 or more".to_owned()));
    }
    match through_blocks(order, course) {
        Ok(None) => {}
        // What the blocks could not do the whole program may.
        Err(SolveEnd::Failed(_)) if !course.is_broken() => {}
        Ok(Some(end)) | Err(end) => return Ok(end),
    }
    let mut relaxation = match Relaxation::begin(course, program)? {
        Ok(relaxation) => relaxation,
        // No relaxed point, no whole one.
        Err(RunEnd::Infeasible) => return Ok(SolveEnd::Infeasible),
        Err(_) => return without_bound(order, course),
    };
    if columns == 0 {
        // Without anything to decide the library tells no cost, and does not look at the rows.
        let holds = program.row_lower.iter().all(|lower| *lower <= TOLERANCE)
            && program.row_upper.iter().all(|upper| -*upper <= TOLERANCE);
        if !holds {
            return Ok(SolveEnd::Infeasible);
        }
        course.raise_bound(program.offset);
        course.improve(program.offset, Vec::new);
        return Ok(SolveEnd::Optimal);
    }
    let start = order.start.as_deref().filter(|start| incumbent::keeps(program, start));
    if let Some(start) = start.filter(|_| !order.relax) {
        course.improve(program.cost_of(start), || start.to_vec());
    }
    if relaxation.is_loose() && !order.relax {
        // The rounds may take long: a plan first.
        incumbent::round(course, &mut relaxation, &incumbent::ALL_UP)?;
    }
    let rounds = if order.relax { Rounds::ToTheEnd } else { Rounds::WhileTheyPay };
    match relaxation.tighten(course, rounds)? {
        Ok(()) => {}
        Err(RunEnd::Infeasible) => return Ok(SolveEnd::Infeasible),
        Err(_) => return without_bound(order, course),
    }
    if order.relax {
        course.improve(relaxation.objective, || relaxation.point.values.clone());
        course.keep_duals(relaxation.row_duals(), relaxation.point.reduced_costs);
        return Ok(SolveEnd::Optimal);
    }
    incumbent::round(course, &mut relaxation, &incumbent::BY_AND_BY)?;
    if course.is_closed() {
        return Ok(SolveEnd::Optimal);
    }
    let rows = relaxation.rows();
    // Its memory is worth more than its basis, which the search cannot take over.
    drop(relaxation);
    course.phase(SolvePhase::Presolve);
    let mut highs = course.highs()?;
    highs.load(program, &rows, false)?;
    // A start that is no point yet is the library's to repair, unless there is a better one.
    if let Some(start) = course.best().map(|best| &best.values).or(order.start.as_ref()) {
        highs.start_at(start)?;
    }
    match course.run(&mut highs, Purpose::Search)? {
        RunEnd::Optimal => Ok(SolveEnd::Optimal),
        RunEnd::Infeasible => Ok(SolveEnd::Infeasible),
        RunEnd::Unbounded | RunEnd::UnboundedOrInfeasible => without_bound(order, course),
    }
}

/// Tells a program whose cost falls without end from one that no point keeps: the library often
/// knows only that it is one of them.
fn without_bound(order: &SolveOrder, course: &mut Course<'_>) -> Result<SolveEnd, SolveEnd> {
    let program = &order.program;
    let mut highs = course.highs()?;
    let rows: Vec<usize> = (0..program.row_count()).collect();
    highs.load(program, &rows, order.relax)?;
    highs.set_costs(&vec![0.0; program.column_count()])?;
    match course.run(&mut highs, Purpose::Side)? {
        RunEnd::Infeasible => Ok(SolveEnd::Infeasible),
        _ => Ok(SolveEnd::Unbounded),
    }
}
