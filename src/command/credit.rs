//! `portolan credit`: what a credit against duty comes to.

use super::cells::{amount, cited, day, letter, money, right, table};
use super::duty_client::{ServerArguments, told};
use super::flag_values::{credit_base, date, money as money_flag};
use super::proto_json::{read_json, to_json};
use super::{Failure, runtime};
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use clap::Args;
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "  portolan credit examples/us-offset.json
  portolan credit --credit us-assembly-offset-cars --base 2026-06-15='3500000000 USD' \\
      --liability '100000000 USD' --known-at 2025-10-01")]
pub(super) struct CreditArguments {
    /// The question as proto-JSON (`CalculateCreditRequest`).
    #[arg(value_name = "REQUEST.json",
        conflicts_with_all = ["credit", "bases", "liability", "brought_forward", "known_at"])]
    file: Option<PathBuf>,
    #[command(flatten)]
    server: ServerArguments,
    /// Prints the answer as proto-JSON.
    #[arg(long)]
    json: bool,
    /// Importing customs territory.
    #[arg(long, value_name = "REGION", default_value = "US")]
    importer: String,
    /// The credit: `us-assembly-offset-cars`.
    #[arg(long, value_name = "ID")]
    credit: Option<String>,
    /// What earns it, by day of assembly: `2026-06-15='35000 USD'`; may be repeated.
    #[arg(long = "base", value_name = "DATE=AMOUNT", requires = "credit",
        value_parser = credit_base)]
    bases: Vec<pb::CreditBase>,
    /// Duty it may be spent on.
    #[arg(long, value_name = "MONEY", requires = "credit", value_parser = money_flag)]
    liability: Option<google::Money>,
    /// Money left from before.
    #[arg(long, value_name = "MONEY", requires = "credit", value_parser = money_flag)]
    brought_forward: Option<google::Money>,
    /// Law as published up to this day.
    #[arg(long, value_name = "DATE", requires = "credit", value_parser = date)]
    known_at: Option<google::Date>,
}

impl CreditArguments {
    fn request(&self) -> Result<pb::CalculateCreditRequest, Failure> {
        if let Some(path) = &self.file {
            return read_json("portolan.tariff.v1.CalculateCreditRequest", path);
        }
        let credit_id = self.credit.clone();
        Ok(pb::CalculateCreditRequest {
            importer_region_code: self.importer.clone(),
            credit_id: credit_id.ok_or("give a request file, or --credit and --base")?,
            bases: self.bases.clone(),
            brought_forward: self.brought_forward.clone(),
            liability: self.liability.clone(),
            known_at: self.known_at,
            schedule: String::new(),
        })
    }
}

pub(super) fn run(arguments: &CreditArguments) -> Result<(), Failure> {
    let request = arguments.request()?;
    let answer = runtime()?.block_on(async {
        let mut client = arguments.server.client().await?;
        let answer = client.calculate_credit(request).await;
        Ok::<_, Failure>(answer.map_err(|status| told(&status))?.into_inner())
    })?;
    if arguments.json {
        println!("{}", to_json("portolan.tariff.v1.CalculateCreditResponse", &answer)?);
    } else {
        println!("{}", statement(&answer));
    }
    Ok(())
}

fn statement(answer: &pb::CalculateCreditResponse) -> String {
    let mut text = format!(
        "{}, law as known on {}\n",
        answer.schedule_revision,
        day(answer.known_at.as_ref())
    );
    let mut table = table();
    table.set_header(["assembled", "base", "rate", "earned", "source"]);
    for earned in &answer.earned {
        table.add_row([
            day(earned.assembled_on.as_ref()),
            amount(earned.base.as_ref()),
            if earned.rate.is_empty() { "none".to_owned() } else { earned.rate.clone() },
            amount(earned.amount.as_ref()),
            format!("{} [{}]", cited(&earned.citations), letter(answer.confidence())),
        ]);
    }
    right(&mut table, &[1, 2, 3]);
    let told = |value: &Option<google::Money>| value.as_ref().map(money).unwrap_or_default();
    let _ = writeln!(
        text,
        "{table}\nEarned {}; spent {}; carried forward {}.\nNeeds: {}.",
        told(&answer.total_earned),
        told(&answer.spent),
        told(&answer.carried_forward),
        answer.evidence.trim_end_matches('.'),
    );
    text.trim_end().to_owned()
}
