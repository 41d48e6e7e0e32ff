//! Between messages of the wire and the types of the domain.

mod credit;
mod dates;
mod duty_request;
mod duty_response;
mod entry;
mod field_path;
mod origins;
mod provision;
mod scalar;
mod world;

pub use credit::{credit_question, credit_response};
pub use dates::{dates_question, dates_response};
pub use duty_request::{Limits, duty_question};
pub use duty_response::duty_response;
pub use origins::{origin_question, origins_response};
