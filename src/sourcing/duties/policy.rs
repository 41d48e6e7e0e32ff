//! What the policy names: held by the schedule, and stated only where it is not.

use super::CreditLaw;
use super::goods::Surveyor;
use crate::money::Money;

impl Surveyor<'_> {
    /// What the policy names is held, and only what is not held is stated.
    pub(super) fn policy(&mut self) {
        let policy = &self.problem.policy;
        for (place, stated) in policy.overrides.iter().enumerate() {
            let at = |field: &str| format!("trade_policy.measure_overrides[{place}].{field}");
            let Some(tariff) = self.schedule.tariffs.get(&stated.importer) else {
                let message = format!("the schedule does not hold the law of {}", stated.importer);
                self.fault(at("importer_region_code"), "IMPORTER_NOT_HELD", message);
                continue;
            };
            if !tariff.measures.iter().any(|measure| measure.id == stated.measure) {
                let message = format!("the schedule defines no measure `{}`", stated.measure);
                self.fault(at("measure_id"), "MEASURE_UNKNOWN", message);
            }
        }
        for (place, stated) in policy.reliefs.iter().enumerate() {
            let at =
                |field: &str| format!("trade_policy.conditional_reliefs[{place}].measure.{field}");
            let Some(tariff) = self.schedule.tariffs.get(&stated.measure.importer) else {
                let importer = stated.measure.importer;
                let message = format!("the schedule does not hold the law of {importer}");
                self.fault(at("importer_region_code"), "IMPORTER_NOT_HELD", message);
                continue;
            };
            let id = &stated.measure.measure;
            if !tariff.measures.iter().any(|measure| measure.id == *id) {
                let message = format!("the schedule defines no measure `{id}`");
                self.fault(at("measure_id"), "MEASURE_UNKNOWN", message);
            }
        }
        for (place, stated) in policy.stated_duties.iter().enumerate() {
            if self.schedule.tariff_of(stated.importer).is_some() {
                let message = format!("the law of {} is held", stated.importer);
                let field = format!("trade_policy.stated_duties[{place}].importer_region_code");
                self.fault(field, "NOT_ALLOWED", message);
            }
        }
        for (place, outlook) in policy.quotas.iter().enumerate() {
            let at = |field: &str| format!("trade_policy.quotas[{place}].{field}");
            let tariff = self.schedule.tariff_of(outlook.importer);
            let quota = tariff
                .and_then(|tariff| tariff.quotas.iter().find(|quota| quota.id == outlook.quota));
            let Some(quota) = quota else {
                let message = format!("the schedule defines no quota `{}`", outlook.quota);
                self.fault(at("quota_id"), "QUOTA_UNKNOWN", message);
                continue;
            };
            for (list, uses) in [("used", &outlook.used), ("rivals_use", &outlook.rivals_use)] {
                for (position, (from, _)) in uses.iter().enumerate() {
                    if quota.period_beginning(*from).is_none() {
                        let message = format!("no tranche of `{}` begins on {from}", quota.id);
                        let field = at(&format!("{list}[{position}].period_start"));
                        self.fault(field, "PERIOD_UNKNOWN", message);
                    }
                }
            }
        }
        for place in 0..policy.credits.len() {
            let credit = self.credit(place);
            self.book.credits.extend(credit);
        }
    }

    fn credit(&mut self, place: usize) -> Option<CreditLaw> {
        let outlook = &self.problem.policy.credits[place];
        let at = |field: &str| format!("trade_policy.credits[{place}].{field}");
        let tariff = self.schedule.tariff_of(outlook.importer);
        let found = tariff.and_then(|tariff| {
            let index = tariff.credits.iter().position(|credit| credit.id == outlook.credit)?;
            Some((tariff, index))
        });
        let Some((tariff, index)) = found else {
            let message = format!("the schedule defines no credit `{}`", outlook.credit);
            self.fault(at("credit_id"), "CREDIT_UNKNOWN", message);
            return None;
        };
        let foreign = |money: Option<Money>| money.filter(|m| m.currency() != tariff.currency);
        if let Some(money) = foreign(outlook.brought_forward) {
            let message = format!("{money} must be in {}", tariff.currency);
            self.fault(at("brought_forward"), "WRONG_CURRENCY", message);
        }
        let mut earned = Vec::with_capacity(outlook.earnings.len());
        for (position, earning) in outlook.earnings.iter().enumerate() {
            if let Some(money) = foreign(Some(earning.base)) {
                let message = format!("{money} must be in {}", tariff.currency);
                self.fault(at(&format!("earnings[{position}].base")), "WRONG_CURRENCY", message);
            }
            let periods = self.problem.periods.iter().map(|period| {
                let rate = tariff.credits[index].rate(period.start, self.known_at);
                rate.and_then(|rate| earning.base.amount().checked_mul(rate.rate.fraction()))
                    .unwrap_or_default()
            });
            earned.push(periods.collect());
        }
        let against = tariff.credits[index].against.iter().map(|measure| {
            let measure = &tariff.measures[measure];
            (tariff.programme_of(measure).id.clone(), measure.heading.clone())
        });
        Some(CreditLaw { earned, currency: tariff.currency, against: against.collect() })
    }
}
