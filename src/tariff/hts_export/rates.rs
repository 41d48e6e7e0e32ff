//! Rates of a line, where every column can be read.

use super::fault::{ExportFault, FaultKind};
use super::lines::{HtsExport, PrintedLine};
use super::rate::read_rate;
use super::special::{printed, read_special};
use super::{rate::Unread, sheet};
use crate::tariff::duty_expression::{DutyExpression, Term};
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::quantity::Unit;
use crate::tariff::tariff_line::SpecialRate;
use std::collections::{BTreeMap, BTreeSet};

/// A symbol on fewer lines than this, in a sheet of a thousand lines or more,
/// is probably a slip.
const RARE: usize = 3;

/// The three columns of a line.
#[derive(Clone, Debug)]
pub struct LineRates {
    /// Column 1 general.
    pub general: DutyExpression,
    /// Column 1 special.
    pub special: Vec<SpecialRate>,
    /// Column 2.
    pub column_2: DutyExpression,
}

impl LineRates {
    /// The special column as schedules print it.
    pub fn special_text(&self) -> String {
        printed(&self.special)
    }

    /// Units the rates count in, each once.
    pub fn units(&self) -> Vec<Unit> {
        let special = self.special.iter().map(|special| &special.rate);
        let mut units: Vec<Unit> = Vec::new();
        for rate in [&self.general, &self.column_2].into_iter().chain(special) {
            let DutyExpression::Sum(terms) = rate else { continue };
            for term in terms {
                if let Term::Specific { per, .. } = term
                    && !units.contains(per)
                {
                    units.push(*per);
                }
            }
        }
        units
    }
}

impl HtsExport {
    /// Reads the rates of all lines but those held back.
    pub(super) fn read_rates(&mut self, held_back: &BTreeSet<GoodsCode>) {
        let mut symbols: BTreeMap<String, Vec<(usize, GoodsCode)>> = BTreeMap::new();
        for line in &self.lines {
            let Some(rates) = rates(line, &mut self.faults) else { continue };
            for symbol in rates.special.iter().flat_map(|special| &special.symbols) {
                symbols.entry(symbol.clone()).or_default().push((line.row, line.code));
            }
            if !held_back.contains(&line.code) {
                self.rates.insert(line.code, rates);
            }
        }
        if self.lines.len() < 1000 {
            return;
        }
        for (symbol, lines) in symbols.iter().filter(|(_, lines)| lines.len() < RARE) {
            self.faults.extend(lines.iter().map(|(row, code)| ExportFault {
                row: *row,
                code: Some(*code),
                column: sheet::SPECIAL,
                text: symbol.clone(),
                kind: FaultKind::SymbolRare,
            }));
        }
    }
}

fn rates(line: &PrintedLine, faults: &mut Vec<ExportFault>) -> Option<LineRates> {
    let mut fault = |column: &'static str, text: &str, kind: FaultKind| {
        faults.push(ExportFault {
            row: line.row,
            code: Some(line.code),
            column,
            text: text.to_owned(),
            kind,
        });
    };
    let mut column = |name: &'static str, text: &str| {
        read_rate(text)
            .map_err(|unread: Unread| fault(name, text, FaultKind::RateUnread(unread)))
            .ok()
    };
    let general = column(sheet::GENERAL, &line.general);
    let column_2 = column(sheet::COLUMN_2, &line.column_2);
    let special = read_special(&line.special);
    let unread = special.faults.iter().any(|(kind, _)| matches!(kind, FaultKind::RateUnread(_)));
    for (kind, text) in special.faults {
        fault(sheet::SPECIAL, &text, kind);
    }
    if let Some(general) = &general
        && (*general == DutyExpression::Free) != line.special.is_empty()
    {
        fault(sheet::SPECIAL, &line.special, FaultKind::SpecialUnlikely);
    }
    Some(LineRates { general: general?, special: special.rates, column_2: column_2? })
        .filter(|_| !unread)
}
