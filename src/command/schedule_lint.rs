//! `portolan schedule lint`: every fault of a folder of schedules, and what is
//! odd without being one.

use super::Failure;
use crate::store::{bundled_schedules, folder_schedules};
use crate::tariff::{Confidence, LegalState, Schedule, Tariff};
use clap::Args;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Lint {
    /// Folder of schedules, each sub-folder one; without it the bundled ones.
    #[arg(value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

pub(super) fn run(arguments: &Lint) -> Result<(), Failure> {
    let schedules = match &arguments.folder {
        Some(folder) => folder_schedules(folder),
        None => bundled_schedules(),
    };
    for schedule in schedules.map_err(|error| error.to_string())?.values() {
        println!("{}: {}", schedule.name, schedule.title);
        for tariff in schedule.tariffs.values() {
            println!("  {}", counts(tariff));
            for oddity in oddities(schedule, tariff) {
                println!("  {}: {oddity}", tariff.region);
            }
        }
    }
    Ok(())
}

fn counts(tariff: &Tariff) -> String {
    let letters =
        [Confidence::OfficialText, Confidence::Summary, Confidence::Secondary, Confidence::Memory];
    let attested: Vec<String> = letters
        .iter()
        .map(|letter| {
            let alike = |confidence: &Confidence| confidence == letter;
            let lines = tariff.lines.iter().filter(|line| alike(&line.confidence)).count();
            let measures =
                tariff.measures.iter().filter(|measure| alike(&measure.confidence)).count();
            format!("{letter} {lines}+{measures}")
        })
        .collect();
    format!(
        "{} ({}): {} lines, {} measures, {} exclusions, {} quotas, {} credits, {} documents; \
         lines+measures by confidence: {}",
        tariff.region,
        tariff.title,
        tariff.lines.len(),
        tariff.measures.len(),
        tariff.exclusions.len(),
        tariff.quotas.len(),
        tariff.credits.len(),
        tariff.documents.len(),
        attested.join(", "),
    )
}

/// What loads and is still worth a look.
fn oddities(schedule: &Schedule, tariff: &Tariff) -> Vec<String> {
    let mut found = Vec::new();
    for (index, measure) in tariff.measures.iter().enumerate() {
        let standing =
            |state: LegalState| matches!(state, LegalState::InForce | LegalState::Contested);
        if !measure.history.periods().iter().any(|period| standing(period.state)) {
            found.push(format!("measure {} was never in force", measure.id));
        }
        if !tariff.lines.iter().any(|line| line.measures.all.contains(index)) {
            found.push(format!("measure {} concerns no line held", measure.id));
        }
        if measure.origins.iter().next().is_none() {
            found.push(format!("measure {} concerns no origin", measure.id));
        }
    }
    for quota in &tariff.quotas {
        for pair in quota.periods.windows(2).filter(|pair| pair[0].to != pair[1].from) {
            found.push(format!(
                "quota {} has no period from {} to {}",
                quota.id, pair[0].to, pair[1].from
            ));
        }
    }
    for document in tariff.documents.values() {
        if document.published > schedule.as_of {
            found.push(format!(
                "document {} is of {}, after the schedule's own {}",
                document.id, document.published, schedule.as_of
            ));
        }
    }
    found
}
