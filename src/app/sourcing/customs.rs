//! The law as the check of plans asks about it.

use crate::money::Currency;
use crate::sourcing::check::{
    Customs, EntryQuote, EntryWindow, KitSupply, QuotedLayer, Shipment, Tranche, TrancheId,
};
use crate::sourcing::{Duties, EntryWindows, Network, SourcingProblem, cost_kind};
use crate::tariff::{Region, Schedule};
use jiff::civil::Date;
use rust_decimal::Decimal;

/// The law of a problem, by the caller's ids.
pub(super) struct HeldCustoms<'a> {
    pub problem: &'a SourcingProblem,
    pub network: &'a Network,
    pub duties: &'a Duties,
    pub schedule: &'a Schedule,
}

impl HeldCustoms<'_> {
    fn of_shipment(&self, shipment: Shipment<'_>) -> Option<&EntryWindows> {
        let option = self.network.option(shipment.model, shipment.plant)?;
        let demand = self.network.demand(shipment.model, shipment.market)?;
        let arc = self.network.arc(option, demand)?;
        self.duties.arcs.get(arc)?.get(self.network.period(shipment.period)?)
    }

    fn of_supply(&self, supply: KitSupply<'_>) -> Option<&EntryWindows> {
        let option = self.network.option(supply.model, supply.plant)?;
        let mut kits = self.problem.options[option].kits.iter();
        let kit = kits.position(|kit| kit.id == supply.kit)?;
        self.duties.kits.get(option)?.get(kit)?.get(self.network.period(supply.period)?)
    }

    fn told(&self, windows: Option<&EntryWindows>) -> Vec<EntryWindow> {
        let Some(windows) = windows else { return Vec::new() };
        let told = windows.windows.iter().map(|window| EntryWindow {
            from: window.from,
            to: window.to,
            share: window.weight.checked_div(windows.of).unwrap_or_default(),
            tranche: window.tranche.map(|place| {
                let tranche = &self.duties.tranches[place];
                TrancheId {
                    importer: tranche.importer,
                    quota: tranche.quota.clone(),
                    start: tranche.from,
                }
            }),
        });
        told.collect()
    }

    fn quoted(
        &self,
        windows: Option<&EntryWindows>,
        from: Date,
        articles: Decimal,
        within_quota: bool,
    ) -> Option<EntryQuote> {
        let window = windows?.windows.iter().find(|window| window.from == from)?;
        let quote = self.duties.quote(window, articles, within_quota).ok()?;
        let layers = quote.layers.iter().map(|layer| QuotedLayer {
            kind: cost_kind(layer.kind),
            programme: layer.programme.clone(),
            heading: layer.heading.clone(),
            amount: layer.amount,
        });
        Some(EntryQuote {
            charges: quote.charges,
            recovered: quote.recovered,
            customs_value: quote.customs_value,
            layers: layers.collect(),
            determined: quote.determined,
        })
    }
}

impl Customs for HeldCustoms<'_> {
    fn importer(&self, region: Region) -> Region {
        self.duties.importer(region)
    }

    fn at_home(&self, _: Region, _: Region) -> bool {
        // The engine tells what falls on goods supplied at home as well.
        false
    }

    fn currency(&self, importer: Region) -> Option<Currency> {
        self.schedule.tariff_of(importer).map(|tariff| tariff.currency)
    }

    fn entry_windows(&self, shipment: Shipment<'_>) -> Vec<EntryWindow> {
        self.told(self.of_shipment(shipment))
    }

    fn kit_windows(&self, supply: KitSupply<'_>) -> Vec<EntryWindow> {
        self.told(self.of_supply(supply))
    }

    fn quote(
        &self,
        shipment: Shipment<'_>,
        from: Date,
        articles: Decimal,
        within_quota: bool,
    ) -> Option<EntryQuote> {
        self.quoted(self.of_shipment(shipment), from, articles, within_quota)
    }

    fn quote_kit(
        &self,
        supply: KitSupply<'_>,
        from: Date,
        articles: Decimal,
    ) -> Option<EntryQuote> {
        self.quoted(self.of_supply(supply), from, articles, false)
    }

    fn tranche(&self, id: &TrancheId) -> Option<Tranche> {
        let tranches = &self.duties.tranches;
        let found = tranches.iter().find(|tranche| {
            tranche.importer == id.importer && tranche.quota == id.quota && tranche.from == id.start
        })?;
        let sources = found.carried_from.iter().map(|source| tranches[*source].from);
        Some(Tranche { volume: found.volume, carried_from: sources.collect() })
    }

    fn credit_rate(&self, importer: Region, credit: &str, day: Date) -> Decimal {
        let tariff = self.schedule.tariff_of(importer);
        let held = tariff.and_then(|tariff| tariff.credits.iter().find(|held| held.id == credit));
        let rate = held.and_then(|held| held.rate(day, self.duties.known_at));
        rate.map(|rate| rate.rate.fraction()).unwrap_or_default()
    }

    fn creditable(&self, importer: Region, credit: &str, programme: &str, heading: &str) -> bool {
        let outlooks = self.problem.policy.credits.iter().zip(&self.duties.credits);
        let mut own = outlooks.filter(|(outlook, _)| {
            outlook.credit == credit && self.duties.importer(outlook.importer) == importer
        });
        own.any(|(_, law)| law.meets(programme, heading))
    }
}
