//! The customs engine: what the law charges on goods, and why.
//!
//! Pure: no clock, no I/O, no async, no wire types. Dates and knowledge dates
//! are arguments. Law is data, read from a [`Schedule`]; what is here only
//! knows how provisions are built, never what they say.

mod assess;
mod condition;
mod credit;
mod document;
mod duty_expression;
mod entry;
mod goods_code;
mod goods_search;
mod hts_export;
mod law_on_day;
mod legal_state;
mod measure;
mod measure_set;
mod quantity;
mod quota;
mod region;
mod schedule;
mod schedule_diff;
mod schedule_files;
mod schedule_warnings;
mod tariff_line;

pub use assess::*;
pub use condition::*;
pub use credit::*;
pub use document::*;
pub use duty_expression::*;
pub use entry::*;
pub use goods_code::*;
pub use hts_export::*;
pub use law_on_day::*;
pub use legal_state::*;
pub use measure::*;
pub use measure_set::*;
pub use quantity::*;
pub use quota::*;
pub use region::*;
pub use schedule::*;
pub use schedule_diff::*;
pub use schedule_files::*;
pub use schedule_warnings::*;
pub use tariff_line::*;
