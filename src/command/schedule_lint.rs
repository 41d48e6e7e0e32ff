//! `portolan schedule lint`: every fault of every schedule, with file and
//! table, and what is sound and still worth a second look.

use super::{Failure, print};
use crate::store::{CheckedSchedules, checked_schedules};
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(after_help = "\
Fails where there is a fault; a warning is none.

  portolan schedule lint schedules
  portolan schedule lint schedules/own")]
pub(super) struct Lint {
    /// Folder of schedules, or of one; the bundled schedules if not given.
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Prints what was found as JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Lint) -> Result<(), Failure> {
    let checked =
        checked_schedules(arguments.folder.as_deref()).map_err(|error| error.to_string())?;
    if checked.is_empty() {
        let folder = arguments.folder.clone().unwrap_or_default();
        return Err(format!("{}: holds no schedule", folder.display()));
    }
    if arguments.json {
        print(&format!("{:#}", as_json(&checked)))?;
    } else {
        print(&as_text(&checked))?;
    }
    let faults: usize =
        checked.values().filter_map(|found| Some(found.as_ref().err()?.len())).sum();
    if faults == 0 {
        return Ok(());
    }
    let unsound = checked.values().filter(|found| found.is_err()).count();
    Err(format!("faults: {faults}; faulty schedules: {unsound} of {}", checked.len()))
}

fn as_text(checked: &CheckedSchedules) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    for (folder, found) in checked {
        match found {
            Ok(schedule) => {
                let _ = writeln!(text, "{folder}: sound: {}, {}", schedule.name, schedule.title);
                for tariff in schedule.tariffs.values() {
                    let _ = writeln!(
                        text,
                        "  {} ({}): {} lines, {} measures, {} exclusions, {} quotas, {} credits, {} documents",
                        tariff.region,
                        tariff.title,
                        tariff.lines.len(),
                        tariff.measures.len(),
                        tariff.exclusions.len(),
                        tariff.quotas.len(),
                        tariff.credits.len(),
                        tariff.documents.len(),
                    );
                }
                for warning in schedule.warnings() {
                    let _ = writeln!(text, "  warning: {warning}");
                }
            }
            Err(faults) => {
                let _ = writeln!(text, "{folder}: FAULTY");
                for fault in faults {
                    let _ = writeln!(text, "  fault: {fault}");
                }
            }
        }
    }
    text
}

fn as_json(checked: &CheckedSchedules) -> Value {
    let schedules = checked.iter().map(|(folder, found)| match found {
        Ok(schedule) => json!({
            "folder": folder,
            "name": schedule.name,
            "faults": [],
            "warnings": schedule.warnings().iter().map(|warning| json!({
                "importer": warning.importer.to_string(),
                "table": warning.item,
                "message": warning.message,
            })).collect::<Vec<_>>(),
        }),
        Err(faults) => json!({
            "folder": folder,
            "faults": faults.iter().map(|fault| json!({
                "file": fault.file,
                "table": fault.item,
                "message": fault.message,
            })).collect::<Vec<_>>(),
            "warnings": [],
        }),
    });
    json!({ "schedules": schedules.collect::<Vec<_>>() })
}
