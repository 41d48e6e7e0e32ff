//! Countries of a file: what their currencies are worth, and what a vehicle of
//! one pays to enter another.

use super::InstanceFault;
use super::figures::{product, sum};
use super::sourcing_file::{Scenario, SourcingFile};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// An importer and an exporter.
type Lane<'a> = (&'a str, &'a str);

/// Countries of a file under a scenario.
pub(super) struct Territories<'a> {
    file: &'a SourcingFile,
    scenario: &'a Scenario,
    currencies: HashMap<&'a str, &'a str>,
    markets: HashMap<&'a str, &'a str>,
    /// Basis points.
    rates: HashMap<Lane<'a>, Decimal>,
    /// Basis points in a quota, and the quota's place.
    quotas: HashMap<(Lane<'a>, &'a str), (Decimal, usize)>,
}

/// What a vehicle pays to enter, in basis points of its cost.
#[derive(Clone, Copy, Default)]
pub(super) struct EntryRates {
    /// Outside quotas.
    pub(super) outside: Decimal,
    /// In the quota.
    pub(super) inside: Decimal,
    /// The quota, by place.
    pub(super) quota: Option<usize>,
}

impl<'a> Territories<'a> {
    pub(super) fn of(
        file: &'a SourcingFile,
        scenario: &'a Scenario,
    ) -> Result<Self, InstanceFault> {
        let mut additions: HashMap<Lane<'a>, Decimal> = HashMap::new();
        for addition in &scenario.tariff_add_bp {
            let lane = (addition.importer.as_str(), addition.exporter.as_str());
            let added = additions.entry(lane).or_default();
            *added = sum("an addition to a rate", [*added, addition.add_bp.0])?;
        }
        let added = |lane| additions.get(&lane).copied().unwrap_or_default();
        // An addition falls on a lane without a rate of its own as well.
        let mut rates = additions.clone();
        for tariff in &file.tariffs {
            let lane = (tariff.importer.as_str(), tariff.exporter.as_str());
            rates.insert(lane, sum("a rate", [tariff.rate_bp.0, added(lane)])?);
        }
        let mut quotas = HashMap::new();
        for (place, quota) in file.tariff_rate_quotas.iter().enumerate() {
            let lane = (quota.importer.as_str(), quota.exporter.as_str());
            let rate = sum("a rate", [quota.in_quota_bp.0, added(lane)])?;
            quotas.extend(quota.models.iter().map(|model| ((lane, model.as_str()), (rate, place))));
        }
        let countries = file.countries.iter();
        let markets = file.markets.iter();
        Ok(Self {
            file,
            scenario,
            currencies: countries.map(|one| (one.id.as_str(), one.currency.as_str())).collect(),
            markets: markets.map(|one| (one.id.as_str(), one.country.as_str())).collect(),
            rates,
            quotas,
        })
    }

    /// Country of a market.
    pub(super) fn of_market(&self, market: &str) -> Result<&'a str, InstanceFault> {
        let unknown = || InstanceFault::Unknown { what: "market", id: market.to_owned() };
        self.markets.get(market).copied().ok_or_else(unknown)
    }

    /// Units of the base currency for one of the country's.
    pub(super) fn worth(&self, country: &str) -> Result<Decimal, InstanceFault> {
        let currency = self.currency(country)?;
        let unknown = || InstanceFault::Unknown { what: "currency", id: currency.to_owned() };
        self.file.fx.get(currency).map(|figure| figure.0).ok_or_else(unknown)
    }

    /// The same, moved as the scenario says.
    pub(super) fn worth_in_scenario(&self, country: &str) -> Result<Decimal, InstanceFault> {
        let moved = self.scenario.fx.get(self.currency(country)?);
        let moved = moved.map_or(Decimal::ONE, |figure| figure.0);
        product("an exchange rate", [self.worth(country)?, moved])
    }

    /// What a model pays to enter; nothing at home.
    pub(super) fn entry(&self, importer: &str, exporter: &str, model: &str) -> EntryRates {
        if importer == exporter {
            return EntryRates::default();
        }
        let lane = (importer, exporter);
        let outside = self.rates.get(&lane).copied().unwrap_or_default();
        match self.quotas.get(&(lane, model)) {
            Some((inside, quota)) => EntryRates { outside, inside: *inside, quota: Some(*quota) },
            None => EntryRates { outside, inside: outside, quota: None },
        }
    }

    fn currency(&self, country: &str) -> Result<&'a str, InstanceFault> {
        let unknown = || InstanceFault::Unknown { what: "country", id: country.to_owned() };
        self.currencies.get(country).copied().ok_or_else(unknown)
    }
}
