//! Relief that is earned: which a plan earns, and the problem with it.

use crate::money::Overflow;
use crate::sourcing::calendar::days_between;
use crate::sourcing::decisions::Decisions;
use crate::sourcing::problem::{
    ConditionalRelief, ExportCommitment, MeasureOverride, MeasureRate, SourcingProblem, Units,
};
use crate::tariff::Region;
use rust_decimal::Decimal;

impl MeasureRate {
    /// Gives the measure this rate in a problem, in place of what is stated of
    /// it for the same days.
    ///
    /// # Errors
    /// [`Overflow`].
    pub fn set(&self, problem: &mut SourcingProblem, rate: Decimal) -> Result<(), Overflow> {
        let percent = rate.checked_mul(Decimal::ONE_HUNDRED).ok_or(Overflow)?.normalize();
        let Self { importer, measure, from, to, all_in } = self;
        let all_in = if *all_in { "all-in " } else { "" };
        let rate = format!("{all_in}{percent}%").parse().map_err(|_| Overflow)?;
        problem.policy.overrides.retain(|stated| {
            (stated.importer, &stated.measure) != (*importer, measure)
                || (stated.from, stated.to) != (*from, *to)
        });
        problem.policy.overrides.push(MeasureOverride {
            importer: *importer,
            measure: measure.clone(),
            rate: Some(rate),
            from: *from,
            to: *to,
        });
        Ok(())
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
                let least = if self.units == Units::Whole { part.ceil() } else { part };
                shipped(relief.origin, relief.market, &period.id) >= least
            })
        };
        let reliefs = self.policy.reliefs.iter().enumerate();
        reliefs.filter(|(_, relief)| earns(relief)).map(|(place, _)| place).collect()
    }
}
