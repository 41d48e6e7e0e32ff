//! The whole of sourcing under random problems: what must hold of every answer.
//!
//! `PORTOLAN_RANDOM_PROBLEMS` sets how many problems are drawn, and
//! `PORTOLAN_FIRST_PROBLEM` the seed of the first.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

mod bytes;
mod desk;
mod draws;
mod limits;
mod neighbours;
mod policy;
mod problems;
mod properties;

use desk::desk;
use portolan::app::SourcingDesk;
use properties::{End, proved, timeless};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::task::JoinSet;

const PROCESSES: usize = 2;

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

/// Sums longer than a decimal are rounded in their last digit: they come in one order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn huge_sums_come_in_one_order() {
    const HUGE: [u64; 6] = [50_184, 50_608, 51_896, 52_058, 52_589, 53_169];
    let desk = desk(1).await;
    for seed in HUGE.repeat(10) {
        let proof = proved(&desk, seed).await;
        assert!(proof.complaints.is_empty(), "{seed}: {:?}", proof.complaints);
    }
}

/// The same bytes of work give the same plan, whoever else is solving.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_and_two_give_one_answer() {
    const PROBLEMS: u64 = 40;
    let told = async |desk: &SourcingDesk, seed: u64| {
        let answer = properties::solved(desk, problems::problem(seed), properties::budget()).await;
        answer.ok().map(|answer| {
            let binding = answer.plan.as_ref().map(|plan| plan.binding_limits.clone());
            let cost = answer.plan.as_ref().map(|plan| plan.cost.solver_cost);
            let plan = answer.plan.as_ref().map(timeless);
            format!("{:?} {plan:?} {cost:?} {binding:?}", answer.termination)
        })
    };
    let (one, two) = (desk(1).await, Arc::new(desk(2).await));
    let mut alone = Vec::new();
    for seed in 0..PROBLEMS {
        alone.push(told(&one, seed).await);
    }
    let mut beside = JoinSet::new();
    for seed in 0..PROBLEMS {
        let two = two.clone();
        beside.spawn(async move { (seed, told(&two, seed).await) });
    }
    while let Some(done) = beside.join_next().await {
        let (seed, told) = done.unwrap();
        assert_eq!(told, alone[usize::try_from(seed).unwrap()], "{seed}");
    }
    assert!(alone.iter().flatten().count() > 20);
}
