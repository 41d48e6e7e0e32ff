//! `portolan conflict`: why there is no plan, and what it takes to get one.

use super::Failure;
use super::cells::{decimal, right, table};
use super::plan_tables::{names, number, told};
use super::sourcing_client::SourcingArguments;
use crate::proto::google::r#type as google;
use crate::proto::portolan::sourcing::v1 as pb;
use clap::Args;
use std::fmt::Write;

#[derive(Debug, Args)]
#[command(after_help = "  portolan conflict examples/sourcing-conflict.json\n\n\
    The request of `portolan optimize` will do as well.")]
pub(super) struct ConflictArguments {
    #[command(flatten)]
    common: SourcingArguments,
}

pub(super) fn run(arguments: &ConflictArguments) -> Result<(), Failure> {
    let common = &arguments.common;
    let request = common.request("ExplainInfeasibilityRequest");
    let request = request.or_else(|fault| match common.request("OptimizeSourcingRequest") {
        Ok(pb::OptimizeSourcingRequest { problem, budget, .. }) => {
            Ok(pb::ExplainInfeasibilityRequest { problem, budget, repair_prices: Vec::new() })
        }
        Err(_) => Err(fault),
    })?;
    let answer = common.ask(async |client| client.explain_infeasibility(request).await)?;
    common.print("ExplainInfeasibilityResponse", &answer, conflict)
}

/// A change in full: of a share, the second decimal is a whole percent.
fn change(value: Option<&google::Decimal>) -> String {
    let value = number(value).normalize();
    if value.scale() > 2 { value.to_string() } else { told(value) }
}

fn conflict(answer: &pb::ExplainInfeasibilityResponse) -> String {
    let mut text = format!("{}\n", answer.message);
    for member in &answer.members {
        let _ = writeln!(text, "- {}", member.message);
    }
    let mut table = table();
    table.set_header(["repair", "of", "by", "cost", ""]);
    for repair in &answer.repairs {
        let limit = repair.limit.clone().unwrap_or_default();
        let kind = limit.kind().as_str_name().trim_start_matches("LIMIT_KIND_");
        let of = [limit.ids.join(" "), limit.period_id.clone()];
        table.add_row([
            names(kind),
            of.join(" ").trim_end().to_owned(),
            change(repair.change.as_ref()),
            decimal(repair.cost.as_ref()),
            if repair.is_priced_by_caller { "at the price stated" } else { "the best plan then" }
                .to_owned(),
        ]);
    }
    right(&mut table, &[2, 3]);
    if table.row_count() > 0 {
        let _ = writeln!(text, "{table}");
    }
    text
}
