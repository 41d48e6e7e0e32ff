//! Small problems whose best plan is found by hand: each with its arithmetic.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

#[path = "sourcing_random/desk.rs"]
mod desk;

use jiff::civil::{Date, date};
use portolan::app::{
    DutyError, SearchBudget, SourcingAnswer, SourcingError, SourcingMode, SourcingQuestion,
};
use portolan::money::Money;
use portolan::sourcing::{
    CapitalBudget, CreditEarning, CreditOutlook, CustomsTreatment, CustomsValueRule, Demand,
    DomesticFloor, Expansion, FloorKind, FlowLimit, Homologation, Lane, Limits, Market, ModelGoods,
    ModelLine, Objective, OriginCap, PartKit, Period, Plan, Plant, ProductionOption, QuotaOutlook,
    SourcingProblem, StatedDuty, TerminationReason, TradePolicy, UnitCost, Units,
};
use portolan::tariff::{DeclaredFact, Elections, FactValue, TransportMode};
use rust_decimal::Decimal;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn usd(text: &str) -> Money {
    Money::new(number(text), "USD".parse().unwrap())
}

fn period(place: usize, start: Date, end: Date) -> Period {
    Period { id: format!("t{place}"), start, end }
}

fn years(count: i16) -> Vec<Period> {
    let year = |place: i16| {
        let (start, end) = (date(2026 + place, 1, 1), date(2027 + place, 1, 1));
        period(usize::try_from(place).unwrap(), start, end)
    };
    (0..count).map(year).collect()
}

/// An open plant of room for 1,000 vehicles.
fn plant(id: &str, region: &str) -> Plant {
    Plant {
        id: id.to_owned(),
        region: region.parse().unwrap(),
        capacity: vec![Decimal::ONE_THOUSAND],
        initially_open: true,
        opening_cost: None,
        closing_cost: None,
        fixed_cost: None,
        ramp: Vec::new(),
        least_run: None,
        expansions: Vec::new(),
    }
}

/// `m` in a plant, launched already.
fn option(plant: &str, cost: &str) -> ProductionOption {
    ProductionOption {
        model: "m".to_owned(),
        plant: plant.to_owned(),
        unit_cost: UnitCost::Whole(vec![usd(cost)]),
        labour_hours: None,
        kits: Vec::new(),
        launch_cost: None,
        lead_periods: 0,
        initially_launched: true,
        customs: Vec::new(),
    }
}

fn lane(plant: &str, market: &str) -> Lane {
    Lane {
        plant: plant.to_owned(),
        market: market.to_owned(),
        models: Vec::new(),
        freight: None,
        insurance: None,
        inland_freight: None,
        holding_cost: None,
        transit_days: 0,
        vehicles_per_entry: 1,
        transport: Some(TransportMode::Air),
        departures: Vec::new(),
    }
}

/// A demand of the market `k`; what is not served loses a margin.
fn demand(volumes: &[i64], lost: Option<&str>) -> Demand {
    Demand {
        market: "k".to_owned(),
        model: "m".to_owned(),
        volume: volumes.iter().copied().map(Decimal::from).collect(),
        lost_margin: lost.map(usd),
        net_price: Vec::new(),
        single_source: false,
    }
}

/// One model and one market, `k`, of a country; plants with the cost of a
/// vehicle. Brazil's law is not held: its duty is stated at 10 %.
fn problem(
    region: &str,
    periods: Vec<Period>,
    demand: Demand,
    plants: &[(&str, &str, &str)],
) -> SourcingProblem {
    let goods = ModelGoods {
        importer: "US".parse().unwrap(),
        code: "8703.23.01".parse().unwrap(),
        facts: Vec::new(),
    };
    SourcingProblem {
        periods,
        annual_discount_rate: Decimal::ZERO,
        reporting_currency: "USD".parse().unwrap(),
        planning_rates: Vec::new(),
        models: vec![ModelLine {
            id: "m".to_owned(),
            capacity_use: Decimal::ONE,
            goods: vec![goods],
        }],
        plants: plants.iter().map(|(id, region, _)| plant(id, region)).collect(),
        options: plants.iter().map(|(id, _, cost)| option(id, cost)).collect(),
        markets: vec![Market {
            id: "k".to_owned(),
            region: region.parse().unwrap(),
            homologations: Vec::new(),
        }],
        demands: vec![demand],
        lanes: plants.iter().map(|(id, ..)| lane(id, "k")).collect(),
        policy: TradePolicy {
            stated_duties: vec![StatedDuty {
                importer: "BR".parse().unwrap(),
                origin: None,
                rate: number("0.1"),
            }],
            ..TradePolicy::default()
        },
        limits: Limits::default(),
        objective: Objective::Cost,
        units: Units::Whole,
        labour_hours_per_job: Decimal::from(1800),
    }
}

async fn asked(problem: SourcingProblem) -> Result<SourcingAnswer, SourcingError> {
    let desk = desk::desk(1).await;
    let budget = SearchBudget {
        time: None,
        relative_gap: number("0.000001"),
        lp_iterations: None,
        nodes: None,
        seed: 0,
    };
    let question = SourcingQuestion { problem, budget, mode: SourcingMode::Solve };
    let (progress, _told) = mpsc::channel(1);
    desk.call().optimize(question, Instant::now() + Duration::from_secs(30), progress).await
}

/// The best plan, proved.
async fn best(problem: SourcingProblem) -> Plan {
    let answer = asked(problem).await.unwrap();
    assert_eq!(answer.termination.reason, TerminationReason::Optimal, "{:?}", answer.termination);
    answer.plan.unwrap()
}

async fn faults(problem: SourcingProblem) -> Vec<&'static str> {
    match asked(problem).await {
        Err(SourcingError::Duty(DutyError::Faulty(faults))) => {
            faults.into_iter().map(|fault| fault.reason).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn units(plan: &Plan) -> Vec<(&str, &str, String)> {
    let told = plan.decisions.flows.iter();
    told.map(|flow| (flow.plant.as_str(), flow.period.as_str(), flow.units.to_string())).collect()
}

#[tokio::test]
async fn of_a_tie_between_two_laws_the_earlier_window_gets_the_vehicle() {
    // September 2025: 15 days at 2.5 % + 25 %, from the 16th 15 days at 15 % in all. Three
    // vehicles are 1.5 and 1.5: two enter first.
    // Fee of each: 0.3464 % of 20,000 = 69.28.
    // 3 x 20,000 + 2 x (5,500 + 69.28) + 3,000 + 69.28 = 74,207.84.
    let month = vec![period(0, date(2025, 9, 1), date(2025, 10, 1))];
    let asked = problem("US", month, demand(&[3], None), &[("j", "JP", "20000")]);
    let answer = self::asked(asked).await.unwrap();
    let plan = answer.plan.unwrap();
    assert_eq!(plan.cost.total, usd("74207.84"));
    let entries: Vec<(Date, String)> = plan.allocations[0]
        .entries
        .iter()
        .map(|group| (group.from, group.entries.to_string()))
        .collect();
    assert_eq!(entries, [(date(2025, 9, 1), "2".into()), (date(2025, 9, 16), "1".into())]);
    // The linear cost has them half and half: 60,000 + 1.5 x (5,569.28 + 3,069.28).
    assert_eq!(plan.cost.solver_cost.unwrap().round_dp(4), number("72957.84"));
}

#[tokio::test]
async fn what_the_first_quarter_leaves_is_there_in_the_third() {
    // Of 25,000 others leave 5 in the first quarter and 1 in the third. The plan enters 2 within
    // the first; 3 are carried over: of 6 in the third 4 enter within, at 7.5 % + 2.5 %, and 2 at
    // 25 % + 2.5 %.
    // 8 x (20,000 + 69.28) + 6 x 2,000 + 2 x 5,500 = 183,554.24.
    let quarters = vec![
        period(0, date(2026, 1, 1), date(2026, 4, 1)),
        period(1, date(2026, 7, 1), date(2026, 10, 1)),
    ];
    let mut asked = problem("US", quarters, demand(&[2, 6], None), &[("g", "GB", "20000")]);
    asked.options[0].customs.push(CustomsTreatment {
        importer: "US".parse().unwrap(),
        value_rule: CustomsValueRule::UnitCost,
        facts: Vec::new(),
        content_shares: Vec::new(),
        elections: Elections { quotas: vec!["us-uk-cars".to_owned()], ..Elections::default() },
    });
    asked.policy.quotas.push(QuotaOutlook {
        importer: "US".parse().unwrap(),
        quota: "us-uk-cars".to_owned(),
        used: vec![(date(2026, 1, 1), number("24995"))],
        rivals_use: vec![(date(2026, 4, 1), number("25000")), (date(2026, 7, 1), number("24999"))],
    });
    let plan = best(asked.clone()).await;
    assert_eq!(plan.cost.total, usd("183554.24"));
    let third = plan.tranches.iter().find(|tranche| tranche.from == date(2026, 7, 1)).unwrap();
    assert_eq!([third.carried_over, third.drawn, third.left], ["3", "4", "0"].map(number));
    // Others take 2 more than the third quarter has of its own: of the 3 that are left over 1 is
    // there. 8 x 20,069.28 + 3 x 2,000 + 5 x 5,500.
    asked.policy.quotas[0].rivals_use[1].1 = number("25002");
    let plan = best(asked).await;
    assert_eq!(plan.cost.total, usd("194054.24"));
    let third = plan.tranches.iter().find(|tranche| tranche.from == date(2026, 7, 1)).unwrap();
    assert_eq!([third.carried_over, third.drawn, third.left], ["3", "1", "0"].map(number));
}

#[tokio::test]
async fn a_credit_runs_out_in_the_second_period() {
    // Kits of Japan at 15 % in all of 1,000: 150 each; ten on one entry by sea pay fees of 0.3464 %
    // and 0.125 % of 10,000 = 34.64 + 12.50. Each vehicle earns 3.75 % of 2,000 = 75.
    // First: 1,000 + 750 are there, 1,500 is owed and spent, 250 is left.
    // Second: 250 + 750 are there, 1,500 is owed: 1,000 is spent.
    // 20 x 15,000 + 2 x (1,500 + 47.14) - 2,500 = 300,594.28.
    let months = vec![
        period(0, date(2026, 1, 1), date(2026, 2, 1)),
        period(1, date(2026, 2, 1), date(2026, 2, 15)),
    ];
    let mut asked = problem("US", months, demand(&[10], None), &[("o", "US", "15000")]);
    let fact = |position, id: &str| DeclaredFact {
        position,
        id: id.to_owned(),
        value: FactValue::Truth(false),
    };
    asked.options[0].kits.push(PartKit {
        id: "bodies".to_owned(),
        code: "8708.29.51".parse().unwrap(),
        origin: "JP".parse().unwrap(),
        value: usd("1000"),
        freight: None,
        kits_per_entry: 10,
        facts: vec![fact(0, "medium-or-heavy-duty")],
        elections: Elections::default(),
    });
    asked.policy.credits.push(CreditOutlook {
        importer: "US".parse().unwrap(),
        credit: "us-assembly-offset-cars".to_owned(),
        brought_forward: Some(usd("1000")),
        earnings: vec![CreditEarning {
            model: "m".to_owned(),
            plant: "o".to_owned(),
            base: usd("2000"),
        }],
    });
    let plan = best(asked).await;
    assert_eq!(plan.cost.total, usd("300594.28"));
    let spent: Vec<Money> = plan.credits.iter().map(|account| account.spent).collect();
    assert_eq!(spent, [usd("1500"), usd("1000")]);
    assert_eq!(plan.credits[1].carried_forward, usd("0"));
}

#[tokio::test]
async fn growth_is_decided_before_it_is_there() {
    // Room for 5; a step of 5 for 1,000 is there a year later. It saves 5 x (500 - 100) in each
    // of the two later years: decided at once. 25 x 100 + 1,000 = 3,500.
    let mut asked =
        problem("BR", years(3), demand(&[5, 10, 10], Some("500")), &[("b", "BR", "100")]);
    asked.plants[0].capacity = vec![number("5")];
    asked.plants[0].expansions.push(Expansion {
        id: "shift".to_owned(),
        capacity: number("5"),
        cost: Some(usd("1000")),
        lead_periods: 1,
    });
    let plan = best(asked).await;
    assert_eq!(plan.cost.total, usd("3500"));
    assert_eq!(plan.decisions.expansions[0].period, "t0");
    let room: Vec<Decimal> = plan.capacities.iter().map(|capacity| capacity.capacity).collect();
    assert_eq!(room, ["5", "10", "10"].map(number));
}

#[tokio::test]
async fn a_plant_that_opens_builds_what_its_ramp_allows() {
    // Of room for 10 half in the first year and 0.8 in the second: 5 and 8 vehicles of 10 and 10.
    // 500 + 13 x 100 + 7 x 300 = 3,900; without the plant 20 x 300 = 6,000.
    let mut asked = problem("BR", years(2), demand(&[10], Some("300")), &[("b", "BR", "100")]);
    asked.plants[0] = Plant {
        capacity: vec![number("10")],
        initially_open: false,
        opening_cost: Some(usd("500")),
        ramp: vec![number("0.5"), number("0.8")],
        ..asked.plants[0].clone()
    };
    let plan = best(asked).await;
    assert_eq!(plan.cost.total, usd("3900"));
    assert_eq!(units(&plan), [("b", "t0", "5".into()), ("b", "t1", "8".into())]);
}

#[tokio::test]
async fn an_approval_is_paid_once_and_when_it_is_used() {
    // 10 vehicles at 100 and 10 % duty, and 700 in the first year: 1,800, less than 10 x 400.
    let mut asked = problem("BR", years(3), demand(&[4, 0, 6], Some("400")), &[("x", "MX", "100")]);
    asked.markets[0].homologations.push(Homologation {
        origin: "MX".parse().unwrap(),
        models: Vec::new(),
        cost: usd("700"),
    });
    let plan = best(asked.clone()).await;
    assert_eq!(plan.cost.total, usd("1800"));
    // With nothing wanted before the last year it is paid then, and there is no money for it then:
    // 6 x 400 = 2,400.
    asked.demands = vec![demand(&[0, 0, 6], Some("400"))];
    asked.limits.budgets.push(CapitalBudget {
        id: "none".to_owned(),
        amount: usd("0"),
        periods: vec!["t2".to_owned()],
    });
    let plan = best(asked).await;
    assert_eq!(plan.cost.total, usd("2400"));
    assert_eq!(units(&plan), []);
}

#[tokio::test]
async fn a_floor_is_missed_where_missing_it_is_cheaper() {
    // At home a vehicle costs 150, from abroad 100 and 10 % duty: 40 less. Half of 10 must be
    // built at home. Missed at 20 each: 10 x 110 + 5 x 20 = 1,200. At 60 each it is kept:
    // 5 x 150 + 5 x 110 = 1,300.
    let plants = [("b", "BR", "150"), ("x", "MX", "100")];
    let mut asked = problem("BR", years(1), demand(&[10], None), &plants);
    asked.limits.floors.push(DomesticFloor {
        id: "half".to_owned(),
        region: "BR".parse().unwrap(),
        floor: FloorKind::ShareOfSales(number("0.5")),
        penalty: Some(usd("20")),
        periods: Vec::new(),
    });
    let plan = best(asked.clone()).await;
    assert_eq!(plan.cost.total, usd("1200"));
    assert_eq!(plan.shortfalls[0].short, number("5"));
    asked.limits.floors[0].penalty = Some(usd("60"));
    let plan = best(asked).await;
    assert_eq!(plan.cost.total, usd("1300"));
    assert!(plan.shortfalls.is_empty());
}

#[tokio::test]
async fn a_floor_and_a_cap_that_exclude_each_other_are_told() {
    let plants = [("b", "BR", "150"), ("x", "MX", "100")];
    let mut asked = problem("BR", years(1), demand(&[10], None), &plants);
    asked.limits.floors.push(DomesticFloor {
        id: "floor".to_owned(),
        region: "BR".parse().unwrap(),
        floor: FloorKind::ShareOfSales(number("0.6")),
        penalty: None,
        periods: Vec::new(),
    });
    asked.limits.origin_caps.push(OriginCap {
        id: "cap".to_owned(),
        origin: "BR".parse().unwrap(),
        market: "k".to_owned(),
        model: None,
        most_share: number("0.5"),
    });
    assert_eq!(faults(asked.clone()).await, ["CONTRADICTORY_FLOOR"]);
    // Of the one model there is it is the same, and found by the search.
    asked.limits.origin_caps[0].model = Some("m".to_owned());
    let answer = self::asked(asked).await.unwrap();
    assert_eq!(answer.termination.reason, TerminationReason::Infeasible);
}

#[tokio::test]
async fn profit_serves_what_pays_and_no_more() {
    // At 150 a vehicle pays at a price of 200 and not at 120: 10 x 50 = 500.
    let stated = demand(&[10, 10], Some("0"));
    let asked = SourcingProblem {
        objective: Objective::Profit,
        demands: vec![Demand { net_price: vec![usd("200"), usd("120")], ..stated.clone() }],
        ..problem("BR", years(2), stated, &[("b", "BR", "150")])
    };
    let plan = best(asked).await;
    assert_eq!(plan.cost.discounted_profit, Some(number("500")));
    assert_eq!(units(&plan), [("b", "t0", "10".into())]);
    assert_eq!(plan.unserved[0].reasons[0].reason, "COSTS_MORE_THAN_MARGIN");
}

#[tokio::test]
async fn vehicles_committed_before_the_launch_leave_no_plan() {
    let mut asked = problem("BR", years(2), demand(&[10], Some("400")), &[("b", "BR", "100")]);
    asked.options[0].initially_launched = false;
    asked.options[0].lead_periods = 1;
    asked.limits.flows.push(FlowLimit {
        model: "m".to_owned(),
        plant: "b".to_owned(),
        market: "k".to_owned(),
        period: "t0".to_owned(),
        least: Some(number("5")),
        most: None,
    });
    let answer = self::asked(asked.clone()).await.unwrap();
    assert_eq!(answer.termination.reason, TerminationReason::Infeasible);
    // A year later there is time: 10 x 400 + 10 x 100.
    asked.limits.flows[0].period = "t1".to_owned();
    assert_eq!(best(asked).await.cost.total, usd("5000"));
}

#[tokio::test]
async fn a_single_source_is_one_also_in_whole_vehicles() {
    // Room for 6 at 100 and for 8 at 110: 10 from one plant there are not; 8 + 2 lost at 400 is
    // no choice where all must be served.
    let plants = [("b", "BR", "100"), ("c", "BR", "110"), ("x", "MX", "130")];
    let mut asked = problem("BR", years(1), demand(&[10], None), &plants);
    asked.demands[0].single_source = true;
    asked.plants[0].capacity = vec![number("6.5")];
    asked.plants[1].capacity = vec![number("8.5")];
    // All from abroad: 10 x 143.
    let plan = best(asked).await;
    assert_eq!(plan.cost.total, usd("1430"));
}

#[tokio::test]
async fn a_launch_is_paid_before_the_plant_opens() {
    // A launch for 50 takes a year; the plant is open for 200 a year. Launched in the first year
    // and opened in the second: 50 + 200 + 10 x 100 = 1,250.
    let mut asked = problem("BR", years(2), demand(&[0, 10], Some("400")), &[("b", "BR", "100")]);
    asked.plants[0].initially_open = false;
    asked.plants[0].fixed_cost = Some(usd("200"));
    asked.options[0] = ProductionOption {
        initially_launched: false,
        launch_cost: Some(usd("50")),
        lead_periods: 1,
        ..asked.options[0].clone()
    };
    let plan = best(asked).await;
    assert_eq!(plan.cost.total, usd("1250"));
    assert_eq!(plan.decisions.plants[0].open_periods, ["t1"]);
}
