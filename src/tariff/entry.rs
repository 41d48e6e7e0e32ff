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
}

/// What the caller knows of the world on the entry date.
#[derive(Clone, Debug, Default)]
pub struct WorldState {
    /// Units left, by quota id, with the place in the request.
    pub quota_balances: Vec<DeclaredBalance>,
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
    /// Units left before this entry.
    pub remaining: Decimal,
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
