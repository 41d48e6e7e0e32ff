//! The server on the wire: what every call passes through, and how the server starts and stops.

mod admission;
mod connection;
mod convert;
mod deadline;
mod duty_service;
mod duty_stream;
pub mod health;
mod operations;
mod path;
mod refusal;
mod schedule_service;
pub mod server;
pub mod signal;
mod sourcing_service;
mod sourcing_stream;
mod tls;

pub use convert::Limits;
pub use deadline::Deadline;
pub use duty_service::{AwaitedDesk, DutyApi};
pub use duty_stream::StreamLimits;
pub use operations::serve_operations;
pub use refusal::FaultLimits;
pub use schedule_service::{AwaitedScheduleDesk, ScheduleApi};
pub use sourcing_service::{AwaitedSourcingDesk, SolveLimits, SourcingApi};
pub use sourcing_stream::SearchMessages;
pub use tls::{CertificateWatch, Certificates, TlsFault};
