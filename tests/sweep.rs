//! Properties that hold for every line, origin and day: nothing panics, sums
//! add up, ranges bound their readings, and the law changes on the days the
//! schedule writes down and on no other.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used, clippy::panic)]

use jiff::civil::Date;
use portolan::money::Money;
use portolan::store::bundled_schedules;
use portolan::tariff::{
    Declaration, DeclaredBalance, DeclaredLine, DeclaredStock, Detail, Elections, EntryAssessment,
    Goods, LawOnDay, Quantity, Range, Region, ResolvedEntry, Tariff, Unit, WorldState, assess,
};
use proptest::prelude::*;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

static LAW: LazyLock<(Arc<Tariff>, Date)> = LazyLock::new(|| {
    let schedules = bundled_schedules().unwrap_or_else(|error| panic!("{error}"));
    let schedule = &schedules["vehicles"];
    (schedule.tariffs[&"US".parse().unwrap()].clone(), schedule.as_of)
});

static TARIFFS: LazyLock<Vec<Arc<Tariff>>> = LazyLock::new(|| {
    let schedules = bundled_schedules().unwrap_or_else(|error| panic!("{error}"));
    schedules["vehicles"].tariffs.values().cloned().collect()
});

/// Every day on which a document of the schedule changes something.
fn boundaries(tariff: &Tariff) -> BTreeSet<Date> {
    let mut days = BTreeSet::new();
    for measure in &tariff.measures {
        for period in measure.history.periods() {
            days.extend([Some(period.from), period.to].into_iter().flatten());
        }
    }
    for exclusion in &tariff.exclusions {
        days.extend([Some(exclusion.from), exclusion.to].into_iter().flatten());
    }
    for line in &tariff.lines {
        days.extend([Some(line.from), line.to].into_iter().flatten());
    }
    for quota in &tariff.quotas {
        days.extend(quota.periods.iter().flat_map(|period| [period.from, period.to]));
    }
    days.retain(|day| *day > tariff.law_from && *day <= tariff.law_verified_to);
    days
}

fn regions() -> Vec<Region> {
    let letters = || (b'A'..=b'Z').map(char::from);
    letters()
        .flat_map(|a| letters().filter_map(move |b| format!("{a}{b}").parse().ok()))
        .filter(|region| *region != Region::EUROPEAN_UNION)
        .collect()
}

fn line(id: usize, code: &str, origin: Region, value: Money) -> DeclaredLine {
    DeclaredLine {
        id: Some(id.to_string()),
        goods: Goods {
            code: Some(code.parse().unwrap()),
            origin: Some(origin),
            transaction_value: Some(value),
            quantities: vec![Quantity { amount: Decimal::ONE, unit: Unit::ARTICLES }],
            ..Goods::default()
        },
        elections: Elections::default(),
    }
}

fn assessed(
    day: Date,
    known_at: Date,
    lines: Vec<DeclaredLine>,
    world: WorldState,
    detail: Detail,
) -> EntryAssessment {
    let tariff = &LAW.0;
    let declaration = Declaration { entry_date: Some(day), lines, world, ..Declaration::default() };
    let entry = ResolvedEntry::of(tariff, &declaration, None, known_at)
        .unwrap_or_else(|faults| panic!("{faults:?}"));
    let law = LawOnDay::of(tariff, entry.days);
    assess(&law, &entry, detail).unwrap_or_else(|error| panic!("{error}"))
}

/// Layers sum to totals, and ranges bound their readings.
fn adds_up(assessment: &EntryAssessment) {
    for line in &assessment.lines {
        for reading in &line.readings {
            let totals = &reading.outcome.totals;
            let charged: Decimal =
                reading.outcome.layers.iter().map(|layer| layer.amount.amount()).sum();
            assert_eq!(charged, totals.charges().unwrap().amount());
            let range = line.range.unwrap();
            assert!(range.lowest.amount() <= range.highest.amount());
            let whole = reading.charges().unwrap();
            assert!(range.lowest.amount() <= whole.lowest.amount());
            assert!(whole.highest.amount() <= range.highest.amount());
            let filed: Decimal =
                reading.outcome.filed.iter().map(|filed| filed.entered_value.amount()).sum();
            assert_eq!(filed, totals.customs_value.amount());
        }
    }
    for fee in &assessment.fees {
        let shares: Decimal = fee.shares.iter().map(|(_, share)| share.amount()).sum();
        if assessment.lines.iter().all(|line| line.determined().is_some()) {
            assert_eq!(shares, fee.amount().unwrap().amount());
        }
    }
    if let Some(range) = assessment.range {
        let sum = |end: fn(&Range) -> Money| -> Decimal {
            assessment.lines.iter().map(|line| end(&line.range.unwrap()).amount()).sum()
        };
        assert!(sum(|range| range.lowest) <= range.lowest.amount());
        assert!(sum(|range| range.highest) >= range.highest.amount());
    }
    if let (Some(totals), Some(range)) = (assessment.totals, assessment.range) {
        assert_eq!(range.lowest, range.highest);
        assert_eq!(totals.charges().unwrap(), range.lowest);
    }
}

/// One origin of each kind: alike to every measure, preference and column.
fn origin_groups(tariff: &Tariff) -> Vec<Region> {
    let mut kinds = BTreeMap::new();
    for region in regions() {
        let preferred: Vec<bool> = tariff
            .preferences
            .iter()
            .map(|preference| preference.origins.is_some_and(|origins| origins.contains(region)))
            .collect();
        let column_2 = tariff.column_2_origins.contains(region);
        let domestic = tariff.domestic_origins.contains(region);
        let measures: Vec<usize> = tariff.measures_by_origin.holding(region).iter().collect();
        kinds.entry((measures, preferred, column_2, domestic)).or_insert(region);
    }
    kinds.into_values().collect()
}

/// Assesses lines alone on their entries, with each law found once.
struct Sweep<'a> {
    tariff: &'a Arc<Tariff>,
    destination: Option<Region>,
    laws: HashMap<[usize; 3], LawOnDay>,
}

impl<'a> Sweep<'a> {
    fn of(tariff: &'a Arc<Tariff>) -> Self {
        Self { tariff, destination: tariff.members.iter().next(), laws: HashMap::new() }
    }

    fn range(&mut self, code: &str, origin: Region, day: Date, known_at: Date) -> Option<Range> {
        let value = Money::new(Decimal::from(30_000), self.tariff.currency);
        let mut declared = line(1, code, origin, value);
        let rows = self.tariff.lines_for(&code.parse().unwrap(), day, known_at);
        let [row] = rows.as_slice() else { return None };
        for unit in self.tariff.lines[*row].units.iter().filter(|unit| **unit != Unit::ARTICLES) {
            declared.goods.quantities.push(Quantity { amount: Decimal::TEN, unit: *unit });
        }
        let declaration =
            Declaration { entry_date: Some(day), lines: vec![declared], ..Declaration::default() };
        let entry = ResolvedEntry::of(self.tariff, &declaration, self.destination, known_at)
            .unwrap_or_else(|faults| panic!("{code} {origin} {day}: {faults:?}"));
        let law = self
            .laws
            .entry(entry.days.interval(self.tariff))
            .or_insert_with(|| LawOnDay::of(self.tariff, entry.days));
        let assessment = assess(law, &entry, Detail::Amounts)
            .unwrap_or_else(|error| panic!("{code} {origin} {day}: {error}"));
        adds_up(&assessment);
        assessment.range
    }
}

/// Chapter 87, every kind of origin, every day: nothing panics, and amounts
/// change on documented days only.
#[test]
fn chapter_87_changes_on_documented_days_only() {
    let as_of = LAW.1;
    let tariff = &LAW.0;
    let documented = boundaries(tariff);
    let groups = origin_groups(tariff);
    assert!(groups.len() >= 15, "{} kinds of origin", groups.len());
    let codes: BTreeSet<String> = tariff.lines.iter().map(|line| line.code.to_string()).collect();
    let codes: Vec<String> = codes.into_iter().filter(|code| code.starts_with("87")).collect();
    assert!(codes.len() >= 150, "{} lines", codes.len());
    let sweep = |origins: &[Region]| {
        let mut sweep = Sweep::of(tariff);
        for origin in origins {
            for code in &codes {
                let mut before: Option<Option<Range>> = None;
                let mut day = tariff.law_from;
                while day <= tariff.law_verified_to {
                    let range = sweep.range(code, *origin, day, as_of);
                    let changed = before.is_some_and(|before| before != range);
                    assert!(
                        !changed || documented.contains(&day),
                        "{code} of {origin} changes on {day}: {before:?} to {range:?}"
                    );
                    before = Some(range);
                    day = day.tomorrow().unwrap();
                }
            }
        }
    };
    let half = groups.len() / 2;
    std::thread::scope(|scope| {
        scope.spawn(|| sweep(&groups[..half]));
        sweep(&groups[half..]);
    });
}

/// Every line of every importer, every kind of origin, around every boundary,
/// as known then and now.
#[test]
fn every_line_around_every_boundary() {
    for tariff in &*TARIFFS {
        let mut sweep = Sweep::of(tariff);
        let codes: BTreeSet<String> =
            tariff.lines.iter().map(|line| line.code.to_string()).collect();
        for boundary in boundaries(tariff) {
            for day in [boundary.yesterday().unwrap(), boundary, boundary.tomorrow().unwrap()] {
                for origin in origin_groups(tariff) {
                    for code in &codes {
                        for known_at in [day, LAW.1] {
                            sweep.range(code, origin, day, known_at);
                        }
                    }
                }
            }
        }
    }
}

/// A line's share of a fee between bounds, where another line's part in it is
/// contested: the Japanese line pays 103.92 either way, to the cent.
#[test]
fn a_share_that_others_do_not_change_is_one_amount() {
    let mut contested =
        line(2, "8703.23.01", "SG".parse().unwrap(), "20000.00 USD".parse().unwrap());
    contested.elections.preference = Some("SG".to_owned());
    let japanese = line(1, "8703.23.01", "JP".parse().unwrap(), "30000.00 USD".parse().unwrap());
    let day = "2026-11-02".parse().unwrap();
    let lines = vec![japanese, contested];
    let assessment = assessed(day, LAW.1, lines, WorldState::default(), Detail::Explained);
    // 30,000.00 x 15 % = 4,500.00; HMF 37.50; MPF 30,000.00 x 0.3464 % = 103.92
    let range = assessment.lines[0].range.unwrap();
    assert_eq!(range.lowest.to_string(), "4641.42 USD");
    assert_eq!(range.lowest, range.highest);
    assert!(assessment.lines[1].determined().is_none());
    adds_up(&assessment);
}

#[test]
fn the_same_question_has_the_same_answer() {
    let ask = || {
        let entry = ["JP", "GB", "MX", "CN"]
            .iter()
            .enumerate()
            .map(|(id, origin)| {
                line(id, "8703.23.01", origin.parse().unwrap(), "31415.92 USD".parse().unwrap())
            })
            .collect();
        let day = "2026-07-30".parse().unwrap();
        let answer = assessed(day, LAW.1, entry, WorldState::default(), Detail::Explained);
        format!("{answer:?}")
    };
    assert_eq!(ask(), ask());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Lines that claim one quota never draw more than its balance, and the
    /// duty falls with every further unit left.
    #[test]
    fn quotas_never_overdraw(
        articles in prop::collection::vec(1u32..60, 1..8),
        balance in 0u32..200,
        cents in 1_000_000u32..9_000_000,
    ) {
        let duty = |balance: u32| {
            let lines = articles
                .iter()
                .enumerate()
                .map(|(id, count)| {
                    let value = Decimal::new((u64::from(cents) * u64::from(*count)).try_into().unwrap(), 2);
                    let value = Money::new(value, "USD".parse().unwrap());
                    let mut line = line(id, "8703.24.01", "GB".parse().unwrap(), value);
                    line.goods.quantities[0].amount = (*count).into();
                    line.elections.quotas.push("us-uk-cars".to_owned());
                    line
                })
                .collect();
            let world = WorldState {
                quota_balances: vec![DeclaredBalance {
                    position: 0,
                    quota: "us-uk-cars".to_owned(),
                    stock: DeclaredStock::Remaining(balance.into()),
                }],
                ..WorldState::default()
            };
            let assessment = assessed("2026-11-10".parse().unwrap(), LAW.1, lines, world, Detail::Amounts);
            adds_up(&assessment);
            let tariff = &LAW.0;
            let within: Decimal = assessment
                .lines
                .iter()
                .flat_map(|line| &line.determined().unwrap().outcome.layers)
                .filter(|layer| match layer.under {
                    portolan::tariff::ChargedUnder::Measure(index) => tariff.measures[index].heading == "9903.94.31",
                    _ => false,
                })
                .map(|layer| layer.articles)
                .sum();
            (within, assessment.totals.unwrap().duty.amount())
        };
        let total: u32 = articles.iter().sum();
        let (within, paid) = duty(balance);
        prop_assert_eq!(within, Decimal::from(balance.min(total)));
        let (_, paid_with_one_more) = duty(balance + 1);
        prop_assert!(paid_with_one_more <= paid);
    }

    /// The duty falls evenly with the units left: a further unit never changes it by more
    /// than that unit's own difference of rates, to the cents two lines may round.
    #[test]
    fn a_quota_split_is_continuous(cars in 2u32..400, left in 0u32..400, cents in 1_000_000u32..9_000_000) {
        let unit = Decimal::new(cents.into(), 2);
        let duty = |left: u32| {
            let value = Money::new(unit * Decimal::from(cars), "USD".parse().unwrap());
            let mut line = line(1, "8703.24.01", "GB".parse().unwrap(), value);
            line.goods.quantities[0].amount = cars.into();
            line.elections.quotas.push("us-uk-cars".to_owned());
            let world = WorldState {
                quota_balances: vec![DeclaredBalance {
                    position: 0,
                    quota: "us-uk-cars".to_owned(),
                    stock: DeclaredStock::Remaining(left.into()),
                }],
                ..WorldState::default()
            };
            let day = "2026-11-10".parse().unwrap();
            assessed(day, LAW.1, vec![line], world, Detail::Amounts).totals.unwrap().duty.amount()
        };
        let fall = duty(left) - duty(left + 1);
        // 27.5 % less 10 % on one car, where one more car enters within the quota.
        let expected = if left < cars { unit * Decimal::new(175, 3) } else { Decimal::ZERO };
        prop_assert!((fall - expected).abs() <= Decimal::new(3, 2), "{} for {}", fall, expected);
    }

    /// Whatever an importer claims besides, the best lawful way costs no more.
    #[test]
    fn a_further_claim_never_raises_the_best_lawful_total(
        code in prop::sample::select(vec!["8703.23.01", "8703.40.00", "8704.31.01", "8708.30.50", "8708.99.81", "8544.30.00", "8701.21.00"]),
        origin in prop::sample::select(vec!["JP", "GB", "DE", "KR", "MX", "CA", "CN", "IN", "TW"]),
        day in prop::sample::select(vec!["2025-03-01", "2025-06-01", "2025-10-01", "2026-03-15", "2026-11-02"]),
        claimed in prop::collection::vec(0usize..12, 0..3),
        further in 0usize..12,
    ) {
        let tariff = &LAW.0;
        let best = |elections: &[usize]| {
            let mut line = line(1, code, origin.parse().unwrap(), "30000.00 USD".parse().unwrap());
            for election in elections {
                match election {
                    0 => line.elections.preference = Some("S".to_owned()),
                    1 => line.elections.preference = Some("KR".to_owned()),
                    2 => line.elections.quotas.push("us-uk-cars".to_owned()),
                    number => line.elections.certifications.extend(
                        tariff.certifications.get(number - 3).map(|known| known.id.clone()),
                    ),
                }
            }
            let day = day.parse().unwrap();
            let world = WorldState::default();
            assessed(day, LAW.1, vec![line], world, Detail::Explained).best_lawful
        };
        let mut more = claimed.clone();
        more.push(further);
        if let (Some(before), Some(after)) = (best(&claimed), best(&more)) {
            prop_assert!(after.highest.amount() <= before.highest.amount(), "{:?} then {:?}", before, after);
        }
    }

    /// Whatever the value, the amounts are exact to the cent and add up.
    #[test]
    fn any_value_adds_up(cents in 1i64..1_000_000_000_000_000, origin in 0usize..249) {
        let value = Money::new(Decimal::new(cents, 2), "USD".parse().unwrap());
        let origin = regions()[origin];
        let entry = vec![line(1, "8703.40.00", origin, value), line(2, "8704.21.01", origin, value)];
        let day = "2026-03-01".parse().unwrap();
        adds_up(&assessed(day, LAW.1, entry, WorldState::default(), Detail::Explained));
    }
}
