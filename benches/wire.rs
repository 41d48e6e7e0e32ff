//! What a `CalculateDuty` call costs the server, against servers that calculate nothing.
//!
//! `cargo bench --profile release --bench wire`
//!
//! Measured is the CPU time of the server's process (the sum of its threads' `schedstat`), not
//! the wall: client and server share the machine, and others may share it too. The request is
//! that of `examples/japan-car-may-2025.json`, with its one line or with [`MANY_LINES`] of them.
//! Three servers, each a process of its own, take the same load in turns, round after round, the
//! order reversed every other round, so that what disturbs the machine disturbs all of them:
//!
//! - **portolan**: the release binary with its default settings.
//! - **no-op**: tonic alone. Decodes the same request and answers with one text as long as
//!   Portolan's answer: what any service on this stack pays for a call of these sizes.
//! - **replay**: the same server, but its answer is Portolan's own, message by message, cloned
//!   and encoded for every call: what it costs to hold and write such an answer once it is known.
//!
//! The ratio of a round is Portolan's CPU over the rival's in that round; printed are the median,
//! least and greatest over the rounds. Calls per second are a side figure: the client is in them.
//!
//! Both rivals are this executable, started with [`RIVAL`] as its argument.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on must stop; the servers end with it"
)]

use portolan::proto::DESCRIPTORS;
use portolan::proto::portolan::tariff::v1::{
    AssessmentView, CalculateCreditRequest, CalculateCreditResponse, CalculateDutyRequest,
    CalculateDutyResponse, CompareDatesRequest, CompareDatesResponse, CompareOriginsRequest,
    CompareOriginsResponse, StreamDutyRequest, StreamDutyResponse,
    duty_service_client::DutyServiceClient,
    duty_service_server::{DutyService, DutyServiceServer},
    stream_duty_response::Result as Answered,
};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_stream::{Stream, StreamExt as _};
use tonic::transport::{Channel, Endpoint, server::TcpIncoming};
use tonic::{Request, Response, Status, Streaming};

/// Argument that makes this executable a rival.
const RIVAL: &str = "serve-rival";
/// Odd, so that the median is a round that was run.
const ROUNDS: usize = 11;
const STARTS: usize = 7;
const CONNECTIONS: usize = 4;
/// Calls in flight on each connection.
const IN_FLIGHT: usize = 8;
/// Lines, not calls: a round of large calls takes about as long as one of small calls.
const LINES_PER_ROUND: u32 = 4000;
const ITEMS_PER_ROUND: u32 = 20_000;
/// As many as Portolan assesses on its async threads; threads for more come and go, and what they
/// used would go with them.
const MANY_LINES: u32 = 32;

const START_LIMIT: Duration = Duration::from_secs(20);
const CALL_LIMIT: Duration = Duration::from_secs(10);
const ROUND_LIMIT: Duration = Duration::from_mins(2);
/// After a round the threads must have gone to sleep: the kernel books their time when they do.
const SETTLE: Duration = Duration::from_millis(20);

fn main() {
    if std::env::args().nth(1).as_deref() == Some(RIVAL) {
        return serve_rival();
    }
    let runtime = Runtime::new().unwrap();
    let _entered = runtime.enter();
    println!(
        "{} cores; load before: {}",
        thread::available_parallelism().unwrap(),
        fs::read_to_string("/proc/loadavg").unwrap().trim()
    );
    start_times();
    for (lines, view) in [
        (1, AssessmentView::Full),
        (1, AssessmentView::Basic),
        (MANY_LINES, AssessmentView::Full),
        (MANY_LINES, AssessmentView::Basic),
    ] {
        compare(&runtime, lines, view, Load::Calls);
    }
    compare(&runtime, 1, AssessmentView::Basic, Load::Streams);
}

/// How the requests are made.
#[derive(Clone, Copy, PartialEq)]
enum Load {
    /// One call each.
    Calls,
    /// As the items of [`CONNECTIONS`] streams.
    Streams,
}

/// Time from the start of the process to its first line on standard output, size of the binary.
fn start_times() {
    let mut portolan = Vec::new();
    let mut rival = Vec::new();
    for _ in 0..STARTS {
        portolan.push(Server::portolan().start);
        rival.push(Server::rival(&CalculateDutyResponse::default()).start);
    }
    let bytes = fs::metadata(env!("CARGO_BIN_EXE_portolan")).unwrap().len();
    println!("start to SERVING: portolan {}; no-op {}", Spread::of(portolan), Spread::of(rival));
    println!("binary: {bytes} bytes");
}

/// One kind of call, all servers in turns.
fn compare(runtime: &Runtime, lines: u32, view: AssessmentView, kind: Load) {
    let request = request(lines, view);
    let portolan = Server::portolan();
    let answer = runtime.block_on(ask(&portolan, &request));
    let size = answer.encoded_len();
    println!(
        "\n{} {}, {lines} line(s): request {} bytes, answer {size} bytes",
        if kind == Load::Calls { "CalculateDuty" } else { "StreamDuty" },
        view.as_str_name(),
        request.encoded_len()
    );
    let servers = [
        ("portolan", portolan),
        ("no-op", Server::rival(&of_size(size))),
        ("replay", Server::rival(&answer)),
    ];
    let clients = servers.each_ref().map(|(_, server)| {
        let answer = runtime.block_on(ask(server, &request));
        assert_eq!(answer.encoded_len(), size, "all servers must send as much");
        runtime.block_on(connect(server))
    });

    let calls = match kind {
        Load::Calls => LINES_PER_ROUND / lines,
        Load::Streams => ITEMS_PER_ROUND,
    };
    // Not counted: it warms the caches and the allocators.
    for client in &clients {
        runtime.block_on(load(client, &request, calls, kind));
    }
    let mut cpu = [const { Vec::new() }; 3];
    let mut wall = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        for turn in 0..servers.len() {
            let index = if round % 2 == 0 { turn } else { servers.len() - 1 - turn };
            let (before, started) = (servers[index].1.cpu(), Instant::now());
            runtime.block_on(load(&clients[index], &request, calls, kind));
            wall[index].push(started.elapsed() / calls);
            thread::sleep(SETTLE);
            let used = servers[index].1.cpu().checked_sub(before);
            cpu[index].push(used.expect("a thread of the server ended") / calls);
        }
    }
    for (index, (name, server)) in servers.iter().enumerate() {
        let wall = Spread::of(wall[index].clone());
        println!(
            "  {name:<8}  CPU per call {}; {:.0} calls/s; resident {} KiB idle, {} KiB after",
            Spread::of(cpu[index].clone()),
            Duration::from_secs(1).div_duration_f64(wall.median),
            server.idle,
            server.resident(),
        );
    }
    for rival in 1..servers.len() {
        let pairs = cpu[0].iter().zip(&cpu[rival]);
        let mut ratios: Vec<f64> = pairs.map(|(own, other)| own.div_duration_f64(*other)).collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "  portolan / {:<8} {:.2} ({:.2} to {:.2} over {ROUNDS} rounds)",
            servers[rival].0,
            ratios[ROUNDS / 2],
            ratios[0],
            ratios[ROUNDS - 1],
        );
    }
    let pairs = wall[0].iter().zip(&wall[1]);
    let mut rates: Vec<f64> = pairs.map(|(own, other)| other.div_duration_f64(*own)).collect();
    rates.sort_by(f64::total_cmp);
    let (least, median, most) = (rates[0], rates[ROUNDS / 2], rates[ROUNDS - 1]);
    println!("  requests per second, portolan / no-op {median:.2} ({least:.2} to {most:.2})");
    let per_line = Spread::of(cpu[0].clone()).median / lines;
    let rate = Duration::from_secs(1).div_duration_f64(per_line);
    println!("  portolan: {rate:.0} lines per second of server CPU");
}

/// Median and extremes of some rounds.
struct Spread {
    least: Duration,
    median: Duration,
    greatest: Duration,
}

impl Spread {
    fn of(mut rounds: Vec<Duration>) -> Self {
        rounds.sort();
        let greatest = rounds.len() - 1;
        Self { least: rounds[0], median: rounds[greatest / 2], greatest: rounds[greatest] }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { least, median, greatest } = self;
        write!(f, "{median:.1?} ({least:.1?} to {greatest:.1?})")
    }
}

/// A server in a process of its own, killed when this goes out of scope, in a panic too.
struct Server {
    child: Child,
    address: String,
    start: Duration,
    /// Resident memory before the first call, in KiB.
    idle: u64,
}

impl Server {
    fn portolan() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portolan"));
        // Default settings, whatever the caller's shell holds. The log goes nowhere, but is
        // written: a filter would save work that every deployment does.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PORTOLAN__")) {
            command.env_remove(name);
        }
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        Self::started(command, &[])
    }

    /// A rival that gives this answer to every request.
    fn rival(answer: &CalculateDutyResponse) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(RIVAL);
        let answer = answer.encode_to_vec();
        let mut input = u64::try_from(answer.len()).unwrap().to_le_bytes().to_vec();
        input.extend(answer);
        Self::started(command, &input)
    }

    fn started(mut command: Command, input: &[u8]) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn().unwrap();
        let mut server = Self { child, address: String::new(), start: Duration::ZERO, idle: 0 };
        // The pipe stays open for as long as the child may run: a rival ends with it.
        server.child.stdin.as_mut().unwrap().write_all(input).unwrap();
        let output = BufReader::new(server.child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        // Ends with the child's output.
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                // Only the first is waited for.
                let _ = sender.send(line);
            }
        });
        let line = lines.recv_timeout(START_LIMIT).expect("the server does not say it serves");
        server.start = begun.elapsed();
        let address = line.rsplit(' ').next().unwrap();
        server.address = format!("http://{address}");
        server.idle = server.resident();
        server
    }

    /// CPU time of all threads. None of them ends while the server is measured.
    fn cpu(&self) -> Duration {
        let tasks = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        let nanos = tasks.map(|task| -> u64 {
            let text = fs::read_to_string(task.unwrap().path().join("schedstat")).unwrap();
            text.split(' ').next().unwrap().parse().unwrap()
        });
        Duration::from_nanos(nanos.sum())
    }

    /// Resident memory in KiB.
    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The example's request, its line repeated.
fn request(lines: u32, view: AssessmentView) -> CalculateDutyRequest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/japan-car-may-2025.json");
    let text = fs::read_to_string(path).unwrap();
    let message = DescriptorPool::decode(DESCRIPTORS)
        .unwrap()
        .get_message_by_name("portolan.tariff.v1.CalculateDutyRequest")
        .unwrap();
    let mut json = serde_json::Deserializer::from_str(&text);
    let read = DynamicMessage::deserialize(message, &mut json).unwrap();
    let mut request = CalculateDutyRequest::decode(read.encode_to_vec().as_slice()).unwrap();
    request.view = view.into();
    let entry = request.entry.as_mut().unwrap();
    let [line] = entry.lines.as_slice() else { panic!("the example has one line") };
    let numbered = (0..lines).map(|number| {
        let mut line = line.clone();
        line.line_id = format!("car-{number}");
        line
    });
    entry.lines = numbered.collect();
    request
}

/// An answer of one text that takes `size` bytes.
fn of_size(size: usize) -> CalculateDutyResponse {
    (0..size)
        .rev()
        .take(16)
        .map(|text| CalculateDutyResponse {
            notices: vec!["x".repeat(text)],
            ..CalculateDutyResponse::default()
        })
        .find(|answer| answer.encoded_len() == size)
        .expect("one text of some length makes any such size")
}

async fn channel(server: &Server) -> Channel {
    let endpoint = Endpoint::from_shared(server.address.clone()).unwrap();
    endpoint.connect_timeout(CALL_LIMIT).timeout(CALL_LIMIT).connect().await.unwrap()
}

async fn ask(server: &Server, request: &CalculateDutyRequest) -> CalculateDutyResponse {
    let mut client = DutyServiceClient::new(channel(server).await);
    client.calculate_duty(request.clone()).await.unwrap().into_inner()
}

async fn connect(server: &Server) -> Vec<Channel> {
    let mut channels = Vec::new();
    for _ in 0..CONNECTIONS {
        channels.push(channel(server).await);
    }
    channels
}

/// Makes so many calls; each of the workers waits for its answer before it calls again.
async fn load(channels: &[Channel], request: &CalculateDutyRequest, calls: u32, kind: Load) {
    if kind == Load::Streams {
        return stream(channels, request, calls).await;
    }
    let left = Arc::new(AtomicU32::new(calls));
    let mut workers = JoinSet::new();
    for channel in channels {
        for _ in 0..IN_FLIGHT {
            let (left, request) = (Arc::clone(&left), request.clone());
            let mut client = DutyServiceClient::new(channel.clone());
            workers.spawn(async move {
                let take = |left: u32| left.checked_sub(1);
                while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok() {
                    client.calculate_duty(request.clone()).await.unwrap();
                }
            });
        }
    }
    timeout(ROUND_LIMIT, workers.join_all()).await.expect("the round takes too long");
}

/// Sends so many items over a stream on each connection; each stream keeps [`IN_FLIGHT`] of them
/// waiting for their answers.
async fn stream(channels: &[Channel], request: &CalculateDutyRequest, items: u32) {
    let each = items / u32::try_from(channels.len()).unwrap();
    let mut workers = JoinSet::new();
    for channel in channels {
        let (request, mut client) = (request.clone(), DutyServiceClient::new(channel.clone()));
        workers.spawn(async move {
            let (sender, receiver) = tokio::sync::mpsc::channel(IN_FLIGHT * 8);
            let items = tokio_stream::wrappers::ReceiverStream::new(receiver);
            tokio::spawn(async move {
                for number in 0..each {
                    let item = StreamDutyRequest {
                        request_id: number.to_string(),
                        request: Some(request.clone()),
                    };
                    sender.send(item).await.unwrap();
                }
            });
            let mut answers = client.stream_duty(items).await.unwrap().into_inner();
            for number in 0..each {
                let answer = answers.message().await.unwrap().unwrap();
                assert_eq!(answer.request_id, number.to_string(), "order is kept");
            }
        });
    }
    timeout(ROUND_LIMIT, workers.join_all()).await.expect("the round takes too long");
}

/// The service that calculates nothing.
struct Rival(CalculateDutyResponse);

#[tonic::async_trait]
impl DutyService for Rival {
    async fn calculate_duty(
        &self,
        _request: Request<CalculateDutyRequest>,
    ) -> Result<Response<CalculateDutyResponse>, Status> {
        Ok(Response::new(self.0.clone()))
    }

    type StreamDutyStream = Pin<Box<dyn Stream<Item = Result<StreamDutyResponse, Status>> + Send>>;

    async fn stream_duty(
        &self,
        requests: Request<Streaming<StreamDutyRequest>>,
    ) -> Result<Response<Self::StreamDutyStream>, Status> {
        let answer = self.0.clone();
        let answers = requests.into_inner().map(move |request| {
            let result = Some(Answered::Response(answer.clone()));
            Ok(StreamDutyResponse { request_id: request?.request_id, result })
        });
        Ok(Response::new(Box::pin(answers)))
    }

    async fn compare_origins(
        &self,
        _request: Request<CompareOriginsRequest>,
    ) -> Result<Response<CompareOriginsResponse>, Status> {
        Err(Status::unimplemented("a rival"))
    }

    async fn compare_dates(
        &self,
        _request: Request<CompareDatesRequest>,
    ) -> Result<Response<CompareDatesResponse>, Status> {
        Err(Status::unimplemented("a rival"))
    }

    async fn calculate_credit(
        &self,
        _request: Request<CalculateCreditRequest>,
    ) -> Result<Response<CalculateCreditResponse>, Status> {
        Err(Status::unimplemented("a rival"))
    }
}

/// Reads an answer from standard input, serves it, and ends when the input does.
fn serve_rival() {
    let mut input = std::io::stdin().lock();
    let mut length = [0; 8];
    input.read_exact(&mut length).unwrap();
    let mut answer = vec![0; usize::try_from(u64::from_le_bytes(length)).unwrap()];
    input.read_exact(&mut answer).unwrap();
    drop(input);
    let answer = CalculateDutyResponse::decode(answer.as_slice()).unwrap();
    thread::spawn(|| {
        // Whatever comes, only its end matters.
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        std::process::exit(0);
    });
    Runtime::new().unwrap().block_on(async {
        let incoming =
            TcpIncoming::bind("127.0.0.1:0".parse().unwrap()).unwrap().with_nodelay(Some(true));
        println!("rival is serving on {}", incoming.local_addr().unwrap());
        tonic::transport::Server::builder()
            .add_service(DutyServiceServer::new(Rival(answer)))
            .serve_with_incoming(incoming)
            .await
            .unwrap();
    });
}
