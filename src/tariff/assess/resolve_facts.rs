//! Facts of a line: looked up and checked against their kind.

use crate::money::Money;
use crate::tariff::assess::resolve::Resolver;
use crate::tariff::condition::{FactIndex, FactKind};
use crate::tariff::entry::{DeclaredFact, FactValue};
use rust_decimal::Decimal;

impl Resolver<'_> {
    pub(super) fn facts(
        &mut self,
        declared: &[DeclaredFact],
        customs_value: Option<Money>,
        at: &impl Fn(&str) -> String,
    ) -> Vec<(FactIndex, FactValue)> {
        let tariff = self.tariff;
        let mut facts: Vec<(FactIndex, FactValue)> = Vec::new();
        for fact in declared {
            let field = |name: &str| at(&format!("goods.facts[{}].{name}", fact.position));
            let Some(index) = tariff.facts.iter().position(|known| known.id == fact.id) else {
                self.unknown(field("fact_id"), "FACT_UNKNOWN", "fact", &fact.id);
                continue;
            };
            if facts.iter().any(|(known, _)| *known == index) {
                self.fault(field("fact_id"), "DUPLICATE", format!("`{}` is stated twice", fact.id));
                continue;
            }
            let value = match (tariff.facts[index].kind, fact.value) {
                (FactKind::Content, FactValue::Content(content)) => {
                    let content = self.converted(content, || field("content"));
                    if let (Some(content), Some(whole)) = (content, customs_value)
                        && content.amount() > whole.amount()
                    {
                        let message = format!("{content} is more than the customs value, {whole}");
                        self.fault(field("content"), "CONTENT_EXCEEDS_VALUE", message);
                    }
                    content.map(FactValue::Content)
                }
                (FactKind::Truth, value @ FactValue::Truth(_))
                | (FactKind::Date, value @ FactValue::Date(_))
                | (FactKind::Number, value @ FactValue::Number(_)) => Some(value),
                (FactKind::Year, FactValue::Number(year)) => {
                    let entry_year =
                        self.declaration.entry_date.map_or(9999, |date| i64::from(date.year()));
                    if year.fract().is_zero()
                        && year >= Decimal::from(1885)
                        && year <= Decimal::from(entry_year)
                    {
                        Some(FactValue::Number(year))
                    } else {
                        let message =
                            format!("`{}` must be a year from 1885 to the year of entry", fact.id);
                        self.fault(field("number"), "OUT_OF_RANGE", message);
                        None
                    }
                }
                (kind, _) => {
                    let message = format!("`{}` is answered by a {}", fact.id, kind_name(kind));
                    self.fault(field("value"), "WRONG_KIND", message);
                    None
                }
            };
            facts.extend(value.map(|value| (index, value)));
        }
        facts
    }
}

fn kind_name(kind: FactKind) -> &'static str {
    match kind {
        FactKind::Truth => "truth",
        FactKind::Year | FactKind::Number => "number",
        FactKind::Content => "content",
        FactKind::Date => "date",
    }
}
