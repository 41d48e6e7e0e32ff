//! What the check asks of the law.

use crate::money::{Currency, Money};
use crate::sourcing::CostKind;
use crate::tariff::Region;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The law, as far as a plan is held against it.
///
/// Importers are told as the territory whose law it is: a customs union, or the
/// country itself.
pub trait Customs {
    /// The importer whose law holds in a country.
    fn importer(&self, region: Region) -> Region;

    /// Whether goods of an origin are at home in a country: no entry is made.
    fn at_home(&self, origin: Region, region: Region) -> bool;

    /// Currency an importer charges in; none where its law is neither held nor
    /// stated.
    fn currency(&self, importer: Region) -> Option<Currency>;

    /// Windows of days of entry on which the law is one, in order.
    fn entry_windows(&self, shipment: Shipment<'_>) -> Vec<EntryWindow>;

    /// The same for part kits, which enter in the period itself.
    fn kit_windows(&self, supply: KitSupply<'_>) -> Vec<EntryWindow>;

    /// Charges on one entry of so many vehicles in the window that begins on a
    /// day.
    fn quote(
        &self,
        shipment: Shipment<'_>,
        from: Date,
        articles: Decimal,
        within_quota: bool,
    ) -> Option<EntryQuote>;

    /// Charges on one entry of so many kits in the window that begins on a day.
    fn quote_kit(&self, supply: KitSupply<'_>, from: Date, articles: Decimal)
    -> Option<EntryQuote>;

    /// A tranche of a quota.
    fn tranche(&self, tranche: &TrancheId) -> Option<Tranche>;

    /// Share of its base a credit is earned at by what is assembled on a day.
    fn credit_rate(&self, importer: Region, credit: &str, day: Date) -> Decimal;

    /// Whether a credit may be spent on a layer.
    fn creditable(&self, importer: Region, credit: &str, programme: &str, heading: &str) -> bool;
}

/// Vehicles that leave a plant for a market in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipment<'a> {
    /// Model line.
    pub model: &'a str,
    /// Plant.
    pub plant: &'a str,
    /// Market.
    pub market: &'a str,
    /// Period of shipment.
    pub period: &'a str,
}

/// Part kits a plant takes in a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KitSupply<'a> {
    /// Model line.
    pub model: &'a str,
    /// Plant.
    pub plant: &'a str,
    /// Kit.
    pub kit: &'a str,
    /// Period.
    pub period: &'a str,
}

/// Days of entry on which the law is one.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryWindow {
    /// First day.
    pub from: Date,
    /// First day after it.
    pub to: Date,
    /// Share of the period's vehicles that enter in it.
    pub share: Decimal,
    /// Tranche they may be entered within.
    pub tranche: Option<TrancheId>,
}

/// A tranche, by the day it begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrancheId {
    /// Importer.
    pub importer: Region,
    /// Quota.
    pub quota: String,
    /// First day.
    pub start: Date,
}

/// What the law opens in a tranche.
#[derive(Clone, Debug, PartialEq)]
pub struct Tranche {
    /// Units, before what is carried over.
    pub volume: Decimal,
    /// First days of the tranches whose unused units are added.
    pub carried_from: Vec<Date>,
}

/// Charges on one entry.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryQuote {
    /// Borne, in the importer's currency: the sum of the layers.
    pub charges: Money,
    /// Recovered, in the importer's currency.
    pub recovered: Money,
    /// Customs value.
    pub customs_value: Money,
    /// What is borne, by layer.
    pub layers: Vec<QuotedLayer>,
    /// Whether the law leaves nothing open.
    pub determined: bool,
}

/// A layer of an entry's charges that is borne.
#[derive(Clone, Debug, PartialEq)]
pub struct QuotedLayer {
    /// Duty, fee or tax.
    pub kind: CostKind,
    /// Programme, or `column`.
    pub programme: String,
    /// Heading charged under.
    pub heading: String,
    /// On the entry, in the importer's currency.
    pub amount: Money,
}
