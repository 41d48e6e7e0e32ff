//! A small problem with every kind of limit, and decisions that keep to all of
//! them, most to the last unit.

use jiff::civil::{Date, date};
use portolan::money::Money;
use portolan::sourcing::*;
use portolan::tariff::Region;
use rust_decimal::Decimal;

pub fn number(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub fn money(text: &str) -> Money {
    text.parse().unwrap()
}

pub fn region(code: &str) -> Region {
    code.parse().unwrap()
}

fn some(text: &str) -> Option<Money> {
    (!text.is_empty()).then(|| money(text))
}

fn series(text: &str) -> Vec<Decimal> {
    text.split(' ').map(number).collect()
}

fn ids(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

pub const PERIODS: [(&str, Date, Date); 3] = [
    ("p1", date(2025, 1, 1), date(2025, 7, 1)),
    ("p2", date(2025, 7, 1), date(2026, 1, 1)),
    ("p3", date(2026, 1, 1), date(2026, 7, 1)),
];

fn plant(id: &str, country: &str, capacity: &str, open: bool) -> Plant {
    Plant {
        id: id.to_owned(),
        region: region(country),
        capacity: series(capacity),
        initially_open: open,
        opening_cost: None,
        closing_cost: None,
        fixed_cost: None,
        ramp: Vec::new(),
        least_run: None,
        expansions: Vec::new(),
    }
}

fn plants() -> Vec<Plant> {
    vec![
        Plant {
            fixed_cost: some("1000001 JPY"),
            closing_cost: some("500 USD"),
            least_run: Some(number("80")),
            ..plant("jp", "JP", "145 150 150", true)
        },
        Plant {
            opening_cost: some("5000000.10 USD"),
            fixed_cost: some("20000 USD"),
            ramp: series("0.5 0.9"),
            expansions: vec![
                Expansion {
                    id: "e1".to_owned(),
                    capacity: number("70"),
                    cost: some("30000.33 EUR"),
                    lead_periods: 1,
                },
                Expansion {
                    id: "e2".to_owned(),
                    capacity: number("10"),
                    cost: some("1 USD"),
                    lead_periods: 0,
                },
            ],
            ..plant("us", "US", "150", false)
        },
        Plant { closing_cost: some("70000.05 EUR"), ..plant("de", "DE", "106.5 105 105", true) },
        Plant { opening_cost: some("7 USD"), ..plant("mx", "MX", "100", false) },
    ]
}

fn option(model: &str, plant: &str, unit_cost: &[&str]) -> ProductionOption {
    ProductionOption {
        model: model.to_owned(),
        plant: plant.to_owned(),
        unit_cost: UnitCost::Whole(unit_cost.iter().map(|cost| money(cost)).collect()),
        labour_hours: None,
        kits: Vec::new(),
        launch_cost: None,
        lead_periods: 0,
        initially_launched: false,
        customs: Vec::new(),
    }
}

fn declared(importer: &str, value_rule: CustomsValueRule) -> CustomsTreatment {
    CustomsTreatment {
        importer: region(importer),
        value_rule,
        facts: Vec::new(),
        content_shares: Vec::new(),
        elections: portolan::tariff::Elections::default(),
    }
}

fn options() -> Vec<ProductionOption> {
    let pack = PartKit {
        id: "pack".to_owned(),
        code: "8507.60".parse().unwrap(),
        origin: region("CN"),
        value: money("2000 USD"),
        freight: None,
        kits_per_entry: 12,
        facts: Vec::new(),
        elections: portolan::tariff::Elections::default(),
    };
    let seats = PartKit { id: "seats".to_owned(), origin: region("US"), ..pack.clone() };
    vec![
        ProductionOption {
            initially_launched: true,
            customs: vec![declared("US", CustomsValueRule::UnitCostTimes(number("1.05")))],
            ..option("car", "jp", &["2500001 JPY", "2510001 JPY", "2520001 JPY"])
        },
        ProductionOption {
            unit_cost: UnitCost::Parts {
                labour: some("1400.10 USD"),
                parts: some("11000.55 EUR"),
                other: some("2000 USD"),
            },
            labour_hours: Some(number("20")),
            kits: vec![pack, seats],
            launch_cost: some("100000.01 USD"),
            lead_periods: 1,
            ..option("car", "us", &[])
        },
        ProductionOption {
            initially_launched: true,
            customs: vec![
                declared("US", CustomsValueRule::TransactionValue(money("30000.01 EUR"))),
                declared("EU", CustomsValueRule::UnitCost),
            ],
            ..option("suv", "de", &["27000.77 EUR"])
        },
        ProductionOption {
            labour_hours: Some(number("30.5")),
            launch_cost: some("200000 EUR"),
            lead_periods: 1,
            ..option("suv", "us", &["26000 USD"])
        },
        ProductionOption { launch_cost: some("9 USD"), ..option("van", "jp", &["1 USD"]) },
        ProductionOption {
            launch_cost: some("9 USD"),
            lead_periods: 1,
            ..option("car", "mx", &["1 USD"])
        },
    ]
}

fn lane(plant: &str, market: &str, per_entry: u32, transit: u32, costs: [&str; 4]) -> Lane {
    let [freight, insurance, inland, holding] = costs.map(some);
    Lane {
        plant: plant.to_owned(),
        market: market.to_owned(),
        models: Vec::new(),
        freight,
        insurance,
        inland_freight: inland,
        holding_cost: holding,
        transit_days: transit,
        vehicles_per_entry: per_entry,
        transport: None,
        departures: Vec::new(),
    }
}

fn lanes() -> Vec<Lane> {
    let leave = |day, share| DepartureShare { day, share: number(share) };
    vec![
        lane("jp", "usa", 8, 30, ["150000 JPY", "33.33 USD", "410.05 USD", "20.07 USD"]),
        lane("jp", "jpn", 1, 0, ["20001 JPY", "", "", ""]),
        lane("us", "usa", 1, 0, ["300.15 USD", "", "", ""]),
        lane("us", "fra", 7, 25, ["900.15 USD", "11 EUR", "", ""]),
        Lane {
            models: ids("suv"),
            departures: vec![leave(0, "0.5"), leave(90, "0.25"), leave(200, "0.25")],
            ..lane("de", "usa", 6, 20, ["800.01 EUR", "", "400 USD", ""])
        },
        lane("de", "fra", 1, 3, ["210.35 EUR", "", "", ""]),
        lane("mx", "usa", 1, 3, ["1 USD", "", "", ""]),
    ]
}

fn demand(model: &str, market: &str, volume: &str, prices: &[&str]) -> Demand {
    Demand {
        market: market.to_owned(),
        model: model.to_owned(),
        volume: series(volume),
        lost_margin: None,
        net_price: prices.iter().map(|price| money(price)).collect(),
        single_source: false,
    }
}

fn demands() -> Vec<Demand> {
    vec![
        demand("car", "usa", "100 120 130", &["28000.05 USD"]),
        Demand {
            lost_margin: some("150000 JPY"),
            ..demand("car", "jpn", "50", &["3100001 JPY", "3200000 JPY", "3300000 JPY"])
        },
        Demand { single_source: true, ..demand("suv", "usa", "41 40 40", &["51000 USD"]) },
        demand("suv", "fra", "30", &["47000.99 EUR"]),
    ]
}

fn limits() -> Limits {
    let floor = |id: &str, floor, penalty: &str, periods: &str| DomesticFloor {
        id: id.to_owned(),
        region: region("US"),
        floor,
        penalty: some(penalty),
        periods: ids(periods),
    };
    let flow = |plant: &str, market: &str, period: &str, least: &str, most: &str| FlowLimit {
        model: "suv".to_owned(),
        plant: plant.to_owned(),
        market: market.to_owned(),
        period: period.to_owned(),
        least: Some(number(least)),
        most: Some(number(most)),
    };
    let launch = |model: &str, plant: &str, period: &str, launched| FixedLaunch {
        model: model.to_owned(),
        plant: plant.to_owned(),
        period: period.to_owned(),
        launched,
    };
    let fixed = |plant: &str, period: &str, open| FixedPlant {
        plant: plant.to_owned(),
        period: period.to_owned(),
        open,
    };
    Limits {
        floors: vec![
            floor("share", FloorKind::ShareOfSales(number("0.8235")), "", "p3"),
            floor("units", FloorKind::Units(number("100.5")), "500.01 USD", "p2 p3"),
            floor("hours", FloorKind::LabourHours(number("4135")), "", "p3"),
        ],
        origin_caps: vec![
            OriginCap {
                id: "german".to_owned(),
                origin: region("DE"),
                market: "usa".to_owned(),
                model: None,
                most_share: number("0.295"),
            },
            OriginCap {
                id: "mexican".to_owned(),
                origin: region("MX"),
                market: "usa".to_owned(),
                model: Some("car".to_owned()),
                most_share: number("0.1"),
            },
        ],
        production: vec![ProductionLimit {
            id: "german-suv".to_owned(),
            plant: Some("de".to_owned()),
            model: Some("suv".to_owned()),
            least: Some(number("70")),
            most: Some(number("71")),
            periods: ids("p1 p2"),
        }],
        flows: vec![flow("de", "fra", "p1", "30", "30"), flow("de", "usa", "p2", "40", "60")],
        fixed_plants: vec![fixed("jp", "p2", true), fixed("mx", "p1", false)],
        fixed_launches: vec![
            launch("car", "us", "p1", true),
            launch("suv", "us", "p1", false),
            launch("car", "jp", "p1", true),
        ],
        most_moves: Some(2),
        budgets: vec![
            CapitalBudget {
                id: "all".to_owned(),
                // Opening, two launches, an expansion and the approval of Japanese cars.
                amount: money("5359600.4796 USD"),
                periods: Vec::new(),
            },
            CapitalBudget {
                id: "spring".to_owned(),
                amount: money("102000.01 USD"),
                periods: ids("p1"),
            },
        ],
        trade_balances: vec![
            TradeBalanceBound {
                id: "japan".to_owned(),
                region: region("US"),
                partner: Some(region("JP")),
                // A hundred cars at 1.05 times 2500001 yen.
                least: money("-1706250.6825 USD"),
            },
            TradeBalanceBound {
                id: "germany".to_owned(),
                region: region("DE"),
                partner: None,
                least: money("0 USD"),
            },
        ],
        export_commitments: vec![ExportCommitment {
            id: "to-france".to_owned(),
            origin: region("DE"),
            market: region("FR"),
            // 29.8 vehicles in 181 days of 365: 30 whole ones.
            units_per_year: number("60"),
            periods: ids("p1"),
        }],
    }
}

fn policy() -> TradePolicy {
    TradePolicy {
        quotas: vec![QuotaOutlook {
            importer: region("US"),
            quota: "us-suv".to_owned(),
            used: vec![(date(2025, 1, 1), number("3"))],
            rivals_use: vec![(date(2025, 1, 1), number("4")), (date(2025, 4, 1), number("1"))],
        }],
        credits: vec![
            CreditOutlook {
                importer: region("US"),
                credit: "offset".to_owned(),
                brought_forward: some("100.01 USD"),
                earnings: vec![CreditEarning {
                    model: "car".to_owned(),
                    plant: "us".to_owned(),
                    base: money("30000.33 USD"),
                }],
            },
            CreditOutlook {
                importer: region("US"),
                credit: "grant".to_owned(),
                brought_forward: some("50000 USD"),
                earnings: Vec::new(),
            },
        ],
        ..TradePolicy::default()
    }
}

pub fn problem() -> SourcingProblem {
    let period = |(id, start, end): (&str, Date, Date)| Period { id: id.to_owned(), start, end };
    let model = |id: &str, capacity: &str| ModelLine {
        id: id.to_owned(),
        capacity_use: number(capacity),
        goods: Vec::new(),
    };
    let rate =
        |code: &str, rates| PlanningRate { currency: code.parse().unwrap(), rates: series(rates) };
    let market = |id: &str, country: &str, homologations| Market {
        id: id.to_owned(),
        region: region(country),
        homologations,
    };
    let approval =
        Homologation { origin: region("JP"), models: ids("car van"), cost: money("2000 USD") };
    SourcingProblem {
        periods: PERIODS.map(period).to_vec(),
        annual_discount_rate: number("0.06"),
        reporting_currency: "USD".parse().unwrap(),
        planning_rates: vec![rate("EUR", "1.10 1.12 1.15"), rate("JPY", "0.0065")],
        models: vec![model("car", "1"), model("suv", "1.5"), model("van", "1")],
        plants: plants(),
        options: options(),
        markets: vec![
            market("usa", "US", vec![approval]),
            market("jpn", "JP", Vec::new()),
            market("fra", "FR", Vec::new()),
        ],
        demands: demands(),
        lanes: lanes(),
        policy: policy(),
        limits: limits(),
        objective: Objective::Cost,
        units: Units::Whole,
        labour_hours_per_job: number("1800"),
    }
}

pub fn flow(model: &str, plant: &str, market: &str, period: &str, units: &str) -> FlowDecision {
    FlowDecision {
        model: model.to_owned(),
        plant: plant.to_owned(),
        market: market.to_owned(),
        period: period.to_owned(),
        units: number(units),
        in_quota: Vec::new(),
    }
}

pub fn launch(model: &str, plant: &str, period: &str) -> LaunchDecision {
    LaunchDecision { model: model.to_owned(), plant: plant.to_owned(), period: period.to_owned() }
}

pub fn expansion(step: &str, period: &str) -> ExpansionDecision {
    ExpansionDecision {
        plant: "us".to_owned(),
        expansion: step.to_owned(),
        period: period.to_owned(),
    }
}

pub fn spent(credit: &str, period: &str, amount: &str) -> CreditDecision {
    CreditDecision {
        importer: region("US"),
        credit: credit.to_owned(),
        period: period.to_owned(),
        spent: money(amount),
    }
}

pub fn decisions() -> Decisions {
    let open = |plant: &str, periods: &str| PlantDecision {
        plant: plant.to_owned(),
        open_periods: ids(periods),
    };
    let within = |flow: FlowDecision, in_quota: &[(Date, &str)]| FlowDecision {
        in_quota: in_quota.iter().map(|(day, units)| (*day, number(units))).collect(),
        ..flow
    };
    Decisions {
        plants: vec![open("jp", "p1 p2 p3"), open("us", "p2 p3"), open("de", "p1 p2")],
        launches: vec![launch("car", "us", "p1"), launch("suv", "us", "p2")],
        expansions: vec![expansion("e1", "p2")],
        flows: vec![
            flow("car", "jp", "usa", "p1", "100"),
            flow("car", "jp", "jpn", "p1", "45"),
            // Half leaves at once, the rest later: 21, 10 and 10 arrive in three tranches.
            within(
                flow("suv", "de", "usa", "p1", "41"),
                &[(date(2025, 1, 21), "13"), (date(2025, 4, 3), "10"), (date(2025, 7, 1), "10")],
            ),
            flow("suv", "de", "fra", "p1", "30"),
            flow("car", "jp", "usa", "p2", "45"),
            flow("car", "us", "usa", "p2", "75"),
            flow("car", "jp", "jpn", "p2", "50"),
            within(
                flow("suv", "de", "usa", "p2", "40"),
                &[(date(2025, 7, 21), "19"), (date(2025, 10, 1), "10")],
            ),
            flow("suv", "de", "fra", "p2", "30"),
            flow("car", "jp", "usa", "p3", "30"),
            flow("car", "us", "usa", "p3", "100"),
            flow("car", "jp", "jpn", "p3", "50"),
            flow("suv", "us", "usa", "p3", "40"),
            flow("suv", "us", "fra", "p3", "30"),
        ],
        credits: vec![
            spent("offset", "p2", "20000 USD"),
            spent("offset", "p3", "30000 USD"),
            spent("grant", "p3", "20000 USD"),
        ],
    }
}
