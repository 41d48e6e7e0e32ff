//! Fees that fall on the entry as a whole, within bounds, and the lines'
//! shares of them. The law charges the entry; the allotment, by value to the
//! minor unit, is ours and is said to be.

use crate::money::{Money, Overflow};
use crate::tariff::assess::outcome::{EntryFee, Outcome, Range};
use crate::tariff::assess::readings::LineReadings;
use crate::tariff::measure::{ChargedPer, MeasureIndex};
use crate::tariff::schedule::Tariff;
use rust_decimal::Decimal;

/// What every line adds to the base of each entry fee.
pub(super) struct FeeLedger<'a> {
    tariff: &'a Tariff,
    accounts: Vec<Account>,
    /// Lines without readings have no known base: then no fee is bounded.
    unbounded: Vec<bool>,
}

struct Account {
    measure: MeasureIndex,
    /// Per line the least and greatest value the fee falls on.
    bases: Vec<Range>,
    /// Their sum, kept: an entry of many lines asks for it once a saving.
    sum: Range,
}

impl<'a> FeeLedger<'a> {
    pub fn of(tariff: &'a Tariff, lines: &[LineReadings]) -> Result<Self, Overflow> {
        let mut measures: Vec<MeasureIndex> = lines
            .iter()
            .flat_map(|line| &line.readings)
            .flat_map(|reading| &reading.outcome.fee_bases)
            .map(|(measure, _)| *measure)
            .collect();
        measures.sort_unstable();
        measures.dedup();
        let zero = Money::zero(tariff.currency);
        let mut accounts = Vec::with_capacity(measures.len());
        for measure in measures {
            let bases: Vec<Range> =
                lines.iter().map(|line| base_range(tariff, line, measure)).collect();
            let none = Range { lowest: zero, highest: zero };
            let sum = bases.iter().try_fold(none, |sum, base| sum.plus(*base))?;
            accounts.push(Account { measure, bases, sum });
        }
        let unbounded = lines.iter().map(|line| line.readings.is_empty()).collect();
        Ok(Self { tariff, accounts, unbounded })
    }

    /// The fees, each with its shares where determined.
    pub fn fees(&self) -> Result<Vec<EntryFee>, Overflow> {
        let mut fees = Vec::with_capacity(self.accounts.len());
        for account in &self.accounts {
            let range = self.charged(account, account.sum)?;
            let mut shares = Vec::new();
            if range.lowest == range.highest && !self.unbounded.contains(&true) {
                let weights: Vec<Decimal> =
                    account.bases.iter().map(|base| base.highest.amount()).collect();
                for (line, share) in range.lowest.allotted(&weights)?.into_iter().enumerate() {
                    if !weights[line].is_zero() {
                        shares.push((line, share));
                    }
                }
            }
            let base = account.sum.highest;
            fees.push(EntryFee { measure: account.measure, base, range, shares });
        }
        Ok(fees)
    }

    /// Per line the least and greatest sum of its shares; none for a line whose
    /// own law is not held.
    pub fn line_ranges(&self, fees: &[EntryFee]) -> Result<Vec<Option<Range>>, Overflow> {
        let zero = Money::zero(self.tariff.currency);
        let mut ranges = vec![Some(Range { lowest: zero, highest: zero }); self.unbounded.len()];
        for (account, fee) in self.accounts.iter().zip(fees) {
            let least = weights(account, |base| base.lowest);
            let greatest = weights(account, |base| base.highest);
            let lowest = fee.range.lowest.allotted(&least)?;
            let highest = fee.range.highest.allotted(&greatest)?;
            for (place, range) in ranges.iter_mut().enumerate() {
                if let Some(known) = range {
                    let share = Range { lowest: lowest[place], highest: highest[place] };
                    *known = known.plus(share)?;
                }
            }
        }
        for (range, unbounded) in ranges.iter_mut().zip(&self.unbounded) {
            if *unbounded {
                *range = None;
            }
        }
        Ok(ranges)
    }

    /// Least and greatest sum of all fees if the line at `place` read as
    /// `line` instead.
    pub fn total_with(&self, place: usize, line: &LineReadings) -> Result<Range, Overflow> {
        let zero = Money::zero(self.tariff.currency);
        let mut total = Range { lowest: zero, highest: zero };
        for account in &self.accounts {
            let own = base_range(self.tariff, line, account.measure);
            let instead = account.sum.minus(account.bases[place])?.plus(own)?;
            total = total.plus(self.charged(account, instead)?)?;
        }
        Ok(total)
    }

    /// The fee on a sum of values, within its bounds.
    fn charged(&self, account: &Account, sum: Range) -> Result<Range, Overflow> {
        let measure = &self.tariff.measures[account.measure];
        let charge = |base: Money| -> Result<Money, Overflow> {
            if base.is_zero() {
                return Ok(base);
            }
            let rate = measure.rate.ad_valorem().unwrap_or(crate::money::Rate::ZERO);
            let exact = base.times(rate.fraction())?.rounded(self.tariff.fee_rounding);
            let ChargedPer::Entry { minimum, maximum } = measure.per else { return Ok(exact) };
            let raised = minimum.filter(|least| exact.amount() < least.amount()).unwrap_or(exact);
            Ok(maximum.filter(|most| raised.amount() > most.amount()).unwrap_or(raised))
        };
        Ok(Range { lowest: charge(sum.lowest)?, highest: charge(sum.highest)? })
    }
}

fn weights(account: &Account, end: impl Fn(&Range) -> Money) -> Vec<Decimal> {
    account.bases.iter().map(|base| end(base).amount()).collect()
}

/// Least and greatest value of a line the fee falls on, over its readings.
fn base_range(tariff: &Tariff, line: &LineReadings, measure: MeasureIndex) -> Range {
    let zero = Money::zero(tariff.currency);
    let base = |outcome: &Outcome| {
        outcome
            .fee_bases
            .iter()
            .find(|(known, _)| *known == measure)
            .map_or(zero, |(_, base)| *base)
    };
    let bases = || line.readings.iter().map(|reading| base(&reading.outcome));
    Range {
        lowest: bases().min_by_key(|base| base.amount()).unwrap_or(zero),
        highest: bases().max_by_key(|base| base.amount()).unwrap_or(zero),
    }
}
