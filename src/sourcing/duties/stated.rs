//! Goods whose importer's law is not held, and goods that cross no border.

use super::goods::Surveyor;
use super::{Charges, EntryWindow, EntryWindows};
use crate::money::Money;
use crate::sourcing::calendar::entry_stretches;
use crate::sourcing::problem::Lane;
use crate::tariff::Region;
use rust_decimal::Decimal;

impl Surveyor<'_> {
    /// Windows of goods whose importer's law is not held: charged by the
    /// caller's word, and at home not at all.
    pub(super) fn unheld(
        &mut self,
        importer: Region,
        origin: Region,
        lane: Option<&Lane>,
        field: String,
        price: impl Fn(&Self, usize) -> Option<Money>,
    ) -> Vec<EntryWindows> {
        if importer == origin {
            return self.free(lane, price);
        }
        let stated = self.problem.policy.stated_duties.iter();
        let mut stated = stated.filter(|duty| duty.importer == importer);
        let own = stated.clone().find(|duty| duty.origin == Some(origin));
        let Some(duty) = own.or_else(|| stated.find(|duty| duty.origin.is_none())) else {
            let held: Vec<String> = self.schedule.tariffs.keys().map(ToString::to_string).collect();
            let message = format!(
                "the schedule holds the law of {}; state the duty of {importer} in \
                 trade_policy.stated_duties",
                held.join(", ")
            );
            self.fault(field, "IMPORTER_NOT_HELD", message);
            return Vec::new();
        };
        let rate = duty.rate;
        self.assume(format!(
            "Duty of {importer} on goods of {origin} is the caller's: {} of the declared price.",
            rate.normalize()
        ));
        self.stated(lane, rate, price)
    }

    pub(super) fn free(
        &mut self,
        lane: Option<&Lane>,
        price: impl Fn(&Self, usize) -> Option<Money>,
    ) -> Vec<EntryWindows> {
        self.stated(lane, Decimal::ZERO, price)
    }

    fn stated(
        &mut self,
        lane: Option<&Lane>,
        rate: Decimal,
        price: impl Fn(&Self, usize) -> Option<Money>,
    ) -> Vec<EntryWindows> {
        let mut windows = Vec::with_capacity(self.problem.periods.len());
        for (place, period) in self.problem.periods.iter().enumerate() {
            let none = Money::zero(self.problem.reporting_currency);
            let price = price(self, place).unwrap_or(none);
            let known = self.book.functions.last();
            if !matches!(known, Some(Charges::Stated { price: p, rate: r }) if *p == price && *r == rate)
            {
                self.book.functions.push(Charges::Stated { price, rate });
            }
            let function = self.book.functions.len() - 1;
            let (stretches, of) = entry_stretches(period, lane, &[]);
            let windows_of = stretches.iter().map(|stretch| EntryWindow {
                from: stretch.from,
                to: stretch.to,
                weight: stretch.weight,
                function,
                tranche: None,
            });
            windows.push(EntryWindows { windows: windows_of.collect(), of });
        }
        windows
    }
}
