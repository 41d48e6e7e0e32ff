//! `portolan schedule list`, `show`, `search` and `diff`: the answers of the
//! `ScheduleService`, given here over schedules on this machine.

use super::duty_client::told;
use super::flag_values::date_message;
use super::proto_json::to_json;
use super::schedule_tables::{differences, lines, measures, schedules};
use super::{Failure, print, runtime};
use crate::app::ScheduleDesk;
use crate::grpc::{AwaitedScheduleDesk, FaultLimits, ScheduleApi};
use crate::proto::portolan::tariff::v1 as pb;
use crate::proto::portolan::tariff::v1::schedule_service_server::ScheduleService;
use crate::store::{load_schedules, schedule_in};
use clap::Args;
use jiff::civil::Date;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tonic::Request;

/// Most elements of a page.
const MOST: i32 = 1000;
/// Most faults of a request told.
const MOST_FAULTS: FaultLimits = FaultLimits { count: 100, bytes: usize::MAX };

#[derive(Debug, Args)]
pub(super) struct List {
    /// Folder of schedules of your own, beside the bundled ones.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Prints the answer as proto-JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Held {
    /// Folder of schedules of your own, beside the bundled ones.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Schedule, by its id.
    #[arg(long, value_name = "ID", default_value = "vehicles")]
    schedule: String,
    /// Importing customs territory.
    #[arg(long, value_name = "REGION", default_value = "US")]
    importer: String,
    /// Lines of the day; the last day verified if not given.
    #[arg(long, value_name = "DATE")]
    on: Option<Date>,
    /// Prints the answer as proto-JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
With --on only the measures in force on the day are shown, with --known-at the law as
published up to a day.

  portolan schedule show 8703.23.01 --on 2025-05-15 --known-at 2025-05-15")]
pub(super) struct Show {
    /// Goods code, or the beginning of one: `8703.23`.
    #[arg(value_name = "CODE")]
    code: String,
    /// Law as published up to this day.
    #[arg(long, value_name = "DATE")]
    known_at: Option<Date>,
    /// Only measures whose origins hold the region.
    #[arg(long, value_name = "REGION")]
    origin: Option<String>,
    #[command(flatten)]
    at: Held,
}

#[derive(Debug, Args)]
pub(super) struct Search {
    /// Words, or the beginning of a code.
    #[arg(value_name = "WORDS", required = true)]
    words: Vec<String>,
    /// Most lines shown.
    #[arg(long, value_name = "NUMBER", default_value_t = 50,
        value_parser = clap::value_parser!(i32).range(1..=1000))]
    limit: i32,
    #[command(flatten)]
    at: Held,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Each is the id of a bundled schedule or a folder that holds one; a folder is written
with a slash: `./own`.

  portolan schedule diff vehicles schedules/own")]
pub(super) struct Diff {
    /// Compared with.
    #[arg(value_name = "FROM")]
    from: String,
    /// Compared.
    #[arg(value_name = "TO")]
    to: String,
    /// Prints the answer as proto-JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn list(arguments: &List) -> Result<(), Failure> {
    let api = api(held(arguments.folder.as_deref())?);
    let answer = runtime()?.block_on(async {
        let mut answer = pb::ListSchedulesResponse::default();
        let mut page_token = String::new();
        loop {
            let request = pb::ListSchedulesRequest { page_size: MOST, page_token };
            let page = api.list_schedules(Request::new(request)).await;
            let page = page.map_err(|status| told(&status))?.into_inner();
            answer.schedules.extend(page.schedules);
            answer.total_size = page.total_size;
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok::<_, Failure>(answer);
            }
        }
    })?;
    if arguments.json {
        print(&to_json("portolan.tariff.v1.ListSchedulesResponse", &answer)?)?;
    } else {
        print(&schedules(&answer.schedules))?;
    }
    Ok(())
}

pub(super) fn show(arguments: &Show) -> Result<(), Failure> {
    let at = &arguments.at;
    let api = api(held(at.folder.as_deref())?);
    let (found, applied) = runtime()?.block_on(async {
        let found = find_lines(&api, at, &arguments.code, MOST).await?;
        Ok::<_, Failure>((found, find_measures(&api, arguments).await?))
    })?;
    if at.json {
        let as_value =
            |text: String| serde_json::from_str::<Value>(&text).map_err(|error| error.to_string());
        let lines = as_value(to_json("portolan.tariff.v1.SearchGoodsResponse", &found)?)?;
        let measures = as_value(to_json("portolan.tariff.v1.ListMeasuresResponse", &applied)?)?;
        return print(&format!("{:#}", json!({ "goods": lines, "measures": measures })));
    }
    print(&lines(&found))?;
    print(&measures(&applied))?;
    Ok(())
}

pub(super) fn search(arguments: &Search) -> Result<(), Failure> {
    let at = &arguments.at;
    let api = api(held(at.folder.as_deref())?);
    let query = arguments.words.join(" ");
    let found = runtime()?.block_on(find_lines(&api, at, &query, arguments.limit))?;
    if at.json {
        print(&to_json("portolan.tariff.v1.SearchGoodsResponse", &found)?)?;
    } else {
        print(&lines(&found))?;
    }
    Ok(())
}

pub(super) fn diff(arguments: &Diff) -> Result<(), Failure> {
    let bundled = held(None)?;
    // A folder is written as a path: an id never turns into one by where the command is run.
    let one = |text: &str| -> Result<(String, Option<ScheduleDesk>), Failure> {
        if !text.contains('/') {
            return Ok((format!("schedules/{text}"), None));
        }
        let schedule = schedule_in(Path::new(text)).map_err(|error| error.to_string())?;
        Ok((schedule.name.clone(), Some(ScheduleDesk::new([Arc::new(schedule)]))))
    };
    let (from, from_folder) = one(&arguments.from)?;
    let (to, to_folder) = one(&arguments.to)?;
    // A bundled schedule is named by its revision: a folder may hold another of its id.
    let exact = |name: String| {
        let id = name.strip_prefix("schedules/").unwrap_or(&name);
        let known = bundled.schedules().iter().find(|schedule| schedule.id == id);
        known.map_or(name.clone(), |schedule| schedule.name.clone())
    };
    let (from, to) = (exact(from), exact(to));
    let desks = [Some(bundled.clone()), from_folder, to_folder];
    let all = desks.iter().flatten().flat_map(|desk| desk.schedules().iter().cloned());
    let api = api(ScheduleDesk::new(all));
    let answer = runtime()?.block_on(async {
        let mut answer = pb::DiffSchedulesResponse::default();
        let mut page_token = String::new();
        loop {
            let (from, to) = (from.clone(), to.clone());
            let request = pb::DiffSchedulesRequest { from, to, page_size: MOST, page_token };
            let page = api.diff_schedules(Request::new(request)).await;
            let page = page.map_err(|status| told(&status))?.into_inner();
            answer.differences.extend(page.differences);
            answer.total_size = page.total_size;
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return Ok::<_, Failure>(answer);
            }
        }
    })?;
    if arguments.json {
        print(&to_json("portolan.tariff.v1.DiffSchedulesResponse", &answer)?)?;
    } else {
        print(&format!("{from} -> {to}\n{}", differences(&answer.differences)))?;
    }
    Ok(())
}

fn held(folder: Option<&Path>) -> Result<ScheduleDesk, Failure> {
    let schedules = load_schedules(folder).map_err(|error| error.to_string())?;
    Ok(ScheduleDesk::new(schedules.into_values().map(Arc::new)))
}

fn api(desk: ScheduleDesk) -> ScheduleApi {
    ScheduleApi::new(AwaitedScheduleDesk::new(desk.into()), MOST_FAULTS)
}

impl Held {
    fn parent(&self) -> String {
        format!("schedules/{}/importers/{}", self.schedule, self.importer)
    }
}

/// The first lines a query finds.
async fn find_lines(
    api: &ScheduleApi,
    at: &Held,
    query: &str,
    most: i32,
) -> Result<pb::SearchGoodsResponse, Failure> {
    let request = pb::SearchGoodsRequest {
        parent: at.parent(),
        query: query.to_owned(),
        on: at.on.map(date_message),
        page_size: most,
        page_token: String::new(),
    };
    let found = api.search_goods(Request::new(request)).await;
    Ok(found.map_err(|status| told(&status))?.into_inner())
}

/// All measures that concern the code.
async fn find_measures(
    api: &ScheduleApi,
    arguments: &Show,
) -> Result<pb::ListMeasuresResponse, Failure> {
    let mut request = pb::ListMeasuresRequest {
        parent: arguments.at.parent(),
        goods_code: arguments.code.clone(),
        origin_region_code: arguments.origin.clone().unwrap_or_default(),
        in_force_on: arguments.at.on.map(date_message),
        known_at: arguments.known_at.map(date_message),
        page_size: MOST,
        ..pb::ListMeasuresRequest::default()
    };
    let mut answer = pb::ListMeasuresResponse::default();
    loop {
        let page = api.list_measures(Request::new(request.clone())).await;
        let page = page.map_err(|status| told(&status))?.into_inner();
        answer.measures.extend(page.measures);
        answer.total_size = page.total_size;
        request.page_token = page.next_page_token;
        if request.page_token.is_empty() {
            return Ok(answer);
        }
    }
}
