//! A server as the client commands reach it, and what it refuses.

use super::Failure;
use crate::proto::portolan::sourcing::v1::sourcing_service_client::SourcingServiceClient;
use crate::proto::portolan::tariff::v1::duty_service_client::DutyServiceClient;
use crate::telemetry::status_name;
use clap::Args;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tonic::Status;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
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
    /// Authority that the server's certificate is of, PEM; else those of the system count.
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
    /// Certificate to show to the server, PEM.
    #[arg(long, value_name = "FILE", requires = "key_file")]
    certificate_file: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE", requires = "certificate_file")]
    key_file: Option<PathBuf>,
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

    /// A connection whose calls take so long at most.
    pub async fn channel(&self, timeout: Duration) -> Result<Channel, Failure> {
        let address = &self.address;
        let fault = |error: tonic::transport::Error| format!("{address}: {}", chain(&error));
        let mut endpoint = Endpoint::from_shared(address.clone()).map_err(fault)?;
        if address.starts_with("https:") {
            endpoint = endpoint.tls_config(self.tls()?).map_err(fault)?;
        }
        endpoint.connect_timeout(CONNECT_TIMEOUT).timeout(timeout).connect().await.map_err(
            |error| {
                let told = fault(error);
                let hint = if told.contains("refused") {
                    "; is `portolan serve` running there?"
                } else {
                    ""
                };
                format!("{told}{hint}")
            },
        )
    }

    fn tls(&self) -> Result<ClientTlsConfig, Failure> {
        let read = |path: &Path| {
            std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let mut config = match &self.ca_file {
            Some(path) => ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read(path)?)),
            None => ClientTlsConfig::new().with_native_roots(),
        };
        if let Some((certificate, key)) = self.certificate_file.as_ref().zip(self.key_file.as_ref())
        {
            config = config.identity(Identity::from_pem(read(certificate)?, read(key)?));
        }
        Ok(config)
    }
}

/// An error with what it comes from: the cause of a failed connection is the last of them.
pub(super) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_told = cause.to_string();
        if !told.ends_with(&cause_told) {
            let _ = write!(told, ": {cause_told}");
        }
        next = cause.source();
    }
    told
}

/// A status with every fault in it, when to come back, and what to quote.
pub(super) fn told(status: &Status) -> Failure {
    let mut text = format!("{}: {}", status_name(status.code()), status.message());
    // Writing to a string cannot fail.
    if let Some(info) = status.get_details_error_info() {
        let _ = write!(text, "\n  reason {}", info.reason);
        let mut metadata: Vec<_> = info.metadata.iter().collect();
        metadata.sort();
        for (key, value) in metadata {
            let _ = write!(text, " {key}={value}");
        }
    }
    if let Some(faults) = status.get_details_bad_request() {
        for violation in faults.field_violations {
            let _ = write!(
                text,
                "\n  {}: {} [{}]",
                violation.field, violation.description, violation.reason
            );
        }
    }
    if let Some(cause) = std::error::Error::source(status) {
        let _ = write!(text, "\n  {}", chain(cause));
    }
    if let Some(wait) = status.get_details_retry_info().and_then(|info| info.retry_delay) {
        let _ = write!(text, "\n  try again in {} s", wait.as_secs_f64());
    }
    if let Some(info) = status.get_details_request_info() {
        let _ = write!(text, "\n  request {}", info.request_id);
    }
    text
}
