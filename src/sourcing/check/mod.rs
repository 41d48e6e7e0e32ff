//! A second opinion on a plan: every rule of the API manual held against the
//! plan's own words.
//!
//! It reads the problem as stated and the plan as answered, and nothing that
//! made the plan: it finds things by the caller's ids, asks the law again
//! through [`Customs`], adds up every cost itself, and compares to the minor
//! unit.
//! A plan with a violation is never returned as an answer.
//!
//! # What is held
//! Reasons are listed in [`reason`].
//! - **Decisions** refer to what the problem states, once each. Vehicles are
//!   more than zero; whole, or of six decimals at most.
//! - **Plants** may open and close more than once. Each opening is paid in its
//!   period and each closing in the first period closed; a plant open before
//!   the first period and closed in it is paid for closing. From each opening a
//!   plant stays open as many periods as its ramp has shares. Capacity is the
//!   plant's own times the share of the ramp, and all steps of growth that are
//!   there, whole. A plant open before the first period has no ramp.
//! - **Launches**: vehicles follow the launch period by the lead time or more.
//!   An option launched before the first period is not launched again.
//!   Launching asks for no open plant. A model line moves where it has a launch.
//! - **Homologation** is paid in the first period in which a model of an origin
//!   is shipped to the market, for every row that fits, built today or not.
//! - **Budgets** count costs as stated, not rounded, each at the planning rates
//!   of its period in the budget's own currency, to twelve decimals.
//! - **Demand** is never exceeded. A lack is allowed and priced where a lost
//!   margin is stated, for profit as well.
//! - **Floors** count by plant's and market's country. A share of sales counts
//!   vehicles built in the country among those sold there; what is short of it
//!   may be a fraction.
//! - **Trade balances** count the price declared, not rounded, between two
//!   countries, also of one customs union. The price declared is by the
//!   treatment for the market's country, else for its union, else the unit cost.
//! - **Quotas**: what a tranche is given by others is what they leave of their
//!   own volume after use, rivals and the plan's draws. Kits draw on none.
//! - **Credits** earn at the rate of the period's first day, rounded down once
//!   for each row and period. They are spent on creditable layers of the kits
//!   of the same period: their sum over all entries, rounded down to the minor
//!   unit, is the liability. It is not lessened by other credits, but credits
//!   together are held against the layers they share. Money brought forward in
//!   another currency is exchanged at the first period's rates.
//!
//! Where vehicles are not whole a quantity may pass its limit by a millionth of
//! the limit and a millionth of a unit; whole ones may not, and money may not.
//! A trade balance may by a millionth of what is traded, of one vehicle of each
//! flow and of a unit of money; hours and capacity by what a millionth of one
//! vehicle of each model in a plant counts.
//!
//! # How money is reckoned
//! - Goods at home, which [`Customs::at_home`] tells, make no entries.
//! - Entry windows divide the days from the period's first day and the transit
//!   days to its end and the transit days, in order. A window's share is days
//!   over days, or the departures that arrive in it. Whole vehicles are spread
//!   by vehicles times share, rounded to twelve decimals: the whole part each,
//!   and one more for the largest fractions, of alike ones the earlier window.
//! - Of a window's vehicles those within the quota and the others make entries
//!   apart: full ones, then one of the rest. Not whole: so many full entries as
//!   vehicles over vehicles on one, a fraction that is compared to twelve
//!   decimals.
//! - A layer of a group is each x entries x planning rate of the period of
//!   shipment. Costs of building and transport are amount x vehicles x rate,
//!   once for each flow and kind; all others amount x number x rate. Each is
//!   rounded once, half up, to the minor unit of the reporting currency.
//! - Charges stand in lines of their kind by importer, the customs union where
//!   it is one, and programme; those on kits in lines of kind kit charge by
//!   importer and programme. All other lines have no layer; so has the credit.
//! - A discounted amount is the amount times the factor of its period, see
//!   `discount`, and is not rounded.
//! - Trade between two countries is the customs value of each group's entries,
//!   rounded once for each group; at home the price declared, rounded once for
//!   each flow.
//! - Jobs are hours x 365 over hours per job x days, to six decimals, half up.
//!
//! A row of a report that is left out, or a cost line, says zero of everything.
//! Layers of no amount may be left out. Order is free.
//!
//! # What is not
//! What the solver said (`solver_cost`, `binding_limits`), `avoidable`, reasons
//! why demand is not served, and assumptions.

mod countries;
mod credits;
mod customs;
mod decided;
mod demand;
mod discount;
mod entries;
mod exact;
mod findings;
mod kits;
mod launches;
mod limits;
mod plants;
mod quotas;
pub mod reason;
mod shipments;
mod stated;
mod tally;
mod tolerance;
mod trade;
mod windows;

pub use customs::{
    Customs, EntryQuote, EntryWindow, KitSupply, QuotedLayer, Shipment, Tranche, TrancheId,
};

use crate::sourcing::{Plan, SourcingProblem, Violation};
use decided::Decided;
use exact::Sound;
use findings::Findings;
use stated::Stated;
use tally::Tally;

/// What a plan is held against.
struct Case<'a> {
    stated: Stated<'a>,
    decided: Decided<'a>,
    plan: &'a Plan,
}

/// Everything a plan must keep to and does not, in no particular order; nothing
/// for a plan that is right.
pub fn check(problem: &SourcingProblem, plan: &Plan, customs: &dyn Customs) -> Vec<Violation> {
    let mut findings = Findings::default();
    let outcome = held(problem, plan, customs, &mut findings);
    findings.unsound(outcome);
    findings.into_violations()
}

fn held(
    problem: &SourcingProblem,
    plan: &Plan,
    customs: &dyn Customs,
    findings: &mut Findings,
) -> Sound<()> {
    let stated = Stated::of(problem, customs)?;
    let decided = Decided::of(&stated, &plan.decisions, findings)?;
    let case = Case { stated, decided, plan };
    let mut tally = Tally::default();
    plants::check(&case, &mut tally, findings)?;
    launches::check(&case, &mut tally, findings)?;
    launches::budgets(&case, &tally, findings)?;
    launches::decided_before(&case, findings);
    demand::check(&case, &mut tally, findings)?;
    limits::check(&case, &mut tally, findings)?;
    let (arrivals, trade) = shipments::check(&case, &mut tally, findings)?;
    trade.check(&case, findings)?;
    quotas::check(&case, &arrivals, findings)?;
    kits::check(&case, &mut tally, findings)?;
    credits::check(&case, &mut tally, findings)?;
    countries::check(&case, findings)?;
    tally.compare(&case.stated, &plan.cost, findings)
}
