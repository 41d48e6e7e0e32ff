//! Tranches of the quotas that goods draw on.

use super::Tranche;
use super::goods::Surveyor;
use super::windows::Paths;
use crate::sourcing::problem::MeasureOverride;
use crate::tariff::{DutyFunction, Quota, QuotaPeriod, Tariff, Unit};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeSet, HashMap};

/// Goods cannot be planned for; why has been told.
pub(super) struct NotPlanned;

impl Surveyor<'_> {
    /// The tranche that goods draw on, where they draw on a quota.
    pub(super) fn tranche(
        &mut self,
        function: &DutyFunction,
        tariff: &Tariff,
        day: Date,
        paths: &Paths,
    ) -> Result<Option<usize>, NotPlanned> {
        let quota = match function.quotas() {
            [] => return Ok(None),
            [only] => &tariff.quotas[*only],
            _ => {
                self.several_quotas(paths);
                return Err(NotPlanned);
            }
        };
        let field = format!("{}.elections.quota_ids", paths.treatment);
        if quota.unit != Unit::ARTICLES {
            let message = format!("`{}` counts by {}, not by articles", quota.id, quota.unit);
            self.fault(field, "QUOTA_UNIT_NOT_PLANNED", message);
            return Err(NotPlanned);
        }
        let key = (tariff.region, quota.id.clone());
        if !self.tranches.contains_key(&key) {
            self.open_tranches(tariff, quota, &field)?;
        }
        let (Some(places), Some(open)) = (self.tranches.get(&key), quota.period(day)) else {
            return Ok(None);
        };
        let found = places.iter().find(|place| self.book.tranches[**place].from == open.from);
        Ok(found.copied())
    }

    /// Refuses goods that may draw on several quotas.
    pub(super) fn several_quotas(&mut self, paths: &Paths) {
        let message = "drawing on several quotas at once is not planned for".to_owned();
        let field = format!("{}.elections.quota_ids", paths.treatment);
        self.fault(field, "SEVERAL_QUOTAS", message);
    }

    /// Whether one law charges an entry less than another.
    pub(super) fn saves(
        &self,
        within: &DutyFunction,
        over: &DutyFunction,
        articles: Decimal,
    ) -> bool {
        let charges = |law: &DutyFunction| law.quote(articles, false, self.book.choice);
        match (charges(within), charges(over)) {
            (Ok(within), Ok(over)) => within.charges.amount() < over.charges.amount(),
            // What is open of the one or the other is told of it.
            _ => false,
        }
    }

    /// The tranche of a conceded quota on a day, opened where it is the first
    /// to be asked for.
    pub(super) fn conceded_tranche(
        &mut self,
        tariff: &Tariff,
        stated: &MeasureOverride,
        day: Date,
    ) -> Option<usize> {
        let (quota, (from, volume)) = stated.conceded_quota().zip(stated.conceded_tranche(day))?;
        let places = self.tranches.entry((tariff.region, quota.clone())).or_default();
        let tranches = &mut self.book.tranches;
        if let Some(known) = places.iter().find(|place| tranches[**place].from == from) {
            return Some(*known);
        }
        places.push(tranches.len());
        tranches.push(Tranche {
            importer: tariff.region,
            quota,
            from,
            volume,
            used_by_others: Decimal::ZERO,
            carried_from: Vec::new(),
        });
        Some(tranches.len() - 1)
    }

    /// Opens the tranches of a quota over the horizon, and those they carry
    /// over from.
    fn open_tranches(
        &mut self,
        tariff: &Tariff,
        quota: &Quota,
        field: &str,
    ) -> Result<(), NotPlanned> {
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
            return Err(NotPlanned);
        };
        let (start, end) = self.horizon;
        let within = |period: &&QuotaPeriod| period.from < end && start < period.to;
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
                return Err(NotPlanned);
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
        Ok(())
    }
}
