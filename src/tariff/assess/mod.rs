//! Assesses an entry: a pure function of the declaration, the entry date, the
//! knowledge date and the schedule revision.

mod alternatives;
mod base;
mod column;
mod conditions;
mod describe;
mod duty_function;
mod entry_fee;
mod evaluate;
mod filing;
mod notice;
mod outcome;
mod presumption;
mod range;
mod readings;
mod resolve;
mod resolve_facts;
mod resolved;
mod spending;

pub use duty_function::{DutyFunction, EntryQuote, NoQuote, QuoteLayer, ReadingChoice};
pub use outcome::{
    Alternative, Answer, Cause, ChargedUnder, Column, Election, EntryAssessment, EntryFee,
    FiledHeading, FiledLine, Layer, LineAssessment, OpenQuestion, Outcome, Question, Reading,
    Rejected, Rejection, Totals,
};
pub use presumption::{Presumption, presumptions};
pub use range::Range;
pub use resolved::{ResolvedEntry, ResolvedLine, Silent};

use crate::money::{Money, Overflow};
use crate::tariff::credit::CreditStock;
use crate::tariff::duty_expression::Unpriceable;
use crate::tariff::law_on_day::LawOnDay;
use crate::tariff::schedule::Tariff;
use entry_fee::FeeLedger;
use evaluate::Setting;
use readings::{LineReadings, Stocks, draws, read_line};

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

/// How much of an assessment is found. Amounts come from the same evaluation:
/// less detail only leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Amounts, headings, questions.
    Amounts,
    /// What was considered and not charged as well, and every other lawful way
    /// to enter the goods.
    Explained,
}

/// Assesses an entry by the law of its days.
///
/// # Errors
/// [`AssessError`]; nothing else about a resolved entry can fail.
pub fn assess(
    law: &LawOnDay,
    entry: &ResolvedEntry,
    detail: Detail,
) -> Result<EntryAssessment, AssessError> {
    let mut assessment = assess_as_elected(law, entry, detail)?;
    if detail == Detail::Explained {
        assessment.best_lawful = best_lawful(law, entry, &assessment)?;
    }
    Ok(assessment)
}

/// Charges of the entry if every line is entered the cheapest way.
fn best_lawful(
    law: &LawOnDay,
    entry: &ResolvedEntry,
    assessment: &EntryAssessment,
) -> Result<Option<Range>, AssessError> {
    let best: fn(&LineAssessment) -> Option<&Alternative> =
        |line| line.alternatives.first().filter(|way| !way.as_elected);
    if assessment.lines.iter().all(|line| best(line).is_none()) {
        return Ok(assessment.range);
    }
    let mut cheapest = entry.clone();
    for (goods, line) in cheapest.lines.iter_mut().zip(&assessment.lines) {
        if let Some(way) = best(line) {
            goods.elected.clone_from(&way.elections);
        }
    }
    let other = assess_as_elected(law, &cheapest, Detail::Amounts)?;
    let dearer = |a: Range, b: Range| a.highest.amount() > b.highest.amount();
    // Lines tried alone may want the same units of a quota: together they may save less.
    Ok(match (assessment.range, other.range) {
        (Some(own), Some(other)) if dearer(other, own) => Some(own),
        (_, other) => other,
    })
}

fn assess_as_elected(
    law: &LawOnDay,
    entry: &ResolvedEntry,
    detail: Detail,
) -> Result<EntryAssessment, AssessError> {
    let tariff = law.tariff.as_ref();
    let setting = Setting {
        law,
        days: entry.days,
        destination: entry.destination,
        rates: &entry.rates,
        explain: detail == Detail::Explained,
    };
    let told = |balance: &Option<Money>| CreditStock::told(*balance, tariff.currency);
    let mut stocks =
        Stocks { quotas: entry.quotas.clone(), credits: entry.credits.iter().map(told).collect() };
    // What a line finds and leaves, where another way to enter it is looked for.
    let mut drawn: Vec<Option<[Stocks; 2]>> = Vec::new();
    let mut lines: Vec<LineReadings> = Vec::with_capacity(entry.lines.len());
    for (line, goods) in entry.lines.iter().enumerate() {
        let domestic = tariff.domestic_origins.contains(goods.origin) && !goods.local;
        let held = entry.days.duty >= tariff.law_from && entry.days.entry >= tariff.law_from;
        let before = (setting.explain && draws(goods)).then(|| stocks.clone());
        lines.push(if held && !domestic {
            read_line(setting, goods, &mut stocks)
                .map_err(|cause| AssessError::Unpriceable { line, cause })?
        } else {
            LineReadings::beyond_coverage()
        });
        if setting.explain {
            drawn.push(before.map(|before| [before, stocks.clone()]));
        }
    }
    let ledger = FeeLedger::of(tariff, &lines)?;
    let fees = ledger.fees()?;
    let mut assessed = Vec::with_capacity(lines.len());
    for (place, (goods, mut line)) in entry.lines.iter().zip(lines).enumerate() {
        for reading in &mut line.readings {
            reading.fees = ledger.share(place, &reading.outcome)?;
        }
        assessed.push(LineAssessment {
            tariff_line: line.tariff_line,
            range: line.range()?,
            questions: line.open_questions(ledger.open_shares(place))?,
            alternatives: match detail {
                Detail::Amounts => Vec::new(),
                Detail::Explained => {
                    let own = match drawn.get(place).and_then(Option::as_ref) {
                        Some([before, after]) => &stocks.given_back(before, after)?,
                        None => &stocks,
                    };
                    alternatives::alternatives(setting, goods, &line, (&ledger, place), own)?
                }
            },
            readings: line.readings,
        });
    }
    let (totals, range) = sums(tariff, &assessed, &fees)?;
    let notices = notice::notices(tariff, entry, &assessed);
    Ok(EntryAssessment { notices, lines: assessed, fees, range, totals, best_lawful: None })
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
        match line.readings.split_first().filter(|_| line.range.is_some()) {
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
