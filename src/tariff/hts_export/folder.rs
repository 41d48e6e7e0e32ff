//! The lines as files of a schedule that adds to another.

use super::fault::FaultKind;
use super::held::codes;
use super::lines::{HtsExport, PrintedLine};
use super::rates::LineRates;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::schedule::Tariff;
use crate::tariff::schedule_files::ScheduleFiles;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What the files say of themselves.
#[derive(Clone, Debug)]
pub struct FolderHead {
    /// Id of the schedule, and of the document its lines cite.
    pub id: String,
    /// Id of the schedule it adds to.
    pub extends: String,
    /// Last publication day that one holds.
    pub as_of: Date,
    /// Day the export came out.
    pub published: Date,
    /// First day of the lines.
    pub from: Date,
}

/// The files, and what is in them.
#[derive(Clone, Debug, Default)]
pub struct FolderOfLines {
    /// By path within the schedule's folder.
    pub files: ScheduleFiles,
    /// Lines written.
    pub written: usize,
    /// Lines left out since the base schedule holds them.
    pub held: usize,
    /// Lines left out since a rate was not read.
    pub unread: Vec<GoodsCode>,
    /// Headings of which every line is held, here or in the base.
    pub complete: usize,
    /// The others.
    pub incomplete: Vec<GoodsCode>,
    /// Symbols written that name no preference of the base, with the number of
    /// lines.
    pub unknown_symbols: BTreeMap<String, usize>,
}

impl HtsExport {
    /// Writes the lines a tariff does not hold yet.
    pub fn folder(&self, head: &FolderHead, tariff: &Tariff) -> FolderOfLines {
        let known = codes(tariff);
        let mut folder = FolderOfLines::default();
        let mut chapters: BTreeMap<String, String> = BTreeMap::new();
        let mut complete: BTreeMap<GoodsCode, bool> = BTreeMap::new();
        for line in &self.lines {
            let complete = complete.entry(line.code.heading()).or_insert(true);
            if known.contains(&line.code) {
                folder.held += 1;
                continue;
            }
            let Some(rates) = self.rates.get(&line.code) else {
                *complete = false;
                folder.unread.push(line.code);
                continue;
            };
            folder.written += 1;
            for symbol in rates.special.iter().flat_map(|special| &special.symbols) {
                if !tariff.preferences.iter().any(|preference| preference.symbol == *symbol) {
                    *folder.unknown_symbols.entry(symbol.clone()).or_default() += 1;
                }
            }
            let file =
                chapters.entry(line.code.cut(2).to_string()).or_insert_with(|| defaults(head));
            table(file, line, rates);
        }
        for heading in self.doubtful_headings() {
            complete.insert(heading, false);
        }
        let told: BTreeSet<GoodsCode> = tariff.complete_headings.iter().copied().collect();
        folder.complete = complete.values().filter(|complete| **complete).count();
        folder.incomplete =
            complete.iter().filter(|(_, complete)| !**complete).map(|(code, _)| *code).collect();
        let mut headings = String::from("# Headings of the tariff.\n");
        for (code, complete) in complete.iter().filter(|(code, _)| !told.contains(code)) {
            let _ = write!(
                headings,
                "\n[[heading]]\ncode = \"{code}\"\ncomplete = {complete}\nlaw_held = false\ncite = [{}]\n",
                quoted(&head.id)
            );
        }
        folder.files.insert("us/headings.toml".to_owned(), headings);
        folder.files.insert("us/documents.toml".to_owned(), document(head));
        folder.files.insert("schedule.toml".to_owned(), schedule(head));
        for (chapter, file) in chapters {
            folder.files.insert(format!("us/lines-{chapter}.toml"), file);
        }
        folder
    }

    /// Headings of which a line may be missing.
    fn doubtful_headings(&self) -> impl Iterator<Item = GoodsCode> {
        // Of a line that is there it is known whether it is written.
        let line_is_there = |kind: &FaultKind| {
            matches!(
                kind,
                FaultKind::RateUnread(_)
                    | FaultKind::SpecialElsewhere
                    | FaultKind::AdditionalDuty
                    | FaultKind::StatisticalRateDiffers
            )
        };
        self.faults
            .iter()
            .filter(move |fault| fault.kind.withholds() && !line_is_there(&fault.kind))
            .filter_map(|fault| fault.code)
            .map(|code| code.heading())
            .filter(|heading| heading.length() == 4)
    }
}

fn schedule(head: &FolderHead) -> String {
    format!(
        "# Column rates of the whole tariff of the United States, read from its official export.\n\
         # Measures beside the columns are held only as far as the schedule it extends holds them.\n\
         id = {}\ntitle = {}\nas_of = \"{}\"\nextends = {}\n",
        quoted(&head.id),
        quoted(&format!(
            "HTSUS column rates of {}, with the measures of {}",
            head.published, head.extends
        )),
        head.as_of.max(head.published),
        quoted(&head.extends),
    )
}

fn document(head: &FolderHead) -> String {
    format!(
        "[[document]]\nid = {}\ntitle = \"HTSUS, column rates of chapters 1 to 97 (official export)\"\n\
         citation = \"HTSUS, official export published {}\"\npublished = \"{}\"\n",
        quoted(&head.id),
        head.published,
        head.published
    )
}

fn defaults(head: &FolderHead) -> String {
    format!(
        "[line_defaults]\nfrom = \"{}\"\ncite = [{}]\nconfidence = \"A\"\n",
        head.from,
        quoted(&head.id)
    )
}

fn table(file: &mut String, line: &PrintedLine, rates: &LineRates) {
    let _ = write!(
        file,
        "\n[[line]]\ncode = \"{}\"\ndescription = {}\n",
        line.code,
        quoted(&line.description)
    );
    let units: Vec<String> = rates.units().iter().map(|unit| format!("\"{unit}\"")).collect();
    if !units.is_empty() {
        let _ = writeln!(file, "units = [{}]", units.join(", "));
    }
    let _ = writeln!(file, "general = \"{}\"", rates.general);
    if !rates.special.is_empty() {
        let _ = writeln!(file, "special = \"{}\"", rates.special_text());
    }
    let _ = writeln!(file, "column_2 = \"{}\"", rates.column_2);
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            control if control.is_control() => quoted.push(' '),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_for_toml() {
        let text = "3\" \\ 4\u{7} m²";
        let value: toml::Table = toml::from_str(&format!("a = {}", quoted(text))).unwrap();
        assert_eq!(value["a"].as_str(), Some("3\" \\ 4  m²"));
    }
}
