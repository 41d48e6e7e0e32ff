//! Reads the fields of a sourcing request. A faulty one is reported, and
//! something harmless stands in its place: the request is refused anyway, and
//! the rest is still read and held together, so that a caller learns every
//! fault at once.

use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{
    Fault, Faults, LARGEST_NUMBER, LONGEST_ID, amount, bounded_decimal, date, id, missing, parsed,
    required, signed_amount,
};
use crate::money::{Currency, Money};
use crate::proto::google::r#type as google;
use crate::tariff::{GoodsCode, Region};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// Longest id of the caller's own.
const LONGEST_OWN_ID: usize = 64;
/// Most periods, and so the longest series.
pub(super) const MOST_PERIODS: usize = 120;

/// Bounds of a decimal: the least, whether it is one itself, and the greatest.
#[derive(Clone, Copy)]
pub(super) struct Bounds {
    zero: bool,
    most: i64,
}

impl Bounds {
    /// From zero to 10^12.
    pub const ZERO_OR_MORE: Self = Self { zero: true, most: LARGEST_NUMBER };
    /// Above zero, to 10^12.
    pub const MORE_THAN_ZERO: Self = Self { zero: false, most: LARGEST_NUMBER };
    /// From zero to one.
    pub const SHARE: Self = Self { zero: true, most: 1 };

    /// The same up to `most`.
    pub const fn to(self, most: i64) -> Self {
        Self { most, ..self }
    }

    fn read(self, stated: &google::Decimal) -> Result<Decimal, Fault> {
        bounded_decimal(stated, self.zero, Decimal::from(self.most))
    }

    /// What stands in for a number that cannot be read.
    fn harmless(self) -> Decimal {
        if self.zero { Decimal::ZERO } else { Decimal::ONE }
    }
}

/// A request on its way, with every fault found in it.
pub(super) struct Reading {
    pub faults: Faults,
    /// Number of periods; none while it is not known.
    pub periods: Option<usize>,
    /// Currency of amounts that cannot be read.
    pub currency: Currency,
    /// Whether so much is missing that the rest cannot be held together: nearly
    /// everything would be found to refer to nothing.
    pub in_pieces: bool,
}

impl Reading {
    pub fn new() -> Self {
        Self {
            faults: Faults::default(),
            periods: None,
            currency: Currency::NONE,
            in_pieces: false,
        }
    }

    /// A list no longer than a limit, read one by one.
    pub fn list<T, U>(
        &mut self,
        (at, field): (&FieldPath<'_>, &str),
        stated: &[T],
        most: usize,
        read: impl Fn(&mut Self, &FieldPath<'_>, &T) -> U,
    ) -> Vec<U> {
        self.in_pieces |= stated.len() > most;
        let stated = self.faults.bounded(&at.field(field), stated, most);
        let mut known = Vec::with_capacity(stated.len());
        for (place, stated) in stated.iter().enumerate() {
            known.push(read(self, &at.item(field, place), stated));
        }
        known
    }

    /// A list that may not be empty.
    pub fn needed_list<T, U>(
        &mut self,
        (at, field): (&FieldPath<'_>, &str),
        stated: &[T],
        most: usize,
        read: impl Fn(&mut Self, &FieldPath<'_>, &T) -> U,
    ) -> Vec<U> {
        if stated.is_empty() {
            self.faults.push(&at.field(field), missing());
            self.in_pieces = true;
        }
        self.list((at, field), stated, most, read)
    }

    /// An id of the caller's own; empty where it is faulty.
    pub fn id(&mut self, at: &FieldPath<'_>, stated: &str) -> String {
        self.faults.check(at, id(stated, LONGEST_OWN_ID)).unwrap_or_default()
    }

    /// An id of the caller's own, or none.
    pub fn optional_id(&mut self, at: &FieldPath<'_>, stated: &str) -> Option<String> {
        (!stated.is_empty()).then(|| self.id(at, stated))
    }

    /// Ids of the caller's own.
    pub fn ids(
        &mut self,
        at: (&FieldPath<'_>, &str),
        stated: &[String],
        most: usize,
    ) -> Vec<String> {
        self.list(at, stated, most, |reading, at, stated| reading.id(at, stated))
    }

    /// An id of the schedule's; empty where it is faulty.
    pub fn schedule_id(&mut self, at: &FieldPath<'_>, stated: &str) -> String {
        self.faults.check(at, id(stated, LONGEST_ID)).unwrap_or_default()
    }

    pub fn region(&mut self, at: &FieldPath<'_>, stated: &str) -> Region {
        self.faults.check(at, parsed(stated, "UNKNOWN_REGION")).unwrap_or(Region::UNKNOWN)
    }

    pub fn optional_region(&mut self, at: &FieldPath<'_>, stated: &str) -> Option<Region> {
        (!stated.is_empty()).then(|| self.region(at, stated))
    }

    pub fn goods_code(&mut self, at: &FieldPath<'_>, stated: &str) -> GoodsCode {
        self.faults.check(at, parsed(stated, "MALFORMED_GOODS_CODE")).unwrap_or(GoodsCode::UNKNOWN)
    }

    pub fn currency(&mut self, at: &FieldPath<'_>, stated: &str) -> Option<Currency> {
        self.faults.check(at, parsed(stated, "UNKNOWN_CURRENCY"))
    }

    pub fn date(&mut self, at: &FieldPath<'_>, stated: Option<google::Date>) -> Option<Date> {
        self.faults.check(at, required(stated).and_then(date))
    }

    pub fn optional_date(
        &mut self,
        at: &FieldPath<'_>,
        stated: Option<google::Date>,
    ) -> Option<Date> {
        self.faults.check(at, date(stated?))
    }

    /// First day and the day after the last, either of them open.
    pub fn days_within(
        &mut self,
        at: &FieldPath<'_>,
        start_date: Option<google::Date>,
        end_date: Option<google::Date>,
    ) -> (Option<Date>, Option<Date>) {
        let from = self.optional_date(&at.field("start_date"), start_date);
        let to = self.optional_date(&at.field("end_date"), end_date);
        if let (Some(from), Some(to)) = (from, to)
            && to <= from
        {
            let message = format!("{to} must be later than {from}");
            self.faults.push(&at.field("end_date"), Fault::new("OUT_OF_RANGE", message));
        }
        (from, to)
    }

    pub fn number(
        &mut self,
        at: &FieldPath<'_>,
        stated: Option<&google::Decimal>,
        bounds: Bounds,
    ) -> Decimal {
        let number = required(stated).and_then(|stated| bounds.read(stated));
        self.faults.check(at, number).unwrap_or(bounds.harmless())
    }

    pub fn optional_number(
        &mut self,
        at: &FieldPath<'_>,
        stated: Option<&google::Decimal>,
        bounds: Bounds,
    ) -> Option<Decimal> {
        stated.map(|stated| self.number(at, Some(stated), bounds))
    }

    /// A whole number within bounds; zero, as a field not set has it, is the
    /// least.
    pub fn count(&mut self, at: &FieldPath<'_>, stated: i32, least: u32, most: u32) -> u32 {
        match u32::try_from(stated) {
            Ok(0) => least,
            Ok(number) if number <= most => number,
            _ => {
                let message = format!("{stated} must be {least} to {most}");
                self.faults.push(at, Fault::new("OUT_OF_RANGE", message));
                least
            }
        }
    }

    /// An amount from zero on.
    pub fn money(&mut self, at: &FieldPath<'_>, stated: Option<&google::Money>) -> Money {
        let money = required(stated).and_then(|stated| amount(stated, true));
        self.faults.check(at, money).unwrap_or(Money::zero(self.currency))
    }

    /// An amount above zero.
    pub fn price(&mut self, at: &FieldPath<'_>, stated: Option<&google::Money>) -> Money {
        let money = required(stated).and_then(|stated| amount(stated, false));
        self.faults.check(at, money).unwrap_or(Money::new(Decimal::ONE, self.currency))
    }

    /// An amount that may be negative.
    pub fn balance(&mut self, at: &FieldPath<'_>, stated: Option<&google::Money>) -> Money {
        let money = required(stated).and_then(signed_amount);
        self.faults.check(at, money).unwrap_or(Money::zero(self.currency))
    }

    pub fn optional_money(
        &mut self,
        at: &FieldPath<'_>,
        stated: Option<&google::Money>,
    ) -> Option<Money> {
        stated.map(|stated| self.money(at, Some(stated)))
    }

    /// One number for every period, or one that holds in all.
    pub fn series(
        &mut self,
        at: (&FieldPath<'_>, &str),
        stated: &[google::Decimal],
        bounds: Bounds,
    ) -> Vec<Decimal> {
        let read = self.list(at, stated, MOST_PERIODS, |reading, at, stated| {
            reading.number(at, Some(stated), bounds)
        });
        self.of_every_period(at, stated.len(), read, bounds.harmless())
    }

    /// One amount for every period, or one that holds in all.
    pub fn money_series(
        &mut self,
        at: (&FieldPath<'_>, &str),
        stated: &[google::Money],
    ) -> Vec<Money> {
        let read = self
            .list(at, stated, MOST_PERIODS, |reading, at, stated| reading.money(at, Some(stated)));
        self.of_every_period(at, stated.len(), read, Money::zero(self.currency))
    }

    fn of_every_period<T>(
        &mut self,
        (at, field): (&FieldPath<'_>, &str),
        stated: usize,
        read: Vec<T>,
        harmless: T,
    ) -> Vec<T> {
        let fault = match self.periods {
            _ if stated == 0 => missing(),
            _ if stated == 1 || stated > MOST_PERIODS => return read,
            None => return read,
            Some(periods) if stated == periods => return read,
            Some(periods) => {
                let message = format!("{stated} values: one is needed, or {periods}");
                Fault::new("SERIES_LENGTH", message)
            }
        };
        self.faults.push(&at.field(field), fault);
        vec![harmless]
    }

    /// A value of an enumeration; none where there is no such value.
    pub fn choice<E: TryFrom<i32>>(&mut self, at: &FieldPath<'_>, stated: i32) -> Option<E> {
        let fault = || Fault::new("UNKNOWN_ENUM_VALUE", format!("{stated} is not a value of it"));
        self.faults.check(at, E::try_from(stated).map_err(|_| fault()))
    }
}
