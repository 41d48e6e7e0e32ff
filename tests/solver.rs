//! The solver against hand calculations, and its processes against everything that befalls them.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::float_arithmetic, reason = "a solver's arithmetic, not money's")]

use opentelemetry::metrics::{Meter, MeterProvider, noop::NoopMeterProvider};
use portolan::settings::{Settings, SolverSettings};
use portolan::solver::{
    SolveEnd, SolveError, SolveEvent, SolveOrder, SolveOutcome, SolverPool, WorkBudget, solve,
};
use portolan::sourcing::Program;
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

const SECOND: Duration = Duration::from_secs(1);
const FAR: Duration = Duration::from_mins(1);

// --- Programs ---------------------------------------------------------------------------------

/// Two plants, of fixed cost 10 and 12, three customers of one unit each; carriage from the first
/// costs 1, 4, 9, from the second 8, 4, 1. Only the first: 10 + 14 = 24. Only the second:
/// 12 + 13 = 25. Both: 22 + 1 + 4 + 1 = 28.
fn two_plants() -> Program {
    facilities(&[10.0, 12.0], &[f64::INFINITY; 2], &[1.0; 3], &[&[1.0, 4.0, 9.0], &[8.0, 4.0, 1.0]])
}

/// Customers of known demand served in parts by plants to be opened; strong rows tighten.
fn facilities(opening: &[f64], capacity: &[f64], demand: &[f64], carriage: &[&[f64]]) -> Program {
    let mut program = Program::new();
    let open: Vec<usize> =
        opening.iter().map(|cost| program.column(*cost, 0.0, 1.0, true)).collect();
    let total: f64 = demand.iter().sum();
    let mut served = vec![Vec::new(); demand.len()];
    for (plant, costs) in carriage.iter().enumerate() {
        let mut load = Vec::new();
        for (customer, cost) in costs.iter().enumerate() {
            let share = program.column(cost * demand[customer], 0.0, 1.0, false);
            load.push((share, demand[customer]));
            served[customer].push((share, 1.0));
        }
        load.push((open[plant], -capacity[plant].min(total)));
        program.row(&load, f64::NEG_INFINITY, 0.0);
        for (share, _) in &load[..costs.len()] {
            program.tightening_row(&[(*share, 1.0), (open[plant], -1.0)], f64::NEG_INFINITY, 0.0);
        }
    }
    for terms in &served {
        program.row(terms, 1.0, 1.0);
    }
    program
}

/// Draws the same numbers on every machine.
struct Draw(u64);

impl Draw {
    fn between(&mut self, low: u32, high: u32) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let drawn = u32::try_from(self.0 >> 33).unwrap();
        f64::from(low + drawn % (high - low + 1))
    }
}

/// Plants of scarce capacity with carriage costs that follow no map: little can be ruled out.
fn drawn(plants: usize, customers: usize, seed: u64) -> Program {
    let mut draw = Draw(seed);
    let demand: Vec<f64> = (0..customers).map(|_| draw.between(5, 35)).collect();
    let capacity: Vec<f64> = (0..plants).map(|_| draw.between(60, 160)).collect();
    let opening: Vec<f64> =
        capacity.iter().map(|capacity| draw.between(0, 90) + 100.0 * capacity.sqrt()).collect();
    let carriage: Vec<Vec<f64>> = (0..plants)
        .map(|_| (0..customers).map(|_| draw.between(10, 100) / 10.0).collect())
        .collect();
    let carriage: Vec<&[f64]> = carriage.iter().map(Vec::as_slice).collect();
    facilities(&opening, &capacity, &demand, &carriage)
}

/// Takes much longer than a test waits.
fn hard() -> SolveOrder {
    SolveOrder { relative_gap: 0.0, absolute_gap: 0.0, ..SolveOrder::new(drawn(40, 80, 7)) }
}

fn easy() -> SolveOrder {
    SolveOrder::new(two_plants())
}

fn alone(order: &SolveOrder) -> SolveOutcome {
    solve(order, &mut |_| {}, &|| false)
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-6 * expected.abs().max(1.0)
}

/// An outcome without the times it took.
fn timeless(outcome: SolveOutcome) -> SolveOutcome {
    SolveOutcome { cpu_seconds: 0.0, wall_seconds: 0.0, ..outcome }
}

// --- Pools ------------------------------------------------------------------------------------

fn meter() -> Meter {
    NoopMeterProvider::new().meter("test")
}

fn settings() -> SolverSettings {
    let settings = Settings::load_from(None, []).unwrap().solver;
    SolverSettings { program: Some(PathBuf::from(env!("CARGO_BIN_EXE_portolan"))), ..settings }
}

async fn pool(change: impl FnOnce(&mut SolverSettings)) -> SolverPool {
    let mut settings = settings();
    change(&mut settings);
    SolverPool::start(&settings, &meter()).await.unwrap()
}

/// A solve under way.
struct Asked {
    answer: JoinHandle<Result<SolveOutcome, SolveError>>,
    events: mpsc::Receiver<SolveEvent>,
    cancel: CancellationToken,
}

fn ask(pool: &SolverPool, order: SolveOrder, time: Duration) -> Asked {
    let (events, heard) = mpsc::channel(64);
    let cancel = CancellationToken::new();
    let (turn, token) = (pool.turn(), cancel.clone());
    let deadline = Instant::now() + time;
    let answer = tokio::spawn(async move { turn.solve(order, events, deadline, token).await });
    Asked { answer, events: heard, cancel }
}

impl Asked {
    /// Waits for an incumbent; tells its cost.
    async fn incumbent(&mut self) -> f64 {
        loop {
            let event = timeout(FAR, self.events.recv()).await.expect("no incumbent came");
            if let SolveEvent::Incumbent { objective, .. } = event.expect("the solve is over") {
                return objective;
            }
        }
    }

    async fn answer(self) -> Result<SolveOutcome, SolveError> {
        timeout(FAR, self.answer).await.expect("no answer came").unwrap()
    }
}

/// The solver processes of this test process whose memory limit, in MiB, is `mark`: tests run side
/// by side, and each tells its own by a limit nobody else uses.
fn processes(mark: u64) -> Vec<Pid> {
    let mine = format!("--parent={}", std::process::id());
    let marked = format!("--memory-mb={mark}");
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        let Ok(id) = entry.file_name().to_string_lossy().parse::<i32>() else { continue };
        let Ok(line) = fs::read(entry.path().join("cmdline")) else { continue };
        let line = String::from_utf8_lossy(&line);
        let words: Vec<&str> = line.split('\0').collect();
        if words.contains(&mine.as_str()) && words.contains(&marked.as_str()) {
            found.push(Pid::from_raw(id).unwrap());
        }
    }
    found
}

/// Waits until there are `count` of them: one just started or killed is not told at once.
async fn await_processes(mark: u64, count: usize) -> Vec<Pid> {
    for _ in 0..200 {
        let found = processes(mark);
        if found.len() == count {
            return found;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("not {count}: {:?}", processes(mark));
}

async fn only_process(mark: u64) -> Pid {
    await_processes(mark, 1).await[0]
}

// --- What is solved ---------------------------------------------------------------------------

#[test]
fn a_small_location_problem_by_hand() {
    let mut told = Vec::new();
    let outcome = solve(&easy(), &mut |event| told.push(event), &|| false);
    assert_eq!(outcome.reason, SolveEnd::Optimal);
    assert!(near(outcome.objective.unwrap(), 24.0), "{outcome:?}");
    assert!(near(outcome.bound.unwrap(), 24.0), "{outcome:?}");
    assert_eq!(outcome.relative_gap(), Some(0.0));
    assert!(near(outcome.values[0], 1.0) && near(outcome.values[1], 0.0), "{outcome:?}");
    assert!(near(easy().program.cost_of(&outcome.values), 24.0));
    let last = told.iter().rev().find_map(|event| match event {
        SolveEvent::Incumbent { objective, values, .. } => Some((*objective, values.clone())),
        _ => None,
    });
    assert_eq!(last, outcome.objective.map(|objective| (objective, outcome.values.clone())));
}

#[test]
fn duals_of_two_rows_by_hand() {
    // Least 2x + 3y with x + y >= 4 and x + 3y >= 6: at (3, 1), cost 9. With a rise of a in the
    // first row and b in the second x = 3 + (3a - b)/2, y = 1 + (b - a)/2, so the cost rises by
    // 3a/2 + b/2. A third column z costs 5 and counts once in the first row: 5 - 3/2 is left.
    let mut program = Program::new();
    let x = program.column(2.0, 0.0, f64::INFINITY, true);
    let y = program.column(3.0, 0.0, f64::INFINITY, false);
    let z = program.column(5.0, 0.0, f64::INFINITY, false);
    program.row(&[(x, 1.0), (y, 1.0), (z, 1.0)], 4.0, f64::INFINITY);
    program.row(&[(x, 1.0), (y, 3.0)], 6.0, f64::INFINITY);
    program.tightening_row(&[(x, 1.0)], f64::NEG_INFINITY, 100.0);
    program.offset = 1.0;
    let outcome = alone(&SolveOrder { relax: true, ..SolveOrder::new(program) });
    assert_eq!(outcome.reason, SolveEnd::Optimal);
    assert!(near(outcome.objective.unwrap(), 10.0), "{outcome:?}");
    assert_eq!(outcome.bound, outcome.objective);
    for (found, expected) in outcome.values.iter().zip([3.0, 1.0, 0.0]) {
        assert!(near(*found, expected), "{outcome:?}");
    }
    for (found, expected) in outcome.row_duals.iter().zip([1.5, 0.5, 0.0]) {
        assert!(near(*found, expected), "{outcome:?}");
    }
    for (found, expected) in outcome.reduced_costs.iter().zip([0.0, 0.0, 3.5]) {
        assert!(near(*found, expected), "{outcome:?}");
    }
}

#[test]
fn a_relaxation_keeps_every_tightening_row() {
    // Enough of them for rounds.
    let whole = drawn(20, 30, 3);
    let mut firm = whole.clone();
    firm.tightening.fill(false);
    let relaxed = |program: &Program| {
        let order = SolveOrder { relax: true, ..SolveOrder::new(program.clone()) };
        alone(&order)
    };
    let (in_rounds, at_once) = (relaxed(&whole), relaxed(&firm));
    assert!(near(in_rounds.objective.unwrap(), at_once.objective.unwrap()));
    assert_eq!(in_rounds.row_duals.len(), whole.row_count());
}

#[test]
fn rows_left_out_change_no_optimum() {
    // Enough tightening rows for rounds, against the same rows firm.
    let tightening = drawn(15, 30, 11);
    let mut firm = tightening.clone();
    firm.tightening.fill(false);
    let exact = |program| SolveOrder { relative_gap: 1e-9, ..SolveOrder::new(program) };
    let (in_rounds, at_once) = (alone(&exact(tightening)), alone(&exact(firm)));
    assert_eq!(in_rounds.reason, SolveEnd::Optimal);
    assert!(near(in_rounds.objective.unwrap(), at_once.objective.unwrap()), "{at_once:?}");
}

#[test]
fn a_start_is_the_first_incumbent_and_a_wrong_one_is_told() {
    let program = two_plants();
    let both = vec![1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    let mut first = None;
    let order = SolveOrder { start: Some(both), ..SolveOrder::new(program.clone()) };
    let outcome = solve(
        &order,
        &mut |event| {
            if let SolveEvent::Incumbent { objective, .. } = event {
                first.get_or_insert(objective);
            }
        },
        &|| false,
    );
    assert!(near(first.unwrap(), 28.0), "{first:?}");
    assert!(near(outcome.objective.unwrap(), 24.0));
    let short = SolveOrder { start: Some(vec![1.0]), ..SolveOrder::new(program) };
    assert!(matches!(alone(&short).reason, SolveEnd::Failed(_)));
}

#[test]
fn the_same_order_twice_gives_the_same_bytes() {
    let order = SolveOrder { seed: 5, ..SolveOrder::new(drawn(15, 30, 9)) };
    let bytes = || postcard::to_stdvec(&timeless(alone(&order))).unwrap();
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_work_budget_ends_at_the_same_place() {
    for work in [
        WorkBudget { lp_iterations: Some(6_000), nodes: None },
        WorkBudget { lp_iterations: None, nodes: Some(3) },
    ] {
        let order = SolveOrder { work, ..hard() };
        let (first, second) = (timeless(alone(&order)), timeless(alone(&order)));
        assert_eq!(first.reason, SolveEnd::WorkLimit, "{work:?}");
        assert!(first.objective.is_some() && first.bound.is_some(), "{work:?}");
        assert_eq!(first, second, "{work:?}");
    }
    // Not even the first relaxation.
    let work = WorkBudget { lp_iterations: Some(10), nodes: None };
    let outcome = alone(&SolveOrder { work, ..hard() });
    assert_eq!((outcome.reason, outcome.objective), (SolveEnd::WorkLimit, None));
}

#[test]
fn time_and_cancellation_end_a_solve_that_runs_alone() {
    let order = SolveOrder { time: Some(SECOND), ..hard() };
    let outcome = alone(&order);
    assert_eq!(outcome.reason, SolveEnd::TimeLimit);
    assert!(outcome.wall_seconds < 3.0 && outcome.cpu_seconds > 0.0, "{outcome:?}");
    let outcome = solve(&hard(), &mut |_| {}, &|| true);
    assert_eq!((outcome.reason, outcome.objective), (SolveEnd::Cancelled, None));
}

#[test]
fn what_has_no_point_is_infeasible_and_what_falls_for_ever_unbounded() {
    let mut short = two_plants();
    for row in 0..short.row_count() {
        if short.row_lower[row] > 0.0 {
            (short.row_lower[row], short.row_upper[row]) = (3.0, 3.0);
        }
    }
    assert_eq!(alone(&SolveOrder::new(short)).reason, SolveEnd::Infeasible);

    // Relaxed it is at a half; whole nowhere.
    let mut half = Program::new();
    let x = half.column(1.0, 0.0, 1.0, true);
    half.row(&[(x, 2.0)], 1.0, 1.0);
    let outcome = alone(&SolveOrder::new(half));
    assert_eq!((outcome.reason, outcome.objective), (SolveEnd::Infeasible, None));

    let mut falling = Program::new();
    let x = falling.column(-1.0, 0.0, f64::INFINITY, true);
    let y = falling.column(0.0, 0.0, f64::INFINITY, false);
    falling.row(&[(x, 1.0), (y, -1.0)], f64::NEG_INFINITY, 2.0);
    assert_eq!(alone(&SolveOrder::new(falling.clone())).reason, SolveEnd::Unbounded);
    let relaxed = SolveOrder { relax: true, ..SolveOrder::new(falling.clone()) };
    assert_eq!(alone(&relaxed).reason, SolveEnd::Unbounded);
    // The same with no point at all.
    falling.row(&[(y, 1.0)], f64::NEG_INFINITY, -1.0);
    assert_eq!(alone(&SolveOrder::new(falling)).reason, SolveEnd::Infeasible);
}

#[test]
fn programs_with_nothing_to_decide_and_broken_ones() {
    let mut constant = Program::new();
    constant.offset = 7.0;
    let outcome = alone(&SolveOrder::new(constant.clone()));
    assert_eq!((outcome.reason, outcome.objective), (SolveEnd::Optimal, Some(7.0)));
    constant.row(&[], 1.0, 1.0);
    assert_eq!(alone(&SolveOrder::new(constant)).reason, SolveEnd::Infeasible);

    let mut cut = two_plants();
    cut.lower.pop();
    assert!(matches!(alone(&SolveOrder::new(cut)).reason, SolveEnd::Failed(_)));
    let mut astray = two_plants();
    astray.columns[0] = 1_000;
    assert!(matches!(alone(&SolveOrder::new(astray)).reason, SolveEnd::Failed(_)));
    let mut unsaid = two_plants();
    unsaid.cost[3] = f64::NAN;
    assert!(matches!(alone(&SolveOrder::new(unsaid)).reason, SolveEnd::Failed(_)));
    let gap = SolveOrder { relative_gap: f64::NAN, ..easy() };
    assert!(matches!(alone(&gap).reason, SolveEnd::Failed(_)));
}

// --- Where it is solved -----------------------------------------------------------------------

#[tokio::test]
async fn a_process_answers_as_this_one_does() {
    let pool = pool(|_| {}).await;
    let order = SolveOrder::new(drawn(10, 20, 1));
    let answer = ask(&pool, order.clone(), FAR).answer().await.unwrap();
    assert_eq!(timeless(answer), timeless(alone(&order)));
    pool.shutdown().await;
}

#[tokio::test]
async fn a_pool_of_two_answers_fifty_solves_and_replaces_its_processes() {
    let pool = pool(|settings| {
        (settings.processes, settings.max_queued) = (2, 50);
        settings.solves_per_process = 7;
    })
    .await;
    let mut asked = JoinSet::new();
    for _ in 0..50 {
        asked.spawn(ask(&pool, easy(), FAR).answer());
    }
    let answers = asked.join_all().await;
    assert_eq!(answers.len(), 50);
    for answer in answers {
        assert!(near(answer.unwrap().objective.unwrap(), 24.0));
    }
    assert_eq!((pool.size(), pool.queued()), (2, 0));
    pool.shutdown().await;
}

#[tokio::test]
async fn a_cancelled_solve_gives_what_it_has_within_a_second() {
    let pool = pool(|_| {}).await;
    let mut asked = ask(&pool, hard(), FAR);
    let found = asked.incumbent().await;
    let since = Instant::now();
    asked.cancel.cancel();
    let outcome = asked.answer().await.unwrap();
    assert!(since.elapsed() < SECOND, "{:?}", since.elapsed());
    assert_eq!(outcome.reason, SolveEnd::Cancelled);
    assert!(outcome.objective.unwrap() <= found && !outcome.values.is_empty());
    assert!(near(hard().program.cost_of(&outcome.values), outcome.objective.unwrap()));
    pool.shutdown().await;
}

#[tokio::test]
async fn at_the_deadline_the_best_point_is_the_outcome() {
    let pool = pool(|_| {}).await;
    let since = Instant::now();
    let outcome = ask(&pool, hard(), 2 * SECOND).answer().await.unwrap();
    assert!(since.elapsed() < Duration::from_millis(3200), "{:?}", since.elapsed());
    assert_eq!(outcome.reason, SolveEnd::TimeLimit);
    assert!(outcome.objective.is_some() && outcome.bound.is_some());
    pool.shutdown().await;
}

#[tokio::test]
async fn a_full_queue_is_told_at_once_and_waiting_has_its_deadline() {
    let pool = pool(|settings| settings.max_queued = 1).await;
    let mut working = ask(&pool, hard(), FAR);
    working.incumbent().await;
    let waiting = ask(&pool, easy(), FAR);
    while pool.queued() == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    assert_eq!((pool.busy(), pool.queued()), (1, 1));
    let since = Instant::now();
    assert_eq!(ask(&pool, easy(), FAR).answer().await, Err(SolveError::Busy));
    assert!(since.elapsed() < Duration::from_millis(100));
    waiting.answer.abort();
    while pool.queued() > 0 {
        sleep(Duration::from_millis(5)).await;
    }
    let late = ask(&pool, easy(), Duration::from_millis(200)).answer().await.unwrap();
    assert_eq!((late.reason, late.objective), (SolveEnd::TimeLimit, None));
    working.cancel.cancel();
    working.answer().await.unwrap();
    pool.shutdown().await;
}

#[tokio::test]
async fn dropping_the_future_frees_the_place() {
    let pool = pool(|_| {}).await;
    let mut asked = ask(&pool, hard(), FAR);
    asked.incumbent().await;
    asked.answer.abort();
    let since = Instant::now();
    let next = ask(&pool, easy(), FAR).answer().await.unwrap();
    assert_eq!(next.reason, SolveEnd::Optimal);
    assert!(since.elapsed() < SECOND, "{:?}", since.elapsed());
    pool.shutdown().await;
}

#[tokio::test]
async fn a_process_killed_with_an_incumbent_leaves_it() {
    let pool = pool(|settings| settings.memory_mb = 2001).await;
    let mut asked = ask(&pool, hard(), FAR);
    let found = asked.incumbent().await;
    kill_process(only_process(2001).await, Signal::KILL).unwrap();
    let outcome = asked.answer().await.unwrap();
    let SolveEnd::Failed(detail) = &outcome.reason else { panic!("{outcome:?}") };
    assert!(detail.contains("signal: 9"), "{detail}");
    assert!(outcome.objective.unwrap() <= found && !outcome.values.is_empty());
    let next = ask(&pool, easy(), FAR).answer().await.unwrap();
    assert_eq!(next.reason, SolveEnd::Optimal);
    pool.shutdown().await;
}

#[tokio::test]
async fn a_process_killed_without_an_incumbent_is_a_crash_and_harms_no_other() {
    let pool = pool(|settings| (settings.processes, settings.memory_mb) = (2, 2002)).await;
    let all = await_processes(2002, 2).await;
    // Stopped, so that they find nothing before they are killed.
    for process in &all {
        kill_process(*process, Signal::STOP).unwrap();
    }
    let (lost, kept) = (ask(&pool, easy(), FAR), ask(&pool, easy(), FAR));
    sleep(Duration::from_millis(200)).await;
    kill_process(all[0], Signal::KILL).unwrap();
    sleep(Duration::from_millis(200)).await;
    kill_process(all[1], Signal::CONT).unwrap();
    let answers = [lost.answer().await, kept.answer().await];
    let crashed = |answer: &Result<_, _>| matches!(answer, Err(SolveError::Crashed { .. }));
    assert_eq!(answers.iter().filter(|answer| crashed(answer)).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    // One that dies idle is noticed before it is given an order.
    for process in await_processes(2002, 2).await {
        kill_process(process, Signal::KILL).unwrap();
    }
    sleep(Duration::from_millis(100)).await;
    assert!(ask(&pool, easy(), FAR).answer().await.is_ok());
    pool.shutdown().await;
}

#[tokio::test]
async fn a_process_that_heeds_nothing_is_killed_and_its_best_point_kept() {
    let pool = pool(|settings| settings.memory_mb = 2003).await;
    let since = Instant::now();
    let mut asked = ask(&pool, hard(), 4 * SECOND);
    let found = asked.incumbent().await;
    let process = only_process(2003).await;
    kill_process(process, Signal::STOP).unwrap();
    let outcome = asked.answer().await.unwrap();
    let took = since.elapsed();
    assert!(took >= 4 * SECOND && took < 5 * SECOND, "{took:?}");
    assert_eq!(outcome.reason, SolveEnd::TimeLimit);
    assert!(outcome.objective.unwrap() <= found && outcome.bound.is_some());
    let next = ask(&pool, easy(), FAR).answer().await.unwrap();
    assert_eq!(next.reason, SolveEnd::Optimal);
    assert_ne!(only_process(2003).await, process);

    // The same when cancelled: the grace is half a second.
    let mut asked = ask(&pool, hard(), FAR);
    asked.incumbent().await;
    kill_process(only_process(2003).await, Signal::STOP).unwrap();
    let since = Instant::now();
    asked.cancel.cancel();
    assert_eq!(asked.answer().await.unwrap().reason, SolveEnd::Cancelled);
    assert!(since.elapsed() < SECOND, "{:?}", since.elapsed());
    pool.shutdown().await;
}

#[tokio::test]
async fn a_solve_that_needs_more_memory_than_allowed_ends_its_process_only() {
    let pool = pool(|settings| settings.memory_mb = 40).await;
    let answer = ask(&pool, SolveOrder::new(drawn(100, 400, 5)), FAR).answer().await;
    assert!(matches!(answer, Err(SolveError::Crashed { .. })), "{answer:?}");
    let next = ask(&pool, easy(), FAR).answer().await.unwrap();
    assert_eq!(next.reason, SolveEnd::Optimal);
    pool.shutdown().await;
}

#[tokio::test]
async fn a_program_larger_than_a_message_is_refused_and_the_process_goes_on() {
    let pool = pool(|settings| (settings.max_frame_mb, settings.memory_mb) = (1, 2004)).await;
    let process = only_process(2004).await;
    let answer = ask(&pool, SolveOrder::new(drawn(100, 400, 5)), FAR).answer().await;
    assert!(matches!(answer, Err(SolveError::TooLarge { .. })), "{answer:?}");
    assert!(ask(&pool, easy(), FAR).answer().await.is_ok());
    assert_eq!(only_process(2004).await, process);
    pool.shutdown().await;
}

#[tokio::test]
async fn a_call_whose_turn_it_is_keeps_its_process_from_solve_to_solve() {
    let pool = pool(|settings| settings.max_queued = 1).await;
    let turn = pool.turn();
    let solve = async || {
        let (events, _heard) = mpsc::channel(64);
        let solved = turn.solve(easy(), events, Instant::now() + FAR, CancellationToken::new());
        timeout(FAR, solved).await.expect("no answer came").unwrap().reason
    };
    assert_eq!(solve().await, SolveEnd::Optimal);
    let waiting = ask(&pool, easy(), FAR);
    while pool.queued() == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(ask(&pool, easy(), FAR).answer().await, Err(SolveError::Busy));
    assert_eq!(pool.busy(), 1);
    // No room in the queue, and none is needed.
    assert_eq!(solve().await, SolveEnd::Optimal);
    assert_eq!(pool.queued(), 1);
    drop(turn);
    assert_eq!(waiting.answer().await.unwrap().reason, SolveEnd::Optimal);
    pool.shutdown().await;
}

/// Nice counts against every other process, and a Ctrl-C at the server's terminal is the server's.
#[tokio::test]
async fn a_process_gives_way_in_a_session_of_its_own() {
    let pool = pool(|settings| (settings.nice, settings.memory_mb) = (7, 2061)).await;
    assert_eq!(ask(&pool, easy(), FAR).answer().await.unwrap().reason, SolveEnd::Optimal);
    let id = only_process(2061).await.as_raw_nonzero();
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    // After the name, which may hold blanks: state, parent, group, session; the nice value is the
    // 19th of all (proc(5)).
    let words: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    assert_eq!((words[3], words[16]), (id.to_string().as_str(), "7"), "{stat}");
    // Where sessions are scheduled as groups.
    if let Ok(group) = fs::read_to_string(format!("/proc/{id}/autogroup")) {
        assert!(group.trim_end().ends_with("nice 7"), "{group}");
    }
    pool.shutdown().await;
}

#[tokio::test]
async fn shutdown_cancels_refuses_and_leaves_no_process() {
    let pool = pool(|settings| (settings.processes, settings.memory_mb) = (2, 2005)).await;
    await_processes(2005, 2).await;
    let mut asked = ask(&pool, hard(), FAR);
    asked.incumbent().await;
    let since = Instant::now();
    pool.shutdown().await;
    assert!(since.elapsed() < 2 * SECOND, "{:?}", since.elapsed());
    assert_eq!(asked.answer().await.unwrap().reason, SolveEnd::Cancelled);
    assert_eq!(processes(2005), []);
    assert_eq!(ask(&pool, easy(), FAR).answer().await, Err(SolveError::Stopped));
}

#[tokio::test]
async fn a_dropped_pool_leaves_no_process() {
    let pool = pool(|settings| settings.memory_mb = 2006).await;
    only_process(2006).await;
    drop(pool);
    await_processes(2006, 0).await;
}

#[tokio::test]
async fn another_number_of_threads_gets_a_fresh_process() {
    let pool = pool(|settings| settings.memory_mb = 2007).await;
    for threads in [1, 2, 1] {
        let order = SolveOrder { threads, ..SolveOrder::new(drawn(10, 20, 1)) };
        let outcome = ask(&pool, order, FAR).answer().await.unwrap();
        assert_eq!(outcome.reason, SolveEnd::Optimal);
    }
    pool.shutdown().await;
}
