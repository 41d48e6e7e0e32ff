//! `portolan explain`: why a plan is what it is.

use super::cells::{decimal, right, table};
use super::plan_tables::{number, told};
use super::proto_json::read_json;
use super::sourcing_client::{SourcingArguments, full};
use super::{Failure, sourcing_pictures};
use crate::proto::portolan::sourcing::v1 as pb;
use clap::{Args, ValueEnum};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "  portolan optimize --json examples/sourcing-two-plants.json > plan.json
  portolan explain examples/sourcing-two-plants.json --plan plan.json")]
pub(super) struct ExplainArguments {
    #[command(flatten)]
    common: SourcingArguments,
    /// The answer of `portolan optimize --json`; the question is then the one it answers.
    #[arg(long, value_name = "ANSWER.json")]
    plan: Option<PathBuf>,
    /// A model, a market and the plant it is to come from, each a solve of its own:
    /// `civic-hybrid,us,yorii`; may be repeated.
    #[arg(long = "force", value_name = "MODEL,MARKET,PLANT", value_parser = forced_origin)]
    forced: Vec<pb::ForcedOrigin>,
    /// What `--chart` draws.
    #[arg(long, value_enum, default_value = "ladder")]
    picture: OriginPicture,
}

/// Pictures of origins.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum OriginPicture {
    /// What a vehicle costs landed from each origin, part by part.
    Ladder,
    /// Models by markets: which switches first.
    Switch,
}

fn forced_origin(text: &str) -> Result<pb::ForcedOrigin, Failure> {
    match text.split(',').collect::<Vec<_>>().as_slice() {
        [model, market, plant] => Ok(pb::ForcedOrigin {
            model_id: (*model).to_owned(),
            market_id: (*market).to_owned(),
            plant_id: (*plant).to_owned(),
        }),
        _ => Err("write MODEL,MARKET,PLANT".to_owned()),
    }
}

impl ExplainArguments {
    fn request(&self) -> Result<pb::ExplainPlanRequest, Failure> {
        let mut request = if let Some(plan) = &self.plan {
            let asked: pb::OptimizeSourcingRequest =
                self.common.request("OptimizeSourcingRequest")?;
            let answer: pb::OptimizeSourcingResponse =
                read_json(&full("OptimizeSourcingResponse"), plan)?;
            pb::ExplainPlanRequest {
                problem: asked.problem,
                decisions: answer.plan.and_then(|plan| plan.decisions),
                forced_origins: Vec::new(),
                budget: asked.budget,
            }
        } else {
            self.common.request("ExplainPlanRequest")?
        };
        request.forced_origins.extend(self.forced.iter().cloned());
        Ok(request)
    }
}

pub(super) fn run(arguments: &ExplainArguments) -> Result<(), Failure> {
    let request = arguments.request()?;
    let common = &arguments.common;
    let problem = request.problem.as_ref();
    let currency = problem.map(|it| it.reporting_currency_code.clone()).unwrap_or_default();
    let answer = common.ask(async |client| client.explain_plan(request).await)?;
    common.tell("ExplainPlanResponse", &answer, ladders, |answer| match arguments.picture {
        OriginPicture::Ladder => sourcing_pictures::ladders(&currency, answer),
        OriginPicture::Switch => sourcing_pictures::switches(&currency, answer),
    })
}

fn ladders(answer: &pb::ExplainPlanResponse) -> String {
    let mut text = String::new();
    for origin in &answer.origins {
        let _ = writeln!(text, "{}", origin.message);
        let mut table = table();
        table.set_header([
            "plant",
            "country",
            "vehicles",
            "landed",
            "dearer by at least",
            "to build up",
        ]);
        for candidate in &origin.candidates {
            table.add_row([
                candidate.plant_id.clone(),
                candidate.origin_region_code.clone(),
                told(number(candidate.units.as_ref())),
                decimal(candidate.landed_cost.as_ref()),
                decimal(candidate.least_gap.as_ref()),
                decimal(candidate.build_up_cost.as_ref()),
            ]);
        }
        right(&mut table, &[2, 3, 4, 5]);
        let _ = writeln!(text, "{table}");
    }
    for other in &answer.counterfactuals {
        let forced = other.forced.clone().unwrap_or_default();
        let worse = other.difference.as_ref().map_or_else(String::new, |difference| {
            let each = decimal(other.difference_per_vehicle.as_ref());
            format!(" {} worse, {each} a vehicle.", decimal(Some(difference)))
        });
        let _ = writeln!(
            text,
            "Forced: {} for {} from {}:{worse} {}",
            forced.model_id,
            forced.market_id,
            forced.plant_id,
            other.termination.as_ref().map_or("", |it| it.message.as_str())
        );
    }
    text
}
