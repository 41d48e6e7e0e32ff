//! What `portolan duty` is asked: requests in files, or one line in flags.

use super::Failure;
use super::proto_json::from_json;
use crate::money::Money;
use crate::proto::google::r#type as google;
use crate::proto::portolan::tariff::v1 as pb;
use clap::Args;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
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
    /// Server to ask.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:50051")]
    pub address: String,
    /// Prints the answers as proto-JSON.
    #[arg(long)]
    pub json: bool,
    /// Entry date; given several times, one request each.
    #[arg(long = "entry-date", value_name = "DATE")]
    entry_dates: Vec<Date>,
    /// Law as published up to this day.
    #[arg(long, value_name = "DATE")]
    known_at: Option<Date>,
    /// Importing customs territory.
    #[arg(long, value_name = "REGION", default_value = "US")]
    importer: String,
    /// National goods code: `8703.23.01`.
    #[arg(long, value_name = "CODE")]
    code: Option<String>,
    /// Country of origin; given several times, one request each.
    #[arg(long = "origin", value_name = "REGION")]
    origins: Vec<String>,
    /// Price at the port of export: `30000 USD`.
    #[arg(long, value_name = "MONEY", requires = "code")]
    value: Option<Money>,
    /// International freight: `1150 USD`.
    #[arg(long, value_name = "MONEY", requires = "code")]
    freight: Option<Money>,
    /// Number of articles.
    #[arg(long, value_name = "NUMBER", requires = "code")]
    quantity: Option<Decimal>,
    /// Preference claimed, by its symbol: `S`.
    #[arg(long, value_name = "SYMBOL", requires = "code")]
    preference: Option<String>,
    /// Quota entered under; may be repeated.
    #[arg(long = "quota", value_name = "ID", requires = "code")]
    quotas: Vec<String>,
    /// Statement made or approval held; may be repeated.
    #[arg(long = "certification", value_name = "ID", requires = "code")]
    certifications: Vec<String>,
    /// A fact: `build-year=1999`, `us-content='15075 USD'`, `medium-or-heavy-duty=true`.
    #[arg(long = "fact", value_name = "ID=VALUE", requires = "code")]
    facts: Vec<String>,
}

/// A request and where it stands in a matrix.
pub(super) struct Asked {
    pub row: String,
    pub column: String,
    pub request: pb::CalculateDutyRequest,
}

impl DutyArguments {
    /// The requests, in order.
    pub fn requests(&self) -> Result<Vec<Asked>, Failure> {
        let mut asked = Vec::new();
        for (name, request) in self.bases()? {
            let origins: Vec<Option<&String>> = optional(&self.origins);
            let dates: Vec<Option<&Date>> = optional(&self.entry_dates);
            for origin in origins {
                for date in &dates {
                    let mut request = request.clone();
                    let entry = request.entry.get_or_insert_default();
                    if let Some(date) = date {
                        entry.entry_date = Some(date_message(**date));
                    }
                    for goods in entry.lines.iter_mut().filter_map(|line| line.goods.as_mut()) {
                        if let Some(origin) = origin {
                            goods.origin_region_code.clone_from(origin);
                        }
                    }
                    if let Some(day) = self.known_at {
                        request.known_at = Some(date_message(day));
                    }
                    asked.push(Asked {
                        row: origin.unwrap_or(&name).clone(),
                        column: date.map(ToString::to_string).unwrap_or_default(),
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
        if self.code.is_some() {
            return Ok(vec![(String::new(), self.request_of_flags()?)]);
        }
        if self.files.is_empty() {
            return Err(
                "give a request file, or --code, --origin, --value and --entry-date".to_owned()
            );
        }
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            let request = from_json("portolan.tariff.v1.CalculateDutyRequest", &text)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            Ok((name, request))
        };
        self.files.iter().map(read).collect()
    }

    fn request_of_flags(&self) -> Result<pb::CalculateDutyRequest, Failure> {
        let facts = self.facts.iter().map(|text| fact(text)).collect::<Result<_, _>>()?;
        Ok(pb::CalculateDutyRequest {
            entry: Some(pb::Entry {
                importer_region_code: self.importer.clone(),
                lines: vec![pb::EntryLine {
                    line_id: "1".to_owned(),
                    goods: Some(pb::Goods {
                        goods_code: self.code.clone().unwrap_or_default(),
                        transaction_value: self.value.map(money_message).transpose()?,
                        freight: self.freight.map(money_message).transpose()?,
                        quantities: self
                            .quantity
                            .iter()
                            .map(|amount| pb::Quantity {
                                amount: Some(google::Decimal { value: amount.to_string() }),
                                unit_code: "NAR".to_owned(),
                            })
                            .collect(),
                        facts,
                        ..pb::Goods::default()
                    }),
                    elections: Some(pb::Elections {
                        preference_symbol: self.preference.clone().unwrap_or_default(),
                        certification_ids: self.certifications.clone(),
                        quota_ids: self.quotas.clone(),
                        ..pb::Elections::default()
                    }),
                }],
                ..pb::Entry::default()
            }),
            ..pb::CalculateDutyRequest::default()
        })
    }
}

fn optional<T>(list: &[T]) -> Vec<Option<&T>> {
    if list.is_empty() { vec![None] } else { list.iter().map(Some).collect() }
}

fn fact(text: &str) -> Result<pb::Fact, Failure> {
    let (id, value) =
        text.split_once('=').ok_or_else(|| format!("--fact {text}: write ID=VALUE"))?;
    let value = if let Ok(truth) = value.parse() {
        pb::fact::Value::Truth(truth)
    } else if let Ok(content) = value.parse::<Money>() {
        pb::fact::Value::Content(money_message(content)?)
    } else {
        pb::fact::Value::Number(google::Decimal { value: value.to_owned() })
    };
    Ok(pb::Fact { fact_id: id.to_owned(), value: Some(value) })
}

pub(super) fn date_message(date: Date) -> google::Date {
    google::Date { year: date.year().into(), month: date.month().into(), day: date.day().into() }
}

fn money_message(money: Money) -> Result<google::Money, Failure> {
    let too_large = || format!("{money} is too large or too precise");
    let units = money.amount().trunc();
    let nanos = (money.amount() - units)
        .checked_mul(Decimal::from(1_000_000_000))
        .filter(|nanos| nanos.fract().is_zero())
        .ok_or_else(too_large)?;
    Ok(google::Money {
        currency_code: money.currency().code().to_owned(),
        units: units.to_i64().ok_or_else(too_large)?,
        nanos: nanos.to_i32().ok_or_else(too_large)?,
    })
}
