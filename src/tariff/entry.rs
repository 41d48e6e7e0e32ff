//! What a caller declares: facts about goods, elections of the importer, the
//! state of the world.

use crate::money::{Currency, Money};
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::quantity::Quantity;
use crate::tariff::region::Region;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;

/// How goods reach the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportMode {
    /// By seagoing vessel.
    Ocean,
    /// By air.
    Air,
    /// By truck, or under their own power.
    Road,
    /// By rail.
    Rail,
}

/// A transport mode that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a transport mode: ocean, air, road, rail")]
pub struct UnknownTransportMode(String);

impl FromStr for TransportMode {
    type Err = UnknownTransportMode;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "ocean" => Ok(Self::Ocean),
            "air" => Ok(Self::Air),
            "road" => Ok(Self::Road),
            "rail" => Ok(Self::Rail),
            _ => Err(UnknownTransportMode(text.to_owned())),
        }
    }
}

impl fmt::Display for TransportMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ocean => "ocean",
            Self::Air => "air",
            Self::Road => "road",
            Self::Rail => "rail",
        })
    }
}

/// An entry as declared, not yet held against a tariff. A required field that
/// is `None` was faulty and is already reported by whoever read it: the tariff
/// is asked about the rest all the same, so that a caller learns every fault
/// at once.
#[derive(Clone, Debug, Default)]
pub struct Declaration {
    /// Date of entry for consumption.
    pub entry_date: Option<Date>,
    /// Another day whose law counts, where there is one.
    pub rate_date: Option<RateDate>,
    /// Whether the goods are made in the importer's territory and supplied
    /// there: no import, and only what falls on local goods too.
    pub local_supply: bool,
    /// How the goods arrive, where stated.
    pub transport_mode: Option<TransportMode>,
    /// The lines, in order.
    pub lines: Vec<DeclaredLine>,
    /// What the caller knows of the world.
    pub world: WorldState,
}

/// A line as declared. `None` in a required field: see [`Declaration`].
#[derive(Clone, Debug, Default)]
pub struct DeclaredLine {
    /// The caller's id.
    pub id: Option<String>,
    /// Facts about the goods.
    pub goods: Goods,
    /// What the importer elects.
    pub elections: Elections,
}

/// Facts about goods. `None` in a required field: see [`Declaration`].
#[derive(Clone, Debug, Default)]
pub struct Goods {
    /// National goods code. Required.
    pub code: Option<GoodsCode>,
    /// Country of origin. Required.
    pub origin: Option<Region>,
    /// Price at the port of export, of the whole line. Required.
    pub transaction_value: Option<Money>,
    /// International freight.
    pub freight: Option<Money>,
    /// International insurance.
    pub insurance: Option<Money>,
    /// Transport inside the importer's territory to the first destination.
    pub inland_freight: Option<Money>,
    /// Quantities, at most one a unit.
    pub quantities: Vec<Quantity>,
    /// Further facts by id, with their place in the request.
    pub facts: Vec<DeclaredFact>,
}

/// A fact as declared.
#[derive(Clone, Debug)]
pub struct DeclaredFact {
    /// Place in the request's list.
    pub position: usize,
    /// The fact's id.
    pub id: String,
    /// Its value.
    pub value: FactValue,
}

/// Value of a fact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FactValue {
    /// Yes or no.
    Truth(bool),
    /// A number or a year.
    Number(Decimal),
    /// A part of the customs value.
    Content(Money),
    /// A day.
    Date(Date),
}

/// What an importer elects for a line.
#[derive(Clone, Debug, Default)]
pub struct Elections {
    /// Symbol of the preference claimed.
    pub preference: Option<String>,
    /// Ids of statements made and approvals held.
    pub certifications: Vec<String>,
    /// Ids of quotas entered under.
    pub quotas: Vec<String>,
    /// Ids of credits spent.
    pub credits: Vec<String>,
    /// Whether the tariff line's own duty is reported apart from the all-in
    /// duty that includes it, as drawback of it may require.
    pub report_column_separately: bool,
}

/// What the caller knows of the world on the entry date.
#[derive(Clone, Debug, Default)]
pub struct WorldState {
    /// Units left or used, by quota id, with the place in the request.
    pub quota_balances: Vec<DeclaredBalance>,
    /// Money left, by credit id, with the place in the request.
    pub credit_balances: Vec<DeclaredCredit>,
    /// Published customs exchange rates.
    pub customs_exchange_rates: Vec<ExchangeRate>,
}

/// A quota balance as declared.
#[derive(Clone, Debug)]
pub struct DeclaredBalance {
    /// Place in the request's list.
    pub position: usize,
    /// The quota's id.
    pub quota: String,
    /// What is told of it.
    pub stock: DeclaredStock,
}

/// What a caller tells of a quota.
#[derive(Clone, Debug)]
pub enum DeclaredStock {
    /// Units left before this entry.
    Remaining(Decimal),
    /// Units used before this entry, by first day of a period, with the place
    /// in the request.
    Used(Vec<(usize, Date, Decimal)>),
}

/// A credit balance as declared.
#[derive(Clone, Debug)]
pub struct DeclaredCredit {
    /// Place in the request's list.
    pub position: usize,
    /// The credit's id.
    pub credit: String,
    /// Money left before this entry.
    pub remaining: Money,
}

/// Another day whose law counts, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateDate {
    /// What happened on the day.
    pub basis: RateDateBasis,
    /// The day.
    pub date: Date,
}

/// Why the law of another day than that of entry counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateDateBasis {
    /// Withdrawn from warehouse for consumption: duty and quotas are those of
    /// the day of withdrawal (for the US, 19 USC 1315(a)).
    Withdrawal,
    /// Admitted to a foreign-trade zone in privileged foreign status: duty is
    /// that of the day of admission, quotas that of entry (19 CFR 146.65).
    PrivilegedForeignStatus,
    /// Entered for immediate transportation: duty is that of the day the
    /// entry was accepted at the port of arrival (19 CFR 141.69).
    ImmediateTransportation,
}

/// A basis of a rate date that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a basis of a rate date: withdrawal, privileged-foreign-status, \
     immediate-transportation"
)]
pub struct UnknownRateDateBasis(String);

impl FromStr for RateDateBasis {
    type Err = UnknownRateDateBasis;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "withdrawal" => Ok(Self::Withdrawal),
            "privileged-foreign-status" => Ok(Self::PrivilegedForeignStatus),
            "immediate-transportation" => Ok(Self::ImmediateTransportation),
            _ => Err(UnknownRateDateBasis(text.to_owned())),
        }
    }
}

impl fmt::Display for RateDateBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Withdrawal => "withdrawal",
            Self::PrivilegedForeignStatus => "privileged-foreign-status",
            Self::ImmediateTransportation => "immediate-transportation",
        })
    }
}

/// A published customs exchange rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ExchangeRate {
    /// Currency converted from.
    pub from: Currency,
    /// Currency converted to.
    pub to: Currency,
    /// Units of `to` for one unit of `from`.
    pub rate: Decimal,
    /// Day it was published.
    pub published_on: Date,
}

/// Something in a declaration that the tariff refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryFault {
    /// Path of the field in the request: `entry.lines[0].goods.goods_code`.
    pub field: String,
    /// Stable reason in capitals.
    pub reason: &'static str,
    /// One sentence.
    pub message: String,
}
