//! `portolan bench solve`.

use super::bench_files::{InstanceArguments, InstanceFile, program_unit};
use super::{Failure, print};
use crate::instances::InstanceFault;
use crate::solver::{SolveEnd, SolveOrder, SolveOutcome, solve};
use crate::sourcing::Formulation;
use clap::Args;
use rust_decimal::Decimal;
use rust_decimal::prelude::{FromPrimitive, ToPrimitive};
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use std::path::PathBuf;
use std::time::{Duration, Instant};

#[derive(Debug, Args)]
#[command(after_help = "\
Cost and bound are in the unit others state them in: thousands for sourcing-problem/1, the
file's own otherwise. CPU and wall seconds are those of the whole instance: reading,
formulating and solving. Fails where an instance cannot be read or solved.

  portolan bench solve small-1.json small-2.json
  portolan bench solve capa.gz --format cflp-cap --capacity 8000 --time-limit 60
  portolan bench solve instances/holmberg --manifest instances/manifest.json --json")]
pub(super) struct Solve {
    /// Files, or folders of them; all of the manifest if not given.
    #[arg(value_name = "PATH", required_unless_present = "manifest")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    instances: InstanceArguments,
    /// Longest wall time of an instance, in seconds.
    #[arg(long, value_name = "SECONDS", default_value = "600", value_parser = seconds)]
    time_limit: Duration,
    /// Gap at which to stop, as a share of the cost.
    #[arg(long, value_name = "SHARE", default_value_t = 1e-6, value_parser = share)]
    gap: f64,
    /// Threads.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    threads: u32,
    /// Prints one JSON object a line.
    #[arg(long)]
    json: bool,
}

/// What is told of an instance.
struct Report {
    name: String,
    objective: Option<Decimal>,
    bound: Option<Decimal>,
    gap: Option<f64>,
    cpu: Duration,
    wall: Duration,
    status: String,
    /// Whether there is nothing to tell but why.
    failed: bool,
}

pub(super) fn run(arguments: &Solve) -> Result<(), Failure> {
    let files = arguments.instances.files(&arguments.paths)?;
    let widest = files.iter().map(|file| file.name.len()).max().unwrap_or(0).max(4);
    if !arguments.json {
        print(&heading(widest))?;
    }
    let mut failed = 0;
    for file in &files {
        let report = report(file, arguments);
        failed += usize::from(report.failed);
        print(&if arguments.json { report.as_json() } else { report.as_text(widest) })?;
    }
    if failed == 0 {
        return Ok(());
    }
    Err(format!("{failed} of {} instances could not be solved", files.len()))
}

fn report(file: &InstanceFile, arguments: &Solve) -> Report {
    let (cpu, wall) = (process_cpu(), Instant::now());
    let mut report = Report {
        name: file.name.clone(),
        objective: None,
        bound: None,
        gap: None,
        cpu: Duration::ZERO,
        wall: Duration::ZERO,
        status: String::new(),
        failed: false,
    };
    match outcome(file, arguments, wall) {
        Ok((outcome, unit)) => report.tell(&outcome, unit),
        Err(fault) => {
            report.status = format!("refused: {fault}");
            report.failed = true;
        }
    }
    report.cpu = process_cpu().saturating_sub(cpu);
    report.wall = wall.elapsed();
    report
}

/// What the solver came to, and its unit of cost in the unit that is told.
fn outcome(
    file: &InstanceFile,
    arguments: &Solve,
    started: Instant,
) -> Result<(SolveOutcome, Decimal), InstanceFault> {
    let instance = file.read()?;
    let formulation = Formulation::of(&instance.problem);
    let order = SolveOrder {
        relative_gap: arguments.gap,
        // The gap asked for is relative; an absolute one must not end it before.
        absolute_gap: 0.0,
        time: Some(arguments.time_limit.saturating_sub(started.elapsed())),
        threads: arguments.threads,
        ..SolveOrder::new(formulation.program().clone())
    };
    let unit = program_unit(&formulation, &instance);
    Ok((solve(&order, &mut |_| (), &|| false), unit))
}

impl Report {
    fn tell(&mut self, outcome: &SolveOutcome, unit: Decimal) {
        let told = |cost: f64| Decimal::from_f64(cost)?.checked_mul(unit);
        self.objective = outcome.objective.and_then(told);
        self.bound = outcome.bound.and_then(told);
        self.gap = outcome.relative_gap();
        let status = match &outcome.reason {
            SolveEnd::Optimal => "optimal",
            SolveEnd::Infeasible => "infeasible",
            SolveEnd::TimeLimit | SolveEnd::WorkLimit | SolveEnd::Cancelled => {
                if outcome.objective.is_some() { "feasible" } else { "no_plan" }
            }
            SolveEnd::Unbounded => "failed: the cost can fall without end",
            SolveEnd::Failed(message) => &format!("failed: {message}"),
        };
        status.clone_into(&mut self.status);
        self.failed = matches!(outcome.reason, SolveEnd::Unbounded | SolveEnd::Failed(_));
    }

    fn as_json(&self) -> String {
        let number = |value: Option<Decimal>| value.and_then(|value| value.to_f64());
        json!({
            "name": self.name,
            "objective": number(self.objective),
            "bound": number(self.bound),
            "gap": self.gap,
            "cpu_s": self.cpu.as_secs_f64(),
            "wall_s": self.wall.as_secs_f64(),
            "status": self.status,
        })
        .to_string()
    }

    fn as_text(&self, widest: usize) -> String {
        let number = |value: Option<Decimal>| {
            value.map_or_else(|| "-".to_owned(), |value| format!("{value:.6}"))
        };
        format!(
            "{:<widest$}  {:>20}  {:>20}  {:>8}  {:>9.3}  {:>9.3}  {}",
            self.name,
            number(self.objective),
            number(self.bound),
            self.gap.map_or_else(|| "-".to_owned(), |gap| format!("{gap:.1e}")),
            self.cpu.as_secs_f64(),
            self.wall.as_secs_f64(),
            self.status
        )
    }
}

fn heading(widest: usize) -> String {
    format!(
        "{:<widest$}  {:>20}  {:>20}  {:>8}  {:>9}  {:>9}  status",
        "name", "objective", "bound", "gap", "cpu_s", "wall_s"
    )
}

/// Processor time this process has taken, all threads together.
fn process_cpu() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).unwrap_or_default()
}

/// `60` or `0.5`.
fn seconds(text: &str) -> Result<Duration, Failure> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "write seconds, as 60 or 0.5".to_owned())
}

/// `1e-6`.
fn share(text: &str) -> Result<f64, Failure> {
    text.parse::<f64>()
        .ok()
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "write a share of 0 to 1, as 1e-6".to_owned())
}
