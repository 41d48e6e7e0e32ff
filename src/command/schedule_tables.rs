//! What schedules hold as tables for a terminal.

use super::cells::{cited, day, letter, right, table};
use crate::proto::portolan::tariff::v1 as pb;

pub(super) fn schedules(schedules: &[pb::Schedule]) -> String {
    let mut shown = table();
    shown.set_header([
        "schedule",
        "importer",
        "law from",
        "verified to",
        "lines",
        "measures",
        "quotas",
        "documents",
        "least sure",
    ]);
    for schedule in schedules {
        for importer in &schedule.importers {
            shown.add_row([
                format!("{}\n{}", schedule.name, schedule.title),
                format!("{} {}", importer.region_code, importer.title),
                day(importer.law_from.as_ref()),
                day(importer.law_verified_to.as_ref()),
                importer.lines.to_string(),
                importer.measures.to_string(),
                importer.quotas.to_string(),
                importer.documents.to_string(),
                letter(importer.least_confidence()).to_owned(),
            ]);
        }
    }
    right(&mut shown, &[4, 5, 6, 7]);
    shown.to_string()
}

pub(super) fn lines(found: &pb::SearchGoodsResponse) -> String {
    if found.lines.is_empty() {
        return "No tariff line is held.".to_owned();
    }
    let mut shown = table();
    shown.set_header(["code", "description", "general", "special", "column 2"]);
    for line in &found.lines {
        shown.add_row([
            &line.goods_code,
            &line.description,
            &line.general_rate,
            &line.special_rate,
            &line.column_2_rate,
        ]);
    }
    if found.next_page_token.is_empty() {
        return shown.to_string();
    }
    format!("{shown}\nThe first {} of {} lines.", found.lines.len(), found.total_size)
}

pub(super) fn measures(found: &pb::ListMeasuresResponse) -> String {
    if found.measures.is_empty() {
        return "No measure is held.".to_owned();
    }
    let mut shown = table();
    shown.set_header(["measure", "under", "rate", "origins", "needs", "states", "source"]);
    for measure in &found.measures {
        let programme = measure.programme.clone().unwrap_or_default();
        let states: Vec<String> = measure.states.iter().map(state).collect();
        shown.add_row([
            format!("{}\n{}", measure.heading, measure.title),
            programme.title,
            format!("{} of {}", measure.rate, measure.base_rule),
            origins(measure),
            measure.conditions.join(" "),
            states.join("\n"),
            format!("{} [{}]", cited(&measure.citations), letter(measure.confidence())),
        ]);
    }
    shown.to_string()
}

fn state(state: &pb::MeasureState) -> String {
    let to = match &state.to {
        Some(_) => format!(" to {}", day(state.to.as_ref())),
        None => String::new(),
    };
    let document = state.document.clone().unwrap_or_default();
    format!("{} from {}{to}: {}", state.state, day(state.from.as_ref()), document.citation)
}

/// Origins as a few codes, or as the many they are.
fn origins(measure: &pb::Measure) -> String {
    const FEW: usize = 8;
    let codes = &measure.origin_region_codes;
    match codes.len() {
        _ if measure.every_origin => "all".to_owned(),
        0..=FEW => codes.join(", "),
        many => format!("{}, ... ({many})", codes[..FEW].join(", ")),
    }
}

pub(super) fn differences(differences: &[pb::ScheduleDifference]) -> String {
    if differences.is_empty() {
        return "No difference.".to_owned();
    }
    let mut shown = table();
    shown.set_header(["importer", "what", "id", "field", "before", "after"]);
    for difference in differences {
        let what = match difference.kind() {
            pb::DifferenceKind::Added => format!("+ {}", difference.item),
            pb::DifferenceKind::Removed => format!("- {}", difference.item),
            _ => format!("  {}", difference.item),
        };
        // Of what is new or gone the fields all stand on one side.
        for (place, field) in difference.fields.iter().enumerate() {
            let first = place == 0;
            let named = |text: &str| if first { text.to_owned() } else { String::new() };
            shown.add_row([
                named(&difference.importer_region_code),
                named(&what),
                named(&difference.id),
                field.field.clone(),
                field.before.clone(),
                field.after.clone(),
            ]);
        }
    }
    format!("{shown}\nDifferences: {}", differences.len())
}
