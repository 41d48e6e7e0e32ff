//! The law cases: each with its source and arithmetic, written from the cited
//! text. They run against the engine itself and then over gRPC.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

mod case;
mod pure;
mod wire;

use case::{Case, Observed};
use portolan::store::bundled_schedules;

#[test]
fn the_engine_answers_as_the_law_says() {
    let schedules = bundled_schedules().unwrap_or_else(|error| panic!("{error}"));
    check_all(|case| pure::observe(&schedules["vehicles"], case));
}

#[test]
fn the_server_answers_as_the_law_says() {
    let wire = wire::Wire::start();
    check_all(|case| wire.observe(case));
}

/// Runs every case and fails with all that differ.
fn check_all(observe: impl Fn(&Case) -> Observed) {
    let cases = case::cases();
    assert!(cases.len() >= 250, "only {} law cases were found", cases.len());
    let mut failures = Vec::new();
    for case in &cases {
        let differences = case.check(&observe);
        if !differences.is_empty() {
            failures.push(format!(
                "{}: {}\n    {}\n    source: {}\n    arithmetic: {}",
                case.file,
                case.title,
                differences.join("\n    "),
                case.source,
                case.arithmetic
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {} cases fail:\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}
