//! `portolan schedule import-hts`: the official spreadsheet of the US tariff as
//! a schedule.

use super::Failure;
use crate::app::{HtsImport, HtsImportOrder};
use crate::store::{folder_schedules, load_schedules, read_spreadsheet, write_schedule};
use clap::Args;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::path::PathBuf;

/// Faults and differences of one kind shown, unless all are asked for.
const SHOWN: usize = 5;

#[derive(Debug, Args)]
#[command(after_help = "\
Reads every eight-digit line of chapters 1 to 97, tells what it could not read, and
writes the lines the base schedule does not hold as a schedule that extends it.

  portolan schedule import-hts htsus.csv.gz --published 2025-04-04 --out schedules")]
pub(super) struct ImportHts {
    /// The export: `.csv` or `.csv.gz`.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Day the export came out; the lines' document is of that day.
    #[arg(long, value_name = "DATE")]
    published: Date,
    /// First day of the lines; the day of publication if not given.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// A cleaned sheet of the same lines to compare with.
    #[arg(long, value_name = "CLEANED.csv")]
    check: Option<PathBuf>,
    /// Folder of schedules to write into; without it nothing is written.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Id of the schedule, and its folder's name.
    #[arg(long, value_name = "ID", default_value = "us-hts")]
    id: String,
    /// Bundled schedule to extend.
    #[arg(long, value_name = "ID", default_value = "vehicles")]
    extends: String,
    /// Shows every fault and difference, not the first of each kind.
    #[arg(long)]
    all_faults: bool,
}

pub(super) fn run(arguments: &ImportHts) -> Result<(), Failure> {
    let schedules = load_schedules(None).map_err(|error| error.to_string())?;
    let base = schedules
        .get(&arguments.extends)
        .ok_or_else(|| format!("there is no schedule `{}`", arguments.extends))?;
    let read = |path: &PathBuf| read_spreadsheet(path).map_err(|error| error.to_string());
    let sheet = read(&arguments.file)?;
    let cleaned = arguments.check.as_ref().map(read).transpose()?;
    let import = HtsImport::run(&HtsImportOrder {
        sheet: &sheet,
        cleaned: cleaned.as_deref(),
        base,
        id: &arguments.id,
        published: arguments.published,
        from: arguments.from.unwrap_or(arguments.published),
    })
    .map_err(|error| error.to_string())?;
    let shown = if arguments.all_faults { usize::MAX } else { SHOWN };
    print!("{}", summary(&import, shown));
    let Some(out) = &arguments.out else { return Ok(()) };
    let folder = write_schedule(out, &arguments.id, &import.folder.files)
        .map_err(|error| error.to_string())?;
    // Read back as the server will: what does not load is no schedule.
    let loaded = folder_schedules(out).map_err(|error| error.to_string())?;
    let name = loaded.get(&arguments.id).map_or("", |schedule| schedule.name.as_str());
    println!("Written: {}; loads as {name}.", folder.display());
    Ok(())
}

fn summary(import: &HtsImport, shown: usize) -> String {
    let mut text = String::new();
    let tally = &import.export.tally;
    let lines = import.export.lines.len();
    let read = import.export.rates.len();
    let _ = writeln!(
        text,
        "Rows: {}, of them {} of chapters 98 and 99, {} statistical, {} with a general rate carried down.",
        tally.rows, tally.provisions, tally.statistical, tally.carried_down
    );
    let _ = writeln!(
        text,
        "Lines: {lines}, of them {} in statistical rows; rates read of {read}, not read of {}.",
        tally.lines_in_statistical_rows,
        lines - read
    );
    faults(import, shown, &mut text);
    cleaned(import, shown, &mut text);
    held(import, shown, &mut text);
    let folder = &import.folder;
    let _ = writeln!(
        text,
        "Schedule: {} lines written, {} held by the base already, {} held back; {} headings complete, {} not.",
        folder.written,
        folder.held,
        folder.unread.len(),
        folder.complete,
        folder.incomplete.len()
    );
    if !folder.unknown_symbols.is_empty() {
        let symbols: Vec<String> = folder
            .unknown_symbols
            .iter()
            .map(|(symbol, lines)| format!("{symbol} ({lines} lines)"))
            .collect();
        let _ = writeln!(
            text,
            "Symbols the base knows no programme of; they cannot be claimed: {}.",
            symbols.join(", ")
        );
    }
    text
}

/// Faults by kind, the gravest first, each kind with its first few.
fn faults(import: &HtsImport, shown: usize, text: &mut String) {
    let mut kinds: BTreeMap<(bool, &str), Vec<String>> = BTreeMap::new();
    for fault in &import.export.faults {
        let key = (!fault.kind.withholds(), fault.kind.title());
        kinds.entry(key).or_default().push(fault.to_string());
    }
    for ((remark, title), faults) in kinds {
        let what = if remark { "Remark" } else { "Fault" };
        let _ = writeln!(text, "{what}: {title}: {}", faults.len());
        list(&faults, shown, text);
    }
}

fn cleaned(import: &HtsImport, shown: usize, text: &mut String) {
    let Some((agreement, unreadable)) = &import.cleaned else { return };
    let _ = writeln!(
        text,
        "Cleaned sheet: {} lines in both, {} only in the export, {} only in the cleaned sheet.",
        agreement.both,
        agreement.only_export.len(),
        agreement.only_cleaned.len()
    );
    list(&agreement.only_export, shown, text);
    list(&agreement.only_cleaned, shown, text);
    for column in &agreement.columns {
        let _ = writeln!(
            text,
            "  {}: {} the same, {} written differently, {} differ.",
            column.column,
            column.same,
            column.alike,
            column.differing.len()
        );
        list(&column.differing, shown, text);
    }
    if !unreadable.is_empty() {
        let _ = writeln!(text, "  codes of the cleaned sheet not read: {}", unreadable.len());
        list(unreadable, shown, text);
    }
}

fn held(import: &HtsImport, shown: usize, text: &mut String) {
    let held = &import.held;
    let _ = writeln!(
        text,
        "Base schedule: agrees with {} lines held, differs in {} cells, {} are not in the export, {} have rates not read.",
        held.equal,
        held.differing.len(),
        held.missing.len(),
        held.unread.len()
    );
    list(&held.differing, shown, text);
    list(&held.missing, shown, text);
    list(&held.unread, shown, text);
}

fn list(items: &[impl Display], shown: usize, text: &mut String) {
    for item in items.iter().take(shown) {
        let _ = writeln!(text, "    {item}");
    }
    if items.len() > shown {
        let _ = writeln!(text, "    and {} more (--all-faults)", items.len() - shown);
    }
}
