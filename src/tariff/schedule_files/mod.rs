//! The files a schedule is written in, and how they become one.
//!
//! `tables` is what stands in them, `names` what tables call each other by;
//! `tariff` and the files beside it resolve everything, `load` puts the
//! importers together.

mod credits;
mod evaluation_order;
mod exclusions;
mod lines;
mod load;
mod measures;
mod names;
mod tables;
mod tariff;

pub use load::{ScheduleFault, ScheduleFiles, base_of};
