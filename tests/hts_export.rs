//! The spreadsheet of the US tariff: a small one with every slip known, and the
//! real one where it is at hand.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used)]

use portolan::app::{HtsImport, HtsImportOrder};
use portolan::store::{bundled_schedules, folder_schedules, read_spreadsheet, write_schedule};
use portolan::tariff::{FaultKind, GoodsCode, HtsExport, Unread};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn sample() -> HtsExport {
    HtsExport::read(&sheet(&root().join("tests/data/hts-sample.csv"))).unwrap()
}

fn sheet(path: &Path) -> Vec<Vec<String>> {
    read_spreadsheet(path).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// General, special and column 2 by code, of the lines whose rates were read.
fn rates(export: &HtsExport) -> BTreeMap<String, [String; 3]> {
    let texts = export.rates.iter().map(|(code, rates)| {
        let columns = [rates.general.to_string(), rates.special_text(), rates.column_2.to_string()];
        (code.to_string(), columns)
    });
    texts.collect()
}

#[test]
fn what_is_certain_is_read() {
    let export = sample();
    let read = rates(&export);
    let expected = [
        ("0101.21.00", ["free", "", "free"]),
        ("0101.29.00", ["6.8%", "free (A+,AU,BH)", "20%"]),
        ("0101.30.10", ["0.024 USD/KGM", "free (A+) 0.012 USD/KGM (ZZ)", "0.066 USD/KGM"]),
        ("0101.30.20", ["1.61 USD/MTQ + 5%", "free (A+)", "2.00 USD/MTQ + 40%"]),
        ("1003.90.60", ["free", "free (A)", "10%"]),
        ("1701.14.00", ["3%", "free (A)", "6%"]),
        ("2203.00.00", ["0.01 USD/LTR", "free (A)", "1.00 USD/MIL"]),
        ("2204.21.00", ["0.22 USD/LTR", "free (A)", "0.44 USD/LTR"]),
        ("2204.22.00", ["0.22 USD/LTR", "free (A)", "0.44 USD/LTR"]),
    ];
    for (code, columns) in expected {
        assert_eq!(read[code], columns.map(str::to_owned), "{code}");
    }
    let cars = read.keys().filter(|code| code.starts_with("8703")).count();
    assert_eq!(read.len(), expected.len() + cars, "{:?}", read.keys());

    let line = |code: &str| export.lines.iter().find(|line| line.code.to_string() == code).unwrap();
    let spotted = line("0101.29.00");
    assert_eq!(spotted.description, "Toys of the sample > Small ones > Spotted by hand");
    assert_eq!(spotted.units, ["No.", "kg"], "its statistical row has them");
    assert_eq!(line("2203.00.00").description, "Drums of the sample, wide and flat");
    let other = &export.rates[&line("0101.30.20").code];
    assert_eq!(other.units(), ["MTQ".parse().unwrap()]);
}

#[test]
fn what_is_not_is_told_with_its_row_and_why() {
    let export = sample();
    let mut told: Vec<(usize, &str, FaultKind)> = Vec::new();
    for fault in &export.faults {
        told.push((fault.row, fault.text.as_str(), fault.kind.clone()));
    }
    let code = |text: &str| FaultKind::CodeRepaired(GoodsCode::prefix(text).unwrap());
    let degree = "3¢/kg less 0.02¢/kg for each degree under 100 degrees";
    let elsewhere = "The rate applicable to the article it is part of";
    let expected = [
        (8, "101.3", code("0101.30")),
        (9, "101.30.10", code("0101.30.10")),
        (12, "1003.9", code("1003.90")),
        (13, "0.025", FaultKind::RateUnread(Unread::BareNumber)),
        (14, "2.5", FaultKind::RateUnread(Unread::BareNumber)),
        (15, "5-Feb", FaultKind::RateUnread(Unread::Day)),
        (16, "(A E)", FaultKind::SymbolsRepaired),
        (17, "Free (A)", FaultKind::SpecialUnlikely),
        (18, "Without a code", FaultKind::CodeMissing),
        (19, "5%", FaultKind::NoRates),
        (20, "1003.90.50", FaultKind::CodeRepeated),
        (21, "2009.11.00", FaultKind::CodeOutOfPlace),
        (25, degree, FaultKind::RateUnread(Unread::Degree)),
        (26, "1.5¢/kg on lead content", FaultKind::RateUnread(Unread::Content)),
        (28, elsewhere, FaultKind::RateUnread(Unread::OtherProvision)),
        (27, "See 9822.05.20 (P+)", FaultKind::SpecialElsewhere),
        (30, "8%", FaultKind::StatisticalRateDiffers),
        (31, "2.6¢/kg", FaultKind::AdditionalDuty),
        (35, "10¢/pf.liter", FaultKind::RateUnread(Unread::NoUnit)),
        (35, "$1/pf. liter", FaultKind::RateUnread(Unread::NoUnit)),
        (37, "3", FaultKind::IndentSkipsLevel),
        (38, "?", FaultKind::IndentUnreadable),
        (38, "[\"liters\"", FaultKind::UnitsUnreadable),
    ];
    for fault in &expected {
        assert!(told.contains(fault), "not told: {fault:?}\n{told:#?}");
    }
    let unreadable =
        told.iter().filter(|(_, _, kind)| matches!(kind, FaultKind::CodeUnreadable(_)));
    let rows: Vec<usize> = unreadable.map(|(row, ..)| *row).collect();
    assert_eq!(rows, [22, 23]);
    assert_eq!(told.len(), expected.len() + rows.len(), "{told:#?}");
}

fn import(sheet: &[Vec<String>], cleaned: Option<&[Vec<String>]>) -> HtsImport {
    let schedules = bundled_schedules().unwrap();
    HtsImport::run(&HtsImportOrder {
        sheet,
        cleaned,
        base: &schedules["vehicles"],
        id: "us-hts-2025-04",
        published: "2025-04-04".parse().unwrap(),
        from: "2025-04-04".parse().unwrap(),
    })
    .unwrap()
}

/// Writes the schedule into a folder of its own, and loads it from there.
fn loaded_lines(import: &HtsImport, name: &str) -> usize {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    write_schedule(&folder, "us-hts-2025-04", &import.folder.files).unwrap();
    assert!(
        write_schedule(&folder, "us-hts-2025-04", &import.folder.files).is_err(),
        "a schedule is never written over another"
    );
    let schedules = folder_schedules(&folder).unwrap();
    schedules["us-hts-2025-04"].tariffs[&"US".parse().unwrap()].lines.len()
}

#[test]
fn the_new_schedule_adds_to_the_bundled_one_and_says_where_a_line_may_be_missing() {
    let import = import(&sheet(&root().join("tests/data/hts-sample.csv")), None);
    let folder = &import.folder;
    assert_eq!((folder.written, folder.held), (9, 2));
    let incomplete: Vec<String> = folder.incomplete.iter().map(ToString::to_string).collect();
    // 2009 has a line that stood out of place.
    assert_eq!(incomplete, ["1003", "1701", "2009", "2204"]);
    assert_eq!(folder.unknown_symbols.keys().collect::<Vec<_>>(), ["ZZ"]);
    let differing: Vec<(String, &str)> = import
        .held
        .differing
        .iter()
        .map(|difference| (difference.code.to_string(), difference.column))
        .collect();
    let expected =
        [("8703.23.01", "description"), ("8703.24.01", "description"), ("8703.24.01", "general")];
    assert_eq!(differing, expected.map(|(code, column)| (code.to_owned(), column)));
    let bundled = bundled_schedules().unwrap();
    let before = bundled["vehicles"].tariffs[&"US".parse().unwrap()].lines.len();
    assert_eq!(loaded_lines(&import, "hts-sample"), before + 9);
}

#[test]
fn a_sheet_without_its_columns_is_refused() {
    let header = vec![vec!["code".to_owned(), "rate".to_owned()]];
    let message = HtsExport::read(&header).unwrap_err().to_string();
    assert!(message.contains("HTS Number") && message.contains("Column 2"), "{message}");
    assert!(HtsExport::read(&[]).is_err());
}

/// Rows of cells.
type Sheet = Vec<Vec<String>>;

/// The real sheet and its cleaned reading, where they are at hand.
fn facts() -> Option<(Sheet, Sheet)> {
    let folder = std::env::var_os("PORTOLAN_FACTS")
        .map_or_else(|| root().join("../shared/facts"), PathBuf::from);
    let export = folder.join("htsus-official-export-2025-04.csv.gz");
    let cleaned = folder.join("htsus-base-rates-2025-04.csv");
    if export.exists() && cleaned.exists() {
        return Some((sheet(&export), sheet(&cleaned)));
    }
    eprintln!("skipped: no tariff export in {}; PORTOLAN_FACTS names its folder", folder.display());
    None
}

#[test]
fn the_official_export_of_april_2025_is_read_whole() {
    let Some((export, cleaned)) = facts() else { return };
    let import = import(&export, Some(&cleaned));
    let export = &import.export;
    assert_eq!((export.lines.len(), export.rates.len()), (11_414, 11_117));
    assert_eq!(export.tally.lines_in_statistical_rows, 31);

    // What is not read is rates that depend on more than value and quantity.
    let mut grave: BTreeMap<&str, usize> = BTreeMap::new();
    for fault in export.faults.iter().filter(|fault| fault.kind.withholds()) {
        *grave.entry(fault.kind.title()).or_default() += 1;
    }
    let expected = BTreeMap::from([
        ("rate not read: another provision gives it", 92),
        ("rate not read: on a condition", 4),
        ("rate not read: on a content, or on more than the goods", 100),
        ("rate not read: on a part of the goods", 168),
        ("rate not read: unit without a code", 110),
        ("rate not read: varies with a degree", 24),
        ("special rate stands in another provision", 767),
    ]);
    assert_eq!(grave, expected);

    let (agreement, unreadable) = import.cleaned.as_ref().unwrap();
    assert!(unreadable.is_empty());
    assert_eq!((agreement.both, agreement.only_cleaned.len()), (11_383, 0));
    // The cleaned sheet passes over lines whose rates stand in a statistical row.
    assert_eq!(agreement.only_export.len(), 31);
    for column in &agreement.columns {
        assert_eq!(column.same + column.alike + column.differing.len(), agreement.both);
        match column.column {
            // It took the units of the first row below a line, blank or not.
            "units" => assert_eq!(column.differing.len(), 11),
            _ => assert!(column.differing.is_empty(), "{:#?}", column.differing),
        }
    }

    let held = &import.held;
    // Every line of the bundled schedule, column by column.
    assert!(held.differing.is_empty(), "{:#?}", held.differing);
    assert!(held.equal >= 388, "{}", held.equal);
    assert!(held.missing.is_empty() && held.unread.is_empty());
    assert_eq!(loaded_lines(&import, "hts-export"), 11_117);
}
