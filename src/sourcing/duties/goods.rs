//! Every arc and kit held against the law of its importer.

use super::declared::{OPTION_FACTS, OPTION_SHARES};
use super::law_calendar::LawCalendar;
use super::{
    Charges, CreditLaw, Duties, EntryWindow, EntryWindows, Tranche, TranchePlaces, choice,
};
use crate::money::Money;
use crate::sourcing::calendar::{days_later, entry_stretches};
use crate::sourcing::network::{ArcPlaces, Network};
use crate::sourcing::problem::{CustomsTreatment, Lane, ModelGoods, SourcingProblem, UnitCost};
use crate::tariff::{
    Declaration, DutyFunction, EntryFault, FactKind, NoQuote, ReadingChoice, Region, ResolvedEntry,
    Schedule, Tariff, Unit,
};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

/// A problem held against the law, piece by piece.
pub(super) struct Surveyor<'a> {
    pub(super) problem: &'a SourcingProblem,
    pub(super) known_at: Date,
    network: &'a Network,
    schedule: &'a Schedule,
    horizon: (Date, Date),
    calendars: BTreeMap<Region, LawCalendar<'a>>,
    book: Duties,
    tranches: TranchePlaces,
    faults: Vec<EntryFault>,
    told: BTreeSet<(String, String)>,
}

/// Where the faults of a declaration belong.
struct Paths {
    goods: String,
    treatment: String,
    carriage: String,
}

/// How one piece of goods is declared on a day of a period.
type Declare<'d> =
    dyn Fn(&Surveyor<'_>, Date, usize) -> Result<Declaration, crate::money::Overflow> + 'd;

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

    fn fault(&mut self, field: String, reason: &'static str, message: String) {
        let field = format!("problem.{field}");
        if self.told.insert((field.clone(), message.clone())) {
            self.faults.push(EntryFault { field, reason, message });
        }
    }

    fn assume(&mut self, sentence: String) {
        self.book.assumptions.insert(sentence);
    }

    /// What the policy names is held, and only what is not held is stated.
    fn policy(&mut self) {
        let policy = &self.problem.policy;
        for (place, stated) in policy.overrides.iter().enumerate() {
            let at = |field: &str| format!("trade_policy.measure_overrides[{place}].{field}");
            let Some(tariff) = self.schedule.tariffs.get(&stated.importer) else {
                let message = format!("the schedule does not hold the law of {}", stated.importer);
                self.fault(at("importer_region_code"), "IMPORTER_NOT_HELD", message);
                continue;
            };
            if !tariff.measures.iter().any(|measure| measure.id == stated.measure) {
                let message = format!("the schedule defines no measure `{}`", stated.measure);
                self.fault(at("measure_id"), "MEASURE_UNKNOWN", message);
            }
        }
        for (place, stated) in policy.stated_duties.iter().enumerate() {
            if self.schedule.tariff_of(stated.importer).is_some() {
                let message = format!("the law of {} is held", stated.importer);
                let field = format!("trade_policy.stated_duties[{place}].importer_region_code");
                self.fault(field, "NOT_ALLOWED", message);
            }
        }
        for (place, outlook) in policy.quotas.iter().enumerate() {
            let at = |field: &str| format!("trade_policy.quotas[{place}].{field}");
            let tariff = self.schedule.tariff_of(outlook.importer);
            let quota = tariff
                .and_then(|tariff| tariff.quotas.iter().find(|quota| quota.id == outlook.quota));
            let Some(quota) = quota else {
                let message = format!("the schedule defines no quota `{}`", outlook.quota);
                self.fault(at("quota_id"), "QUOTA_UNKNOWN", message);
                continue;
            };
            for (list, uses) in [("used", &outlook.used), ("rivals_use", &outlook.rivals_use)] {
                for (position, (from, _)) in uses.iter().enumerate() {
                    if quota.period_beginning(*from).is_none() {
                        let message = format!("no tranche of `{}` begins on {from}", quota.id);
                        let field = at(&format!("{list}[{position}].period_start"));
                        self.fault(field, "PERIOD_UNKNOWN", message);
                    }
                }
            }
        }
        for place in 0..policy.credits.len() {
            let credit = self.credit(place);
            self.book.credits.extend(credit);
        }
    }

    fn credit(&mut self, place: usize) -> Option<CreditLaw> {
        let outlook = &self.problem.policy.credits[place];
        let at = |field: &str| format!("trade_policy.credits[{place}].{field}");
        let tariff = self.schedule.tariff_of(outlook.importer);
        let found = tariff.and_then(|tariff| {
            let index = tariff.credits.iter().position(|credit| credit.id == outlook.credit)?;
            Some((tariff, index))
        });
        let Some((tariff, index)) = found else {
            let message = format!("the schedule defines no credit `{}`", outlook.credit);
            self.fault(at("credit_id"), "CREDIT_UNKNOWN", message);
            return None;
        };
        let foreign = |money: Option<Money>| money.filter(|m| m.currency() != tariff.currency);
        if let Some(money) = foreign(outlook.brought_forward) {
            let message = format!("{money} must be in {}", tariff.currency);
            self.fault(at("brought_forward"), "WRONG_CURRENCY", message);
        }
        let mut earned = Vec::with_capacity(outlook.earnings.len());
        for (position, earning) in outlook.earnings.iter().enumerate() {
            if let Some(money) = foreign(Some(earning.base)) {
                let message = format!("{money} must be in {}", tariff.currency);
                self.fault(at(&format!("earnings[{position}].base")), "WRONG_CURRENCY", message);
            }
            let periods = self.problem.periods.iter().map(|period| {
                let rate = tariff.credits[index].rate(period.start, self.known_at);
                rate.and_then(|rate| earning.base.amount().checked_mul(rate.rate.fraction()))
                    .unwrap_or_default()
            });
            earned.push(periods.collect());
        }
        let against = tariff.credits[index].against.iter().map(|measure| {
            let measure = &tariff.measures[measure];
            (tariff.programme_of(measure).id.clone(), measure.heading.clone())
        });
        Some(CreditLaw { earned, currency: tariff.currency, against: against.collect() })
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
        if member.is_none() && tariff.members != crate::tariff::RegionSet::EMPTY {
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

    /// Windows of goods whose importer's law is not held: charged by the
    /// caller's word, and at home not at all.
    fn unheld(
        &mut self,
        importer: Region,
        origin: Region,
        lane: Option<&Lane>,
        field: String,
        price: impl Fn(&Self, usize) -> Option<Money>,
    ) -> Vec<EntryWindows> {
        if importer == origin {
            return self.free(lane, price);
        }
        let stated = self.problem.policy.stated_duties.iter();
        let mut stated = stated.filter(|duty| duty.importer == importer);
        let own = stated.clone().find(|duty| duty.origin == Some(origin));
        let Some(duty) = own.or_else(|| stated.find(|duty| duty.origin.is_none())) else {
            let held: Vec<String> = self.schedule.tariffs.keys().map(ToString::to_string).collect();
            let message = format!(
                "the schedule holds the law of {}; state the duty of {importer} in \
                 trade_policy.stated_duties",
                held.join(", ")
            );
            self.fault(field, "IMPORTER_NOT_HELD", message);
            return Vec::new();
        };
        let rate = duty.rate;
        self.assume(format!(
            "Duty of {importer} on goods of {origin} is the caller's: {} of the declared price.",
            rate.normalize()
        ));
        self.stated(lane, rate, price)
    }

    fn free(
        &mut self,
        lane: Option<&Lane>,
        price: impl Fn(&Self, usize) -> Option<Money>,
    ) -> Vec<EntryWindows> {
        self.stated(lane, Decimal::ZERO, price)
    }

    fn stated(
        &mut self,
        lane: Option<&Lane>,
        rate: Decimal,
        price: impl Fn(&Self, usize) -> Option<Money>,
    ) -> Vec<EntryWindows> {
        let mut windows = Vec::with_capacity(self.problem.periods.len());
        for (place, period) in self.problem.periods.iter().enumerate() {
            let none = Money::zero(self.problem.reporting_currency);
            let price = price(self, place).unwrap_or(none);
            let known = self.book.functions.last();
            if !matches!(known, Some(Charges::Stated { price: p, rate: r }) if *p == price && *r == rate)
            {
                self.book.functions.push(Charges::Stated { price, rate });
            }
            let function = self.book.functions.len() - 1;
            let (stretches, of) = entry_stretches(period, lane, &[]);
            let windows_of = stretches.iter().map(|stretch| EntryWindow {
                from: stretch.from,
                to: stretch.to,
                weight: stretch.weight,
                function,
                tranche: None,
            });
            windows.push(EntryWindows { windows: windows_of.collect(), of });
        }
        windows
    }

    fn rates_vary(&self) -> bool {
        self.problem.planning_rates.iter().any(|rate| rate.rates.len() > 1)
    }

    /// Whether the price declared, or what it is converted at, changes by
    /// period.
    fn varies(
        &self,
        option: &crate::sourcing::ProductionOption,
        treatment: Option<&CustomsTreatment>,
    ) -> bool {
        use crate::sourcing::problem::CustomsValueRule::TransactionValue;
        let own_price = treatment.is_some_and(|t| matches!(t.value_rule, TransactionValue(_)));
        let series = matches!(&option.unit_cost, UnitCost::Whole(series) if series.len() > 1);
        self.rates_vary() || (series && !own_price)
    }

    fn windows(
        &mut self,
        tariff: &'a Arc<Tariff>,
        member: Option<Region>,
        piece: &Piece<'_>,
        lane: Option<&Lane>,
        paths: &Paths,
        declare: &Declare<'_>,
    ) -> Vec<EntryWindows> {
        let (problem, known_at, horizon) = (self.problem, self.known_at, self.horizon);
        let calendar = self
            .calendars
            .entry(tariff.region)
            .or_insert_with(|| LawCalendar::new(tariff, known_at, problem, horizon));
        let mut cuts = calendar.cuts(piece.goods.code, piece.origin, piece.by_year).to_vec();
        for quota in tariff.quotas.iter().filter(|quota| piece.elected.contains(&quota.id)) {
            cuts.extend(quota.periods.iter().flat_map(|period| [period.from, period.to]));
        }
        cuts.sort_unstable();
        cuts.dedup();
        let mut known: HashMap<(usize, usize), Option<(usize, Option<usize>)>> = HashMap::new();
        let mut all = Vec::with_capacity(problem.periods.len());
        for (place, period) in problem.periods.iter().enumerate() {
            let (stretches, of) = entry_stretches(period, lane, &cuts);
            let mut windows: Vec<EntryWindow> = Vec::with_capacity(stretches.len());
            for stretch in stretches {
                let segment = cuts.partition_point(|cut| *cut <= stretch.from);
                let key = (segment, if piece.varies { place } else { 0 });
                let day = (stretch.from, place);
                let found = match known.get(&key) {
                    Some(found) => *found,
                    None => {
                        let found = self.function(tariff, member, piece, day, paths, declare);
                        known.insert(key, found);
                        found
                    }
                };
                let Some((function, tranche)) = found else { return Vec::new() };
                match windows.last_mut() {
                    Some(last)
                        if last.tranche == tranche
                            && self.alike(last.function, function, piece) =>
                    {
                        last.to = stretch.to;
                        last.weight += stretch.weight;
                    }
                    _ => windows.push(EntryWindow {
                        from: stretch.from,
                        to: stretch.to,
                        weight: stretch.weight,
                        function,
                        tranche,
                    }),
                }
            }
            all.push(EntryWindows { windows, of });
        }
        all
    }

    /// Whether two functions charge a full entry and a single article alike.
    fn alike(&self, first: usize, second: usize, piece: &Piece<'_>) -> bool {
        if first == second {
            return true;
        }
        let window = |function| EntryWindow {
            from: Date::MIN,
            to: Date::MAX,
            weight: Decimal::ZERO,
            function,
            tranche: None,
        };
        [piece.articles, Decimal::ONE].into_iter().all(|articles| {
            [false, true].into_iter().filter(|within| !within || !piece.elected.is_empty()).all(
                |within| {
                    let quote =
                        |function| self.book.quote(&window(function), articles, within).ok();
                    quote(first) == quote(second)
                },
            )
        })
    }

    /// The duty function of goods on a day, and the tranche they may draw on.
    fn function(
        &mut self,
        tariff: &'a Arc<Tariff>,
        member: Option<Region>,
        piece: &Piece<'_>,
        (day, period): (Date, usize),
        paths: &Paths,
        declare: &Declare<'_>,
    ) -> Option<(usize, Option<usize>)> {
        let declaration = match declare(self, day, period) {
            Ok(declaration) => declaration,
            Err(overflow) => {
                self.fault(paths.treatment.clone(), "OUT_OF_RANGE", overflow.to_string());
                return None;
            }
        };
        if declaration.lines.iter().any(|line| !line.elections.credits.is_empty()) {
            let message = "credits are stated in trade_policy.credits".to_owned();
            self.fault(format!("{}.elections.credit_ids", paths.treatment), "NOT_ALLOWED", message);
            return None;
        }
        let entry = match ResolvedEntry::of(tariff, &declaration, member, self.known_at) {
            Ok(entry) => entry,
            Err(faults) => {
                for fault in faults {
                    let field = placed(&fault.field, paths);
                    self.fault(field, fault.reason, fault.message);
                }
                return None;
            }
        };
        for rate in &entry.rates_used {
            if !self.problem.policy.customs_rates.contains(rate) {
                self.assume(format!(
                    "Values declared in {} are converted to {} at planning rates.",
                    rate.from, rate.to
                ));
            }
        }
        let law = self.calendars.get_mut(&tariff.region)?.on(day);
        let function = match DutyFunction::of(law, entry) {
            Ok(function) => function,
            Err(error) => {
                self.fault(
                    format!("{}.goods_code", paths.goods),
                    "NOT_ASSESSABLE",
                    error.to_string(),
                );
                return None;
            }
        };
        let tranche = self.tranche(&function, tariff, day, paths)?;
        self.book.functions.push(Charges::Law(Box::new(function)));
        let place = self.book.functions.len() - 1;
        let window = EntryWindow {
            from: day,
            to: day,
            weight: Decimal::ZERO,
            function: place,
            tranche: None,
        };
        for within in [false, true].into_iter().filter(|within| !within || tranche.is_some()) {
            match self.book.quote(&window, piece.articles, within) {
                Ok(quote) if !quote.determined => {
                    let way = if self.book.choice == ReadingChoice::Lowest {
                        "lowest"
                    } else {
                        "highest"
                    };
                    self.assume(format!(
                        "Open law on {} of {} into {} is read the {way} way.",
                        piece.goods.code, piece.origin, tariff.region
                    ));
                }
                Ok(_) => {}
                Err(NoQuote::Open(questions)) => {
                    let message = format!(
                        "goods of {} on {day} have no one cost: {}",
                        piece.origin,
                        questions.join(" ")
                    );
                    self.fault(paths.goods.clone(), "LAW_OPEN", message);
                    return None;
                }
                Err(NoQuote::Unassessable(error)) => {
                    let field = format!("{}.goods_code", paths.goods);
                    self.fault(field, "NOT_ASSESSABLE", error.to_string());
                    return None;
                }
            }
        }
        Some((place, tranche))
    }

    /// The tranche that goods draw on, where they draw on a quota; none where
    /// they may not be planned for.
    fn tranche(
        &mut self,
        function: &DutyFunction,
        tariff: &Tariff,
        day: Date,
        paths: &Paths,
    ) -> Option<Option<usize>> {
        let quota = match function.quotas() {
            [] => return Some(None),
            [only] => &tariff.quotas[*only],
            _ => {
                let message = "drawing on several quotas at once is not planned for".to_owned();
                let field = format!("{}.elections.quota_ids", paths.treatment);
                self.fault(field, "SEVERAL_QUOTAS", message);
                return None;
            }
        };
        let field = format!("{}.elections.quota_ids", paths.treatment);
        if quota.unit != Unit::ARTICLES {
            let message = format!("`{}` counts by {}, not by articles", quota.id, quota.unit);
            self.fault(field, "QUOTA_UNIT_NOT_PLANNED", message);
            return None;
        }
        let key = (tariff.region, quota.id.clone());
        if !self.tranches.contains_key(&key) {
            self.open_tranches(tariff, quota, &field)?;
        }
        let places = self.tranches.get(&key)?;
        let open = quota.period(day)?;
        let found = places.iter().find(|place| self.book.tranches[**place].from == open.from);
        Some(found.copied())
    }

    /// Opens the tranches of a quota over the horizon, and those they carry
    /// over from.
    fn open_tranches(
        &mut self,
        tariff: &Tariff,
        quota: &crate::tariff::Quota,
        field: &str,
    ) -> Option<()> {
        let outlook = self.problem.policy.quotas.iter().find(|outlook| {
            outlook.quota == quota.id
                && self
                    .schedule
                    .tariff_of(outlook.importer)
                    .is_some_and(|held| held.region == tariff.region)
        });
        let Some(outlook) = outlook else {
            let message =
                format!("what is left of `{}` must be given in trade_policy.quotas", quota.id);
            self.fault(field.to_owned(), "QUOTA_BALANCE_UNKNOWN", message);
            return None;
        };
        let (start, end) = self.horizon;
        let within = |period: &&crate::tariff::QuotaPeriod| period.from < end && start < period.to;
        let listed = |day: &Date| outlook.used.iter().any(|(from, _)| from == day);
        let mut days: BTreeSet<Date> = BTreeSet::new();
        for period in quota.periods.iter().filter(within) {
            days.insert(period.from);
            for source in &period.carry_from {
                let over = quota.period_beginning(*source).is_none_or(|own| own.to <= start);
                if !over || listed(source) {
                    days.insert(*source);
                } else {
                    self.book.assumptions.insert(format!(
                        "Nothing is carried over from the tranche of `{}` of {source}: what was \
                         used of it is not stated.",
                        quota.id
                    ));
                }
            }
        }
        let first = self.book.tranches.len();
        let places: HashMap<Date, usize> =
            days.iter().enumerate().map(|(place, day)| (*day, first + place)).collect();
        for day in &days {
            let Some(period) = quota.period_beginning(*day) else { continue };
            let sum = |uses: &[(Date, Decimal)]| -> Decimal {
                uses.iter().filter(|(from, _)| from == day).map(|(_, units)| *units).sum()
            };
            let used_by_others = sum(&outlook.used) + sum(&outlook.rivals_use);
            let carried_from: Vec<usize> =
                period.carry_from.iter().filter_map(|source| places.get(source).copied()).collect();
            let chained = period.carry_from.iter().any(|source| {
                quota.period_beginning(*source).is_some_and(|source| !source.carry_from.is_empty())
            });
            if chained {
                let message = format!("`{}` carries over what was carried over", quota.id);
                self.fault(field.to_owned(), "QUOTA_CARRY_CHAIN", message);
                return None;
            }
            self.book.tranches.push(Tranche {
                importer: tariff.region,
                quota: quota.id.clone(),
                from: *day,
                volume: period.volume,
                used_by_others,
                carried_from,
            });
        }
        let key = (tariff.region, quota.id.clone());
        self.tranches.insert(key, (first..self.book.tranches.len()).collect());
        Some(())
    }
}

/// One piece of goods, as far as its windows depend on it.
struct Piece<'p> {
    goods: &'p ModelGoods,
    origin: Region,
    /// On a full entry.
    articles: Decimal,
    /// Whether its price or rates change by period.
    varies: bool,
    /// Whether a year is among its facts.
    by_year: bool,
    /// Quotas elected.
    elected: &'p [String],
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
        let is_year = |held: &&crate::tariff::FactDefinition| {
            held.id == fact.id && held.kind == FactKind::Year
        };
        tariff.facts.iter().any(|held| is_year(&held))
    })
}

/// The field of the problem that a field of a declaration was made of.
fn placed(field: &str, paths: &Paths) -> String {
    let Some(field) = field.strip_prefix("entry.lines[0].") else { return paths.goods.clone() };
    if let Some(rest) = field.strip_prefix("goods.facts[")
        && let Some((place, rest)) = rest.split_once(']')
        && let Ok(place) = place.parse::<usize>()
    {
        return if place >= OPTION_SHARES {
            format!("{}.content_shares[{}]{rest}", paths.treatment, place - OPTION_SHARES)
        } else if place >= OPTION_FACTS {
            format!("{}.facts[{}]{rest}", paths.treatment, place - OPTION_FACTS)
        } else {
            format!("{}.facts[{place}]{rest}", paths.goods)
        };
    }
    match field {
        "goods.goods_code" | "goods.quantities" => format!("{}.goods_code", paths.goods),
        "goods.transaction_value" => paths.treatment.clone(),
        "goods.origin_region_code" => paths.treatment.clone(),
        "goods.freight" | "goods.insurance" | "goods.inland_freight" => {
            format!("{}.{}", paths.carriage, field.trim_start_matches("goods."))
        }
        other => format!("{}.{other}", paths.treatment),
    }
}
