//! `portolan compare plans`: the bridge from one plan's cost to another's.

use super::cells::{amount, money, right, table};
use super::plan_tables::{cost_name, told, told_value};
use super::sourcing_client::SourcingArguments;
use super::{Failure, sourcing_pictures};
use crate::proto::portolan::sourcing::v1 as pb;
use clap::Args;
use std::fmt::Write;

#[derive(Debug, Args)]
#[command(after_help = "  portolan compare plans examples/sourcing-compare-plans.json")]
pub(super) struct ComparePlans {
    #[command(flatten)]
    common: SourcingArguments,
}

pub(super) fn run(arguments: &ComparePlans) -> Result<(), Failure> {
    let common = &arguments.common;
    let request: pb::ComparePlansRequest = common.request("ComparePlansRequest")?;
    let answer = common.ask(async |client| client.compare_plans(request).await)?;
    common.tell("ComparePlansResponse", &answer, bridge, sourcing_pictures::bridge)
}

fn bridge(answer: &pb::ComparePlansResponse) -> String {
    let mut text = String::new();
    let mut table_of =
        |title: &str, steps: &[pb::BridgeStep], name: &dyn Fn(&pb::BridgeStep) -> String| {
            let mut table = table();
            table.set_header([title, "from", "to", "difference"]);
            for step in steps {
                table.add_row([
                    name(step),
                    amount(step.from.as_ref()),
                    amount(step.to.as_ref()),
                    amount(step.difference.as_ref()),
                ]);
            }
            table.add_row([
                "total".to_owned(),
                answer.from_total.as_ref().map(money).unwrap_or_default(),
                answer.to_total.as_ref().map(money).unwrap_or_default(),
                answer.difference.as_ref().map(money).unwrap_or_default(),
            ]);
            right(&mut table, &[1, 2, 3]);
            let _ = writeln!(text, "{table}");
        };
    let or_none = |id: &str| if id.is_empty() { "(none)".to_owned() } else { id.to_owned() };
    table_of("cost", &answer.by_kind, &|step| {
        cost_name(step.kind(), &step.importer_region_code, &step.layer)
    });
    table_of("plant", &answer.by_plant, &|step| or_none(&step.plant_id));
    table_of("market", &answer.by_market, &|step| or_none(&step.market_id));
    let mut moved = table();
    moved.set_header(["model", "market", "from plant", "vehicles from", "to"]);
    for unit in &answer.units {
        moved.add_row([
            unit.model_id.clone(),
            unit.market_id.clone(),
            unit.plant_id.clone(),
            told(super::plan_tables::number(unit.from.as_ref())),
            told(super::plan_tables::number(unit.to.as_ref())),
        ]);
    }
    right(&mut moved, &[3, 4]);
    if moved.row_count() > 0 {
        let _ = writeln!(text, "{moved}");
    }
    for country in &answer.countries {
        let _ = writeln!(
            text,
            "{}: {} vehicles built instead of {}, {} jobs instead of {}",
            country.region_code,
            told_value(country.to_built.as_ref()),
            told_value(country.from_built.as_ref()),
            told_value(country.to_jobs.as_ref()),
            told_value(country.from_jobs.as_ref())
        );
    }
    for (side, violations) in [("From", &answer.from_violations), ("To", &answer.to_violations)] {
        for violation in violations {
            let _ = writeln!(text, "{side} violates {}: {}", violation.reason, violation.message);
        }
    }
    text
}
