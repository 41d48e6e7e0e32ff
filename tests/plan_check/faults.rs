//! Single faults, each with the reasons it is turned down for.

use crate::problem::{expansion, flow, launch, money, number, region, spent};
use jiff::civil::date;
use portolan::money::Money;
use portolan::sourcing::{CostKind, Decisions, Plan, SourcingProblem};
use rust_decimal::Decimal;

/// Where a fault is put in.
pub enum Fault {
    /// The decisions are changed and priced again: only a limit is passed.
    Decided(fn(&mut Decisions)),
    /// The plan tells something else.
    Told(fn(&mut Plan)),
    /// The same plan is held against another problem.
    Stated(fn(&mut SourcingProblem)),
}

use Fault::{Decided, Stated, Told};

/// What is done, how, and every reason given for it.
pub type Case = (&'static str, Fault, &'static [&'static str]);

fn cent(amount: &mut Money) {
    *amount = amount.plus(Money::new(number("0.01"), amount.currency())).unwrap();
}

fn one_more(units: &mut Decimal) {
    *units += Decimal::ONE;
}

/// Puts the first entries of the first flow to a flow once more.
fn repeat_entry(plan: &mut Plan, flow: usize) {
    let group = plan.allocations[0].entries[0].clone();
    plan.allocations[flow].entries.push(group);
}

fn set(decisions: &mut Decisions, units: &[(usize, &str)]) {
    for (place, units) in units {
        decisions.flows[*place].units = number(units);
    }
}

fn close(decisions: &mut Decisions, plant: &str, period: &str) {
    let decision = decisions.plants.iter_mut().find(|it| it.plant == plant).unwrap();
    decision.open_periods.retain(|it| it != period);
}

fn open(decisions: &mut Decisions, plant: &str, period: &str) {
    let mut decision = decisions.plants[0].clone();
    plant.clone_into(&mut decision.plant);
    decision.open_periods = vec![period.to_owned()];
    decisions.plants.push(decision);
}

pub const DECIDED: &[Case] = &[
    ("one vehicle over capacity", Decided(|it| set(it, &[(1, "46")])), &["CAPACITY_EXCEEDED"]),
    (
        "one vehicle over the capacity of a ramp",
        Decided(|it| set(it, &[(4, "44"), (5, "76")])),
        &["CAPACITY_EXCEEDED"],
    ),
    (
        "one vehicle under the least run",
        Decided(|it| set(it, &[(11, "49")])),
        &["LEAST_RUN_MISSED"],
    ),
    ("one vehicle not served", Decided(|it| set(it, &[(0, "99")])), &["DEMAND_UNSERVED"]),
    ("one vehicle too many", Decided(|it| set(it, &[(6, "51")])), &["DEMAND_EXCEEDED"]),
    (
        "a second source",
        Decided(|it| {
            set(it, &[(12, "39")]);
            it.flows.push(flow("suv", "de", "usa", "p3", "1"));
            it.plants[2].open_periods.push("p3".to_owned());
        }),
        &["FLOOR_MISSED", "SEVERAL_SOURCES"],
    ),
    (
        "a launch removed",
        Decided(|it| drop(it.launches.remove(0))),
        &["FIXED_LAUNCH_CHANGED", "NOT_LAUNCHED"],
    ),
    (
        "a launch too late for its lead time",
        Decided(|it| "p3".clone_into(&mut it.launches[1].period)),
        &["BUDGET_EXCEEDED", "NOT_LAUNCHED"],
    ),
    (
        "a launch decided against",
        Decided(|it| "p1".clone_into(&mut it.launches[1].period)),
        &["BUDGET_EXCEEDED", "FIXED_LAUNCH_CHANGED"],
    ),
    ("a plant closed while it builds", Decided(|it| close(it, "de", "p2")), &["PLANT_CLOSED"]),
    (
        "a plant closed that must be open",
        Decided(|it| close(it, "jp", "p2")),
        &["FIXED_PLANT_CHANGED", "PLANT_CLOSED"],
    ),
    (
        "a plant closed in its ramp",
        Decided(|it| close(it, "us", "p3")),
        &["PLANT_CLOSED", "RAMP_CUT_SHORT"],
    ),
    (
        "a plant open that must be closed",
        Decided(|it| open(it, "mx", "p1")),
        &["BUDGET_EXCEEDED", "FIXED_PLANT_CHANGED"],
    ),
    ("an opening beyond the budget", Decided(|it| open(it, "mx", "p2")), &["BUDGET_EXCEEDED"]),
    (
        "an expansion beyond the budget",
        Decided(|it| it.expansions.push(expansion("e2", "p1"))),
        &["BUDGET_EXCEEDED"],
    ),
    ("no expansion", Decided(|it| it.expansions.clear()), &["CAPACITY_EXCEEDED"]),
    (
        "an expansion too late for its lead time",
        Decided(|it| "p3".clone_into(&mut it.expansions[0].period)),
        &["BUDGET_EXCEEDED", "CAPACITY_EXCEEDED"],
    ),
    ("half a vehicle", Decided(|it| set(it, &[(1, "44.5")])), &["UNITS_NOT_WHOLE"]),
    (
        "a lane that is not there",
        Decided(|it| {
            set(it, &[(4, "46"), (5, "74"), (6, "49")]);
            it.flows.push(flow("car", "us", "jpn", "p2", "1"));
        }),
        &["NO_LANE"],
    ),
    (
        "a lane that does not carry the model",
        Decided(|it| {
            set(it, &[(0, "99"), (2, "40")]);
            it.flows.push(flow("car", "de", "usa", "p1", "1"));
        }),
        &["DEMAND_UNSERVED", "NO_LANE", "NO_OPTION"],
    ),
    (
        "an option that is not there",
        Decided(|it| {
            set(it, &[(4, "46"), (5, "74")]);
            it.flows.push(flow("van", "us", "usa", "p2", "1"));
        }),
        &["DEMAND_EXCEEDED", "NO_OPTION"],
    ),
    (
        "one vehicle over a commitment",
        Decided(|it| set(it, &[(3, "31"), (2, "40")])),
        &["DEMAND_EXCEEDED", "DEMAND_UNSERVED", "FLOW_ABOVE_MOST"],
    ),
    (
        "one vehicle under a commitment",
        Decided(|it| set(it, &[(3, "29")])),
        &["DEMAND_UNSERVED", "EXPORT_COMMITMENT_MISSED", "FLOW_BELOW_LEAST"],
    ),
    (
        "one vehicle under a least production",
        Decided(|it| set(it, &[(8, "29")])),
        &["DEMAND_UNSERVED", "PRODUCTION_BELOW_LEAST"],
    ),
    (
        "one vehicle over a most production and an origin's share",
        Decided(|it| set(it, &[(2, "42")])),
        &["CAPACITY_EXCEEDED", "DEMAND_EXCEEDED", "ORIGIN_CAP_EXCEEDED", "PRODUCTION_ABOVE_MOST"],
    ),
    (
        "one vehicle built abroad",
        Decided(|it| set(it, &[(9, "31"), (10, "99")])),
        &["CREDIT_BEYOND_DUTY", "FLOOR_MISSED"],
    ),
    (
        "one model line more that moves",
        Decided(|it| it.launches.push(launch("van", "jp", "p2"))),
        &["BUDGET_EXCEEDED", "TOO_MANY_MOVES"],
    ),
    (
        "one vehicle over the trade balance",
        Decided(|it| set(it, &[(0, "101"), (1, "44")])),
        &["DEMAND_EXCEEDED", "TRADE_BALANCE_MISSED"],
    ),
    (
        "a quota overdrawn by one",
        Decided(|it| one_more(&mut it.flows[2].in_quota[0].1)),
        &["QUOTA_OVERDRAWN"],
    ),
    (
        "a quota overdrawn beyond what is carried over",
        Decided(|it| one_more(&mut it.flows[7].in_quota[0].1)),
        &["QUOTA_OVERDRAWN"],
    ),
    (
        "what another tranche would have carried over is drawn",
        Decided(|it| {
            set(it, &[(2, "40")]);
            it.flows[2].in_quota[2].1 = number("11");
        }),
        &["DEMAND_UNSERVED", "QUOTA_BEYOND_WINDOW", "QUOTA_OVERDRAWN"],
    ),
    (
        "more within a quota than enters",
        Decided(|it| one_more(&mut it.flows[7].in_quota[1].1)),
        &["QUOTA_BEYOND_WINDOW"],
    ),
    (
        "a quota on a day that begins no window",
        Decided(|it| it.flows[7].in_quota[1].0 = date(2025, 10, 2)),
        &["QUOTA_NOT_OPEN"],
    ),
    (
        "a quota where there is none",
        Decided(|it| it.flows[0].in_quota.push((date(2025, 1, 31), Decimal::ONE))),
        &["QUOTA_NOT_OPEN"],
    ),
    (
        "part of a vehicle within a quota",
        Decided(|it| it.flows[7].in_quota[1].1 = number("9.5")),
        &["UNITS_NOT_WHOLE"],
    ),
    (
        "a cent more of a credit than is owed",
        Decided(|it| it.credits[0].spent = money("37500.01 USD")),
        &["CREDIT_BEYOND_DUTY"],
    ),
    (
        "a cent more of two credits than is owed",
        Decided(|it| cent(&mut it.credits[2].spent)),
        &["CREDIT_BEYOND_DUTY"],
    ),
    (
        "a cent more of a credit than is there",
        Decided(|it| {
            it.credits[0].spent = money("0 USD");
            it.credits[2].spent = money("12500.01 USD");
            it.credits.push(spent("grant", "p2", "37500 USD"));
        }),
        &["CREDIT_OVERDRAWN"],
    ),
];

pub const STATED: &[Case] = &[
    (
        "a little less capital",
        Stated(|it| it.limits.budgets[0].amount = money("5359600.4795 USD")),
        &["BUDGET_EXCEEDED"],
    ),
    (
        "a cent less in spring",
        Stated(|it| it.limits.budgets[1].amount = money("102000 USD")),
        &["BUDGET_EXCEEDED"],
    ),
    (
        "a little higher balance",
        Stated(|it| it.limits.trade_balances[0].least = money("-1706250.6824 USD")),
        &["TRADE_BALANCE_MISSED"],
    ),
    (
        "one vehicle more of an export committed",
        Stated(|it| it.limits.export_commitments[0].units_per_year = number("61")),
        &["EXPORT_COMMITMENT_MISSED"],
    ),
    ("one move less", Stated(|it| it.limits.most_moves = Some(1)), &["TOO_MANY_MOVES"]),
    (
        "half an hour more",
        Stated(|it| {
            it.limits.floors[2].floor =
                portolan::sourcing::FloorKind::LabourHours(number("4135.5"));
        }),
        &["FLOOR_MISSED"],
    ),
    (
        "a priced floor that is hard",
        Stated(|it| it.limits.floors[1].penalty = None),
        &[
            "COST_LINE_WRONG",
            "DISCOUNTED_WRONG",
            "FLOOR_MISSED",
            "OBJECTIVE_WRONG",
            "SHORTFALL_WRONG",
            "TOTAL_WRONG",
        ],
    ),
    (
        "a lower share",
        Stated(|it| it.limits.origin_caps[0].most_share = number("0.29")),
        &["ORIGIN_CAP_EXCEEDED"],
    ),
    (
        "one vehicle more built",
        Stated(|it| it.limits.production[0].least = Some(number("71"))),
        &["PRODUCTION_BELOW_LEAST"],
    ),
    (
        "one vehicle less built",
        Stated(|it| it.limits.production[0].most = Some(number("70"))),
        &["PRODUCTION_ABOVE_MOST"],
    ),
    (
        "one vehicle more committed",
        Stated(|it| it.limits.flows[0].least = Some(number("31"))),
        &["FLOW_BELOW_LEAST"],
    ),
    (
        "one vehicle less committed",
        Stated(|it| it.limits.flows[0].most = Some(number("29"))),
        &["FLOW_ABOVE_MOST"],
    ),
    (
        "a higher least run",
        Stated(|it| it.plants[0].least_run = Some(number("80.5"))),
        &["LEAST_RUN_MISSED"],
    ),
    (
        "a quota of unknown balance",
        Stated(|it| it.policy.quotas.clear()),
        &["QUOTA_UNKNOWN", "TRANCHE_WRONG"],
    ),
    (
        "one more rival",
        Stated(|it| one_more(&mut it.policy.quotas[0].rivals_use[1].1)),
        &["QUOTA_OVERDRAWN", "TRANCHE_WRONG"],
    ),
    ("a rate missing", Stated(|it| drop(it.planning_rates.remove(0))), &["RATE_MISSING"]),
    (
        "a number out of bounds",
        Stated(|it| {
            it.plants[1].opening_cost = Some(Money::new(Decimal::MAX, "EUR".parse().unwrap()));
        }),
        &["NUMBER_TOO_LARGE"],
    ),
    (
        "another discount rate",
        Stated(|it| it.annual_discount_rate = number("0.0600001")),
        &["DISCOUNTED_WRONG", "OBJECTIVE_WRONG"],
    ),
    (
        "a profit asked for",
        Stated(|it| it.objective = portolan::sourcing::Objective::Profit),
        &["NET_SALES_WRONG", "OBJECTIVE_WRONG"],
    ),
];

pub const TOLD_DECISIONS: &[Case] = &[
    (
        "a launch told twice",
        Told(|it| it.decisions.launches.push(launch("car", "us", "p2"))),
        &["LAUNCHED_TWICE"],
    ),
    (
        "a launch of what is built today",
        Told(|it| it.decisions.launches.push(launch("suv", "de", "p1"))),
        &["LAUNCHED_TWICE"],
    ),
    (
        "a launch that is no option",
        Told(|it| it.decisions.launches.push(launch("van", "de", "p1"))),
        &["NO_OPTION"],
    ),
    (
        "a launch in no period",
        Told(|it| it.decisions.launches.push(launch("van", "jp", "p9"))),
        &["UNKNOWN_ID"],
    ),
    (
        "an expansion told twice",
        Told(|it| it.decisions.expansions.push(expansion("e1", "p1"))),
        &["EXPANDED_TWICE"],
    ),
    (
        "an unknown expansion",
        Told(|it| it.decisions.expansions.push(expansion("e9", "p1"))),
        &["UNKNOWN_ID"],
    ),
    (
        "an unknown model",
        Told(|it| it.decisions.flows.push(flow("bus", "us", "usa", "p2", "1"))),
        &["UNKNOWN_ID"],
    ),
    ("an unknown plant", Told(|it| open(&mut it.decisions, "kr", "p1")), &["UNKNOWN_ID"]),
    (
        "an unknown period",
        Told(|it| it.decisions.plants[0].open_periods.push("p9".to_owned())),
        &["UNKNOWN_ID"],
    ),
    (
        "a period told twice",
        Told(|it| it.decisions.plants[0].open_periods.push("p1".to_owned())),
        &["DUPLICATE"],
    ),
    (
        "a plant told twice",
        Told(|it| it.decisions.plants.push(it.decisions.plants[0].clone())),
        &["DUPLICATE"],
    ),
    (
        "a flow told twice",
        Told(|it| it.decisions.flows.push(it.decisions.flows[0].clone())),
        &["DUPLICATE"],
    ),
    (
        "a flow of nothing",
        Told(|it| it.decisions.flows.push(flow("suv", "us", "usa", "p2", "0"))),
        &["UNITS_INVALID"],
    ),
    (
        "a flow backwards",
        Told(|it| it.decisions.flows.push(flow("suv", "us", "usa", "p2", "-1"))),
        &["UNITS_INVALID"],
    ),
    (
        "an unknown credit",
        Told(|it| it.decisions.credits.push(spent("gift", "p2", "1 USD"))),
        &["UNKNOWN_ID"],
    ),
    (
        "a credit spent backwards",
        Told(|it| it.decisions.credits.push(spent("offset", "p1", "-1 USD"))),
        &["AMOUNT_INVALID"],
    ),
    (
        "a credit in another currency",
        Told(|it| it.decisions.credits.push(spent("offset", "p1", "0 EUR"))),
        &["AMOUNT_INVALID"],
    ),
    (
        "a credit told twice",
        Told(|it| it.decisions.credits.push(it.decisions.credits[0].clone())),
        &["DUPLICATE"],
    ),
];

pub const TOLD_MONEY: &[Case] = &[
    ("a cent in the total", Told(|it| cent(&mut it.cost.total)), &["TOTAL_WRONG"]),
    (
        "another currency",
        Told(|it| it.cost.total = Money::new(it.cost.total.amount(), "EUR".parse().unwrap())),
        &["TOTAL_WRONG"],
    ),
    (
        "the discounted total",
        Told(|it| it.cost.discounted_total += number("0.0000000001")),
        &["OBJECTIVE_WRONG"],
    ),
    (
        "sales of a plan of cost",
        Told(|it| it.cost.net_sales = Some(money("0 USD"))),
        &["NET_SALES_WRONG"],
    ),
    (
        "profit of a plan of cost",
        Told(|it| it.cost.discounted_profit = Some(Decimal::ZERO)),
        &["OBJECTIVE_WRONG"],
    ),
    ("a cost line left out", Told(|it| drop(it.cost.lines.remove(0))), &["COST_LINE_WRONG"]),
    (
        "a cost line told twice",
        Told(|it| it.cost.lines.push(it.cost.lines[0].clone())),
        &["DUPLICATE"],
    ),
    (
        "a cost line under another programme",
        Told(|it| {
            let line = it.cost.lines.iter_mut().find(|it| it.kind == CostKind::Duty).unwrap();
            line.layer = Some((region("US"), "other".to_owned()));
        }),
        &["COST_LINE_WRONG", "DISCOUNTED_WRONG"],
    ),
    ("a cent in a flow's cost", Told(|it| cent(&mut it.allocations[5].cost)), &["FLOW_COST_WRONG"]),
    (
        "a cent in a flow's charges",
        Told(|it| cent(&mut it.allocations[0].charges)),
        &["CHARGES_WRONG"],
    ),
    (
        "a vehicle within quotas",
        Told(|it| one_more(&mut it.allocations[2].in_quota)),
        &["ALLOCATION_WRONG"],
    ),
    (
        "an allocation left out",
        Told(|it| drop(it.allocations.pop())),
        &["ALLOCATION_WRONG", "ENTRIES_WRONG"],
    ),
    (
        "an allocation told twice",
        Told(|it| it.allocations.push(it.allocations[1].clone())),
        &["ALLOCATION_WRONG"],
    ),
    (
        "an allocation of no flow",
        Told(|it| {
            let mut more = it.allocations[1].clone();
            more.flow = 99;
            it.allocations.push(more);
        }),
        &["ALLOCATION_WRONG"],
    ),
    (
        "a cent in a kit's charges",
        Told(|it| cent(&mut it.kit_duties[0].charges)),
        &["KIT_DUTY_WRONG"],
    ),
    ("one kit more", Told(|it| one_more(&mut it.kit_duties[0].kits)), &["KIT_DUTY_WRONG"]),
    ("a kit left out", Told(|it| drop(it.kit_duties.pop())), &["ENTRIES_WRONG", "KIT_DUTY_WRONG"]),
    ("a kit told twice", Told(|it| it.kit_duties.push(it.kit_duties[0].clone())), &["DUPLICATE"]),
    (
        "a kit nobody takes",
        Told(|it| {
            let mut more = it.kit_duties[0].clone();
            "p1".clone_into(&mut more.period);
            it.kit_duties.push(more);
        }),
        &["KIT_DUTY_WRONG"],
    ),
    (
        "one entry of kits more",
        Told(|it| one_more(&mut it.kit_duties[0].entries[0].entries)),
        &["ENTRIES_WRONG"],
    ),
    (
        "a cent in a layer of kits",
        Told(|it| cent(&mut it.kit_duties[0].entries[0].layers[0].amount)),
        &["LAYER_AMOUNT_WRONG"],
    ),
];

pub const TOLD_ENTRIES: &[Case] = &[
    (
        "one entry more",
        Told(|it| one_more(&mut it.allocations[0].entries[0].entries)),
        &["ENTRIES_WRONG"],
    ),
    (
        "one vehicle more on an entry",
        Told(|it| one_more(&mut it.allocations[0].entries[0].articles)),
        &["ENTRIES_WRONG"],
    ),
    (
        "a day more in a window",
        Told(|it| it.allocations[0].entries[0].to = date(2025, 4, 4)),
        &["ENTRIES_WRONG"],
    ),
    (
        "a window a day later",
        Told(|it| it.allocations[0].entries[0].from = date(2025, 2, 1)),
        &["ENTRIES_WRONG"],
    ),
    (
        "another quota",
        Told(|it| it.allocations[2].entries[0].quota = Some("other".to_owned())),
        &["ENTRIES_WRONG"],
    ),
    ("an entry left out", Told(|it| drop(it.allocations[0].entries.remove(0))), &["ENTRIES_WRONG"]),
    ("an entry told twice", Told(|it| repeat_entry(it, 0)), &["ENTRIES_WRONG"]),
    ("an entry at home", Told(|it| repeat_entry(it, 1)), &["ENTRIES_WRONG"]),
    (
        "a cent in an entry's charges",
        Told(|it| cent(&mut it.allocations[0].entries[0].charges)),
        &["ENTRY_CHARGES_WRONG"],
    ),
    (
        "a cent in what is recovered",
        Told(|it| cent(&mut it.allocations[13].entries[0].recovered)),
        &["ENTRY_CHARGES_WRONG"],
    ),
    (
        "a cent in the customs value",
        Told(|it| cent(&mut it.allocations[0].entries[0].customs_value)),
        &["ENTRY_CHARGES_WRONG"],
    ),
    (
        "law left open",
        Told(|it| it.allocations[0].entries[0].determined = false),
        &["ENTRY_CHARGES_WRONG"],
    ),
    (
        "a cent in a layer",
        Told(|it| cent(&mut it.allocations[0].entries[0].layers[0].each)),
        &["ENTRY_CHARGES_WRONG"],
    ),
    (
        "a cent in a layer of all",
        Told(|it| cent(&mut it.allocations[13].entries[0].layers[0].amount)),
        &["LAYER_AMOUNT_WRONG"],
    ),
    (
        "another programme",
        Told(|it| it.allocations[0].entries[0].layers[0].programme.push('x')),
        &["ENTRY_CHARGES_WRONG"],
    ),
    (
        "another heading",
        Told(|it| it.allocations[0].entries[0].layers[0].heading.push('x')),
        &["ENTRY_CHARGES_WRONG"],
    ),
    (
        "another kind",
        Told(|it| it.allocations[0].entries[0].layers[0].kind = CostKind::Tax),
        &["ENTRY_CHARGES_WRONG"],
    ),
    (
        "a layer left out",
        Told(|it| drop(it.allocations[0].entries[0].layers.remove(0))),
        &["ENTRY_CHARGES_WRONG"],
    ),
];

pub const TOLD_REPORTS: &[Case] = &[
    ("one more not served", Told(|it| one_more(&mut it.unserved[0].units)), &["UNSERVED_WRONG"]),
    ("nothing told of what is not served", Told(|it| it.unserved.clear()), &["UNSERVED_WRONG"]),
    (
        "told twice that it is not served",
        Told(|it| it.unserved.push(it.unserved[0].clone())),
        &["DUPLICATE"],
    ),
    (
        "one more short of a floor",
        Told(|it| one_more(&mut it.shortfalls[0].short)),
        &["SHORTFALL_WRONG"],
    ),
    (
        "a cent in what a floor costs",
        Told(|it| cent(&mut it.shortfalls[0].cost)),
        &["SHORTFALL_WRONG"],
    ),
    ("no shortfall", Told(|it| it.shortfalls.clear()), &["SHORTFALL_WRONG"]),
    ("a tranche's volume", Told(|it| one_more(&mut it.tranches[0].volume)), &["TRANCHE_WRONG"]),
    (
        "what a tranche is given",
        Told(|it| one_more(&mut it.tranches[2].carried_over)),
        &["TRANCHE_WRONG"],
    ),
    (
        "what others use of a tranche",
        Told(|it| one_more(&mut it.tranches[0].used_by_others)),
        &["TRANCHE_WRONG"],
    ),
    (
        "what is drawn on a tranche",
        Told(|it| one_more(&mut it.tranches[0].drawn)),
        &["TRANCHE_WRONG"],
    ),
    (
        "what is left in a tranche",
        Told(|it| one_more(&mut it.tranches[3].left)),
        &["TRANCHE_WRONG"],
    ),
    ("a tranche left out", Told(|it| drop(it.tranches.pop())), &["TRANCHE_WRONG"]),
    (
        "credit brought forward",
        Told(|it| cent(&mut it.credits[0].brought_forward)),
        &["CREDIT_ACCOUNT_WRONG"],
    ),
    ("credit earned", Told(|it| cent(&mut it.credits[1].earned)), &["CREDIT_ACCOUNT_WRONG"]),
    (
        "duty a credit may meet",
        Told(|it| cent(&mut it.credits[1].liability)),
        &["CREDIT_ACCOUNT_WRONG"],
    ),
    ("credit told as spent", Told(|it| cent(&mut it.credits[1].spent)), &["CREDIT_ACCOUNT_WRONG"]),
    (
        "credit carried forward",
        Told(|it| cent(&mut it.credits[1].carried_forward)),
        &["CREDIT_ACCOUNT_WRONG"],
    ),
    ("capacity", Told(|it| one_more(&mut it.capacities[0].capacity)), &["CAPACITY_WRONG"]),
    ("capacity used", Told(|it| one_more(&mut it.capacities[0].used)), &["CAPACITY_WRONG"]),
    ("capacity left out", Told(|it| drop(it.capacities.remove(0))), &["CAPACITY_WRONG"]),
    (
        "vehicles built in a country",
        Told(|it| one_more(&mut it.countries[0].built)),
        &["COUNTRY_WRONG"],
    ),
    (
        "vehicles sold in a country",
        Told(|it| one_more(&mut it.countries[0].sold)),
        &["COUNTRY_WRONG"],
    ),
    (
        "hours in a country",
        Told(|it| one_more(&mut it.countries[0].labour_hours)),
        &["COUNTRY_WRONG"],
    ),
    (
        "jobs in a country",
        Told(|it| it.countries[0].jobs += number("0.000001")),
        &["COUNTRY_WRONG"],
    ),
    ("vehicles traded", Told(|it| one_more(&mut it.trade_flows[0].units)), &["TRADE_FLOW_WRONG"]),
    (
        "a cent in what is traded",
        Told(|it| cent(&mut it.trade_flows[0].value)),
        &["TRADE_FLOW_WRONG"],
    ),
    ("trade left out", Told(|it| drop(it.trade_flows.remove(0))), &["TRADE_FLOW_WRONG"]),
];
