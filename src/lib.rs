//! Portolan: what a tariff costs, and where to build each model line.
//!
//! `grpc` speaks the wire, `command` the command line, `app` runs use cases,
//! `store` reads schedules, `telemetry` tells what happened; `tariff` and
//! `money` are pure. See `ARCHITECTURE.md`.

pub mod app;
pub mod chart;
pub mod command;
pub mod grpc;
pub mod instances;
pub mod money;
pub mod proto;
pub mod settings;
pub mod solver;
pub mod sourcing;
pub mod store;
pub mod tariff;
pub mod telemetry;
