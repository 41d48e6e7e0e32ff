//! How many lines one thread resolves and assesses, against the bare sums.
//!
//! `cargo bench --profile release --bench assess`
//!
//! In process: no wire, no conversion, no log. The line is the Japanese car of
//! `examples/japan-car-may-2025.json`, alone in its entry or one of a thousand. One step takes a
//! declaration and gives an assessment: ids looked up, presumptions made, every provision weighed
//! and held against the dates, elections not made tried, entry fees shared out.
//!
//! The rival, run in turns with it, is the least any program does for the same amounts: the
//! rates of that day written into the code (general 2.5 %, section 232 25 %, harbour maintenance
//! 0.125 %, merchandise processing 0.3464 %), multiplied, rounded and summed in the same exact
//! money. It knows no dates, origins or reasons; both must find the same total.
//!
//! Measured is the CPU time of the thread, so others on the machine count little. Encoding is
//! measured over the wire, by `wire`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on must stop")]

use portolan::app::{DutyAnswer, DutyDesk, DutyQuestion};
use portolan::money::{Money, Rounding};
use portolan::store::bundled_schedules;
use portolan::tariff::{
    Declaration, DeclaredLine, Detail, Elections, Goods, Quantity, TransportMode, Unit,
};
use rust_decimal::Decimal;
use std::fs;
use std::hint::black_box;
use std::thread;
use std::time::Duration;

/// Odd, so that the median is a round that was run.
const ROUNDS: usize = 11;
/// CPU time a round takes at least.
const ROUND: Duration = Duration::from_millis(200);

fn main() {
    let schedules = bundled_schedules().unwrap_or_else(|error| panic!("{error}"));
    let desk = DutyDesk::new(schedules, "vehicles").unwrap();
    println!("load before: {}", fs::read_to_string("/proc/loadavg").unwrap().trim());
    let total = answer(&desk, &question(1)).assessment.totals.unwrap().charges().unwrap();
    assert_eq!(total, bare_sums(black_box(car_value())), "both must find the same total");
    for lines in [1, 1000] {
        for detail in [Detail::Amounts, Detail::Explained] {
            compare(&desk, lines, detail);
        }
    }
}

/// An entry of so many lines, in turns with the bare sums of as many.
fn compare(desk: &DutyDesk, lines: u32, detail: Detail) {
    let question = DutyQuestion { detail, ..question(lines) };
    let value = car_value();
    let engine = || {
        black_box(answer(desk, black_box(&question)));
    };
    let bare = || {
        for _ in 0..lines {
            black_box(bare_sums(black_box(value)));
        }
    };
    let resolve = || {
        black_box(desk.resolve(black_box(&question)).unwrap());
    };
    let steps = [steps_in_a_round(engine), steps_in_a_round(bare), steps_in_a_round(resolve)];
    let mut rounds: Vec<[Duration; 3]> = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push([
            timed(steps[0], engine) / lines,
            timed(steps[1], bare) / lines,
            timed(steps[2], resolve) / lines,
        ]);
    }
    println!("\nEntries of {lines} line(s), {detail:?}, per line:");
    for (index, name) in ["resolve + assess", "bare sums", "resolve alone"].iter().enumerate() {
        let mut spread: Vec<Duration> = rounds.iter().map(|round| round[index]).collect();
        spread.sort();
        let (least, median, greatest) = (spread[0], spread[ROUNDS / 2], spread[ROUNDS - 1]);
        let rate = Duration::from_secs(1).div_duration_f64(median);
        println!("  {name:<17} {median:.2?} ({least:.2?} to {greatest:.2?}); {rate:.0} lines/s");
    }
    let mut ratios: Vec<f64> =
        rounds.iter().map(|[engine, bare, _]| engine.div_duration_f64(*bare)).collect();
    ratios.sort_by(f64::total_cmp);
    let (least, median, greatest) = (ratios[0], ratios[ROUNDS / 2], ratios[ROUNDS - 1]);
    println!("  engine / bare sums {median:.0} ({least:.0} to {greatest:.0} over {ROUNDS} rounds)");
}

/// CPU time per step.
fn timed(steps: u32, step: impl Fn()) -> Duration {
    let before = cpu();
    for _ in 0..steps {
        step();
    }
    cpu().checked_sub(before).unwrap() / steps
}

fn steps_in_a_round(step: impl Fn()) -> u32 {
    let mut steps = 1;
    while timed(steps, &step) * steps < ROUND {
        steps *= 2;
    }
    steps
}

/// CPU time of this thread. The kernel books it when the thread gives way, hence the pause.
fn cpu() -> Duration {
    thread::sleep(Duration::from_millis(1));
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(text.split(' ').next().unwrap().parse().unwrap())
}

fn answer(desk: &DutyDesk, question: &DutyQuestion) -> DutyAnswer {
    desk.assess(desk.resolve(question).unwrap()).unwrap()
}

fn question(lines: u32) -> DutyQuestion {
    let line = |number: u32| DeclaredLine {
        id: Some(format!("car-{number}")),
        goods: Goods {
            code: Some("8703.23.01".parse().unwrap()),
            origin: Some("JP".parse().unwrap()),
            transaction_value: Some(car_value()),
            freight: Some("1150.00 USD".parse().unwrap()),
            quantities: vec![Quantity { amount: Decimal::ONE, unit: Unit::ARTICLES }],
            ..Goods::default()
        },
        elections: Elections::default(),
    };
    DutyQuestion {
        schedule: String::new(),
        importer: Some("US".parse().unwrap()),
        known_at: Some("2025-05-15".parse().unwrap()),
        declaration: Declaration {
            entry_date: Some("2025-05-15".parse().unwrap()),
            transport_mode: Some(TransportMode::Ocean),
            lines: (0..lines).map(line).collect(),
            ..Declaration::default()
        },
        detail: Detail::Explained,
    }
}

fn car_value() -> Money {
    "30000.00 USD".parse().unwrap()
}

/// Duty and fees of a Japanese car by the rates of 2025-05-15.
fn bare_sums(value: Money) -> Money {
    let charge = |rate: Decimal| value.times(rate).unwrap().rounded(Rounding::HALF_UP);
    let bounds = [Decimal::new(3271, 2), Decimal::new(63462, 2)];
    let processing = charge(Decimal::new(3464, 6));
    let processing =
        Money::new(processing.amount().clamp(bounds[0], bounds[1]), processing.currency());
    [Decimal::new(25, 3), Decimal::new(25, 2), Decimal::new(125, 5)]
        .into_iter()
        .try_fold(processing, |sum, rate| sum.plus(charge(rate)))
        .unwrap()
}
