//! Logs, traces and metrics: where they go, and that they arrive before the process ends.
//!
//! The log goes to standard error. Traces, metrics and the log are exported over OTLP/gRPC if an
//! endpoint is set and cost next to nothing if none is; metrics can be scraped as well.

mod call;
mod json_line;
mod methods;
mod request_id;
mod rpc;
mod schedule_age;
mod scrape;
mod spans;

use std::{io::IsTerminal, time::Duration};

use opentelemetry::{
    KeyValue, global,
    metrics::{Meter, MeterProvider},
    trace::TracerProvider,
};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_otlp::{
    ExporterBuildError, LogExporter, MetricExporter, SpanExporter, WithExportConfig,
    WithTonicConfig, tonic_types::transport::ClientTlsConfig,
};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkError,
    logs::SdkLoggerProvider,
    metrics::{PeriodicReader, SdkMeterProvider},
    propagation::TraceContextPropagator,
    trace::SdkTracerProvider,
};
use tokio::{runtime::Handle, sync::oneshot};
use tracing::{Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, ParseError, Targets, filter_fn},
    layer::SubscriberExt,
    registry::LookupSpan,
    util::{SubscriberInitExt, TryInitError},
};

use crate::settings::{LogFormat, TelemetrySettings};
use json_line::JsonLine;
use spans::{CountedSpans, DroppedSpans};

pub use call::status_name;
pub use methods::Methods;
pub use rpc::{Measured, MeasuredBody, MeasuredFuture, RpcTelemetry};
pub use schedule_age::{HeldSchedule, measure_schedule_age};
pub use scrape::Scrape;

/// Name of the instrumentation scope of everything exported.
const SCOPE: &str = "portolan";

/// Targets kept out of the export, by prefix: the exporter's own HTTP/2 traffic is traced by the
/// same crates as the server's, so exporting it would make traffic to export without end.
const NEVER_EXPORTED: [&str; 5] = ["h2", "hyper", "tonic", "tower", "opentelemetry"];

/// The running telemetry of the process; end it with [`Telemetry::shutdown`].
#[derive(Debug)]
pub struct Telemetry {
    meter: Option<SdkMeterProvider>,
    export: Option<Export>,
    scrape: Option<Scrape>,
    flush_timeout: Duration,
}

/// What is exported beside metrics.
#[derive(Debug)]
struct Export {
    tracer: SdkTracerProvider,
    dropped_spans: DroppedSpans,
    logger: Option<SdkLoggerProvider>,
}

/// Why telemetry could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The exporter was to be started outside a tokio runtime, which its connection needs.
    #[error("telemetry export needs a running tokio runtime")]
    NoRuntime,
    /// The directives of `telemetry.log_filter` cannot be read.
    #[error("telemetry.log_filter: {0}")]
    Filter(#[from] ParseError),
    /// The exporter does not take the endpoint.
    #[error("telemetry.otlp_endpoint: {0}")]
    Exporter(#[from] ExporterBuildError),
    /// The metrics cannot be made ready for a scrape.
    #[error("metrics: {0}")]
    Scrape(#[from] OTelSdkError),
    /// Something else has set the process-wide subscriber before.
    #[error("telemetry was started twice in this process: {0}")]
    AlreadyStarted(#[from] TryInitError),
}

/// How the last export went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flush {
    /// Everything recorded was handed to the endpoint, or export is off.
    Complete,
    /// The endpoint refused something or took longer than `telemetry.flush_timeout_ms`.
    Incomplete,
}

impl Telemetry {
    /// Starts logging and, if an endpoint is set, the export of traces, metrics and the log; and
    /// makes metrics ready to be scraped if `scraped`.
    ///
    /// Sets the subscriber, the propagator (W3C trace context) and the providers of the whole
    /// process. The endpoint need not be up: the exporter connects when it first has something
    /// to send.
    ///
    /// # Errors
    /// If called twice, if the filter or the endpoint cannot be used, or if export is on and no
    /// tokio runtime is running.
    pub fn start(settings: &TelemetrySettings, scraped: bool) -> Result<Self, TelemetryError> {
        let filter = EnvFilter::builder().parse(&settings.log_filter)?;
        let export = match &settings.otlp_endpoint {
            Some(endpoint) => Some(Export::to(endpoint, settings)?),
            None => None,
        };
        let scrape = scraped.then(Scrape::new).transpose()?;
        let traced = export.is_some();
        let in_log = filter_fn(move |metadata| in_log(metadata, traced));
        let registry = tracing_subscriber::registry()
            .with(log(settings.log_format).with_filter(filter.clone().and(in_log)));
        // No layer at all where there is no exporter: an absent one would want every span.
        match &export {
            Some(Export { tracer, logger: Some(logger), .. }) => registry
                .with(exported_spans(tracer))
                .with(exported_log(logger, filter))
                .try_init()?,
            Some(Export { tracer, .. }) => registry.with(exported_spans(tracer)).try_init()?,
            None => registry.try_init()?,
        }
        global::set_text_map_propagator(TraceContextPropagator::new());
        let (scrape, reader) = scrape.unzip();
        let meter = match (reader, &settings.otlp_endpoint) {
            (None, None) => None,
            (reader, endpoint) => {
                let mut provider = SdkMeterProvider::builder().with_resource(resource(settings));
                if let Some(reader) = reader {
                    provider = provider.with_reader(reader);
                }
                if let Some(endpoint) = endpoint {
                    provider = provider.with_reader(pushed_metrics(endpoint, settings)?);
                }
                Some(provider.build())
            }
        };
        if let Some(meter) = &meter {
            global::set_meter_provider(meter.clone());
        }
        if let Some(Export { tracer, dropped_spans, .. }) = &export {
            global::set_tracer_provider(tracer.clone());
            if let Some(meter) = &meter {
                dropped_spans.measured(&meter.meter(SCOPE));
            }
        }
        Ok(Self { meter, export, scrape, flush_timeout: settings.flush_timeout })
    }

    /// The meter for the process's metrics; records nothing if nobody exports or scrapes them.
    #[must_use]
    pub fn meter(&self) -> Meter {
        match &self.meter {
            Some(meter) => meter.meter(SCOPE),
            None => global::meter(SCOPE),
        }
    }

    /// What a scrape is answered with, if metrics are to be scraped.
    #[must_use]
    pub fn scrape(&self) -> Option<Scrape> {
        self.scrape.clone()
    }

    /// Exports what is still held and stops, within `telemetry.flush_timeout_ms`.
    ///
    /// Never blocks the async threads and never waits longer than the limit. What is recorded
    /// afterwards is lost.
    pub async fn shutdown(self) -> Flush {
        let Self { meter, export: Some(export), .. } = self else {
            return Flush::Complete;
        };
        let limit = self.flush_timeout;
        let (report, done) = oneshot::channel();
        // A thread of its own: the runtime waits for its blocking tasks when it is dropped, so
        // `spawn_blocking` would let a dead endpoint hold up the exit.
        let flushing =
            std::thread::Builder::new().name("telemetry-flush".to_owned()).spawn(move || {
                // Nobody listens any more if the limit has passed.
                let _ = report.send(export.flush(meter.as_ref(), limit));
            });
        match (flushing, tokio::time::timeout(limit, done).await) {
            (Ok(_), Ok(Ok(flush))) => flush,
            _ => Flush::Incomplete,
        }
    }
}

impl Export {
    fn to(endpoint: &str, settings: &TelemetrySettings) -> Result<Self, TelemetryError> {
        // The connection spawns a task when it is built and would panic without a runtime.
        Handle::try_current().map_err(|_| TelemetryError::NoRuntime)?;
        let span_exporter = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .with_timeout(settings.export_timeout)
            .with_tls_config(roots(endpoint))
            .build()?;
        let (spans, dropped_spans) = CountedSpans::new(span_exporter, settings.max_queued_spans);
        let tracer = SdkTracerProvider::builder()
            .with_resource(resource(settings))
            .with_span_processor(spans)
            .build();
        let log = || {
            let log_exporter = LogExporter::builder()
                .with_tonic()
                .with_endpoint(endpoint)
                .with_timeout(settings.export_timeout)
                .with_tls_config(roots(endpoint))
                .build()?;
            let logger = SdkLoggerProvider::builder().with_resource(resource(settings));
            Ok::<_, ExporterBuildError>(logger.with_batch_exporter(log_exporter).build())
        };
        let logger = settings.otlp_logs.then(log).transpose()?;
        Ok(Self { tracer, dropped_spans, logger })
    }

    fn flush(self, meter: Option<&SdkMeterProvider>, limit: Duration) -> Flush {
        let spans = self.tracer.shutdown_with_timeout(limit);
        let metrics = meter.map_or(Ok(()), |meter| meter.shutdown_with_timeout(limit));
        let log = self.logger.map_or(Ok(()), |logger| logger.shutdown_with_timeout(limit));
        match (spans, metrics, log) {
            (Ok(()), Ok(()), Ok(())) => Flush::Complete,
            _ => Flush::Incomplete,
        }
    }
}

/// Who exports, with what `OTEL_RESOURCE_ATTRIBUTES` adds.
fn resource(settings: &TelemetrySettings) -> Resource {
    Resource::builder()
        .with_service_name(settings.service_name.clone())
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .build()
}

fn pushed_metrics(
    endpoint: &str,
    settings: &TelemetrySettings,
) -> Result<PeriodicReader<MetricExporter>, ExporterBuildError> {
    let exporter = MetricExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .with_timeout(settings.export_timeout)
        .with_tls_config(roots(endpoint))
        .build()?;
    Ok(PeriodicReader::builder(exporter).with_interval(settings.metric_interval).build())
}

/// The authorities of the system, for an endpoint that needs them.
fn roots(endpoint: &str) -> ClientTlsConfig {
    let config = ClientTlsConfig::new();
    if endpoint.starts_with("https:") { config.with_native_roots() } else { config }
}

/// What the log is made of: events and, where traces are exported, the call they belong to. Spans
/// that nobody exports would cost every call as much as its answer, for log lines that are not
/// written.
fn in_log(metadata: &Metadata<'_>, traced: bool) -> bool {
    metadata.is_event() || (traced && metadata.name() == call::SPAN)
}

fn log<S>(format: LogFormat) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    // Colours are for eyes: in a file or a collector they are noise.
    let is_read_by_people = std::io::stderr().is_terminal();
    let lines =
        tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(is_read_by_people);
    match format {
        LogFormat::Text => lines.boxed(),
        LogFormat::Json => lines.json().map_event_format(JsonLine).boxed(),
    }
}

/// The layer that exports the log, with the trace each line belongs to.
fn exported_log<S>(provider: &SdkLoggerProvider, filter: EnvFilter) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let own = Targets::new()
        .with_default(LevelFilter::TRACE)
        .with_targets(NEVER_EXPORTED.map(|target| (target, LevelFilter::OFF)));
    let lines = filter_fn(|metadata| in_log(metadata, false));
    OpenTelemetryTracingBridge::new(provider).with_filter(filter.and(own).and(lines))
}

/// The layer that turns spans into exported ones.
fn exported_spans<S>(provider: &SdkTracerProvider) -> impl Layer<S>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let filter = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_targets(NEVER_EXPORTED.map(|target| (target, LevelFilter::OFF)));
    // File, thread and busy time of every span cost more than they tell here.
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(SCOPE))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_filter(filter)
}
