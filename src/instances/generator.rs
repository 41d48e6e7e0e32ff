//! Our own problems in the format `sourcing-problem/1`: an automaker's plants,
//! model lines and markets, drawn from a seed.
//!
//! Whole numbers only, so that the same seed gives the same bytes everywhere.
//! Capacity over all plants is some times the demand, so that there is a choice;
//! cheap countries are far and dear ones near; quotas are shared by all plants
//! of an exporter and hold a part of what could come.

use super::figures::Figure;
use super::lands::{LANDS, Land};
use super::shape::InstanceShape;
use super::sourcing_file::{
    Demand, Floor, Freight, Market, Model, Production, Quota, SCHEMA, Scenario, Site, SourcingFile,
    Tariff, Units,
};
use super::split_mix::SplitMix64;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// The file of a shape and a seed, as JSON.
///
/// # Errors
/// Fails only if the text cannot be written.
pub fn generate(shape: &InstanceShape, seed: u64) -> Result<Vec<u8>, serde_json::Error> {
    serde_json::to_vec(&Draft::of(shape, seed).file())
}

/// Most thousandths of a vehicle a market wants of a model in a year: growth
/// over centuries must not leave what can be counted.
const MOST_WANTED: i64 = 10_000_000_000;

/// A problem while it is drawn.
struct Draft<'a> {
    shape: &'a InstanceShape,
    seed: u64,
    draws: SplitMix64,
    lands: &'static [Land],
    /// Cost of a model in the dearest country, in hundredths.
    model_costs: Vec<i64>,
    /// Capacity a vehicle uses, in hundredths.
    hours: Vec<i64>,
    demand: Vec<Demand>,
    /// Demand of a country in a period.
    wanted: BTreeMap<&'static str, i64>,
    /// Capacity all demand of a mean period uses.
    used: i64,
}

impl<'a> Draft<'a> {
    fn of(shape: &'a InstanceShape, seed: u64) -> Self {
        let lands = if shape.plants <= 4 { 4 } else { (shape.plants / 2 + 2).min(LANDS.len()) };
        Self {
            shape,
            seed,
            draws: SplitMix64::of(seed),
            lands: LANDS.get(..lands).unwrap_or(&LANDS),
            model_costs: Vec::new(),
            hours: Vec::new(),
            demand: Vec::new(),
            wanted: BTreeMap::new(),
            used: 0,
        }
    }

    fn file(mut self) -> SourcingFile {
        self.draw_demand();
        let sites = self.sites();
        let production = self.production();
        let freight = self.freight();
        let (tariffs, tariff_rate_quotas) = self.tariffs();
        let domestic_floors = self.floors();
        let shape = self.shape;
        let model = |(place, hours): (usize, &i64)| Model {
            id: model_id(place),
            hours: Figure(Decimal::new(*hours, 2)),
        };
        SourcingFile {
            schema: SCHEMA.to_owned(),
            name: format!("{}-{}", shape.size, self.seed),
            seed: self.seed,
            units: units(),
            periods: self.periods(),
            fx: self.lands.iter().map(Land::worth).collect(),
            countries: self.lands.iter().map(Land::country).collect(),
            models: self.hours.iter().enumerate().map(model).collect(),
            sites,
            markets: (0..shape.markets)
                .map(|place| Market {
                    id: market_id(place),
                    country: self.market_land(place).id.into(),
                })
                .collect(),
            production,
            freight,
            demand: self.demand,
            tariffs,
            tariff_rate_quotas,
            domestic_floors,
            unmet_penalty: 6_000_000.into(),
            // 6 % a year.
            discount_bp: if shape.periods_per_year == 12 { 49 } else { 600 }.into(),
            scenarios: vec![Scenario {
                id: "W0000".to_owned(),
                probability: 1.into(),
                fx: BTreeMap::new(),
                demand_factor: BTreeMap::new(),
                tariff_add_bp: Vec::new(),
            }],
        }
    }

    fn periods(&self) -> Vec<String> {
        let label = |period: usize| match self.shape.periods_per_year {
            12 => format!("{}-{:02}", 2027 + period / 12, period % 12 + 1),
            _ => format!("{}", 2027 + period),
        };
        (0..self.shape.periods).map(label).collect()
    }

    fn site_land(&self, site: usize) -> &'static Land {
        // Never empty, and the place is taken modulo its length.
        self.lands.get(site % self.lands.len()).unwrap_or(&LANDS[0])
    }

    /// Markets go round the countries in another order than plants do, so that
    /// few plants have their market beside them.
    fn market_land(&self, market: usize) -> &'static Land {
        let lands = self.lands.len();
        self.lands.get((market * 5 + market / lands) % lands).unwrap_or(&LANDS[0])
    }

    fn draw_demand(&mut self) {
        let (markets, periods) = (self.shape.markets, self.shape.periods);
        let weights: Vec<i64> = (0..markets).map(|_| self.draws.between(300, 2200)).collect();
        let mut hours_used = 0;
        for model in 0..self.shape.models {
            self.model_costs.push(self.draws.between(900_000, 3_400_000));
            let hours = self.draws.between(70, 150);
            self.hours.push(hours);
            let scale = self.draws.between(1500, 16_000);
            let growth = self.draws.between(-30, 70);
            for market in self.draws.places(markets, self.shape.markets_per_model) {
                let weight = weights.get(market).copied().unwrap_or(1000);
                // Thousandths of a vehicle a year.
                let mut level = self.draws.scaled(scale * weight, 500, 1600);
                let mut volume = Vec::new();
                for _ in 0..periods {
                    let a_period = level / (1000 * self.shape.periods_per_year);
                    let vehicles = self.draws.scaled(a_period, 920, 1080).max(10);
                    volume.push(vehicles.into());
                    hours_used += vehicles * hours;
                    *self.wanted.entry(self.market_land(market).id).or_default() += vehicles;
                    level += level * growth / (1000 * self.shape.periods_per_year);
                    level = level.min(MOST_WANTED);
                }
                self.demand.push(Demand {
                    model: model_id(model),
                    market: market_id(market),
                    volume,
                });
            }
        }
        let periods = i64::try_from(periods).unwrap_or(1).max(1);
        self.used = hours_used / (100 * periods);
        for vehicles in self.wanted.values_mut() {
            *vehicles /= periods;
        }
    }

    fn sites(&mut self) -> Vec<Site> {
        let plants = i64::try_from(self.shape.plants).unwrap_or(1).max(1);
        // So that somewhat less than half of the plants can build what is wanted.
        let mean = self.used.saturating_mul(self.shape.tight_bp) / (4500 * plants);
        let last = self.shape.plants.saturating_sub(1);
        let monthly = self.shape.periods_per_year == 12;
        let ramp: &[i64] = match self.shape.periods {
            0..3 => &[],
            _ if monthly => &[2500, 4000, 5500, 7000, 8500],
            _ => &[6000, 8500],
        };
        let mut sites = Vec::new();
        for place in 0..self.shape.plants {
            let land = self.site_land(place);
            let capacity = self.draws.scaled(mean, 600, 1500).max(1);
            let initially_open =
                if self.shape.periods > 1 { self.draws.percent(30) } else { place == last };
            // Hundredths of the base currency a year; the hour's share is 900 to 1800 units.
            let a_year = capacity.saturating_mul(self.shape.periods_per_year);
            let hour = self.draws.between(900, 1800) * land.standing / 10;
            let standing = a_year.saturating_mul(hour);
            let opening = self.draws.scaled(standing, 2000, 3500);
            let fixed = self.draws.scaled(standing, 500, 1000) / self.shape.periods_per_year;
            let closing = self.draws.scaled(standing, 400, 900);
            sites.push(Site {
                id: site_id(place),
                country: land.id.to_owned(),
                capacity: capacity.into(),
                initially_open,
                opening_cost: land.local(opening).into(),
                fixed_cost_per_period: land.local(fixed).into(),
                closing_cost: land.local(closing).into(),
                ramp_bp: ramp.iter().map(|share| (*share).into()).collect(),
            });
        }
        sites
    }

    fn production(&mut self) -> Vec<Production> {
        let mut rows = Vec::new();
        for model in 0..self.shape.models {
            let dearest = self.model_costs.get(model).copied().unwrap_or_default();
            for site in self.draws.places(self.shape.plants, self.shape.plants_per_model) {
                let land = self.site_land(site);
                // A little less than half of a vehicle follows the country.
                let cost = dearest * (550 + 450 * land.labour / 1000) / 1000;
                let cost = self.draws.scaled(cost, 940, 1060);
                let launch = self.draws.between(25_000_000, 90_000_000) / 10
                    * (500 + land.standing / 2)
                    / 100
                    * self.shape.launch_thousandths
                    / 1000;
                rows.push(Production {
                    site: site_id(site),
                    model: model_id(model),
                    unit_cost: land.local(cost).into(),
                    launch_cost: land.local(launch * 100).into(),
                });
            }
        }
        rows
    }

    fn freight(&mut self) -> Vec<Freight> {
        let mut lanes = Vec::new();
        for site in 0..self.shape.plants {
            for market in 0..self.shape.markets {
                let (from, to) = (self.site_land(site), self.market_land(market));
                let unit_cost = if from.id == to.id {
                    self.draws.between(15_000, 40_000)
                } else {
                    // 13 units of money for one of the map.
                    18_000 + self.draws.scaled(from.distance(to) * 130, 850, 1200)
                };
                lanes.push(Freight {
                    site: site_id(site),
                    market: market_id(market),
                    unit_cost: unit_cost.into(),
                });
            }
        }
        lanes
    }

    fn tariffs(&mut self) -> (Vec<Tariff>, Vec<Quota>) {
        let (mut tariffs, mut quotas) = (Vec::new(), Vec::new());
        for importer in self.lands {
            for exporter in self.lands.iter().filter(|exporter| exporter.id != importer.id) {
                let rate = self.draws.one_of(&[0, 250, 250, 600, 1000, 1500, 2500]);
                let wanted = self.wanted.get(importer.id).copied().unwrap_or(0);
                let has_quota = self.draws.percent(40) && wanted > 0;
                let above = if has_quota { self.draws.one_of(&[1000, 1750, 2500]) } else { 0 };
                let lane = (importer.id.to_owned(), exporter.id.to_owned());
                let (importer, exporter) = lane.clone();
                tariffs.push(Tariff { importer, exporter, rate_bp: (rate + above).into() });
                if has_quota {
                    quotas.push(self.quota(lane, wanted, rate, rate + above));
                }
            }
        }
        (tariffs, quotas)
    }

    fn quota(&mut self, lane: (String, String), wanted: i64, inside: i64, over: i64) -> Quota {
        let models = self.shape.models;
        let covered = if self.draws.percent(70) { models } else { (models / 2).max(1) };
        let covered = self.draws.places(models, covered);
        let mut volume = Vec::new();
        let mut units =
            self.draws.scaled(wanted.saturating_mul(self.shape.quota_bp) / 10_000, 150, 600);
        for _ in 0..self.shape.periods {
            volume.push(units.into());
            // One percent a year.
            units += units / (100 * self.shape.periods_per_year);
        }
        Quota {
            id: format!("Q-{}-{}", lane.0, lane.1),
            importer: lane.0,
            exporter: lane.1,
            models: covered.into_iter().map(model_id).collect(),
            volume,
            in_quota_bp: inside.into(),
            over_quota_bp: over.into(),
        }
    }

    fn floors(&mut self) -> Vec<Floor> {
        let homes: BTreeSet<&str> =
            (0..self.shape.plants).map(|site| self.site_land(site).id).collect();
        let countries: Vec<&str> =
            self.wanted.keys().copied().filter(|country| homes.contains(country)).collect();
        let mut floors = Vec::new();
        for country in countries {
            if self.shape.floor_bp > 0 && self.draws.percent(45) {
                let share = self.draws.scaled(self.shape.floor_bp, 500, 1500).min(10_000);
                floors.push(Floor {
                    country: country.to_owned(),
                    share_bp: share.into(),
                    shortfall_penalty: 900_000.into(),
                });
            }
        }
        floors
    }
}

fn model_id(place: usize) -> String {
    format!("M{place:03}")
}

fn site_id(place: usize) -> String {
    format!("S{place:02}")
}

fn market_id(place: usize) -> String {
    format!("K{place:02}")
}

fn units() -> Units {
    Units {
        money: "hundredths; costs of a site in the currency of its country, others in the base \
                currency"
            .to_owned(),
        base_currency: "USD".to_owned(),
        volume: "vehicles per period".to_owned(),
        capacity: "standard-vehicle hours per period".to_owned(),
        rate: "basis points".to_owned(),
    }
}
