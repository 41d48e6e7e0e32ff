//! A desk with solver processes of its own.

use opentelemetry::metrics::{MeterProvider, noop::NoopMeterProvider};
use portolan::app::{DutyDesk, SearchLimits, SourcingDesk};
use portolan::settings::{Settings, SolverSettings};
use portolan::solver::SolverPool;
use portolan::store::bundled_schedules;
use std::path::PathBuf;
use std::time::Duration;

pub async fn desk(processes: usize) -> SourcingDesk {
    let settings = Settings::load_from(None, []).unwrap().solver;
    let program = Some(PathBuf::from(env!("CARGO_BIN_EXE_portolan")));
    let settings =
        SolverSettings { program, processes, max_queued: 100, nice: 0, threads: 1, ..settings };
    let meter = NoopMeterProvider::new().meter("test");
    let pool = SolverPool::start(&settings, &meter).await.unwrap();
    let minute = Duration::from_mins(1);
    let limits = SearchLimits { default_time: minute, max_time: minute, threads: 1 };
    let duties = DutyDesk::new(bundled_schedules().unwrap(), "vehicles").unwrap();
    SourcingDesk::new(duties, pool, limits)
}
