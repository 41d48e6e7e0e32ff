//! The command line: `portolan serve` and the client commands.

mod bench;
mod bench_export;
mod bench_files;
mod bench_generate;
mod bench_load;
mod bench_solve;
mod breakeven;
mod call;
mod cells;
mod compare;
mod compare_dates;
mod compare_origins;
mod compare_plans;
mod concession;
mod conflict;
mod credit;
mod desks;
mod duty;
mod duty_arguments;
mod duty_client;
mod duty_tables;
mod explain;
mod flag_values;
mod goods_arguments;
mod line_tables;
mod optimize;
mod plan_tables;
mod progress_line;
mod proto_json;
mod schedule;
mod schedule_import;
mod schedule_lint;
mod schedule_show;
mod schedule_tables;
mod serve;
mod solve_worker;
mod sourcing_client;
mod sourcing_pictures;
mod stream;

use clap::{Parser, Subcommand};
use std::io::{ErrorKind, Write};
use std::process::ExitCode;

/// What a tariff costs and where to build each model line.
#[derive(Debug, Parser)]
#[command(name = "portolan", version, about, arg_required_else_help = true)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves gRPC until SIGTERM or SIGINT.
    Serve(serve::ServeArguments),
    /// Asks a server what importing an entry costs.
    Duty(Box<duty_arguments::DutyArguments>),
    /// Asks a server where to build each model line, and tells of the search.
    Optimize(optimize::OptimizeArguments),
    /// Asks a server why a plan is what it is: origins, runners-up, what binds.
    Explain(explain::ExplainArguments),
    /// Asks a server where along a parameter the best plan changes.
    Breakeven(breakeven::BreakevenArguments),
    /// Asks a server how large a concession makes reverse imports pay.
    Concession(concession::ConcessionArguments),
    /// Asks a server why there is no plan, and what it takes to get one.
    Conflict(conflict::ConflictArguments),
    /// Asks a server to compare origins, days, or plans.
    #[command(subcommand)]
    Compare(compare::Compare),
    /// Asks a server what a credit against duty comes to.
    Credit(credit::CreditArguments),
    /// Asks a server one question a line, and answers one a line.
    Stream(stream::StreamArguments),
    /// Asks any method of a server, in proto-JSON.
    Call(call::CallArguments),
    /// Shows, checks, compares and makes schedules, without a server.
    #[command(subcommand)]
    Schedule(schedule::ScheduleCommand),
    /// Solves published instances, makes and exports our own, and puts load on a server.
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// Solves for the server that started it.
    #[command(hide = true)]
    SolveWorker(solve_worker::SolveWorkerArguments),
}

impl CommandLine {
    /// Runs the command; what goes wrong is told on standard error.
    pub fn run(self) -> ExitCode {
        let outcome = match self.command {
            Command::Serve(arguments) => serve::serve(&arguments),
            Command::Duty(arguments) => duty::duty(&arguments),
            Command::Optimize(arguments) => optimize::run(&arguments),
            Command::Explain(arguments) => explain::run(&arguments),
            Command::Breakeven(arguments) => breakeven::run(&arguments),
            Command::Concession(arguments) => concession::run(&arguments),
            Command::Conflict(arguments) => conflict::run(&arguments),
            Command::Compare(comparison) => compare::run(&comparison),
            Command::Credit(arguments) => credit::run(&arguments),
            Command::Stream(arguments) => stream::run(&arguments),
            Command::Call(arguments) => call::run(&arguments),
            Command::Schedule(command) => schedule::schedule(&command),
            Command::Bench(command) => bench::bench(&command),
            Command::SolveWorker(arguments) => solve_worker::run(&arguments),
        };
        match outcome {
            Ok(()) => ExitCode::SUCCESS,
            Err(message) => {
                eprintln!("portolan: {}", message.trim_end());
                ExitCode::FAILURE
            }
        }
    }
}

/// What a command that failed tells its user.
type Failure = String;

/// Prints what was asked for. A reader that has seen enough, such as `head`,
/// ends the output, not the command.
fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{}", text.trim_end()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(format!("stdout: {error}")),
        _ => Ok(()),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))
}
