//! What a plan decides, in the caller's own ids.

use crate::money::Money;
use crate::tariff::Region;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What a plan decides. What is not listed is not done.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Decisions {
    /// Plants, each with the periods in which it is open.
    pub plants: Vec<PlantDecision>,
    /// Launches; of options launched before the first period none.
    pub launches: Vec<LaunchDecision>,
    /// Expansions.
    pub expansions: Vec<ExpansionDecision>,
    /// Vehicles.
    pub flows: Vec<FlowDecision>,
    /// Money spent of credits.
    pub credits: Vec<CreditDecision>,
}

impl Decisions {
    /// The same without what is settled at best when it is left open: entries
    /// within quotas, and credits spent.
    #[must_use]
    pub fn unsettled(&self) -> Self {
        let mut open = self.clone();
        open.credits.clear();
        for flow in &mut open.flows {
            flow.in_quota.clear();
        }
        open
    }
}

/// When a plant is open.
#[derive(Clone, Debug, PartialEq)]
pub struct PlantDecision {
    /// Plant.
    pub plant: String,
    /// Periods in which it is open.
    pub open_periods: Vec<String>,
}

/// A model launched in a plant.
#[derive(Clone, Debug, PartialEq)]
pub struct LaunchDecision {
    /// Model line.
    pub model: String,
    /// Plant.
    pub plant: String,
    /// Period in which it is paid.
    pub period: String,
}

/// A step of growth decided.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpansionDecision {
    /// Plant.
    pub plant: String,
    /// Step.
    pub expansion: String,
    /// Period in which it is paid.
    pub period: String,
}

/// Vehicles built in a plant for a market.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowDecision {
    /// Model line.
    pub model: String,
    /// Plant.
    pub plant: String,
    /// Market.
    pub market: String,
    /// Period of shipment.
    pub period: String,
    /// Vehicles, more than zero.
    pub units: Decimal,
    /// Those entered within a quota, by first day of the entry window.
    pub in_quota: Vec<(Date, Decimal)>,
}

/// Money of a credit spent in a period.
#[derive(Clone, Debug, PartialEq)]
pub struct CreditDecision {
    /// Importer.
    pub importer: Region,
    /// Credit.
    pub credit: String,
    /// Period.
    pub period: String,
    /// Spent, in the importer's currency.
    pub spent: Money,
}
