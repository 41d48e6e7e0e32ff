//! `portolan call`: any method of a server, asked and answered in proto-JSON.

use super::duty_client::{ServerArguments, told};
use super::proto_json::{descriptors, dynamic_to_json};
use super::{Failure, print, runtime};
use clap::Args;
use prost_reflect::{DynamicMessage, MessageDescriptor, MethodDescriptor};
use std::io::{IsTerminal, Read};
use std::time::Duration;
use tonic::Request;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::{AsciiMetadataKey, AsciiMetadataValue};
use tonic::transport::Channel;
use tonic::{Status, codegen::http::uri::PathAndQuery};

/// Seconds a call may take where nobody says.
const DEFAULT_SECONDS: u32 = 60;
/// Answers on 1000 lines pass tonic's default of 4 MiB.
const LARGEST_ANSWER: usize = 256 * 1024 * 1024;

#[derive(Debug, Args)]
#[command(
    after_help = "  portolan call portolan.tariff.v1.DutyService/CalculateDuty < request.json
  portolan call grpc.health.v1.Health/Check </dev/null
  portolan call --list"
)]
pub(super) struct CallArguments {
    /// Method, `package.Service/Method` or `Service/Method`. Its request is read from standard input as proto-JSON, for a
    /// stream one after the other; an empty input is a request without fields.
    #[arg(value_name = "SERVICE/METHOD", required_unless_present = "list")]
    method: Option<String>,
    #[command(flatten)]
    server: ServerArguments,
    /// Names every method and exits.
    #[arg(long)]
    list: bool,
    /// Seconds after which the call is given up, here and by the server.
    #[arg(long, value_name = "SECONDS", default_value_t = DEFAULT_SECONDS)]
    timeout: u32,
    /// Header to send, such as `traceparent: 00-...`; may be repeated.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(AsciiMetadataKey, AsciiMetadataValue)>,
}

fn header(text: &str) -> Result<(AsciiMetadataKey, AsciiMetadataValue), Failure> {
    let (name, value) = text.split_once(':').ok_or("write NAME: VALUE")?;
    let name = name.trim().to_ascii_lowercase().parse();
    let name = name.map_err(|_| "the name of a header has letters, digits, - and _")?;
    let value = value.trim().parse().map_err(|_| "the value of a header is ASCII")?;
    Ok((name, value))
}

pub(super) fn run(arguments: &CallArguments) -> Result<(), Failure> {
    if arguments.list {
        return print(&methods()?.join("\n"));
    }
    let method = found(arguments.method.as_deref().unwrap_or_default())?;
    let requests = requests(&method)?;
    runtime()?.block_on(call(arguments, &method, requests))
}

fn methods() -> Result<Vec<String>, Failure> {
    let services = descriptors()?.services();
    let names = services.flat_map(|service| {
        let named = |method: MethodDescriptor| {
            format!("{}/{}", method.parent_service().full_name(), method.name())
        };
        service.methods().map(named).collect::<Vec<_>>()
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    Ok(names)
}

/// A method by its name, `package.Service/Method` or, without the package, `Service/Method`.
pub(super) fn found(name: &str) -> Result<MethodDescriptor, Failure> {
    let (service, method) = name.trim_start_matches('/').split_once('/').unwrap_or((name, ""));
    let mut services = descriptors()?.services();
    let service = services.find(|it| it.full_name() == service || it.name() == service);
    let found = service.and_then(|service| service.methods().find(|it| it.name() == method));
    found.ok_or_else(|| format!("there is no method {name}; `portolan call --list` names them all"))
}

/// The requests on standard input.
fn requests(method: &MethodDescriptor) -> Result<Vec<DynamicMessage>, Failure> {
    if std::io::stdin().is_terminal() {
        eprintln!("reading {} as proto-JSON from here", method.input().full_name());
    }
    let mut text = String::new();
    let read = std::io::stdin().read_to_string(&mut text);
    read.map_err(|error| format!("standard input: {error}"))?;
    let mut requests = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        // One value after the other: the end of each is where the next begins.
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Value>();
        let fault = |error: serde_json::Error| format!("standard input: {error}");
        values.next().transpose().map_err(fault)?;
        let (one, others) = rest.split_at(values.byte_offset());
        let mut json = serde_json::Deserializer::from_str(one);
        requests.push(DynamicMessage::deserialize(method.input(), &mut json).map_err(fault)?);
        rest = others.trim_start();
    }
    if method.is_client_streaming() {
        return Ok(requests);
    }
    match requests.len() {
        0 => Ok(vec![DynamicMessage::new(method.input())]),
        1 => Ok(requests),
        many => Err(format!("{} takes one request, there are {many}", method.full_name())),
    }
}

async fn call(
    arguments: &CallArguments,
    method: &MethodDescriptor,
    requests: Vec<DynamicMessage>,
) -> Result<(), Failure> {
    let timeout = Duration::from_secs(arguments.timeout.into());
    let channel: Channel = arguments.server.channel(timeout).await?;
    let mut client = Grpc::new(channel).max_decoding_message_size(LARGEST_ANSWER);
    client.ready().await.map_err(|error| error.to_string())?;
    let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
    let path = PathAndQuery::try_from(path).map_err(|error| error.to_string())?;
    let mut request = Request::new(tokio_stream::iter(requests));
    request.set_timeout(timeout);
    for (name, value) in &arguments.headers {
        request.metadata_mut().append(name.clone(), value.clone());
    }
    let refused = |status: Status| told(&status);
    let answers = client.streaming(request, path, ProtoJson(method.output())).await;
    let mut answers = answers.map_err(refused)?.into_inner();
    let each_on_a_line = method.is_server_streaming();
    while let Some(answer) = answers.message().await.map_err(refused)? {
        print(&dynamic_to_json(&answer, each_on_a_line)?)?;
    }
    Ok(())
}

/// Encodes messages that are known by their descriptor.
struct ProtoJson(MessageDescriptor);

impl Codec for ProtoJson {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self(self.0.clone())
    }

    fn decoder(&mut self) -> Self {
        Self(self.0.clone())
    }
}

impl Encoder for ProtoJson {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, message: DynamicMessage, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        prost::Message::encode(&message, into).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for ProtoJson {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let message = DynamicMessage::decode(self.0.clone(), from);
        message.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
