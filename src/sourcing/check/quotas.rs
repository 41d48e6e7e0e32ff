//! Quota tranches: what is there, and what the plan draws.

use super::Case;
use super::customs::{Tranche, TrancheId};
use super::exact::{Sound, add_to, minus, plus};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::tolerance::excess;
use super::windows::Arrival;
use crate::sourcing::{MeasureOverride, QuotaOutlook};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Units the plan draws on each tranche.
type Draws<'a> = BTreeMap<&'a TrancheId, Decimal>;

/// Holds the draws on every tranche against what is left in it, and the
/// tranches told against both.
pub(super) fn check(case: &Case<'_>, arrivals: &[Arrival], findings: &mut Findings) -> Sound<()> {
    let mut plan_draws = Draws::new();
    for arrival in arrivals.iter().filter(|arrival| !arrival.in_quota.is_zero()) {
        if let Some(tranche) = &arrival.tranche {
            add_to(plan_draws.entry(tranche).or_default(), arrival.in_quota)?;
        }
    }
    let told: Vec<TrancheId> = case
        .plan
        .tranches
        .iter()
        .map(|told| TrancheId {
            importer: told.importer,
            quota: told.quota.clone(),
            start: told.from,
        })
        .collect();
    let mut due = BTreeMap::new();
    for id in plan_draws.keys().copied().chain(&told).collect::<BTreeSet<_>>() {
        let drawn = plan_draws.get(id).copied().unwrap_or_default();
        // Nobody but the caller draws on what is conceded to the caller.
        let own = conceded(case, id).map(|_| QuotaOutlook {
            importer: id.importer,
            quota: id.quota.clone(),
            used: Vec::new(),
            rivals_use: Vec::new(),
        });
        let outlook = outlook(case, id).or(own.as_ref());
        let (Some(tranche), Some(outlook)) = (case.stated.customs.tranche(id), outlook) else {
            if !drawn.is_zero() {
                let message = format!("{drawn} are drawn on a tranche of unknown balance");
                let excess = Excess::Units(drawn);
                findings.report(reason::QUOTA_UNKNOWN, subject(id), excess, message);
            }
            continue;
        };
        let carried_over = carried_over(case, id, &tranche, outlook, &plan_draws)?;
        let by_others = used_by_others(outlook, id.start)?;
        let there = minus(plus(tranche.volume, carried_over)?, by_others)?.max(Decimal::ZERO);
        if let Some(over) = excess(&case.stated, drawn, there)? {
            let message = format!("{drawn} are drawn, {there} are there");
            findings.report(reason::QUOTA_OVERDRAWN, subject(id), Excess::Units(over), message);
        }
        let left = minus(there, drawn)?.max(Decimal::ZERO);
        due.insert(subject(id), [tranche.volume, carried_over, by_others, drawn, left]);
    }
    let figures = case.plan.tranches.iter().map(|told| {
        Some([told.volume, told.carried_over, told.used_by_others, told.drawn, told.left])
    });
    let rows = told.iter().map(subject).zip(figures);
    findings.rows(reason::TRANCHE_WRONG, "volume, carried, others, drawn, left", rows, due);
    Ok(())
}

fn subject(id: &TrancheId) -> Subject {
    Subject::of(&[&id.importer.to_string(), &id.quota]).in_period(&id.start.to_string())
}

fn outlook<'a>(case: &Case<'a>, id: &TrancheId) -> Option<&'a QuotaOutlook> {
    let importer = |region| case.stated.customs.importer(region);
    let is = |outlook: &&QuotaOutlook| {
        outlook.quota == id.quota && importer(outlook.importer) == importer(id.importer)
    };
    case.stated.problem.policy.quotas.iter().find(is)
}

/// The override that concedes a tranche, as the problem states it.
fn conceded<'a>(case: &Case<'a>, id: &TrancheId) -> Option<&'a MeasureOverride> {
    case.stated.problem.policy.overrides.iter().find(|stated| {
        stated.importer == id.importer
            && stated.conceded_quota().is_some_and(|quota| quota == id.quota)
            && stated.conceded_tranche(id.start).is_some_and(|(from, _)| from == id.start)
    })
}

/// Units used before the plan and expected to be used by rivals.
fn used_by_others(outlook: &QuotaOutlook, start: Date) -> Sound<Decimal> {
    let rows = outlook.used.iter().chain(&outlook.rivals_use);
    rows.filter(|(day, _)| *day == start)
        .try_fold(Decimal::ZERO, |sum, (_, units)| plus(sum, *units))
}

/// What the tranches it takes from leave of their own volume: what they were
/// given themselves is not carried on.
fn carried_over(
    case: &Case<'_>,
    id: &TrancheId,
    tranche: &Tranche,
    outlook: &QuotaOutlook,
    plan_draws: &Draws<'_>,
) -> Sound<Decimal> {
    let mut carried = Decimal::ZERO;
    for start in &tranche.carried_from {
        let source = TrancheId { start: *start, ..id.clone() };
        let Some(opened) = case.stated.customs.tranche(&source) else { continue };
        let drawn = plan_draws.get(&source).copied().unwrap_or_default();
        let used = plus(used_by_others(outlook, *start)?, drawn)?;
        add_to(&mut carried, minus(opened.volume, used)?.max(Decimal::ZERO))?;
    }
    Ok(carried)
}
