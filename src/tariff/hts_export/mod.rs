//! The government's own spreadsheet of the whole US tariff, read as it comes.
//!
//! The sheet is made for people: a line of it is a row of a tree drawn with
//! indents, its rates are sentences, and every program it went through has left
//! a mark. What can be read for certain is read; what cannot is reported with its
//! row, its text and the reason. Nothing is guessed:
//!
//! - **General is carried down.** Every row below a rate repeats it, headings and
//!   statistical rows too. Only a row that prints column 2 has rates of its own.
//! - **A line may stand in a statistical row**: `0305.59.00.01` with rates, and no
//!   row `0305.59.00`.
//! - **Codes were numbers for a while**: `1003.9` was `1003.90`, `101.21` was
//!   `0101.21`.
//! - **Percentages are shown with two decimals**: `6.80%`. A number without a sign
//!   is not read: `0.5` may be 0.5% or 50%.
//! - **A rate that depends on more than the goods' value and quantity** (another
//!   line's rate, a part's value, a content) is text to the engine. Its line is
//!   held back, and its heading is not called complete.
//!
//! Chapters 98 and 99 are provisions, not lines, and are counted only.

mod agreement;
mod code;
mod fault;
mod folder;
mod held;
mod lines;
mod rate;
mod rates;
mod sheet;
mod special;
mod text;
mod unit;

pub use agreement::{Agreement, CleanedSheet, ColumnAgreement, Difference};
pub use fault::{ExportFault, FaultKind};
pub use folder::{FolderHead, FolderOfLines};
pub use held::HeldAgreement;
pub use lines::{HtsExport, PrintedLine, Tally};
pub use rate::{Unread, read_rate};
pub use rates::LineRates;
pub use sheet::MissingColumns;
