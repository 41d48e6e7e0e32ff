//! Each section read from the layers, with its bounds, and written back as TOML.

use std::{path::PathBuf, time::Duration};

use toml::{Table, Value};
use tracing_subscriber::EnvFilter;

use super::{
    LimitSettings, ScheduleSettings, ServerSettings, SolverSettings, TelemetrySettings,
    layers::Layers,
};

const MEBIBYTE: usize = 1024 * 1024;
pub(super) const HOUR_MS: u64 = 60 * 60 * 1000;

impl ServerSettings {
    pub(super) fn read(layers: &mut Layers) -> Option<Self> {
        let listen = layers.text("server.listen", |text| {
            text.parse()
                .map_err(|_| "must be an IP address and a port, such as 127.0.0.1:50051".to_owned())
        });
        let plain_text = layers.text("server.plain_text", str::parse);
        let message_bytes = 1024..=1024 * MEBIBYTE;
        let max_request_bytes = layers.number("server.max_request_bytes", message_bytes.clone());
        let max_response_bytes = layers.number("server.max_response_bytes", message_bytes);
        let max_concurrent_calls = layers.number("server.max_concurrent_calls", 1..=1_000_000);
        let max_connections = layers.number("server.max_connections", 1..=1_000_000);
        let max_streams_per_connection =
            layers.number("server.max_streams_per_connection", 1..=1_000_000);
        let deadlines = ["server.default_deadline_ms", "server.max_deadline_ms"];
        let (default_deadline, max_deadline) = read_deadlines(layers, deadlines, HOUR_MS);
        let max_concurrent_streams = layers.number("server.max_concurrent_streams", 1..=1_000_000);
        let max_stream_duration = layers.millis("server.max_stream_duration_ms", 1..=24 * HOUR_MS);
        let max_concurrent_solves = layers.number("server.max_concurrent_solves", 1..=1_000_000);
        let deadlines = ["server.default_solve_deadline_ms", "server.max_solve_deadline_ms"];
        let (default_solve_deadline, max_solve_deadline) =
            read_deadlines(layers, deadlines, 24 * HOUR_MS);
        let stream_idle = layers.millis("server.stream_idle_ms", 1..=HOUR_MS);
        let retry_after = layers.millis("server.retry_after_ms", 1..=HOUR_MS);
        let routing_delay = layers.millis("server.routing_delay_ms", 0..=HOUR_MS);
        let drain_grace = layers.millis("server.drain_grace_ms", 0..=HOUR_MS);
        let max_connection_age = layers.millis("server.max_connection_age_ms", 0..=24 * HOUR_MS);
        let keepalive_interval = layers.millis("server.keepalive_interval_ms", 100..=HOUR_MS);
        let keepalive_timeout = layers.millis("server.keepalive_timeout_ms", 100..=HOUR_MS);
        Some(Self {
            listen: listen?,
            plain_text: plain_text?,
            max_request_bytes: max_request_bytes?,
            max_response_bytes: max_response_bytes?,
            max_concurrent_calls: max_concurrent_calls?,
            max_connections: max_connections?,
            max_streams_per_connection: max_streams_per_connection?,
            default_deadline: default_deadline?,
            max_deadline: max_deadline?,
            max_concurrent_streams: max_concurrent_streams?,
            max_stream_duration: max_stream_duration?,
            max_concurrent_solves: max_concurrent_solves?,
            default_solve_deadline: default_solve_deadline?,
            max_solve_deadline: max_solve_deadline?,
            stream_idle: stream_idle?,
            retry_after: retry_after?,
            routing_delay: routing_delay?,
            drain_grace: drain_grace?,
            max_connection_age: max_connection_age?,
            keepalive_interval: keepalive_interval?,
            keepalive_timeout: keepalive_timeout?,
        })
    }

    pub(super) fn to_table(&self) -> Table {
        let Self {
            listen,
            plain_text,
            max_request_bytes,
            max_response_bytes,
            max_concurrent_calls,
            max_connections,
            max_streams_per_connection,
            default_deadline,
            max_deadline,
            max_concurrent_streams,
            max_stream_duration,
            max_concurrent_solves,
            default_solve_deadline,
            max_solve_deadline,
            stream_idle,
            retry_after,
            routing_delay,
            drain_grace,
            max_connection_age,
            keepalive_interval,
            keepalive_timeout,
        } = self;
        table([
            ("listen", listen.to_string().into()),
            ("plain_text", plain_text.to_string().into()),
            ("max_request_bytes", number(*max_request_bytes)),
            ("max_response_bytes", number(*max_response_bytes)),
            ("max_concurrent_calls", number(*max_concurrent_calls)),
            ("max_connections", number(*max_connections)),
            ("max_streams_per_connection", number(*max_streams_per_connection)),
            ("default_deadline_ms", number(default_deadline.as_millis())),
            ("max_deadline_ms", number(max_deadline.as_millis())),
            ("max_concurrent_streams", number(*max_concurrent_streams)),
            ("max_stream_duration_ms", number(max_stream_duration.as_millis())),
            ("max_concurrent_solves", number(*max_concurrent_solves)),
            ("default_solve_deadline_ms", number(default_solve_deadline.as_millis())),
            ("max_solve_deadline_ms", number(max_solve_deadline.as_millis())),
            ("stream_idle_ms", number(stream_idle.as_millis())),
            ("retry_after_ms", number(retry_after.as_millis())),
            ("routing_delay_ms", number(routing_delay.as_millis())),
            ("drain_grace_ms", number(drain_grace.as_millis())),
            ("max_connection_age_ms", number(max_connection_age.as_millis())),
            ("keepalive_interval_ms", number(keepalive_interval.as_millis())),
            ("keepalive_timeout_ms", number(keepalive_timeout.as_millis())),
        ])
    }
}

impl ScheduleSettings {
    pub(super) fn read(layers: &mut Layers) -> Option<Self> {
        let folder = layers.optional_text("schedules.folder", |text| Ok(PathBuf::from(text)));
        let default = layers.text("schedules.default", |text| {
            // The name is joined to the folder: it must not lead out of it.
            let leads_elsewhere = text.contains(['/', '\\']) || text == "." || text == "..";
            if text.is_empty() || leads_elsewhere {
                return Err("must be the name of a schedule, without a path".to_owned());
            }
            Ok(text.to_owned())
        });
        Some(Self { folder, default: default? })
    }

    pub(super) fn to_table(&self) -> Table {
        let Self { folder, default } = self;
        let mut section = table([("default", default.clone().into())]);
        if let Some(folder) = folder {
            section.insert("folder".to_owned(), folder.display().to_string().into());
        }
        section
    }
}

impl LimitSettings {
    pub(super) fn read(layers: &mut Layers) -> Option<Self> {
        let max_lines = layers.number("limits.max_lines", 1..=100_000);
        let max_validation_errors = layers.number("limits.max_validation_errors", 1..=10_000);
        let max_fault_bytes = layers.number("limits.max_fault_bytes", 200..=1_000_000);
        Some(Self {
            max_lines: max_lines?,
            max_validation_errors: max_validation_errors?,
            max_fault_bytes: max_fault_bytes?,
        })
    }

    pub(super) fn to_table(&self) -> Table {
        let Self { max_lines, max_validation_errors, max_fault_bytes } = self;
        table([
            ("max_lines", number(*max_lines)),
            ("max_validation_errors", number(*max_validation_errors)),
            ("max_fault_bytes", number(*max_fault_bytes)),
        ])
    }
}

impl SolverSettings {
    pub(super) fn read(layers: &mut Layers) -> Option<Self> {
        let processes = layers.number("solver.processes", 1..=1024);
        let max_queued = layers.number("solver.max_queued", 0..=1_000_000);
        // Below this a process does not even start.
        let memory_mb = layers.number("solver.memory_mb", 16..=1_048_576);
        let nice = layers.number("solver.nice", 0..=19);
        let solves_per_process = layers.number("solver.solves_per_process", 1..=1_000_000);
        let kill_grace = layers.millis("solver.kill_grace_ms", 1..=60_000);
        // The length of a frame is written in 32 bits.
        let max_frame_mb = layers.number("solver.max_frame_mb", 1..=4095);
        let default_time = layers.millis("solver.default_time_ms", 1..=24 * HOUR_MS);
        let max_time = layers.millis("solver.max_time_ms", 1..=24 * HOUR_MS);
        if let Some((default, max)) = default_time.zip(max_time)
            && default > max
        {
            let problem =
                format!("must not exceed solver.max_time_ms, which is {}", max.as_millis());
            layers.conflict("solver.default_time_ms", problem);
        }
        let threads = layers.number("solver.threads", 1..=64);
        let retry_after = layers.millis("solver.retry_after_ms", 1..=HOUR_MS);
        let program = layers.optional_text("solver.program", |text| Ok(PathBuf::from(text)));
        Some(Self {
            processes: processes?,
            max_queued: max_queued?,
            memory_mb: memory_mb?,
            nice: nice?,
            solves_per_process: solves_per_process?,
            kill_grace: kill_grace?,
            max_frame_mb: max_frame_mb?,
            default_time: default_time?,
            max_time: max_time?,
            threads: threads?,
            retry_after: retry_after?,
            program,
        })
    }

    pub(super) fn to_table(&self) -> Table {
        let Self {
            processes,
            max_queued,
            memory_mb,
            nice,
            solves_per_process,
            kill_grace,
            max_frame_mb,
            default_time,
            max_time,
            threads,
            retry_after,
            program,
        } = self;
        let mut section = table([
            ("processes", number(*processes)),
            ("max_queued", number(*max_queued)),
            ("memory_mb", number(*memory_mb)),
            ("nice", number(*nice)),
            ("solves_per_process", number(*solves_per_process)),
            ("kill_grace_ms", number(kill_grace.as_millis())),
            ("max_frame_mb", number(*max_frame_mb)),
            ("default_time_ms", number(default_time.as_millis())),
            ("max_time_ms", number(max_time.as_millis())),
            ("threads", number(*threads)),
            ("retry_after_ms", number(retry_after.as_millis())),
        ]);
        if let Some(program) = program {
            section.insert("program".to_owned(), program.display().to_string().into());
        }
        section
    }
}

impl TelemetrySettings {
    pub(super) fn read(layers: &mut Layers) -> Option<Self> {
        let otlp_endpoint = layers.optional_text("telemetry.otlp_endpoint", otlp_endpoint);
        let otlp_logs = layers.flag("telemetry.otlp_logs");
        let service_name = layers.text("telemetry.service_name", |text| {
            if text.trim().is_empty() {
                return Err("must not be empty".to_owned());
            }
            Ok(text.to_owned())
        });
        let log_format = layers.text("telemetry.log_format", str::parse);
        let log_filter =
            layers.text("telemetry.log_filter", |text| match EnvFilter::builder().parse(text) {
                Ok(_) if !text.trim().is_empty() => Ok(text.to_owned()),
                Ok(_) => Err("must not be empty; \"off\" logs nothing".to_owned()),
                Err(error) => Err(format!("must be tracing directives: {error}")),
            });
        let export_timeout = layers.millis("telemetry.export_timeout_ms", 1..=HOUR_MS);
        let metric_interval = layers.millis("telemetry.metric_interval_ms", 100..=HOUR_MS);
        let flush_timeout = layers.millis("telemetry.flush_timeout_ms", 1..=HOUR_MS);
        let max_queued_spans = layers.number("telemetry.max_queued_spans", 1..=1_000_000);
        Some(Self {
            otlp_endpoint,
            otlp_logs: otlp_logs?,
            service_name: service_name?,
            log_format: log_format?,
            log_filter: log_filter?,
            export_timeout: export_timeout?,
            metric_interval: metric_interval?,
            flush_timeout: flush_timeout?,
            max_queued_spans: max_queued_spans?,
        })
    }

    pub(super) fn to_table(&self) -> Table {
        let Self {
            otlp_endpoint,
            otlp_logs,
            service_name,
            log_format,
            log_filter,
            export_timeout,
            metric_interval,
            flush_timeout,
            max_queued_spans,
        } = self;
        let mut section = table([
            ("otlp_logs", (*otlp_logs).into()),
            ("service_name", service_name.clone().into()),
            ("log_format", log_format.to_string().into()),
            ("log_filter", log_filter.clone().into()),
            ("export_timeout_ms", number(export_timeout.as_millis())),
            ("metric_interval_ms", number(metric_interval.as_millis())),
            ("flush_timeout_ms", number(flush_timeout.as_millis())),
            ("max_queued_spans", number(*max_queued_spans)),
        ]);
        if let Some(endpoint) = otlp_endpoint {
            section.insert("otlp_endpoint".to_owned(), endpoint.clone().into());
        }
        section
    }
}

/// The deadline by default and the longest, of which the first must not be more.
fn read_deadlines(
    layers: &mut Layers,
    [default_key, max_key]: [&str; 2],
    most_ms: u64,
) -> (Option<Duration>, Option<Duration>) {
    let default = layers.millis(default_key, 1..=most_ms);
    let max = layers.millis(max_key, 1..=most_ms);
    if let Some((default, max)) = default.zip(max)
        && default > max
    {
        let problem = format!("must not exceed {max_key}, which is {}", max.as_millis());
        layers.conflict(default_key, problem);
    }
    (default, max)
}

/// Accepts `http://host:port` and `https://host:port`.
fn otlp_endpoint(text: &str) -> Result<String, String> {
    let is_http = text.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some_and(|host| !host.is_empty())
    });
    if !is_http {
        return Err(
            "must be an http:// or https:// address, such as http://127.0.0.1:4317".to_owned()
        );
    }
    Ok(text.to_owned())
}

pub(super) fn table<const N: usize>(entries: [(&str, Value); N]) -> Table {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// A number for the file; the bounds of every setting lie far below the largest TOML integer.
pub(super) fn number(value: impl TryInto<i64>) -> Value {
    Value::Integer(value.try_into().unwrap_or(i64::MAX))
}
