//! Sourcing: where to build each model line, for which market, when.
//!
//! Pure, as `tariff` is. A [`SourcingProblem`] is what a planner states; binary
//! floating point is found in the [`Program`] handed to a solver alone, and
//! every plan that comes back is priced and checked in exact decimals.

mod calendar;
pub mod check;
mod comparison;
mod conflict;
mod decisions;
mod duties;
mod formulation;
mod identity;
mod landed_cost;
mod ledger;
mod network;
mod parameter;
mod plan;
mod priced;
mod pricing;
mod problem;
mod program;
mod relief;
mod termination;

pub use comparison::*;
pub use conflict::*;
pub use decisions::*;
pub use duties::*;
pub use formulation::*;
pub use identity::*;
pub use landed_cost::*;
pub use ledger::*;
pub use network::*;
pub use parameter::*;
pub use plan::*;
pub use priced::*;
pub use pricing::*;
pub use problem::*;
pub use program::*;
pub use termination::*;
