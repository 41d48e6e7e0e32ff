//! The law of every arc and kit, by entry window: the customs engine as a plan
//! sees it.
//!
//! A period's days of entry are cut where the law changes for these goods and
//! where a quota's tranche ends; each window holds the duty function of its
//! days. A quote and a plan ask the same function.

mod declared;
mod goods;
mod law_calendar;
mod policy;
mod stated;
mod tranches;
mod windows;

use crate::money::{Money, Overflow, Rounding};
use crate::sourcing::network::Network;
use crate::sourcing::plan::CostKind;
use crate::sourcing::problem::{OpenLaw, SourcingProblem};
use crate::tariff::{
    ChargeKind, DutyFunction, EntryFault, EntryQuote, NoQuote, QuoteLayer, ReadingChoice, Region,
    Schedule,
};
use goods::Surveyor;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Duties of a problem under a schedule.
#[derive(Debug)]
pub struct Duties {
    /// Entry windows by arc and period.
    pub arcs: Vec<Vec<EntryWindows>>,
    /// Entry windows by option, kit and period.
    pub kits: Vec<Vec<Vec<EntryWindows>>>,
    /// Price declared of one vehicle, by arc and period.
    pub declared: Vec<Vec<Money>>,
    /// Tranches of quotas, in order of importers, quotas and days.
    pub tranches: Vec<Tranche>,
    /// Credits, in order of the problem's list.
    pub credits: Vec<CreditLaw>,
    /// What was assumed.
    pub assumptions: BTreeSet<String>,
    /// Last publication day taken into account.
    pub known_at: Date,
    functions: Vec<Charges>,
    importers: BTreeMap<Region, Region>,
    choice: ReadingChoice,
    quotes: Mutex<HashMap<(usize, Decimal, bool), Arc<EntryQuote>>>,
}

/// The windows of one period, in order of days.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EntryWindows {
    /// The windows.
    pub windows: Vec<EntryWindow>,
    /// Sum of their weights.
    pub of: Decimal,
}

/// Days of entry on which the law is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntryWindow {
    /// First day.
    pub from: Date,
    /// First day after it.
    pub to: Date,
    /// Part of the period's vehicles, of [`EntryWindows::of`].
    pub weight: Decimal,
    /// What an entry costs: a place in the book.
    function: usize,
    /// Tranche that entries may draw on, by place.
    pub tranche: Option<usize>,
}

/// How an entry is charged.
#[derive(Clone, Debug)]
enum Charges {
    /// By law.
    Law(Box<DutyFunction>),
    /// By law, and by another within a quota that is conceded.
    Conceded {
        /// Within the quota.
        within: Box<DutyFunction>,
        /// Beyond it.
        over: Box<DutyFunction>,
    },
    /// By the caller's word: a share of the declared price of one article.
    Stated {
        /// The price.
        price: Money,
        /// The share.
        rate: Decimal,
    },
}

/// A tranche of a quota, and what others take of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Tranche {
    /// Importer, as the quota's tariff names it.
    pub importer: Region,
    /// The quota's id.
    pub quota: String,
    /// First day.
    pub from: Date,
    /// Units opened by law.
    pub volume: Decimal,
    /// Units used up before and by others.
    pub used_by_others: Decimal,
    /// Tranches, by place, whose unused units are added.
    pub carried_from: Vec<usize>,
}

impl Tranche {
    /// Units of its own that are left for the plan; less than zero where others
    /// take of what is carried over into it.
    pub fn own_units(&self) -> Decimal {
        self.volume - self.used_by_others
    }
}

/// The law of a credit.
#[derive(Clone, Debug)]
pub struct CreditLaw {
    /// What a vehicle earns, by earning and period, in the importer's
    /// currency, unrounded.
    pub earned: Vec<Vec<Decimal>>,
    /// The importer's currency.
    pub currency: crate::money::Currency,
    /// Programmes and headings of the duties it may be spent on.
    against: HashSet<(String, String)>,
}

impl CreditLaw {
    /// Whether it may be spent on a duty.
    pub fn meets(&self, programme: &str, heading: &str) -> bool {
        self.against.contains(&(programme.to_owned(), heading.to_owned()))
    }
}

impl Duties {
    /// Finds the law of every arc and kit.
    ///
    /// # Errors
    /// Every fault of goods, facts and elections, and every question that
    /// leaves a cost open where the problem does not say how to read it.
    pub fn of(
        problem: &SourcingProblem,
        network: &Network,
        schedule: &Schedule,
    ) -> Result<Self, Vec<EntryFault>> {
        Surveyor::survey(problem, network, schedule)
    }

    /// The territory whose law holds in a country: the country itself, or its
    /// customs union.
    pub fn importer(&self, region: Region) -> Region {
        self.importers.get(&region).copied().unwrap_or(region)
    }

    /// What one entry in a window costs.
    ///
    /// # Errors
    /// [`NoQuote`].
    pub fn quote(
        &self,
        window: &EntryWindow,
        articles: Decimal,
        within_quota: bool,
    ) -> Result<Arc<EntryQuote>, NoQuote> {
        let key = (window.function, articles, within_quota);
        // A quote is put in whole or not at all: what a panic left behind is sound.
        let quotes = || self.quotes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = quotes().get(&key) {
            return Ok(known.clone());
        }
        let quote = match &self.functions[window.function] {
            Charges::Law(function) => function.quote(articles, within_quota, self.choice)?,
            Charges::Conceded { within, over } => {
                let function = if within_quota { within } else { over };
                function.quote(articles, false, self.choice)?
            }
            Charges::Stated { price, rate } => stated(price.times(articles)?, *rate)?,
        };
        let quote = Arc::new(quote);
        quotes().insert(key, quote.clone());
        Ok(quote)
    }
}

/// A charge by the caller's word.
fn stated(price: Money, rate: Decimal) -> Result<EntryQuote, Overflow> {
    let charges = price.times(rate)?.rounded(Rounding::HALF_UP);
    let layer = QuoteLayer {
        kind: ChargeKind::Duty,
        programme: "stated".to_owned(),
        heading: String::new(),
        amount: charges,
    };
    let layers = if charges.is_zero() { Vec::new() } else { vec![layer] };
    Ok(EntryQuote {
        charges,
        recovered: Money::zero(price.currency()),
        customs_value: price,
        layers,
        determined: true,
    })
}

/// The kind of cost a charge is.
pub fn cost_kind(kind: ChargeKind) -> CostKind {
    match kind {
        ChargeKind::Duty => CostKind::Duty,
        ChargeKind::Fee => CostKind::Fee,
        ChargeKind::Tax => CostKind::Tax,
        ChargeKind::Credit => CostKind::Credit,
    }
}

/// How open law is read.
fn choice(open_law: OpenLaw) -> ReadingChoice {
    match open_law {
        OpenLaw::Refuse => ReadingChoice::OneAmount,
        OpenLaw::Highest => ReadingChoice::Highest,
        OpenLaw::Lowest => ReadingChoice::Lowest,
    }
}

/// Tranches of one quota, by first day.
type TranchePlaces = BTreeMap<(Region, String), Vec<usize>>;
