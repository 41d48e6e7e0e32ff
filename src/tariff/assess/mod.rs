//! Assesses an entry: a pure function of the declaration, the entry date, the
//! knowledge date and the schedule revision.

mod column;
mod conditions;
mod describe;
mod entry_fee;
mod evaluate;
mod filing;
mod notice;
mod outcome;
mod range;
mod readings;
mod resolve;
mod resolve_facts;
mod resolved;
mod saving;

pub use outcome::{
    Answer, Cause, ChargedUnder, Column, Election, EntryAssessment, EntryFee, FiledLine, Layer,
    LineAssessment, OpenQuestion, Outcome, Presumption, Question, Reading, Rejected, Rejection,
    Totals, UnclaimedElection,
};
pub use range::Range;
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
    let mut lines: Vec<LineReadings> = Vec::with_capacity(entry.lines.len());
    for (line, goods) in entry.lines.iter().enumerate() {
        let domestic = tariff.domestic_origins.contains(goods.origin);
        lines.push(if entry.entry_date >= tariff.law_from && !domestic {
            read_line(setting, goods, &mut balances)
                .map_err(|cause| AssessError::Unpriceable { line, cause })?
        } else {
            LineReadings::beyond_coverage()
        });
    }
    let ledger = FeeLedger::of(tariff, &lines)?;
    let fees = ledger.fees()?;
    let mut assessed = Vec::with_capacity(lines.len());
    for (place, (goods, mut line)) in entry.lines.iter().zip(lines).enumerate() {
        for reading in &mut line.readings {
            reading.fees = ledger.share(place, &reading.outcome)?;
        }
        assessed.push(LineAssessment {
            id: goods.id.clone(),
            tariff_line: line.tariff_line,
            customs_value: goods.customs_value,
            range: line.range()?,
            questions: line.open_questions(ledger.open_shares(place))?,
            presumptions: goods.presumptions.clone(),
            unclaimed: saving::unclaimed(setting, goods, &line, (&ledger, place), &balances)?,
            readings: line.readings,
        });
    }
    let (totals, range) = sums(tariff, &assessed, &fees)?;
    let notices = notice::notices(setting, entry, &assessed);
    Ok(EntryAssessment { notices, lines: assessed, fees, range, totals })
}

/// Sums of the entry, where they are one amount, and their range;
/// none where a line or fee has none.
fn sums(
    tariff: &Tariff,
    lines: &[LineAssessment],
    fees: &[EntryFee],
) -> Result<(Option<Totals>, Option<Range>), Overflow> {
    let mut range = Some(Range::zero(tariff.currency));
    let mut totals: Option<Totals> = None;
    let mut determined = true;
    for line in lines {
        // The lines' shares of a fee are no better known than the fee itself: it is added once.
        let mut own: Option<Range> = None;
        for reading in &line.readings {
            let charges = Range::exactly(reading.outcome.totals.charges()?);
            own = Some(own.map_or(charges, |own| own.or(charges)));
        }
        range = match (range, own) {
            (Some(sum), Some(own)) => Some(sum.plus(own)?),
            _ => None,
        };
        // Shares may be open where the fee is not: the entry's sum does not ask for them.
        match line.readings.split_first() {
            Some((first, more))
                if more.iter().all(|other| other.outcome.totals == first.outcome.totals) =>
            {
                totals = Some(match totals {
                    Some(sum) => sum.plus(&first.outcome.totals)?,
                    None => first.outcome.totals,
                });
            }
            _ => determined = false,
        }
    }
    for fee in fees {
        range = match (range, fee.range) {
            (Some(sum), Some(own)) => Some(sum.plus(own)?),
            _ => None,
        };
        match (&mut totals, fee.amount()) {
            (Some(totals), Some(amount)) => totals.fees = totals.fees.plus(amount)?,
            _ => determined = false,
        }
    }
    Ok((totals.filter(|_| determined), range))
}
