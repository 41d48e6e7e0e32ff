//! Provisions as they stand on the entry date, by what was known: layers,
//! rejections, entry fees, each with its sources.

use crate::grpc::convert::scalar::{decimal_message, money_message};
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{
    Cause, ChargeKind, ChargedPer, ChargedUnder, Citation, Column, Confidence, Document,
    DutyExpression, EntryFee, LawDays, LawOnDay, Layer, Measure, Range, Rejected, Rejection,
    ResolvedLine, Standing, StandingCause, Tariff,
};

/// The law an answer speaks of.
pub(super) struct LawInForce<'a> {
    pub tariff: &'a Tariff,
    pub on_day: &'a LawOnDay,
    pub days: LawDays,
    /// Whether the answer carries explanations: the view FULL.
    pub explained: bool,
}

impl LawInForce<'_> {
    /// A list of explanations; nothing of it where only amounts are asked for.
    pub(super) fn explanations<'e, T>(&self, list: &'e [T]) -> &'e [T] {
        if self.explained { list } else { &[] }
    }

    /// A text that explains; empty where only amounts are asked for.
    pub(super) fn told(&self, text: impl Fn() -> String) -> String {
        if self.explained { text() } else { String::new() }
    }

    /// A range, unless only amounts are asked for and it is one.
    pub(super) fn open(&self, range: Option<Range>) -> Option<Range> {
        range.filter(|range| self.explained || !range.is_one_amount())
    }

    fn ad_valorem(&self, rate: &DutyExpression) -> Option<google::Decimal> {
        let rate = rate.ad_valorem().filter(|_| self.explained)?;
        Some(decimal_message(rate.fraction()))
    }

    pub(super) fn layer(&self, charged: &Layer) -> pb::Layer {
        let tariff = self.tariff;
        let Layer { under, kind, base, amount, included_in, articles } = charged;
        let common = pb::Layer {
            kind: charge_kind(*kind),
            base: Some(money_message(*base)),
            amount: Some(money_message(*amount)),
            included_in_heading: included_in
                .map(|index| tariff.measures[index].heading.clone())
                .unwrap_or_default(),
            units: self.explained.then(|| decimal_message(*articles)),
            ..pb::Layer::default()
        };
        match under {
            ChargedUnder::Line(index, column) => {
                let line = &tariff.lines[*index];
                let rate = column.rate(line, |index| tariff.preferences[index].symbol.as_str());
                let (programme, cited) = match column {
                    Column::General => ("Column 1 general".to_owned(), &[][..]),
                    Column::Special(index) => {
                        let preference = &tariff.preferences[*index];
                        (
                            format!(
                                "Column 1 special, {} ({})",
                                preference.symbol, preference.title
                            ),
                            preference.citations.as_slice(),
                        )
                    }
                    Column::Two => ("Column 2".to_owned(), &[][..]),
                };
                pb::Layer {
                    measure_id: line.code.to_string(),
                    heading: line.code.to_string(),
                    programme,
                    base_rule: self.told(|| "customs value".to_owned()),
                    rounding: self.told(|| tariff.duty_rounding.to_string()),
                    rate: match column {
                        Column::General => line.general_text.clone(),
                        _ => rate.to_string(),
                    },
                    ad_valorem_rate: self.ad_valorem(rate),
                    citations: self.citations(line.citations.iter().chain(cited)),
                    confidence: confidence(line.confidence),
                    ..common
                }
            }
            ChargedUnder::Credit(index) => {
                let credit = &tariff.credits[*index];
                pb::Layer {
                    measure_id: credit.id.clone(),
                    heading: credit.id.clone(),
                    programme: credit.title.clone(),
                    base_rule: self.told(|| "duty it may be spent on".to_owned()),
                    citations: self.citations(&credit.citations),
                    confidence: confidence(credit.confidence),
                    ..common
                }
            }
            ChargedUnder::Measure(index) => {
                let measure = &tariff.measures[*index];
                let programme = tariff.programme_of(measure);
                pb::Layer {
                    measure_id: measure.id.clone(),
                    heading: measure.heading.clone(),
                    programme: self.told(|| programme.title.clone()),
                    rounding: self.told(|| programme.rounding.to_string()),
                    recoverable: programme.recoverable,
                    base_rule: self.told(|| measure.base.text(tariff)),
                    rate: measure.rate_text.clone(),
                    ad_valorem_rate: self.ad_valorem(&measure.rate),
                    citations: self.measure_citations(measure, &[]),
                    confidence: confidence(measure.confidence),
                    note: self.told(|| measure.known_note(self.days.known_at).to_owned()),
                    ..common
                }
            }
        }
    }

    pub(super) fn rejected(&self, rejection: &Rejection) -> pb::RejectedProvision {
        let tariff = self.tariff;
        let Rejection { provision, cause } = rejection;
        let (reason, by_heading) = reason(tariff, *cause);
        let explanation = cause.text(*provision, tariff, self.days.known_at);
        let exclusion = match cause {
            Cause::SwitchedOff { exclusion, .. } => Some(&tariff.exclusions[*exclusion]),
            _ => None,
        };
        let ruling = exclusion.map_or(&[][..], |exclusion| exclusion.citations.as_slice());
        // A rejection is no better attested than the rule that brings it about.
        let attested = |own: Confidence| {
            confidence(exclusion.map_or(own, |exclusion| own.max(exclusion.confidence)))
        };
        let common = pb::RejectedProvision {
            heading: provision.heading(tariff).to_owned(),
            reason: reason.into(),
            by_heading,
            explanation,
            ..pb::RejectedProvision::default()
        };
        match provision {
            Rejected::Measure(index) => {
                let measure = &tariff.measures[*index];
                pb::RejectedProvision {
                    measure_id: measure.id.clone(),
                    programme: tariff.programme_of(measure).title.clone(),
                    rate: measure.rate_text.clone(),
                    citations: self.measure_citations(measure, ruling),
                    confidence: attested(measure.confidence),
                    ..common
                }
            }
            Rejected::Preference(index) => {
                let preference = &tariff.preferences[*index];
                pb::RejectedProvision {
                    measure_id: format!("preference:{}", preference.symbol),
                    programme: preference.title.clone(),
                    citations: self.citations(&preference.citations),
                    confidence: confidence(preference.confidence),
                    ..common
                }
            }
        }
    }

    pub(super) fn entry_fee(&self, fee: &EntryFee, lines: &[ResolvedLine]) -> pb::EntryFee {
        let tariff = self.tariff;
        let measure = &tariff.measures[fee.measure];
        let (minimum, maximum) = match measure.per {
            ChargedPer::Entry { minimum, maximum } => (minimum, maximum),
            ChargedPer::Line => (None, None),
        };
        pb::EntryFee {
            measure_id: measure.id.clone(),
            heading: measure.heading.clone(),
            programme: self.told(|| tariff.programme_of(measure).title.clone()),
            base: Some(money_message(fee.base.highest)),
            rate: measure.rate_text.clone(),
            minimum: minimum.filter(|_| self.explained).map(money_message),
            maximum: maximum.filter(|_| self.explained).map(money_message),
            amount: fee.amount().map(money_message),
            lowest_amount: self.open(fee.range).map(|range| money_message(range.lowest)),
            highest_amount: self.open(fee.range).map(|range| money_message(range.highest)),
            shares: fee
                .shares
                .iter()
                .filter_map(|(place, share)| {
                    Some(pb::FeeShare {
                        line_id: lines.get(*place)?.id.clone(),
                        amount: Some(money_message(*share)),
                    })
                })
                .collect(),
            citations: self.measure_citations(measure, &[]),
            confidence: confidence(measure.confidence),
            rounding: self.told(|| tariff.programme_of(measure).rounding.to_string()),
        }
    }

    /// The document that gives the measure its state on the entry date, then
    /// the places it is written in.
    fn measure_citations(&self, measure: &Measure, more: &[Citation]) -> Vec<pb::Citation> {
        if !self.explained {
            return Vec::new();
        }
        let written = self.citations(measure.citations.iter().chain(more));
        let day = self.days.law_of(self.tariff.programme_of(measure).kind);
        let standing = measure.history.standing(day, self.days.known_at);
        let Some(Standing::Covered(period) | Standing::NotYet(period)) = standing else {
            return written;
        };
        let document = period.document.as_ref();
        if written.iter().any(|citation| citation.document_id == document.id) {
            return written;
        }
        let mut all = vec![citation(document, "")];
        all.extend(written);
        all
    }

    /// The places, but for documents nobody could have read by `known_at`.
    fn citations<'c>(&self, cited: impl IntoIterator<Item = &'c Citation>) -> Vec<pb::Citation> {
        cited
            .into_iter()
            .filter(|cited| self.explained && cited.document.published <= self.days.known_at)
            .map(|cited| citation(&cited.document, &cited.pinpoint))
            .collect()
    }
}

pub(super) fn citation(document: &Document, pinpoint: &str) -> pb::Citation {
    pb::Citation {
        document_id: document.id.clone(),
        citation: document.citation.clone(),
        pinpoint: pinpoint.to_owned(),
    }
}

fn reason(tariff: &Tariff, cause: Cause) -> (pb::RejectionReason, String) {
    use pb::RejectionReason as Reason;
    let reason = match cause {
        Cause::NotStanding(StandingCause::NotYetInForce(_)) => Reason::NotYetInForce,
        Cause::NotStanding(StandingCause::NoLongerInForce) => Reason::NoLongerInForce,
        Cause::NotStanding(StandingCause::Announced) => Reason::Announced,
        Cause::NotStanding(StandingCause::Suspended) => Reason::Suspended,
        Cause::NotStanding(StandingCause::Voided) => Reason::Voided,
        Cause::NotLower => Reason::NotLower,
        Cause::SwitchedOff { by, .. } => {
            return (Reason::SwitchedOff, by.heading(tariff).to_owned());
        }
        Cause::ElectionNotMade => Reason::ElectionNotMade,
        Cause::ConditionNotMet(_) | Cause::NotEligible | Cause::NotOnThisReading => {
            Reason::ConditionNotMet
        }
        Cause::QuotaExhausted(_) => Reason::QuotaExhausted,
    };
    (reason, String::new())
}

pub(super) fn charge_kind(kind: ChargeKind) -> i32 {
    match kind {
        ChargeKind::Duty => pb::ChargeKind::Duty,
        ChargeKind::Fee => pb::ChargeKind::Fee,
        ChargeKind::Tax => pb::ChargeKind::Tax,
        ChargeKind::Credit => pb::ChargeKind::Credit,
    }
    .into()
}

pub(super) fn confidence(confidence: Confidence) -> i32 {
    match confidence {
        Confidence::OfficialText => pb::Confidence::OfficialText,
        Confidence::Summary => pb::Confidence::Summary,
        Confidence::Secondary => pb::Confidence::Secondary,
        Confidence::Memory => pb::Confidence::Memory,
    }
    .into()
}
