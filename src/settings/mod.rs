//! The settings of the server: defaults, then a TOML file, then the environment.
//!
//! A later layer wins key by key. Every key of a file and every variable that begins with
//! `PORTOLAN__` must be a setting; all faults are reported together.

mod faults;
mod layers;
mod sections;
mod transport;

use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use toml::{Table, Value};

pub use faults::{SettingsFault, SettingsFaults};
use layers::Layers;
pub use transport::{OperationsSettings, PlainText, TlsIdentity, TlsSettings};

/// The embedded defaults, one comment per key: the manual of the settings.
pub const DEFAULTS: &str = include_str!("defaults.toml");

/// Everything that can be set, checked: whoever holds one need not check again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Section `server`.
    pub server: ServerSettings,
    /// Section `tls`.
    pub tls: TlsSettings,
    /// Section `operations`.
    pub operations: OperationsSettings,
    /// Section `schedules`.
    pub schedules: ScheduleSettings,
    /// Section `limits`.
    pub limits: LimitSettings,
    /// Section `solver`.
    pub solver: SolverSettings,
    /// Section `telemetry`.
    pub telemetry: TelemetrySettings,
}

/// How the server listens, bounds its work and stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerSettings {
    /// Address and port to listen on; port 0 lets the system choose. Default `127.0.0.1:50051`.
    pub listen: SocketAddr,
    /// Where calls may come in plain text, where no certificate is set. Default loopback.
    pub plain_text: PlainText,
    /// Largest request message in bytes, 1 KiB to 1 GiB. Default 4 MiB.
    pub max_request_bytes: usize,
    /// Largest response message in bytes, 1 KiB to 1 GiB. Default 64 MiB.
    pub max_response_bytes: usize,
    /// Domain calls in work at once, 1 to 1,000,000. Default 256.
    pub max_concurrent_calls: usize,
    /// Open connections, 1 to 1,000,000. Default 900.
    pub max_connections: usize,
    /// Open streams per connection, 1 to 1,000,000. Default 1024.
    pub max_streams_per_connection: u32,
    /// Deadline of a call that names none, 1 ms up to `max_deadline`. Default 10 s.
    pub default_deadline: Duration,
    /// Longest deadline of a call, 1 ms to 1 h. Default 60 s.
    pub max_deadline: Duration,
    /// Streams of work at once, 1 to 1,000,000. Default 32.
    pub max_concurrent_streams: usize,
    /// Longest a stream may stay open, 1 ms to 24 h. Default 1 h.
    pub max_stream_duration: Duration,
    /// Sourcing calls in work at once, 1 to 1,000,000. Default 32.
    pub max_concurrent_solves: usize,
    /// Of a sourcing call whose client names no deadline, 1 ms to 24 h. Default 1 min.
    pub default_solve_deadline: Duration,
    /// Longest a client of a sourcing call can ask for, 1 ms to 24 h. Default 10 min.
    pub max_solve_deadline: Duration,
    /// Longest wait for a stream's next entry, 1 ms to 1 h. Default 1 min.
    pub stream_idle: Duration,
    /// Wait advised to a refused client, 1 ms to 1 h. Default 200 ms.
    pub retry_after: Duration,
    /// From `NOT_SERVING` until new calls are refused, 0 to 1 h. Default 0.
    pub routing_delay: Duration,
    /// For calls in work to end after the stop, 0 to 1 h. Default 10 s.
    pub drain_grace: Duration,
    /// After which a connection takes no new calls, 0 (never) to 24 h. Default 30 min.
    pub max_connection_age: Duration,
    /// Between two HTTP/2 pings, 100 ms to 1 h. Default 20 s.
    pub keepalive_interval: Duration,
    /// For the answer to a ping, 100 ms to 1 h. Default 10 s.
    pub keepalive_timeout: Duration,
}

/// Where the schedules are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduleSettings {
    /// Folder whose sub-folders are one schedule each; relative to the working directory.
    /// Default unset. Whether it exists is for the loader to say.
    pub folder: Option<PathBuf>,
    /// Name of the schedule used when a request names none; one path component. Default `vehicles`.
    pub default: String,
}

/// How much one request may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSettings {
    /// Most lines of one request, 1 to 100,000. Default 1000.
    pub max_lines: usize,
    /// Most faults reported for one request, 1 to 10,000. Default 100.
    pub max_validation_errors: usize,
    /// Most bytes of them, 200 to 1,000,000. Default 5000.
    pub max_fault_bytes: usize,
}

/// How many solves run at once, and what one may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SolverSettings {
    /// Solver processes, and so solves at once, 1 to 1024. Default 1.
    pub processes: usize,
    /// Calls that may wait for a process, 0 to 1,000,000. Default 8.
    pub max_queued: usize,
    /// Memory of one process in MiB, 16 to 1,048,576. Default 4096.
    pub memory_mb: u64,
    /// How much a process gives way to others, 0 to 19. Default 10.
    pub nice: i32,
    /// Solves after which a process is replaced, 1 to 1,000,000. Default 100.
    pub solves_per_process: u32,
    /// From the request to stop until a process is killed, 1 ms to 1 min. Default 500 ms.
    pub kill_grace: Duration,
    /// Largest message between server and process in MiB, 1 to 4095. Default 512.
    pub max_frame_mb: usize,
    /// Time of a solve when nobody says, 1 ms up to `max_time`. Default 10 s.
    pub default_time: Duration,
    /// Longest time of a solve, 1 ms to 24 h. Default 10 min.
    pub max_time: Duration,
    /// Threads of one solve, 1 to 64; with more than one, answers may differ from run to run.
    /// Default 1.
    pub threads: u32,
    /// Wait advised to a caller refused for a full queue, 1 ms to 1 h. Default 2 s.
    pub retry_after: Duration,
    /// Program started as solver process; unset: this one. Default unset.
    pub program: Option<PathBuf>,
}

/// What is logged and exported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetrySettings {
    /// OTLP/gRPC endpoint, an `http://` or `https://` address; unset turns export off. Default
    /// unset.
    pub otlp_endpoint: Option<String>,
    /// Whether the log is exported as well. Default yes.
    pub otlp_logs: bool,
    /// `service.name` of everything exported. Default `portolan`.
    pub service_name: String,
    /// Shape of the log on standard error. Default text.
    pub log_format: LogFormat,
    /// What is logged, as tracing directives. Default `info,opentelemetry=warn`.
    pub log_filter: String,
    /// Longest wait for one export, 1 ms to 1 h. Default 5 s.
    pub export_timeout: Duration,
    /// Between two exports of metrics, 100 ms to 1 h. Default 10 s.
    pub metric_interval: Duration,
    /// Longest wait for the last export at the stop, 1 ms to 1 h. Default 3 s.
    pub flush_timeout: Duration,
    /// Finished spans that may wait for export, 1 to 1,000,000. Default 2048.
    pub max_queued_spans: usize,
}

/// Shape of a line in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line, for machines.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("must be \"text\" or \"json\"".to_owned()),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl Settings {
    /// Loads the settings from the defaults, `file` if given, and the process environment.
    ///
    /// # Errors
    /// Every fault of every layer: an unreadable file, an unknown key, a value out of bounds.
    pub fn load(file: Option<&Path>) -> Result<Self, SettingsFaults> {
        let mut variables = HashMap::new();
        let mut unreadable = Vec::new();
        for (name, value) in std::env::vars_os() {
            // A name that is not Unicode cannot begin with our prefix and name a key.
            let Ok(name) = name.into_string() else { continue };
            match value.into_string() {
                Ok(value) => {
                    variables.insert(name, value);
                }
                Err(_) if name.starts_with("PORTOLAN__") => unreadable.push(name),
                Err(_) => {}
            }
        }
        Self::assemble(file, variables, &unreadable)
    }

    /// Loads the settings as [`Settings::load`] does, with `environment` in place of the
    /// process environment.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn load_from(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, SettingsFaults> {
        Self::assemble(file, environment, &[])
    }

    fn assemble(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        unreadable: &[String],
    ) -> Result<Self, SettingsFaults> {
        let mut layers = Layers::default();
        layers.defaults(DEFAULTS);
        if let Some(path) = file {
            layers.file(path);
        }
        layers.environment(environment);
        for name in unreadable {
            layers.unreadable_variable(name);
        }

        // All sections are read before any is missed, or the later faults would stay unseen.
        let server = ServerSettings::read(&mut layers);
        let tls = TlsSettings::read(&mut layers);
        let operations = OperationsSettings::read(&mut layers);
        let schedules = ScheduleSettings::read(&mut layers);
        let limits = LimitSettings::read(&mut layers);
        let solver = SolverSettings::read(&mut layers);
        let telemetry = TelemetrySettings::read(&mut layers);
        let settings = || {
            Some(Self {
                server: server?,
                tls: tls?,
                operations: operations?,
                schedules: schedules?,
                limits: limits?,
                solver: solver?,
                telemetry: telemetry?,
            })
        };
        layers.finish(settings())
    }

    /// These settings as a TOML file that loads to the same settings.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let Self { server, tls, operations, schedules, limits, solver, telemetry } = self;
        Table::from_iter([
            ("server".to_owned(), Value::Table(server.to_table())),
            ("tls".to_owned(), Value::Table(tls.to_table())),
            ("operations".to_owned(), Value::Table(operations.to_table())),
            ("schedules".to_owned(), Value::Table(schedules.to_table())),
            ("limits".to_owned(), Value::Table(limits.to_table())),
            ("solver".to_owned(), Value::Table(solver.to_table())),
            ("telemetry".to_owned(), Value::Table(telemetry.to_table())),
        ])
        .to_string()
    }
}
