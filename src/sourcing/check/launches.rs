//! What is built up: launches, homologations, and the money for them.

use super::Case;
use super::exact::{QUOTIENT_DIGITS, Sound, half_up, minus, plus};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::tally::Tally;
use crate::money::Money;
use crate::sourcing::CostKind;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Built only where launched in time; what launches and homologations cost.
pub(super) fn check(case: &Case<'_>, tally: &mut Tally, findings: &mut Findings) -> Sound<()> {
    let stated = &case.stated;
    for ((model, plant), period) in &case.decided.launches {
        let cost = stated.option(model, plant).and_then(|option| option.launch_cost);
        tally.invest(stated, *period, CostKind::Launch, cost)?;
    }
    for ((place, plant, model), units) in &case.decided.built {
        let Some(option) = stated.option(model, plant) else { continue };
        let launched = case.decided.launches.get(&(*model, *plant));
        let ready = launched.is_some_and(|paid| paid.saturating_add(option.lead_periods) <= *place);
        if !option.initially_launched && !ready {
            let subject = Subject::of(&[model, plant]).in_period(stated.period_id(*place));
            let message = format!("{units} are built before the model is launched in this plant");
            findings.report(reason::NOT_LAUNCHED, subject, Excess::Units(*units), message);
        }
    }
    homologations(case, tally)
}

/// Paid for each model in the first period it is sold from the origin.
fn homologations(case: &Case<'_>, tally: &mut Tally) -> Sound<()> {
    let mut first = BTreeMap::new();
    for (period, market, model, origin) in case.decided.sold.keys() {
        first.entry((*market, *model, *origin)).or_insert(*period);
    }
    for ((market, model, origin), period) in first {
        let Some(market) = case.stated.market(market) else { continue };
        for approval in market.homologations.iter().filter(|approval| approval.origin == origin) {
            if approval.models.is_empty() || approval.models.iter().any(|of| of == model) {
                let kind = CostKind::Homologation;
                tally.invest(&case.stated, period, kind, Some(approval.cost))?;
            }
        }
    }
    Ok(())
}

/// Openings, launches, expansions and homologations against the money there is
/// for them. Costs are held against a budget in its own currency, as stated and
/// not rounded.
pub(super) fn budgets(case: &Case<'_>, tally: &Tally, findings: &mut Findings) -> Sound<()> {
    let stated = &case.stated;
    for budget in &stated.problem.limits.budgets {
        let currency = budget.amount.currency();
        let mut spent = Decimal::ZERO;
        for (place, _) in stated.periods_of(&budget.periods) {
            for (_, cost) in tally.capital.iter().filter(|(paid, _)| *paid == place) {
                spent = plus(spent, stated.exchanged(*cost, currency, place)?)?;
            }
        }
        let over = minus(half_up(spent, QUOTIENT_DIGITS), budget.amount.amount())?;
        if over > Decimal::ZERO {
            let excess = Excess::Money(Money::new(over, currency));
            let message = format!("{spent} {currency} is spent, {} is there", budget.amount);
            findings.report(reason::BUDGET_EXCEEDED, Subject::of(&[&budget.id]), excess, message);
        }
    }
    Ok(())
}

/// Plants and launches that are decided already, and the most that moves.
pub(super) fn decided_before(case: &Case<'_>, findings: &mut Findings) {
    let (stated, limits) = (&case.stated, &case.stated.problem.limits);
    for fixed in &limits.fixed_plants {
        let Some(place) = stated.period(&fixed.period) else { continue };
        if case.decided.is_open(&fixed.plant, place) != fixed.open {
            let subject = Subject::of(&[&fixed.plant]).in_period(&fixed.period);
            let message = "the plant is not open, or closed, as decided before";
            findings.report(reason::FIXED_PLANT_CHANGED, subject, Excess::Nothing, message);
        }
    }
    for fixed in &limits.fixed_launches {
        let Some(place) = stated.period(&fixed.period) else { continue };
        let (model, plant) = (fixed.model.as_str(), fixed.plant.as_str());
        let today = stated.option(model, plant).is_some_and(|option| option.initially_launched);
        let launch = case.decided.launches.get(&(model, plant));
        if (today || launch.is_some_and(|launch| *launch <= place)) != fixed.launched {
            let subject = Subject::of(&[model, plant]).in_period(&fixed.period);
            let message = "the model is not launched, or not, as decided before";
            findings.report(reason::FIXED_LAUNCH_CHANGED, subject, Excess::Nothing, message);
        }
    }
    if let Some(most) = limits.most_moves {
        let moved: BTreeSet<&str> = case.decided.launches.keys().map(|(model, _)| *model).collect();
        let (moved, most) = (Decimal::from(moved.len()), Decimal::from(most));
        if moved > most {
            let message = format!("{moved} model lines move, {most} may");
            let excess = Excess::Units(moved - most);
            findings.report(reason::TOO_MANY_MOVES, Subject::of(&[]), excess, message);
        }
    }
}
