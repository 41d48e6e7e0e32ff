//! Measures as they are written, whatever the goods and the day.

use crate::app::HeldLaw;
use crate::grpc::convert::duty_response::document;
use crate::grpc::convert::provision::{charge_kind, citation, confidence};
use crate::grpc::convert::scalar::date_message;
use crate::grpc::convert::schedule_response::importer_name;
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{Citation, Document, Exclusion, MeasureIndex, Programme, RegionSet};
use jiff::civil::Date;

/// Tells measures of one law by what was published up to a day.
pub struct MeasureTeller<'a> {
    law: &'a HeldLaw,
    known_at: Date,
}

impl<'a> MeasureTeller<'a> {
    pub fn new(law: &'a HeldLaw, known_at: Option<Date>) -> Self {
        Self { law, known_at: known_at.unwrap_or(Date::MAX) }
    }

    pub fn measure(&self, index: MeasureIndex) -> pb::Measure {
        let tariff = self.law.tariff.as_ref();
        let measure = &tariff.measures[index];
        let every_origin = measure.origins == RegionSet::ALL;
        let states = measure.history.periods().iter();
        pb::Measure {
            name: format!("{}/measures/{}", importer_name(self.law), measure.id),
            heading: measure.heading.clone(),
            title: measure.title.clone(),
            programme: Some(programme(tariff.programme_of(measure))),
            rate: measure.rate_text.clone(),
            base_rule: measure.base.text(tariff),
            goods_codes: measure.goods.covered().iter().map(ToString::to_string).collect(),
            excepted_goods_codes: measure
                .goods
                .excepted()
                .iter()
                .map(ToString::to_string)
                .collect(),
            origin_region_codes: if every_origin {
                Vec::new()
            } else {
                measure.origins.iter().map(|region| region.to_string()).collect()
            },
            every_origin,
            conditions: measure
                .conditions
                .iter()
                .map(|condition| condition.requirement(tariff))
                .collect(),
            states: states
                .filter(|period| self.was_out(&period.document))
                .map(|period| pb::MeasureState {
                    state: period.state.to_string(),
                    from: Some(date_message(period.from)),
                    to: period.to.map(date_message),
                    document: Some(document(&period.document)),
                })
                .collect(),
            excluded_by: tariff.exclusions_of[index]
                .iter()
                .map(|place| &tariff.exclusions[*place])
                .filter(|exclusion| self.was_out(&exclusion.document))
                .map(|exclusion| pb::Exclusion { by: self.by(exclusion), ..stated(exclusion) })
                .collect(),
            excludes: tariff
                .exclusions
                .iter()
                .enumerate()
                .filter(|(_, exclusion)| exclusion.by.contains(index))
                .filter(|(_, exclusion)| self.was_out(&exclusion.document))
                .map(|(place, exclusion)| pb::Exclusion { of: self.of(place), ..stated(exclusion) })
                .collect(),
            citations: self.citations(&measure.citations),
            confidence: confidence(measure.confidence),
            note: measure.known_note(self.known_at).to_owned(),
        }
    }

    fn was_out(&self, document: &Document) -> bool {
        document.published <= self.known_at
    }

    fn citations(&self, cited: &[Citation]) -> Vec<pb::Citation> {
        let out = cited.iter().filter(|cited| self.was_out(&cited.document));
        out.map(|cited| citation(&cited.document, &cited.pinpoint)).collect()
    }

    fn by(&self, exclusion: &Exclusion) -> Vec<String> {
        let tariff = &self.law.tariff;
        let measures = exclusion.by.iter().map(|index| tariff.measures[index].id.clone());
        let preferences = exclusion
            .by_preferences
            .iter()
            .map(|index| format!("preference:{}", tariff.preferences[*index].symbol));
        measures.chain(preferences).collect()
    }

    fn of(&self, exclusion: usize) -> Vec<String> {
        let tariff = &self.law.tariff;
        tariff.excluded_by(exclusion).map(|index| tariff.measures[index].id.clone()).collect()
    }
}

/// What an exclusion says, but for the measures it is between.
fn stated(exclusion: &Exclusion) -> pb::Exclusion {
    pb::Exclusion {
        exclusion_id: exclusion.id.clone(),
        from: Some(date_message(exclusion.from)),
        to: exclusion.to.map(date_message),
        contested: exclusion.contested,
        document: Some(document(&exclusion.document)),
        ..pb::Exclusion::default()
    }
}

fn programme(programme: &Programme) -> pb::Programme {
    pb::Programme {
        programme_id: programme.id.clone(),
        title: programme.title.clone(),
        authority: programme.authority.clone(),
        kind: charge_kind(programme.kind),
        recoverable: programme.recoverable,
        falls_on_local_goods: programme.local,
        rounding: programme.rounding.to_string(),
    }
}
