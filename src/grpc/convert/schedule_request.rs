//! Reads questions about schedules, gathering every fault with its path.

use crate::app::{GoodsQuestion, ImporterKey, MeasuresQuestion, ScheduleKey};
use crate::grpc::convert::field_path::FieldPath;
use crate::grpc::convert::scalar::{Fault, Faults, LONGEST_ID, date, id, missing, parsed};
use crate::grpc::convert::schedule_page::PageAsked;
use crate::proto::portolan::tariff::v1 as pb;
use crate::tariff::{EntryFault, GoodsCode};

/// Longest resource name read.
const LONGEST_NAME: usize = 400;
/// Longest query read.
const LONGEST_QUERY: usize = 200;

/// What a request asks, its page, and the faults found in it.
pub type Read<Q> = (Q, PageAsked, Vec<EntryFault>);

pub fn schedules_page(request: &pb::ListSchedulesRequest) -> (PageAsked, Vec<EntryFault>) {
    let mut faults = Faults::default();
    let page = PageAsked::read(request.page_size, &request.page_token, &mut faults);
    (page, faults.0)
}

/// The name of a schedule in a field.
pub fn schedule_named(field: &str, name: &str) -> (Option<ScheduleKey>, Vec<EntryFault>) {
    let mut faults = Faults::default();
    let key = faults.check(&FieldPath::ROOT.field(field), schedule_key(name));
    (key, faults.0)
}

/// A name beneath an importer: `.../measures/ID`.
pub fn provision_named(
    collection: &str,
    name: &str,
) -> (Option<(ImporterKey, String)>, Vec<EntryFault>) {
    let mut faults = Faults::default();
    let key = provision_key(collection, name);
    let key = faults.check(&FieldPath::ROOT.field("name"), key);
    (key, faults.0)
}

pub fn measures_question(request: &pb::ListMeasuresRequest) -> Read<MeasuresQuestion> {
    let mut faults = Faults::default();
    let at = |name: &'static str| FieldPath::ROOT.field(name);
    let importer = faults.check(&at("parent"), importer_key(&request.parent));
    let stated = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let goods = stated(&request.goods_code).and_then(|code| {
        let code =
            GoodsCode::prefix(&code).map_err(|error| Fault::new("MALFORMED_GOODS_CODE", error));
        faults.check(&at("goods_code"), code)
    });
    let origin = stated(&request.origin_region_code).and_then(|origin| {
        faults.check(&at("origin_region_code"), parsed(&origin, "UNKNOWN_REGION"))
    });
    let programme = stated(&request.programme_id)
        .and_then(|stated| faults.check(&at("programme_id"), id(&stated, LONGEST_ID)));
    let mut day = |name, stated: Option<crate::proto::google::r#type::Date>| {
        stated.and_then(|stated| faults.check(&at(name), date(stated)))
    };
    let in_force_on = day("in_force_on", request.in_force_on);
    let known_at = day("known_at", request.known_at);
    let page = PageAsked::read(request.page_size, &request.page_token, &mut faults);
    let question = MeasuresQuestion { importer, goods, origin, programme, in_force_on, known_at };
    (question, page, faults.0)
}

pub fn quotas_question(request: &pb::ListQuotasRequest) -> Read<Option<ImporterKey>> {
    let mut faults = Faults::default();
    let importer = faults.check(&FieldPath::ROOT.field("parent"), importer_key(&request.parent));
    let page = PageAsked::read(request.page_size, &request.page_token, &mut faults);
    (importer, page, faults.0)
}

pub fn goods_question(request: &pb::SearchGoodsRequest) -> Read<GoodsQuestion> {
    let mut faults = Faults::default();
    let at = |name: &'static str| FieldPath::ROOT.field(name);
    let importer = faults.check(&at("parent"), importer_key(&request.parent));
    let query = faults.check(&at("query"), id(&request.query, LONGEST_QUERY));
    let on = request.on.and_then(|day| faults.check(&at("on"), date(day)));
    let page = PageAsked::read(request.page_size, &request.page_token, &mut faults);
    (GoodsQuestion { importer, query, on }, page, faults.0)
}

/// Two schedules, the earlier first.
pub fn schedule_pair(
    request: &pb::DiffSchedulesRequest,
) -> Read<(Option<ScheduleKey>, Option<ScheduleKey>)> {
    let mut faults = Faults::default();
    let from = faults.check(&FieldPath::ROOT.field("from"), schedule_key(&request.from));
    let to = faults.check(&FieldPath::ROOT.field("to"), schedule_key(&request.to));
    let page = PageAsked::read(request.page_size, &request.page_token, &mut faults);
    ((from, to), page, faults.0)
}

fn schedule_key(name: &str) -> Result<ScheduleKey, Fault> {
    let named = || {
        let id = checked(name)?.strip_prefix("schedules/")?;
        let (id, revision) = match id.split_once('@') {
            Some((id, revision)) => (id, Some(revision)),
            None => (id, None),
        };
        let plain = |part: &str| !part.is_empty() && !part.contains(['/', '@']);
        (plain(id) && revision.is_none_or(plain))
            .then(|| ScheduleKey { id: id.to_owned(), revision: revision.map(str::to_owned) })
    };
    read(name, named(), "schedules/vehicles")
}

fn importer_key(name: &str) -> Result<ImporterKey, Fault> {
    let named = || {
        let (schedule, region) = checked(name)?.split_once("/importers/")?;
        let region = region.parse().ok()?;
        Some(ImporterKey { schedule: schedule_key(schedule).ok()?, region })
    };
    read(name, named(), "schedules/vehicles/importers/US")
}

fn provision_key(collection: &str, name: &str) -> Result<(ImporterKey, String), Fault> {
    let named = || {
        let (importer, id) = checked(name)?.split_once(&format!("/{collection}/"))?;
        let importer = importer_key(importer).ok()?;
        (!id.is_empty()).then(|| (importer, id.to_owned()))
    };
    read(name, named(), &format!("schedules/vehicles/importers/US/{collection}/ID"))
}

/// A name no longer than names are.
fn checked(name: &str) -> Option<&str> {
    (name.len() <= LONGEST_NAME).then_some(name)
}

fn read<T>(name: &str, key: Option<T>, example: &str) -> Result<T, Fault> {
    if name.is_empty() {
        return Err(missing());
    }
    key.ok_or_else(|| {
        let told: String = name.chars().take(LONGEST_ID).collect();
        Fault::new("MALFORMED_NAME", format!("`{told}` is not a name such as `{example}`"))
    })
}
