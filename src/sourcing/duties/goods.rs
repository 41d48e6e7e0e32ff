//! Every arc and kit held against the law of its importer.

use super::law_calendar::LawCalendar;
use super::windows::{Declare, Paths, Piece};
use super::{Duties, EntryWindows, TranchePlaces, choice};
use crate::money::Money;
use crate::sourcing::calendar::days_later;
use crate::sourcing::network::{ArcPlaces, Network};
use crate::sourcing::problem::{CustomsTreatment, ModelGoods, SourcingProblem};
use crate::tariff::{EntryFault, FactDefinition, FactKind, Region, RegionSet, Schedule, Tariff};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// A problem held against the law, piece by piece.
pub(super) struct Surveyor<'a> {
    pub(super) problem: &'a SourcingProblem,
    pub(super) known_at: Date,
    pub(super) network: &'a Network,
    pub(super) schedule: &'a Schedule,
    pub(super) horizon: (Date, Date),
    pub(super) calendars: BTreeMap<Region, LawCalendar<'a>>,
    pub(super) book: Duties,
    pub(super) tranches: TranchePlaces,
    faults: Vec<EntryFault>,
    told: BTreeSet<(String, String)>,
}

impl<'a> Surveyor<'a> {
    pub fn survey(
        problem: &'a SourcingProblem,
        network: &'a Network,
        schedule: &'a Schedule,
    ) -> Result<Duties, Vec<EntryFault>> {
        let known_at = problem.policy.known_at.unwrap_or(schedule.as_of);
        let first = problem.periods.first().map_or(Date::MIN, |period| period.start);
        let last = problem.periods.last().map_or(Date::MIN, |period| period.end);
        let longest = problem.lanes.iter().map(|lane| lane.transit_days).max().unwrap_or_default();
        let mut surveyor = Self {
            problem,
            known_at,
            network,
            schedule,
            horizon: (first, days_later(last, longest)),
            calendars: BTreeMap::new(),
            book: Duties {
                arcs: Vec::with_capacity(network.arcs.len()),
                kits: Vec::with_capacity(problem.options.len()),
                declared: Vec::with_capacity(network.arcs.len()),
                tranches: Vec::new(),
                credits: Vec::new(),
                assumptions: BTreeSet::new(),
                known_at,
                functions: Vec::new(),
                importers: BTreeMap::new(),
                choice: choice(problem.policy.open_law),
                quotes: Mutex::default(),
            },
            tranches: TranchePlaces::new(),
            faults: Vec::new(),
            told: BTreeSet::new(),
        };
        surveyor.policy();
        let markets = problem.markets.iter().map(|market| market.region);
        for region in markets.chain(problem.plants.iter().map(|plant| plant.region)) {
            let importer = schedule.tariff_of(region).map_or(region, |tariff| tariff.region);
            surveyor.book.importers.insert(region, importer);
        }
        for arc in &network.arcs {
            let windows = surveyor.arc(*arc);
            surveyor.book.arcs.push(windows);
            let prices = surveyor.prices(*arc);
            surveyor.book.declared.push(prices);
        }
        for option in 0..problem.options.len() {
            let kits = surveyor.kits(option);
            surveyor.book.kits.push(kits);
        }
        if surveyor.faults.is_empty() { Ok(surveyor.book) } else { Err(surveyor.faults) }
    }

    pub(super) fn fault(&mut self, mut field: String, reason: &'static str, message: String) {
        field.insert_str(0, "problem.");
        if self.told.insert((field.clone(), message.clone())) {
            self.faults.push(EntryFault { field, reason, message });
        }
    }

    pub(super) fn assume(&mut self, sentence: String) {
        self.book.assumptions.insert(sentence);
    }

    /// The tariff of an importer, and the member goods are imported into.
    fn tariff(&self, importer: Region) -> Option<(&'a Arc<Tariff>, Option<Region>)> {
        let tariff = self.schedule.tariff_of(importer)?;
        let member = (tariff.region != importer).then_some(importer);
        Some((tariff, member))
    }

    fn arc(&mut self, places: ArcPlaces) -> Vec<EntryWindows> {
        let problem = self.problem;
        let option = &problem.options[places.option];
        let origin = problem.plants[self.network.options[places.option].plant].region;
        let demand = self.network.demands[places.demand];
        let market = &problem.markets[demand.market];
        let model = &problem.models[demand.model];
        let lane = &problem.lanes[places.lane];
        let Some((tariff, member)) = self.tariff(market.region) else {
            let field = format!("markets[{}].region_code", demand.market);
            return self.unheld(market.region, origin, Some(lane), field, |surveyor, period| {
                let treatment = treatment_of(option.customs.iter(), market.region, None);
                surveyor.declared_price(option, treatment, period).ok()
            });
        };
        let goods =
            model.goods.iter().enumerate().find(|(_, goods)| {
                goods.importer == market.region || goods.importer == tariff.region
            });
        let Some((goods_place, goods)) = goods else {
            let message = format!("no goods code for {}, where it is sold", market.region);
            self.fault(format!("model_lines[{}].goods", demand.model), "GOODS_REQUIRED", message);
            return Vec::new();
        };
        if member.is_none() && tariff.members != RegionSet::EMPTY {
            let message = format!("taxes differ within {}: name the member state", tariff.title);
            let field = format!("markets[{}].region_code", demand.market);
            self.fault(field, "MEMBER_STATE_REQUIRED", message);
            return Vec::new();
        }
        let treatment = treatment_of(option.customs.iter(), market.region, Some(tariff.region));
        let customs_place = option.customs.iter().position(|customs| {
            treatment.is_some_and(|treatment| std::ptr::eq(treatment, customs))
        });
        let paths = Paths {
            goods: format!("model_lines[{}].goods[{goods_place}]", demand.model),
            treatment: match customs_place {
                Some(place) => format!("production_options[{}].customs[{place}]", places.option),
                None => format!("production_options[{}]", places.option),
            },
            carriage: format!("lanes[{}]", places.lane),
        };
        let local = tariff.domestic_origins.contains(origin) || origin == market.region;
        let declare: &Declare<'_> = &|surveyor, day, period| {
            let (dated, at_home) = ((day, period), (origin, local));
            surveyor.vehicle((option, treatment), (goods, lane), at_home, dated, tariff)
        };
        let varies = self.varies(option, treatment);
        let articles = Decimal::from(lane.vehicles_per_entry);
        let by_year = has_years(tariff, goods, treatment);
        let elected =
            treatment.map(|stated| stated.elections.quotas.as_slice()).unwrap_or_default();
        let key = Piece { goods, origin, articles, varies, by_year, elected };
        self.windows(tariff, member, &key, Some(lane), &paths, declare)
    }

    /// The price declared of one vehicle, by period.
    fn prices(&mut self, places: ArcPlaces) -> Vec<Money> {
        let option = &self.problem.options[places.option];
        let market = &self.problem.markets[self.network.demands[places.demand].market];
        let union = self.tariff(market.region).map(|(tariff, _)| tariff.region);
        let treatment = treatment_of(option.customs.iter(), market.region, union);
        let periods = 0..self.problem.periods.len();
        let prices = periods.map(|period| self.declared_price(option, treatment, period));
        prices.collect::<Result<_, _>>().unwrap_or_else(|overflow| {
            let field = format!("production_options[{}].unit_cost", places.option);
            self.fault(field, "OUT_OF_RANGE", overflow.to_string());
            Vec::new()
        })
    }

    fn kits(&mut self, place: usize) -> Vec<Vec<EntryWindows>> {
        let problem = self.problem;
        let option = &problem.options[place];
        let importer = problem.plants[self.network.options[place].plant].region;
        let mut kits = Vec::with_capacity(option.kits.len());
        for (kit_place, kit) in option.kits.iter().enumerate() {
            let at = format!("production_options[{place}].part_kits[{kit_place}]");
            let Some((tariff, member)) = self.tariff(importer) else {
                let field = format!("{at}.goods_code");
                let value = kit.value;
                kits.push(self.unheld(importer, kit.origin, None, field, |_, _| Some(value)));
                continue;
            };
            if tariff.domestic_origins.contains(kit.origin) || kit.origin == importer {
                // No import: nothing is charged on parts made at home.
                let value = kit.value;
                kits.push(self.free(None, |_, _| Some(value)));
                continue;
            }
            let paths = Paths { goods: at.clone(), treatment: at.clone(), carriage: at };
            let declare: &Declare<'_> =
                &|surveyor, day, period| Ok(surveyor.kit(kit, (day, period), tariff));
            let goods = ModelGoods { importer, code: kit.code, facts: kit.facts.clone() };
            let foreign = kit.value.currency() != tariff.currency;
            let key = Piece {
                goods: &goods,
                origin: kit.origin,
                articles: Decimal::from(kit.kits_per_entry),
                varies: foreign && self.rates_vary(),
                by_year: has_years(tariff, &goods, None),
                elected: &kit.elections.quotas,
            };
            kits.push(self.windows(tariff, member, &key, None, &paths, declare));
        }
        kits
    }
}

/// The treatment for an importer: its own, or that of its union.
fn treatment_of<'t>(
    mut customs: impl Iterator<Item = &'t CustomsTreatment> + Clone,
    importer: Region,
    union: Option<Region>,
) -> Option<&'t CustomsTreatment> {
    let own = customs.clone().find(|stated| stated.importer == importer);
    own.or_else(|| customs.find(|stated| Some(stated.importer) == union))
}

/// Whether a year is among the facts: its distance from the entry grows.
fn has_years(tariff: &Tariff, goods: &ModelGoods, treatment: Option<&CustomsTreatment>) -> bool {
    let facts = treatment.map(|stated| stated.facts.as_slice()).unwrap_or_default();
    goods.facts.iter().chain(facts).any(|fact| {
        let is_year = |held: &&FactDefinition| held.id == fact.id && held.kind == FactKind::Year;
        tariff.facts.iter().any(|held| is_year(&held))
    })
}
