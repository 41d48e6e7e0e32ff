//! Writes schedules, quotas, tariff lines and differences.

use crate::app::HeldLaw;
use crate::grpc::convert::provision::{citation, confidence};
use crate::grpc::convert::scalar::{date_message, decimal_message};
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{
    DifferenceKind, QuotaIndex, Schedule, ScheduleDifference, Tariff, TariffLine, Valuation,
};

pub fn schedule(schedule: &Schedule) -> pb::Schedule {
    pb::Schedule {
        name: schedule.name.clone(),
        title: schedule.title.clone(),
        as_of: Some(date_message(schedule.as_of)),
        importers: schedule.tariffs.values().map(|tariff| importer(schedule, tariff)).collect(),
    }
}

fn importer(schedule: &Schedule, tariff: &Tariff) -> pb::Importer {
    pb::Importer {
        name: name_within(schedule, tariff),
        region_code: tariff.region.to_string(),
        title: tariff.title.clone(),
        currency_code: tariff.currency.to_string(),
        valued_at_cif: tariff.valuation == Valuation::Cif,
        law_from: Some(date_message(tariff.law_from)),
        law_verified_to: Some(date_message(tariff.law_verified_to)),
        remark: tariff.remark.clone(),
        lines: count(tariff.lines.len()),
        measures: count(tariff.measures.len()),
        quotas: count(tariff.quotas.len()),
        documents: count(tariff.documents.len()),
        member_region_codes: tariff.members.iter().map(|region| region.to_string()).collect(),
        least_confidence: tariff.least_confidence().map(confidence).unwrap_or_default(),
    }
}

/// Name of an importer's law: `schedules/vehicles@3f2a9c41d0b7/importers/US`.
pub fn importer_name(law: &HeldLaw) -> String {
    name_within(&law.schedule, &law.tariff)
}

fn name_within(schedule: &Schedule, tariff: &Tariff) -> String {
    format!("{}/importers/{}", schedule.name, tariff.region)
}

pub fn quota(law: &HeldLaw, index: QuotaIndex) -> pb::Quota {
    let quota = &law.tariff.quotas[index];
    let importer = importer_name(law);
    let cited = quota.citations.iter();
    pb::Quota {
        name: format!("{importer}/quotas/{}", quota.id),
        title: quota.title.clone(),
        unit_code: quota.unit.to_string(),
        periods: quota
            .periods
            .iter()
            .map(|period| pb::QuotaPeriod {
                from: Some(date_message(period.from)),
                to: Some(date_message(period.to)),
                volume: Some(decimal_message(period.volume)),
                carried_from: period.carry_from.iter().copied().map(date_message).collect(),
            })
            .collect(),
        measures: law
            .users_of(index)
            .map(|measure| format!("{importer}/measures/{}", measure.id))
            .collect(),
        citations: cited.map(|cited| citation(&cited.document, &cited.pinpoint)).collect(),
    }
}

pub fn tariff_line(line: &TariffLine) -> pb::TariffLine {
    pb::TariffLine {
        goods_code: line.code.to_string(),
        description: line.description.clone(),
        general_rate: line.general.to_string(),
        special_rate: line.special_text.clone(),
        column_2_rate: line.column_2.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

pub fn difference(difference: &ScheduleDifference) -> pb::ScheduleDifference {
    pb::ScheduleDifference {
        importer_region_code: difference.importer.to_string(),
        item: difference.item.to_owned(),
        id: difference.id.clone(),
        kind: match difference.kind {
            DifferenceKind::Added => pb::DifferenceKind::Added,
            DifferenceKind::Removed => pb::DifferenceKind::Removed,
            DifferenceKind::Changed => pb::DifferenceKind::Changed,
        }
        .into(),
        fields: difference
            .fields
            .iter()
            .map(|(field, before, after)| pb::FieldDifference {
                field: (*field).to_owned(),
                before: before.clone(),
                after: after.clone(),
            })
            .collect(),
    }
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
