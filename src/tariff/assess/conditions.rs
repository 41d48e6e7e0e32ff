//! Whether a measure's conditions hold for a line: yes, no, not elected, or
//! not known.

use crate::money::{Money, Rate};
use crate::tariff::assess::evaluate::{Evaluation, answer, both};
use crate::tariff::assess::outcome::{Answer, Cause, Election, Question};
use crate::tariff::condition::{ComparedColumn, Condition, FactIndex, QuotaIndex};
use crate::tariff::entry::FactValue;
use crate::tariff::measure::Measure;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What a set of conditions comes to.
pub(super) enum Met {
    Yes,
    No(Cause),
    /// Only these elections are missing.
    Unelected(Vec<Election>),
    Unknown(Question, Vec<Answer>),
}

impl Evaluation<'_> {
    /// All conditions together: one that fails outweighs an election not made,
    /// which outweighs an open question, so that nothing is asked in vain.
    pub(super) fn conditions(&self, measure: &Measure) -> Met {
        let mut unelected = Vec::new();
        let mut unknown = None;
        for (place, condition) in measure.conditions.iter().enumerate() {
            match self.condition(condition, place) {
                Met::Yes => {}
                Met::No(cause) => return Met::No(cause),
                Met::Unelected(elections) => unelected.extend(elections),
                Met::Unknown(question, candidates) => {
                    unknown.get_or_insert((question, candidates));
                }
            }
        }
        match (unelected.is_empty(), unknown) {
            (false, _) => Met::Unelected(unelected),
            (true, Some((question, candidates))) => Met::Unknown(question, candidates),
            (true, None) => Met::Yes,
        }
    }

    fn condition(&self, condition: &Condition, place: usize) -> Met {
        let holds = |met: bool| if met { Met::Yes } else { Met::No(Cause::ConditionNotMet(place)) };
        let elected = |election: Election| {
            if self.goods.elects(election) { Met::Yes } else { Met::Unelected(vec![election]) }
        };
        match condition {
            Condition::Preference(wanted) => match self.goods.preference() {
                _ if self.preference == Some(*wanted) => Met::Yes,
                None => Met::Unelected(vec![Election::Preference(*wanted)]),
                Some(_) => holds(false),
            },
            Condition::Certification(wanted) => elected(Election::Certification(*wanted)),
            Condition::WithinQuota(quota) => match elected(Election::Quota(*quota)) {
                Met::Yes => self.within(*quota),
                unelected => unelected,
            },
            Condition::Truth(fact, wanted) => {
                let stated = match self.fact(*fact) {
                    Some(FactValue::Truth(truth)) => Some(truth),
                    _ => self.answered_truth(Question::Fact(*fact)),
                };
                stated.map_or_else(
                    || Met::Unknown(Question::Fact(*fact), both()),
                    |truth| holds(truth == *wanted),
                )
            }
            Condition::YearsBeforeEntry(fact, years) => {
                let entry_year = Decimal::from(self.setting.days.entry.year());
                self.number(*fact, |year| holds(entry_year - year >= Decimal::from(*years)))
            }
            Condition::AtLeast(fact, least) => self.number(*fact, |number| holds(number >= *least)),
            Condition::Below(fact, limit) => self.number(*fact, |number| holds(number < *limit)),
            Condition::Over(fact, limit) => self.number(*fact, |number| holds(number > *limit)),
            Condition::UpTo(fact, most) => self.number(*fact, |number| holds(number <= *most)),
            Condition::Before(fact, day) => self.date(*fact, *day, holds),
            Condition::From(fact, day) => self.date(*fact, *day, |before| holds(!before)),
            Condition::ColumnRateAtLeast(rate, column) => {
                holds(self.column_reaches(*rate, *column))
            }
            Condition::ColumnRateBelow(rate, column) => holds(!self.column_reaches(*rate, *column)),
            Condition::Transport(modes) => holds(modes.contains(&self.goods.transport)),
            Condition::ValuePerArticleOver(threshold) => self.value_passes(*threshold, holds),
            Condition::ValuePerArticleUpTo(threshold) => {
                self.value_passes(*threshold, |over| holds(!over))
            }
            Condition::Destination(members) => {
                holds(self.setting.destination.is_some_and(|member| members.contains(member)))
            }
        }
    }

    fn fact(&self, fact: FactIndex) -> Option<FactValue> {
        self.goods.fact(fact, &self.setting.law.tariff.facts[fact], self.setting.days)
    }

    fn answered_truth(&self, question: Question) -> Option<bool> {
        match answer(self.answers, question) {
            Some(Answer::Truth(truth)) => Some(truth),
            _ => None,
        }
    }

    fn within(&self, quota: QuotaIndex) -> Met {
        let exhausted = Met::No(Cause::QuotaExhausted(quota));
        if self.setting.law.tariff.quotas[quota].period(self.setting.days.quota).is_none() {
            return exhausted;
        }
        let question = Question::QuotaBalance(quota);
        match self.goods.within(quota).or_else(|| self.answered_truth(question)) {
            Some(true) => Met::Yes,
            Some(false) => exhausted,
            None => Met::Unknown(question, both()),
        }
    }

    fn number(&self, fact: FactIndex, test: impl Fn(Decimal) -> Met) -> Met {
        let stated = match self.fact(fact) {
            Some(FactValue::Number(number)) => Some(number),
            _ => match answer(self.answers, Question::Fact(fact)) {
                Some(Answer::Number(number)) => Some(number),
                _ => None,
            },
        };
        stated.map_or_else(
            || {
                let candidates = &self.setting.law.tariff.facts[fact].candidates;
                Met::Unknown(
                    Question::Fact(fact),
                    candidates.iter().copied().map(Answer::Number).collect(),
                )
            },
            test,
        )
    }

    /// Whether the day a fact tells is before another. Unknown, both are tried.
    fn date(&self, fact: FactIndex, day: Date, test: impl Fn(bool) -> Met) -> Met {
        match self.fact(fact) {
            Some(FactValue::Date(stated)) => test(stated < day),
            _ => match self.answered_truth(Question::DateBefore(fact, day)) {
                Some(before) => test(before),
                None => Met::Unknown(Question::DateBefore(fact, day), both()),
            },
        }
    }

    /// Compares the column's duty, specific or not, as a share of the customs
    /// value (the ad valorem equivalent of HTSUS chapter 99 note 33(m)), by
    /// multiplying instead of dividing: exact where a quotient would not be.
    fn column_reaches(&self, rate: Rate, column: ComparedColumn) -> bool {
        let duty = match column {
            ComparedColumn::General => self.general_duty,
            ComparedColumn::Applied => self.column_duty,
        };
        self.goods
            .customs_value
            .times(rate.fraction())
            .is_ok_and(|threshold| duty.amount() >= threshold.amount())
    }

    /// Whether one article is worth more than a threshold, which may stand in another
    /// currency; without a customs rate for it nobody knows.
    fn value_passes(&self, threshold: Money, test: impl Fn(bool) -> Met) -> Met {
        let currency = self.goods.customs_value.currency();
        let rate = if threshold.currency() == currency {
            Some(Decimal::ONE)
        } else {
            let rates = self.setting.rates;
            rates.iter().find(|rate| rate.from == threshold.currency()).map(|rate| rate.rate)
        };
        let needed = rate.and_then(|rate| {
            threshold.amount().checked_mul(rate)?.checked_mul(self.goods.articles())
        });
        let question = Question::ValuePerArticle(threshold);
        match needed
            .map(|needed| self.goods.customs_value.amount() > needed)
            .or_else(|| self.answered_truth(question))
        {
            Some(over) => test(over),
            None => Met::Unknown(question, both()),
        }
    }
}
