//! `portolan bench`: published instances through the formulation and the solver
//! that callers' problems go through, in this process; and load on a server.

use super::{Failure, bench_export, bench_generate, bench_load, bench_solve};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum BenchCommand {
    /// Solves instances; prints a line for each.
    Solve(bench_solve::Solve),
    /// Draws a problem of our own from a seed.
    Generate(bench_generate::Generate),
    /// Writes an instance as we formulate it, for other solvers.
    Export(bench_export::Export),
    /// Calls a server again and again; tells how long calls take and what became of them.
    Load(bench_load::Load),
}

pub(super) fn bench(command: &BenchCommand) -> Result<(), Failure> {
    match command {
        BenchCommand::Solve(arguments) => bench_solve::run(arguments),
        BenchCommand::Generate(arguments) => bench_generate::run(arguments),
        BenchCommand::Export(arguments) => bench_export::run(arguments),
        BenchCommand::Load(arguments) => bench_load::run(arguments),
    }
}
