//! Logs, traces and metrics: where they go, and that they arrive before the process ends.
//!
//! The log goes to standard error. Traces and metrics are exported over OTLP/gRPC if an endpoint
//! is set and cost next to nothing if none is.

mod call;
mod methods;
mod rpc;

use std::{io::IsTerminal, time::Duration};

use opentelemetry::{
    KeyValue, global,
    metrics::{Meter, MeterProvider},
    trace::TracerProvider,
};
use opentelemetry_otlp::{ExporterBuildError, MetricExporter, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
    propagation::TraceContextPropagator,
    trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider},
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

pub use methods::Methods;
pub use rpc::{Measured, MeasuredBody, MeasuredFuture, RpcTelemetry};

/// Name of the instrumentation scope of everything exported.
const SCOPE: &str = "portolan";

/// Targets kept out of the export, by prefix: the exporter's own HTTP/2 traffic is traced by the
/// same crates as the server's, so exporting it would make traffic to export without end.
const NEVER_EXPORTED: [&str; 5] = ["h2", "hyper", "tonic", "tower", "opentelemetry"];

/// Most spans in one export; a smaller queue bounds it further.
const MAX_SPANS_PER_EXPORT: usize = 512;

/// The running telemetry of the process; end it with [`Telemetry::shutdown`].
#[derive(Debug)]
pub struct Telemetry {
    export: Option<Export>,
    flush_timeout: Duration,
}

#[derive(Debug)]
struct Export {
    tracer: SdkTracerProvider,
    meter: SdkMeterProvider,
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
    /// Starts logging and, if an endpoint is set, the export of traces and metrics.
    ///
    /// Sets the subscriber, the propagator (W3C trace context) and the providers of the whole
    /// process. The endpoint need not be up: the exporter connects when it first has something
    /// to send.
    ///
    /// # Errors
    /// If called twice, if the filter or the endpoint cannot be used, or if export is on and no
    /// tokio runtime is running.
    pub fn start(settings: &TelemetrySettings) -> Result<Self, TelemetryError> {
        let filter = EnvFilter::builder().parse(&settings.log_filter)?;
        let export = match &settings.otlp_endpoint {
            Some(endpoint) => Some(Export::to(endpoint, settings)?),
            None => None,
        };
        let traced = export.is_some();
        let in_log = filter_fn(move |metadata| in_log(metadata, traced));
        let registry = tracing_subscriber::registry()
            .with(log(settings.log_format).with_filter(filter.and(in_log)));
        // No layer at all where there is no exporter: an absent one would want every span.
        match &export {
            Some(export) => registry.with(exported_spans(&export.tracer)).try_init()?,
            None => registry.try_init()?,
        }
        global::set_text_map_propagator(TraceContextPropagator::new());
        if let Some(Export { tracer, meter }) = &export {
            global::set_tracer_provider(tracer.clone());
            global::set_meter_provider(meter.clone());
        }
        Ok(Self { export, flush_timeout: settings.flush_timeout })
    }

    /// The meter for the process's metrics; records nothing if export is off.
    #[must_use]
    pub fn meter(&self) -> Meter {
        match &self.export {
            Some(export) => export.meter.meter(SCOPE),
            None => global::meter(SCOPE),
        }
    }

    /// Exports what is still held and stops, within `telemetry.flush_timeout_ms`.
    ///
    /// Never blocks the async threads and never waits longer than the limit. What is recorded
    /// afterwards is lost.
    pub async fn shutdown(self) -> Flush {
        let Some(export) = self.export else {
            return Flush::Complete;
        };
        let limit = self.flush_timeout;
        let (report, done) = oneshot::channel();
        // A thread of its own: the runtime waits for its blocking tasks when it is dropped, so
        // `spawn_blocking` would let a dead endpoint hold up the exit.
        let flushing =
            std::thread::Builder::new().name("telemetry-flush".to_owned()).spawn(move || {
                // Nobody listens any more if the limit has passed.
                let _ = report.send(export.flush(limit));
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
        let resource = Resource::builder()
            .with_service_name(settings.service_name.clone())
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .build();

        let span_exporter = SpanExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .with_timeout(settings.export_timeout)
            .build()?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(settings.max_queued_spans)
            .with_max_export_batch_size(settings.max_queued_spans.min(MAX_SPANS_PER_EXPORT))
            .build();
        let tracer = SdkTracerProvider::builder()
            .with_resource(resource.clone())
            .with_span_processor(
                BatchSpanProcessor::builder(span_exporter).with_batch_config(batches).build(),
            )
            .build();

        let metric_exporter = MetricExporter::builder()
            .with_tonic()
            .with_endpoint(endpoint)
            .with_timeout(settings.export_timeout)
            .build()?;
        let meter = SdkMeterProvider::builder()
            .with_resource(resource)
            .with_reader(
                PeriodicReader::builder(metric_exporter)
                    .with_interval(settings.metric_interval)
                    .build(),
            )
            .build();
        Ok(Self { tracer, meter })
    }

    fn flush(self, limit: Duration) -> Flush {
        let spans = self.tracer.shutdown_with_timeout(limit);
        let metrics = self.meter.shutdown_with_timeout(limit);
        match (spans, metrics) {
            (Ok(()), Ok(())) => Flush::Complete,
            _ => Flush::Incomplete,
        }
    }
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
        LogFormat::Json => lines.json().boxed(),
    }
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
