//! Use cases: what the service does for a caller, free of any wire.

mod duties;

pub use duties::{DutyAnswer, DutyDesk, DutyError, DutyQuestion, ResolvedQuestion};
