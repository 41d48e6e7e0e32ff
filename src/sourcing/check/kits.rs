//! Charges on imported part kits.

use super::Case;
use super::customs::KitSupply;
use super::entries::{Entered, Lot, lots};
use super::exact::Sound;
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::tally::{KitLayer, Tally};
use super::windows::EntryDays;
use crate::money::Money;
use crate::sourcing::{CostKind, KitDuty, PartKit, Period, Plant};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

type Key<'a> = (&'a str, &'a str, &'a str, &'a str);

/// One kit for each vehicle built; kits enter evenly over the period.
pub(super) fn check(case: &Case<'_>, tally: &mut Tally, findings: &mut Findings) -> Sound<()> {
    let mut told: BTreeMap<Key<'_>, &KitDuty> = BTreeMap::new();
    for duty in &case.plan.kit_duties {
        let key: Key<'_> = (&duty.model, &duty.plant, &duty.kit, &duty.period);
        if told.insert(key, duty).is_some() {
            let message = "charges on a kit are told twice";
            findings.report(reason::DUPLICATE, subject(key), Excess::Nothing, message);
        }
    }
    for ((place, plant, model), kits) in &case.decided.built {
        let option = case.stated.option(model, plant);
        let of_period = case.stated.period_at(*place).zip(case.stated.plant(plant));
        let (Some(option), Some((period, plant))) = (option, of_period) else { continue };
        for kit in &option.kits {
            let told =
                told.remove(&(*model, plant.id.as_str(), kit.id.as_str(), period.id.as_str()));
            let taken = Taken { model, plant, kit, period, place: *place, kits: *kits };
            taken.check(case, told, tally, findings)?;
        }
    }
    for (key, duty) in told {
        if !(duty.kits.is_zero() && duty.charges.is_zero() && duty.entries.is_empty()) {
            let message = "charges on a kit that nobody takes";
            let excess = Excess::Money(duty.charges);
            findings.report(reason::KIT_DUTY_WRONG, subject(key), excess, message);
        }
    }
    Ok(())
}

fn subject((model, plant, kit, period): Key<'_>) -> Subject {
    Subject::of(&[model, plant, kit]).in_period(period)
}

/// Kits a plant takes in a period.
struct Taken<'a> {
    model: &'a str,
    plant: &'a Plant,
    kit: &'a PartKit,
    period: &'a Period,
    place: usize,
    kits: Decimal,
}

impl Taken<'_> {
    fn check(
        &self,
        case: &Case<'_>,
        told: Option<&KitDuty>,
        tally: &mut Tally,
        findings: &mut Findings,
    ) -> Sound<()> {
        let stated = &case.stated;
        let supply = KitSupply {
            model: self.model,
            plant: &self.plant.id,
            kit: &self.kit.id,
            period: &self.period.id,
        };
        let subject = subject((supply.model, supply.plant, supply.kit, supply.period));
        let at_home = stated.customs.at_home(self.kit.origin, self.plant.region);
        let arrivals = if at_home {
            Vec::new()
        } else {
            let windows = stated.customs.kit_windows(supply);
            let days = EntryDays::of(self.period, 0, &[])?;
            days.spread(self.kits, stated.whole(), windows, &subject, findings)?
        };
        let entered = Entered {
            period: self.place,
            subject: subject.clone(),
            lots: lots(&arrivals, self.kit.kits_per_entry, stated.whole())?,
            told: told.map_or(&[], |told| told.entries.as_slice()),
        };
        let quote = |lot: &Lot| stated.customs.quote_kit(supply, lot.from, lot.articles);
        let bill = entered.bill(case, quote, findings)?;
        let importer = stated.customs.importer(self.plant.region);
        for layer in bill.layers {
            let line = (CostKind::KitCharge, Some((importer, layer.programme.clone())));
            tally.add(stated, self.place, line, layer.amount)?;
            tally.kit_layers.push(KitLayer {
                importer,
                period: self.place,
                programme: layer.programme,
                heading: layer.heading,
                amount: layer.borne,
            });
        }
        let reason = reason::KIT_DUTY_WRONG;
        match told {
            Some(told) => {
                let subject = || subject.clone();
                findings.number(reason, subject, "kits", told.kits, self.kits);
                let due = Money::new(bill.charges, stated.reporting());
                findings.money(reason, subject, "charges on kits", told.charges, due);
            }
            None if !at_home => {
                let message = "nothing is told of the charges on a kit";
                findings.report(reason, subject, Excess::Nothing, message);
            }
            None => {}
        }
        Ok(())
    }
}
