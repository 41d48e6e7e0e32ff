//! What a line comes to when something is unknown: every combination of
//! answers, evaluated in full.

use crate::money::{Money, Overflow};
use crate::tariff::assess::evaluate::{Evaluated, Halt, Setting, evaluate};
use crate::tariff::assess::outcome::{
    Answer, ChargedUnder, Election, FiledLine, Layer, OpenQuestion, Outcome, Question, Reading,
    Rejected, Rejection, Unmade,
};
use crate::tariff::assess::range::Range;
use crate::tariff::assess::resolved::ResolvedLine;
use crate::tariff::condition::{Condition, QuotaIndex};
use crate::tariff::credit::{CreditIndex, CreditStock};
use crate::tariff::duty_expression::Unpriceable;
use crate::tariff::measure::MeasureIndex;
use crate::tariff::quantity::Unit;
use crate::tariff::quota::QuotaStock;
use rust_decimal::Decimal;

/// Most readings a line is given. Beyond, the questions are told and no range.
const MOST_READINGS: usize = 64;

/// A line under every combination of answers.
pub(super) struct LineReadings {
    pub readings: Vec<Reading>,
    /// In the order asked. Where `readings` is empty they have no bound.
    pub questions: Vec<Question>,
    pub unmade: Vec<Unmade>,
    pub tariff_line: Option<usize>,
    /// Whether more may be charged than the readings tell.
    pub open_ended: bool,
}

impl LineReadings {
    /// A line of a day or of goods whose law the schedule does not hold.
    pub fn beyond_coverage() -> Self {
        Self {
            readings: Vec::new(),
            questions: vec![Question::Coverage],
            unmade: Vec::new(),
            tariff_line: None,
            open_ended: true,
        }
    }

    /// Least and greatest charges over the readings.
    pub fn range(&self) -> Result<Option<Range>, Overflow> {
        let mut range: Option<Range> = None;
        for reading in self.readings.iter().filter(|_| !self.open_ended) {
            let charges = reading.charges()?;
            range = Some(range.map_or(charges, |range| range.or(charges)));
        }
        Ok(range)
    }

    /// The questions, each with the money that hangs on it, the dearest first;
    /// where shares of entry fees depend on other lines, those fees last.
    pub fn open_questions(
        &self,
        open_shares: impl Iterator<Item = MeasureIndex>,
    ) -> Result<Vec<OpenQuestion>, Overflow> {
        let mut open = Vec::with_capacity(self.questions.len());
        for question in &self.questions {
            open.push(OpenQuestion { question: *question, at_stake: self.at_stake(*question)? });
        }
        open.sort_by_key(|open| std::cmp::Reverse(open.at_stake.map(Money::amount)));
        let spreads = self.readings.iter().map(|reading| reading.fees);
        let widest = spreads.max_by_key(|fees| fees.highest.amount() - fees.lowest.amount());
        if let Some(fees) = widest.filter(|fees| !fees.is_one_amount()) {
            let at_stake = Some(fees.highest.minus(fees.lowest)?);
            open.extend(
                open_shares.map(|fee| OpenQuestion { question: Question::EntryFee(fee), at_stake }),
            );
        }
        Ok(open)
    }

    /// The furthest apart that two answers to the question can put the least,
    /// or the greatest, total.
    fn at_stake(&self, question: Question) -> Result<Option<Money>, Overflow> {
        let mut ranges: Vec<(Answer, Range)> = Vec::new();
        for reading in &self.readings {
            let given = reading.answers.iter().find(|(asked, _)| *asked == question);
            let Some((_, answer)) = given else { continue };
            let own = reading.charges()?;
            match ranges.iter_mut().find(|(known, _)| known == answer) {
                Some((_, range)) => *range = range.or(own),
                None => ranges.push((*answer, own)),
            }
        }
        let span = |end: fn(&Range) -> Money| -> Option<Decimal> {
            let amounts = || ranges.iter().map(|(_, range)| end(range).amount());
            Some(amounts().max()? - amounts().min()?)
        };
        let stake = span(|range| range.lowest).max(span(|range| range.highest));
        let currency = ranges.first().map(|(_, range)| range.lowest.currency());
        Ok(stake.zip(currency).map(|(amount, currency)| Money::new(amount, currency)))
    }
}

/// What is left in quotas and credits as the lines draw on them in order.
#[derive(Clone)]
pub(super) struct Stocks {
    pub quotas: Vec<QuotaStock>,
    pub credits: Vec<CreditStock>,
}

impl Stocks {
    /// These stocks with what a line drew given back: what the line may draw on
    /// another way, where the other lines draw as they do.
    pub fn given_back(&self, before: &Self, after: &Self) -> Result<Self, Overflow> {
        let quotas = self.quotas.iter().zip(before.quotas.iter().zip(&after.quotas));
        let credits = self.credits.iter().zip(before.credits.iter().zip(&after.credits));
        Ok(Self {
            quotas: quotas.map(|(left, (b, a))| left.given_back(*b, *a)).collect(),
            credits: credits
                .map(|(left, (b, a))| left.given_back(*b, *a))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Whether the goods may draw on a quota or a credit.
pub(super) fn draws(goods: &ResolvedLine) -> bool {
    let draws = |election: &Election| matches!(election, Election::Quota(_) | Election::Credit(_));
    goods.elected.iter().any(draws)
}

/// Reads a line, drawing what it really uses.
pub(super) fn read_line(
    setting: Setting<'_>,
    goods: &ResolvedLine,
    stocks: &mut Stocks,
) -> Result<LineReadings, Unpriceable> {
    if !draws(goods) {
        return all_readings(setting, goods);
    }
    let mut goods = goods.clone();
    for election in &goods.elected {
        if let Election::Credit(credit) = *election {
            goods.credit_left.push((credit, stocks.credits[credit]));
        }
    }
    let spending = goods.credit_left.clone();
    let read = within_quotas(setting, goods, &mut stocks.quotas)?;
    for (credit, stock) in spending {
        stocks.credits[credit] = after_spending(stock, &read, credit)?;
    }
    Ok(read)
}

/// What a line leaves in a credit. What it may or may not spend leaves the next
/// one with a balance nobody knows.
fn after_spending(
    stock: CreditStock,
    read: &LineReadings,
    credit: CreditIndex,
) -> Result<CreditStock, Overflow> {
    let spends = || read.readings.iter().map(|reading| spent(&reading.outcome, credit));
    match (spends().min(), spends().max()) {
        (Some(least), Some(most)) => {
            let money = |amount| Money::new(amount, stock.least.currency());
            stock.after(money(least), money(most))
        }
        _ => Ok(CreditStock { least: Money::zero(stock.least.currency()), ..stock }),
    }
}

/// What an outcome spends of a credit.
fn spent(outcome: &Outcome, credit: CreditIndex) -> Decimal {
    let of_credit = |layer: &&Layer| layer.under == ChargedUnder::Credit(credit);
    let sum: Decimal =
        outcome.layers.iter().filter(of_credit).map(|layer| layer.amount.amount()).sum();
    -sum
}

/// Reads a line, drawing on the quotas it really uses.
fn within_quotas(
    setting: Setting<'_>,
    mut goods: ResolvedLine,
    stocks: &mut [QuotaStock],
) -> Result<LineReadings, Unpriceable> {
    for election in goods.elected.clone() {
        let Election::Quota(quota) = election else { continue };
        let unit = setting.law.tariff.quotas[quota].unit;
        // A car enters within the quota or over it, never in part.
        let whole = |units: Decimal| if unit == Unit::ARTICLES { units.floor() } else { units };
        let stock = stocks[quota];
        let wanted = goods.counted(unit);
        if stock.known().is_none() && whole(stock.least) < wanted {
            stocks[quota] = stock.after_perhaps(wanted);
            continue;
        }
        let balance = whole(stock.least);
        goods.decide(quota, true);
        let inside = all_readings(setting, &goods)?;
        let uses = |reading: &Reading| uses(setting, &reading.outcome, quota);
        let drawn = inside.readings.iter().filter(|reading| uses(reading)).count();
        if drawn == 0 {
            continue;
        }
        // What a line may or may not draw leaves the next one with a balance nobody knows.
        let sure = drawn == inside.readings.len() || stock.is_empty();
        stocks[quota] = if sure { stock.after(wanted) } else { stock.after_perhaps(wanted) };
        if balance >= wanted {
            return Ok(inside);
        }
        if balance.is_zero() || wanted.is_zero() {
            goods.decide(quota, false);
            continue;
        }
        let [first, mut rest] = goods.split(balance, unit)?;
        rest.decide(quota, false);
        let first = all_readings(setting, &first)?;
        // Two parts of a line spend one credit.
        for (credit, stock) in &mut rest.credit_left {
            *stock = after_spending(*stock, &first, *credit)?;
        }
        return joined(first, all_readings(setting, &rest)?);
    }
    all_readings(setting, &goods)
}

/// Whether a layer of the outcome stands on the quota.
fn uses(setting: Setting<'_>, outcome: &Outcome, quota: QuotaIndex) -> bool {
    outcome.layers.iter().any(|layer| match layer.under {
        ChargedUnder::Measure(index) => {
            let conditions = &setting.law.tariff.measures[index].conditions;
            conditions.contains(&Condition::WithinQuota(quota))
        }
        _ => false,
    })
}

fn all_readings(setting: Setting<'_>, goods: &ResolvedLine) -> Result<LineReadings, Unpriceable> {
    let mut found = LineReadings {
        readings: Vec::new(),
        questions: Vec::new(),
        unmade: Vec::new(),
        tariff_line: None,
        open_ended: false,
    };
    let mut pending: Vec<Vec<(Question, Answer)>> = vec![Vec::new()];
    let mut several_lines = false;
    while let Some(answers) = pending.pop() {
        match evaluate(setting, goods, &answers) {
            Ok(Evaluated { outcome, unmade, line }) => {
                found.open_ended |= !setting.law.tariff.lines[line].law_held;
                several_lines |= found.tariff_line.is_some_and(|known| known != line);
                found.tariff_line = Some(line);
                for bundle in unmade {
                    if !found.unmade.contains(&bundle) {
                        found.unmade.push(bundle);
                    }
                }
                let fees = Range::zero(setting.law.tariff.currency);
                found.readings.push(Reading { answers, outcome, fees });
            }
            Err(Halt::Asks(question, candidates)) => {
                if !found.questions.contains(&question) {
                    found.questions.push(question);
                }
                if candidates.is_empty() || found.readings.len() + pending.len() >= MOST_READINGS {
                    found.readings.clear();
                    // Readings so far may have seen one of several lines only.
                    found.tariff_line = found.tariff_line.filter(|_| goods.tariff_lines.len() == 1);
                    return Ok(found);
                }
                // Last in is first out: the first candidate is read first.
                for candidate in candidates.into_iter().rev() {
                    let mut more = answers.clone();
                    more.push((question, candidate));
                    pending.push(more);
                }
            }
            Err(Halt::Unpriceable(cause)) => return Err(cause),
        }
    }
    if several_lines {
        found.tariff_line = None;
    }
    if found.open_ended {
        found.questions.push(Question::Coverage);
    }
    Ok(found)
}

/// Two parts of one line as one: every reading of the first with every reading
/// of the second that does not contradict it.
fn joined(first: LineReadings, second: LineReadings) -> Result<LineReadings, Unpriceable> {
    let mut readings = Vec::new();
    for a in &first.readings {
        for b in &second.readings {
            if a.contradicts(b) {
                continue;
            }
            let mut answers = a.answers.clone();
            answers.extend(b.answers.iter().filter(|given| !a.answers.contains(given)).copied());
            readings.push(Reading {
                answers,
                outcome: sum(&a.outcome, &b.outcome)?,
                fees: a.fees.plus(b.fees)?,
            });
        }
    }
    let mut questions = first.questions;
    questions.extend(
        second
            .questions
            .into_iter()
            .filter(|question| !questions.contains(question))
            .collect::<Vec<_>>(),
    );
    let mut unmade = first.unmade;
    for bundle in second.unmade {
        if !unmade.contains(&bundle) {
            unmade.push(bundle);
        }
    }
    let open_ended = first.open_ended || second.open_ended;
    Ok(LineReadings { readings, questions, unmade, tariff_line: first.tariff_line, open_ended })
}

fn sum(a: &Outcome, b: &Outcome) -> Result<Outcome, Overflow> {
    let mut fee_bases = a.fee_bases.clone();
    for (measure, base) in &b.fee_bases {
        match fee_bases.iter_mut().find(|(known, _)| known == measure) {
            Some((_, sum)) => *sum = sum.plus(*base)?,
            None => fee_bases.push((*measure, *base)),
        }
    }
    let layers: Vec<Layer> = a.layers.iter().chain(&b.layers).copied().collect();
    // A provision that one part is charged under is not rejected for the line.
    let charged = |provision: Rejected| match provision {
        Rejected::Measure(index) => {
            layers.iter().any(|layer| layer.under == ChargedUnder::Measure(index))
        }
        Rejected::Preference(_) => false,
    };
    let mut rejections: Vec<Rejection> = Vec::new();
    for rejection in a.rejections.iter().chain(&b.rejections) {
        let known = rejections.iter().any(|known| known.provision == rejection.provision);
        if !known && !charged(rejection.provision) {
            rejections.push(*rejection);
        }
    }
    let filed: Vec<FiledLine> = a.filed.iter().chain(&b.filed).cloned().collect();
    Ok(Outcome { layers, rejections, filed, fee_bases, totals: a.totals.plus(&b.totals)? })
}
