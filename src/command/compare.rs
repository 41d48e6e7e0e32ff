//! `portolan compare`: one question, several origins or several days.

use super::Failure;
use super::compare_dates::{self, CompareDates};
use super::compare_origins::{self, CompareOrigins};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum Compare {
    /// Ranks origins for the same goods by what they cost landed.
    Origins(CompareOrigins),
    /// Tells what an entry costs on several days, as known on several days, and what changed.
    Dates(Box<CompareDates>),
}

pub(super) fn run(comparison: &Compare) -> Result<(), Failure> {
    match comparison {
        Compare::Origins(arguments) => compare_origins::run(arguments),
        Compare::Dates(arguments) => compare_dates::run(arguments),
    }
}
