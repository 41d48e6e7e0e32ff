//! The lines a broker files: headings in order, with the value entered.

use crate::money::{Money, Overflow};
use crate::tariff::assess::outcome::{ChargedUnder, FiledLine, Layer};
use crate::tariff::assess::resolved::ResolvedLine;
use crate::tariff::condition::{FactIndex, PreferenceIndex};
use crate::tariff::measure::{Base, ChargeKind};
use crate::tariff::schedule::Tariff;
use crate::tariff::tariff_line::TariffLine;
use rust_decimal::Decimal;

/// Files the goods. Where a measure falls on a content and another on the rest
/// of the value, the entry shows two lines: the rest with the articles, the
/// content with none (for US content: CSMS 65649652).
pub(super) fn filed_lines(
    tariff: &Tariff,
    goods: &ResolvedLine,
    (line, preference): (&TariffLine, Option<PreferenceIndex>),
    layers: &[Layer],
    disclaimers: &[(u32, &str)],
) -> Result<Vec<FiledLine>, Overflow> {
    let measures = || {
        layers.iter().filter(|layer| layer.kind == ChargeKind::Duty).filter_map(|layer| match layer
            .under
        {
            ChargedUnder::Measure(index) => Some((&tariff.measures[index], layer.base)),
            ChargedUnder::Line(..) => None,
        })
    };
    let headings = |slice: Option<Base>| -> Vec<String> {
        let mut ranked: Vec<(u32, &str)> = measures()
            .filter(|(measure, _)| {
                measure.base == Base::CustomsValue || Some(measure.base) == slice
            })
            .map(|(measure, _)| {
                (tariff.programme_of(measure).filing_rank, measure.heading.as_str())
            })
            .chain(disclaimers.iter().copied())
            .collect();
        ranked.sort_unstable();
        ranked.dedup();
        let symbol = preference.map(|index| tariff.preferences[index].symbol.as_str());
        let own = match symbol {
            Some(symbol) => format!("{symbol} {}", line.code),
            None => line.code.to_string(),
        };
        let before = ranked.partition_point(|(rank, _)| *rank <= tariff.filing_rank);
        let mut headings: Vec<String> =
            ranked.iter().map(|(_, heading)| (*heading).to_owned()).collect();
        headings.insert(before, own);
        headings
    };
    let split: Option<(FactIndex, Money)> =
        measures().find_map(|(measure, base)| match measure.base {
            Base::CustomsValueLess(fact) => Some((fact, base)),
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
        headings: headings(Some(Base::CustomsValueLess(fact))),
        entered_value: rest,
        articles: goods.articles(),
    }];
    let content = goods.customs_value.minus(rest)?;
    if !content.is_zero() {
        filed.push(FiledLine {
            headings: headings(Some(Base::Content(fact))),
            entered_value: content,
            articles: Decimal::ZERO,
        });
    }
    Ok(filed)
}
