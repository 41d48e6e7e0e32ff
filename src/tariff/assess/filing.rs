//! The lines a broker files: headings in order, with the value entered.

use crate::money::{Money, Overflow};
use crate::tariff::assess::outcome::{ChargedUnder, FiledHeading, FiledLine, Layer};
use crate::tariff::assess::resolved::ResolvedLine;
use crate::tariff::condition::FactIndex;
use crate::tariff::measure::{BaseTerm, ChargeKind, MeasureIndex};
use crate::tariff::schedule::Tariff;
use rust_decimal::Decimal;

/// Files the goods. Where a measure falls on a content and another on the rest
/// of the value, the entry shows two lines: the rest with the articles, the
/// content with none (for US content: CSMS 65649652).
pub(super) fn filed_lines(
    tariff: &Tariff,
    goods: &ResolvedLine,
    line: FiledHeading,
    layers: &[Layer],
    disclaimers: &[usize],
) -> Result<Vec<FiledLine>, Overflow> {
    let measures = || {
        layers.iter().filter(|layer| layer.kind == ChargeKind::Duty).filter_map(|layer| match layer
            .under
        {
            ChargedUnder::Measure(index) => Some((index, layer.base)),
            _ => None,
        })
    };
    let only_term = |index: MeasureIndex| match tariff.measures[index].base.0.as_slice() {
        [term] => Some(*term),
        _ => None,
    };
    let headings = |slice: Option<BaseTerm>| -> Vec<FiledHeading> {
        let mut headings: Vec<FiledHeading> = measures()
            .map(|(index, _)| (index, only_term(index)))
            .filter(|(_, term)| *term == Some(BaseTerm::CustomsValue) || *term == slice)
            .map(|(index, _)| FiledHeading::Measure(index))
            .chain(disclaimers.iter().copied().map(FiledHeading::Disclaimer))
            .chain([line])
            .collect();
        headings.sort_by_key(|heading| heading.place(tariff));
        headings.dedup_by_key(|heading| heading.place(tariff));
        headings
    };
    let split: Option<(FactIndex, Money)> =
        measures().find_map(|(index, base)| match only_term(index) {
            Some(BaseTerm::CustomsValueLess(fact)) => Some((fact, base)),
            _ => None,
        });
    let Some((fact, rest)) = split else {
        return Ok(vec![FiledLine {
            headings: headings(None),
            entered_value: goods.customs_value,
            articles: goods.articles(),
        }]);
    };
    let mut filed = vec![FiledLine {
        headings: headings(Some(BaseTerm::CustomsValueLess(fact))),
        entered_value: rest,
        articles: goods.articles(),
    }];
    let content = goods.customs_value.minus(rest)?;
    if !content.is_zero() {
        filed.push(FiledLine {
            headings: headings(Some(BaseTerm::Content(fact))),
            entered_value: content,
            articles: Decimal::ZERO,
        });
    }
    Ok(filed)
}

impl FiledHeading {
    /// Its place on the form: by rank of the programme, then by heading; the
    /// tariff line after the headings of its own rank.
    fn place(self, tariff: &Tariff) -> (u32, bool, &str) {
        match self {
            Self::Measure(index) => {
                let measure = &tariff.measures[index];
                (tariff.programme_of(measure).filing_rank, false, measure.heading.as_str())
            }
            Self::Disclaimer(index) => {
                let exclusion = &tariff.exclusions[index];
                (exclusion.filing_rank, false, exclusion.filed_as.as_str())
            }
            Self::Line(..) => (tariff.filing_rank, true, ""),
        }
    }

    /// The heading as it is filed.
    pub fn text(self, tariff: &Tariff) -> String {
        match self {
            Self::Measure(index) => tariff.measures[index].heading.clone(),
            Self::Disclaimer(index) => tariff.exclusions[index].filed_as.clone(),
            Self::Line(line, None) => tariff.lines[line].code.to_string(),
            Self::Line(line, Some(preference)) => {
                format!("{} {}", tariff.preferences[preference].symbol, tariff.lines[line].code)
            }
        }
    }
}
