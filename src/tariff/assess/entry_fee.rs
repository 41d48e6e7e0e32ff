//! Fees that fall on the entry as a whole, within bounds, and the lines'
//! shares of them. The law charges the entry; the allotment, by value to the
//! minor unit, is ours and is said to be.

use crate::money::{Money, Overflow, Rounding};
use crate::tariff::assess::outcome::{EntryFee, Outcome, Range};
use crate::tariff::assess::readings::LineReadings;
use crate::tariff::measure::{ChargedPer, MeasureIndex};
use crate::tariff::schedule::Tariff;
use rust_decimal::Decimal;

/// What every line adds to the base of each entry fee.
pub(super) struct FeeLedger<'a> {
    tariff: &'a Tariff,
    accounts: Vec<Account>,
    /// Whether the law of a line is not held: what it adds is then unknown.
    open: bool,
}

struct Account {
    measure: MeasureIndex,
    /// Per line the least and greatest value the fee falls on.
    bases: Vec<Range>,
    /// Their sum, kept: every reading of every line asks for it.
    sum: Range,
    /// Where the sum is one amount, each line's share.
    shares: Option<Vec<Money>>,
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
        let open = lines.iter().any(|line| line.readings.is_empty());
        let mut ledger = Self { tariff, accounts: Vec::with_capacity(measures.len()), open };
        for measure in measures {
            let bases: Vec<Range> =
                lines.iter().map(|line| base_range(tariff, line, measure)).collect();
            let none = Range::zero(tariff.currency);
            let sum = bases.iter().try_fold(none, |sum, base| sum.plus(*base))?;
            let mut account = Account { measure, bases, sum, shares: None };
            if !open && sum.is_one_amount() {
                let weights: Vec<Decimal> =
                    account.bases.iter().map(|base| base.lowest.amount()).collect();
                account.shares = Some(ledger.charge(measure, sum.lowest)?.allotted(&weights)?);
            }
            ledger.accounts.push(account);
        }
        Ok(ledger)
    }

    /// The fees of the entry.
    pub fn fees(&self) -> Result<Vec<EntryFee>, Overflow> {
        let fee = |account: &Account| {
            let range = self.charged(account, account.sum)?;
            let ceiling = match self.tariff.measures[account.measure].per {
                ChargedPer::Entry { maximum, .. } => maximum,
                ChargedPer::Line => None,
            };
            let range = match (self.open, ceiling) {
                (false, _) => Some(range),
                (true, Some(highest)) => Some(Range { highest, ..range }),
                (true, None) => None,
            };
            let shares = account.shares.iter().flatten().copied().enumerate();
            let shares = shares.filter(|(place, _)| !account.bases[*place].lowest.is_zero());
            let shares = shares.collect();
            Ok(EntryFee { measure: account.measure, base: account.sum, range, shares })
        };
        self.accounts.iter().map(fee).collect()
    }

    /// The shares of the line at `place` under one of its readings. With the
    /// other lines fixed a share is its value times the fee per value, and a
    /// fee within bounds weighs less on each value the more value there is: so
    /// it is least where the others are greatest.
    pub fn share(&self, place: usize, outcome: &Outcome) -> Result<Range, Overflow> {
        let mut sum = Range::zero(self.tariff.currency);
        for account in &self.accounts {
            let own = base(self.tariff, outcome, account.measure);
            if own.is_zero() {
                continue;
            }
            if let Some(share) = account.shares.as_ref().and_then(|shares| shares.get(place)) {
                sum = sum.plus(Range { lowest: *share, highest: *share })?;
                continue;
            }
            let others = account.sum.minus(account.bases[place])?;
            let part = |others: Money| -> Result<Money, Overflow> {
                let whole = others.plus(own)?;
                let fee = self.charge(account.measure, whole)?;
                let share = fee
                    .amount()
                    .checked_mul(own.amount())
                    .and_then(|product| product.checked_div(whole.amount()))
                    .ok_or(Overflow)?;
                Ok(Money::new(share, own.currency()))
            };
            // The allotment to the minor unit may go either way.
            let unit = Money::new(own.currency().minor_unit(), own.currency());
            let lowest = if self.open {
                Money::zero(own.currency())
            } else {
                part(others.highest)?.rounded(Rounding::DownMinorUnit)
            };
            let highest = part(others.lowest)?.rounded(Rounding::DownMinorUnit).plus(unit)?;
            sum = sum.plus(Range { lowest, highest })?;
        }
        Ok(sum)
    }

    /// Least and greatest sum of all fees if the line at `place` reads so.
    pub fn total_with(&self, place: usize, outcome: &Outcome) -> Result<Range, Overflow> {
        let mut total = Range::zero(self.tariff.currency);
        for account in &self.accounts {
            let own = base(self.tariff, outcome, account.measure);
            let own = Range { lowest: own, highest: own };
            let sum = account.sum.minus(account.bases[place])?.plus(own)?;
            total = total.plus(self.charged(account, sum)?)?;
        }
        Ok(total)
    }

    fn charged(&self, account: &Account, sum: Range) -> Result<Range, Overflow> {
        Ok(Range {
            lowest: self.charge(account.measure, sum.lowest)?,
            highest: self.charge(account.measure, sum.highest)?,
        })
    }

    /// The fee on a sum of values, within its bounds; nothing on nothing.
    fn charge(&self, measure: MeasureIndex, sum: Money) -> Result<Money, Overflow> {
        let measure = &self.tariff.measures[measure];
        let (Some(rate), false) = (measure.rate.ad_valorem(), sum.is_zero()) else {
            return Ok(Money::zero(sum.currency()));
        };
        let exact = sum.times(rate.fraction())?.rounded(self.tariff.fee_rounding);
        let ChargedPer::Entry { minimum, maximum } = measure.per else { return Ok(exact) };
        let raised = minimum.filter(|least| exact.amount() < least.amount()).unwrap_or(exact);
        Ok(maximum.filter(|most| raised.amount() > most.amount()).unwrap_or(raised))
    }
}

fn base(tariff: &Tariff, outcome: &Outcome, measure: MeasureIndex) -> Money {
    let found = outcome.fee_bases.iter().find(|(known, _)| *known == measure);
    found.map_or(Money::zero(tariff.currency), |(_, base)| *base)
}

/// Least and greatest value of a line the fee falls on, over its readings.
fn base_range(tariff: &Tariff, line: &LineReadings, measure: MeasureIndex) -> Range {
    let bases = line.readings.iter().map(|reading| {
        let base = base(tariff, &reading.outcome, measure);
        Range { lowest: base, highest: base }
    });
    bases.reduce(Range::or).unwrap_or(Range::zero(tariff.currency))
}
