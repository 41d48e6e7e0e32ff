//! Relief that is earned: which a plan earns, and the problem with it.

use crate::money::Overflow;
use crate::sourcing::calendar::days_between;
use crate::sourcing::decisions::Decisions;
use crate::sourcing::problem::{
    ConditionalRelief, ExportCommitment, MeasureOverride, MeasureRate, SourcingProblem, Units,
};
use crate::tariff::Region;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// A millionth: of the vehicles, and of one.
const MILLIONTH: Decimal = Decimal::from_parts(1, 0, 0, false, 6);

impl MeasureRate {
    /// Gives the measure this rate in a problem, in place of what is stated of
    /// it for the same days.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn set(&self, problem: &mut SourcingProblem, rate: Decimal) -> Result<(), Overflow> {
        let percent = rate.checked_mul(Decimal::ONE_HUNDRED).ok_or(Overflow)?.normalize();
        let Self { importer, measure, from, to, all_in, quota_units_per_year } = self;
        let all_in = if *all_in { "all-in " } else { "" };
        let rate = format!("{all_in}{percent}%").parse().map_err(|_| Overflow)?;
        problem.policy.overrides.retain(|stated| {
            (stated.importer, &stated.measure) != (*importer, measure)
                || (stated.from, stated.to) != (*from, *to)
                || stated.quota_units_per_year.is_some() != quota_units_per_year.is_some()
        });
        problem.policy.overrides.push(MeasureOverride {
            importer: *importer,
            measure: measure.clone(),
            rate: Some(rate),
            from: *from,
            to: *to,
            quota_units_per_year: *quota_units_per_year,
        });
        Ok(())
    }
}

impl MeasureOverride {
    /// Id of the quota it concedes, where it is for so many vehicles a year. No
    /// id of a schedule has a space.
    pub fn conceded_quota(&self) -> Option<String> {
        self.quota_units_per_year.map(|_| format!("conceded {}", self.measure))
    }

    /// First day and units of the tranche it concedes on a day: of a calendar
    /// year, and of one it holds for a part of, that part by days, rounded
    /// down. None where it concedes no quota or does not hold.
    pub fn conceded_tranche(&self, day: Date) -> Option<(Date, Decimal)> {
        let units = self.quota_units_per_year?;
        let first = Date::new(day.year(), 1, 1).ok()?;
        let end = Date::new(day.year().checked_add(1)?, 1, 1).unwrap_or(Date::MAX);
        let from = self.from.map_or(first, |from| from.max(first));
        let to = self.to.map_or(end, |to| to.min(end));
        if day < from || to <= day {
            return None;
        }
        if (from, to) == (first, end) {
            return Some((from, units));
        }
        let part = units.checked_mul(Decimal::from(days_between(from, to)))?;
        Some((from, (part / Decimal::from(days_between(first, end))).floor()))
    }
}

impl SourcingProblem {
    /// The problem with some of its reliefs, by place, and without the others.
    /// `committed`: its plans must earn them.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn with_reliefs(&self, earned: &[usize], committed: bool) -> Result<Self, Overflow> {
        let mut problem = self.clone();
        problem.policy.reliefs.clear();
        for place in earned {
            let ConditionalRelief { id, origin, market, units_per_year, measure, rate } =
                &self.policy.reliefs[*place];
            measure.set(&mut problem, *rate)?;
            if committed {
                problem.limits.export_commitments.push(ExportCommitment {
                    // No id of the caller's has a space.
                    id: format!("relief {id}"),
                    origin: *origin,
                    market: *market,
                    units_per_year: *units_per_year,
                    periods: Vec::new(),
                });
            }
        }
        Ok(problem)
    }

    /// Reliefs that decisions earn, by place.
    pub fn reliefs_earned(&self, decisions: &Decisions) -> Vec<usize> {
        let plant = |id: &str| self.plants.iter().find(|plant| plant.id == id);
        let market = |id: &str| self.markets.iter().find(|market| market.id == id);
        let shipped = |origin: Region, into: Region, period: &str| -> Decimal {
            let flows = decisions.flows.iter().filter(|flow| {
                flow.period == period
                    && plant(&flow.plant).is_some_and(|plant| plant.region == origin)
                    && market(&flow.market).is_some_and(|market| market.region == into)
            });
            flows.map(|flow| flow.units).sum()
        };
        let earns = |relief: &ConditionalRelief| {
            self.periods.iter().all(|period| {
                let days = Decimal::from(days_between(period.start, period.end));
                let part = relief.units_per_year.checked_mul(days).unwrap_or(Decimal::MAX);
                let part = part / Decimal::from(365);
                let least = match self.units {
                    Units::Whole => part.ceil(),
                    // As far below as a check lets any limit be missed.
                    Units::Continuous => part - (part * MILLIONTH + MILLIONTH),
                };
                shipped(relief.origin, relief.market, &period.id) >= least
            })
        };
        let reliefs = self.policy.reliefs.iter().enumerate();
        reliefs.filter(|(_, relief)| earns(relief)).map(|(place, _)| place).collect()
    }
}
