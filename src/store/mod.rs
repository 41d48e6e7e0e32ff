//! Where schedules come from: the bundled ones, embedded in the binary, and a
//! folder of the operator's own.

mod schedule_source;

pub use schedule_source::{LoadError, bundled_schedules, folder_schedules, load_schedules};
