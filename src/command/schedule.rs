//! `portolan schedule`: schedules on this machine, the bundled ones among them.

use super::{Failure, schedule_import, schedule_lint, schedule_show};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum ScheduleCommand {
    /// Lists the schedules held.
    List(schedule_show::List),
    /// Shows the tariff lines of a code and the measures that concern it.
    Show(schedule_show::Show),
    /// Finds tariff lines by words, or by the beginning of a code.
    Search(schedule_show::Search),
    /// Compares two schedules.
    Diff(schedule_show::Diff),
    /// Checks schedules: every fault, and what is worth a second look.
    Lint(schedule_lint::Lint),
    /// Makes a schedule of the official spreadsheet of the US tariff.
    ImportHts(schedule_import::ImportHts),
}

pub(super) fn schedule(command: &ScheduleCommand) -> Result<(), Failure> {
    match command {
        ScheduleCommand::List(arguments) => schedule_show::list(arguments),
        ScheduleCommand::Show(arguments) => schedule_show::show(arguments),
        ScheduleCommand::Search(arguments) => schedule_show::search(arguments),
        ScheduleCommand::Diff(arguments) => schedule_show::diff(arguments),
        ScheduleCommand::Lint(arguments) => schedule_lint::run(arguments),
        ScheduleCommand::ImportHts(arguments) => schedule_import::run(arguments),
    }
}
