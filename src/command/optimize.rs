//! `portolan optimize`: where to build each model line, with the search told as
//! it goes.

use super::cells::{decimal, money, right, table};
use super::duty_client::told;
use super::plan_tables::{first_few, names, plan_tables, told_value};
use super::progress_line::ProgressLine;
use super::sourcing_client::SourcingArguments;
use super::{Failure, runtime, sourcing_pictures};
use crate::proto::portolan::sourcing::v1 as pb;
use clap::{Args, ValueEnum};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

#[derive(Debug, Args)]
#[command(after_help = "  portolan optimize examples/sourcing-two-plants.json")]
pub(super) struct OptimizeArguments {
    #[command(flatten)]
    common: SourcingArguments,
    /// What `--chart` draws.
    #[arg(long, value_enum, default_value = "flows")]
    picture: PlanPicture,
}

/// Pictures of a plan.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum PlanPicture {
    /// Vehicles from plants to markets.
    Flows,
    /// Tranches of quotas and what is left of them.
    Quotas,
}

pub(super) fn run(arguments: &OptimizeArguments) -> Result<(), Failure> {
    let common = &arguments.common;
    let request: pb::OptimizeSourcingRequest = common.request("OptimizeSourcingRequest")?;
    let problem = request.problem.clone().unwrap_or_default();
    let answer = runtime()?.block_on(searched(common, request))?;
    let tables = if common.brief { brief } else { summary };
    common.tell("OptimizeSourcingResponse", &answer, tables, |answer| {
        let plan = answer.plan.clone().unwrap_or_default();
        match arguments.picture {
            PlanPicture::Flows => sourcing_pictures::flows(&problem, &plan),
            PlanPicture::Quotas => sourcing_pictures::quotas(&problem, &plan),
        }
    })
}

async fn searched(
    common: &SourcingArguments,
    request: pb::OptimizeSourcingRequest,
) -> Result<pb::OptimizeSourcingResponse, Failure> {
    use pb::stream_optimization_response::Event;
    let mut client = common.server.sourcing_client().await?;
    let stream = client.stream_optimization(request).await;
    let mut stream = stream.map_err(|status| told(&status))?.into_inner();
    let mut line = ProgressLine::new();
    loop {
        let message = stream.message().await.map_err(|status| {
            line.end();
            told(&status)
        })?;
        match message.and_then(|message| message.event) {
            Some(Event::Progress(progress)) => line.show(&progress_of(&progress)),
            Some(Event::Response(response)) => {
                line.end();
                return Ok(response);
            }
            None => {
                line.end();
                return Err("the server ended the search without an answer".to_owned());
            }
        }
    }
}

/// The search as far as it has come.
fn progress_of(progress: &pb::SearchProgress) -> String {
    let seconds = progress.elapsed.as_ref().map_or(0, |elapsed| elapsed.seconds);
    let phase = progress.phase().as_str_name().trim_start_matches("SEARCH_PHASE_");
    let mut text = format!("{seconds:>4} s  {}", phase.to_lowercase());
    if progress.incumbent.is_some() {
        let _ = write!(text, "  best {}", decimal(progress.incumbent.as_ref()));
    }
    if progress.bound.is_some() {
        let _ = write!(text, "  bound {}", decimal(progress.bound.as_ref()));
    }
    if let Some(gap) = &progress.relative_gap {
        let _ = write!(text, "  gap {}", super::cells::percent(gap));
    }
    text
}

fn summary(answer: &pb::OptimizeSourcingResponse) -> String {
    let mut text = String::new();
    if let Some(provenance) = &answer.provenance {
        let known = super::cells::day(provenance.known_at.as_ref());
        let _ = writeln!(text, "{}, law as known on {known}", provenance.schedule_revision);
    }
    if let Some(termination) = &answer.termination {
        let _ = writeln!(text, "{}", ending(termination));
        if termination.reason() == pb::TerminationReason::Infeasible {
            let _ = writeln!(text, "{TO_CONFLICT}");
        }
    }
    if let Some(plan) = &answer.plan {
        text.push_str(&plan_tables(plan));
        let limits = &plan.binding_limits;
        if !limits.is_empty() {
            let mut table = table();
            table.set_header(["what binds", "of", "period", "one more saves"]);
            let scarce = limits.iter().filter(|limit| limit.kind != "DEMAND");
            for limit in scarce.take(MOST_ROWS) {
                table.add_row([
                    names(&limit.kind),
                    limit.ids.join(" "),
                    limit.period.clone(),
                    decimal(limit.marginal_value.as_ref()),
                ]);
            }
            right(&mut table, &[3]);
            if table.row_count() > 0 {
                let _ = writeln!(text, "{table}");
            }
        }
        for assumption in &plan.assumptions {
            let _ = writeln!(text, "Assumed: {assumption}");
        }
    }
    text
}

fn brief(answer: &pb::OptimizeSourcingResponse) -> String {
    let ending = answer.termination.as_ref().map(ending).unwrap_or_default();
    let Some(plan) = &answer.plan else { return ending };
    let mut origins: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for allocation in &plan.allocations {
        let served = (allocation.model_id.as_str(), allocation.market_id.as_str());
        origins.entry(served).or_default().insert(&allocation.plant_id);
    }
    let told = origins.iter().map(|((model, market), plants)| {
        let plants: Vec<&str> = plants.iter().copied().collect();
        format!("{model} for {market} from {}", plants.join(" and "))
    });
    format!("{}.\n{ending}", first_few(told))
}

/// Where to go from a problem without a plan.
const TO_CONFLICT: &str = "`portolan conflict` with the same file names the limits in the way.";

/// Rows of one table for a terminal.
const MOST_ROWS: usize = 20;

/// How a search ended, in one line.
pub(super) fn ending(termination: &pb::Termination) -> String {
    let reason = termination.reason().as_str_name().trim_start_matches("TERMINATION_REASON_");
    let mut text = names(reason).to_uppercase();
    if termination.objective.is_some() {
        let _ = write!(text, ": {}", told_value(termination.objective.as_ref()));
    }
    if let Some(gap) = &termination.gap {
        let share = termination.relative_gap.as_ref().map(super::cells::percent);
        let _ = write!(text, ", gap {} ({})", money(gap), share.unwrap_or_default());
    }
    let _ = write!(text, ". {}", termination.message);
    text
}
