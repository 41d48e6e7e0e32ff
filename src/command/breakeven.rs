//! `portolan breakeven`: where the best plan changes along a parameter.

use super::cells::{decimal, right, table};
use super::plan_tables::{first_few, names, number};
use super::sourcing_client::SourcingArguments;
use super::{Failure, sourcing_pictures};
use crate::proto::google::r#type as google;
use crate::proto::portolan::sourcing::v1 as pb;
use clap::Args;
use rust_decimal::Decimal;
use std::fmt::Write;

#[derive(Debug, Args)]
#[command(after_help = "  portolan breakeven examples/scenarios/article-us-rate.json")]
pub(super) struct BreakevenArguments {
    #[command(flatten)]
    common: SourcingArguments,
}

pub(super) fn run(arguments: &BreakevenArguments) -> Result<(), Failure> {
    let common = &arguments.common;
    let request: pb::AnalyzeBreakevenRequest = common.request("AnalyzeBreakevenRequest")?;
    let asked = request.clone();
    let answer = common.ask(async |client| client.analyze_breakeven(asked).await)?;
    let tables = |answer: &pb::AnalyzeBreakevenResponse| {
        if common.brief { brief(&request, answer) } else { bands(&request, answer) }
    };
    common.tell("AnalyzeBreakevenResponse", &answer, tables, |answer| {
        sourcing_pictures::breakeven(&request, answer)
    })
}

/// What changes where, from the lowest value up.
fn brief(request: &pb::AnalyzeBreakevenRequest, answer: &pb::AnalyzeBreakevenResponse) -> String {
    let mut text = format!("{}, from {}: ", varying(request), told(request, request.low.as_ref()));
    // A plan's message tells it against the plan before it in the list.
    let mut before: Option<Option<usize>> = None;
    for interval in &answer.intervals {
        let place = answer.plans.iter().position(|plan| plan.plan_id == interval.plan_id);
        let plan = place.map(|place| &answer.plans[place]);
        let at = told(request, interval.low.as_ref());
        let _ = match (plan, before) {
            (None, None) => write!(text, "no plan"),
            (None, Some(_)) => write!(text, " From {at}: no plan."),
            (Some(plan), None) => write!(text, "{}.", sourced(plan)),
            (Some(plan), Some(Some(last))) if place == Some(last + 1) => {
                write!(text, " From {at}: {}", plan.message)
            }
            (Some(plan), Some(_)) => write!(text, " From {at}: {}.", sourced(plan)),
        };
        before = Some(place);
    }
    let _ = write!(text, " {}", answer.message);
    text
}

/// A value of the parameter: rates of measures and shares as percent.
fn told(request: &pb::AnalyzeBreakevenRequest, value: Option<&google::Decimal>) -> String {
    use pb::parameter::Parameter::{ContentShare, MeasureRate, QuotaFill};
    let parameter = request.parameter.as_ref().and_then(|it| it.parameter.as_ref());
    match parameter {
        Some(MeasureRate(_) | ContentShare(_) | QuotaFill(_)) => {
            let percent = number(value).checked_mul(Decimal::ONE_HUNDRED);
            percent.map_or_else(|| exact(value), |percent| format!("{} %", percent.normalize()))
        }
        _ => exact(value),
    }
}

/// What varies, in words.
pub(super) fn varying(request: &pb::AnalyzeBreakevenRequest) -> String {
    let reporting = request.problem.as_ref().map(|it| it.reporting_currency_code.as_str());
    let parameter = request.parameter.as_ref();
    parameter.map(|it| parameter_name(it, reporting.unwrap_or_default())).unwrap_or_default()
}

fn exact(value: Option<&google::Decimal>) -> String {
    value.map(|value| value.value.clone()).unwrap_or_default()
}

fn bands(request: &pb::AnalyzeBreakevenRequest, answer: &pb::AnalyzeBreakevenResponse) -> String {
    let mut text = format!(
        "{} from {} to {}\n",
        varying(request),
        exact(request.low.as_ref()),
        exact(request.high.as_ref())
    );
    let mut intervals = table();
    intervals.set_header(["from", "to", "plan", "objective at from", "at to", "evidence"]);
    for interval in &answer.intervals {
        let plan = if interval.plan_id.is_empty() { "none" } else { &interval.plan_id };
        intervals.add_row([
            exact(interval.low.as_ref()),
            exact(interval.high.as_ref()),
            plan.to_owned(),
            decimal(interval.objective_at_low.as_ref()),
            decimal(interval.objective_at_high.as_ref()),
            names(interval.evidence().as_str_name().trim_start_matches("EVIDENCE_")),
        ]);
    }
    right(&mut intervals, &[0, 1, 3, 4]);
    let _ = writeln!(text, "{intervals}");
    for plan in &answer.plans {
        let _ = writeln!(text, "Plan {}: {}", plan.plan_id, sourced(plan));
        if !plan.message.is_empty() {
            let _ = writeln!(text, "  unlike the one before: {}", plan.message);
        }
    }
    for tie in &answer.ties {
        let kind = if tie.is_switch { "changes to" } else { "would tie" };
        let _ = writeln!(
            text,
            "At {} plan {} {kind} plan {}.",
            exact(tie.value.as_ref()),
            tie.plan_below,
            tie.plan_above
        );
    }
    let _ = writeln!(text, "{} ({} solves)", answer.message, answer.solves);
    text
}

/// Origins of a plan in one line, the first few of them.
pub(super) fn sourced(plan: &pb::BreakevenPlan) -> String {
    let told = |origin: &pb::ModelOrigins| {
        let from = if origin.plant_ids.is_empty() {
            "nowhere".to_owned()
        } else {
            origin.plant_ids.join(" and ")
        };
        format!("{} for {} from {from}", origin.model_id, origin.market_id)
    };
    first_few(plan.origins.iter().map(told))
}

/// What varies, in words.
fn parameter_name(parameter: &pb::Parameter, reporting: &str) -> String {
    use pb::parameter::Parameter;
    let of = |ids: &[&str]| {
        let ids: Vec<&str> = ids.iter().copied().filter(|id| !id.is_empty()).collect();
        if ids.is_empty() { String::new() } else { format!(" of {}", ids.join(" ")) }
    };
    match parameter.parameter.as_ref() {
        None => String::new(),
        Some(Parameter::MeasureRate(it)) => {
            let all_in = if it.all_in { "All-in rate" } else { "Rate" };
            format!("{all_in} of {} {}", it.importer_region_code, it.measure_id)
        }
        Some(Parameter::ExchangeRate(it)) if it.inverse => {
            format!("{} for one {reporting}", it.currency_code)
        }
        Some(Parameter::ExchangeRate(it)) => format!("{reporting} for one {}", it.currency_code),
        Some(Parameter::UnitCost(it)) => {
            let what = if it.labour_only { "labour cost" } else { "unit cost" };
            let how = match it.change() {
                pb::CostChange::Added => "Added to the",
                _ => "Factor on the",
            };
            format!("{how} {what}{}", of(&[&it.model_id, &it.plant_id]))
        }
        Some(Parameter::Freight(it)) => {
            format!("Factor on the freight{}", of(&[&it.plant_id, &it.market_id]))
        }
        Some(Parameter::Volume(it)) => {
            format!("Factor on the demand{}", of(&[&it.model_id, &it.market_id]))
        }
        Some(Parameter::ContentShare(it)) => {
            format!("Share of {}{}", it.fact_id, of(&[&it.model_id, &it.plant_id]))
        }
        Some(Parameter::QuotaFill(it)) => {
            format!("Share of {} {} that rivals use", it.importer_region_code, it.quota_id)
        }
    }
}
