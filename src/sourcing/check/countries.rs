//! What each country builds and sells, its hours and its jobs.

use super::Case;
use super::exact::{Sound, add_to, half_up, over, times};
use super::findings::{Findings, Subject};
use super::reason;
use crate::tariff::Region;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Decimals of a number of jobs.
const JOB_DIGITS: u32 = 6;

/// What each country builds and sells in a period, its hours and its jobs.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) -> Sound<()> {
    let stated = &case.stated;
    let mut due: BTreeMap<Subject, [Decimal; 4]> = BTreeMap::new();
    for (place, period) in stated.periods() {
        let of = |region: Region| Subject::of(&[&region.to_string()]).in_period(&period.id);
        for (plant, model, units) in case.decided.built_in(place) {
            let Some(plant) = stated.plant(plant) else { continue };
            let [built, _, hours, _] = due.entry(of(plant.region)).or_default();
            add_to(built, units)?;
            add_to(hours, case.hours(&plant.id, model, units)?)?;
        }
        for (market, _, _, units) in case.decided.sold_in(place) {
            let Some(market) = stated.market(market) else { continue };
            let [_, sold, _, _] = due.entry(of(market.region)).or_default();
            add_to(sold, units)?;
        }
        let job =
            times(stated.problem.labour_hours_per_job, Decimal::from(stated.days(place).max(1)))?;
        for (subject, [_, _, hours, jobs]) in &mut due {
            if subject.period.as_deref() == Some(period.id.as_str()) {
                *jobs = half_up(over(times(*hours, Decimal::from(365))?, job)?, JOB_DIGITS);
            }
        }
    }
    let told = case.plan.countries.iter().map(|told| {
        let subject = Subject::of(&[&told.region.to_string()]).in_period(&told.period);
        (subject, Some([told.built, told.sold, told.labour_hours, told.jobs]))
    });
    findings.rows(reason::COUNTRY_WRONG, "built, sold, hours and jobs", told, due);
    Ok(())
}

impl Case<'_> {
    /// Hours of labour in so many vehicles; none where they are not told.
    pub(super) fn hours(&self, plant: &str, model: &str, units: Decimal) -> Sound<Decimal> {
        let each = self.stated.option(model, plant).and_then(|option| option.labour_hours);
        times(each.unwrap_or_default(), units)
    }
}
