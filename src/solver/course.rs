//! The course of one solve: its limits, what it has spent, and the best it has found.

#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use super::highs::Highs;
use super::highs_run::{HighsEnd, HighsFault, HighsLimits, HighsNews};
use super::order::{SolveEnd, SolveEvent, SolveOrder, SolveOutcome, SolvePhase, known};
use rustix::time::{ClockId, clock_gettime};
use std::time::{Duration, Instant};

/// How a run within the limits ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunEnd {
    Optimal,
    Infeasible,
    Unbounded,
    UnboundedOrInfeasible,
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Its points and bounds are answers to the order.
    Search,
    /// They are not: columns need not be whole, or costs are others.
    Side,
}

/// A point with whole columns where they must be, or of a relaxation where that was asked for.
#[derive(Debug)]
pub(super) struct Best {
    pub(super) objective: f64,
    pub(super) values: Vec<f64>,
}

/// What a search beside the order's came to.
pub(super) struct Searched {
    /// Points, better ones later.
    pub(super) points: Vec<Vec<f64>>,
    /// What no point costs less than; infinite if unknown.
    pub(super) bound: f64,
    /// Whether it came to its end.
    pub(super) is_over: bool,
}

/// One solve from its order to its outcome.
pub(super) struct Course<'a> {
    order: &'a SolveOrder,
    tell: &'a mut dyn FnMut(SolveEvent),
    cancelled: &'a dyn Fn() -> bool,
    began: Instant,
    cpu_began: Duration,
    /// `None` without a limit, or with one beyond what the clock can tell.
    deadline: Option<Instant>,
    /// Iterations of the runs that are over.
    lp_iterations: u64,
    nodes: u64,
    best: Option<Best>,
    bound: Option<f64>,
    row_duals: Vec<f64>,
    waypoints: Vec<Vec<f64>>,
    reduced_costs: Vec<f64>,
    is_broken: bool,
}

impl From<HighsFault> for SolveEnd {
    fn from(fault: HighsFault) -> Self {
        Self::Failed(fault.to_string())
    }
}

impl<'a> Course<'a> {
    pub(super) fn begin(
        order: &'a SolveOrder,
        tell: &'a mut dyn FnMut(SolveEvent),
        cancelled: &'a dyn Fn() -> bool,
    ) -> Self {
        let began = Instant::now();
        Self {
            order,
            tell,
            cancelled,
            began,
            cpu_began: cpu_time(),
            deadline: order.time.and_then(|time| began.checked_add(time)),
            lp_iterations: 0,
            nodes: 0,
            best: None,
            bound: None,
            row_duals: Vec::new(),
            waypoints: Vec::new(),
            reduced_costs: Vec::new(),
            is_broken: false,
        }
    }

    /// A program of the library's, set up as the order says.
    pub(super) fn highs(&self) -> Result<Highs, SolveEnd> {
        Ok(Highs::new(self.order.threads, self.order.seed)?)
    }

    pub(super) fn phase(&mut self, phase: SolvePhase) {
        (self.tell)(SolveEvent::Phase(phase));
    }

    /// Runs the library within what is left of the limits.
    ///
    /// # Errors
    /// The end of the whole solve: a limit was met, it was cancelled, or the library failed.
    pub(super) fn run(&mut self, highs: &mut Highs, purpose: Purpose) -> Result<RunEnd, SolveEnd> {
        if let Some(end) = self.run_once(highs, purpose)? {
            return Ok(end);
        }
        // From a basis that went bad the library may come to no end; from nothing it does.
        highs.forget()?;
        let no_end = || SolveEnd::Failed("HiGHS: comes to no end".to_owned());
        self.run_once(highs, purpose)?.ok_or_else(no_end)
    }

    /// One run; none where it came to no end.
    fn run_once(
        &mut self,
        highs: &mut Highs,
        purpose: Purpose,
    ) -> Result<Option<RunEnd>, SolveEnd> {
        let work = self.order.work;
        let left = work.lp_iterations.map(|most| most.saturating_sub(self.lp_iterations));
        let time = self.deadline.map(|end| end.saturating_duration_since(Instant::now()));
        if let Some(end) = overdue(self.cancelled, self.deadline, left, 0) {
            return Err(end);
        }
        highs.limit(&HighsLimits {
            relative_gap: self.order.relative_gap,
            absolute_gap: self.order.absolute_gap,
            time,
            nodes: work.nodes,
            lp_iterations: left,
        })?;
        let mut seen = 0;
        let mut stopped = None;
        let mut searching = false;
        let end = highs.run(&mut |news| {
            match news {
                HighsNews::Check { lp_iterations } => {
                    seen = seen.max(lp_iterations);
                    stopped = overdue(self.cancelled, self.deadline, left, lp_iterations);
                    return stopped.is_some();
                }
                _ if purpose == Purpose::Side => {}
                HighsNews::Improved { bound, values } => {
                    self.raise_bound(bound);
                    self.improve(self.order.program.cost_of(values), || values.to_vec());
                }
                HighsNews::Progress { incumbent, bound, nodes, lp_iterations } => {
                    seen = seen.max(lp_iterations);
                    if lp_iterations > 0 && !std::mem::replace(&mut searching, true) {
                        self.phase(SolvePhase::Search);
                    }
                    self.progress(incumbent, bound, nodes, lp_iterations);
                }
            }
            false
        });
        // What was done counts, however it ended.
        self.lp_iterations += seen.max(highs.lp_iterations());
        if purpose == Purpose::Search {
            self.nodes += highs.nodes();
            self.raise_bound(highs.bound());
            if highs.has_point() {
                // The library may tell another cost than that of the point it tells.
                let point = highs.point()?;
                self.improve(self.order.program.cost_of(&point.values), || point.values);
            }
        }
        let failure = match end {
            Ok(HighsEnd::Optimal) => return Ok(Some(RunEnd::Optimal)),
            Ok(HighsEnd::Infeasible) => return Ok(Some(RunEnd::Infeasible)),
            Ok(HighsEnd::Unbounded) => return Ok(Some(RunEnd::Unbounded)),
            Ok(HighsEnd::UnboundedOrInfeasible) => return Ok(Some(RunEnd::UnboundedOrInfeasible)),
            Ok(HighsEnd::Unknown) => return Ok(None),
            Ok(HighsEnd::TimeLimit) => return Err(SolveEnd::TimeLimit),
            Ok(HighsEnd::WorkLimit) => return Err(SolveEnd::WorkLimit),
            Ok(HighsEnd::Stopped) => return Err(stopped.unwrap_or(SolveEnd::Cancelled)),
            Ok(HighsEnd::OutOfMemory) => SolveEnd::Failed("HiGHS: out of memory".to_owned()),
            Ok(HighsEnd::Other(status)) => SolveEnd::Failed(format!("HiGHS: status {status}")),
            Err(fault) => fault.into(),
        };
        self.is_broken = true;
        Err(failure)
    }

    /// Searches a program that no point of the order's costs less than, within
    /// what is left of the limits and so many iterations.
    ///
    /// # Errors
    /// The end of the whole solve.
    pub(super) fn search_side(
        &mut self,
        highs: &mut Highs,
        relative_gap: f64,
        lp_iterations: u64,
    ) -> Result<Searched, SolveEnd> {
        let searched = self.searched(highs, relative_gap, lp_iterations, true)?;
        self.raise_bound(searched.bound);
        Ok(searched)
    }

    /// The same for a part of such a program, whose bound is none for the order.
    ///
    /// # Errors
    /// The end of the whole solve.
    pub(super) fn search_part(
        &mut self,
        highs: &mut Highs,
        relative_gap: f64,
        lp_iterations: u64,
    ) -> Result<Searched, SolveEnd> {
        self.searched(highs, relative_gap, lp_iterations, false)
    }

    fn searched(
        &mut self,
        highs: &mut Highs,
        relative_gap: f64,
        most_iterations: u64,
        bounds: bool,
    ) -> Result<Searched, SolveEnd> {
        let work = self.order.work;
        let left = work.lp_iterations.map(|most| most.saturating_sub(self.lp_iterations));
        let nodes = work.nodes.map(|most| most.saturating_sub(self.nodes));
        if let Some(end) = overdue(self.cancelled, self.deadline, left, 0) {
            return Err(end);
        }
        highs.limit(&HighsLimits {
            relative_gap,
            absolute_gap: 0.0,
            time: self.deadline.map(|end| end.saturating_duration_since(Instant::now())),
            nodes,
            lp_iterations: left,
        })?;
        let mut seen = 0;
        let mut points = Vec::new();
        let mut stopped = None;
        let end = highs.run(&mut |news| {
            match news {
                HighsNews::Check { lp_iterations } => {
                    seen = seen.max(lp_iterations);
                    stopped = overdue(self.cancelled, self.deadline, left, lp_iterations);
                    return stopped.is_some() || lp_iterations >= most_iterations;
                }
                HighsNews::Improved { values, .. } => points.push(values.to_vec()),
                HighsNews::Progress { bound, nodes, lp_iterations, .. } => {
                    seen = seen.max(lp_iterations);
                    let bound = if bounds { bound } else { f64::NEG_INFINITY };
                    self.progress(f64::INFINITY, bound, nodes, lp_iterations);
                }
            }
            false
        });
        self.lp_iterations += seen.max(highs.lp_iterations());
        self.nodes += highs.nodes();
        if highs.has_point() {
            points.push(highs.point()?.values);
        }
        let is_over = end == Ok(HighsEnd::Optimal);
        match (end, stopped) {
            (_, Some(end)) if points.is_empty() => return Err(end),
            // What was found in time is worth a look.
            (_, Some(_))
            | (
                Ok(
                    HighsEnd::Optimal
                    | HighsEnd::Stopped
                    | HighsEnd::WorkLimit
                    | HighsEnd::TimeLimit,
                ),
                None,
            ) => {}
            (Ok(HighsEnd::Infeasible), None) if !bounds => {}
            (Ok(HighsEnd::Infeasible), None) => return Err(SolveEnd::Infeasible),
            (Ok(other), None) => {
                return Err(SolveEnd::Failed(format!("the search of the first stage: {other:?}")));
            }
            (Err(fault), None) => return Err(fault.into()),
        }
        Ok(Searched { points, bound: highs.bound(), is_over })
    }

    fn progress(&mut self, incumbent: f64, bound: f64, nodes: u64, lp_iterations: u64) {
        self.raise_bound(bound);
        let best = self.best.as_ref().map(|best| best.objective);
        let incumbent = match (known(incumbent), best) {
            (Some(found), Some(best)) => Some(found.min(best)),
            (found, best) => found.or(best),
        };
        (self.tell)(SolveEvent::Progress {
            incumbent,
            bound: self.bound,
            nodes: self.nodes + nodes,
            lp_iterations: self.lp_iterations + lp_iterations,
        });
    }

    /// Takes note of what no point costs less than.
    pub(super) fn raise_bound(&mut self, bound: f64) {
        if let Some(bound) = known(bound) {
            self.bound = Some(self.bound.map_or(bound, |before| before.max(bound)));
        }
    }

    /// Takes note of a point and tells it, if it is better than what there is.
    pub(super) fn improve(&mut self, objective: f64, values: impl FnOnce() -> Vec<f64>) {
        let is_better = self.best.as_ref().is_none_or(|best| objective < best.objective);
        if !objective.is_finite() || !is_better {
            return;
        }
        let values = values();
        (self.tell)(SolveEvent::Incumbent { objective, bound: self.bound, values: values.clone() });
        self.best = Some(Best { objective, values });
    }

    /// Takes note of the duals of a relaxation that was asked for.
    pub(super) fn keep_waypoints(&mut self, waypoints: Vec<Vec<f64>>) {
        self.waypoints = waypoints;
    }

    pub(super) fn keep_duals(&mut self, row_duals: Vec<f64>, reduced_costs: Vec<f64>) {
        (self.row_duals, self.reduced_costs) = (row_duals, reduced_costs);
    }

    /// Whether the library failed within a run: for want of memory, or for a fault of its own.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken
    }

    pub(super) fn best(&self) -> Option<&Best> {
        self.best.as_ref()
    }

    /// Whether the gap is closed to what the order asks.
    pub(super) fn is_closed(&self) -> bool {
        let Some((best, bound)) = self.best.as_ref().zip(self.bound) else { return false };
        let gap = best.objective - bound;
        gap <= self.order.absolute_gap || gap <= self.order.relative_gap * best.objective.abs()
    }

    pub(super) fn outcome(self, reason: SolveEnd) -> SolveOutcome {
        let (objective, values) =
            self.best.map_or((None, Vec::new()), |best| (Some(best.objective), best.values));
        let bound = match (self.bound, objective) {
            // Within the tolerance of the relaxation the bound may pass the point.
            (Some(bound), Some(objective)) => Some(bound.min(objective)),
            (bound, _) => bound,
        };
        SolveOutcome {
            reason,
            objective,
            bound,
            values,
            row_duals: self.row_duals,
            waypoints: self.waypoints,
            reduced_costs: self.reduced_costs,
            nodes: self.nodes,
            lp_iterations: self.lp_iterations,
            cpu_seconds: cpu_time().saturating_sub(self.cpu_began).as_secs_f64(),
            wall_seconds: self.began.elapsed().as_secs_f64(),
        }
    }
}

/// Why the solve must stop here, if it must.
fn overdue(
    cancelled: &dyn Fn() -> bool,
    deadline: Option<Instant>,
    work_left: Option<u64>,
    lp_iterations: u64,
) -> Option<SolveEnd> {
    if cancelled() {
        Some(SolveEnd::Cancelled)
    } else if work_left.is_some_and(|left| lp_iterations >= left) {
        Some(SolveEnd::WorkLimit)
    } else if deadline.is_some_and(|end| Instant::now() >= end) {
        Some(SolveEnd::TimeLimit)
    } else {
        None
    }
}

/// Processor time of this thread.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}
