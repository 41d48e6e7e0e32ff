//! The metrics of the process as Prometheus reads them.

use opentelemetry_prometheus::PrometheusExporter;
use opentelemetry_sdk::error::OTelSdkError;
use prometheus::{Registry, TextEncoder};

/// What a scrape is answered with. Clones tell of the same process.
#[derive(Clone, Debug)]
pub struct Scrape(Registry);

impl Scrape {
    /// A scrape, and the reader that fills it.
    pub(super) fn new() -> Result<(Self, PrometheusExporter), OTelSdkError> {
        let registry = Registry::new();
        let reader = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            // One scope: its name on every line tells nothing.
            .scope_info_enabled(false)
            .build()?;
        Ok((Self(registry), reader))
    }

    /// Media type of the text.
    pub const MEDIA_TYPE: &str = prometheus::TEXT_FORMAT;

    /// All metrics as they are now.
    ///
    /// # Errors
    /// What cannot be told: two metrics of one name.
    pub fn text(&self) -> Result<String, String> {
        let encoder = TextEncoder::new();
        encoder.encode_to_string(&self.0.gather()).map_err(|error| error.to_string())
    }
}
