//! The format `sourcing-problem/1`, as written in a file.
//!
//! Money is in hundredths of a unit: costs of a site in the currency of its
//! country, others in the base currency. Rates and shares are in basis points.

use super::InstanceFault;
use super::figures::Figure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a file says it is.
pub(super) const SCHEMA: &str = "sourcing-problem/1";

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct SourcingFile {
    pub(super) schema: String,
    #[serde(default)]
    pub(super) name: String,
    #[serde(default)]
    pub(super) seed: u64,
    #[serde(default)]
    pub(super) units: Units,
    /// Labels of the periods.
    pub(super) periods: Vec<String>,
    /// Units of the base currency for one unit of each.
    pub(super) fx: BTreeMap<String, Figure>,
    pub(super) countries: Vec<Country>,
    pub(super) models: Vec<Model>,
    pub(super) sites: Vec<Site>,
    pub(super) markets: Vec<Market>,
    pub(super) production: Vec<Production>,
    pub(super) freight: Vec<Freight>,
    pub(super) demand: Vec<Demand>,
    pub(super) tariffs: Vec<Tariff>,
    pub(super) tariff_rate_quotas: Vec<Quota>,
    pub(super) domestic_floors: Vec<Floor>,
    pub(super) unmet_penalty: Figure,
    pub(super) discount_bp: Figure,
    pub(super) scenarios: Vec<Scenario>,
}

/// Labels; nothing is read from them.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Units {
    pub(super) money: String,
    pub(super) base_currency: String,
    pub(super) volume: String,
    pub(super) capacity: String,
    pub(super) rate: String,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Country {
    pub(super) id: String,
    pub(super) currency: String,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Model {
    pub(super) id: String,
    /// Capacity one vehicle uses.
    pub(super) hours: Figure,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Site {
    pub(super) id: String,
    pub(super) country: String,
    pub(super) capacity: Figure,
    pub(super) initially_open: bool,
    pub(super) opening_cost: Figure,
    pub(super) fixed_cost_per_period: Figure,
    pub(super) closing_cost: Figure,
    pub(super) ramp_bp: Vec<Figure>,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Market {
    pub(super) id: String,
    pub(super) country: String,
}

/// A model that may be built at a site.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Production {
    pub(super) site: String,
    pub(super) model: String,
    pub(super) unit_cost: Figure,
    pub(super) launch_cost: Figure,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Freight {
    pub(super) site: String,
    pub(super) market: String,
    pub(super) unit_cost: Figure,
}

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Demand {
    pub(super) model: String,
    pub(super) market: String,
    /// By period.
    pub(super) volume: Vec<Figure>,
}

/// A rate on the cost of building a vehicle.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Tariff {
    pub(super) importer: String,
    pub(super) exporter: String,
    pub(super) rate_bp: Figure,
}

/// Vehicles of an exporter that enter at a rate of their own.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Quota {
    #[serde(default)]
    pub(super) id: String,
    pub(super) importer: String,
    pub(super) exporter: String,
    pub(super) models: Vec<String>,
    /// By period.
    pub(super) volume: Vec<Figure>,
    pub(super) in_quota_bp: Figure,
    pub(super) over_quota_bp: Figure,
}

/// A share of what is sold in a country that must be built there.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Floor {
    pub(super) country: String,
    pub(super) share_bp: Figure,
    pub(super) shortfall_penalty: Figure,
}

/// What may come true; factors absent are one, additions absent are none.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Scenario {
    #[serde(default)]
    pub(super) id: String,
    pub(super) probability: Figure,
    /// By currency, on what building a vehicle costs.
    pub(super) fx: BTreeMap<String, Figure>,
    /// By market.
    pub(super) demand_factor: BTreeMap<String, Figure>,
    pub(super) tariff_add_bp: Vec<TariffAddition>,
}

/// Basis points on top of a rate, in a quota and over it.
#[derive(Debug, Deserialize, Serialize)]
pub(super) struct TariffAddition {
    pub(super) importer: String,
    pub(super) exporter: String,
    pub(super) add_bp: Figure,
}

impl SourcingFile {
    pub(super) fn of_text(text: &str) -> Result<Self, InstanceFault> {
        let file: Self = serde_json::from_str(text)?;
        if file.schema != SCHEMA {
            return Err(InstanceFault::FormatNotSupported(file.schema));
        }
        Ok(file)
    }

    /// The one scenario that can be solved.
    pub(super) fn scenario(&self) -> Result<&Scenario, InstanceFault> {
        match self.scenarios.as_slice() {
            [only] => Ok(only),
            several => Err(InstanceFault::ScenariosNotSupported(several.len())),
        }
    }
}
