//! Another reading of the same sheet, beside ours.

use super::lines::{HtsExport, PrintedLine};
use super::sheet::MissingColumns;
use super::text::{short_percentages, tidy};
use crate::tariff::goods_code::GoodsCode;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Columns that are compared.
const COLUMNS: [&str; 5] = ["description_path", "units", "general", "special", "column2"];

/// A cleaned sheet: a row a line, with the columns `code8`, `description_path`,
/// `units`, `general`, `special` and `column2`.
#[derive(Clone, Debug, Default)]
pub struct CleanedSheet {
    lines: BTreeMap<GoodsCode, [String; 5]>,
    /// Codes that are none, and those that stand twice.
    pub unreadable: Vec<String>,
}

/// What two readings of a sheet have in common.
#[derive(Clone, Debug, Default)]
pub struct Agreement {
    /// Lines in both.
    pub both: usize,
    /// Each column, over the lines in both.
    pub columns: Vec<ColumnAgreement>,
    /// Lines only the export has.
    pub only_export: Vec<GoodsCode>,
    /// Lines only the cleaned sheet has.
    pub only_cleaned: Vec<GoodsCode>,
}

/// What two readings of a column have in common.
#[derive(Clone, Debug, Default)]
pub struct ColumnAgreement {
    /// Its name.
    pub column: &'static str,
    /// Cells with the same text.
    pub same: usize,
    /// Cells that mean the same and are written differently: blanks, last zeros
    /// of a percentage.
    pub alike: usize,
    /// The others.
    pub differing: Vec<Difference>,
}

/// One cell in two readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line.
    pub code: GoodsCode,
    /// Column or key.
    pub column: &'static str,
    /// In the export.
    pub export: String,
    /// In the other.
    pub other: String,
}

impl CleanedSheet {
    /// Reads the rows, the header first.
    ///
    /// # Errors
    /// [`MissingColumns`].
    pub fn read(sheet: &[Vec<String>]) -> Result<Self, MissingColumns> {
        let header: &[String] = sheet.first().map_or(&[], Vec::as_slice);
        let mut missing = Vec::new();
        let mut find = |name: &'static str| {
            header.iter().position(|cell| tidy(cell) == name).unwrap_or_else(|| {
                missing.push(name);
                0
            })
        };
        let code = find("code8");
        let places = COLUMNS.map(&mut find);
        if !missing.is_empty() {
            return Err(MissingColumns(missing));
        }
        let mut cleaned = Self::default();
        for cells in sheet.iter().skip(1) {
            let cell = |place: usize| cells.get(place).cloned().unwrap_or_default();
            let text = cell(code);
            match text.parse::<GoodsCode>() {
                Ok(code) if !cleaned.lines.contains_key(&code) => {
                    cleaned.lines.insert(code, places.map(cell));
                }
                _ => cleaned.unreadable.push(text),
            }
        }
        Ok(cleaned)
    }
}

impl HtsExport {
    /// Compares the lines with a cleaned sheet's.
    pub fn agreement(&self, cleaned: &CleanedSheet) -> Agreement {
        let columns =
            COLUMNS.map(|column| ColumnAgreement { column, ..ColumnAgreement::default() });
        let mut agreement = Agreement { columns: columns.into(), ..Agreement::default() };
        let mut seen = BTreeSet::new();
        for line in &self.lines {
            seen.insert(line.code);
            let Some(other) = cleaned.lines.get(&line.code) else {
                agreement.only_export.push(line.code);
                continue;
            };
            agreement.both += 1;
            for ((column, own), other) in agreement.columns.iter_mut().zip(cells(line)).zip(other) {
                column.compare(line.code, own, other);
            }
        }
        agreement.only_cleaned =
            cleaned.lines.keys().filter(|code| !seen.contains(code)).copied().collect();
        agreement
    }
}

impl ColumnAgreement {
    fn compare(&mut self, code: GoodsCode, export: String, other: &str) {
        if export == other {
            self.same += 1;
        } else if short_percentages(&export) == short_percentages(&bare(other)) {
            self.alike += 1;
        } else {
            let other = other.to_owned();
            self.differing.push(Difference { code, column: self.column, export, other });
        }
    }
}

/// The text tidied; without the blanks and colons that end the texts of a path.
fn bare(text: &str) -> String {
    let parts: Vec<String> =
        text.split(" > ").map(|part| tidy(part).trim_end_matches([':', ' ']).to_owned()).collect();
    parts.join(" > ")
}

fn cells(line: &PrintedLine) -> [String; 5] {
    [
        line.description.clone(),
        line.units.join(" "),
        line.general.clone(),
        line.special.clone(),
        line.column_2.clone(),
    ]
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: `{}`, not `{}`", self.code, self.column, self.export, self.other)
    }
}
