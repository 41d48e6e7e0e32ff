//! `portolan concession`: the rate at which earning a relief pays, by volume.

use super::cells::{decimal, percent, right, table};
use super::optimize::ending;
use super::plan_tables::names;
use super::sourcing_client::SourcingArguments;
use super::{Failure, sourcing_pictures};
use crate::proto::portolan::sourcing::v1 as pb;
use clap::Args;
use std::fmt::Write;

#[derive(Debug, Args)]
#[command(after_help = "  portolan concession examples/scenarios/article-concession.json")]
pub(super) struct ConcessionArguments {
    #[command(flatten)]
    common: SourcingArguments,
}

pub(super) fn run(arguments: &ConcessionArguments) -> Result<(), Failure> {
    let common = &arguments.common;
    let request: pb::AnalyzeConcessionRequest = common.request("AnalyzeConcessionRequest")?;
    let asked = request.clone();
    let answer = common.ask(async |client| client.analyze_concession(asked).await)?;
    let tables = if common.brief { brief } else { rates };
    common.tell("AnalyzeConcessionResponse", &answer, tables, |answer| {
        sourcing_pictures::concession(&request, answer)
    })
}

fn brief(answer: &pb::AnalyzeConcessionResponse) -> String {
    let told = answer.points.iter().map(|point| {
        let volume = decimal(point.volume.as_ref());
        let volume = volume.trim_end_matches(".00");
        match (&point.rate, point.outcome()) {
            (Some(rate), _) => format!("{volume} vehicles a year pay at up to {}", percent(rate)),
            (None, pb::ConcessionOutcome::Infeasible) => format!("{volume} cannot be"),
            (None, pb::ConcessionOutcome::NeverPays) => format!("{volume} pay at no rate"),
            (None, _) => format!("whether {volume} pay is not known"),
        }
    });
    format!("{}.", told.collect::<Vec<_>>().join("; "))
}

fn rates(answer: &pb::AnalyzeConcessionResponse) -> String {
    let mut text = String::new();
    if let Some(termination) = &answer.termination {
        let _ = writeln!(text, "Without the relief {}", ending(termination));
    }
    // Discounted, as it is compared.
    let objective = |plan: &Option<pb::SourcingPlan>| {
        let cost = plan.as_ref().and_then(|plan| plan.cost.as_ref());
        let compared = |cost: &pb::PlanCost| {
            decimal(cost.discounted_profit.as_ref().or(cost.discounted_total.as_ref()))
        };
        cost.map(compared).unwrap_or_default()
    };
    let _ = writeln!(text, "Objective without it: {}", objective(&answer.plan_without));
    let mut table = table();
    table.set_header([
        "vehicles a year",
        "outcome",
        "pays up to",
        "objective there",
        "evidence",
        "",
    ]);
    for point in &answer.points {
        let outcome = point.outcome().as_str_name().trim_start_matches("CONCESSION_OUTCOME_");
        table.add_row([
            decimal(point.volume.as_ref()).trim_end_matches(".00").to_owned(),
            names(outcome),
            point.rate.as_ref().map(percent).unwrap_or_default(),
            objective(&point.plan_with),
            names(point.evidence().as_str_name().trim_start_matches("EVIDENCE_")),
            point.message.clone(),
        ]);
    }
    right(&mut table, &[0, 2, 3]);
    let _ = writeln!(text, "{table}\n{} solves", answer.solves);
    text
}
