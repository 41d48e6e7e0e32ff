//! The law of a random problem: elections, kits, quotas, credits, what-ifs.

use crate::problems::{Sketch, currency, region};
use jiff::civil::date;
use portolan::sourcing::{
    CreditOutlook, MeasureOverride, OpenLaw, PartKit, QuotaOutlook, StatedDuty, TradePolicy,
};
use portolan::tariff::{DeclaredFact, Elections, ExchangeRate, FactValue, Region};
use rust_decimal::Decimal;

/// Preferences that an importer gives an origin, with quotas that go with them.
const CLAIMS: [(&str, &str, &str, &str); 12] = [
    ("US", "MX", "S", ""),
    ("US", "CA", "S", ""),
    ("US", "GB", "", "us-uk-cars"),
    ("IN", "GB", "IN-UK-CETA", "in-uk-cars-middle"),
    ("JP", "GB", "", ""),
    ("CA", "MX", "CUSMA", ""),
    ("MX", "US", "USMCA", ""),
    ("EU", "JP", "EU-JP-EPA", ""),
    ("GB", "DE", "EU-UK-TCA", ""),
    ("EU", "GB", "EU-UK-TCA", ""),
    ("TH", "JP", "JTEPA", ""),
    ("CA", "JP", "CPTPP", ""),
];

pub fn elections(
    sketch: &mut Sketch,
    origin: Region,
    importer: &str,
    certified: bool,
) -> Elections {
    let origin = origin.to_string();
    let claim = CLAIMS.iter().find(|(into, from, ..)| *into == importer && *from == origin);
    let Some((_, _, preference, quota)) = claim.filter(|_| sketch.draws.percent(85)) else {
        return Elections::default();
    };
    let stated = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Elections {
        preference: stated(preference),
        certifications: if certified {
            vec!["commerce-us-content-approval".to_owned()]
        } else {
            Vec::new()
        },
        quotas: stated(quota).into_iter().collect(),
        ..Elections::default()
    }
}

/// Imported parts of plants in the United States, and in a country whose law is
/// not held.
pub fn kits(sketch: &mut Sketch, home: Region) -> Vec<PartKit> {
    let home = home.to_string();
    if home != "US" && home != "BR" {
        return Vec::new();
    }
    let kits = (0..sketch.draws.count(0, 2)).map(|place| {
        let facts = [("medium-or-heavy-duty", false), ("knock-down-kit", false)];
        let facts = facts.iter().enumerate().map(|(position, (id, truth))| DeclaredFact {
            position,
            id: (*id).to_owned(),
            value: FactValue::Truth(*truth),
        });
        PartKit {
            id: format!("kit{place}"),
            code: sketch.draws.one_of(&["8708.29.51", "8708.30.50", "8544.30.00"]).parse().unwrap(),
            origin: region(sketch.draws.one_of::<&str>(&["JP", "DE", "CN", "MX", "US", "KR"])),
            value: sketch.money(100, 3_000),
            freight: sketch.perhaps(50, 0, 50),
            kits_per_entry: u32::try_from(*sketch.draws.one_of(&[1, 7, 100])).unwrap(),
            facts: if home == "US" && sketch.draws.percent(80) {
                facts.collect()
            } else {
                Vec::new()
            },
            elections: Elections::default(),
        }
    });
    kits.collect()
}

pub fn policy(sketch: &mut Sketch) -> TradePolicy {
    let open_law = match sketch.draws.between(0, 9) {
        0 => OpenLaw::Refuse,
        1..=5 => OpenLaw::Highest,
        _ => OpenLaw::Lowest,
    };
    let mut policy = TradePolicy { open_law, ..TradePolicy::default() };
    policy.stated_duties.push(StatedDuty {
        importer: region("BR"),
        origin: None,
        rate: sketch.draws.decimal(0, 40, 2),
    });
    if sketch.draws.percent(50) {
        policy.stated_duties.push(StatedDuty {
            importer: region("BR"),
            origin: Some(region("MX")),
            rate: Decimal::ZERO,
        });
    }
    policy.quotas = vec![
        outlook(sketch, "US", "us-uk-cars"),
        QuotaOutlook {
            importer: region("IN"),
            quota: "in-uk-cars-middle".to_owned(),
            used: vec![(date(2026, 7, 15), Decimal::from(5_000 - sketch.draws.between(0, 100)))],
            rivals_use: Vec::new(),
        },
    ];
    if sketch.draws.percent(60) {
        policy.credits.push(CreditOutlook {
            importer: region("US"),
            credit: "us-assembly-offset-cars".to_owned(),
            brought_forward: sketch
                .draws
                .percent(50)
                .then(|| sketch.money_in(currency("USD"), 0, 20_000)),
            earnings: Vec::new(),
        });
    }
    if sketch.draws.percent(15) {
        policy.credits.push(CreditOutlook {
            importer: region("US"),
            credit: "us-assembly-offset-trucks".to_owned(),
            brought_forward: Some(sketch.money_in(currency("USD"), 0, 5_000)),
            earnings: Vec::new(),
        });
    }
    if sketch.draws.percent(30) {
        policy.overrides.push(MeasureOverride {
            importer: region("US"),
            measure: "us-232-autos-01".to_owned(),
            rate: sketch.draws.percent(60).then(|| "17.5%".parse().unwrap()),
            from: sketch.draws.percent(60).then(|| date(2026, 2, 11)),
            to: sketch.draws.percent(40).then(|| date(2026, 8, 3)),
            quota_units_per_year: None,
        });
    }
    if sketch.draws.percent(30) {
        policy.overrides.push(MeasureOverride {
            importer: region("US"),
            measure: "us-232-autos-41".to_owned(),
            rate: sketch.draws.percent(60).then(|| "all-in 7.5%".parse().unwrap()),
            from: sketch.draws.percent(40).then(|| date(2026, 3, 20)),
            to: None,
            quota_units_per_year: Some(Decimal::from(sketch.draws.between(0, 150))),
        });
    }
    if sketch.draws.percent(30) {
        policy.customs_rates.push(ExchangeRate {
            from: currency("USD"),
            to: currency("JPY"),
            rate: "149.53".parse().unwrap(),
            published_on: date(2025, 3, 28),
        });
        policy.customs_rates.push(ExchangeRate {
            from: currency("EUR"),
            to: currency("USD"),
            rate: "1.0817".parse().unwrap(),
            published_on: date(2025, 3, 28),
        });
    }
    policy
}

/// Of each tranche a few units are left, or none.
fn outlook(sketch: &mut Sketch, importer: &str, quota: &str) -> QuotaOutlook {
    let mut used = vec![(
        date(2025, 6, 30),
        Decimal::from(65_205 - sketch.draws.between(0, 2 * sketch.scale)),
    )];
    let mut rivals_use = Vec::new();
    for (year, month) in
        [(2026, 1), (2026, 4), (2026, 7), (2026, 10), (2027, 1), (2027, 4), (2027, 7)]
    {
        let left = sketch.draws.between(-2, sketch.scale);
        if sketch.draws.percent(90) {
            used.push((date(year, month, 1), Decimal::from(20_000)));
            rivals_use.push((date(year, month, 1), Decimal::from(5_000 - left)));
        }
    }
    QuotaOutlook { importer: region(importer), quota: quota.to_owned(), used, rivals_use }
}
