//! The whole of sourcing under random problems: what must hold of every answer.
//!
//! `PORTOLAN_RANDOM_PROBLEMS` sets how many problems are drawn, and
//! `PORTOLAN_FIRST_PROBLEM` the seed of the first.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

mod draws;
mod limits;
mod neighbours;
mod policy;
mod problems;
mod properties;

use opentelemetry::metrics::{MeterProvider, noop::NoopMeterProvider};
use portolan::app::{DutyDesk, SearchLimits, SourcingDesk};
use portolan::settings::{Settings, SolverSettings};
use portolan::solver::SolverPool;
use portolan::store::bundled_schedules;
use properties::{End, proved};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const PROCESSES: usize = 2;

async fn desk(processes: usize) -> SourcingDesk {
    let settings = Settings::load_from(None, []).unwrap().solver;
    let program = Some(PathBuf::from(env!("CARGO_BIN_EXE_portolan")));
    let settings =
        SolverSettings { program, processes, max_queued: 100, nice: 0, threads: 1, ..settings };
    let meter = NoopMeterProvider::new().meter("test");
    let pool = SolverPool::start(&settings, &meter).await.unwrap();
    let minute = Duration::from_mins(1);
    let limits = SearchLimits { default_time: minute, max_time: minute, threads: 1 };
    let duties = DutyDesk::new(bundled_schedules().unwrap(), "vehicles").unwrap();
    SourcingDesk::new(duties, pool, limits)
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_to_a_random_problem_keeps_its_word() {
    let first = number("PORTOLAN_FIRST_PROBLEM", 0);
    let count = number("PORTOLAN_RANDOM_PROBLEMS", 300);
    let desk = Arc::new(desk(PROCESSES).await);
    let began = Instant::now();
    let mut running = JoinSet::new();
    let mut next = first;
    let mut ends: BTreeMap<End, u32> = BTreeMap::new();
    let mut complaints = Vec::new();
    let mut worst = (Decimal::ZERO, 0);
    loop {
        while next < first + count && running.len() < PROCESSES {
            let (desk, seed) = (desk.clone(), next);
            running.spawn(async move { (seed, proved(&desk, seed).await) });
            next += 1;
        }
        let Some(done) = running.join_next().await else { break };
        let (seed, proof) = done.unwrap();
        *ends.entry(proof.end).or_default() += 1;
        worst = worst.max((proof.off, seed));
        complaints.extend(proof.complaints.into_iter().map(|told| format!("{seed}: {told}")));
    }
    println!(
        "{ends:?} in {:?}; linear cost off by {} at most, seed {}",
        began.elapsed(),
        worst.0,
        worst.1
    );
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn debug_one() {
    let Ok(seed) = std::env::var("DEBUG_SEED") else { return };
    let problem = problems::problem(seed.parse().unwrap());
    let desk = desk(1).await;
    println!("{problem:#?}");
    match properties::solved(&desk, problem, properties::budget()).await {
        Ok(answer) => println!("{:#?} {:#?}", answer.termination, answer.plan),
        Err(error) => println!("{error:#?}"),
    }
}
