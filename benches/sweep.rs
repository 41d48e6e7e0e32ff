//! The whole US tariff at once, and the bundled law on every day.
//!
//! `cargo bench --profile release --bench sweep`
//!
//! First: the government's export of the whole US tariff is read, made a schedule, loaded, and every
//! line of it is resolved and assessed for 249 origins on one date, each alone on its entry, on
//! one thread. The export is found through `PORTOLAN_FACTS`, by default `../shared/facts`; without
//! it this part is left out and says so.
//!
//! The rival, in the same run, is the least any program does for one line: the column's rate and
//! two fees written into the code, multiplied and rounded in the same exact money.
//!
//! Second: every line the bundled schedule holds, of every importer, for every kind of origin, on
//! every day of the law held: nothing may panic. The tests do the same around the days on which
//! the law changes, and on every day for chapter 87 into the United States.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on must stop")]

use jiff::civil::Date;
use portolan::app::{HtsImport, HtsImportOrder};
use portolan::money::{Money, Rounding};
use portolan::store::{bundled_schedules, folder_schedules, read_spreadsheet, write_schedule};
use portolan::tariff::{
    Declaration, DeclaredLine, Detail, Goods, LawOnDay, Quantity, Region, ResolvedEntry, Tariff,
    Unit, assess,
};
use rust_decimal::Decimal;
use std::collections::BTreeSet;
use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

fn main() {
    whole_tariff();
    every_day();
}

fn whole_tariff() {
    let facts = std::env::var("PORTOLAN_FACTS").map_or_else(
        |_| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/facts"),
        PathBuf::from,
    );
    let export = facts.join("htsus-official-export-2025-04.csv.gz");
    if !export.exists() {
        println!("skipped: {} is not there", export.display());
        return;
    }
    let started = Instant::now();
    let bundled = bundled_schedules().unwrap_or_else(|error| panic!("{error}"));
    let sheet = read_spreadsheet(&export).unwrap_or_else(|error| panic!("{error}"));
    let published: Date = "2025-04-04".parse().unwrap();
    let import = HtsImport::run(&HtsImportOrder {
        sheet: &sheet,
        cleaned: None,
        base: &bundled["vehicles"],
        id: "us-hts",
        published,
        from: "2022-01-27".parse().unwrap(),
    })
    .unwrap_or_else(|error| panic!("{error}"));
    println!("read: {:.2?}", started.elapsed());
    let folder = std::env::temp_dir().join(format!("portolan-sweep-{}", std::process::id()));
    write_schedule(&folder, "us-hts", &import.folder.files)
        .unwrap_or_else(|error| panic!("{error}"));
    let loading = Instant::now();
    let schedules = folder_schedules(&folder).unwrap_or_else(|error| panic!("{error}"));
    println!("loaded: {:.2?}", loading.elapsed());
    std::fs::remove_dir_all(&folder).unwrap();

    let tariff = &schedules["us-hts"].tariffs[&"US".parse().unwrap()];
    let day: Date = "2026-11-02".parse().unwrap();
    let regions = regions();
    let lines = lines(tariff);
    let started = Instant::now();
    let (mut asked, mut determined) = (0_u64, 0_u64);
    let mut question = Question::of(tariff, day);
    for (code, units) in &lines {
        for origin in &regions {
            asked += 1;
            determined += u64::from(question.ask(code, units, *origin));
        }
    }
    let engine = started.elapsed();
    let started = Instant::now();
    for _ in 0..asked {
        black_box(bare(black_box(question.value)));
    }
    let rival = started.elapsed();
    let each = engine.as_nanos() / u128::from(asked);
    println!(
        "{} lines x {} origins on {day}: {asked} in {engine:.2?}, {each} ns each; {determined} DETERMINED",
        lines.len(),
        regions.len()
    );
    println!("bare sums: {rival:.2?}; engine / bare sums {:.1}", engine.div_duration_f64(rival));
}

fn every_day() {
    let bundled = bundled_schedules().unwrap_or_else(|error| panic!("{error}"));
    for tariff in bundled["vehicles"].tariffs.values() {
        let lines = lines(tariff);
        let origins = tariff.measures_by_origin.representatives();
        let started = Instant::now();
        let mut asked = 0_u64;
        let mut day = tariff.law_from;
        while day <= tariff.law_verified_to {
            let mut question = Question::of(tariff, day);
            for (code, units) in &lines {
                for origin in &origins {
                    question.ask(code, units, *origin);
                    asked += 1;
                }
            }
            day = day.tomorrow().unwrap();
        }
        println!(
            "{}: {} lines x {} kinds of origin, every day to {}: {asked} in {:.2?}",
            tariff.region,
            lines.len(),
            origins.len(),
            tariff.law_verified_to,
            started.elapsed()
        );
    }
}

/// Codes of the lines, each with the units it must be reported in.
fn lines(tariff: &Tariff) -> Vec<(String, Vec<Unit>)> {
    let mut known = BTreeSet::new();
    let once = tariff.lines.iter().filter(|line| known.insert(line.code));
    once.map(|line| (line.code.to_string(), line.units.clone())).collect()
}

fn regions() -> Vec<Region> {
    let letters = || (b'A'..=b'Z').map(char::from);
    letters()
        .flat_map(|a| letters().filter_map(move |b| format!("{a}{b}").parse().ok()))
        .filter(|region| *region != Region::EUROPEAN_UNION)
        .collect()
}

/// One line alone on an entry of a day, asked again and again.
struct Question {
    tariff: Arc<Tariff>,
    law: Option<LawOnDay>,
    declaration: Declaration,
    destination: Option<Region>,
    known_at: Date,
    value: Money,
}

impl Question {
    fn of(tariff: &Arc<Tariff>, day: Date) -> Self {
        let known_at = "2026-11-23".parse().unwrap();
        let value = Money::new(Decimal::from(30_000), tariff.currency);
        let goods = Goods { transaction_value: Some(value), ..Goods::default() };
        let declaration = Declaration {
            entry_date: Some(day),
            lines: vec![DeclaredLine {
                id: Some("1".to_owned()),
                goods,
                ..DeclaredLine::default()
            }],
            ..Declaration::default()
        };
        let destination = tariff.members.iter().next();
        Self { tariff: tariff.clone(), law: None, declaration, destination, known_at, value }
    }

    fn ask(&mut self, code: &str, units: &[Unit], origin: Region) -> bool {
        let goods = &mut self.declaration.lines[0].goods;
        goods.code = Some(code.parse().unwrap());
        goods.origin = Some(origin);
        goods.quantities.clear();
        goods
            .quantities
            .extend(units.iter().map(|unit| Quantity { amount: Decimal::TEN, unit: *unit }));
        let entry =
            ResolvedEntry::of(&self.tariff, &self.declaration, self.destination, self.known_at)
                .unwrap_or_else(|faults| panic!("{code}: {faults:?}"));
        let law = self.law.get_or_insert_with(|| LawOnDay::of(&self.tariff, entry.days));
        let assessment =
            assess(law, &entry, Detail::Amounts).unwrap_or_else(|error| panic!("{code}: {error}"));
        black_box(assessment).totals.is_some()
    }
}

/// Column, merchandise processing, harbour maintenance.
fn bare(value: Money) -> Money {
    let charge = |rate: Decimal| value.times(rate).unwrap().rounded(Rounding::HALF_UP);
    [Decimal::new(25, 3), Decimal::new(3464, 6), Decimal::new(125, 5)]
        .into_iter()
        .try_fold(Money::zero(value.currency()), |sum, rate| sum.plus(charge(rate)))
        .unwrap()
}
