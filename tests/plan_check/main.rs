//! The check of plans: a plan that keeps to every limit passes, and one wrong
//! in a single place is turned down for that reason.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used)]

mod customs;
mod faults;
mod pricing;
mod problem;

use customs::SimpleLaw;
use faults::{Case, Fault};
use jiff::ToSpan;
use jiff::civil::Date;
use portolan::money::{Currency, Money};
use portolan::sourcing::check::{
    Customs, EntryQuote, EntryWindow, KitSupply, Shipment, Tranche, TrancheId, check,
};
use portolan::sourcing::{Decisions, Objective, Plan, SourcingProblem, Units};
use portolan::tariff::Region;
use pricing::priced;
use problem::number;
use rust_decimal::Decimal;
use std::collections::BTreeSet;

const NOTHING: Vec<&str> = Vec::new();

fn reasons_by(problem: &SourcingProblem, plan: &Plan, customs: &dyn Customs) -> Vec<&'static str> {
    let violations = check(problem, plan, customs);
    let reasons: BTreeSet<&str> = violations.iter().map(|it| it.reason).collect();
    reasons.into_iter().collect()
}

fn reasons(problem: &SourcingProblem, plan: &Plan) -> Vec<&'static str> {
    reasons_by(problem, plan, &SimpleLaw { problem })
}

#[test]
fn a_plan_that_keeps_to_everything_passes() {
    let problem = problem::problem();
    let plan = priced(&problem, problem::decisions());
    let violations = check(&problem, &plan, &SimpleLaw { problem: &problem });
    assert!(violations.is_empty(), "{violations:#?}");
}

fn turned_down(case: &Case) -> Option<String> {
    let mut problem = problem::problem();
    let mut decisions = problem::decisions();
    let (name, fault, expected) = case;
    if let Fault::Decided(change) = fault {
        change(&mut decisions);
    }
    let mut plan = priced(&problem, decisions);
    match fault {
        Fault::Told(change) => change(&mut plan),
        Fault::Stated(change) => change(&mut problem),
        Fault::Decided(_) => {}
    }
    let found = reasons(&problem, &plan);
    (found != *expected).then(|| format!("{name}: {found:?}, expected {expected:?}"))
}

#[test]
fn one_fault_is_turned_down_for_its_own_reason_and_no_other() {
    let cases: Vec<&Case> = [
        faults::DECIDED,
        faults::STATED,
        faults::TOLD_DECISIONS,
        faults::TOLD_MONEY,
        faults::TOLD_ENTRIES,
        faults::TOLD_REPORTS,
    ]
    .into_iter()
    .flatten()
    .collect();
    assert!(cases.len() >= 50, "only {} faults", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(|case| turned_down(case)).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn a_minor_unit_in_any_cost_line_is_found() {
    let problem = problem::problem();
    let right = priced(&problem, problem::decisions());
    let kinds: BTreeSet<_> = right.cost.lines.iter().map(|line| line.kind).collect();
    assert_eq!(kinds.len(), 21, "{kinds:?}");
    for place in 0..right.cost.lines.len() {
        let mut plan = right.clone();
        let line = &mut plan.cost.lines[place];
        let kind = line.kind;
        line.amount =
            line.amount.minus(Money::new(number("0.01"), line.amount.currency())).unwrap();
        assert_eq!(reasons(&problem, &plan), ["COST_LINE_WRONG"], "{kind:?}");
        let mut plan = right.clone();
        plan.cost.lines[place].discounted -= number("0.0000000001");
        assert_eq!(reasons(&problem, &plan), ["DISCOUNTED_WRONG"], "{kind:?}");
    }
}

#[test]
fn order_says_nothing_and_rows_of_zero_may_be_left_out() {
    let problem = problem::problem();
    let mut plan = priced(&problem, problem::decisions());
    plan.cost.lines.reverse();
    plan.allocations.reverse();
    for allocation in &mut plan.allocations {
        allocation.entries.reverse();
        for group in &mut allocation.entries {
            group.layers.reverse();
            group.layers.retain(|layer| !layer.each.is_zero());
        }
    }
    plan.capacities.retain(|row| !row.capacity.is_zero());
    plan.credits.reverse();
    assert_eq!(reasons(&problem, &plan), NOTHING);
}

#[test]
fn profit_is_sales_less_cost() {
    let problem = SourcingProblem { objective: Objective::Profit, ..problem::problem() };
    let right = priced(&problem, problem::decisions());
    assert_eq!(reasons(&problem, &right), NOTHING);
    let mut plan = right.clone();
    plan.cost.net_sales =
        plan.cost.net_sales.map(|it| Money::new(it.amount() + number("0.01"), it.currency()));
    assert_eq!(reasons(&problem, &plan), ["NET_SALES_WRONG"]);
    let mut plan = right;
    plan.cost.discounted_profit = plan.cost.discounted_profit.map(|it| it + number("0.0000000001"));
    assert_eq!(reasons(&problem, &plan), ["OBJECTIVE_WRONG"]);
}

fn in_fractions() -> (SourcingProblem, Decisions) {
    let problem = SourcingProblem { units: Units::Continuous, ..problem::problem() };
    let mut decisions = problem::decisions();
    decisions.flows[4].units = number("45.333333");
    decisions.flows[5].units = number("74.666667");
    decisions.flows[2].in_quota[1].1 = number("10.25");
    decisions.flows[2].in_quota[2].1 = number("9.75");
    decisions.flows[7].in_quota[0].1 = number("18.999999");
    (problem, decisions)
}

#[test]
fn fractions_pass_and_may_be_a_millionth_over() {
    let (problem, decisions) = in_fractions();
    assert_eq!(reasons(&problem, &priced(&problem, decisions.clone())), NOTHING);
    let cases: [(usize, &str, &[&str]); 4] = [
        (1, "45.000146", &[]),
        (1, "45.000147", &["CAPACITY_EXCEEDED"]),
        (1, "44.1234567", &["UNITS_INVALID"]),
        (6, "50.000052", &["DEMAND_EXCEEDED"]),
    ];
    for (flow, units, expected) in cases {
        let mut decisions = decisions.clone();
        decisions.flows[flow].units = number(units);
        assert_eq!(reasons(&problem, &priced(&problem, decisions)), *expected, "{units}");
    }
    let mut plan = priced(&problem, decisions);
    plan.allocations[0].entries[0].entries += number("0.00000001");
    assert_eq!(reasons(&problem, &plan), ["ENTRIES_WRONG"]);
}

/// A law whose windows are bent, or that tells no charge.
struct BentLaw<'a> {
    law: SimpleLaw<'a>,
    bend: fn(&mut Vec<EntryWindow>),
    silent: bool,
}

impl Customs for BentLaw<'_> {
    fn importer(&self, country: Region) -> Region {
        self.law.importer(country)
    }

    fn at_home(&self, origin: Region, country: Region) -> bool {
        self.law.at_home(origin, country)
    }

    fn currency(&self, importer: Region) -> Option<Currency> {
        self.law.currency(importer)
    }

    fn entry_windows(&self, shipment: Shipment<'_>) -> Vec<EntryWindow> {
        let mut windows = self.law.entry_windows(shipment);
        (self.bend)(&mut windows);
        windows
    }

    fn kit_windows(&self, supply: KitSupply<'_>) -> Vec<EntryWindow> {
        let mut windows = self.law.kit_windows(supply);
        (self.bend)(&mut windows);
        windows
    }

    fn quote(
        &self,
        shipment: Shipment<'_>,
        from: Date,
        articles: Decimal,
        within_quota: bool,
    ) -> Option<EntryQuote> {
        self.law.quote(shipment, from, articles, within_quota).filter(|_| !self.silent)
    }

    fn quote_kit(
        &self,
        supply: KitSupply<'_>,
        from: Date,
        articles: Decimal,
    ) -> Option<EntryQuote> {
        self.law.quote_kit(supply, from, articles).filter(|_| !self.silent)
    }

    fn tranche(&self, tranche: &TrancheId) -> Option<Tranche> {
        self.law.tranche(tranche)
    }

    fn credit_rate(&self, importer: Region, credit: &str, day: Date) -> Decimal {
        self.law.credit_rate(importer, credit, day)
    }

    fn creditable(&self, importer: Region, credit: &str, programme: &str, heading: &str) -> bool {
        self.law.creditable(importer, credit, programme, heading)
    }
}

#[test]
fn windows_divide_the_days_of_entry_and_every_entry_is_quoted() {
    let problem = problem::problem();
    let plan = priced(&problem, problem::decisions());
    let bends: [fn(&mut Vec<EntryWindow>); 6] = [
        |windows| windows.clear(),
        |windows| drop(windows.pop()),
        |windows| windows.reverse(),
        |windows| windows[0].from += 1.day(),
        |windows| windows[0].to += 1.day(),
        |windows| windows[0].share += number("0.00000001"),
    ];
    for (place, bend) in bends.into_iter().enumerate() {
        let law = BentLaw { law: SimpleLaw { problem: &problem }, bend, silent: false };
        let found = reasons_by(&problem, &plan, &law);
        assert!(found.contains(&"WINDOWS_WRONG"), "{place}: {found:?}");
    }
    let law = BentLaw { law: SimpleLaw { problem: &problem }, bend: |_| (), silent: true };
    assert!(reasons_by(&problem, &plan, &law).contains(&"NOT_QUOTED"));
}
