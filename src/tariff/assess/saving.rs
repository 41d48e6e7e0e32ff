//! What elections not made would save: each set of elections a provision
//! waits for is made, and the line assessed again.

use crate::money::Overflow;
use crate::tariff::assess::AssessError;
use crate::tariff::assess::entry_fee::FeeLedger;
use crate::tariff::assess::evaluate::Setting;
use crate::tariff::assess::outcome::{Election, Reading, UnclaimedElection};
use crate::tariff::assess::range::Range;
use crate::tariff::assess::readings::{LineReadings, read_line};
use crate::tariff::assess::resolved::ResolvedLine;
use crate::tariff::duty_expression::DutyExpression;
use crate::tariff::measure::MeasureIndex;
use rust_decimal::Decimal;

/// Elections open to the importer that save something, the greatest first.
pub(super) fn unclaimed(
    setting: Setting<'_>,
    goods: &ResolvedLine,
    read: &LineReadings,
    (ledger, place): (&FeeLedger<'_>, usize),
    balances: &[Option<Decimal>],
) -> Result<Vec<UnclaimedElection>, AssessError> {
    let mut found: Vec<UnclaimedElection> = Vec::new();
    for (elections, leads_to) in &read.unmade {
        let mut elections = elections.clone();
        elections.sort_unstable();
        elections.dedup();
        if let Some(known) = found.iter_mut().find(|known| known.elections == elections) {
            // Of headings reached together the one that charges is told.
            let free =
                |index: &MeasureIndex| setting.tariff.measures[*index].rate == DutyExpression::Free;
            if known.leads_to.as_ref().is_some_and(free) {
                known.leads_to = *leads_to;
            }
            continue;
        }
        let mut electing = goods.clone();
        for election in &elections {
            match election {
                Election::Preference(index) => electing.preference = Some(*index),
                Election::Certification(index) => electing.certifications[*index] = true,
                Election::Quota(index) => electing.quotas[*index] = true,
            }
        }
        // Units drawn here are a thought only: the entry's balances stay.
        let mut left = balances.to_vec();
        let other = read_line(setting, &electing, &mut left)
            .map_err(|cause| AssessError::Unpriceable { line: place, cause })?;
        let Some(saving) = saving(read, &other, (ledger, place))? else { continue };
        if saving.highest.amount() > Decimal::ZERO {
            found.push(UnclaimedElection { elections, leads_to: *leads_to, saving });
        }
    }
    found.sort_by_key(|unclaimed| std::cmp::Reverse(unclaimed.saving.highest.amount()));
    Ok(found)
}

/// What one reading of the line costs more than another, least and greatest,
/// over all pairs that do not contradict each other.
fn saving(
    before: &LineReadings,
    after: &LineReadings,
    (ledger, place): (&FeeLedger<'_>, usize),
) -> Result<Option<Range>, Overflow> {
    let cost = |reading: &Reading| -> Result<Range, Overflow> {
        let own = Range::exactly(reading.outcome.totals.charges()?);
        own.plus(ledger.total_with(place, &reading.outcome)?)
    };
    let mut saving: Option<Range> = None;
    for a in &before.readings {
        let dear = cost(a)?;
        for b in after.readings.iter().filter(|b| !a.contradicts(b)) {
            let cheap = cost(b)?;
            // The other lines' fees are the same on both sides, so ends go with ends.
            let ends = dear.minus(cheap)?;
            let pair = Range::exactly(ends.lowest).or(Range::exactly(ends.highest));
            saving = Some(saving.map_or(pair, |range| range.or(pair)));
        }
    }
    Ok(saving)
}
