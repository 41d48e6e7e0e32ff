//! Fees that fall on the entry as a whole, within bounds, and the lines'
//! shares of them. The law charges the entry; the allotment, by value to the
//! minor unit, is ours and is said to be.

use crate::money::{Money, Overflow, Rounding};
use crate::tariff::assess::outcome::{EntryFee, Outcome};
use crate::tariff::assess::range::Range;
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
    /// The fee allotted under every combination of what the lines may add;
    /// none where there are too many or a line's law is not held.
    allotments: Vec<Allotment>,
}

/// The fee allotted, given what each line adds.
struct Allotment {
    bases: Vec<Money>,
    shares: Vec<Money>,
}

/// Most combinations that are allotted one by one; beyond, shares are bounded.
const MOST_COMBINATIONS: usize = 64;

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
            let allotments = if open { Vec::new() } else { ledger.allotments(measure, lines)? };
            ledger.accounts.push(Account { measure, bases, sum, allotments });
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
            let shares = (0..account.bases.len())
                .filter_map(|place| Some((place, account.share(place, |_| true)?)))
                .filter(|(_, share)| share.is_one_amount() && !share.lowest.is_zero())
                .map(|(place, share)| (place, share.lowest))
                .collect();
            Ok(EntryFee { measure: account.measure, base: account.sum, range, shares })
        };
        self.accounts.iter().map(fee).collect()
    }

    /// The shares of the line at `place` under one of its readings.
    pub fn share(&self, place: usize, outcome: &Outcome) -> Result<Range, Overflow> {
        let mut sum = Range::zero(self.tariff.currency);
        for account in &self.accounts {
            let own = base(self.tariff, outcome, account.measure);
            if own.is_zero() {
                continue;
            }
            let share = match account.share(place, |base| base == own) {
                Some(share) => share,
                None => self.bounds(account, place, own)?,
            };
            sum = sum.plus(share)?;
        }
        Ok(sum)
    }

    /// Entry fees of which the line's share depends on other lines.
    pub fn open_shares(&self, place: usize) -> impl Iterator<Item = MeasureIndex> {
        self.accounts
            .iter()
            .filter(move |account| {
                account.share(place, |_| true).is_none_or(|share| !share.is_one_amount())
            })
            .map(|account| account.measure)
    }

    /// Bounds on a share. It is the line's value times the fee per value, and
    /// a fee between bounds weighs less on each value the more value there is;
    /// the allotment to the minor unit may go either way.
    fn bounds(&self, account: &Account, place: usize, own: Money) -> Result<Range, Overflow> {
        let others = account.sum.minus(account.bases[place])?;
        let part = |others: Money| -> Result<Range, Overflow> {
            let whole = others.plus(own)?;
            let fee = self.charge(account.measure, whole)?;
            let share = fee
                .amount()
                .checked_mul(own.amount())
                .and_then(|product| product.checked_div(whole.amount()))
                .ok_or(Overflow)?;
            let lowest = Money::new(share, own.currency()).rounded(Rounding::DOWN);
            let unit = Money::new(own.currency().minor_unit(), own.currency());
            Ok(Range { lowest, highest: lowest.plus(unit)? })
        };
        let range = part(others.lowest)?.or(part(others.highest)?);
        // A line whose law is not held may add any value.
        Ok(if self.open { Range { lowest: Money::zero(own.currency()), ..range } } else { range })
    }

    /// Allots the fee under every combination of the lines' readings.
    fn allotments(
        &self,
        measure: MeasureIndex,
        lines: &[LineReadings],
    ) -> Result<Vec<Allotment>, Overflow> {
        let mut combinations: Vec<Vec<Money>> = vec![Vec::with_capacity(lines.len())];
        for line in lines {
            let mut values: Vec<Money> = Vec::new();
            for reading in &line.readings {
                let base = base(self.tariff, &reading.outcome, measure);
                if !values.contains(&base) {
                    values.push(base);
                }
            }
            if combinations.len() * values.len() > MOST_COMBINATIONS {
                return Ok(Vec::new());
            }
            combinations = match values.as_slice() {
                [only] => {
                    for bases in &mut combinations {
                        bases.push(*only);
                    }
                    combinations
                }
                several => several
                    .iter()
                    .flat_map(|value| {
                        combinations.iter().map(move |bases| {
                            let mut bases = bases.clone();
                            bases.push(*value);
                            bases
                        })
                    })
                    .collect(),
            };
        }
        let allot = |bases: Vec<Money>| {
            let zero = Money::zero(self.tariff.currency);
            let sum = bases.iter().try_fold(zero, |sum, base| sum.plus(*base))?;
            let fee = self.charge(measure, sum)?;
            let shares = if bases.len() == 1 {
                vec![fee]
            } else {
                let weights: Vec<Decimal> = bases.iter().map(|base| base.amount()).collect();
                fee.allotted(&weights)?
            };
            Ok(Allotment { bases, shares })
        };
        combinations.into_iter().map(allot).collect()
    }

    /// Least and greatest sum of all fees if the line at `place` reads so.
    pub fn total_with(&self, place: usize, outcome: &Outcome) -> Result<Range, Overflow> {
        let mut total = Range::zero(self.tariff.currency);
        for account in &self.accounts {
            let own = Range::exactly(base(self.tariff, outcome, account.measure));
            let sum = account.sum.minus(account.bases[place])?.plus(own)?;
            total = total.plus(self.charged(account, sum)?)?;
        }
        // A fee that no line bears as elected has no account.
        for (measure, own) in &outcome.fee_bases {
            if !self.accounts.iter().any(|account| account.measure == *measure) {
                total = total.plus(Range::exactly(self.charge(*measure, *own)?))?;
            }
        }
        Ok(total)
    }

    /// What the lines but the one at `place` bear of all fees, as elected.
    pub fn borne_by_others(&self, place: usize) -> Result<Money, Overflow> {
        let mut sum = Money::zero(self.tariff.currency);
        for account in &self.accounts {
            if account.bases.len() == 1 {
                continue;
            }
            let whole = self.charged(account, account.sum)?.lowest;
            let own = account
                .share(place, |_| true)
                .map_or(Money::zero(sum.currency()), |share| share.lowest);
            sum = sum.plus(whole)?.minus(own)?;
        }
        Ok(sum)
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
        let rounding = self.tariff.programme_of(measure).rounding;
        let exact = sum.times(rate.fraction())?.rounded(rounding);
        let ChargedPer::Entry { minimum, maximum } = measure.per else { return Ok(exact) };
        let raised = minimum.filter(|least| exact.amount() < least.amount()).unwrap_or(exact);
        Ok(maximum.filter(|most| raised.amount() > most.amount()).unwrap_or(raised))
    }
}

impl Account {
    /// Least and greatest share of the line at `place`, over the combinations
    /// in which it adds such a value; none where they were not allotted.
    fn share(&self, place: usize, such: impl Fn(Money) -> bool) -> Option<Range> {
        self.allotments
            .iter()
            .filter(|allotment| such(allotment.bases[place]))
            .map(|allotment| Range::exactly(allotment.shares[place]))
            .reduce(Range::or)
    }
}

fn base(tariff: &Tariff, outcome: &Outcome, measure: MeasureIndex) -> Money {
    let found = outcome.fee_bases.iter().find(|(known, _)| *known == measure);
    found.map_or(Money::zero(tariff.currency), |(_, base)| *base)
}

/// Least and greatest value of a line the fee falls on, over its readings.
fn base_range(tariff: &Tariff, line: &LineReadings, measure: MeasureIndex) -> Range {
    let bases =
        line.readings.iter().map(|reading| Range::exactly(base(tariff, &reading.outcome, measure)));
    bases.reduce(Range::or).unwrap_or(Range::zero(tariff.currency))
}
