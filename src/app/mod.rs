//! Use cases: what the service does for a caller, free of any wire.

mod duties;
mod law_shelf;

pub use duties::{DutyAnswer, DutyDesk, DutyError, DutyQuestion, ResolvedQuestion};
