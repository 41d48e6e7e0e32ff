//! Where schedules come from: the bundled ones, embedded in the binary, and a
//! folder of the operator's own. Spreadsheets they are made of, too.

mod schedule_source;
mod schedule_writer;
mod spreadsheet;

pub use schedule_source::{
    CheckedSchedules, LoadError, bundled_schedules, checked_schedules, folder_schedules,
    load_schedules, schedule_in,
};
pub use schedule_writer::{WriteError, write_schedule};
pub use spreadsheet::{SheetError, read_spreadsheet};
