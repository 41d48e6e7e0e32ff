//! What `portolan duty` is asked: requests in files, or one line in flags.

use super::Failure;
use super::duty_client::ServerArguments;
use super::flag_values::date;
use super::goods_arguments::GoodsArguments;
use super::proto_json::read_json;
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use clap::Args;
use std::path::PathBuf;

/// Most requests one command sends: files times origins times dates.
const MOST_REQUESTS: usize = 1000;

#[derive(Debug, Args)]
#[command(after_help = "\
One request prints its full explanation; several origins or dates print a matrix.

  portolan duty examples/japan-car-may-2025.json
  portolan duty --code 8703.23.01 --value '30000 USD' --origin JP --origin GB \\
      --entry-date 2025-05-15 --entry-date 2025-09-16")]
pub(super) struct DutyArguments {
    /// Requests as proto-JSON (`CalculateDutyRequest`).
    #[arg(value_name = "REQUEST.json", conflicts_with = "code")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    pub server: ServerArguments,
    /// Prints the answers as proto-JSON.
    #[arg(long)]
    pub json: bool,
    /// Entry date; given several times, one request each.
    #[arg(long = "entry-date", value_name = "DATE", value_parser = date)]
    entry_dates: Vec<google::Date>,
    /// Law as published up to this day.
    #[arg(long, value_name = "DATE", value_parser = date)]
    known_at: Option<google::Date>,
    /// Country of origin; given several times, one request each.
    #[arg(long = "origin", value_name = "REGION")]
    origins: Vec<String>,
    #[command(flatten)]
    goods: GoodsArguments,
}

/// A request and where it stands in a matrix.
pub(super) struct Asked {
    pub row: String,
    pub column: Option<google::Date>,
    pub request: pb::CalculateDutyRequest,
}

impl DutyArguments {
    /// The requests, in order.
    pub fn requests(&self) -> Result<Vec<Asked>, Failure> {
        let mut asked = Vec::new();
        for (name, request) in self.bases()? {
            let origins: Vec<Option<&String>> = optional(&self.origins);
            let dates: Vec<Option<&google::Date>> = optional(&self.entry_dates);
            for origin in origins {
                for date in &dates {
                    let mut request = request.clone();
                    let entry = request.entry.get_or_insert_default();
                    entry.entry_date = date.copied().or(entry.entry_date);
                    for goods in entry.lines.iter_mut().filter_map(|line| line.goods.as_mut()) {
                        if let Some(origin) = origin {
                            goods.origin_region_code.clone_from(origin);
                        }
                    }
                    request.known_at = self.known_at.or(request.known_at);
                    asked.push(Asked {
                        row: origin.unwrap_or(&name).clone(),
                        column: date.copied(),
                        request,
                    });
                    if asked.len() > MOST_REQUESTS {
                        return Err(format!("more than {MOST_REQUESTS} requests"));
                    }
                }
            }
        }
        Ok(asked)
    }

    fn bases(&self) -> Result<Vec<(String, pb::CalculateDutyRequest)>, Failure> {
        if self.goods.given() {
            let request = pb::CalculateDutyRequest {
                entry: Some(self.goods.entry("")),
                world_state: Some(self.goods.world_state()),
                ..pb::CalculateDutyRequest::default()
            };
            return Ok(vec![(String::new(), request)]);
        }
        if self.files.is_empty() {
            return Err(
                "give a request file, or --code, --origin, --value and --entry-date".to_owned()
            );
        }
        let read = |path: &PathBuf| {
            let request = read_json("portolan.tariff.v1.CalculateDutyRequest", path)?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Ok((name, request))
        };
        self.files.iter().map(read).collect()
    }
}

fn optional<T>(list: &[T]) -> Vec<Option<&T>> {
    if list.is_empty() { vec![None] } else { list.iter().map(Some).collect() }
}
