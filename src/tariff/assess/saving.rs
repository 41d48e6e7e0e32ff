//! What elections not made would save: each set of elections a provision
//! waits for is made, and the line assessed again.

use crate::money::Money;
use crate::tariff::assess::AssessError;
use crate::tariff::assess::entry_fee::FeeLedger;
use crate::tariff::assess::evaluate::Setting;
use crate::tariff::assess::outcome::{Election, Range, UnclaimedElection};
use crate::tariff::assess::readings::{LineReadings, read_line};
use crate::tariff::assess::resolved::ResolvedLine;
use rust_decimal::Decimal;

/// Elections open to the importer that save something, the greatest first.
pub(super) fn unclaimed(
    setting: Setting<'_>,
    goods: &ResolvedLine,
    read: &LineReadings,
    own: Range,
    (ledger, place): (&FeeLedger<'_>, usize),
    balances: &[Option<Decimal>],
) -> Result<Vec<UnclaimedElection>, AssessError> {
    let before = own.plus(ledger.total_with(place, read)?)?;
    let mut found: Vec<UnclaimedElection> = Vec::new();
    for (elections, leads_to) in &read.unmade {
        let mut elections = elections.clone();
        elections.sort_unstable();
        elections.dedup();
        if found.iter().any(|known| known.elections == elections) {
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
        let Some(range) = other.range()? else { continue };
        let after = range.plus(ledger.total_with(place, &other)?)?;
        // The same unknowns stand on both sides, so ends are held against
        // ends; where the line itself is determined they coincide.
        let at_best = before.highest.minus(after.lowest)?;
        let at_worst = if before.lowest == before.highest {
            before.lowest.minus(after.highest)?
        } else {
            before.lowest.minus(after.lowest)?
        };
        let at_best = if before.lowest == before.highest {
            at_best
        } else {
            before.highest.minus(after.highest)?
        };
        let lesser = |a: Money, b: Money| if a.amount() <= b.amount() { (a, b) } else { (b, a) };
        let (lowest, highest) = lesser(at_worst, at_best);
        if highest.amount() > Decimal::ZERO {
            found.push(UnclaimedElection {
                elections,
                leads_to: *leads_to,
                saving: Range { lowest, highest },
            });
        }
    }
    found.sort_by_key(|unclaimed| std::cmp::Reverse(unclaimed.saving.highest.amount()));
    Ok(found)
}
