//! Lines a schedule holds already, beside the export's.

use super::agreement::Difference;
use super::lines::HtsExport;
use super::text::tidy;
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::goods_code::GoodsCode;
use crate::tariff::schedule::Tariff;
use crate::tariff::tariff_line::SpecialRate;
use std::collections::{BTreeMap, BTreeSet};

/// How the lines held agree with the export.
#[derive(Clone, Debug, Default)]
pub struct HeldAgreement {
    /// Lines with the same text and the same rates in every column.
    pub equal: usize,
    /// What is not the same, key by key.
    pub differing: Vec<Difference>,
    /// Lines held that the export has not.
    pub missing: Vec<GoodsCode>,
    /// Lines held whose rates in the export were not read.
    pub unread: Vec<GoodsCode>,
}

impl HtsExport {
    /// Compares what a tariff holds; every row of a line that has several.
    pub fn held_by(&self, tariff: &Tariff) -> HeldAgreement {
        let printed: BTreeMap<GoodsCode, &str> =
            self.lines.iter().map(|line| (line.code, line.description.as_str())).collect();
        let mut agreement = HeldAgreement::default();
        for held in &tariff.lines {
            let Some(description) = printed.get(&held.code) else {
                agreement.missing.push(held.code);
                continue;
            };
            let Some(rates) = self.rates.get(&held.code) else {
                agreement.unread.push(held.code);
                continue;
            };
            let before = agreement.differing.len();
            let mut differ = |column: &'static str, export: String, other: String| {
                let code = held.code;
                agreement.differing.push(Difference { code, column, export, other });
            };
            if !ends_path(description, &tidy(&held.description)) {
                differ("description", (*description).to_owned(), held.description.clone());
            }
            if held.general != rates.general {
                differ("general", rates.general.to_string(), held.general.to_string());
            }
            if by_symbol(&held.special) != by_symbol(&rates.special) {
                differ("special", rates.special_text(), held.special_text.clone());
            }
            if held.column_2.as_ref() != Some(&rates.column_2) {
                let other = held.column_2.as_ref().map(ToString::to_string).unwrap_or_default();
                differ("column_2", rates.column_2.to_string(), other);
            }
            agreement.equal += usize::from(agreement.differing.len() == before);
        }
        agreement
    }
}

/// Whether the texts are those of the path, or of its end: a schedule may leave
/// out what the heading says.
fn ends_path(path: &str, texts: &str) -> bool {
    path.strip_suffix(texts).is_some_and(|above| above.is_empty() || above.ends_with(" > "))
}

/// Rate of each symbol, whatever the order they are printed in.
fn by_symbol(special: &[SpecialRate]) -> BTreeMap<&str, &DutyExpression> {
    let pairs = special.iter().flat_map(|special| {
        special.symbols.iter().map(move |symbol| (symbol.as_str(), &special.rate))
    });
    pairs.collect()
}

/// Codes a tariff has lines of.
pub(super) fn codes(tariff: &Tariff) -> BTreeSet<GoodsCode> {
    tariff.lines.iter().map(|line| line.code).collect()
}
