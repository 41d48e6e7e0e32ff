//! Sourcing: where to build each model line, for which market, when.

mod program;

pub use program::*;
