//! Requests whose bytes are changed at random: read, refused or answered, never
//! more.

use crate::desk::desk;
use crate::draws::Draws;
use portolan::grpc::{AwaitedSourcingDesk, FaultLimits, SolveLimits, SourcingApi};
use portolan::proto::DESCRIPTORS;
use portolan::proto::portolan::sourcing::v1 as pb;
use portolan::proto::portolan::sourcing::v1::sourcing_service_server::SourcingService;
use prost::Message;
use prost_reflect::{DescriptorPool, DynamicMessage};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tonic::{Code, Request};

const CHANGED: u64 = 3000;
/// Of one answer, on a machine with other work.
const LONGEST: Duration = Duration::from_secs(10);

fn example() -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/sourcing-two-plants.json");
    let text = std::fs::read_to_string(path).unwrap();
    let pool = DescriptorPool::decode(DESCRIPTORS).unwrap();
    let message = pool.get_message_by_name("portolan.sourcing.v1.OptimizeSourcingRequest").unwrap();
    let mut json = serde_json::Deserializer::from_str(&text);
    DynamicMessage::deserialize(message, &mut json).unwrap().encode_to_vec()
}

/// Some bytes changed, left out, put twice or put in.
fn changed(draws: &mut Draws, bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let digits_only = draws.percent(60);
    for _ in 0..draws.between(1, 6) {
        let last = bytes.len() - 1;
        let at = draws.count(0, last);
        let to = (at + draws.count(0, 12)).min(last);
        match if digits_only { 3 } else { draws.between(0, 5) } {
            0 => {
                bytes.drain(at..to);
            }
            1 => {
                let twice = bytes[at..to].to_vec();
                bytes.splice(at..at, twice);
            }
            2 => bytes.insert(at, u8::try_from(draws.between(0, 255)).unwrap()),
            // Digits make sound messages of other numbers.
            3 => {
                let digits: Vec<usize> =
                    (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
                bytes[*draws.one_of(&digits)] = *draws.one_of(b"0123456789-.eE");
            }
            _ => bytes[at] ^= 1 << draws.between(0, 7),
        }
    }
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changed_bytes_are_refused_or_answered_in_time() {
    let desk: AwaitedSourcingDesk = Arc::new(desk(1).await.into());
    let limits = SolveLimits {
        validation_errors: FaultLimits { count: 100, bytes: 5_000 },
        longest: Duration::from_secs(5),
        retry_after: Duration::from_millis(200),
    };
    let api = SourcingApi::new(desk, limits);
    let sound = example();
    let (mut read, mut answered, mut longest) = (0, 0, Duration::ZERO);
    for seed in 0..CHANGED {
        let mut draws = Draws::of(seed);
        let bytes = changed(&mut draws, &sound);
        let Ok(mut request) = pb::OptimizeSourcingRequest::decode(bytes.as_slice()) else {
            continue;
        };
        read += 1;
        // Of a few the whole way is gone.
        if seed % 20 != 0 {
            request.mode = pb::SolvingMode::ValidateOnly.into();
        }
        request.budget = None;
        let began = Instant::now();
        match api.optimize_sourcing(Request::new(request)).await {
            Ok(_) => answered += 1,
            Err(status) => {
                let expected = [Code::InvalidArgument, Code::NotFound, Code::FailedPrecondition];
                assert!(expected.contains(&status.code()), "{seed}: {status}");
            }
        }
        longest = longest.max(began.elapsed());
        assert!(began.elapsed() < LONGEST, "{seed}: {:?}", began.elapsed());
    }
    println!("{read} read, {answered} answered, {longest:?} at most");
    assert!(read > CHANGED / 4 && answered > CHANGED / 20);
}
