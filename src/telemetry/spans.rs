//! Spans on their way out: bounded, and every one that is lost is counted.

use opentelemetry::metrics::{Counter, Meter};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor,
};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Most spans in one export; a smaller queue bounds it further.
const MAX_SPANS_PER_EXPORT: usize = 512;

/// Spans that have ended and are not exported, and those that were lost.
#[derive(Debug, Default)]
struct Count {
    waiting: AtomicUsize,
    dropped: OnceLock<Counter<u64>>,
}

impl Count {
    fn lost(&self, spans: usize, reason: &'static str) {
        if let Some(dropped) = self.dropped.get() {
            dropped.add(spans as u64, &[KeyValue::new("reason", reason)]);
        }
    }
}

/// Exports spans in batches, of which only so many may wait.
#[derive(Debug)]
pub(super) struct CountedSpans {
    inner: BatchSpanProcessor,
    most: usize,
    count: Arc<Count>,
}

impl CountedSpans {
    /// Exports through `exporter`; more than `most` that wait are dropped.
    pub fn new<E: SpanExporter + 'static>(exporter: E, most: usize) -> (Self, DroppedSpans) {
        let count = Arc::new(Count::default());
        let exporter = CountingExporter { inner: exporter, count: Arc::clone(&count) };
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(most)
            .with_max_export_batch_size(most.min(MAX_SPANS_PER_EXPORT))
            .build();
        let inner = BatchSpanProcessor::builder(exporter).with_batch_config(batches).build();
        (Self { inner, most, count: Arc::clone(&count) }, DroppedSpans(count))
    }
}

/// What is counted of spans, to be given a meter once there is one.
#[derive(Debug)]
pub(super) struct DroppedSpans(Arc<Count>);

impl DroppedSpans {
    /// Counts with this meter from now on.
    pub fn measured(&self, meter: &Meter) {
        let dropped = meter
            .u64_counter("portolan.telemetry.dropped_spans")
            .with_description("Spans lost: too many waited, or their export failed.")
            .build();
        // From the start: an alert must see the first.
        dropped.add(0, &[KeyValue::new("reason", "queue_full")]);
        dropped.add(0, &[KeyValue::new("reason", "export_failed")]);
        // Set once, at the start.
        let _ = self.0.dropped.set(dropped);
    }
}

impl SpanProcessor for CountedSpans {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.inner.on_start(span, context);
    }

    // The processor within drops what finds no room and does not say so; it never comes to that.
    fn on_end(&self, span: SpanData) {
        if self.count.waiting.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.count.waiting.fetch_sub(1, Ordering::Relaxed);
            self.count.lost(1, "queue_full");
            return;
        }
        self.inner.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

#[derive(Debug)]
struct CountingExporter<E> {
    inner: E,
    count: Arc<Count>,
}

impl<E: SpanExporter> SpanExporter for CountingExporter<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        let result = self.inner.export(batch).await;
        self.count.waiting.fetch_sub(spans, Ordering::Relaxed);
        if result.is_err() {
            self.count.lost(spans, "export_failed");
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}
