//! Plain sentences on the reach of the law held and on what was asked in vain.

use crate::tariff::assess::outcome::{ChargedUnder, Election, LineAssessment};
use crate::tariff::assess::resolved::{ResolvedEntry, ResolvedLine};
use crate::tariff::condition::Condition;
use crate::tariff::document::Confidence;
use crate::tariff::law_on_day::LawDays;
use crate::tariff::measure_set::MeasureSet;
use crate::tariff::schedule::Tariff;
use std::borrow::Cow;

pub(super) fn notices(
    tariff: &Tariff,
    entry: &ResolvedEntry,
    lines: &[LineAssessment],
) -> Vec<String> {
    let LawDays { duty, entry: entry_date, known_at, .. } = entry.days;
    let mut notices = Vec::new();
    let first_day = duty.min(entry_date);
    if first_day < tariff.law_from {
        notices.push(format!(
            "The schedule holds the law of {} from {} on; {first_day} is earlier.",
            tariff.title, tariff.law_from
        ));
    }
    if duty != entry_date {
        notices.push(format!("Duties are those of {duty}; fees and taxes those of {entry_date}."));
    }
    if !tariff.remark.is_empty() {
        notices.push(tariff.remark.clone());
    }
    if entry_date > tariff.law_verified_to {
        notices.push(format!(
            "The law of {} was last verified to {}; changes after it, before {entry_date}, are not held.",
            tariff.title, tariff.law_verified_to
        ));
    }
    if known_at < tariff.law_from {
        notices.push(format!(
            "Documents published before {} are held only in part: as known on {known_at} law may be missing.",
            tariff.law_from
        ));
    }
    for rate in &entry.rates_used {
        notices.push(format!(
            "Converted from {} to {} at the customs rate {} published {}.",
            rate.from, rate.to, rate.rate, rate.published_on
        ));
    }
    for (goods, line) in entry.lines.iter().zip(lines) {
        if tariff.domestic_origins.contains(goods.origin) && !goods.local {
            notices.push(format!(
                "Line {}: {} is inside the customs territory of {}; the law on goods returned is not held.",
                goods.id, goods.origin, tariff.title
            ));
        }
        if line.readings.is_empty() {
            continue;
        }
        let remembered = from_memory(tariff, line);
        if !remembered.is_empty() {
            notices.push(format!(
                "Line {}: {} rest on memory and are not verified.",
                goods.id,
                remembered.join(", ")
            ));
        }
        for election in elected_in_vain(tariff, goods) {
            notices.push(format!(
                "Line {}: {} is elected, and no provision on these goods of this origin asks for it.",
                goods.id,
                election.id(tariff)
            ));
        }
    }
    notices
}

/// Headings charged that are attested by memory alone.
fn from_memory<'a>(tariff: &'a Tariff, line: &LineAssessment) -> Vec<Cow<'a, str>> {
    let mut found = Vec::new();
    for layer in line.readings.iter().flat_map(|reading| &reading.outcome.layers) {
        let is_memory = |confidence: Confidence| confidence == Confidence::Memory;
        let heading = match layer.under {
            ChargedUnder::Line(index, _) if is_memory(tariff.lines[index].confidence) => {
                Cow::Owned(tariff.lines[index].code.to_string())
            }
            ChargedUnder::Measure(index) if is_memory(tariff.measures[index].confidence) => {
                Cow::Borrowed(tariff.measures[index].heading.as_str())
            }
            ChargedUnder::Credit(index) if is_memory(tariff.credits[index].confidence) => {
                Cow::Borrowed(tariff.credits[index].id.as_str())
            }
            _ => continue,
        };
        if !found.contains(&heading) {
            found.push(heading);
        }
    }
    found
}

/// Quotas, certifications and credits elected that nothing on the goods asks
/// for.
fn elected_in_vain<'a>(
    tariff: &'a Tariff,
    goods: &'a ResolvedLine,
) -> impl Iterator<Item = Election> + 'a {
    let of_origin = tariff.measures_by_origin.holding(goods.origin);
    let asks = move |such: &dyn Fn(usize) -> bool| {
        goods.tariff_lines.iter().any(|line| {
            MeasureSet::intersection([&tariff.lines[*line].measures.all, of_origin]).any(such)
        })
    };
    let asked = move |condition: Condition| {
        asks(&|index| tariff.measures[index].conditions.contains(&condition))
    };
    goods.elected.iter().copied().filter(move |election| match *election {
        Election::Preference(_) => false,
        Election::Certification(index) => !asked(Condition::Certification(index)),
        Election::Quota(index) => !asked(Condition::WithinQuota(index)),
        Election::Credit(index) => {
            !asks(&|measure| tariff.credits[index].against.contains(measure))
        }
    })
}
