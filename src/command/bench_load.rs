//! `portolan bench load`: calls at a rate, or as many as a server takes.
//!
//! At a rate, calls are due at fixed times whatever becomes of those before, and their latency
//! counts from when they were due: a server that stalls is not spared the calls that would have
//! come meanwhile ("coordinated omission", Tene 2015). Without a rate, so many callers ask again as
//! soon as they are answered, which measures throughput and no more.

#![allow(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "measurements, not money")]

use super::call::found;
use super::duty_client::{ServerArguments, chain};
use super::{Failure, print, runtime};
use crate::telemetry::status_name;
use clap::Args;
use hdrhistogram::Histogram;
use prost::Message;
use prost_reflect::DynamicMessage;
use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write;
use std::path::PathBuf;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::{Bytes, http::uri::PathAndQuery};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

/// Calls under way at once, at a rate; one that finds as many is told as not sent.
const MOST_UNDER_WAY: usize = 20_000;
/// The longest latency told apart.
const HOUR_IN_MICROS: u64 = 3_600_000_000;
/// Quantiles told.
const QUANTILES: [(&str, f64); 5] =
    [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)];
/// Answers on 1000 lines pass tonic's default of 4 MiB.
const LARGEST_ANSWER: usize = 256 * 1024 * 1024;

#[derive(Debug, Args)]
#[command(after_help = "  portolan bench load examples/japan-car-may-2025.json --rate 2000
  portolan bench load examples/sourcing-two-plants.json \\
      --method portolan.sourcing.v1.SourcingService/OptimizeSourcing --callers 4")]
pub(super) struct Load {
    /// The request, the same for every call, as proto-JSON.
    #[arg(value_name = "REQUEST.json")]
    file: PathBuf,
    #[command(flatten)]
    server: ServerArguments,
    /// Method to call; unary, or a stream of answers.
    #[arg(long, default_value = "portolan.tariff.v1.DutyService/CalculateDuty")]
    method: String,
    /// Calls a second, each due at its time; unset: as many as `--callers` get through.
    #[arg(long, value_name = "CALLS", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// Callers without a rate.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    callers: u32,
    /// Connections that calls are spread over.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    connections: u32,
    /// Seconds.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    duration: u32,
    /// Seconds a call may take.
    #[arg(long, default_value_t = 60)]
    timeout: u32,
    /// Prints figures as JSON on one line.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Load) -> Result<(), Failure> {
    let method = found(&arguments.method)?;
    if method.is_client_streaming() {
        return Err(format!("{} is a stream of requests", arguments.method));
    }
    let at = arguments.file.display();
    let text =
        std::fs::read_to_string(&arguments.file).map_err(|error| format!("{at}: {error}"))?;
    let mut json = serde_json::Deserializer::from_str(&text);
    let message = DynamicMessage::deserialize(method.input(), &mut json)
        .map_err(|error| format!("{at}: {error}"))?;
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let path = PathAndQuery::try_from(path).map_err(|error| error.to_string())?;
    let call = Call {
        path,
        message: message.encode_to_vec().into(),
        timeout: Duration::from_secs(arguments.timeout.into()),
    };
    let figures = runtime()?.block_on(loaded(arguments, call))?;
    print(&if arguments.json { figures.json() } else { figures.table() })
}

#[derive(Clone)]
struct Call {
    path: PathAndQuery,
    message: Bytes,
    timeout: Duration,
}

impl Call {
    /// Calls once and reads the answer to its end; latency counts from `due`.
    async fn made(self, channel: Channel, due: Instant) -> (Result<(), Status>, Duration) {
        let mut client = Grpc::new(channel).max_decoding_message_size(LARGEST_ANSWER);
        let ended = async {
            client.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
            let mut request = Request::new(tokio_stream::once(self.message));
            request.set_timeout(self.timeout);
            let mut answers = client.streaming(request, self.path, Raw).await?.into_inner();
            while answers.message().await?.is_some() {}
            Ok::<_, Status>(())
        };
        (ended.await, due.elapsed())
    }
}

async fn loaded(arguments: &Load, call: Call) -> Result<Figures, Failure> {
    let mut channels = Vec::new();
    for _ in 0..arguments.connections {
        channels.push(arguments.server.channel(call.timeout).await?);
    }
    let began = Instant::now();
    let ends = began + Duration::from_secs(arguments.duration.into());
    let mut figures = Figures::new(arguments.rate)?;
    let mut under_way = JoinSet::new();
    if let Some(rate) = arguments.rate {
        let mut number: u32 = 0;
        loop {
            let due = began + Duration::from_secs(1) * number / rate;
            if due >= ends {
                break;
            }
            sleep_until(due).await;
            while let Some(Ok((ended, took))) = under_way.try_join_next() {
                figures.record(ended, took);
            }
            if under_way.len() >= MOST_UNDER_WAY {
                figures.not_sent += 1;
            } else {
                let channel = channels[number as usize % channels.len()].clone();
                under_way.spawn(call.clone().made(channel, due));
            }
            number += 1;
        }
    } else {
        for caller in 0..arguments.callers {
            let (call, channel) =
                (call.clone(), channels[caller as usize % channels.len()].clone());
            under_way.spawn(call.made(channel, Instant::now()));
        }
        let mut next = 0;
        while let Some(Ok((ended, took))) = under_way.join_next().await {
            figures.record(ended, took);
            if Instant::now() < ends {
                next = (next + 1) % channels.len();
                under_way.spawn(call.clone().made(channels[next].clone(), Instant::now()));
            }
        }
    }
    while let Some(Ok((ended, took))) = under_way.join_next().await {
        figures.record(ended, took);
    }
    figures.seconds = began.elapsed().as_secs_f64();
    Ok(figures)
}

/// What became of the calls.
struct Figures {
    rate: Option<u32>,
    seconds: f64,
    by_status: BTreeMap<&'static str, u64>,
    /// The first message of each status that is not OK.
    messages: BTreeMap<&'static str, String>,
    not_sent: u64,
    /// Of calls that were answered, in microseconds.
    latency: Histogram<u64>,
}

impl Figures {
    fn new(rate: Option<u32>) -> Result<Self, Failure> {
        Ok(Self {
            rate,
            seconds: 0.0,
            by_status: BTreeMap::new(),
            messages: BTreeMap::new(),
            not_sent: 0,
            latency: Histogram::new_with_max(HOUR_IN_MICROS, 3)
                .map_err(|error| error.to_string())?,
        })
    }

    fn record(&mut self, ended: Result<(), Status>, took: Duration) {
        let code = ended.as_ref().map_or_else(Status::code, |()| Code::Ok);
        *self.by_status.entry(status_name(code)).or_default() += 1;
        match ended {
            Ok(()) => {
                let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                self.latency.saturating_record(micros.max(1));
            }
            Err(status) => {
                let told = || status.source().map_or_else(|| status.message().to_owned(), chain);
                self.messages.entry(status_name(code)).or_insert_with(told);
            }
        }
    }

    fn answered(&self) -> u64 {
        self.by_status.get("OK").copied().unwrap_or_default()
    }

    fn quantiles(&self) -> impl Iterator<Item = (&'static str, f64)> {
        QUANTILES.into_iter().map(|(name, quantile)| {
            (name, self.latency.value_at_quantile(quantile) as f64 / 1000.0)
        })
    }

    fn table(&self) -> String {
        let mut text = match self.rate {
            Some(rate) => format!("{rate} calls a second wanted; latency from when each was due\n"),
            None => "as many calls as get through; latency from when each was made\n".to_owned(),
        };
        let answered = self.answered();
        let each = answered as f64 / self.seconds;
        let _ = writeln!(text, "{answered} answered in {:.1} s: {each:.0} a second", self.seconds);
        for (status, calls) in self.by_status.iter().filter(|(status, _)| **status != "OK") {
            let message = self.messages.get(status).map_or("", String::as_str);
            let _ = writeln!(text, "{calls} {status}: {message}");
        }
        if self.not_sent > 0 {
            let _ = writeln!(text, "{} not sent: {MOST_UNDER_WAY} were under way", self.not_sent);
        }
        for (name, millis) in self.quantiles() {
            let _ = write!(text, "{name} {millis:.2} ms  ");
        }
        text
    }

    fn json(&self) -> String {
        let latency: BTreeMap<_, _> = self.quantiles().collect();
        serde_json::json!({
            "rate": self.rate,
            "seconds": self.seconds,
            "statuses": self.by_status,
            "messages": self.messages,
            "not_sent": self.not_sent,
            "answered_per_second": self.answered() as f64 / self.seconds,
            "latency_ms": latency,
        })
        .to_string()
    }
}

/// Messages as the bytes they are: nothing is decoded that nobody reads.
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put(into, message);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        let length = bytes::Buf::remaining(from);
        bytes::Buf::advance(from, length);
        Ok(Some(()))
    }
}
