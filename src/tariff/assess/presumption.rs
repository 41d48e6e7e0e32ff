//! What the law or the schedule presumes where a request is silent. Derived
//! when somebody reads it: an assessment itself only needs the values.

use crate::tariff::assess::resolved::{ResolvedEntry, ResolvedLine};
use crate::tariff::condition::FactIndex;
use crate::tariff::entry::FactValue;
use crate::tariff::law_on_day::LawOnDay;
use crate::tariff::measure_set::MeasureSet;

/// A value used because the request is silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presumption {
    /// What: `quantity`, `transport-mode`, `freight`, `goods-code`,
    /// `fact:build-year`.
    pub subject: String,
    /// The value.
    pub value: String,
    /// Why.
    pub because: String,
}

/// The presumptions a line rests on. What no provision that stands on the day
/// asks of these goods is no presumption about them.
pub fn presumptions(
    law: &LawOnDay,
    entry: &ResolvedEntry,
    line: &ResolvedLine,
) -> Vec<Presumption> {
    let tariff = law.tariff.as_ref();
    let of_origin = tariff.measures_by_origin.holding(line.origin);
    let mut asked: Vec<FactIndex> = Vec::new();
    for held in &line.tariff_lines {
        let of_line = &tariff.lines[*held].measures.all;
        for index in MeasureSet::intersection([of_line, of_origin, &law.standing]) {
            asked.extend(tariff.measures[index].asked_facts());
        }
    }
    let mut found = Vec::new();
    let mut presume = |subject: &str, value: String, because: &str| {
        let because = because.to_owned();
        found.push(Presumption { subject: subject.to_owned(), value, because });
    };
    if let [only] = line.tariff_lines.as_slice() {
        let held = tariff.lines[*only].code;
        if held != line.code && line.code.covers(&held) {
            let because = format!("the only national line under {}", line.code);
            presume("goods-code", held.to_string(), &because);
        }
    }
    if line.silent.articles {
        presume("quantity", "1 NAR".to_owned(), "no number of articles is stated");
    }
    if line.silent.carriage {
        let because = "no freight is stated: the transaction value is taken as delivered (CIF)";
        presume("freight", line.carriage.to_string(), because);
    }
    for (index, fact) in tariff.facts.iter().enumerate() {
        let stated = line.facts.iter().any(|(stated, _)| *stated == index);
        let presumed = fact.presumption.as_ref().filter(|_| !stated && asked.contains(&index));
        let Some(presumption) = presumed else { continue };
        let value = match line.fact(index, fact, entry.days) {
            Some(FactValue::Truth(truth)) => if truth { "yes" } else { "no" }.to_owned(),
            Some(FactValue::Number(number)) => number.to_string(),
            Some(FactValue::Content(content)) => content.to_string(),
            Some(FactValue::Date(date)) => date.to_string(),
            None => continue,
        };
        presume(&format!("fact:{}", fact.id), value, &presumption.because);
    }
    if line.silent.transport && !line.local {
        let presumed = tariff.transport_presumption(line.origin);
        let because = presumed
            .map_or("no transport mode is stated", |presumption| presumption.because.as_str());
        presume("transport-mode", line.transport.to_string(), because);
    }
    found
}
