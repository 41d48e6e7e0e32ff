//! Assesses an entry: a pure function of the declaration, the entry date, the
//! knowledge date and the schedule revision.

mod column;
mod conditions;
mod describe;
mod entry_fee;
mod evaluate;
mod filing;
mod outcome;
mod readings;
mod resolve;
mod resolve_facts;
mod resolved;
mod saving;

pub use outcome::{
    Answer, Cause, ChargedUnder, Column, Election, EntryAssessment, EntryFee, FiledLine, Layer,
    LineAssessment, OpenQuestion, Outcome, Presumption, Question, Range, Reading, Rejected,
    Rejection, Totals, UnclaimedElection,
};
pub use resolved::{ResolvedEntry, ResolvedLine};

use crate::money::Overflow;
use crate::tariff::duty_expression::Unpriceable;
use crate::tariff::schedule::Tariff;
use entry_fee::FeeLedger;
use evaluate::Setting;
use jiff::civil::Date;
use readings::{LineReadings, read_line};

/// Version of the engine: part of what an answer is a function of.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Why a resolved entry has no assessment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssessError {
    /// A line has no amount under a rate that applies.
    #[error("line {line}: {cause}")]
    Unpriceable {
        /// Place of the line.
        line: usize,
        /// Why.
        cause: Unpriceable,
    },
    /// A sum over lines is too large.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// Assesses an entry by the law published up to and including `known_at`.
///
/// # Errors
/// [`AssessError`]; nothing else about a resolved entry can fail.
pub fn assess(
    tariff: &Tariff,
    entry: &ResolvedEntry,
    known_at: Date,
) -> Result<EntryAssessment, AssessError> {
    let setting = Setting { tariff, entry_date: entry.entry_date, known_at };
    let mut balances = entry.balances.clone();
    let held = entry.entry_date >= tariff.law_from;
    let mut lines: Vec<LineReadings> = Vec::with_capacity(entry.lines.len());
    for (line, goods) in entry.lines.iter().enumerate() {
        lines.push(if held {
            read_line(setting, goods, &mut balances)
                .map_err(|cause| AssessError::Unpriceable { line, cause })?
        } else {
            LineReadings::beyond_coverage()
        });
    }
    let ledger = FeeLedger::of(tariff, &lines)?;
    let fees = ledger.fees()?;
    let shares = ledger.line_ranges(&fees)?;
    let mut assessed = Vec::with_capacity(lines.len());
    for (place, (goods, line)) in entry.lines.iter().zip(lines).enumerate() {
        let own = line.range()?;
        let range = match (own, shares.get(place).copied().flatten()) {
            (Some(own), Some(share)) => Some(own.plus(share)?),
            _ => None,
        };
        let unclaimed = match own {
            Some(own) => {
                saving::unclaimed(setting, goods, &line, own, (&ledger, place), &balances)?
            }
            None => Vec::new(),
        };
        assessed.push(LineAssessment {
            id: goods.id.clone(),
            tariff_line: line.tariff_line,
            customs_value: goods.customs_value,
            questions: line.open_questions()?,
            readings: line.readings,
            presumptions: goods.presumptions.clone(),
            unclaimed,
            range,
        });
    }
    let (totals, range) = sums(tariff, &assessed, &fees)?;
    Ok(EntryAssessment {
        notices: describe::notices(tariff, entry),
        lines: assessed,
        fees,
        range,
        totals,
    })
}

/// Sums of the entry, and their range; none where a line has none.
fn sums(
    tariff: &Tariff,
    lines: &[LineAssessment],
    fees: &[EntryFee],
) -> Result<(Option<Totals>, Option<Range>), Overflow> {
    let mut range = Some(Range {
        lowest: crate::money::Money::zero(tariff.currency),
        highest: crate::money::Money::zero(tariff.currency),
    });
    let mut totals: Option<Totals> = None;
    let determined = lines.iter().all(|line| line.determined().is_some())
        && fees.iter().all(|fee| fee.range.lowest == fee.range.highest);
    for line in lines {
        range = match (range, line.range) {
            (Some(sum), Some(own)) => Some(sum.plus(own)?),
            _ => None,
        };
        if let Some(outcome) = line.determined().filter(|_| determined) {
            totals = Some(match totals {
                Some(sum) => sum.plus(&outcome.totals)?,
                None => outcome.totals,
            });
        }
    }
    if let Some(totals) = &mut totals {
        for fee in fees {
            totals.fees = totals.fees.plus(fee.range.lowest)?;
        }
    }
    Ok((totals, range))
}
