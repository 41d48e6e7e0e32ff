//! Whether a measure's conditions hold for a line: yes, no, not elected, or
//! not known.

use crate::tariff::assess::evaluate::{Evaluation, answer, both};
use crate::tariff::assess::outcome::{Answer, Cause, Election, Question};
use crate::tariff::condition::{ComparedColumn, Condition};
use crate::tariff::entry::FactValue;
use crate::tariff::measure::Measure;
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
        let failed = Met::No(Cause::ConditionNotMet(place));
        let holds = |met: bool| if met { Met::Yes } else { Met::No(Cause::ConditionNotMet(place)) };
        match condition {
            Condition::Preference(wanted) => match self.goods.preference {
                _ if self.preference == Some(*wanted) => Met::Yes,
                None => Met::Unelected(vec![Election::Preference(*wanted)]),
                Some(_) => failed,
            },
            Condition::Certification(wanted) => {
                if self.goods.certifications[*wanted] {
                    Met::Yes
                } else {
                    Met::Unelected(vec![Election::Certification(*wanted)])
                }
            }
            Condition::WithinQuota(quota) => {
                if !self.goods.quotas[*quota] {
                    return Met::Unelected(vec![Election::Quota(*quota)]);
                }
                let exhausted = Met::No(Cause::QuotaExhausted(*quota));
                if self.setting.tariff.quotas[*quota].period(self.setting.entry_date).is_none() {
                    return exhausted;
                }
                let question = Question::QuotaBalance(*quota);
                match (self.goods.within_quota[*quota], answer(self.answers, question)) {
                    (Some(true), _) | (None, Some(Answer::Truth(true))) => Met::Yes,
                    (None, None) => Met::Unknown(question, both()),
                    _ => exhausted,
                }
            }
            Condition::Truth(fact, wanted) => {
                let stated = match self.goods.facts[*fact] {
                    Some(FactValue::Truth(truth)) => Some(truth),
                    _ => match answer(self.answers, Question::Fact(*fact)) {
                        Some(Answer::Truth(truth)) => Some(truth),
                        _ => None,
                    },
                };
                stated.map_or_else(
                    || Met::Unknown(Question::Fact(*fact), both()),
                    |truth| holds(truth == *wanted),
                )
            }
            Condition::YearsBeforeEntry(fact, years) => {
                let entry_year = Decimal::from(self.setting.entry_date.year());
                self.number(*fact, |year| holds(entry_year - year >= Decimal::from(*years)))
            }
            Condition::AtLeast(fact, least) => self.number(*fact, |number| holds(number >= *least)),
            Condition::Below(fact, limit) => self.number(*fact, |number| holds(number < *limit)),
            Condition::ColumnRateAtLeast(rate, column) => {
                holds(self.column_reaches(rate.fraction(), *column))
            }
            Condition::ColumnRateBelow(rate, column) => {
                holds(!self.column_reaches(rate.fraction(), *column))
            }
            Condition::Transport(modes) => holds(modes.contains(&self.goods.transport)),
        }
    }

    fn number(&self, fact: usize, test: impl Fn(Decimal) -> Met) -> Met {
        let stated = match self.goods.facts[fact] {
            Some(FactValue::Number(number)) => Some(number),
            _ => match answer(self.answers, Question::Fact(fact)) {
                Some(Answer::Number(number)) => Some(number),
                _ => None,
            },
        };
        stated.map_or_else(
            || {
                let candidates = &self.setting.tariff.facts[fact].candidates;
                Met::Unknown(
                    Question::Fact(fact),
                    candidates.iter().copied().map(Answer::Number).collect(),
                )
            },
            test,
        )
    }

    /// Compares the column's duty, specific or not, as a share of the customs
    /// value (the ad valorem equivalent of HTSUS chapter 99 note 33(m)), by
    /// multiplying instead of dividing: exact where a quotient would not be.
    fn column_reaches(&self, fraction: Decimal, column: ComparedColumn) -> bool {
        let duty = match column {
            ComparedColumn::General => self.general_duty,
            ComparedColumn::Applied => self.column_duty,
        };
        self.goods
            .customs_value
            .times(fraction)
            .is_ok_and(|threshold| duty.amount() >= threshold.amount())
    }
}
