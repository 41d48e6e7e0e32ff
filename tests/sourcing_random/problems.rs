//! Random small problems that use every feature in random combination.

use crate::draws::Draws;
use crate::limits::limits;
use crate::policy::{elections, kits, policy};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use portolan::money::{Currency, LARGEST_AMOUNT, Money};
use portolan::sourcing::{
    ContentShare, CustomsTreatment, CustomsValueRule, Demand, DepartureShare, Expansion,
    Homologation, Lane, Market, ModelGoods, ModelLine, Objective, Period, PlanningRate, Plant,
    ProductionOption, SourcingProblem, UnitCost, Units,
};
use portolan::tariff::{Region, TransportMode};
use rust_decimal::Decimal;

/// Countries with their currency and what one unit of it is worth in
/// ten-thousandths of a dollar.
pub const COUNTRIES: [(&str, &str, i64); 11] = [
    ("US", "USD", 10_000),
    ("JP", "JPY", 67),
    ("CA", "CAD", 7_200),
    ("IN", "INR", 118),
    ("TH", "THB", 291),
    ("MX", "MXN", 540),
    ("GB", "GBP", 13_100),
    ("DE", "EUR", 11_200),
    ("FR", "EUR", 11_200),
    ("KR", "KRW", 7),
    ("BR", "BRL", 1_800),
];

/// A problem on its way.
pub struct Sketch {
    pub draws: Draws,
    pub whole: bool,
    pub reporting: Currency,
    pub scale: i64,
}

pub fn region(code: &str) -> Region {
    code.parse().unwrap()
}

pub fn currency(code: &str) -> Currency {
    code.parse().unwrap()
}

fn worth(currency: Currency) -> i64 {
    COUNTRIES.iter().find(|(_, code, _)| *code == currency.code()).unwrap().2
}

impl Sketch {
    /// About so many dollars in a random currency, to the minor unit.
    pub fn money(&mut self, least: i64, most: i64) -> Money {
        let currency = currency(self.draws.one_of(&COUNTRIES).1);
        let currency = if self.draws.percent(60) { self.reporting } else { currency };
        self.money_in(currency, least, most)
    }

    /// The same in a given currency.
    pub fn money_in(&mut self, currency: Currency, least: i64, most: i64) -> Money {
        let dollars = self.draws.decimal(least * 100, most * 100, 2);
        let amount = dollars * Decimal::from(10_000) / Decimal::from(worth(currency));
        let digits = if self.draws.percent(50) { 0 } else { currency.minor_digits() };
        let amount = amount.min(Decimal::from(LARGEST_AMOUNT));
        Money::new(amount.round_dp(digits), currency)
    }

    /// Nothing in so many of a hundred draws.
    pub fn perhaps(&mut self, chances: i64, least: i64, most: i64) -> Option<Money> {
        self.draws.percent(chances).then(|| self.money(least, most))
    }

    /// Vehicles: whole where they are, sometimes not where they need not be.
    pub fn units(&mut self, least: i64, most: i64) -> Decimal {
        if self.whole || self.draws.percent(40) {
            return Decimal::from(self.draws.between(least, most));
        }
        let digits = u32::try_from(self.draws.between(1, 6)).unwrap();
        self.draws.decimal(least * 10_i64.pow(digits), most * 10_i64.pow(digits), digits)
    }

    /// One value, or one for every period.
    fn series<T>(&mut self, periods: usize, mut one: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let length = if self.draws.percent(60) { 1 } else { periods };
        (0..length).map(|_| one(self)).collect()
    }
}

/// The problem of a seed.
pub fn problem(seed: u64) -> SourcingProblem {
    let mut draws = Draws::of(seed);
    let whole = draws.percent(50);
    let reporting = currency(draws.one_of::<&str>(&["USD", "USD", "EUR", "JPY", "KRW"]));
    let scale = if draws.percent(96) { *draws.one_of(&[3, 20, 200, 5_000]) } else { 1_000_000_000 };
    let mut sketch = Sketch { draws, whole, reporting, scale };
    let homes = homes(&mut sketch);
    let periods = periods(&mut sketch);
    let count = periods.len();
    let models: Vec<ModelLine> =
        (0..sketch.draws.count(1, 3)).map(|m| model(&mut sketch, m)).collect();
    let plants: Vec<Plant> =
        (0..sketch.draws.count(1, 4)).map(|p| plant(&mut sketch, p, count, &homes)).collect();
    let markets: Vec<Market> = (0..sketch.draws.count(1, 3))
        .map(|k| market(&mut sketch, k, &homes, &plants, &models))
        .collect();
    let objective = if sketch.draws.percent(35) { Objective::Profit } else { Objective::Cost };
    let mut problem = SourcingProblem {
        periods,
        annual_discount_rate: sketch.draws.one_of(&["0", "0.06", "0.12345"]).parse().unwrap(),
        reporting_currency: reporting,
        planning_rates: planning_rates(&mut sketch, count),
        options: Vec::new(),
        demands: Vec::new(),
        lanes: Vec::new(),
        models,
        plants,
        markets,
        policy: policy(&mut sketch),
        limits: portolan::sourcing::Limits::default(),
        objective,
        units: if whole { Units::Whole } else { Units::Continuous },
        labour_hours_per_job: Decimal::from(1800),
    };
    for model in &problem.models {
        for plant in &problem.plants {
            if problem.options.is_empty() || sketch.draws.percent(80) {
                problem.options.push(option(&mut sketch, &model.id, plant, count));
            }
        }
        for market in &problem.markets {
            if problem.demands.is_empty() || sketch.draws.percent(85) {
                problem.demands.push(demand(&mut sketch, &model.id, &market.id, count, objective));
            }
        }
    }
    for plant in &problem.plants {
        for market in &problem.markets {
            if problem.lanes.is_empty() || sketch.draws.percent(90) {
                let models: Vec<String> =
                    problem.models.iter().map(|model| model.id.clone()).collect();
                problem.lanes.push(lane(&mut sketch, plant, market, &models));
            }
        }
    }
    credits_of(&mut sketch, &mut problem);
    problem.limits = limits(&mut sketch, &problem);
    problem
}

/// A credit earns by vehicles built at home.
fn credits_of(sketch: &mut Sketch, problem: &mut SourcingProblem) {
    let home = region("US");
    for option in &problem.options {
        let plant = problem.plants.iter().find(|plant| plant.id == option.plant).unwrap();
        for credit in &mut problem.policy.credits {
            if plant.region == home && sketch.draws.percent(80) {
                credit.earnings.push(portolan::sourcing::CreditEarning {
                    model: option.model.clone(),
                    plant: option.plant.clone(),
                    base: sketch.money_in(currency("USD"), 1_000, 30_000),
                });
            }
        }
    }
}

/// Countries of the problem: often the American ones, where law is richest.
fn homes(sketch: &mut Sketch) -> Vec<&'static str> {
    let all: Vec<&str> = COUNTRIES.iter().map(|(country, ..)| *country).collect();
    let pool = match sketch.draws.between(0, 4) {
        0 => vec!["US", "GB"],
        1 => vec!["US", "MX", "CA"],
        2 => vec!["US", "JP", "DE", "GB"],
        _ => all,
    };
    sketch.draws.some_of(&pool)
}

fn periods(sketch: &mut Sketch) -> Vec<Period> {
    let starts = [
        date(2025, 1, 1),
        date(2025, 4, 1),
        date(2025, 10, 20),
        date(2026, 1, 1),
        date(2026, 6, 1),
    ];
    let mut start: Date = *sketch.draws.one_of(&starts);
    let mut periods = Vec::new();
    for place in 0..sketch.draws.count(1, 4) {
        let end = match sketch.draws.between(0, 3) {
            0 => start.saturating_add(1.month()),
            1 => start.saturating_add(3.months()),
            2 => start.saturating_add(1.year()),
            _ => start.saturating_add(sketch.draws.between(1, 200).days()),
        };
        periods.push(Period { id: format!("t{place}"), start, end });
        start = if sketch.draws.percent(85) { end } else { end.saturating_add(17.days()) };
    }
    periods
}

fn planning_rates(sketch: &mut Sketch, periods: usize) -> Vec<PlanningRate> {
    let reporting = sketch.reporting;
    let mut codes: Vec<&str> = COUNTRIES.iter().map(|(_, code, _)| *code).collect();
    codes.dedup();
    let others = codes.into_iter().filter(|code| *code != reporting.code());
    let rates = others.map(|code| {
        let even = Decimal::from(worth(currency(code))) / Decimal::from(worth(reporting));
        let rates = sketch.series(periods, |sketch| {
            let far =
                if sketch.scale > 1_000_000 { *sketch.draws.one_of(&[1, 100_000_000]) } else { 1 };
            let rate = even * sketch.draws.decimal(900, 1100, 3) * Decimal::from(far);
            rate.round_dp(6).max(Decimal::new(1, 6))
        });
        PlanningRate { currency: currency(code), rates }
    });
    rates.collect()
}

fn model(sketch: &mut Sketch, place: usize) -> ModelLine {
    let hybrid = sketch.draws.percent(40);
    let goods = COUNTRIES.iter().filter(|(country, ..)| *country != "BR" && *country != "FR");
    let goods = goods.map(|(country, ..)| {
        let code = match (*country, hybrid) {
            ("US", false) => "8703.23.01",
            ("US", true) => "8703.40.00",
            (_, false) => "8703.23",
            (_, true) => "8703.40",
        };
        // A union is named by itself, or by its member.
        let importer = if *country == "DE" { "EU" } else { country };
        ModelGoods { importer: region(importer), code: code.parse().unwrap(), facts: Vec::new() }
    });
    ModelLine {
        id: format!("m{place}"),
        goods: goods.collect(),
        capacity_use: if sketch.draws.percent(60) {
            Decimal::ONE
        } else {
            sketch.draws.decimal(1, 30, 1)
        },
    }
}

fn plant(sketch: &mut Sketch, place: usize, periods: usize, homes: &[&str]) -> Plant {
    let home = if sketch.draws.percent(85) { *sketch.draws.one_of(homes) } else { "JP" };
    let scale = sketch.scale;
    let capacity = sketch.series(periods, |sketch| sketch.units(0, scale * 3));
    let expansions = (0..sketch.draws.count(0, 2)).map(|step| Expansion {
        id: format!("e{step}"),
        capacity: sketch.units(1, scale),
        cost: sketch.perhaps(80, 0, scale * 3_000),
        lead_periods: sketch.draws.count(0, 2),
    });
    let expansions = expansions.collect();
    Plant {
        id: format!("p{place}"),
        region: region(home),
        capacity,
        initially_open: sketch.draws.percent(60),
        opening_cost: sketch.perhaps(70, 0, scale * 4_000),
        closing_cost: sketch.perhaps(50, 0, scale * 1_000),
        fixed_cost: sketch.perhaps(60, 0, scale * 2_000),
        ramp: (0..sketch.draws.count(0, 2)).map(|_| sketch.draws.decimal(0, 100, 2)).collect(),
        least_run: sketch.draws.percent(25).then(|| sketch.units(0, scale / 2)),
        expansions,
    }
}

fn market(
    sketch: &mut Sketch,
    place: usize,
    homes: &[&str],
    plants: &[Plant],
    models: &[ModelLine],
) -> Market {
    let home = *sketch.draws.one_of(homes);
    let mut origins: Vec<Region> = plants.iter().map(|plant| plant.region).collect();
    origins.sort_unstable();
    origins.dedup();
    let mut homologations = Vec::new();
    for origin in origins {
        if sketch.draws.percent(30) {
            let models: Vec<String> = models.iter().map(|model| model.id.clone()).collect();
            let named =
                if sketch.draws.percent(50) { Vec::new() } else { sketch.draws.some_of(&models) };
            let most = sketch.scale * 2_000;
            homologations.push(Homologation { origin, models: named, cost: sketch.money(0, most) });
        }
    }
    Market { id: format!("k{place}"), region: region(home), homologations }
}

fn option(sketch: &mut Sketch, model: &str, plant: &Plant, periods: usize) -> ProductionOption {
    let unit_cost = if sketch.draws.percent(60) {
        UnitCost::Whole(sketch.series(periods, |sketch| sketch.money(8_000, 30_000)))
    } else {
        UnitCost::Parts {
            labour: sketch.perhaps(80, 1_000, 5_000),
            parts: Some(sketch.money(5_000, 20_000)),
            other: sketch.perhaps(50, 0, 3_000),
        }
    };
    let importers = ["US", "JP", "CA", "IN", "TH", "MX", "GB", "EU", "FR", "KR", "BR"];
    let mut customs = Vec::new();
    for importer in importers {
        if sketch.draws.percent(60) {
            let american =
                importer == "US" && ["MX", "CA"].contains(&plant.region.to_string().as_str());
            let value_rule = match sketch.draws.between(0, 3) {
                0 => CustomsValueRule::TransactionValue(sketch.money(9_000, 40_000)),
                1 => CustomsValueRule::UnitCostTimes(sketch.draws.decimal(50, 200, 2)),
                _ => CustomsValueRule::UnitCost,
            };
            let shares = american && sketch.draws.percent(70);
            let content = ContentShare {
                position: 0,
                fact: "us-content".to_owned(),
                share: sketch.draws.decimal(0, 100, 2),
            };
            customs.push(CustomsTreatment {
                importer: region(importer),
                value_rule,
                facts: Vec::new(),
                content_shares: if shares { vec![content] } else { Vec::new() },
                elections: elections(sketch, plant.region, importer, shares),
            });
        }
    }
    let most = sketch.scale * 2_000;
    ProductionOption {
        model: model.to_owned(),
        plant: plant.id.clone(),
        unit_cost,
        labour_hours: sketch.draws.percent(70).then(|| sketch.draws.decimal(50, 400, 1)),
        kits: kits(sketch, plant.region),
        launch_cost: sketch.perhaps(70, 0, most),
        lead_periods: sketch.draws.count(0, 1),
        initially_launched: sketch.draws.percent(50),
        customs,
    }
}

fn demand(
    sketch: &mut Sketch,
    model: &str,
    market: &str,
    periods: usize,
    objective: Objective,
) -> Demand {
    let scale = sketch.scale;
    let volume = sketch.series(periods, |sketch| {
        if sketch.draws.percent(15) { Decimal::ZERO } else { sketch.units(0, scale) }
    });
    let net_price = if objective == Objective::Profit || sketch.draws.percent(10) {
        sketch.series(periods, |sketch| sketch.money(8_000, 50_000))
    } else {
        Vec::new()
    };
    let lost = match (objective, sketch.draws.between(0, 9)) {
        (_, 0) => None,
        (Objective::Profit, _) => Some(sketch.money(0, 2_000)),
        (Objective::Cost, _) => Some(sketch.money(5_000, 60_000)),
    };
    Demand {
        market: market.to_owned(),
        model: model.to_owned(),
        volume,
        lost_margin: lost,
        net_price,
        single_source: sketch.draws.percent(20),
    }
}

fn lane(sketch: &mut Sketch, plant: &Plant, market: &Market, models: &[String]) -> Lane {
    let mut departures = Vec::new();
    if sketch.draws.percent(20) {
        let share = sketch.draws.decimal(1, 99, 2);
        departures = vec![
            DepartureShare { day: u32::try_from(sketch.draws.between(0, 40)).unwrap(), share },
            DepartureShare {
                day: u32::try_from(sketch.draws.between(0, 400)).unwrap(),
                share: Decimal::ONE - share,
            },
        ];
    }
    let arrivals =
        [TransportMode::Ocean, TransportMode::Air, TransportMode::Road, TransportMode::Rail];
    Lane {
        plant: plant.id.clone(),
        market: market.id.clone(),
        models: if sketch.draws.percent(80) { Vec::new() } else { sketch.draws.some_of(models) },
        freight: sketch.perhaps(80, 0, 1_500),
        insurance: sketch.perhaps(40, 0, 100),
        inland_freight: sketch.perhaps(40, 0, 500),
        holding_cost: sketch.perhaps(40, 0, 100),
        transit_days: u32::try_from(*sketch.draws.one_of(&[0, 0, 5, 35, 90])).unwrap(),
        vehicles_per_entry: u32::try_from(sketch.draws.between(1, 50)).unwrap(),
        transport: sketch.draws.percent(50).then(|| *sketch.draws.one_of(&arrivals)),
        departures,
    }
}
