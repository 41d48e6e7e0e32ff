//! Customs entries: made of the articles of each window, quoted again, and held
//! against those told.

use super::Case;
use super::customs::{EntryQuote, QuotedLayer};
use super::exact::{QUOTIENT_DIGITS, Sound, add_to, alike, minus, over, times};
use super::findings::{Excess, Findings, Subject};
use super::reason;
use super::tally::rounded;
use super::windows::Arrival;
use crate::money::Money;
use crate::sourcing::{CostKind, EntryGroup, EntryLayer};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Alike entries of a window.
#[derive(Debug)]
pub(super) struct Lot {
    pub from: Date,
    pub to: Date,
    pub quota: Option<String>,
    pub entries: Decimal,
    pub articles: Decimal,
}

/// What the entries of a flow, or of a kit, come to.
#[derive(Default)]
pub(super) struct Bill {
    /// Borne, in the reporting currency: the sum of the layers.
    pub charges: Decimal,
    /// Customs value in the reporting currency, rounded once for each lot.
    pub customs_value: Decimal,
    pub layers: Vec<BilledLayer>,
}

pub(super) struct BilledLayer {
    pub kind: CostKind,
    pub programme: String,
    pub heading: String,
    /// On all entries, in the importer's currency, not rounded.
    pub borne: Decimal,
    /// In the reporting currency, rounded once.
    pub amount: Decimal,
}

/// Entries of so many articles: those within a quota and the others apart, full
/// ones and one of the rest. Where articles are not whole an entry is full, and
/// there is a fraction of one.
pub(super) fn lots(arrivals: &[Arrival], per_entry: u32, whole: bool) -> Sound<Vec<Lot>> {
    let full = Decimal::from(per_entry.max(1));
    let mut lots = Vec::new();
    for arrival in arrivals {
        let quota = arrival.tranche.as_ref().map(|tranche| tranche.quota.clone());
        let others = minus(arrival.units, arrival.in_quota)?;
        for (quota, units) in [(quota, arrival.in_quota), (None, others)] {
            let mut add = |entries: Decimal, articles: Decimal| {
                if entries >= Decimal::new(1, QUOTIENT_DIGITS) {
                    let Arrival { from, to, .. } = *arrival;
                    lots.push(Lot { from, to, quota: quota.clone(), entries, articles });
                }
            };
            if whole {
                add(over(minus(units, units % full)?, full)?, full);
                add(
                    if units % full > Decimal::ZERO { Decimal::ONE } else { Decimal::ZERO },
                    units % full,
                );
            } else {
                add(over(units, full)?, full);
            }
        }
    }
    Ok(lots)
}

/// The entries of one flow or kit in a period.
pub(super) struct Entered<'a> {
    pub period: usize,
    pub subject: Subject,
    pub lots: Vec<Lot>,
    pub told: &'a [EntryGroup],
}

impl Entered<'_> {
    /// Quotes every lot again and holds the groups told against it.
    pub fn bill(
        self,
        case: &Case<'_>,
        quote: impl Fn(&Lot) -> Option<EntryQuote>,
        findings: &mut Findings,
    ) -> Sound<Bill> {
        let mut bill = Bill::default();
        let mut left: Vec<&EntryGroup> = self.told.iter().collect();
        // An entry too small to be one weighs nothing in any amount.
        left.retain(|group| group.entries.abs() >= Decimal::new(1, QUOTIENT_DIGITS));
        for lot in &self.lots {
            let Some(quote) = quote(lot) else {
                let message = format!("no charge is known for an entry from {}", lot.from);
                let subject = self.subject.clone();
                findings.report(reason::NOT_QUOTED, subject, Excess::Nothing, message);
                continue;
            };
            let is = |group: &&EntryGroup| {
                (group.from, group.to, &group.quota, group.articles)
                    == (lot.from, lot.to, &lot.quota, lot.articles)
            };
            let told = left.iter().position(is).map(|place| left.remove(place));
            let entries = self.entries(case, lot, told, findings);
            if let Some(told) = told {
                self.compare(told, &quote, findings);
            }
            let mut layers = Vec::new();
            for layer in quote.layers {
                let borne = times(layer.amount.amount(), entries)?;
                let rate = case.stated.rate(layer.amount.currency(), self.period)?;
                let amount = rounded(&case.stated, times(borne, rate)?);
                add_to(&mut bill.charges, amount)?;
                layers.push((layer, borne, amount));
            }
            if let Some(told) = told {
                self.compare_layers(case, told, &layers, findings);
            }
            let value = case.stated.converted(quote.customs_value, entries, self.period)?;
            add_to(&mut bill.customs_value, rounded(&case.stated, value))?;
            bill.layers.extend(layers.into_iter().map(|(layer, borne, amount)| {
                let QuotedLayer { kind, programme, heading, .. } = layer;
                BilledLayer { kind, programme, heading, borne, amount }
            }));
        }
        for group in left {
            let message = format!(
                "{} entries of {} from {} that the vehicles do not make",
                group.entries, group.articles, group.from
            );
            self.wrong(reason::ENTRIES_WRONG, message, findings);
        }
        Ok(bill)
    }

    /// The number of entries reckoned with: a fraction as told where it is
    /// right, since quotients have no last digit.
    fn entries(
        &self,
        case: &Case<'_>,
        lot: &Lot,
        told: Option<&EntryGroup>,
        findings: &mut Findings,
    ) -> Decimal {
        let right = |told: &&EntryGroup| {
            told.entries == lot.entries
                || (!case.stated.whole() && alike(told.entries, lot.entries))
        };
        if let Some(told) = told.filter(right) {
            return told.entries;
        }
        let told = told.map_or(Decimal::ZERO, |told| told.entries);
        let message = format!(
            "{told} entries of {} from {} are told, {} are due",
            lot.articles, lot.from, lot.entries
        );
        self.wrong(reason::ENTRIES_WRONG, message, findings);
        lot.entries
    }

    fn compare(&self, told: &EntryGroup, quote: &EntryQuote, findings: &mut Findings) {
        let pairs = [
            ("charges on an entry", told.charges, quote.charges),
            ("recovered on an entry", told.recovered, quote.recovered),
            ("customs value of an entry", told.customs_value, quote.customs_value),
        ];
        for (what, told, due) in pairs {
            let subject = || self.subject.clone();
            findings.money(reason::ENTRY_CHARGES_WRONG, subject, what, told, due);
        }
        if told.determined != quote.determined {
            let message = "whether the law leaves something open is told wrongly".to_owned();
            self.wrong(reason::ENTRY_CHARGES_WRONG, message, findings);
        }
        let sum = told
            .layers
            .iter()
            .try_fold(Money::zero(told.charges.currency()), |sum, layer| sum.plus(layer.each));
        if sum != Ok(told.charges) {
            let message = "the layers of an entry do not add up to its charges".to_owned();
            self.wrong(reason::ENTRY_CHARGES_WRONG, message, findings);
        }
    }

    /// Layers without an amount may be told or not; the others are told once
    /// each, in any order.
    fn compare_layers(
        &self,
        case: &Case<'_>,
        told: &EntryGroup,
        due: &[(QuotedLayer, Decimal, Decimal)],
        findings: &mut Findings,
    ) {
        let mut left: Vec<&EntryLayer> = told
            .layers
            .iter()
            .filter(|layer| !(layer.each.is_zero() && layer.amount.is_zero()))
            .collect();
        for (layer, _, amount) in due.iter().filter(|(layer, ..)| !layer.amount.is_zero()) {
            let is = |told: &&EntryLayer| {
                (told.kind, &told.programme, &told.heading, told.each)
                    == (layer.kind, &layer.programme, &layer.heading, layer.amount)
            };
            let Some(told) = left.iter().position(is).map(|place| left.remove(place)) else {
                let message = format!(
                    "no layer tells {} of {} under {}",
                    layer.amount, layer.programme, layer.heading
                );
                self.wrong(reason::ENTRY_CHARGES_WRONG, message, findings);
                continue;
            };
            let right = Money::new(*amount, case.stated.reporting());
            let (subject, what) = (|| self.subject.clone(), "a layer of all entries");
            findings.money(reason::LAYER_AMOUNT_WRONG, subject, what, told.amount, right);
        }
        for layer in left {
            let message = format!(
                "a layer of {} under {} that the law does not charge so",
                layer.programme, layer.heading
            );
            self.wrong(reason::ENTRY_CHARGES_WRONG, message, findings);
        }
    }

    fn wrong(&self, reason: &'static str, message: String, findings: &mut Findings) {
        findings.report(reason, self.subject.clone(), Excess::Nothing, message);
    }
}
