//! Limits of a random problem.

use crate::problems::Sketch;
use portolan::money::Money;
use portolan::sourcing::{
    CapitalBudget, DomesticFloor, FixedLaunch, FixedPlant, FloorKind, FlowLimit, Limits, OriginCap,
    ProductionLimit, SourcingProblem, TradeBalanceBound,
};
use portolan::tariff::Region;
use rust_decimal::Decimal;

#[expect(clippy::too_many_lines, reason = "one kind of limit after the other")]
pub fn limits(sketch: &mut Sketch, problem: &SourcingProblem) -> Limits {
    let mut limits = Limits::default();
    if sketch.draws.percent(25) {
        return limits;
    }
    let scale = sketch.scale;
    let homes: Vec<Region> = problem.plants.iter().map(|plant| plant.region).collect();
    let periods: Vec<String> = problem.periods.iter().map(|period| period.id.clone()).collect();
    for place in 0..sketch.draws.count(0, 2) {
        let floor = match sketch.draws.between(0, 2) {
            0 => FloorKind::ShareOfSales(sketch.draws.decimal(0, 1000, 3)),
            1 => FloorKind::Units(sketch.units(0, scale)),
            _ => FloorKind::LabourHours(Decimal::from(sketch.draws.between(0, scale * 20))),
        };
        limits.floors.push(DomesticFloor {
            id: format!("floor{place}"),
            region: *sketch.draws.one_of(&homes),
            floor,
            penalty: sketch.perhaps(65, 0, 20_000),
            periods: named(sketch, &periods),
        });
    }
    if sketch.draws.percent(30) {
        limits.origin_caps.push(OriginCap {
            id: "cap".to_owned(),
            origin: *sketch.draws.one_of(&homes),
            market: sketch.draws.one_of(&problem.markets).id.clone(),
            model: sketch
                .draws
                .percent(50)
                .then(|| sketch.draws.one_of(&problem.models).id.clone()),
            most_share: sketch.draws.decimal(0, 100, 2),
        });
    }
    if sketch.draws.percent(35) {
        let least = sketch.draws.percent(40).then(|| sketch.units(0, scale / 2));
        let most = (least.is_none() || sketch.draws.percent(50))
            .then(|| least.unwrap_or_default() + sketch.units(0, scale));
        limits.production.push(ProductionLimit {
            id: "production".to_owned(),
            plant: sketch
                .draws
                .percent(60)
                .then(|| sketch.draws.one_of(&problem.plants).id.clone()),
            model: sketch
                .draws
                .percent(60)
                .then(|| sketch.draws.one_of(&problem.models).id.clone()),
            least,
            most,
            periods: named(sketch, &periods),
        });
    }
    for option in &problem.options {
        let plant = problem.plants.iter().find(|plant| plant.id == option.plant).unwrap();
        if sketch.draws.percent(6) {
            let open = sketch.draws.percent(60);
            let period = sketch.draws.one_of(&periods).clone();
            let known = limits.fixed_plants.iter().any(|f: &FixedPlant| f.plant == plant.id);
            if !known {
                limits.fixed_plants.push(FixedPlant { plant: plant.id.clone(), period, open });
            }
        }
        if sketch.draws.percent(8) {
            limits.fixed_launches.push(FixedLaunch {
                model: option.model.clone(),
                plant: option.plant.clone(),
                period: sketch.draws.one_of(&periods).clone(),
                launched: option.initially_launched || sketch.draws.percent(60),
            });
        }
        for demand in problem.demands.iter().filter(|demand| demand.model == option.model) {
            let lane = problem.lanes.iter().any(|lane| {
                lane.plant == option.plant
                    && lane.market == demand.market
                    && (lane.models.is_empty() || lane.models.contains(&option.model))
            });
            for _ in 0..if lane && sketch.draws.percent(8) { sketch.draws.between(1, 2) } else { 0 }
            {
                let period = sketch.draws.count(0, periods.len() - 1);
                let volume = *demand.volume.get(period).unwrap_or(&demand.volume[0]);
                let least = sketch.draws.percent(40).then(|| (volume / Decimal::from(3)).floor());
                let most = (least.is_none() || sketch.draws.percent(50))
                    .then(|| least.unwrap_or_default() + sketch.units(0, scale));
                limits.flows.push(FlowLimit {
                    model: option.model.clone(),
                    plant: option.plant.clone(),
                    market: demand.market.clone(),
                    period: periods[period].clone(),
                    least,
                    most,
                });
            }
        }
    }
    if sketch.draws.percent(25) {
        limits.most_moves = Some(u32::try_from(sketch.draws.between(0, 2)).unwrap());
    }
    if sketch.draws.percent(35) {
        let amount = sketch.money_in(problem.reporting_currency, 0, scale * 8_000);
        limits.budgets.push(CapitalBudget {
            id: "budget".to_owned(),
            amount,
            periods: named(sketch, &periods),
        });
    }
    if sketch.draws.percent(20) {
        let least = sketch.money_in(problem.reporting_currency, 0, scale * 40_000);
        let least = if sketch.draws.percent(85) {
            Money::new(-least.amount(), least.currency())
        } else {
            Money::zero(least.currency())
        };
        limits.trade_balances.push(TradeBalanceBound {
            id: "balance".to_owned(),
            region: *sketch.draws.one_of(&homes),
            partner: sketch.draws.percent(40).then(|| *sketch.draws.one_of(&homes)),
            least,
        });
    }
    limits
}

fn named(sketch: &mut Sketch, periods: &[String]) -> Vec<String> {
    if sketch.draws.percent(60) { Vec::new() } else { sketch.draws.some_of(periods) }
}
