//! `portolan compare`: one question and several origins or days; or two plans.

use super::Failure;
use super::compare_dates::{self, CompareDates};
use super::compare_origins::{self, CompareOrigins};
use super::compare_plans::{self, ComparePlans};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Compare {
    /// Ranks origins for the same goods by what they cost landed.
    Origins(CompareOrigins),
    /// Tells what an entry costs on several days, as known on several days, and what changed.
    Dates(Box<CompareDates>),
    /// Tells the bridge from the cost of one plan to that of another, and what moves.
    Plans(ComparePlans),
}

pub(super) fn run(comparison: &Compare) -> Result<(), Failure> {
    match comparison {
        Compare::Origins(arguments) => compare_origins::run(arguments),
        Compare::Dates(arguments) => compare_dates::run(arguments),
        Compare::Plans(arguments) => compare_plans::run(arguments),
    }
}
