//! From rows drawn as a tree to lines.

use super::code::{CodeReading, read_code};
use super::fault::{ExportFault, FaultKind};
use super::rates::LineRates;
use super::sheet::{self, Header, MissingColumns, Row};
use super::text::short_percentages;
use crate::tariff::goods_code::GoodsCode;
use std::collections::{BTreeMap, BTreeSet};

/// Digits of a line's code; deeper rows are statistical.
const LINE_DIGITS: u8 = 8;

/// The sheet as read.
#[derive(Clone, Debug, Default)]
pub struct HtsExport {
    /// Every line of chapters 1 to 97, as printed, in the order of the sheet.
    pub lines: Vec<PrintedLine>,
    /// Rates of the lines whose every column could be read.
    pub rates: BTreeMap<GoodsCode, LineRates>,
    /// What could not be read, and remarks, by row.
    pub faults: Vec<ExportFault>,
    /// What the rows were.
    pub tally: Tally,
}

/// An eight-digit line as the sheet prints it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedLine {
    /// Row its rates stand in.
    pub row: usize,
    /// Its eight digits.
    pub code: GoodsCode,
    /// Texts of the rows it stands under, and its own.
    pub description: String,
    /// Units of its first row that has any.
    pub units: Vec<String>,
    /// Column 1 general.
    pub general: String,
    /// Column 1 special.
    pub special: String,
    /// Column 2.
    pub column_2: String,
}

/// What the rows were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows under the header.
    pub rows: usize,
    /// Rows of chapters 98 and 99.
    pub provisions: usize,
    /// Statistical rows without rates of their own.
    pub statistical: usize,
    /// Rows whose general column is carried down from above.
    pub carried_down: usize,
    /// Lines whose rates stand in a statistical row.
    pub lines_in_statistical_rows: usize,
}

impl HtsExport {
    /// Reads the rows of the sheet, the header first.
    ///
    /// # Errors
    /// [`MissingColumns`]. Anything else is a fault among the others.
    pub fn read(sheet: &[Vec<String>]) -> Result<Self, MissingColumns> {
        let (header, rows) = sheet
            .split_first()
            .map_or((&[][..], &[][..]), |(header, rows)| (header.as_slice(), rows));
        let header = Header::of(header)?;
        let mut reader = Reader::default();
        for (place, cells) in rows.iter().enumerate() {
            // Row 1 is the header.
            reader.read(&header.row(place + 2, cells));
        }
        let Reader { mut export, held_back, .. } = reader;
        export.read_rates(&held_back);
        export.faults.sort_by_key(|fault| fault.row);
        Ok(export)
    }
}

/// A row that others may stand under.
struct Level {
    indent: usize,
    code: Option<GoodsCode>,
    description: String,
}

#[derive(Default)]
struct Reader {
    export: HtsExport,
    levels: Vec<Level>,
    /// Last code read.
    last: Option<GoodsCode>,
    /// Place of each line; none where the line has no rates of its own.
    places: BTreeMap<GoodsCode, Option<usize>>,
    /// Lines with a doubt about which rates are theirs.
    held_back: BTreeSet<GoodsCode>,
}

impl Reader {
    fn read(&mut self, row: &Row) {
        self.export.tally.rows += 1;
        let code = self.code(row);
        let indent = self.indent(row);
        let above = self.levels.iter().rev().find_map(|level| level.code);
        self.levels.push(Level {
            indent,
            code,
            description: row.description.trim_end_matches([':', ' ']).to_owned(),
        });
        if let Some(code) = code {
            self.last = Some(code);
        }
        if self.last.is_some_and(|code| {
            code.digits().starts_with(b"98") || code.digits().starts_with(b"99")
        }) {
            self.export.tally.provisions += 1;
            return;
        }
        if !row.general.is_empty() && row.column_2.is_empty() {
            self.export.tally.carried_down += 1;
        }
        let Some(code) = code else {
            if row.code.is_empty() && !row.column_2.is_empty() {
                self.fault(row, self.last, sheet::CODE, &row.description, FaultKind::CodeMissing);
            }
            return;
        };
        if above.is_some_and(|above| !above.covers(&code)) {
            self.fault(row, Some(code), sheet::CODE, &row.code, FaultKind::CodeOutOfPlace);
            return;
        }
        if code.length() >= LINE_DIGITS {
            self.line(row, code);
        } else if !row.column_2.is_empty() {
            // Lost last digits look like this.
            let kind = FaultKind::CodeUnreadable("rates, and too few digits for a line");
            self.fault(row, Some(code), sheet::CODE, &row.code, kind);
        }
    }

    fn code(&mut self, row: &Row) -> Option<GoodsCode> {
        if row.code.is_empty() {
            return None;
        }
        match read_code(&row.code) {
            Ok(CodeReading::Plain(code)) => Some(code),
            Ok(CodeReading::Repaired(code)) => {
                self.fault(row, Some(code), sheet::CODE, &row.code, FaultKind::CodeRepaired(code));
                Some(code)
            }
            Err(why) => {
                let kind = FaultKind::CodeUnreadable(why);
                self.fault(row, self.last, sheet::CODE, &row.code, kind);
                None
            }
        }
    }

    /// The row's indent; leaves only the rows it stands under.
    fn indent(&mut self, row: &Row) -> usize {
        let next = self.levels.last().map_or(0, |above| above.indent + 1);
        // A number again: 2.0.
        let text = row.indent.strip_suffix(".0").unwrap_or(&row.indent);
        let indent = text.parse().unwrap_or_else(|_| {
            self.fault(row, self.last, sheet::INDENT, &row.indent, FaultKind::IndentUnreadable);
            1
        });
        if indent > next {
            self.fault(row, self.last, sheet::INDENT, &row.indent, FaultKind::IndentSkipsLevel);
        }
        let kept = self.levels.iter().take_while(|level| level.indent < indent).count();
        self.levels.truncate(kept);
        indent
    }

    fn line(&mut self, row: &Row, code: GoodsCode) {
        let line = code.cut(LINE_DIGITS);
        let statistical = code.length() > LINE_DIGITS;
        let units = self.units(row, line);
        if !matches!(row.additional.as_str(), "" | "No additional duty") {
            let kind = FaultKind::AdditionalDuty;
            self.fault(row, Some(line), sheet::ADDITIONAL, &row.additional, kind);
            self.held_back.insert(line);
        }
        match self.places.get(&line).copied() {
            None if row.column_2.is_empty() => {
                self.places.insert(line, None);
                self.fault(row, Some(line), sheet::COLUMN_2, &row.general, FaultKind::NoRates);
            }
            None => {
                self.places.insert(line, Some(self.export.lines.len()));
                // A line in a row such as .00.00 is printed so; only its
                // own statistical suffix makes it worth telling.
                let alone = code.digits().ends_with(b"00");
                self.export.tally.lines_in_statistical_rows += usize::from(statistical && !alone);
                let path: Vec<&str> =
                    self.levels.iter().map(|level| level.description.as_str()).collect();
                self.export.lines.push(PrintedLine {
                    row: row.number,
                    code: line,
                    description: path.join(" > "),
                    units,
                    general: row.general.clone(),
                    special: row.special.clone(),
                    column_2: row.column_2.clone(),
                });
            }
            Some(_) if !statistical => {
                self.fault(row, Some(line), sheet::CODE, &row.code, FaultKind::CodeRepeated);
                self.held_back.insert(line);
            }
            Some(place) => {
                self.export.tally.statistical += 1;
                if let Some(place) = place {
                    self.statistical(row, place, units);
                }
            }
        }
    }

    /// A statistical row gives its line units, and no other rates.
    fn statistical(&mut self, row: &Row, place: usize, units: Vec<String>) {
        let Some(line) = self.export.lines.get_mut(place) else { return };
        if line.units.is_empty() {
            line.units = units;
        }
        let code = line.code;
        let pairs = [
            (sheet::GENERAL, &row.general, &line.general),
            (sheet::SPECIAL, &row.special, &line.special),
            (sheet::COLUMN_2, &row.column_2, &line.column_2),
        ];
        let other = pairs.into_iter().find(|(_, own, lines)| {
            !own.is_empty() && short_percentages(own) != short_percentages(lines)
        });
        if let Some((column, own, _)) = other {
            self.fault(row, Some(code), column, own, FaultKind::StatisticalRateDiffers);
            self.held_back.insert(code);
        }
    }

    /// `["No.","kg"]`, as a list.
    fn units(&mut self, row: &Row, line: GoodsCode) -> Vec<String> {
        if row.units.is_empty() {
            return Vec::new();
        }
        let listed: Vec<String> = serde_json::from_str(&row.units).unwrap_or_else(|_| {
            if row.units.contains(['[', ']', '"']) {
                self.fault(row, Some(line), sheet::UNITS, &row.units, FaultKind::UnitsUnreadable);
                Vec::new()
            } else {
                row.units.split(',').map(str::to_owned).collect()
            }
        });
        let trimmed = listed.iter().map(|unit| unit.trim().to_owned());
        trimmed.filter(|unit| !unit.is_empty()).collect()
    }

    fn fault(
        &mut self,
        row: &Row,
        code: Option<GoodsCode>,
        column: &'static str,
        text: &str,
        kind: FaultKind,
    ) {
        let text = text.to_owned();
        self.export.faults.push(ExportFault { row: row.number, code, column, text, kind });
    }
}
