//! One line under one set of answers: the column first, then every measure in
//! evaluation order. The only place where law is applied to goods.

use crate::money::{Money, Overflow};
use crate::tariff::assess::column::{ColumnChoice, choose_column};
use crate::tariff::assess::conditions::Met;
use crate::tariff::assess::filing::filed_lines;
use crate::tariff::assess::outcome::{
    Answer, Cause, ChargedUnder, Layer, Outcome, Question, Rejected, Rejection, Totals, Unmade,
};
use crate::tariff::assess::resolved::ResolvedLine;
use crate::tariff::condition::PreferenceIndex;
use crate::tariff::duty_expression::{DutyExpression, Unpriceable};
use crate::tariff::entry::FactValue;
use crate::tariff::legal_state::{LegalState, Standing};
use crate::tariff::measure::{
    Base, ChargeKind, ChargedPer, Excluder, InScope, Measure, MeasureIndex,
};
use crate::tariff::schedule::Tariff;
use crate::tariff::tariff_line::TariffLine;
use jiff::civil::Date;
use rust_decimal::Decimal;

/// What every line of an entry shares.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub tariff: &'a Tariff,
    pub entry_date: Date,
    pub known_at: Date,
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
    for index in 0..evaluation.line.measures.len() {
        evaluation.measure(evaluation.line.measures[index])?;
    }
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
    applied: Vec<MeasureIndex>,
    /// First layer is the tariff line's.
    layers: Vec<Layer>,
    rejections: Vec<Rejection>,
    /// Headings filed to say why another duty is not due, with their rank.
    disclaimers: Vec<(u32, &'a str)>,
    fee_bases: Vec<(MeasureIndex, Money)>,
    unmade: Vec<Unmade>,
}

impl<'a> Evaluation<'a> {
    fn begin(
        setting: Setting<'a>,
        goods: &'a ResolvedLine,
        answers: &'a [(Question, Answer)],
    ) -> Result<Self, Halt> {
        let tariff = setting.tariff;
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
        let ColumnChoice { column, preference, refused, open } =
            choose_column(tariff, line, goods, answers)?;
        let rate = column.rate(line, |index| tariff.preferences[index].symbol.as_str());
        let column_duty = rate.duty(goods.customs_value, &goods.quantities)?;
        let general_duty = line.general.duty(goods.customs_value, &goods.quantities)?;
        let layers = vec![Layer {
            under: ChargedUnder::Line(line_index, column),
            kind: ChargeKind::Duty,
            base: goods.customs_value,
            amount: column_duty.rounded(tariff.duty_rounding),
            included_in: None,
            articles: goods.articles(),
        }];
        Ok(Self {
            setting,
            goods,
            answers,
            line_index,
            line,
            preference,
            column_duty,
            general_duty,
            applied: Vec::new(),
            layers,
            rejections: refused.into_iter().collect(),
            disclaimers: Vec::new(),
            fee_bases: Vec::new(),
            unmade: open,
        })
    }

    fn measure(&mut self, index: MeasureIndex) -> Result<(), Halt> {
        let tariff = self.setting.tariff;
        let measure = &tariff.measures[index];
        if !measure.origins.contains(self.goods.origin) {
            return Ok(());
        }
        match measure.goods.holds(&self.goods.code) {
            InScope::Yes => {}
            InScope::No => return Ok(()),
            // The code is shorter than the line it was resolved to.
            InScope::NeedsMoreDigits if measure.goods.holds(&self.line.code) == InScope::Yes => {}
            InScope::NeedsMoreDigits if measure.goods.holds(&self.line.code) == InScope::No => {
                return Ok(());
            }
            InScope::NeedsMoreDigits => {
                if !self.truth(Question::GoodsScope(index))? {
                    return Ok(());
                }
            }
        }
        let standing = measure.history.standing(self.setting.entry_date, self.setting.known_at);
        let Some(standing) = standing else { return Ok(()) };
        match self.cause_against(index, measure, standing)? {
            Some(cause) => {
                self.rejections.push(Rejection { provision: Rejected::Measure(index), cause });
                Ok(())
            }
            None => self.apply(index, measure),
        }
    }

    /// Why a measure whose goods and origins match is not charged, if it is not.
    fn cause_against(
        &mut self,
        index: MeasureIndex,
        measure: &Measure,
        standing: Standing<'_>,
    ) -> Result<Option<Cause>, Halt> {
        let contested = match standing {
            Standing::Covered(period) => match period.state {
                LegalState::InForce => false,
                LegalState::Contested => true,
                LegalState::Announced => return Ok(Some(Cause::Announced)),
                LegalState::Suspended => return Ok(Some(Cause::Suspended)),
                LegalState::Ended => return Ok(Some(Cause::NoLongerInForce)),
                LegalState::Voided => return Ok(Some(Cause::Voided)),
            },
            Standing::NotYet(period) if period.state == LegalState::Announced => {
                return Ok(Some(Cause::Announced));
            }
            Standing::NotYet(period) => return Ok(Some(Cause::NotYetInForce(period.from))),
            Standing::Past => return Ok(Some(Cause::NoLongerInForce)),
        };
        let met = self.conditions(measure);
        if let Met::No(cause) = met {
            return Ok(Some(cause));
        }
        if let Met::Unelected(elections) = met {
            self.unmade.push((elections, Some(index)));
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

    /// The exclusion, by something that applies, that keeps the measure away.
    fn switched_off(&mut self, index: MeasureIndex) -> Result<Option<Cause>, Halt> {
        let tariff = self.setting.tariff;
        for exclusion_index in &tariff.exclusions_of[index] {
            let exclusion = &tariff.exclusions[*exclusion_index];
            if !exclusion.holds(self.setting.entry_date, self.setting.known_at) {
                continue;
            }
            let by = exclusion.by.iter().find_map(|excluder| match excluder {
                Excluder::Measure(source) if self.applied.contains(source) => {
                    Some(Rejected::Measure(*source))
                }
                Excluder::Preference(source) if self.preference == Some(*source) => {
                    Some(Rejected::Preference(*source))
                }
                _ => None,
            });
            let Some(by) = by else { continue };
            if exclusion.contested && !self.truth(Question::ContestedExclusion(*exclusion_index))? {
                continue;
            }
            if !exclusion.filed_as.is_empty() {
                let rank = tariff.programme_of(&tariff.measures[index]).filing_rank;
                self.disclaimers.push((rank, &exclusion.filed_as));
            }
            return Ok(Some(Cause::SwitchedOff { exclusion: *exclusion_index, by }));
        }
        Ok(None)
    }

    fn apply(&mut self, index: MeasureIndex, measure: &Measure) -> Result<(), Halt> {
        let tariff = self.setting.tariff;
        let base = self.base(measure.base)?;
        self.applied.push(index);
        let kind = tariff.programme_of(measure).kind;
        if let ChargedPer::Entry { .. } = measure.per {
            self.fee_bases.push((index, base));
            return Ok(());
        }
        let exact = match measure.rate {
            DutyExpression::Unknown { lowest, highest } if lowest != highest => {
                let ends =
                    vec![Answer::Number(lowest.fraction()), Answer::Number(highest.fraction())];
                match answer(self.answers, Question::Rate(index)) {
                    Some(Answer::Number(fraction)) => base.times(fraction)?,
                    _ => return Err(Halt::Asks(Question::Rate(index), ends)),
                }
            }
            DutyExpression::AllIn(_) => self.all_in(index, measure, base)?,
            _ => measure.rate.duty(base, &self.goods.quantities)?,
        };
        let rounding = match kind {
            ChargeKind::Fee => tariff.fee_rounding,
            ChargeKind::Duty | ChargeKind::Tax => tariff.duty_rounding,
        };
        self.layers.push(Layer {
            under: ChargedUnder::Measure(index),
            kind,
            base,
            amount: exact.rounded(rounding),
            included_in: None,
            articles: self.goods.articles(),
        });
        Ok(())
    }

    /// An all-in rate takes the tariff line's own duty in, unless that is more.
    fn all_in(
        &mut self,
        index: MeasureIndex,
        measure: &Measure,
        base: Money,
    ) -> Result<Money, Halt> {
        let whole = measure.rate.duty(base, &self.goods.quantities)?;
        if whole.amount() <= self.column_duty.amount() {
            return Ok(Money::zero(base.currency()));
        }
        let column = &mut self.layers[0];
        if column.included_in.is_some() {
            return Ok(whole.minus(self.column_duty)?);
        }
        column.amount = Money::zero(base.currency());
        column.included_in = Some(index);
        Ok(whole)
    }

    fn base(&self, base: Base) -> Result<Money, Halt> {
        let whole = self.goods.customs_value;
        match base {
            Base::CustomsValue => Ok(whole),
            Base::Content(fact) => self.content(fact),
            Base::CustomsValueLess(fact) => Ok(whole.minus(self.content(fact)?)?),
        }
    }

    fn content(&self, fact: usize) -> Result<Money, Halt> {
        let whole = self.goods.customs_value;
        if let Some(FactValue::Content(content)) = self.goods.facts[fact] {
            return Ok(content);
        }
        match answer(self.answers, Question::Fact(fact)) {
            Some(Answer::Share(share)) => Ok(whole.times(share)?),
            _ => Err(Halt::Asks(
                Question::Fact(fact),
                vec![Answer::Share(Decimal::ZERO), Answer::Share(Decimal::ONE)],
            )),
        }
    }

    fn truth(&self, question: Question) -> Result<bool, Halt> {
        match answer(self.answers, question) {
            Some(Answer::Truth(truth)) => Ok(truth),
            _ => Err(Halt::Asks(question, both())),
        }
    }

    fn finish(self) -> Result<Evaluated, Halt> {
        let zero = Money::zero(self.setting.tariff.currency);
        let mut totals = Totals {
            customs_value: self.goods.customs_value,
            duty: zero,
            fees: zero,
            taxes: zero,
            delivered: self.goods.transaction_value.plus(self.goods.carriage)?,
        };
        for layer in &self.layers {
            let sum = match layer.kind {
                ChargeKind::Duty => &mut totals.duty,
                ChargeKind::Fee => &mut totals.fees,
                ChargeKind::Tax => &mut totals.taxes,
            };
            *sum = sum.plus(layer.amount)?;
        }
        let filed = filed_lines(
            self.setting.tariff,
            self.goods,
            (self.line, self.preference),
            &self.layers,
            &self.disclaimers,
        )?;
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
