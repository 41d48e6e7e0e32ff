//! Answers about sourcing as pictures.

use super::breakeven::{sourced, varying};
use super::plan_tables::{amount, cost_name, number};
use crate::chart::{
    Band, BreakevenBands, BridgeBar, Burned, Cell, ConcessionCurve, ConcessionRate, CostBridge,
    CostLine, Flow, FlowMap, Ladder, LandedCostLadder, QuotaBurnDown, Rung, Stock, SwitchMap,
};
use crate::proto::google::r#type as google;
use crate::proto::portolan::sourcing::v1 as pb;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

fn drawn(value: Decimal) -> f64 {
    value.to_f64().unwrap_or_default()
}

fn value(told: Option<&google::Decimal>) -> f64 {
    drawn(number(told))
}

fn money(told: Option<&google::Money>) -> f64 {
    told.map(amount).map(drawn).unwrap_or_default()
}

/// First and last day of all periods.
fn horizon(problem: &pb::SourcingProblem) -> String {
    let first = problem.periods.first().and_then(|period| period.start_date.as_ref());
    let last = problem.periods.last().and_then(|period| period.end_date.as_ref());
    format!("{} to {}", super::cells::day(first), super::cells::day(last))
}

pub(super) fn flows(problem: &pb::SourcingProblem, plan: &pb::SourcingPlan) -> String {
    let country = |plant: &str| {
        let plant = problem.plants.iter().find(|stated| stated.plant_id == plant);
        plant.map(|plant| plant.region_code.clone()).unwrap_or_default()
    };
    let told = plan.allocations.iter().map(|allocation| Flow {
        plant: allocation.plant_id.clone(),
        country: country(&allocation.plant_id),
        market: allocation.market_id.clone(),
        units: value(allocation.units.as_ref()),
    });
    FlowMap {
        title: "Vehicles from plants to markets".to_owned(),
        subtitle: format!("{}; colour by country of origin", horizon(problem)),
        flows: told.collect(),
    }
    .svg()
}

pub(super) fn quotas(problem: &pb::SourcingProblem, plan: &pb::SourcingPlan) -> String {
    let stock = |tranche: &pb::TrancheUse| {
        let from = super::cells::day(tranche.period_start.as_ref());
        Stock {
            label: format!("{} {} from {from}", tranche.importer_region_code, tranche.quota_id),
            volume: drawn(number(tranche.volume.as_ref()) + number(tranche.carried_over.as_ref())),
            others: value(tranche.used_by_others.as_ref()),
            burned: vec![Burned { period: from, units: value(tranche.drawn.as_ref()) }],
        }
    };
    QuotaBurnDown {
        title: "Tranches of quotas".to_owned(),
        subtitle: horizon(problem),
        unit: "articles".to_owned(),
        stocks: plan.tranches.iter().map(stock).collect(),
    }
    .svg()
}

pub(super) fn ladders(currency: &str, answer: &pb::ExplainPlanResponse) -> String {
    let rung = |candidate: &pb::OriginCandidate| Rung {
        label: format!("{} ({})", candidate.plant_id, candidate.origin_region_code),
        parts: candidate
            .parts
            .iter()
            .map(|part| {
                let name = cost_name(part.kind(), &part.importer_region_code, &part.layer);
                (name, value(part.amount.as_ref()))
            })
            .collect(),
        is_chosen: value(candidate.units.as_ref()) > 0.0,
    };
    let ladder = |origin: &pb::OriginExplanation| Ladder {
        label: format!("{} for {}", origin.model_id, origin.market_id),
        rungs: origin.candidates.iter().map(rung).collect(),
    };
    LandedCostLadder {
        title: "What a vehicle costs landed, by origin".to_owned(),
        subtitle: "Mean of the periods by demand, on full entries outside quotas, not discounted"
            .to_owned(),
        currency: currency.to_owned(),
        ladders: answer.origins.iter().map(ladder).collect(),
    }
    .svg()
}

pub(super) fn switches(currency: &str, answer: &pb::ExplainPlanResponse) -> String {
    let mut map = SwitchMap {
        title: "Which origin switches first".to_owned(),
        subtitle: "By how much a vehicle from the next-best origin is dearer, if that market \
                   alone moves"
            .to_owned(),
        currency: currency.to_owned(),
        ..SwitchMap::default()
    };
    let place = |all: &mut Vec<String>, id: &str| {
        all.iter().position(|known| known == id).unwrap_or_else(|| {
            all.push(id.to_owned());
            all.len() - 1
        })
    };
    for origin in &answer.origins {
        let chosen: Vec<&str> = origin
            .candidates
            .iter()
            .filter(|candidate| value(candidate.units.as_ref()) > 0.0)
            .map(|candidate| candidate.plant_id.as_str())
            .collect();
        let (model, market) =
            (place(&mut map.models, &origin.model_id), place(&mut map.markets, &origin.market_id));
        map.cells.push(Cell {
            model,
            market,
            origin: if chosen.is_empty() { "none".to_owned() } else { chosen.join("+") },
            runner_up: origin.runner_up_plant_id.clone(),
            gap: origin.runner_up_gap.as_ref().map(|gap| value(Some(gap))),
        });
    }
    // In the order of their ids, whatever the order in which they are wanted.
    let mut order: Vec<usize> = (0..map.markets.len()).collect();
    order.sort_by(|a, b| map.markets[*a].cmp(&map.markets[*b]));
    for cell in &mut map.cells {
        cell.market = order.iter().position(|at| *at == cell.market).unwrap_or_default();
    }
    map.markets.sort();
    map.svg()
}

pub(super) fn bridge(answer: &pb::ComparePlansResponse) -> String {
    let bar = |label: &str, amount| BridgeBar { label: label.to_owned(), amount };
    let currency = answer.from_total.as_ref().map(|total| total.currency_code.clone());
    let step = |step: &pb::BridgeStep| {
        let name = cost_name(step.kind(), &step.importer_region_code, &step.layer);
        bar(&name, money(step.difference.as_ref()))
    };
    CostBridge {
        title: "From one plan\u{2019}s cost to the other\u{2019}s".to_owned(),
        subtitle: "By kind of cost and legal layer, not discounted".to_owned(),
        currency: currency.unwrap_or_default(),
        from: bar("from", money(answer.from_total.as_ref())),
        to: bar("to", money(answer.to_total.as_ref())),
        steps: answer.by_kind.iter().map(step).collect(),
    }
    .svg()
}

pub(super) fn breakeven(
    request: &pb::AnalyzeBreakevenRequest,
    answer: &pb::AnalyzeBreakevenResponse,
) -> String {
    let problem = request.problem.clone().unwrap_or_default();
    let band = |interval: &pb::BreakevenInterval| Band {
        low: value(interval.low.as_ref()),
        high: value(interval.high.as_ref()),
        plan: (!interval.plan_id.is_empty()).then(|| interval.plan_id.clone()),
        is_proved: interval.evidence() == pb::Evidence::Proved,
    };
    let line = |plan: &pb::BreakevenPlan| CostLine {
        plan: plan.plan_id.clone(),
        points: plan
            .cost_line
            .iter()
            .map(|point| (value(point.value.as_ref()), value(point.objective.as_ref())))
            .collect(),
    };
    BreakevenBands {
        title: "Where the best plan changes".to_owned(),
        subtitle: horizon(&problem),
        parameter: varying(request),
        currency: problem.reporting_currency_code,
        bands: answer.intervals.iter().map(band).collect(),
        lines: answer.plans.iter().map(line).collect(),
        notes: answer
            .plans
            .iter()
            .map(|plan| format!("{}: {}", plan.plan_id, sourced(plan)))
            .collect(),
    }
    .svg()
}

pub(super) fn concession(
    request: &pb::AnalyzeConcessionRequest,
    answer: &pb::AnalyzeConcessionResponse,
) -> String {
    let relief = request.relief.clone().unwrap_or_default();
    let measure = relief.measure.clone().unwrap_or_default();
    let mut points: Vec<ConcessionRate> = answer
        .points
        .iter()
        .map(|point| ConcessionRate {
            volume: value(point.volume.as_ref()),
            rate: point.rate.as_ref().map(|rate| value(Some(rate))),
            otherwise: match point.outcome() {
                pb::ConcessionOutcome::Infeasible => "no plan",
                pb::ConcessionOutcome::NeverPays => "pays at no rate",
                _ => "not known",
            },
        })
        .collect();
    points.sort_by(|a, b| a.volume.total_cmp(&b.volume));
    ConcessionCurve {
        title: "What a concession must be for reverse imports to pay".to_owned(),
        subtitle: format!(
            "Highest rate of {} {} at which vehicles from {} to {} pay",
            measure.importer_region_code,
            measure.measure_id,
            relief.origin_region_code,
            relief.market_region_code
        ),
        most_rate: value(request.most_rate.as_ref()),
        points,
    }
    .svg()
}
