//! `portolan compare origins`: where the goods come from cheapest.

use super::cells::{day, decimal, distinct, money, range, right, table};
use super::duty_client::{ServerArguments, told};
use super::proto_json::{read_json, to_json};
use super::{Failure, runtime};
use crate::proto::portolan::tariff::v1 as pb;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "  portolan compare origins examples/civic-hybrid-origins.json")]
pub(super) struct CompareOrigins {
    /// The question as proto-JSON (`CompareOriginsRequest`).
    #[arg(value_name = "REQUEST.json")]
    file: PathBuf,
    #[command(flatten)]
    server: ServerArguments,
    /// Prints the answer as proto-JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &CompareOrigins) -> Result<(), Failure> {
    let request: pb::CompareOriginsRequest =
        read_json("portolan.tariff.v1.CompareOriginsRequest", &arguments.file)?;
    let answer = runtime()?.block_on(async {
        let mut client = arguments.server.client().await?;
        let answer = client.compare_origins(request.clone()).await;
        Ok::<_, Failure>(answer.map_err(|status| told(&status))?.into_inner())
    })?;
    if arguments.json {
        println!("{}", to_json("portolan.tariff.v1.CompareOriginsResponse", &answer)?);
    } else {
        println!("{}", ranking(&request, &answer));
    }
    Ok(())
}

fn ranking(request: &pb::CompareOriginsRequest, answer: &pb::CompareOriginsResponse) -> String {
    let mut text = String::new();
    let assessed = || answer.origins.iter().filter_map(|origin| origin.answer.as_ref());
    let units = request.units_per_entry.as_ref().map_or("?", |units| units.value.as_str());
    let _ = writeln!(
        text,
        "{} into {} on {}, {units} an entry; {} for one",
        request.goods_code,
        request.importer_region_code,
        day(request.entry_date.as_ref()),
        request.reporting_currency_code,
    );
    if let Some(provenance) = assessed().find_map(|answer| answer.provenance.as_ref()) {
        let _ = writeln!(
            text,
            "{}, law as known on {}",
            provenance.schedule_revision,
            day(provenance.known_at.as_ref())
        );
    }
    let _ = writeln!(text, "{}", costs(&answer.origins));
    if !answer.runner_up_candidate_id.is_empty() {
        let _ = writeln!(
            text,
            "Cheapest: {}. {} costs {} more.",
            answer.best_candidate_id,
            answer.runner_up_candidate_id,
            range(answer.lowest_gap_per_unit.as_ref(), answer.highest_gap_per_unit.as_ref()),
        );
    }
    for used in &answer.exchange_rates {
        let Some(rate) = &used.rate else { continue };
        let _ = writeln!(
            text,
            "Rate: 1 {} = {} {}, {} table of {}",
            rate.from_currency_code,
            rate.rate.as_ref().map_or("", |rate| rate.value.as_str()),
            rate.to_currency_code,
            used.table,
            day(rate.published_on.as_ref()),
        );
    }
    for origin in &answer.origins {
        for question in origin.answer.iter().flat_map(|answer| &answer.lines).flat_map(questions) {
            let _ = writeln!(text, "Open for {}: {question}", origin.candidate_id);
        }
    }
    for notice in distinct(assessed().flat_map(|answer| &answer.notices)) {
        let _ = writeln!(text, "Note: {notice}");
    }
    text.trim_end().to_owned()
}

fn costs(origins: &[pb::OriginCost]) -> String {
    let mut table = table();
    table.set_header([
        "",
        "candidate",
        "origin",
        "cost",
        "transport",
        "duty",
        "fees",
        "taxes",
        "landed",
    ]);
    for origin in origins {
        table.add_row([
            origin.rank.to_string(),
            origin.candidate_id.clone(),
            if origin.local_supply {
                format!("{} (at home)", origin.origin_region_code)
            } else {
                origin.origin_region_code.clone()
            },
            decimal(origin.unit_cost.as_ref()),
            decimal(origin.transport.as_ref()),
            decimal(origin.duty.as_ref()),
            decimal(origin.fees.as_ref()),
            decimal(origin.taxes.as_ref()),
            range(
                origin.lowest_unit_cost_landed.as_ref(),
                origin.highest_unit_cost_landed.as_ref(),
            ),
        ]);
    }
    right(&mut table, &[0, 3, 4, 5, 6, 7, 8]);
    table.to_string()
}

fn questions(line: &pb::AssessedLine) -> impl Iterator<Item = String> {
    line.questions.iter().map(|question| {
        let stake = question.at_stake.as_ref().map(|stake| format!(" At stake: {}.", money(stake)));
        format!("{} [{}]{}", question.text, question.question_id, stake.unwrap_or_default())
    })
}
