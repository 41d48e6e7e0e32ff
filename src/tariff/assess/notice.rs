//! Plain sentences on the reach of the law held and on what was asked in vain.

use crate::tariff::assess::evaluate::Setting;
use crate::tariff::assess::outcome::{Election, LineAssessment};
use crate::tariff::assess::resolved::{ResolvedEntry, ResolvedLine};
use crate::tariff::condition::Condition;
use crate::tariff::schedule::Tariff;

pub(super) fn notices(
    setting: Setting<'_>,
    entry: &ResolvedEntry,
    lines: &[LineAssessment],
) -> Vec<String> {
    let Setting { tariff, entry_date, known_at } = setting;
    let mut notices = Vec::new();
    if entry_date < tariff.law_from {
        notices.push(format!(
            "The schedule holds the law of {} from {} on; {entry_date} is earlier.",
            tariff.title, tariff.law_from
        ));
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
        if tariff.domestic_origins.contains(goods.origin) {
            notices.push(format!(
                "Line {}: {} is inside the customs territory of {}; the law on goods returned is not held.",
                goods.id, goods.origin, tariff.title
            ));
        }
        if line.readings.is_empty() {
            continue;
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

/// Quotas and certifications elected that nothing on the goods asks for.
fn elected_in_vain(tariff: &Tariff, goods: &ResolvedLine) -> Vec<Election> {
    let asked = |condition: &Condition| {
        goods
            .tariff_lines
            .iter()
            .flat_map(|line| &tariff.lines[*line].measures)
            .map(|index| &tariff.measures[*index])
            .filter(|measure| measure.origins.contains(goods.origin))
            .any(|measure| measure.conditions.contains(condition))
    };
    let chosen = |made: &[bool]| -> Vec<usize> {
        made.iter().enumerate().filter(|(_, made)| **made).map(|(index, _)| index).collect()
    };
    let quotas = chosen(&goods.quotas).into_iter();
    let certifications = chosen(&goods.certifications).into_iter();
    quotas
        .filter(|index| !asked(&Condition::WithinQuota(*index)))
        .map(Election::Quota)
        .chain(
            certifications
                .filter(|index| !asked(&Condition::Certification(*index)))
                .map(Election::Certification),
        )
        .collect()
}
