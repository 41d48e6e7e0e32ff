//! Sourcing: where to build each model line, for which market, when.
//!
//! Pure, as `tariff` is. A [`SourcingProblem`] is what a planner states; binary
//! floating point is found in the [`Program`] handed to a solver alone, and
//! every plan that comes back is priced and checked in exact decimals.

mod decisions;
mod formulation;
mod plan;
mod priced;
mod problem;
mod program;
mod termination;

pub use decisions::*;
pub use formulation::*;
pub use plan::*;
pub use priced::*;
pub use problem::*;
pub use program::*;
pub use termination::*;
