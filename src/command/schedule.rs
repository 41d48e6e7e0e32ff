//! `portolan schedule`: schedules on this machine, the bundled ones among them.

use super::{Failure, schedule_import, schedule_lint};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum ScheduleCommand {
    /// Checks schedules: every fault, and what is worth a second look.
    Lint(schedule_lint::Lint),
    /// Makes a schedule of the official spreadsheet of the US tariff.
    ImportHts(schedule_import::ImportHts),
}

pub(super) fn schedule(command: &ScheduleCommand) -> Result<(), Failure> {
    match command {
        ScheduleCommand::Lint(arguments) => schedule_lint::run(arguments),
        ScheduleCommand::ImportHts(arguments) => schedule_import::run(arguments),
    }
}
