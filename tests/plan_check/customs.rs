//! Law of simple rates: one change of law for each importer, one quota, two
//! credits.

use crate::problem::{money, number, region};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use portolan::money::{Currency, Money, Rounding};
use portolan::sourcing::check::{
    Customs, EntryQuote, EntryWindow, KitSupply, QuotedLayer, Shipment, Tranche, TrancheId,
};
use portolan::sourcing::{CostKind, Lane, SourcingProblem};
use portolan::tariff::Region;
use rust_decimal::Decimal;

pub struct SimpleLaw<'a> {
    pub problem: &'a SourcingProblem,
}

/// First days of the quota's tranches.
const TRANCHES: [Date; 5] =
    [date(2025, 1, 1), date(2025, 4, 1), date(2025, 7, 1), date(2025, 10, 1), date(2026, 1, 1)];

const US_CHANGE: Date = date(2025, 4, 3);
const EU_CHANGE: Date = date(2026, 3, 1);

impl SimpleLaw<'_> {
    pub fn lane(&self, shipment: Shipment<'_>) -> Option<&Lane> {
        self.problem.lanes.iter().find(|lane| {
            lane.plant == shipment.plant
                && lane.market == shipment.market
                && (lane.models.is_empty() || lane.models.iter().any(|it| it == shipment.model))
        })
    }

    fn days(&self, period: &str, transit: u32) -> (Date, Date) {
        let period = self.problem.periods.iter().find(|it| it.id == period).unwrap();
        let later = i64::from(transit).days();
        (period.start + later, period.end + later)
    }
}

fn cut((first, end): (Date, Date), cuts: &[Date]) -> Vec<(Date, Date)> {
    let mut days = vec![first];
    let mut within: Vec<Date> =
        cuts.iter().copied().filter(|day| first < *day && *day < end).collect();
    within.sort();
    within.dedup();
    days.extend(within);
    days.push(end);
    days.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

fn days(from: Date, to: Date) -> Decimal {
    Decimal::from(from.until(to).unwrap().get_days())
}

fn layer(kind: CostKind, programme: &str, amount: Money) -> QuotedLayer {
    QuotedLayer {
        kind,
        programme: programme.to_owned(),
        heading: format!("9903.{}", programme.len()),
        amount: amount.rounded(Rounding::HALF_UP),
    }
}

fn entry(value: Money, layers: Vec<QuotedLayer>, recovered: Decimal) -> EntryQuote {
    let nothing = Money::zero(value.currency());
    EntryQuote {
        charges: layers.iter().fold(nothing, |sum, layer| sum.plus(layer.amount).unwrap()),
        recovered: value.times(recovered).unwrap().rounded(Rounding::HALF_UP),
        customs_value: value,
        layers,
        determined: recovered.is_zero(),
    }
}

fn fee(value: Money) -> Money {
    let share = value.amount() * number("0.003464");
    Money::new(share.clamp(number("32.71"), number("634.62")), value.currency())
}

impl Customs for SimpleLaw<'_> {
    fn importer(&self, country: Region) -> Region {
        let member = [region("DE"), region("FR")].contains(&country);
        if member { region("EU") } else { country }
    }

    fn at_home(&self, origin: Region, country: Region) -> bool {
        self.importer(origin) == self.importer(country)
    }

    fn currency(&self, importer: Region) -> Option<Currency> {
        let code = match importer.to_string().as_str() {
            "US" => "USD",
            "EU" => "EUR",
            "JP" => "JPY",
            _ => return None,
        };
        Some(code.parse().unwrap())
    }

    fn entry_windows(&self, shipment: Shipment<'_>) -> Vec<EntryWindow> {
        let lane = self.lane(shipment).unwrap();
        let (first, end) = self.days(shipment.period, lane.transit_days);
        let quota = shipment.model == "suv" && shipment.market == "usa";
        let mut cuts = vec![if shipment.market == "usa" { US_CHANGE } else { EU_CHANGE }];
        cuts.extend(TRANCHES.iter().filter(|_| quota));
        let window = |(from, to): (Date, Date)| EntryWindow {
            from,
            to,
            share: if lane.departures.is_empty() {
                days(from, to) / days(first, end)
            } else {
                // A departure after the last day of a period is one on that day.
                let last = first.until(end).unwrap().get_days() - 1;
                let arrives = |day: u32| first + i64::from(day).min(last.into()).days();
                let within = |day: u32| from <= arrives(day) && arrives(day) < to;
                let arriving = lane.departures.iter().filter(|it| within(it.day));
                arriving.map(|it| it.share).sum()
            },
            tranche: quota.then(|| TrancheId {
                importer: region("US"),
                quota: "us-suv".to_owned(),
                start: *TRANCHES.iter().rfind(|start| **start <= from).unwrap(),
            }),
        };
        cut((first, end), &cuts).into_iter().map(window).collect()
    }

    fn kit_windows(&self, supply: KitSupply<'_>) -> Vec<EntryWindow> {
        let (first, end) = self.days(supply.period, 0);
        let share = |from, to| days(from, to) / days(first, end);
        cut((first, end), &[US_CHANGE, date(2025, 11, 5)])
            .into_iter()
            .map(|(from, to)| EntryWindow { from, to, share: share(from, to), tranche: None })
            .collect()
    }

    fn quote(
        &self,
        shipment: Shipment<'_>,
        from: Date,
        articles: Decimal,
        within_quota: bool,
    ) -> Option<EntryQuote> {
        let price = match (shipment.model, shipment.plant, shipment.market) {
            ("car", "jp", "usa") => money("17062.51 USD"),
            ("suv", "de", "usa") => money("33000.07 USD"),
            ("suv", "us", "fra") => money("23213.99 EUR"),
            ("car", "mx", "usa") => money("12 USD"),
            _ => return None,
        };
        let value = price.times(articles).unwrap();
        let at = |rate: &str| value.times(number(rate)).unwrap();
        if shipment.market == "fra" {
            let rate = if from < EU_CHANGE { "0.10" } else { "0.065" };
            let layers = vec![
                layer(CostKind::Duty, "column", at(rate)),
                layer(CostKind::Tax, "registration", at("0.015")),
            ];
            return Some(entry(value, layers, number("0.2")));
        }
        let extra = match (from < US_CHANGE, within_quota) {
            (true, _) => "0",
            (false, true) => "0.10",
            (false, false) => "0.25",
        };
        let column = if within_quota { "0.01" } else { "0.025" };
        let layers = vec![
            layer(CostKind::Duty, "column", at(column)),
            layer(CostKind::Duty, "auto", at(extra)),
            layer(CostKind::Fee, "processing", fee(value)),
        ];
        Some(entry(value, layers, Decimal::ZERO))
    }

    fn quote_kit(&self, _: KitSupply<'_>, _: Date, articles: Decimal) -> Option<EntryQuote> {
        let value = money("2000 USD").times(articles).unwrap();
        let layers = vec![
            layer(CostKind::Duty, "auto-parts", value.times(number("0.25")).unwrap()),
            layer(CostKind::Fee, "processing", fee(value)),
        ];
        Some(entry(value, layers, Decimal::ZERO))
    }

    fn tranche(&self, tranche: &TrancheId) -> Option<Tranche> {
        TRANCHES.contains(&tranche.start).then(|| Tranche {
            volume: number("20"),
            carried_from: if tranche.start == TRANCHES[2] {
                vec![TRANCHES[0], TRANCHES[1]]
            } else {
                Vec::new()
            },
        })
    }

    fn credit_rate(&self, _: Region, credit: &str, day: Date) -> Decimal {
        let rate = if day < date(2026, 1, 1) { "0.0375" } else { "0.025" };
        if credit == "offset" { number(rate) } else { Decimal::ZERO }
    }

    fn creditable(&self, _: Region, _: &str, programme: &str, _: &str) -> bool {
        programme == "auto-parts"
    }
}
