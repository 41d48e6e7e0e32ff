//! The server over the wire: deadlines, admission, health and the orderly stop.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used)]

use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use http::uri::PathAndQuery;
use portolan::{
    grpc::{
        Deadline,
        health::Health,
        server::{Ending, Server, ServerError},
    },
    settings::{ServerSettings, Settings},
};
use prost::Message as _;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_stream::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tonic::{
    Code, Request, Response, Status,
    body::Body,
    codegen::Bytes,
    server::{NamedService, UnaryService},
    service::Routes,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
use tonic_prost::ProstCodec;
use tonic_types::StatusExt as _;

const WAIT: &str = "/portolan.test.v1.WaitService/Wait";
const SERVICE: &str = "portolan.test.v1.WaitService";

/// Answers after as many milliseconds as it is told, with the time left to the deadline.
#[derive(Clone)]
struct WaitService;

impl NamedService for WaitService {
    const NAME: &'static str = SERVICE;
}

impl UnaryService<String> for WaitService {
    type Response = String;
    type Future = Pin<Box<dyn Future<Output = Result<Response<String>, Status>> + Send>>;

    fn call(&mut self, request: Request<String>) -> Self::Future {
        Box::pin(async move {
            let deadline = request.extensions().get::<Deadline>().copied().unwrap();
            sleep(Duration::from_millis(request.into_inner().parse().unwrap())).await;
            Ok(Response::new(deadline.remaining().as_millis().to_string()))
        })
    }
}

impl tower::Service<http::Request<Body>> for WaitService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            let codec = ProstCodec::<String, String>::default();
            Ok(tonic::server::Grpc::new(codec).unary(WaitService, request).await)
        })
    }
}

struct Running {
    address: SocketAddr,
    health: Health,
    stop: oneshot::Sender<()>,
    ended: JoinHandle<Result<Ending, ServerError>>,
}

impl Running {
    async fn start(adjust: impl FnOnce(&mut ServerSettings)) -> Self {
        let mut settings = Settings::load_from(None, []).unwrap().server;
        adjust(&mut settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let health = Health::new([SERVICE]).await;
        let routes = Routes::new(WaitService);
        let meter = opentelemetry::global::meter("test");
        let draining = CancellationToken::new();
        let server = Server::new(&settings, routes, &[], health.clone(), &meter, draining).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let ended = tokio::spawn(server.serve(listener, async {
            let _ = stopped.await;
        }));
        Self { address, health, stop, ended }
    }

    async fn channel(&self) -> Channel {
        Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap()
    }

    async fn check(&self, channel: Channel, service: &str) -> Result<i32, Status> {
        let request = HealthCheckRequest { service: service.to_owned() };
        Ok(HealthClient::new(channel).check(request).await?.into_inner().status)
    }

    /// Stops the server and tells how and how fast it ended.
    async fn stop(self) -> (Ending, Duration) {
        let started = Instant::now();
        self.stop.send(()).unwrap();
        let ending = timeout(Duration::from_secs(10), self.ended).await.unwrap().unwrap().unwrap();
        (ending, started.elapsed())
    }
}

async fn wait(channel: Channel, millis: u64) -> Result<String, Status> {
    let mut client = tonic::client::Grpc::new(channel);
    client.ready().await.unwrap();
    let codec = ProstCodec::<String, String>::default();
    let path = PathAndQuery::from_static(WAIT);
    client.unary(Request::new(millis.to_string()), path, codec).await.map(Response::into_inner)
}

/// Calls with a `grpc-timeout` that only the server acts on: tonic's client would cancel first.
/// Hands back the headers of the response.
async fn wait_raw(address: SocketAddr, millis: u64, grpc_timeout: &str) -> http::HeaderMap {
    let tcp = TcpStream::connect(address).await.unwrap();
    let (client, connection) = h2::client::handshake(tcp).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::post(format!("http://{address}{WAIT}"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("grpc-timeout", grpc_timeout)
        .body(())
        .unwrap();
    let (response, mut body) = client.ready().await.unwrap().send_request(request, false).unwrap();
    let message = millis.to_string().encode_to_vec();
    let mut frame = vec![0, 0, 0, 0, u8::try_from(message.len()).unwrap()];
    frame.extend(message);
    body.send_data(Bytes::from(frame), true).unwrap();
    response.await.unwrap().headers().clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_beyond_the_default_deadline_is_deadline_exceeded() {
    let server = Running::start(|s| s.default_deadline = Duration::from_millis(50)).await;
    let channel = server.channel().await;
    assert!(wait(channel.clone(), 0).await.unwrap().parse::<u64>().unwrap() <= 50);
    let status = wait(channel, 5_000).await.unwrap_err();
    assert_eq!(status.code(), Code::DeadlineExceeded);
    let info = status.get_details_error_info().unwrap();
    assert_eq!((info.domain.as_str(), info.reason.as_str()), ("portolan", "DEADLINE_EXCEEDED"));
    assert_eq!(info.metadata["deadlineMs"], "50");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_clients_deadline_is_answered_before_tonic_cancels() {
    let server = Running::start(|_| {}).await;
    let address = server.address;
    // Many, for tonic's own timer runs out at nearly the same moment.
    let calls: Vec<_> = (0..200)
        .map(|i| {
            tokio::spawn(async move { wait_raw(address, 5_000, &format!("{}m", i % 40)).await })
        })
        .collect();
    for call in calls {
        let headers = call.await.unwrap();
        assert_eq!(Status::from_header_map(&headers).unwrap().code(), Code::DeadlineExceeded);
        assert_eq!(headers["content-type"], "application/grpc");
    }
}

#[tokio::test]
async fn a_malformed_timeout_is_an_invalid_argument() {
    let server = Running::start(|_| {}).await;
    for timeout in ["soon", "+5S", "123456789m"] {
        let headers = wait_raw(server.address, 0, timeout).await;
        let status = Status::from_header_map(&headers).unwrap();
        assert_eq!(status.code(), Code::InvalidArgument, "{timeout}");
        assert_eq!(status.get_details_error_info().unwrap().reason, "MALFORMED_GRPC_TIMEOUT");
    }
}

#[tokio::test]
async fn a_busy_server_refuses_with_advice_and_stays_healthy() {
    let server = Running::start(|s| s.max_concurrent_calls = 1).await;
    server.health.mark_serving().await;
    let channel = server.channel().await;
    let working = tokio::spawn(wait(channel.clone(), 300));
    sleep(Duration::from_millis(100)).await;

    let status = wait(channel.clone(), 0).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(status.get_details_error_info().unwrap().reason, "SERVER_BUSY");
    let advice = status.get_details_retry_info().unwrap().retry_delay;
    assert_eq!(advice, Some(Duration::from_millis(200)));
    assert_eq!(server.check(channel.clone(), SERVICE).await.unwrap(), 1);

    working.await.unwrap().unwrap();
    wait(channel, 0).await.unwrap();
}

#[tokio::test]
async fn a_call_given_up_by_its_client_frees_its_place() {
    let server = Running::start(|s| s.max_concurrent_calls = 1).await;
    let channel = server.channel().await;
    let abandoned = tokio::spawn(wait(channel.clone(), 60_000));
    sleep(Duration::from_millis(50)).await;
    abandoned.abort();
    sleep(Duration::from_millis(100)).await;
    wait(channel, 0).await.unwrap();
}

#[tokio::test]
async fn health_is_not_serving_until_marked() {
    let server = Running::start(|_| {}).await;
    let channel = server.channel().await;
    for service in ["", SERVICE] {
        assert_eq!(server.check(channel.clone(), service).await.unwrap(), 2);
    }
    server.health.mark_serving().await;
    for service in ["", SERVICE] {
        assert_eq!(server.check(channel.clone(), service).await.unwrap(), 1);
    }
    let unknown = server.check(channel, "other").await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_closed_and_its_place_returns() {
    let server = Running::start(|s| s.max_connections = 1).await;
    let first = server.channel().await;
    wait(first.clone(), 0).await.unwrap();
    let mut second = TcpStream::connect(server.address).await.unwrap();
    let read = tokio::io::AsyncReadExt::read(&mut second, &mut [0; 1]).await;
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    drop(first);
    sleep(Duration::from_millis(100)).await;
    wait(server.channel().await, 0).await.unwrap();
}

#[tokio::test]
async fn the_stop_lets_a_call_in_work_end_and_ends_watches() {
    let server = Running::start(|s| s.routing_delay = Duration::from_millis(100)).await;
    server.health.mark_serving().await;
    let channel = server.channel().await;
    let request = HealthCheckRequest { service: SERVICE.to_owned() };
    let mut watch = HealthClient::new(channel.clone()).watch(request).await.unwrap().into_inner();
    assert_eq!(watch.next().await.unwrap().unwrap().status, 1);
    let working = tokio::spawn(wait(channel.clone(), 400));
    sleep(Duration::from_millis(50)).await;

    let (health, address) = (server.health.clone(), server.address);
    let stopping = tokio::spawn(server.stop());
    // Within the routing delay: told to stay away, but calls are still taken.
    assert_eq!(watch.next().await.unwrap().unwrap().status, 2);
    wait(channel, 0).await.unwrap();
    health.mark_serving().await;
    assert!(watch.next().await.is_none(), "a late mark_serving must not count");

    let (ending, took) = stopping.await.unwrap();
    assert_eq!(ending, Ending::Drained);
    assert!(took < Duration::from_secs(2), "{took:?}");
    working.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err(), "the listener must be closed");
}

#[tokio::test]
async fn a_stuck_call_is_cut_off_when_the_grace_is_over() {
    let server = Running::start(|s| s.drain_grace = Duration::from_millis(200)).await;
    let stuck = tokio::spawn(wait(server.channel().await, 9_000));
    sleep(Duration::from_millis(100)).await;
    let (ending, took) = server.stop().await;
    assert_eq!(ending, Ending::Aborted);
    assert!(took >= Duration::from_millis(200) && took < Duration::from_secs(1), "{took:?}");
    assert!(stuck.await.unwrap().is_err());
}

/// Lists the services through the reflection protocol of one version.
macro_rules! reflected_services {
    ($version:ident, $channel:expr) => {{
        use tonic_reflection::pb::$version::{
            ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
            server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
        };
        let request = ServerReflectionRequest {
            host: String::new(),
            message_request: Some(MessageRequest::ListServices(String::new())),
        };
        let mut client = ServerReflectionClient::new($channel);
        let requests = tokio_stream::once(request);
        let mut answers = client.server_reflection_info(requests).await.unwrap().into_inner();
        let answer = answers.next().await.unwrap().unwrap().message_response;
        let Some(MessageResponse::ListServicesResponse(list)) = answer else {
            panic!("not a list: {answer:?}")
        };
        list.service.into_iter().map(|service| service.name).collect::<Vec<_>>()
    }};
}

#[tokio::test]
async fn reflection_speaks_both_versions_and_a_busy_server_still_reflects() {
    let server = Running::start(|s| s.max_concurrent_calls = 1).await;
    let channel = server.channel().await;
    let _working = tokio::spawn(wait(channel.clone(), 9_000));
    sleep(Duration::from_millis(50)).await;
    let expected = [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
    ];
    for services in
        [reflected_services!(v1, channel.clone()), reflected_services!(v1alpha, channel)]
    {
        assert!(expected.iter().all(|name| services.iter().any(|s| s == name)), "{services:?}");
    }
}
