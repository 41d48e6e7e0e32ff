//! Between messages of the wire and the types of the domain.

mod duty_request;
mod duty_response;
mod entry;
mod field_path;
mod provision;
mod scalar;
mod world;

pub use duty_request::{Limits, duty_question};
pub use duty_response::duty_response;
