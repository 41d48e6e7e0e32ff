//! One line under one set of answers: the column first, then every measure in
//! evaluation order. The only place where law is applied to goods.

use crate::money::{Money, Overflow, Rounding};
use crate::tariff::assess::column::{ColumnChoice, choose_column};
use crate::tariff::assess::conditions::Met;
use crate::tariff::assess::filing::filed_lines;
use crate::tariff::assess::outcome::{
    Answer, Cause, ChargedUnder, Column, FiledHeading, Layer, Outcome, Question, Rejected,
    Rejection, Totals, Unmade,
};
use crate::tariff::assess::resolved::ResolvedLine;
use crate::tariff::condition::PreferenceIndex;
use crate::tariff::duty_expression::{DutyExpression, Unpriceable};
use crate::tariff::entry::ExchangeRate;
use crate::tariff::law_on_day::{DayState, LawDays, LawOnDay};
use crate::tariff::measure::{ChargeKind, ChargedPer, InScope, Measure, MeasureIndex};
use crate::tariff::measure_set::MeasureSet;
use crate::tariff::region::Region;
use crate::tariff::schedule::Tariff;
use crate::tariff::tariff_line::TariffLine;

/// What every line of an entry shares.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub law: &'a LawOnDay,
    pub days: LawDays,
    pub destination: Option<Region>,
    /// Customs exchange rates into the importer's currency.
    pub rates: &'a [ExchangeRate],
    /// Whether what is not charged is told too.
    pub explain: bool,
}

/// Why an evaluation did not come to an end.
#[derive(Debug)]
pub(super) enum Halt {
    /// It depends on something unknown; these are the answers to try.
    Asks(Question, Vec<Answer>),
    /// A rate has no amount for these goods.
    Unpriceable(Unpriceable),
}

impl From<Overflow> for Halt {
    fn from(overflow: Overflow) -> Self {
        Self::Unpriceable(overflow.into())
    }
}

impl From<Unpriceable> for Halt {
    fn from(cause: Unpriceable) -> Self {
        Self::Unpriceable(cause)
    }
}

/// An outcome and the elections that would have led elsewhere.
pub(super) struct Evaluated {
    pub outcome: Outcome,
    pub unmade: Vec<Unmade>,
    pub line: usize,
}

pub(super) fn evaluate(
    setting: Setting<'_>,
    goods: &ResolvedLine,
    answers: &[(Question, Answer)],
) -> Result<Evaluated, Halt> {
    let mut evaluation = Evaluation::begin(setting, goods, answers)?;
    let law = setting.law;
    let considered = if setting.explain { &law.heard } else { &law.standing };
    let of_origin = law.tariff.measures_by_origin.holding(goods.origin);
    let of_line = &evaluation.line.measures.all;
    for index in MeasureSet::intersection([of_line, of_origin, considered]) {
        evaluation.measure(index)?;
    }
    evaluation.credits()?;
    evaluation.finish()
}

pub(super) struct Evaluation<'a> {
    pub(super) setting: Setting<'a>,
    pub(super) goods: &'a ResolvedLine,
    pub(super) answers: &'a [(Question, Answer)],
    line_index: usize,
    line: &'a TariffLine,
    /// Preference that is claimed, eligible and printed.
    pub(super) preference: Option<PreferenceIndex>,
    /// Unrounded duty of the column applied, and of the general column.
    pub(super) column_duty: Money,
    pub(super) general_duty: Money,
    applied: MeasureSet,
    /// First layer is the tariff line's, but for local goods.
    pub(super) layers: Vec<Layer>,
    rejections: Vec<Rejection>,
    /// Exclusions that a heading is filed for, to say why another duty is not
    /// due.
    disclaimers: Vec<usize>,
    fee_bases: Vec<(MeasureIndex, Money)>,
    unmade: Vec<Unmade>,
}

impl<'a> Evaluation<'a> {
    fn begin(
        setting: Setting<'a>,
        goods: &'a ResolvedLine,
        answers: &'a [(Question, Answer)],
    ) -> Result<Self, Halt> {
        let tariff = setting.law.tariff.as_ref();
        let line_index = match (goods.tariff_lines.as_slice(), answer(answers, Question::GoodsCode))
        {
            ([only], _) => *only,
            (_, Some(Answer::Line(line))) => line,
            ([], _) => return Err(Halt::Asks(Question::Coverage, Vec::new())),
            (lines, _) => {
                let lines = lines.iter().copied().map(Answer::Line).collect();
                return Err(Halt::Asks(Question::GoodsCode, lines));
            }
        };
        let line = &tariff.lines[line_index];
        let zero = Money::zero(tariff.currency);
        let mut evaluation = Self {
            setting,
            goods,
            answers,
            line_index,
            line,
            preference: None,
            column_duty: zero,
            general_duty: zero,
            applied: MeasureSet::none_of(tariff.measures.len()),
            layers: Vec::with_capacity(6),
            rejections: Vec::new(),
            disclaimers: Vec::new(),
            fee_bases: Vec::new(),
            unmade: Vec::new(),
        };
        if goods.local {
            return Ok(evaluation);
        }
        let ColumnChoice { column, preference, refused, open } =
            choose_column(tariff, line, goods, answers, setting.explain)?;
        let duty = |rate: &DutyExpression| rate.duty(goods.customs_value, &goods.quantities);
        evaluation.general_duty = duty(&line.general)?;
        evaluation.column_duty = match column {
            Column::General => evaluation.general_duty,
            _ => duty(column.rate(line, |index| tariff.preferences[index].symbol.as_str()))?,
        };
        evaluation.layers.push(Layer {
            under: ChargedUnder::Line(line_index, column),
            kind: ChargeKind::Duty,
            base: goods.customs_value,
            amount: evaluation.column_duty.rounded(tariff.duty_rounding),
            included_in: None,
            articles: goods.articles(),
        });
        evaluation.preference = preference;
        evaluation.rejections.extend(refused);
        evaluation.unmade = open;
        Ok(evaluation)
    }

    fn measure(&mut self, index: MeasureIndex) -> Result<(), Halt> {
        let tariff: &Tariff = &self.setting.law.tariff;
        let measure = &tariff.measures[index];
        if self.goods.local && !tariff.programme_of(measure).local {
            return Ok(());
        }
        let unsure = self.line.measures.unsure.contains(index);
        let scope = if unsure { measure.goods.holds(&self.goods.code) } else { InScope::Yes };
        if scope == InScope::No {
            return Ok(());
        }
        match self.cause_against(index, measure)? {
            Some(cause) => self.reject(index, cause),
            // Asked last: what is not charged anyhow needs no further digits.
            None if scope == InScope::Yes || self.in_scope(index, measure)? => {
                self.apply(index, measure)?;
            }
            None => {}
        }
        Ok(())
    }

    /// Whether further digits put the goods in the scope: by what was answered
    /// about another scope of the same digits, or as asked.
    fn in_scope(&self, index: MeasureIndex, measure: &Measure) -> Result<bool, Halt> {
        let code = if self.goods.code.covers(&self.line.code) {
            &self.line.code
        } else {
            &self.goods.code
        };
        for (asked, answer) in self.answers {
            let (Question::GoodsScope(other), Answer::Truth(inside)) = (asked, answer) else {
                continue;
            };
            let other = &self.setting.law.tariff.measures[*other].goods;
            let implied = if *inside {
                other.within(&measure.goods, code)
            } else {
                measure.goods.within(other, code)
            };
            if implied {
                return Ok(*inside);
            }
        }
        self.truth(Question::GoodsScope(index))
    }

    fn reject(&mut self, index: MeasureIndex, cause: Cause) {
        if self.setting.explain {
            self.rejections.push(Rejection { provision: Rejected::Measure(index), cause });
        }
    }

    /// Why a measure whose goods and origins match is not charged, if it is not.
    fn cause_against(
        &mut self,
        index: MeasureIndex,
        measure: &Measure,
    ) -> Result<Option<Cause>, Halt> {
        let contested = match self.setting.law.states[index] {
            DayState::InForce => false,
            DayState::Contested => true,
            DayState::Not(cause) => return Ok(Some(Cause::NotStanding(cause))),
            DayState::Unheard => return Ok(None),
        };
        let met = self.conditions(measure);
        if let Met::No(cause) = met {
            return Ok(Some(cause));
        }
        if let Met::Unelected(elections) = met {
            // What is switched off all the same is no other way to enter the goods.
            if self.setting.explain && !self.switched_off_for_certain(index) {
                self.unmade.push(elections);
            }
            return Ok(Some(Cause::ElectionNotMade));
        }
        if let Some(cause) = self.switched_off(index)? {
            return Ok(Some(cause));
        }
        if let Met::Unknown(question, candidates) = met {
            return Err(Halt::Asks(question, candidates));
        }
        if contested && !self.truth(Question::ContestedMeasure(index))? {
            return Ok(Some(Cause::NotOnThisReading));
        }
        Ok(None)
    }

    /// Whether an uncontested exclusion keeps the measure away.
    fn switched_off_for_certain(&self, index: MeasureIndex) -> bool {
        let law = self.setting.law;
        law.exclusions_of[index].iter().any(|exclusion| {
            let exclusion = &law.tariff.exclusions[*exclusion];
            let claimed =
                self.preference.is_some_and(|claimed| exclusion.by_preferences.contains(&claimed));
            !exclusion.contested && (claimed || exclusion.by.first_shared(&self.applied).is_some())
        })
    }

    /// The exclusion, by something that applies, that keeps the measure away.
    fn switched_off(&mut self, index: MeasureIndex) -> Result<Option<Cause>, Halt> {
        let tariff: &Tariff = &self.setting.law.tariff;
        for exclusion_index in &self.setting.law.exclusions_of[index] {
            let exclusion = &tariff.exclusions[*exclusion_index];
            let claimed = || {
                let claimed = self.preference?;
                let excludes = exclusion.by_preferences.contains(&claimed);
                excludes.then_some(Rejected::Preference(claimed))
            };
            let by = exclusion.by.first_shared(&self.applied).map(Rejected::Measure);
            let Some(by) = by.or_else(claimed) else { continue };
            if exclusion.contested && !self.truth(Question::ContestedExclusion(*exclusion_index))? {
                continue;
            }
            if !exclusion.filed_as.is_empty() {
                self.disclaimers.push(*exclusion_index);
            }
            return Ok(Some(Cause::SwitchedOff { exclusion: *exclusion_index, by }));
        }
        Ok(None)
    }

    fn apply(&mut self, index: MeasureIndex, measure: &Measure) -> Result<(), Halt> {
        let tariff: &Tariff = &self.setting.law.tariff;
        let programme = tariff.programme_of(measure);
        let mut base = self.base(&measure.base)?;
        if let Some(rounding) = programme.base_rounding {
            base = base.rounded(rounding);
        }
        if let ChargedPer::Entry { .. } = measure.per {
            self.applied.insert(index);
            self.fee_bases.push((index, base));
            return Ok(());
        }
        let amount = match measure.rate {
            DutyExpression::Unknown { lowest, highest } if lowest != highest => {
                let ends =
                    vec![Answer::Number(lowest.fraction()), Answer::Number(highest.fraction())];
                match answer(self.answers, Question::Rate(index)) {
                    Some(Answer::Number(fraction)) => {
                        base.times(fraction)?.rounded(programme.rounding)
                    }
                    _ => return Err(Halt::Asks(Question::Rate(index), ends)),
                }
            }
            DutyExpression::AllIn(_) => {
                let whole = measure.rate.duty(base, &self.goods.quantities)?;
                self.all_in(index, whole, programme.rounding)?
            }
            DutyExpression::InPlaceOfColumn(_) => {
                let instead = measure.rate.duty(base, &self.goods.quantities)?;
                if instead.amount() >= self.column_duty.amount() {
                    self.reject(index, Cause::NotLower);
                    return Ok(());
                }
                self.column_duty = instead;
                self.include_column(index);
                instead.rounded(programme.rounding)
            }
            _ => measure.rate.duty(base, &self.goods.quantities)?.rounded(programme.rounding),
        };
        self.applied.insert(index);
        self.layers.push(Layer {
            under: ChargedUnder::Measure(index),
            kind: programme.kind,
            base,
            amount,
            included_in: None,
            articles: self.goods.articles(),
        });
        Ok(())
    }

    /// An all-in rate takes the tariff line's own duty in, unless that is more.
    /// Reported apart, the two come to the same.
    fn all_in(
        &mut self,
        index: MeasureIndex,
        whole: Money,
        rounding: Rounding,
    ) -> Result<Money, Halt> {
        if whole.amount() <= self.column_duty.amount() {
            return Ok(Money::zero(whole.currency()));
        }
        let included = self.layers.first().is_some_and(|column| column.included_in.is_some());
        if included || self.goods.report_column_separately {
            let column = self.column_duty.rounded(self.setting.law.tariff.duty_rounding);
            return Ok(whole.rounded(rounding).minus(column)?);
        }
        self.include_column(index);
        Ok(whole.rounded(rounding))
    }

    /// The tariff line's own duty is part of a measure's.
    fn include_column(&mut self, index: MeasureIndex) {
        if let Some(column) = self.layers.first_mut() {
            column.amount = Money::zero(column.amount.currency());
            column.included_in = Some(index);
        }
    }

    pub(super) fn truth(&self, question: Question) -> Result<bool, Halt> {
        match answer(self.answers, question) {
            Some(Answer::Truth(truth)) => Ok(truth),
            _ => Err(Halt::Asks(question, both())),
        }
    }

    fn finish(self) -> Result<Evaluated, Halt> {
        let tariff: &Tariff = &self.setting.law.tariff;
        let zero = Money::zero(tariff.currency);
        let delivered = self.goods.transaction_value.plus(self.goods.carriage)?;
        let mut totals = Totals {
            customs_value: self.goods.customs_value,
            duty: zero,
            fees: zero,
            taxes: zero,
            credits: zero,
            recoverable: zero,
            delivered: delivered.plus(self.goods.inland_freight)?,
        };
        for layer in &self.layers {
            let sum = match layer.kind {
                ChargeKind::Duty => &mut totals.duty,
                ChargeKind::Fee => &mut totals.fees,
                ChargeKind::Tax => &mut totals.taxes,
                ChargeKind::Credit => &mut totals.credits,
            };
            *sum = sum.plus(layer.amount)?;
            if let ChargedUnder::Measure(index) = layer.under
                && tariff.programme_of(&tariff.measures[index]).recoverable
            {
                totals.recoverable = totals.recoverable.plus(layer.amount)?;
            }
        }
        let filed = if self.goods.local {
            Vec::new()
        } else {
            let line = FiledHeading::Line(self.line_index, self.preference);
            filed_lines(tariff, self.goods, line, &self.layers, &self.disclaimers)?
        };
        Ok(Evaluated {
            outcome: Outcome {
                layers: self.layers,
                rejections: self.rejections,
                filed,
                fee_bases: self.fee_bases,
                totals,
            },
            unmade: self.unmade,
            line: self.line_index,
        })
    }
}

pub(super) fn answer(answers: &[(Question, Answer)], question: Question) -> Option<Answer> {
    answers.iter().find(|(asked, _)| *asked == question).map(|(_, answer)| *answer)
}

pub(super) fn both() -> Vec<Answer> {
    vec![Answer::Truth(true), Answer::Truth(false)]
}
