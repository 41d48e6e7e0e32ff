//! `portolan bench export`.

use super::bench_files::{InstanceArguments, program_unit};
use super::{Failure, print};
use crate::instances::mps;
use crate::sourcing::Formulation;
use clap::Args;
use std::fs;
use std::path::PathBuf;
use std::slice;

#[derive(Debug, Args)]
#[command(after_help = "\
Columns and rows are numbered. The cost is in a unit of its own, which is told.

  portolan bench export small-1.json --mps small-1.mps
  portolan bench export cap41.gz --format cflp-cap --mps cap41.mps")]
pub(super) struct Export {
    /// The instance.
    #[arg(value_name = "PATH")]
    path: PathBuf,
    #[command(flatten)]
    instances: InstanceArguments,
    /// File to write, in free MPS.
    #[arg(long, value_name = "OUT.mps")]
    mps: PathBuf,
}

pub(super) fn run(arguments: &Export) -> Result<(), Failure> {
    let files = arguments.instances.files(slice::from_ref(&arguments.path))?;
    let [file] = files.as_slice() else {
        return Err(format!("{}: {} instances; name one", arguments.path.display(), files.len()));
    };
    let instance = file.read().map_err(|fault| format!("{}: {fault}", file.name))?;
    let formulation = Formulation::of(&instance.problem);
    let program = formulation.program();
    let out = &arguments.mps;
    fs::write(out, mps(&file.name, program))
        .map_err(|error| format!("{}: {error}", out.display()))?;
    print(&format!(
        "Written: {}; {} columns, {} rows; its cost times {} is what `bench solve` tells.",
        out.display(),
        program.column_count(),
        program.row_count(),
        program_unit(&formulation, &instance).normalize()
    ))
}
