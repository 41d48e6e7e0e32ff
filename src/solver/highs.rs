//! The solver library, made safe.
//!
//! HiGHS is C++ behind a C interface; the safe crate above it has neither callbacks nor rows added
//! to a solved program. This file is the only one of the project with unsafe code: what it hands
//! over is checked for length and range before, and every pointer ends with the call it is for.

#![allow(unsafe_code, reason = "there is no safe way to these functions")]

use super::highs_rows::{RowPart, check, count, int};
use super::highs_run::{Done, HighsEnd, HighsFault, HighsLimits, HighsNews, HighsPoint, done};
use crate::sourcing::Program;
use highs_sys as sys;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::{self, NonNull};
use std::thread::{self, ThreadId};

type Int = sys::HighsInt;

/// One program within the library, kept from run to run: a run begins where the last one ended.
///
/// Not `Send`: the library keeps threads of its own for every thread that runs it.
#[derive(Debug)]
pub(super) struct Highs {
    raw: NonNull<c_void>,
    columns: usize,
    rows: usize,
}

impl Drop for Highs {
    fn drop(&mut self) {
        // SAFETY: made by `Highs_create`, and nobody else has it.
        unsafe { sys::Highs_destroy(self.raw.as_ptr()) }
    }
}

impl Highs {
    /// An empty program; silent, and drawing its chances from `seed`.
    pub(super) fn new(threads: u32, seed: u32) -> Done<Self> {
        // SAFETY: takes nothing.
        let raw = NonNull::new(unsafe { sys::Highs_create() });
        let raw = raw.ok_or_else(|| HighsFault("no memory to begin".to_owned()))?;
        let highs = Self { raw, columns: 0, rows: 0 };
        highs.flag(c"output_flag", false)?;
        highs.flag(c"log_to_console", false)?;
        highs.whole(c"threads", int("threads", threads)?)?;
        highs.whole(c"random_seed", int("seed", seed)?)?;
        Ok(highs)
    }

    /// Takes a program in, with these of its rows, in this order.
    ///
    /// With `relax` no column must be whole.
    pub(super) fn load(&mut self, program: &Program, rows: &[usize], relax: bool) -> Done {
        check(program)?;
        let part = RowPart::of(program, rows)?;
        let whole: Vec<Int> = if relax {
            Vec::new()
        } else {
            let kind = |whole: &bool| {
                if *whole { sys::VAR_TYPE_INTEGER } else { sys::VAR_TYPE_CONTINUOUS }
            };
            program.whole.iter().map(kind).collect()
        };
        let columns = program.column_count();
        // SAFETY: `check` saw that every column array has `columns` elements, `RowPart` that its
        // own belong together and name columns that exist. The library copies all of them.
        let status = unsafe {
            sys::Highs_passModel(
                self.raw.as_ptr(),
                int("columns", columns)?,
                int("rows", rows.len())?,
                int("terms", part.columns.len())?,
                0,
                sys::MATRIX_FORMAT_ROW_WISE,
                1, // There is no quadratic part, but its format is looked at.
                sys::OBJECTIVE_SENSE_MINIMIZE,
                program.offset,
                program.cost.as_ptr(),
                program.lower.as_ptr(),
                program.upper.as_ptr(),
                part.lower.as_ptr(),
                part.upper.as_ptr(),
                part.starts.as_ptr(),
                part.columns.as_ptr(),
                part.coefficients.as_ptr(),
                ptr::null(),
                ptr::null(),
                ptr::null(),
                if whole.is_empty() { ptr::null() } else { whole.as_ptr() },
            )
        };
        done(status, "does not take the program")?;
        (self.columns, self.rows) = (columns, rows.len());
        Ok(())
    }

    /// Adds rows of the program after those it has; the next run begins where the last one ended.
    pub(super) fn add_rows(&mut self, program: &Program, rows: &[usize]) -> Done {
        check(program)?;
        if program.column_count() != self.columns {
            return Err(HighsFault("rows of another program".to_owned()));
        }
        let part = RowPart::of(program, rows)?;
        // SAFETY: as in `load`; the columns named are those of the program within.
        let status = unsafe {
            sys::Highs_addRows(
                self.raw.as_ptr(),
                int("rows", rows.len())?,
                part.lower.as_ptr(),
                part.upper.as_ptr(),
                int("terms", part.columns.len())?,
                part.starts.as_ptr(),
                part.columns.as_ptr(),
                part.coefficients.as_ptr(),
            )
        };
        done(status, "does not take the rows")?;
        self.rows += rows.len();
        Ok(())
    }

    /// Replaces the bounds of all columns.
    pub(super) fn set_bounds(&mut self, lower: &[f64], upper: &[f64]) -> Done {
        let Some(last) = self.last_column(&[lower, upper])? else { return Ok(()) };
        // SAFETY: both have a value for every column from 0 to `last`.
        let status = unsafe {
            sys::Highs_changeColsBoundsByRange(
                self.raw.as_ptr(),
                0,
                last,
                lower.as_ptr(),
                upper.as_ptr(),
            )
        };
        done(status, "does not take the bounds")
    }

    /// Replaces the bounds of all rows.
    pub(super) fn set_row_bounds(&mut self, lower: &[f64], upper: &[f64]) -> Done {
        if [lower, upper].iter().any(|array| array.len() != self.rows) {
            return Err(HighsFault(format!("not one value for each of {} rows", self.rows)));
        }
        let Some(last) = self.rows.checked_sub(1) else { return Ok(()) };
        // SAFETY: both have a value for every row from 0 to `last`.
        let status = unsafe {
            sys::Highs_changeRowsBoundsByRange(
                self.raw.as_ptr(),
                0,
                int("rows", last)?,
                lower.as_ptr(),
                upper.as_ptr(),
            )
        };
        done(status, "does not take the bounds of rows")
    }

    /// Replaces the costs of all columns.
    pub(super) fn set_costs(&mut self, cost: &[f64]) -> Done {
        let Some(last) = self.last_column(&[cost])? else { return Ok(()) };
        // SAFETY: it has a value for every column from 0 to `last`.
        let status =
            unsafe { sys::Highs_changeColsCostByRange(self.raw.as_ptr(), 0, last, cost.as_ptr()) };
        done(status, "does not take the costs")
    }

    /// Gives the search a point to start from.
    pub(super) fn start_at(&mut self, values: &[f64]) -> Done {
        if self.last_column(&[values])?.is_none() {
            return Ok(());
        }
        // SAFETY: it has a value for every column; null stands for what is not given.
        let status = unsafe {
            sys::Highs_setSolution(
                self.raw.as_ptr(),
                values.as_ptr(),
                ptr::null(),
                ptr::null(),
                ptr::null(),
            )
        };
        done(status, "does not take the start")
    }

    /// The last column, if there is one and all of these have a value for each.
    fn last_column(&self, arrays: &[&[f64]]) -> Done<Option<Int>> {
        if arrays.iter().any(|array| array.len() != self.columns) {
            return Err(HighsFault(format!("not one value for each of {} columns", self.columns)));
        }
        self.columns.checked_sub(1).map(|last| int("columns", last)).transpose()
    }

    /// Sets when the next runs end.
    pub(super) fn limit(&mut self, limits: &HighsLimits) -> Done {
        let HighsLimits { relative_gap, absolute_gap, time, nodes, lp_iterations } = *limits;
        self.number(c"mip_rel_gap", relative_gap)?;
        self.number(c"mip_abs_gap", absolute_gap)?;
        self.number(c"time_limit", time.map_or(f64::INFINITY, |time| time.as_secs_f64()))?;
        // More than the library can count is no limit.
        let count = |limit: Option<u64>| {
            limit.and_then(|limit| Int::try_from(limit).ok()).unwrap_or(Int::MAX)
        };
        self.whole(c"mip_max_nodes", count(nodes))?;
        self.whole(c"simplex_iteration_limit", count(lp_iterations))
    }

    /// Runs until the end, a limit, or until `watch` answers `true` to a [`HighsNews::Check`].
    pub(super) fn run(&mut self, watch: &mut dyn FnMut(HighsNews<'_>) -> bool) -> Done<HighsEnd> {
        let mut watcher = Watcher { watch, thread: thread::current().id(), columns: self.columns };
        let raw = self.raw.as_ptr();
        // SAFETY: the library keeps the pointer to `watcher` only until the callback is taken back
        // below, and uses it only within `Highs_run`. `watcher` is not touched here meanwhile.
        let (run, status) = unsafe {
            let mut status = sys::Highs_setCallback(
                raw,
                Some(on_news),
                ptr::from_mut(&mut watcher).cast::<c_void>(),
            );
            for kind in [
                sys::kHighsCallbackSimplexInterrupt,
                sys::kHighsCallbackMipImprovingSolution,
                sys::kHighsCallbackMipLogging,
                sys::kHighsCallbackMipInterrupt,
            ] {
                status = status.min(sys::Highs_startCallback(raw, kind));
            }
            // The clock of the time limit runs on from run to run otherwise.
            status = status.min(sys::Highs_zeroAllClocks(raw));
            let run = if status == sys::STATUS_ERROR { status } else { sys::Highs_run(raw) };
            sys::Highs_setCallback(raw, None, ptr::null_mut());
            (run, sys::Highs_getModelStatus(raw))
        };
        let end = HighsEnd::of(status);
        match end {
            HighsEnd::Other(_) => done(run, "does not run").map(|()| end),
            // An error beside a status that says why is that status.
            _ => Ok(end),
        }
    }

    /// Forgets how the last run ended: the next one begins from nothing.
    pub(super) fn forget(&mut self) -> Done {
        // SAFETY: the library has the program; nothing else is taken or given.
        let status = unsafe { sys::Highs_clearSolver(self.raw.as_ptr()) };
        done(status, "does not forget its basis")
    }

    /// Whether the last run left a point that keeps all rows and bounds.
    pub(super) fn has_point(&self) -> bool {
        self.info_whole(c"primal_solution_status") == sys::SOLUTION_STATUS_FEASIBLE
    }

    /// The point the last run left.
    pub(super) fn point(&self) -> Done<HighsPoint> {
        let mut point = HighsPoint {
            values: vec![0.0; self.columns],
            reduced_costs: vec![0.0; self.columns],
            row_duals: vec![0.0; self.rows],
        };
        if self.columns == 0 {
            // Without anything to decide the library has no point, but there is one.
            return Ok(point);
        }
        let mut activity = vec![0.0; self.rows];
        // SAFETY: each has room for what the library writes: a value for every column or row.
        let status = unsafe {
            sys::Highs_getSolution(
                self.raw.as_ptr(),
                point.values.as_mut_ptr(),
                point.reduced_costs.as_mut_ptr(),
                activity.as_mut_ptr(),
                point.row_duals.as_mut_ptr(),
            )
        };
        done(status, "has no point").map(|()| point)
    }

    /// Cost of the point the last run left.
    pub(super) fn objective(&self) -> f64 {
        self.info_number(c"objective_function_value")
    }

    /// What no point costs less than, after a run with whole columns; infinite if unknown.
    pub(super) fn bound(&self) -> f64 {
        self.info_number(c"mip_dual_bound")
    }

    /// Nodes of the last run.
    pub(super) fn nodes(&self) -> u64 {
        let mut nodes = 0;
        // SAFETY: the name is a text with an end, and there is room for the value.
        let status = unsafe {
            sys::Highs_getInt64InfoValue(
                self.raw.as_ptr(),
                c"mip_node_count".as_ptr(),
                &raw mut nodes,
            )
        };
        if status == sys::STATUS_ERROR { 0 } else { count(nodes) }
    }

    /// Iterations of the simplex method of the last run.
    pub(super) fn lp_iterations(&self) -> u64 {
        count(i64::from(self.info_whole(c"simplex_iteration_count")))
    }

    fn flag(&self, name: &CStr, value: bool) -> Done {
        // SAFETY: the name is a text with an end.
        let status = unsafe {
            sys::Highs_setBoolOptionValue(self.raw.as_ptr(), name.as_ptr(), Int::from(value))
        };
        option(status, name, &value)
    }

    fn whole(&self, name: &CStr, value: Int) -> Done {
        // SAFETY: the name is a text with an end.
        let status =
            unsafe { sys::Highs_setIntOptionValue(self.raw.as_ptr(), name.as_ptr(), value) };
        option(status, name, &value)
    }

    fn number(&self, name: &CStr, value: f64) -> Done {
        // SAFETY: the name is a text with an end.
        let status =
            unsafe { sys::Highs_setDoubleOptionValue(self.raw.as_ptr(), name.as_ptr(), value) };
        option(status, name, &value)
    }

    fn info_whole(&self, name: &CStr) -> Int {
        let mut value = 0;
        // SAFETY: the name is a text with an end, and there is room for the value. Without one the
        // value stays what it is.
        unsafe {
            sys::Highs_getIntInfoValue(self.raw.as_ptr(), name.as_ptr(), &raw mut value);
        }
        value
    }

    fn info_number(&self, name: &CStr) -> f64 {
        let mut value = f64::NAN;
        // SAFETY: as above.
        unsafe {
            sys::Highs_getDoubleInfoValue(self.raw.as_ptr(), name.as_ptr(), &raw mut value);
        }
        value
    }
}

/// The one who watches a run, as the library carries it.
struct Watcher<'a> {
    watch: &'a mut dyn FnMut(HighsNews<'_>) -> bool,
    thread: ThreadId,
    columns: usize,
}

/// Called by the library during a run.
///
/// A panic of the watcher ends the process: it must not pass through C++.
///
/// # Safety
/// `user` points to a `Watcher` nobody else uses, `told` and `reply` to what the library made for
/// this call.
unsafe extern "C" fn on_news(
    kind: c_int,
    _: *const c_char,
    told: *const sys::HighsCallbackDataOut,
    reply: *mut sys::HighsCallbackDataIn,
    user: *mut c_void,
) {
    // SAFETY: promised by the caller; null is looked for nevertheless.
    let (Some(told), Some(watcher)) =
        (unsafe { told.as_ref() }, unsafe { user.cast::<Watcher<'_>>().as_mut() })
    else {
        return;
    };
    // With several threads the library might call from another, and the watcher need not bear that.
    if thread::current().id() != watcher.thread {
        return;
    }
    let news = match kind {
        sys::kHighsCallbackSimplexInterrupt => {
            HighsNews::Check { lp_iterations: count(i64::from(told.simplex_iteration_count)) }
        }
        sys::kHighsCallbackMipInterrupt => {
            HighsNews::Check { lp_iterations: count(told.mip_total_lp_iterations) }
        }
        sys::kHighsCallbackMipLogging => HighsNews::Progress {
            incumbent: told.mip_primal_bound,
            bound: told.mip_dual_bound,
            nodes: count(told.mip_node_count),
            lp_iterations: count(told.mip_total_lp_iterations),
        },
        sys::kHighsCallbackMipImprovingSolution => {
            let length = usize::try_from(told.mip_solution_size).unwrap_or(0);
            if told.mip_solution.is_null() || length != watcher.columns {
                return;
            }
            // SAFETY: the library holds that many values there until this call returns.
            let values = unsafe { std::slice::from_raw_parts(told.mip_solution, length) };
            HighsNews::Improved { bound: told.mip_dual_bound, values }
        }
        _ => return,
    };
    let may_stop = matches!(news, HighsNews::Check { .. });
    if (watcher.watch)(news) && may_stop {
        // SAFETY: promised by the caller; null is looked for nevertheless.
        if let Some(reply) = unsafe { reply.as_mut() } {
            reply.user_interrupt = 1;
        }
    }
}

/// The library and its version: `HiGHS 1.16.0`.
pub fn version() -> String {
    // SAFETY: none of them takes or gives anything but numbers.
    let [major, minor, patch] = unsafe {
        [sys::Highs_versionMajor(), sys::Highs_versionMinor(), sys::Highs_versionPatch()]
    };
    format!("HiGHS {major}.{minor}.{patch}")
}

fn option(status: Int, name: &CStr, value: &dyn std::fmt::Display) -> Done {
    // A warning is a refusal too: the option keeps its old value.
    if status == sys::STATUS_OK {
        Ok(())
    } else {
        Err(HighsFault(format!("does not take {} = {value}", name.to_string_lossy())))
    }
}
