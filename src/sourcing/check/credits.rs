//! Credits: earned by what is built, spent on the duty of part kits.

use super::Case;
use super::exact::{QUOTIENT_DIGITS, Sound, add_to, down, half_up, minus, over, plus, times};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::tally::{Tally, rounded};
use crate::money::{Currency, Money};
use crate::sourcing::{CostKind, CreditDecision, CreditOutlook};
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Credits of one importer held together at most: beyond them each is held
/// against its own duty only.
const HELD_TOGETHER: usize = 8;

/// By importer, credit and period.
type Spending<'a> = BTreeMap<(Region, &'a str, usize), Decimal>;

/// Accounts of every credit, what is spent and what it takes off the cost.
pub(super) fn check(case: &Case<'_>, tally: &mut Tally, findings: &mut Findings) -> Sound<()> {
    let spending = spending(case, tally, findings)?;
    let mut due = BTreeMap::new();
    for outlook in &case.stated.problem.policy.credits {
        account(case, outlook, tally, &spending, &mut due, findings)?;
    }
    together(case, tally, &spending, findings)?;
    let told = case.plan.credits.iter().map(|told| {
        let subject = Subject::of(&[&told.importer.to_string(), &told.credit]);
        let amounts =
            [told.brought_forward, told.earned, told.liability, told.spent, told.carried_forward];
        let currency = case.stated.customs.currency(told.importer);
        let alike = amounts.iter().all(|amount| Some(amount.currency()) == currency);
        (subject.in_period(&told.period), alike.then(|| amounts.map(Money::amount)))
    });
    let what = "brought forward, earned, liability, spent, carried forward";
    findings.rows(reason::CREDIT_ACCOUNT_WRONG, what, told, due);
    Ok(())
}

fn spending<'a>(
    case: &Case<'a>,
    tally: &mut Tally,
    findings: &mut Findings,
) -> Sound<Spending<'a>> {
    let stated = &case.stated;
    let mut spending = Spending::new();
    for decision in &case.plan.decisions.credits {
        let CreditDecision { importer, credit, period, spent } = decision;
        let subject = Subject::of(&[&importer.to_string(), credit]).in_period(period);
        let is =
            |outlook: &CreditOutlook| outlook.importer == *importer && outlook.credit == *credit;
        let known = stated.problem.policy.credits.iter().any(is);
        let Some(place) = stated.period(period).filter(|_| known) else {
            let message = "a credit that the problem does not state";
            findings.report(reason::UNKNOWN_ID, subject, Excess::Nothing, message);
            continue;
        };
        let currency = stated.customs.currency(*importer);
        if spent.amount() < Decimal::ZERO || Some(spent.currency()) != currency {
            let message = format!("{spent} cannot be spent of this credit");
            findings.report(reason::AMOUNT_INVALID, subject, Excess::Money(*spent), message);
            continue;
        }
        let key = (*importer, credit.as_str(), place);
        if spending.insert(key, spent.amount()).is_some() {
            let message = "what is spent of a credit is decided twice";
            findings.report(reason::DUPLICATE, subject, Excess::Nothing, message);
            continue;
        }
        let amount = rounded(stated, stated.converted(*spent, Decimal::ONE, place)?);
        tally.add(stated, place, (CostKind::Credit, None), -amount)?;
    }
    Ok(spending)
}

/// A credit over all periods.
fn account(
    case: &Case<'_>,
    outlook: &CreditOutlook,
    tally: &Tally,
    spending: &Spending<'_>,
    due: &mut BTreeMap<Subject, [Decimal; 5]>,
    findings: &mut Findings,
) -> Sound<()> {
    let stated = &case.stated;
    let CreditOutlook { importer, credit, brought_forward, .. } = outlook;
    let Some(currency) = stated.customs.currency(*importer) else { return Ok(()) };
    let mut brought = match brought_forward {
        Some(money) => stated.exchanged(*money, currency, 0)?,
        None => Decimal::ZERO,
    };
    for (place, period) in stated.periods() {
        let subject = Subject::of(&[&importer.to_string(), credit]).in_period(&period.id);
        let earned = earned(case, outlook, place, currency)?;
        let owed = owed(case, tally, *importer, place, &[credit])?;
        let liability = down(owed, currency.minor_digits());
        let spent = spending.get(&(*importer, credit.as_str(), place)).copied().unwrap_or_default();
        let there = plus(brought, earned)?;
        let carried = minus(there, spent)?;
        let limits = [
            (there, reason::CREDIT_OVERDRAWN, "there"),
            (liability, reason::CREDIT_BEYOND_DUTY, "owed"),
        ];
        for (limit, reason, what) in limits {
            if spent > limit {
                let over = Money::new(minus(spent, limit)?, currency);
                let message = format!("{spent} {currency} is spent, {limit} is {what}");
                findings.report(reason, subject.clone(), Excess::Money(over), message);
            }
        }
        due.insert(subject, [brought, earned, liability, spent, carried]);
        brought = carried;
    }
    Ok(())
}

/// What is earned in a period: the rate is that of its first day, and each row
/// is rounded down to the minor unit once.
fn earned(
    case: &Case<'_>,
    outlook: &CreditOutlook,
    place: usize,
    currency: Currency,
) -> Sound<Decimal> {
    let stated = &case.stated;
    let Some(period) = stated.period_at(place) else { return Ok(Decimal::ZERO) };
    let share = stated.customs.credit_rate(outlook.importer, &outlook.credit, period.start);
    let mut earned = Decimal::ZERO;
    for row in &outlook.earnings {
        let built = case.decided.built.get(&(place, row.plant.as_str(), row.model.as_str()));
        let Some(units) = built else { continue };
        let mut amount = times(times(row.base.amount(), *units)?, share)?;
        if row.base.currency() != currency {
            let rate = stated.rate(row.base.currency(), place)?;
            amount = over(times(amount, rate)?, stated.rate(currency, place)?)?;
        }
        add_to(&mut earned, down(amount, currency.minor_digits()))?;
    }
    Ok(earned)
}

/// Charges on part kits of a period that any of some credits may be spent on;
/// fractions of entries add up to what they are parts of.
fn owed(
    case: &Case<'_>,
    tally: &Tally,
    importer: Region,
    place: usize,
    credits: &[&str],
) -> Sound<Decimal> {
    let customs = case.stated.customs;
    let layers = tally.kit_layers.iter().filter(|layer| {
        layer.period == place
            && customs.importer(importer) == layer.importer
            && credits.iter().any(|credit| {
                customs.creditable(importer, credit, &layer.programme, &layer.heading)
            })
    });
    let owed = layers.map(|layer| layer.amount).try_fold(Decimal::ZERO, plus)?;
    Ok(half_up(owed, QUOTIENT_DIGITS))
}

/// Duty is met once: what any set of credits spends together is owed under one
/// of them.
fn together(
    case: &Case<'_>,
    tally: &Tally,
    spending: &Spending<'_>,
    findings: &mut Findings,
) -> Sound<()> {
    let mut by_period: BTreeMap<(Region, usize), Vec<(&str, Decimal)>> = BTreeMap::new();
    for ((importer, credit, place), spent) in spending {
        by_period.entry((*importer, *place)).or_default().push((credit, *spent));
    }
    for ((importer, place), spent) in by_period {
        for set in 1_u32..1 << spent.len().min(HELD_TOGETHER) {
            let chosen = spent.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1);
            let chosen: Vec<(&str, Decimal)> = chosen.map(|(_, credit)| *credit).collect();
            let credits: Vec<&str> = chosen.iter().map(|(credit, _)| *credit).collect();
            // One alone is held against its account.
            if credits.len() < 2 {
                continue;
            }
            let sum = chosen.iter().map(|(_, spent)| *spent).try_fold(Decimal::ZERO, plus)?;
            let owed = owed(case, tally, importer, place, &credits)?;
            if sum > owed {
                let subject = Subject::of(&credits).in_period(case.stated.period_id(place));
                let message = format!("{sum} is spent of these credits together, {owed} is owed");
                let excess = Excess::Units(minus(sum, owed)?);
                findings.report(reason::CREDIT_BEYOND_DUTY, subject, excess, message);
            }
        }
    }
    Ok(())
}
