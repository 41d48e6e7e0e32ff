//! The law cases: each with its source and arithmetic, written from the cited
//! text. They run against the engine itself and then over gRPC.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

mod case;
mod pure;
mod wire;

use portolan::store::bundled_schedules;

#[test]
fn the_engine_answers_as_the_law_says() {
    let schedules = bundled_schedules().unwrap_or_else(|error| panic!("{error}"));
    case::check_all(|case| pure::observe(&schedules["vehicles"], case));
}

#[test]
fn the_server_answers_as_the_law_says() {
    let wire = wire::Wire::start();
    case::check_all(|case| wire.observe(case));
}
