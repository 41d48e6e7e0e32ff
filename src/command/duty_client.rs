//! A server as the client commands reach it, and what it refuses.

use super::Failure;
use crate::proto::portolan::sourcing::v1::sourcing_service_client::SourcingServiceClient;
use crate::proto::portolan::tariff::v1::duty_service_client::DutyServiceClient;
use clap::Args;
use std::fmt::Write;
use std::time::Duration;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const CALL_TIMEOUT: Duration = Duration::from_secs(30);
/// A search ends by its own limits, or the server's; this is for a server that hangs.
const SEARCH_TIMEOUT: Duration = Duration::from_hours(1);
/// Answers on 1000 lines pass tonic's default of 4 MiB.
const LARGEST_ANSWER: usize = 256 * 1024 * 1024;

/// The server a command asks.
#[derive(Debug, Args)]
pub(super) struct ServerArguments {
    /// Server to ask.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:50051")]
    address: String,
}

impl ServerArguments {
    /// A client for duties.
    pub async fn client(&self) -> Result<DutyServiceClient<Channel>, Failure> {
        let channel = self.channel(CALL_TIMEOUT).await?;
        Ok(DutyServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER))
    }

    /// A client for plans.
    pub async fn sourcing_client(&self) -> Result<SourcingServiceClient<Channel>, Failure> {
        let channel = self.channel(SEARCH_TIMEOUT).await?;
        Ok(SourcingServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER))
    }

    async fn channel(&self, timeout: Duration) -> Result<Channel, Failure> {
        let address = &self.address;
        Endpoint::from_shared(address.clone())
            .map_err(|error| format!("{address}: {error}"))?
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(timeout)
            .connect()
            .await
            .map_err(|error| format!("{address}: {error}; is `portolan serve` running there?"))
    }
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
