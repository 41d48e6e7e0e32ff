//! `portolan solve-worker`: a solver process of a server.

use super::Failure;
use crate::solver::{WorkerLimits, work};
use clap::Args;

const MEBIBYTE: u64 = 1024 * 1024;

/// Given by the server that starts it; nobody else can.
#[derive(Debug, Args)]
pub(super) struct SolveWorkerArguments {
    /// Process id of the server.
    #[arg(long, value_name = "PID")]
    parent: i32,
    /// How much it gives way to others, 0 to 19.
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(i32).range(0..=19))]
    nice: i32,
    /// Memory in MiB.
    #[arg(long, value_name = "MIB")]
    memory_mb: u64,
    /// Largest message in MiB.
    #[arg(long, value_name = "MIB")]
    max_frame_mb: usize,
}

pub(super) fn run(arguments: &SolveWorkerArguments) -> Result<(), Failure> {
    let SolveWorkerArguments { parent, nice, memory_mb, max_frame_mb } = *arguments;
    let limits = WorkerLimits {
        parent,
        nice,
        memory_bytes: memory_mb.saturating_mul(MEBIBYTE),
        max_frame_bytes: max_frame_mb.saturating_mul(1024 * 1024),
    };
    work(&limits).map_err(|error| format!("solve-worker: {error}"))
}
