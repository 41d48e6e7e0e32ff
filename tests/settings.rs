//! Settings: defaults, file and environment, and what is said of bad ones.

// The lints spare test functions only, and here their helpers fail the test as well.
#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf, time::Duration};

use portolan::settings::{LogFormat, Settings, SettingsFaults};

/// A settings file that is gone when the test is.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str, text: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("portolan-{}-{name}.toml", std::process::id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn env(variables: &[(&str, &str)]) -> Vec<(String, String)> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn keys(faults: &SettingsFaults) -> Vec<&str> {
    faults.iter().map(|fault| fault.key.as_str()).collect()
}

#[test]
fn defaults_round_trip_through_the_dump() {
    let defaults = Settings::load_from(None, []).unwrap();
    assert_eq!(defaults.server.listen.to_string(), "127.0.0.1:50051");
    assert_eq!(defaults.schedules.default, "vehicles");
    assert_eq!(defaults.solver.processes, 1);
    assert_eq!(defaults.solver.program, None);
    assert_eq!(defaults.telemetry.otlp_endpoint, None);
    let file = TempFile::new("dump", &defaults.to_toml());
    assert_eq!(Settings::load_from(Some(&file.0), []).unwrap(), defaults);
}

#[test]
fn every_setting_round_trips_when_changed() {
    let changed = Settings::load_from(
        None,
        env(&[
            ("PORTOLAN__SERVER__LISTEN", "[::1]:0"),
            ("PORTOLAN__SERVER__DRAIN_GRACE_MS", "0"),
            ("PORTOLAN__SCHEDULES__FOLDER", "/srv/\"schedules\" & more"),
            ("PORTOLAN__SOLVER__PROCESSES", "3"),
            ("PORTOLAN__SOLVER__PROGRAM", "/opt/portolan"),
            ("PORTOLAN__TELEMETRY__OTLP_ENDPOINT", "http://collector:4317"),
            ("PORTOLAN__TELEMETRY__LOG_FORMAT", "json"),
            ("PORTOLAN__TELEMETRY__LOG_FILTER", "warn,portolan=debug"),
        ]),
    )
    .unwrap();
    assert_eq!(changed.server.drain_grace, Duration::ZERO);
    assert_eq!(changed.solver.processes, 3);
    assert_eq!(changed.solver.program, Some(PathBuf::from("/opt/portolan")));
    assert_eq!(changed.telemetry.log_format, LogFormat::Json);
    let file = TempFile::new("changed", &changed.to_toml());
    assert_eq!(Settings::load_from(Some(&file.0), []).unwrap(), changed);
}

#[test]
fn the_environment_wins_over_the_file_and_the_file_over_the_defaults() {
    let file = TempFile::new("layers", "[limits]\nmax_lines = 7\nmax_validation_errors = 8\n");
    let settings =
        Settings::load_from(Some(&file.0), env(&[("PORTOLAN__LIMITS__MAX_LINES", "9")])).unwrap();
    assert_eq!(settings.limits.max_lines, 9);
    assert_eq!(settings.limits.max_validation_errors, 8);
}

#[test]
fn the_environment_can_unset_what_the_file_sets() {
    let file = TempFile::new("unset", "[telemetry]\notlp_endpoint = \"http://127.0.0.1:4317\"\n");
    let unset = env(&[("PORTOLAN__TELEMETRY__OTLP_ENDPOINT", "")]);
    assert_eq!(Settings::load_from(Some(&file.0), unset).unwrap().telemetry.otlp_endpoint, None);
}

#[test]
fn variables_of_others_are_left_alone() {
    let others = env(&[("PATH", "/bin"), ("PORTOLAN_PORT_50051_TCP", "tcp://10.0.0.1:50051")]);
    assert!(Settings::load_from(None, others).is_ok());
}

#[test]
fn all_faults_are_told_at_once_with_key_and_origin() {
    let file = TempFile::new(
        "faults",
        "limits = 5\n[server]\nlisten = \"nowhere\"\nmax_request_bytes = \"4194304\"\ntypo = 1\n\
         [telemetry]\notlp_endpoint = \"ftp://collector:4317\"\nlog_filter = \"=,=\"\n",
    );
    let environment = env(&[
        ("PORTOLAN__SERVER__MAX_CONCURRENT_CALLS", "0"),
        ("PORTOLAN__SERVER__DEFAULT_DEADLINE_MS", "70000"),
        ("PORTOLAN__SERVER__MAX_CONCURRENT_SOLVES", "0"),
        ("PORTOLAN__SERVER__MAX_SOLVE_DEADLINE_MS", "59999"),
        ("PORTOLAN__SCHEDULES__DEFAULT", "../vehicles"),
        ("PORTOLAN__SOLVER__NICE", "-5"),
        ("PORTOLAN__SOLVER__MAX_TIME_MS", "5000"),
        ("PORTOLAN__SERVER__LISTENS", "x"),
    ]);
    let faults = Settings::load_from(Some(&file.0), environment).unwrap_err();
    assert_eq!(
        keys(&faults),
        [
            "server.listen",
            "server.max_request_bytes",
            "server.max_concurrent_calls",
            "server.default_deadline_ms",
            "server.max_concurrent_solves",
            "server.default_solve_deadline_ms",
            "schedules.default",
            "solver.nice",
            "solver.default_time_ms",
            "telemetry.otlp_endpoint",
            "telemetry.log_filter",
            "limits",
            "server.listens",
            "server.typo",
        ]
    );
    let text = faults.to_string();
    assert!(text.contains("PORTOLAN__SERVER__MAX_CONCURRENT_CALLS"), "{text}");
    assert!(text.contains("must be a whole number from 1 to 1000000"), "{text}");
}

#[test]
fn a_file_that_cannot_be_read_does_not_hide_other_faults() {
    let missing = PathBuf::from("/nonexistent/portolan.toml");
    let bad = env(&[("PORTOLAN__LIMITS__MAX_LINES", "many")]);
    let faults = Settings::load_from(Some(&missing), bad).unwrap_err();
    assert_eq!(keys(&faults), ["/nonexistent/portolan.toml", "limits.max_lines"]);

    let file = TempFile::new("syntax", "[server\n");
    assert_eq!(Settings::load_from(Some(&file.0), []).unwrap_err().iter().count(), 1);
}

#[test]
fn the_settings_we_ship_load() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("deploy/portolan.toml");
    let settings = Settings::load_from(Some(&path), []).unwrap();
    assert_eq!(settings.server.listen.port(), 50051);
    assert_eq!(settings.telemetry.log_format, LogFormat::Json);
}
