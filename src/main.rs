//! The `portolan` binary.

use clap::Parser;
use portolan::command::CommandLine;
use std::process::ExitCode;

fn main() -> ExitCode {
    CommandLine::parse().run()
}
