//! `portolan compare dates`: what an entry costs on several days, and what changed.

use super::cells::{amount, cited, day, distinct, is_zero, money, percent, range, right, table};
use super::duty_client::{ServerArguments, told};
use super::flag_values::date_pair;
use super::goods_arguments::GoodsArguments;
use super::proto_json::{read_json, to_json};
use super::{Failure, runtime};
use crate::proto::portolan::tariff::v1 as pb;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "  portolan compare dates examples/japan-car-dates.json
  portolan compare dates --code 8703.23.01 --value '40000 USD' --origin DE \\
      --on 2025-08-15@2025-08-15 --on 2025-08-15@2025-10-01")]
pub(super) struct CompareDates {
    /// The question as proto-JSON (`CompareDatesRequest`).
    #[arg(value_name = "REQUEST.json", conflicts_with_all = ["code", "on", "origin"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArguments,
    /// Prints the answer as proto-JSON.
    #[arg(long)]
    json: bool,
    /// Entry date, and the day as known on which it is asked about; given at least twice.
    #[arg(long, value_name = "DATE[@KNOWN_AT]", requires = "code", value_parser = date_pair)]
    on: Vec<pb::DatePair>,
    /// Country of origin.
    #[arg(long, value_name = "REGION", requires = "code")]
    origin: Option<String>,
    #[command(flatten)]
    goods: GoodsArguments,
}

impl CompareDates {
    fn request(&self) -> Result<pb::CompareDatesRequest, Failure> {
        match &self.file {
            Some(path) => read_json("portolan.tariff.v1.CompareDatesRequest", path),
            None if self.goods.given() => Ok(pb::CompareDatesRequest {
                entry: Some(self.goods.entry(self.origin.as_deref().unwrap_or_default())),
                world_state: Some(self.goods.world_state()),
                dates: self.on.clone(),
                ..pb::CompareDatesRequest::default()
            }),
            None => Err("give a request file, or --code, --origin, --value and --on".to_owned()),
        }
    }
}

pub(super) fn run(arguments: &CompareDates) -> Result<(), Failure> {
    let request = arguments.request()?;
    let answer = runtime()?.block_on(async {
        let mut client = arguments.server.client().await?;
        let answer = client.compare_dates(request).await;
        Ok::<_, Failure>(answer.map_err(|status| told(&status))?.into_inner())
    })?;
    if arguments.json {
        println!("{}", to_json("portolan.tariff.v1.CompareDatesResponse", &answer)?);
    } else {
        println!("{}", comparison(&answer));
    }
    Ok(())
}

fn comparison(answer: &pb::CompareDatesResponse) -> String {
    let mut text = String::new();
    let provenances = || answer.answers.iter().filter_map(|answer| answer.provenance.as_ref());
    if let Some(provenance) = provenances().next() {
        let _ = writeln!(
            text,
            "{} entry, {}, engine {}",
            provenance.importer_region_code,
            provenance.schedule_revision,
            provenance.engine_version
        );
    }
    // The day known on is told again below only where it tells the days apart.
    let known = distinct(provenances().map(|provenance| provenance.known_at)).len() > 1;
    let _ = writeln!(text, "{}", days(answer));
    for (place, change) in answer.changes.iter().enumerate() {
        if change.charges.is_empty() {
            continue;
        }
        let at = |place: usize| asked_day(answer.answers.get(place), known);
        let _ = writeln!(text, "From {} to {}:\n{}", at(place), at(place + 1), charges(change));
    }
    for change in &answer.changes {
        for refund in change.refundable.iter().filter(|refund| !is_zero(refund)) {
            let _ = writeln!(text, "Refundable: {}.", money(refund));
        }
    }
    for notice in distinct(answer.answers.iter().flat_map(|answer| &answer.notices)) {
        let _ = writeln!(text, "Note: {notice}");
    }
    text.trim_end().to_owned()
}

/// `2025-08-15 as known on 2025-10-01`.
fn asked_day(answer: Option<&pb::CalculateDutyResponse>, known: bool) -> String {
    let provenance = answer.and_then(|answer| answer.provenance.as_ref());
    let entry = day(provenance.and_then(|provenance| provenance.entry_date.as_ref()));
    if known {
        let known_at = day(provenance.and_then(|provenance| provenance.known_at.as_ref()));
        format!("{entry} as known on {known_at}")
    } else {
        entry
    }
}

/// A row for each day.
fn days(answer: &pb::CompareDatesResponse) -> String {
    let mut table = table();
    table.set_header(["entry", "known on", "rate", "duty", "total", "change"]);
    for (place, dated) in answer.answers.iter().enumerate() {
        let provenance = dated.provenance.clone().unwrap_or_default();
        let totals = dated.totals.as_ref();
        let change = place.checked_sub(1).and_then(|place| answer.changes.get(place));
        table.add_row([
            day(provenance.entry_date.as_ref()),
            day(provenance.known_at.as_ref()),
            totals
                .and_then(|totals| totals.effective_duty_rate.as_ref())
                .map_or_else(|| "UNDETERMINED".to_owned(), percent),
            amount(totals.and_then(|totals| totals.duty.as_ref())),
            // BASIC tells a range only where it is one.
            totals.and_then(|totals| totals.total.as_ref()).map_or_else(
                || range(dated.lowest_total.as_ref(), dated.highest_total.as_ref()),
                money,
            ),
            change.map_or_else(String::new, |change| {
                range(change.lowest_difference.as_ref(), change.highest_difference.as_ref())
            }),
        ]);
    }
    right(&mut table, &[2, 3, 4, 5]);
    table.to_string()
}

/// A row for each charge that changed.
fn charges(change: &pb::DateChange) -> String {
    let mut table = table();
    table.set_header(["line", "under", "before", "after", "by"]);
    for charge in &change.charges {
        let side = |heading: &str, rate: &str, due: Option<_>| {
            if heading.is_empty() {
                "nothing".to_owned()
            } else {
                format!("{heading}, {rate}: {}", amount(due))
            }
        };
        table.add_row([
            charge.line_id.clone(),
            charge.programme.clone(),
            side(&charge.heading_before, &charge.rate_before, charge.amount_before.as_ref()),
            side(&charge.heading_after, &charge.rate_after, charge.amount_after.as_ref()),
            cited(&charge.citations),
        ]);
    }
    table.to_string()
}
