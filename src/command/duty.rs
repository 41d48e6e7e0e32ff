//! `portolan duty`: asks a server and shows what it answers.

use super::duty_arguments::{Asked, DutyArguments};
use super::duty_tables::{explanation, matrix};
use super::proto_json::to_json;
use super::{Failure, runtime};
use crate::proto::portolan::tariff::v1 as pb;
use crate::proto::portolan::tariff::v1::duty_service_client::DutyServiceClient;
use std::fmt::Write;
use std::time::Duration;
use tonic::Status;
use tonic::transport::Endpoint;
use tonic_types::StatusExt;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// Answers on 1000 lines pass tonic's default of 4 MiB.
const LARGEST_ANSWER: usize = 256 * 1024 * 1024;

pub(super) fn duty(arguments: &DutyArguments) -> Result<(), Failure> {
    let asked = arguments.requests()?;
    let answers = runtime()?.block_on(answers(&arguments.address, &asked))?;
    if arguments.json {
        for answer in &answers {
            println!("{}", to_json("portolan.tariff.v1.CalculateDutyResponse", answer)?);
        }
        return Ok(());
    }
    match answers.as_slice() {
        [answer] => println!("{}", explanation(answer)),
        _ => println!("{}", matrix(asked.iter().zip(&answers))),
    }
    Ok(())
}

async fn answers(
    address: &str,
    asked: &[Asked],
) -> Result<Vec<pb::CalculateDutyResponse>, Failure> {
    let channel = Endpoint::from_shared(address.to_owned())
        .map_err(|error| format!("{address}: {error}"))?
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .connect()
        .await
        .map_err(|error| format!("{address}: {error}; is `portolan serve` running there?"))?;
    let mut client = DutyServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER);
    let mut answers = Vec::with_capacity(asked.len());
    for asked in asked {
        let answer = client.calculate_duty(asked.request.clone()).await;
        answers.push(answer.map_err(|status| told(&status))?.into_inner());
    }
    Ok(answers)
}

/// A status with every fault in it.
pub(super) fn told(status: &Status) -> Failure {
    let mut text = format!("{}: {}", status.code(), status.message());
    if let Some(faults) = status.get_details_bad_request() {
        for violation in faults.field_violations {
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n  {}: {} [{}]",
                violation.field, violation.description, violation.reason
            );
        }
    }
    text
}
