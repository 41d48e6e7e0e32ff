//! Prices decisions the plain way, to have plans to be right or wrong about.

use crate::customs::SimpleLaw;
use crate::problem::number;
use portolan::money::{Money, Rounding};
use portolan::sourcing::check::{Customs, EntryQuote, EntryWindow, KitSupply, Shipment, TrancheId};
use portolan::sourcing::*;
use portolan::tariff::Region;
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

type LineKey = (CostKind, Option<(Region, String)>);

type Lines = BTreeMap<LineKey, (Decimal, Decimal)>;

pub struct Pricing<'a> {
    problem: &'a SourcingProblem,
    law: SimpleLaw<'a>,
    lines: Lines,
}

/// 1, 1 / (1 + 0.06 x 181 / 365), 1 / 1.06.
const FACTORS: [&str; 3] = ["1", "0.971106262970", "0.943396226415"];

pub fn priced(problem: &SourcingProblem, decisions: Decisions) -> Plan {
    Pricing { problem, law: SimpleLaw { problem }, lines: Lines::new() }.plan(decisions)
}

impl<'a> Pricing<'a> {
    fn place(&self, period: &str) -> usize {
        self.problem.periods.iter().position(|it| it.id == period).unwrap()
    }

    fn rate(&self, money: Money, place: usize) -> Decimal {
        match self.problem.planning_rates.iter().find(|it| it.currency == money.currency()) {
            Some(planned) => in_period(&planned.rates, place).unwrap(),
            None => Decimal::ONE,
        }
    }

    fn usd(&self, amount: Decimal) -> Money {
        Money::new(amount, self.problem.reporting_currency).rounded(Rounding::HALF_UP)
    }

    fn converted(&self, each: Money, number: Decimal, place: usize) -> Money {
        self.usd(each.amount() * number * self.rate(each, place))
    }

    fn put(&mut self, kind: CostKind, layer: Option<(Region, String)>, place: usize, cost: Money) {
        let line = self.lines.entry((kind, layer)).or_default();
        line.0 += cost.amount();
        line.1 += cost.amount() * number(FACTORS[place]);
    }

    fn pay(
        &mut self,
        kind: CostKind,
        place: usize,
        each: Option<Money>,
        number: Decimal,
    ) -> Decimal {
        let Some(each) = each else { return Decimal::ZERO };
        let cost = self.converted(each, number, place);
        self.put(kind, None, place, cost);
        cost.amount()
    }

    fn plant(&self, id: &str) -> &'a Plant {
        self.problem.plants.iter().find(|it| it.id == id).unwrap()
    }

    fn market(&self, id: &str) -> &'a Market {
        self.problem.markets.iter().find(|it| it.id == id).unwrap()
    }

    fn option(&self, model: &str, plant: &str) -> Option<&'a ProductionOption> {
        self.problem.options.iter().find(|it| it.model == model && it.plant == plant)
    }

    fn spread(&self, units: Decimal, windows: &[EntryWindow]) -> Vec<Decimal> {
        if self.problem.units == Units::Continuous || windows.is_empty() {
            return windows.iter().map(|window| units * window.share).collect();
        }
        let exact: Vec<Decimal> =
            windows.iter().map(|window| (units * window.share).round_dp(12)).collect();
        let mut spread: Vec<Decimal> = exact.iter().map(Decimal::floor).collect();
        while spread.iter().sum::<Decimal>() < units {
            let behind = |place: &usize| exact[*place] - spread[*place];
            let most = (0..spread.len()).map(|place| behind(&place)).max().unwrap();
            let place = (0..spread.len()).find(|place| behind(place) == most).unwrap();
            spread[place] += Decimal::ONE;
        }
        spread
    }

    fn groups(
        &self,
        place: usize,
        windows: &[EntryWindow],
        units: &[(Decimal, Decimal)],
        per_entry: u32,
        quoted: impl Fn(&EntryWindow, Decimal, bool) -> EntryQuote,
    ) -> Vec<EntryGroup> {
        let full = Decimal::from(per_entry);
        let mut groups = Vec::new();
        for (window, (units, in_quota)) in windows.iter().zip(units) {
            for (within, units) in [(true, *in_quota), (false, units - in_quota)] {
                let mut sizes = vec![((units / full).floor(), full), (Decimal::ONE, units % full)];
                if self.problem.units == Units::Continuous {
                    sizes = vec![(units / full, full)];
                }
                for (entries, articles) in sizes {
                    if entries <= Decimal::ZERO || articles <= Decimal::ZERO {
                        continue;
                    }
                    let quote = quoted(window, articles, within);
                    let layers = quote.layers.into_iter().map(|layer| EntryLayer {
                        kind: layer.kind,
                        programme: layer.programme,
                        heading: layer.heading,
                        each: layer.amount,
                        amount: self.converted(layer.amount, entries, place),
                    });
                    let open = window.tranche.as_ref().map(|tranche| tranche.quota.clone());
                    groups.push(EntryGroup {
                        from: window.from,
                        to: window.to,
                        quota: open.filter(|_| within),
                        entries,
                        articles,
                        charges: quote.charges,
                        recovered: quote.recovered,
                        customs_value: quote.customs_value,
                        layers: layers.collect(),
                        determined: quote.determined,
                    });
                }
            }
        }
        groups
    }

    fn charges(groups: &[EntryGroup]) -> impl Iterator<Item = &EntryLayer> {
        groups.iter().flat_map(|group| &group.layers)
    }

    fn allocation(&mut self, flow: usize, of: &FlowDecision) -> Option<Allocation> {
        let place = self.place(&of.period);
        let (model, plant, market) = (&of.model, &of.plant, &of.market);
        let shipment = Shipment { model, plant, market, period: &of.period };
        let option = self.option(model, plant)?;
        let lane = self.law.lane(shipment)?.clone();
        let (origin, importer) = (self.plant(plant).region, self.market(market).region);
        let windows = if self.law.at_home(origin, importer) {
            Vec::new()
        } else {
            self.law.entry_windows(shipment)
        };
        let within = |window: &EntryWindow| {
            of.in_quota
                .iter()
                .find(|(day, _)| *day == window.from && window.tranche.is_some())
                .map_or(Decimal::ZERO, |it| it.1)
        };
        let units: Vec<_> = self
            .spread(of.units, &windows)
            .into_iter()
            .zip(&windows)
            .map(|(units, window)| (units, within(window)))
            .collect();
        let entries = self.groups(
            place,
            &windows,
            &units,
            lane.vehicles_per_entry,
            |it, articles, within| self.law.quote(shipment, it.from, articles, within).unwrap(),
        );
        let mut charges = Decimal::ZERO;
        for layer in Self::charges(&entries) {
            charges += layer.amount.amount();
            let under = (self.law.importer(importer), layer.programme.clone());
            self.put(layer.kind, Some(under), place, layer.amount);
        }
        let mut cost = charges;
        let costs = match &option.unit_cost {
            UnitCost::Whole(series) => vec![(CostKind::Production, in_period(series, place))],
            UnitCost::Parts { labour, parts, other } => vec![
                (CostKind::Labour, *labour),
                (CostKind::Parts, *parts),
                (CostKind::OtherProduction, *other),
            ],
        };
        let transport = [
            (CostKind::Freight, lane.freight),
            (CostKind::Insurance, lane.insurance),
            (CostKind::InlandFreight, lane.inland_freight),
            (CostKind::Holding, lane.holding_cost),
        ];
        for (kind, each) in costs.into_iter().chain(transport) {
            cost += self.pay(kind, place, each, of.units);
        }
        let in_quota = of.in_quota.iter().map(|(_, units)| units).sum();
        Some(Allocation {
            flow,
            in_quota,
            cost: self.usd(cost),
            charges: self.usd(charges),
            entries,
        })
    }

    fn kit_duties(&mut self, built: &[(usize, String, String, Decimal)]) -> Vec<KitDuty> {
        let mut duties = Vec::new();
        for (place, plant, model, kits) in built {
            let region = self.plant(plant).region;
            let option = self.option(model, plant).unwrap();
            for kit in option.kits.iter().filter(|kit| kit.origin != region) {
                let period = &self.problem.periods[*place].id;
                let supply = KitSupply { model, plant, kit: &kit.id, period };
                let windows = self.law.kit_windows(supply);
                let units = self.spread(*kits, &windows);
                let units: Vec<_> = units.into_iter().map(|it| (it, Decimal::ZERO)).collect();
                let entries =
                    self.groups(*place, &windows, &units, kit.kits_per_entry, |it, articles, _| {
                        self.law.quote_kit(supply, it.from, articles).unwrap()
                    });
                let mut charges = Decimal::ZERO;
                for layer in Self::charges(&entries) {
                    charges += layer.amount.amount();
                    let under = (region, layer.programme.clone());
                    self.put(CostKind::KitCharge, Some(under), *place, layer.amount);
                }
                duties.push(KitDuty {
                    model: model.clone(),
                    plant: plant.clone(),
                    kit: kit.id.clone(),
                    period: period.clone(),
                    kits: *kits,
                    charges: self.usd(charges),
                    entries,
                });
            }
        }
        duties
    }

    fn plan(mut self, decisions: Decisions) -> Plan {
        let flows: Vec<FlowDecision> = decisions.flows.clone();
        let allocations: Vec<Allocation> = flows
            .iter()
            .enumerate()
            .filter_map(|(place, flow)| self.allocation(place, flow))
            .collect();
        let mut built: BTreeMap<(usize, String, String), Decimal> = BTreeMap::new();
        for flow in &flows {
            let key = (self.place(&flow.period), flow.plant.clone(), flow.model.clone());
            *built.entry(key).or_default() += flow.units;
        }
        let built: Vec<_> = built
            .into_iter()
            .map(|((place, plant, model), it)| (place, plant, model, it))
            .collect();
        let kit_duties = self.kit_duties(
            &built
                .iter()
                .filter(|(_, plant, model, _)| self.option(model, plant).is_some())
                .cloned()
                .collect::<Vec<_>>(),
        );
        let capacities = self.plants(&decisions, &built);
        self.launches(&decisions, &flows);
        let (unserved, sales) = self.demands(&flows);
        let shortfalls = self.shortfalls(&built);
        let tranches = self.tranches(&flows);
        let credits = self.credits(&decisions, &built, &kit_duties);
        let countries = self.countries(&built, &flows);
        let trade_flows = self.trade(&flows, &allocations);
        let cost = self.cost(sales);
        Plan {
            decisions,
            cost,
            allocations,
            kit_duties,
            credits,
            unserved,
            shortfalls,
            tranches,
            capacities,
            countries,
            trade_flows,
            assumptions: Vec::new(),
            binding_limits: Vec::new(),
            earned_reliefs: Vec::new(),
        }
    }

    fn plants(
        &mut self,
        decisions: &Decisions,
        built: &[(usize, String, String, Decimal)],
    ) -> Vec<CapacityUse> {
        let mut capacities = Vec::new();
        for plant in &self.problem.plants {
            let decided = decisions.plants.iter().find(|it| it.plant == plant.id);
            let mut was_open = plant.initially_open;
            let mut age = usize::MAX;
            for (place, period) in self.problem.periods.iter().enumerate() {
                let open = decided.is_some_and(|it| it.open_periods.contains(&period.id));
                age = age.saturating_add(1);
                if open && !was_open {
                    self.pay(CostKind::Opening, place, plant.opening_cost, Decimal::ONE);
                    age = 0;
                }
                if was_open && !open {
                    self.pay(CostKind::Closing, place, plant.closing_cost, Decimal::ONE);
                }
                was_open = open;
                let mut capacity = Decimal::ZERO;
                if open {
                    self.pay(CostKind::Fixed, place, plant.fixed_cost, Decimal::ONE);
                    let share = plant.ramp.get(age).copied().unwrap_or(Decimal::ONE);
                    capacity = in_period(&plant.capacity, place).unwrap() * share;
                    for step in decisions.expansions.iter().filter(|it| it.plant == plant.id) {
                        let step_of = plant.expansions.iter().find(|it| it.id == step.expansion);
                        let step_of = step_of.unwrap();
                        if self.place(&step.period) + step_of.lead_periods <= place {
                            capacity += step_of.capacity;
                        }
                    }
                }
                let here = built.iter().filter(|(at, id, ..)| *at == place && *id == plant.id);
                let weight = |model: &str| {
                    self.problem.models.iter().find(|it| it.id == model).unwrap().capacity_use
                };
                let used = here.map(|(_, _, model, units)| weight(model) * units).sum();
                let (plant, period) = (plant.id.clone(), period.id.clone());
                capacities.push(CapacityUse { plant, period, capacity, used });
            }
        }
        for step in &decisions.expansions {
            let step_of = self.plant(&step.plant).expansions.iter();
            let cost = step_of.clone().find(|it| it.id == step.expansion).unwrap().cost;
            self.pay(CostKind::Expansion, self.place(&step.period), cost, Decimal::ONE);
        }
        capacities
    }

    fn launches(&mut self, decisions: &Decisions, flows: &[FlowDecision]) {
        for launch in &decisions.launches {
            let cost = self.option(&launch.model, &launch.plant).unwrap().launch_cost;
            self.pay(CostKind::Launch, self.place(&launch.period), cost, Decimal::ONE);
        }
        let first = flows.iter().filter(|it| it.plant == "jp" && it.market == "usa");
        if let Some(first) = first.map(|it| self.place(&it.period)).min() {
            let cost = self.market("usa").homologations[0].cost;
            self.pay(CostKind::Homologation, first, Some(cost), Decimal::ONE);
        }
    }

    fn demands(&mut self, flows: &[FlowDecision]) -> (Vec<Unserved>, (Decimal, Decimal)) {
        let (mut unserved, mut sales) = (Vec::new(), (Decimal::ZERO, Decimal::ZERO));
        for demand in &self.problem.demands {
            for (place, period) in self.problem.periods.iter().enumerate() {
                let of = flows.iter().filter(|it| {
                    (&it.model, &it.market, &it.period)
                        == (&demand.model, &demand.market, &period.id)
                });
                let served: Decimal = of.map(|it| it.units).sum();
                let lack = in_period(&demand.volume, place).unwrap() - served;
                if self.problem.objective == Objective::Profit {
                    let price = in_period(&demand.net_price, place).unwrap();
                    let sold = self.converted(price, served, place).amount();
                    sales.0 += sold;
                    sales.1 += sold * number(FACTORS[place]);
                }
                if lack > Decimal::ZERO {
                    self.pay(CostKind::LostMargin, place, demand.lost_margin, lack);
                    unserved.push(Unserved {
                        model: demand.model.clone(),
                        market: demand.market.clone(),
                        period: period.id.clone(),
                        units: lack,
                        reasons: Vec::new(),
                    });
                }
            }
        }
        (unserved, sales)
    }

    /// Of the one floor with a price: vehicles built in the United States.
    fn shortfalls(&mut self, built: &[(usize, String, String, Decimal)]) -> Vec<FloorShortfall> {
        let mut shortfalls = Vec::new();
        for place in [1, 2] {
            let here = built.iter().filter(|(at, plant, ..)| *at == place && plant == "us");
            let short = number("100.5") - here.map(|it| it.3).sum::<Decimal>();
            if short > Decimal::ZERO {
                let penalty = self.problem.limits.floors[1].penalty;
                let cost = self.pay(CostKind::Shortfall, place, penalty, short);
                shortfalls.push(FloorShortfall {
                    floor: "units".to_owned(),
                    period: self.problem.periods[place].id.clone(),
                    short,
                    cost: self.usd(cost),
                });
            }
        }
        shortfalls
    }

    fn tranches(&self, flows: &[FlowDecision]) -> Vec<TrancheUse> {
        let mut drawn: BTreeMap<TrancheId, Decimal> = BTreeMap::new();
        for flow in flows.iter().filter(|it| !it.in_quota.is_empty()) {
            let FlowDecision { model, plant, market, period, .. } = flow;
            let windows = self.law.entry_windows(Shipment { model, plant, market, period });
            for (day, units) in &flow.in_quota {
                let window = windows.iter().find(|it| it.from == *day);
                if let Some(tranche) = window.and_then(|it| it.tranche.clone()) {
                    *drawn.entry(tranche).or_default() += *units;
                }
            }
        }
        let outlook = &self.problem.policy.quotas[0];
        let others = |id: &TrancheId| -> Decimal {
            let rows = outlook.used.iter().chain(&outlook.rivals_use);
            rows.filter(|it| it.0 == id.start).map(|it| it.1).sum()
        };
        let none = Decimal::ZERO;
        let row = |(id, units): (&TrancheId, &Decimal)| {
            let opened = self.law.tranche(id).unwrap();
            let carried_over = opened.carried_from.iter().map(|start| {
                let source = TrancheId { start: *start, ..id.clone() };
                let used = others(&source) + drawn.get(&source).copied().unwrap_or(none);
                (self.law.tranche(&source).unwrap().volume - used).max(none)
            });
            let carried_over: Decimal = carried_over.sum();
            TrancheUse {
                importer: id.importer,
                quota: id.quota.clone(),
                from: id.start,
                volume: opened.volume,
                carried_over,
                used_by_others: others(id),
                drawn: *units,
                left: (opened.volume + carried_over - others(id) - units).max(none),
            }
        };
        drawn.iter().map(row).collect()
    }

    fn credits(
        &mut self,
        decisions: &Decisions,
        built: &[(usize, String, String, Decimal)],
        kits: &[KitDuty],
    ) -> Vec<CreditAccount> {
        let usd = |amount| Money::new(amount, self.problem.reporting_currency);
        let mut accounts = Vec::new();
        for outlook in &self.problem.policy.credits {
            let mut there = outlook.brought_forward.unwrap().amount();
            for (place, period) in self.problem.periods.iter().enumerate() {
                let rate = self.law.credit_rate(outlook.importer, &outlook.credit, period.start);
                let earned: Decimal = outlook
                    .earnings
                    .iter()
                    .map(|row| {
                        let of = built.iter().find(|(at, plant, model, _)| {
                            (*at, plant, model) == (place, &row.plant, &row.model)
                        });
                        let units = of.map_or(Decimal::ZERO, |it| it.3);
                        (row.base.amount() * units * rate)
                            .round_dp_with_strategy(2, RoundingStrategy::ToZero)
                    })
                    .sum();
                let groups =
                    kits.iter().filter(|it| it.period == period.id).flat_map(|it| &it.entries);
                let owed = groups.map(|group| {
                    let parts = group.layers.iter().filter(|it| it.programme == "auto-parts");
                    parts.map(|it| it.each.amount()).sum::<Decimal>() * group.entries
                });
                let liability = owed
                    .sum::<Decimal>()
                    .round_dp(12)
                    .round_dp_with_strategy(2, RoundingStrategy::ToZero);
                let of = decisions
                    .credits
                    .iter()
                    .find(|it| it.credit == outlook.credit && it.period == period.id);
                let spent = of.map_or(Decimal::ZERO, |it| it.spent.amount());
                let carried = there + earned - spent;
                accounts.push(CreditAccount {
                    importer: outlook.importer,
                    credit: outlook.credit.clone(),
                    period: period.id.clone(),
                    brought_forward: usd(there),
                    earned: usd(earned),
                    liability: usd(liability),
                    spent: usd(spent),
                    carried_forward: usd(carried),
                });
                there = carried;
            }
        }
        for spent in &decisions.credits {
            let less = Money::zero(spent.spent.currency()).minus(spent.spent).unwrap();
            self.pay(CostKind::Credit, self.place(&spent.period), Some(less), Decimal::ONE);
        }
        accounts
    }

    fn countries(
        &self,
        built: &[(usize, String, String, Decimal)],
        flows: &[FlowDecision],
    ) -> Vec<CountryTotal> {
        let mut totals: BTreeMap<(usize, Region), [Decimal; 3]> = BTreeMap::new();
        for (place, plant, model, units) in built {
            let total = totals.entry((*place, self.plant(plant).region)).or_default();
            total[0] += units;
            let hours = self.option(model, plant).and_then(|it| it.labour_hours);
            total[2] += hours.unwrap_or_default() * units;
        }
        for flow in flows {
            let key = (self.place(&flow.period), self.market(&flow.market).region);
            totals.entry(key).or_default()[1] += flow.units;
        }
        let row = |((place, region), [built, sold, hours]): ((usize, Region), [Decimal; 3])| {
            let period = &self.problem.periods[place];
            let days = Decimal::from(period.start.until(period.end).unwrap().get_days());
            let jobs = hours * number("365") / (number("1800") * days);
            CountryTotal {
                region,
                period: period.id.clone(),
                built,
                sold,
                labour_hours: hours,
                jobs: jobs.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero),
            }
        };
        totals.into_iter().map(row).collect()
    }

    fn trade(&self, flows: &[FlowDecision], allocations: &[Allocation]) -> Vec<TradeFlow> {
        let mut totals: BTreeMap<(usize, Region, Region), [Decimal; 2]> = BTreeMap::new();
        for allocation in allocations {
            let flow = &flows[allocation.flow];
            let place = self.place(&flow.period);
            let (origin, importer) =
                (self.plant(&flow.plant).region, self.market(&flow.market).region);
            let total = totals.entry((place, origin, importer)).or_default();
            total[0] += flow.units;
            for group in &allocation.entries {
                total[1] += self.converted(group.customs_value, group.entries, place).amount();
            }
            if allocation.entries.is_empty() {
                let option = self.option(&flow.model, &flow.plant).unwrap();
                let price = match &option.unit_cost {
                    UnitCost::Whole(series) => {
                        let cost = in_period(series, place).unwrap();
                        cost.amount() * self.rate(cost, place)
                    }
                    UnitCost::Parts { labour, parts, other } => [labour, parts, other]
                        .into_iter()
                        .flatten()
                        .map(|cost| cost.amount() * self.rate(*cost, place))
                        .sum(),
                };
                total[1] += self.usd(price * flow.units).amount();
            }
        }
        let row = |((place, origin, importer), [units, value]): (_, [Decimal; 2])| TradeFlow {
            origin,
            importer,
            period: {
                let place: usize = place;
                self.problem.periods[place].id.clone()
            },
            units,
            value: self.usd(value),
        };
        totals.into_iter().map(row).collect()
    }

    fn cost(&self, sales: (Decimal, Decimal)) -> PlanCost {
        let line = |(key, sums): (&LineKey, &(Decimal, Decimal))| CostLine {
            kind: key.0,
            layer: key.1.clone(),
            amount: self.usd(sums.0),
            discounted: sums.1,
        };
        let lines: Vec<CostLine> = self.lines.iter().map(line).collect();
        let discounted_total: Decimal = lines.iter().map(|line| line.discounted).sum();
        let profit = self.problem.objective == Objective::Profit;
        PlanCost {
            total: self.usd(lines.iter().map(|line| line.amount.amount()).sum()),
            discounted_total,
            net_sales: profit.then(|| self.usd(sales.0)),
            discounted_profit: profit.then(|| sales.1 - discounted_total),
            lines,
            cells: Vec::new(),
            solver_cost: None,
            avoidable: Decimal::ZERO,
        }
    }
}
